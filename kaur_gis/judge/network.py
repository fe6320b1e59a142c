"""The judge's own reading of the roads: speeds, snapping and shortest drives, from the layers and the speed table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from kaur_gis.config import Weather
from kaur_gis.judge.ground import Floats, Ground, Ints

NEAR_M = 1.0
SAME_SHARE = 1e-9  # two stops at one point of a road reach each other, whichever stands first
TOGETHER = 16  # searches of like reach are begun together, which is quicker
TIE = 1e-6  # seconds a metre: of equally quick drives the shortest, without moving any time by a second


@dataclass(frozen=True, eq=False)
class Met:
    """Where a stop meets the roads: at a node, or on arcs, each with the share of its length before the stop."""

    node: int
    arcs: Ints
    shares: Floats

    @property
    def known(self) -> bool:
        """Whether it meets them at all."""
        return self.node >= 0 or len(self.arcs) > 0


class Network:
    """The arcs that one vehicle can use in one weather, and how long each takes.

    Parameters
    ----------
    ground : Ground
    profile : str
        Vehicle of the speed table.
    weather : str
    closed : tuple of int
        Closures that hold, by their places in `Roads.closures`.
    """

    def __init__(self, ground: Ground, profile: str, weather: Weather, closed: tuple[int, ...]) -> None:
        roads, kmh = ground.inputs.roads, ground.kmh(profile, weather, closed)
        open_ = kmh > 0
        self.crs, self.points = ground.crs, ground.points
        self.n = len(roads.nodes)
        self.of_village: dict[str, list[int]] = {}
        for node, villages in enumerate(roads.nodes["kode_desa"].to_list()):
            for kode_desa in villages.split():
                self.of_village.setdefault(kode_desa, []).append(node)
        self.tail, self.head = (ends[open_] for ends in ground.ends)
        self.road, self.metres = ground.both_ways[open_], ground.metres[open_]
        self.seconds = self.metres * 3.6 / kmh[open_]
        self.lines = ground.lines[open_]
        self.tree = shapely.STRtree(self.lines)
        ones = csr_array((np.ones(len(self.tail)), (self.tail, self.head)), shape=(self.n, self.n))
        self.part = connected_components(ones, connection="strong")[1]
        self._trees: dict[int, shapely.STRtree] = {}

    def met(self, points: NDArray[np.object_], *, schematic: bool) -> list[Met]:
        """Find where points of the roads lie: at nodes of a schematic network, on arcs of another; some on neither."""
        found = self._at_nodes(points) if schematic else self._on_lines(points)
        return list(found)

    def _on_lines(self, points: NDArray[np.object_]) -> Iterator[Met]:
        point, arc = self.tree.query(points, predicate="dwithin", distance=NEAR_M)
        order = np.lexsort((arc, point))
        point, arc = point[order], arc[order].astype(np.int64)
        shares = shapely.line_locate_point(self.lines[arc], points[point], normalized=True)
        first = np.searchsorted(point, np.arange(len(points) + 1))
        for low, high in pairwise(first.tolist()):
            yield Met(-1, arc[low:high], shares[low:high])

    def _at_nodes(self, points: NDArray[np.object_]) -> Iterator[Met]:
        near = shapely.STRtree(self.points).query_nearest(points, max_distance=NEAR_M)
        first = dict(sorted(near.T.tolist(), reverse=True))  # of several nodes the first stands
        for number in range(len(points)):
            yield Met(first.get(number, -1), np.zeros(0, np.int64), np.zeros(0))

    def nearest_m(self, met: Sequence[Met], stops: NDArray[np.object_]) -> Floats:
        """Distance of each stop to the part of the network of its arcs [m]; infinite for one on no arc.

        Of several it is the first that lies in one part: by others one leaves or comes, and does not go round.
        """
        found = np.full(len(met), np.inf)
        on_arc = np.array([number for number, here in enumerate(met) if len(here.arcs)], dtype=np.int64)
        arcs = [met[number].arcs for number in on_arc]
        crosses = self.part[self.tail] != self.part[self.head]
        part = self.part[self.tail[[own[np.argmin(crosses[own])] for own in arcs]]]
        for one in np.unique(part).tolist():
            asked = on_arc[part == one]
            tree = self._trees[one] = self._trees.get(one) or self._tree(one)
            (stop, _), nearest = tree.query_nearest(stops[asked], return_distance=True, all_matches=False)
            found[asked[stop]] = nearest
        return found

    def _tree(self, part: int) -> shapely.STRtree:
        """Sort the arcs within one part by where they lie."""
        return shapely.STRtree(self.lines[(self.part[self.tail] == part) & (self.part[self.head] == part)])

    def right_nodes(self, met: Met, stop: shapely.Point, kode_desa: str) -> set[int]:
        """Nodes at which a stop may meet a schematic network: its village's, else the nearest ones of that part."""
        own = {node for node in self.of_village.get(kode_desa, ()) if self.part[node] == self.part[met.node]}
        if own:
            return own
        distances = np.where(self.part == self.part[met.node], shapely.distance(self.points, stop), np.inf)
        return set(np.flatnonzero(distances <= distances.min() + NEAR_M).tolist())

    def drives(
        self, stops: dict[str, Met], pairs: list[tuple[str, str, float]], tie: float = TIE
    ) -> list[tuple[float, float]]:
        """Find the quickest drive between stops.

        Parameters
        ----------
        stops : dict
            Where each stop meets the roads.
        pairs : list of (from, to, seconds)
            With the time up to which to search, its `tie` counted in.
        tie : float
            What a metre costs [s]: of drives that are about as quick the shortest is found, or below 0 the longest.

        Returns
        -------
        list of (float, float)
            Seconds and metres of each; infinite where there is none within that time.
        """
        place = {
            stop: self.n + number if met.node < 0 else met.node for number, (stop, met) in enumerate(stops.items())
        }
        graph, metres = self._graph(stops, place, tie)
        found: dict[tuple[str, str], tuple[float, list[int]]] = {}
        ends: dict[str, list[tuple[str, float]]] = {}
        for origin, target, limit in pairs:
            ends.setdefault(origin, []).append((target, limit))
        limits = {origin: max(limit for _, limit in targets) for origin, targets in ends.items()}
        near_first = sorted(limits, key=limits.__getitem__)
        for some in (near_first[at : at + TOGETHER] for at in range(0, len(limits), TOGETHER)):
            starts, most = [place[origin] for origin in some], limits[some[-1]]
            costs, befores = dijkstra(graph, indices=starts, limit=most, return_predecessors=True)
            for origin, cost, before in zip(some, costs, befores, strict=True):
                for target, _ in ends[origin]:
                    seconds = cost.item(place[target])
                    there = seconds <= limits[origin] and math.isfinite(seconds)
                    way = _way(before, place[origin], place[target]) if there else []
                    found[origin, target] = seconds if there else np.inf, way
        walked = metres.walked([way for _, way in found.values()])
        drives = {
            pair: (seconds - tie * total, total) if math.isfinite(seconds) else (np.inf, np.inf)
            for (pair, (seconds, _)), total in zip(found.items(), walked, strict=True)
        }
        return [drives[origin, target] for origin, target, _ in pairs]

    def _graph(self, stops: dict[str, Met], place: dict[str, int], tie: float) -> tuple[csr_array, _Metres]:
        """Join the stops to the ends of their arcs, and to each other where they share one."""
        rows: list[tuple[int, int, float, float]] = []
        on_arc: dict[int, list[tuple[float, int]]] = {}
        for stop, met in stops.items():
            for arc, share in zip(met.arcs.tolist(), met.shares.tolist(), strict=True):
                on_arc.setdefault(arc, []).append((share, place[stop]))
        for arc, held in on_arc.items():
            marks = [(0.0, int(self.tail[arc])), *sorted(held), (1.0, int(self.head[arc]))]
            for (start, a), (end, b) in pairwise(marks):
                rows.append((a, b, (end - start) * self.seconds[arc], (end - start) * self.metres[arc]))
                if end - start < SAME_SHARE:
                    rows.append((b, a, 0.0, 0.0))
        extra = np.array(rows, dtype=np.float64).reshape(-1, 4)
        tail = np.concatenate([self.tail, extra[:, 0].astype(np.int64)])
        head = np.concatenate([self.head, extra[:, 1].astype(np.int64)])
        metres = np.concatenate([self.metres, extra[:, 3]])
        cost = np.concatenate([self.seconds, extra[:, 2]]) + tie * metres + 1e-9  # an explicit zero would be no arc
        size = self.n + len(stops)
        key = tail * size + head
        order = np.lexsort((cost, key))
        order = order[tail[order] != head[order]]
        first = order[np.diff(key[order], prepend=-1) != 0]
        row = np.searchsorted(tail[first], np.arange(size + 1))
        graph = csr_array((cost[first], head[first], row), shape=(size, size))
        return graph, _Metres(key[first], metres[first], size)


@dataclass(frozen=True, eq=False)
class _Metres:
    """Lengths of the quickest arcs between nodes: by tail x `size` + head, sorted."""

    key: Ints
    metres: Floats
    size: int

    def walked(self, ways: list[list[int]]) -> list[float]:
        """Add up the metres of ways, each by its nodes from the last to the first."""
        head = np.array([node for way in ways for node in way[:-1]], dtype=np.int64)
        tail = np.array([node for way in ways for node in way[1:]], dtype=np.int64)
        owner = np.repeat(np.arange(len(ways)), [max(len(way) - 1, 0) for way in ways])
        metres = self.metres[np.searchsorted(self.key, tail * self.size + head)]
        walked: list[float] = np.bincount(owner, metres, len(ways)).tolist()
        return walked


def _way(before: NDArray[np.int32], origin: int, target: int) -> list[int]:
    """Walk back from a node to where a search began."""
    way = [target]
    while way[-1] != origin:
        way.append(before.item(way[-1]))
    return way
