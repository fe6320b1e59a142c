"""One base of a leg of the way back, in all the hours of the leg and in parts of them, as on the way out.

Whom a closure cuts off waits until the road opens, or is fetched before it closes; and who goes a longer way for it, or
everybody at the base, if fewer boxes are late in the heavier weather then, or all are home no later and surely before
the closure. Who finds no time on the first day of a leg is fetched on a later one. A vehicle goes in several parts, one
after the other: how late one is is known when the next is planned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from kaur_gis.config import DAY_S, Fleet, Kembali, Operation, Stage, Wave
from kaur_gis.distribute.base import Base, Planned, Side, filled, plan_base
from kaur_gis.distribute.case import OBSTACLES, able, case_of
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.day import VehicleDay, by_vehicle
from kaur_gis.distribute.going import home_of
from kaur_gis.distribute.parts import AtBase, Outcome, Turn, hours_in
from kaur_gis.distribute.pool import Outing, Parked, Vehicle, between, by_driver, late_pool, parked_at, within
from kaur_gis.distribute.relieve import relieved
from kaur_gis.distribute.rounded import minutes_s
from kaur_gis.distribute.schedule import Run, clients_of, in_light, is_kept, sure
from kaur_gis.hours import daylight
from kaur_gis.shifts import day_begins


@dataclass(frozen=True, eq=False)
class Collecting(AtBase):
    """One base of a leg of the way back.

    Attributes
    ----------
    row : Kembali
        The leg.
    boats : collection of str
        Vehicles of the speed table that go by water.
    storm : sequence of (int, int)
        Nights in which nothing is loaded in the heavier weather.
    ends : mapping
        `Fleet.kode` -> `Fleet.pulang_ke`, where there is one.
    stays : bool
        Whether the trips of `older` stay as they are if they still fetch everything.
    """

    row: Kembali
    boats: Collection[str]
    storm: Sequence[tuple[int, int]]
    ends: Mapping[str, str]
    stays: bool

    def planned(self) -> Outcome:
        """Plan the base, in parts of the way back where that is better, or as an older plan has it."""
        turns = self._as_they_were()
        was = self._outcome([*turns, self._rest]) if turns else None
        return super().planned() if was is None or was.left else was

    def _as_they_were(self) -> list[Turn]:
        """Say who goes when in the older plan, if that has parts; what a vehicle does before stands before."""
        if not self.stays or self.older is None:
            return []
        stage, base, group, trips = self.base.stage.name, self.base.kode, set(self.base.group), self.older.trips
        own = trips[(trips["stage"] == stage) & (trips["base"] == base)]
        again = own[own["vehicle"].map(own.groupby("vehicle")["wave"].nunique()) > 1]
        first = again.groupby("wave")["depart"].min().to_dict()
        waves = [self.base.wave, *self.chain.operation.parts_of(self.base.wave)]
        waves.sort(key=lambda wave: first.get(wave.name, pd.Timestamp.min))
        tours = [(wave, self.older.tours.get((stage, wave.name, base), ())) for wave in waves]
        carried = [(wave, {kode for *_, days in rows for trip in days for kode in trip}) for wave, rows in tours]
        turns = [(wave, group & kodes, set[str]()) for wave, kodes in carried if kodes]
        return turns if any(wave != self.base.wave for wave, *_ in turns) else []

    def _orders(self, parts: Sequence[Wave], cut: set[str], usual: Outcome) -> Iterator[list[Turn]]:
        """Say who is to go when: all in a part, or those whose way a closure bars, before the others or after them."""
        everyone, whole, none = set(self.base.group), self.base.wave, set[str]()
        if cut:
            # in each part who is out goes on, and then on his next working day
            yield [(whole, everyone, none), *((part, cut, none) for part in parts for _ in range(2))]
        for part in filter(super()._differs, parts):
            if cut or usual.late or usual.mean_s >= (part.start_s or 0):
                barred = self._barred(part)
                rest = [*((other, cut, none) for other in parts if other != part), self._rest]
                there, others = (part, barred, none), (whole, everyone - barred, none)
                yield [(part, everyone, none), *rest]
                yield from ([*first, *rest] for first in ([there, others], [others, there]))

    def _barred(self, part: Wave) -> set[str]:
        """Name those to or from whose place some vehicle of the base drives another way in a part, or only then."""
        chain, stage, group = self.chain, self.base.stage, self.base.group
        base, at = chain.row[self.base.kode], chain.at(str(chain.target(kode, stage)) for kode in group)
        found = np.zeros(len(group), dtype=np.bool_)
        for fleet in chain.fleet_at(self.base.kode, stage):
            usual, short = (chain.on(wave).times(stage, fleet).seconds for wave in (self.base.wave, part))
            found |= (usual[base, at] != short[base, at]) | (usual[at, base] != short[at, base])
        return {kode for kode, other in zip(group, found.tolist(), strict=True) if other}

    def _as_good(self, one: Outcome, usual: Outcome) -> bool:
        return len(one.late) < len(usual.late) or super()._as_good(one, usual)

    def _aims(self, one: Outcome) -> tuple[int, ...]:
        """Measure an outcome as on the way out, but who is home sooner comes before who drives less."""
        *first, cost = super()._aims(one)
        return *first, round(one.mean_s), cost

    def _open_in(self, parts: Sequence[Wave], kode: str, reason: str) -> str:
        stage, base, met = self.base.stage, self.base.kode, [reason]
        for part in parts:
            chain = self.chain.on(part)
            met.append(able(chain, stage, self._parked(chain, part, {}), kode, base, 0, 0)[1])
        return max(met, key=OBSTACLES.index)

    def _in(
        self, wave: Wave, group: Sequence[str], more: Sequence[str], days: Sequence[VehicleDay]
    ) -> tuple[Planned, Side]:
        chain = self.chain.on(wave)
        base = Base(self.base.stage, wave, self.base.kode, group)
        vehicles = self._parked(chain, wave, _until_now(days))
        usual = Side(chain, self.ready, self.limit, vehicles)
        lit = {
            kode: None if (at := self.ready_late[kode]) is None else in_light(max(base.stage.start_s, at), self.storm)
            for kode in self.base.group
        }
        heavier = Side(chain.heavier(), lit, self.late_limit, late_pool(vehicles, 0), self.storm, fetched=True)
        was = self._as_it_was(base, usual) if self.stays else None
        plan = was or plan_base(base, usual, heavier, self.search, self.older)
        whole = replace(base, group=[*group, *(kode for kode in more if kode not in group)])
        return plan if not more else filled(plan, whole, usual), heavier

    def _as_it_was(self, base: Base, usual: Side) -> Planned | None:
        """Take the trips of an older plan, where all of them can be driven as they are and nobody is missing."""
        known = [(kode, sure(usual.ready[kode]), base.stage.end_s) for kode in base.group]
        case, refused = case_of(usual.chain, base.stage, base.wave, base.kode, usual.vehicles, known)
        runs = self.older.runs(case) if case and self.older else ()
        whole = case and len(clients_of(runs)) == len(case.members) and all(is_kept(case.problem, run) for run in runs)
        return Planned(case, runs, refused) if whole else None

    def _reused(self, plan: Planned, heavier: Side, days: Sequence[VehicleDay]) -> Sequence[Run]:
        """Give trips to vehicles that are out already, and see that as few as can be are late by it."""
        runs = super()._reused(plan, heavier, days)
        return runs if plan.case is None else relieved(plan.case, runs, heavier)

    def _parked(self, chain: Chain, wave: Wave, outings: Mapping[Vehicle, Sequence[Outing]]) -> list[Parked]:
        """List the vehicles; boats, and others that may not be out in the dark, have the first daylight of `wave`.

        Who is out already goes on in his hours, or in a part on his next working day, whichever leaves him more time.
        """
        row, stage, base, unload = self.row, self.base.stage, self.base.kode, minutes_s(self.row.loading_minutes)
        light, hours = first_light(chain.operation, stage, wave), hours_in(stage, wave)
        parked = parked_at(base, chain.fleet_at(base, stage), stage, wave, self.taken, None)
        next_day = _next_day(parked, base, outings, unload) if wave.part_of else ()
        found = dict[tuple[str, tuple[int, ...]], Parked]()
        for own in (*between(parked, base, outings, hours), *next_day):
            home = home_of(chain, stage, own.fleet, base, self.ends.get(own.fleet.kode))
            if home and any((base, own.fleet.kode, number) in outings for number in own.numbers):
                continue  # who goes on from the base goes out once
            if self._by_day(own.fleet):
                own = within(own, *light)  # noqa: PLW2901
            if wave.part_of is not None:
                own = within(own, max(0, (wave.start_s or 0) - unload), wave.end_s)  # noqa: PLW2901
            if home:
                until_s = row.end_s if own.until_s is None else min(row.end_s, own.until_s)
                own = replace(own, until_s=until_s - unload - (home.seconds or 0), home=home)  # noqa: PLW2901
            (own,) = by_driver([own], unload)  # noqa: PLW2901
            key = own.fleet.kode, own.numbers
            found[key] = max(found.get(key, own), own, key=partial(_free_s, hours=hours))
        return list(found.values())

    def _differs(self, part: Wave) -> bool:
        """Whether a part has hours of the leg, on other roads or on another day, of work or of light."""
        stage, kode, whole = self.base.stage, self.base.kode, self.base.wave
        begin_s, end_s = hours_in(stage, part)
        lights = {first_light(self.chain.operation, stage, wave) for wave in (whole, part)}
        other_day = len(lights) > 1 and any(self._by_day(fleet) for fleet in self.chain.fleet_at(kode, stage))
        other_day = other_day or end_s > stage.start_s + minutes_s(stage.loading_minutes) + DAY_S
        return begin_s < end_s and (other_day or super()._differs(part))

    def _by_day(self, fleet: Fleet) -> bool:
        return fleet.daylight_only or fleet.vehicle in self.boats

    def _end(self, fleet: Fleet) -> str | None:
        return self.ends.get(fleet.kode)


def _until_now(days: Sequence[VehicleDay]) -> dict[Vehicle, list[Outing]]:
    """Say what vehicles do on their last working day, as if they were out without a break until it is over.

    They go again after it: before it they might come home too late in the heavier weather for what is planned already.
    """
    found = {}
    for vehicle, own in by_vehicle(days).items():
        begins = day_begins(sure(drive.depart_s) for day in own for drive in day.drives)
        last = own[-1].outing
        found[vehicle] = [Outing(begins.count(begins[-1]), 0, begins[-1], last.back_s, last.back_late_s)]
    return found


def _next_day(
    parked: Iterable[Parked], base: str, outings: Mapping[Vehicle, Sequence[Outing]], unload: int
) -> Iterator[Parked]:
    """Say when vehicles that are out already leave at the earliest on their next working day."""
    for own in parked:
        for number in own.numbers:
            for outing in outings.get((base, own.fleet.kode, number), ()):
                free_s = max(outing.back_s, outing.depart_s + DAY_S - unload)
                late_s = None if outing.back_late_s is None else max(free_s, outing.back_late_s)
                yield replace(own, numbers=(number,), free_s=free_s, free_late_s=late_s)


def _free_s(own: Parked, hours: tuple[int, int]) -> int:
    """How long vehicles are free in some hours [s]; less than nothing where they are not."""
    end_s = hours[1] if own.until_s is None else min(own.until_s, hours[1])
    return end_s - max(own.free_s, hours[0])


def first_light(operation: Operation, stage: Stage, wave: Wave) -> tuple[int, int]:
    """Find the first daylight of a leg of the way back in a wave or a part of it [s from midnight of voting day]."""
    return daylight(operation, *hours_in(stage, wave))
