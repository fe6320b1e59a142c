"""The hours before roads close, or after they open again: who is cut off in a wave is served then, on other vehicles.

In the hours of a whole wave every trip avoids what is closed at some moment of them. Whom that cuts off goes in a part
of the wave on open roads, if then fewer TPS are left behind on that day than without.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kaur_gis.config import Wave
from kaur_gis.distribute.stages import OBSTACLES, Chain, obstacle
from kaur_gis.distribute.waves import Progress, VehicleDay

Vehicle = tuple[str, str, int]
"""Base, `Fleet.kode` and number."""
Drive = Callable[[Wave, Collection[str], Collection[Vehicle], Sequence[VehicleDay]], Progress]
"""Plans some TPS in a wave without the vehicles of others, whose days come last."""


def vehicles_of(progress: Progress) -> set[Vehicle]:
    """Name the vehicles that are out."""
    return {(day.case.base, day.fleet.kode, day.number) for day in progress.days}


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
        """Move to parts who is cut off, alone or with all of the same base, where that leaves fewer behind."""
        left, here = usual, set(members)
        for part in self.chain.operation.parts_of(self.wave):
            cut = left.without_road(self.chain, [part])
            before = self.parts.get(part.name)
            found: list[tuple[int, Progress, Progress | None, set[str]]] = [
                (len(left.unserved) + (len(before.unserved) if before else 0), left, before, set())
            ]
            for group in (cut, self._neighbours(cut, here, left)) if cut else ():
                found += self._tried(part, here, group)
            _, left, there, gone = min(found, key=lambda one: one[0])
            here -= gone
            if there:
                self.parts[part.name] = there
        return [left, *self.parts.values()]

    def _tried(self, part: Wave, here: set[str], group: set[str]) -> Iterator[tuple[int, Progress, Progress, set[str]]]:
        """Plan some TPS in a part, as far as they can be served there, and then the others in the wave."""
        away, days, mine = self._away(part), self._days(part), self._kept(part)
        while group:
            there = self.drive(part, mine | group, away, days)
            failed = group & set(there.unserved)
            if not failed:
                left = self.drive(self.wave, here - group, away | vehicles_of(there), [*days, *there.days])
                yield len(left.unserved) + len(there.unserved), left, there, group
                return
            group = group - failed

    def _neighbours(self, cut: set[str], here: set[str], left: Progress) -> set[str]:
        """Add everybody who is brought from the bases at which some are cut off."""
        stages = {stage.name: stage for stage in self.chain.operation.stages}
        bases = {(name, self.chain.base(kode, stages[name])) for kode in cut for name in (left.unserved[kode][0],)}
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
