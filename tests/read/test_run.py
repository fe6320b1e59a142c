from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from kaur_gis.judge import judge
from kaur_gis.layers import CRS, Boundaries, Peaks, PlaceNames, Waters, checked_geo
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, TravelError
from kaur_gis.read.run import read_plan
from kaur_gis.report import told
from kaur_gis.store import EXACT, LAYERS, OPTIONAL, frames_of
from kaur_gis.write.layers import write_geopackage, write_parquet
from kaur_gis.write.manifest import write_manifest
from kaur_gis.write.public import public_layers
from tests.write.made import made


def written(plan: Plan, folder: Path) -> Path:
    (folder / EXACT).mkdir()
    write_manifest(plan, folder, write_parquet(plan, folder / EXACT))
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    return written(made(), tmp_path_factory.mktemp("utuh"))


@pytest.fixture
def run(sound, tmp_path) -> Path:
    """A copy of a written plan that a test may spoil."""
    return shutil.copytree(sound, tmp_path / "hasil")


def problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputProblems) as caught:
        read_plan(folder)
    for problem in caught.value.problems:
        assert told(problem, "id")
        assert told(problem, "en")
    return [(problem.what, problem.file) for problem in caught.value.problems]


def equal(one: Plan, other: Plan) -> None:
    for name, frame in frames_of(one).items():
        compare = assert_geodataframe_equal if "geometry" in frame.columns else pd.testing.assert_frame_equal
        compare(frames_of(other)[name], frame)
    for name in ("operation", "kit_rules", "pattern", "speeds", "notes", "sha256"):
        assert getattr(other.inputs, name) == getattr(one.inputs, name), name
    for name in ("schematic", "as_of", "source"):
        assert getattr(other.inputs.roads, name) == getattr(one.inputs.roads, name), name
    assert list(other.travel) == list(one.travel)
    for key, times in one.travel.items():
        for field in ("seconds", "metres", "snap_m", "carry_s"):
            np.testing.assert_array_equal(getattr(other.travel[key], field), getattr(times, field))
        pd.testing.assert_index_equal(other.travel[key].stops, times.stops)
    assert (other.now, other.notes, other.broken) == (one.now, one.notes, one.broken)
    assert {field.name for field in fields(Plan)} == {
        "inputs",
        "tps",
        "kits",
        "stops",
        "travel",
        "trips",
        "legs",
        "loads",
        "unserved",
        "posts",
        "guards",
        "groupings",
        "reactions",
        "staffing",
        "strength",
        "signals",
        "channels",
        "couriers",
        "relays",
        "relay_plans",
        "other_ways",
        "neighbours",
        "back_trips",
        "back_legs",
        "back_loads",
        "back_unserved",
        "now",
        "notes",
        "broken",
    }


def test_a_written_plan_is_read_as_it_was(run):
    equal(made(), read_plan(run))


def test_waters_come_back_and_stand_in_the_geopackage_only_where_there_are_any(tmp_path):
    lines = [shapely.LineString([(103.2, -4.7), (103.3, -4.6)]), shapely.box(103.3, -4.7, 103.31, -4.69)]
    waters = gpd.GeoDataFrame({"jenis": ["sungai", "danau"], "nama": ["Air Kinal", ""]}, geometry=lines, crs=CRS)
    waters = checked_geo(waters.astype({"jenis": "str", "nama": "str"}).rename_axis("air"), Waters)
    plan = replace(made(), inputs=replace(made().inputs, sungai=waters))
    equal(plan, read_plan(written(plan, tmp_path)))
    package = write_geopackage(plan, tmp_path / "layers.gpkg")
    shown = gpd.read_file(package, layer="sungai")
    assert list(shown["nama"]) == ["Air Kinal", ""]
    assert list(shown.geom_type) == ["LineString", "Polygon"]


def test_hills_and_what_is_compared_come_back_and_stand_in_the_package_only_where_there_are_any(tmp_path):
    at = [shapely.Point(103.2, -4.7), shapely.Point(103.3, -4.6)]
    peaks = gpd.GeoDataFrame({"nama": ["Gunung Uji", "Bukit"], "elevasi_m": [2100.0, np.nan]}, geometry=at, crs=CRS)
    peaks = checked_geo(peaks.astype({"nama": "str"}).rename_axis("puncak"), Peaks)
    boxes = gpd.GeoDataFrame({"tingkat": ["kabupaten"], "nama": ["Uji"]}, geometry=[at[0].buffer(0.1)], crs=CRS)
    boxes = checked_geo(boxes.astype({"tingkat": "str", "nama": "str"}).rename_axis("batas"), Boundaries)
    names = checked_geo(peaks[["nama", "geometry"]].rename_axis("nama_tempat"), PlaceNames)
    plan = replace(made(), inputs=replace(made().inputs, puncak=peaks, batas=boxes, nama_tempat=names))
    equal(plan, read_plan(written(plan, tmp_path)))
    package = write_geopackage(plan, tmp_path / "layers.gpkg")
    shown = gpd.read_file(package, layer="puncak")
    assert {"batas", "nama_tempat"} <= set(gpd.list_layers(package)["name"])
    assert list(shown["nama"]) == ["Gunung Uji", "Bukit"]
    assert public_layers(plan)["puncak"]["nama"].tolist() == ["Gunung Uji", "Bukit"]
    assert "puncak" not in public_layers(made())


def test_a_plan_of_nobody_comes_back_with_its_types(tmp_path):
    plan = made()
    names = ("trips", "legs", "loads", "unserved", "posts", "guards")
    broken = judge(replace(plan, guards=plan.guards.iloc[1:]))
    empty = replace(plan, broken=broken, **{name: getattr(plan, name).iloc[:0] for name in names})
    roads = replace(plan.inputs.roads, as_of=None, schematic=False)
    empty = replace(empty, inputs=replace(plan.inputs, roads=roads))
    equal(empty, read_plan(written(empty, tmp_path)))


def test_the_moment_at_which_it_was_planned_again_comes_back(run, tmp_path):
    plan = replace(made(), now=pd.Timestamp("2024-02-13T06:35:30"))
    equal(plan, read_plan(written(plan, tmp_path)))
    file = run / EXACT / "run.json"
    rest = json.loads(file.read_text())
    del rest["now"]  # a run that was written before plans knew it
    file.write_text(json.dumps(rest))
    assert read_plan(run).now is None
    for wrong in (5, "soon", ""):
        file.write_text(json.dumps(rest | {"now": wrong}))
        assert problems(run) == [("run_file_bad", "layers/run.json")]


def test_a_run_that_was_read_shows_no_drives(run):
    times = next(iter(read_plan(run).travel.values()))
    with pytest.raises(TravelError):
        times.paths([(times.stops[0], times.stops[1])])


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"format": "other"}', '{"format": "kaur_gis.run"}'])
def test_a_folder_that_is_no_run_is_refused(run, manifest):
    (run / "manifest.json").unlink()
    if manifest is not None:
        (run / "manifest.json").write_text(manifest)
    assert problems(run) == [("not_a_run", run.name)]


def test_a_run_of_another_version_is_refused(run):
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps({**manifest, "format_version": manifest["format_version"] + 1}))
    assert problems(run) == [("run_of_other_version", run.name)]


def test_every_file_that_is_missing_or_damaged_is_named_at_once(run):
    exact = run / EXACT
    (exact / "tps.parquet").unlink()
    whole = (exact / "legs.parquet").read_bytes()
    (exact / "legs.parquet").write_bytes(whole[: len(whole) // 2])
    (exact / "kits.parquet").write_bytes(b"PAR1")
    (exact / "pattern.json").write_text('{"name": 3}')
    (exact / "travel-motor-hujan.parquet").write_bytes(b"")
    found = problems(run)
    assert {what for what, _ in found} == {"run_file_bad"}
    assert {file for _, file in found} == {
        f"layers/{name}"
        for name in ("tps.parquet", "legs.parquet", "kits.parquet", "pattern.json", "travel-motor-hujan.parquet")
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"roads": 3}'])
def test_a_damaged_list_of_the_rest_is_named(run, text):
    (run / EXACT / "run.json").write_text(text)
    assert problems(run) == [("run_file_bad", "layers/run.json")]


def test_a_layer_that_is_not_as_its_model_says_is_named_with_the_value(run):
    trips = pd.read_parquet(run / EXACT / "trips.parquet")
    trips.assign(kotak=-1).to_parquet(run / EXACT / "trips.parquet")
    found = problems(run)
    assert set(found) == {("run_layer_bad", "layers/trips.parquet")}


def test_a_matrix_that_breaks_its_rules_is_named(run):
    file = run / EXACT / "travel-truck-kering.parquet"
    table = pd.read_parquet(file)
    table["seconds"] = [row - 5 for row in table["seconds"]]
    table.to_parquet(file)
    assert problems(run) == [("run_file_bad", "layers/travel-truck-kering.parquet")]


def test_a_run_edited_by_hand_is_read_and_the_judge_names_what_was_broken(run):
    trips = pd.read_parquet(run / EXACT / "trips.parquet")
    trips.assign(kotak=trips["kotak"] + 1).to_parquet(run / EXACT / "trips.parquet")
    assert {problem.what for problem in judge(read_plan(run))} == {"promise_loads"}


def test_every_layer_of_the_plan_has_its_file(run):
    assert {file.stem for file in (run / EXACT).glob("*.parquet")} >= set(LAYERS) - set(OPTIONAL)
