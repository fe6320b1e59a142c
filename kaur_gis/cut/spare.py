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
        all TPS of the trip, takes all of its load, has no trip of its own between setting out from where it stands and
        being home again, whose driver has the hours for it, and which is there soonest ("" where there is none);
        `seconds` from where it stands to the base of the trip (-1 for none).
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
    """Give the seconds from where a vehicle stands to the base of a trip, if it is free until it is home again.

    The hours of its driver must be enough for that beside his own trips of the day.
    """
    operation, trip = plan.inputs.operation, plan.trips.loc[code]
    stage = next(stage for stage in operation.stages if stage.name == trip["stage"])
    wave = next(wave for wave in operation.waves if wave.name == trip["wave"])
    closed = Hours.of(plan.inputs).held(wave, stage, fleet).closed
    times = plan.travel[fleet.vehicle, operation.weather.plan].while_closed(closed)
    depart: pd.Timestamp = plan.trips["depart"].to_dict()[code]
    loading, day = pd.Timedelta(minutes=stage.loading_minutes), depart.normalize()
    own = _own(plan, vehicle, loading)
    stands, home = _ends(own, fleet, base, depart)
    legs = plan.legs.loc[code].drop(index=0, errors="ignore")
    stops = plan.stops.index.get_indexer(pd.concat([legs["from_stop"], legs["to_stop"]]))
    a, b, c, d = plan.stops.index.get_indexer(pd.Index([stands, trip["base"], legs["to_stop"].iloc[-1], home]))
    ways = times.seconds[[a, c], [b, d]]
    if (ways < 0).any() or (times.seconds[np.ix_(stops, stops)] < 0).any():
        return
    there, back = (pd.Timedelta(seconds=int(way)) for way in ways)
    start, end = depart - loading - there, trip["back"] + back
    busy = (own["set_out"] < end) & (own["back"] > start)
    in_hours = day + pd.Timedelta(str(stage.start)) <= start and end <= day + pd.Timedelta(str(stage.end))
    today = own[own["wave"] == trip["wave"]]
    out = max([end, *today["back"]]) - min([start, *today["set_out"]])
    rested = fleet.jam_sopir is None or out <= pd.Timedelta(hours=fleet.jam_sopir)
    if in_hours and rested and not busy.any() and len(today) < fleet.max_trips:
        yield int(ways[0])


def _own(plan: Plan, vehicle: str, loading: pd.Timedelta) -> pd.DataFrame:
    """Trips of a vehicle as they depart: from when it is loaded or comes to its base, from where, and where it ends."""
    own = plan.trips[plan.trips["vehicle"] == vehicle].sort_values("depart")
    legs = plan.legs[plan.legs.index.isin(own.index, level="kode_trip")].sort_index().reset_index()
    first, last = legs.drop_duplicates("kode_trip"), legs.drop_duplicates("kode_trip", keep="last")
    comes = first[first["order"] == 0].set_index("kode_trip")["depart"].reindex(own.index)
    return own.assign(
        set_out=comes.fillna(own["depart"] - loading),
        begins=first.set_index("kode_trip")["from_stop"].reindex(own.index),
        ends=last.set_index("kode_trip")["to_stop"].reindex(own.index),
    )


def _ends(own: pd.DataFrame, fleet: Fleet, base: str, depart: pd.Timestamp) -> tuple[str, str]:
    """Where a vehicle stands before a departure, and where it must be after it: for its next trip that day, or home."""
    before, after = own[own["depart"] <= depart], own[own["depart"] > depart]
    after = after[after["depart"].dt.normalize() == depart.normalize()]
    stands = base if before.empty else str(before["ends"].iloc[-1])
    return stands, str(after["begins"].iloc[0]) if len(after) else fleet.pulang_ke or base
