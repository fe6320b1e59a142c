"""What a driver passes: villages, bridges and fords, with the metres from the stop before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from kaur_gis.travel.speeds import UNPAVED, surface_kind
from kaur_gis.write.sheets.glyphs import Glyphs

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

PASSED_M = 250.0  # a village point is passed when the road leads as near as this
ENDS_M = 300.0  # what lies nearer to an end of the drive is no landmark of it
ON_LINE_M = 0.5  # a bridge lies on the way itself
MOST_VILLAGES = 5
JOINED_M = 2.0  # pieces no farther apart are one stretch
MEASURED = 0.05  # share by which lengths along a line and along its roads may differ

Kind = Literal["village", "bridges", "fords", "unpaved"]


@dataclass(frozen=True)
class Mark:
    """One thing on the way.

    Attributes
    ----------
    kind : {"village", "bridges", "fords", "unpaved"}
    metres : float
        Road metres from the stop before [m]; of a stretch, to where it begins.
    n : int
        How many: 1 but for roads of a schematic network; of a stretch, how long it is [m].
    name : str
        Printable name of a village; "" for the others.
    point : Point
        Where it is, in the metric CRS.
    """

    kind: Kind
    metres: float
    n: int
    name: str
    point: Any


def marks(plan: Plan, lines: Sequence[Any], glyphs: Glyphs) -> list[list[Mark]]:
    """Find what lies on the way of every leg of a plan.

    Parameters
    ----------
    plan : Plan
    lines : sequence of LineString
        Geometry of the plan's legs in the metric CRS, in their order.
    glyphs : Glyphs
        Makes names printable.

    Returns
    -------
    list of list of Mark
        For each leg, in the order of driving. Bridges, fords and unpaved stretches are there only where all of the
        leg's could be put on its line; a leg within one village has no marks.
    """
    metric = plan.inputs.operation.region.metric_crs
    desa = plan.inputs.desa
    names = [glyphs.printable(name) for name in desa["nama"]]
    found: dict[int, list[Mark]] = defaultdict(list)
    metres = plan.legs["metres"].to_numpy()
    legs = np.asarray(lines, dtype=object)
    for leg, village, along, point in _near(legs, desa.geometry.to_crs(metric).to_numpy(), metres, PASSED_M):
        if ENDS_M < along < metres[leg] - ENDS_M:
            found[leg].append(Mark("village", along, 1, names[village], point))
    roads = plan.inputs.roads
    once = roads.edges[(roads.edges["twin"] < 0) | (roads.edges["twin"] > roads.edges.index)]
    on_them: dict[Kind, gpd.GeoDataFrame] = {
        "bridges": once[once["bridges"] > 0],
        "fords": once[once["fords"] > 0],
        "unpaved": once[surface_kind(once, plan.inputs.speeds) == UNPAVED],
    }
    for kind, there in on_them.items():
        told = plan.legs["unpaved_m" if kind == "unpaved" else kind].to_numpy()
        here = (_counted if roads.schematic and kind != "unpaved" else _stretches)(legs, there, metres, kind, metric)
        for leg, passed in here.items():
            if abs(sum(mark.n for mark in passed) - told[leg]) <= (MEASURED * told[leg] if kind == "unpaved" else 0):
                found[leg] += passed
    return [sorted(found[leg], key=lambda mark: (mark.metres, mark.kind, mark.name)) for leg in range(len(legs))]


def villages(passed: Sequence[Mark]) -> list[Mark]:
    """Choose at most `MOST_VILLAGES` of the villages on the way, evenly."""
    found = [mark for mark in passed if mark.kind == "village"]
    step = max(1, -(-len(found) // MOST_VILLAGES))
    return found[(len(found) - 1) % step // 2 :: step]


def _near(lines: Any, points: Any, metres: Any, distance_m: float) -> list[tuple[int, int, float, Any]]:  # noqa: ANN401 - arrays
    """Pair legs with the points beside them: leg, point, road metres along the leg, and the point itself."""
    if not len(lines) or not len(points):
        return []
    leg, point = shapely.STRtree(points).query(lines, predicate="dwithin", distance=distance_m)
    share = shapely.line_locate_point(lines[leg], points[point], normalized=True)
    rows = zip(leg.tolist(), point.tolist(), (share * metres[leg]).tolist(), points[point], strict=True)
    return sorted(rows, key=lambda row: row[:3])


def _counted(legs: Any, there: gpd.GeoDataFrame, metres: Any, kind: Kind, metric_crs: str) -> dict[int, list[Mark]]:  # noqa: ANN401 - arrays
    """Put bridges or fords into the middle of the roads that have them, for a network that says only how many."""
    middles = shapely.line_interpolate_point(there.geometry.to_crs(metric_crs).to_numpy(), 0.5, normalized=True)
    counts = there[kind].to_numpy()
    found: dict[int, list[Mark]] = defaultdict(list)
    for leg, number, along, point in _near(legs, middles, metres, ON_LINE_M):
        found[leg].append(Mark(kind, along, int(counts[number]), "", point))
    return found


def _stretches(legs: Any, there: gpd.GeoDataFrame, metres: Any, kind: Kind, metric_crs: str) -> dict[int, list[Mark]]:  # noqa: ANN401 - arrays
    """Find where drives run along some roads; pieces that follow each other are one stretch, and one bridge."""
    pieces = there.geometry.to_crs(metric_crs).to_numpy()
    found: dict[int, list[Mark]] = defaultdict(list)
    if not len(legs) or not len(pieces):
        return found
    leg, piece = shapely.STRtree(pieces).query(legs, predicate="dwithin", distance=ON_LINE_M)
    ends = [
        shapely.line_locate_point(legs[leg], shapely.get_point(pieces[piece], at), normalized=True) for at in (0, -1)
    ]
    low, high = np.minimum(*ends), np.maximum(*ends)
    middle = shapely.line_interpolate_point(legs[leg], (low + high) / 2, normalized=True)
    along = (high > low) & (shapely.distance(middle, pieces[piece]) <= ON_LINE_M)
    runs: dict[int, list[list[float]]] = defaultdict(list)
    for number, begin, end in sorted(zip(leg[along].tolist(), low[along].tolist(), high[along].tolist(), strict=True)):
        own, gap = runs[number], JOINED_M / max(float(metres[number]), 1.0)
        if own and begin <= own[-1][1] + gap:
            own[-1][1] = max(own[-1][1], end)
        else:
            own.append([begin, end])
    for number, own in runs.items():
        for begin, end in own:
            point = shapely.line_interpolate_point(legs[number], (begin + end) / 2, normalized=True)
            long = (end - begin) * metres[number]
            at, n = (begin, round(long)) if kind == "unpaved" else ((begin + end) / 2, 1)
            found[number].append(Mark(kind, float(at * metres[number]), n, "", point))
    return found


def positions(passed: Sequence[Mark]) -> Mapping[str, list[float]]:
    """Metres at which bridges and fords lie, by kind."""
    found: dict[str, list[float]] = {"bridges": [], "fords": []}
    for mark in passed:
        if mark.kind in found:
            found[mark.kind].append(mark.metres)
    return found


def rough(passed: Sequence[Mark]) -> list[tuple[float, float]]:
    """Where unpaved stretches begin, and how long they are [m]."""
    return [(mark.metres, float(mark.n)) for mark in passed if mark.kind == "unpaved"]
