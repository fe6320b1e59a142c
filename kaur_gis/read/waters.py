"""Rivers, lakes and the coast for the map: an optional layer, as `kaur-gis fetch` writes it or in its own columns."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import shapely

from kaur_gis.config import Region
from kaur_gis.layers import CRS, WATER_KINDS, Waters, checked_geo, empty
from kaur_gis.problems import Problem
from kaur_gis.read.cells import Fault, text_up_to, words
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.features import read_features
from kaur_gis.read.polygons import MAX_REPAIR_SHARE
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import MAX_VERTICES, printable
from kaur_gis.read.tables import Column, parse_cell

OSM_KINDS = {
    "river": "sungai",
    "canal": "sungai",
    "stream": "anak_sungai",
    "drain": "anak_sungai",
    "ditch": "anak_sungai",
    "water": "danau",
    "riverbank": "sungai",
    "coastline": "pantai",
}
"""Values of OSM's ``waterway`` and ``natural``, and what they are here."""
LINES, AREAS = ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon")
COLUMNS = (
    Column("jenis", words(*WATER_KINDS), required=False, blank=""),
    Column("nama", text_up_to(MAX_NAME), required=False, blank=""),
)
OSM_NAMES = {"jenis": ("waterway", "natural"), "nama": ("name",)}
"""Where a file that `fetch` wrote, or another one from OpenStreetMap, has them."""


def read_waters(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame:
    """Read the waters of one file, cut at the study box.

    Parameters
    ----------
    raw : Raw
        A GeoJSON, GeoPackage or Shapefile of lines and areas.
    region : Region
        Study box: what lies outside is left out.
    problems : list of Problem
        What is wrong is appended; `row` is the number of the feature, from 1.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Waters`, in the order of the file; empty where the file is refused.
    """
    found = [*raw.check_columns([column.name for column in COLUMNS])]
    box = shapely.box(region.west_lon, region.south_lat, region.east_lon, region.north_lat)
    records: list[dict[str, Any]] = []
    vertices = 0
    features = read_features(raw, region, found)
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(feature, dict) or not isinstance(properties, dict):
            found.append(Problem("bad_feature", raw.file, number))
            continue
        shape = _shape(feature.get("geometry"), number, raw.file, found)
        texts = _texts(properties, number, raw.file, found)
        if shape is None:
            continue
        vertices += shapely.get_num_coordinates(shape)
        inside = shape.intersection(box)
        parts = [part for part in getattr(inside, "geoms", [inside]) if part.geom_type == _single(shape) and part]
        if parts:
            kind = texts.get("jenis") or ("danau" if shape.geom_type in AREAS else "sungai")
            whole = parts[0] if len(parts) == 1 else shapely.union_all(parts)
            records.append({"jenis": kind, "nama": texts.get("nama", ""), "geometry": whole})
    if vertices > MAX_VERTICES:
        found.append(Problem("waters_many_vertices", raw.file, details={"limit": MAX_VERTICES}))
    elif features and not records and not _any_refused(found):
        found.append(Problem("waters_elsewhere", raw.file))
    problems.extend(found)
    if _any_refused(found):
        return empty(Waters)
    layer = gpd.GeoDataFrame(records, crs=CRS).astype({"jenis": "str", "nama": "str"})
    return checked_geo(layer.rename_axis("air"), Waters)


def _any_refused(problems: list[Problem]) -> bool:
    return any(problem.level == "refuse" for problem in problems)


def _single(shape: shapely.Geometry) -> str:
    return "Polygon" if shape.geom_type in AREAS else "LineString"


def _shape(geometry: object, number: int, file: str, found: list[Problem]) -> shapely.Geometry | None:
    """Build a line or an area; what is neither, or no geometry at all, is refused."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    shape = None
    if kind in (*LINES, *AREAS):
        try:
            shape = shapely.from_geojson(json.dumps(geometry))
        except (shapely.GEOSException, ValueError, RecursionError):
            shape = None
    if shape is None or shape.is_empty:
        found.append(Problem("waters_kind", file, number, "geometry", printable(str(kind))))
        return None
    shape = shapely.force_2d(shape)
    if not shape.is_valid and shape.geom_type in AREAS:
        mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        percent = 100 * abs(mended.area - shape.area) / max(mended.area, shape.area, 1e-12)
        if mended.geom_type not in AREAS or percent > 100 * MAX_REPAIR_SHARE:
            at = shapely.is_valid_reason(shape).partition("[")[2].rstrip("]")
            details: dict[str, str | int | float] = {"percent": round(percent, 1), "at": at}
            found.append(Problem("geometry_invalid", file, number, "geometry", details=details))
            return None
        details = {"percent": round(percent, 3)}
        found.append(Problem("geometry_mended", file, number, "geometry", str(number), "fix", details))
        return mended
    return shape


def _texts(properties: dict[str, Any], number: int, file: str, found: list[Problem]) -> dict[str, str]:
    """Read kind and name, from our columns or from those of OpenStreetMap."""
    texts: dict[str, str] = {}
    for column in COLUMNS:
        value = properties.get(column.name)
        if value is None:
            theirs = next((properties[name] for name in OSM_NAMES[column.name] if properties.get(name)), "")
            value = OSM_KINDS.get(str(theirs), "") if column.name == "jenis" else theirs
        if isinstance(value, bool | dict | list):
            found.append(Problem("not_text", file, number, column.name, printable(str(value))))
            continue
        parsed, repairs = parse_cell(column, str(value))
        rows: dict[str, str | int | float] = {"count": 1, "rows": str(number)}
        shown = printable(str(value))
        found.extend(Problem(repair, file, number, column.name, shown, "fix", rows) for repair in repairs)
        if isinstance(parsed, Fault):
            found.append(Problem(parsed.what, file, number, column.name, shown, details=parsed.details))
        else:
            texts[column.name] = parsed
    return texts
