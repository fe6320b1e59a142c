"""The covering problem over a pool of groups: its linear bound, rounding cuts, and the choice by HiGHS.

To take more TPS at a stop than it has costs nothing and gains nothing, so "at least" does for
"exactly"; whoever uses the result takes each TPS once.

A rounding cut looks at a few stops with n TPS together. A group that takes a of them counts for
ceil(a / q) units, and all groups together must count for ceil(n / q): with q the size of a group,
that is how many groups must come there at all. Such cuts close most of the gap that fractions
of full groups leave open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from kaur_gis.grouping.rounds import Column, Floats, Group, Ints
from kaur_gis.problems import SolverError

Pool = dict[Group, Column]
"""The cheapest round of those that take the same TPS, by what it takes in the order of stops."""

CUT_STOPS = 3, 5  # most stops in a cut: larger ones are many, and tried only where smaller ones leave fractions
MANY_CUTS = 50_000  # sets of stops that are tried
CUTS_A_ROUND = 120
CUT_ROUNDS = 12
VIOLATION = 0.2  # a cut that is broken by less is not worth a row
NODES = 20_000  # of HiGHS's search tree: a count, not seconds, so that runs repeat
PROMISING = 3  # groups a stop, of a pool that lacks columns, among which a grouping is searched
GAP = 0.03  # share of its cost by which a grouping of a pool that lacks columns may be dearer than its best
NEAR = 1e-4  # two costs are equal; true costs are whole numbers


@dataclass(frozen=True)
class Cover:
    """Groups that take every TPS, what they cost, and what any cost at least."""

    groups: tuple[Group, ...]
    cost: int
    bound: float


def pool_of(columns: Iterable[Column]) -> Pool:
    """Keep the cheapest round of those that take the same TPS."""
    pool: Pool = {}
    for column in columns:
        key = tuple(sorted(column[1]))
        pool[key] = min(pool.get(key, column), column)
    return pool


def linear(pool: Pool, tps: Ints, n_groups: int) -> tuple[float, Floats, float]:
    """Solve the linear programme over a pool.

    Returns
    -------
    float
        Its value.
    ndarray, shape (n,)
        Price of a TPS at each stop, at least 0.
    float
        Fee of a group, at most 0.

    Raises
    ------
    SolverError
        If it has no solution: the pool must hold a whole grouping.
    """
    cost, taken, _ = _arrays(pool, len(tps))
    value, _, dual = _linear(cost, taken, tps.astype(np.float64), n_groups)
    return value, dual[:-1], dual[-1]


def cheapest(pool: Pool, tps: Ints, n_groups: int, known: Cover, *, complete: bool) -> Cover:
    """Choose the cheapest groups of a pool that take every TPS.

    Parameters
    ----------
    pool : Pool
        Columns; it must hold those of `known`.
    tps : ndarray, shape (n,)
        TPS at each stop.
    n_groups : int
        Most groups.
    known : Cover
        The best grouping so far, and a bound.
    complete : bool
        Whether the pool holds every column that a better grouping could have. Only then the
        bound rises.

    Returns
    -------
    Cover
        Not dearer than `known`.

    Raises
    ------
    SolverError
        If the linear programme fails.
    """
    cost, taken, groups = _arrays(pool, len(tps))
    # where the others, as full as any is, can't take all the rest, a group has no part in a grouping of so few
    all_taken = taken.sum(axis=0)
    needed = all_taken >= tps.sum() - all_taken.max() * (n_groups - 1)
    cost, taken, groups = cost[needed], taken[:, needed], groups[needed]
    # the divisors of the cuts: a q that exceeds what any group takes says no more than the largest
    divisors = np.arange(2.0, all_taken.max() + 1)
    sets, by = np.zeros((0, len(tps))), np.zeros(0)
    rows, need = taken, tps.astype(np.float64)
    bound = known.bound
    for most in CUT_STOPS if complete else CUT_STOPS[:1]:
        members = _stop_sets(len(tps), most)
        for _ in range(CUT_ROUNDS):
            value, x, dual = _linear(cost, rows, need, n_groups)
            bound = max(bound, value)
            reduced = cost - dual[:-1] @ rows - dual[-1]
            stays = (reduced <= known.cost - value + NEAR) | (x > 0)
            cost, taken, groups, x, reduced = cost[stays], taken[:, stays], groups[stays], x[stays], reduced[stays]
            new_sets, new_by = _broken(members, divisors, taken, tps, x)
            active = dual[len(tps) : -1] > 0
            sets, by = np.vstack([sets[active], new_sets]), np.append(by[active], new_by)
            rows = np.vstack([taken, _units(sets @ taken, by)])
            need = np.append(tps, _units(sets @ tps, by))
            if not len(new_by):
                break
        if _whole(x):
            break
    if _whole(x):  # the linear programme itself has chosen
        times, at_least = x, value
    elif complete:
        times, at_least = _search(cost, rows, need, n_groups)
    else:  # nothing is proven by it: a grouping of the most promising ones does
        few = np.sort(np.argsort(reduced, kind="stable")[: PROMISING * len(tps)])
        times, at_least = np.zeros(len(cost)), -np.inf
        times[few], _ = _search(cost[few], rows[:, few], need, n_groups, gap=GAP)
    chosen, best = known.groups, known.cost
    times = np.rint(times).astype(np.int64)
    if (taken @ times >= tps).all() and times.sum() <= n_groups and times @ cost < best:
        chosen = tuple(group for group, n in zip(groups, times, strict=True) for _ in range(n))
        best = int(times @ cost)
    bound = max(bound, at_least)
    return Cover(chosen, best, min(bound, best) if complete else known.bound)


def _whole(x: Floats) -> bool:
    """Whether a solution holds whole numbers only."""
    return bool((np.abs(x - np.rint(x)) < NEAR).all())


def _search(cost: Floats, rows: Floats, need: Floats, n_groups: int, *, gap: float = 0.0) -> tuple[Floats, float]:
    """Solve `_linear` in whole numbers by HiGHS's search tree; zeros and no bound where it finds nothing."""
    found = milp(
        cost,
        integrality=np.ones(len(cost), dtype=np.int64),
        bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(
            csc_array(np.vstack([rows, np.ones(len(cost))])),
            np.append(need, 0),
            np.append(np.full(len(need), np.inf), n_groups),
        ),
        options={"mip_rel_gap": gap, "node_limit": NODES},
    )
    x = np.zeros(len(cost)) if found.x is None else found.x
    return x, -np.inf if found.mip_dual_bound is None else found.mip_dual_bound


def _arrays(pool: Pool, n_stops: int) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Say a pool in arrays, sorted."""
    return arrays_of([pool[key] for key in sorted(pool)], n_stops)


def arrays_of(columns: Sequence[Column], n_stops: int) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Cost, shape (c,); TPS taken, shape (n, c); and the groups, shape (c,), of columns."""
    taken = np.zeros((n_stops, len(columns)))
    groups = np.empty(len(columns), dtype=object)
    for number, (_, group) in enumerate(columns):
        groups[number] = group
        for stop, takes in group:
            taken[stop, number] = takes
    return np.array([cost for cost, _ in columns], dtype=np.float64), taken, groups


def _linear(cost: Floats, rows: Floats, need: Floats, n_groups: int) -> tuple[float, Floats, Floats]:
    """Solve: least cost with ``rows @ x >= need`` and at most `n_groups`; value, x, and the duals (fee last)."""
    found = linprog(
        cost,
        A_ub=np.vstack([-rows, np.ones(len(cost))]),
        b_ub=np.append(-need, n_groups),
        method="highs",
    )
    if found.status != 0 or found.x is None or found.fun is None:
        msg = f"linear programme of the groups: {found.message}"
        raise SolverError(msg)
    dual = np.minimum(found.ineqlin.marginals, 0.0)
    return float(found.fun), found.x, np.append(-dual[:-1], dual[-1])


def _stop_sets(n_stops: int, most: int) -> Floats:
    """Every set of up to `most` stops, one a row, as 0 and 1; smaller sets only where there are too many."""
    sizes = [size for size in range(1, min(most, n_stops) + 1) if comb(n_stops, size) <= MANY_CUTS]
    sets = [np.array(list(combinations(range(n_stops), size)), dtype=np.int64) for size in sizes]
    return np.vstack([(members[:, :, None] == np.arange(n_stops)).any(axis=1) for members in sets]).astype(np.float64)


def _units(taken: Floats, by: Floats) -> Floats:
    """ceil(taken / by), row by row; `taken` holds whole numbers."""
    return np.ceil(taken / by.reshape(-1, *[1] * (taken.ndim - 1)) - NEAR)


def _broken(members: Floats, divisors: Floats, taken: Floats, tps: Ints, x: Floats) -> tuple[Floats, Floats]:
    """Find the cuts that a fractional solution breaks most: their sets of stops and divisors."""
    used = x > 0
    inside, need = members @ taken[:, used], members @ tps
    found = []
    for q in divisors:
        short = np.ceil(need / q - NEAR) - np.ceil(inside / q - NEAR) @ x[used]
        worst = np.argsort(-short, kind="stable")[: CUTS_A_ROUND // 2]
        found += [(-short[row], q, row) for row in worst if short[row] > VIOLATION]
    found = sorted(found)[:CUTS_A_ROUND]
    return members[[row for _, _, row in found]], np.array([q for _, q, _ in found], dtype=np.float64)
