"""Groups of at most `size` TPS with the least road time inside them, to a proven optimum where possible.

Set covering by columns: a column is one group, that is how many TPS it takes at which stops, and
costs the road time of its best round, first stop to last. TPS at one stop are the same to it, so
a stop of seven TPS is one row, not seven. Columns are priced (`rounds`) until the linear bound
stands; all that could be part of something better are then enumerated, the bound is raised by
rounding cuts, and HiGHS chooses among what is left (`cover`). Where groups are too large for that, the bound is
that of the shortest forest (`forest`), and the gap is told.

References
----------
Baldacci, Christofides, Mingozzi: An exact algorithm for the vehicle routing problem based on the
set partitioning formulation with additional cuts, Mathematical Programming 115 (2008), 351-385:
enumeration of every column whose reduced cost is within the gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
from scipy.sparse.csgraph import connected_components

from kaur_gis.grouping.cover import Cover, Pool, arrays_of, cheapest, linear, pool_of
from kaur_gis.grouping.forest import forest_bound
from kaur_gis.grouping.rests import full_and_rests
from kaur_gis.grouping.rounds import Bools, Column, Floats, Group, Ints, Rounds, road_seconds
from kaur_gis.problems import TravelError

__all__ = [
    "Column",
    "Group",
    "Grouping",
    "Rounds",
    "arrays_of",
    "full_and_rests",
    "group_stops",
    "promising",
    "road_seconds",
]

FEW_LABELS = 200  # kept while any good column will do
SOME_LABELS = 800  # kept of larger groups: for a better grouping, not for its proof
MANY_LABELS = 100_000  # kept when every good column is wanted; beyond, the optimum stays unproven
SMALL_GROUP = 6  # TPS; larger groups have too many columns to look at all: the gap is then reported
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
        No grouping into as few groups that parts stops no more often takes less than this [s]; below `seconds` by what
        is not proven, where each further group that visits a stop counts `split_s` more.
    needed : int
        There can't be fewer groups than this.
    forcing : tuple of int
        Stops that force more groups than ceil(TPS / size); empty where there are no more.
    """

    groups: tuple[Group, ...]
    seconds: int
    bound: int
    needed: int
    forcing: tuple[int, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether nothing better is possible with as few groups as possible."""
        return self.seconds <= self.bound and len(self.groups) <= self.needed


def group_stops(seconds: Ints, tps: Ints, size: int, allowed: Bools | None = None, split_s: int = 0) -> Grouping:
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
    allowed : ndarray, shape (n, n), optional
        Which two stops may share a group at all; symmetric. All by default.
    split_s : int
        Seconds of road that it is worth to spare a stop a further group.

    Returns
    -------
    Grouping
        Of ceil(TPS / size) groups in each set of stops that may all share a group. Where a may
        join b, and b c, but a not c, the fewest groups are searched first, in the same way as
        the least time.

    Raises
    ------
    TravelError
        Without `allowed`, where a reaches b and b reaches c, both ways, but a and c do not reach each other.
    SolverError
        If the solver returns something that is not a solution.
    """
    same = np.eye(len(tps), dtype=bool)
    joined = ((seconds >= 0) & (seconds.T >= 0)) | same
    if allowed is not None:
        joined &= allowed | same
    n_parts, part_of = connected_components(joined, directed=False)
    parts = [np.flatnonzero(part_of == part) for part in range(n_parts)]
    if allowed is None and not all(joined[np.ix_(part, part)].all() for part in parts):
        msg = "travel times are not closed: some stops reach each other only by way of a third"
        raise TravelError(msg)
    solved = [
        _part(seconds[np.ix_(part, part)], tps[part], size, joined[np.ix_(part, part)], split_s) for part in parts
    ]
    groups = [
        tuple((int(part[stop]), taken) for stop, taken in group)
        for part, (grouping, _) in zip(parts, solved, strict=True)
        for group in grouping.groups
    ]
    weights = np.zeros(len(tps))
    for part, (_, weight) in zip(parts, solved, strict=True):
        weights[part] = weight
    return Grouping(
        groups=tuple(sorted(groups)),
        seconds=sum(grouping.seconds for grouping, _ in solved),
        bound=sum(grouping.bound for grouping, _ in solved),
        needed=sum(grouping.needed for grouping, _ in solved),
        forcing=_forcing(groups, weights, tps, size),
    )


def promising(rounds: Rounds, known: Sequence[Group], most: int) -> list[Column]:
    """Find groups that a cheaper grouping than a known one may have, of no more groups.

    Parameters
    ----------
    rounds : Rounds
    known : sequence of Group
        They take every TPS.
    most : int
        So many columns.

    Returns
    -------
    list of Column
        The most promising first; none where nothing cheaper is possible.
    """
    columns = [(rounds.cost(group), group) for group in known]
    priced = _priced(rounds, len(known), pool_of([*columns, *rounds.around_each_stop()]), SOME_LABELS)
    gap = sum(cost for cost, _ in columns) - priced.least
    return rounds.below(priced.prices, priced.fee, gap, SOME_LABELS)[0][:most] if gap > TOLERANCE else []


def _forcing(groups: list[Group], weights: Floats, tps: Ints, size: int) -> tuple[int, ...]:
    """Name the stops that force more groups than ceil(TPS / size).

    They are those whose TPS need more than their share of a group: the prices of the linear
    programme that counts groups, by which no group may hold more than 1, say how much each TPS
    needs. Where all need the same, it is whole numbers that force: then the stops of groups that are not full.
    """
    if len(groups) <= ceil(int(tps.sum()) / size):
        return ()
    heavy = np.flatnonzero(weights > 1 / size + TOLERANCE).tolist()
    short = sorted({stop for group in groups if sum(taken for _, taken in group) < size for stop, _ in group})
    return tuple(heavy or short)


def _part(seconds: Ints, tps: Ints, size: int, allowed: Bools, split_s: int) -> tuple[Grouping, Floats]:
    """Group stops that hang together; and how much of a group each TPS of a stop needs, shape (n,)."""
    total = int(tps.sum())
    rounds = Rounds(seconds, tps, size, allowed, split_s)
    first = [group for _, group in rounds.whole_grouping()]
    needed = ceil(total / size)
    weights = np.full(len(tps), 1 / min(size, total))
    if not allowed.all():
        counting = Rounds(seconds, tps, size, allowed, only_count=True)
        priced = _priced(counting, total, pool_of((1, group) for group in first), _many(size))
        weights = priced.prices
        fewest = _best(counting, total, priced, Cover(tuple(first), len(first), ceil(priced.least - TOLERANCE)))
        first, needed = list(fewest.groups), ceil(fewest.bound - TOLERANCE)
    n_groups = len(first)
    columns = [(rounds.cost(group), group) for group in first]
    priced = _priced(rounds, n_groups, pool_of([*columns, *rounds.around_each_stop()]), _many(size))
    known = _best(rounds, n_groups, priced, Cover(tuple(first), sum(cost for cost, _ in columns), priced.least))
    groups = [_forth(group, seconds) for group in _each_once(known.groups, tps)]
    found = sum(road_seconds(group, seconds) for group in groups)
    weighed = found + split_s * sum(len(group) - 1 for group in groups)
    bound = max(ceil(known.bound - TOLERANCE), 0) // rounds.scale
    if bound < weighed:
        forest = ceil(forest_bound(seconds, n_groups, found) - TOLERANCE) + split_s * max(len(tps) - n_groups, 0)
        bound = min(weighed, max(bound, forest))
    grouping = Grouping(
        groups=tuple(sorted(groups)),
        seconds=found,
        bound=found - (weighed - bound),
        needed=needed,
    )
    return grouping, weights


class _Priced(NamedTuple):
    """A pool to which no column is missing that lowers its linear programme: a bound of its value, and its prices."""

    pool: Pool
    least: float
    prices: Floats
    fee: float


def _best(rounds: Rounds, n_groups: int, priced: _Priced, known: Cover) -> Cover:
    """Choose the cheapest grouping of at most so many groups: all columns that could have part in one are looked at."""
    pool, _, prices, fee = priced
    least = known.bound
    # twice: a quick look for a good grouping makes the gap, and so the full enumeration, small
    for keep in (FEW_LABELS, _many(rounds.size)):
        if known.cost <= least:
            break
        if pool is not priced.pool:
            _, prices, fee = linear(pool, rounds.tps, n_groups)
        found, complete = rounds.below(prices, fee, known.cost - least + TOLERANCE, keep)
        pool = pool_of([*pool.values(), *found])
        known = cheapest(pool, rounds.tps, n_groups, known, complete=complete)
        if complete:
            break
    return known


def _many(size: int) -> int:
    """Labels to keep when every good column is wanted."""
    return MANY_LABELS if size <= SMALL_GROUP else SOME_LABELS


def _priced(rounds: Rounds, n_groups: int, pool: Pool, keep: int) -> _Priced:
    """Add columns until none lowers the linear programme; so many labels live when it seems to stand."""
    while True:
        value, prices, fee = linear(pool, rounds.tps, n_groups)
        found, complete = rounds.below(prices, fee, -TOLERANCE, FEW_LABELS)
        if not found and not complete:
            found, complete = rounds.below(prices, fee, -TOLERANCE, keep)
        longer = pool_of([*pool.values(), *found[:COLUMNS_A_ROUND]])
        if longer == pool:  # what is there already lowers nothing, whatever rounding says
            least = value if complete else value + n_groups * min(0.0, rounds.least_reduced(prices, fee))
            return _Priced(pool, least, prices, fee)
        pool = longer


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
