"""Downloading roads, against a server of our own on this machine."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import osmnx
import pytest
from test_osm import PLACES, read
from test_roads import KECAMATAN, operation

from kaur_gis.catalogue import say
from kaur_gis.inputs import Roads
from kaur_gis.problems import Problem
from kaur_gis.read import overpass
from kaur_gis.read.roads import read_roads

Answer = tuple[int, bytes]
ELEMENTS: list[dict[str, object]] = [
    *({"type": "node", "id": ref, "lon": lon, "lat": lat} for ref, (lon, lat) in PLACES.items()),
    {"type": "way", "id": 10, "nodes": [1, 2, 3], "tags": {"highway": "tertiary", "surface": "dirt"}},
    {"type": "way", "id": 11, "nodes": [3, 4], "tags": {"highway": "residential", "oneway": "yes"}},
]
NASAL = ("5406ff44831543b584e1f7cb2ce499792af6bf61", "ea96b7d19f0988e04bd83284b9d329313ab48dac")
"""The recorded answers that hold the roads of kecamatan Nasal, as osmnx names them."""
GOOD = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2025-06-07T15:22:36Z"}, "elements": ELEMENTS}


@pytest.fixture
def serve(
    server: Callable[[Callable[[bytes, int], tuple[int, bytes]]], str],
) -> Callable[[list[Answer]], tuple[str, list[bytes]]]:
    """Start a server that gives these answers in turn, the last one again and again."""

    def start(answers: list[Answer]) -> tuple[str, list[bytes]]:
        asked: list[bytes] = []

        def answered(body: bytes, turn: int) -> Answer:
            asked.append(body)
            return answers[min(turn, len(answers)) - 1]

        return server(answered), asked

    return start


def download(
    kaur: Path, url: str, kecamatan: gpd.GeoDataFrame = KECAMATAN, timeout_s: int = 20
) -> tuple[Roads | None, list[Problem]]:
    problems: list[Problem] = []
    roads = overpass.download(operation(kaur, kind="overpass", url=url), kecamatan, problems, timeout_s=timeout_s)
    for problem in problems:
        for key in (problem.what, f"{problem.what}_hint"):
            assert say(
                f"problem.{key}", "id", **({"file": problem.file, "value": problem.value} | dict(problem.details))
            )
    return roads, problems


def test_roads_are_downloaded_and_built_as_from_a_file(
    kaur: Path, serve: Callable[..., tuple[str, list[bytes]]]
) -> None:
    url, asked = serve([(200, json.dumps(GOOD).encode())])
    before, resolver = dict(vars(osmnx.settings)), socket.getaddrinfo
    problems: list[Problem] = []
    roads = read_roads(operation(kaur, kind="overpass", url=url), kaur.parent, None, KECAMATAN, problems, {})
    assert roads is not None
    assert not problems
    assert len(asked) == 1
    assert b"highway" in asked[0]
    assert roads.edges["osm_way"].tolist() == [10, 10, 11]
    assert roads.edges["surface"].tolist() == ["dirt", "dirt", ""]
    assert str(roads.as_of) == "2025-06-07"
    assert roads.source == url
    assert dict(vars(osmnx.settings)) == before
    assert socket.getaddrinfo is resolver


def test_a_ford_at_a_node_is_downloaded_too(kaur: Path, serve: Callable[..., tuple[str, list[bytes]]]) -> None:
    ford = [item | {"tags": {"ford": "yes"}} if item["id"] == 4 else item for item in ELEMENTS]
    url, _ = serve([(200, json.dumps(GOOD | {"elements": ford}).encode())])
    roads, problems = download(kaur, url)
    assert roads is not None
    assert not problems
    assert roads.edges["fords"].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>rate limited</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"elements": []}'),
        (200, b'{"elements": [{"type": "way", "id": 1}]}'),
        (200, b'{"elements": [{"type": "node", "id": 1, "lat": "x", "lon": null}]}'),
        (200, json.dumps(GOOD | {"remark": "runtime error: Query timed out"}).encode()),
        (429, b"busy"),
        (504, b"busy"),
        (404, b"{}"),
        (500, b"\x00\xff"),
    ],
)
def test_a_busy_or_garbled_server_is_one_problem(
    kaur: Path, serve: Callable[..., tuple[str, list[bytes]]], answer: Answer
) -> None:
    url, asked = serve([answer])
    roads, problems = download(kaur, url)
    assert roads is None
    assert [problem.what for problem in problems] == ["overpass_failed"]
    assert len(asked) == 1, "never asked again and again"


def test_a_dead_server_is_one_problem(kaur: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api"
        roads, problems = download(kaur, url)
    assert roads is None
    assert [problem.what for problem in problems] == ["overpass_failed"]


def test_a_silent_server_is_given_up(kaur: Path) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(1)
        roads, problems = download(kaur, f"http://127.0.0.1:{mute.getsockname()[1]}/api", timeout_s=1)
    assert roads is None
    assert [problem.what for problem in problems] == ["overpass_failed"]


@pytest.mark.parametrize(
    "url", ["", "ftp://example.invalid/api", "file:///etc/hostname", "example.invalid", "http://a b"]
)
def test_what_is_no_web_address_is_never_asked(kaur: Path, url: str) -> None:
    assert [problem.what for problem in download(kaur, url)[1]] == ["overpass_url"]


@pytest.mark.real
def test_recorded_answers_of_a_real_server_give_the_roads_of_a_kecamatan(
    kaur: Path, real_data: Path, serve: Callable[..., tuple[str, list[bytes]]]
) -> None:
    tiles = [real_data / "overpass_tiles" / f"{name}.json.gz" for name in NASAL]
    parts = [json.loads(gzip.decompress(tile.read_bytes())) for tile in tiles]
    whole = parts[0] | {"elements": [element for part in parts for element in part["elements"]]}
    kecamatan = gpd.read_file(kaur.parent / "kecamatan.geojson").set_index("kode_kec").loc[["17.04.07"]]
    empty = json.dumps(parts[0] | {"elements": []}).encode()
    url, asked = serve([(200, json.dumps(whole).encode()), (200, empty)])
    roads, problems = download(kaur, url, kecamatan)
    assert roads is not None
    assert asked
    assert [problem.what for problem in problems if problem.level == "refuse"] == []
    assert str(roads.as_of) == "2025-06-07"
    of_file, _ = read(kaur, real_data / "roads.osm.pbf", kecamatan)
    assert of_file is not None
    assert set(of_file.edges["osm_way"]) <= set(roads.edges["osm_way"])
    metres, least = roads.edges["metres"].sum(), of_file.edges["metres"].sum()
    assert 350_000 < least < metres < 1.25 * least, "both directions; the answers hold service roads as well"
