"""One base in the hours of a wave and in its parts: the hours before roads close, or after they open again.

In the hours of a whole wave every trip avoids what is closed at some moment of them. Whom that cuts off goes in a part
of the wave on open roads, alone or with the others of the base; and who goes a longer way for it does, if boxes then
come no later and before the closure all are surely home. A vehicle goes in several parts, one after the other. What is
best is measured as the plan of a base is.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.distribute.base import (
    Base,
    Limits,
    Planned,
    Search,
    Short,
    Side,
    filled,
    late_at,
    late_drives,
    missing_vehicles,
    plan_base,
)
from kaur_gis.distribute.case import OBSTACLES, Case, obstacle
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.coming import after_coming
from kaur_gis.distribute.day import VehicleDay, by_vehicle, days_of, in_turn
from kaur_gis.distribute.kept import Kept
from kaur_gis.distribute.older import Older
from kaur_gis.distribute.pool import Outing, Parked, Vehicle, between, by_day, by_driver, late_pool, parked_at
from kaur_gis.distribute.rounded import minutes_s
from kaur_gis.distribute.schedule import Run, Time, clients_of, cost_of, is_kept, sure

Turn = tuple[Wave, set[str], set[str]]
"""A part of a wave, who is to go in it, and who else as far as there is room beside them."""


def parked_in(
    chain: Chain,
    stage: Stage,
    wave: Wave,
    base: str,
    taken: Collection[Vehicle],
    outings: Mapping[Vehicle, Sequence[Outing]] | None = None,
) -> list[Parked]:
    """List the vehicles that a stage can use at a base in the hours of a wave or a part of it, and when.

    Parameters
    ----------
    chain : Chain
        In these hours.
    stage, wave, base
        Whose vehicles they are.
    taken : collection of Vehicle
        Vehicles that another wave uses on the same day.
    outings : mapping, optional
        What vehicles do in other parts of the wave.
    """
    vehicles = parked_at(base, chain.fleet_at(base, stage), stage, wave, taken, chain.kept)
    hours = hours_in(stage, wave)
    loading_s = minutes_s(stage.loading_minutes)
    vehicles = by_day(between(vehicles, base, outings or {}, hours), chain.operation, stage, loading_s, wave)
    return by_driver(after_coming(chain, stage, base, vehicles, loading_s), loading_s)


def hours_in(stage: Stage, wave: Wave) -> tuple[int, int]:
    """Say from when until when a stage is driven in a wave or a part of it [s from midnight]."""
    end_s = stage.end_s if wave.end_s is None else min(stage.end_s, wave.end_s)
    return max(stage.start_s, wave.start_s or 0), end_s


def open_in_parts(chain: Chain, forced: Wave | None, kode: str, why: tuple[str, str]) -> tuple[str, str]:
    """Say what stops the luckiest vehicle in the parts of the waves of a TPS that roads keep from being served."""
    name, reason = why
    stage = next(stage for stage in chain.operation.stages if stage.name == name)
    base = chain.base(kode, stage)
    waves = [wave for wave in chain.operation.waves if wave.part_of and (forced is None or wave.part_of == forced.name)]
    if reason not in OBSTACLES[1:] or base is None:  # where no vehicle stands, none does in a part
        return why
    met = {obstacle(chain.on(wave), stage, own, kode, base) for wave in waves for own in chain.fleet_at(base, stage)}
    return name, max((what or "no_time" for what in met), key=OBSTACLES.index, default=reason)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a base comes to.

    Attributes
    ----------
    days : sequence of VehicleDay
    left : dict
        `kode_tps` of whoever is without a trip -> reason.
    late : list of str
        `kode_tps` of whoever is too late in the heavier weather.
    short : list of Short
        Where its vehicles do not suffice.
    lacking : mapping
        `Fleet.kode` -> how many more would be in time in the heavier weather, too; of a base in several parts, unknown.
    fetched : bool
        Whether boxes are fetched, and not brought.
    """

    days: Sequence[VehicleDay]
    left: dict[str, str]
    late: list[str]
    short: list[Short]
    lacking: Mapping[str, int]
    fetched: bool

    @property
    def mean_s(self) -> float:
        """When boxes are handed over as planned, or brought home, on average [s from midnight]."""
        visits = ((drive, visit) for day in self.days for drive in day.drives for visit in drive.visits)
        done = ((drive.back_s if self.fetched else visit.done_s, visit.clients) for drive, visit in visits)
        times = [sure(at) for at, clients in done for _ in clients]
        return sum(times) / max(len(times), 1)

    @property
    def surely_home(self) -> bool:
        """Whether all are home before a part ends, in the heavier weather and by the buffer of the wave."""
        ends = ((day.case.wave, day.late[-1].back_s) for day in self.days)
        return all(
            back is not None and back <= part.end_s - minutes_s(part.buffer_minutes)
            for part, back in ends
            if part.end_s is not None
        )


@dataclass(frozen=True, eq=False)
class AtBase:
    """One base of one stage, on the day of a wave.

    Attributes
    ----------
    chain : Chain
    base : Base
        With the whole wave.
    taken : collection of Vehicle
        Vehicles that another wave uses on the same day.
    ready, ready_late : mapping
        `kode_tps` -> when its boxes can be loaded, in either weather [s from midnight].
    limit, late_limit : Limits
        In either weather.
    search : Search
    older : Older or None
        A plan from which the search begins.
    behind : collection of str
        `kode_tps` of those who go only where the others leave room.
    """

    chain: Chain
    base: Base
    taken: Collection[Vehicle]
    ready: Mapping[str, int]
    ready_late: Mapping[str, Time]
    limit: Limits
    late_limit: Limits
    search: Search
    older: Older | None
    behind: Collection[str]

    @property
    def key(self) -> Hashable:
        """What the plan of the base depends on, apart from the wave and the vehicles that others use."""
        known = self.ready, self.ready_late, self.limit, self.late_limit
        rows = tuple((kode, kode in self.behind, *(column[kode] for column in known)) for kode in self.base.group)
        return self.base.stage.name, self.base.kode, rows

    def planned(self) -> Outcome:
        """Plan the base, in parts of the wave where that is better."""
        usual = self._outcome([self._rest])
        if kept := self.chain.kept:
            usual.left.update({kode: self._with_kept(kept, kode, reason) for kode, reason in usual.left.items()})
        parts = [part for part in self.chain.operation.parts_of(self.base.wave) if self._differs(part)]
        if not parts:
            return usual
        usual.left.update({kode: self._open_in(parts, kode, reason) for kode, reason in usual.left.items()})
        cut = {kode for kode, reason in usual.left.items() if reason == "no_time"}
        found = [usual, *(self._outcome(order) for order in self._orders(parts, cut, usual))]
        if cut and len(parts) > 1:
            found.append(self._outcome(self._filled(parts, cut, min(found, key=self._aims))))
        better = (
            one for one in found if len(one.left) < len(usual.left) or (one.surely_home and self._as_good(one, usual))
        )
        best = min(better, key=self._aims, default=usual)
        left = {kode: max(why, usual.left.get(kode, "no_time"), key=OBSTACLES.index) for kode, why in best.left.items()}
        return replace(best, left=left)  # whom another plan serves only the hours keep from it

    def _as_good(self, one: Outcome, usual: Outcome) -> bool:
        """Whether boxes come no later for it that those who need not go in parts do."""
        return one.mean_s <= usual.mean_s

    def _with_kept(self, kept: Kept, kode: str, reason: str) -> str:
        """Say what stops the luckiest vehicle, be it one that has no more trips than those that are kept."""
        stage, base, wave = self.base.stage, self.base.kode, self.base.wave
        fleets = self.chain.fleet_at(base, stage)
        busy = [(row.kode, kept.vehicles.get((wave.whole, base, row.kode), ())) for row in fleets]
        own = {(base, row, number) for row, numbers in busy for number in numbers}
        standing = parked_at(base, fleets, stage, wave, set(self.taken) - own, None)
        met = [obstacle(self.chain, stage, one.fleet, kode, base) or "no_time" for one in standing]
        return max([reason, *met], key=OBSTACLES.index)

    def _open_in(self, _parts: Sequence[Wave], kode: str, reason: str) -> str:
        """Say what stops the luckiest vehicle, be it in a part of the wave."""
        return open_in_parts(self.chain, self.base.wave, kode, (self.base.stage.name, reason))[1]

    def _filled(self, parts: Sequence[Wave], cut: set[str], best: Outcome) -> list[Turn]:
        """Leave the first part to whom a plan serves there, who may not fit elsewhere; and who has room beside them."""
        early = (day for day in best.days if day.case.wave == parts[0])
        first = {day.case.members[client] for day in early for client in clients_of([day.run])}
        return [(parts[0], first, cut), *((part, cut, set()) for part in parts[1:]), self._rest]

    @property
    def _rest(self) -> Turn:
        behind = set(self.base.group).intersection(self.behind)
        first = set(self.base.group) - behind
        return (self.base.wave, first, behind) if first else (self.base.wave, behind, set())

    def _orders(self, parts: Sequence[Wave], cut: set[str], usual: Outcome) -> Iterator[list[Turn]]:
        """Say who is to go when: first in one part, who is cut off and still without a trip in others, then the rest.

        Who need not wait for a part does so only if the boxes come no earlier as it is.
        """
        everyone = set(self.base.group)
        for part in parts:
            others = [(other, cut, set[str]()) for other in parts if other != part]
            groups = [everyone] if cut or usual.mean_s >= (part.start_s or 0) else []
            groups += [cut] if cut and cut != everyone else []
            yield from ([(part, group, set()), *others, self._rest] for group in groups)

    def _outcome(self, order: Iterable[Turn]) -> Outcome:
        """Plan one part after the other, each for those of some TPS who have no trip yet."""
        without, plans, sides = dict.fromkeys(self.base.group, "no_fleet"), list[Planned](), dict[str, Side]()
        days: list[VehicleDay] = []
        for wave, wanted, beside in order:
            group, more = (
                [kode for kode in self.base.group if kode in without and kode in own] for own in (wanted, beside)
            )
            if group:
                plan, sides[wave.name] = self._in(wave, group, more, days)
                plans.append(plan)
                runs = self._reused(plan, sides[wave.name], days)
                days += [] if plan.case is None else days_of(plan.case, runs, sides[wave.name])
                reasons = {kode: max(without[kode], why, key=OBSTACLES.index) for kode, why in plan.left.items()}
                without = {kode: why for kode, why in without.items() if kode not in {*group, *more}} | reasons
        days = in_turn(days, sides)
        late = [kode for day in days for kode in late_at(day.case, day.late, sides[day.case.wave.name])]
        lacking = plans[0].lacking if len(plans) == 1 else {}
        fetched = any(side.fetched for side in sides.values())
        return Outcome(days, without, late, _short(plans, without), lacking, fetched)

    def _in(
        self, wave: Wave, group: Sequence[str], more: Sequence[str], days: Sequence[VehicleDay]
    ) -> tuple[Planned, Side]:
        """Plan some TPS in some hours, and others as far as there is room, by vehicles as far as they are free then."""
        chain = self.chain.on(wave)
        base = Base(self.base.stage, wave, self.base.kode, group)
        outings = {vehicle: [day.outing for day in own] for vehicle, own in by_vehicle(days).items()}
        vehicles = parked_in(chain, base.stage, wave, base.kode, self.taken, outings)
        waits = [late - self.ready[kode] for kode in group if (late := self.ready_late[kode]) is not None]
        pool = late_pool(vehicles, max(waits, default=0))
        usual = Side(chain, self.ready, self.limit, vehicles)
        heavier = Side(chain.heavier(), self.ready_late, self.late_limit, pool)
        plan = plan_base(base, usual, heavier, self.search, self.older)
        whole = replace(base, group=[*group, *(kode for kode in more if kode not in group)])
        return plan if not more else filled(plan, whole, usual), heavier

    def _reused(self, plan: Planned, heavier: Side, days: Sequence[VehicleDay]) -> Sequence[Run]:
        """Give the trips of a fresh vehicle to one of its row that is out in other hours, if it can."""
        if plan.case is None or not days:
            return plan.runs
        case, out, runs = plan.case, {day.vehicle for day in days}, list(plan.runs)
        kinds = [{(case.base, own.fleet.kode, number) for number in own.numbers} <= out for own in case.vehicles]
        idle = [kind for kind, known in enumerate(kinds) if known and all(run.kind != kind for run in runs)]
        for number, run in enumerate(runs):
            able = [kind for kind in idle if not kinds[run.kind] and _as_well(case, run, Run(kind, run.trips), heavier)]
            if able:
                runs[number] = Run(able[0], run.trips)
                idle.remove(able[0])
        return runs

    def _differs(self, part: Wave) -> bool:
        """Whether some drive to, from or between the TPS of the base is another one on the roads open in a part."""
        stage, kode = self.base.stage, self.base.kode
        targets = {str(self.chain.target(tps, stage)) for tps in self.base.group}
        for fleet in self.chain.fleet_at(kode, stage):
            usual, short = (self.chain.on(wave).times(stage, fleet) for wave in (self.base.wave, part))
            at = self.chain.at(sorted({kode, self._end(fleet) or kode} | targets))
            if usual is not short and (short.seconds[np.ix_(at, at)] != usual.seconds[np.ix_(at, at)]).any():
                return True
        return False

    def _end(self, fleet: Fleet) -> str | None:
        """Where the day of a vehicle ends; None for at its base."""
        return fleet.pulang_ke

    def _aims(self, one: Outcome) -> tuple[int, ...]:
        """Measure an outcome as the plan of a base is measured: what is left behind, late, and what it takes."""
        cost, vehicles = 0, by_vehicle(one.days)
        for days in vehicles.values():
            problem = days[0].case.problem  # in however many parts, it is one day; later ones are not weighed
            cost += sum(cost_of(day.case.problem, day.run) for day in days)
            cost -= (len(days) - 1) * problem.vehicle_cost(problem.kinds[days[0].run.kind])
        aims, late = self.chain.operation.tujuan, len(one.late)
        return (
            (len(one.left), late, len(vehicles), cost)
            if aims is None
            else (len(one.left), late * aims.terlambat + cost)
        )


def _as_well(case: Case, run: Run, other: Run, heavier: Side) -> bool:
    """Whether another vehicle of the same row can do what one does, with no more TPS late in the heavier weather."""
    alike = case.vehicles[run.kind].fleet == case.vehicles[other.kind].fleet
    mine, theirs = (len(late_at(case, late_drives(case, one, heavier), heavier)) for one in (run, other))
    return alike and is_kept(case.problem, other) and theirs <= mine


def _short(plans: Iterable[Planned], without: Collection[str]) -> list[Short]:
    """Say where the vehicles do not suffice for those without a trip, by the last part in which they could go."""
    found, told = list[Short](), set[str]()
    for plan in reversed(list(plans)):
        if plan.case is not None:
            missed = {kode for kode in without if kode in plan.left and kode not in plan.refused} - told
            found += [Short(plan.case, len(missed), missing_vehicles(plan.case, plan.runs))] if missed else []
            told |= missed
    return found[::-1]
