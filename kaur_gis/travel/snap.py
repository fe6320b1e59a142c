"""Where each stop meets the road: the nearest point of an edge to and from which the bases can drive.

A stop with a declared gate (`akses_lon`, `akses_lat`) meets the road nearest to the gate, however far the stop itself
lies from there; the way from the gate to the stop is carried by hand.

A stop that is too far from every such edge meets the nearest edge of any kind, so that its plan can say what is wrong:
a road that the bases reach but that leads nowhere back (`no_way_back`), or one that is joined to nothing (`no_road`).
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from kaur_gis.travel.network import Bools, Floats, Ints, Network
from kaur_gis.travel.stops import gates_of

GEOD = Geod(ellps="WGS84")
BASES = ("gudang", "ppk")  # in the order in which they decide what the main part is
AT_NODE_MM = 1.0  # a point this near the end of its line is the node itself


@dataclass(frozen=True, eq=False)
class Snapped:
    """Where each stop meets the road; one of `node` and `edge` is -1, or both where it meets none.

    Attributes
    ----------
    node : shape (n,)
        Node at which the stop lies.
    edge : shape (n,)
        Arc on which it lies, the first of a pair of twins.
    share : shape (n,)
        How far along that arc, by length, 0 < share < 1.
    snap_m : shape (n,)
        Distance from the stop, or from its gate, to the road on the ellipsoid [m]; infinite where there is no road at
        all.
    carry_m : shape (n,)
        How far boxes are carried by hand from the road to the stop, by way of its gate [m]; 0 for a stop that meets no
        road, and for one that stands for its whole village and lies at that village's own node: both points are
        estimates of one village.
    points : shape (n, 2)
        Longitude and latitude of the point of the road; those of the stop or its gate where it meets none.
    """

    node: Ints
    edge: Ints
    share: Floats
    snap_m: Floats
    carry_m: Floats
    points: Floats


@dataclass(frozen=True, eq=False)
class Ground:
    """Stops and roads in metres, made once for all vehicles.

    Attributes
    ----------
    network : Network
    stops : GeoDataFrame
        Layer `Stops`.
    lines : shape (m,)
        Line of every arc [m].
    gates : GeoSeries
        The point that vehicles make for: the stop's own, or its gate.
    places : shape (n,)
        The same [m].
    """

    network: Network
    stops: gpd.GeoDataFrame
    lines: NDArray[np.object_]
    gates: gpd.GeoSeries
    places: NDArray[np.object_]

    @classmethod
    def of(cls, network: Network, stops: gpd.GeoDataFrame, metric_crs: str) -> Ground:
        """Project both into the CRS in which "nearest" is measured."""
        lines = network.edges.geometry.to_crs(metric_crs).to_numpy()
        gates = gates_of(stops)
        return cls(network, stops, lines, gates, gates.to_crs(metric_crs).to_numpy())


def strong_parts(network: Network, usable: Bools) -> Ints:
    """Name by numbers the parts of the network in which one can drive from anywhere to anywhere; shape (n_nodes,)."""
    return connected_components(_graph(network, usable), connection="strong")[1].astype(np.int64)


def _graph(network: Network, usable: Bools) -> csr_array:
    arcs = np.flatnonzero(usable)
    shape = (network.n_nodes, network.n_nodes)
    return csr_array((np.ones(len(arcs)), (network.tail[arcs], network.head[arcs])), shape=shape)


def main_part(ground: Ground, usable: Bools, max_snap_m: float) -> Bools:
    """Find the arcs of the main part: the one from which most gudang, then most PPK, can be served.

    A base counts for every part that comes within `max_snap_m` of it, so that a short road that is joined to nothing
    does not win for lying nearest. Of equals the longer part wins.

    Returns
    -------
    shape (m,)
        True on the arcs of the main part; all False where nothing is usable.
    """
    network = ground.network
    part = strong_parts(network, usable)
    inside: Bools = usable & (part[network.tail] == part[network.head])
    arcs = np.flatnonzero(inside)
    if not len(arcs):
        return inside
    of_arc = part[network.tail[arcs]]
    near = []
    tree = shapely.STRtree(ground.lines[arcs])
    for kind in BASES:
        bases = ground.places[(ground.stops["kind"] == kind).to_numpy()]
        base, hit = tree.query(bases, predicate="dwithin", distance=max_snap_m)
        pairs = np.unique(base * network.n_nodes + of_arc[hit])  # a base and a part, each pair once
        near.append(np.bincount(pairs % network.n_nodes, minlength=network.n_nodes))
    length = np.bincount(of_arc, weights=network.mm[arcs], minlength=network.n_nodes)
    best = np.lexsort((-np.arange(network.n_nodes), length, near[1], near[0]))[-1]
    inside[part[network.tail] != best] = False
    return inside


def snap(ground: Ground, usable: Bools, max_snap_m: float) -> Snapped:
    """Attach every stop to the network.

    On a real network a stop meets the nearest point of an edge. On a schematic one, whose lines do not show where
    the road runs, it attaches to its village's node, or else to the nearest node.

    Parameters
    ----------
    ground : Ground
    usable : shape (m,)
        Arcs that the vehicle may use.
    max_snap_m : float
        A stop farther than this from the main part meets a road that can be reached from there, else any usable one;
        a stop farther than this from those too meets none [m].
    """
    network, n = ground.network, len(ground.stops)
    own = shapely.get_coordinates(ground.gates.to_numpy())
    place = shapely.get_coordinates(ground.stops.geometry.to_numpy())
    gate_m = np.asarray(GEOD.inv(*own.T, *place.T)[2], dtype=np.float64)
    main = main_part(ground, usable, max_snap_m)
    node, edge, share = np.full(n, -1), np.full(n, -1), np.zeros(n)
    snap_m, carry_m, points = np.full(n, np.inf), np.zeros(n), own.copy()
    to_do = np.arange(n)
    for arcs in (main, _ahead(network, usable, main), usable):
        if not len(to_do) or not arcs.any():
            continue
        found = (_to_nodes if network.schematic else _to_lines)(ground, arcs, to_do)
        metres = np.asarray(GEOD.inv(*own[to_do].T, *found.points.T)[2], dtype=np.float64)
        snap_m[to_do] = np.minimum(snap_m[to_do], metres)
        near = metres <= max_snap_m
        rows = to_do[near]
        node[rows], edge[rows], share[rows] = found.node[near], found.edge[near], found.share[near]
        carry_m[rows] = np.where(found.at_home, 0.0, metres)[near] + gate_m[rows]
        points[rows] = found.points[near]
        to_do = to_do[~near]
    return Snapped(node, edge, share, snap_m, carry_m, points)


def _ahead(network: Network, usable: Bools, main: Bools) -> Bools:
    """Arcs that can be reached from the main part."""
    if not main.any():
        return main
    start = int(network.tail[np.argmax(main)])
    reached = np.zeros(network.n_nodes, dtype=np.bool_)
    reached[breadth_first_order(_graph(network, usable), start, return_predecessors=False)] = True
    ahead: Bools = usable & reached[network.tail]
    return ahead


@dataclass(frozen=True, eq=False)
class _Found:
    """Where some stops meet some arcs; as `Snapped`, and whether a stop lies at the node of its own village."""

    node: Ints
    edge: Ints
    share: Floats
    at_home: Bools
    points: Floats


def _to_nodes(ground: Ground, arcs: Bools, rows: Ints) -> _Found:
    """Attach stops to their village's node where these arcs touch it, else to the nearest node that they touch.

    A stop with a gate meets the node nearest to that: its own village's may be the one that no vehicle reaches.
    """
    network, stops = ground.network, ground.stops.iloc[rows]
    nodes, first = np.unique(network.tail[arcs], return_index=True)
    begins = shapely.get_point(ground.lines[np.flatnonzero(arcs)[first]], 0)
    nearest = shapely.STRtree(begins).nearest(ground.places[rows])
    villages = network.nodes["kode_desa"].to_numpy()
    of_village = {kode: int(node) for node in nodes[::-1] for kode in str(villages[node]).split()}
    own = stops["kode_desa"].where(stops["akses_lon"].isna(), "")
    at_home = own.isin(of_village).to_numpy() & (stops["posisi"] == "desa").to_numpy()
    node = np.array(
        [of_village.get(kode, int(nodes[near])) for kode, near in zip(own, nearest, strict=True)], dtype=np.int64
    )
    where = shapely.get_coordinates(network.nodes.geometry.iloc[node].to_numpy())
    return _Found(node, np.full(len(rows), -1), np.zeros(len(rows)), at_home, where)


def _to_lines(ground: Ground, arcs: Bools, rows: Ints) -> _Found:
    """Attach stops to the nearest point of the arcs' lines; of equally near lines to the first."""
    network = ground.network
    lines = np.flatnonzero(arcs & (network.lines | ~arcs[network.twin]))
    stop, hit = shapely.STRtree(ground.lines[lines]).query_nearest(ground.places[rows])
    first = np.full(len(rows), len(lines), dtype=np.int64)
    np.minimum.at(first, stop, hit)
    edge = lines[first]
    share, points = _nearest_on(ground.lines[edge], network.courses[edge], ground.places[rows])
    at_start = share * network.mm[edge] < AT_NODE_MM
    at_end = (1 - share) * network.mm[edge] < AT_NODE_MM
    node = np.where(at_start, network.tail[edge], np.where(at_end, network.head[edge], -1))
    return _Found(node, np.where(node < 0, edge, -1), share, np.zeros(len(rows), dtype=np.bool_), points)


def _nearest_on(
    metric: NDArray[np.object_], geographic: NDArray[np.object_], places: NDArray[np.object_]
) -> tuple[Floats, Floats]:
    """Find the point of each line nearest to its place: its share of the line's ellipsoidal length, and lon, lat."""
    xy, owner = shapely.get_coordinates(metric, return_index=True)
    lonlat = shapely.get_coordinates(geographic)
    first = np.searchsorted(owner, np.arange(len(metric)))
    last = np.append(first[1:], len(owner)) - 1
    inside = np.append(owner[1:] == owner[:-1], False)  # vertices after which the same line goes on
    plane = np.where(inside, np.hypot(*np.roll(xy, -1, axis=0).T - xy.T), 0.0)
    round_ = np.where(inside, GEOD.inv(*lonlat.T, *np.roll(lonlat, -1, axis=0).T)[2], 0.0)
    along, walked = (np.concatenate([[0.0], np.cumsum(lengths)]) for lengths in (plane, round_))
    at = shapely.line_locate_point(metric, places) + along[first]
    piece = np.clip(np.searchsorted(along[:-1], at, side="right") - 1, first, last - 1)
    fraction = np.clip((at - along[piece]) / np.maximum(plane[piece], 1e-9), 0.0, 1.0)
    share = (walked[piece] - walked[first] + fraction * round_[piece]) / np.maximum(walked[last] - walked[first], 1e-9)
    points = lonlat[piece] + fraction[:, None] * (lonlat[piece + 1] - lonlat[piece])
    return np.clip(share, 0.0, 1.0), points
