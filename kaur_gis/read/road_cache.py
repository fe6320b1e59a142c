"""Roads that were read once, kept in their checked form with their order: the next plan need not read them again.

They are kept in the user's cache, or in the folder that the environment names (`KAUR_GIS_CACHE`); where it names none,
by an empty value, nothing is kept. A kept file is found by the bytes of the road file
and everything else that decides what becomes of it, so it can't be taken for that of another file, operation or
version; what is damaged, or no file of ours, is passed over and written anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pandera.geopandas import GeoDataFrameModel
from platformdirs import user_cache_path

from kaur_gis.config import Operation
from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS, RoadEdges, RoadNodes, empty
from kaur_gis.problems import Problem
from kaur_gis.read.road_order import N_CELLS, ordered

SETTING = "KAUR_GIS_CACHE"
MAGIC = b"kaur_gis roads 3\n"
DIGEST = 32
MAX_BYTES = 1 << 30
MAX_FILES = 20  # kept at once: the oldest go
NUMBER = "<u4"
Kept = tuple[Roads, tuple[Problem, ...]]


def place_of(data: bytes, name: str, operation: Operation, kecamatan: gpd.GeoDataFrame) -> Path | None:
    """Find where the roads of a file would be kept.

    Parameters
    ----------
    data : bytes
        The road file.
    name : str
        As the operation or the command line gives it; stands in what is told of it.
    operation : Operation
    kecamatan : GeoDataFrame
        Layer `Kecamatan`.

    Returns
    -------
    Path or None
        None where the environment says that nothing is kept.
    """
    folder = os.environ.get(SETTING, str(user_cache_path("kaur_gis", appauthor=False))).strip()
    if not folder:
        return None
    ours = sorted(Path(__file__).parent.glob("*osm*.py"))  # another way of reading is another file
    parts: Iterable[bytes] = (
        version("kaur_gis").encode(),
        *(path.read_bytes() for path in ours),
        data,
        name.encode(),
        operation.roads.model_dump_json().encode(),
        operation.region.model_dump_json().encode(),
        "\n".join(f"{kode} {nama}" for kode, nama in kecamatan["nama"].items()).encode(),
        *shapely.to_wkb(kecamatan.geometry.to_numpy()),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())  # of one length each: no part runs over into the next
    return Path(folder) / f"roads-{digest.hexdigest()}.bin"


def kept_at(place: Path | None) -> Kept | None:
    """Take roads, and what was told of them, from where they are kept; None where there are none that are whole."""
    if place is None:
        return None
    try:
        with place.open("rb") as file:
            whole = file.read(MAX_BYTES + 1)
        body = whole[len(MAGIC) + DIGEST :]
        if len(whole) > MAX_BYTES or whole[: len(MAGIC) + DIGEST] != MAGIC + hashlib.sha256(body).digest():
            return None
        head, rest = body.split(b"\n", 1)
        said = json.loads(head)
        nodes, edges, order = (rest[begin:end] for begin, end in pairwise((0, *said["ends"], len(rest))))
        as_of = dt.date.fromisoformat(said["as_of"]) if said["as_of"] else None
        roads = Roads(_frame(nodes, RoadNodes), _frame(edges, RoadEdges), False, as_of, str(said["source"]))  # noqa: FBT003 - never schematic
        known = np.frombuffer(order, dtype=NUMBER).astype(np.int64).reshape(2, -1) if order else None
        if not _is_network(roads) or not (known is None or _is_order(known, len(roads.nodes))):
            return None
        return ordered(roads, known), tuple(Problem(**row) for row in said["problems"])
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, shapely.GEOSException):
        return None


def keep(place: Path | None, roads: Roads | None, problems: Iterable[Problem]) -> Roads | None:
    """Keep roads that were read, whole or not at all, and give them with the order that is kept with them.

    A folder that can't be written to is none.
    """
    if place is None or roads is None:
        return roads
    roads = ordered(roads)
    nodes, edges = _bytes(roads.nodes), _bytes(roads.edges)
    order = b"" if roads.order is None else np.stack([roads.order.rank, roads.order.cell]).astype(NUMBER).tobytes()
    said = {
        "ends": [len(nodes), len(nodes) + len(edges)],
        "as_of": roads.as_of.isoformat() if roads.as_of else "",
        "source": roads.source,
        "problems": [asdict(problem) | {"details": dict(problem.details)} for problem in problems],
    }
    body = json.dumps(said).encode() + b"\n" + nodes + edges + order
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=place.parent, prefix=".roads-")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(MAGIC + hashlib.sha256(body).digest() + body)
            Path(name).replace(place)
        finally:
            Path(name).unlink(missing_ok=True)
        for old in sorted(place.parent.glob("roads-*.bin"), key=lambda path: path.stat().st_mtime_ns)[:-MAX_FILES]:
            old.unlink()
    except OSError:
        pass
    return roads


def _bytes(layer: gpd.GeoDataFrame) -> bytes:
    into = BytesIO()
    frame = pd.DataFrame(layer.drop(columns="geometry")).assign(geometry=shapely.to_wkb(layer.geometry.to_numpy()))
    frame.to_parquet(into, index=True, compression="zstd")
    return into.getvalue()


@cache
def _kinds(layer: type[GeoDataFrameModel]) -> dict[str, str]:
    """Name the types of a layer's index and columns, in their order."""
    frame = empty(layer).drop(columns="geometry").reset_index()
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


def _frame(data: bytes, layer: type[GeoDataFrameModel]) -> gpd.GeoDataFrame:
    """Make a layer of its bytes.

    Raises
    ------
    ValueError
        Where its columns are not those of the layer, or their types.
    """
    frame = pq.ParquetFile(pa.BufferReader(data)).read().to_pandas()
    lines = shapely.from_wkb(frame.pop("geometry").to_numpy())
    if {str(name): str(kind) for name, kind in frame.reset_index().dtypes.items()} != _kinds(layer):
        msg = f"these are no {layer.__name__}"
        raise ValueError(msg)
    return gpd.GeoDataFrame(frame, geometry=lines, crs=CRS)


def _is_network(roads: Roads) -> bool:
    """Whether numbers name what there is: all else is as it was written, or the digest would not be right."""
    nodes, edges = roads.nodes, roads.edges
    numbers = edges[["u", "v", "twin"]].to_numpy()
    return bool(
        all(np.array_equal(layer.index, np.arange(len(layer))) for layer in (nodes, edges))
        and (numbers >= (0, 0, -1)).all()
        and (numbers < (len(nodes), len(nodes), len(edges))).all()
        and (edges["metres"] > 0).all()
        and (shapely.get_type_id(nodes.geometry.to_numpy()) == shapely.GeometryType.POINT).all()
        and (shapely.get_type_id(edges.geometry.to_numpy()) == shapely.GeometryType.LINESTRING).all()
    )


def _is_order(known: np.ndarray, n_nodes: int) -> bool:
    rank, cell = known
    return np.array_equal(np.sort(rank), np.arange(n_nodes)) and bool((cell < N_CELLS).all())
