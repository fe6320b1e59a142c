"""The register of bad inputs: every number is answered, and what it names as proof is there."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs
from tests.read.test_bad_files import REFUSED, REPAIRED

HERE = Path(__file__).parent
TESTS = HERE.parent
GOOD = TESTS / "bad" / "good"
REGISTER = tomllib.loads((HERE / "bad_inputs.toml").read_text(encoding="utf-8"))
NUMBERS = 134


@cache
def named_in(file: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?m)^ *def test_(\w+)\(", (TESTS / file).read_text(encoding="utf-8")))


def test_every_number_stands_in_the_register_once_and_in_order() -> None:
    assert list(REGISTER) == [str(number) for number in range(1, NUMBERS + 1)]
    for entry in REGISTER.values():
        assert entry.keys() - {"differs"} == {"input", "answer", "proof"}
        assert entry["proof"]


@pytest.mark.parametrize("number", REGISTER)
def test_what_a_number_names_as_proof_is_there(number: str) -> None:
    for proof in REGISTER[number]["proof"]:
        if proof.startswith("bad/"):
            table = REPAIRED if proof.startswith("bad/repaired/") else REFUSED
            assert proof.rpartition("/")[2] in table
        else:
            file, _, name = proof.partition("::")
            assert name in named_in(file), proof


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(GOOD, tmp_path / "operasi")
    return tmp_path / "operasi"


def name(folder: Path, key: str, file: str) -> Path:
    path = folder / "operation.toml"
    text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{file}"', path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    return path


def refused(operation: Path) -> list[tuple[str, str, int | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_inputs(operation)
    return [(p.what, p.file, p.row, p.column) for p in refusal.value.problems if p.level == "refuse"]


def test_a_geopackage_of_two_layers_wants_one_named(folder: Path) -> None:
    frame = gpd.read_file(GOOD / "kecamatan.geojson")
    for layer in ("satu", "dua"):
        frame.to_file(folder / "k.gpkg", driver="GPKG", layer=layer)
    operation = name(folder, "kecamatan", "k.gpkg")
    assert ("layer_choose", "k.gpkg", None, "") in refused(operation)
    with operation.open("a", encoding="utf-8") as file:
        file.write('\n[sources.kecamatan]\nlayer = "dua"\n')
    assert len(read_inputs(operation).kecamatan) == len(frame)


@pytest.mark.parametrize("geometry", [None, {"type": "Point", "coordinates": []}])
def test_an_empty_or_missing_point_is_an_empty_coordinate(geometry: object, folder: Path) -> None:
    rows = [line.split(",") for line in (folder / "desa.csv").read_text(encoding="utf-8").splitlines()]
    features = []
    for row in rows[1:]:
        texts = dict(zip(rows[0], row, strict=True))
        point = shapely.geometry.mapping(shapely.Point(float(texts.pop("lon")), float(texts.pop("lat"))))
        features.append({"type": "Feature", "properties": texts, "geometry": point})
    features[1]["geometry"] = geometry
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "desa.geojson").write_text(json.dumps(collection), encoding="utf-8")
    found = refused(name(folder, "desa", "desa.geojson"))
    assert found == [("cell_blank", "desa.geojson", 2, "lat"), ("cell_blank", "desa.geojson", 2, "lon")]


@pytest.mark.parametrize(("way", "node"), [("-10", "1"), ("10", "-1")])
def test_edits_that_were_never_sent_are_refused(way: str, node: str, folder: Path) -> None:
    nodes = f'<node id="{node}" lat="-4.66" lon="103.22"/><node id="2" lat="-4.65" lon="103.26"/>'
    road = f'<way id="{way}"><nd ref="{node}"/><nd ref="2"/><tag k="highway" v="secondary"/></way>'
    (folder / "josm.osm").write_text(f'<osm version="0.6">{nodes}{road}</osm>', encoding="utf-8")
    with pytest.raises(InputProblems) as refusal:
        read_inputs(folder / "operation.toml", roads=folder / "josm.osm")
    assert [problem.what for problem in refusal.value.problems] == ["osm_negative"]


def test_a_saved_graph_is_no_file_of_roads(folder: Path) -> None:
    (folder / "jalan.graphml").write_text("<graphml/>", encoding="utf-8")
    with pytest.raises(InputProblems) as refusal:
        read_inputs(folder / "operation.toml", roads=folder / "jalan.graphml")
    assert [problem.what for problem in refusal.value.problems] == ["file_kind"]
