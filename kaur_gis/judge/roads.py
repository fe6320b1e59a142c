"""Promises about the drives: each leg is the quickest drive over the roads, and is drawn where it runs.

What is recomputed, and what is not. The speed of every edge, the drive of every leg and its metres are found again
from the road layers, over the points at which the leg's line begins and ends; that these points are the ones
nearest to the stops, on the part of the network that the leg drives, is checked too. Which part counts as the main
one is not judged, nor cells of the matrix that no leg drives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from kaur_gis.config import WEATHERS
from kaur_gis.judge.apart import TIE_S
from kaur_gis.judge.facts import Broken, Facts
from kaur_gis.judge.network import Met, Network
from kaur_gis.judge.rows import Row

GEOD = Geod(ellps="WGS84")
SECONDS, METRES, SHARE = 1.5, 1.5, 0.001
"""A leg may differ from the recomputed drive by so much: whole seconds and metres, and 0.1 percent."""
POINT_M = 1.5  # two ways to measure a distance of up to a few kilometres may differ by so much [m]
DRAWN_SHARE, DRAWN_M = 0.01, 5.0
OFF_ROAD_M = 50.0
EQUAL = tuple(sign * 10.0**-digits for digits in range(2, 7) for sign in (1, -1))
"""What a metre costs [s] where equally quick drives are sought: little finds kilometres more, much a few metres."""


def roads(facts: Facts) -> Iterator[Broken]:
    """Each leg takes the seconds and metres of the quickest drive over the roads, from and to the nearest road."""
    hours = {kode: (facts.trips[kode]["profile"], facts.closing(facts.trips[kode]).closed) for kode in facts.legs_today}
    for profile, closed in sorted(set(hours.values())):
        network = facts.network(profile, closed)
        driven = (rows for kode, rows in facts.legs_today.items() if hours[kode] == (profile, closed))
        legs = [leg for rows in driven for leg in rows]
        stops = _stops(facts, network, {leg["to_stop"]: leg["geometry"] for leg in legs})
        for stop, there in stops.items():
            if there.met.known:
                yield from _snapped(facts, network, stop, there, profile)
            else:
                yield Broken(f"{stop} {profile}", there.end.wkt, "road_edges")
        met = {stop: there.met for stop, there in stops.items() if there.met.known}
        known = [leg for leg in legs if leg["from_stop"] in met and leg["to_stop"] in met]
        pairs = [(leg["from_stop"], leg["to_stop"], _most(leg["seconds"], SECONDS)) for leg in known]
        drives = network.drives(met, pairs)
        odd = [
            number
            for number, (leg, (seconds, metres)) in enumerate(zip(known, drives, strict=True))
            if _near(leg["seconds"], seconds, SECONDS) and not _near(leg["metres"], metres, METRES)
        ]
        spans = dict(zip(odd, _spans(network, met, [(*pairs[at][:2], *drives[at]) for at in odd]), strict=True))
        for number, (leg, (seconds, metres)) in enumerate(zip(known, drives, strict=True)):
            least, most = spans.get(number, (metres, metres))
            right = min(max(leg["metres"], least), most)
            if not (_near(leg["seconds"], seconds, SECONDS) and _near(leg["metres"], right, METRES)):
                value = f"{leg['kode_trip']} {leg['from_stop']} -> {leg['to_stop']}"
                yield Broken(value, f"{leg['seconds']} s, {leg['metres']} m", f"{seconds:.1f} s, {metres:.1f} m")


def _spans(
    network: Network, met: dict[str, Met], known: list[tuple[str, str, float, float]]
) -> list[tuple[float, float]]:
    """Find the shortest and the longest of the drives that may count as equally quick [m].

    Parameters
    ----------
    network : Network
    met : dict
        Where each stop meets the roads.
    known : list of (from, to, seconds, metres)
        With the quickest drive, the shortest of those.
    """
    found = [
        network.drives(met, [(a, b, seconds + tie * metres + TIE_S) for a, b, seconds, metres in known], tie)
        for tie in (EQUAL if known else ())
    ]
    spans = []
    for (*_, seconds, metres), *ways in zip(known, *found, strict=True):
        lengths = [metres, *(way_m for way_s, way_m in ways if way_s <= seconds + TIE_S)]
        spans.append((min(lengths), max(lengths)))
    return spans


class _Stop(NamedTuple):
    """The end of a drive to a stop, in degrees and metres; where that is on the roads; the stop, and how far it is.

    `nearest_m` is its distance to the nearest road of that part of the network; infinite where it meets a node.
    """

    end: shapely.Point
    at: shapely.Point
    met: Met
    own: shapely.Point
    gap_m: float
    nearest_m: float


def _stops(facts: Facts, network: Network, lines: dict[str, shapely.LineString]) -> dict[str, _Stop]:
    """Find where drives to stops end."""
    ends = shapely.get_point(list(lines.values()), -1)
    at = facts.ground.in_metres(ends)
    own = np.array([facts.gates_metric[stop] for stop in lines], dtype=object)
    met = network.met(at, schematic=facts.plan.inputs.roads.schematic)
    gaps, nearest_m = shapely.distance(own, at).tolist(), network.nearest_m(met, own).tolist()
    return dict(zip(lines, map(_Stop, ends, at, met, own, gaps, nearest_m), strict=True))


def _snapped(facts: Facts, network: Network, stop: str, there: _Stop, profile: str) -> Iterator[Broken]:
    """Whether a stop meets the nearest road of its part of the network, and boxes are carried from there."""
    inputs, row, gap = facts.plan.inputs, facts.stops[stop], there.gap_m
    home = False
    gate_m = facts.gates_m[stop]
    if inputs.roads.schematic:
        gated = not pd.isna(row["akses_lon"])
        right = network.right_nodes(there.met, there.own, "" if gated else row["kode_desa"])
        at_home = there.met.node in network.of_village.get(row["kode_desa"], ())
        home = not gated and at_home and row["posisi"] == "desa"
        if there.met.node not in right:
            yield Broken(f"{stop} {profile}", there.at.wkt, network.points[min(right)].wkt)
    elif abs(there.nearest_m - gap) > POINT_M:
        yield Broken(f"{stop} {profile}", f"{gap:.1f} m", f"{there.nearest_m:.1f} m")
    weather = inputs.operation.weather.plan
    found = facts.carry_s(profile, stop)
    kmh = inputs.speeds.carry_kmh[WEATHERS.index(weather)]
    pace = 3.6 / kmh if kmh else np.inf  # seconds a metre
    # a stop that stands for its village lies at the village's own node: nothing is known that would have to be carried
    wanted = 0.0 if home or not gap + gate_m else (gap + gate_m) * pace
    if not _near(found, wanted, SECONDS + (POINT_M * pace if wanted else 0.0)):
        yield Broken(f"{stop} {profile}", f"carry_s = {found}", f"{wanted:.0f}")


def geometry(facts: Facts) -> Iterator[Broken]:
    """Each leg's line runs along road edges from near one stop to near the other, and is as long as its metres."""
    inputs = facts.plan.inputs
    names = [f"{leg['kode_trip']} {leg['order']}" for leg in facts.all_today]
    for value, leg, gaps, length in zip(
        names, facts.all_today, gaps_m(facts, facts.all_today), facts.drawn.lengths_m, strict=True
    ):
        profile = facts.trips[leg["kode_trip"]]["profile"]
        for stop, gap in zip((leg["from_stop"], leg["to_stop"]), gaps, strict=True):
            snap_m = facts.snap_m(profile, stop)
            if abs(gap - snap_m) > POINT_M or gap > inputs.operation.roads.max_snap_m + POINT_M:
                yield Broken(f"{value} {stop}", f"{gap:.1f} m", f"{snap_m:.1f} m")
        far_m = facts.snap_m(profile, leg["to_stop"]) + facts.gates_m[leg["to_stop"]]
        on_road = not inputs.roads.schematic and far_m <= OFF_ROAD_M
        walk_s = facts.carry_s(profile, leg["to_stop"])
        walk_m = far_m * bool(walk_s)
        if leg["walk_s"] != walk_s:
            yield Broken(value, f"walk_s = {leg['walk_s']}", walk_s)
        if abs(leg["walk_m"] - walk_m) > POINT_M or bool(leg["on_road"]) != on_road:
            yield Broken(value, f"{leg['walk_m']:.1f} m, on_road = {leg['on_road']}", f"{walk_m:.1f} m, {on_road}")
        if not inputs.roads.schematic and abs(length - leg["metres"]) > DRAWN_SHARE * leg["metres"] + DRAWN_M:
            yield Broken(value, f"{leg['metres']} m", f"{length:.0f} m")
    for value in sorted({names[number] for number in facts.ground.off_road(facts.drawn, POINT_M)}):
        yield Broken(value, "-", "road_edges")


def gaps_m(facts: Facts, rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Distances from the first stop of some drives to where the line begins, and from its end to the last stop [m]."""
    lines = [row["geometry"] for row in rows]
    found = []
    for name, place in (("from_stop", 0), ("to_stop", -1)):
        stops = shapely.get_coordinates([facts.gates[row[name]] for row in rows])
        ends = shapely.get_coordinates(shapely.get_point(lines, place))
        found.append([float(gap) for gap in GEOD.inv(*stops.T, *ends.T)[2]])
    return list(zip(*found, strict=True))


def _near(found: float, wanted: float, within: float) -> bool:
    return abs(found - wanted) <= within + SHARE * wanted if np.isfinite(wanted) else False


def _most(seconds: float, within: float) -> float:
    """Beyond this a drive would break the promise anyway; no need to search farther."""
    return seconds * (1 + 2 * SHARE) + 2 * within + 1
