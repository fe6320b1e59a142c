"""Tags of TPS in a file of their own: either file may say them, both must agree, the weaker source counts."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems
from kaur_gis.read import check_inputs, read_inputs
from kaur_gis.read.tags import source_of
from kaur_gis.read.tps import TAGS
from kaur_gis.report import told

GOOD = Path(__file__).parent.parent / "bad" / "good"
NAMES = [column.name for column in TAGS]
Rows = list[dict[str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(GOOD, tmp_path / "operasi")
    return tmp_path / "operasi"


@pytest.fixture(scope="module")
def good() -> Inputs:
    return read_inputs(GOOD / "operation.toml")


def rows(folder: Path) -> Rows:
    with (folder / "tps.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, found: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def name(folder: Path, file: str, how: str = "") -> Path:
    path = folder / "operation.toml"
    text = path.read_text(encoding="utf-8").replace("[layers]", f'[layers]\ntanda = "{file}"')
    path.write_text(f"{text}\n{how}", encoding="utf-8")
    return path


def apart(folder: Path, keep: tuple[str, ...] = ()) -> Rows:
    """Take the tags out of the list of TPS, and give them as rows of a file of their own."""
    found = rows(folder)
    write(folder / "tps.csv", [{k: v for k, v in row.items() if k not in NAMES or k in keep} for row in found])
    return [{k: v for k, v in row.items() if k == "kode_tps" or k in NAMES} for row in found]


def refused(operation: Path) -> list[tuple[str, str, int | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_inputs(operation)
    for problem in refusal.value.problems:
        assert told(problem, "id") != told(problem, "en")
    return [(p.what, p.file, p.row, p.column) for p in refusal.value.problems if p.level == "refuse"]


def test_every_tag_has_a_column_that_says_how_it_is_known() -> None:
    assert set(source_of(TAGS).values()) | set(source_of(TAGS)) == set(NAMES)


def test_tags_come_from_a_csv_workbook_geopackage_shapefile_or_geojson_as_from_the_list(
    folder: Path, good: Inputs
) -> None:
    tags = apart(folder)
    operation = name(folder, "tanda.csv")
    bare = operation.read_text(encoding="utf-8")
    write(folder / "tanda.csv", tags)
    book = openpyxl.Workbook()
    book.active.append(list(tags[0]))
    for row in tags:
        book.active.append(list(row.values()))
    book.save(folder / "tanda.xlsx")
    points = gpd.GeoDataFrame(tags, geometry=gpd.points_from_xy([103.3] * len(tags), [-4.7] * len(tags)), crs=4326)
    points.to_file(folder / "tanda.gpkg", driver="GPKG")
    points.to_file(folder / "tanda.geojson", driver="GeoJSON")
    short = {column: f"k{n}" for n, column in enumerate(tags[0])}
    points.rename(columns=short).to_file(folder / "tanda.shp", encoding="utf-8")
    columns = ", ".join(f'{ours} = "{theirs}"' for ours, theirs in short.items())
    for end in ("csv", "xlsx", "gpkg", "geojson", "shp"):
        mapped = f"\n[sources.tanda]\ncolumns = {{ {columns} }}\n" if end == "shp" else ""
        operation.write_text(bare.replace("tanda.csv", f"tanda.{end}") + mapped, encoding="utf-8")
        found = read_inputs(operation)
        assert found.tps.equals(good.tps), end
        assert f"tanda.{end}" in found.sha256


def test_either_file_may_say_a_tag_and_the_list_counts_where_the_other_is_silent(folder: Path, good: Inputs) -> None:
    keep = ("akses_sulit", "akses_sulit_sumber")
    tags = [{k: v for k, v in row.items() if k not in keep} for row in apart(folder, keep)]
    write(folder / "tanda.csv", tags)
    assert read_inputs(name(folder, "tanda.csv")).tps.equals(good.tps)


def test_a_tps_without_a_row_keeps_what_the_list_says_and_that_is_noted(folder: Path, good: Inputs) -> None:
    first = rows(folder)[0]
    write(folder / "tanda.csv", [{"kode_tps": first["kode_tps"], "bawaslu_logistik": "ya", "bawaslu_sumber": "terbit"}])
    found = read_inputs(name(folder, "tanda.csv"))
    assert found.tps["bawaslu_logistik"].tolist() == ["ya", *[""] * (len(found.tps) - 1)]
    assert found.tps["bawaslu_sumber"].iloc[0] == "terbit"
    added = ["bawaslu_logistik", "bawaslu_sumber"]
    assert found.tps.drop(columns=added).equals(good.tps.drop(columns=added))
    noted = [(p.what, p.details["n"]) for p in found.notes if p.file == "tanda.csv"]
    assert noted == [("tags_absent", len(found.tps) - 1)]


def test_the_weaker_source_counts_where_both_files_say_the_same(folder: Path) -> None:
    found = rows(folder)
    same = {"akses_sulit": found[0]["akses_sulit"], "akses_sulit_sumber": "contoh"}
    write(folder / "tanda.csv", [{"kode_tps": found[0]["kode_tps"], **same}])
    write(folder / "tps.csv", [{**found[0], "akses_sulit_sumber": "terbit"}, *found[1:]])
    assert read_inputs(name(folder, "tanda.csv")).tps["akses_sulit_sumber"].iloc[0] == "contoh"


def test_unknown_in_the_list_is_no_word_against_a_known_signal(folder: Path) -> None:
    found = rows(folder)
    write(folder / "tps.csv", [{**found[0], "sinyal_data": "belum_diketahui"}, *found[1:]])
    tag = {"kode_tps": found[0]["kode_tps"], "sinyal_data": "kuat", "sinyal_data_sumber": "ukur"}
    write(folder / "tanda.csv", [tag])
    tps = read_inputs(name(folder, "tanda.csv")).tps.iloc[0]
    assert (tps["sinyal_data"], tps["sinyal_data_sumber"]) == ("kuat", "ukur")


def test_tags_that_differ_strangers_and_tags_without_a_source_are_refused_with_their_rows(folder: Path) -> None:
    found = rows(folder)
    other = "ya" if found[1]["akses_sulit"] == "tidak" else "tidak"
    blank = {"akses_sulit": "", "akses_sulit_sumber": "", "psu_sebelumnya": "", "psu_sebelumnya_sumber": ""}
    tags = [
        {"kode_tps": found[0]["kode_tps"], **blank, "psu_sebelumnya": "tidak"},
        {"kode_tps": found[1]["kode_tps"], **blank, "akses_sulit": other, "akses_sulit_sumber": "terbit"},
        {"kode_tps": "1704019999001", **blank},
    ]
    write(folder / "tanda.csv", tags)
    assert refused(name(folder, "tanda.csv")) == [
        ("sumber_missing", "tanda.csv", 2, "psu_sebelumnya_sumber"),
        ("tag_differs", "tanda.csv", 3, "akses_sulit"),
        ("code_unknown", "tanda.csv", 4, "kode_tps"),
    ]


def test_a_tag_that_every_tps_must_have_is_asked_for_where_neither_file_says_it(folder: Path) -> None:
    tags = apart(folder)
    write(folder / "tanda.csv", tags[1:])
    found = refused(name(folder, "tanda.csv"))
    needed = [column.name for column in TAGS if column.blank is None]
    assert found == [("tag_unsaid", "tps.csv", 2, column) for column in sorted(needed)]


def test_a_file_without_tags_two_rows_of_one_tps_and_a_refused_file_are_said_alone(folder: Path) -> None:
    kode = rows(folder)[0]["kode_tps"]
    operation = name(folder, "tanda.csv")
    write(folder / "tanda.csv", [{"kode_tps": kode}])
    assert refused(operation) == [("tags_none", "tanda.csv", None, "")]
    two = [{"kode_tps": kode, "psu_sebelumnya": word, "psu_sebelumnya_sumber": "terbit"} for word in ("ya", "tidak")]
    write(folder / "tanda.csv", two)
    assert ("duplicate_different", "tanda.csv", 3, "kode_tps") in refused(operation)
    apart(folder)
    (folder / "tanda.csv").write_bytes(b"PK\x03\x04")
    assert refused(operation) == [("disguised", "tanda.csv", 1, "")]
    assert check_inputs(operation).inputs is None


def test_the_operation_says_where_it_names_a_column_of_tags_that_is_not_there(folder: Path) -> None:
    tags = apart(folder, ("akses_sulit", "akses_sulit_sumber"))
    write(folder / "tanda.csv", [{k: v for k, v in row.items() if k != "akses_sulit"} for row in tags])
    operation = name(folder, "tanda.csv", '[sources.tanda]\ncolumns = { akses_sulit = "AKSES" }')
    assert [what for what, *_ in refused(operation)] == ["column_mapped"]
    text = re.sub(r'akses_sulit = "AKSES"', 'akses = "AKSES"', operation.read_text(encoding="utf-8"))
    operation.write_text(text, encoding="utf-8")
    assert [what for what, *_ in refused(operation)] == ["source_column"]
