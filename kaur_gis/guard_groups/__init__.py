"""Groups of at most `size` TPS with the least road time inside them, to a proven optimum where possible.

Set covering by columns: a column is one group, that is how many TPS it takes at which stops, and
costs the road time of its best round, first stop to last. TPS at one stop are the same to it, so
a stop of seven TPS is one row, not seven. Columns are priced (`rounds`) until the linear bound
stands; all that could be part of something better are then enumerated, the bound is raised by
rounding cuts, and HiGHS chooses among what is left (`cover`).

References
----------
Baldacci, Christofides, Mingozzi: An exact algorithm for the vehicle routing problem based on the
set partitioning formulation with additional cuts, Mathematical Programming 115 (2008), 351-385:
enumeration of every column whose reduced cost is within the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.sparse.csgraph import connected_components

from kaur_gis.guard_groups.cover import Cover, Pool, cheapest, linear, pool_of
from kaur_gis.guard_groups.rounds import Group, Ints, Rounds, road_seconds
from kaur_gis.problems import TravelError

__all__ = ["Group", "Grouping", "group_stops", "road_seconds"]

FEW_LABELS = 200  # kept while any good column will do
MANY_LABELS = 100_000  # kept when every good column is wanted; beyond, the optimum stays unproven
COLUMNS_A_ROUND = 200  # new columns between two solutions of the linear programme
TOLERANCE = 1e-4  # of reduced costs; true costs are whole numbers


@dataclass(frozen=True)
class Grouping:
    """Groups of the stops, and how good they can be at best.

    Attributes
    ----------
    groups : tuple of Group
        Sorted; together they take every TPS of every stop once.
    seconds : int
        Road time inside all groups [s].
    bound : int
        No grouping into as few groups takes less than this [s].
    """

    groups: tuple[Group, ...]
    seconds: int
    bound: int

    @property
    def proven(self) -> bool:
        """Whether `seconds` is known to be the least possible."""
        return self.seconds <= self.bound


def group_stops(seconds: Ints, tps: Ints, size: int) -> Grouping:
    """Group the TPS of some stops: as few groups as possible, then the least road time inside them.

    Where the least time leaves a choice, TPS of one stop stay together.

    Parameters
    ----------
    seconds : ndarray, shape (n, n)
        Road time from stop to stop [s], not necessarily the same both ways; negative where there
        is no road. Two stops may share a group only if they reach each other.
    tps : ndarray, shape (n,)
        TPS at each stop, at least 1.
    size : int
        Most TPS in a group.

    Returns
    -------
    Grouping
        Of ceil(TPS / size) groups in each set of stops that reach each other.

    Raises
    ------
    TravelError
        Where a reaches b and b reaches c, both ways, but a and c do not reach each other.
    SolverError
        If the solver returns something that is not a solution.
    """
    joined = ((seconds >= 0) & (seconds.T >= 0)) | np.eye(len(tps), dtype=bool)
    n_parts, part_of = connected_components(joined, directed=False)
    parts = [np.flatnonzero(part_of == part) for part in range(n_parts)]
    if not all(joined[np.ix_(part, part)].all() for part in parts):
        msg = "travel times are not closed: some stops reach each other only by way of a third"
        raise TravelError(msg)
    solved = [_solved(seconds[np.ix_(part, part)], tps[part], size) for part in parts]
    groups = [
        tuple((int(part[stop]), taken) for stop, taken in group)
        for part, grouping in zip(parts, solved, strict=True)
        for group in grouping.groups
    ]
    return Grouping(
        groups=tuple(sorted(groups)),
        seconds=sum(grouping.seconds for grouping in solved),
        bound=sum(grouping.bound for grouping in solved),
    )


def _solved(seconds: Ints, tps: Ints, size: int) -> Grouping:
    """Group stops that all reach each other."""
    rounds = Rounds(seconds, tps, size)
    n_groups = ceil(int(tps.sum()) / size)
    first = rounds.whole_grouping()
    pool, least = _priced(rounds, n_groups, pool_of([*first, *rounds.around_each_stop()]))
    known = Cover(tuple(group for _, group in first), sum(cost for cost, _ in first), least)
    # twice: a quick look for a good grouping makes the gap, and so the full enumeration, small
    for keep in (FEW_LABELS, MANY_LABELS):
        _, prices, fee = linear(pool, tps, n_groups)
        found, complete = rounds.below(prices, fee, known.cost - least + TOLERANCE, keep)
        pool = pool_of([*pool.values(), *found])
        known = cheapest(pool, tps, n_groups, known, complete=complete)
        if complete:
            break
    groups = [_forth(group, seconds) for group in _each_once(known.groups, tps)]
    return Grouping(
        groups=tuple(sorted(groups)),
        seconds=sum(road_seconds(group, seconds) for group in groups),
        bound=max(ceil(known.bound - TOLERANCE), 0) // rounds.scale,
    )


def _priced(rounds: Rounds, n_groups: int, pool: Pool) -> tuple[Pool, float]:
    """Add columns until none lowers the linear programme; its value, or a bound of it, is the second result."""
    while True:
        value, prices, fee = linear(pool, rounds.tps, n_groups)
        found, complete = rounds.below(prices, fee, -TOLERANCE, FEW_LABELS)
        if not found and not complete:
            found, complete = rounds.below(prices, fee, -TOLERANCE, MANY_LABELS)
        if not found:
            return pool, value if complete else value + n_groups * min(0.0, rounds.least_reduced(prices, fee))
        pool = pool_of([*pool.values(), *found[:COLUMNS_A_ROUND]])


def _each_once(groups: tuple[Group, ...], tps: Ints) -> list[Group]:
    """Take each TPS once: where groups take more of a stop than it has, the later ones take less."""
    left = tps.copy()
    trimmed = []
    for group in sorted(groups):
        kept = []
        for stop, taken in group:
            takes = min(taken, int(left[stop]))
            left[stop] -= takes
            if takes:
                kept.append((stop, takes))
        trimmed.append(tuple(kept))
    return [group for group in trimmed if group]


def _forth(group: Group, seconds: Ints) -> Group:
    """Turn a round to its quicker direction; where both take the same, begin at the first stop of the list."""
    return min(group, group[::-1], key=lambda way: (road_seconds(way, seconds), way))
