"""Where each stop meets the road: the nearest point of an edge from which one can drive there and back."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from kaur_gis.travel.network import Bools, Floats, Ints, Network

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
        Distance to the road on the ellipsoid [m]; infinite where there is no road at all.
    carry_m : shape (n,)
        How far boxes are carried by hand from the road to the stop [m]; 0 for a stop that meets no road, and for one
        that stands for its whole village and lies at that village's own node: both points are estimates of one village.
    points : shape (n, 2)
        Longitude and latitude of the point of the road; the stop's own where it meets none.
    """

    node: Ints
    edge: Ints
    share: Floats
    snap_m: Floats
    carry_m: Floats
    points: Floats


def strong_parts(network: Network, usable: Bools) -> Ints:
    """Name by numbers the parts of the network in which one can drive from anywhere to anywhere; shape (n_nodes,)."""
    arcs = np.flatnonzero(usable)
    shape = (network.n_nodes, network.n_nodes)
    graph = csr_array((np.ones(len(arcs)), (network.tail[arcs], network.head[arcs])), shape=shape)
    return connected_components(graph, connection="strong")[1].astype(np.int64)


def main_part(network: Network, usable: Bools, stops: gpd.GeoDataFrame, max_snap_m: float, metric_crs: str) -> Bools:
    """Find the arcs of the main part: the one from which most gudang, then most PPK, can be served.

    A base counts for every part that comes within `max_snap_m` of it, so that a short road that is joined to nothing
    does not win for lying nearest. Of equals the longer part wins.

    Returns
    -------
    shape (m,)
        True on the arcs of the main part; all False where nothing is usable.
    """
    part = strong_parts(network, usable)
    inside: Bools = usable & (part[network.tail] == part[network.head])
    arcs = np.flatnonzero(inside)
    if not len(arcs):
        return inside
    of_arc = part[network.tail[arcs]]
    near = []
    tree = shapely.STRtree(network.edges.geometry.iloc[arcs].to_crs(metric_crs).to_numpy())
    for kind in BASES:
        bases = stops.geometry[stops["kind"] == kind].to_crs(metric_crs).to_numpy()
        base, hit = tree.query(bases, predicate="dwithin", distance=max_snap_m)
        pairs = np.unique(np.column_stack([base, of_arc[hit]]), axis=0)
        near.append(np.bincount(pairs[:, 1], minlength=network.n_nodes))
    length = np.bincount(of_arc, weights=network.mm[arcs], minlength=network.n_nodes)
    best = np.lexsort((-np.arange(network.n_nodes), length, near[1], near[0]))[-1]
    inside[part[network.tail] != best] = False
    return inside


def snap(network: Network, usable: Bools, stops: gpd.GeoDataFrame, max_snap_m: float, metric_crs: str) -> Snapped:
    """Attach every stop to the main part of the network.

    On a real network a stop meets the nearest point of an edge. On a schematic one, whose lines do not show where
    the road runs, it attaches to its village's node, or else to the nearest node.

    Parameters
    ----------
    network : Network
    usable : shape (m,)
        Arcs that the vehicle may use.
    stops : GeoDataFrame
        Layer `Stops`.
    max_snap_m : float
        A stop farther than this from the main part meets no road [m].
    metric_crs : str
        CRS in which "nearest" is measured.
    """
    main = main_part(network, usable, stops, max_snap_m, metric_crs)
    own = shapely.get_coordinates(stops.geometry.to_numpy())
    if not main.any():
        empty = np.full(len(stops), -1, dtype=np.int64)
        zero = np.zeros(len(stops))
        return Snapped(empty, empty, zero, np.full(len(stops), np.inf), zero, own)
    if network.schematic:
        node, at_home, points = _to_nodes(network, main, stops, metric_crs)
        edge, share = np.full(len(stops), -1, dtype=np.int64), np.zeros(len(stops))
    else:
        node, edge, share, points = _to_lines(network, main, stops, metric_crs)
        at_home = np.zeros(len(stops), dtype=np.bool_)
    snap_m = np.asarray(GEOD.inv(own[:, 0], own[:, 1], points[:, 0], points[:, 1])[2], dtype=np.float64)
    far = snap_m > max_snap_m
    return Snapped(
        node=np.where(far, -1, node),
        edge=np.where(far, -1, edge),
        share=share,
        snap_m=snap_m,
        carry_m=np.where(far | at_home, 0.0, snap_m),
        points=np.where(far[:, None], own, points),
    )


def _to_nodes(network: Network, main: Bools, stops: gpd.GeoDataFrame, metric_crs: str) -> tuple[Ints, Bools, Floats]:
    """Attach stops to their village's node where it is on the main part, else to the nearest node of it.

    Gives nodes, whether a stop stands for the village of its node, and where the nodes lie.
    """
    nodes = np.unique(network.tail[main])
    points = network.nodes.geometry.iloc[nodes]
    nearest = shapely.STRtree(points.to_crs(metric_crs).to_numpy()).nearest(
        stops.geometry.to_crs(metric_crs).to_numpy()
    )
    villages = network.nodes["kode_desa"].to_numpy()
    of_village = {kode: int(node) for node in nodes[::-1] for kode in str(villages[node]).split()}
    at_home = stops["kode_desa"].isin(of_village).to_numpy()
    node = np.array(
        [of_village.get(kode, int(nodes[near])) for kode, near in zip(stops["kode_desa"], nearest, strict=True)],
        dtype=np.int64,
    )
    where = shapely.get_coordinates(network.nodes.geometry.iloc[node].to_numpy())
    return node, at_home & (stops["posisi"] == "desa").to_numpy(), where


def _to_lines(
    network: Network, main: Bools, stops: gpd.GeoDataFrame, metric_crs: str
) -> tuple[Ints, Ints, Floats, Floats]:
    """Attach stops to the nearest point of the main part's lines; of equally near lines to the first.

    Gives nodes, arcs, shares along the arcs, and where the points lie.
    """
    lines = np.flatnonzero(main & network.lines)
    metric = network.edges.geometry.iloc[lines].to_crs(metric_crs).to_numpy()
    places = stops.geometry.to_crs(metric_crs).to_numpy()
    stop, hit = shapely.STRtree(metric).query_nearest(places)
    first = np.full(len(stops), len(lines), dtype=np.int64)
    np.minimum.at(first, stop, hit)
    points, share = np.empty((len(stops), 2)), np.empty(len(stops))
    for row, line in enumerate(first):
        share[row], points[row] = _nearest_on(metric[line], network.courses[lines[line]], places[row])
    edge = lines[first]
    at_start = share * network.mm[edge] < AT_NODE_MM
    at_end = (1 - share) * network.mm[edge] < AT_NODE_MM
    node = np.where(at_start, network.tail[edge], np.where(at_end, network.head[edge], -1))
    return node, np.where(node < 0, edge, -1), share, points


def _nearest_on(
    metric: shapely.LineString, geographic: shapely.LineString, place: shapely.Point
) -> tuple[float, Floats]:
    """Find the point of a line nearest to a place: its share of the line's ellipsoidal length, and lon, lat."""
    xy = shapely.get_coordinates(metric)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    at = shapely.line_locate_point(metric, place)
    piece = min(int(np.searchsorted(along, at, side="right")) - 1, len(xy) - 2)
    fraction = (at - along[piece]) / max(along[piece + 1] - along[piece], 1e-9)
    lonlat = shapely.get_coordinates(geographic)
    lengths = np.asarray(GEOD.line_lengths(lonlat[:, 0], lonlat[:, 1]))
    share = (lengths[:piece].sum() + fraction * lengths[piece]) / max(lengths.sum(), 1e-9)
    point = lonlat[piece] + fraction * (lonlat[piece + 1] - lonlat[piece])
    return float(np.clip(share, 0.0, 1.0)), point
