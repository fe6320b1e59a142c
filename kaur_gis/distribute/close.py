"""Do with fewer vehicles: send one home and let the others do its work.

PyVRP moves clients and tails of trips; that one vehicle might as well drive the trips of two it sees late, most of
all where the search is short. Here each vehicle in turn gives away whole trips first, then single clients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaur_gis.distribute.insert import inserted
from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of, cost_of, is_kept


def closed(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Send vehicles home, those with the least work first, where that is better by the aims.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        Which can be driven as they are.

    Returns
    -------
    tuple of Run
        Sorted, never worse; they serve the same clients.
    """
    best = list(runs)
    for run in sorted(runs, key=lambda run: (cost_of(problem, run), run.kind, run.trips)):
        others = [other for other in best if other != run]
        # who got work of another stays: he has more to give away than he had, to others who have less time
        found = _given(problem, others, run) if len(others) < len(best) else None
        if found is not None and worth(problem, found) < worth(problem, best):
            best = found
    return tuple(sorted(best, key=lambda run: (run.kind, run.trips)))


def _given(problem: RoutingProblem, others: list[Run], gone: Run) -> list[Run] | None:
    """Give all the work of a vehicle to others that are out already; None where they have no time for it."""
    left: list[int] = []
    for trip in gone.trips:
        longer = min(_longer(problem, others, trip), default=None)
        if longer is None:
            left += trip
        else:
            _, number, run = longer
            others = [*others[:number], run, *others[number + 1 :]]
    for client in sorted(left, key=lambda client: (problem.clients[client].deadline_s, client)):
        found = inserted(problem, others, [client], idle=False)
        if found == others:
            return None
        others = found
    return others


def _longer(problem: RoutingProblem, runs: Sequence[Run], trip: tuple[int, ...]) -> Iterator[tuple[int, int, Run]]:
    """Say for each run that has the time for one more trip: what it costs more, whose it is, and that run with it."""
    kinds = [number for number in range(len(problem.kinds)) if is_kept(problem, Run(number, (trip,)))]
    more = {number: _busy_s(problem, Run(number, (trip,))) for number in kinds}
    for number, run in enumerate(runs):
        kind = problem.kinds[run.kind]
        if run.kind not in more or len(run.trips) == kind.max_trips:
            continue
        if _busy_s(problem, run) + more[run.kind] > problem.home_s(kind) - problem.begin_s(kind):
            continue
        for at in range(len(run.trips), -1, -1):
            longer = Run(run.kind, (*run.trips[:at], trip, *run.trips[at:]))
            if is_kept(problem, longer):
                yield cost_of(problem, longer) - cost_of(problem, run), number, longer
                break


def _busy_s(problem: RoutingProblem, run: Run) -> int:
    """Say how long a vehicle is busy at least [s]; that is not known where work is counted in another coin."""
    service = sum(problem.clients[client].service_s for client in clients_of([run]))
    return 0 if problem.priced else cost_of(problem, run) + service
