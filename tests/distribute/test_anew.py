"""Which TPS ride together, chosen anew among all trips: against an oracle that tries every way to share clients out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations_with_replacement, pairwise, permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_problems import HOUR, can_be_driven, cheapest_orders, measure, problem, with_ends, work

from kaur_gis.distribute import anew, share
from kaur_gis.distribute.anew import chosen_anew
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.problem import Client, RoutingProblem, VehicleKind
from kaur_gis.distribute.schedule import Run, clients_of, cost_of, is_kept
from kaur_gis.distribute.share import all_dealt
from kaur_gis.grouping import Rounds, full_and_rests


def alike(given: RoutingProblem, load: int, *, releases: bool = True, end_s: int | None = None) -> RoutingProblem:
    """Let every client have as many boxes as any, and every vehicle take `load` of them."""
    kinds = tuple(replace(kind, capacity=(2 * load + 1, 10**6)) for kind in given.kinds)
    clients = tuple(
        replace(
            client,
            demand=(2, 100 + number),  # what they weigh differs, and does not matter
            release_s=client.release_s if releases else 0,
            deadline_s=end_s or client.deadline_s,
        )
        for number, client in enumerate(given.clients)
    )
    return replace(given, kinds=kinds, clients=clients, end_s=end_s or given.end_s)


def least_work(given: RoutingProblem, most: int) -> int:
    """Try every way to share all clients out among at most so many trips, each in its best order; the least work."""
    cheapest = cheapest_orders(given, 0)
    everyone = (1 << len(given.clients)) - 1
    best = {0: 0}
    least = None
    for _ in range(most):
        longer: dict[int, int] = {}
        for bits, total in best.items():
            for more, cost in cheapest.items():
                if not bits & more:
                    longer[bits | more] = min(longer.get(bits | more, total + cost), total + cost)
        best = longer
        if everyone in best:
            least = best[everyone] if least is None else min(least, best[everyone])
    assert least is not None
    return least


@settings(deadline=None)  # the oracle tries every order of every trip
@given(seed=st.integers(0, 10**6), n=st.integers(2, 7), load=st.integers(2, 4), shared=st.booleans())
def test_where_time_does_not_matter_no_sharing_out_is_cheaper(seed, n, load, shared):
    long = alike(problem(seed, n, count=1, max_trips=n, shared=shared), load, releases=False, end_s=60 * HOUR)
    runs = plain_solver(long)
    found = chosen_anew(long, runs)
    assert sum(work(long, run) for run in found) == least_work(long, len(runs[0].trips))


@settings(deadline=None)  # HiGHS is asked up to three times
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 9),
    load=st.integers(1, 7),
    count=st.integers(1, 3),
    kinds=st.integers(1, 2),
    ends=st.booleans(),
    priced=st.booleans(),
    shared=st.booleans(),
    large=st.booleans(),
)
def test_everybody_in_time_by_no_more_vehicles_and_never_worse(
    seed, n, load, count, kinds, ends, priced, shared, large
):
    tight = problem(seed, n, count=count, max_trips=3, kinds=kinds, shared=shared)
    tight = alike(with_ends(tight, seed, hours=ends, priced=priced) if ends else tight, load)
    runs = mended(tight, plain_solver(tight))
    with pytest.MonkeyPatch.context() as patched:
        if large:  # full loads, and what is left
            patched.setattr(anew, "FULL_LOAD", 1)
        found = chosen_anew(tight, runs)
    served = clients_of(found)
    assert len(set(served)) == len(served)
    assert len(served) >= len(clients_of(runs))
    assert Counter(run.kind for run in found) <= Counter(run.kind for run in runs)
    assert len(served) > len(clients_of(runs)) or sum(len(run.trips) for run in found) <= sum(
        len(run.trips) for run in runs
    )
    assert all(can_be_driven(tight, run) for run in found)
    assert measure(tight, found) <= measure(tight, runs)


@given(
    tps=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    size=st.integers(1, 5),
    legs=st.lists(st.integers(0, 99), min_size=20, max_size=20),
)
def test_full_loads_and_what_is_left_in_every_way_that_fits(tps, size, legs):
    n = len(tps)
    matrix, first = np.array(legs[:16]).reshape(4, 4)[:n, :n], np.array(legs[16:][:n])
    rounds = Rounds(matrix, np.array(tps), size, np.ones((n, n), dtype=bool), first_s=first)
    wanted = {((stop, size),): rounds.cost(((stop, size),)) for stop in range(n) if tps[stop] >= size}
    for order in (order for some in range(1, n + 1) for order in permutations(range(n), some)):
        group = tuple((stop, tps[stop] % size) for stop in order)
        if all(taken for _, taken in group) and sum(taken for _, taken in group) <= size:
            taken = tuple(sorted(group))
            wanted[taken] = min(wanted.get(taken, rounds.cost(group)), rounds.cost(group))
    found = full_and_rests(rounds)
    assert len(found) == len(wanted)
    assert {tuple(sorted(group)): cost for cost, group in found} == wanted
    assert all(rounds.cost(group) == cost for cost, group in found)


def on_arms(far: dict[int, list[int]], *, load: int, late: dict[int, int], end_s: int) -> RoutingProblem:
    """Make a base with arms, clients on each at so many seconds from it; two vehicles with `load` of them in each.

    Boxes of who is in `late`, by the order of clients, are there at that moment.
    """
    arm = np.array([0, *(number for number, at in far.items() for _ in at)])
    at = np.array([0, *(place for own in far.values() for place in own)])
    same = arm[:, None] == arm[None]
    seconds = np.where(same, abs(at[:, None] - at[None]), at[:, None] + at[None]).astype(np.int64)
    kind = VehicleKind(2, (load,), 9, tuple(range(len(at))), seconds, (0,) * len(at))
    clients = tuple(Client(place, (1,), 0, late.get(place - 1, 0), end_s, (0,)) for place in range(1, len(at)))
    return RoutingProblem((kind,), clients, start_s=0, end_s=end_s, loading_s=60)


def test_who_lies_on_one_road_rides_together_however_far_that_is_from_the_plan():
    given_problem = on_arms({1: [900, 1000], 2: [900, 1000], 3: [900, 1000]}, load=2, late={}, end_s=9 * HOUR)
    ring = (Run(0, ((0, 3), (2, 5), (4, 1))),)
    (run,) = chosen_anew(given_problem, ring)
    assert {frozenset(trip) for trip in run.trips} == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})}
    assert cost_of(given_problem, run) == 3 * (60 + 2 * 1000)
    assert chosen_anew(given_problem, (run,)) == (run,)


FAR = {1: [3000, 500], 2: [3000, 500], 3: [3000, 500]}
"""Whoever is far on an arm passes who is near."""
LATE = {1: 20_000, 3: 20_000, 5: 20_000}
"""Boxes of whoever is near are there so late that two vehicles, together, have the time for two far trips then."""


def test_trips_that_must_wait_are_no_more_than_the_vehicles_have_the_time_for():
    given_problem = on_arms(FAR, load=2, late=LATE, end_s=30_000)
    early = (Run(0, ((0,), (2,), (1, 3))), Run(0, ((4,), (5,))))
    assert all(is_kept(given_problem, run) for run in early)
    found = chosen_anew(given_problem, early)
    assert all(is_kept(given_problem, run) for run in found)
    assert sum(cost_of(given_problem, run) for run in found) == 3 * (60 + 6000) + (60 + 1000)


def test_where_no_choice_can_be_dealt_out_all_stays_as_it_was(monkeypatch):
    given_problem = on_arms(FAR, load=2, late=LATE, end_s=30_000)
    early = (Run(0, ((0,), (2,), (1, 3))), Run(0, ((4,), (5,))))
    monkeypatch.setattr(anew, "ASKED", 1)  # three far trips after 20,000 would be in time by their sum alone
    assert chosen_anew(given_problem, early) == early


@settings(deadline=None)  # the oracle tries every order
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 5),
    max_trips=st.integers(1, 5),
    vehicles=st.integers(1, 5),
    shared=st.booleans(),
)
def test_few_vehicles_take_all_trips_exactly_where_some_order_lets_them(seed, n, max_trips, vehicles, shared):
    given_problem = problem(seed, n, count=5, max_trips=max_trips, shared=shared)
    trips = [(client,) for client in range(n) if can_be_driven(given_problem, Run(0, ((client,),)))]
    assume(trips)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(share, "TRIES", 0)
        days = all_dealt(given_problem, 0, trips, vehicles)
    cuts = list(combinations_with_replacement(range(len(trips) + 1), vehicles - 1))
    ways = (
        [Run(0, order[a:b]) for a, b in pairwise([0, *cut, len(trips)])]
        for order in permutations(trips)
        for cut in cuts
    )
    assert (days is not None) == any(all(can_be_driven(given_problem, run) for run in own) for own in ways)
    if days is not None:
        assert len(days) <= vehicles
        assert all(can_be_driven(given_problem, run) for run in days)
        assert sorted(trip for run in days for trip in run.trips) == trips


def test_what_some_orders_do_not_find_every_order_does(monkeypatch):
    given_problem = on_arms(FAR, load=2, late=LATE, end_s=30_000)
    early = (Run(0, ((0,), (2,), (1, 3))), Run(0, ((4,), (5,))))
    monkeypatch.setattr(share, "TRIES", 0)
    assert chosen_anew(given_problem, early) != early
    monkeypatch.setattr(share, "EVERY_ORDER", {})
    assert chosen_anew(given_problem, early) == early


def test_prices_may_be_as_high_as_they_like():
    given_problem = with_ends(problem(7, 9, count=2, max_trips=3, shared=True), 7, hours=False, priced=True)
    (kind,) = given_problem.kinds
    dear = replace(kind, price=replace(kind.price, arcs=kind.price.arcs * 10**8))  # more than HiGHS takes
    given_problem = alike(replace(given_problem, kinds=(dear,)), 3, releases=False, end_s=60 * HOUR)
    runs = mended(given_problem, plain_solver(given_problem))
    assert measure(given_problem, chosen_anew(given_problem, runs)) <= measure(given_problem, runs)


@pytest.mark.parametrize("limits", [{"FULL_LOAD": 1, "RESTS": 5}, {"STOPS": 5}])
def test_what_is_too_much_to_list_is_left_alone(monkeypatch, limits):
    given_problem = on_arms(FAR, load=2, late={}, end_s=30_000)
    runs = (Run(0, ((0,), (1,), (2, 3), (4, 5))),)
    assert chosen_anew(given_problem, runs) != runs
    for name, most in limits.items():
        monkeypatch.setattr(anew, name, most)
    assert chosen_anew(given_problem, runs) == runs


def test_who_had_no_trip_gets_one_where_others_ride_another_way(monkeypatch):
    far = {1: [900, 1000], 2: [900, 1000]}
    crossed = (Run(0, ((0, 3),)),)
    for end_s, served in ((4200, {0, 1, 2, 3}), (4100, {0, 1, 2}), (3900, {0, 3})):  # both arms take 4120
        given_problem = on_arms(far, load=2, late={}, end_s=end_s)
        assert is_kept(given_problem, *crossed)
        assert chosen_anew(given_problem, crossed) == crossed  # only what is cheaper is listed of small loads
        with monkeypatch.context() as large:
            large.setattr(anew, "FULL_LOAD", 1)
            (run,) = chosen_anew(given_problem, crossed)
        assert set(clients_of([run])) == served
        assert is_kept(given_problem, run)


def test_where_not_all_can_ride_as_many_do_as_can(monkeypatch):
    monkeypatch.setattr(anew, "FULL_LOAD", 1)
    given_problem = on_arms({1: [900, 1000], 2: [900, 1000], 3: [900, 1000]}, load=2, late={}, end_s=4200)
    (run,) = chosen_anew(given_problem, (Run(0, ((0, 3),)),))
    assert len(clients_of([run])) == 4
    assert is_kept(given_problem, run)


def test_a_vehicle_stays_home_for_which_others_take_dearer_loads(monkeypatch):
    given_problem = on_arms({1: [1000, 1010], 2: [1000, 1010]}, load=2, late={}, end_s=8300)
    soon = tuple(
        replace(client, deadline_s=3100 if number % 2 == 0 else 8300)  # both who are near: one after the other is late
        for number, client in enumerate(given_problem.clients)
    )
    given_problem = replace(given_problem, clients=soon)
    runs = (Run(0, ((0, 1),)), Run(0, ((2, 3),)))
    assert all(is_kept(given_problem, run) for run in runs)
    assert chosen_anew(given_problem, runs) == runs
    monkeypatch.setattr(anew, "FULL_LOAD", 1)
    (run,) = chosen_anew(given_problem, runs)
    assert {frozenset(trip) for trip in run.trips} == {frozenset({0, 2}), frozenset({1, 3})}


def test_where_a_load_depends_on_who_rides_nothing_is_chosen():
    given_problem = on_arms(FAR, load=4, late={}, end_s=60_000)
    runs = (Run(0, ((0,), (1,), (2, 3), (4, 5))),)
    assert chosen_anew(given_problem, runs) != runs
    big = tuple(replace(client, demand=(1 + number % 2,)) for number, client in enumerate(given_problem.clients))
    assert chosen_anew(replace(given_problem, clients=big), runs) == runs
