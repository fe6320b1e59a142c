"""Do with fewer vehicles: share trips out anew, then send one home and let the others do its work.

PyVRP moves clients and tails of trips; that fewer vehicles might as well drive the same trips it sees late, most of
all where the search is short. Here trips are shared out anew among the vehicles of a kind; then to one vehicle less,
and what they have no time for is given to others: whole trips first, then single clients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaur_gis.distribute.insert import inserted
from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of, cost_of, is_kept
from kaur_gis.distribute.share import Trip, dealt, shared

WAYS = 8
"""Of each kind of vehicle, so many ways to do with one less are tried, those that leave the fewest clients first."""


def closed(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Send vehicles home where that is better by the aims.

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
    best = _better(problem, runs, shared(problem, runs))
    while True:
        given = (_given(problem, others, left) for others, left in _ways(problem, best))
        found = next(
            (found for found in given if found is not None and worth(problem, found) < worth(problem, best)), None
        )
        if found is None:
            return tuple(sorted(best, key=lambda run: (run.kind, run.trips)))
        best = _better(problem, found, shared(problem, found))


def _better(problem: RoutingProblem, runs: Sequence[Run], others: Sequence[Run]) -> Sequence[Run]:
    """Take the other runs where they are better."""
    return min(runs, others, key=lambda some: worth(problem, some))


def _ways(problem: RoutingProblem, runs: Sequence[Run]) -> list[tuple[list[Run], list[Trip]]]:
    """List ways to do with one vehicle less of each kind: runs that can be driven, and the trips that are left."""
    found: list[tuple[int, int, tuple[list[Run], list[Trip]]]] = []
    for number, kind in enumerate(problem.kinds):
        own = [run for run in runs if run.kind == number]
        others = [run for run in runs if run.kind != number]
        if not own:
            continue
        if kind.home_s is None and kind.hours_s is None:
            trips = [trip for run in own for trip in run.trips]
            ways = {tuple(sorted(left)): (some, left) for some, left in dealt(problem, number, trips, len(own) - 1)}
        else:  # a trip may take another time as the last of the day: whole days are given away
            ways = {gone.trips: ([run for run in own if run is not gone], list(gone.trips)) for gone in own}
        sized = [(sum(map(len, left)), ([*others, *some], left)) for some, left in ways.values()]
        sized.sort(key=lambda way: way[0])
        found += [(size, turn, way) for turn, (size, way) in enumerate(sized[:WAYS])]
    found.sort(key=lambda way: way[:2])
    return [way for _, _, way in found]


def _given(problem: RoutingProblem, others: list[Run], gone: Sequence[Trip]) -> list[Run] | None:
    """Give trips to vehicles that are out already; None where they have no time for them."""
    left: list[int] = []
    for trip in gone:
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
