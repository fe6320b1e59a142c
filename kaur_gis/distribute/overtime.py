"""Who is out too long in the heavier weather: a driver's day, and a leg of the way back; and who waits for days."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from kaur_gis.config import Operation, Wave
from kaur_gis.distribute.rounded import hours_s
from kaur_gis.hours import WORK
from kaur_gis.problems import Problem
from kaur_gis.shifts import shifts_back, shifts_out


def overtime(operation: Operation, trips: pd.DataFrame, legs: pd.DataFrame) -> list[Problem]:
    """Name the vehicles whose drivers are out too long in the heavier weather, once a day.

    Parameters
    ----------
    operation : Operation
    trips, legs : DataFrame
        Layers of the same names.

    Returns
    -------
    list of Problem
        Level `note`; `value` is the vehicle. Days with trips of an older plan are named, too.
    """
    return _too_long(operation, shifts_out(operation, _limited(operation, trips), legs), "driver_risk", "wave")


def overtime_back(operation: Operation, trips: pd.DataFrame, legs: pd.DataFrame) -> list[Problem]:
    """Name the vehicles whose drivers are out too long after counting, in the heavier weather.

    Parameters
    ----------
    operation : Operation
    trips, legs : DataFrame
        Layers `BackTrips` and `BackLegs`.

    Returns
    -------
    list of Problem
        Level `note`; `value` is the vehicle.
    """
    return _too_long(operation, shifts_back(operation, _limited(operation, trips), legs), "back_driver_risk", "stage")


def _limited(operation: Operation, trips: pd.DataFrame) -> pd.DataFrame:
    """Take the trips of drivers whose hours are limited."""
    limited = [fleet.kode for fleet in operation.fleet if fleet.jam_sopir is not None]
    return trips[trips["fleet"].isin(limited)]


def _too_long(operation: Operation, shifts: pd.DataFrame, what: str, when: str) -> list[Problem]:
    """Name the working days that are longer than they may be in the heavier weather."""
    limits = {fleet.kode: hours_s(fleet.jam_sopir) for fleet in operation.fleet if fleet.jam_sopir is not None}
    found = []
    for row in shifts.to_dict("records"):
        late, most = (row["ends_late"] - row["begins_late"]).total_seconds(), limits[row["fleet"]]
        never = pd.isna(late)
        if never or late > most:
            details: dict[str, str | int] = {when: str(row[when]), "day": f"{row['begins']:%Y-%m-%d}"}
            details |= {} if never else {"menit": str(math.ceil(late / 60)), "paling": most // 60}
            name = f"{what}_never" if never else what
            found.append(Problem(name, value=str(row["vehicle"]), level="note", details=details))
    return found


def on_later_days(trips: pd.DataFrame, waves: Iterable[Wave]) -> list[Problem]:
    """Say of how many TPS boxes, or copies, are fetched only on a later day of a leg of the way back.

    Parameters
    ----------
    trips : DataFrame
        Layer `BackTrips`.
    waves : iterable of Wave
        As `back_waves` gives them.

    Returns
    -------
    list of Problem
        Level `note`; `value` is the leg.
    """
    hours = ((wave.name, wave.start_s, wave.end_s) for wave in waves)
    days = [name for name, begin, end in hours if begin is not None and end == begin + WORK.total_seconds()]
    later = trips[trips["wave"].isin(days)]
    later = later.assign(day=later["depart"].dt.strftime("%Y-%m-%d"))
    found = later.groupby(["stage", "day"], as_index=False)["n_tps"].sum()
    return [
        Problem("back_later_day", value=stage, level="note", details={"day": day, "n_tps": n})
        for stage, day, n in found.itertuples(index=False, name=None)
    ]


def late_back(operation: Operation, trips: pd.DataFrame) -> list[Problem]:
    """Name the bases to which loads come after the end of a leg of the way back, in the heavier weather.

    Parameters
    ----------
    operation : Operation
    trips : DataFrame
        Layer `BackTrips`.

    Returns
    -------
    list of Problem
        Level `note`; `value` is the base.
    """
    midnight = pd.Timestamp(operation.operation.voting_day)
    ends = {row.name: midnight + pd.Timedelta(seconds=row.end_s) for row in operation.kembali}
    over = trips[trips["back_late"] > trips["stage"].map(ends)]
    found = []
    for base, stage, n in (
        over.groupby(["base", "stage"], as_index=False)["n_tps"].sum().itertuples(index=False, name=None)
    ):
        details: dict[str, str | int] = {"stage": stage, "n_tps": n, "end": f"{ends[stage]:%Y-%m-%d %H:%M}"}
        found.append(Problem("back_late_risk", value=base, level="note", details=details))
    return found
