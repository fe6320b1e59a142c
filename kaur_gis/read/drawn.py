"""Features drawn on a map, as `kaur-gis fetch` writes them or in columns of their own, cut at the study box."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely
from pandera.geopandas import GeoDataFrameModel

from kaur_gis.config import Region
from kaur_gis.layers import CRS, checked_geo, empty
from kaur_gis.problems import Problem
from kaur_gis.read.cells import Fault
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.features import read_features
from kaur_gis.read.polygons import MAX_REPAIR_SHARE, made_valid
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import MAX_VERTICES, printable
from kaur_gis.read.tables import Column, parse_cell

POINTS, LINES, AREAS = ("Point",), ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Theirs:
    """Where OpenStreetMap says what stands in a column of ours.

    Attributes
    ----------
    keys : tuple of str
        The first of them that says anything counts.
    words : mapping or None
        Its values, and what they are here; any other is blank. None: as it stands.
    """

    keys: tuple[str, ...]
    words: Mapping[str, str] | None = None


def drawn_in(
    raw: Raw,
    region: Region,
    columns: Mapping[Column, Theirs],
    kinds: Sequence[str],
    problems: list[Problem],
) -> Iterator[tuple[shapely.Geometry, dict[str, str]]]:
    """Read the features of one file, each cut at the study box.

    Parameters
    ----------
    raw : Raw
        A GeoJSON, GeoPackage or Shapefile.
    region : Region
        Study box: what lies outside is left out.
    columns : mapping of Column to Theirs
        Our columns, all text, and where OpenStreetMap has them.
    kinds : sequence of str
        Geometries that the layer may hold; others are refused.
    problems : list of Problem
        What is wrong is appended; `row` is the number of the feature, from 1.

    Yields
    ------
    shape : Geometry
        Valid, of one of `kinds`, inside the box.
    texts : dict
        Our column -> what it says; without those that are refused.
    """
    found = [*raw.check_columns([column.name for column in columns])]
    problems.extend(found)
    box = shapely.box(region.west_lon, region.south_lat, region.east_lon, region.north_lat)
    vertices = 0
    for number, feature in enumerate(read_features(raw, region, problems), start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(feature, dict) or not isinstance(properties, dict):
            problems.append(Problem("bad_feature", raw.file, number))
            continue
        shape = _shape(feature.get("geometry"), kinds, number, raw, problems)
        texts = _texts(properties, columns, number, raw.file, problems)
        if shape is None:
            continue
        vertices += shapely.get_num_coordinates(shape)
        parts = shapely.get_parts(shape.intersection(box))
        parts = parts[~shapely.is_empty(parts) & (shapely.get_dimensions(parts) == shapely.get_dimensions(shape))]
        if len(parts):
            yield parts[0] if len(parts) == 1 else shapely.union_all(parts), texts
    if vertices > MAX_VERTICES:
        problems.append(Problem("drawn_many_vertices", raw.file, details={"limit": MAX_VERTICES}))


def drawn_layer(
    records: list[dict[str, Any]],
    layer: type[GeoDataFrameModel],
    key: str,
    raw: Raw,
    found: list[Problem],
    problems: list[Problem],
) -> gpd.GeoDataFrame:
    """Make a layer of what was read of a file; empty where it is refused, or holds nothing that can be used.

    Parameters
    ----------
    records : list of dict
        Text columns and `geometry` of each feature, in the order of the file.
    layer : GeoDataFrameModel
    key : str
        Of ``[layers]``.
    raw : Raw
        The file.
    found : list of Problem
        Everything found in it.
    problems : list of Problem
        Where that goes.

    Returns
    -------
    GeoDataFrame
    """
    refused = any(problem.level == "refuse" for problem in found)
    problems.extend(found)
    if not records and not refused:
        problems.append(Problem("drawn_nothing", raw.file, details={"key": key}))
    if not records or refused:
        return empty(layer)
    frame = gpd.GeoDataFrame(records, crs=CRS)
    frame = frame.astype({name: "str" for name in records[0] if name != "geometry"})
    return checked_geo(frame.rename_axis(layer.to_schema().index.name), layer)


def is_area(shape: shapely.Geometry) -> bool:
    """Whether a shape has an inside."""
    return shape.geom_type in AREAS


def _shape(
    geometry: object, kinds: Sequence[str], number: int, raw: Raw, problems: list[Problem]
) -> shapely.Geometry | None:
    """Build a shape; what is of no kind that is wanted, or no geometry at all, is refused."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    shape = None
    if kind in kinds:
        try:
            shape = shapely.from_geojson(json.dumps(geometry))
        except (shapely.GEOSException, ValueError, RecursionError):
            shape = None
    if shape is None or shape.is_empty:
        details: dict[str, str | int | float] = {"allowed": ", ".join(kinds)}
        problems.append(Problem("drawn_kind", raw.file, number, "geometry", printable(str(kind)), details=details))
        return None
    shape = shapely.force_2d(shape)
    if not shape.is_valid and is_area(shape):
        mended = made_valid(shape)
        percent = 100 * abs(mended.area - shape.area) / max(mended.area, shape.area, 1e-12)
        if not mended.is_valid or not is_area(mended) or percent > 100 * MAX_REPAIR_SHARE:
            at = shapely.is_valid_reason(shape).partition("[")[2].rstrip("]")
            details = {"percent": round(percent, 1), "at": at}
            problems.append(Problem("geometry_invalid", raw.file, number, "geometry", details=details))
            return None
        details = {"percent": round(percent, 3)}
        problems.append(Problem("geometry_mended", raw.file, number, "geometry", str(number), "fix", details))
        return mended
    return shape


def _texts(
    properties: dict[str, Any], columns: Mapping[Column, Theirs], number: int, file: str, problems: list[Problem]
) -> dict[str, str]:
    """Read the texts of a feature, from our columns or from those of OpenStreetMap."""
    texts: dict[str, str] = {}
    for column, theirs in columns.items():
        value = properties.get(column.name)
        from_osm = value is None
        if from_osm:
            value = next((properties[key] for key in theirs.keys if properties.get(key)), "")
            value = value if theirs.words is None else theirs.words.get(str(value), "")
        if isinstance(value, bool | dict | list):
            problems.append(Problem("not_text", file, number, column.name, printable(str(value))))
            continue
        parsed, repairs = parse_cell(column, str(value))
        rows: dict[str, str | int | float] = {"count": 1, "rows": str(number)}
        shown = printable(str(value))
        problems.extend(Problem(repair, file, number, column.name, shown, "fix", rows) for repair in repairs)
        if isinstance(parsed, Fault) and from_osm:
            texts[column.name] = printable(str(value), MAX_NAME - 1)  # nobody here can mend what stands there
        elif isinstance(parsed, Fault):
            problems.append(Problem(parsed.what, file, number, column.name, shown, details=parsed.details))
        else:
            texts[column.name] = parsed
    return texts
