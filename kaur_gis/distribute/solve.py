"""The seam to route solvers, and the one that is used: PyVRP.

Order of aims: serve as many clients as possible, then with few vehicles, then with little work. They are one
sum for PyVRP: a vehicle costs more than all the work there is, an unserved client more than all vehicles. Where
vehicles have a price, that is the sum.

References
----------
Wouda, Lan, Kool, PyVRP: a high-performance VRP solver package, INFORMS J. Computing 36(4), 2024.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol
from warnings import catch_warnings, simplefilter

import numpy as np
import pyvrp
import pyvrp.exceptions
import pyvrp.stop
from pyvrp.search import NeighbourhoodParams, PerturbationParams
from pyvrp.stop import MaxIterations

from kaur_gis.distribute.problem import HOME, RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of

FOREVER = 2**62
"""No limit, for PyVRP [s]."""
LONG_AGO = 300
"""Iterations; as far as PyVRP looks back by its own default."""
JUST_NOW = 1
"""So far it looks back from an older plan: there is much to mend and no time to wander through what is worse."""
LOST = 1000
"""Iterations without gain, after which it turns back to its best where work alone is searched."""
NEAR = NeighbourhoodParams(num_neighbours=30)
"""PyVRP's own are 50: from an older plan, which is good where nothing has changed, fewer find as much much sooner."""
STIRRED = PerturbationParams(max_perturbations=5)
"""So few clients are moved by chance in each iteration, where PyVRP's own are up to 25."""
EASED = pyvrp.PenaltyParams(
    solutions_between_updates=10, penalty_increase=1.35, penalty_decrease=0.75, target_feasible=0.3
)
"""What being late or too full weighs, where work alone is searched: PyVRP's own begins as good as forbidden and is
eased every 500 plans, of which a short search sees few, so that nobody may be late on the way to a better plan."""


BESIDE = 1000
"""How far apart the seeds are of two searches that go side by side."""


@contextmanager
def no_warnings() -> Iterator[None]:
    """Let PyVRP not warn that not all can be served: that is no surprise.

    What is ignored is one for all threads, and they leave in any order: so around them stands one more.
    """
    with catch_warnings():
        simplefilter("ignore", pyvrp.exceptions.PenaltyBoundWarning)
        yield


class RouteSolver(Protocol):
    """Whatever turns a problem into runs; clients in no run are unserved."""

    def __call__(
        self, problem: RoutingProblem, *, seed: int, iterations: int, older: Sequence[Run] = ()
    ) -> tuple[Run, ...]:
        """Solve `problem`; the same arguments give the same runs.

        Runs of an older plan, which need not keep every deadline today, are where a search may begin.
        """


def pyvrp_solver(
    problem: RoutingProblem,
    *,
    seed: int,
    iterations: int,
    older: Sequence[Run] = (),
    stop: Callable[[int], pyvrp.stop.StoppingCriterion] = MaxIterations,
) -> tuple[Run, ...]:
    """Solve with PyVRP; from an older plan by two searches at a time, of which the better one counts.

    PyVRP lets go of Python's lock while it searches: on two processors both together see a fifth to two thirds more
    plans than one would in the same time.

    Parameters
    ----------
    problem : RoutingProblem
    seed : int
        Of PyVRP's random numbers; for the second search `BESIDE` is added.
    iterations : int
        Of its iterated local search.
    older : sequence of Run, optional
        Where the search begins; it looks no farther than it must from there.
    stop : callable, optional
        Makes of `iterations` what tells PyVRP to stop.

    Returns
    -------
    tuple of Run
        PyVRP's best; where it found no feasible solution, this is not one either (`mended` makes it one).
    """
    # Where each vehicle there is goes in the older plan, none is saved here: that is asked by sending one home.
    all_out = len(older) == sum(kind.count for kind in problem.kinds)
    # PyVRP takes what is better than its plan of `history_length` iterations ago; a search shorter than that would
    # take whatever is better than its first.
    back = JUST_NOW if older else max(1, min(LONG_AGO, iterations // 20))
    patience = LOST if all_out else FOREVER
    ils = pyvrp.IteratedLocalSearchParams(num_iters_no_improvement=patience, history_length=back)
    near, stirred = (NeighbourhoodParams(), PerturbationParams()) if not older else (NEAR, STIRRED)
    # Whether a client is served at all is asked only where not all can be: the moves that ask it take five times
    # as long. Then the penalties are harder, as with PyVRP's own a search may stay where it is a little late.
    # PyVRP would weigh plans for everyone against an older plan for some, which is cheaper.
    harder = pyvrp.PenaltyParams(min_penalty=1.0, max_penalty=2.0 * _prize(problem))
    seeds = (seed, seed + BESIDE) if older else (seed,)

    def found(penalties: pyvrp.PenaltyParams, *, everyone: bool) -> pyvrp.Solution:
        data = as_pyvrp(problem, everyone=everyone, all_out=all_out)
        params = pyvrp.SolveParams(ils=ils, penalty=penalties, neighbourhood=near, perturbation=stirred)
        begin = begun(data, older) if older else None

        def result(own: int) -> pyvrp.Result:
            until = stop(iterations)
            return pyvrp.solve(data, until, own, collect_stats=False, params=params, initial_solution=begin)

        with no_warnings(), ThreadPoolExecutor(len(seeds)) as pool:
            return min(pool.map(result, seeds), key=pyvrp.Result.cost).best

    everyone = not older or len(clients_of(older)) == len(problem.clients)
    penalties = EASED if all_out else pyvrp.PenaltyParams()
    best = found(penalties if everyone else harder, everyone=everyone)
    if not older and not best.is_feasible():
        best = found(harder, everyone=False)
    runs = (Run(route.vehicle_type(), _trips(route)) for route in best.routes())
    return tuple(sorted(runs, key=lambda run: (run.kind, run.trips)))


def as_pyvrp(problem: RoutingProblem, *, everyone: bool, all_out: bool = False) -> pyvrp.ProblemData:
    """Say a problem in PyVRP's terms.

    A location is a place as seen by clients of the same kinds of vehicle; for other kinds it is farther away
    than the day is long. What a visit takes is part of the arc into its place, so that clients in a row at
    one place pay it once; what it takes a slower kind of vehicle more is part of the arc out of it, as a client has one
    deadline for all kinds. Distance stands for work: the seconds of the arc, and loading where a trip begins; or for
    the price of these. Where the day of a kind of vehicle ends elsewhere than at the base is a location of its own.
    With `everyone`, a plan that leaves somebody out is no plan. With `all_out` every vehicle goes anyhow, and none is
    weighed: for one less a search would rather be late for ever. The hours of drivers are kept from PyVRP where boxes
    come in during the day: it reckons what both do to several trips otherwise when it weighs a move than when it has
    made it, and its local search goes round in circles for ever. Who mends the answer holds them against it.
    """
    groups = sorted({(client.place, client.kinds) for client in problem.clients})
    location = {group: index for index, group in enumerate(groups, start=1)}
    elsewhere = [number for number, kind in enumerate(problem.kinds) if kind.home_s is not None]
    home = {number: index for index, number in enumerate(elsewhere, start=len(groups) + 1)}
    size = 1 + len(groups) + len(home)
    least, after = _least_s(problem)
    durations: list[Any] = []
    distances: list[Any] = []
    for number, kind in enumerate(problem.kinds):
        local = {place: index for index, place in enumerate(kind.places)}
        usable = [0, *(location[place, kinds] for place, kinds in groups if number in kinds)]
        at = [0, *(local[place] for place, kinds in groups if number in kinds)]
        visit = np.array([least[kind.places[index]] for index in at])
        more = np.array(kind.visit_s)[at] - visit
        arcs = kind.seconds[np.ix_(at, at)] + visit + more[:, None]
        arcs[np.equal.outer(at, at)] = 0  # staying at a place is no visit
        seconds = np.full((size, size), problem.end_s + 1, dtype=np.int64)
        seconds[np.ix_(usable, usable)] = arcs
        costs, work = np.array(kind.costs)[at], seconds.copy()
        work[np.ix_(usable, usable)] = costs[:, at]
        if kind.home_s is not None:
            seconds[usable, home[number]] = np.array(kind.home_s)[at] + more
            work[usable, home[number]] = costs[:, HOME]
        np.fill_diagonal(seconds, 0)
        np.fill_diagonal(work, 0)
        work[0, 1:] += problem.loading_cost(kind)
        durations.append(seconds)
        distances.append(work)
    vehicle, prize = 0 if all_out else _vehicle_cost(problem), _prize(problem)
    waits = any(client.release_s > problem.start_s for client in problem.clients)
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(size)],
        clients=[
            pyvrp.Client(
                location[client.place, client.kinds],
                delivery=list(client.demand),
                service_duration=client.service_s,
                tw_late=client.deadline_s + after[client.place],
                release_time=client.release_s,
                prize=prize,
                required=everyone,
            )
            for client in problem.clients
        ],
        depots=[
            pyvrp.Depot(0, service_duration=problem.loading_s),
            *(pyvrp.Depot(home[number]) for number in elsewhere),
        ],
        vehicle_types=[
            pyvrp.VehicleType(
                kind.count,
                list(kind.capacity),
                tw_early=problem.begin_s(kind),
                tw_late=problem.home_s(kind),
                shift_duration=FOREVER if kind.hours_s is None or waits else kind.hours_s,
                end_depot=elsewhere.index(number) + 1 if number in home else 0,
                fixed_cost=problem.vehicle_cost(kind) if problem.priced else vehicle,
                profile=number,
                reload_depots=[0] if kind.max_trips > 1 else [],
                max_reloads=kind.max_trips - 1,
            )
            for number, kind in enumerate(problem.kinds)
        ],
        distance_matrices=distances,
        duration_matrices=durations,
    )


def _least_s(problem: RoutingProblem) -> tuple[dict[int, int], dict[int, int]]:
    """Place -> seconds that a visit of it takes at least, whatever comes; and without carrying things there."""
    least: dict[int, int] = {}
    after: dict[int, int] = {}
    for kind in problem.kinds:
        for place, seconds, carry_s in zip(kind.places, kind.visit_s, kind.carried_s, strict=True):
            least[place] = min(seconds, least.get(place, seconds))
            after[place] = min(seconds - carry_s, after.get(place, seconds - carry_s))
    return least, after


def _vehicle_cost(problem: RoutingProblem) -> int:
    """More than all work: what it takes to serve every client on its own, by its slowest vehicle.

    As roads obey the triangle inequality, no reasonable plan works longer. Where vehicles have a price, the dearest
    of them is in it, too.
    """
    total = 1 + max(problem.vehicle_cost(kind) for kind in problem.kinds)
    for client in problem.clients:
        alone = []
        for number in client.kinds:
            kind = problem.kinds[number]
            at = kind.places.index(client.place)
            alone.append(problem.loading_cost(kind) + kind.costs[0][at] + max(kind.costs[at][0], kind.costs[at][HOME]))
        total += max(alone)
    return total


def _prize(problem: RoutingProblem) -> int:
    """More than all vehicles and all work: what serving one client is worth."""
    return _vehicle_cost(problem) * (1 + min(sum(kind.count for kind in problem.kinds), len(problem.clients)))


def begun(data: pyvrp.ProblemData, runs: Sequence[Run]) -> pyvrp.Solution:
    """Say runs in PyVRP's terms; a route names the depot between its trips alone, not where it starts and ends."""
    routes = []
    for run in runs:
        visits: list[pyvrp.Activity] = []
        for trip in run.trips:
            visits += [pyvrp.Activity(pyvrp.ActivityType.DEPOT, 0)] if visits else []
            visits += [pyvrp.Activity(pyvrp.ActivityType.CLIENT, client) for client in trip]
        routes.append(pyvrp.Route(data, visits, run.kind))
    return pyvrp.Solution(data, routes)


def _trips(route: pyvrp.Route) -> tuple[tuple[int, ...], ...]:
    """Cut a route of PyVRP at the depot; a reload without clients is no trip."""
    trips: list[list[int]] = [[]]
    for activity in route:
        if activity.is_depot():
            trips.append([])
        else:
            trips[-1].append(activity.idx)
    return tuple(tuple(trip) for trip in trips if trip)
