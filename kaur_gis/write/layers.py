"""Layers as files: one GeoPackage that QGIS opens styled, and the exact form as (Geo)Parquet and JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.layers import CRS, OSM_CREDIT
from kaur_gis.plan import Plan
from kaur_gis.problems import Problem
from kaur_gis.store import EXTRAS, REST, RULES, frames_of, travel_file
from kaur_gis.summary import notices
from kaur_gis.travel import TravelTimes
from kaur_gis.write.columns import aliases
from kaur_gis.write.safely import replace_with
from kaur_gis.write.styles import styles

GEOMETRY_TYPES = {
    "kecamatan": "MultiPolygon",
    "jalan": "LineString",
    "legs": "LineString",
    "back_legs": "LineString",
    "sungai": "Unknown",
    "batas": "Unknown",
    "cakupan": "Unknown",
    "couriers": "LineString",
    "other_ways": "LineString",
}
"""Kind of geometry of each layer; any other: points. Waters are lines and areas; boundaries may be several areas."""
PUBLIC_TITLES = ("tempat", "tps")  # whose usual titles name what the public edition has not
NOT_FOR_PEOPLE = ("tps_daftar", "road_nodes")  # `tps` holds every column of the list; nodes draw nothing
OSM_LICENCE = "ODbL-1.0 (https://opendatacommons.org/licenses/odbl/1-0/)"
FIXED_TIME = "2000-01-01T00:00:00.000Z"

SCHEMA_EXTENSION = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
INSERT INTO gpkg_extensions
SELECT column1, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
FROM (VALUES ('gpkg_data_columns'), ('gpkg_data_column_constraints'));
"""
"""Tables of the schema extension, as GDAL itself writes them."""


def write_geopackage(plan: Plan, path: str | Path, lang: Lang | None = None) -> Path:
    """Write every layer, with its style, source and licence, into one GeoPackage.

    Parameters
    ----------
    plan : Plan
    path : path
        The file; it is replaced whole.
    lang : {"id", "en"}, optional
        Language of titles and legends; that of the operation by default.

    Returns
    -------
    Path
        The file. Equal plans give equal bytes.

    Raises
    ------
    OutputError
        Where it could not be written.
    """
    said: Lang = lang or plan.inputs.operation.operation.lang
    return write_package(_for_people(plan), Path(path), plan, said, notices(plan, said))


def write_package(
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    plan: Plan,
    lang: Lang,
    told: Sequence[str],
    *,
    public: bool = False,
) -> Path:
    """Write layers of a plan into one GeoPackage, with their styles, sources and licences.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The layers, codes as columns.
    path : Path
        The file; it is replaced whole.
    plan : Plan
        Whose layers these are.
    lang : {"id", "en"}
        Language of titles and legends.
    told : sequence of str
        Notices.
    public : bool
        Whether these are the layers of the public edition, which knows no classes.

    Returns
    -------
    Path
        The file.
    """
    credit = {f"NOTICE_{n}": notice for n, notice in enumerate(told, start=1)}
    rules, sources = plan.inputs.kit_rules, _sources(plan)
    about = {"OPERATION": plan.inputs.operation.operation.name, "PLAN_VERSION": plan.version, **credit}
    with replace_with(path) as new, file_of_gdal():
        new.unlink()  # GDAL makes the file itself
        for name, frame in frames.items():
            pyogrio.write_dataframe(
                frame,
                new,
                layer=name,
                driver="GPKG",
                geometry_type=GEOMETRY_TYPES.get(name, "Point") if isinstance(frame, gpd.GeoDataFrame) else None,
                promote_to_multi=name == "kecamatan",
                dataset_metadata=about,
                dataset_options={"VERSION": "1.3"},  # which QGIS of Debian 12 reads without a warning
                layer_metadata=about | sources.get(name, {}),
                IDENTIFIER=_title(name, lang, public=public),
                DESCRIPTION="\n".join(credit.values()),
            )
        names = {name: aliases(name, frame.columns, rules, lang) for name, frame in frames.items()}
        style = _style_table(names, lang, public=public)
        pyogrio.write_dataframe(style, new, layer="layer_styles", driver="GPKG")
        _name_columns(new, names)
    return path


def _title(name: str, lang: Lang, *, public: bool) -> str:
    return say(f"layers.publik_{name}" if public and name in PUBLIC_TITLES else f"layers.{name}", lang)


def write_geojson(plan: Plan, folder: str | Path, lang: Lang | None = None) -> list[Path]:
    """Write every spatial layer as GeoJSON, for whoever has no program that reads a GeoPackage.

    Parameters
    ----------
    plan : Plan
    folder : path
        An existing folder.
    lang : {"id", "en"}, optional
        Language of the notices; that of the operation by default.

    Returns
    -------
    list of Path
        A file a layer. Equal plans give equal bytes.

    Raises
    ------
    OutputError
        Where a file could not be written.

    References
    ----------
    RFC 7946: WGS 84, seven decimals, outer rings counterclockwise, no member ``crs``.
    """
    said: Lang = lang or plan.inputs.operation.operation.lang
    return write_collections(_for_people(plan), Path(folder), notices(plan, said))


def write_collections(frames: Mapping[str, pd.DataFrame], folder: Path, told: Sequence[str]) -> list[Path]:
    """Write those of some layers that have a geometry as GeoJSON; see `write_geojson`."""
    files = []
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame):
            files.append(folder / f"{name}.geojson")
            with replace_with(files[-1]) as new:
                new.unlink()  # GDAL makes the file itself
                pyogrio.write_dataframe(
                    frame, new, layer=name, driver="GeoJSON", RFC7946="YES", DESCRIPTION=" · ".join(told)
                )
    return files


def write_parquet(plan: Plan, folder: str | Path) -> list[Path]:
    """Write the exact form: `read.run.read_plan` makes the same plan of it.

    Parameters
    ----------
    plan : Plan
    folder : path
        An existing folder.

    Returns
    -------
    list of Path
        The files: every layer, every travel-time matrix, the operation and its rule files.
        Equal plans give equal bytes.
    """
    into, files = Path(folder), []
    for name, frame in frames_of(plan).items():
        files.append(into / f"{name}.parquet")
        frame.to_parquet(files[-1], index=True, compression="zstd")
    for times in plan.travel.values():
        for own in (times, *times.at_other_hours.values()):
            closed = None if own is times else own.closed
            files.append(into / travel_file(own.vehicle, own.weather, closed))
            pq.write_table(_as_table(own), files[-1], compression="zstd")
    for name in RULES:
        files.append(into / f"{name}.json")
        files[-1].write_text(getattr(plan.inputs, name).model_dump_json(indent=1) + "\n", encoding="utf-8")
    files.append(into / REST)
    files[-1].write_text(json.dumps(_rest(plan), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return files


def _for_people(plan: Plan) -> dict[str, pd.DataFrame]:
    """Every layer as QGIS shall show it: codes as columns, each road once."""
    frames = {name: frame for name, frame in frames_of(plan).items() if name not in NOT_FOR_PEOPLE}
    roads = roads_once(frames.pop("road_edges"))
    if frames["sungai"].empty:
        del frames["sungai"]  # the operation has none
    if "other_ways" in frames:  # programs want no line rather than an empty one
        ways = gpd.GeoDataFrame(frames["other_ways"])
        frames["other_ways"] = ways.set_geometry(ways.geometry.where(~ways.is_empty, None))
    layers = {"kecamatan": frames.pop("kecamatan"), "jalan": roads, **frames}
    return {name: frame.reset_index() for name, frame in layers.items()}


def roads_once(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one of the two directions of each road."""
    return edges[(edges["twin"] < 0) | (edges.index < edges["twin"])]


def _sources(plan: Plan) -> dict[str, dict[str, str]]:
    """Say of what file each layer was read, and the licence of what comes from OpenStreetMap."""
    inputs, files = plan.inputs, plan.inputs.operation.layers
    read = {name: getattr(files, name) for name in ("kecamatan", "desa", "tempat", "tps")}
    read |= {name: file for name in EXTRAS if (file := getattr(files, name)) is not None}
    said = {name: {"SOURCE": file, "SHA256": inputs.sha256.get(file, "")} for name, file in read.items()}
    osm = {"SOURCE": inputs.roads.source, "LICENCE": OSM_LICENCE, "ATTRIBUTION": OSM_CREDIT}
    drawn = {name: osm for name in ("back_legs", "other_ways") if len(getattr(plan, name))}
    return said | {"jalan": osm, "legs": osm} | drawn


def _style_table(names: Mapping[str, Mapping[str, str]], lang: Lang, *, public: bool) -> pd.DataFrame:
    """Fill the table in which QGIS looks for styles; its name and columns are QGIS's."""
    return pd.DataFrame(
        [
            {
                "f_table_catalog": "",
                "f_table_schema": "",
                "f_table_name": name,
                "f_geometry_column": "geom" if "geometry" in names[name] else "",
                "styleName": name,
                "styleQML": qml,
                "styleSLD": "",
                "useAsDefault": True,
                "description": _title(name, lang, public=public),
                "owner": "",
                "ui": "",
                "update_time": FIXED_TIME,
            }
            for name, qml in styles(names, lang, public=public).items()
        ]
    )


def _name_columns(package: Path, names: Mapping[str, Mapping[str, str]]) -> None:
    """Fill the table of the GeoPackage's schema extension, from which programs take what they call the columns.

    References
    ----------
    OGC 12-128r18 (GeoPackage 1.3.1), annex F.9.
    """
    rows = [
        (layer, "geom" if column == "geometry" else column, name)
        for layer, columns in names.items()
        for column, name in columns.items()
    ]
    with closing(sqlite3.connect(package)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")  # the file is brought to the disk when it is whole
        connection.executescript(SCHEMA_EXTENSION)
        connection.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?1, ?2, ?3, ?3)", rows
        )


def _as_table(times: TravelTimes) -> pa.Table:
    return pa.table(
        {
            "kode_stop": pa.array(times.stops.to_list(), pa.string()),
            "snap_m": pa.array(times.snap_m),
            "carry_m": pa.array(times.carry_m),
            "carry_s": pa.array(times.carry_s),
            "seconds": pa.array(list(times.seconds), pa.list_(pa.int64())),
            "metres": pa.array(list(times.metres), pa.list_(pa.int64())),
        }
    )


def _rest(plan: Plan) -> dict[str, Any]:
    roads = plan.inputs.roads
    return {
        "roads": {
            "schematic": roads.schematic,
            "as_of": roads.as_of.isoformat() if roads.as_of else None,
            "source": roads.source,
            "closures": [
                {
                    "asked": closure.asked.model_dump(mode="json"),
                    "edges": list(closure.edges),
                    "metres": closure.metres,
                    "in_force": closure.in_force,
                }
                for closure in roads.closures
            ],
        },
        "crs": CRS,
        "sha256": dict(plan.inputs.sha256),
        "travel": [list(key) for key in plan.travel],
        "travel_closed": [[t.closed, *t.at_other_hours] for t in plan.travel.values()],
        "now": None if plan.now is None else plan.now.isoformat(),
        "input_notes": _problems(plan.inputs.notes),
        "notes": _problems(plan.notes),
        "broken": _problems(plan.broken),
    }


def _problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [asdict(problem) | {"details": dict(problem.details)} for problem in problems]


@contextmanager
def file_of_gdal() -> Iterator[None]:
    """Let GDAL stamp a fixed time into a file, so that equal plans give equal bytes, and not wait for the disk.

    Nobody reads the file before it is whole; it would be brought to the disk after every layer.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME, "OGR_SQLITE_SYNCHRONOUS": "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None, "OGR_SQLITE_SYNCHRONOUS": None})
