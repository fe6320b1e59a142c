"""Another way: the drive that shares least with the quickest one, for the day on which that one is closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import MM, Ints, Network

Part = tuple[int, float, float]
"""An arc, and the shares of its length between which it is driven."""
End = tuple[int, int, Part]
"""A node at which a drive leaves the road of its first stop or comes to that of its last one, the time between the stop
and that node [ms], and the part of road between them; one of no length for a stop at the node itself."""


@dataclass(frozen=True, eq=False)
class Second:
    """The other way between two stops.

    Attributes
    ----------
    parts : list of Part
        In driving order.
    ms : int
        Driving time [ms].
    shared_m : int
        Metres of road that the first drive takes too, in either direction, rounded up road by road [m].
    """

    parts: list[Part]
    ms: int
    shared_m: int


def second_way(network: Network, weight: Ints, first: list[Part], begins: list[End], ends: list[End]) -> Second | None:
    """Find the drive that shares the fewest metres with another, and of such drives the quickest.

    Parameters
    ----------
    network : Network
    weight : shape (m,)
        Driving time of each arc [ms]; negative where it is barred.
    first : list of Part
        The drive to keep off.
    begins, ends : list of End
        How a drive can leave its first stop and come to its last one.

    Returns
    -------
    Second or None
        None where every other drive would take all of the first one's road: there is no other way.
    """
    taken = _Taken.of(network, first)
    start, goal, n = network.n_nodes, network.n_nodes + 1, network.n_nodes + 2
    open_ = np.flatnonzero(weight >= 0)
    parts: list[Part] = [*((int(arc), 0.0, 1.0) for arc in open_), *(part for _, _, part in (*begins, *ends))]
    away, ms_away = np.array([end[:2] for end in begins], dtype=np.int64).reshape(-1, 2).T
    home, ms_home = np.array([end[:2] for end in ends], dtype=np.int64).reshape(-1, 2).T
    tail = np.concatenate([network.tail[open_], np.full(len(begins), start), home])
    head = np.concatenate([network.head[open_], away, np.full(len(ends), goal)])
    ms = np.concatenate([weight[open_], ms_away, ms_home])
    shared = np.zeros(len(parts), dtype=np.int64)
    for row in [*np.flatnonzero(taken.lines[open_]), *range(len(open_), len(parts))]:
        shared[row] = taken.metres(parts[row])
    most = sum(taken.metres(part) for part in first)
    times = FAR // (most + len(parts) + 1)  # what a metre shared costs: more than any drive takes
    cost = shared * times + ms + 1  # an explicit zero would be no arc
    order = np.lexsort((cost, head, tail))
    order = order[tail[order] != head[order]]
    key = tail[order] * n + head[order]
    order = order[np.concatenate([[True], key[1:] != key[:-1]])]
    graph = csr_array((cost[order].astype(np.float64), (tail[order], head[order])), shape=(n, n))
    before = dijkstra(graph, indices=np.array([start]), return_predecessors=True)[1][0]
    row_of = dict(zip(zip(tail[order].tolist(), head[order].tolist(), strict=True), order.tolist(), strict=True))
    rows, node = [], goal
    while node != start:
        rows.append(row_of[int(before[node]), node])
        node = int(before[node])
    found = int(shared[rows].sum())
    if found >= most:
        return None
    return Second([parts[row] for row in rows[::-1]], int(ms[rows].sum()), found)


@dataclass(frozen=True, eq=False)
class _Taken:
    """Which road a drive takes, whatever the direction: lines, and on each the shares between which it is taken."""

    network: Network
    lines: np.ndarray
    spans: dict[int, list[tuple[float, float]]]

    @classmethod
    def of(cls, network: Network, parts: list[Part]) -> _Taken:
        spans: dict[int, list[tuple[float, float]]] = defaultdict(list)
        lines = np.zeros(len(network.tail), dtype=np.bool_)
        for part in parts:
            line, low, high = _on_line(network, part)
            spans[line].append((low, high))
            lines[[line, part[0]]] = True
            lines[network.twin[line]] |= network.twin[line] >= 0
        return cls(network, lines, spans)

    def metres(self, part: Part) -> int:
        """Metres of a part that the drive takes too, rounded up [m]."""
        line, low, high = _on_line(self.network, part)
        share = sum(max(0.0, min(high, b) - max(low, a)) for a, b in self.spans.get(line, []))
        return int(np.ceil(share * self.network.mm[line] / MM - 1e-6))


def _on_line(network: Network, part: Part) -> tuple[int, float, float]:
    """Place a part on its line: the first arc of a pair of twins, and shares that rise."""
    arc, start, end = part
    twin = int(network.twin[arc])
    return (arc, start, end) if twin < 0 or arc < twin else (twin, 1 - end, 1 - start)
