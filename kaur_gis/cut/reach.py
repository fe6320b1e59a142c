"""How far one still comes towards a TPS that a closure cuts off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra

from kaur_gis.cut.near import nearest_desa
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
        reached on the way by which one would drive were nothing closed, and `dekat`, the village nearest to it.
    """
    wanted = set(codes)
    rows: dict[str, dict[str, float]] = {}
    if wanted:
        own_tps = plan.tps[plan.tps.index.isin(wanted)]
        tps = [str(code) for code in own_tps.index]
        needs = needs_of(chain_of(plan.inputs, own_tps, plan.kits, plan.stops, {}), tps)
        vehicles = sorted({vehicle for need in needs for vehicle in need.vehicles})
        roads = plan.inputs.roads
        free = segments_of(replace(plan.inputs, roads=replace(roads, closures=())), plan.stops, vehicles, plan.travel)
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
    frame["dekat"] = nearest_desa(plan.inputs, shapely.points(frame["lon"], frame["lat"]))
    return frame.rename_axis("kode_tps")


class _Ways:
    """What one vehicle reaches over the segments with some edges closed, and would with none; searched when asked."""

    def __init__(self, segments: Segments, vehicle: str, closed: list[int]) -> None:
        self.segments = segments
        self.times = segments.forth[vehicle], segments.back[vehicle]
        self.open = ~segments.network.edges.index.isin(closed)[segments.arc]
        self.parents: dict[int, NDArray[np.int32]] = {}
        self.reached: dict[int, Bools] = {}

    def last(self, root: int, target: int) -> int | None:
        """Find the last node that is reached on the way to one that closures cut off; none for any other."""
        if root not in self.reached:
            self.reached[root] = np.zeros(self.segments.n_nodes, dtype=np.bool_)
            self.reached[root][breadth_first_order(self._open, root, return_predecessors=False)] = True
        reached = self.reached[root]
        if reached[target]:
            return None
        if root not in self.parents:
            self.parents[root] = dijkstra(self._free, indices=[root], return_predecessors=True)[1][0]
        node = target
        while node >= 0 and not reached[node]:
            node = self.parents[root].item(node)
        return node if node >= 0 else None

    @cached_property
    def _open(self) -> csr_array:
        """All that is open, in the directions in which it may be driven."""
        return self._graph(self.open)

    @cached_property
    def _free(self) -> csr_array:
        """All that there is."""
        return self._graph(np.ones(len(self.open), dtype=np.bool_))

    def _graph(self, of: Bools) -> csr_array:
        """Join nodes by the quickest segment between them; of equally quick ways the one of fewest segments counts."""
        own = self.segments
        forth, back = (np.flatnonzero(of & (ms < FAR)) for ms in self.times)
        begin, end = np.append(own.tail[forth], own.head[back]), np.append(own.head[forth], own.tail[back])
        cost = np.append(self.times[0][forth], self.times[1][back]) * own.n_nodes + 1
        order = np.lexsort((cost, end, begin))
        begin, end, cost = begin[order], end[order], cost[order]
        first = np.append(True, (begin[1:] != begin[:-1]) | (end[1:] != end[:-1]))[: len(order)]
        ends = begin[first], end[first]
        return csr_array((cost[first].astype(np.float64), ends), shape=(own.n_nodes, own.n_nodes))


def _position(segments: Segments, node: int) -> tuple[float, float]:
    """Longitude and latitude of a junction or of a point on a line."""
    nodes = segments.network.nodes.geometry
    if node < len(nodes):
        return nodes.iloc[node].x, nodes.iloc[node].y
    at = int((segments.tail == node).argmax())
    line = segments.network.courses[segments.arc[at]]
    point = shapely.line_interpolate_point(line, segments.start[at], normalized=True)
    return point.x, point.y
