"""How many groups there must be if the TPS of a point are never parted: bins that whole points are packed into."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import ceil

import numpy as np
from scipy.optimize import LinearConstraint, milp

NODES = 2_000  # of HiGHS's search tree: a count, not seconds, so that runs repeat
NEAR = 1e-6


@lru_cache(maxsize=1024)  # plans of several scenarios, and those made again, ask the same of most classes
def fewest_whole(tps: tuple[int, ...], size: int) -> int:
    """Count the groups that are needed at least where no point that fits into a group is split.

    Roads are not looked at: with them more may be needed, never fewer. Points that do not fit are split as one likes.

    Parameters
    ----------
    tps : tuple of int
        TPS at each point.
    size : int
        Most TPS in a group.

    Returns
    -------
    int
        The least number, or where the search ends early the bound that it has proven.
    """
    least = ceil(sum(tps) / size)
    if _first_fit(tps, size) <= least:
        return least
    points = Counter(n for n in tps if n <= size)
    sizes = sorted(points)
    ways = _fillings(sizes, size)
    fillings = np.array(ways, dtype=np.int64).reshape(len(ways), len(sizes))
    loose = sum(n for n in tps if n > size)
    taken, room = fillings.T, size - fillings @ np.array(sizes, dtype=np.int64)
    found = milp(
        np.ones(len(fillings)),
        integrality=np.ones(len(fillings), dtype=np.int64),
        constraints=LinearConstraint(np.vstack([taken, room]), [*(points[n] for n in sizes), loose], np.inf),
        options={"node_limit": NODES},
    )
    return ceil(max(found.mip_dual_bound or 0.0, least) - NEAR)


def _first_fit(tps: tuple[int, ...], size: int) -> int:
    """Count the groups that take whole points, the largest first, each into the first group with room."""
    rooms: list[int] = []
    for n in sorted((n for n in tps if n <= size), reverse=True):
        group = next((group for group, room in enumerate(rooms) if room >= n), None)
        if group is None:
            rooms.append(size - n)
        else:
            rooms[group] -= n
    return len(rooms)


def _fillings(sizes: list[int], room: int) -> list[tuple[int, ...]]:
    """List in how many ways points of some sizes fit into one group: how many of each size."""
    if not sizes:
        return [()]
    return [(n, *others) for n in range(room // sizes[0] + 1) for others in _fillings(sizes[1:], room - n * sizes[0])]
