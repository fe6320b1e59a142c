"""Contraction hierarchies against scipy and networkx: every cell, every closure."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from ascii_roads import World, inputs
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matrix import cases, network_of

import kaur_gis as kg
from kaur_gis.inputs import Roads
from kaur_gis.read import road_order
from kaur_gis.read.road_order import ordered
from kaur_gis.travel import hierarchy, travel_times
from kaur_gis.travel.hierarchy import NEVER, HierarchyEngine, best_engine, fits
from kaur_gis.travel.matrix import FAR, plain_engine
from kaur_gis.travel.network import Network
from kaur_gis.travel.snap import Snapped
from kaur_gis.travel.speeds import edge_kmh, edge_ms

Case = tuple[Network, np.ndarray, Snapped]


@given(case=cases())
@settings(max_examples=70, deadline=None)
def test_every_cell_equals_that_of_the_plain_engine(case: Case) -> None:
    network, cost, _ = case
    nodes = np.arange(network.n_nodes)
    assert (HierarchyEngine()(network, cost, nodes, nodes) == plain_engine(network, cost, nodes, nodes)).all()


@given(case=cases())
@settings(max_examples=70, deadline=None)
def test_the_order_of_roads_that_were_read_gives_the_same_cells(case: Case) -> None:
    network, cost, _ = case
    roads = ordered(Roads(network.nodes, network.edges, schematic=False, as_of=None, source=""))
    read = Network.of(roads)
    assert read.order is roads.order is not None
    assert sorted(read.order.rank) == list(range(network.n_nodes))
    assert set(read.order.cell) == {0}, "so small a network is one cell"
    nodes = np.arange(network.n_nodes)
    assert (HierarchyEngine()(read, cost, nodes, nodes) == plain_engine(network, cost, nodes, nodes)).all()


def test_an_order_is_not_used_for_other_roads() -> None:
    network, _ = network_of(4, [(0, 1, 3, True), (1, 2, 4, False), (2, 3, 5, True)])
    roads = ordered(Roads(network.nodes, network.edges, schematic=False, as_of=None, source=""))
    turned = network.edges.assign(u=network.edges["v"], v=network.edges["u"])
    more = network_of(5, [(0, 1, 3, True), (1, 2, 4, False), (2, 3, 5, True)])[0].nodes
    assert Network.of(replace(roads, edges=turned)).order is None
    assert Network.of(replace(roads, nodes=more)).order is None
    assert ordered(roads) is roads
    cut = ordered(replace(roads, edges=turned))
    assert Network.of(cut).order is cut.order is not None
    assert Network.of(replace(roads, edges=network.edges.assign(name="Jalan Lain"))).order is roads.order


def test_roads_without_the_wheels_or_with_an_end_nowhere_get_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    network, _ = network_of(2, [(0, 1, 3, True)])
    roads = Roads(network.nodes, network.edges, schematic=False, as_of=None, source="")
    assert ordered(replace(roads, edges=network.edges.assign(v=[1, 7]))).order is None
    assert ordered(replace(roads, nodes=network.nodes[:0], edges=network.edges[:0])).order is None
    monkeypatch.setattr(road_order, "find_spec", lambda _: None)
    assert ordered(roads).order is None


@given(case=cases(), data=st.data())
@settings(max_examples=35, deadline=None)
def test_closing_roads_is_a_customization_and_opening_them_again_undoes_it(case: Case, data: st.DataObject) -> None:
    network, cost, _ = case
    nodes = np.arange(network.n_nodes)
    arcs = np.array(sorted(data.draw(st.sets(st.integers(0, len(cost) - 1), min_size=1))))
    customized = HierarchyEngine().prepared(network).customized(cost)
    customized.change(arcs, np.full(len(arcs), -1))
    closed = cost.copy()
    closed[arcs] = -1
    assert (customized.times(nodes, nodes) == plain_engine(network, closed, nodes, nodes)).all()
    customized.change(arcs, cost[arcs])
    assert (customized.times(nodes, nodes) == plain_engine(network, cost, nodes, nodes)).all()


@given(case=cases())
@settings(max_examples=35, deadline=None)
def test_the_arcs_of_a_drive_lead_from_one_end_to_the_other_in_its_time(case: Case) -> None:
    network, cost, _ = case
    customized = HierarchyEngine().prepared(network).customized(cost)
    nodes = np.arange(network.n_nodes)
    times = customized.times(nodes, nodes)
    for source in nodes.tolist():
        for target in nodes.tolist():
            arcs = customized.arcs(source, target)
            if source == target or times[source, target] == FAR:
                assert arcs == []
                continue
            ends = [int(network.tail[arcs[0]]), *network.head[arcs].tolist()]
            assert (ends[0], ends[-1]) == (source, target)
            assert network.tail[arcs].tolist() == ends[:-1]
            assert cost[arcs].sum() == times[source, target]


def test_a_matrix_does_not_depend_on_the_blocks_it_is_asked_in(monkeypatch: pytest.MonkeyPatch) -> None:
    network, cost = network_of(4, [(0, 1, 3, True), (1, 2, 4, False), (2, 3, 5, True)])
    nodes = np.arange(4)
    whole = HierarchyEngine()(network, cost, nodes, nodes)
    monkeypatch.setattr(hierarchy, "BLOCK_TARGETS", 1)
    assert (HierarchyEngine()(network, cost, nodes, nodes) == whole).all()


def test_drives_that_routingkit_could_not_count_are_left_to_the_plain_engine() -> None:
    chain = [(at, at + 1, 1, True) for at in range(5)]
    network, cost = network_of(6, [*chain, (5, 0, 1, False)])
    nodes = np.arange(6)
    assert fits(network, cost)
    weak = cost * (NEVER // 5)
    assert not fits(network, weak)
    assert (HierarchyEngine()(network, weak, nodes, nodes) == plain_engine(network, weak, nodes, nodes)).all()
    strong = cost * (NEVER // 4)
    strong[-1] = 1
    assert not fits(network, strong)


def test_many_long_roads_are_no_long_drive() -> None:
    star = [(0, at, NEVER // 4, True) for at in range(1, 9)]
    network, cost = network_of(9, star)
    nodes = np.arange(9)
    assert cost[::2].sum() > NEVER
    assert fits(network, cost), "no drive is longer than to the hub and on"
    assert not fits(network, cost * 2)
    assert (HierarchyEngine()(network, cost, nodes, nodes) == plain_engine(network, cost, nodes, nodes)).all()


def test_a_network_is_prepared_once() -> None:
    engine = HierarchyEngine()
    network, cost = network_of(3, [(0, 1, 3, True), (1, 2, 4, True)])
    first = engine.prepared(network)
    assert engine(network, cost, np.array([0]), np.array([2])).tolist() == [[7]]
    assert engine(network, cost * 2, np.array([0]), np.array([2])).tolist() == [[14]]
    assert engine.prepared(network) is first


def test_where_the_wheel_is_missing_the_plain_engine_gives_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("A->-B\n|   |\nC---D")
    stops = world.stops("A", "B", p=(1, 0.2))
    assert isinstance(best_engine(), HierarchyEngine)
    quick = travel_times(inputs(world.roads()), stops)["mobil", "kering"]
    monkeypatch.setattr(hierarchy, "find_spec", lambda _: None)
    assert best_engine() is plain_engine
    plain = travel_times(inputs(world.roads()), stops)["mobil", "kering"]
    assert (quick.seconds == plain.seconds).all()
    assert (quick.metres == plain.metres).all()


@pytest.mark.real
def test_on_the_roads_of_kaur_every_cell_equals_scipy_and_networkx(kaur_on_osm: kg.Inputs) -> None:
    given_ = kaur_on_osm
    network = Network.of(given_.roads)
    engine, nodes = HierarchyEngine(), np.arange(network.n_nodes)
    for vehicle, weather in (("motor", "kering"), ("truk", "hujan_lebat")):
        kmh = edge_kmh(network.edges, given_.speeds.vehicles[vehicle], given_.speeds, weather)
        weight = edge_ms(network.mm, kmh)
        sources = nodes[:: network.n_nodes // 60]
        found = engine(network, weight, sources, nodes)
        assert (found == plain_engine(network, weight, sources, nodes)).all()
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(nodes.tolist())
        arcs = np.flatnonzero(weight >= 0)
        graph.add_weighted_edges_from(
            zip(network.tail[arcs].tolist(), network.head[arcs].tolist(), weight[arcs].tolist(), strict=True)
        )
        for row in range(0, len(sources), 6):
            lengths = nx.single_source_dijkstra_path_length(graph, int(sources[row]))
            assert found[row].tolist() == [lengths.get(node, FAR) for node in nodes.tolist()]
