from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_problems import problem

from kaur_gis.distribute.problem import Client, RoutingProblem, VehicleKind, checked_matrix
from kaur_gis.problems import KaurError, SolverError, TravelError

GOOD = np.array([[0, 5], [7, 0]], dtype=np.int64)


def kind(**changes) -> VehicleKind:
    return VehicleKind(
        **{"count": 1, "capacity": (5,), "max_trips": 1, "places": (0, 1), "seconds": GOOD, "visit_s": (0, 9)} | changes
    )


def client(**changes) -> Client:
    given = {"place": 1, "demand": (5,), "service_s": 1, "release_s": 0, "deadline_s": 100, "kinds": (0,)}
    return Client(**given | changes)


def whole(**changes) -> RoutingProblem:
    given = {"kinds": (kind(),), "clients": (client(),), "start_s": 0, "end_s": 100, "loading_s": 1}
    return RoutingProblem(**given | changes)


def test_a_sound_problem_is_taken_and_its_matrix_can_no_longer_change():
    matrix = GOOD.copy()
    made = whole(kinds=(kind(seconds=matrix),))
    matrix[0, 1] = -1
    assert made.kinds[0].seconds[0, 1] == 5
    with pytest.raises(ValueError, match="read-only"):
        made.kinds[0].seconds[0, 1] = 1


@pytest.mark.parametrize(
    ("fault", "matrix"),
    [
        ("not an array", [[0, 5], [7, 0]]),
        ("float", GOOD.astype(float)),
        ("nan", np.array([[0, np.nan], [7, 0]])),
        ("infinite", np.array([[0, np.inf], [7, 0]])),
        ("int32", GOOD.astype(np.int32)),
        ("no dimension", np.int64(0)[...]),
        ("one dimension", np.zeros(4, np.int64)),
        ("three dimensions", np.zeros((2, 2, 2), np.int64)),
        ("not square", np.zeros((2, 3), np.int64)),
        ("empty", np.zeros((0, 0), np.int64)),
        ("negative", np.array([[0, -5], [7, 0]])),
        ("unreachable", np.array([[0, 5], [-1, 0]])),
        ("diagonal", np.array([[0, 5], [7, 1]])),
        ("overflow", np.array([[0, 2**61], [7, 0]])),
        ("overflow of the sum", np.array([[0, 2**52], [2**52, 0]])),
        ("sum that wraps around", np.full((4, 4), 2**62) * (1 - np.eye(4, dtype=np.int64))),
    ],
)
def test_a_matrix_that_no_solver_should_see_is_refused(fault, matrix):  # noqa: ARG001 - names the case
    with pytest.raises(TravelError):
        checked_matrix(matrix, "test")


def test_the_largest_sum_that_counts_exactly_is_taken():
    assert checked_matrix(np.array([[0, 2**52], [2**52 - 1, 0]]), "test").sum() == 2**53 - 1


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 0},
        {"count": True},
        {"max_trips": 0},
        {"capacity": (0,)},
        {"capacity": (5.0,)},
        {"places": (0, 2**53)},
        {"places": (1, 2)},
        {"places": (0, 1, 1)},
        {"places": ()},
        {"places": (0, 1, 2)},
        {"visit_s": (0,)},
        {"visit_s": (1, 9)},
        {"visit_s": (0, -9)},
    ],
)
def test_vehicles_that_make_no_sense_are_refused(changes):
    assert kind()
    with pytest.raises(SolverError):
        kind(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"place": 0},
        {"place": -1},
        {"demand": (-1,)},
        {"demand": (1.5,)},
        {"service_s": -1},
        {"release_s": 2**60},
        {"deadline_s": -1},
        {"kinds": ()},
        {"kinds": (1, 0)},
        {"kinds": (0, 0)},
    ],
)
def test_clients_that_make_no_sense_are_refused(changes):
    assert client()
    with pytest.raises(SolverError):
        client(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ()},
        {"clients": ()},
        {"start_s": 100},
        {"start_s": -1},
        {"loading_s": -1},
        {"clients": (client(demand=(6,)),)},
        {"clients": (client(demand=(5, 1)),)},
        {"clients": (client(kinds=(1,)),)},
        {"clients": (client(place=2),)},
    ],
)
def test_problems_that_make_no_sense_are_refused(changes):
    assert whole()
    with pytest.raises(SolverError):
        whole(**changes)


def test_every_refusal_is_an_error_of_ours():
    with pytest.raises(KaurError):
        replace(problem(0, 3), end_s=0)
