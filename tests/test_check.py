"""The report on the data: what it finds, on the terminal, in the workbook and in the GeoPackage."""

from __future__ import annotations

import csv
import dataclasses
import re
import shutil
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from world import world

import kaur_gis as kg
from kaur_gis import cli, report
from kaur_gis.inputs import Inputs
from kaur_gis.place import place
from kaur_gis.problems import Problem
from kaur_gis.read import check_inputs
from kaur_gis.review import review, told
from kaur_gis.write.review import write_review

GOOD = Path(__file__).parent / "bad" / "good"
ELSEWHERE = {"kecamatan_big.geojson": 0, "kecamatan_bps2020.geojson": 1}
OFFICIAL = tuple(ELSEWHERE)
"""Two boundary sets, and how many of the shipped village points lie outside the polygon of their own code."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The good operation, to be spoiled."""
    shutil.copytree(GOOD, tmp_path / "operasi")
    return tmp_path / "operasi"


def change(folder: Path, key: str, **cells: str) -> None:
    """Change cells of a table: ``<column>_<row>`` = text, rows numbered as in the file; new columns are added."""
    with (folder / f"{key}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for cell, text in cells.items():
        column, _, row = cell.rpartition("_")
        rows[int(row) - 2][column] = text
    names = dict.fromkeys(name for row in rows for name in row)
    with (folder / f"{key}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(names), restval="")
        writer.writeheader()
        writer.writerows(rows)


def add(folder: Path, text: str) -> None:
    operation = folder / "operation.toml"
    operation.write_text(operation.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def found(folder: Path) -> dict[str, Problem]:
    checked = check_inputs(folder / "operation.toml")
    notes = review(checked.inputs).notes if checked.inputs else ()
    return {problem.what: problem for problem in (*checked.problems, *notes)}


def sheet(path: Path, name: str) -> list[dict[str, object]]:
    head, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_shipped_data_is_reported_on_the_terminal_in_a_workbook_and_in_a_geopackage(
    kaur: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(kaur), "--out", str(tmp_path / "laporan")]) == cli.OK
    said = capsys.readouterr().out
    assert "434 TPS di 195 desa dan 15 kecamatan; 96.011 pemilih. Titik: 0 diukur, 0 dari peta, 434" in said
    assert "Data dapat dipakai untuk merencanakan." in said
    assert re.search(r"catatan +15 +tps\.csv", said)
    book = tmp_path / "laporan" / "laporan_data.xlsx"
    assert len(sheet(book, "Temuan")) == 15
    tps = sheet(book, "TPS")
    assert len(tps) == 434
    assert sum(int(str(row["Pemilih"])) for row in tps) == 96_011
    totals = sheet(book, "Jumlah")
    assert sum(int(str(row["TPS di daftar"])) for row in totals if "." in str(row["Kecamatan atau dapil"])) == 434
    layers = dict(pyogrio.list_layers(tmp_path / "laporan" / "laporan_data.gpkg"))
    assert layers == {"masalah": "Point", "tps": "Point", "desa": "Point", "jumlah": None, "kecamatan": "MultiPolygon"}
    in_package = pyogrio.read_dataframe(tmp_path / "laporan" / "laporan_data.gpkg", layer="jumlah")
    for row, told_there in zip(totals, in_package.to_dict("records"), strict=True):
        assert row["TPS di daftar"] == told_there["n_tps"]
        assert row["Pemilih"] == told_there["pemilih"]
        (line,) = [line for line in said.splitlines() if line.startswith(f"{told_there['wilayah']} ")]
        words = line.split()
        assert str(told_there["n_tps"]) in words
        assert f"{told_there['pemilih']:,}".replace(",", ".") in words
    drawn = gpd.read_file(tmp_path / "laporan" / "laporan_data.gpkg", layer="tps")
    assert drawn["kode_tps"].tolist() == [row["Kode TPS"] for row in tps]


def test_data_that_is_refused_is_reported_with_its_points_and_exit_code_2(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, "desa", lat_3="4.62929", nama_2="=1+1")
    out = tmp_path / "laporan"
    assert cli.main(["check", str(folder / "operation.toml"), "--out", str(out), "--lang", "en"]) == cli.BAD_INPUT
    said = capsys.readouterr().out
    assert "The data can't be used yet: 1 problem must be mended." in said
    (row,) = [row for row in sheet(out / "laporan_data.xlsx", "Findings") if row["Level"] == "refused"]
    assert (row["File"], row["Row"], row["Column"]) == ("desa.csv", "3", "lon")
    drawn = gpd.read_file(out / "laporan_data.gpkg", layer="masalah")
    (point,) = drawn[drawn["tingkat"] == "refused"].geometry
    assert (point.x, point.y) == (103.26552, 4.62929)


def test_what_has_no_row_is_drawn_where_it_is(folder: Path, tmp_path: Path) -> None:
    checked = check_inputs(folder / "operation.toml")
    assert checked.inputs is not None
    looked = review(checked.inputs)
    kode = str(looked.tps.index[0])
    problems = [
        Problem("osm_no_roads", "jalan.osm", level="note", details={"lon": 103.5, "lat": -4.5}),
        Problem("osm_no_roads", "tps.csv", None, "lon", kode, "note"),
        Problem("osm_no_roads", "desa.csv", None, "", "17.04.01.2001", "note"),
        Problem("osm_no_roads", "jalan.osm", level="note"),
    ]
    write_review(problems, checked.points, (checked.inputs, looked), tmp_path / "laporan", "id")
    drawn = gpd.read_file(tmp_path / "laporan" / "laporan_data.gpkg", layer="masalah").geometry
    assert (drawn[0].x, drawn[0].y) == (103.5, -4.5)
    assert drawn[1].equals(looked.tps.geometry[kode])
    assert drawn[2].equals(looked.desa.geometry["17.04.01.2001"])
    assert drawn[3] is None


def test_degrees_and_minutes_are_shown_in_decimals(folder: Path) -> None:
    for text, meant in (
        ("4 37'45\"S", "-4.629167"),
        ("4°37.5' LS", "-4.625000"),
        ("-4 37 45", "-4.629167"),
        ("4°77'", ""),
    ):
        change(folder, "desa", lat_3=text)
        assert found(folder)["degrees_minutes"].details["nearest"] == meant


def test_utm_metres_are_shown_where_they_would_lie(folder: Path) -> None:
    for lon, lat in (("307657.4", "9488023.3"), ("9488023.3", "307657.4")):
        change(folder, "desa", lon_3=lon, lat_3=lat)
        fault = found(folder)["coord_utm"]
        x, y = map(float, str(fault.details["nearest"]).split(", "))
        assert (x, y) == pytest.approx((103.2655, -4.6293), abs=0.01)
    change(folder, "desa", lon_3="700000", lat_3="100000")
    assert found(folder)["coord_utm"].details["nearest"] == ""


def test_near_duplicates_are_noted_with_metres_unless_the_row_says_they_are_meant(folder: Path) -> None:
    change(folder, "tps", lon_3="103.25514", lat_3="-4.65122", posisi_data_3="gps")
    note = found(folder)["near_duplicate"]
    assert (note.row, note.details["first_row"]) == (3, 2)
    assert note.details["metres"] == pytest.approx(1.1, abs=0.05)
    change(folder, "tps", titik_disengaja_3="ya")
    assert "near_duplicate" not in found(folder)
    change(folder, "tps", titik_disengaja_3="", lon_3="103.25513")  # the very same point: a school with two TPS
    assert "near_duplicate" not in found(folder)
    change(folder, "tps", lon_3="103.25523")  # 11 m
    assert "near_duplicate" not in found(folder)
    change(
        folder, "tps", lon_3="", lat_3="", posisi_data_3="", lon_4="103.25513", lat_4="-4.65122", posisi_data_4="gps"
    )
    assert found(folder)["near_duplicate"].details["metres"] == 0  # one point for two villages


def test_totals_are_held_against_the_decree_s_by_kecamatan_and_dapil(folder: Path) -> None:
    add(folder, '[election.kecamatan."17.04.01"]\ntps = 3\npemilih = 600\n[election.dapil."Kaur I"]\ntps = 5\n')
    assert not {"figure_tps", "figure_voters", "code_unknown"} & set(found(folder))
    change(folder, "tps", pemilih_2="150", pemilih_5="250")
    fault = found(folder)["figure_voters"]
    assert (fault.level, fault.value, fault.details["found"], fault.details["expected"]) == (
        "refuse",
        "17.04.01",
        550,
        600,
    )
    change(folder, "tps", pemilih_2="200", pemilih_5="200")
    add(folder, '[election.dapil."Kaur X"]\ntps = 5\n')
    assert found(folder)["code_unknown"].details["nearest"] == "Kaur I"


def test_the_decree_s_number_of_tps_of_a_dapil_is_held_against_the_list(folder: Path) -> None:
    add(folder, '[election.dapil."Kaur I"]\ntps = 6\n')
    assert found(folder)["figure_tps"].details["found"] == 5


def test_codes_and_names_of_bps_are_held_against_those_of_kemendagri(folder: Path) -> None:
    change(folder, "desa", kode_bps_3="1704050010")
    assert (found(folder)["bps_twice"].row, found(folder)["bps_twice"].details["first_row"]) == (3, 2)
    change(folder, "desa", kode_bps_3="1704060001", kode_desa_4="17.04.02.2001")
    assert found(folder)["bps_kecamatan"].level == "note"
    change(folder, "desa", nama_bps_2="Gedungwani", nama_bps_3="Lain")
    by_what = found(folder)
    assert by_what["bps_spelling"].row == 2
    assert by_what["bps_name"].row == 3


def test_a_village_without_a_point_is_given_the_only_place_of_its_name_to_look_at(folder: Path) -> None:
    change(folder, "desa", lon_2="", lat_2="", lon_3="", lat_3="")
    names = folder / "nama.geojson"
    text = (folder / "operation.toml").read_text(encoding="utf-8")
    named = text.replace("[layers]", '[layers]\nnama_tempat = "nama.geojson"')
    (folder / "operation.toml").write_text(named, encoding="utf-8")
    inside = gpd.read_file(folder / "kecamatan.geojson").geometry.iloc[0].representative_point()
    with (folder / "desa.csv").open(newline="", encoding="utf-8") as file:
        _, second, *_ = list(csv.DictReader(file))
    places = [("Desa GEDUNG-WANI", inside), (second["nama"], inside), (second["nama"].upper(), inside)]
    shapes = gpd.GeoSeries([point for _, point in places], crs="EPSG:4326")
    gpd.GeoDataFrame({"name": [name for name, _ in places]}, geometry=shapes).to_file(names)
    checked = check_inputs(folder / "operation.toml")
    (hint,) = [problem for problem in checked.problems if problem.what == "desa_place_named"]
    assert (hint.row, hint.level, hint.value) == (2, "note", "Gedung Wani")
    assert (hint.details["lon"], hint.details["lat"]) == (round(inside.x, 6), round(inside.y, 6))
    assert report.told(hint, "id") != report.told(hint, "en")
    (folder / "kecamatan.geojson").write_text("{", encoding="utf-8")
    assert "desa_place_named" not in found(folder), "in no kecamatan that is known"


@pytest.mark.parametrize(
    ("as_of", "what"),
    [("2022-01-01", "stale"), ("2024-03-01", "from_the_future"), ("2023-12-01", None)],
)
def test_old_and_future_dates_are_noted(as_of: str, what: str | None, folder: Path) -> None:
    add(folder, f"[sources.tps]\nas_of = {as_of}\n")
    dated = {key for key in found(folder) if key in {"stale", "from_the_future", "older_than_roads"}}
    assert dated == ({what} if what else set())


def test_data_older_than_the_roads_is_noted(folder: Path) -> None:
    inputs = kg.read_inputs(folder / "operation.toml")
    add(folder, "[sources.tps]\nas_of = 2024-01-01\n")
    later = kg.read_inputs(folder / "operation.toml")
    roads = dataclasses.replace(inputs.roads, as_of=later.operation.operation.voting_day.replace(year=2026))
    notes = review(dataclasses.replace(later, roads=roads)).notes
    assert [note.value for note in notes if note.what == "older_than_roads"] == ["2024-01-01"]


def test_a_stop_far_from_every_road_is_noted_with_its_metres() -> None:
    inputs = world(
        """
        G---P---A
        """,
        tps={"A": 2},
    )
    real = dataclasses.replace(inputs.roads, schematic=False)
    away = inputs.desa.copy()
    kode = str(inputs.tps["kode_desa"].iloc[0])
    point = away.geometry[kode]
    away.loc[[kode], "geometry"] = gpd.points_from_xy([point.x], [point.y + 0.05], crs=away.crs)
    found = review(dataclasses.replace(inputs, roads=real, desa=away))
    (note,) = [note for note in found.notes if note.what == "far_from_road"]
    assert float(note.details["metres"]) == pytest.approx(5_530, rel=0.02)
    assert "2 TPS" in str(note.details["nama"])


def official(kaur: Path, real_data: Path, name: str, folder: Path) -> Path:
    """The shipped operation with an official boundary in place of the approximate one."""
    shutil.copytree(kaur.parent, folder)
    shutil.copyfile(real_data / name, folder / name)
    operation = folder / "operation.toml"
    text = operation.read_text(encoding="utf-8").replace('"kecamatan.geojson"', f'"{name}"')
    how = '[sources.kecamatan]\ncolumns = { kode_kec = "kode", nama = "kecamatan" }\nfixed = { sumber = "terbit" }\n'
    operation.write_text(f"{text}\n{how}", encoding="utf-8")
    return operation


@pytest.mark.real
@pytest.mark.parametrize("name", OFFICIAL)
def test_with_each_official_boundary_the_report_says_which_villages_lie_where(
    name: str, kaur: Path, real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = official(kaur, real_data, name, tmp_path / "kaur")
    assert cli.main(["check", str(operation), "--out", str(tmp_path / "laporan")]) == cli.OK
    assert "Data dapat dipakai" in capsys.readouterr().out
    rows = sheet(tmp_path / "laporan" / "laporan_data.xlsx", "Desa")
    shapes = gpd.read_file(real_data / name)
    points = gpd.read_file(tmp_path / "laporan" / "laporan_data.gpkg", layer="desa").set_index("kode_desa")
    joined = points.sjoin(shapes[["kode", "geometry"]], how="left", predicate="intersects")["kode"].fillna("")
    said = {row["Kode desa"]: str(row["Poligon di titik itu (kode kecamatan)"] or "") for row in rows}
    assert said == joined.groupby(level=0).agg(lambda codes: ", ".join(sorted(codes))).to_dict()
    elsewhere = [row for row in rows if row["Kode kecamatan"] not in said[row["Kode desa"]]]
    assert len(elsewhere) == ELSEWHERE[name]
    assert all(float(str(row["Di luar batas kecamatannya [m]"])) > 0 for row in elsewhere)


@pytest.mark.real
def test_the_plan_comes_out_with_each_official_boundary_and_the_code_decides(
    kaur: Path, real_data: Path, tmp_path: Path
) -> None:
    placed: list[gpd.GeoDataFrame] = []
    plans: list[kg.Plan] = []
    for name in OFFICIAL:
        inputs: Inputs = kg.read_inputs(official(kaur, real_data, name, tmp_path / name))
        placed.append(place(inputs)[0])
        # the plan is that of the one kecamatan whose border the two sets draw on either side of a village
        maje = inputs.tps[placed[-1]["kode_kec"] == "17.04.06"]
        plans.append(
            kg.make_plan(dataclasses.replace(inputs, tps=maje, kecamatan=inputs.kecamatan.assign(n_tps_resmi=0)))
        )
    for tps, plan in zip(placed, plans, strict=True):
        assert len(tps) == 434
        assert plan.broken == ()
        assert len(plan.tps) == 49
        assert plan.unserved.empty
    one, other = placed
    beyond = other[other["border_m"] > 0]
    assert set(beyond["nama_desa"]) == {"Air Jelatang"}  # 62 m: within region.max_outside_m, so not among the notes
    assert set(beyond["placed_by"]) == {"near_border"}
    assert set(beyond.index) <= set(plans[1].tps.index)
    assert (one["border_m"] == 0).all()
    assert one["kode_kec"].equals(other["kode_kec"])
    assert plans[0].trips.equals(plans[1].trips)


def test_the_few_lines_say_the_figures_in_both_languages(folder: Path) -> None:
    inputs = kg.read_inputs(folder / "operation.toml")
    looked = review(inputs)
    assert told(inputs, looked, "id")[0].startswith("5 TPS di 3 desa dan 2 kecamatan; 1.000 pemilih.")
    assert told(inputs, looked, "en")[0].startswith("5 TPS in 3 villages and 2 kecamatan; 1,000 voters.")
