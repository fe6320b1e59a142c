"""The judge's own search for drives that keep off another: pieces of road between nodes and stops, each priced."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from kaur_gis.judge.ground import Floats, Ints
from kaur_gis.judge.network import NEAR_M, SAME_SHARE, TIE, Met, Network

TIE_S = 0.2  # ways whose times differ by less may both be the quickest: plans count whole milliseconds a road [s]
SMALL = 1e-9  # what a second costs where metres in common are counted


class Way(NamedTuple):
    """The quickest drive and the fewest of its metres that any drive takes; on how many roads it shares them.

    `only` tells that no other drive is as quick, so that it is clear with which one the others are compared.
    """

    first_m: float
    shared_m: float
    roads: int
    only: bool


@dataclass(frozen=True, eq=False)
class Apart:
    """A network cut at its stops: pieces by tail and head, and which road each belongs to, whatever the direction.

    Attributes
    ----------
    place : dict
        Node of each stop.
    size : int
        Number of nodes, with the stops.
    tail, head, road : shape (k,)
    seconds, metres : shape (k,)
    begins : shape (p,)
        Where the pieces between each pair of nodes begin.
    """

    place: dict[str, int]
    size: int
    tail: Ints
    head: Ints
    road: Ints
    seconds: Floats
    metres: Floats
    begins: Ints
    quickest: dict[int, tuple[Floats, Ints]] = field(default_factory=dict)  # of each start: times, and whence

    @classmethod
    def of(cls, network: Network, stops: dict[str, Met]) -> Apart:
        """Cut every arc at the stops that lie on it."""
        place = {stop: network.n + k if met.node < 0 else met.node for k, (stop, met) in enumerate(stops.items())}
        on_arc: dict[int, list[tuple[float, int]]] = {}
        for stop, met in stops.items():
            for arc, share in zip(met.arcs.tolist(), met.shares.tolist(), strict=True):
                on_arc.setdefault(arc, []).append((share, place[stop]))
        rows: list[tuple[float, ...]] = []
        for arc, held in on_arc.items():
            marks = [(0.0, int(network.tail[arc])), *sorted(held), (1.0, int(network.head[arc]))]
            for (low, a), (high, b) in pairwise(marks):
                road, part = int(network.road[arc]), high - low
                rows.append((a, b, road, part * network.seconds[arc], part * network.metres[arc]))
                if part < SAME_SHARE:
                    rows.append((b, a, road, 0.0, 0.0))
        whole = np.setdiff1d(np.arange(len(network.tail)), list(on_arc))
        arcs = np.column_stack([values[whole] for values in (network.tail, network.head, network.road)])
        long = np.column_stack([network.seconds[whole], network.metres[whole]])
        table = np.concatenate([np.column_stack([arcs, long]), np.array(rows, dtype=np.float64).reshape(-1, 5)])
        table = table[table[:, 0] != table[:, 1]]
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        tail, head, road = table[:, :3].astype(np.int64).T
        size = network.n + len(stops)
        begins = np.flatnonzero(np.diff(tail * size + head, prepend=-1))
        return cls(place, size, tail, head, road, table[:, 3], table[:, 4], begins)

    def _search(self, cost: Floats, origin: int) -> tuple[Floats, Ints]:
        best = np.minimum.reduceat(cost, self.begins)
        graph = csr_array((best, self.head[self.begins], self._row), shape=(self.size, self.size))
        found, before = dijkstra(graph, indices=[origin], return_predecessors=True)
        return found[0], before[0]

    def _walk(self, cost: Floats, before: Ints, origin: int, node: int) -> list[int]:
        """List the pieces of a drive, the last first."""
        found = []
        heads, first = self._of_nodes
        while node != origin:
            last = int(before[node])
            pieces = [piece for piece in range(first[last], first[last + 1]) if heads[piece] == node]
            found.append(min(pieces, key=lambda piece: float(cost[piece])))
            node = last
        return found

    @cached_property
    def _row(self) -> Ints:
        """Where in `begins` the pairs from each node begin."""
        return np.searchsorted(self.tail[self.begins], np.arange(self.size + 1)).astype(np.int64)

    @cached_property
    def _of_nodes(self) -> tuple[list[int], list[int]]:
        """The node to which each piece leads, and where the pieces from each node begin."""
        return self.head.tolist(), np.searchsorted(self.tail, np.arange(self.size + 1)).tolist()

    def least(self, origin: str, target: str) -> Way:
        """Find the quickest drive between two stops, and the fewest of its metres that every drive must take.

        Returns
        -------
        Way
            With 0 m where no drive is found: then `roads` tells it.
        """
        start, end = self.place[origin], self.place[target]
        cost = self.seconds + TIE * self.metres + SMALL  # an explicit zero would be no piece
        if start not in self.quickest:
            self.quickest[start] = self._search(cost, start)
        times, before = self.quickest[start]
        if not np.isfinite(times[end]):
            return Way(0.0, 0.0, 0, only=False)
        first = self._walk(cost, before, start, end)
        on_way = np.zeros(self.size, dtype=np.bool_)
        on_way[self.head[first]] = True
        tight = on_way[self.head] & (times[self.tail] + cost <= times[self.head] + TIE_S) & (self.metres > NEAR_M)
        roads = np.zeros(self.piece.max() + 1, dtype=np.bool_)
        roads[self.piece[first]] = True
        taken = roads[self.piece]
        priced = np.where(taken, self.metres, 0.0) + SMALL * cost
        other = self._walk(priced, self._search(priced, start)[1], start, end)
        shared = [piece for piece in other if taken[piece]]
        lengths = float(self.metres[first].sum()), float(self.metres[shared].sum())
        return Way(*lengths, len(shared), only=int(tight.sum()) == int((self.metres[first] > NEAR_M).sum()))

    @cached_property
    def piece(self) -> Ints:
        """Numbers of the pieces of road, the same for both directions of one."""
        low, high = np.minimum(self.tail, self.head), np.maximum(self.tail, self.head)
        pair = low * self.size + high
        return np.unique(np.column_stack([pair, self.road]), axis=0, return_inverse=True)[1].reshape(-1)
