from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_problems import best_of_all, best_of_sets, can_be_driven, faults, matrix, measure, problem, with_ends, work
from world import operation

from kaur_gis.config import Solver
from kaur_gis.distribute.close import closed
from kaur_gis.distribute.insert import inserted
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.parcels import in_parcels, unpacked
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.polish import polished, worth
from kaur_gis.distribute.problem import Client, RoutingProblem, VehicleKind
from kaur_gis.distribute.schedule import Conditions, Run, clients_of, cost_of, drives, is_kept, planned, slack_s, sure
from kaur_gis.distribute.search import fewest, solved
from kaur_gis.distribute.share import shared
from kaur_gis.distribute.solve import FOREVER, as_pyvrp, begun, pyvrp_solver
from kaur_gis.problems import SolverError

HOUR = 3600
OPERATION = operation(solver={"iterations": 200})


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("n", "count", "max_trips"), [(4, 2, 2), (5, 2, 1), (5, 1, 2), (6, 1, 2)])
def test_nobody_finds_a_better_plan_by_trying_them_all(seed, n, count, max_trips):
    given_problem = problem(seed, n, count=count, max_trips=max_trips)
    assert measure(given_problem, solved(given_problem, pyvrp_solver, OPERATION)) == best_of_all(given_problem)


@pytest.mark.parametrize("seed", range(2))
def test_nobody_finds_a_better_plan_for_seven_by_trying_them_all(seed):
    given_problem = problem(100 + seed, 7, count=2)
    assert measure(given_problem, solved(given_problem, pyvrp_solver, OPERATION)) == best_of_all(given_problem)


def test_nobody_finds_a_better_plan_for_eight_by_trying_them_all():
    given_problem = problem(200, 8, count=3)
    assert measure(given_problem, solved(given_problem, pyvrp_solver, OPERATION)) == best_of_sets(given_problem)


def test_hours_of_drivers_are_no_reason_to_search_for_ever_where_boxes_come_in_during_the_day():
    seconds = np.array([[0, 480, 720], [480, 0, 240], [720, 240, 0]])
    vehicle = VehicleKind(1, (10,), 3, (0, 1, 2), seconds, (0, 300, 300), hours_s=HOUR, home_s=(240, 720, 960))
    clients = tuple(
        Client(place, (kotak,), service_s=12 * kotak, release_s=23_040, deadline_s=8 * HOUR, kinds=(0,))
        for place, kotak in ((1, 10), (1, 5), (1, 5), (2, 10), (2, 5))
    )
    circles = RoutingProblem((vehicle,), clients, start_s=6 * HOUR, end_s=20 * HOUR, loading_s=600)
    days = [kind.shift_duration for kind in as_pyvrp(circles, everyone=True).vehicle_types()]
    assert days == [FOREVER], "with these hours PyVRP 0.14.1 does not come back"
    assert measure(circles, solved(circles, pyvrp_solver, OPERATION)) == best_of_all(circles)
    early = replace(circles, clients=tuple(replace(client, release_s=0) for client in clients))
    assert [kind.shift_duration for kind in as_pyvrp(early, everyone=True).vehicle_types()] == [HOUR]


@pytest.mark.parametrize("seed", range(300, 306))
def test_nobody_finds_a_better_plan_with_two_kinds_of_vehicle(seed):
    given_problem = problem(seed, 6, count=2, kinds=2)
    assert measure(given_problem, solved(given_problem, pyvrp_solver, OPERATION)) == best_of_sets(given_problem)


def test_both_ways_of_trying_all_plans_agree():
    given_problem = problem(7, 5, count=2)
    assert best_of_sets(given_problem) == best_of_all(given_problem)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 14),
    count=st.integers(1, 3),
    max_trips=st.integers(1, 3),
    kinds=st.integers(1, 2),
    shared=st.booleans(),
)
def test_whatever_the_problem_each_client_is_served_once_or_not_at_all(seed, n, count, max_trips, kinds, shared):
    given_problem = problem(seed, n, count=count, max_trips=max_trips, kinds=kinds, shared=shared)
    quick = OPERATION.model_copy(update={"solver": Solver(iterations=20)})
    for runs in (
        solved(given_problem, pyvrp_solver, quick),
        mended(given_problem, plain_solver(given_problem)),
    ):
        clients = clients_of(runs)
        assert len(set(clients)) == len(clients)
        assert set(clients) <= set(range(n))
        assert [faults(given_problem, run) for run in runs] == [[]] * len(runs)
        assert [work(given_problem, run) for run in runs] == [cost_of(given_problem, run) for run in runs]
        used = [run.kind for run in runs]
        assert all(used.count(kind) <= count for kind in used)
        for client in set(range(n)) - set(clients):  # nobody is left who would fit as he is
            for run in runs:
                assert faults(given_problem, Run(run.kind, (*run.trips, (client,))))
            for kind in given_problem.clients[client].kinds:
                assert used.count(kind) == count or faults(given_problem, Run(kind, ((client,),)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(6)), cut=st.integers(0, 6), shared=st.booleans())
def test_what_is_kept_and_what_not_agrees_with_driving_by_hand(seed, order, cut, shared):
    given_problem = problem(seed, 6, max_trips=2, kinds=2, shared=shared)
    run = Run(1, tuple(trip for trip in (tuple(order[:cut]), tuple(order[cut:])) if trip))
    assert is_kept(given_problem, run) == (not faults(given_problem, run))


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    order=st.permutations(range(6)),
    cut=st.integers(1, 6),
    ends=st.booleans(),
    hours=st.booleans(),
    priced=st.booleans(),
)
def test_slack_is_what_the_drives_that_are_written_down_leave(seed, order, cut, ends, hours, priced):
    given_problem = problem(seed, 6, max_trips=2, kinds=2, shared=True)
    if ends:
        given_problem = with_ends(given_problem, seed, hours=hours, priced=priced)
    run = Run(0, tuple(trip for trip in (tuple(order[:cut]), tuple(order[cut:])) if trip))
    kind = given_problem.kinds[0]
    driven = drives(given_problem, run.trips, planned(given_problem, kind))
    left = [given_problem.end_s - driven[-1].back_s]
    for visit in (visit for drive in driven for visit in drive.visits):
        left += [given_problem.clients[client].deadline_s - visit.arrive_s for client in visit.clients]
    if kind.hours_s is not None:
        left.append(kind.hours_s - (driven[-1].back_s - driven[0].depart_s + given_problem.loading_s))
    assert slack_s(given_problem, run) == min(left)
    assert cost_of(given_problem, run) == work(given_problem, run)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 8), ends=st.booleans(), priced=st.booleans(), shared=st.booleans())
@example(seed=383, n=6, ends=True, priced=False, shared=True)  # the best place is in a day that begins late
def test_a_client_is_put_where_it_costs_least_of_all_places(seed, n, ends, priced, shared):
    given_problem = problem(seed, n, count=2, max_trips=2, kinds=2, shared=shared)
    if ends:
        given_problem = with_ends(given_problem, seed, hours=True, priced=priced)
    runs = inserted(given_problem, (), range(n - 1))
    longer = inserted(given_problem, runs, [n - 1], idle=False)
    tried = []
    for run in runs:
        found = [(*run.trips[:at], (n - 1,), *run.trips[at:]) for at in range(len(run.trips) + 1)]
        for number, trip in enumerate(run.trips):
            for at in range(len(trip) + 1):
                own = (*trip[:at], n - 1, *trip[at:])
                found.append((*run.trips[:number], own, *run.trips[number + 1 :]))
        able = [Run(run.kind, trips) for trips in found if can_be_driven(given_problem, Run(run.kind, trips))]
        tried += [work(given_problem, other) - work(given_problem, run) for other in able]
    total = [sum(work(given_problem, run) for run in plan) for plan in (runs, longer)]
    assert total[1] - total[0] == min(tried, default=0)
    assert (longer == runs) == (not tried)


def test_the_same_seed_gives_the_same_runs():
    given_problem = problem(3, 12, max_trips=2, kinds=2)
    first = pyvrp_solver(given_problem, seed=5, iterations=60)
    assert first == pyvrp_solver(given_problem, seed=5, iterations=60)
    assert solved(given_problem, pyvrp_solver, OPERATION) == solved(given_problem, pyvrp_solver, OPERATION)


def line(n: int, *, apart_s: int = 600, **kind) -> RoutingProblem:
    """Places in a row, the base at one end, one client at each; a vehicle takes two of them."""
    at = np.arange(n + 1, dtype=np.int64) * apart_s
    vehicle = {"count": 1, "capacity": (2,), "max_trips": 9, "places": tuple(range(n + 1))}
    made = VehicleKind(**vehicle | {"seconds": np.abs(at[:, None] - at), "visit_s": (0, *[60] * n)} | kind)
    clients = tuple(Client(place, (1,), 30, 0, 20 * HOUR, (0,)) for place in range(1, n + 1))
    return RoutingProblem((made,), clients, 6 * HOUR, 20 * HOUR, 900)


def test_a_vehicle_loads_before_each_departure_and_waits_for_what_is_not_there_yet():
    given_problem = line(3)
    late = replace(given_problem.clients[2], release_s=9 * HOUR)
    given_problem = replace(given_problem, clients=(*given_problem.clients[:2], late))
    first, second = drives(given_problem, ((0, 1), (2,)), planned(given_problem, given_problem.kinds[0]))
    assert first.depart_s == 6 * HOUR + 900
    assert [visit.arrive_s - first.depart_s for visit in first.visits] == [600, 600 + 90 + 600]
    assert first.back_s == first.depart_s + 4 * 600 + 2 * 90
    assert second.depart_s == 9 * HOUR + 900


def test_clients_in_a_row_at_one_place_are_one_visit():
    given_problem = line(2)
    twin = replace(given_problem.clients[0])
    given_problem = replace(given_problem, clients=(*given_problem.clients, twin))
    (drive,) = drives(given_problem, ((0, 2),), planned(given_problem, given_problem.kinds[0]))
    assert [visit.clients for visit in drive.visits] == [(0, 2)]
    assert drive.visits[0].done_s - drive.visits[0].arrive_s == 60 + 30 + 30
    apart = replace(given_problem, kinds=(replace(given_problem.kinds[0], capacity=(3,)),))
    assert cost_of(apart, Run(0, ((0, 2, 1),))) == cost_of(apart, Run(0, ((0, 1),)))
    assert cost_of(apart, Run(0, ((0, 1, 2),))) > cost_of(apart, Run(0, ((0, 2, 1),)))


def test_from_a_closed_road_on_no_time_is_known():
    given_problem = line(3)
    closed = given_problem.kinds[0].seconds.copy()
    closed[1, 2] = -1
    kind = given_problem.kinds[0]
    conditions = Conditions(kind.places, closed.tolist(), kind.visit_s, [0, 0, 0], given_problem.start_s)
    first, second, third = drives(given_problem, ((2,), (0, 1), (2,)), conditions)
    assert first.back_s is not None
    assert [visit.arrive_s is None for visit in second.visits] == [False, True]
    assert second.back_s is None
    assert third.depart_s is None
    never = Conditions(kind.places, kind.rows, kind.visit_s, [0, None, 0], given_problem.start_s)
    assert [drive.depart_s is None for drive in drives(given_problem, ((0,), (1,)), never)] == [False, True]
    with pytest.raises(SolverError):
        sure(second.back_s)


def test_slack_is_what_is_left_at_the_tightest_point():
    given_problem = line(1)
    assert slack_s(given_problem, Run(0, ())) == 14 * HOUR
    assert slack_s(given_problem, Run(0, ((0,),))) == 14 * HOUR - 900 - 1200 - 90
    tight = replace(given_problem, clients=(replace(given_problem.clients[0], deadline_s=6 * HOUR + 1500),))
    assert slack_s(tight, Run(0, ((0,),))) == 0


def test_several_trips_are_made_where_one_vehicle_must_do():
    runs = solved(line(5), pyvrp_solver, OPERATION)
    assert len(runs) == 1
    assert sorted(len(trip) for trip in runs[0].trips) == [1, 2, 2]


def test_with_two_trips_a_day_only_four_of_five_are_served():
    runs = solved(line(5, max_trips=2), pyvrp_solver, OPERATION)
    assert len(clients_of(runs)) == 4
    runs = solved(line(5, max_trips=2, count=2), pyvrp_solver, OPERATION)
    assert len(clients_of(runs)) == 5


def test_a_vehicle_of_another_kind_is_never_sent_where_it_may_not_go():
    given_problem = line(4, capacity=(4,))
    small = replace(
        given_problem.kinds[0],
        capacity=(1,),
        places=(0, 3),
        visit_s=(0, 60),
        seconds=given_problem.kinds[0].seconds[np.ix_([0, 3], [0, 3])],
    )
    clients = (*given_problem.clients[:2], replace(given_problem.clients[2], kinds=(1,)), given_problem.clients[3])
    runs = solved(
        RoutingProblem((given_problem.kinds[0], small), clients, 6 * HOUR, 20 * HOUR, 900), pyvrp_solver, OPERATION
    )
    assert runs == (Run(0, ((0, 1, 3),)), Run(1, ((2,),))) or [run.trips for run in runs][1] == ((2,),)
    assert sorted(clients_of(runs)) == [0, 1, 2, 3]


def test_forty_alike_become_full_loads_and_quarters():
    given_problem = line(2, capacity=(12,))
    many = tuple(replace(given_problem.clients[0], deadline_s=(20 - (i % 2)) * HOUR) for i in range(40))
    given_problem = replace(given_problem, clients=(*many, given_problem.clients[1]))
    coarse, parcels = in_parcels(given_problem)
    assert sorted(len(parcel) for parcel in parcels) == [1, 1, 3, 12, 12, 12]
    assert sorted(client for parcel in parcels for client in parcel) == list(range(41))
    assert sum(client.demand[0] for client in coarse.clients) == 41
    assert [client.deadline_s // HOUR for client in coarse.clients].count(19) == 2
    runs = mended(given_problem, unpacked(pyvrp_solver(coarse, seed=0, iterations=50), parcels))
    assert sorted(clients_of(runs)) == list(range(41))
    assert len(runs[0].trips) == 4


@pytest.mark.parametrize(
    "runs",
    [
        (Run(0, ((0,), (0,))),),
        (Run(0, ((7,),)),),
        (Run(1, ((0,),)),),
        (Run(0, ((0,),)), Run(0, ((1,),))),
    ],
)
def test_an_answer_to_another_question_is_refused(runs):
    assert mended(line(2), (Run(0, ((0,),)),))
    with pytest.raises(SolverError):
        mended(line(2), runs)


def test_runs_that_cannot_be_driven_lose_who_breaks_them_and_serve_him_elsewhere():
    given_problem = line(3)
    assert mended(given_problem, (Run(0, ((0, 1, 2),)),)) == (Run(0, ((2,), (0, 1))),)
    never = replace(given_problem.clients[1], deadline_s=6 * HOUR)
    given_problem = replace(given_problem, clients=(given_problem.clients[0], never, never))
    assert mended(given_problem, (Run(0, ((1,), (0,))),)) == (Run(0, ((0,),)),)
    assert mended(given_problem, (Run(0, ((1,),)),)) == (Run(0, ((0,),)),)


def test_the_plain_plan_keeps_all_vehicles_busy():
    runs = plain_solver(line(4, count=2))
    assert [len(run.trips) for run in runs] == [1, 1]
    assert sorted(clients_of(runs)) == [0, 1, 2, 3]


def test_matrices_of_the_tests_obey_the_triangle_inequality():
    seconds = matrix(np.random.default_rng(0), 6)
    assert (seconds[:, :, None] + seconds[None] >= seconds[:, None]).all()


def test_where_nobody_can_be_served_the_plan_is_empty():
    given_problem = line(2)
    clients = tuple(replace(client, deadline_s=6 * HOUR) for client in given_problem.clients)
    assert solved(replace(given_problem, clients=clients), pyvrp_solver, OPERATION) == ()


def test_polishing_serves_whom_a_poor_plan_left_and_never_makes_it_worse():
    given_problem = line(6, count=2)
    poor = (Run(0, ((5,), (0,), (4,))), Run(0, ((1,), (3,), (2,))))
    better = polished(given_problem, poor, seed=0, rounds=200)
    assert worth(given_problem, better) == (0, 1, 3 * 900 + 2 * 600 * (2 + 4 + 6) + 6 * 60)
    assert worth(given_problem, polished(given_problem, better, seed=1, rounds=50)) == worth(given_problem, better)
    assert polished(given_problem, poor, seed=0, rounds=0) == tuple(sorted(poor, key=lambda run: run.trips))


def test_a_vehicle_whose_trips_others_can_drive_is_sent_home():
    given_problem = line(6, count=3)
    runs = (Run(0, ((4, 5),)), Run(0, ((2, 3),)), Run(0, ((0, 1),)))
    assert closed(given_problem, runs) == (Run(0, ((4, 5), (2, 3), (0, 1))),)
    one_each = replace(given_problem, kinds=(replace(given_problem.kinds[0], max_trips=1),))
    assert closed(one_each, runs) == tuple(sorted(runs, key=lambda run: run.trips))  # nobody has room


def begun_s(given_problem: RoutingProblem, run: Run) -> int:
    """When a vehicle begins to load: with few hours not before it must."""
    first = drives(given_problem, run.trips, planned(given_problem, given_problem.kinds[run.kind]))[0]
    return first.depart_s - given_problem.loading_s


def test_the_same_trips_are_shared_out_anew_among_fewer_vehicles():
    given_problem = line(6, count=3, max_trips=3)
    early = [replace(client, deadline_s=7 * HOUR) for client in given_problem.clients[:2]]
    given_problem = replace(given_problem, clients=(*early, *given_problem.clients[2:]))
    runs = (Run(0, ((0,), (5,))), Run(0, ((1,), (4,))), Run(0, ((2,), (3,))))
    assert all(is_kept(given_problem, run) for run in runs)
    fewer = shared(given_problem, runs)  # both who are early go first, each on a vehicle of his own
    assert len(fewer) == 2
    assert {run.trips[0] for run in fewer} == {(0,), (1,)}
    assert sorted(trip for run in fewer for trip in run.trips) == [(client,) for client in range(6)]
    assert shared(given_problem, fewer) == fewer  # a vehicle makes three trips at most
    later = replace(
        given_problem, clients=tuple(replace(client, deadline_s=7 * HOUR) for client in given_problem.clients)
    )
    alone = tuple(Run(0, ((client,),)) for client in range(3))
    assert shared(later, alone) == alone  # nobody is in time as the second


def test_trips_are_not_shared_out_so_that_a_drivers_day_gets_too_long():
    given_problem = line(4, count=2)
    runs = (Run(0, ((0,), (3,))), Run(0, ((1,), (2,))))
    assert len(shared(given_problem, runs)) == 1
    day_s = 2 * 900 + 10 * 600 + 2 * 90
    short = replace(given_problem, kinds=(replace(given_problem.kinds[0], hours_s=day_s),))
    assert shared(short, runs) == runs


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 10), ends=st.booleans(), hours=st.booleans())
def test_trips_that_are_shared_out_are_the_same_in_time_and_never_on_more_vehicles(seed, n, ends, hours):
    given_problem = problem(seed, n, count=4, max_trips=3, kinds=2, shared=True)
    if ends:
        given_problem = with_ends(given_problem, seed, hours=hours, priced=False)
    before = mended(given_problem, plain_solver(given_problem))
    after = shared(given_problem, before)
    assert [faults(given_problem, run, begun_s(given_problem, run)) for run in after] == [[]] * len(after)
    trips = [sorted((run.kind, trip) for run in runs for trip in run.trips) for runs in (before, after)]
    assert trips[0] == trips[1]
    assert len(after) <= len(before)


def test_a_vehicle_gives_away_single_clients_where_no_one_has_the_time_for_its_trip():
    given_problem = line(4, count=3, max_trips=1)
    runs = (Run(0, ((3,),)), Run(0, ((2,),)), Run(0, ((0, 1),)))
    assert closed(given_problem, runs) == (Run(0, ((0, 1),)), Run(0, ((2, 3),)))
    short = replace(given_problem, end_s=6 * HOUR + 900 + 8 * 600 + 90)
    assert closed(short, runs) == tuple(sorted(runs, key=lambda run: run.trips))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9), max_trips=st.integers(1, 3), ends=st.booleans())
def test_with_fewer_vehicles_a_plan_keeps_every_promise_and_is_never_worse(seed, n, max_trips, ends):
    given_problem = problem(seed, n, count=3, max_trips=max_trips, kinds=2)
    if ends:
        given_problem = with_ends(given_problem, seed, hours=seed % 2 == 0, priced=seed % 3 > 0)
    before = mended(given_problem, plain_solver(given_problem))
    after = closed(given_problem, before)
    assert [faults(given_problem, run, begun_s(given_problem, run)) for run in after] == [[]] * len(after)
    assert sorted(clients_of(after)) == sorted(clients_of(before))
    assert measure(given_problem, after) <= measure(given_problem, before)


def test_a_search_that_cannot_serve_everyone_is_quiet_and_serves_as_many_as_can_be():
    given_problem = line(5, max_trips=2)
    for older in ((), (Run(0, ((0, 1),)),)):
        runs = pyvrp_solver(given_problem, seed=0, iterations=2000, older=older)
        assert len(clients_of(runs)) == 4


def test_who_was_sent_home_stays_there_when_the_search_goes_on():
    given_problem = line(4, count=2)
    assert len(plain_solver(given_problem)) == 2
    assert len(fewest(given_problem, plain_solver, seed=0, iterations=1)) == 1
    assert len(fewest(given_problem, pyvrp_solver, seed=0, iterations=8)) == 1


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9), max_trips=st.integers(1, 3))
def test_what_can_be_driven_can_be_driven_in_the_terms_of_pyvrp(seed, n, max_trips):
    given_problem = problem(seed, n, count=3, max_trips=max_trips, kinds=2)
    runs = mended(given_problem, plain_solver(given_problem))
    data = as_pyvrp(given_problem, everyone=False)
    assert begun(data, runs).is_feasible()
