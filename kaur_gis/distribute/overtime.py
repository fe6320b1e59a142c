"""Who is out too long in the heavier weather: a driver's day, planned against and named, and a leg of the way back."""

from __future__ import annotations

import math

import pandas as pd

from kaur_gis.config import Operation
from kaur_gis.distribute.rounded import hours_s, minutes_s
from kaur_gis.problems import Problem


def overtime(operation: Operation, trips: pd.DataFrame, legs: pd.DataFrame) -> list[Problem]:
    """Name the vehicles whose drivers are out too long in the heavier weather, once a day.

    A driver begins as planned, with the empty drive to his base or to load his first trip, and is home when the
    last trip is back in that weather, if ever.

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
    limits = {fleet.kode: fleet.jam_sopir for fleet in operation.fleet if fleet.jam_sopir is not None}
    loading = {stage.name: pd.Timedelta(seconds=minutes_s(stage.loading_minutes)) for stage in operation.stages}
    came = legs[legs.index.isin([0], level="order")]["depart"].droplevel("order")
    found = []
    limited = trips[trips["fleet"].isin(limits)].sort_values("trip_no")
    for (vehicle, wave), own in limited.groupby(["vehicle", "wave"], sort=True):
        first, last = own.iloc[0], own.iloc[-1]
        began = came.get(own.index[0], first["depart"] - loading[first["stage"]])
        most = limits[first["fleet"]]
        late = (last["back_late"] - began).total_seconds()  # not a number where it never comes home
        if not late <= hours_s(most):
            minutes = "-" if pd.isna(late) else str(math.ceil(late / 60))
            details: dict[str, str | int] = {"wave": str(wave), "menit": minutes, "paling": hours_s(most) // 60}
            found.append(Problem("driver_risk", value=str(vehicle), level="note", details=details))
    return found


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
