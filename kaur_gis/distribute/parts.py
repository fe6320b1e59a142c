"""The hours before roads close, or after they open again: who is cut off or goes a longer way is served then.

In the hours of a whole wave every trip avoids what is closed at some moment of them. Whom that cuts off goes in a part
of the wave on open roads, on other vehicles, if that is better by the aims of the plan; and who goes a longer way for
it does, or the whole wave, if then the last box comes no later, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from kaur_gis.config import Wave, seconds_of_day
from kaur_gis.distribute.case import OBSTACLES, obstacle
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.pool import Vehicle
from kaur_gis.distribute.rounded import minutes_s
from kaur_gis.distribute.schedule import clients_of, cost_of, sure
from kaur_gis.distribute.waves import Progress, VehicleDay

Drive = Callable[[Wave, Collection[str], Collection[Vehicle], Sequence[VehicleDay]], Progress]
"""Plans some TPS in a wave without the vehicles of others, whose days come last."""

Aims = tuple[int, ...]
"""What is left behind, late, and what it takes, in the order of the aims: less is better."""


class Moved(NamedTuple):
    """What a wave and a part of it come to together, both, and who goes in the part for that."""

    aims: Aims
    left: Progress
    there: Progress | None
    gone: set[str]


def vehicles_of(progress: Progress) -> set[Vehicle]:
    """Name the vehicles that are out."""
    return {day.vehicle for day in progress.days}


def aims_of(chain: Chain, done: Sequence[Progress]) -> Aims:
    """Measure what waves and parts come to together, as the plan of each base is measured."""
    days = [day for progress in done for day in progress.days]
    unserved, late = (sum(map(len, sets)) for sets in zip(*((own.unserved, own.late) for own in done), strict=True))
    cost, aims = sum(cost_of(day.case.problem, day.run) for day in days), chain.operation.tujuan
    return (unserved, late, len(days), cost) if aims is None else (unserved, late * aims.terlambat + cost)


def farther(chain: Chain, done: Progress, part: Wave) -> dict[str, str]:
    """Find whose place is farther from another one of its base than on the roads open in a part, and in which stage."""
    found: dict[str, str] = {}
    for day in done.days:
        case = day.case
        usual, short = (chain.on(wave).times(case.stage, day.fleet) for wave in (case.wave, part))
        if usual is not short:
            at = chain.at([*case.stops, day.fleet.pulang_ke or case.base])
            less = short.seconds[np.ix_(at, at)] < usual.seconds[np.ix_(at, at)]
            far = set(np.flatnonzero(less.any(axis=0) | less.any(axis=1)).tolist())
            clients = (client for drive in day.drives for visit in drive.visits for client in visit.clients)
            kodes = (case.members[client] for client in clients if case.problem.clients[client].place in far)
            found |= dict.fromkeys(kodes, case.stage.name)
    return found


def not_surely_home(done: Progress, part: Wave) -> set[str]:
    """Find whose vehicles may be out when a part ends, in the heavier weather and by the buffer of the wave."""
    if part.end is None:
        return set()
    by_s = seconds_of_day(part.end) - minutes_s(part.buffer_minutes)
    out = (day for day in done.days for back in (day.late[-1].back_s,) if back is None or back > by_s)
    return {day.case.members[client] for day in out for client in clients_of([day.run])}


def mean_s(done: Iterable[Progress | None]) -> float:
    """Average when boxes are handed over as planned, in every stage [s from midnight]."""
    visits = (visit for own in done if own for day in own.days for drive in day.drives for visit in drive.visits)
    times = [sure(visit.done_s) for visit in visits for _ in visit.clients]
    return sum(times) / max(len(times), 1)


def open_in_parts(chain: Chain, forced: Wave | None, kode: str, why: tuple[str, str]) -> tuple[str, str]:
    """Say what stops the luckiest vehicle in the parts of the waves of a TPS that roads keep from being served."""
    name, reason = why
    stage = next(stage for stage in chain.operation.stages if stage.name == name)
    base = chain.base(kode, stage)
    waves = [wave for wave in chain.operation.waves if wave.part_of and (forced is None or wave.part_of == forced.name)]
    if reason not in OBSTACLES or base is None:
        return why
    met = {obstacle(chain.on(wave), stage, own, kode, base) for wave in waves for own in chain.fleet_at(base, stage)}
    return name, max((what or "no_time" for what in met), key=OBSTACLES.index, default=reason)


@dataclass
class Split:
    """A wave and its parts.

    Attributes
    ----------
    chain : Chain
    wave : Wave
    own : mapping
        `kode_tps` -> the wave or part that it must go with, if any.
    busy : collection of Vehicle
        Vehicles that other waves use on the day.
    drive : Drive
    parts : dict
        Name of a part -> how far its TPS came.
    """

    chain: Chain
    wave: Wave
    own: Mapping[str, Wave | None]
    busy: Collection[Vehicle]
    drive: Drive
    parts: dict[str, Progress] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the trips of an older plan that stay in a part."""
        for part in self.chain.operation.parts_of(self.wave):
            if mine := self._kept(part):
                self.parts[part.name] = self.drive(part, mine, self._away(), self._days())

    def rest(self, members: Collection[str]) -> Progress:
        """Plan the wave itself, beside its parts."""
        return self.drive(self.wave, members, self._away(), self._days())

    def improved(self, members: Collection[str], usual: Progress) -> list[Progress]:
        """Move to parts who is cut off or goes a longer way, alone or with others, where that is better by the aims."""
        left, here = usual, set(members)
        for part in self.chain.operation.parts_of(self.wave):
            before = self.parts.get(part.name)
            now = [left, before] if before else [left]
            found = [Moved(aims_of(self.chain, now), left, before, set())]
            cut = {kode: left.unserved[kode][0] for kode in left.without_road(self.chain, [part])}
            for group in (set(cut), self._together(cut, here)) if cut else ():
                found += self._tried(part, here, group)
            free = here.difference(self.chain.kept.wave) if self.chain.kept else here
            longer = {kode: name for kode, name in farther(self.chain, left, part).items() if kode in free}
            for group in self._in_time(part, left, (self._together(longer, free), free)) if longer else ():
                tried = self._tried(part, here, group, surely=True)
                found += (one for one in tried if mean_s([one.left, one.there]) <= mean_s(now))
            _, left, there, gone = min(found, key=lambda one: one.aims)
            here -= gone
            if there:
                self.parts[part.name] = there
        return [left, *self.parts.values()]

    def _in_time(self, part: Wave, left: Progress, groups: Iterable[set[str]]) -> list[set[str]]:
        """Choose, once each, the groups that on average get their boxes after a part begins: others would only wait."""
        begin_s = seconds_of_day(part.start) if part.start else 0
        found: list[set[str]] = []
        for group in groups:
            times = [left.ready[kode] for kode in group]
            if group not in found and sum(times) >= begin_s * len(times):
                found.append(group)
        return found

    def _tried(self, part: Wave, here: set[str], group: set[str], *, surely: bool = False) -> Iterator[Moved]:
        """Plan some TPS in a part, as far as they can be served there, and then the others in the wave.

        `surely` without the bases of those who may not be home in time.
        """
        away, days, mine = self._away(part), self._days(part), self._kept(part)
        last = self.chain.operation.to_tps
        while group:
            there = self.drive(part, mine | group, away, days)
            out = not_surely_home(there, part) if surely else set()
            late = {kode: name for kode in out for name in last & self.chain.ways[kode]}
            failed = group & (set(there.unserved) | self._together(late, group))
            if not failed:
                left = self.drive(self.wave, here - group, away | vehicles_of(there), [*days, *there.days])
                yield Moved(aims_of(self.chain, [left, there]), left, there, group)
                return
            group = group - failed

    def _together(self, whose: Mapping[str, str], here: set[str]) -> set[str]:
        """Add to some TPS, each with a stage, everybody who is brought from the same bases in these stages."""
        stages = {stage.name: stage for stage in self.chain.operation.stages}
        bases = {(name, self.chain.base(kode, stages[name])) for kode, name in whose.items()}
        return {
            kode
            for kode in here
            for name, base in bases
            if self.chain.goes(kode, stages[name]) and self.chain.base(kode, stages[name]) == base
        }

    def _kept(self, part: Wave) -> set[str]:
        return {kode for kode, forced in self.own.items() if forced == part}

    def _away(self, but: Wave | None = None) -> set[Vehicle]:
        """Name the vehicles that other waves and other parts use."""
        own = (done for name, done in self.parts.items() if but is None or name != but.name)
        return {*self.busy, *(vehicle for done in own for vehicle in vehicles_of(done))}

    def _days(self, but: Wave | None = None) -> list[VehicleDay]:
        """List the days of vehicles of the parts."""
        return [day for name, done in self.parts.items() if but is None or name != but.name for day in done.days]
