"""Ways cut into pieces between their nodes, and pieces merged into edges where nothing branches and no tag changes.

The rules are osmnx's own, on plain arrays: `graph_from_xml(simplify=False)` and then `simplify_graph` with
`edge_attrs_differ` on the tags give the same edges, as a test shows. Lengths are those of the pieces, summed.

References
----------
Boeing, G. (2025). Topological graph simplification solutions to the street intersection miscount problem.
Transactions in GIS 29. https://doi.org/10.1111/tgis.70037
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Tags = tuple[str, ...]

GEOD = Geod(ellps="WGS84")
ONE_WAY = ("yes", "true", "1", "-1", "reverse", "T", "F")
AGAINST = ("-1", "reverse", "T")
"""Values of `oneway` that bar one direction, and those among them that bar the direction of the way's nodes."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Every drivable piece between two nodes that follow each other, one row a direction.

    Attributes
    ----------
    labels : shape (n,)
        OSM ids of the nodes, ascending.
    xy : shape (n, 2)
        Longitude and latitude.
    tail, head : shape (p,)
        Rows of the nodes at which each piece begins and ends.
    tags : shape (p,)
        Row of `kinds` that holds the piece's tags.
    way : shape (p,)
        OSM id of its way.
    kinds : list of tuple of str
        Values of the tags by which edges are kept apart.
    """

    labels: Ints
    xy: Floats
    tail: Ints
    head: Ints
    tags: Ints
    way: Ints
    kinds: list[Tags]


def pieces_of(nodes: Mapping[int, tuple[float, float]], pieces: Iterable[tuple[int, int, int, Tags]]) -> Pieces:
    """Collect pieces; those of no length go, and so do nodes that no piece touches.

    Parameters
    ----------
    nodes : mapping
        Node id -> longitude, latitude.
    pieces : iterable of (from, to, way, tags)
    """
    rows = list(pieces)
    number: dict[Tags, int] = {}
    tags = np.array([number.setdefault(row[3], len(number)) for row in rows], dtype=np.int64)
    ends = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
    labels, at = np.unique(ends, return_inverse=True)
    xy = np.array([nodes[label] for label in labels.tolist()], dtype=np.float64).reshape(-1, 2)
    tail, head = at.reshape(-1, 2).T
    way = np.array([row[2] for row in rows], dtype=np.int64)
    kept = (xy[tail] != xy[head]).any(axis=1)
    used, at = np.unique(np.stack([tail[kept], head[kept]]), return_inverse=True)
    tail, head = at.reshape(2, -1)
    return Pieces(labels[used], xy[used], tail, head, tags[kept], way[kept], list(number))


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether a way may be driven along the order of its nodes, and against it."""
    oneway = tags.get("oneway", "")
    if oneway in AGAINST:
        return False, True
    return True, not (oneway in ONE_WAY or tags.get("junction") == "roundabout")


@dataclass(frozen=True, eq=False)
class Merged:
    """Edges made of pieces.

    Attributes
    ----------
    piece : shape (p,)
        Pieces in the order of the edges that they form, and in driving order within each.
    first : shape (m + 1,)
        Where in `piece` each edge begins; the last entry is p.
    metres : shape (m,)
        Length on the ellipsoid [m].
    """

    piece: Ints
    first: Ints
    metres: Floats


def merged(pieces: Pieces) -> Merged:
    """Merge pieces of one way through every node at which a driver has no choice and no tag changes."""
    n, tail, head = len(pieces.labels), pieces.tail, pieces.head
    passed, after = _passable(pieces)
    order: list[int] = []
    first: list[int] = []
    taken = np.zeros(len(tail), dtype=np.bool_)
    following = np.where(passed[head], after, -1).tolist()
    for start in np.flatnonzero(~passed[tail]).tolist():
        first.append(len(order))
        piece = start
        while piece >= 0:
            order.append(piece)
            piece = following[piece]
    taken[order] = True
    for piece in np.flatnonzero(~taken).tolist():  # rings that nothing joins: their nodes all stay
        first.append(len(order))
        order.append(piece)
    first.append(len(order))
    low, high = np.minimum(tail, head), np.maximum(tail, head)  # both directions are of one length, to the last bit
    pair, at = np.unique(low * n + high, return_inverse=True)
    ends = np.hstack([pieces.xy[pair // max(n, 1)], pieces.xy[pair % max(n, 1)]])
    length = np.asarray(GEOD.inv(*ends.T)[2], dtype=np.float64)[at][order].tolist()
    metres = [math.fsum(length[begin:end]) for begin, end in pairwise(first)]
    return Merged(np.array(order, np.int64), np.array(first, np.int64), np.array(metres, np.float64))


def _passable(pieces: Pieces) -> tuple[Bools, Ints]:
    """Find the nodes that lie inside edges, and the piece that follows each piece through such a node.

    Inside an edge lies a node with exactly two neighbours, neither itself, to which the same kind of road runs, of the
    same way: one piece in and one out, or one in and one out at each of them.
    """
    n, tail, head = len(pieces.labels), pieces.tail, pieces.head
    at, other = np.concatenate([tail, head]), np.concatenate([head, tail])
    low, high = np.full(n, n), np.full(n, -1)
    np.minimum.at(low, at, other)
    np.maximum.at(high, at, other)
    # the way belongs to the kind: one way can be closed, and no other with it
    kinds = np.unique(np.stack([pieces.tags, pieces.way]), axis=1, return_inverse=True)[1].reshape(-1)
    kind_low, kind_high = np.full(n, len(kinds)), np.full(n, -1)
    np.minimum.at(kind_low, at, np.tile(kinds, 2))
    np.maximum.at(kind_high, at, np.tile(kinds, 2))

    def count(node: Ints, neighbour: Ints, side: Ints) -> Ints:
        return np.bincount(node[neighbour == side[node]], minlength=n)

    ins = count(head, tail, low), count(head, tail, high)
    outs = count(tail, head, low), count(tail, head, high)
    both = (ins[0] == 1) & (ins[1] == 1) & (outs[0] == 1) & (outs[1] == 1)
    rising = (ins[0] == 1) & (ins[1] == 0) & (outs[0] == 0) & (outs[1] == 1)
    falling = (ins[0] == 0) & (ins[1] == 1) & (outs[0] == 1) & (outs[1] == 0)
    nodes = np.arange(n)
    degree = np.bincount(at, minlength=n)
    whole = ins[0] + ins[1] + outs[0] + outs[1] == degree
    passed = (
        (both | rising | falling) & whole & (low != high) & (low != nodes) & (high != nodes) & (kind_low == kind_high)
    )
    to_low, to_high = np.full(n, -1), np.full(n, -1)
    arcs = np.arange(len(tail))
    down = head == low[tail]
    to_low[tail[down]] = arcs[down]
    to_high[tail[~down]] = arcs[~down]
    return passed, np.where(tail == low[head], to_high[head], to_low[head])
