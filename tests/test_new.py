"""A new operation for another kabupaten."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kaur_gis import cli
from kaur_gis.config import Operation
from kaur_gis.new import HELP, TABLES
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs, read_operation

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new operation folder."""
    place = tmp_path / "seluma"
    assert cli.main(["new", "17.05", "--nama", "Kabupaten Seluma", "--out", str(place)]) == cli.OK
    return place


def test_a_new_operation_is_readable_and_check_names_only_what_is_still_to_be_filled_in(folder: Path) -> None:
    operation = read_operation(folder / "operation.toml")
    assert operation.region.kode_kab == "17.05"
    assert operation.region.kode_kab_bps == "1705"
    assert operation.region.kabupaten == "Kabupaten Seluma"
    with pytest.raises(InputProblems) as refusal:
        read_inputs(folder / "operation.toml")
    found = {(p.file, p.what) for p in refusal.value.problems}
    tables = {
        ("desa.csv", "no_rows"),
        ("tempat.csv", "no_rows"),
        ("tps.csv", "no_rows"),
        ("kecamatan.geojson", "no_rows"),
    }
    assert found == {*tables, ("operation.toml", "metric_crs")}


def test_every_part_of_the_operation_stands_in_a_new_one(folder: Path) -> None:
    text = (folder / "operation.toml").read_text(encoding="utf-8")
    parts = set(re.findall(r"^(?:# )?\[+(\w+)", text, re.MULTILINE))
    assert parts == set(Operation.model_fields)


def test_every_column_is_explained_in_both_languages(folder: Path, tmp_path: Path) -> None:
    assert cli.main(["new", "17.05", "--nama", "X", "--out", str(tmp_path / "en"), "--lang", "en"]) == cli.OK
    for place in (folder, tmp_path / "en"):
        text = (place / HELP).read_text(encoding="utf-8")
        for columns in TABLES.values():
            for column in columns:
                assert f"| `{column.name}` |" in text


def test_the_rule_files_are_those_of_the_shipped_operation() -> None:
    template = ROOT / "kaur_gis" / "template"
    shipped = ROOT / "data" / "kaur"
    rules = [path.relative_to(shipped) for path in shipped.rglob("*.toml") if path.name != "operation.toml"]
    assert rules
    for name in rules:
        assert (template / name).read_bytes() == (shipped / name).read_bytes(), f"copy data/kaur/{name} there"


def test_filled_with_the_tables_of_kaur_it_reads(tmp_path: Path, kaur: Path) -> None:
    place = tmp_path / "kaur"
    assert cli.main(["new", "17.04", "--nama", "Kabupaten Kaur", "--out", str(place)]) == cli.OK
    for name in ("desa.csv", "tempat.csv", "tps.csv", "kecamatan.geojson", "jalan_titik.csv", "jalan_ruas.csv"):
        shutil.copyfile(kaur.parent / name, place / name)
    operation = place / "operation.toml"
    text = operation.read_text(encoding="utf-8")
    for old, new in (
        ("west_lon = 95.0", "west_lon = 102.9"),
        ("east_lon = 141.1", "east_lon = 103.9"),
        ('kind = "osm"', 'kind = "schematic"\nnodes = "jalan_titik.csv"\nedges = "jalan_ruas.csv"'),
    ):
        assert old in text
        text = text.replace(old, new)
    operation.write_text(text, encoding="utf-8")
    assert len(read_inputs(operation).tps) == 434


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1705", "--nama", "X"], "bukan kode kabupaten"),
        (["17.05", "--nama", " "], "Nama kabupaten"),
        (["17.05", "--nama", 'a"b'], "Nama kabupaten"),
        (["17.05", "--nama", "a\\nb\n"], "Nama kabupaten"),
    ],
)
def test_what_can_not_be_a_kabupaten_is_refused(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", *words, "--out", str(tmp_path / "x")]) == cli.BAD_INPUT
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_folder_with_something_in_it_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert cli.main(["new", "17.06", "--nama", "Y", "--out", str(folder)]) == cli.BAD_INPUT
    assert "sudah ada" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
