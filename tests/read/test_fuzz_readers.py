"""A target for every reader: whatever is done to a good file, it is read or refused; the corpus is every bad file."""

from __future__ import annotations

import gzip
import inspect
import json
import pkgutil
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_fuzz import GOOD, TAGGED, WATERS, _feature, mutated, operation

import kaur_gis.read
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import answers, survey
from kaur_gis.read.desa import read_desa
from kaur_gis.read.features import read_features
from kaur_gis.read.geopackage import read_geopackage
from kaur_gis.read.grid import read_grid
from kaur_gis.read.kecamatan import read_kecamatan
from kaur_gis.read.names import read_boundaries, read_place_names
from kaur_gis.read.osm import read_osm
from kaur_gis.read.peaks import read_peaks
from kaur_gis.read.personel import personel_layer, read_personel
from kaur_gis.read.places import read_places
from kaur_gis.read.raw import Raw
from kaur_gis.read.roads import read_schematic
from kaur_gis.read.shapefile import read_shapefile
from kaur_gis.read.signal import claims_layer, read_claims, read_coverage, read_sites
from kaur_gis.read.tags import read_tags
from kaur_gis.read.tps import TAGS, read_tps
from kaur_gis.read.waters import read_waters
from kaur_gis.read.workbook import read_workbook

PLAN = operation()
REGION = PLAN.region
CORPUS = sorted(path for path in GOOD.parent.rglob("*") if path.suffix in {".csv", ".geojson", ".toml"})
PERSONEL = (
    b"kode_satuan,jenis,nama,kode_tempat,petugas,menjaga,sumber\n"
    b"POLSEK-01,Polsek,Polsek Kinal,PPK-01,12,17.04.01,contoh\nPOLRES,polres,Polres,GDG-I,40,,contoh\n"
)
CLAIMS = (
    b"kode_tps,operator,sinyal,sumber,tanggal\n"
    b"1704012001001,XL,kuat,terbit,2024-01-02\n1704012001002,,tidak ada,ukur,\n"
)
COVERAGE = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            _feature("Point", [103.25, -4.65], sinyal="kuat", operator="XL", sumber="ukur", tanggal="2024-01-02"),
            _feature(
                "Polygon",
                [[[103.3, -4.7], [103.31, -4.7], [103.31, -4.69], [103.3, -4.7]]],
                sinyal="lemah",
                sumber="terbit",
            ),
        ],
    }
).encode()
SITES = b"kode_relay,nama,lon,lat,sumber\nR-1,Bukit Uji,103.25,-4.65,contoh\nR-2,Menara,103.3,-4.66,terbit\n"
BORDERS = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Tetap","admin_level":"6"},'
    b'"geometry":{"type":"Polygon","coordinates":[[[103.2,-4.7],[103.4,-4.7],[103.4,-4.6],[103.2,-4.7]]]}}]}'
)
PLACES = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Sekunyit"},'
    b'"geometry":{"type":"Point","coordinates":[103.25,-4.65]}}]}'
)
PEAKS = b"nama,lon,lat,elevasi_m\nBukit Uji,103.25,-4.65,812\nGunung,103.3,-4.66,\n"
SURVEY = (
    b"kode_tps,tanggal,lon,lat,akurasi_m\n"
    b"1704012001001,2024-01-20,103.25,-4.65,8.5\n1704012001002,2024-01-21T08:00:00,,,\n"
)
OSM = (
    '<osm version="0.6"><meta osm_base="2025-06-07T00:00:00Z"/>'
    + "".join(f'<node id="{n}" version="1" lat="{-4.65 + n / 1000}" lon="{103.22 + n / 50}"/>' for n in range(1, 8))
    + '<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><tag k="highway" v="secondary"/>'
    '<tag k="maxspeed" v="40"/></way><way id="11" version="1"><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="7"/>'
    '<tag k="highway" v="track"/><tag k="surface" v="dirt"/></way></osm>'
).encode()
OVERPASS = json.dumps(
    {
        "version": 0.6,
        "osm3s": {"timestamp_osm_base": "2025-06-07T15:22:36Z"},
        "elements": [
            {"type": "node", "id": 1, "lat": -4.65, "lon": 103.25, "tags": {"natural": "water", "name": "Kolam"}},
            {"type": "node", "id": 2, "lat": -4.66, "lon": 103.26},
            {"type": "node", "id": 3, "lat": -4.66, "lon": 103.27},
            {"type": "way", "id": 4, "nodes": [1, 2, 3, 1], "tags": {"natural": "water"}},
            {"type": "relation", "id": 5, "members": [{"type": "way", "ref": 4, "role": "outer"}],
             "tags": {"type": "multipolygon", "natural": "water", "name": "Danau"}},
        ],
    }
).encode()  # fmt: skip


def packed(text: bytes, suffix: str) -> bytes:
    """The same roads in another packing."""
    if suffix == ".osm.gz":
        return gzip.compress(text, mtime=0)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.osm").write_bytes(text)
        with osmium.SimpleWriter(str(Path(folder) / "b.osm.pbf")) as writer:
            for thing in osmium.FileProcessor(str(Path(folder) / "a.osm")):
                writer.add(thing)
        return (Path(folder) / "b.osm.pbf").read_bytes()


def kecamatan():
    layer, _ = read_kecamatan(Raw("k.geojson", (GOOD / "kecamatan.geojson").read_bytes()), REGION, [])
    return layer


KECAMATAN = kecamatan()


def osm_file(name: str) -> Callable[[bytes, list[Problem]], bool]:
    def read(data: bytes, problems: list[Problem]) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_bytes(data)
            roads = read_osm(PLAN, Path(folder), name, KECAMATAN, problems, {}, allow_outside=False)
        return roads is not None

    return read


def schematic(data: bytes, problems: list[Problem]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        for path in GOOD.glob("*.csv"):
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        (Path(folder) / "ruas.csv").write_bytes(data)
        return read_schematic(PLAN, Path(folder), problems, {}) is not None


def surveyed(data: bytes, problems: list[Problem]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "jawaban.csv").write_bytes(data)
        try:
            survey.read_answers(Path(folder) / "jawaban.csv", REGION)
        except InputProblems as refusal:
            problems.extend(refusal.problems)
            return False
    return True


def overpass(data: bytes, problems: list[Problem]) -> bool:
    """An answer that lies in the cache; `fetch` makes one problem of a ValueError."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.json").write_bytes(data)
        try:
            with_shapes = answers.gathered(Path(folder))
        except ValueError:
            problems.append(Problem("fetch_failed", "http://127.0.0.1", details={"reason": ""}))
            return False
        for kind in ("nama_tempat", "sungai", "batas"):
            drawn = answers.features(kind, KECAMATAN.geometry.union_all(), with_shapes)
            answers.shapeless(kind, with_shapes, drawn)
    return True


def of_raw(read: Callable[..., object], file: str, *more: object, layer: Callable[..., object] | None = None):
    """Read bytes as one file; what is not refused must make its layer."""

    def target(data: bytes, problems: list[Problem]) -> bool:
        found = read(Raw(file, data), *more, problems)
        refused = any(problem.level == "refuse" for problem in problems)
        if layer is not None and found is not None and not refused:
            layer(found)
        return found is not None and not refused

    return target


TARGETS: dict[str, tuple[bytes, Callable[[bytes, list[Problem]], bool]]] = {
    "personel": (PERSONEL, of_raw(read_personel, "personel.csv", REGION, layer=personel_layer)),
    "claims": (CLAIMS, of_raw(read_claims, "sinyal.csv", REGION, layer=claims_layer)),
    "coverage": (COVERAGE, of_raw(read_coverage, "cakupan.geojson", REGION)),
    "sites": (SITES, of_raw(read_sites, "relay.csv", REGION)),
    "peaks": (PEAKS, of_raw(read_peaks, "puncak.csv", REGION)),
    "waters": (WATERS, of_raw(read_waters, "sungai.geojson", REGION)),
    "boundaries": (BORDERS, of_raw(read_boundaries, "batas.geojson", REGION)),
    "place_names": (PLACES, of_raw(read_place_names, "nama_tempat.geojson", REGION)),
    "kecamatan": ((GOOD / "kecamatan.geojson").read_bytes(), of_raw(read_kecamatan, "k.geojson", REGION)),
    "features": (WATERS, of_raw(read_features, "k.geojson", REGION)),
    "desa": ((GOOD / "desa.csv").read_bytes(), of_raw(read_desa, "desa.csv", REGION)),
    "places": ((GOOD / "tempat.csv").read_bytes(), of_raw(read_places, "tempat.csv", REGION)),
    "tps": ((GOOD / "tps.csv").read_bytes(), of_raw(read_tps, "tps.csv", PLAN)),
    "tags": (TAGGED, of_raw(read_tags, "tanda.csv", TAGS, REGION)),
    "grid": (TAGGED, of_raw(read_grid, "tanda.csv", REGION)),
    "survey": (SURVEY, surveyed),
    "schematic": ((GOOD / "ruas.csv").read_bytes(), schematic),
    "osm": (OSM, osm_file("jalan.osm")),
    "osm_gz": (packed(OSM, ".osm.gz"), osm_file("jalan.osm.gz")),
    "osm_pbf": (packed(OSM, ".osm.pbf"), osm_file("jalan.osm.pbf")),
    "overpass": (OVERPASS, overpass),
}
"""A good file, and its reader: it says whether the file was taken."""
IN_OTHER_FORMS = {read_geopackage, read_shapefile, read_workbook}  # test_fuzz.py mutates these files


@pytest.mark.parametrize("name", TARGETS)
def test_the_good_file_is_taken(name: str) -> None:
    good, read = TARGETS[name]
    problems: list[Problem] = []
    assert read(good, problems), problems


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_mutated_file_is_taken_or_refused_by_its_reader(name: str, data: st.DataObject) -> None:
    good, read = TARGETS[name]
    problems: list[Problem] = []
    taken = read(data.draw(mutated(good)), problems)
    assert taken != any(problem.level == "refuse" for problem in problems)


@pytest.mark.parametrize("name", TARGETS)
def test_every_bad_file_is_taken_or_refused_by_every_reader(name: str) -> None:
    _, read = TARGETS[name]
    for path in CORPUS:
        problems: list[Problem] = []
        taken = read(path.read_bytes(), problems)
        assert taken != any(problem.level == "refuse" for problem in problems), path.name


def test_every_reader_of_a_file_has_a_target() -> None:
    source = inspect.getsource(import_module(__name__))
    readers = set()
    for module in pkgutil.iter_modules(kaur_gis.read.__path__, "kaur_gis.read."):
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters.values()), None)
            if function.__module__ == module.name and name.startswith("read_") and first and first.annotation == "Raw":
                readers.add(name)
    assert len(readers) > 12
    assert {name for name in readers if f"of_raw({name}" not in source} == {f.__name__ for f in IN_OTHER_FORMS}
