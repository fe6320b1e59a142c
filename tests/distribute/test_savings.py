"""The second solver: by savings and local search, against every plan there is, and through the seam."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problems import best_of_all, can_be_driven, measure, problem, with_ends
from world import operation

from kaur_gis.distribute.savings import savings_solver
from kaur_gis.distribute.schedule import Run, clients_of
from kaur_gis.distribute.search import searched, solved


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 8),
    count=st.integers(1, 3),
    max_trips=st.integers(1, 3),
    kinds=st.integers(1, 2),
    ends=st.booleans(),
    priced=st.booleans(),
    shared=st.booleans(),
)
def test_whatever_the_problem_its_plan_can_be_driven(seed, n, count, max_trips, kinds, ends, priced, shared):
    given_problem = problem(seed, n, count=count, max_trips=max_trips, kinds=kinds, shared=shared)
    given_problem = with_ends(given_problem, seed, hours=ends, priced=priced) if ends else given_problem
    runs = savings_solver(given_problem, seed=seed, iterations=20)
    assert all(can_be_driven(given_problem, run) for run in runs)
    assert len(set(clients_of(runs))) == len(clients_of(runs))
    assert all(sum(run.kind == kind for run in runs) <= count for kind in range(kinds))
    assert runs == savings_solver(given_problem, seed=seed, iterations=20)


@pytest.mark.parametrize("seed", range(10))
def test_of_small_problems_it_finds_the_best_plan(seed):
    given_problem = problem(seed, 5, count=1, max_trips=2)
    runs = savings_solver(given_problem, seed=1, iterations=400)
    assert measure(given_problem, runs) == best_of_all(given_problem)


def test_it_fits_where_pyvrp_does():
    given_problem = problem(3, 6, max_trips=2)
    assert solved(given_problem, savings_solver, operation(solver={"iterations": 50}))


@pytest.mark.parametrize("seed", range(6))
def test_where_a_solver_serves_fewer_it_steps_in(seed):
    given_problem = problem(seed, 7, count=1, max_trips=2)
    alone = savings_solver(given_problem, seed=1, iterations=50)
    found = searched(given_problem, lambda _, **__: (), seed=1, iterations=50)
    assert 0 < len(clients_of(alone)) <= len(clients_of(found))
    if len(clients_of(found)) < 7:  # all three answers are asked, and the best one counts
        assert measure(given_problem, found) <= measure(given_problem, alone)


def test_where_a_solver_stops_with_an_error_it_steps_in_and_that_is_told():
    given_problem = problem(3, 6, max_trips=2)

    def stops(*_: object, **__: object) -> tuple[Run, ...]:
        raise LookupError

    alone = savings_solver(given_problem, seed=1, iterations=50)
    with pytest.warns(RuntimeWarning, match="LookupError"):
        found = searched(given_problem, stops, seed=1, iterations=50)
    assert measure(given_problem, found) <= measure(given_problem, alone)
    assert len(clients_of(found)) == len(clients_of(alone)) > 0
    with pytest.warns(RuntimeWarning, match="LookupError"):
        again = searched(given_problem, stops, seed=1, iterations=50, older=found)
    assert measure(given_problem, again) <= measure(given_problem, found)
