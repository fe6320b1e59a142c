"""What a plan that was made again changes, as a page, a workbook and tables; names that bite go through all of them."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import kaur_gis as kg
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.delta import Delta
from kaur_gis.cut.tell import headlines
from kaur_gis.store import MANIFEST
from kaur_gis.write.changes import keep_changes, tables_of, write_changes
from kaur_gis.write.safely import cell_text
from tests.specimens import HOSTILE
from tests.world import kode_tps, lon_lat, world
from tests.write.test_index import Page

NAMES = {"A": HOSTILE["jinja_run"], "B": HOSTILE["close_script"], "E": HOSTILE["formula"], "F": HOSTILE["quotes"]}


@pytest.fixture(scope="module")
def delta() -> Delta:
    inputs = world("G---P---A---B\n    |       |\n    C---D---E---F\n+---+", pemilih={"F": 123}, names=NAMES)
    closed = [closure_of(f"titik:{lat:.7f},{lon:.7f},300") for lon, lat in (lon_lat(14, 2), lon_lat(6, 0))]
    return kg.replan(kg.make_plan(inputs), close_roads(inputs, closed))


@pytest.fixture(scope="module")
def folder(delta: Delta, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ulang")
    assert sorted(write_changes(delta, place, "id")) == sorted(file for file in place.rglob("*") if file.is_file())
    return place


def rows_of(folder: Path, name: str) -> list[list[str]]:
    with (folder / "tabel" / f"perubahan_{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_each_tps_that_changes_is_named_with_its_voters_boxes_and_the_last_point_that_is_reached(delta, folder) -> None:
    rows = {row[0]: row[1:] for row in rows_of(folder, "tps")}
    assert set(rows) == set(delta.tps.index)
    assert next(iter(rows)) == kode_tps("F")
    _, desa, no_tps, state, minutes, pemilih, kotak, was, now, _, deadline, what, lat, lon = rows[kode_tps("F")]
    assert (was, now, deadline) == (str(delta.tps["was"][kode_tps("F")]), "", str(delta.tps["deadline"][kode_tps("F")]))
    assert (desa, no_tps, state, minutes, pemilih, kotak) == (cell_text(NAMES["F"]), "1", "terputus", "", "123", "5")
    assert (float(lon), float(lat)) == pytest.approx(lon_lat(12, 2), abs=1e-5)
    assert what.startswith(f"terakhir terjangkau {lat}, {lon} (dekat ")
    assert what.endswith(f"{NAMES['E']})"), "the village at the junction"
    for kode, row in rows.items():
        if kode != kode_tps("F"):
            assert float(row[4]) == round(delta.tps["minutes"][kode])


def test_each_sheet_is_named_with_version_and_hash_and_vehicles_count_theirs(delta, folder) -> None:
    rows = {row[0]: row[1:] for row in rows_of(folder, "lembar")}
    assert {code: (row[0], row[1], row[4]) for code, row in rows.items()} == {
        code: (row["vehicle"], "lembar_rute.pdf", row["hash"]) for code, row in delta.sheets.iterrows()
    }
    for code, state in delta.sheets["state"].items():
        same = state in {"valid", "void"}
        assert rows[str(code)][3] == (delta.before if same else delta.after).version
    assert [row[2] for row in rows.values()][-1] == "tetap berlaku"
    counts = rows_of(folder, "kendaraan")
    assert sum(int(cell) for row in counts for cell in row[1:]) == len(delta.sheets)
    changed = [sum(map(int, row[1:-1])) > 0 for row in counts]
    assert changed == sorted(changed, reverse=True)
    assert [row[0] for row in rows_of(folder, "tahap")] == list(delta.stages.index)


def test_the_workbook_and_the_page_say_the_same_and_hostile_names_stay_text(delta, folder) -> None:
    book = openpyxl.load_workbook(folder / "perubahan.xlsx")
    assert book.sheetnames == ["Keterangan", "TPS yang berubah", "Kendaraan", "Lembar", "Per tahap"]
    about = [row[1].value for row in book["Keterangan"].iter_rows()]
    page = Page(folder / "perubahan.html")
    for line in headlines(delta, "id"):
        assert line in about
        assert line in page.texts
    named = {cell.value: cell.data_type for cell in book["TPS yang berubah"]["C"]}
    for name in {NAMES[letter] for letter in "ABEF" if kode_tps(letter) in delta.tps.index}:
        assert named[name] == "s"
        assert name in page.texts
    shown = {"body", "main", "h1", "h2", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.tags <= shown | {"html", "head", "meta", "title", "style"}
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert page.links == []
    assert set(delta.sheets.index) <= set(page.texts)


def test_spares_and_tps_that_moved_have_tables_only_where_there_are_any_and_nothing_may_change(delta) -> None:
    spares = pd.DataFrame(
        {"vehicle": ["V-1", "V-1"], "spare": ["V-2", ""], "seconds": np.array([90, -1])},
        index=pd.Index(["H1-V-1-1", "H1-V-1-2"], name="kode_trip"),
    )
    moves = pd.DataFrame({"metres": [40.6], "lat": [-4.5], "lon": [103.25]}, index=[kode_tps("A")])
    duties = pd.MultiIndex.from_tuples([("kurir", "KUR-1")], names=["kind", "kode"])
    duty = pd.DataFrame({"state": ["void"]}, index=duties, dtype="str")
    more = replace(delta, tps=delta.tps.iloc[:0], spares=spares, moves=moves, duties=duty)
    tables = {table.file: table for table in tables_of(more, "en")}
    assert tables["perubahan_tps"].frame.empty
    assert tables["perubahan_petugas"].frame.to_numpy().tolist() == [["courier", "KUR-1", "withdrawn"]]
    assert tables["perubahan_cadangan"].frame["minutes"].isna().tolist() == [False, True]
    assert tables["perubahan_pindah"].frame.loc[0, ["kode_tps", "nama_desa", "metres"]].tolist() == [
        kode_tps("A"), NAMES["A"], 40.6,
    ]  # fmt: skip
    told = headlines(more, "en")
    assert [line[:19] for line in told[1:3]] == ["Closed since: titik"] * 2
    assert told[3] == "Nothing changes for any TPS on the way out."


def test_written_again_the_same_plan_keeps_its_changes_and_another_one_does_not(delta, folder, tmp_path) -> None:
    new, other = tmp_path / "new", tmp_path / "other"
    for place in (new, other):
        (place / "tabel").mkdir(parents=True)
    keep_changes(delta.after, tmp_path / "nowhere", new)
    (folder / MANIFEST).write_text(json.dumps({"plan_version": delta.after.version}), encoding="utf-8")
    keep_changes(delta.before, folder, other)
    assert [file for file in [*new.rglob("*"), *other.rglob("*")] if file.is_file()] == []
    (folder / "tabel" / "perubahan_x.csv").symlink_to(folder / MANIFEST)
    keep_changes(delta.after, folder, new)
    assert (new / "perubahan.html").read_bytes() == (folder / "perubahan.html").read_bytes()
    assert len(list((new / "tabel").iterdir())) == 4
