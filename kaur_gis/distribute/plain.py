"""A plain plan, made in one pass: whoever is free first takes the farthest client and what lies near it.

It keeps all vehicles busy side by side, so it ends early. That makes it the measure of how much time a base
needs, and the answer to fall back on where a search finds less.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, drives, is_kept, planned, sure


def plain_solver(
    problem: RoutingProblem,
    *,
    seed: int = 0,  # noqa: ARG001 - a RouteSolver
    iterations: int = 1,  # noqa: ARG001 - a RouteSolver
    older: Sequence[Run] = (),  # noqa: ARG001 - a RouteSolver
) -> tuple[Run, ...]:
    """Solve in one pass, without chance and without search.

    Parameters
    ----------
    problem : RoutingProblem
    seed, iterations, older
        Not used: there is nothing to repeat.

    Returns
    -------
    tuple of Run
        Feasible; it may leave clients unserved that could be served.
    """
    runs = [Run(number, ()) for number, kind in enumerate(problem.kinds) for _ in range(kind.count)]
    free = [problem.begin_s(problem.kinds[run.kind]) for run in runs]
    waiting = set(range(len(problem.clients)))
    active = set(range(len(runs)))
    while waiting and active:
        number = min(active, key=lambda index: (free[index], index))
        longer = _with_trip(problem, runs[number], free[number], waiting)
        if longer is None:
            active.remove(number)
            continue
        runs[number] = longer
        waiting.difference_update(longer.trips[-1])
        last = drives(problem, longer.trips, planned(problem, problem.kinds[longer.kind]))[-1]
        free[number] = sure(last.back_s)
    return tuple(sorted((run for run in runs if run.trips), key=lambda run: (run.kind, run.trips)))


def _with_trip(problem: RoutingProblem, run: Run, free_s: int, waiting: set[int]) -> Run | None:
    """Give a vehicle one more trip: the farthest client first, then each time the nearest that still fits."""
    kind = problem.kinds[run.kind]
    local = {place: index for index, place in enumerate(kind.places)}
    mine = sorted(client for client in waiting if run.kind in problem.clients[client].kinds)
    ready = min((problem.clients[client].release_s for client in mine), default=0)
    # What can be loaded now goes before what is farther but not there yet.
    mine.sort(
        key=lambda client: (
            problem.clients[client].release_s > max(free_s, ready),
            -int(kind.seconds[0, local[problem.clients[client].place]]),
            client,
        )
    )
    trip: list[int] = []
    while mine:
        trip_now = next((client for client in mine if is_kept(problem, _plus(run, [*trip, client]))), None)
        if trip_now is None:
            break
        trip.append(trip_now)
        mine.remove(trip_now)
        at, loaded = local[problem.clients[trip_now].place], max(problem.clients[client].release_s for client in trip)
        mine.sort(
            key=lambda client: (
                problem.clients[client].release_s > max(free_s, loaded),
                int(kind.seconds[at, local[problem.clients[client].place]]),
                client,
            )
        )
    return _plus(run, trip) if trip else None


def _plus(run: Run, trip: list[int]) -> Run:
    """Add a trip to a run."""
    return Run(run.kind, (*run.trips, tuple(trip)))
