"""How a problem is searched: by the solver, then with vehicles sent home, then from there again; or from an older plan.

Last of all the trips are chosen anew, whatever the search began from (`anew`).

From an older plan that cannot be driven any more there are two ways. Mended, it can be driven, but by more vehicles, as
whoever comes too late gets one of his own: who cannot wait is taken out, nothing else moves. As it is, driven by the
vehicles it has and nobody else, it is late here and there, and a search that may be late for a while moves everyone a
little until all are in time, or shows in a moment that it does not get there. So that is tried first, unless mending
takes two vehicles more: there it got there in no case that was looked at.

How many vehicles go and how little they work are two questions, and the search for both is a slow one, as the price of
a vehicle is more than all work. Where the vehicles of the older plan do, the search goes on with these alone, for less
work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from warnings import warn

from kaur_gis.config import Operation
from kaur_gis.distribute.anew import chosen_anew
from kaur_gis.distribute.close import closed
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.parcels import in_parcels, packed, unpacked
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.polish import near_first, polished, worth
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.savings import savings_solver
from kaur_gis.distribute.schedule import Run, clients_of, is_kept
from kaur_gis.distribute.share import shared
from kaur_gis.distribute.solve import RouteSolver

WARM_SHARE = 4
"""A search that begins from an older plan takes this part of the iterations."""
TIGHT_SHARE = 3
"""Of these, where the older plan is broken, the part in which its own vehicles alone are tried."""


def solved(
    problem: RoutingProblem, solver: RouteSolver, operation: Operation, older: Sequence[Run] = ()
) -> tuple[Run, ...]:
    """Solve a problem, check, mend and polish the answer.

    From runs of an older plan the search begins, and takes less; the answer is never worse than these, mended.
    """
    seed, iterations = operation.operation.seed, operation.solver.iterations
    if older:
        iterations = -(-iterations // WARM_SHARE)
    best = fewest(problem, solver, seed=seed, iterations=iterations, older=older)
    return near_first(problem, polished(problem, best, seed=seed, rounds=iterations))


def fewest(
    problem: RoutingProblem, solver: RouteSolver, *, seed: int, iterations: int, older: Sequence[Run] = ()
) -> tuple[Run, ...]:
    """Search, send vehicles home, and search again, for less, from the trips of those that are left.

    From an older plan that is still good there is one search; from one that is broken they take twice the iterations
    together.
    """
    if older:
        return chosen_anew(problem, _from_older(problem, solver, seed, iterations, older))
    best = searched(problem, solver, seed=seed, iterations=iterations)
    fewer = closed(problem, best)
    if len(fewer) < len(best):
        fewer = searched(problem, solver, seed=seed, iterations=-(-iterations // WARM_SHARE), older=fewer)
    return chosen_anew(problem, fewer)


def _from_older(
    problem: RoutingProblem, solver: RouteSolver, seed: int, iterations: int, older: Sequence[Run]
) -> tuple[Run, ...]:
    """Search from an older plan: once where it is still good, else twice, with its own vehicles if these do."""
    best = shared(problem, mended(problem, older))
    search = searched if problem.priced else _with_its_own  # for a price others may go
    if still_good(problem, older):
        return _better(problem, best, search(problem, solver, seed=seed, iterations=iterations, older=best))
    left = 2 * iterations
    if len(best) <= len(older) + 1 or len(clients_of(best)) < len(clients_of(older)):
        tight = -(-left // TIGHT_SHARE)
        left -= tight
        best = _better(problem, best, _with_its_own(problem, solver, seed=seed, iterations=tight, older=older))
        best = closed(problem, best)
    if len(best) <= len(older) and len(clients_of(best)) == len(problem.clients):
        return _better(problem, best, search(problem, solver, seed=seed + 1, iterations=left, older=best))
    first = -(-left * 2 // 3)
    best = closed(problem, searched(problem, solver, seed=seed, iterations=first, older=best))
    return searched(problem, solver, seed=seed + 1, iterations=max(1, left - first), older=best)


def still_good(problem: RoutingProblem, older: Sequence[Run]) -> bool:
    """Whether an older plan can be driven as it is, and serves everyone."""
    return all(is_kept(problem, run) for run in older) and len(clients_of(older)) == len(problem.clients)


def _better(problem: RoutingProblem, *answers: tuple[Run, ...]) -> tuple[Run, ...]:
    """Take the best of several answers, the first where they are as good."""
    return min(answers, key=lambda runs: worth(problem, runs))


def _with_its_own(
    problem: RoutingProblem, solver: RouteSolver, *, seed: int, iterations: int, older: Sequence[Run]
) -> tuple[Run, ...]:
    """Search from an older plan with no other vehicles than it has; nobody is served where that cannot be."""
    count = Counter(run.kind for run in older)
    used = sorted(count)
    number = {kind: index for index, kind in enumerate(used)}
    clients = [
        replace(client, kinds=tuple(number[kind] for kind in client.kinds if kind in number))
        for client in problem.clients
        if number.keys() & set(client.kinds)
    ]
    if len(clients) < len(problem.clients):
        return ()
    kinds = tuple(replace(problem.kinds[kind], count=count[kind]) for kind in used)
    tight = replace(problem, kinds=kinds, clients=tuple(clients))
    begin = [replace(run, kind=number[run.kind]) for run in older]
    runs = _asked(tight, solver, seed, iterations, begin)
    return tuple(replace(run, kind=used[run.kind]) for run in runs)


def searched(
    problem: RoutingProblem, solver: RouteSolver, *, seed: int, iterations: int, older: Sequence[Run] = ()
) -> tuple[Run, ...]:
    """Solve a problem, check and mend the answer; a plainer solver's is taken where it serves more.

    From an older plan that is mended first PyVRP finds a plan with fewer vehicles than from one that is broken.
    """
    start = shared(problem, mended(problem, older)) if older else ()
    answers = [_asked(problem, solver, seed, iterations, start)]
    if older:
        answers.append(start)
    if len(clients_of(answers[0])) < len(problem.clients):
        answers.append(mended(problem, plain_solver(problem)))
        answers.append(savings_solver(problem, seed=seed, iterations=iterations))
    return _better(problem, *answers)


def _asked(
    problem: RoutingProblem, solver: RouteSolver, seed: int, iterations: int, begin: Sequence[Run]
) -> tuple[Run, ...]:
    """Ask the solver, parcel by parcel, from runs to begin from, and mend what it says.

    One that stops with an error serves nobody: a plan is wanted all the same, and a plainer solver makes it.
    """
    coarse, parcels = in_parcels(problem, begin)
    try:
        found = solver(coarse, seed=seed, iterations=iterations, older=packed(begin, parcels))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and the plan goes on
        warn(f"the route solver stopped with an error, routes are less good: {error!r}", RuntimeWarning, stacklevel=2)
        return ()
    return mended(problem, unpacked(found, parcels))
