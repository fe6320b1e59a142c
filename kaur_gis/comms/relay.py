"""Where radio relays stand: the fewest posts that reach the TPS without signal, and the best use of a few radios.

A post reaches the TPS within the range of a radio, as the crow flies; posts must be joined to each other, post by post,
within their own range. First as many TPS are reached as can be, then by as few posts as can be. Both are set covering
with a flow that joins the posts, solved by HiGHS to a proven optimum, or with the bound that it has proven.

References
----------
R. Church and C. ReVelle, The maximal covering location problem, 1974; C. Toregas et al., The location of emergency
service facilities, 1971.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, vstack

from kaur_gis.inputs import Inputs
from kaur_gis.layers import RelayPlans, Relays, checked, checked_geo, empty
from kaur_gis.problems import SolverError

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
NODES = 20_000  # of HiGHS's search tree: a count, not seconds, so that runs repeat
NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class Posts:
    """A choice of posts, and what is proven of it.

    Attributes
    ----------
    chosen : shape (n,)
        Sites where a post stands.
    covered : int
        TPS that these reach.
    covered_bound : int
        No joined posts, of the number allowed, reach more.
    fewest : int
        No fewer joined posts reach as many.
    """

    chosen: Bools
    covered: int
    covered_bound: int
    fewest: int


def place_posts(reaches: Bools, joined: Bools, most: int) -> Posts:
    """Choose posts that are joined to each other: first the most TPS, then the fewest posts.

    Parameters
    ----------
    reaches : shape (n, t)
        Which TPS a post at each of n sites reaches.
    joined : shape (n, n)
        Which posts hear each other.
    most : int
        Posts allowed.

    Returns
    -------
    Posts

    Raises
    ------
    SolverError
        If the solver returns something that is not a solution.
    """
    n = len(reaches)
    reached = np.flatnonzero(reaches.any(axis=0))
    if not len(reached) or most < 1:
        return Posts(np.zeros(n, dtype=np.bool_), 0, 0, 0)
    kinds, weight = np.unique(reaches[:, reached], axis=1, return_counts=True)
    model = _Model.of(kinds, joined, min(most, n))
    aim = np.concatenate([np.zeros(n), -weight.astype(np.float64), np.zeros(model.more)])
    chosen, bound = model.solve(aim, None)
    covered = int(reaches[chosen].any(axis=0).sum())
    count = np.concatenate([np.ones(n), np.zeros(len(weight) + model.more)])
    chosen, fewest = model.solve(count, (aim, -covered))
    return Posts(chosen, covered, max(covered, math.floor(-bound + NEAR)), math.ceil(fewest - NEAR))


@dataclass(frozen=True, eq=False)
class _Model:
    """Posts, kinds of TPS, roots, supplies and flows as one mixed programme; `more` columns follow the kinds."""

    rows: csc_array
    low: Floats
    high: Floats
    top: Floats
    whole: NDArray[np.int64]
    n: int
    more: int

    @classmethod
    def of(cls, kinds: Bools, joined: Bools, most: int) -> _Model:
        """Write the rows: what is reached, how many, and that a flow from one root comes to every post."""
        n, t = kinds.shape
        a, b = np.nonzero(joined & ~np.eye(n, dtype=np.bool_))
        arcs = len(a)
        eye, arc = np.eye(n), np.arange(arcs)
        leaves, enters = np.zeros((n, arcs)), np.zeros((n, arcs))
        leaves[a, arc] = enters[b, arc] = 1.0

        def row(height: int, **parts: Floats) -> Floats:
            sizes = {"x": n, "y": t, "r": n, "g": n, "f": arcs}
            return np.hstack([parts.get(name, np.zeros((height, size))) for name, size in sizes.items()])

        rows = [
            (row(t, x=-kinds.T.astype(np.float64), y=np.eye(t)), -np.inf, 0.0),  # a TPS is reached by a post
            (row(1, x=np.ones((1, n))), -np.inf, float(most)),
            (row(1, r=np.ones((1, n))), 1.0, 1.0),  # one root, which may stand without a post
            (row(n, r=-most * eye, g=eye), -np.inf, 0.0),  # only the root supplies
            (row(n, x=-eye, g=eye, f=enters - leaves), 0.0, 0.0),  # every post takes one unit
            (row(n, x=-most * eye, f=enters), -np.inf, 0.0),  # and only posts are passed
            (row(n, x=-most * eye, f=leaves), -np.inf, 0.0),
        ]
        low = np.concatenate([np.full(part.shape[0], least) for part, least, _ in rows])
        high = np.concatenate([np.full(part.shape[0], greatest) for part, _, greatest in rows])
        top = np.concatenate([np.ones(n + t + n), np.full(n + arcs, float(most))])
        whole = np.repeat([1, 0, 1, 0], [n, t, n, n + arcs])
        return cls(csc_array(np.vstack([part for part, _, _ in rows])), low, high, top, whole, n, 2 * n + arcs)

    def solve(self, aim: Floats, kept: tuple[Floats, float] | None) -> tuple[Bools, float]:
        """Minimise an aim, with another one kept; the posts, and the proven bound of the aim."""
        rows, low, high = self.rows, self.low, self.high
        if kept is not None:
            rows = vstack([rows, csc_array(kept[0][None, :])]).tocsc()
            low, high = np.append(low, -np.inf), np.append(high, kept[1])
        found = milp(
            aim,
            integrality=self.whole,
            bounds=Bounds(0, self.top),
            constraints=LinearConstraint(rows, low, high),
            options={"mip_rel_gap": 0.0, "node_limit": NODES},
        )
        if found.x is None or found.mip_dual_bound is None:
            msg = f"posts of the relays: {found.message}"
            raise SolverError(msg)
        return found.x[: self.n] > 1 / 2, float(found.mip_dual_bound)


def relays(needy: gpd.GeoDataFrame, inputs: Inputs) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Place relays for the TPS that can't send by themselves.

    Parameters
    ----------
    needy : GeoDataFrame
        Those TPS, of layer `layers.TaggedTps`.
    inputs : Inputs
        With candidate sites and the section `[komunikasi]`.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Relays`; without a row where the operation names no site or radios have no range.
    DataFrame
        Layer `layers.RelayPlans`.

    Raises
    ------
    SolverError
        If the solver returns something that is not a solution.
    """
    how, sites = inputs.operation.komunikasi, inputs.relay
    if how is None or sites.empty or not how.radio_range_m or needy.empty:
        return empty(Relays), pd.DataFrame(empty(RelayPlans))
    crs = inputs.operation.region.metric_crs
    xy, tps = (frame.geometry.to_crs(crs).get_coordinates().to_numpy() for frame in (sites, needy))
    reaches = np.hypot(*(xy[:, None] - tps).transpose(2, 0, 1)) <= how.radio_range_m
    joined = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) <= (how.post_range_m or how.radio_range_m)
    allowed = {"semua": len(sites)} | ({} if how.radios is None else {"radio": how.radios})
    found = {name: place_posts(reaches, joined, most) for name, most in allowed.items()}
    layer = sites[["nama", "sumber", "geometry"]].assign(
        n_tps=reaches.sum(axis=1),
        **{name: found[name].chosen if name in found else False for name in ("semua", "radio")},
    )
    plans = pd.DataFrame(
        [
            (allowed[name], int(one.chosen.sum()), one.fewest, len(needy), one.covered, one.covered_bound)
            for name, one in found.items()
        ],
        columns=["most", "posts", "posts_bound", "n_tps", "covered", "covered_bound"],
        index=pd.Index(found, name="rencana", dtype=str),
    )
    return checked_geo(layer, Relays), checked(plans, RelayPlans)
