"""Cells of a network and the few gates between them: most of a big matrix is sums by way of gates, and not searches.

A cell is any set of nodes. Of every arc from one cell to another one end is a gate of both, so that no way into or out
of a cell misses its gates. A quickest drive from one cell to another is therefore the quickest to a gate of the first,
on to a gate of the second, and from there; only drives within one cell, to its gates and between gates are searched.

References
----------
Jung, S., Pramanik, S. (2002). An Efficient Path Computation Model for Hierarchically Structured Topographical Road
Maps. IEEE Transactions on Knowledge and Data Engineering 14. https://doi.org/10.1109/TKDE.2002.1033772
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaur_gis.travel.network import Ints

NEVER = 2**31 - 1
"""RoutingKit's word for "no way": every real driving time must stay below it [ms], 596 hours; twice it is a number."""
CACHED_CELLS = 40_000  # of a matrix that is filled gate by gate, a piece at a time: it fits a processor's cache
Times = NDArray[np.uint32]
Ask = Callable[[Times, Times], Times]
"""Driving times from some nodes to others [ms], NEVER where there is no way."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a network.

    Attributes
    ----------
    cell : shape (n,)
        Cell of each node.
    gates : shape (g,)
        Nodes.
    of_cell : list
        Places of the gates of each cell in `gates`.
    """

    cell: Ints
    gates: Times
    of_cell: list[Ints]

    @classmethod
    def of(cls, tail: Ints, head: Ints, cell: Ints) -> Cells:
        """Find the gates: of an arc that leaves a cell the end in the cell of the lower number.

        Parameters
        ----------
        tail, head : shape (m,)
            Node at which each arc begins and ends.
        cell : shape (n,)
            Cell of each node, from 0 on; any cells do, those that few roads join do best.
        """
        across = np.flatnonzero(cell[tail] != cell[head])
        sides = np.stack([cell[tail[across]], cell[head[across]]])
        gate = np.where(sides[0] < sides[1], tail[across], head[across])
        gates, at = np.unique(gate, return_inverse=True)
        of_cell = [np.unique(at[(sides == one).any(axis=0)]) for one in range(int(cell.max(initial=-1)) + 1)]
        return cls(cell, gates.astype(np.uint32), of_cell)

    def times(self, ask: Ask, sources: Times, targets: Times) -> Times:
        """Driving times from each source to each target [ms], NEVER where there is no way; shape (s, t)."""
        if min(len(sources), len(targets)) <= len(self.gates) or not len(self.gates):
            return ask(sources, targets)  # fewer searches than between the gates
        between = ask(self.gates, self.gates)
        onward = np.empty((len(self.gates), len(targets)), dtype=np.uint32)
        parts = []
        for mine, row, column in zip(self.of_cell, self._split(sources), self._split(targets), strict=True):
            gates = self.gates[mine]
            near = ask(np.concatenate([sources[row], gates]), np.concatenate([targets[column], gates]))
            n_rows, n_columns = len(row), len(column)
            onward[:, column] = by_way_of(between[:, mine], near[n_rows:, :n_columns])
            parts.append((mine, row, column, near[:n_rows, n_columns:], near[:n_rows, :n_columns]))
        found = np.empty((len(sources), len(targets)), dtype=np.uint32)
        for mine, row, column, to_gates, inside in parts:
            found[row] = by_way_of(to_gates, onward[mine])
            found[row[:, None], column] = inside
        return found

    def _split(self, nodes: Times) -> list[Ints]:
        """Places of nodes by their cells."""
        cell = self.cell[nodes]
        order = np.argsort(cell, kind="stable")
        return np.split(order, np.searchsorted(cell[order], np.arange(1, len(self.of_cell))))


def by_way_of(there: Times, onward: Times) -> Times:
    """Driving times by way of whichever node between is best [ms]; shapes (s, k), (k, t) to (s, t)."""
    found = np.full((len(there), onward.shape[1]), NEVER, dtype=np.uint32)
    step = max(1, CACHED_CELLS // max(1, onward.shape[1]))
    for at in range(0, len(there), step):
        part, begun = found[at : at + step], there[at : at + step]
        total = np.empty_like(part)
        for middle, rest in enumerate(onward):
            np.add(begun[:, middle, None], rest, out=total)
            np.minimum(part, total, out=part)
    return found
