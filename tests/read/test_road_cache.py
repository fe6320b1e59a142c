"""Roads that are kept: the same as those read, and never those of anything else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaur_gis.inputs import Roads
from kaur_gis.problems import Problem
from kaur_gis.read import road_cache
from kaur_gis.read.osm import read_osm
from tests.world import world

WORLD = world("G---P---A")
OSM = """<?xml version="1.0"?>
<osm version="0.6">
 <node id="1" lat="{lat}" lon="103.30"/>
 <node id="2" lat="{lat}" lon="103.34"/>
 <node id="3" lat="{lat}" lon="103.38"/>
 <way id="7"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="99"/>
  <tag k="highway" v="tertiary"/><tag k="name" v="Jalan &#252; '=1+1"/><tag k="maxspeed" v="cepat"/></way>
</osm>
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(road_cache.SETTING, str(tmp_path / "kept"))
    return tmp_path


def read(folder: Path, lat: float = -4.615, buffer_m: float = 20_000) -> tuple[Roads | None, list[Problem]]:
    (folder / "jalan.osm").write_text(OSM.format(lat=lat), encoding="utf-8")
    roads = WORLD.operation.roads.model_copy(update={"buffer_m": buffer_m})
    problems: list[Problem] = []
    operation = WORLD.operation.model_copy(update={"roads": roads})
    found = read_osm(operation, folder, "jalan.osm", WORLD.kecamatan, problems, {}, allow_outside=False)
    return found, problems


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "kept").glob("*")) if (folder / "kept").exists() else []


def same(one: Roads | None, other: Roads | None) -> bool:
    assert one is not None
    assert other is not None
    for layer in ("nodes", "edges"):
        ours, theirs = getattr(one, layer), getattr(other, layer)
        assert isinstance(theirs, gpd.GeoDataFrame)
        if not (ours.equals(theirs) and ours.crs == theirs.crs and (ours.dtypes == theirs.dtypes).all()):
            return False
    return (one.as_of, one.source, one.schematic) == (other.as_of, other.source, other.schematic)


def test_kept_roads_are_those_that_were_read_with_what_was_told_of_them(folder, monkeypatch):
    first, told = read(folder)
    assert len(kept(folder)) == 1
    assert {problem.what for problem in told} >= {"osm_dangling", "osm_limits"}
    monkeypatch.setattr("kaur_gis.read.osm._extract", lambda *_: pytest.fail("the file is read again"))
    monkeypatch.setattr("kaur_gis.read.road_order.dissected", lambda *_: pytest.fail("its order is computed again"))
    again, told_again = read(folder)
    assert same(first, again)
    assert (again.order.rank == first.order.rank).all()
    assert (again.order.cell == first.order.cell).all()
    assert told_again == told


def test_with_an_empty_setting_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv(road_cache.SETTING, "")
    monkeypatch.setattr(road_cache, "user_cache_path", lambda *_, **__: tmp_path)
    assert read(tmp_path)[0] is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jalan.osm"]


def test_without_a_setting_roads_are_kept_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv(road_cache.SETTING)
    monkeypatch.setattr(road_cache, "user_cache_path", lambda *_, **__: tmp_path / "kept")
    assert read(tmp_path)[0] is not None
    assert len(kept(tmp_path)) == 1


def test_the_oldest_of_many_kept_roads_go(folder, monkeypatch):
    monkeypatch.setattr(road_cache, "MAX_FILES", 2)
    for lat in (-4.615, -4.616, -4.617):
        read(folder, lat=lat)
    left = kept(folder)
    assert len(left) == 2
    read(folder, lat=-4.617)
    assert kept(folder) == left


def test_roads_without_an_order_are_ordered_when_they_are_taken(folder, monkeypatch):
    with monkeypatch.context() as without:
        without.setattr("kaur_gis.read.road_order.find_spec", lambda _: None)
        assert read(folder)[0].order is None
    assert read(folder)[0].order is not None


def test_another_file_or_another_operation_is_read_anew(folder):
    first, _ = read(folder)
    moved, _ = read(folder, lat=-4.616)
    read(folder, buffer_m=19_000)
    assert len(kept(folder)) == 3
    assert not same(first, moved)


def test_refused_roads_are_not_kept(folder):
    assert read(folder, lat=40.0)[0] is None
    assert kept(folder) == []


def damaged(data: bytes) -> list[bytes]:
    """Give what may stand where roads were kept."""
    body = data[len(road_cache.MAGIC) + road_cache.DIGEST :]
    head, rest = body.split(b"\n", 1)
    said = json.loads(head)

    def signed(new: bytes) -> bytes:
        return road_cache.MAGIC + hashlib.sha256(new).digest() + new

    others = [
        {**said, "ends": [said["ends"][0] - 1, said["ends"][1]]},
        {**said, "ends": [0, said["ends"][1]]},
        {**said, "ends": [said["ends"][0], len(rest) - 4]},
        {**said, "as_of": "kemarin"},
        {**said, "problems": [{"huh": 1}]},
        {name: value for name, value in said.items() if name != "source"},
    ]
    first, second = said["ends"]
    turned = json.dumps({**said, "ends": [second - first, second]}).encode()
    swapped = turned + b"\n" + rest[first:second] + rest[:first] + rest[second:]  # edges where nodes should be
    return [
        b"",
        data[:40],
        data[:-1],
        data + b"x",
        signed(b"no line end"),
        signed(b"[]\n" + rest),
        signed(swapped),
        signed(body[:-4] + b"\x63\0\0\0"),  # a cell that there is not
        *(signed(json.dumps(other).encode() + b"\n" + rest) for other in others),
    ]


def test_what_is_damaged_or_hostile_is_passed_over_and_written_anew(folder):
    first, told = read(folder)
    (file,) = kept(folder)
    whole = file.read_bytes()
    for bad in damaged(whole):
        file.write_bytes(bad)
        again, told_again = read(folder)
        assert same(first, again)
        assert told_again == told
        assert road_cache.kept_at(file) is not None, "written anew"


@pytest.mark.parametrize(
    ("column", "value"), [("u", 99), ("v", -1), ("twin", 99), ("twin", -2), ("metres", 0.0), ("metres", float("nan"))]
)
def test_edges_that_name_what_is_not_there_are_not_taken(folder, column, value):
    first, _ = read(folder)
    (file,) = kept(folder)
    assert first is not None
    edges = first.edges.copy()
    edges.loc[0, column] = value
    road_cache.keep(file, Roads(first.nodes, edges, schematic=False, as_of=None, source="x"), ())
    assert road_cache.kept_at(file) is None


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_goes_unnoticed(folder, at, bit):
    if not kept(folder):
        read(folder)
    (file,) = kept(folder)
    whole = file.read_bytes()
    broken = bytearray(whole)
    broken[at % len(whole)] ^= 1 << bit
    file.write_bytes(bytes(broken))
    assert road_cache.kept_at(file) is None
    file.write_bytes(whole)


def test_a_folder_that_can_not_be_made_keeps_nothing_and_harms_nothing(folder):
    (folder / "kept").write_text("a file", encoding="utf-8")
    assert read(folder)[0] is not None
    assert (folder / "kept").read_text(encoding="utf-8") == "a file"
