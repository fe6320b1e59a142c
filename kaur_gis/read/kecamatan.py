"""The polygons of the kecamatan, without GDAL: nothing but the file itself is read."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pyproj
import shapely

from kaur_gis.config import SUMBER_ORDER, Region
from kaur_gis.layers import CRS, KODE_KEC, Kecamatan, checked_geo
from kaur_gis.problems import Level, Problem
from kaur_gis.read.cells import Fault, code, integer, text_up_to, words
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.features import read_features
from kaur_gis.read.near import near
from kaur_gis.read.polygons import PolygonReader, RefusedGeometry
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import printable
from kaur_gis.read.tables import Column, parse_cell

MAX_OVERLAP_SHARE = 0.5  # above this share of the smaller one, two kecamatan are one and the same place
NOTED_OVERLAP_SHARE = 0.001
HECTARE = 10_000.0  # [m2]
NOTED_GAP_HA = 0.01  # what is smaller between polygons is rounding

PROPERTIES = (
    Column("kode_kec", code(KODE_KEC, "17.04.01")),
    Column("nama", text_up_to(MAX_NAME)),
    Column("dapil", text_up_to(MAX_NAME), required=False, blank=""),
    Column("dapil_sumber", words(*SUMBER_ORDER), required=False, blank=""),
    Column("n_tps_resmi", integer(0, 1_000_000), required=False, blank=0),
    Column("sumber", words(*SUMBER_ORDER)),
)
"""Properties of a feature that are read; it may have others."""


def read_kecamatan(raw: Raw, region: Region, problems: list[Problem]) -> tuple[gpd.GeoDataFrame | None, set[str]]:
    """Read the polygons of the kecamatan.

    Parameters
    ----------
    raw : Raw
        A GeoJSON, GeoPackage or Shapefile.
    region : Region
        Study box and code of the kabupaten.
    problems : list of Problem
        What is wrong is appended; `row` is the number of the feature, from 1.

    Returns
    -------
    layer : GeoDataFrame or None
        Layer `layers.Kecamatan`; None when anything in the file is refused.
    codes : set of str
        Every code that was read, also of refused features; empty where some feature has no code of its own, so
        that nobody refers to a kecamatan that would be missing only because of that.
    """
    file = raw.file
    found = [*raw.check_columns([column.name for column in PROPERTIES])]
    polygons = PolygonReader(region)
    records: list[dict[str, Any]] = []
    first_row: dict[str, int] = {}
    for number, feature in enumerate(read_features(raw, region, found), start=1):
        record = _record(feature, number, raw, polygons, found)
        records.append(record)
        kode = record.get("kode_kec")
        if kode is None:
            continue
        if not kode.startswith(f"{region.kode_kab}."):
            expected = {"expected": region.kode_kab}
            found.append(Problem("wrong_kabupaten", file, number, "kode_kec", kode, details=expected))
        if first_row.setdefault(kode, number) != number:
            earlier = {"first_row": first_row[kode]}
            found.append(Problem("duplicate_different", file, number, "kode_kec", kode, details=earlier))
    layer = None
    if not _any_refused(found):
        layer = gpd.GeoDataFrame(records, crs=CRS).sort_values("kode_kec").set_index("kode_kec")
        layer = layer.astype(
            {"nama": "str", "dapil": "str", "dapil_sumber": "str", "sumber": "str", "n_tps_resmi": "int64"}
        )
        layer.index = layer.index.astype("str")
        found.extend(_overlaps(layer, file))
        found.extend(_gaps(layer, region, file))
    problems.extend(found)
    codes = set(first_row) if len(first_row) == len(records) else set()
    return (None if layer is None or _any_refused(found) else checked_geo(layer, Kecamatan)), codes


def _any_refused(problems: list[Problem]) -> bool:
    return any(problem.level == "refuse" for problem in problems)


def _record(feature: object, number: int, raw: Raw, polygons: PolygonReader, found: list[Problem]) -> dict[str, Any]:
    """Turn one feature into a row of the layer, as far as it is right."""
    file = raw.file
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(properties, dict):
        found.append(Problem("bad_feature", file, number))
        return {}
    record = _properties(properties, number, raw, found)
    try:
        record["geometry"], repairs = polygons.read(feature.get("geometry"))
    except RefusedGeometry as refused:
        details = dict(refused.fault.details)
        value = str(details.pop("value", ""))
        found.append(Problem(refused.fault.what, file, number, "geometry", value, details=details))
    else:
        shown = str(record.get("kode_kec", ""))
        found.extend(Problem(item.what, file, number, "geometry", shown, "fix", item.details) for item in repairs)
    return record


def _properties(properties: dict[str, Any], number: int, raw: Raw, found: list[Problem]) -> dict[str, Any]:
    """Parse the properties that the layer wants; a number is read as its digits."""
    file = raw.file
    record: dict[str, Any] = {}
    for column in PROPERTIES:
        value = properties.get(column.name)
        if value is None and column.required:
            known = {item.name for item in PROPERTIES}
            theirs = raw.theirs(column.name)
            details = {**near(theirs, [name for name in properties if name not in known]), "theirs": printable(theirs)}
            what = "column_mapped" if column.name in raw.how.columns else "column_missing"
            found.append(Problem(what, file, number, column.name, details=details))
            continue
        if isinstance(value, bool | dict | list):
            found.append(Problem("not_text", file, number, column.name, printable(str(value))))
            continue
        text = "" if value is None else str(value)
        parsed, repairs = parse_cell(column, text)
        shown = printable(text)
        rows: dict[str, str | int | float] = {"count": 1, "rows": str(number)}
        found.extend(Problem(repair, file, number, column.name, shown, "fix", rows) for repair in repairs)
        if isinstance(parsed, Fault):
            found.append(Problem(parsed.what, file, number, column.name, shown, details=parsed.details))
        else:
            record[column.name] = parsed
    return record


def _overlaps(layer: gpd.GeoDataFrame, file: str) -> list[Problem]:
    """Compare the polygons two by two: the same place twice is refused, larger overlaps are noted."""
    found: list[Problem] = []
    shapes = layer.geometry.to_numpy()
    for one, other in sorted(zip(*shapely.STRtree(shapes).query(shapes, predicate="intersects"), strict=True)):
        if one >= other:
            continue
        share = shapes[one].intersection(shapes[other]).area / min(shapes[one].area, shapes[other].area)
        if share > NOTED_OVERLAP_SHARE:
            level: Level = "refuse" if share > MAX_OVERLAP_SHARE else "note"
            details: dict[str, str | int | float] = {
                "other": str(layer.index[other]),
                "percent": round(100 * float(share), 1),
            }
            found.append(
                Problem("kecamatan_overlap", file, int(one) + 1, "geometry", str(layer.index[one]), level, details)
            )
    return found


def _gaps(layer: gpd.GeoDataFrame, region: Region, file: str) -> list[Problem]:
    """Note what the polygons enclose and none of them holds: a sliver between two lines, a lake, another's enclave."""
    try:
        area = gpd.GeoSeries(layer.geometry.union_all(), crs=CRS)
        whole = area.to_crs(region.metric_crs)
    except pyproj.exceptions.CRSError:
        return []  # a fault of the operation file, and told there
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(whole.to_numpy()) for ring in part.interiors]
    gaps = sorted((hole for hole in holes if hole.area > NOTED_GAP_HA * HECTARE), key=lambda hole: -hole.area)
    if not gaps:
        return []
    at = gpd.GeoSeries([gaps[0].representative_point()], crs=region.metric_crs).to_crs(CRS)[0]
    details: dict[str, str | int | float] = {
        "count": len(gaps),
        "hectares": round(sum(gap.area for gap in gaps) / HECTARE, 2),
        "lon": round(at.x, 6),
        "lat": round(at.y, 6),
    }
    return [Problem("kecamatan_gap", file, None, "geometry", f"{at.y:.5f}, {at.x:.5f}", "note", details)]
