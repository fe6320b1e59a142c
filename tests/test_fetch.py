"""Downloading what OpenStreetMap knows, against a server of our own on this machine."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs

import geopandas as gpd
import pytest

from kaur_gis import cli
from kaur_gis.fetch import FOLDER, ROADS, fetch
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_area, read_inputs
from kaur_gis.read.answers import KINDS
from kaur_gis.read.roads import read_roads
from kaur_gis.report import told

GOOD = Path(__file__).parent / "bad" / "good"
TODAY = dt.date(2025, 7, 1)
STAMP = {"timestamp_osm_base": "2025-06-07T15:22:36Z"}
Elements = list[dict[str, object]]
NODES: Elements = [{"type": "node", "id": n, "lat": -4.65 + 0.001 * n, "lon": 103.25 + 0.02 * n} for n in range(1, 7)]
NODES[2]["tags"] = {"ford": "yes"}
ROAD: Elements = [*NODES, {"type": "way", "id": 10, "nodes": [1, 2, 3, 4, 5, 6], "tags": {"highway": "secondary"}}]
PLACE: Elements = [
    {
        "type": "node",
        "id": 50,
        "lat": -4.65,
        "lon": 103.26,
        "tags": {"place": "village", "name": "Gedung <Wani> & \x01"},
    }
]
RIVER: Elements = [
    *NODES[:2],
    {"type": "way", "id": 60, "nodes": [1, 2], "tags": {"waterway": "river", "name": "Air Kinal"}},
]
PEAKS: Elements = [
    {"type": "node", "id": 70 + n, "lat": -4.65, "lon": 103.26 + n / 100, "tags": {"natural": "peak", **tags}}
    for n, tags in enumerate(
        [{"name": "Bukit <Uji>", "ele": "412 m"}, {"name": "Gunung\x01", "ele": "tinggi"}, {"ele": "9"}]
    )
]
WANTED = {"highway": ROAD, "place": PLACE, "waterway": RIVER, "natural": PEAKS, "boundary": []}


def honest(query: str, _turn: int) -> tuple[int, bytes]:
    kind = next(kind for kind in WANTED if re.search(f"[\"']{kind}[\"']", query))
    return 200, json.dumps({"osm3s": STAMP, "elements": WANTED[kind]}).encode()


Server = Callable[[Callable[[str, int], tuple[int, bytes]]], tuple[str, list[str]]]


@pytest.fixture
def serve(server: Callable[[Callable[[bytes, int], tuple[int, bytes]]], str]) -> Server:
    """Start a server that answers each query by a function of it and of its number."""

    def start(answer: Callable[[str, int], tuple[int, bytes]]) -> tuple[str, list[str]]:
        asked: list[str] = []

        def answered(body: bytes, turn: int) -> tuple[int, bytes]:
            asked.append(parse_qs(body.decode())["data"][0])
            return answer(asked[-1], turn)

        return server(answered), asked

    return start


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    """The good operation, whose server is still to be named."""
    shutil.copytree(GOOD, tmp_path / "operasi")
    return tmp_path / "operasi" / "operation.toml"


def name_server(operation: Path, url: str) -> None:
    text = operation.read_text(encoding="utf-8")
    operation.write_text(text.replace("[roads]", f'[roads]\nurl = "{url}"'), encoding="utf-8")


def run(operation: Path, told_to: list[tuple[str, dict[str, object]]] | None = None) -> list[Path]:
    steps = [] if told_to is None else told_to
    tell = lambda step, **values: steps.append((step, values))  # noqa: E731 - a stand-in for the stopwatch
    return fetch(operation, today=TODAY, tell=tell, timeout_s=2, pause_s=0.01)


def refused(operation: Path) -> str:
    with pytest.raises(InputProblems) as refusal:
        run(operation)
    (problem,) = refusal.value.problems
    assert told(problem, "id")
    assert told(problem, "en")
    return problem.what


def contents(operation: Path) -> dict[str, bytes]:
    folder = operation.parent / FOLDER
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} if folder.is_dir() else {}


def test_the_area_is_not_taken_from_a_file_outside_the_folder_unless_the_operation_allows_it(operation: Path) -> None:
    _, inside = read_area(operation)
    (operation.parent / "kecamatan.geojson").rename(operation.parent.parent / "kecamatan.geojson")
    text = operation.read_text(encoding="utf-8").replace('"kecamatan.geojson"', '"../kecamatan.geojson"')
    operation.write_text(text, encoding="utf-8")
    asked, box = read_area(operation)
    region = asked.region
    assert box.bounds == (region.west_lon, region.south_lat, region.east_lon, region.north_lat)
    operation.write_text(text.replace("[layers]", "[layers]\nallow_outside = true"), encoding="utf-8")
    assert read_area(operation)[1].equals(inside)


def test_everything_is_written_with_date_and_licence_and_the_operation_then_plans_on_it(
    serve: Server, operation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, asked = serve(honest)
    name_server(operation, url)
    steps: list[tuple[str, dict[str, object]]] = []
    files = run(operation, steps)
    assert [path.name for path in files] == [
        *("jalan.osm.gz", "nama_tempat.geojson", "sungai.geojson", "puncak.geojson", "batas.geojson"),
        "unduhan.json",
    ]
    assert [values["what"] for step, values in steps if step == "answer"] == [*KINDS]
    stamp = json.loads(files[-1].read_text(encoding="utf-8"))
    assert (stamp["fetched"], stamp["as_of"], stamp["url"]) == ("2025-07-01", "2025-06-07", url)
    assert "ODbL" in stamp["licence"]
    assert "OpenStreetMap contributors" in stamp["credit"]
    assert stamp["elements"] == {"jalan": 7, "nama_tempat": 1, "sungai": 3, "puncak": 3, "batas": 0}
    places = gpd.read_file(files[1])
    assert places["name"].tolist() == ["Gedung <Wani> & \x01"]
    assert gpd.read_file(files[2]).geometry.iloc[0].geom_type == "LineString"
    assert json.loads(files[4].read_text())["features"] == []
    text = operation.read_text(encoding="utf-8")
    operation.write_text(re.sub(r'kind = "schematic"', f'kind = "osm"\npath = "{ROADS}"', text), encoding="utf-8")
    text = operation.read_text(encoding="utf-8")
    operation.write_text(
        text.replace("[layers]", f'[layers]\nsungai = "{FOLDER}/sungai.geojson"\npuncak = "{FOLDER}/puncak.geojson"'),
        encoding="utf-8",
    )
    inputs = read_inputs(operation)
    assert inputs.sungai[["jenis", "nama"]].to_numpy().tolist() == [["sungai", "Air Kinal"]]
    assert inputs.puncak["nama"].tolist() == ["Bukit <Uji>", "Gunung\\x01"]
    assert inputs.puncak["elevasi_m"].fillna(-1).tolist() == [412, -1]
    assert inputs.roads.as_of == dt.date(2025, 6, 7)
    assert set(inputs.roads.edges["highway"]) == {"secondary"}
    assert inputs.roads.edges["fords"].sum() > 0
    before = contents(operation)
    run(operation)
    assert len(asked) == len(KINDS), "what was answered is not asked again"
    assert contents(operation) == before
    assert cli.main(["fetch", str(operation)]) == cli.OK
    out = capsys.readouterr().out
    assert f'path = "{ROADS}"' in out
    for kind in KINDS:
        assert kind == "jalan" or f'{kind} = "{FOLDER}/{kind}.geojson"' in out
    again = contents(operation)
    assert {name for name in before if before[name] != again[name]} == {"unduhan.json"}  # the day of the download


def test_a_hiccup_is_asked_again(serve: Server, operation: Path) -> None:
    url, asked = serve(lambda query, turn: (504, b"busy") if turn in {1, 3, 4} else honest(query, turn))
    name_server(operation, url)
    run(operation)
    assert len(asked) == len(KINDS) + 3


@pytest.mark.parametrize(
    "answer",
    [
        (504, b"busy"),
        (429, b"too many"),
        (299, b'{"elements": []'),  # fewer bytes than were promised
        (200, b"<html>hello</html>"),
        (200, b"[1]"),
        (200, b'{"osm3s": {}}'),
        (200, b"[" * 200_000),
        (200, json.dumps({"remark": "runtime error: Query timed out", "elements": []}).encode()),
        (200, json.dumps({"osm3s": STAMP, "elements": [{"type": "node", "id": 1, "lat": 1e300, "lon": 0}]}).encode()),
        (200, json.dumps({"osm3s": STAMP, "elements": [{"type": "way", "id": "x", "nodes": [], "tags": {}}]}).encode()),
        (200, json.dumps({"osm3s": {"timestamp_osm_base": "gestern"}, "elements": ROAD}).encode()),
    ],
)
def test_a_server_that_is_dead_busy_truncated_or_lying_leaves_what_was_there_and_one_error(
    answer: tuple[int, bytes], serve: Server, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaur_gis.fetch.KINDS", {"jalan": {}})  # one kind is enough, and quicker
    good, _ = serve(honest)
    name_server(operation, good)
    run(operation)
    before = contents(operation)
    bad, _ = serve(lambda _query, _turn: answer)
    operation.write_text(operation.read_text().replace(good, bad))
    assert refused(operation) == "fetch_failed"
    assert contents(operation) == before
    operation.write_text(operation.read_text().replace(bad, good))
    assert run(operation)


def silent(connection: socket.socket) -> None:
    """Answer nothing at all."""
    connection.recv(1)


def dripping(connection: socket.socket) -> None:
    """Answer a byte at a time, never silent for long and never done."""
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{")
    while connection.send(b" "):
        time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    """Answer more than there is."""
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")
    while connection.send(b" " * (1 << 20)):
        pass


def dripping_head(connection: socket.socket) -> None:
    """Begin to answer and never come to the point."""
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while connection.send(b"x"):
        time.sleep(0.05)


def putting_off(connection: socket.socket) -> None:
    """Say again and again that the answer will come."""
    connection.recv(1 << 16)
    while connection.send(b"HTTP/1.1 100 Continue\r\n\r\n"):
        time.sleep(0.01)


def dripping_handshake(connection: socket.socket) -> None:
    """Promise an encrypted line and send it a byte at a time."""
    connection.recv(1 << 16)
    connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")
    while connection.send(b"x"):
        time.sleep(0.05)


@pytest.mark.parametrize("behave", [silent, dripping, endless, dripping_head, putting_off, dripping_handshake])
def test_a_server_that_hangs_drips_or_never_ends_is_left_after_a_while_and_what_was_there_stays(
    behave: Callable[[socket.socket], None], serve: Server, operation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaur_gis.fetch.KINDS", {"jalan": {}})
    monkeypatch.setattr("kaur_gis.read.answers.TRIES", 2)
    monkeypatch.setattr("kaur_gis.read.overpass.PATIENCE", 1)
    monkeypatch.setattr("kaur_gis.read.overpass.MAX_ANSWER", 20_000_000)
    good, _ = serve(honest)
    name_server(operation, good)
    run(operation)
    before = contents(operation)
    asked: list[int] = []

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):  # the listener is closed: the test is over
            while True:
                connection, _ = listener.accept()
                asked.append(len(asked))
                with connection, suppress(OSError):
                    behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        scheme = "https" if behave is dripping_handshake else "http"
        bad = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/api"
        text = operation.read_text(encoding="utf-8").replace(good, bad)
        operation.write_text(text.replace("[roads]", "[roads]\ntimeout_s = 1"), encoding="utf-8")
        with pytest.raises(InputProblems) as refusal:
            fetch(operation, today=TODAY, tell=lambda *_a, **_k: None, pause_s=0.01)
        listener.shutdown(socket.SHUT_RDWR)
    (problem,) = refusal.value.problems
    assert problem.what == "fetch_failed"
    assert told(problem, "id") != told(problem, "en")
    assert len(asked) == 2
    assert contents(operation) == before


class Terminal(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_download_moves_a_bar_on_a_terminal_and_is_lines_elsewhere(
    serve: Server, operation: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url, _ = serve(honest)
    name_server(operation, url)
    screen = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", screen)
        assert cli.main(["fetch", str(operation)]) == cli.OK
    drawn = screen.getvalue()
    for kind in KINDS:
        assert re.search(rf"{kind} *0% .*0/1", drawn)
        assert re.search(rf"{kind} *100% .*1/1 .*MB", drawn)
    capsys.readouterr()
    assert cli.main(["fetch", str(operation)]) == cli.OK
    lines = capsys.readouterr().err
    assert "\r" not in lines
    assert "meminta jalan; 1 dari 1 jawaban sudah ada" in lines


def test_a_download_that_broke_off_goes_on_where_it_was(serve: Server, operation: Path) -> None:
    alive = [True]
    url, asked = serve(lambda query, turn: honest(query, turn) if alive[0] or '"highway"' in query else (500, b""))
    name_server(operation, url)
    alive[0] = False
    assert refused(operation) == "fetch_failed"
    assert contents(operation) == {}
    alive[0] = True
    before = len(asked)
    run(operation)
    assert len(asked) == before + len(KINDS) - 1
    assert not any('"highway"' in query for query in asked[before:])


def test_an_answer_that_a_killed_run_left_half_is_asked_again(serve: Server, operation: Path) -> None:
    url, asked = serve(honest)
    name_server(operation, url)
    run(operation)
    before = contents(operation)
    halved = [path for path in (operation.parent / FOLDER).rglob("*/*.json") if path.parent.name in {"jalan", "batas"}]
    assert len(halved) == 2
    for path in halved:
        path.write_bytes(path.read_bytes()[:20])
    run(operation)
    assert len(asked) == len(KINDS) + 2
    assert contents(operation) == before


def test_no_server_a_wrong_address_and_no_road_are_said_apart(serve: Server, operation: Path) -> None:
    assert refused(operation) == "fetch_url"
    name_server(operation, "ftp://x")
    assert refused(operation) == "overpass_url"
    url, _ = serve(lambda _query, _turn: (200, json.dumps({"osm3s": STAMP, "elements": []}).encode()))
    operation.write_text(operation.read_text().replace("ftp://x", url))
    assert refused(operation) == "fetch_empty"


def test_without_readable_kecamatan_the_study_box_is_asked_for(serve: Server, operation: Path) -> None:
    url, asked = serve(honest)
    name_server(operation, url)
    (operation.parent / "kecamatan.geojson").unlink()
    run(operation)
    lon = [float(text) for query in asked if '"highway"' in query for text in re.findall(r"10[23]\.\d+", query)]
    assert min(lon) == pytest.approx(102.9, abs=0.02)
    assert max(lon) == pytest.approx(103.9, abs=0.02)


@pytest.mark.real
def test_the_recorded_answers_for_a_kecamatan_give_the_roads_of_the_extract(
    serve: Server, real_data: Path, kaur: Path, tmp_path: Path
) -> None:
    merged: dict[tuple[str, int], dict[str, object]] = {}
    for path in sorted((real_data / "overpass_tiles").glob("*.json.gz")):
        for element in json.loads(gzip.decompress(path.read_bytes()))["elements"]:
            merged[element["type"], element["id"]] = element
    nodes = {number: item for (kind, number), item in merged.items() if kind == "node"}
    ways = [item for (kind, _), item in merged.items() if kind == "way"]

    def replay(query: str, _turn: int) -> tuple[int, bytes]:
        found: list[dict[str, object]] = []
        if '"highway"' in query:
            ring = [float(text) for text in re.findall(r"-?\d+\.?\d*", re.search(r'poly:"?\'?([-\d. ]+)', query)[1])]  # type: ignore[index]
            south, north, west, east = min(ring[::2]), max(ring[::2]), min(ring[1::2]), max(ring[1::2])
            inside = {n for n, x in nodes.items() if south <= x["lat"] <= north and west <= x["lon"] <= east}  # type: ignore[operator]
            mine = [way for way in ways if not inside.isdisjoint(way["nodes"])]  # type: ignore[arg-type]
            refs = sorted({ref for way in mine for ref in way["nodes"]})  # type: ignore[attr-defined]
            found = [*(nodes[ref] for ref in refs if ref in nodes), *mine]
        return 200, json.dumps({"osm3s": STAMP, "elements": found}).encode()

    shutil.copytree(kaur.parent, tmp_path / "kaur")
    operation = tmp_path / "kaur" / "operation.toml"
    nasal = gpd.read_file(kaur.parent / "kecamatan.geojson").query("kode_kec == '17.04.07'")
    nasal.to_file(tmp_path / "kaur" / "kecamatan.geojson")
    url, _ = serve(replay)
    name_server(operation, url)
    fetch(operation, today=TODAY, tell=lambda *_a, **_k: None, timeout_s=60)
    fetched, extract = (
        read_roads(read_area(operation)[0], operation.parent, path, nasal.set_index("kode_kec"), [], {})
        for path in (operation.parent / ROADS, real_data / "roads.osm.pbf")
    )
    assert fetched is not None
    assert extract is not None
    assert fetched.as_of == dt.date(2025, 6, 7)
    metres, wanted = (roads.edges.groupby("osm_way")["metres"].sum() for roads in (fetched, extract))
    common = wanted.index.intersection(metres.index)
    assert len(common) > 0.98 * len(wanted)  # a merged edge is named for one of its ways, not always the same
    assert metres[common].sum() == pytest.approx(wanted[common].sum(), rel=0.01)
