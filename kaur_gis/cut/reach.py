"""How far one still comes towards a TPS that a closure cuts off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import shapely

from kaur_gis.cut.failures import Arcs, Tree, arcs_of, tree_of
from kaur_gis.cut.segments import Segments, segments_of
from kaur_gis.cut.weak import needs_of
from kaur_gis.distribute.stages import chain_of
from kaur_gis.plan import Plan
from kaur_gis.travel.matrix import FAR


def last_reached(plan: Plan, codes: Iterable[str]) -> pd.DataFrame:
    """Find the last point of the road that can still be reached on the way to some TPS.

    Parameters
    ----------
    plan : Plan
        With closed roads.
    codes : iterable of str
        `kode_tps`.

    Returns
    -------
    DataFrame
        Indexed by `kode_tps`, only those that a closure cuts off: `lon` and `lat` of the last junction or stop that is
        reached on the way by which one would drive were nothing closed.
    """
    wanted = set(codes)
    rows: dict[str, dict[str, float]] = {}
    if wanted:
        chain = chain_of(plan.inputs, plan.tps, plan.kits, plan.stops, {})
        tps = [str(code) for code in plan.tps.index if code in wanted]
        needs = needs_of(chain, tps)
        vehicles = sorted({vehicle for need in needs for vehicle in need.vehicles})
        closed = segments_of(plan.inputs, plan.stops, vehicles)
        roads = replace(plan.inputs.roads, closures=())
        free = segments_of(replace(plan.inputs, roads=roads), plan.stops, vehicles)
        whole, left = _Trees(free), _Trees(closed)
        for need in needs:
            for vehicle in need.vehicles:
                root, target = (int(free.place[vehicle][stop]) for stop in (need.base, need.target))
                if root < 0 or target < 0:
                    continue
                reached = left.tree(vehicle, root).ms
                if reached[target] >= FAR > whole.tree(vehicle, root).ms[target]:
                    node = target
                    while reached[node] >= FAR:
                        node = whole.tree(vehicle, root).parent[node]
                    lon, lat = _position(free, node)
                    rows.update({tps[row]: {"lon": lon, "lat": lat} for row in need.tps})
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["lon", "lat"]).astype("float64")
    return frame.rename_axis("kode_tps")


class _Trees:
    """Quickest drives over the segments as they are, searched when they are asked for."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        self.out: dict[str, Arcs] = {}
        self.trees: dict[tuple[str, int], Tree] = {}

    def tree(self, vehicle: str, root: int) -> Tree:
        """Quickest drives of one vehicle from one node."""
        if vehicle not in self.out:
            own = self.segments
            ends = own.tail.tolist(), own.head.tolist()
            self.out[vehicle] = arcs_of(own.n_nodes, *ends, own.forth[vehicle].tolist(), own.back[vehicle].tolist())[0]
        if (vehicle, root) not in self.trees:
            self.trees[vehicle, root] = tree_of(self.out[vehicle], root)
        return self.trees[vehicle, root]


def _position(segments: Segments, node: int) -> tuple[float, float]:
    """Longitude and latitude of a junction or of a point on a line."""
    nodes = segments.network.nodes.geometry
    if node < len(nodes):
        return nodes.iloc[node].x, nodes.iloc[node].y
    at = int((segments.tail == node).argmax())
    line = segments.network.courses[segments.arc[at]]
    point = shapely.line_interpolate_point(line, segments.start[at], normalized=True)
    return point.x, point.y
