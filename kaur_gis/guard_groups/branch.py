"""The choice among few groups by branching: quicker than to ask HiGHS, which has much to set up.

At each step one stop is looked at, the one that the fewest groups can still serve, and each of these is tried. A group
has no part in anything better where it costs too much over the linear bound, or takes so few TPS that the others,
full as they may be, can't take all the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaur_gis.guard_groups.rounds import Floats, Ints

STEPS = 5_000  # then HiGHS's cuts do better: a count, not seconds, so that runs repeat
WHOLE = 0.5  # costs are whole numbers: what is not cheaper by this is not cheaper


def branched(
    cost: Floats, reduced: Floats, taken: Floats, tps: Ints, n_groups: int, least: float, most: float
) -> Ints | None:
    """Choose the cheapest groups that take every TPS.

    Parameters
    ----------
    cost, reduced : ndarray, shape (c,)
        What each group costs, and costs over `least`.
    taken : ndarray, shape (n, c)
        TPS that it takes at each stop.
    tps : ndarray, shape (n,)
        TPS at each stop.
    n_groups : int
        Most groups.
    least : float
        No choice costs less than this and what its groups cost over it.
    most : float
        Only what is cheaper is looked for.

    Returns
    -------
    ndarray, shape (g,), or None
        Columns, each as often as it is chosen; empty where nothing is cheaper, None where to know it takes too long.
    """
    order = np.argsort(reduced, kind="stable")
    groups = _Groups(
        [max(over, 0.0) for over in reduced[order].tolist()],
        [[(stop, int(n[stop])) for stop in np.flatnonzero(n).tolist()] for n in taken.T[order]],
    )
    full, best = int(taken.sum(axis=0).max(initial=0)), np.zeros(0, dtype=np.int64)
    waiting: list[tuple[list[int], float, list[int], list[int]]] = [(tps.tolist(), least, [], [*range(len(order))])]
    for _ in range(STEPS):
        if not waiting:
            return best
        before, bound, chosen, open_ = waiting.pop()
        left = groups.left(before, chosen[-1:])
        missing = sum(left)
        if missing:
            fewest = missing - full * (n_groups - len(chosen) - 1)
            kept, here = groups.fitting(open_, left, most - WHOLE - bound, max(1, fewest))
            for at in here[::-1]:  # the cheapest is tried first, and then the others without it
                tried = set(here[: here.index(at)])
                further = [one for one in kept if one not in tried]
                waiting.append((left, bound + groups.dearer[at], [*chosen, at], further))
        elif (whole := float(cost[order[chosen]].sum())) < most - WHOLE:
            best, most = order[chosen], whole
    return None


@dataclass(frozen=True)
class _Groups:
    """What each group costs over the linear bound, ascending, and how many TPS it takes at which stops."""

    dearer: list[float]
    takes: list[list[tuple[int, int]]]

    def left(self, before: list[int], chosen: list[int]) -> list[int]:
        """Count the TPS that are left at each stop when some groups are chosen."""
        left = before.copy()
        for at in chosen:
            for stop, n in self.takes[at]:
                left[stop] = max(0, left[stop] - n)
        return left

    def fitting(self, among: list[int], left: list[int], room: float, fewest: int) -> tuple[list[int], list[int]]:
        """Find the groups that are no dearer than there is room for, and take enough; and those that serve one stop.

        It is that of the stops with TPS left which the fewest of them serve.
        """
        kept, ways = [], [0] * len(left)
        for at in among:
            if self.dearer[at] > room:
                break
            more = 0
            for stop, n in self.takes[at]:
                more += min(n, left[stop])
            if more >= fewest:
                kept.append(at)
                for stop, _ in self.takes[at]:
                    ways[stop] += 1
        hard = min((n, stop) for stop, n in enumerate(ways) if left[stop])[1]
        return kept, [at for at in kept if any(stop == hard for stop, _ in self.takes[at])]
