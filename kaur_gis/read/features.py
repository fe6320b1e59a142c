"""Features of a GeoJSON, GeoPackage or Shapefile, in WGS 84, under our own column names."""

from __future__ import annotations

import json
from typing import Any

from kaur_gis.config import Region
from kaur_gis.problems import Problem
from kaur_gis.read.geopackage import read_geopackage
from kaur_gis.read.raw import Raw
from kaur_gis.read.reproject import crs_named, reprojection
from kaur_gis.read.safely import MAX_FEATURES, MAX_VERTICES, printable, text_of
from kaur_gis.read.shapefile import read_shapefile

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")


def read_features(raw: Raw, region: Region, problems: list[Problem]) -> list[Any]:
    """Read the features of one file.

    Parameters
    ----------
    raw : Raw
        The file; names of columns and a CRS that the operation states for it.
    region : Region
        Study area, for which a transformation is chosen.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    list
        Features as GeoJSON has them, geometry in WGS 84, not yet checked one by one; properties under our names
        where the operation maps them. Empty only where the file is refused.
    """
    if raw.suffix == ".gpkg":
        found = read_geopackage(raw, problems)
    elif raw.suffix == ".shp":
        found = read_shapefile(raw, problems)
    else:
        found = _geojson(raw, problems)
    if found is None:
        return []
    stated, features = found
    if not features:
        problems.append(Problem("no_rows", raw.file))
    return [_ours(feature, raw) for feature in _in_wgs84(features, raw, stated, region, problems)]


def _in_wgs84(features: list[Any], raw: Raw, stated: str, region: Region, problems: list[Problem]) -> list[Any]:
    """Reproject the geometries where the file is in another CRS."""
    text = stated or raw.how.crs
    if not text:
        problems.append(Problem("crs_missing", raw.file, details={"key": raw.key}))
        return []
    crs = crs_named(text)
    if crs is None:
        problems.append(Problem("crs_other", raw.file, None, "crs", printable(text)))
        return []
    before = len(problems)
    change = reprojection(crs, region, raw.file, problems)
    if any(problem.level == "refuse" for problem in problems[before:]):
        return []
    if change is None:
        return features
    return [
        {**feature, "geometry": change.geometry(feature.get("geometry"))} if isinstance(feature, dict) else feature
        for feature in features
    ]


def _ours(feature: Any, raw: Raw) -> Any:  # noqa: ANN401 - GeoJSON as read
    """Put properties under our names, and the fixed values beside them."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not (raw.how.columns or raw.how.fixed):
        return feature
    taken = set(raw.how.columns.values())
    named = {ours: properties[theirs] for ours, theirs in raw.how.columns.items() if theirs in properties}
    rest = {name: value for name, value in properties.items() if name not in taken and name not in raw.how.columns}
    return {**feature, "properties": {**rest, **raw.how.fixed, **named}}


def _geojson(raw: Raw, problems: list[Problem]) -> tuple[str, list[Any]] | None:
    """Parse the JSON and find its features and its CRS."""
    much = _too_much(raw)
    problems.extend(much)
    text = None if much else text_of(raw.data, raw.file, problems)
    if text is None:
        return None
    try:
        top = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problems.append(Problem("bad_json", raw.file, error.lineno))
        return None
    except (RecursionError, ValueError):  # nested too deep; NaN; a number of thousands of digits
        problems.append(Problem("bad_json", raw.file))
        return None
    kind = top.get("type") if isinstance(top, dict) else type(top).__name__
    if not isinstance(top, dict) or kind != "FeatureCollection":
        problems.append(Problem("not_features", raw.file, None, "type", printable(str(kind))))
        return None
    features = top.get("features")
    if not isinstance(features, list) or not features:
        problems.append(Problem("no_rows", raw.file, None, "features"))
        return None
    crs = top.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else crs
    return ("EPSG:4326" if crs is None else str(name) or "?"), features


def _too_much(raw: Raw) -> list[Problem]:
    """Say what a GeoJSON holds too much of, before it is parsed; every position begins with a bracket."""
    counted = (("too_many_vertices", b"[", MAX_VERTICES), ("too_many_rows", b'"properties"', MAX_FEATURES))
    return [
        Problem(what, raw.file, details={"limit": limit})
        for what, sign, limit in counted
        if raw.data.count(sign) > limit
    ]


def _no_constant(name: str) -> float:
    raise ValueError(name)
