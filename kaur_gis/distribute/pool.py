"""Which vehicles stand at a base, by what they have done already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kaur_gis.config import Fleet, Operation, Stage, Wave
from kaur_gis.distribute.kept import Kept
from kaur_gis.distribute.rounded import hours_s
from kaur_gis.distribute.schedule import Time


class Home(NamedTuple):
    """Where the day of a vehicle ends after counting, if not at its base.

    Attributes
    ----------
    place : str
        Its stop.
    seconds : int or None
        Driving there from its base, in the worse weather [s]; None for no road.
    """

    place: str
    seconds: Time


Vehicle = tuple[str, str, int]
"""Base, `Fleet.kode` and number."""


class Outing(NamedTuple):
    """Trips of a vehicle that are planned already, one after the other; `Time`s as of `Parked`.

    Attributes
    ----------
    trips : int
    load_s, depart_s, back_s : int
        When the first is loaded and leaves, and the vehicle is back from the last [s from midnight].
    back_late_s : int or None
        The same in the heavier weather; None for never.
    """

    trips: int
    load_s: int
    depart_s: int
    back_s: int
    back_late_s: Time


@dataclass(frozen=True)
class Parked:
    """Vehicles of one fleet row at one base that are alike in everything.

    Attributes
    ----------
    fleet : Fleet
    numbers : tuple of int
        Of the vehicles among those of their row, ascending.
    trips : int
        Trips that each has made already.
    free_s, free_late_s : int or None
        From when on they can load again, in either weather [s from midnight]; None for never.
    until_s : int or None
        By when they must be home, where that is before the end of the stage [s from midnight].
    waits_s : int
        So much of the hours of their drivers may pass before the boxes are there, which are late, too [s].
    left_s : int or None
        When they left first, if they have made trips already [s from midnight].
    came_s : int or None
        When they set out for their base before that, where they came to it empty [s from midnight].
    stands : bool
        Whether it is known that they were out on no earlier day: they stand at their base.
    home : Home or None
        Where they go on to from their base after counting; None for nowhere.
    """

    fleet: Fleet
    numbers: tuple[int, ...]
    trips: int = 0
    free_s: int = 0
    free_late_s: Time = 0
    until_s: Time = None
    waits_s: int = 0
    left_s: Time = None
    came_s: Time = None
    stands: bool = False
    home: Home | None = None

    @property
    def goes_s(self) -> int:
        """So much of the hours of their drivers goes after counting to the drive on from their base [s]."""
        return 0 if self.home is None else self.home.seconds or 0


def parked_at(
    base: str,
    fleets: Collection[Fleet],
    stage: Stage,
    wave: Wave,
    taken: Collection[tuple[str, str, int]],
    kept: Kept | None,
) -> list[Parked]:
    """List the vehicles that a wave can use at a base.

    Parameters
    ----------
    base : str
    fleets : collection of Fleet
        Rows that stand there for the stage.
    stage, wave
        In which they go.
    taken : collection of (str, str, int)
        Base, `Fleet.kode` and number of the vehicles that another wave uses on the same day.
    kept : Kept or None

    Returns
    -------
    list of Parked
        Those that are fresh, row by row; behind them those that have kept trips of this wave and may make more.
    """
    found, held, now_s = [], kept.vehicles if kept else {}, kept.now_s(wave, stage) if kept else 0
    for fleet in fleets:
        busy = held.get((wave.whole, base, fleet.kode), {})
        broken = fleet.broken_at(base)
        away = broken | {number for at, kode, number in taken if (at, kode) == (base, fleet.kode)}
        fresh = tuple(number for number in range(1, fleet.count + 1) if number not in away and number not in busy)
        found += [Parked(fleet, fresh, 0, now_s, now_s)] if fresh else []
        found += [
            Parked(
                fleet,
                (number,),
                done.trips,
                max(now_s, done.back_s),
                _later(now_s, done.back_late_s),
                left_s=done.left_s,
                came_s=done.came_s,
            )
            for number, done in sorted(busy.items())
            if done.trips < fleet.max_trips and number <= fleet.count and number not in broken and done.at_base
        ]
    return found


def between(
    vehicles: Sequence[Parked], base: str, outings: Mapping[Vehicle, Sequence[Outing]], hours: tuple[int, int]
) -> list[Parked]:
    """Leave to vehicles that are out in other hours of their day the longest time that they are free in some hours.

    Parameters
    ----------
    vehicles : sequence of Parked
        At a base, as without these outings.
    base : str
    outings : mapping
        Vehicle -> what it does, in the order of the day.
    hours : (int, int)
        From when until when they are asked for [s from midnight].

    Returns
    -------
    list of Parked
        A vehicle whose day ends elsewhere than at its base goes out once.
    """
    found = []
    for own in vehicles:
        out = {number: outings[one] for number in own.numbers if (one := (base, own.fleet.kode, number)) in outings}
        idle = tuple(number for number in own.numbers if number not in out)
        found += [replace(own, numbers=idle)] if idle else []
        left = (_between(own, base, number, known, hours) for number, known in out.items())
        found += [one for one in left if one is not None]
    return found


def _between(own: Parked, base: str, number: int, outings: Sequence[Outing], hours: tuple[int, int]) -> Parked | None:
    """Find the longest time that one vehicle is free; None where it may make no more trips."""
    trips, fleet = own.trips + sum(outing.trips for outing in outings), own.fleet
    if trips >= fleet.max_trips or fleet.pulang_ke not in {None, base}:
        return None
    begins = [(own.free_s, own.free_late_s), *((outing.back_s, outing.back_late_s) for outing in outings)]
    ends = [*(outing.load_s for outing in outings), hours[1]]
    lengths = [min(end, hours[1]) - max(free_s, hours[0]) for (free_s, _), end in zip(begins, ends, strict=True)]
    at = lengths.index(max(lengths))
    (free_s, late_s), until_s = begins[at], None if at == len(outings) else ends[at]
    if fleet.jam_sopir is not None:  # what he does before must not make his day too long
        free_s = max(free_s, outings[-1].back_s - hours_s(fleet.jam_sopir))
    late_s = None if late_s is None else max(free_s, late_s)
    left_s = _sooner(own.left_s, outings[0].depart_s)
    return replace(
        own, numbers=(number,), trips=trips, free_s=free_s, free_late_s=late_s, until_s=until_s, left_s=left_s
    )


def within(own: Parked, begin_s: int, end_s: Time) -> Parked:
    """Keep vehicles at home before and after some hours; None for no end."""
    late_s = None if own.free_late_s is None else max(begin_s, own.free_late_s)
    until_s = own.until_s if end_s is None else _sooner(own.until_s, end_s)
    return replace(own, free_s=max(begin_s, own.free_s), free_late_s=late_s, until_s=until_s)


def by_day(
    vehicles: Sequence[Parked], operation: Operation, stage: Stage, loading_s: int, wave: Wave | None = None
) -> list[Parked]:
    """Keep at home in the dark those vehicles that may not be out in it, and all outside the hours of a wave."""
    hours = [(own, operation.out_s(stage, own.fleet, wave)) for own in vehicles]
    return [own if out is None else within(own, max(0, out[0] - loading_s), out[1]) for own, out in hours]


def by_driver(vehicles: Sequence[Parked], loading_s: int) -> list[Parked]:
    """Bring home those who have driven already before the hours of their drivers end."""
    found = []
    for own in vehicles:
        if own.left_s is not None and own.fleet.jam_sopir is not None:
            began = own.left_s - loading_s if own.came_s is None else own.came_s
            own = replace(own, until_s=_sooner(own.until_s, began + hours_s(own.fleet.jam_sopir)))  # noqa: PLW2901
        found.append(own)
    return found


def late_pool(vehicles: Sequence[Parked], waits_s: int) -> list[Parked]:
    """Take the vehicles to the heavier weather: when they are free there; those that never come back are left out.

    Boxes come later there by at most `waits_s`, and a driver begins as planned.
    """
    known = [(own, own.free_late_s) for own in vehicles if own.free_late_s is not None]
    return [replace(own, free_s=free_s, waits_s=waits_s) for own, free_s in known]


def _sooner(until_s: Time, end_s: int) -> int:
    """Take the sooner of a time that may be unlimited and another."""
    return end_s if until_s is None else min(until_s, end_s)


def _later(now_s: int, time: Time) -> Time:
    """Take the later of now and a time that may never come."""
    return None if time is None else max(now_s, time)
