"""What of a network matters to drives between some of its nodes: rows of roads with no choice between them are one.

A dead end without such a node is on no quickest drive, and a node at which two roads meet and nobody stops is passed or
not with both of them, whatever the vehicle, the weather and the closures. On the roads of a kabupaten less than half of
the nodes are left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaur_gis.travel.network import Bools, Ints, Network
from kaur_gis.travel.speeds import BARRED

PASSED = 2  # so many roads meet at a node that is only passed


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Nodes of a network, and the rows of its arcs that lead from one of them to the next.

    Quickest drives between these nodes, and of equally quick ones the first, are those of the whole network.

    Attributes
    ----------
    network : Network
    nodes : shape (k,)
        Nodes that are left, ascending.
    arcs : shape (a,)
        Arcs of all rows, row after row, each in driving order.
    first : shape (r + 1,)
        Where each row begins in `arcs`; rows are in the order of the arcs by which they arrive.
    tail, head : shape (r,)
        Where each row begins and ends, as places in `nodes`.
    mm : shape (r,)
        Length of each row [mm].
    """

    network: Network
    nodes: Ints
    arcs: Ints
    first: Ints
    tail: Ints
    head: Ints
    mm: Ints

    @classmethod
    def of(cls, network: Network, stops: Ints) -> Skeleton:
        """Leave out what no quickest drive between some nodes can use, and join what is driven as one.

        Parameters
        ----------
        network : Network
        stops : shape (s,)
            Nodes at which drives begin and end.
        """
        kept = np.zeros(network.n_nodes, dtype=np.bool_)
        kept[stops] = True
        line = np.where(network.lines, np.arange(len(network.tail)), network.twin)
        alive, meet = _without_dead_ends(network, kept)
        kept |= meet > PASSED
        begin = np.flatnonzero(alive[line] & kept[network.tail])
        arcs, row = _followed(network, begin, _onward(network, line, alive), kept)
        arrives = arcs[np.append(row[1:] != row[:-1], True)[: len(row)]]
        start, end = network.tail[begin], network.head[arrives]
        led = np.flatnonzero(kept[end] & (start != end))  # round to where it began no quickest drive leads
        order = led[np.argsort(arrives[led])]
        number = np.full(len(begin), len(order), dtype=np.int64)
        number[order] = np.arange(len(order))
        row = number[row]
        arcs, row = (each[np.argsort(row, kind="stable")] for each in (arcs, row))
        first = np.searchsorted(row, np.arange(len(order) + 1))
        nodes = np.flatnonzero(kept)
        tail, head = (np.searchsorted(nodes, ends[order]) for ends in (start, end))
        return cls(network, nodes, arcs, first, tail, head, _summed(network.mm[arcs], first))

    def at(self, nodes: Ints) -> Ints:
        """Places of some nodes that are left; of any shape."""
        return np.searchsorted(self.nodes, nodes)

    def weighed(self, weight: Ints) -> Ints:
        """Sum the driving times of the arcs of each row [ms]; BARRED where one is; shapes (m,) to (r,)."""
        ms = weight[self.arcs]
        barred = _summed((ms < 0).astype(np.int64), self.first) > 0
        return np.where(barred, BARRED, _summed(ms, self.first))

    def walked(self, rows: list[int]) -> list[int]:
        """List the arcs of some rows, one after the other."""
        return [arc for row in rows for arc in self.arcs[self.first[row] : self.first[row + 1]].tolist()]


def _summed(values: Ints, first: Ints) -> Ints:
    """Sum the values of each row; shapes (a,) to (r,)."""
    total = np.concatenate([[0], np.cumsum(values)])
    return np.diff(total[first])


def _without_dead_ends(network: Network, kept: Bools) -> tuple[Bools, Ints]:
    """Take away loops, and again and again the only road of a node that nobody needs.

    Gives which lines are left, by the first of their arcs, and how many meet at each node; shapes (m,) and (n,).
    """
    alive = network.lines & (network.tail != network.head)
    left = np.flatnonzero(alive)
    while True:
        ends = network.tail[left], network.head[left]
        meet = np.bincount(np.concatenate(ends), minlength=network.n_nodes)
        end = (meet == 1) & ~kept
        gone = end[ends[0]] | end[ends[1]]
        if not gone.any():
            return alive, meet
        alive[left[gone]] = False
        left = left[~gone]


def _onward(network: Network, line: Ints, alive: Bools) -> Ints:
    """Find by which arc one drives on where two lines meet; -1 where the other one is one-way towards it; shape (m,).

    The numbers of the two lines are summed: without that of the one on which one comes, the other one is left.
    """
    left = np.flatnonzero(alive)
    both = np.zeros(network.n_nodes, dtype=np.int64)
    for ends in (network.tail[left], network.head[left]):
        np.add.at(both, ends, left)
    other = np.clip(both[network.head] - line, 0, max(len(line) - 1, 0))  # any number where not two lines meet
    found: Ints = np.where(network.tail[other] == network.head, other, network.twin[other])
    return found


def _followed(network: Network, begin: Ints, onward: Ints, kept: Bools) -> tuple[Ints, Ints]:
    """Follow arcs to the next node that is left, or until it does not go on; every arc with its row, shape (a,)."""
    arc, row = begin, np.arange(len(begin))
    arcs, rows = [arc], [row]
    while len(arc):
        further = ~kept[network.head[arc]]
        arc, row = onward[arc[further]], row[further]
        arc, row = arc[arc >= 0], row[arc >= 0]
        arcs.append(arc)
        rows.append(row)
    every, of = np.concatenate(arcs), np.concatenate(rows)
    order = np.argsort(of, kind="stable")
    return every[order], of[order]
