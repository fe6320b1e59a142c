from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens import HOSTILE
from world import operation

from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import read_inputs
from kaur_gis.read.peaks import read_peaks
from kaur_gis.read.raw import Raw

GOOD = Path(__file__).parents[1] / "bad" / "good"
REGION = operation().region
LON, LAT = (REGION.west_lon + REGION.east_lon) / 2, (REGION.south_lat + REGION.north_lat) / 2


def features(*rows: tuple[dict[str, object], tuple[float, float]]) -> bytes:
    told = [
        {"type": "Feature", "properties": columns, "geometry": {"type": "Point", "coordinates": at}}
        for columns, at in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": told}).encode()


def read(name: str, data: bytes):
    problems: list[Problem] = []
    return read_peaks(Raw(name, data), REGION, problems), [problem.what for problem in problems]


def test_hills_are_read_the_highest_first_and_names_may_repeat() -> None:
    low, high = {"nama": "Bukit Uji", "elevasi_m": 310.5}, {"nama": "Gunung Uji", "elevasi_m": 2100}
    found, problems = read(
        "puncak.geojson",
        features((low, (LON, LAT)), ({"nama": "Bukit Uji"}, (LON + 0.01, LAT)), (high, (LON, LAT + 0.01))),
    )
    assert problems == ["coord_coarse"] * len(problems)
    assert list(found["nama"]) == ["Gunung Uji", "Bukit Uji", "Bukit Uji"]
    assert list(found["elevasi_m"].fillna(-1)) == [2100.0, 310.5, -1.0]
    assert (found.geometry.iloc[1].x, found.geometry.iloc[1].y) == (LON, LAT)


def test_a_table_of_hills_does_as_well() -> None:
    found, _ = read("puncak.csv", f"nama,lon,lat\n{HOSTILE['img']},{LON},{LAT}\n".encode())
    assert list(found["nama"]) == [HOSTILE["img"]]


@pytest.mark.parametrize(
    ("columns", "at", "what"),
    [
        ({"nama": ""}, (LON, LAT), "cell_blank"),
        ({"elevasi_m": 3}, (LON, LAT), "column_missing"),
        ({"nama": "Bukit", "elevasi_m": 9001}, (LON, LAT), "number_range"),
        ({"nama": "Bukit", "elevasi_m": "tinggi"}, (LON, LAT), "not_number"),
        ({"nama": "Bukit"}, (LON + 40, LAT), "coord_outside"),
    ],
)
def test_what_is_no_hill_of_the_region_is_refused(columns, at, what) -> None:
    found, problems = read("puncak.geojson", features((columns, at)))
    assert what in problems
    assert found.empty


@given(st.binary(max_size=400))
def test_no_file_of_hills_breaks_the_reader(data: bytes) -> None:
    found, problems = read("puncak.geojson", data)
    assert found.empty
    assert problems


def test_an_operation_names_its_hills(tmp_path: Path) -> None:
    shutil.copytree(GOOD, tmp_path / "operasi")
    path = tmp_path / "operasi" / "operation.toml"
    assert read_inputs(path).puncak.empty
    path.write_text(
        path.read_text(encoding="utf-8").replace("[layers]", '[layers]\npuncak = "puncak.geojson"'), "utf-8"
    )
    (path.parent / "puncak.geojson").write_bytes(features(({"nama": "Bukit Uji"}, (LON, LAT))))
    inputs = read_inputs(path)
    assert list(inputs.puncak["nama"]) == ["Bukit Uji"]
    assert "puncak.geojson" in inputs.sha256
    (path.parent / "puncak.geojson").write_bytes(b"{")
    with pytest.raises(InputProblems):
        read_inputs(path)
