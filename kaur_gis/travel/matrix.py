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
from kaur_gis.travel.skeleton import Skeleton

Rows = NDArray[np.int32]  # trees are kept as long as their matrix: half the memory
FAR = 2**52  # stands for "no way" inside sums; far above any real one, and exact in a float
CHUNK_CELLS = 8_000_000  # cells of sources x nodes that are held at once
LONG = 2**31  # from here on times [ms] and lengths [mm] are added up in longer numbers
CACHED_CELLS = 40_000  # what is walked through at random is held in pieces that fit a processor's cache


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
    """Quickest drives from each source to every node of a skeleton.

    Attributes
    ----------
    ms : shape (s, k)
        Driving time [ms]; FAR where there is no way.
    row : shape (s, k)
        Row of arcs by which the drive arrives; -1 at the source and where there is no way.
    mm : shape (s, k)
        Length of that drive [mm].
    """

    ms: Ints
    row: Rows
    mm: Ints


def walked(skeleton: Skeleton, row: Rows, node: int) -> list[int]:
    """List the arcs of one tree from its source to a node of the skeleton, in driving order."""
    found = []
    while (last := int(row[node])) >= 0:
        found.append(last)
        node = int(skeleton.tail[last])
    return skeleton.walked(found[::-1])


def trees(skeleton: Skeleton, weight: Ints, sources: Ints, engine: TravelEngine) -> Trees:
    """Find the quickest drives from each source to every node of a skeleton.

    Only times come from the engine: a row of arcs lies on a quickest drive where it is tight, that is where time at its
    tail + its own time = time at its head. Of several tight rows into a node the one that arrives by the arc with the
    lowest number is taken, so that drives and their lengths depend on the roads alone and not on the engine.

    Parameters
    ----------
    skeleton : Skeleton
    weight : shape (m,)
        Driving time of each arc of its network, as for `TravelEngine`.
    sources : shape (s,)
        Nodes of its network that are left in it.
    engine : TravelEngine
    """
    ms = engine(skeleton.network, weight, sources, skeleton.nodes)
    cost = skeleton.weighed(weight)
    short = np.int32 if int(ms.max(initial=0, where=ms < FAR)) + int(cost.max(initial=0)) < LONG else np.int64
    turns = [
        (skeleton.tail[rows], skeleton.head[rows], cost[rows, None].astype(short), rows[:, None].astype(np.int32))
        for rows in _turns(skeleton, np.flatnonzero(cost >= 0))
    ]
    row = np.empty(ms.shape, dtype=np.int32)
    step = max(1, CACHED_CELLS // max(1, ms.shape[1]))
    for at in range(0, len(sources), step):  # node by node: what is side by side in memory is done at once
        part = np.minimum(ms[at : at + step].T, np.iinfo(short).max).astype(short, order="C")
        found = np.full(part.shape, -1, dtype=np.int32)
        for tail, head, own, rows in turns:
            done: np.ndarray = part.take(tail, axis=0)
            done += own  # at least 1: from where there is no way it is above any time, or below 0
            found[head] = np.where(done == part.take(head, axis=0), rows, found.take(head, axis=0))
        row[at : at + step] = found.T
    row[np.arange(len(sources)), skeleton.at(sources)] = -1
    return Trees(ms, row, _lengths(skeleton, row))


def _turns(skeleton: Skeleton, rows: Ints) -> list[Ints]:
    """Part rows so that none of a part arrive at one node: those of the lowest numbers come last."""
    rows = rows[np.argsort(skeleton.head[rows], kind="stable")]
    head = skeleton.head[rows]
    turn = np.arange(len(head)) - np.searchsorted(head, head)
    return [rows[turn == each] for each in range(int(turn.max(initial=-1)), -1, -1)]


def _lengths(skeleton: Skeleton, row: Rows) -> Ints:
    """Sum lengths along each tree by pointer doubling: log2(depth) rounds instead of depth; shape (s, k)."""
    n = len(skeleton.nodes)
    found = np.empty(row.shape, dtype=np.int64)
    step = max(1, CACHED_CELLS // max(1, n))
    short = np.int32 if int(skeleton.mm.sum()) < LONG else np.int64  # no drive is longer than all roads
    mm_of, tail_of = np.append(skeleton.mm, 0).astype(short), np.append(skeleton.tail, 0).astype(np.int32)
    begin = np.arange(0, n * step, n or 1, dtype=np.int32)[:, None]
    for at in range(0, len(row), step):
        part = row[at : at + step]
        mm: np.ndarray = mm_of.take(part, mode="wrap").reshape(-1)  # -1 is the last: 0 mm
        up = (tail_of.take(part, mode="wrap") + begin[: len(part)]).reshape(-1)
        roots = np.flatnonzero(part.reshape(-1) < 0)
        up[roots] = roots
        while not np.array_equal(further := up.take(up, mode="clip"), up):  # none is clipped: quicker than to look
            mm, up = mm + mm.take(up, mode="clip"), further
        found[at : at + step] = mm.reshape(part.shape)
    return found
