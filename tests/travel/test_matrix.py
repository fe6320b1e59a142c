"""The matrix against networkx, on random networks with parallel arcs, loops, one-ways and stops anywhere."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from ascii_roads import SILENT, World, inputs, table
from hypothesis import given, settings
from hypothesis import strategies as st

from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS
from kaur_gis.problems import TravelError
from kaur_gis.travel import UNREACHABLE, TravelTimes, travel_times
from kaur_gis.travel.along import Along
from kaur_gis.travel.drive import _Drive, _Met
from kaur_gis.travel.matrix import FAR, LONG, plain_engine, trees, walked
from kaur_gis.travel.network import Network
from kaur_gis.travel.skeleton import Skeleton
from kaur_gis.travel.snap import Snapped

Arc = tuple[int, int, int, bool]


def network_of(n_nodes: int, arcs: list[Arc]) -> tuple[Network, np.ndarray]:
    """Make a network of (from, to, cost, both ways), and the cost of each arc; lengths are another number."""
    rows = []
    for u, v, cost, both in arcs:
        at = len(rows)
        rows.append((u, v, at + 1 if both else -1, cost))
        if both:
            rows.append((v, u, at, cost))
    frame = pd.DataFrame(rows, columns=["u", "v", "twin", "cost"])
    ends = zip(frame["u"], frame["v"], strict=True)
    lines = [shapely.LineString([(103 + u / 100, -4), (103 + v / 100, -4.01)]) for u, v in ends]
    edges = gpd.GeoDataFrame(frame[["u", "v", "twin"]].assign(**SILENT), geometry=lines, crs=CRS)
    edges["metres"] = (frame["cost"] * 7919 % 1000 + 1).astype(float)
    points = [shapely.Point(103 + n / 100, -4) for n in range(n_nodes)]
    nodes = gpd.GeoDataFrame({"label": "", "kode_desa": ""}, geometry=points, crs=CRS, index=range(n_nodes))
    return Network.of(Roads(nodes, edges, schematic=False, as_of=None, source="")), frame["cost"].to_numpy(
        np.int64
    ).copy()


@st.composite
def cases(draw: st.DrawFn) -> tuple[Network, np.ndarray, Snapped]:
    """Draw a network with costs (some arcs barred) and stops at nodes, on arcs, or nowhere."""
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    arcs = draw(st.lists(st.tuples(node, node, st.integers(1, 50), st.booleans()), min_size=1, max_size=16))
    network, cost = network_of(n, arcs)
    barred = draw(st.lists(st.integers(0, len(cost) - 1), max_size=3))
    cost[barred] = -1
    lines = np.flatnonzero(network.lines)
    on_node = st.tuples(node, st.just(-1), st.just(0.0))
    on_line = st.tuples(st.just(-1), st.sampled_from(lines.tolist()), st.integers(1, 19).map(lambda part: part / 20))
    stops = draw(st.lists(st.one_of(on_node, on_line), min_size=1, max_size=6))
    columns = list(zip(*stops, strict=True))
    zero = np.zeros(len(stops))
    return network, cost, Snapped(
        node=np.array(columns[0], dtype=np.int64),
        edge=np.array(columns[1], dtype=np.int64),
        share=np.array(columns[2]),
        snap_m=zero,
        carry_m=zero,
        points=np.zeros((len(stops), 2)),
    )  # fmt: skip


def cut_graph(network: Network, cost: np.ndarray, snapped: Snapped) -> nx.DiGraph:
    """Cut every line at its stops, the plain way: one node for each stop, one arc for each part."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.n_nodes))

    def add(u: object, v: object, weight: int) -> None:
        if not graph.has_edge(u, v) or graph[u][v]["weight"] > weight:
            graph.add_edge(u, v, weight=weight)

    for arc in range(len(cost)):
        if cost[arc] < 0:
            continue
        line = arc if network.lines[arc] else int(network.twin[arc])
        on_it = []
        for stop in np.flatnonzero(snapped.edge == line):
            done = int(np.rint(cost[arc] * snapped.share[stop]))
            share = float(snapped.share[stop])
            on_it.append((done, share, f"s{stop}") if arc == line else (int(cost[arc]) - done, -share, f"s{stop}"))
        at, along, place = 0, math.nan, int(network.tail[arc])
        for where, share, name in sorted(on_it):
            add(place, name, where - at)
            if share == along:  # two stops at one point
                add(name, place, 0)
            at, along, place = where, share, name
        add(place, int(network.head[arc]), int(cost[arc]) - at)
    for stop, node in enumerate(snapped.node):
        if node >= 0:
            add(f"s{stop}", int(node), 0)
            add(int(node), f"s{stop}", 0)
    graph.add_nodes_from(f"s{stop}" for stop in range(len(snapped.node)))
    return graph


def along(network: Network) -> Along:
    return Along(network, np.zeros(len(network.tail), dtype=np.int64), shapely.box(102, -5, 104, -3))


@given(case=cases())
@settings(max_examples=120, deadline=None)
def test_every_cell_equals_networkx_on_the_network_cut_at_the_stops(case: tuple[Network, np.ndarray, Snapped]) -> None:
    network, cost, snapped = case
    found = _Drive.of(_Met.of(along(network), snapped), cost, plain_engine)
    graph = cut_graph(network, cost, snapped)
    for a in range(len(snapped.node)):
        lengths = nx.single_source_dijkstra_path_length(graph, f"s{a}")
        for b in range(len(snapped.node)):
            if a != b:
                assert min(found.ms[a, b], FAR) == lengths.get(f"s{b}", FAR)


@given(case=cases())
@settings(max_examples=80, deadline=None)
def test_the_parts_of_every_drive_add_up_to_its_cell(case: tuple[Network, np.ndarray, Snapped]) -> None:
    network, cost, snapped = case
    found = _Drive.of(_Met.of(along(network), snapped), cost, plain_engine)
    for a, b in zip(*np.nonzero(found.ms < FAR), strict=True):
        if a == b:
            continue
        parts = found.parts(int(a), int(b))
        assert all(cost[arc] > 0 and 0 <= start <= end <= 1 for arc, start, end in parts)
        ends = [(network.tail[arc], network.head[arc]) for arc, _, _ in parts]
        assert all(one[1] == other[0] for one, other in itertools.pairwise(ends)), "one goes on where one was"
        ms = sum(cost[arc] * (end - start) for arc, start, end in parts)
        mm = sum(network.mm[arc] * (end - start) for arc, start, end in parts)
        # Either end is rounded by half a unit at most; the sum of parts carries what floating point adds.
        assert abs(ms - found.ms[a, b]) <= 1 + 1e-9
        assert abs(mm - found.mm[a, b]) <= 1 + 1e-9


@st.composite
def stops_of_rows(draw: st.DrawFn) -> tuple[Network, np.ndarray, np.ndarray]:
    """Draw a network with long rows of roads, costs with many ties, some barred; and the nodes at which one stops."""
    arcs, n = [], draw(st.integers(1, 4))
    for _ in range(draw(st.integers(1, 7))):
        ends = [draw(st.integers(0, n - 1)) for _ in range(2)]
        row = [ends[0], *range(n, n + draw(st.integers(0, 3))), *ends[1 : draw(st.integers(1, 2))]]
        n = max(n, *(node + 1 for node in row))
        for u, v in itertools.pairwise(row):
            forth = draw(st.booleans())
            arcs.append((*((u, v) if forth else (v, u)), draw(st.integers(1, 3)), draw(st.integers(0, 3)) > 0))
    network, cost = network_of(n, draw(st.permutations(arcs)))
    cost[[arc for arc in draw(st.lists(st.integers(0, 30), max_size=2)) if arc < len(cost)]] = -1
    return network, cost, np.array(draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4, unique=True)))


def first_drive(network: Network, cost: np.ndarray, source: int) -> dict[int, list[int]]:
    """Arcs to every node as networkx times them; of arcs that are as quick the one of the lowest number."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    for arc in np.flatnonzero(cost >= 0).tolist():
        u, v, old = int(network.tail[arc]), int(network.head[arc]), graph.edges
        graph.add_edge(u, v, weight=min(int(cost[arc]), old[u, v]["weight"] if (u, v) in old else FAR))
    ms = nx.single_source_dijkstra_path_length(graph, source)
    drives: dict[int, list[int]] = {source: []}
    for node in sorted(ms.keys() - {source}, key=ms.__getitem__):
        into = [arc for arc in np.flatnonzero((network.head == node) & (cost >= 0)).tolist() if network.tail[arc] in ms]
        arc = next(arc for arc in into if ms[int(network.tail[arc])] + cost[arc] == ms[node])
        drives[node] = [*drives[int(network.tail[arc])], arc]
    return drives


@given(case=stops_of_rows(), unit=st.sampled_from([1, LONG]))
@settings(max_examples=60, deadline=None)
def test_drives_on_the_skeleton_are_the_first_of_the_quickest_on_all_roads(
    case: tuple[Network, np.ndarray, np.ndarray], unit: int
) -> None:
    network, cost, stops = case
    cost = cost * unit
    skeleton = Skeleton.of(network, stops)
    found = trees(skeleton, cost, stops, plain_engine)
    for number, source in enumerate(stops.tolist()):
        drives = first_drive(network, cost, source)
        for place, node in enumerate(skeleton.nodes.tolist()):
            if node not in drives:
                assert (found.ms[number, place], found.row[number, place], found.mm[number, place]) == (FAR, -1, 0)
                continue
            arcs = walked(skeleton, found.row[number], place)
            assert arcs == drives[node]
            assert cost[arcs].sum() == found.ms[number, place]
            assert network.mm[arcs].sum() == found.mm[number, place]


@given(case=stops_of_rows())
@settings(max_examples=25, deadline=None)
def test_a_skeleton_keeps_stops_and_junctions_and_nothing_that_is_only_passed(
    case: tuple[Network, np.ndarray, np.ndarray],
) -> None:
    network, _, stops = case
    skeleton = Skeleton.of(network, stops)
    assert set(stops.tolist()) <= set(skeleton.nodes.tolist())
    graph = nx.MultiGraph((int(network.tail[arc]), int(network.head[arc])) for arc in np.flatnonzero(network.lines))
    graph.add_nodes_from(stops.tolist())
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    needed = set(stops.tolist())
    while ends := [node for node in graph if graph.degree(node) == 1 and node not in needed]:
        graph.remove_nodes_from(ends)
    assert set(skeleton.nodes.tolist()) == needed | {node for node in graph if graph.degree(node) > 2}


def test_drives_do_not_depend_on_the_size_of_the_pieces_they_are_searched_in(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("A---B---C\n|   |   |\nD---E---F")
    stops = world.stops("A", "B", "F")
    whole = travel_times(inputs(world.roads()), stops)
    monkeypatch.setattr("kaur_gis.travel.matrix.CHUNK_CELLS", 1)
    monkeypatch.setattr("kaur_gis.travel.matrix.CACHED_CELLS", 1)
    piecewise = travel_times(inputs(world.roads()), stops)
    for key, times in whole.items():
        assert (times.seconds == piecewise[key].seconds).all()
        assert (times.metres == piecewise[key].metres).all()


def test_of_equally_quick_arcs_the_first_is_driven_whatever_the_engine() -> None:
    network, cost = network_of(2, [(0, 1, 5, False), (0, 1, 5, False)])
    skeleton = Skeleton.of(network, np.array([0, 1]))
    found = trees(skeleton, cost, np.array([0]), plain_engine)
    assert walked(skeleton, found.row[0], 1) == [0]
    two_rows, cost = network_of(4, [(0, 2, 5, False), (0, 3, 5, False), (3, 1, 5, False), (2, 1, 5, False)])
    skeleton = Skeleton.of(two_rows, np.array([0, 1]))
    found = trees(skeleton, cost, np.array([0]), plain_engine)
    assert walked(skeleton, found.row[0], 1) == [1, 2], "it arrives by the lower number"


def test_times_too_long_to_be_exact_are_refused() -> None:
    network, cost = network_of(2, [(0, 1, 5, False)])
    with pytest.raises(TravelError, match="too long"):
        plain_engine(network, cost * FAR, np.array([0]), np.array([1]))


def good() -> TravelTimes:
    """Make a matrix of two stops that keeps every rule."""
    square, no_time = np.array([[0, 5], [UNREACHABLE, 0]]), np.zeros(2, dtype=np.int64)
    return TravelTimes("m", "kering", pd.Index(["a", "b"]), square, square.copy(), np.zeros(2), np.zeros(2), no_time)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"seconds": np.zeros((2, 2))}, "int64"),
        ({"seconds": np.zeros((2, 3), dtype=np.int64)}, "shape"),
        ({"lengths": np.array([[0, -2], [UNREACHABLE, 0]])}, "negative"),
        ({"carry_s": np.array([0, -1])}, "negative"),
        ({"snap_m": np.array([0.0, math.nan])}, "snap_m"),
        ({"snap_m": np.zeros(3)}, "snap_m"),
        ({"carry_m": np.array([0.0, -1.0])}, "carry_m"),
        ({"seconds": np.array([[0, 5], [UNREACHABLE, 1]])}, "from itself"),
        ({"lengths": np.array([[3, 5], [UNREACHABLE, 0]])}, "from itself"),
        ({"lengths": np.array([[0, UNREACHABLE], [UNREACHABLE, 0]])}, "together"),
    ],
)
def test_a_matrix_that_breaks_a_rule_is_refused(broken: dict[str, object], says: str) -> None:
    assert replace(good()).UNREACHABLE == UNREACHABLE == -1
    with pytest.raises(TravelError, match=says):
        replace(good(), **broken)


@pytest.mark.parametrize(
    "broken",
    [{"u": 99}, {"v": 99}, {"twin": 99}, {"twin": 0}, {"twin": 2}],
)
def test_a_network_whose_edges_do_not_fit_is_refused(broken: dict[str, int]) -> None:
    roads = World("A---B---C").roads()
    for column, value in broken.items():
        roads.edges.loc[0, column] = value
    with pytest.raises(TravelError, match="road edge"):
        travel_times(inputs(roads), World("A---B---C").stops("A", "B"))


def test_every_vehicle_of_the_fleet_and_the_guards_has_its_own_times() -> None:
    world = World("A->-B\n|   |\nC---D")
    times = travel_times(inputs(world.roads(), table(a={}, b={"kmh": {}})), world.stops("A", "B"))
    assert times["a", "kering"].seconds[0, 1] == 40
    assert times["b", "kering"].seconds[0, 1] == UNREACHABLE, "a vehicle without any class drives nowhere"
