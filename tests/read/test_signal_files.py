"""Statements on the signal, and coverage, as files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs

GOOD = Path(__file__).parents[1] / "bad" / "good"
HEAD = "kode_tps,operator,sinyal,sumber,tanggal\n"


def named(folder: Path, key: str, file: str, text: str) -> Path:
    """Copy the good operation, and let it name one file more."""
    shutil.copytree(GOOD, folder / "op")
    (folder / "op" / file).write_text(text, encoding="utf-8")
    path = folder / "op" / "operation.toml"
    toml = path.read_text(encoding="utf-8")
    path.write_text(toml.replace("[layers]\n", f'[layers]\n{key} = "{file}"\n'), encoding="utf-8")
    return path


def one() -> tuple[str, tuple[float, float]]:
    """Code of a TPS of the good operation, and a point inside its box."""
    inputs = read_inputs(GOOD / "operation.toml")
    point = inputs.desa.geometry.iloc[0]
    return str(inputs.tps.index[0]), (point.x, point.y)


def faults(path: Path) -> set[tuple[str, int | None]]:
    with pytest.raises(InputProblems) as caught:
        read_inputs(path)
    return {(problem.what, problem.row) for problem in caught.value.problems if problem.level == "refuse"}


def collection(*shapes: tuple[Any, dict[str, Any]]) -> str:
    features = [{"type": "Feature", "geometry": shape, "properties": said} for shape, said in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features})


def square(x: float, y: float) -> dict[str, Any]:
    half = 0.01
    ring = [
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
        [x - half, y - half],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def test_several_statements_on_one_tps_are_read_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    kode, _ = one()
    row = f"{kode},Telkomsel,Tidak ada,ukur,2024-01-02\n"
    path = named(tmp_path, "sinyal", "sinyal.csv", f"{HEAD}{row}{row}{kode},,kuat,terbit,\n")
    claims = read_inputs(path).sinyal
    assert claims.to_numpy().tolist() == [
        [kode, "", "kuat", "terbit", ""],
        [kode, "telkomsel", "tidak_ada", "ukur", "2024-01-02"],
    ]


def test_a_statement_that_can_not_be_used_is_refused_with_its_row(tmp_path: Path) -> None:
    kode, _ = one()
    rows = [f"{kode},x,bagus,ukur,", f"{kode},x,kuat,,", f"{kode},x,kuat,ukur,kemarin"]
    rows += ["1704999999001,x,kuat,ukur,", f"{kode},{'x' * 41},kuat,ukur,"]
    assert faults(named(tmp_path, "sinyal", "sinyal.csv", HEAD + "\n".join(rows) + "\n")) == {
        ("word", 2),
        ("cell_blank", 3),
        ("not_a_day", 4),
        ("code_unknown", 5),
        ("text_too_long", 6),
    }


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = named(tmp_path, "sinyal", "sinyal.csv", "")
    (tmp_path / "op" / "sinyal.csv").unlink()
    with pytest.raises(InputProblems, match=r"sinyal\.csv"):
        read_inputs(path)


def test_points_of_coverage_are_a_table(tmp_path: Path) -> None:
    _, (x, y) = one()
    text = f"nama,lon,lat,sinyal,operator,sumber,tanggal\n<b>Bukit</b>,{x},{y},kuat,XL,ukur,2024-01-02\n"
    coverage = read_inputs(named(tmp_path, "cakupan", "cakupan.csv", text)).cakupan
    assert coverage.drop(columns="geometry").to_numpy().tolist() == [
        ["<b>Bukit</b>", "xl", "kuat", "ukur", "2024-01-02"]
    ]
    assert (coverage.geometry.x[0], coverage.geometry.y[0]) == (x, y)


def test_points_and_areas_stand_in_one_file(tmp_path: Path) -> None:
    _, (x, y) = one()
    point = {"type": "Point", "coordinates": [x, y, 12.0]}
    said = {"sinyal": "kuat", "sumber": "perkiraan", "anything": 1}
    text = collection((point, said), (square(x, y), {**said, "operator": "Indosat"}))
    coverage = read_inputs(named(tmp_path, "cakupan", "cakupan.geojson", text)).cakupan
    assert list(coverage.geometry.geom_type) == ["Point", "Polygon"]
    assert list(coverage["operator"]) == ["", "indosat"]
    package = tmp_path / "op" / "cakupan.gpkg"
    gpd.GeoDataFrame(coverage.iloc[1:]).to_file(package)
    toml = tmp_path / "op" / "operation.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("cakupan.geojson", "cakupan.gpkg"), encoding="utf-8")
    again = read_inputs(toml).cakupan
    assert again.geometry.iloc[0].equals(coverage.geometry.iloc[1])


SAID = {"sinyal": "kuat", "sumber": "ukur"}


@pytest.mark.parametrize(
    ("shape", "said", "what"),
    [
        ({"type": "Point", "coordinates": [0, 0]}, SAID, "coord_zero"),
        ({"type": "Point", "coordinates": [103.3]}, SAID, "coord_not_number"),
        ({"type": "Point", "coordinates": ["a", True]}, SAID, "coord_not_number"),
        ({"type": "LineString", "coordinates": [[103, -4], [103, -5]]}, SAID, "geometry_kind"),
        (None, SAID, "geometry_empty"),
        ({"type": "Point", "coordinates": [103.3, -4.7]}, {"sinyal": "kuat"}, "column_missing"),
        ({"type": "Point", "coordinates": [103.3, -4.7]}, {**SAID, "sinyal": "5 bar"}, "word"),
    ],
)
def test_coverage_that_can_not_be_used_is_refused(tmp_path: Path, shape: Any, said: dict[str, Any], what: str) -> None:
    path = named(tmp_path, "cakupan", "cakupan.geojson", collection((shape, said)))
    assert what in {found for found, _ in faults(path)}


def test_a_table_of_coverage_wants_its_positions(tmp_path: Path) -> None:
    path = named(tmp_path, "cakupan", "cakupan.csv", "lon,lat,sinyal,sumber\n-4.7,103.3,kuat,ukur\n")
    assert faults(path) == {("coord_swapped", 2)}


def test_sites_of_relays_are_read_sorted_and_wants_a_code_and_a_position(tmp_path: Path) -> None:
    _, (x, y) = one()
    text = f"kode_relay,nama,lon,lat,sumber\nR-2,<b>Bukit</b>,{x},{y},contoh\nR-1,,{x},{y},contoh\n"
    sites = read_inputs(named(tmp_path, "relay", "relay.csv", text)).relay
    assert list(sites.index) == ["R-1", "R-2"]
    assert list(sites["nama"]) == ["", "<b>Bukit</b>"]
    (tmp_path / "op" / "relay.csv").write_text(text.replace("R-1", "R-2"), encoding="utf-8")
    assert "duplicate_different" in {what for what, _ in faults(tmp_path / "op" / "operation.toml")}
