"""Roads: the schematic tables, an OSM file or a download become the layers of `inputs.Roads`."""

from __future__ import annotations

import math
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.config import Operation
from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS, KODE_DESA, RoadEdges, RoadNodes, checked_geo
from kaur_gis.problems import Problem
from kaur_gis.read.cells import Fault, decimal, integer, text_up_to, words
from kaur_gis.read.osm import CLASSES, read_osm
from kaur_gis.read.safely import printable, read_bytes
from kaur_gis.read.tables import Column, Table, read_table

MAX_KM = 500.0  # of one schematic link
SILENT = (
    "surface",
    "tracktype",
    "smoothness",
    "name",
    "ref",
    "access",
    "motor_vehicle",
    "motorcycle",
    "foot",
    "oneway",
    "lanes",
)
UNKNOWN_LIMITS = ("maxspeed_kmh", "maxweight_t", "width_m")


def read_roads(
    operation: Operation,
    folder: Path,
    override: Path | None,
    kecamatan: gpd.GeoDataFrame,
    problems: list[Problem],
    sha256: dict[str, str],
) -> Roads | None:
    """Read the roads that the operation or the command line names.

    Parameters
    ----------
    operation : Operation
    folder : Path
        Folder of the operation file.
    override : Path or None
        An OSM file that the planner typed; it may lie anywhere.
    kecamatan : GeoDataFrame
        Layer `Kecamatan`: roads within `roads.buffer_m` of it are kept, and it must be covered.
    problems : list of Problem
        What is wrong, repaired or worth knowing is appended.
    sha256 : dict
        The digest of each file is added under its name.

    Returns
    -------
    Roads or None
        None when the roads are refused.
    """
    source = operation.roads
    if override is not None:
        return read_osm(operation, override.parent, override.name, kecamatan, problems, sha256, allow_outside=True)
    if source.kind == "osm":
        outside = operation.layers.allow_outside
        return read_osm(operation, folder, str(source.path), kecamatan, problems, sha256, allow_outside=outside)
    if source.kind == "overpass":
        from kaur_gis.read.overpass import download  # noqa: PLC0415 - brings osmnx and matplotlib, half a second

        return download(operation, kecamatan, problems, timeout_s=operation.roads.timeout_s)
    return read_schematic(operation, folder, problems, sha256)


def read_schematic(operation: Operation, folder: Path, problems: list[Problem], sha256: dict[str, str]) -> Roads | None:
    """Read the two tables of a schematic network: points, and the road kilometres between them."""
    region, source = operation.region, operation.roads
    node_columns = (
        Column("id", text_up_to(40)),
        Column("kind", words("desa", "simpang")),
        Column("lat", decimal(region.south_lat, region.north_lat)),
        Column("lon", decimal(region.west_lon, region.east_lon)),
        Column("kode_desa", _villages, blank=""),
    )
    edge_columns = (
        Column("from_id", text_up_to(40)),
        Column("to_id", text_up_to(40)),
        Column("km", decimal(0.001, MAX_KM)),
        Column("highway", words(*CLASSES)),
        Column("bridges", integer(0, 1000)),
    )
    before = len(problems)
    tables = []
    for name, columns, keyed in ((source.nodes, node_columns, True), (source.edges, edge_columns, False)):
        outside = operation.layers.allow_outside
        data = read_bytes(folder, str(name), problems, sha256, suffixes=[".csv"], allow_outside=outside)
        table = None if data is None else read_table(data, str(name), columns, problems, keyed=keyed)
        if table is None:
            return None
        tables.append(table)
    points, links = tables
    _check_links(points, links)
    _check_villages(points)
    if any(problem.level == "refuse" for problem in problems[before:]):
        return None
    nodes = _nodes(points.frame)
    return Roads(
        nodes=nodes,
        edges=_edges(links.frame, nodes),
        schematic=True,
        as_of=source.as_of,
        source=f"{points.file}, {links.file}",
    )


def _villages(text: str) -> str | Fault:
    """Parse one or more kode_desa with a space between."""
    whole = all(re.fullmatch(KODE_DESA, kode, re.ASCII) for kode in text.split())
    return text if whole else Fault("code_pattern", example="17.04.01.2001")


def _check_links(points: Table, links: Table) -> None:
    """Refuse links whose ends are unknown or the same, and links stated twice."""
    seen: dict[frozenset[str], int] = {}
    for line, *ends in links.frame[["from_id", "to_id"]].itertuples():
        for column, end in zip(("from_id", "to_id"), ends, strict=True):
            if end is not None and end not in points.codes:
                links.add("road_link_end", line, column, end)
        if ends[0] is not None and ends[0] == ends[1]:
            links.add("road_link_loop", line, "to_id", ends[1])
        first = seen.setdefault(frozenset(map(str, ends)), line)
        if first != line:
            links.add("road_link_twice", line, "from_id", " - ".join(map(str, ends)), first_row=first)


def _check_villages(points: Table) -> None:
    """Refuse a village that attaches to two points."""
    seen: dict[str, int] = {}
    for line, kodes in points.frame[["kode_desa"]].dropna().itertuples():
        for kode in str(kodes).split():
            first = seen.setdefault(kode, line)
            if first != line:
                points.add("road_village_twice", line, "kode_desa", printable(kode), first_row=first)


def _nodes(points: pd.DataFrame) -> gpd.GeoDataFrame:
    points = points.sort_values("id")
    frame = pd.DataFrame(
        {"label": points["id"].astype(str).to_numpy(), "kode_desa": points["kode_desa"].astype(str).to_numpy()},
        index=pd.RangeIndex(len(points), name="node").astype("int64"),
    )
    where = shapely.points(points["lon"].to_numpy(np.float64), points["lat"].to_numpy(np.float64))
    return checked_geo(gpd.GeoDataFrame(frame.astype("str"), geometry=where, crs=CRS), RoadNodes)


def _edges(links: pd.DataFrame, nodes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make both directions of every link: rows 2 k and 2 k + 1 are twins."""
    at = pd.Series(nodes.index, index=nodes["label"])
    ends = np.sort(np.column_stack([at[links["from_id"]], at[links["to_id"]]]), axis=1)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    links, ends = links.iloc[order], ends[order]
    u, v = ends.reshape(-1), ends[:, ::-1].reshape(-1)
    xy = shapely.get_coordinates(nodes.geometry.to_numpy())
    index = pd.RangeIndex(len(u), name="edge").astype("int64")
    blank = pd.array([""] * len(u), dtype="str")
    frame = pd.DataFrame(
        {
            "u": u,
            "v": v,
            "twin": np.arange(len(u)) ^ 1,
            "metres": np.repeat(links["km"].to_numpy(np.float64) * 1000, 2),
            "highway": pd.array(np.repeat(links["highway"].to_numpy(), 2), dtype="str"),
            "bridges": np.repeat(links["bridges"].to_numpy(np.int64), 2),
            **dict.fromkeys(SILENT, blank),
            **dict.fromkeys(UNKNOWN_LIMITS, math.nan),
            "fords": 0,
            "tunnel": False,
            "osm_way": 0,
        },
        index=index,
    )
    lines = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    return checked_geo(gpd.GeoDataFrame(frame, geometry=lines, crs=CRS), RoadEdges)
