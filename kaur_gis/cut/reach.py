"""How far one still comes towards a TPS that a closure cuts off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from kaur_gis.cut.failures import Arcs, Tree, arcs_of, tree_of
from kaur_gis.cut.segments import Segments, segments_of
from kaur_gis.cut.weak import needs_of
from kaur_gis.distribute.chain import chain_of
from kaur_gis.hours import Hours
from kaur_gis.plan import Plan
from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Bools


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
        roads = plan.inputs.roads
        free = segments_of(replace(plan.inputs, roads=replace(roads, closures=())), plan.stops, vehicles)
        held = roads.while_closed(Hours.of(plan.inputs).way_out(plan.inputs.operation))
        own = {vehicle: _Ways(free, vehicle, held.closed_to(vehicle)) for vehicle in vehicles}
        for need in needs:
            for vehicle in need.vehicles:
                root, target = (int(free.place[vehicle][stop]) for stop in (need.base, need.target))
                node = own[vehicle].last(root, target) if min(root, target) >= 0 else None
                if node is not None:
                    lon, lat = _position(free, node)
                    rows.update({tps[row]: {"lon": lon, "lat": lat} for row in need.tps})
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["lon", "lat"]).astype("float64")
    return frame.rename_axis("kode_tps")


class _Ways:
    """What one vehicle reaches over the segments with some edges closed, and would with none; searched when asked."""

    def __init__(self, segments: Segments, vehicle: str, closed: list[int]) -> None:
        self.segments = segments
        self.times = segments.forth[vehicle], segments.back[vehicle]
        self.open = ~segments.network.edges.index.isin(closed)[segments.arc]
        self.trees: dict[int, Tree] = {}
        self.reached: dict[int, Bools] = {}

    def last(self, root: int, target: int) -> int | None:
        """Find the last node that is reached on the way to one that closures cut off; none for any other."""
        if root not in self.reached:
            self.reached[root] = np.zeros(self.segments.n_nodes, dtype=np.bool_)
            self.reached[root][breadth_first_order(self._graph, root, return_predecessors=False)] = True
        reached = self.reached[root]
        if reached[target]:
            return None
        if root not in self.trees:
            self.trees[root] = tree_of(self._out, root)
        tree, node = self.trees[root], target
        if tree.ms[target] == FAR:
            return None
        while not reached[node]:
            node = tree.parent[node]
        return node

    @cached_property
    def _graph(self) -> csr_array:
        """All that is open, in the directions in which it may be driven."""
        own = self.segments
        forth, back = (np.flatnonzero(self.open & (ms < FAR)) for ms in self.times)
        begin, end = np.append(own.tail[forth], own.head[back]), np.append(own.head[forth], own.tail[back])
        return csr_array((np.ones(len(begin)), (begin, end)), shape=(own.n_nodes, own.n_nodes))

    @cached_property
    def _out(self) -> Arcs:
        own = self.segments
        ends, times = ((one.tolist() for one in both) for both in ((own.tail, own.head), self.times))
        return arcs_of(own.n_nodes, *ends, *times)[0]


def _position(segments: Segments, node: int) -> tuple[float, float]:
    """Longitude and latitude of a junction or of a point on a line."""
    nodes = segments.network.nodes.geometry
    if node < len(nodes):
        return nodes.iloc[node].x, nodes.iloc[node].y
    at = int((segments.tail == node).argmax())
    line = segments.network.courses[segments.arc[at]]
    point = shapely.line_interpolate_point(line, segments.start[at], normalized=True)
    return point.x, point.y
