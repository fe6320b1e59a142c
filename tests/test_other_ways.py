"""The other way to each TPS, against networkx; and a judge who knows when one is wrong, missing, or kept back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from kaur_gis.judge import judge
from kaur_gis.judge.apart import without_dead_ends
from kaur_gis.judge.ground import Straight
from kaur_gis.layers import OtherWays, checked_geo, empty
from kaur_gis.other_ways import other_ways
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.travel.network import Network
from kaur_gis.travel.second import OpenRoads, second_way
from kaur_gis.write.distribution import distribution
from kaur_gis.write.layers import write_geopackage
from tests.world import kode_tps, world

RING = """
    G---P---A---C
        |   |
        B---+-----E   F
"""
A, B, C, E, F = (kode_tps(letter) for letter in "ABCEF")


@cache
def made(*, schematic: bool = True) -> Plan:
    inputs = world(RING, tps={"P": 1, "A": 2})
    plan = make_plan(replace(inputs, roads=replace(inputs.roads, schematic=schematic)))
    assert plan.broken == ()
    return plan


def changed(row: str, **cells: Any) -> Plan:
    plan = made(schematic=False)
    ways = plan.other_ways.copy()
    for column, value in cells.items():
        values = ways[column].to_list()
        values[ways.index.get_loc(row)] = value
        if column == "geometry":
            ways = ways.set_geometry(gpd.GeoSeries(values, index=ways.index, crs=ways.crs))
        else:
            ways[column] = pd.Series(values, index=ways.index, dtype=ways[column].dtype)
    return replace(plan, other_ways=ways)


@pytest.mark.parametrize("schematic", [True, False])
def test_each_tps_has_its_other_way_or_is_told_that_there_is_none(schematic: bool) -> None:
    found = made(schematic=schematic).other_ways
    checked_geo(found, OtherWays)
    assert found.index.is_monotonic_increasing
    assert found["jalan"].to_dict() == {
        kode_tps("P"): "tanpa_jalan",
        A: "ada_lain",
        kode_tps("A", 2): "ada_lain",
        B: "ada_lain",
        C: "ada_lain",
        E: "ada_lain",
        F: "tidak_dilayani",
    }
    about = ["first_m", "metres", "shared_m"]
    assert found.loc[A, about].tolist() == [4000, 8000, 0]
    assert found.loc[C, about].tolist() == [8000, 12000, 4000], "the road behind A is in both"
    assert found.loc[F, ["profile", "from_stop", "to_stop", "seconds"]].tolist() == ["", "", F, -1]
    assert set(found.loc[found["jalan"] == "ada_lain", "from_stop"]) == {"PPK-1"}


def test_where_one_road_leads_there_is_no_other_way() -> None:
    plan = make_plan(world("G---P---A---C"))
    assert set(plan.other_ways["jalan"]) == {"satu_jalan"}
    assert (plan.other_ways[["seconds", "metres", "shared_m"]] == -1).all(axis=None)
    assert plan.other_ways.geometry.is_empty.all()
    assert plan.broken == ()


def test_no_way_shares_less_by_networkx() -> None:
    plan = made()
    edges, nodes = plan.inputs.roads.edges, plan.inputs.roads.nodes
    graph = nx.DiGraph()
    for row in edges.itertuples():
        graph.add_edge(row.u, row.v, metres=row.metres)
    at = {kode: node for node, kode in nodes["kode_desa"].items() if kode}
    for kode, row in plan.other_ways[plan.other_ways["jalan"] == "ada_lain"].iterrows():
        target = at[plan.tps.loc[kode, "kode_desa"]]
        start = at[plan.inputs.tempat.loc[row["from_stop"], "kode_desa"]]
        first = nx.dijkstra_path(graph, start, target, weight="metres")
        taken = {frozenset(pair) for pair in pairwise(first)}
        shared = min(
            sum(graph.edges[pair]["metres"] for pair in pairwise(way) if frozenset(pair) in taken)
            for way in nx.all_simple_paths(graph, start, target)
        )
        assert row["shared_m"] == shared, kode
        assert row["first_m"] == nx.dijkstra_path_length(graph, start, target, weight="metres")


LINE = shapely.LineString([(103.3, -4.6), (103.31, -4.6)])
NONE = {"jalan": "satu_jalan", "seconds": -1, "metres": -1, "shared_m": -1, "geometry": shapely.LineString()}
WRONG: dict[str, Callable[[], Plan]] = {
    "no rows at all": lambda: replace(made(), other_ways=empty(OtherWays)),
    "a TPS without a row": lambda: replace(made(), other_ways=made().other_ways.drop(index=A)),
    "another vehicle": lambda: changed(A, profile="boat"),
    "another base": lambda: changed(A, from_stop="GUDANG-1"),
    "a first way that is too quick": lambda: changed(A, first_s=1),
    "a way where nobody goes": lambda: changed(F, jalan="ada_lain"),
    "a way where none is needed": lambda: changed(kode_tps("P"), jalan="satu_jalan"),
    "no way but numbers": lambda: changed(A, jalan="satu_jalan"),
    "a way without a line": lambda: changed(A, geometry=shapely.LineString()),
    "an other way that is quicker than the quickest": lambda: changed(A, seconds=1),
    "a line elsewhere": lambda: changed(A, geometry=LINE),
    "a line as the crow flies": lambda: changed(A, geometry=crow()),
    "metres that the line does not have": lambda: changed(A, metres=9000),
    "more in common than must be": lambda: changed(C, shared_m=4100),
    "less in common than there is": lambda: changed(C, shared_m=3000),
    "a way that is kept back": lambda: changed(A, **NONE),
}


def crow() -> shapely.LineString:
    xy = shapely.get_coordinates(made(schematic=False).other_ways.loc[E, "geometry"])
    return shapely.LineString([xy[0], xy[-1]])


@pytest.mark.parametrize("plan", WRONG.values(), ids=WRONG)
def test_a_wrong_other_way_breaks_its_promise(plan: Callable[[], Plan]) -> None:
    assert {problem.what for problem in judge(plan())} == {"promise_other_ways"}


def test_any_order_of_rows_keeps_the_promise() -> None:
    plan = made(schematic=False)
    assert judge(replace(plan, other_ways=plan.other_ways.iloc[::-1])) == ()


def test_legs_off_the_roads_leave_their_ways_unjudged_and_are_told_themselves() -> None:
    plan = made(schematic=False)
    moved = plan.legs.geometry.map(lambda line: shapely.transform(line, lambda xy: xy + np.array([0.003, 0.003])))
    found = {problem.what for problem in judge(replace(plan, legs=plan.legs.set_geometry(moved)))}
    assert {"promise_roads"} <= found
    assert "promise_other_ways" not in found


def test_a_way_that_has_been_closed_since_is_told_as_none() -> None:
    plan = made(schematic=False)
    travel = {
        key: replace(
            times,
            **{
                name: np.where(times.stops.to_numpy()[None, :] == A, -1, cells)
                * (1 - np.eye(len(times.stops), dtype=np.int64))
                for name, cells in (("seconds", times.seconds), ("lengths", times.metres))
            },
        )
        for key, times in plan.travel.items()
    }
    closed = replace(plan, travel=travel)
    found = other_ways(closed.inputs, closed.tps, travel, closed.trips, closed.loads)
    assert found.loc[A, ["jalan", "first_s", "seconds"]].tolist() == ["satu_jalan", -1, -1]
    told = judge(replace(closed, other_ways=found))
    assert "promise_other_ways" not in {problem.what for problem in told}


def test_the_workbook_and_the_package_show_other_ways(tmp_path: Any) -> None:
    plan = made()
    sheet = next(table for table in distribution(plan, "id") if table.file == "jalan_lain")
    rows = sheet.frame.set_index("kode_tps")
    assert rows.loc[A, ["jalan", "first_m", "other_m", "other_minutes"]].tolist()[:3] == [
        "ada jalan lain", 4000, 8000,
    ]  # fmt: skip
    assert rows.loc[F, "jalan"] == "tidak dilayani"
    assert pd.isna(rows.loc[F, "other_m"])
    none = replace(plan, other_ways=empty(OtherWays))
    assert "jalan_lain" not in {table.file for table in distribution(none, "en")}
    shown = gpd.read_file(write_geopackage(plan, tmp_path / "layers.gpkg"), layer="other_ways").set_index("kode_tps")
    assert shown.loc[A, "geometry"].length > 0
    assert shown.loc[F, "geometry"] is None


def test_a_road_that_is_gone_from_the_layers_leaves_the_way_to_the_promise_of_roads() -> None:
    plan = make_plan(world("G---P---A---C"))
    edges = plan.inputs.roads.edges
    at = {kode: node for node, kode in plan.inputs.roads.nodes["kode_desa"].items() if kode}
    ends = {at[plan.tps.loc[A, "kode_desa"]], at[plan.inputs.tempat.loc["PPK-1", "kode_desa"]]}
    left = edges[[{u, v} != ends for u, v in zip(edges["u"], edges["v"], strict=True)]]
    assert len(left) == len(edges) - 2
    torn = replace(plan, inputs=replace(plan.inputs, roads=replace(plan.inputs.roads, edges=left)))
    found = {problem.what for problem in judge(torn)}
    assert "promise_roads" in found
    assert "promise_other_ways" not in found


@pytest.mark.parametrize("barred", [False, True])
def test_where_the_roads_do_not_meet_there_is_no_second_way(barred: bool) -> None:
    network = Network.of(world("G---P   A---C").roads)
    weight = np.full(len(network.tail), -1 if barred else 1000, dtype=np.int64)
    apart = [(node, 0, (0, 0.0, 0.0)) for node in (0, network.n_nodes - 1)]
    assert second_way(OpenRoads.of(network, weight), [(0, 0.0, 1.0)], apart[:1], apart[1:]) is None


def test_the_judge_searches_no_road_that_leads_nowhere() -> None:
    roads = [(0, 1), (1, 2), (1, 3), (3, 4), (2, 5), (5, 6), (6, 2)]  # beyond 3 is nothing; 5 and 6 are a loop
    table = np.array([(a, b, n, 1.0, 1.0) for n, (u, v) in enumerate(roads) for a, b in ((u, v), (v, u))])
    left = without_dead_ends(table, 7, [0, 2])
    assert {tuple(sorted(pair)) for pair in left[:, :2].astype(int).tolist()} == {
        (0, 1),
        (1, 2),
        (2, 5),
        (5, 6),
        (2, 6),
    }


def test_a_straight_piece_is_looked_up_with_all_lines_it_is_of() -> None:
    lines = np.array([shapely.LineString(at) for at in ([(0, 0), (1, 1), (2, 0)], [(2, 0), (1, 1)])], dtype=object)
    straight = Straight.of(lines)
    number = straight.find(np.array([[1.0, 1.0, 2.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 2.0, 0.0]]))
    place, line = straight.lines_of(number)
    assert list(zip(place.tolist(), line.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]
    assert number[2] == -1
    assert Straight.of(lines[:0]).find(straight.pieces).tolist() == [-1, -1]
