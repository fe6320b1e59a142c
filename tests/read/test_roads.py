"""The schematic tables, and which source is read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from kaur_gis.catalogue import say
from kaur_gis.config import Operation, as_frozen
from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS
from kaur_gis.problems import Problem
from kaur_gis.read.roads import read_roads

KECAMATAN = gpd.GeoDataFrame(
    {"nama": ["Barat", "Timur"]},
    index=["17.04.01", "17.04.02"],
    geometry=[box(103.29, -4.61, 103.30, -4.59), box(103.30, -4.61, 103.31, -4.59)],
    crs=CRS,
)
NODES = """id,kind,lat,lon,kode_desa
A,desa,-4.60,103.30,17.04.01.2001
B,simpang,-4.60,103.31,
C,desa,-4.59,103.31,17.04.01.2002 17.04.01.2003
"""
EDGES = "from_id,to_id,km,highway,bridges\nC,B,1.5,tertiary,0\nA,B,1.25,trunk,2\n"


def operation(kaur: Path, **roads: object) -> Operation:
    """The shipped operation with other roads."""
    raw = as_frozen(tomllib.loads(kaur.read_text(encoding="utf-8")))
    raw["roads"] |= roads
    return Operation.model_validate(raw)


def read(kaur: Path, folder: Path, nodes: str = NODES, edges: str = EDGES) -> tuple[Roads | None, list[Problem]]:
    (folder / "titik.csv").write_text(nodes, encoding="utf-8")
    (folder / "ruas.csv").write_text(edges, encoding="utf-8")
    problems: list[Problem] = []
    source = operation(kaur, nodes="titik.csv", edges="ruas.csv")
    return read_roads(source, folder, None, KECAMATAN, problems, {}), problems


def test_every_link_becomes_two_twin_edges_with_its_own_metres(kaur: Path, tmp_path: Path) -> None:
    roads, problems = read(kaur, tmp_path)
    assert roads is not None
    assert not problems
    assert list(roads.nodes["label"]) == ["A", "B", "C"]
    assert list(roads.nodes["kode_desa"]) == ["17.04.01.2001", "", "17.04.01.2002 17.04.01.2003"]
    assert roads.edges[["u", "v", "twin"]].to_numpy().tolist() == [[0, 1, 1], [1, 0, 0], [1, 2, 3], [2, 1, 2]]
    assert roads.edges["metres"].tolist() == [1250.0, 1250.0, 1500.0, 1500.0]
    assert roads.edges["bridges"].tolist() == [2, 2, 0, 0]
    assert roads.edges.geometry.iloc[1].coords[0] == roads.nodes.geometry.iloc[1].coords[0]
    assert roads.schematic


def test_the_order_of_rows_does_not_matter(kaur: Path, tmp_path: Path) -> None:
    first, _ = read(kaur, tmp_path)
    turned = ["\n".join([text.splitlines()[0], *text.splitlines()[:0:-1]]) + "\n" for text in (NODES, EDGES)]
    second, _ = read(kaur, tmp_path, *turned)
    assert first is not None
    assert second is not None
    assert first.nodes.equals(second.nodes)
    assert first.edges.equals(second.edges)


@pytest.mark.parametrize(
    ("nodes", "edges", "what", "row"),
    [
        (NODES, EDGES + "A,X,1,trunk,0\n", "road_link_end", 4),
        (NODES, EDGES + "A,A,1,trunk,0\n", "road_link_loop", 4),
        (NODES, EDGES + "B,A,1,trunk,0\n", "road_link_twice", 4),
        (NODES + "D,desa,-4.6,103.3,17.04.01.2003\n", EDGES, "road_village_twice", 5),
        (NODES + "D,desa,-4.6,103.3,170401\n", EDGES, "code_pattern", 5),
        (NODES + "D,desa,103.3,-4.6,\n", EDGES, "number_range", 5),
        (NODES, EDGES + "A,C,0,trunk,0\n", "number_range", 4),
        (NODES, EDGES + "A,C,-3,trunk,0\n", "number_range", 4),
        (NODES, EDGES + "A,C,1,cycleway,0\n", "word", 4),
        (NODES, EDGES + "A,C,1,trunk,1.5\n", "fraction", 4),
        (NODES, EDGES.replace("km", "mil"), "column_missing", 1),
        (NODES, "", "file_empty", None),
    ],
)
def test_a_fault_in_the_tables_is_one_problem_with_its_line(
    kaur: Path, tmp_path: Path, nodes: str, edges: str, what: str, row: int | None
) -> None:
    roads, problems = read(kaur, tmp_path, nodes, edges)
    assert roads is None
    found = [problem for problem in problems if problem.what == what]
    assert found
    assert found[0].row == row
    for problem in problems:
        for key in (problem.what, f"{problem.what}_hint"):
            values = {"file": problem.file, "row": problem.row, "column": problem.column, "value": problem.value}
            assert say(f"problem.{key}", "id", **(values | dict(problem.details)))


def test_the_shipped_network_is_whole(kaur: Path) -> None:
    problems: list[Problem] = []
    sha256: dict[str, str] = {}
    roads = read_roads(operation(kaur), kaur.parent, None, KECAMATAN, problems, sha256)
    assert roads is not None
    assert not problems
    assert len(roads.nodes) == 291
    assert len(roads.edges) == 2 * 325
    assert sorted(sha256) == ["jalan_ruas.csv", "jalan_titik.csv"]
    assert sum(len(kodes.split()) for kodes in roads.nodes["kode_desa"]) == 195
    twins = roads.edges.loc[roads.edges["twin"]]
    assert (twins["u"].to_numpy() == roads.edges["v"].to_numpy()).all()
    assert np.isclose(roads.edges["metres"].sum() / 2, 398_740)
