"""Columns of the covering problem: which groups are worth a look at given prices, by labels.

A label is a partial round. It grows stop by stop, of several that took the same TPS and stand at
the same stop only the cheapest lives, and it is dropped when even its best continuation costs too
much.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Group = tuple[tuple[int, int], ...]
"""One group: (stop, TPS taken there), in the order of the round."""
Column = tuple[int, Group]
"""Cost of a group, and the group."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def road_seconds(group: Group, seconds: Ints) -> int:
    """Road time of a round, first stop to last [s]."""
    return sum(int(seconds[a, b]) for (a, _), (b, _) in pairwise(group))


class Rounds:
    """All rounds of at most `size` TPS over some stops.

    Costs are whole numbers: seconds times `scale`, plus one for each stop of a group, so that among
    groupings of equal time the one that splits the fewest stops wins. As many groups have as many legs as they visit
    stops, so what a split stop counts for is put on every leg.

    Parameters
    ----------
    seconds : ndarray, shape (n, n)
        Road time from stop to stop [s].
    tps : ndarray, shape (n,)
        TPS at each stop.
    size : int
        Most TPS in a group.
    allowed : ndarray, shape (n, n)
        Which two stops may share a group; symmetric.
    split_s : int
        Seconds that a stop counts for each further group that visits it.
    only_count : bool
        Let every group cost 1 and the road nothing.
    first_s : ndarray, shape (n,), optional
        Seconds that a round counts for beside its legs, by the stop at which it begins; none by default.
    """

    def __init__(
        self,
        seconds: Ints,
        tps: Ints,
        size: int,
        allowed: Bools,
        split_s: int = 0,
        *,
        only_count: bool = False,
        first_s: Ints | None = None,
    ) -> None:
        self.seconds, self.tps, self.size = seconds, tps, size
        self.scale = int(tps.sum()) + 1
        other = allowed & ~np.eye(len(tps), dtype=bool)
        legs = np.zeros(seconds.shape) if only_count else ((seconds + split_s) * self.scale + 1).astype(np.float64)
        self.leg: Floats = np.where(other, legs, np.inf)
        self.first: Floats = np.ones(len(tps)) + (0 if first_s is None else first_s * self.scale)
        # what a round may do next, option by option: go to stop `to` and take `take` of its TPS
        options = [(stop, taken) for stop, n in enumerate(tps) for taken in range(1, min(int(n), size) + 1)]
        self.to, self.take = np.array(options, dtype=np.int64).T
        self.whole = self.take == tps[self.to]
        self.joins: Bools = other[:, self.to]

    def cost(self, group: Group) -> int:
        """Cost of a group in the order it is written."""
        return int(self.first[group[0][0]]) + sum(int(self.leg[a, b]) for (a, _), (b, _) in pairwise(group))

    def whole_grouping(self) -> list[Column]:
        """Group everything simply: the most remote stop takes its nearest, and so on, each group as full as may be."""
        left = self.tps.copy()
        found = []
        while left.any():
            remote = np.where(left > 0, self.seconds[:, left > 0].sum(axis=1), -1)
            group = self._filled(int(remote.argmax()), left)
            for stop, taken in group:
                left[stop] -= taken
            found.append((self.cost(group), group))
        return found

    def around_each_stop(self) -> list[Column]:
        """Make the group that begins at each stop and goes on to the nearest."""
        groups = [self._filled(stop, self.tps) for stop in range(len(self.tps))]
        return [(self.cost(group), group) for group in groups]

    def _filled(self, first: int, left: Ints) -> Group:
        """Go from stop to nearest stop until the group is full or nothing is left."""
        group = [(first, min(int(left[first]), self.size))]
        missing = self.size - group[0][1]
        open_ = (left > 0) & np.isfinite(self.leg[first])
        while missing and open_.any():
            stop = int(np.where(open_, self.leg[group[-1][0]], np.inf).argmin())
            open_ &= np.isfinite(self.leg[stop])
            group.append((stop, min(int(left[stop]), missing)))
            missing -= group[-1][1]
        return tuple(group)

    def below(self, prices: Floats, fee: float, limit: float, keep: int) -> tuple[list[Column], bool]:
        """Find the groups whose reduced cost is under a limit.

        Only groups that can take no further TPS at their stops: the others are never better.

        Parameters
        ----------
        prices : ndarray, shape (n,)
            Price of a TPS at each stop.
        fee : float
            Price of a group, at most 0.
        limit : float
            Limit of cost - prices - fee.
        keep : int
            Most labels that may live at a time; the most promising do.

        Returns
        -------
        list of Column
            The one with the least reduced cost first.
        bool
            Whether these are all.
        """
        gain = self._continuations(prices)
        labels = np.arange(len(self.to))[:, None]  # one row a label: the options it took
        reduced = self.first[self.to] - fee - self.take * prices[self.to]
        complete = True
        found: list[tuple[float, int, Group]] = []
        while len(labels):
            taken, last = self.take[labels].sum(axis=1), self.to[labels[:, -1]]
            promise = reduced - gain[self.size - taken, last]
            good = np.flatnonzero(promise < limit)
            if len(good) > keep:
                complete = False
                good = good[np.argsort(promise[good], kind="stable")[:keep]]
            labels, reduced, taken, last = labels[good], reduced[good], taken[good], last[good]
            end = np.flatnonzero((reduced < limit) & ((taken == self.size) | self.whole[labels].all(axis=1)))
            ended = labels[end]
            stops = self.to[ended]
            costs = (self.first[stops[:, 0]] + self.leg[stops[:, :-1], stops[:, 1:]].sum(axis=1)).astype(np.int64)
            groups = (
                tuple(zip(*both, strict=True)) for both in zip(stops.tolist(), self.take[ended].tolist(), strict=True)
            )
            found += zip(reduced[end].tolist(), costs.tolist(), groups, strict=True)
            labels, reduced = self._longer(labels, reduced, taken, last, prices)
        return [(cost, group) for _, cost, group in sorted(found)], complete

    def least_reduced(self, prices: Floats, fee: float) -> float:
        """Bound the reduced cost of every group from below."""
        gain = self._continuations(prices)[self.size - self.take, self.to]
        return float((self.first[self.to] - fee - self.take * prices[self.to] - gain).min())

    def _continuations(self, prices: Floats) -> Floats:
        """Bound what a round still gains that stands at a stop with r TPS to go, shape (size + 1, n).

        Exact but for rounds that come to a stop twice: these are allowed here.
        """
        gain = np.zeros((self.size + 1, len(self.tps)))
        for r in range(1, self.size + 1):
            fits = self.take <= r
            to, take = self.to[fits], self.take[fits]
            gain[r] = np.maximum((take * prices[to] + gain[r - take, to] - self.leg[:, to]).max(axis=1), 0.0)
        return gain

    def _longer(self, labels: Ints, reduced: Floats, taken: Ints, last: Ints, prices: Floats) -> tuple[Ints, Floats]:
        """Let each label go on to every stop that may join it, and keep the cheapest of those that end alike."""
        fits = taken[:, None] + self.take <= self.size
        fits &= self.joins[self.to[labels]].all(axis=1)
        row, option = np.nonzero(fits)
        longer = np.column_stack([labels[row], option])
        cost = reduced[row] + self.leg[last[row], self.to[option]] - self.take[option] * prices[self.to[option]]
        alike = np.column_stack([np.sort(longer, axis=1), option])
        order = np.lexsort((cost, *alike.T[::-1]))
        alike = alike[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (alike[1:] != alike[:-1]).any(axis=1)
        return longer[order[first]], cost[order[first]]
