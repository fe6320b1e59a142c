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


@dataclass(frozen=True, eq=False)
class OpenRoads:
    """What is open to one vehicle in one weather, laid out once for many searches.

    Attributes
    ----------
    network : Network
    weight : shape (m,)
        Driving time of each arc [ms]; negative where it is barred.
    arc : shape (k,)
        The open arcs by tail and head; loops, which no drive needs, are not among them.
    pair : shape (p + 1,)
        Where in `arc` those between one pair of nodes begin; at last k.
    row : shape (n + 1,)
        Where in `pair` those from one node begin; at last p.
    """

    network: Network
    weight: Ints
    arc: Ints
    pair: Ints
    row: Ints

    @classmethod
    def of(cls, network: Network, weight: Ints) -> OpenRoads:
        """Sort the open arcs."""
        arc = np.flatnonzero((weight >= 0) & (network.tail != network.head))
        arc = arc[np.lexsort((network.head[arc], network.tail[arc]))]
        key = network.tail[arc] * network.n_nodes + network.head[arc]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        row = np.searchsorted(network.tail[arc[begins]], np.arange(network.n_nodes + 1))
        return cls(network, weight, arc, np.append(begins, len(arc)), row)

    def between(self, tail: int, head: int) -> slice:
        """Places in `arc` of those from one node to another, of which there is at least one."""
        low, high = self.row[tail : tail + 2]
        at = low + np.searchsorted(self.network.head[self.arc[self.pair[low:high]]], head)
        return slice(int(self.pair[at]), int(self.pair[at + 1]))

    def quickest(self, cost: Ints, begins: list[tuple[int, int]]) -> tuple[np.ndarray, Ints]:
        """Search from a point from which one gets to some nodes, each at a cost; as scipy's ``dijkstra``.

        Parameters
        ----------
        cost : shape (k,)
            Of `arc`; at least 1.
        begins : list of (int, int)
            Nodes, each once, and what it costs to get there; at least 1.

        Returns
        -------
        (costs, before) : shape (n + 1,)
            Of the nodes, and last of the point, whose number is n.
        """
        n, heads = self.network.n_nodes, self.network.head[self.arc[self.pair[:-1]]]
        costs = [np.minimum.reduceat(cost, self.pair[:-1])] if len(cost) else []
        data = np.concatenate([*costs, [ms for _, ms in begins]]).astype(np.float64)
        indices = np.concatenate([heads, [node for node, _ in begins]])
        graph = csr_array((data, indices, np.append(self.row, len(data))), shape=(n + 1, n + 1))
        found, before = dijkstra(graph, indices=np.array([n]), return_predecessors=True)
        return found[0], before[0]


def second_way(roads: OpenRoads, first: list[Part], begins: list[End], ends: list[End]) -> Second | None:
    """Find the drive that shares the fewest metres with another, and of such drives the quickest.

    Parameters
    ----------
    roads : OpenRoads
    first : list of Part
        The drive to keep off.
    begins, ends : list of End
        How a drive can leave its first stop and come to its last one.

    Returns
    -------
    Second or None
        None where every other drive would take all of the first one's road: there is no other way.
    """
    network, arc, start = roads.network, roads.arc, roads.network.n_nodes
    taken = _Taken.of(network, first)
    most = sum(taken.metres(part) for part in first)
    times = FAR // (most + len(arc) + 5)  # what a metre shared costs: more than any drive takes

    def priced(end: End) -> int:
        return taken.metres(end[2]) * times + end[1] + 1  # an explicit zero would be no arc

    cost = roads.weight[arc] + 1
    for row in np.flatnonzero(taken.lines[arc]).tolist():
        cost[row] += taken.metres((int(arc[row]), 0.0, 1.0)) * times
    leave: dict[int, End] = {}
    for end in sorted(begins, key=priced, reverse=True):
        leave[end[0]] = end
    costs, before = roads.quickest(cost, [(node, priced(end)) for node, end in leave.items()])
    home = min(ends, key=lambda end: costs[end[0]] + priced(end))
    node, parts, ms = home[0], [home[2]], home[1]
    if np.isinf(costs[node]):
        return None
    while int(before[node]) != start:
        pick = roads.between(int(before[node]), node)
        chosen = int(arc[pick][np.argmin(cost[pick])])
        parts.append((chosen, 0.0, 1.0))
        ms += int(roads.weight[chosen])
        node = int(before[node])
    parts.append(leave[node][2])
    shared = sum(taken.metres(part) for part in parts)
    return Second(parts[::-1], ms + leave[node][1], shared) if shared < most else None


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
