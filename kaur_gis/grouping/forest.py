"""A bound for groups that are too large to enumerate: they are paths, and paths are a forest.

A grouping into k groups is k paths that visit every stop; without the limit of the groups' size it is at least the
shortest forest of k trees. A path leaves a stop by two roads at most: stops with more get a price, and the forest that
pays for it is a better bound (Lagrange multipliers, found by steps along the subgradient).

References
----------
Held, Karp: The traveling-salesman problem and minimum spanning trees, Operations Research 18 (1970), 1138-1162.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path

from kaur_gis.grouping.rounds import Floats, Ints

STEPS = 300
PATIENCE = 20  # steps without a better bound before they become half as long


def forest_bound(seconds: Ints, n_groups: int, known: int) -> float:
    """Bound the road time inside any `n_groups` groups that visit every stop.

    Parameters
    ----------
    seconds : ndarray, shape (n, n)
        Road time from stop to stop [s]; negative where there is no road. All stops hang together.
    n_groups : int
        Most groups.
    known : int
        Road time of a grouping [s]: how far the steps aim.

    Returns
    -------
    float
        No grouping takes less [s]. At least 0.
    """
    there = np.where(seconds < 0, np.inf, seconds).astype(np.float64)
    # a stop that two groups visit may be left out by one of them where that is never longer: by the closed times;
    # one second more on each, since scipy takes 0 for no road
    near: Floats = shortest_path(np.minimum(there, there.T) + 1) - 1
    edges = len(seconds) - n_groups
    if edges <= 0:
        return 0.0
    price = np.zeros(len(seconds))
    best, length, waited = 0.0, 1.0, 0
    for _ in range(STEPS):
        priced = near + price[:, None] + price + 1
        tree = minimum_spanning_tree(np.triu(priced, 1)).tocoo()
        cheapest = np.argsort(tree.data, kind="stable")[:edges]
        bound = float((tree.data[cheapest] - 1).sum() - 2 * price.sum())
        best, waited = (bound, 0) if bound > best else (best, waited + 1)
        over = np.bincount(np.append(tree.row[cheapest], tree.col[cheapest]), minlength=len(price)) - 2.0
        over[(over < 0) & (price <= 0)] = 0.0
        if not over.any() or bound >= known:
            break
        if waited == PATIENCE:
            length, waited = length / 2, 0
        price = np.maximum(0.0, price + length * (known - bound) / (over @ over) * over)
    return best
