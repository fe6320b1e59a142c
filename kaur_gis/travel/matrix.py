"""Shortest drives: the engine's seam, the plain engine, and the trees behind its distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from kaur_gis.problems import TravelError
from kaur_gis.travel.network import Ints, Network

Arcs = NDArray[np.int32]  # trees are kept as long as their matrix: half the memory
FAR = 2**52  # stands for "no way" inside sums; far above any real one, and exact in a float
CHUNK_CELLS = 8_000_000  # cells of sources x nodes that are held at once
LONG_MM = 2**31  # beyond this lengths are added up in longer numbers
CACHED_CELLS = 80_000  # what is walked through at random is held in pieces that fit a processor's cache


class TravelEngine(Protocol):
    """Finds the quickest drive from each source to each target.

    The seam between this package and shortest-path libraries: engines must agree on every cell.
    """

    def __call__(self, network: Network, weight: Ints, sources: Ints, targets: Ints) -> Ints:
        """Compute driving times.

        Parameters
        ----------
        network : Network
        weight : shape (m,)
            Driving time of each arc [ms], at least 1; negative where it is barred.
        sources, targets : shape (s,), (t,)
            Nodes.

        Returns
        -------
        shape (s, t)
            Driving times [ms]; FAR where there is no way.
        """
        ...


def plain_engine(network: Network, weight: Ints, sources: Ints, targets: Ints) -> Ints:
    """Dijkstra from every source, by scipy; as `TravelEngine`.

    Raises
    ------
    TravelError
        Where driving times are so long that sums would no longer be exact.
    """
    if int(weight.max(initial=0)) * network.n_nodes >= FAR:
        msg = "driving times are too long to be summed exactly"
        raise TravelError(msg)
    graph = quickest_arcs(network, weight)
    found = np.empty((len(sources), len(targets)), dtype=np.int64)
    rows = max(1, CHUNK_CELLS // max(1, network.n_nodes))
    for at in range(0, len(sources), rows):
        times = dijkstra(graph, indices=sources[at : at + rows])[:, targets]
        found[at : at + rows] = np.where(np.isfinite(times), times, FAR).astype(np.int64)
    return found


def quickest_arcs(network: Network, weight: Ints) -> csr_array:
    """Make the graph that scipy reads: it adds up parallel arcs, so only the quickest of each pair may go in."""
    open_ = np.flatnonzero(weight >= 0)
    order = open_[np.lexsort((weight[open_], network.head[open_], network.tail[open_]))]
    tail, head = network.tail[order], network.head[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    shape = (network.n_nodes, network.n_nodes)
    return csr_array((weight[order][first].astype(np.float64), (tail[first], head[first])), shape=shape)


@dataclass(frozen=True, eq=False)
class Trees:
    """Quickest drives from each source to every node.

    Attributes
    ----------
    ms : shape (s, n)
        Driving time [ms]; FAR where there is no way.
    arc : shape (s, n)
        Arc by which the drive arrives; -1 at the source and where there is no way.
    mm : shape (s, n)
        Length of that drive [mm].
    """

    ms: Ints
    arc: Arcs
    mm: Ints

    def arcs(self, network: Network, source: int, node: int) -> list[int]:
        """List the arcs from the source of row `source` to a node, in driving order."""
        return walked(network, self.arc[source], node)


def walked(network: Network, arc: Arcs, node: int) -> list[int]:
    """List the arcs of one tree from its source to a node, in driving order."""
    found = []
    while (last := int(arc[node])) >= 0:
        found.append(last)
        node = int(network.tail[last])
    return found[::-1]


def trees(network: Network, weight: Ints, sources: Ints, engine: TravelEngine) -> Trees:
    """Find the quickest drives from each source to every node.

    Only times come from the engine: an arc lies on a quickest drive where it is tight, that is where time at its
    tail + its own time = time at its head. Of several tight arcs into a node the one with the lowest
    number is taken, so that drives and their lengths depend on the roads alone and not on the engine.
    """
    ms = engine(network, weight, sources, np.arange(network.n_nodes))
    open_ = np.flatnonzero(weight >= 0)
    by_head = open_[np.argsort(network.head[open_], kind="stable")]
    tail, head, cost = network.tail[by_head], network.head[by_head], weight[by_head]
    arc = np.full(ms.shape, -1, dtype=np.int32)
    first = np.flatnonzero(np.diff(head, prepend=-1))  # of the arcs into one node
    place = np.arange(len(by_head), 0, -1, dtype=np.int32)  # the lowest number is the greatest place
    at_place = np.concatenate([[-1], by_head[::-1]]).astype(np.int32)
    rows = max(1, CACHED_CELLS // max(1, len(by_head)))
    for at in range(0, len(sources) if len(by_head) else 0, rows):
        part = ms[at : at + rows]
        begun = part.take(tail, axis=1)
        tight = (begun + cost == part.take(head, axis=1)) & (begun < FAR)
        arc[at : at + rows, head[first]] = at_place.take(np.maximum.reduceat(tight * place, first, axis=1))
    arc[np.arange(len(sources)), sources] = -1
    return Trees(ms, arc, _lengths(network, arc))


def _lengths(network: Network, arc: Arcs) -> Ints:
    """Sum lengths along each tree by pointer doubling: log2(depth) rounds instead of depth; shape (s, n)."""
    n = network.n_nodes
    found = np.empty(arc.shape, dtype=np.int64)
    rows = max(1, CACHED_CELLS // max(1, n))
    short = np.int32 if int(network.mm.sum()) < LONG_MM else np.int64  # no drive is longer than all roads
    mm_of, tail_of = np.append(network.mm, 0).astype(short), np.append(network.tail, 0).astype(np.int32)
    begin = np.arange(0, n * rows, n or 1, dtype=np.int32)[:, None]
    for at in range(0, len(arc), rows):
        part = arc[at : at + rows]
        mm: np.ndarray = mm_of.take(part, mode="wrap").reshape(-1)  # -1 is the last: 0 mm
        up = (tail_of.take(part, mode="wrap") + begin[: len(part)]).reshape(-1)
        roots = np.flatnonzero(part.reshape(-1) < 0)
        up[roots] = roots
        while not np.array_equal(further := up.take(up), up):
            mm, up = mm + mm.take(up), further
        found[at : at + rows] = mm.reshape(part.shape)
    return found
