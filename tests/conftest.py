"""What every test may ask for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import kaur_gis as kg

ROOT = Path(__file__).resolve().parent.parent
os.environ["KAUR_GIS_CACHE"] = ""  # roads are read, and nothing is kept in the user's cache


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


@pytest.fixture(scope="session")
def kaur_plan(kaur: Path) -> kg.Plan:
    """The plan of the shipped operation, made once."""
    return kg.make_plan(kg.read_inputs(kaur))


@pytest.fixture(scope="session")
def kaur_run(kaur_plan: kg.Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written plan of the shipped operation."""
    folder = tmp_path_factory.mktemp("outputs") / "kaur"
    kg.write_plan(kaur_plan, folder)
    return folder


@pytest.fixture(scope="session")
def kaur_on_osm(kaur: Path, real_data: Path) -> kg.Inputs:
    """The shipped operation on the real OSM roads, read once."""
    return kg.read_inputs(kaur, roads=real_data / "roads.osm.pbf")


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
