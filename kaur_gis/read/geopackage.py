"""GeoPackages, read with SQLite alone and from memory: no other file, view or virtual table is ever touched."""

from __future__ import annotations

import sqlite3
from typing import Any

import shapely

from kaur_gis.problems import Problem
from kaur_gis.read.raw import Raw, choose_layer
from kaur_gis.read.safely import MAX_FEATURES

MAX_STEPS = 300  # millions of SQLite's instructions: a few seconds
_STEP = 1_000_000
_WAL = slice(18, 20)  # bytes of the header that say whether a write-ahead log belongs to the file
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_HEADER = 8
_APPLICATION = slice(68, 72)


def read_geopackage(raw: Raw, problems: list[Problem]) -> tuple[str, list[dict[str, Any]]] | None:
    """Read one layer of a GeoPackage.

    Parameters
    ----------
    raw : Raw
        The file, and the layer that the operation names.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    (str, list of dict) or None
        The CRS as text, ``""`` where none is stated, and the features as GeoJSON has them; None where it is refused.

    References
    ----------
    OGC 12-128r18, GeoPackage Encoding Standard, 2.1.3 (geometry).
    """
    if raw.data[_APPLICATION] not in {b"GPKG", b"GP10", b"GP11"}:
        problems.append(Problem("disguised", raw.file, details={"kind": "SQLite"}))
        return None
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(raw.data[: _WAL.start] + b"\x01\x01" + raw.data[_WAL.stop :])
        return _read(connection, raw, problems)
    except (sqlite3.Error, OverflowError, ValueError, TypeError) as error:
        if not any(problem.file == raw.file and problem.level == "refuse" for problem in problems):
            problems.append(Problem("file_damaged", raw.file, details={"reason": type(error).__name__}))
        return None
    finally:
        connection.close()


def _read(connection: sqlite3.Connection, raw: Raw, problems: list[Problem]) -> tuple[str, list[dict[str, Any]]] | None:
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    steps = iter(range(MAX_STEPS))
    connection.set_progress_handler(lambda: next(steps, None) is None, _STEP)
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    )
    real = {name for (name,) in tables}
    contents = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') ORDER BY table_name"
    layer = choose_layer(raw, [name for (name,) in connection.execute(contents) if name in real])
    if isinstance(layer, Problem):
        problems.append(layer)
        return None
    found = connection.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()
    geometry, srs = found or ("", 0)
    quoted = '"' + layer.replace('"', '""') + '"'
    keys = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted})") if row[5]} - set(
        raw.how.columns.values()
    )
    ((count,),) = connection.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608 - quoted above
    if count > MAX_FEATURES:
        problems.append(Problem("too_many_rows", raw.file, details={"limit": MAX_FEATURES}))
        return None
    rows = connection.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - quoted above
    names = [column[0] for column in rows.description]
    features: list[dict[str, Any]] = []
    for values in rows:
        cells = dict(zip(names, values, strict=True))
        shape = _shape(cells.pop(geometry, None))
        properties = {name: value for name, value in cells.items() if name not in keys and not isinstance(value, bytes)}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    return (_crs(connection, srs) if geometry else "EPSG:4326"), features


def _crs(connection: sqlite3.Connection, srs: int) -> str:
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (srs,)
    ).fetchone()
    if row is None or srs in {0, -1}:
        return ""
    organization, code, definition = row
    return f"EPSG:{code}" if str(organization).upper() == "EPSG" else str(definition)


def _shape(blob: object) -> dict[str, Any] | None:
    """Unpack one geometry; what is not one keeps a kind that no layer takes."""
    if blob is None:
        return None
    broken = {"type": "?", "coordinates": []}
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) <= _HEADER:
        return broken
    size = _ENVELOPES.get(blob[3] >> 1 & 7)
    shape = None if size is None else shapely.from_wkb(blob[_HEADER + size :], on_invalid="ignore")
    if shape is None:
        return broken
    return None if shape.is_empty else dict(shapely.geometry.mapping(shape))
