"""Shapefiles, read from memory by pyshp: the four files that belong together and no other."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import shapefile

from kaur_gis.problems import Problem
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import MAX_FEATURES, MAX_VERTICES

BEGINNING = b"\x00\x00\x27\x0a"
NEEDED = (".shx", ".dbf")
OPTIONAL = (".prj", ".cpg")
_POINT_BYTES = 16  # of one vertex
_INDEX_BYTES = 8  # of one record in the .shx


def read_shapefile(raw: Raw, problems: list[Problem]) -> tuple[str, list[dict[str, Any]]] | None:
    """Read a Shapefile.

    Parameters
    ----------
    raw : Raw
        The ``.shp``, and the others beside it.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    (str, list of dict) or None
        The CRS as text, ``""`` where none is stated, and the features as GeoJSON has them; None where it is refused.
    """
    if not raw.data.startswith(BEGINNING):
        problems.append(Problem("disguised", raw.file, details={"kind": "?"}))
        return None
    if len(raw.data) > MAX_VERTICES * _POINT_BYTES:
        problems.append(Problem("too_many_vertices", raw.file, details={"limit": MAX_VERTICES}))
        return None
    if len(raw.beside[".shx"]) > MAX_FEATURES * _INDEX_BYTES:
        problems.append(Problem("too_many_rows", raw.file, details={"limit": MAX_FEATURES}))
        return None
    encoding = raw.beside.get(".cpg", b"utf-8").decode("ascii", "replace").strip() or "utf-8"
    parts = {"shp": io.BytesIO(raw.data), **{end[1:]: io.BytesIO(raw.beside[end]) for end in NEEDED}}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyshp's words on odd rings: the polygons are checked here anyway
            features = _features(shapefile.Reader(**parts, encoding=encoding))
    except (UnicodeError, LookupError):
        problems.append(Problem("encoding", raw.file, details={"guess": encoding[:20]}))
        return None
    except (shapefile.ShapefileException, struct.error, ValueError, TypeError, AttributeError, OSError) as error:
        problems.append(Problem("file_damaged", raw.file, details={"reason": type(error).__name__}))
        return None
    return raw.beside.get(".prj", b"").decode("utf-8", "replace").strip(), features


def _features(reader: shapefile.Reader) -> list[dict[str, Any]]:
    counted = {reader.numRecords, reader.numShapes}  # before reading: pyshp counts anew while it reads
    features: list[dict[str, Any]] = []
    for item in reader.iterShapeRecords():
        geometry = None if item.shape.shapeType == shapefile.NULL else dict(item.shape.__geo_interface__)
        features.append({"type": "Feature", "properties": item.record.as_dict(date_strings=True), "geometry": geometry})
    if counted != {len(features)}:
        msg = "shapes and records are not as many"
        raise ValueError(msg)
    return features
