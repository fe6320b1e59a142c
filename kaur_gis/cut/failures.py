"""What each single failure does to the quickest drives between a base and its stops: exact, without searching anew.

A failing chain matters to a stop only where it lies on that stop's quickest drive. In the tree of quickest drives from
a base, the chain's subtree is then all that can change: its nodes are searched again, beginning from the drives that
enter the subtree by another chain. Drives back to the base are the same on the network turned round.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Ints

Arcs = list[list[tuple[int, int, int]]]
"""Node -> (other node, chain, time [ms]) of everything that leaves it, or of everything that enters it."""


def arcs_of(
    n_nodes: int, tail: Sequence[int], head: Sequence[int], forth: Sequence[int], back: Sequence[int]
) -> tuple[Arcs, Arcs]:
    """List what leaves each node, and what enters it.

    Parameters
    ----------
    n_nodes : int
    tail, head : sequence of int
        Ends of each chain.
    forth, back : sequence of int
        Time along and against each chain [ms]; FAR where that is not possible.
    """
    out: Arcs = [[] for _ in range(n_nodes)]
    into: Arcs = [[] for _ in range(n_nodes)]
    for chain, (a, b, along, against) in enumerate(zip(tail, head, forth, back, strict=True)):
        for one, other, ms in ((a, b, along), (b, a, against)):
            if ms < FAR:
                out[one].append((other, chain, ms))
                into[other].append((one, chain, ms))
    return out, into


@dataclass(frozen=True, eq=False)
class Tree:
    """Quickest drives from one node.

    Attributes
    ----------
    ms : list of int
        By node; FAR where there is no way.
    parent, chain : list of int
        By node: the node before it, and the chain between; -1 at the root and where there is no way.
    order : list of int
        Reached nodes, each after its parent and with its whole subtree right behind it.
    at, size : list of int
        By node: its place in `order`, and how many nodes its subtree has.
    """

    ms: list[int]
    parent: list[int]
    chain: list[int]
    order: list[int]
    at: list[int]
    size: list[int]


def tree_of(out: Arcs, root: int) -> Tree:
    """Find the quickest drives from one node."""
    n = len(out)
    ms, parent, via, done = [FAR] * n, [-1] * n, [-1] * n, [False] * n
    ms[root] = 0
    heap = [(0, root)]
    children: list[list[int]] = [[] for _ in range(n)]
    while heap:
        now, node = heapq.heappop(heap)
        if done[node]:
            continue
        done[node] = True
        if parent[node] >= 0:
            children[parent[node]].append(node)
        for other, chain, cost in out[node]:
            if now + cost < ms[other]:
                ms[other], parent[other], via[other] = now + cost, node, chain
                heapq.heappush(heap, (now + cost, other))
    order: list[int] = []
    at, size = [-1] * n, [0] * n
    stack = [root]
    while stack:
        node = stack.pop()
        at[node] = len(order)
        order.append(node)
        stack += children[node]
    for node in reversed(order):
        size[node] += 1
        if parent[node] >= 0:
            size[parent[node]] += size[node]
    return Tree(ms, parent, via, order, at, size)


def failures(out: Arcs, into: Arcs, root: int, targets: Iterable[int]) -> tuple[Tree, dict[int, dict[int, int]]]:
    """Find what every single failure does to the drives from one node.

    Parameters
    ----------
    out, into : Arcs
        As `arcs_of` gives them; the other way round for drives to the node.
    root : int
    targets : iterable of int
        Nodes that matter.

    Returns
    -------
    Tree
        With nothing failing.
    dict
        Chain -> target whose quickest drive used it -> time when it fails [ms]; FAR where there is no way.
        A chain or a target that is missing changes nothing.
    """
    tree = tree_of(out, root)
    users: dict[int, list[int]] = {}
    for target in sorted(set(targets)):
        node = target
        while tree.parent[node] >= 0:
            users.setdefault(node, []).append(target)
            node = tree.parent[node]
    doors = _Doors.of(tree, into)
    return tree, {tree.chain[node]: _again(out, tree, doors, node, using) for node, using in sorted(users.items())}


@dataclass(frozen=True, eq=False)
class _Doors:
    """Every arc that is not in the tree, by where it ends: only by these can a subtree be entered when its chain fails.

    `at` and `start` are the places in `Tree.order` where it ends and begins, ascending by the former; `ms` is the time
    from the root to its end by it, and `node` that end.
    """

    at: Ints
    start: Ints
    ms: Ints
    node: Ints

    @classmethod
    def of(cls, tree: Tree, into: Arcs) -> _Doors:
        rows = [
            (tree.at[node], tree.at[other], tree.ms[other] + cost, node)
            for node in tree.order
            for other, chain, cost in into[node]
            if chain not in (tree.chain[node], tree.chain[other]) and tree.at[other] >= 0
        ]
        return cls(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)

    def to(self, first: int, last: int) -> list[tuple[int, int]]:
        """Time and node of everything that enters a subtree from outside."""
        some = slice(*np.searchsorted(self.at, (first, last)))
        start = self.start[some]
        outside = (start < first) | (start >= last)
        return list(zip(self.ms[some][outside].tolist(), self.node[some][outside].tolist(), strict=True))


def _again(out: Arcs, tree: Tree, doors: _Doors, top: int, targets: list[int]) -> dict[int, int]:
    """Search the subtree of a node again, without the chain by which it is entered."""
    failed, first = tree.chain[top], tree.at[top]
    last = first + tree.size[top]
    at = tree.at
    heap = doors.to(first, last)
    heapq.heapify(heap)
    left = set(targets)
    ms: dict[int, int] = {}
    while heap and left:
        now, node = heapq.heappop(heap)
        if node in ms:
            continue
        ms[node] = now
        left.discard(node)
        for other, chain, cost in out[node]:
            if first <= at[other] < last and other not in ms and chain != failed:
                heapq.heappush(heap, (now + cost, other))
    return {target: ms.get(target, FAR) for target in targets}
