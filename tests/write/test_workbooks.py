from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kaur_gis.kit import chain, goods, per_place
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.problems import Problem
from kaur_gis.summary import notices, plan_version
from kaur_gis.write.safely import cell_text
from kaur_gis.write.tables import write_tables
from kaur_gis.write.workbook import LONGEST_CELL, Table, write_csv, write_workbook
from tests.specimens import HOSTILE, REFUSED
from tests.write.handmade import hostile, plan

BOOKS = {
    "distribusi": ["Perjalanan", "Ruas", "Muatan", "Kedatangan per TPS"],
    "logistik": ["Per TPS", "PPS, PPK, cadangan", "Per desa", "Per kecamatan (PPK)", "Per gudang", "Per kendaraan"],
    "pengamanan": ["Pos", "Penjagaan per TPS", "Per kecamatan"],
    "data": ["TPS", "Tidak terlayani", "Catatan", "Janji dilanggar"],
}
SUM = re.compile(r"=SUM\(([A-Z]+)2:\1(\d+)\)")
COUNTED = re.compile(r"=SUMPRODUCT\(--\('([^']+)'!\$([A-Z]+)\$2:\$\2\$(\d+)=\$([A-Z]+)(\d+)\)\)")
SUMMED = re.compile(
    r"=SUMPRODUCT\(\('([^']+)'!\$([A-Z]+)\$2:\$\2\$(\d+)=\$([A-Z]+)(\d+)\)\*'\1'!\$([A-Z]+)\$2:\$\6\$\3\)"
)


def recalculated(book: openpyxl.Workbook, sheet: str, formula: str) -> float:
    """Work a formula out again, from the cells and nothing else."""
    if found := SUM.fullmatch(formula):
        column, last = found.groups()
        return sum(value_of(book, sheet, f"{column}{row}") for row in range(2, int(last) + 1))
    first, *more = formula.split("+")
    if more:  # a formula sums several sheets, term by term
        return sum(recalculated(book, sheet, term if term[0] == "=" else f"={term}") for term in (first, *more))
    found = SUMMED.fullmatch(formula) or COUNTED.fullmatch(formula)
    assert found, formula
    source, keys, last, key_column, key_row, *summed = found.groups()
    key = book[sheet][f"{key_column}{key_row}"].value
    rows = [row for row in range(2, int(last) + 1) if book[source][f"{keys}{row}"].value == key]
    return sum(value_of(book, source, f"{summed[0]}{row}") for row in rows) if summed else len(rows)


def value_of(book: openpyxl.Workbook, sheet: str, cell: str) -> float:
    value = book[sheet][cell].value
    return recalculated(book, sheet, value) if isinstance(value, str) else value


def texts(book: openpyxl.Workbook) -> set[str]:
    return {cell.value for sheet in book for row in sheet for cell in row if cell.data_type == "s"}


@pytest.fixture(scope="module")
def small():
    return plan(unserved=["1704012005001"])


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("tables")
    files = write_tables(small, place, "id")
    assert len(files) == len(set(files))
    assert sorted(files) == sorted(file for file in place.rglob("*") if file.is_file())
    return place


@pytest.fixture(scope="module")
def rows(folder):
    def read(name: str) -> list[dict[str, str]]:
        with (folder / "tabel" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    return read


@pytest.fixture(scope="module")
def bitten(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("hostile")
    write_tables(hostile(), place, "id")
    return place


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_opens_with_what_it_is_and_then_its_sheets(small, folder, name):
    book = openpyxl.load_workbook(folder / f"{name}.xlsx")
    assert book.sheetnames == ["Keterangan", *BOOKS[name]]
    about = [tuple(cell.value for cell in row) for row in book["Keterangan"].iter_rows()]
    assert ("Operasi", "Dunia contoh") in about
    assert ("Versi rencana", plan_version(small)) in about
    assert [words for what, words in about if what == "Perhatian"] == notices(small, "id")
    assert any(OSM_CREDIT in words for _, words in about)
    assert [words for what, words in about if what == "Lembar"][: len(BOOKS[name])] == BOOKS[name]


@pytest.mark.parametrize("name", BOOKS)
def test_every_sheet_has_a_frozen_head_a_filter_and_a_width_for_every_column(folder, name):
    book = openpyxl.load_workbook(folder / f"{name}.xlsx")
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes.endswith("2")
        assert sheet.auto_filter.ref.startswith("A1:")
        for column in sheet.iter_cols(min_row=1, max_row=1):
            assert 9 <= sheet.column_dimensions[column[0].column_letter].width < 50


def test_a_head_says_the_unit(folder):
    book = openpyxl.load_workbook(folder / "distribusi.xlsx")
    heads = [cell.value for cell in book["Perjalanan"][1]]
    assert {"Berat [kg]", "Isi [m³]", "Jarak [m]", "Mengemudi [menit]", "Kotak [buah]"} <= set(heads)


@pytest.mark.parametrize("name", BOOKS)
def test_every_formula_is_one_of_ours_and_its_stored_value_is_what_it_works_out_to(folder, name):
    formulas = openpyxl.load_workbook(folder / f"{name}.xlsx")
    values = openpyxl.load_workbook(folder / f"{name}.xlsx", data_only=True)
    for sheet in formulas:
        for row in sheet:
            for cell in row:
                if cell.data_type == "f":
                    again = recalculated(formulas, sheet.title, cell.value)
                    assert values[sheet.title][cell.coordinate].value == pytest.approx(again)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="optional: LibreOffice is not here")
def test_libreoffice_works_every_formula_out_to_the_value_that_is_stored(folder, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in BOOKS:  # openpyxl keeps formulas and drops their stored values: LibreOffice must work them out
        openpyxl.load_workbook(folder / f"{name}.xlsx").save(bare / f"{name}.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            tmp_path,
            *(tmp_path / "bare").iterdir(),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    seen = 0
    for name in BOOKS:
        formulas = openpyxl.load_workbook(folder / f"{name}.xlsx")
        ours = openpyxl.load_workbook(folder / f"{name}.xlsx", data_only=True)
        theirs = openpyxl.load_workbook(tmp_path / f"{name}.xlsx", data_only=True)
        assert theirs.sheetnames == ours.sheetnames
        for sheet in formulas:
            for cell in (cell for row in sheet for cell in row if cell.data_type == "f"):
                found = theirs[sheet.title][cell.coordinate].value
                assert found == pytest.approx(ours[sheet.title][cell.coordinate].value), (name, cell.coordinate)
                seen += 1
    assert seen > 100


def test_the_totals_of_the_kit_are_those_of_the_plan_at_every_level(small, folder):
    book = openpyxl.load_workbook(folder / "logistik.xlsx", data_only=True)
    other = goods(small.kits, chain(small.tps, small.inputs.tempat), small.inputs.kit_rules)
    for sheet in BOOKS["logistik"][:-1]:
        heads = [cell.value for cell in book[sheet][1]]
        last = [cell.value for cell in book[sheet][book[sheet].max_row]]
        assert last[0] == "JUMLAH"
        total = dict(zip(heads, last, strict=True))
        kits = small.kits if sheet != "PPS, PPK, cadangan" else small.kits.iloc[:0]
        beside = other if sheet != "Per TPS" else other.iloc[:0]
        assert total["Berat [kg]"] == pytest.approx(kits["kg"].sum() + beside["kg"].sum())
        assert total["Surat suara PPWP [lembar]"] == kits["suara_ppwp"].sum() + beside["suara_ppwp"].sum()
        if sheet != "PPS, PPK, cadangan":
            assert total["Kotak [buah]"] == small.kits["kotak"].sum()
            assert total["Pemilih [orang]"] == small.tps["pemilih"].sum()
        if sheet.startswith("Per ") and sheet != "Per TPS":
            assert total["TPS [jumlah]"] == len(small.tps)


@pytest.mark.parametrize(("level", "file"), [("desa", "perlengkapan_desa"), ("gudang", "perlengkapan_gudang")])
def test_a_place_receives_what_the_kit_rules_say_for_it_and_all_behind_it(small, rows, level, file):
    ways = chain(small.tps, small.inputs.tempat)
    wanted = per_place(small.kits, ways, goods(small.kits, ways, small.inputs.kit_rules), level)
    code = {"desa": "Kode desa", "gudang": "Kode gudang"}[level]
    for head, column in (("Bilik suara [buah]", "jml_bilik"), ("Surat suara PPWP [lembar]", "suara_ppwp")):
        assert {row[code]: int(row[head]) for row in rows(file)} == wanted[column].to_dict()
    assert {row[code]: float(row["Berat [kg]"]) for row in rows(file)} == pytest.approx(
        wanted["kg"].to_dict(), abs=0.01
    )


def test_goods_of_pps_ppk_and_the_spare_are_listed_and_those_of_no_village_stand_last_and_say_what_they_are(
    small, rows
):
    other = goods(small.kits, chain(small.tps, small.inputs.tempat), small.inputs.kit_rules)
    assert len(rows("perlengkapan_panitia")) == len(other)
    assert Counter(row["Untuk"] for row in rows("perlengkapan_panitia")) == {
        "PPS": small.tps["kode_desa"].nunique(),
        "PPK": small.tps["kode_kec"].nunique(),
        "cadangan kabupaten": sum(whom == "cadangan" for whom, _ in other.index),
    }
    *villages, last = rows("perlengkapan_desa")
    assert all(row["Kode desa"] for row in villages)
    assert last["Kode desa"] == ""
    assert last["Desa/kelurahan"] == "(bukan untuk satu desa: cadangan kabupaten, PPK)"
    assert rows("perlengkapan_gudang")[-1]["Gudang"] == "(gudang tidak ditentukan: cadangan kabupaten)"
    assert rows("perlengkapan_panitia")[0]["Nama"] == "seluruh kabupaten"


def test_what_every_vehicle_carries_adds_up_to_its_trips(small, rows):
    wanted = small.trips.groupby("vehicle")["kotak"].sum()
    found = Counter()
    for row in rows("perlengkapan_kendaraan"):
        found[row["Kendaraan"]] += int(row["Kotak [buah]"])
    assert found == wanted.to_dict()


def test_the_officers_of_a_kecamatan_are_the_sum_of_its_posts(small, rows):
    found = {row["Kode kecamatan"]: int(row["Personel [orang]"]) for row in rows("pengamanan_kecamatan")}
    assert found == small.posts.groupby("kode_kec")["officers"].sum().to_dict()


def test_csv_files_hold_every_row_and_codes_stay_text(small, folder, rows):
    assert [row["Kode TPS (KPU)"] for row in rows("tps")] == list(small.tps.index)
    assert len(rows("muatan")) == len(small.loads)
    assert len(rows("ruas")) == len(small.legs)
    assert {row["Perjalanan"] for row in rows("perjalanan")} == set(small.trips.index)
    assert all((file.read_bytes()).startswith(b"\xef\xbb\xbf") for file in (folder / "tabel").iterdir())


def test_every_number_in_csv_has_the_decimals_of_its_unit(rows):
    decimals = {"Berat [kg]": 2, "Isi [m³]": 3, "Mengemudi [menit]": 1, "Dipikul dari jalan [m]": 0}
    seen = set()
    for name in ("perjalanan", "ruas", "muatan", "perlengkapan_tps", "perlengkapan_desa", "perlengkapan_gudang"):
        for row in rows(name):
            for head in decimals.keys() & row.keys():
                assert len(row[head].partition(".")[2]) == decimals[head]
                seen.add(head)
    assert seen == set(decimals)


def test_an_arrival_that_a_closed_road_prevents_is_an_empty_cell(small, rows):
    closed = small.legs["arrive_late"].isna()
    late = "Tiba paling lambat (kosong: jalan terputus)"
    assert closed.any()
    assert sum(row[late] == "" for row in rows("ruas")) == closed.sum()


def test_tps_that_are_not_served_and_notes_are_listed_with_their_reason(rows):
    (lost,) = rows("tidak_terlayani")
    assert (lost["Kode TPS (KPU)"], lost["Sebab"]) == ("1704012005001", "tidak ada jalan dari pangkalan")
    (note,) = rows("catatan")
    assert note["Tempat"].startswith("desa.csv")
    assert note["Nilai"] == "'=1+1"
    assert not rows("janji")


def test_a_plan_that_breaks_a_promise_says_so_on_the_first_sheet_of_every_workbook(small, tmp_path):
    write_tables(
        replace(small, broken=(Problem("outside_every_kecamatan", details=small.notes[0].details),)), tmp_path, "en"
    )
    for name in BOOKS:
        book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
        assert "DO NOT USE" in {row[0].value for row in book["About"]}
    assert openpyxl.load_workbook(tmp_path / "data.xlsx")["Broken promises"].max_row == 2


def test_hostile_names_are_texts_to_the_letter_and_never_formulas(bitten):
    found = set()
    for name in BOOKS:
        book = openpyxl.load_workbook(bitten / f"{name}.xlsx")
        found |= texts(book)
        for sheet in book:
            for row in sheet:
                for cell in row:
                    if cell.data_type == "f":
                        terms = [f"={term.removeprefix('=')}" for term in cell.value.split("+")]
                        assert all(
                            kind
                            for kind in (SUM.fullmatch(t) or SUMMED.fullmatch(t) or COUNTED.fullmatch(t) for t in terms)
                        )
                    assert cell.hyperlink is None
    for name in HOSTILE.values():
        assert name in found
    assert REFUSED["newline"] in found
    assert "a\ufffdb" in found


def test_in_csv_no_cell_of_text_begins_a_formula(bitten):
    found = set()
    for file in (bitten / "tabel").iterdir():
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream):
                found |= set(row)
                for cell in row:
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    for name in HOSTILE.values():
        assert cell_text(name) in found


def test_two_writes_are_equal_byte_for_byte(small, folder, tmp_path):
    for file in write_tables(small, tmp_path, "id"):
        assert file.read_bytes() == (folder / file.relative_to(tmp_path)).read_bytes()


def test_a_text_longer_than_a_cell_is_cut_visibly_and_control_characters_are_shown(tmp_path):
    frame = pd.DataFrame({"a": pd.Series(["x" * (LONGEST_CELL + 5), "a\x00b\ud800c", "_x0041_"], dtype=object)})
    table = Table("t", "T", frame, {"a": "A"})
    write_workbook(tmp_path / "t.xlsx", ("About", []), [table])
    cells = [row[0].value for row in openpyxl.load_workbook(tmp_path / "t.xlsx")["T"].iter_rows(min_row=2)]
    assert cells[0] == "x" * (LONGEST_CELL - 1) + "…"
    assert cells[1] == "a\ufffdb\ufffdc"
    assert cells[2] == "_x0041_"
    write_csv(table, tmp_path / "t.csv")
    assert "_x0041_" in (tmp_path / "t.csv").read_text(encoding="utf-8-sig")


def test_a_missing_number_is_an_empty_cell_and_a_column_without_a_unit_has_three_decimals(tmp_path):
    frame = pd.DataFrame({"a": [0.1 + 0.2, float("nan")], "b": [9.120000000000001, 1.0]})
    table = Table("t", "T", frame, {"a": "A", "b": "B"}, decimals={"b": 2})
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines() == ["A,B", "0.300,9.12", ",1.00"]
    write_workbook(tmp_path / "t.xlsx", ("About", []), [table])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T"]
    assert sheet["A3"].value is None
    assert (sheet["B2"].value, sheet.column_dimensions["B"].number_format) == (pytest.approx(9.12), "#,##0.00")


def test_an_empty_table_has_its_head_and_no_sum(tmp_path):
    frame = pd.DataFrame({"a": pd.Series([], dtype=str), "n": pd.Series([], dtype="int64")})
    write_workbook(tmp_path / "t.xlsx", ("About", []), [Table("t", "T", frame, {"a": "A", "n": "N"}, total=("n",))])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T"]
    assert [[cell.value for cell in row] for row in sheet] == [["A", "N"]]
