"""How late each trip may leave: computed backwards, from the last deadline to the first gate.

If every trip left at its latest safe departure, everything would still be in time on the planned roads: at the
TPS by the deadline of the wave, at each transfer point before the next vehicle must load, at home by the end
of the day.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.kept import seconds_of
from kaur_gis.distribute.rounded import hours_s, minutes_s
from kaur_gis.distribute.store import leaves_by_s


def latest_departures(chain: Chain, trips: pd.DataFrame, legs: pd.DataFrame, loads: pd.DataFrame) -> list[int]:
    """Compute the latest safe departure of each trip.

    Parameters
    ----------
    chain : Chain
    trips, legs, loads : DataFrame
        Layers of the same names; `trips` without this column.

    Returns
    -------
    list of int
        One figure per row of `trips` [s since 1970]; never before the planned departure.
    """
    operation = chain.operation
    times = {name: seconds_of(legs[name]) for name in ("depart", "arrive")}
    visits: dict[str, list[tuple[str, int, int]]] = {}
    orders: dict[Any, int] = loads["order"].to_dict()
    walks: dict[Any, int] = legs["walk_s"].to_dict()
    for (trip, kode), order in orders.items():
        there = times["arrive"][trip, order] + walks[trip, order]
        visits.setdefault(trip, []).append((kode, there, times["depart"][trip, order + 1]))
    waves = {wave.name: wave for wave in operation.waves}
    fleets = {fleet.kode: fleet for fleet in operation.fleet}
    depart, back = seconds_of(trips["depart"]), seconds_of(trips["back"])
    found: dict[str, int] = {}
    goes_on_by: dict[str, int] = {}
    for stage in reversed(operation.stages):
        free_by = dict[tuple[str, str], int]()
        own = trips[trips["stage"] == stage.name].sort_values("trip_no", ascending=False)
        began = dict[tuple[str, str], int]()
        for trip, vehicle, wave in zip(own.index, own["vehicle"], own["wave"], strict=True):  # the first stands last
            loaded = depart[trip] - minutes_s(stage.loading_minutes)
            began[vehicle, waves[wave].whole] = times["depart"].get((trip, 0), loaded)
        columns = (own[name] for name in ("vehicle", "wave", "fleet", "base"))
        for trip, vehicle, wave, fleet, base in zip(own.index, *columns, strict=True):
            midnight = int(pd.Timestamp(operation.day_of(waves[wave], stage)).timestamp())
            light = operation.out_s(stage, fleets[fleet], waves[wave])
            end = midnight + (stage.end_s if light is None else min(stage.end_s, light[1]))
            hours, day = fleets[fleet].jam_sopir, (vehicle, waves[wave].whole)
            if hours is not None:
                end = min(end, began[day] + hours_s(hours))
            slack = [min(end, free_by.get(day, end)) - back[trip]]
            left_by = leaves_by_s(operation, stage, base)
            slack += [] if left_by is None else [midnight + left_by - depart[trip]]
            for kode, there, done in visits[trip]:
                if stage.target == "tps":
                    slack.append(midnight + chain.arrive_by_s(kode, waves[wave]) - there)
                elif kode in goes_on_by:  # by the stage that comes next for it
                    slack.append(goes_on_by[kode] - done)
            found[trip] = depart[trip] + min(slack)
            free_by[day] = found[trip] - minutes_s(stage.loading_minutes)
            goes_on_by |= {kode: free_by[day] for kode, *_ in visits[trip]}
    return [found[trip] for trip in trips.index]
