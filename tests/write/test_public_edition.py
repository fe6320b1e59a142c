"""The public edition of tables and layers holds nothing that is restricted, however one looks into its files."""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from kaur_gis.write.public import TAGS, public_layers, published, write_public
from tests.specimens import HOSTILE
from tests.write.handmade import hostile, plan
from tests.write.made import made


def everything(file: Path) -> str:
    """Lay open whatever a file holds, as text."""
    if file.suffix == ".gpkg":
        with closing(sqlite3.connect(file)) as connection:
            return "\n".join(connection.iterdump())
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as package:
            return "\n".join(package.read(name).decode() for name in package.namelist())
    if file.suffix == ".parquet":
        return gpd.read_parquet(file).to_csv()
    return file.read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def whole():
    tps = made().tps.copy()
    tps.iloc[0, tps.columns.get_indexer(["kerawanan", "kerawanan_polri", "kerawanan_polri_sumber"])] = [
        *("sangat_rawan", "sangat_rawan", "terbit")
    ]
    tps.iloc[1, tps.columns.get_indexer(["kerawanan", "kerawanan_sebab"])] = ["rawan", "sebab yang tidak diumumkan"]
    return replace(made(), tps=tps)


@pytest.fixture(scope="module")
def files(whole, tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("run")
    found = write_public(whole, folder, "id", geojson=True)
    assert sorted(found) == sorted(file for file in folder.rglob("*") if file.is_file())
    return found


def test_no_guard_trip_vehicle_time_store_or_unpublished_reason_is_in_any_file(whole, files):
    trips, tempat = whole.trips, whole.inputs.tempat
    secret = {*whole.posts.index, *trips.index, *trips["vehicle"], "sebab yang tidak diumumkan"}
    secret |= {f"{time:%H:%M}" for time in [*trips["depart"], *trips["back"], *whole.legs["arrive"]]}
    secret |= {str(nama) for nama in tempat["nama"][tempat["jenis"].isin(["gudang", "polsek"])]}
    assert len(secret) > 10
    for file in files:
        text = everything(file)
        assert {word for word in secret if word in text} == set(), file.name


def test_of_the_tags_only_those_that_somebody_published_are_there(whole, files):
    layer = gpd.read_parquet(next(file for file in files if file.name == "tps.parquet")).set_index("kode_tps")
    first = layer.index[0]
    assert (layer.loc[first, "kerawanan"], layer.loc[first, "kerawanan_sumber"]) == ("sangat_rawan", "terbit")
    assert set(layer["kerawanan"].drop(first)) == {""}
    for axis in ("sinyal", "akses"):
        known = whole.tps[f"{axis}_sumber"] == "terbit"
        assert layer[axis].tolist() == whole.tps[axis].where(known, "").tolist()
    assert set(published(whole.tps)) == set(TAGS)


def test_the_layers_of_the_package_are_those_that_may_be_published(whole, files):
    package = next(file for file in files if file.suffix == ".gpkg")
    names = [name for name in gpd.list_layers(package)["name"] if name != "layer_styles"]
    assert names == list(public_layers(whole)) == ["kecamatan", "jalan", "desa", "tempat", "tps"]
    assert set(gpd.read_file(package, layer="tempat")["jenis"]) <= {"ppk", "pps"}
    assert len(gpd.read_file(package, layer="tps")) == len(whole.tps)


def test_the_tables_add_up_to_the_plan(whole, files):
    book = openpyxl.load_workbook(next(file for file in files if file.suffix == ".xlsx"), data_only=True)
    for sheet in book.worksheets[1:]:
        heads = [cell.value for cell in sheet[1]]
        last = dict(zip(heads, (cell.value for cell in sheet[sheet.max_row]), strict=True))
        assert last["Pemilih [orang]"] == whole.tps["pemilih"].sum()
        assert last["Kotak [buah]"] == whole.kits["kotak"].sum()


def test_hostile_names_stay_texts_in_the_public_edition(tmp_path):
    found: set[str] = set()
    for file in write_public(hostile(), tmp_path, "id"):
        if file.suffix == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as stream:
                for row in csv.reader(stream):
                    found |= set(row)
                    assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in row)
        if file.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(file):
                formulas = [cell.value for row in sheet for cell in row if cell.data_type == "f"]
                assert all(value.startswith("=SUM(") for value in formulas)
        if file.name == "tps.parquet":
            assert set(HOSTILE.values()) <= set(pd.read_parquet(file, columns=["nama_desa"])["nama_desa"])
    assert HOSTILE["script"] in found


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_public(plan(), tmp_path / name, "en")
    for file in sorted(item for item in (tmp_path / "one").rglob("*") if item.is_file()):
        assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes(), file.name
