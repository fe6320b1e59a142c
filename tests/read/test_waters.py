"""Rivers, lakes and the coast: an optional layer, cut at the study box, refused with its row where it is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs
from kaur_gis.report import told

GOOD = Path(__file__).parent.parent / "bad" / "good"
RIVER = {"type": "LineString", "coordinates": [[103.2, -4.7], [103.3, -4.6], [150.0, -4.6]]}
LAKE = {"type": "Polygon", "coordinates": [[[103.3, -4.7], [103.31, -4.7], [103.31, -4.69], [103.3, -4.7]]]}


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    shutil.copytree(GOOD, tmp_path / "operasi")
    path = tmp_path / "operasi" / "operation.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[layers]", '[layers]\nsungai = "sungai.geojson"'), encoding="utf-8")
    return path


def waters(operation: Path, *features: tuple[object, dict[str, object]]) -> None:
    items = [{"type": "Feature", "properties": texts, "geometry": shape} for shape, texts in features]
    collection = {"type": "FeatureCollection", "features": items}
    (operation.parent / "sungai.geojson").write_text(json.dumps(collection), encoding="utf-8")


def refused(operation: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_inputs(operation)
    for problem in refusal.value.problems:
        assert told(problem, "id") != told(problem, "en")
    return [(p.what, p.row, p.column) for p in refusal.value.problems if p.level == "refuse"]


def test_without_a_file_there_are_no_waters() -> None:
    inputs: Inputs = read_inputs(GOOD / "operation.toml")
    assert inputs.sungai.empty
    assert list(inputs.sungai.columns) == ["jenis", "nama", "geometry"]


def test_waters_of_openstreetmap_and_of_one_s_own_columns_are_read_and_cut_at_the_box(operation: Path) -> None:
    shore = {"type": "LineString", "coordinates": [[103.2, -4.9, 3.0], [103.3, -4.95, 3.0]]}
    far = {"type": "LineString", "coordinates": [[150.0, -4.9], [151.0, -4.95]]}
    waters(
        operation,
        (RIVER, {"osm": "way/1", "waterway": "river", "name": "Air  Kinal\u00a0"}),
        (LAKE, {"natural": "water", "name": None}),
        (shore, {"natural": "coastline"}),
        (far, {"waterway": "stream"}),
        (RIVER, {"jenis": "Anak sungai", "nama": "Air Nasal"}),
        (LAKE, {}),
    )
    inputs = read_inputs(operation)
    assert list(inputs.sungai["jenis"]) == ["sungai", "danau", "pantai", "anak_sungai", "danau"]
    assert list(inputs.sungai["nama"]) == ["Air  Kinal", "", "", "Air Nasal", ""]
    region = inputs.operation.region
    assert inputs.sungai.total_bounds[2] <= region.east_lon
    assert not inputs.sungai.has_z.any()
    assert "sungai.geojson" in inputs.sha256
    assert [(p.what, p.row) for p in inputs.notes if p.file == "sungai.geojson"] == [("spaces", 1), ("word_form", 5)]


def test_a_geopackage_in_metres_and_under_its_own_names_is_read(operation: Path) -> None:
    frame = gpd.GeoDataFrame({"NAMOBJ": ["Air Luas"]}, geometry=[shapely.from_geojson(json.dumps(RIVER))], crs=4326)
    near = frame.clip(shapely.box(103, -5, 103.5, -4.5))
    near.to_crs("EPSG:32748").to_file(operation.parent / "sungai.gpkg", driver="GPKG")
    text = operation.read_text(encoding="utf-8").replace("sungai.geojson", "sungai.gpkg")
    operation.write_text(
        f'{text}\n[sources.sungai]\ncolumns = {{ nama = "NAMOBJ" }}\nfixed = {{ jenis = "sungai" }}\n', encoding="utf-8"
    )
    inputs = read_inputs(operation)
    assert list(inputs.sungai["nama"]) == ["Air Luas"]
    assert inputs.sungai.geometry.iloc[0].hausdorff_distance(near.geometry.iloc[0]) < 1e-6
    assert [p.what for p in inputs.notes if p.file == "sungai.gpkg"] == ["crs_transformed"]


BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[103.3, -4.7], [103.4, -4.6], [103.4, -4.7], [103.3, -4.6], [103.3, -4.7]]],
}
WRONG = {
    "a point": ({"type": "Point", "coordinates": [103.3, -4.7]}, {}, ("drawn_kind", 1, "geometry")),
    "no geometry": (None, {}, ("drawn_kind", 1, "geometry")),
    "an open ring": (
        {"type": "Polygon", "coordinates": [[[103.3, -4.7], [103.4, -4.7], [103.4, -4.6], [103.35, -4.6]]]},
        {},
        ("drawn_kind", 1, "geometry"),
    ),
    "text for numbers": (
        {"type": "LineString", "coordinates": [["a", "b"], [1, 2]]},
        {},
        ("drawn_kind", 1, "geometry"),
    ),
    "a bow tie": (BOW_TIE, {}, ("geometry_invalid", 1, "geometry")),
    "an unknown kind": (RIVER, {"jenis": "selokan"}, ("word", 1, "jenis")),
    "a list for a name": (RIVER, {"nama": ["Air"]}, ("not_text", 1, "nama")),
    "another island": (
        {"type": "LineString", "coordinates": [[150.0, -4.9], [151.0, -4.95]]},
        {},
        ("drawn_nothing", None, ""),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_refused_with_its_row(operation: Path, case: str) -> None:
    shape, texts, expected = WRONG[case]
    waters(operation, (shape, texts))
    assert refused(operation) == [expected]


def test_a_feature_without_properties_and_too_many_points_are_refused(
    operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaur_gis.read.drawn.MAX_VERTICES", 2)
    waters(operation, (RIVER, {}))
    assert refused(operation) == [("drawn_many_vertices", None, "")]
    broken = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": RIVER}]}
    (operation.parent / "sungai.geojson").write_text(json.dumps(broken), encoding="utf-8")
    assert refused(operation) == [("bad_feature", 1, "")]


def test_a_small_flaw_of_a_lake_is_mended_and_listed(operation: Path) -> None:
    ring = [[103.3, -4.7], [103.4, -4.7], [103.4, -4.6], [103.35, -4.6], [103.35, -4.5999], [103.3501, -4.6]]
    waters(operation, ({"type": "Polygon", "coordinates": [[*ring, [103.3, -4.6], [103.3, -4.7]]]}, {}))
    inputs = read_inputs(operation)
    assert inputs.sungai.geometry.is_valid.all()
    assert [(p.what, p.level) for p in inputs.notes if p.file == "sungai.geojson"] == [("geometry_mended", "fix")]
