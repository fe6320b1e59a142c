"""OSM files: good ones, bad ones, and the real ones."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import json
import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import osmnx
import pandas as pd
import pytest
from ascii_roads import table
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from test_roads import KECAMATAN, operation

from kaur_gis.catalogue import say
from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS
from kaur_gis.problems import Problem
from kaur_gis.read import osm, osm_layers, osm_scan
from kaur_gis.read.osm_layers import TAGS, _limit
from kaur_gis.read.osm_pieces import pieces_of
from kaur_gis.read.roads import read_roads
from kaur_gis.travel import travel_times

PLACES = {1: (103.295, -4.60), 2: (103.300, -4.60), 3: (103.305, -4.60), 4: (103.305, -4.595), 5: (103.300, -4.602)}


def node(ref: int, lon: float | str, lat: float | str, tags: str = "") -> str:
    return f'<node id="{ref}" lon="{lon}" lat="{lat}" version="1">{tags}</node>'


def way(ref: int, refs: list[int], **tags: str) -> str:
    inner = "".join(f'<nd ref="{r}"/>' for r in refs)
    return f'<way id="{ref}" version="1">{inner}' + "".join(
        f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()
    ) + "</way>"  # fmt: skip


NODES = "".join(node(ref, *place) for ref, place in PLACES.items())
WAYS = way(10, [1, 2, 3], highway="tertiary") + way(11, [3, 4], highway="residential", oneway="yes")


def xml(*parts: str, head: str = '<?xml version="1.0"?>', root: str = '<osm version="0.6">') -> bytes:
    return (head + root + "".join(parts) + "</osm>").encode()


GOOD = xml(NODES, WAYS)


def read(kaur: Path, path: Path, kecamatan: gpd.GeoDataFrame = KECAMATAN) -> tuple[Roads | None, list[Problem]]:
    """Read roads from a file that the command line names; every problem must be sayable."""
    problems: list[Problem] = []
    roads = read_roads(operation(kaur), kaur.parent, path, kecamatan, problems, {})
    for problem in problems:
        values = {"file": problem.file, "row": problem.row, "column": problem.column, "value": problem.value}
        assert say(f"problem.{problem.what}", "id", **(values | dict(problem.details)))
        assert say(f"problem.{problem.what}_hint", "en", **(values | dict(problem.details)))
        assert "/" not in problem.file
    return roads, problems


def from_bytes(kaur: Path, folder: Path, data: bytes, name: str = "jalan.osm") -> tuple[Roads | None, list[Problem]]:
    (folder / name).write_bytes(data)
    return read(kaur, folder / name)


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.osm", bytes), ("a.osm.gz", gzip.compress), ("a.osm.bz2", bz2.compress), ("A.OSM", bytes)],
)
def test_xml_is_read_however_it_is_packed(kaur: Path, tmp_path: Path, name: str, pack: type[bytes]) -> None:
    roads, problems = from_bytes(kaur, tmp_path, pack(GOOD), name)
    assert roads is not None
    assert not problems
    assert list(roads.nodes["label"]) == ["1", "3", "4"], "node 2 is no junction and no end"
    assert roads.edges["osm_way"].tolist() == [10, 10, 11]
    assert roads.edges["twin"].tolist() == [1, 0, -1]
    assert roads.edges["oneway"].tolist() == ["", "", "yes"]
    length = Geod(ellps="WGS84").line_length([103.295, 103.300, 103.305], [-4.60] * 3)
    assert roads.edges["metres"].iloc[0] == pytest.approx(length, abs=1e-6)
    assert len(roads.edges.geometry.iloc[0].coords) == 3
    assert not roads.schematic


def test_pbf_is_read_and_gives_the_same_roads_as_xml(kaur: Path, tmp_path: Path) -> None:
    (tmp_path / "a.osm").write_bytes(GOOD)
    with osmium.SimpleWriter(str(tmp_path / "a.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(tmp_path / "a.osm")):
            writer.add(item)
    one, other = read(kaur, tmp_path / "a.osm")[0], read(kaur, tmp_path / "a.osm.pbf")[0]
    assert one is not None
    assert other is not None
    assert one.edges.equals(other.edges)


def test_an_impossible_position_in_a_pbf_is_refused(kaur: Path, tmp_path: Path) -> None:
    with osmium.SimpleWriter(str(tmp_path / "a.osm.pbf")) as writer:
        for ref, place in (PLACES | {9: (200.0, -4.6)}).items():
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=place))
        writer.add_way(osmium.osm.mutable.Way(id=10, nodes=[1, 2, 9], tags={"highway": "trunk"}))
    roads, problems = read(kaur, tmp_path / "a.osm.pbf")
    assert roads is None
    assert [problem.what for problem in problems] == ["osm_position"]


def as_osmnx_builds(path: Path, fords: Iterable[int] = ()) -> tuple[list[object], list[object]]:
    """Nodes and edges of a file's drivable ways by osmnx, simplified where neither the way nor a tag of ours changes.

    `fords` are nodes: osmnx knows only those that are ways.
    """
    wanted = {"useful_tags_way": list(TAGS), "useful_tags_node": [], "use_cache": False}
    before = {key: getattr(osmnx.settings, key) for key in wanted}
    try:
        for key, value in wanted.items():
            setattr(osmnx.settings, key, value)
        graph = osmnx.graph_from_xml(path, simplify=False, retain_all=True)
    finally:
        for key, value in before.items():
            setattr(osmnx.settings, key, value)
    for one in fords:
        for _, _, piece in [*graph.in_edges(one, data=True), *graph.out_edges(one, data=True)]:
            piece["ford"] = "yes"
    kept = [tag for tag in TAGS if tag not in {"oneway", "junction"}]
    for _, _, piece in graph.edges(data=True):
        piece["tags"] = (piece["osmid"], *(piece.get(tag, "") for tag in kept))
    for piece in [arc for arc in graph.edges(keys=True) if graph.edges[arc]["length"] == 0]:
        graph.remove_edge(*piece)
    graph = osmnx.simplify_graph(graph, edge_attrs_differ=["tags"], remove_rings=False)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    lines = []
    for u, v, data in graph.edges(data=True):
        ends = [(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in (u, v)]
        lines.append((str(u), str(v), tuple(data["geometry"].coords) if "geometry" in data else tuple(ends)))
    return sorted(map(str, graph.nodes)), sorted(lines)


def as_we_build(path: Path) -> tuple[list[object], list[object]]:
    """Nodes and edges of all ways of a file."""
    extract, _ = osm._extract(path.read_bytes(), "")
    nodes, edges, _ = osm_layers._layers(pieces_of(extract.nodes, osm._pieces(extract)))
    label = nodes["label"].to_numpy()
    courses = (tuple(line.coords) for line in edges.geometry)
    return sorted(label), sorted(zip(label[edges["u"]], label[edges["v"]], courses, strict=True))


SOUTH = -4.7  # latitude
GRID = {
    10 * row + column: (round(103.29 + column / 500, 7), round(-4.61 + row / 500, 7))
    for row in range(4)
    for column in range(6)
}
HIGHWAY = st.sampled_from(["tertiary", "residential"])
ONEWAY = st.sampled_from(["", "", "", "yes", "no", "-1", "reverse", "T", "F", "1", "maybe"])


@given(
    ways=st.lists(
        st.tuples(
            st.lists(st.sampled_from(sorted(GRID)), min_size=2, max_size=7), HIGHWAY, ONEWAY,
            st.sampled_from(["", "", "", "roundabout"]), st.sampled_from(["", "", "asphalt"]),
        ),
        min_size=1, max_size=7,
    )
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_edges_are_those_that_osmnx_makes(
    ways: list[tuple[list[int], str, str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = []
    used: set[tuple[int, int]] = set()
    for ref, (nodes, *values) in enumerate(ways):
        run = [one for one, following in zip(nodes, [*nodes[1:], None], strict=True) if one != following]
        pairs = {(min(pair), max(pair)) for pair in pairwise(run)}
        # of roads that lie on each other osmnx keeps one and loses the others: nothing to compare with
        if len(run) < 2 or pairs & used or len(pairs) < len(run) - 1:
            continue
        used |= pairs
        tags = zip(("highway", "oneway", "junction", "surface"), values, strict=True)
        rows.append(way(100 + ref, run, **{key: value for key, value in tags if value}))
    if not rows:
        return
    path = tmp_path_factory.mktemp("osmnx") / "a.osm"
    path.write_bytes(xml("".join(node(ref, lon, lat) for ref, (lon, lat) in GRID.items()), *rows))
    assert as_we_build(path) == as_osmnx_builds(path)


def test_tags_that_matter_keep_edges_apart_and_their_metres_are_summed(kaur: Path, tmp_path: Path) -> None:
    ways = way(10, [1, 2], highway="tertiary", surface="asphalt", bridge="yes", maxspeed="40;60", width="4 m")
    ways += way(11, [2, 3], highway="tertiary", surface="dirt", ford="yes", maxweight="3.5 t", tunnel="yes")
    roads, problems = from_bytes(kaur, tmp_path, xml(NODES, ways))
    assert roads is not None
    assert not problems
    edges = roads.edges.drop_duplicates("osm_way").set_index("osm_way")
    assert edges["surface"].to_dict() == {10: "asphalt", 11: "dirt"}
    assert edges["bridges"].to_dict() == {10: 1, 11: 0}
    assert edges["fords"].to_dict() == {10: 0, 11: 1}
    assert edges["tunnel"].to_dict() == {10: False, 11: True}
    assert edges.loc[10, ["maxspeed_kmh", "width_m"]].tolist() == [40.0, 4.0]
    assert edges.loc[11, "maxweight_t"] == 3.5


def test_a_low_water_crossing_is_a_ford_and_a_ford_at_a_node_reaches_to_both_sides(kaur: Path, tmp_path: Path) -> None:
    ways = way(10, [1, 2], highway="tertiary", bridge="low_water_crossing") + way(11, [2, 3, 4], highway="tertiary")
    nodes = NODES.replace(node(4, *PLACES[4]), node(4, *PLACES[4], '<tag k="ford" v="yes"/>'))
    roads, _ = from_bytes(kaur, tmp_path, xml(nodes, ways))
    assert roads is not None
    assert roads.edges["bridges"].sum() == 0
    label = roads.nodes["label"]
    fords = {(label[u], label[v]): n for u, v, n in roads.edges[["u", "v", "fords"]].to_numpy()}
    assert fords == {("1", "2"): 1, ("2", "1"): 1, ("2", "3"): 0, ("3", "2"): 0, ("3", "4"): 1, ("4", "3"): 1}


def test_only_drivable_ways_near_the_kecamatan_are_kept(kaur: Path, tmp_path: Path) -> None:
    far = node(7, 103.5, -4.6) + node(8, 103.51, -4.6)
    ways = WAYS + way(12, [1, 5], highway="construction") + way(13, [1, 5], highway="service", area="yes")
    roads, _ = from_bytes(kaur, tmp_path, xml(NODES, far, ways, way(14, [7, 8], highway="trunk"), way(15, [1, 5])))
    assert roads is not None
    assert set(roads.edges["osm_way"]) == {10, 11}


def test_the_day_of_the_data_comes_from_the_file_and_a_file_without_one_has_none(kaur: Path, tmp_path: Path) -> None:
    stamped, _ = from_bytes(
        kaur, tmp_path, xml(NODES, WAYS, root='<osm version="0.6" timestamp="2024-01-02T03:04:05Z">')
    )
    based, _ = from_bytes(kaur, tmp_path, xml('<meta osm_base="2023-04-05T06:07:08Z"/>', NODES, WAYS))
    odd, _ = from_bytes(kaur, tmp_path, xml(NODES, WAYS, root='<osm version="0.6" timestamp="2024-13-99T03:04:05Z">'))
    silent, _ = from_bytes(kaur, tmp_path, GOOD)
    days = [str(roads.as_of) for roads in (stamped, based, odd, silent) if roads is not None]
    assert days == ["2024-01-02", "2023-04-05", "None", "None"]


def test_the_operation_s_date_is_that_of_the_file_it_names_itself(kaur: Path, tmp_path: Path) -> None:
    (tmp_path / "jalan.osm").write_bytes(GOOD)
    whole = operation(kaur)
    named = whole.model_copy(update={"roads": whole.roads.model_copy(update={"kind": "osm", "path": "jalan.osm"})})
    roads = read_roads(named, tmp_path, None, KECAMATAN, [], {})
    assert roads is not None
    assert roads.as_of == whole.roads.as_of


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE osm SYSTEM "file:///etc/hostname">'
DEEP = "<relation id='1'>" + "<member>" * 9 + "</member>" * 9 + "</relation>"
BAD: dict[str, tuple[str, bytes, str]] = {
    "doctype": ("a.osm", xml(NODES, WAYS, head=DOCTYPE), "osm_doctype"),
    "billion laughs": ("a.osm", xml(NODES, WAYS, "&c;", head=LAUGHS), "osm_doctype"),
    "external entity": ("a.osm", xml(NODES, WAYS, head=EXTERNAL), "osm_doctype"),
    "doctype in gzip": ("a.osm.gz", gzip.compress(xml(NODES, head=DOCTYPE)), "osm_doctype"),
    "gzip bomb": ("a.osm.gz", gzip.compress(b"<osm>" + b" " * 60_000_000), "osm_bomb"),
    "bzip2 bomb": ("a.osm.bz2", bz2.compress(b"<osm>" + b" " * 60_000_000), "osm_bomb"),
    "cut gzip": ("a.osm.gz", gzip.compress(GOOD)[:-30], "osm_broken"),
    "cut xml": ("a.osm", GOOD[:-30], "osm_broken"),
    "not osm": ("a.osm", b"<html></html>", "osm_broken"),
    "stray tag": ("a.osm", xml('<tag k="a" v="b"/>', NODES, WAYS), "osm_broken"),
    "too deep": ("a.osm", xml(NODES, WAYS, DEEP), "osm_broken"),
    "text, not xml": ("a.osm", b"id,lat,lon\n", "osm_disguised"),
    "xml called pbf": ("a.osm.pbf", GOOD, "osm_disguised"),
    "xml called gzip": ("a.osm.gz", GOOD, "osm_disguised"),
    "empty": ("a.osm", b"", "osm_disguised"),
    "pbf of nothing": ("a.osm.pbf", b"\x00\x00\x00\x0e\x0a\x09OSMHeader\x18\x05", "osm_broken"),
    "no roads": ("a.osm", xml(NODES), "osm_no_roads"),
    "roads that are not built yet": ("a.osm", xml(NODES, way(1, [1, 2], highway="proposed")), "osm_no_roads"),
    "roads elsewhere": (
        "a.osm", xml(node(1, 10, 50), node(2, 10.1, 50), way(1, [1, 2], highway="trunk")), "osm_no_roads",
    ),
    "all nodes in one place": (
        "a.osm", xml(node(1, 103.3, -4.6), node(2, 103.3, -4.6), way(1, [1, 2], highway="trunk")), "osm_no_roads",
    ),
    "one half only": ("a.osm", xml(NODES, way(1, [3, 4], highway="trunk")), "osm_not_covered"),
    "position 1e300": ("a.osm", xml(NODES, node(9, "1e300", "-4.6"), WAYS), "osm_position"),
    "position out of range": ("a.osm", xml(NODES, node(9, 200, -4.6), WAYS), "osm_position"),
    "position is text": ("a.osm", xml(NODES, node(9, "timur", -4.6), way(1, [1, 9], highway="trunk")), "osm_position"),
    "node twice": ("a.osm", xml(NODES, node(1, 103.3, -4.6), WAYS), "osm_twice"),
    "way twice": ("a.osm", xml(NODES, WAYS, WAYS), "osm_twice"),
    "wrong ending": ("a.geojson", b"{}", "file_kind"),
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(BAD))
def test_a_bad_file_is_one_problem(kaur: Path, tmp_path: Path, fault: str) -> None:
    name, data, what = BAD[fault]
    roads, problems = from_bytes(kaur, tmp_path, data, name)
    assert roads is None
    assert [problem.what for problem in problems] == [what]
    assert problems[0].level == "refuse"


@pytest.mark.parametrize(
    ("module", "limit", "what"),
    [
        (osm, "MAX_BYTES", "osm_too_big"),
        (osm, "MAX_WAYS", "osm_too_many"),
        (osm_scan, "MAX_ELEMENTS", "osm_too_many"),
        (osm_scan, "MAX_UNPACKED", "osm_bomb"),
    ],
)
def test_what_is_beyond_a_budget_is_refused(
    kaur: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, limit: str, what: str
) -> None:
    monkeypatch.setattr(module, limit, 1)
    assert [problem.what for problem in from_bytes(kaur, tmp_path, GOOD)[1]] == [what]


def test_footpaths_steps_and_water_legs_are_classes_of_their_own(kaur: Path, tmp_path: Path) -> None:
    ways = way(10, [1, 2, 3], highway="steps", foot="yes", lanes="1") + way(11, [3, 4], route="ferry")
    ways += way(12, [3, 5], highway="proposed", route="ferry") + way(13, [3, 5], route="bus")
    roads, _ = from_bytes(kaur, tmp_path, xml(NODES, ways))
    assert roads is not None
    by_way = roads.edges.drop_duplicates("osm_way").set_index("osm_way")
    assert by_way["highway"].to_dict() == {10: "steps", 11: "ferry", 12: "ferry"}
    assert by_way.loc[10, ["foot", "lanes"]].tolist() == ["yes", "1"]


def test_what_was_deleted_is_no_road(kaur: Path, tmp_path: Path) -> None:
    gone = way(12, [1, 5], highway="trunk").replace("<way ", '<way visible="false" ')
    gone_node = node(5, *PLACES[5]).replace("<node ", '<node visible="false" ')
    nodes = NODES.replace(node(5, *PLACES[5]), gone_node)
    roads, problems = from_bytes(kaur, tmp_path, xml(nodes, WAYS, gone, way(13, [3, 5], highway="trunk")))
    assert roads is not None
    assert set(roads.edges["osm_way"]) == {10, 11}
    assert [problem.what for problem in problems] == ["osm_dangling"]


def test_a_node_named_twice_at_once_adds_no_piece(kaur: Path, tmp_path: Path) -> None:
    roads, problems = from_bytes(kaur, tmp_path, xml(NODES, way(10, [1, 2, 2, 3], highway="tertiary")))
    assert roads is not None
    assert not problems
    assert len(roads.edges) == 2


def test_a_file_that_can_not_be_read_is_refused(kaur: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    (tmp_path / "a.osm").write_bytes(GOOD)
    shipped = operation(kaur)
    monkeypatch.setattr(Path, "open", refuse)
    problems: list[Problem] = []
    assert read_roads(shipped, tmp_path, tmp_path / "a.osm", KECAMATAN, problems, {}) is None
    assert [problem.what for problem in problems] == ["file_broken"]


def test_a_file_that_changes_while_it_is_read_is_refused(
    kaur: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.osm").write_bytes(GOOD)
    monkeypatch.setattr("kaur_gis.read.osm.changed", lambda _before, after: after.st_size > 0)
    assert [problem.what for problem in read(kaur, tmp_path / "a.osm")[1]] == ["file_changed"]


def test_a_missing_file_and_a_folder_are_refused(kaur: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.osm").mkdir()
    assert [problem.what for problem in read(kaur, tmp_path / "none.osm")[1]] == ["file_missing"]
    assert [problem.what for problem in read(kaur, tmp_path / "folder.osm")[1]] == ["file_not_regular"]


def test_an_osm_file_named_by_the_operation_stays_in_its_folder(kaur: Path, tmp_path: Path) -> None:
    (tmp_path / "a.osm").write_bytes(GOOD)
    problems: list[Problem] = []
    sha256: dict[str, str] = {}
    inside = read_roads(operation(kaur, kind="osm", path="a.osm"), tmp_path, None, KECAMATAN, problems, sha256)
    assert inside is not None
    assert sorted(sha256) == ["a.osm"]
    outside = operation(kaur, kind="osm", path="../a.osm")
    (tmp_path / "sub").mkdir()
    assert read_roads(outside, tmp_path / "sub", None, KECAMATAN, problems, sha256) is None
    assert [problem.what for problem in problems] == ["path_outside"]


def test_nodes_that_are_missing_cut_their_way_and_are_listed(kaur: Path, tmp_path: Path) -> None:
    roads, problems = from_bytes(kaur, tmp_path, xml(NODES, way(10, [1, 2, 99, 3, 4, 98], highway="trunk")))
    assert roads is not None
    assert [(problem.what, problem.level) for problem in problems] == [("osm_dangling", "fix"), ("osm_pieces", "note")]
    assert problems[0].details["n"] == 2
    assert set(roads.edges["osm_way"]) == {10}


def test_one_kecamatan_of_three_without_a_road_is_told_and_goes_on(kaur: Path, tmp_path: Path) -> None:
    (tmp_path / "a.osm").write_bytes(GOOD)
    third = gpd.GeoDataFrame(
        {"nama": ["Jauh"]},
        index=["17.04.03"],
        geometry=KECAMATAN.geometry.iloc[[0]].translate(0, 1).to_numpy(),
        crs=CRS,
    )
    roads, problems = read(kaur, tmp_path / "a.osm", gpd.GeoDataFrame(pd.concat([KECAMATAN, third])))
    assert roads is not None
    assert [(problem.what, problem.value, problem.level) for problem in problems] == [
        ("osm_bare_kecamatan", "Jauh", "note")
    ]


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("maxspeed", "60", 60.0),
        ("maxspeed", "60;40", 40.0),
        ("maxspeed", "25 mph", 40.2336),
        ("maxspeed", "signals", math.nan),
        ("maxspeed", "ID:urban", math.nan),
        ("maxspeed", "0", math.nan),
        ("maxspeed", "500", math.nan),
        ("maxspeed", "", math.nan),
        ("maxweight", "3,5", 3.5),
        ("maxweight", "8000 kg", 8.0),
        ("maxweight", "8 st", math.nan),
        ("width", "4 m", 4.0),
        ("width", "9" * 400, math.nan),
    ],
)
def test_limits_are_read_as_the_lowest_or_not_at_all(tag: str, text: str, value: float) -> None:
    assert _limit(tag, text) == pytest.approx(value, nan_ok=True)


def test_limits_that_can_not_be_read_are_told(kaur: Path, tmp_path: Path) -> None:
    roads, problems = from_bytes(kaur, tmp_path, xml(NODES, way(10, [1, 2, 3], highway="trunk", maxspeed="pelan")))
    assert roads is not None
    assert roads.edges["maxspeed_kmh"].isna().all()
    assert [(problem.what, problem.value) for problem in problems] == [("osm_limits", "maxspeed=pelan")]


@pytest.fixture(scope="module")
def real_roads(real_data: Path) -> tuple[Roads, list[Problem], gpd.GeoDataFrame]:
    kaur = Path(__file__).parents[2] / "data" / "kaur" / "operation.toml"
    kecamatan = gpd.read_file(kaur.parent / "kecamatan.geojson").set_index("kode_kec")
    roads, problems = read(kaur, real_data / "roads.osm.pbf", kecamatan)
    assert roads is not None
    return roads, problems, kecamatan


@pytest.mark.real
def test_distances_on_real_roads_agree_with_the_oracle(
    real_data: Path, real_roads: tuple[Roads, list[Problem], gpd.GeoDataFrame]
) -> None:
    oracle = json.loads((real_data / "oracle_matrix.json").read_text())
    nodes = pd.DataFrame(oracle["nodes"])
    stops = gpd.GeoDataFrame(
        {
            "kind": "ppk", "nama": nodes["kecamatan"], "kode_desa": "", "kode_kec": nodes["kode"], "n_tps": 0,
            "posisi": "gps", "akses_lon": math.nan, "akses_lat": math.nan,
        },
        geometry=gpd.points_from_xy(nodes["lon"], nodes["lat"]),
        crs=CRS,
    ).set_index("kode_kec", drop=False)  # fmt: skip
    same = dict.fromkeys(("paved", "unknown", "unpaved"), (30.0, 30.0, 30.0))
    even = {"kmh": dict.fromkeys(osm.HIGHWAYS, same), "ford_kmh": (30.0, 30.0, 30.0), "weight_t": 0.1, "width_m": 0.1}
    speeds = table(sama=even).model_copy(update={"carry_kmh": (3.0, 3.0, 3.0)})
    where = SimpleNamespace(
        operation=SimpleNamespace(voting_day=dt.date(2024, 2, 14)), waves=[], stages=[], kembali=[], back_wave=None,
        tutup=[], daylight=None,
        fleet=[SimpleNamespace(kode="sama", vehicle="sama")], guard=SimpleNamespace(vehicle="sama"),
        weather=SimpleNamespace(plan="kering", late="kering"),
        roads=SimpleNamespace(max_snap_m=3000.0), komunikasi=None, region=SimpleNamespace(metric_crs="EPSG:32748"),
    )  # fmt: skip
    # at one speed everywhere the quickest drive is the shortest one, and that is what the oracle measured
    unlimited = replace(real_roads[0], edges=real_roads[0].edges.assign(maxspeed_kmh=np.nan))
    given = SimpleNamespace(operation=where, speeds=speeds, roads=unlimited, kecamatan=real_roads[2])
    times = travel_times(given, stops)["sama", "kering"]  # type: ignore[arg-type]
    expected = np.array(oracle["networkx_osmnx_unsimplified_wgs84_geodesic_m"])
    assert times.snap_m.max() < 0.1
    off = ~np.eye(len(expected), dtype=bool)
    error = np.abs(times.metres - expected)[off] / expected[off]
    assert error.max() < 0.0005
    assert np.abs(times.metres - expected).max() < 2


@pytest.mark.real
def test_real_roads_come_with_the_day_of_their_data(real_roads: tuple[Roads, list[Problem], gpd.GeoDataFrame]) -> None:
    roads, problems, _ = real_roads
    assert str(roads.as_of) == "2025-06-07"
    assert not problems
    assert roads.edges["fords"].sum() > 0


@pytest.mark.real
def test_the_edges_of_the_south_of_kaur_are_those_that_osmnx_makes(real_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    south: set[int] = set()
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(real_data / "roads.osm.pbf")):
            if item.is_node() and item.location.lat < SOUTH:
                south.add(item.id)
                writer.add(item)
            elif item.is_way() and south.issuperset(one.ref for one in item.nodes):
                writer.add(item)
    assert len(south) > 5_000
    fords = [item.id for item in osmium.FileProcessor(str(path), osmium.osm.NODE) if "ford" in item.tags]
    assert fords
    assert as_we_build(path) == as_osmnx_builds(path, fords)


@pytest.mark.real
def test_a_clip_at_the_boundary_is_noticed_with_the_gap(
    real_data: Path, kaur: Path, real_roads: tuple[Roads, list[Problem], gpd.GeoDataFrame]
) -> None:
    roads, problems = read(kaur, real_data / "roads_strict_clip.osm.pbf", real_roads[2])
    assert roads is not None
    (pieces,) = problems
    assert (pieces.what, pieces.level) == ("osm_pieces", "note")
    assert pieces.details["n_main"] > pieces.details["n_other"] > 500
    assert 40 < float(pieces.details["gap_m"]) < 200
