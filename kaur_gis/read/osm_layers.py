"""Pieces of road become the road layers: merged where no tag changes, checked against the kecamatan."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kaur_gis.config import Operation
from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS, RoadEdges, RoadNodes, checked_geo
from kaur_gis.problems import Problem
from kaur_gis.read.osm_pieces import Ints, Pieces, Tags, merged

TEXTS = (
    *("highway", "surface", "tracktype", "smoothness", "name", "ref"),
    *("access", "motor_vehicle", "motorcycle", "foot", "lanes"),
)
LIMITS = {"maxspeed": "maxspeed_kmh", "maxweight": "maxweight_t", "width": "width_m"}
DIFFER = (*TEXTS, *LIMITS, "bridge", "ford", "tunnel")
"""Tags by which edges are kept apart: a merged edge has one speed for every vehicle and weather."""
TAGS = (*DIFFER, "oneway", "junction")
UNITS = {
    "maxspeed": {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344},
    "maxweight": {"": 1.0, "t": 1.0, "ton": 1.0, "kg": 0.001},
    "width": {"": 1.0, "m": 1.0},
}
RANGES = {"maxspeed": (5.0, 130.0), "maxweight": (0.1, 200.0), "width": (0.3, 60.0)}
BIG_PIECE = 0.02  # a piece of the network with this share of all road metres, not joined to the rest, is told


def values_of(tags: Mapping[str, str]) -> Tags:
    """Give the values of the tags by which edges are kept apart, "" where a tag is silent."""
    return tuple(tags.get(tag, "") for tag in DIFFER)


def roads_of(
    pieces: Pieces,
    operation: Operation,
    kecamatan: gpd.GeoDataFrame,
    problems: list[Problem],
    *,
    file: str,
    as_of: dt.date | None,
) -> Roads | None:
    """Merge and check pieces of road, and turn them into layers.

    Parameters
    ----------
    pieces : Pieces
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
    if not len(pieces.tail):
        problems.append(Problem("osm_no_roads", file=file))
        return None
    nodes, edges, unread = _layers(pieces)
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


def _layers(pieces: Pieces) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, set[str]]:
    """Make the layers: nodes in the order of their ids, edges by their ends and course, whatever the file's order."""
    edges = merged(pieces)
    start, end = edges.first[:-1], edges.first[1:] - 1
    tail, head = pieces.tail[edges.piece[start]], pieces.head[edges.piece[end]]
    kept, at = np.unique(np.stack([tail, head]), return_inverse=True)
    u, v = at.reshape(2, -1)
    way = np.minimum.reduceat(pieces.way[edges.piece], start)
    lines = _courses(pieces, edges.piece, edges.first)
    keys = zip(u.tolist(), v.tolist(), way.tolist(), shapely.to_wkb(lines).tolist(), strict=True)
    order = np.array([row for _, row in sorted((key, row) for row, key in enumerate(keys))], dtype=np.int64)
    tags, unread = _tags(pieces.kinds, pieces.tags[edges.piece[start]][order])
    frame = gpd.GeoDataFrame(tags, geometry=lines[order], crs=CRS)
    frame.index = pd.RangeIndex(len(order), name="edge").astype("int64")
    frame = frame.assign(u=u[order], v=v[order], metres=edges.metres[order], osm_way=way[order])
    frame["twin"] = _twins(frame.geometry.to_numpy())
    frame["oneway"] = pd.Series(np.where(frame["twin"] < 0, "yes", ""), index=frame.index, dtype="str")
    node_index = pd.RangeIndex(len(kept), name="node").astype("int64")
    labels = pieces.labels[kept].astype(str)
    texts = pd.DataFrame({"label": labels, "kode_desa": ""}, index=node_index, dtype="str")
    nodes = gpd.GeoDataFrame(texts, geometry=shapely.points(pieces.xy[kept]), crs=CRS)
    return checked_geo(nodes, RoadNodes), checked_geo(frame, RoadEdges), unread


def _courses(pieces: Pieces, piece: Ints, first: Ints) -> np.ndarray:
    """Draw the edges: the beginning of each of its pieces, and the end of its last one."""
    size = np.diff(first)
    owner = np.repeat(np.arange(len(size)), size + 1)
    node = np.empty(len(owner), dtype=np.int64)
    last = np.cumsum(size + 1) - 1
    node[last] = pieces.head[piece[first[1:] - 1]]
    node[np.setdiff1d(np.arange(len(owner)), last, assume_unique=True)] = pieces.tail[piece]
    return np.asarray(shapely.linestrings(pieces.xy[node], indices=owner), dtype=object)


def _tags(kinds: list[Tags], kind: Ints) -> tuple[pd.DataFrame, set[str]]:
    """Read the tags of each edge; gives the columns, and the limits that could not be read."""
    used = np.unique(kind)
    unread: set[str] = set()
    rows = [_row(dict(zip(DIFFER, kinds[number], strict=True)), unread) for number in used.tolist()]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(TEXTS, "str"))
    return frame.iloc[np.searchsorted(used, kind)].reset_index(drop=True), unread


def _row(tags: Mapping[str, str], unread: set[str]) -> dict[str, object]:
    ford = _yes(tags["ford"]) or tags["bridge"] == "low_water_crossing"  # both go under in high water
    row: dict[str, object] = {tag: tags[tag] for tag in TEXTS}
    row |= {"bridges": int(_yes(tags["bridge"]) and not ford), "fords": int(ford), "tunnel": _yes(tags["tunnel"])}
    for tag, column in LIMITS.items():
        row[column] = limit = _limit(tag, tags[tag])
        if tags[tag] and math.isnan(limit):
            unread.add(f"{tag}={tags[tag]}"[:60])
    return row


def _yes(value: str) -> bool:
    return value not in ("", "no")


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


def _twins(lines: np.ndarray) -> Ints:
    """Pair each edge with the one that runs back along the same line; -1 where there is none."""
    course, back = shapely.to_wkb(lines).tolist(), shapely.to_wkb(shapely.reverse(lines)).tolist()
    waiting: dict[bytes, list[int]] = defaultdict(list)
    twin = np.full(len(lines), -1, dtype=np.int64)
    for edge in range(len(lines)):
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
    ends = edges["u"].to_numpy(), edges["v"].to_numpy()
    joined = coo_array((np.ones(len(edges)), ends), shape=(len(nodes), len(nodes)))
    piece = pd.Series(connected_components(joined, directed=False)[1])
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
