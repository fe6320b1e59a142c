"""A second solver, small and ours: savings, then local search. What PyVRP finds is held against it where TPS are left.

Everybody has a trip of his own at first. Two trips become one, end to end, where that saves the most, as long as a
vehicle can drive it; the trips are then dealt out to the vehicles, and the plan is polished.

References
----------
Clarke and Wright, Scheduling of vehicles from a central depot to a number of delivery points, Operations Research
12(4), 1964.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.polish import polished
from kaur_gis.distribute.problem import HOME, RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of, is_kept
from kaur_gis.distribute.share import Trip, dealt


def savings_solver(
    problem: RoutingProblem,
    *,
    seed: int,
    iterations: int,
    older: Sequence[Run] = (),  # noqa: ARG001 - a RouteSolver
) -> tuple[Run, ...]:
    """Solve by savings and local search.

    Parameters
    ----------
    problem : RoutingProblem
    seed : int
        Of the local search.
    iterations : int
        Of the local search, at most.
    older
        Not used: trips are joined anew.

    Returns
    -------
    tuple of Run
        Which can be driven; it may leave clients unserved that could be served.
    """
    left = set(range(len(problem.clients)))
    runs: list[Run] = []
    for number in sorted(range(len(problem.kinds)), key=lambda kind: problem.kinds[kind].capacity, reverse=True):
        mine = _joined(problem, number, left & problem.allowed[number])
        ways = (days for days, _ in dealt(problem, number, mine, problem.kinds[number].count))
        kept = ([run for run in days if is_kept(problem, run)] for days in ways)
        best = max(kept, key=lambda days: (len(clients_of(days)), -len(days)))
        runs += best
        left -= set(clients_of(best))
    return polished(problem, mended(problem, runs), seed=seed, rounds=iterations)


def _joined(problem: RoutingProblem, number: int, clients: Collection[int]) -> list[Trip]:
    """Join trips of one kind of vehicle while that saves anything."""
    row, costs = problem.rows[number], problem.kinds[number].costs
    trip_of: dict[int, Trip] = {
        client: (client,) for client in sorted(clients) if is_kept(problem, Run(number, ((client,),)))
    }
    home = problem.loading_cost(problem.kinds[number])
    saved = [
        (home + costs[row[a]][HOME] + costs[0][row[b]] - costs[row[a]][row[b]], a, b)
        for a in trip_of
        for b in trip_of
        if a != b
    ]
    for saving, a, b in sorted(saved, key=lambda one: (-one[0], one[1:])):
        first, then = trip_of[a], trip_of[b]
        if saving > 0 and first is not then and (first[-1], then[0]) == (a, b):
            both = (*first, *then)
            if is_kept(problem, Run(number, (both,))):
                trip_of |= dict.fromkeys(both, both)
    return sorted(set(trip_of.values()))
