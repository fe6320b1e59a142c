"""Cells and gates: whatever the cells, every time is that of a search."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matrix import cases, network_of

from kaur_gis.travel import cells
from kaur_gis.travel.cells import NEVER, Ask, Cells, Times, by_way_of
from kaur_gis.travel.matrix import FAR, plain_engine
from kaur_gis.travel.network import Network
from kaur_gis.travel.snap import Snapped


def searching(network: Network, cost: np.ndarray, asked: list[int] | None = None) -> Ask:
    """Search as scipy does; notes how many times were asked for."""

    def ask(sources: Times, targets: Times) -> Times:
        if asked is not None:
            asked.append(len(sources) * len(targets))
        found = plain_engine(network, cost, sources.astype(np.int64), targets.astype(np.int64))
        return np.where(found == FAR, NEVER, found).astype(np.uint32)

    return ask


@given(case=cases(), data=st.data())
@settings(max_examples=35, deadline=None)
def test_whatever_the_cells_every_time_is_that_of_a_search(
    case: tuple[Network, np.ndarray, Snapped], data: st.DataObject
) -> None:
    network, cost, _ = case
    n = network.n_nodes
    several = st.lists(st.integers(0, n - 1), min_size=n, max_size=2 * n)  # more than there are gates, as a rule
    cell, sources, targets = (
        np.array(data.draw(one)) for one in (st.lists(st.integers(0, 3), min_size=n, max_size=n), several, several)
    )
    ask = searching(network, cost)
    found = Cells.of(network.tail, network.head, cell).times(ask, sources.astype(np.uint32), targets.astype(np.uint32))
    assert found.dtype == np.uint32
    assert (found == ask(sources, targets)).all()


def test_of_two_rings_that_one_bridge_joins_only_each_and_the_bridge_are_searched() -> None:
    rings = [(side + at, side + (at + 1) % 8, 1 + at, True) for side in (0, 8) for at in range(8)]
    network, cost = network_of(16, [*rings, (3, 12, 5, True)])
    two = Cells.of(network.tail, network.head, np.arange(16) // 8)
    assert two.gates.tolist() == [3]
    assert [places.tolist() for places in two.of_cell] == [[0], [0]]
    asked: list[int] = []
    nodes = np.arange(16, dtype=np.uint32)
    found = two.times(searching(network, cost, asked), nodes, nodes)
    assert asked == [1, 81, 81]
    assert (found == searching(network, cost)(nodes, nodes)).all()


def test_between_cells_that_nothing_joins_there_is_no_way() -> None:
    network, cost = network_of(6, [(0, 1, 3, True), (1, 2, 3, True), (3, 4, 3, True)])
    cell = np.array([0, 0, 1, 2, 2, 2])
    nodes = np.tile(np.arange(6, dtype=np.uint32), 2)
    found = Cells.of(network.tail, network.head, cell).times(searching(network, cost), nodes, nodes)
    assert found[0, 2] == 6
    assert (found[0, 3:6] == NEVER).all()
    assert (found[5, :5] == NEVER).all(), "a node without roads"


def test_ways_by_nodes_that_can_not_be_reached_do_not_run_over_and_the_pieces_do_not_matter(monkeypatch) -> None:
    there = np.array([[NEVER, 4], [NEVER, NEVER], [0, NEVER - 1]], dtype=np.uint32)
    onward = np.array([[NEVER, 7], [NEVER, 5]], dtype=np.uint32)
    expected = [[NEVER, 9], [NEVER, NEVER], [NEVER, 7]]
    assert by_way_of(there, onward).tolist() == expected
    monkeypatch.setattr(cells, "CACHED_CELLS", 1)
    assert by_way_of(there, onward).tolist() == expected
    assert by_way_of(there[:, :0], onward[:0]).tolist() == [[NEVER, NEVER]] * 3
