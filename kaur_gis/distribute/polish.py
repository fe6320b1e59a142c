"""A plan is polished: take some clients out, put them back where they cost least, keep what is better.

PyVRP searches between vehicles; how one vehicle cuts its day into trips it often leaves as it found it, most of
all where boxes come in only during the day (with one vehicle and release times, one plan in twenty served a
client less than possible). This small search looks just there.

References
----------
Ruin and recreate: Schrimpf et al., Record breaking optimization results using the ruin and recreate principle,
J. Computational Physics 159(2), 2000.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from kaur_gis.distribute.insert import inserted
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of, cost_of, drives, is_kept, planned, sure

EFFORT = 2000
"""Rounds times clients: so much is tried, however large the problem."""


def worth(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[int, int, int]:
    """Measure runs by the aims in their order, unserved, vehicles, work [s]; less is better.

    Where vehicles and work have a price, these two are one aim: their price stands last, and 0 for the vehicles.
    """
    unserved = len(problem.clients) - len(clients_of(runs))
    return unserved, 0 if problem.priced else len(runs), sum(cost_of(problem, run) for run in runs)


def polished(problem: RoutingProblem, runs: Sequence[Run], *, seed: int, rounds: int) -> tuple[Run, ...]:
    """Improve runs.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        Which can be driven as they are.
    seed : int
        Of what is taken out; the same gives the same.
    rounds : int
        At most; fewer where there are many clients.

    Returns
    -------
    tuple of Run
        Sorted, never worse.
    """
    chance = random.Random(seed)  # noqa: S311 - a search, not a secret
    best, best_worth = list(runs), worth(problem, runs)
    for _ in range(min(rounds, EFFORT // len(problem.clients))):
        out = set(_taken_out(best, chance))
        trips = [(run.kind, [[client for client in trip if client not in out] for trip in run.trips]) for run in best]
        shorter = [Run(kind, tuple(tuple(trip) for trip in own if trip)) for kind, own in trips]
        shorter = [run for run in shorter if run.trips]
        served = set(clients_of(shorter))
        rest = [client for client in range(len(problem.clients)) if client not in served]
        chance.shuffle(rest)
        found = inserted(problem, shorter, rest)
        found_worth = worth(problem, found)
        if found_worth <= best_worth and all(is_kept(problem, run) for run in found):
            best, best_worth = found, found_worth
    return tuple(sorted(best, key=lambda run: (run.kind, run.trips)))


def near_first(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Turn round every trip that serves its clients earlier that way, for no more work.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        Which can be driven as they are.

    Returns
    -------
    tuple of Run
        Sorted; the same vehicles with the same clients in the same trips.
    """
    turned = []
    for run in runs:
        best = run
        for number, trip in enumerate(run.trips):
            other = Run(run.kind, (*best.trips[:number], trip[::-1], *best.trips[number + 1 :]))
            if _waits(problem, other) < _waits(problem, best) and is_kept(problem, other):
                best = other
        turned.append(best)
    return tuple(sorted(turned, key=lambda run: (run.kind, run.trips)))


def _waits(problem: RoutingProblem, run: Run) -> tuple[int, int]:
    """Measure one vehicle by what it costs, then by how long its clients wait, all together [s]."""
    done = drives(problem, run.trips, planned(problem, problem.kinds[run.kind]))
    arrivals = (sure(visit.arrive_s) * len(visit.clients) for drive in done for visit in drive.visits)
    return cost_of(problem, run), sum(arrivals)


def _taken_out(runs: Sequence[Run], chance: random.Random) -> list[int]:
    """Choose who is taken out: a few clients, a whole trip, or a whole vehicle."""
    if not runs:
        return []
    run = chance.choice(runs)
    dice = chance.random()
    if dice < 0.2:  # noqa: PLR2004 - one in five
        return clients_of([run])
    if dice < 0.5:  # noqa: PLR2004 - three in ten
        return list(chance.choice(run.trips))
    clients = clients_of(runs)
    return chance.sample(clients, min(len(clients), chance.randint(1, 4)))
