"""What a driver passes: villages, bridges and fords, with the metres from the stop before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from kaur_gis.write.sheets.glyphs import Glyphs

if TYPE_CHECKING:
    from kaur_gis.inputs import Roads
    from kaur_gis.plan import Plan

PASSED_M = 250.0  # a village point is passed when the road leads as near as this
ENDS_M = 300.0  # what lies nearer to an end of the drive is no landmark of it
ON_LINE_M = 0.5  # a bridge lies on the way itself
MOST_VILLAGES = 5

Kind = Literal["village", "bridges", "fords"]


@dataclass(frozen=True)
class Mark:
    """One thing on the way.

    Attributes
    ----------
    kind : {"village", "bridges", "fords"}
    metres : float
        Road metres from the stop before [m].
    n : int
        How many: 1 but for roads of a schematic network.
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
        For each leg, in the order of driving. Bridges and fords are there only where every one of the leg
        could be put on the line; a leg within one village has no marks.
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
    for kind in ("bridges", "fords"):
        points, counts = _on_roads(plan.inputs.roads, kind, metric)
        told = plan.legs[kind].to_numpy()
        here: dict[int, list[Mark]] = defaultdict(list)
        for leg, number, along, point in _near(legs, points, metres, ON_LINE_M):
            here[leg].append(Mark(kind, along, int(counts[number]), "", point))
        for leg, passed in here.items():
            if sum(mark.n for mark in passed) == told[leg]:
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


def _on_roads(roads: Roads, kind: str, metric_crs: str) -> tuple[Any, Any]:
    """Middles of the roads with bridges or fords, one direction each, and how many each has."""
    edges = roads.edges
    once = (edges["twin"] < 0) | (edges["twin"] > edges.index)
    there = edges[once & (edges[kind] > 0)]
    middles = shapely.line_interpolate_point(there.geometry.to_crs(metric_crs).to_numpy(), 0.5, normalized=True)
    return middles, there[kind].to_numpy()


def positions(passed: Sequence[Mark]) -> Mapping[str, list[float]]:
    """Metres at which bridges and fords lie, by kind."""
    found: dict[str, list[float]] = {"bridges": [], "fords": []}
    for mark in passed:
        if mark.kind != "village":
            found[mark.kind].append(mark.metres)
    return found
