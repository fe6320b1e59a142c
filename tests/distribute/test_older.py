from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_problems import faults, measure, problem
from test_distribute import LINE, accepted, fleet, rooms
from world import kode_tps, operation, world

from kaur_gis.distribute import Older, distribute
from kaur_gis.distribute.base import solved
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.parcels import in_parcels, packed, unpacked
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.schedule import Run
from kaur_gis.distribute.solve import pyvrp_solver

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
