"""Customizable contraction hierarchies: a network is prepared once; vehicle, weather and closures are a weight vector.

The order depends on the roads alone; that of roads which were read comes with them (`inputs.RoadOrder`). Customizing
it for other driving times takes a fraction of a millisecond on the roads of a kabupaten, changing a few arcs
microseconds, a matrix some milliseconds. Where the wheel is missing `plain_engine` gives the same cells, slower.

References
----------
Dibbelt, J., Strasser, B., Wagner, D. (2016). Customizable Contraction Hierarchies. ACM Journal of Experimental
Algorithmics 21. https://doi.org/10.1145/2886843
https://github.com/RoutingKit/RoutingKit
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from scipy.sparse.csgraph import connected_components, dijkstra

from kaur_gis.travel.cells import NEVER, Cells, Times
from kaur_gis.travel.matrix import FAR, TravelEngine, plain_engine, quickest_arcs
from kaur_gis.travel.network import Ints, Network

if TYPE_CHECKING:
    from pyroutingkit import CCHMetric, CCHTopology

BLOCK_TARGETS = 96  # that lie close together: a search for these alone stays in the processor's cache


def available() -> bool:
    """Whether the wheel of the hierarchies is installed."""
    return find_spec("pyroutingkit") is not None


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """A network in its order: what all vehicles, weathers and closures share.

    Attributes
    ----------
    network : Network
    rank : shape (n,)
        Nodes of close ranks lie close together.
    cells : Cells
    topology : CCHTopology
    """

    network: Network
    rank: Ints
    cells: Cells
    topology: CCHTopology

    @classmethod
    def of(cls, network: Network) -> Hierarchy:
        """Take the order of the roads; roads without one are ordered by dissecting the map, and are one cell."""
        tail, head, order = network.tail, network.head, network.order
        if order is not None:
            return cls(network, order.rank, Cells.of(tail, head, order.cell), order.topology)
        from pyroutingkit import CCHTopology  # noqa: PLC0415 - not installed everywhere

        topology = CCHTopology()
        lon, lat = shapely.get_coordinates(network.nodes.geometry.to_numpy()).astype(np.float32).T
        topology.build(tail.astype(np.uint32), head.astype(np.uint32), lat, lon, network.n_nodes)
        rank = np.arange(network.n_nodes)
        return cls(network, rank, Cells.of(tail, head, np.zeros_like(rank)), topology)

    def customized(self, weight: Ints) -> Customized:
        """Put driving times into the hierarchy.

        Parameters
        ----------
        weight : shape (m,)
            Driving time of each arc [ms], at least 1; negative where it is barred.
        """
        from pyroutingkit import CCHMetric  # noqa: PLC0415 - not installed everywhere

        metric = CCHMetric(self.topology)
        metric.customize(_whole(weight))
        return Customized(metric, self.rank, self.cells)


@dataclass(frozen=True, eq=False)
class Customized:
    """A hierarchy with the driving times of one vehicle in one weather.

    Attributes
    ----------
    metric : CCHMetric
    rank : shape (n,)
        Nodes of close ranks lie close together.
    cells : Cells
    """

    metric: CCHMetric
    rank: Ints
    cells: Cells

    def change(self, arcs: Ints, weight: Ints) -> None:
        """Give some arcs another driving time [ms], negative to close them; as if all had been customized again."""
        self.metric.update_weights(arcs.astype(np.uint32), _whole(weight))

    def times(self, sources: Ints, targets: Ints) -> Ints:
        """Driving times from each source to each target [ms], FAR where there is no way; shape (s, t)."""
        times = self.cells.times(self._searched, sources.astype(np.uint32), targets.astype(np.uint32))
        found = times.astype(np.int64)
        found[times == NEVER] = FAR
        return found

    def _searched(self, sources: Times, targets: Times) -> Times:
        """Search from each source to each target, block by block; as `cells.Ask`."""
        if len(targets) <= BLOCK_TARGETS:
            found: Times = self.metric.distances_many_to_many(sources, targets)
            return found
        near = np.argsort(self.rank[targets])
        columns = np.empty((len(sources), len(targets)), dtype=np.uint32)
        for at in range(0, len(targets), BLOCK_TARGETS):
            block = near[at : at + BLOCK_TARGETS]
            columns[:, at : at + BLOCK_TARGETS] = self.metric.distances_many_to_many(sources, targets[block])
        return np.take(columns, np.argsort(near), axis=1)

    def arcs(self, source: int, target: int) -> list[int]:
        """List the arcs of a quickest drive between two nodes; none where there is no way, or nowhere to go."""
        return [int(arc) for arc in self.metric.query(source, target)[2]]


def _whole(weight: Ints) -> np.ndarray:
    return np.where(weight < 0, NEVER, weight).astype(np.uint32)


class HierarchyEngine:
    """Hierarchies as `TravelEngine`: each network is prepared once, and then customized for every call."""

    def __init__(self) -> None:
        self._prepared: WeakKeyDictionary[Network, Hierarchy] = WeakKeyDictionary()

    def __call__(self, network: Network, weight: Ints, sources: Ints, targets: Ints) -> Ints:
        """Compute driving times; as `TravelEngine`."""
        if not network.n_nodes or not fits(network, weight):
            return plain_engine(network, weight, sources, targets)
        return self.prepared(network).customized(weight).times(sources, targets)

    def prepared(self, network: Network) -> Hierarchy:
        """Give the hierarchy of a network, made at the first call."""
        if network not in self._prepared:
            self._prepared[network] = Hierarchy.of(network)
        return self._prepared[network]


def fits(network: Network, weight: Ints) -> bool:
    """Whether no quickest drive on a network can take so long that RoutingKit would take it for no way.

    A drive enters each node at most once. Where that bound is too weak, one of the biggest part in which one can drive
    from anywhere to anywhere is used: no drive in it is longer than by way of one of its nodes.
    """
    open_ = np.flatnonzero(weight >= 0)
    entering = np.zeros(network.n_nodes, dtype=np.int64)
    np.maximum.at(entering, network.head[open_], weight[open_])
    if int(entering.sum()) < NEVER:
        return True
    graph = quickest_arcs(network, weight)
    part = connected_components(graph, connection="strong")[1]
    big = part == np.argmax(np.bincount(part))
    hub = np.array([np.argmax(big)])
    there, back = dijkstra(graph, indices=hub)[0, big].max(), dijkstra(graph.T, indices=hub)[0, big].max()
    bound: int = int(there + back) + int(entering[~big].sum()) + int(entering.max())
    return bound < NEVER


def best_engine() -> TravelEngine:
    """Give the quickest engine that is installed."""
    return HierarchyEngine() if available() else plain_engine
