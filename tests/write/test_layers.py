from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from kaur_gis.config import KERAWANAN
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.problems import OutputError
from kaur_gis.store import LAYERS, OPTIONAL, RULES
from kaur_gis.summary import notices
from kaur_gis.write import layers
from kaur_gis.write.layers import write_geojson, write_geopackage, write_parquet
from kaur_gis.write.public import write_public
from kaur_gis.write.styles import styles
from tests.write.made import NAMES, made

SPATIAL = {"kecamatan", "jalan", "desa", "tempat", "tps", "stops", "legs", "posts", "other_ways"}
TABLES = {"kits", "trips", "loads", "unserved", "guards", "groupings", "personel", "reactions", "staffing", "strength"}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    return write_geopackage(made(), tmp_path_factory.mktemp("gpkg") / "layers.gpkg", "en")


def query(package: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(package)) as connection:
        return connection.execute(sql).fetchall()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_layer_of_the_plan_is_in_the_package_and_tables_have_no_geometry(package):
    found = dict(pyogrio.list_layers(package))
    assert {name for name, kind in found.items() if kind is not None} == SPATIAL
    assert {name for name, kind in found.items() if kind is None} == TABLES | {"layer_styles"}


def test_rows_codes_times_and_hostile_names_come_back_as_they_were(package):
    plan = made()
    tps = gpd.read_file(package, layer="tps").set_index("kode_tps")
    assert list(tps.index) == list(plan.tps.index)
    assert list(tps["nama_desa"]) == list(plan.tps["nama_desa"])
    assert set(NAMES.values()) & set(tps["nama_desa"])
    assert tps.geometry.geom_equals(plan.tps.geometry).all()
    assert tps.crs == plan.tps.crs
    trips = pyogrio.read_dataframe(package, layer="trips").set_index("kode_trip")
    assert list(trips["depart"]) == list(plan.trips["depart"])
    assert trips["depart"].dt.tz is None
    legs = pyogrio.read_dataframe(package, layer="legs")
    assert list(legs["order"]) == list(plan.legs.index.get_level_values("order"))


def test_a_road_open_both_ways_is_drawn_once(package):
    roads = pyogrio.read_dataframe(package, layer="jalan")
    assert len(roads) == len(made().inputs.roads.edges) / 2


def test_every_spatial_layer_has_a_style_that_qgis_takes_by_itself(package):
    rows = query(package, "select f_table_name, f_geometry_column, styleQML, useAsDefault from layer_styles")
    assert {name for name, *_ in rows} == SPATIAL | TABLES
    assert dict(query(package, "select table_name, column_name from gpkg_geometry_columns")) == dict.fromkeys(
        SPATIAL, "geom"
    )
    for name, column, qml, default in rows:
        assert (column, default) == ("geom" if name in SPATIAL else "", 1)
        document = ET.fromstring(qml.partition(">")[2])  # noqa: S314 - a document of ours
        assert document.tag == "qgis"
        renderer = document.find("renderer-v2")
        assert (renderer is not None) == (name in SPATIAL)
        attribute = renderer.get("attr") if name in SPATIAL else None
        if attribute:
            values = {category.get("value") for category in document.iter("category")}
            assert set(pyogrio.read_dataframe(package, layer=name)[attribute]) <= values


def test_classes_differ_in_shape_and_in_lightness_and_never_in_hue():
    for lang in ("id", "en"):
        document = ET.fromstring(styles({"tps": {}}, lang)["tps"].partition(">")[2])  # noqa: S314 - a document of ours
        symbols = [{o.get("name"): o.get("value") for o in s.iter("Option")} for s in document.iter("symbol")]
        assert len(symbols) == len(KERAWANAN)
        assert len({symbol["name"] for symbol in symbols}) == 3
        greys = [[int(part) for part in symbol["color"].split(",")[:3]] for symbol in symbols]
        assert all(red == green == blue for red, green, blue in greys)
        assert sorted(greys, reverse=True) == greys
        assert min(a[0] - b[0] for a, b in pairwise(greys)) > 80


def test_the_package_says_where_its_data_come_from(package):
    told = " ".join(text for (text,) in query(package, "select metadata from gpkg_metadata"))
    assert OSM_CREDIT in told
    assert all(
        OSM_CREDIT in text
        for (text,) in query(package, "select description from gpkg_contents where table_name != 'layer_styles'")
    )


def test_each_notice_stands_on_a_line_of_its_own(package):
    (told,) = query(package, "select description from gpkg_contents where table_name = 'tps'")[0]
    assert told.splitlines() == notices(made(), "en")


def test_every_column_has_a_name_for_people_with_its_unit(package):
    for layer in SPATIAL | TABLES:
        columns = {column for _, column, *_ in query(package, f"pragma table_info({layer})")} - {"fid"}
        named = dict(
            query(package, f"select column_name, name from gpkg_data_columns where table_name = '{layer}'")  # noqa: S608
        )
        assert set(named) == columns
        qml = query(package, f"select styleQML from layer_styles where f_table_name = '{layer}'")[0][0]  # noqa: S608
        drawn = ET.fromstring(qml.partition(">")[2])  # noqa: S314 - a document of ours
        order = [column for _, column, *_ in query(package, f"pragma table_info({layer})")]
        for alias in drawn.iter("alias"):
            assert alias.get("name") == named[alias.get("field")]
        if layer in TABLES:
            assert [order[int(alias.get("index"))] for alias in drawn.iter("alias")] == [
                alias.get("field") for alias in drawn.iter("alias")
            ]
    assert "Ballots PPWP [sheets]" in {name for (name,) in query(package, "select name from gpkg_data_columns")}


DEBIAN = Path("/usr/bin/python3")


def debian(code: str, *arguments: str) -> str:
    """Run code in Debian's own Python, where its GDAL and QGIS are."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run([DEBIAN, "-c", code, *arguments], capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def has(module: str) -> bool:
    return (
        DEBIAN.exists()
        and subprocess.run([DEBIAN, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0
    )


QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
found = {}
for name in sys.argv[2:]:
    layer = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
    renderer = layer.renderer()
    found[name] = {
        "valid": layer.isValid(),
        "n": layer.featureCount(),
        "names": {field.name(): layer.attributeDisplayName(n) for n, field in enumerate(layer.fields())},
        "renderer": renderer.type() if renderer else None,
        "labels": [c.label() for c in renderer.categories()] if hasattr(renderer, "categories") else [],
    }
del layer, renderer  # before the application that they live in
print(json.dumps(found))
app.exitQgis()
"""


@pytest.mark.skipif(not has("qgis.core"), reason="optional: QGIS is not here")
def test_qgis_opens_every_layer_with_its_style_and_the_names_of_its_columns(package):
    found = json.loads(debian(QGIS, str(package), *sorted(SPATIAL | TABLES)).splitlines()[-1])
    assert all(layer["valid"] for layer in found.values())
    assert found["tps"]["n"] == len(made().tps)
    assert found["tps"]["labels"] == ["low risk", "at risk", "high risk"]
    assert found["tps"]["names"]["pemilih"] == "Voters [persons]"
    assert found["kits"]["names"]["kg"] == "Weight [kg]"
    assert found["posts"]["names"]["seconds"] == "Time of the round [s]"
    for name, layer in found.items():
        assert (layer["renderer"] is not None) == (name in SPATIAL)


@pytest.mark.skipif(not has("osgeo_utils.samples.validate_gpkg"), reason="optional: GDAL's checker is not here")
def test_the_checker_of_gdal_finds_no_fault_in_the_packages_of_both_editions(package, tmp_path):
    for path in (package, write_public(made(), tmp_path, "en")[0]):
        told = debian(
            "import sys; from osgeo_utils.samples import validate_gpkg; sys.exit(validate_gpkg.main(sys.argv))",
            str(path),
        )
        assert "error" not in told.lower()


def test_a_layer_says_of_which_file_it_was_read_and_roads_carry_their_licence(package):
    def told(layer: str) -> dict[str, str]:
        return pyogrio.read_info(package, layer=layer)["layer_metadata"]

    assert told("tps")["SOURCE"] == made().inputs.operation.layers.tps
    assert told("tps")["SHA256"] == "0" * 64
    for layer in ("jalan", "legs"):
        assert told(layer)["ATTRIBUTION"] == OSM_CREDIT
        assert told(layer)["LICENCE"].startswith("ODbL-1.0")
    assert "LICENCE" not in told("kecamatan")


def test_geojson_holds_every_spatial_layer_as_rfc_7946_wants_it(tmp_path):
    files = write_geojson(made(), tmp_path, "en")
    assert {file.stem for file in files} == SPATIAL
    for file in files:
        told = json.loads(file.read_text(encoding="utf-8"))
        assert told["type"] == "FeatureCollection"
        assert "crs" not in told
        assert OSM_CREDIT in told["description"]
        rings = [
            shapely.geometry.shape(row["geometry"])
            for row in told["features"]
            if row["geometry"] and "olygon" in row["geometry"]["type"]
        ]
        unplaced = {row["properties"]["jalan"] for row in told["features"] if row["geometry"] is None}
        assert unplaced <= {"satu_jalan", "tanpa_jalan", "tidak_dilayani"}, "RFC 7946, 3.2: null where it is unlocated"
        assert all(part.exterior.is_ccw for shape in rings for part in shapely.get_parts(shape))
        assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in shapely.get_coordinates(rings))
    tps = json.loads((tmp_path / "tps.geojson").read_text(encoding="utf-8"))["features"]
    assert [row["properties"]["nama_desa"] for row in tps] == list(made().tps["nama_desa"])
    assert all(row["properties"]["kode_tps"] == kode for row, kode in zip(tps, made().tps.index, strict=True))
    again = write_geojson(made(), tmp_path.parent, "en")
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files]


def test_two_writings_give_the_same_bytes_and_leave_gdal_as_it_was(package, tmp_path):
    assert digest(write_geopackage(made(), tmp_path / "again.gpkg", "en")) == digest(package)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = (write_parquet(made(), tmp_path / name) for name in ("one", "two"))
    assert [(f.name, digest(f)) for f in one] == [(f.name, digest(f)) for f in two]
    assert {f.stem for f in one} == set(LAYERS) - set(OPTIONAL) | set(RULES) | {"run", "other_ways"} | {
        f"travel-{v}-{w}" for v, w in made().travel
    }


def test_no_file_names_a_folder_of_this_machine(package, tmp_path):
    for file in [package, *write_parquet(made(), tmp_path)]:
        assert not re.search(rb"/(home|root|tmp|work)/", file.read_bytes()), file.name


def test_a_plan_without_trips_is_written_too(tmp_path):
    plan = made()
    empty = replace(plan, trips=plan.trips.iloc[:0], legs=plan.legs.iloc[:0], loads=plan.loads.iloc[:0])
    write_geopackage(empty, tmp_path / "layers.gpkg")
    assert len(pyogrio.read_dataframe(tmp_path / "layers.gpkg", layer="legs")) == 0


def test_a_fault_of_gdal_leaves_the_old_package(tmp_path, monkeypatch):
    (tmp_path / "layers.gpkg").write_text("old")

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(layers.pyogrio, "write_dataframe", full)
    with pytest.raises(OutputError, match="No space left"):
        write_geopackage(made(), tmp_path / "layers.gpkg")
    assert [item.name for item in tmp_path.iterdir()] == ["layers.gpkg"]
    assert (tmp_path / "layers.gpkg").read_text() == "old"


def test_parquet_is_read_by_others_as_geoparquet(tmp_path):
    write_parquet(made(), tmp_path)
    legs = gpd.read_parquet(tmp_path / "legs.parquet")
    assert legs.crs == "EPSG:4326"
    assert legs.geometry.geom_equals(made().legs.geometry).all()
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "kits.parquet"), made().kits)
