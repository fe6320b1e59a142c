"""The day of one vehicle, or as much of it as is planned at once, with its times in either weather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kaur_gis.config import Fleet
from kaur_gis.distribute.base import Side, late_drives
from kaur_gis.distribute.case import Case
from kaur_gis.distribute.pool import Outing, Vehicle
from kaur_gis.distribute.schedule import Drive, Run, drives, planned, sure


@dataclass(frozen=True, eq=False)
class VehicleDay:
    """What one vehicle does in one wave, or in one part of it, with its times.

    Attributes
    ----------
    case : Case
    fleet : Fleet
    number : int
        Of the vehicle among those of its fleet row at its base, from 1.
    trips_before : int
        Trips that it has made already.
    run : Run
    drives, late : tuple of Drive
        One per trip: in the weather of the plan, and in the heavier one.
    """

    case: Case
    fleet: Fleet
    number: int
    trips_before: int
    run: Run
    drives: tuple[Drive, ...]
    late: tuple[Drive, ...]

    @property
    def vehicle(self) -> Vehicle:
        """Which one it is."""
        return self.case.base, self.fleet.kode, self.number

    @property
    def outing(self) -> Outing:
        """When it is out."""
        depart_s = sure(self.drives[0].depart_s)
        load_s, back_s = depart_s - self.case.problem.loading_s, sure(self.drives[-1].back_s)
        return Outing(len(self.drives), load_s, depart_s, back_s, self.late[-1].back_s)


def days_of(case: Case, runs: Sequence[Run], heavier: Side) -> list[VehicleDay]:
    """Give runs to vehicles, with all times."""
    timed = [
        (run, drives(case.problem, run.trips, planned(case.problem, case.problem.kinds[run.kind]))) for run in runs
    ]
    timed.sort(key=lambda pair: (pair[0].kind, sure(pair[1][0].depart_s), pair[0].trips))
    numbers = [iter(own.numbers) for own in case.vehicles]
    days = []
    for run, on_time in timed:
        own, late = case.vehicles[run.kind], late_drives(case, run, heavier)
        days.append(VehicleDay(case, own.fleet, next(numbers[run.kind]), own.trips, run, on_time, late))
    return days


def by_vehicle(days: Iterable[VehicleDay]) -> dict[Vehicle, list[VehicleDay]]:
    """Group what each vehicle does, in the order of the day."""
    found: dict[Vehicle, list[VehicleDay]] = {}
    for day in sorted(days, key=lambda day: day.outing.depart_s):
        found.setdefault(day.vehicle, []).append(day)
    return found


def in_turn(days: Iterable[VehicleDay], heavier: Mapping[str, Side]) -> list[VehicleDay]:
    """Put what vehicles do in several parts of a wave in a row: trips are numbered, and each waits for the one before.

    Parameters
    ----------
    days : iterable of VehicleDay
        Of one base; what follows may have been planned first.
    heavier : mapping of str to Side
        The late case in each part, by its name.

    Returns
    -------
    list of VehicleDay
        In the heavier weather a vehicle may come home so late that it leaves later again.
    """
    found = []
    for own in by_vehicle(days).values():
        trips, late_s = min(day.case.vehicles[day.run.kind].trips for day in own), own[0].late[-1].back_s
        for number, day in enumerate(own):
            if number:
                parked = day.case.vehicles[day.run.kind]
                vehicles = list(day.case.vehicles)
                free_late_s = None if late_s is None else max(parked.free_s, late_s)
                vehicles[day.run.kind] = replace(parked, free_late_s=free_late_s)
                case = replace(day.case, vehicles=tuple(vehicles))
                late = late_drives(case, day.run, heavier[case.wave.name])
                day = replace(day, case=case, late=late)  # noqa: PLW2901
            found.append(replace(day, trips_before=trips))
            trips, late_s = trips + len(day.drives), day.late[-1].back_s
    return found
