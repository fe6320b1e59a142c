"""OSM files: `.osm`, `.osm.gz`, `.osm.bz2` and `.osm.pbf` become roads.

pyosmium reads the file, as a stream and only what is needed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import cast

import geopandas as gpd
import osmium
import shapely

from kaur_gis.config import Operation
from kaur_gis.inputs import Roads
from kaur_gis.problems import Problem
from kaur_gis.read import road_cache
from kaur_gis.read.osm_layers import TAGS, roads_of, study_area, values_of
from kaur_gis.read.osm_pieces import Tags, directions, pieces_of
from kaur_gis.read.osm_scan import MEGABYTE, ScanError, scan_xml, stop
from kaur_gis.read.safely import changed, local_file, printable
from kaur_gis.rules import FERRY

SUFFIXES = {".osm": "", ".osm.gz": "gz", ".osm.bz2": "bz2", ".osm.pbf": "pbf"}
MAX_BYTES = 500 * MEGABYTE  # [B] of the file as it lies on the disk
MAX_WAYS = 3_000_000
MAX_WAY_NODES = 2000  # OSM's own limit
HIGHWAYS = (
    *(f"{name}{link}" for name in ("motorway", "trunk", "primary", "secondary", "tertiary") for link in ("", "_link")),
    *("unclassified", "residential", "living_street", "service", "road", "track", "path", "bridleway"),
    *("pedestrian", "footway", "steps"),
)
"""Classes on land that something or somebody may use."""
CLASSES = (*HIGHWAYS, FERRY)
"""A water leg (``route=ferry``) is a class of its own."""
BEGINNINGS = {"": b"<", "gz": b"\x1f\x8b", "bz2": b"BZh"}
PBF_HEADER = b"\x0a\x09OSMHeader"  # right after the first four bytes
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}(?=T\d{2}:)")


@dataclass
class Extract:
    """The ways that matter, and their nodes.

    Attributes
    ----------
    nodes : dict
        Node id -> longitude, latitude.
    fords : set of int
        Nodes that are fords.
    ways : list of (id, node ids, tags)
    dangling : int
        References to nodes that the file does not hold.
    """

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    fords: set[int] = field(default_factory=set)
    ways: list[tuple[int, list[int], dict[str, str]]] = field(default_factory=list)
    dangling: int = 0


def read_osm(
    operation: Operation,
    folder: Path,
    name: str,
    kecamatan: gpd.GeoDataFrame,
    problems: list[Problem],
    sha256: dict[str, str],
    *,
    allow_outside: bool,
) -> Roads | None:
    """Read an OSM file.

    Parameters
    ----------
    operation : Operation
    folder : Path
        Folder in which the file is named.
    name : str
        The file as the operation or the command line gives it.
    kecamatan : GeoDataFrame
        Layer `Kecamatan`.
    problems : list of Problem
        What is wrong, repaired or worth knowing is appended.
    sha256 : dict
        The digest of the file is added under `name`.
    allow_outside : bool
        Whether the file may lie outside `folder`.

    Returns
    -------
    Roads or None
        None when the file is refused.
    """
    path = local_file(folder, name, problems, suffixes=sorted(SUFFIXES), allow_outside=allow_outside)
    if path is None:
        return None
    packing = next(kind for suffix, kind in sorted(SUFFIXES.items()) if path.name.lower().endswith(suffix))
    found: list[Problem] = []
    try:
        data = _bytes_of(path, packing)
        place = road_cache.place_of(data, name, operation, kecamatan)
        kept = road_cache.kept_at(place)
        roads, told = kept or (_read(data, packing, name, operation, kecamatan, found), found)
    except ScanError as error:
        details = {"reason": printable(error.reason)}
        problems.append(Problem(error.what, file=name, details=details))
        return None
    sha256[name] = hashlib.sha256(data).hexdigest()
    problems += told
    if kept is None:
        roads = road_cache.keep(place, roads, told)
    return roads


def _read(
    data: bytes,
    packing: str,
    name: str,
    operation: Operation,
    kecamatan: gpd.GeoDataFrame,
    problems: list[Problem],
) -> Roads | None:
    """Read the bytes of a file; as `read_osm`.

    Raises
    ------
    ScanError
        For a file that is refused as a whole.
    """
    stamp = "" if packing == "pbf" else scan_xml(data, packing)
    extract, header = _extract(data, packing)
    if extract.dangling:
        problems.append(Problem("osm_dangling", file=name, level="fix", details={"n": extract.dangling}))
    _near(extract, kecamatan, operation)
    if not extract.ways:
        problems.append(Problem("osm_no_roads", file=name))
        return None
    # the operation's date is that of the roads it names itself; a file without a date has none
    named = operation.roads.as_of if name == operation.roads.path else None
    pieces = pieces_of(extract.nodes, _pieces(extract))
    return roads_of(pieces, operation, kecamatan, problems, file=name, as_of=_day(stamp or header) or named)


def _bytes_of(path: Path, packing: str) -> bytes:
    """Read the whole file once, within the budget, and check how it begins."""
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read(MAX_BYTES + 1)
        after = path.stat()
    except OSError as error:
        stop("file_broken", error.strerror or "?")
    if len(data) > MAX_BYTES:
        stop("osm_too_big", str(MAX_BYTES // MEGABYTE))
    if changed(before, after):
        stop("file_changed")
    start = data[4:16] if packing == "pbf" else data.lstrip(b"\xef\xbb\xbf \t\r\n")[:16]
    if not start.startswith(PBF_HEADER if packing == "pbf" else BEGINNINGS[packing]):
        stop("osm_disguised")
    return data


def _extract(data: bytes, packing: str) -> tuple[Extract, str]:
    """Read the drivable ways, then only the nodes they need; gives the header's words on its time as well."""
    extract = Extract()
    kind = "pbf" if packing == "pbf" else f"osm.{packing}".rstrip(".")
    try:
        needed = _read_ways(osmium.io.FileBuffer(data, kind), extract)
        header = _read_nodes(osmium.io.FileBuffer(data, kind), extract, needed)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:  # pyosmium's words for a damaged file
        if isinstance(error, ScanError):
            raise
        stop("osm_broken", str(error))
    extract.ways = [
        (way, run, tags) for way, refs, tags in extract.ways for run in _runs(refs, extract.nodes) if len(run) > 1
    ]
    extract.ways.sort(key=lambda item: (item[0], item[1]))
    return extract, header


def _read_ways(file: osmium.io.FileBuffer, extract: Extract) -> set[int]:
    needed: set[int] = set()
    seen: set[int] = set()
    ways = osmium.FileProcessor(file, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway", "route"))
    for way in cast("Iterable[osmium.osm.Way]", ways):
        if way.id in seen:
            stop("osm_twice", f"way {way.id}")
        seen.add(way.id)
        if len(seen) > MAX_WAYS or len(way.nodes) > MAX_WAY_NODES:
            stop("osm_too_many", str(MAX_WAYS))
        tags = {tag.k: tag.v for tag in way.tags if tag.k in TAGS}
        if tags.get("highway") not in HIGHWAYS:
            tags["highway"] = FERRY if way.tags.get("route") == FERRY else ""
        if way.deleted or not tags["highway"] or way.tags.get("area") == "yes":
            continue
        refs = [node.ref for node in way.nodes]
        if min((way.id, *refs)) < 0:
            stop("osm_negative", f"way {way.id}")
        needed.update(refs)
        extract.ways.append((way.id, refs, tags))
    return needed


def _read_nodes(file: osmium.io.FileBuffer, extract: Extract, needed: set[int]) -> str:
    nodes = osmium.FileProcessor(file, osmium.osm.NODE)
    header = nodes.header
    for node in cast("Iterable[osmium.osm.Node]", nodes.with_filter(osmium.filter.IdFilter(needed))):
        if node.deleted:
            continue
        if node.id in extract.nodes:
            stop("osm_twice", f"node {node.id}")
        where = node.location
        if not where.valid():
            stop("osm_position", f"node {node.id}")
        extract.nodes[node.id] = (where.lon_without_check(), where.lat_without_check())
        if node.tags and node.tags.get("ford", "no") != "no":
            extract.fords.add(node.id)
    extract.dangling = len(needed - extract.nodes.keys())
    return " ".join(header.get(key) for key in ("osmosis_replication_timestamp", "timestamp", "generator"))


def _runs(refs: Iterable[int], known: Mapping[int, object]) -> Iterator[list[int]]:
    """Cut a way where its nodes are missing, and drop nodes that repeat at once."""
    run: list[int] = []
    for ref in refs:
        if ref not in known:
            yield run
            run = []
        elif not run or run[-1] != ref:
            run.append(ref)
    yield run


def _day(text: str) -> dt.date | None:
    found = STAMP.search(text)
    try:
        return dt.date.fromisoformat(found.group()) if found else None
    except ValueError:
        return None


def _near(extract: Extract, kecamatan: gpd.GeoDataFrame, operation: Operation) -> None:
    """Keep the ways that touch the kecamatan or the buffer around them, whole."""
    area = study_area(operation, kecamatan)
    shapely.prepare(area)
    ids = list(extract.nodes)
    where = [extract.nodes[node] for node in ids]
    inside = shapely.contains_xy(area, [lon for lon, _ in where], [lat for _, lat in where])
    near = {node for node, is_inside in zip(ids, inside, strict=True) if is_inside}
    extract.ways = [way for way in extract.ways if not near.isdisjoint(way[1])]
    kept = {ref for _, refs, _ in extract.ways for ref in refs}
    extract.nodes = {node: extract.nodes[node] for node in sorted(kept)}


def _pieces(extract: Extract) -> Iterator[tuple[int, int, int, Tags]]:
    """Cut the ways between their nodes, in each direction in which they may be driven."""
    for way, refs, tags in extract.ways:
        along, back = directions(tags)
        plain, ford = values_of(tags), values_of({**tags, "ford": "yes"})
        for one, other in pairwise(refs):
            # a ford at a node: the pieces of road on both sides of it
            values = plain if extract.fords.isdisjoint((one, other)) else ford
            if along:
                yield one, other, way, values
            if back:
                yield other, one, way, values
