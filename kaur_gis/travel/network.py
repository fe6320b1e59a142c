"""The road network as plain arrays, in the order of its layers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from kaur_gis.inputs import RoadOrder, Roads
from kaur_gis.problems import TravelError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MM = 1000  # lengths are summed in whole millimetres and rounded once


@dataclass(frozen=True, eq=False)
class Network:
    """A road network; nodes and arcs are positions 0..n-1 and 0..m-1 of the layers' rows.

    Attributes
    ----------
    nodes, edges : GeoDataFrame
        Layers `RoadNodes` and `RoadEdges`.
    tail, head : shape (m,)
        Node where each arc begins and ends.
    twin : shape (m,)
        The arc of the opposite direction on the same line, or -1.
    mm : shape (m,)
        Length [mm], at least 1.
    schematic : bool
        Lines are straight between points: stops attach to nodes, never to a point of a line.
    order : RoadOrder or None
        That of these nodes and arcs, where they were read together.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    tail: Ints
    head: Ints
    twin: Ints
    mm: Ints
    schematic: bool
    order: RoadOrder | None = None

    @classmethod
    def of(cls, roads: Roads) -> Network:
        """Turn road layers into arrays.

        Raises
        ------
        TravelError
            Where an edge names a node or a twin that does not exist, or a twin that is not its opposite.
        """
        nodes, edges = roads.nodes, roads.edges
        tail = nodes.index.get_indexer(edges["u"]).astype(np.int64)
        head = nodes.index.get_indexer(edges["v"]).astype(np.int64)
        twin = edges.index.get_indexer(edges["twin"]).astype(np.int64)
        if (tail < 0).any() or (head < 0).any() or ((twin < 0) & (edges["twin"].to_numpy() >= 0)).any():
            msg = "a road edge names a node or a twin that does not exist"
            raise TravelError(msg)
        two_way = np.flatnonzero(twin >= 0)
        back = twin[two_way]
        if (twin[back] != two_way).any() or (tail[back] != head[two_way]).any() or (head[back] != tail[two_way]).any():
            msg = "a road edge's twin is not its opposite"
            raise TravelError(msg)
        mm = np.maximum(np.rint(edges["metres"].to_numpy(np.float64) * MM).astype(np.int64), 1)
        order = roads.order if roads.order is not None and roads.order.fits(tail, head, len(nodes)) else None
        return cls(nodes, edges, tail, head, twin, mm, roads.schematic, order)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @cached_property
    def courses(self) -> NDArray[np.object_]:
        """Line of every arc, from tail to head, in longitude and latitude; shape (m,)."""
        return np.asarray(self.edges.geometry.array, dtype=object)

    @cached_property
    def lines(self) -> Bools:
        """One arc of every line: the first of each pair of twins, and every one-way arc; shape (m,)."""
        return (self.twin < 0) | (np.arange(len(self.tail)) < self.twin)
