from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import pyvrp
from small_problems import faults, measure, problem
from test_distribute import LINE, accepted, fleet, rooms
from world import kode_tps, operation, world

from kaur_gis.distribute import Older, distribute
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.parcels import in_parcels, packed, unpacked
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.problem import Client, RoutingProblem, VehicleKind
from kaur_gis.distribute.schedule import Run, clients_of
from kaur_gis.distribute.search import fewest, solved
from kaur_gis.distribute.solve import BESIDE, pyvrp_solver

HOUR = 3600
OPERATION = operation(solver={"iterations": 40})


def slower(given, number):
    """The same problem with every road of one kind of vehicle taking twice as long to one of its places."""
    kind = given.kinds[0]
    seconds = kind.seconds.copy()
    seconds[:, number] *= 2
    seconds[number, :] *= 2
    return replace(given, kinds=(replace(kind, seconds=seconds), *given.kinds[1:]))


@pytest.mark.parametrize("seed", range(6))
def test_a_search_from_an_older_plan_is_never_worse_than_that_plan_mended(seed):
    given = problem(seed, 14, count=3, max_trips=3, shared=seed % 2 == 1)
    older = solved(given, pyvrp_solver, OPERATION)
    changed = slower(given, 1)
    found = solved(changed, pyvrp_solver, OPERATION, older)
    assert [fault for run in found for fault in faults(changed, run)] == []
    assert measure(changed, found) <= measure(changed, mended(changed, older))


def test_the_search_begins_where_it_is_told():
    given = problem(3, 10, count=3, max_trips=2)
    older = solved(given, pyvrp_solver, operation(solver={"iterations": 400}))
    assert measure(given, pyvrp_solver(given, seed=0, iterations=1, older=older)) == measure(given, older)
    cold = pyvrp_solver(given, seed=0, iterations=1)
    assert measure(given, cold) > measure(given, older)


@pytest.mark.parametrize("number", range(4))
def test_from_an_older_plan_two_searches_go_side_by_side_and_the_better_one_counts(number, monkeypatch):
    given = problem(number, 20, count=4, max_trips=3)
    older = solved(given, pyvrp_solver, OPERATION)
    changed = slower(given, 1)
    alone, asked = pyvrp.solve, []

    def answer(always=None):
        def solve(data, stop, seed, **how):
            asked.append(seed)
            return alone(data, stop, seed if always is None else always, **how)

        monkeypatch.setattr(pyvrp, "solve", solve)
        return measure(changed, pyvrp_solver(changed, seed=7, iterations=5, older=older))

    filters = list(warnings.filters)
    both = answer()
    assert sorted(asked) == [7, 7 + BESIDE]
    assert both == answer() == min(answer(7), answer(7 + BESIDE))
    assert warnings.filters == filters
    asked.clear()
    pyvrp_solver(changed, seed=7, iterations=5)
    assert set(asked) == {7}


def test_from_a_broken_plan_its_own_vehicles_are_tried_before_others_go_and_alone_if_they_do():
    at = np.arange(5, dtype=np.int64) * 600
    kind = VehicleKind(3, (2,), 2, (0, 1, 2, 3, 4), np.abs(at[:, None] - at), (0, 60, 60, 60, 60))
    until = (20 * HOUR, 20 * HOUR, 20 * HOUR, 7 * HOUR + 1800)  # only a first trip reaches the last one in time
    clients = tuple(Client(place, (1,), 30, 0, until[place - 1], (0,)) for place in kind.places[1:])
    given = RoutingProblem((kind,), clients, 6 * HOUR, 20 * HOUR, 900)
    broken = (Run(0, ((0, 1), (2, 3))),)
    assert faults(given, broken[0]) != []
    assert len(mended(given, broken)) == 2
    fleets = []

    def watched(some, *, seed, iterations, older=()):
        fleets.append(sum(kind.count for kind in some.kinds))
        return pyvrp_solver(some, seed=seed, iterations=iterations, older=older)

    (run,) = fewest(given, watched, seed=0, iterations=20, older=broken)
    assert faults(given, run) == []
    assert fleets == [1, 1]


def test_from_a_plan_that_is_broken_into_many_its_own_vehicles_are_not_tried():
    at = np.arange(5, dtype=np.int64) * 600
    kind = VehicleKind(4, (2,), 2, (0, 1, 2, 3, 4), np.abs(at[:, None] - at), (0, 60, 60, 60, 60))
    direct = [6 * HOUR + 900 + int(seconds) + 60 for seconds in at[1:]]  # whoever stops on the way comes too late
    clients = tuple(Client(place, (1,), 30, 0, direct[place - 1], (0,)) for place in kind.places[1:])
    given = RoutingProblem((kind,), clients, 6 * HOUR, 20 * HOUR, 900)
    begun = []

    def watched(some, *, seed, iterations, older=()):
        begun.append(len(older))
        return pyvrp_solver(some, seed=seed, iterations=iterations, older=older)

    assert len(fewest(given, watched, seed=0, iterations=20, older=(Run(0, ((0, 1), (2, 3))),))) == 4
    assert begun == [4, 4]


def test_who_none_of_the_older_vehicles_can_reach_gets_another_one():
    given = problem(0, 3, count=1, max_trips=3, kinds=2)
    clients = [replace(client, demand=(1, 1), release_s=0, deadline_s=23 * HOUR) for client in given.clients]
    clients = [replace(client, kinds=(number // 2,)) for number, client in enumerate(clients)]
    given = replace(given, clients=tuple(clients), end_s=23 * HOUR)
    found = fewest(given, pyvrp_solver, seed=0, iterations=4, older=(Run(0, ((0,), (1,))),))
    assert [(run.kind, sum(map(len, run.trips))) for run in found] == [(0, 2), (1, 1)]


def test_what_a_vehicle_that_is_gone_had_to_do_an_idle_one_like_it_takes_over():
    given = rooms(world(LINE, tps={"A": 7, "B": 3}))
    first = distribute(*given)
    trips = first.trips.assign(vehicle=[f"{vehicle}9" for vehicle in first.trips["vehicle"]])
    begun = []

    def watched(some, *, seed, iterations, older=()):
        begun.append(len(clients_of(older)) / len(some.clients))
        return pyvrp_solver(some, seed=seed, iterations=iterations, older=older)

    again = distribute(*given, watched, older=Older(trips, first.loads))
    assert set(begun) == {1}
    assert accepted(again, *given)
    assert again.trips["vehicle"].nunique() == first.trips["vehicle"].nunique()


def test_clients_of_different_trips_stay_in_different_parcels():
    given = problem(11, 12, shared=True)
    older = plain_solver(given)
    coarse, parcels = in_parcels(given, older)
    there = packed(older, parcels)
    assert len(coarse.clients) == len(parcels)
    back = unpacked(there, parcels)
    assert [sorted(trip) for run in back for trip in run.trips] == [sorted(t) for run in older for t in run.trips]


def test_a_plan_of_nothing_new_stays_as_it_is_from_its_own_trips():
    given = rooms(world(LINE, tps={"A": 7, "B": 3}))
    first = distribute(*given)
    again = distribute(*given, older=Older(first.trips, first.loads))
    assert accepted(again, *given)
    for layer in ("trips", "loads", "unserved"):
        pd.testing.assert_frame_equal(getattr(again, layer), getattr(first, layer))


def test_vehicles_and_tps_that_are_no_more_are_left_out_of_the_start():
    first = distribute(*rooms(world(LINE, tps={"A": 7, "B": 3}, fleet=fleet(PU={"max_trips": 1, "max_kotak": 30}))))
    assert first.trips["vehicle"].nunique() == 3
    for few in (rooms(world(LINE, tps={"A": 1, "B": 1}, sulit="AB")), rooms(world(LINE, tps={"A": 1, "B": 0}))):
        assert accepted(distribute(*few, older=Older(first.trips, first.loads)), *few)
    gone = rooms(world(LINE, tps={"A": 5, "B": 3}, sulit="B", fleet=fleet(PU={"count": 1}, TR={"max_trips": 1})))
    found = distribute(*gone, older=Older(first.trips, first.loads))
    assert accepted(found, *gone)
    cold = distribute(*gone)
    assert set(found.unserved.index) == set(cold.unserved.index)
    assert kode_tps("A", 7) not in found.loads.index.get_level_values("kode_tps")
    assert np.isin(found.trips["vehicle"], cold.trips["vehicle"]).all()


def test_a_solver_without_a_search_takes_an_older_plan_for_an_answer():
    given = problem(4, 9, count=2, max_trips=2)
    older = solved(given, pyvrp_solver, OPERATION)
    assert measure(given, solved(given, plain_solver, OPERATION, older)) <= measure(given, older)
    assert plain_solver(given, older=(Run(0, ((0,),)),)) == plain_solver(given)
