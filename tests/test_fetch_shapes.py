"""What comes of the answers of an Overpass server: places, waters and boundaries with all that real data has."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs

import geopandas as gpd
import osmium
import osmnx
import pytest
import shapely
from overpass import Element, Overpass

from kaur_gis.fetch import FOLDER, ROADS, fetch
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs

GOOD = Path(__file__).parent / "bad" / "good"
Start = Callable[[Callable[[bytes, int], tuple[int, bytes]]], str]
WEST, EAST, SOUTH, NORTH, MIDDLE = 103.2, 103.4, -4.7, -4.6, 103.3


@pytest.fixture
def kaur_like() -> tuple[Overpass, dict[str, str]]:
    """Two kecamatan as OpenStreetMap has such places, and what each thing in it is called there."""
    osm, called = Overpass(), {}

    def call(name: str, kind: str, number: int) -> int:
        called[name] = f"{kind}/{number}"
        return number

    osm.line(
        (103.22, -4.65), (103.25, -4.64), (103.3, -4.65), (103.38, -4.66), highway="secondary", name="Jalan Lintas"
    )
    osm.line((103.25, -4.64), (103.25, -4.61), highway="residential", surface="dirt")
    osm.line((103.25, -4.61), (103.24, -4.61), highway="proposed")

    call("village", "node", osm.node(103.26, -4.65, place="village", name="Gedung <Wani> & \x01", id="KAUR-7"))
    call("nameless", "node", osm.node(103.27, -4.65, place="hamlet"))
    call(
        "drawn place",
        "way",
        osm.line(
            (103.31, -4.66),
            (103.32, -4.66),
            (103.32, -4.65),
            (103.31, -4.66),
            place="village",
            name="Tanjung Iman",
            geometry="ya",
            element="x",
        ),
    )
    osm.node(103.28, -4.65, place="farm", name="Kebun")
    osm.node(103.29, -4.65, name="Tugu", historic="monument")

    river = osm.line((103.15, -4.72), (103.25, -4.66), (103.26, -4.62), waterway="river", name="Air Kinal", type="x")
    call("river", "way", river)
    osm.relation(("way", river, "main_stream"), type="waterway", waterway="river", name="Air Kinal")
    shore = [osm.node(*at) for at in ((103.33, -4.69), (103.36, -4.69), (103.36, -4.66), (103.33, -4.66))]
    halves = [osm.way(shore[:3]), osm.way([shore[0], shore[3], shore[2]])]  # the second one is drawn backwards
    island = osm.line((103.34, -4.68), (103.35, -4.68), (103.35, -4.67), (103.34, -4.68))
    other = osm.line((103.37, -4.69), (103.38, -4.69), (103.38, -4.68), (103.37, -4.69))
    lake = [("way", halves[0], "outer"), ("way", island, "inner"), ("way", other, "outer"), ("way", halves[1], "outer")]
    call("lake", "relation", osm.relation(*lake, type="multipolygon", natural="water", name="Danau"))
    call("pond", "way", osm.line((103.21, -4.69), (103.22, -4.69), (103.22, -4.68), (103.21, -4.69), natural="water"))
    call(
        "bow-tie",
        "way",
        osm.line(
            (103.23, -4.69),
            (103.24, -4.68),
            (103.24, -4.69),
            (103.23, -4.68),
            (103.225, -4.685),
            (103.235, -4.685),
            (103.23, -4.69),
            natural="water",
            name="Rawa",
        ),
    )
    osm.node(103.21, -4.61, natural="water", name="Kolam")
    call("coast", "way", osm.line((103.19, -4.71), (103.3, -4.705), (103.41, -4.71), natural="coastline"))
    osm.line((103.3, -4.62), (103.3, -4.61), waterway="drain")
    call("hill", "node", osm.node(103.29, -4.62, natural="peak", name="Bukit Tunggal", ele="812 m"))
    osm.node(103.28, -4.62, natural="hill")

    corner = {
        at: osm.node(*at)
        for at in ((WEST, SOUTH), (MIDDLE, SOUTH), (EAST, SOUTH), (EAST, NORTH), (MIDDLE, NORTH), (WEST, NORTH))
    }
    west, south, east, north = (
        osm.way(
            [corner[MIDDLE, NORTH], corner[WEST, NORTH], corner[WEST, SOUTH]],
            boundary="administrative",
            admin_level="6",
        ),
        osm.way([corner[WEST, SOUTH], corner[MIDDLE, SOUTH]]),
        osm.way([corner[MIDDLE, NORTH], corner[EAST, NORTH], corner[EAST, SOUTH]]),
        osm.way([corner[EAST, SOUTH], corner[MIDDLE, SOUTH]]),
    )
    shared = osm.way([corner[MIDDLE, SOUTH], corner[MIDDLE, NORTH]], boundary="administrative", admin_level="6")
    call("shared line", "way", shared)
    enclave = osm.line((103.22, -4.63), (103.23, -4.63), (103.23, -4.62), (103.22, -4.63))
    label = osm.node(103.25, -4.65, name="Kaur Selatan")
    desa = osm.relation(
        ("way", enclave, "outer"), type="boundary", boundary="administrative", admin_level="7", name="Sekunyit"
    )
    call("desa", "relation", desa)
    one = [("way", west, "outer"), ("way", south, "outer"), ("way", shared, "outer"), ("way", enclave, "inner")]
    also = [("node", label, "label"), ("relation", desa, "subarea")]
    six = {"type": "boundary", "boundary": "administrative", "admin_level": "6"}
    call("one", "relation", osm.relation(*one, *also, **six, name="Kaur Selatan"))
    two = [("way", n, "outer") for n in (north, east, shared)]
    call("two", "relation", osm.relation(*two, **six, name="Tetap"))
    osm.line((103.3, -4.66), (103.31, -4.66), (103.31, -4.65), (103.3, -4.66), boundary="protected_area")
    return osm, called


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    """The good operation, whose server is still to be named."""
    shutil.copytree(GOOD, tmp_path / "operasi")
    return tmp_path / "operasi" / "operation.toml"


def fetched(server: Start, osm: Overpass, operation: Path) -> dict[str, gpd.GeoDataFrame]:
    """Download from a server that has these elements: each layer of shapes by its name."""
    url = server(lambda body, _: osm.answer(parse_qs(body.decode())["data"][0]))
    text = (GOOD / "operation.toml").read_text(encoding="utf-8")
    operation.write_text(text.replace("[roads]", f'[roads]\nurl = "{url}"'), encoding="utf-8")
    files = fetch(operation, today=dt.date(2025, 7, 1), tell=lambda *_a, **_k: None, timeout_s=5, pause_s=0.01)
    layers = {path.stem: gpd.read_file(path) for path in files if path.suffix == ".geojson"}
    return {kind: layer.set_index("catatan" if kind == "puncak" else "osm") for kind, layer in layers.items()}


def stamp(operation: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((operation.parent / FOLDER / "unduhan.json").read_text(encoding="utf-8"))
    return told


class Areas(osmium.SimpleHandler):
    """Areas as libosmium builds them."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: dict[str, shapely.Geometry] = {}
        self.wkb = osmium.geom.WKBFactory()

    def area(self, area: osmium.osm.Area) -> None:
        key = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
        with suppress(RuntimeError):  # what crosses itself is no area there
            self.shapes[key] = shapely.from_wkb(self.wkb.create_multipolygon(area))


def test_places_waters_and_boundaries_come_with_what_real_data_has(
    server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path
) -> None:
    osm, called = kaur_like
    layers = fetched(server, osm, operation)
    hills = layers.pop("puncak")
    assert hills[["nama", "elevasi_m"]].to_dict("index") == {
        called["hill"]: {"nama": "Bukit Tunggal", "elevasi_m": 812}
    }
    names = {kind: layer["name"].fillna("").to_dict() for kind, layer in layers.items()}
    assert names["nama_tempat"] == {
        called["village"]: "Gedung <Wani> & \x01",
        called["nameless"]: "",
        called["drawn place"]: "Tanjung Iman",
    }
    assert names["sungai"] == {
        called["river"]: "Air Kinal",
        called["lake"]: "Danau",
        called["pond"]: "",
        called["bow-tie"]: "Rawa",
        called["coast"]: "",
    }
    levels = layers["batas"]["admin_level"].to_dict()
    assert {key: levels[called[key]] for key in ("one", "two", "desa")} == {"one": "6", "two": "6", "desa": "7"}
    assert len(layers["batas"]) == 3 + 2  # and the two lines of them that say so themselves
    assert layers["batas"].geom_type[called["shared line"]] == "LineString"
    assert stamp(operation)["elements"] == {
        "jalan": 2 + 6,
        "nama_tempat": 3 + 3,
        "sungai": 36,
        "puncak": 2,
        "batas": 19,
    }
    assert stamp(operation)["without_shape"] == []


def test_areas_of_cut_ways_with_islands_and_enclaves_are_those_of_libosmium(
    server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path, tmp_path: Path
) -> None:
    osm, called = kaur_like
    layers = fetched(server, osm, operation)
    (tmp_path / "semua.osm").write_text(osm.xml().replace("\x01", "?"), encoding="utf-8")
    oracle = Areas()
    oracle.apply_file(str(tmp_path / "semua.osm"), locations=True)
    for kind, keys in {
        "batas": ("one", "two", "desa"),
        "sungai": ("lake", "pond"),
        "nama_tempat": ("drawn place",),
    }.items():
        for key in keys:
            ours = layers[kind].geometry[called[key]]
            assert ours.equals(oracle.shapes[called[key]]), key
    lake = layers["sungai"].geometry[called["lake"]]
    assert (lake.geom_type, len(lake.geoms), sum(len(part.interiors) for part in lake.geoms)) == ("MultiPolygon", 2, 1)
    assert len(layers["batas"].geometry[called["one"]].interiors) == 1


def test_what_was_fetched_is_read_by_the_operation_and_ends_at_its_box(
    server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path
) -> None:
    osm, _ = kaur_like
    ring = osm.line((EAST, NORTH), (104.5, NORTH), (104.5, SOUTH), (EAST, SOUTH), (EAST, NORTH))
    level = {"type": "boundary", "boundary": "administrative", "admin_level": "5"}
    osm.relation(("way", ring, "outer"), **level, name="Ogan Komering Ulu Selatan")
    fetched(server, osm, operation)
    text = operation.read_text(encoding="utf-8").replace('kind = "schematic"', f'kind = "osm"\npath = "{ROADS}"')
    told = "".join(f'\n{kind} = "{FOLDER}/{kind}.geojson"' for kind in ("sungai", "batas", "nama_tempat"))
    operation.write_text(text.replace("[layers]", f"[layers]{told}"), encoding="utf-8")
    inputs = read_inputs(operation)
    assert sorted(inputs.nama_tempat["nama"]) == ["Gedung <Wani> & \\x01", "Tanjung Iman"]
    assert sorted(zip(inputs.batas["tingkat"], inputs.batas["nama"], strict=True)) == [
        ("kabupaten", "Ogan Komering Ulu Selatan"),
        ("kecamatan", "Kaur Selatan"),
        ("kecamatan", "Tetap"),
    ]
    (beside,) = inputs.batas.geometry[inputs.batas["tingkat"] == "kabupaten"]
    assert beside.bounds == (EAST, SOUTH, inputs.operation.region.east_lon, NORTH), "a neighbour comes whole"
    found = sorted(zip(inputs.sungai["jenis"], inputs.sungai["nama"], strict=True))
    assert found == [("danau", ""), ("danau", "Danau"), ("danau", "Rawa"), ("pantai", ""), ("sungai", "Air Kinal")]
    assert inputs.sungai.geometry.is_valid.all()
    region = inputs.operation.region
    assert shapely.box(region.west_lon, region.south_lat, region.east_lon, region.north_lat).covers(
        inputs.sungai.geometry.union_all()
    )
    assert set(inputs.roads.edges["highway"]) == {"secondary", "residential"}


def test_an_area_asked_for_in_pieces_gives_the_files_of_one_question(
    server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    osm, _ = kaur_like
    fetched(server, osm, operation)
    folder = operation.parent / FOLDER
    whole = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.suffix != ".json"}
    assert len(whole) == 5
    monkeypatch.setattr(osmnx.settings, "max_query_area_size", 100_000_000)
    fetched(server, osm, operation)
    asked = {len([*cache.glob("*/*.json")]) for cache in (folder / ".jawaban").iterdir()}
    assert len(asked) == 2
    assert max(asked) > 4 * 4
    for name, data in whole.items():
        assert (folder / name).read_bytes() == data, name
    assert gzip.decompress(whole["jalan.osm.gz"]).count(b"<way ") == 2


def test_what_stands_twice_in_an_answer_is_taken_once(
    server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path
) -> None:
    osm, _ = kaur_like
    once = fetched(server, osm, operation)
    osm.spoil = lambda elements: [*elements, *elements[::-1]]
    twice = fetched(server, osm, operation)
    for kind, layer in once.items():
        assert twice[kind].equals(layer)


def without_nodes_of(way: int, osm: Overpass) -> Callable[[list[Element]], list[Element]]:
    lost = set(osm.elements["way", way]["nodes"])
    return lambda elements: [element for element in elements if element["id"] not in lost]


def test_what_can_not_be_drawn_is_left_out_and_told(
    server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path
) -> None:
    osm, called = kaur_like
    whole = fetched(server, osm, operation)
    no_line = osm.way([osm.node(103.3, -4.65)], waterway="river", name="Satu titik")
    ring = osm.line((103.38, -4.63), (103.39, -4.63), (103.39, -4.62))
    never_closed = osm.relation(("way", ring, "outer"), type="multipolygon", natural="water", name="Terbuka")
    osm.spoil = without_nodes_of(int(called["pond"].removeprefix("way/")), osm)
    layers = fetched(server, osm, operation)
    assert stamp(operation)["without_shape"] == [f"relation/{never_closed}", called["pond"], f"way/{no_line}"]
    assert set(layers["sungai"].index) == set(whole["sungai"].index) - {called["pond"]}
    assert layers["batas"].equals(whole["batas"])


@pytest.mark.parametrize(
    "element",
    [
        {"type": "way", "id": 9_001, "tags": {"waterway": "river"}},  # a way that lost its nodes
        {"type": "way", "id": 9_001, "nodes": [], "tags": {"waterway": "river"}},
        {"type": "relation", "id": 9_001, "tags": {"type": "multipolygon", "natural": "water"}},
        {
            "type": "relation",
            "id": 9_001,
            "members": [{"type": "way", "ref": 7_777_777, "role": "outer"}],
            "tags": {"type": "multipolygon", "natural": "water", "members": "3", "nodes": "2"},
        },
    ],
)
def test_an_element_of_nothing_spoils_nothing(
    element: Element, server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path
) -> None:
    osm, _ = kaur_like
    whole = fetched(server, osm, operation)
    osm.spoil = lambda elements: [*elements, element]
    layers = fetched(server, osm, operation)
    assert layers["sungai"].equals(whole["sungai"])
    assert stamp(operation)["without_shape"] == [f"{element['type']}/9001"]


@pytest.mark.parametrize(
    "element",
    [
        {"type": "relation", "id": 9_001, "members": [{"type": "way", "ref": "7", "role": "outer"}]},
        {"type": "relation", "id": 9_001, "members": [{"type": "way"}]},
        {"type": "relation", "id": 9_001, "members": 7},
        {"type": "way", "id": 9_001, "nodes": ["7", "8"]},
        {"type": "way", "id": 9_001, "nodes": None},
        {"type": "node", "id": 9_001, "lat": None, "lon": 103.3},
        {"type": "node", "id": 9_001, "lat": "nan", "lon": 103.3},
        {"type": "node", "id": 9_001, "lat": -4.65, "lon": 103.3, "tags": {"place": 7}},
        {"type": "area", "id": 9_001},
        {"id": 9_001},
        "node",
        None,
    ],
)
def test_an_element_that_no_server_would_send_is_one_error_and_leaves_what_was_there(
    element: Element, server: Start, kaur_like: tuple[Overpass, dict[str, str]], operation: Path
) -> None:
    osm, _ = kaur_like
    fetched(server, osm, operation)
    folder = operation.parent / FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    osm.spoil = lambda elements: [*elements, element]
    with pytest.raises(InputProblems) as refusal:
        fetched(server, osm, operation)
    assert [problem.what for problem in refusal.value.problems] == ["fetch_failed"]
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
