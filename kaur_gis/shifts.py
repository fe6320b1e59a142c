"""The working days of drivers: from when until when a vehicle is at work, on each day out and after counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from kaur_gis.config import DAY_S, Kembali, Operation, Stage

COLUMNS = ["vehicle", "wave", "fleet", "stage", "n_trips", "metres", "begins", "ends", "begins_late", "ends_late"]


def shifts_out(operation: Operation, trips: pd.DataFrame, legs: pd.DataFrame) -> pd.DataFrame:
    """List the working days of the way out, one row per vehicle and wave with its parts, of which the first is told.

    A driver begins as planned in either weather, with the empty drive to his base, or to load his first trip; he is
    home when the last trip is back.

    Parameters
    ----------
    operation : Operation
    trips, legs : DataFrame
        Layers of the same names.

    Returns
    -------
    DataFrame
        `vehicle`, `wave`, `fleet` and `stage` as in `Trips`; `n_trips`, `metres` driven [m]; `begins`, `ends`, and the
        same in the heavier weather, `begins_late` and `ends_late`: NaT where it never comes home.
    """
    whole = trips["wave"].map(operation.whole_waves)
    table, last = _by_vehicle(trips.assign(whole=whole.astype("str")), ["vehicle", "whole"])
    came = legs[legs.index.isin([0], level="order")]["depart"].droplevel("order").reindex(table.index)
    table["begins"] = came.fillna(table["depart"] - _minutes(table["stage"], operation.stages)).array
    table["begins_late"] = table["begins"]
    table["ends"], table["ends_late"] = last["back"].array, last["back_late"].array
    return table[COLUMNS].reset_index(drop=True)


def shifts_back(operation: Operation, trips: pd.DataFrame, legs: pd.DataFrame) -> pd.DataFrame:
    """List the working days after counting, one row per vehicle and day: the next begins a day after the one before.

    A driver begins when he leaves for his first load. In the heavier weather he begins as planned, or where nothing is
    loaded in the dark then when it is light. He is home when the last load is unloaded, or has driven on from there.

    Parameters
    ----------
    operation : Operation
    trips, legs : DataFrame
        Layers `BackTrips` and `BackLegs`.

    Returns
    -------
    DataFrame
        As `shifts_out` does.
    """
    table, last = _by_vehicle(trips.assign(day=trips.index.map(days_back(trips))), ["vehicle", "day"])
    unload = _minutes(table["stage"], operation.kembali)
    table["begins"] = table["depart"]
    table["begins_late"] = _in_light(operation, table["stage"], table["depart"] - unload) + unload
    behind = legs[~legs.index.get_level_values("kode_trip").duplicated(keep="last")].droplevel("order")
    behind = behind.reindex(last["kode_trip"])
    goes = behind["to_stop"].array != last["base"].array
    for name, back, arrive in (("ends", "back", "arrive"), ("ends_late", "back_late", "arrive_late")):
        unloaded = last[back].array + unload.array
        table[name] = pd.Series(unloaded, index=table.index).mask(goes, pd.Series(behind[arrive].array, table.index))
    return table[COLUMNS].reset_index(drop=True)


def days_back(trips: pd.DataFrame) -> dict[str, int]:
    """Say when the working day began in which each trip of the way back is driven, by `kode_trip` [s since 1970].

    Parameters
    ----------
    trips : DataFrame
        Layer `BackTrips`.
    """
    departs = trips["depart"].to_numpy().astype("datetime64[s]").astype("int64").tolist()
    by_vehicle: dict[str, list[tuple[int, str]]] = {}
    for trip, vehicle, depart in sorted(
        zip(trips.index, trips["vehicle"], departs, strict=True), key=lambda row: row[2]
    ):
        by_vehicle.setdefault(vehicle, []).append((depart, trip))
    days = ((own, day_begins(depart for depart, _ in own)) for own in by_vehicle.values())
    return {trip: begin for own, begins in days for (_, trip), begin in zip(own, begins, strict=True)}


def day_begins(departs: Iterable[int]) -> list[int]:
    """Say when the working day began in which a vehicle leaves for each of its trips after counting.

    The next one begins a day after the one before it began, or later.

    Parameters
    ----------
    departs : iterable of int
        When its trips leave, ascending [s].
    """
    found: list[int] = []
    for depart in departs:
        found.append(found[-1] if found and depart - found[-1] < DAY_S else depart)
    return found


def _by_vehicle(trips: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the first trip of each vehicle, by its code, with the sums of all; and in the same order its last trip."""
    rows = trips.reset_index().sort_values([*by, "trip_no"])
    firsts, lasts = (~rows.duplicated(by, keep=keep).to_numpy() for keep in ("first", "last"))
    begins = np.flatnonzero(firsts)
    metres = np.add.reduceat(rows["metres"].to_numpy(), begins)
    first = rows[firsts].assign(n_trips=np.diff(begins, append=len(rows)), metres=metres)
    return first.set_index("kode_trip"), rows[lasts]


def _minutes(stages: pd.Series, rows: Sequence[Stage | Kembali]) -> pd.Series:
    """Look up how long loading takes in each stage, to the next whole second."""
    known = {row.name: pd.Timedelta(minutes=row.loading_minutes).ceil("s") for row in rows}
    return pd.to_timedelta(stages.map(known))


def _in_light(operation: Operation, stages: pd.Series, times: pd.Series) -> pd.Series:
    """Wait until it is light, where in the heavier weather nothing is loaded in the dark."""
    waits = {row.name for row in operation.kembali if row.storm_waits}
    if operation.daylight is None or operation.weather.late == operation.weather.plan:
        return times
    midnight = np.datetime64(operation.operation.voting_day, "s")
    downs, rises = (midnight + np.array(at_s, "m8[s]") for at_s in zip(*operation.daylight.dark_s(), strict=True))
    night = np.searchsorted(downs, times.to_numpy(), side="right") - 1
    light = pd.Series(rises[night], index=times.index, dtype=times.dtype)
    return times.mask(stages.isin(waits) & (night >= 0) & (times < light), light)
