"""The order of a road network for contraction hierarchies; it depends on the roads alone and is made as they are read.

METIS finds it, by nested dissection of the graph, and cuts the graph into cells of about one size. RoutingKit's own
order, by dissection of the map, leaves hundreds of nodes above each other along roads that nothing crosses, and every
search passes them.

References
----------
Karypis, G., Kumar, V. (1998). A Fast and High Quality Multilevel Scheme for Partitioning Irregular Graphs. SIAM Journal
on Scientific Computing 20. https://doi.org/10.1137/S1064827595287997
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from kaur_gis.inputs import RoadOrder, Roads

Ints = NDArray[np.int64]
N_CELLS = 16  # fewer are searched more, more have more gates: from 8 to 24 a matrix of some hundred stops is as quick
NODES_OF_CELL = 100  # at least: smaller ones are not worth their gates


def ordered(roads: Roads, known: Ints | None = None) -> Roads:
    """Give roads their order, where the wheels for it are installed and every edge has its nodes.

    Parameters
    ----------
    roads : Roads
        As they are where they have their order; a road that was cut by a closure needs another one.
    known : shape (2, n), optional
        What `dissected` found, where that is known.
    """
    nodes, edges = roads.nodes, roads.edges
    if not all(find_spec(wheel) for wheel in ("pymetis", "pyroutingkit")):
        return roads
    tail, head = (nodes.index.get_indexer(edges[end]).astype(np.int64) for end in ("u", "v"))
    if roads.order is not None and roads.order.fits(tail, head, len(nodes)):
        return roads
    if nodes.empty or min(tail.min(initial=0), head.min(initial=0)) < 0:  # METIS divides by the number of nodes
        return roads
    return replace(roads, order=order_of(tail, head, dissected(tail, head, len(nodes)) if known is None else known))


def dissected(tail: Ints, head: Ints, n_nodes: int) -> Ints:
    """Rank the nodes of a network by nested dissection, and give each its cell; shape (2, n).

    Parameters
    ----------
    tail, head : shape (m,)
        Node at which each arc begins and ends.
    n_nodes : int
    """
    from pymetis import CSRAdjacency, nested_dissection, part_graph  # noqa: PLC0415 - not installed everywhere

    ends = np.concatenate([tail, head]), np.concatenate([head, tail])
    joined = coo_array((np.ones(len(ends[0])), ends), shape=(n_nodes, n_nodes)).tocsr()
    joined.setdiag(0)
    joined.eliminate_zeros()
    graph = CSRAdjacency(joined.indptr, joined.indices)
    _, rank = nested_dissection(graph)
    _, cell = part_graph(min(N_CELLS, 1 + n_nodes // NODES_OF_CELL), graph)
    return np.array([rank, cell], dtype=np.int64)


def order_of(tail: Ints, head: Ints, dissected: Ints) -> RoadOrder:
    """Hand an order to RoutingKit, which finds the shortcuts that it needs.

    Parameters
    ----------
    tail, head : shape (m,)
        Node at which each arc begins and ends.
    dissected : shape (2, n)
        Place of each node in the order, and its cell.
    """
    from pyroutingkit import CCHTopology  # noqa: PLC0415 - not installed everywhere

    rank, cell = dissected
    parts = {"order": np.argsort(rank), "rank": rank, "tail": tail, "head": head, "node_count": len(rank)}
    topology = CCHTopology()
    with TemporaryDirectory(prefix="kaur-gis-") as folder:  # the wheel takes an order from a folder only
        for name, numbers in parts.items():
            np.asarray(numbers, dtype=np.uint32).tofile(Path(folder) / name)
        topology.load(folder)
    return RoadOrder(tail, head, rank, cell, topology)
