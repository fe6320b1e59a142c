"""Drives that stay what they were; and other ways: a closure only takes ways away, so one it does not touch is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kaur_gis.changed import changed
from kaur_gis.config import Operation
from kaur_gis.hours import Closed, Hours
from kaur_gis.inputs import Inputs
from kaur_gis.other_ways import FOUND, Found, Way, asked_of
from kaur_gis.plan import Plan
from kaur_gis.travel import TravelTimes

TOUCH_DEG = 1e-6  # lines that are drawn to 7 decimals of a degree and come so near meet
DRIVEN = ("ada_lain", "satu_jalan")
FIRST = ("first_s", "first_m")
DRIVEN_ON = ("roads", "speeds", "kecamatan")
ENDS = ("from_stop", "to_stop")
ALIKE = ("speeds", "tempat", "kecamatan")


def drives_untouched(plan: Plan, inputs: Inputs, stops: gpd.GeoDataFrame) -> bool:
    """Whether every drive is what it was and can be shown: between the same stops, on the same roads, as much closed.

    The travel times of a plan that was written and read again show no drives: new trips would have no lines.

    Parameters
    ----------
    plan : Plan
    inputs : Inputs
        Its inputs after a change; of the operation vehicles that broke down change no drive.
    stops : GeoDataFrame
        Layer `Stops`.
    """
    before = plan.inputs
    shown = all(times.drives is not None for times in plan.travel.values())
    same = shown and stops is plan.stops and all(getattr(before, name) is getattr(inputs, name) for name in DRIVEN_ON)
    return same and _unbroken(before.operation) == _unbroken(inputs.operation)


def _unbroken(operation: Operation) -> Operation:
    whole = tuple(fleet.model_copy(update={"rusak": ()}) for fleet in operation.fleet)
    return operation.model_copy(update={"fleet": whole})


def ways_untouched(
    plan: Plan,
    inputs: Inputs,
    travel: Mapping[tuple[str, str], TravelTimes],
    asked: Iterable[Way],
    shut: shapely.STRtree,
) -> dict[Way, Found]:
    """List the other ways of a plan that no road meets which was closed since, and neither do the first ways.

    Parameters
    ----------
    plan : Plan
    inputs : Inputs
        Its inputs, with further roads closed, on the same stops.
    travel : mapping of (vehicle, weather) to TravelTimes
        With these roads closed.
    asked : iterable of Way
        As TPS are served now.
    shut : STRtree
        As `other_roads` finds them.

    Returns
    -------
    dict
        As `other_ways.other_ways` takes it; empty where more than closures is different.
    """
    before, weather = plan.inputs, plan.inputs.operation.weather.plan
    n = len(before.roads.closures)
    same = alike(before, inputs)
    same &= before.operation.weather == inputs.operation.weather and before.operation.roads == inputs.operation.roads
    same &= [one.asked for one in before.roads.closures] == [one.asked for one in inputs.roads.closures[:n]]
    if not same or plan.other_ways.empty:
        return {}
    rows = plan.other_ways[plan.other_ways["jalan"].isin(DRIVEN) & (plan.other_ways["first_s"] > 0)]
    old_ways = zip(sorted(plan.tps.index), asked_of(before, plan.tps, plan.trips, plan.loads), strict=True)
    old = {way: kode for kode, way in old_ways if kode in rows.index}
    found = {str(kode): row for kode, *row in rows[[*FIRST, *FOUND]].itertuples(name=None)}
    known: dict[Way, Found] = {}
    same_ways: dict[tuple[str, Closed], list[tuple[Way, list[Any]]]] = {}
    for way in sorted(set(asked)):
        was = old.get((way[0], tuple(one for one in way[1] if one < n), *way[2:]))
        if was is not None:
            same_ways.setdefault(way[:2], []).append((way, found[was]))
    for (profile, closed), both in same_ways.items():
        times = travel[profile, weather].while_closed(closed)
        a, b = (times.stops.get_indexer(pd.Index([way[end] for way, _ in both])) for end in (2, 3))
        first = np.array([row[:2] for _, row in both])
        stay = np.flatnonzero((times.seconds[a, b] == first[:, 0]) & (times.metres[a, b] == first[:, 1])).tolist()
        ways = times.shown([both[number][0][2:] for number in stay])["geometry"]
        others = np.array([both[number][1][-1] for number in stay], dtype=object)
        meet = met(ways, shut) | met(others, shut)
        for at, number in enumerate(stay):
            if not meet[at]:
                way, (*_, seconds, metres, shared_m, line) = both[number]
                known[way] = (seconds, metres, shared_m, line)
    return known


def led_elsewhere(
    trips: pd.DataFrame,
    legs: gpd.GeoDataFrame,
    inputs: Inputs,
    travel: Mapping[tuple[str, str], TravelTimes],
    shut: shapely.STRtree,
) -> set[str]:
    """Find trips with a drive that takes as long as before, and leads along other roads.

    Where two ways to a stop are equally long, the other one takes over when one is closed: no time and no length tells.

    Parameters
    ----------
    trips, legs : DataFrame, GeoDataFrame
        Layers `Trips` and `Legs` of a plan, their stops named as in `travel`; legs only of trips whose vehicle and
        wave there are still.
    inputs : Inputs
        Its inputs after a change.
    travel : mapping of (vehicle, weather) to TravelTimes
        After that change.
    shut : STRtree
        As `other_roads` finds them.

    Returns
    -------
    set of str
        `kode_trip`; nothing is said of trips with a drive that is no more.
    """
    weather, hours = inputs.operation.weather.plan, Hours.of(inputs).trips
    by = ["profile", "wave", "stage", "fleet"]
    rows = legs[met(legs.geometry.to_numpy(), shut)].reset_index().join(trips[by], on="kode_trip")
    found: set[str] = set()
    for (profile, *trip), own in rows.groupby(by, sort=True):
        times = travel[profile, weather].while_closed(hours[tuple(trip)].closed)
        a, b = (times.stops.get_indexer(pd.Index(own[name])) for name in ENDS)
        there = own[times.seconds[a, b] != times.UNREACHABLE]
        now = times.shown(zip(*(there[name].tolist() for name in ENDS), strict=True))["geometry"]
        same = shapely.equals_exact(there.geometry.to_numpy(), now, TOUCH_DEG)
        found |= set(there["kode_trip"][~same])
    return found


def alike(before: Inputs, after: Inputs) -> bool:
    """Whether places, speeds and borders are the same."""
    return all(getattr(before, name) is getattr(after, name) for name in ALIKE)


def met(lines: NDArray[np.object_], shut: shapely.STRtree) -> NDArray[np.bool_]:
    """Mark which lines meet a road that is another one now; shape (n,)."""
    found = np.zeros(len(lines), dtype=np.bool_)
    found[shut.query(lines, "dwithin", TOUCH_DEG)[0]] = True
    return found


def other_roads(before: Inputs, after: Inputs) -> shapely.STRtree:
    """Index the lines of all roads that are other ones now: closed since, cut, or new."""
    old, new = before.roads.edges, after.roads.edges
    there = old.index.intersection(new.index)
    other = changed(old.loc[there], new.loc[there])
    closed = {edge for one in after.roads.closures[len(before.roads.closures) :] for edge in one.edges}
    own = new.geometry[~new.index.isin(there[~other]) | new.index.isin(list(closed))]
    return shapely.STRtree([*old.geometry[~old.index.isin(there[~other])], *own])
