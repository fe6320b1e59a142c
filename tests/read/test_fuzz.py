"""Mutations of good files: whatever comes, it is read or refused; nothing else may come out."""

from __future__ import annotations

import contextlib
import csv
import json
import tempfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaur_gis.config import Operation, Source
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs
from kaur_gis.read.desa import desa_layer, read_desa
from kaur_gis.read.kecamatan import read_kecamatan
from kaur_gis.read.operation import read_model
from kaur_gis.read.places import places_layer, read_places
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Table
from kaur_gis.read.tags import read_tags, with_tags
from kaur_gis.read.tps import TAGS, read_tps, tps_layer
from kaur_gis.read.waters import read_waters
from kaur_gis.rules import GuardPattern, KitRules, SpeedTable

GOOD = Path(__file__).parent.parent / "bad" / "good"
FILES = sorted(path.name for path in GOOD.iterdir())
SHORT = {"titik_sumber": "sumber"}
BITES = [
    b"", b",", b";", b'"', b"\n", b"\r", b"\0", b"\xff\xfe", b"\xa0", b"-", b"0", b"1e999", b"nan", b"null", b"[", b"]",
    b"{", b"}", b"<", b"=", b"true", b"17.04.01", b"99999999999999999999", "\u200b\u00a0".encode(), "e\u0301".encode(),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """Cut, double and bite a good file at a few places."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        middle = draw(st.sampled_from(BITES) | st.binary(max_size=4) | st.just(data[start:end] * 2))
        data = data[:start] + middle + data[end:]
    return data


@cache
def operation() -> Operation:
    model = read_model((GOOD / "operation.toml").read_bytes(), "operation.toml", Operation, [])
    assert model is not None
    return model


@cache
def good_desa() -> Table:
    desa = read_desa(Raw("desa.csv", (GOOD / "desa.csv").read_bytes()), operation().region, [])
    assert desa is not None
    return desa


def read_one(name: str, data: bytes) -> None:
    """Read one file by its reader, and make its layer when nothing is refused."""
    problems: list = []
    plan = operation()
    if name == "kecamatan.geojson":
        layer, _ = read_kecamatan(Raw(name, data), plan.region, problems)
        assert (layer is None) == any(problem.level == "refuse" for problem in problems)
        return
    if name.endswith(".toml"):
        models = {"kit.toml": KitRules, "pola.toml": GuardPattern, "kecepatan.toml": SpeedTable}
        model = read_model(data, name, models.get(name, Operation), problems)
        assert (model is None) == bool(problems)
        return
    if name == "desa.csv":
        table = read_desa(Raw(name, data), plan.region, problems)
    elif name == "tempat.csv":
        table = read_places(Raw(name, data), plan.region, problems)
    else:
        table = read_tps(Raw(name, data), plan, problems)
    refused = any(problem.level == "refuse" for problem in problems)
    assert refused or table is not None
    if table is None or refused:
        return
    if name == "desa.csv":
        desa_layer(table)
    elif name == "tempat.csv":
        if set(table.frame["kode_desa"]) <= good_desa().codes:
            places_layer(table, desa_layer(good_desa()))
    else:
        tps_layer(table)


@pytest.mark.parametrize("name", [name for name in FILES if name not in {"titik.csv", "ruas.csv"}])
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_mutated_file_is_read_or_refused(name, data):
    read_one(name, data.draw(mutated((GOOD / name).read_bytes())))


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_mutated_operation_gives_inputs_or_input_problems(data):
    name = data.draw(st.sampled_from(FILES))
    with tempfile.TemporaryDirectory() as folder:
        for path in GOOD.iterdir():
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        (Path(folder) / name).write_bytes(data.draw(mutated((GOOD / name).read_bytes())))
        with contextlib.suppress(InputProblems):
            read_inputs(Path(folder) / "operation.toml")


def _made(folder: Path, name: str) -> dict[str, bytes]:
    """The good villages in another form: the bytes of each file."""
    rows = list(csv.reader((GOOD / "desa.csv").read_text(encoding="utf-8").splitlines()))
    if name.endswith(".xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / name)
    else:
        frame = pd.DataFrame(rows[1:], columns=rows[0])
        at = gpd.points_from_xy(frame.pop("lon"), frame.pop("lat"))
        frame = gpd.GeoDataFrame(frame, geometry=at, crs="EPSG:4326").rename(columns=SHORT)
        frame.to_file(folder / name)
    return {path.suffix: path.read_bytes() for path in folder.glob("desa.*")}


@pytest.fixture(scope="module", params=["desa.xlsx", "desa.gpkg", "desa.shp"])
def other_form(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bentuk")
    name, files = request.param, _made(folder, request.param)
    problems: list = []
    beside = {end: data for end, data in files.items() if end != Path(name).suffix}
    how = Source(columns={} if name.endswith("xlsx") else SHORT)
    assert read_desa(Raw(name, files[Path(name).suffix], beside, how), operation().region, problems), problems
    assert not [problem for problem in problems if problem.level == "refuse"]
    return name, files, how


@given(data=st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
def test_a_mutated_workbook_geopackage_or_shapefile_is_read_or_refused(other_form, data):
    name, files, how = other_form
    end = data.draw(st.sampled_from(sorted(files)))
    parts = {**files, end: data.draw(mutated(files[end]))}
    problems: list = []
    main = parts.pop(Path(name).suffix)
    table = read_desa(Raw(name, main, parts, how), operation().region, problems)
    assert table is not None or any(problem.level == "refuse" for problem in problems)


def _feature(kind: str, coordinates: list, **texts: object) -> dict[str, object]:
    return {"type": "Feature", "properties": texts, "geometry": {"type": kind, "coordinates": coordinates}}


WATERS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            _feature("LineString", [[103.2, -4.7], [103.3, -4.6]], waterway="river", name="Air Kinal"),
            _feature("Polygon", [[[103.3, -4.7], [103.31, -4.7], [103.31, -4.69], [103.3, -4.7]]], jenis="danau"),
            _feature("MultiLineString", [[[103.2, -4.9], [103.3, -4.95]]], natural="coastline", name=None),
        ],
    }
).encode()
TAGGED = (
    b"kode_tps,akses_sulit,akses_sulit_sumber,bawaslu_logistik,bawaslu_sumber\n"
    b"1704012001001,tidak,asumsi,ya,terbit\n1704012002001,ya,terbit,,\n"
)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_mutated_waters_are_read_or_refused(data):
    problems: list = []
    layer = read_waters(Raw("sungai.geojson", data.draw(mutated(WATERS))), operation().region, problems)
    assert layer.empty == any(problem.level == "refuse" for problem in problems)


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_mutated_tags_are_brought_into_the_list_or_refused(data):
    problems: list = []
    plan = operation()
    tps = read_tps(Raw("tps.csv", (GOOD / "tps.csv").read_bytes()), plan, problems)
    assert tps is not None
    tags = read_tags(Raw("tanda.csv", data.draw(mutated(TAGGED))), TAGS, plan.region, problems)
    with_tags(tps, tags, TAGS)
    assert tags is not None or any(problem.level == "refuse" for problem in problems)
    if not any(problem.level == "refuse" for problem in problems):
        tps_layer(tps)


@given(data=st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_refused_or_read(data):
    for name in ("kecamatan.geojson", "desa.csv", "operation.toml"):
        read_one(name, data)
