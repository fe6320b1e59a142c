"""An osmnx graph becomes the road layers: exact lengths, then simplified where no tag changes."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import shapely
from pyproj import Geod

from kaur_gis.config import Operation
from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS, RoadEdges, RoadNodes, checked_geo
from kaur_gis.problems import Problem

GEOD = Geod(ellps="WGS84")
TEXTS = (
    *("highway", "surface", "tracktype", "smoothness", "name", "ref"),
    *("access", "motor_vehicle", "motorcycle"),
)
LIMITS = {"maxspeed": "maxspeed_kmh", "maxweight": "maxweight_t", "width": "width_m"}
DIFFER = (*TEXTS, *LIMITS, "bridge", "ford", "tunnel")
"""Tags by which edges are kept apart: a merged edge has one speed for every vehicle and weather."""
TAGS = (*DIFFER, "oneway", "junction", "lanes", "ref:way")
UNITS = {
    "maxspeed": {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344},
    "maxweight": {"": 1.0, "t": 1.0, "ton": 1.0, "kg": 0.001},
    "width": {"": 1.0, "m": 1.0},
}
RANGES = {"maxspeed": (5.0, 130.0), "maxweight": (0.1, 200.0), "width": (0.3, 60.0)}
BIG_PIECE = 0.02  # a piece of the network with this share of all road metres, not joined to the rest, is told


@contextmanager
def osmnx_settings(**more: object) -> Iterator[None]:
    """Set osmnx's process-wide settings for one call, and put them back."""
    wanted = {"useful_tags_way": list(TAGS), "useful_tags_node": [], "use_cache": False, "log_console": False, **more}
    before = {key: getattr(osmnx.settings, key) for key in wanted}
    try:
        for key, value in wanted.items():
            setattr(osmnx.settings, key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(osmnx.settings, key, value)


def roads_of(
    graph: nx.MultiDiGraph,
    operation: Operation,
    kecamatan: gpd.GeoDataFrame,
    problems: list[Problem],
    *,
    file: str,
    as_of: dt.date | None,
) -> Roads | None:
    """Measure, simplify and check a graph, and turn it into layers.

    Parameters
    ----------
    graph : MultiDiGraph
        As osmnx builds it, not simplified.
    operation : Operation
    kecamatan : GeoDataFrame
        Layer `Kecamatan`: must be covered.
    problems : list of Problem
        What is wrong or worth knowing is appended.
    file : str
        Name of the source.
    as_of : date or None
        Day of the data.

    Returns
    -------
    Roads or None
        None when the roads are refused.
    """
    _measure(graph)
    for _, _, piece in graph.edges(data=True):  # one attribute instead of fifteen: osmnx compares them one by one
        piece["tags"] = "\x1f".join(str(piece.get(tag, "")) for tag in DIFFER)
    graph = osmnx.simplify_graph(
        graph, edge_attrs_differ=["tags"], remove_rings=False, edge_attr_aggs={"length": math.fsum}
    )
    graph.remove_nodes_from(list(nx.isolates(graph)))
    if not graph.number_of_edges():
        problems.append(Problem("osm_no_roads", file=file))
        return None
    nodes, edges, unread = _layers(graph)
    if unread:
        shown = ", ".join(sorted(unread)[:5])
        problems.append(Problem("osm_limits", file=file, value=shown, level="note", details={"n": len(unread)}))
    if not _covered(edges, kecamatan, operation, problems, file):
        return None
    _tell_pieces(nodes, edges, operation, problems, file)
    return Roads(nodes=nodes, edges=edges, schematic=False, as_of=as_of, source=file)


def study_area(operation: Operation, kecamatan: gpd.GeoDataFrame) -> shapely.Geometry:
    """Make the area of which roads are read: the kecamatan and `roads.buffer_m` around them, in lon, lat."""
    metric = kecamatan.geometry.to_crs(operation.region.metric_crs)
    area = metric.union_all().buffer(operation.roads.buffer_m).simplify(operation.roads.buffer_m / 100)
    return gpd.GeoSeries([area], crs=metric.crs).to_crs(CRS).iloc[0]


def _measure(graph: nx.MultiDiGraph) -> None:
    """Replace osmnx's spherical lengths by geodesic ones [m]; pieces of no length go."""
    arcs = list(graph.edges(keys=True))
    xy = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
    ends = np.array([(*xy[u], *xy[v]) for u, v, _ in arcs], dtype=np.float64).reshape(-1, 4)
    metres = np.asarray(GEOD.inv(*ends.T)[2], dtype=np.float64)
    nx.set_edge_attributes(graph, dict(zip(arcs, metres.tolist(), strict=True)), "length")
    graph.remove_edges_from([arc for arc, length in zip(arcs, metres, strict=True) if length == 0])


def _layers(graph: nx.MultiDiGraph) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, set[str]]:
    """Make the layers: nodes in the order of their ids, edges by their ends and course, whatever the graph's order."""
    labels = sorted(graph.nodes)
    number = {label: at for at, label in enumerate(labels)}
    node_index = pd.RangeIndex(len(labels), name="node").astype("int64")
    points = shapely.points([(graph.nodes[label]["x"], graph.nodes[label]["y"]) for label in labels])
    texts = pd.DataFrame({"label": [str(label) for label in labels], "kode_desa": ""}, index=node_index, dtype="str")
    nodes = checked_geo(gpd.GeoDataFrame(texts, geometry=points, crs=CRS), RoadNodes)
    unread: set[str] = set()
    rows = [_row(number[u], number[v], data, points, unread) for u, v, data in graph.edges(data=True)]
    rows.sort(key=lambda row: (row["u"], row["v"], row["osm_way"], shapely.to_wkb(row["geometry"])))
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    frame.index = pd.RangeIndex(len(rows), name="edge").astype("int64")
    frame["twin"] = _twins(frame)
    frame = frame.astype(dict.fromkeys(TEXTS, "str"))
    return nodes, checked_geo(frame, RoadEdges), unread


def _row(u: int, v: int, data: dict[str, object], points: np.ndarray, unread: set[str]) -> dict[str, object]:
    ways = data.get("ref:way", data.get("osmid", 0))
    ford = _yes(data.get("ford")) or data.get("bridge") == "low_water_crossing"  # both go under in high water
    row: dict[str, object] = {
        "u": u,
        "v": v,
        "metres": float(str(data["length"])),
        "bridges": int(_yes(data.get("bridge")) and not ford),
        "fords": int(ford),
        "tunnel": _yes(data.get("tunnel")),
        "osm_way": min(map(int, ways)) if isinstance(ways, list) else int(str(ways)),
        "geometry": data.get("geometry") or shapely.LineString([points[u], points[v]]),
    }
    row |= {tag: str(data.get(tag, "")) for tag in TEXTS}
    for tag, column in LIMITS.items():
        text = str(data.get(tag, ""))
        row[column] = _limit(tag, text)
        if text and math.isnan(float(str(row[column]))):
            unread.add(f"{tag}={text}"[:60])
    return row


def _yes(value: object) -> bool:
    return value not in (None, "", "no")


def _limit(tag: str, text: str) -> float:
    """Read the lowest of the limits in a tag; NaN where one can't be read or is no sensible limit."""
    found = []
    for part in text.split(";"):
        match = re.fullmatch(r"\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*([a-z/]*)\s*", part)
        factor = UNITS[tag].get(match[2]) if match else None
        if match is None or factor is None:
            return math.nan
        found.append(float(match[1].replace(",", ".")) * factor)
    low, high = RANGES[tag]
    return min(found) if low <= min(found) <= high else math.nan


def _twins(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Pair each edge with the one that runs back along the same line; -1 where there is none."""
    course = [shapely.get_coordinates(line).tobytes() for line in frame.geometry]
    back = [shapely.get_coordinates(line)[::-1].tobytes() for line in frame.geometry]
    waiting: dict[bytes, list[int]] = defaultdict(list)
    twin = np.full(len(frame), -1, dtype=np.int64)
    for edge in range(len(frame)):
        if waiting[back[edge]]:
            other = waiting[back[edge]].pop(0)
            twin[edge], twin[other] = other, edge
        else:
            waiting[course[edge]].append(edge)
    return twin


def _covered(
    edges: gpd.GeoDataFrame, kecamatan: gpd.GeoDataFrame, operation: Operation, problems: list[Problem], file: str
) -> bool:
    """Whether the roads cover the kecamatan: refused where half of them or more hold no road at all; others told."""
    tree = shapely.STRtree(edges.geometry.to_numpy())
    areas = kecamatan.sort_index()
    touched = np.unique(tree.query(areas.geometry.to_numpy(), predicate="intersects")[0])
    bare = areas.drop(index=areas.index[touched])
    if not len(bare):
        return True
    refused = 2 * len(bare) >= len(areas)
    names = ", ".join(bare["nama"])
    details = {"n": len(bare), "n_all": len(areas), "buffer_m": operation.roads.buffer_m}
    what = "osm_not_covered" if refused else "osm_bare_kecamatan"
    problems.append(Problem(what, file=file, value=names, level="refuse" if refused else "note", details=details))
    return not refused


def _tell_pieces(
    nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, operation: Operation, problems: list[Problem], file: str
) -> None:
    """Tell of every big piece that is not joined to the biggest, and where the two come nearest."""
    graph = nx.Graph()
    graph.add_nodes_from(nodes.index)
    graph.add_edges_from(zip(edges["u"], edges["v"], strict=True))
    piece = pd.Series({node: at for at, part in enumerate(nx.connected_components(graph)) for node in part})
    of_edge = edges["u"].map(piece)
    metres = edges["metres"].groupby(of_edge).sum()
    big = metres[metres >= BIG_PIECE * metres.sum()].sort_values(ascending=False, kind="stable")
    lines = edges.geometry.to_crs(operation.region.metric_crs)
    main = lines[of_edge == big.index[0]].to_numpy()
    tree = shapely.STRtree(main)
    for other in big.index[1:]:
        these = lines[of_edge == other].to_numpy()
        (here, there), gaps = tree.query_nearest(these, return_distance=True, all_matches=False)
        at = int(np.argmin(gaps))
        gap = shapely.shortest_line(these[here[at]], main[there[at]])
        lonlat = gpd.GeoSeries([gap], crs=operation.region.metric_crs).to_crs(CRS).iloc[0]
        lon, lat = shapely.get_coordinates(lonlat)[0]
        details = {
            "n_main": int((piece == big.index[0]).sum()),
            "n_other": int((piece == other).sum()),
            "km_other": round(float(metres[other]) / 1000, 1),
            "buffer_m": operation.roads.buffer_m,
            "gap_m": round(float(gaps[at]), 1),
            "lat": round(float(lat), 6),
            "lon": round(float(lon), 6),
        }
        problems.append(Problem("osm_pieces", file=file, level="note", details=details))
