"""What a solver gives is checked and mended: nothing it says is believed, nobody is left who still fits.

Runs that can't be driven as they are lose the clients that break them; then every client without a trip is
put where it costs least, as long as there is such a place.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaur_gis.distribute.insert import inserted
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of, is_kept
from kaur_gis.problems import SolverError


def mended(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Make runs that can all be driven, and serve whoever still fits.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        As a solver gives them.

    Returns
    -------
    tuple of Run
        Sorted; clients in none of them can't be added to any.

    Raises
    ------
    SolverError
        If the runs are no answer to the problem: unknown clients or kinds, somebody served twice, or more
        vehicles than there are.
    """
    _refuse_nonsense(problem, runs)
    sound = [run if is_kept(problem, run) else _without_breakers(problem, run) for run in runs]
    sound = [run for run in sound if run.trips]
    served = set(clients_of(sound))
    rest = [client for client in range(len(problem.clients)) if client not in served]
    rest.sort(key=lambda client: (problem.clients[client].deadline_s, client))
    return tuple(sorted(inserted(problem, sound, rest), key=lambda run: (run.kind, run.trips)))


def _refuse_nonsense(problem: RoutingProblem, runs: Sequence[Run]) -> None:
    """Raise where the runs do not even speak of this problem."""
    clients = clients_of(runs)
    if len(set(clients)) < len(clients):
        msg = "the solver serves a client twice"
        raise SolverError(msg)
    if not set(clients) <= set(range(len(problem.clients))):
        msg = "the solver serves clients that the problem does not have"
        raise SolverError(msg)
    kinds = [run.kind for run in runs]
    if not set(kinds) <= set(range(len(problem.kinds))):
        msg = "the solver uses vehicles that the problem does not have"
        raise SolverError(msg)
    if any(kinds.count(number) > kind.count for number, kind in enumerate(problem.kinds)):
        msg = "the solver uses more vehicles than there are"
        raise SolverError(msg)


def _without_breakers(problem: RoutingProblem, run: Run) -> Run:
    """Keep of a run, in its order, every client that can be kept with those before it."""
    kept: list[tuple[int, ...]] = []
    for trip in run.trips:
        now: tuple[int, ...] = ()
        for client in trip:
            if is_kept(problem, Run(run.kind, (*kept, (*now, client)))):
                now = (*now, client)
        if now:
            kept.append(now)
    return Run(run.kind, tuple(kept))
