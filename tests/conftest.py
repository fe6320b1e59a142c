"""What every test may ask for."""

from __future__ import annotations

import contextlib
import copyreg
import fcntl
import functools
import os
import pickle
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pyproj.database
import pytest

import kaur_gis as kg
from kaur_gis.inputs import RoadOrder
from kaur_gis.read.road_order import order_of
from kaur_gis.travel.hierarchy import HierarchyEngine

ROOT = Path(__file__).resolve().parent.parent
os.environ["KAUR_GIS_CACHE"] = ""  # roads are read, and nothing is kept in the user's cache


# the wheel's own objects can't be pickled; they are made again from what they were made of
copyreg.pickle(RoadOrder, lambda order: (order_of, (order.tail, order.head, np.stack([order.rank, order.cell]))))
copyreg.pickle(HierarchyEngine, lambda _: (HierarchyEngine, ()))


FIRST = "test_map_browser.py", "test_notebooks.py", "test_kaur.py", "test_cli.py"
"""Files with the dearest tests: a worker that began with one of them at the end would work alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is dear."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


Once = Callable[[str, Callable[[Path], Any]], tuple[Path, Any]]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make something dear once for all workers of the session: the first who asks makes it, the others find it.

    What makes it is given a folder for files, and what it returns is kept in the folder, too.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def find(name: str, make: Callable[[Path], Any]) -> tuple[Path, Any]:
        folder, kept = shared / name, shared / f"{name}.pickle"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                folder.mkdir()
                kept.write_bytes(pickle.dumps(make(folder)))
        return folder, pickle.loads(kept.read_bytes())  # noqa: S301 - this session wrote it

    return find


@pytest.fixture(scope="session", autouse=True)
def zones() -> Iterator[None]:
    """Let pyproj look up the UTM zone of a place once: it goes through its whole database each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyproj.database, "query_utm_crs_info", functools.cache(pyproj.database.query_utm_crs_info))
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real layers of Kaur, which are not part of the project."""
    folder = Path(os.environ.get("KAUR_GIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "kaur"
    if not folder.is_dir():
        pytest.skip("the real layers are not here: set KAUR_GIS_TEST_DATA to the folder that holds kaur/")
    return folder


@pytest.fixture(scope="session")
def kaur() -> Path:
    """The shipped operation of Kabupaten Kaur."""
    return ROOT / "data" / "kaur" / "operation.toml"


def shown_python(readme: Path) -> str:
    """Give the Python that a page shows."""
    (block,) = re.findall(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), flags=re.DOTALL)
    return str(block)


@pytest.fixture(scope="session")
def kaur_made(once: Once) -> tuple[kg.Plan, Path]:
    """Plan and folder of the shipped operation, made by the lines that the README shows, to be read only."""

    def make(folder: Path) -> kg.Plan:
        (folder / "data").symlink_to(ROOT / "data")
        names: dict[str, Any] = {}
        with contextlib.chdir(folder):
            exec(compile(shown_python(ROOT / "README.md"), "README.md", "exec"), names)  # noqa: S102 - our own lines
        plan = names["plan"]
        assert isinstance(plan, kg.Plan)
        return plan

    folder, plan = once("kaur", make)
    return plan, folder / "outputs" / "kaur"


@pytest.fixture(scope="session")
def kaur_plan(kaur_made: tuple[kg.Plan, Path]) -> kg.Plan:
    """The plan of the shipped operation."""
    return kaur_made[0]


@pytest.fixture(scope="session")
def kaur_run(kaur_made: tuple[kg.Plan, Path]) -> Path:
    """The written plan of the shipped operation."""
    return kaur_made[1]


@pytest.fixture(scope="session")
def kaur_on_osm(kaur: Path, real_data: Path, once: Once) -> kg.Inputs:
    """The shipped operation on the real OSM roads."""
    inputs = once("inputs_on_osm", lambda _folder: kg.read_inputs(kaur, roads=real_data / "roads.osm.pbf"))[1]
    assert isinstance(inputs, kg.Inputs)
    return inputs


@pytest.fixture(scope="session")
def kaur_plan_on_osm(kaur_on_osm: kg.Inputs, once: Once) -> kg.Plan:
    """Its plan."""
    plan = once("plan_on_osm", lambda _folder: kg.make_plan(kaur_on_osm))[1]
    assert isinstance(plan, kg.Plan)
    return plan


@pytest.fixture
def only_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs hold maps and the exact form alone, for tests that look at no other output of them."""
    others = "layers.write_geopackage", "tables.write_tables", "survey.write_survey", "gps.write_gpx", "kml.write_kml"
    for writer in (*others, "public.write_public", "sheets.write_papers"):
        monkeypatch.setattr(f"kaur_gis.write.{writer}", lambda *_args, **_settings: {})


@pytest.fixture
def server() -> Iterator[Callable[[Callable[[bytes, int], tuple[int, bytes]]], str]]:
    """Start a server that answers each request by a function of its body and of its number, and give its address.

    With status 299 it promises more than it sends.
    """
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[bytes, int], tuple[int, bytes]]) -> str:
        turns: list[int] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                turns.append(len(turns) + 1)
                status, data = answer(self.rfile.read(int(self.headers["Content-Length"])), turns[-1])
                self.send_response(status)
                self.send_header("Content-Length", str(len(data) + (7 if status == 299 else 0)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/api"

    yield start
    for one in servers:
        one.shutdown()
        one.server_close()
