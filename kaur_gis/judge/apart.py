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
TWO = 2  # nodes beside one at which nothing else begins: a drive comes from the one and goes on to the other
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
    """A network cut at its stops and where roads meet: pieces by tail and head.

    Attributes
    ----------
    place : dict
        Node of each stop.
    size : int
        Number of nodes, with the stops.
    tail, head : shape (k,)
    piece : shape (k,)
        Its number, the same for both directions of one.
    seconds, metres : shape (k,)
    roads : shape (k,)
        Of how many roads, cut at the stops, each piece is made.
    begins : shape (p,)
        Where the pieces between each pair of nodes begin.
    quickest : dict
        Of each start: times, whence, and the heads of all pieces that are on a quickest drive.
    """

    place: dict[str, int]
    size: int
    tail: Ints
    head: Ints
    piece: Ints
    seconds: Floats
    metres: Floats
    roads: Floats
    begins: Ints
    quickest: dict[int, tuple[Floats, Ints, Ints]] = field(default_factory=dict)

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
        size = network.n + len(stops)
        kept = list(place.values())
        table = without_dead_ends(table, size, kept)
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        tail, head, road = table[:, :3].astype(np.int64).T
        pair = np.minimum(tail, head) * size + np.maximum(tail, head)
        piece = np.unique(pair * (road.max(initial=0) + 1) + road, return_inverse=True)[1]
        chains = _Chains(tail, head, piece, table[:, 3], table[:, 4], np.ones(len(tail))).joined(size, kept)
        begins = np.flatnonzero(np.diff(chains.tail * size + chains.head, prepend=-1))
        return cls(place, size, *chains, begins)

    def _search(self, cost: Floats, origin: int) -> tuple[Floats, Ints]:
        self._graph.data = np.minimum.reduceat(cost, self.begins)
        found, before = dijkstra(self._graph, indices=[origin], return_predecessors=True)
        return found[0], before[0]

    def _walk(self, cost: Floats, before: Ints, origin: int, node: int) -> Ints:
        """List the pieces of a drive, the last first."""
        nodes = [node]
        while nodes[-1] != origin:
            nodes.append(before.item(nodes[-1]))
        way = np.array(nodes, dtype=np.int64)
        pairs = np.searchsorted(self._pairs, way[1:] * self.size + way[:-1])
        spans = zip(self.begins[pairs].tolist(), self._ends[pairs].tolist(), strict=True)
        quickest = [low if high == low + 1 else low + int(np.argmin(cost[low:high])) for low, high in spans]
        return np.array(quickest, dtype=np.int64)

    @cached_property
    def _ends(self) -> Ints:
        return np.append(self.begins[1:], len(self.tail))

    @cached_property
    def _cost(self) -> Floats:
        return self.seconds + TIE * self.metres + SMALL  # an explicit zero would be no piece

    @cached_property
    def _graph(self) -> csr_array:
        """The quickest pieces between the nodes; what each costs is put in for each search."""
        row = np.searchsorted(self.tail[self.begins], np.arange(self.size + 1))
        return csr_array((np.zeros(len(self.begins)), self.head[self.begins], row), shape=(self.size, self.size))

    @cached_property
    def _pairs(self) -> Ints:
        """The nodes between which there are pieces: tail x `size` + head, ascending."""
        return np.asarray((self.tail * self.size + self.head)[self.begins])

    def least(self, origin: str, target: str) -> Way:
        """Find the quickest drive between two stops, and the fewest of its metres that every drive must take.

        Returns
        -------
        Way
            With 0 m where no drive is found: then `roads` tells it.
        """
        start, end = self.place[origin], self.place[target]
        cost = self._cost
        if start not in self.quickest:
            times, before = self._search(cost, start)
            tight = (times[self.tail] + cost <= times[self.head] + TIE_S) & (self.metres > NEAR_M)
            self.quickest[start] = times, before, self.head[tight]
        times, before, tight_heads = self.quickest[start]
        if not np.isfinite(times[end]):
            return Way(0.0, 0.0, 0, only=False)
        first = self._walk(cost, before, start, end)
        on_way = np.zeros(self.size, dtype=np.bool_)
        on_way[self.head[first]] = True
        taken = np.zeros(len(self.piece), dtype=np.bool_)
        taken[self.piece[first]] = True
        taken = taken[self.piece]
        priced = np.where(taken, self.metres, 0.0) + SMALL * cost
        other = self._walk(priced, self._search(priced, start)[1], start, end)
        shared = other[taken[other]]
        lengths = float(self.metres[first].sum()), float(self.metres[shared].sum())
        only = int(on_way[tight_heads].sum()) == int((self.metres[first] > NEAR_M).sum())
        return Way(*lengths, int(self.roads[shared].sum()), only=only)


class _Chains(NamedTuple):
    """Pieces of road by tail and head, ascending; which one each is, and of how many roads."""

    tail: Ints
    head: Ints
    piece: Ints
    seconds: Floats
    metres: Floats
    roads: Floats

    def joined(self, size: int, kept: list[int]) -> _Chains:
        """Join the pieces that a drive can only take one after the other, because nothing else begins between them."""
        pair, times = np.unique(self.tail * size + self.head, return_counts=True)
        near = np.unique(np.concatenate([pair, pair % size * size + pair // size]))
        through = np.bincount(near // size, minlength=size) == TWO
        twice = pair[times > 1]
        through[[*kept, *(twice // size).tolist(), *(twice % size).tolist()]] = False
        n = len(self.tail)
        first = np.searchsorted(self.tail, np.arange(size + 1))
        following = np.full(n + 1, n)  # the last stands for none
        for place in (0, 1):
            other = np.minimum(first[self.head] + place, n - 1)
            on = through[self.head] & (self.tail[other] == self.head) & (self.head[other] != self.tail)
            following[:-1][on] = other[on]
        end = np.append(np.where(through[self.head], -1, self.head), -1)
        piece = np.append(self.piece, n)
        sums = [np.append(values, 0.0) for values in (self.seconds, self.metres, self.roads)]
        for _ in range(n.bit_length()):  # each time twice as many pieces are joined
            end = np.where(end < 0, end[following], end)
            piece = np.minimum(piece, piece[following])
            sums = [values + values[following] for values in sums]
            following = following[following]
        whole = ~through[self.tail] & (end[:-1] >= 0) & (end[:-1] != self.tail)
        order = np.flatnonzero(whole)[np.lexsort((end[:-1][whole], self.tail[whole]))]
        number = np.unique(piece[order], return_inverse=True)[1]
        return _Chains(self.tail[order], end[order], number, *(values[order] for values in sums))


def without_dead_ends(table: Floats, size: int, kept: list[int]) -> Floats:
    """Leave out pieces to nodes from which there is but one other, time and again: no drive between others passes."""
    tail, head = table[:, :2].astype(np.int64).T
    pairs = np.unique(np.minimum(tail, head) * size + np.maximum(tail, head))
    ends = np.column_stack([pairs // size, pairs % size])
    gone = np.zeros(size, dtype=np.bool_)
    while True:
        dead = np.bincount(ends.reshape(-1), minlength=size) == 1
        dead[kept] = False
        if not dead.any():
            left: Floats = table[~(gone[tail] | gone[head])]
            return left
        gone |= dead
        ends = ends[~dead[ends].any(axis=1)]
