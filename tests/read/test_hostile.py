"""Hostile files: refused within a budget of processor time and memory; no other file is opened, no network touched."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import re
import resource
import shutil
import socket
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs

GOOD = Path(__file__).parent.parent / "bad" / "good"
MAX_MEGABYTES = 300
MAX_CPU_S = 5.0  # of the processor; a busy machine counts more of it than a quiet one, so a case has three tries
TRIES = 3
RUNAWAY_S = 30
LAUGHS = "<!DOCTYPE a [" + "".join(f'<!ENTITY b{n + 1} "{f"&b{n};" * 10}">' for n in range(12)) + "]><osm>&b12;</osm>"
HEAD, FIRST, *_ = (GOOD / "tps.csv").read_text(encoding="utf-8").splitlines()

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads ru_maxrss in kilobytes")


def polygon(n: int) -> str:
    ring = "[[103.2,-4.7]," + "[103.21,-4.61]," * n + "[103.2,-4.7]]"
    geometry = '{"type":"Polygon","coordinates":[' + ring + "]}"
    feature = '{"type":"Feature","properties":{"kode_kec":"17.04.01"},"geometry":' + geometry + "}"
    return '{"type":"FeatureCollection","features":[' + feature + "]}"


def book(path: Path, **parts: str) -> None:
    """Write a small workbook; `parts` stand in for or beside its own."""
    sheet = openpyxl.Workbook()
    sheet.active.append(HEAD.split(","))
    sheet.active.append(FIRST.split(","))
    sheet.save(path)
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in kept.items():
            archive.writestr(name, text.replace("</sheetData>", parts.get("rows", "") + "</sheetData>"))
        for number in range(int(parts.get("members", "0"))):
            archive.writestr(f"xl/{number}.xml", "")
        if "bomb" in parts:
            archive.writestr("xl/bomb.xml", parts["bomb"])


def long_list() -> str:
    """Two million rows as a list has them, 232 MB."""
    return HEAD + "\n" + (FIRST.ljust(115)[:115] + "\n") * 2_000_000


def bomb(pack: Callable[[bytes], bytes], megabytes: int) -> bytes:
    return pack(b"<osm>" + b" " * (megabytes * 1_000_000))


def far(row: int) -> str:
    return f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>'


HOSTILE: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "two million rows": ("tps.csv", "file_too_big", lambda p: p.write_text(long_list())),
    "two million short rows": ("tps.csv", "too_many_rows", lambda p: p.write_text(HEAD + "\n" + "a\n" * 2_000_000)),
    "short rows": ("tps.csv", "row_length", lambda p: p.write_text(HEAD + "\n" + "a\n" * 200_000)),
    "five million vertices": ("k.geojson", "too_many_vertices", lambda p: p.write_text(polygon(5_000_000))),
    "many vertices": ("k.geojson", "geometry_invalid", lambda p: p.write_text(polygon(100_000))),
    "many features": ("k.geojson", "too_many_rows", lambda p: p.write_text('{"properties":' * 300_000)),
    "deep nesting": ("k.geojson", "bad_json", lambda p: p.write_text("[" * 400_000)),
    "a big geopackage": (
        "k.gpkg",
        "file_too_big",
        lambda p: p.write_bytes(b"SQLite format 3\0".ljust(68, b"\0") + b"GPKG" + b"\0" * 60_000_000),
    ),
    "a gzip bomb of roads": ("jalan.osm.gz", "osm_bomb", lambda p: p.write_bytes(bomb(gzip.compress, 495))),
    "a bzip2 bomb of roads": ("jalan.osm.bz2", "osm_bomb", lambda p: p.write_bytes(bomb(bz2.compress, 100))),
    "laughs of roads": ("jalan.osm", "osm_doctype", lambda p: p.write_text(LAUGHS)),
    "an unpacking bomb": ("tps.xlsx", "archive_too_big", lambda p: book(p, bomb="0" * 60_000_000)),
    "600 members": ("tps.xlsx", "archive_too_big", lambda p: book(p, members="600")),
    "a far cell": ("tps.xlsx", "too_many_columns", lambda p: book(p, rows=far(1_048_576))),
    "wide rows": ("tps.xlsx", "too_many_columns", lambda p: book(p, rows="".join(map(far, range(10, 20_000))))),
    "a formula": ("tps.xlsx", "formula_cell", lambda p: book(p, rows='<row r="3"><c r="A3"><f>WEBSERVICE("http://127.0.0.1")</f></c></row>')),
}  # fmt: skip


def use(folder: Path, name: str) -> Path:
    """Let the good operation name another file for its TPS, its kecamatan or its roads."""
    key = "tps" if name.startswith("tps") else "kecamatan"
    operation = folder / "operation.toml"
    if name.startswith("jalan"):
        text = operation.read_text(encoding="utf-8").replace('kind = "schematic"', f'kind = "osm"\npath = "{name}"')
        operation.write_text(text, encoding="utf-8")
        return operation
    text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{name}"', operation.read_text(encoding="utf-8"))
    operation.write_text(text, encoding="utf-8")
    return operation


def judged_apart(operation: Path) -> tuple[list[str], int, float]:
    """Read in a process of its own: what is refused, and what it took above what was there before [MB, s]."""
    read_inputs(GOOD / "operation.toml")  # everything is loaded before the memory is looked at
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        before = resource.getrusage(resource.RUSAGE_SELF)
        used = int(before.ru_utime + before.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used + RUNAWAY_S, used + RUNAWAY_S))
        whats: list[str] = []
        try:
            read_inputs(operation)
        except InputProblems as error:
            whats = [problem.what for problem in error.problems if problem.level == "refuse"]
        except BaseException as error:  # noqa: BLE001 - told to the parent
            whats = [f"{type(error).__name__}: {error}"]
        after = resource.getrusage(resource.RUSAGE_SELF)
        most = after.ru_maxrss - before.ru_maxrss
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        os.write(writer, json.dumps([whats[:50], most // 1000, seconds]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    assert answer, "it ran away with the processor"
    whats, megabytes, seconds = json.loads(answer)
    return whats, megabytes, seconds


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_the_budget_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    file, what, make = HOSTILE[name]
    shutil.copytree(GOOD, tmp_path / "operasi")
    operation = use(tmp_path / "operasi", file)
    make(tmp_path / "operasi" / file)
    before = sorted(path.name for path in (tmp_path / "operasi").iterdir())
    for turn in range(TRIES):
        whats, megabytes, seconds = judged_apart(operation)
        assert what in whats
        assert megabytes < MAX_MEGABYTES
        if seconds < MAX_CPU_S:
            break
        assert turn < TRIES - 1, f"{seconds:.1f} s of the processor"
    assert sorted(path.name for path in (tmp_path / "operasi").iterdir()) == before
    shutil.rmtree(tmp_path / "operasi")  # some are big


def disguises(port: int, secret: Path) -> dict[str, str]:
    url = f"/vsicurl/http://127.0.0.1:{port}/tps.csv"
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{url}</SrcDataSource></OGRVRTLayer>'
        f'<OGRVRTLayer name="b"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    gdalg = json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {url}"})
    return {
        **dict.fromkeys(("tps.csv", "tps.gpkg", "tps.xlsx", "tps.shp", "k.geojson", "k.gpkg"), vrt),
        **dict.fromkeys(("tps.geojson", "k.json"), gdalg),
        "tps_xml.geojson": f'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:{port}/">]><a>&x;</a>',
    }


def test_disguised_files_open_no_other_file_and_no_connection(tmp_path: Path) -> None:
    opened: list[str] = []
    watching = [False]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching[0] and event in {"open", "socket.connect", "socket.getaddrinfo"}:
            opened.append(str(arguments[0]) if event == "open" else event)

    sys.addaudithook(watch)
    secret = tmp_path / "rahasia.csv"
    secret.write_text("kode_tps\nrahasia\n")
    read_inputs(GOOD / "operation.toml")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        for name, text in disguises(listener.getsockname()[1], secret).items():
            folder = tmp_path / name.replace(".", "_")
            shutil.copytree(GOOD, folder)
            (folder / name).write_text(text)
            if name.endswith(".shp"):
                for end in ("shx", "dbf"):
                    (folder / f"tps.{end}").write_text(text)
            operation = use(folder, name)
            watching[0] = True
            with pytest.raises(InputProblems) as refusal:
                read_inputs(operation)
            watching[0] = False
            assert "rahasia" not in str(refusal.value)
            assert {problem.file for problem in refusal.value.problems if problem.level == "refuse"} >= {name}
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert str(secret) not in opened
    assert not [event for event in opened if event.startswith("socket")]
    assert [path for path in opened if path.startswith(str(tmp_path))], "the watching works"


@pytest.mark.parametrize(
    "path", ["/vsizip/tps.zip/tps.csv", "GPKG:tps.gpkg", "PG:host=127.0.0.1", "https://127.0.0.1/a.gpkg"]
)
def test_names_that_are_no_local_files_are_refused_for_every_kind(path: str, tmp_path: Path) -> None:
    for key in ("tps", "desa", "tempat", "kecamatan"):
        folder = tmp_path / key
        shutil.copytree(GOOD, folder)
        operation = folder / "operation.toml"
        text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{path}"', operation.read_text(encoding="utf-8"))
        operation.write_text(text, encoding="utf-8")
        with pytest.raises(InputProblems) as refusal:
            read_inputs(operation)
        assert "path_not_local" in {problem.what for problem in refusal.value.problems}
