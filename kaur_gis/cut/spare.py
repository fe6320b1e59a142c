"""Who can take over the trips of a vehicle that broke down: the nearest one that is free and has room."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from kaur_gis.config import Fleet, Stage
from kaur_gis.hours import Hours
from kaur_gis.plan import Plan


def spares(plan: Plan, trips: Collection[str], broken: Collection[str]) -> pd.DataFrame:
    """Find the nearest spare vehicle for each of some trips.

    Parameters
    ----------
    plan : Plan
        In which the trips stand.
    trips : collection of str
        `kode_trip`.
    broken : collection of str
        Vehicles that can't be spares, besides those of which the plan knows that they broke down.

    Returns
    -------
    DataFrame
        Indexed by `kode_trip`, sorted: `vehicle` that broke down; `spare`, the vehicle of the same stage that may serve
        all TPS of the trip, takes all of its load, has no trip of its own between setting out and being home again, and
        is there soonest ("" where there is none); `seconds` from its base to that of the trip (-1 for none).
    """
    stages = {stage.name: stage for stage in plan.inputs.operation.stages}
    rows = {}
    for code in sorted(trips):
        trip = plan.trips.loc[code]
        found = [
            (seconds, vehicle)
            for vehicle, fleet, base in _vehicles(plan, stages[str(trip["stage"])])
            if vehicle not in {*broken, *fleet.rusak} and _has_room(plan, code, fleet)
            for seconds in _on_time(plan, code, vehicle, fleet, base)
        ]
        seconds, spare = min(found, default=(-1, ""))
        rows[code] = {"vehicle": trip["vehicle"], "spare": spare, "seconds": seconds}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["vehicle", "spare", "seconds"])
    return frame.rename_axis("kode_trip")


def _vehicles(plan: Plan, stage: Stage) -> Iterator[tuple[str, Fleet, str]]:
    """List every vehicle of a stage by the name that trips give it, with its row and its base."""
    bases = plan.stops.index[plan.stops["kind"] == stage.origin]
    for fleet in plan.inputs.operation.fleet:
        digits = max(2, len(str(fleet.count)))
        for base in bases if fleet.stage == stage.name else ():
            if not fleet.bases or base in fleet.bases:
                for number in range(1, fleet.count + 1):
                    yield f"{base}-{fleet.kode}-{number:0{digits}d}", fleet, str(base)


def _has_room(plan: Plan, code: str, fleet: Fleet) -> bool:
    """Whether a vehicle takes the whole load of a trip, and may serve all its TPS."""
    trip = plan.trips.loc[code]
    takes = all(trip[name] <= getattr(fleet, f"max_{name}") for name in ("kotak", "kg", "m3"))
    stage = next(stage for stage in plan.inputs.operation.stages if stage.name == trip["stage"])
    return takes and (
        stage.target != "tps" or set(plan.tps["akses"].loc[plan.loads.loc[code].index]) <= set(fleet.akses)
    )


def _on_time(plan: Plan, code: str, vehicle: str, fleet: Fleet, base: str) -> Iterator[int]:
    """Give the seconds from a base to that of a trip, if the vehicle is free from setting out to coming home."""
    operation, trip = plan.inputs.operation, plan.trips.loc[code]
    stage = next(stage for stage in operation.stages if stage.name == trip["stage"])
    wave = next(wave for wave in operation.waves if wave.name == trip["wave"])
    closed = Hours.of(plan.inputs).held(wave, stage, fleet).closed
    times = plan.travel[fleet.vehicle, operation.weather.plan].while_closed(closed)
    here, there = plan.stops.index.get_indexer(pd.Index([base, trip["base"]]))
    legs = plan.legs.loc[code].drop(index=0, errors="ignore")
    stops = plan.stops.index.get_indexer(pd.concat([legs["from_stop"], legs["to_stop"]]))
    ways = times.seconds[[here, there], [there, here]]
    if (ways < 0).any() or (times.seconds[np.ix_(stops, stops)] < 0).any():
        return
    out, home = (pd.Timedelta(seconds=int(way)) for way in ways)
    start = trip["depart"] - pd.Timedelta(minutes=stage.loading_minutes) - out
    end = trip["back"] + home
    day = trip["depart"].normalize()
    own = plan.trips[plan.trips["vehicle"] == vehicle]
    loading = pd.Timedelta(minutes=stage.loading_minutes)
    busy = (own["depart"] - loading < end) & (own["back"] > start)
    in_hours = day + pd.Timedelta(str(stage.start)) <= start and end <= day + pd.Timedelta(str(stage.end))
    if in_hours and not busy.any() and (own["wave"] == trip["wave"]).sum() < fleet.max_trips:
        yield int(ways[0])
