"""Needs against people at hand: who takes which post, who lends to whom, and what is missing.

Everybody who is at hand goes to a post, in this order of importance, each step proven by HiGHS
before the next one begins:

1. the fewest officers are missing in all;
2. of these the fewest at posts of class sangat rawan, then rawan;
3. the fewest officers leave the kecamatan that their unit guards;
4. the ways to the posts are the shortest, in the guards' vehicle and the weather of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from kaur_gis.config import KERAWANAN
from kaur_gis.inputs import Inputs
from kaur_gis.layers import Staffing, Strength, checked, empty
from kaur_gis.problems import SolverError
from kaur_gis.travel import TravelTimes

Floats = NDArray[np.float64]


def staff(
    posts: gpd.GeoDataFrame,
    guards: pd.DataFrame,
    tps: gpd.GeoDataFrame,
    inputs: Inputs,
    travel: Mapping[tuple[str, str], TravelTimes],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the officers at hand to the posts.

    Parameters
    ----------
    posts, guards : GeoDataFrame, DataFrame
        Layers `layers.Posts` and `layers.Guards`.
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    inputs : Inputs
        With `personel`, and the places at which its units stand.
    travel : mapping of (vehicle, weather) to TravelTimes
        Among them the guards' vehicle in the weather of the plan.

    Returns
    -------
    DataFrame
        Layer `layers.Staffing`: which unit sends how many to which post.
    DataFrame
        Layer `layers.Strength`: need, people and what is missing of each kecamatan.

    Raises
    ------
    SolverError
        If the solver does not prove its answer.
    """
    units = inputs.personel.sort_index()
    if units.empty:
        return empty(Staffing), empty(Strength)
    posts = posts.sort_index()
    operation = inputs.operation
    times = travel[operation.guard.vehicle, operation.weather.plan]
    first = guards[guards["order"] == 1].reset_index().set_index("kode_post")["kode_tps"].loc[posts.index]
    at = times.stops.get_indexer(pd.Index(tps["kode_stop"].loc[first]))
    cells = np.ix_(times.stops.get_indexer(pd.Index(units["kode_tempat"])), at)
    seconds, metres = times.seconds[cells], times.metres[cells]
    unit, post = np.nonzero(seconds != TravelTimes.UNREACHABLE)
    serves = [frozenset(codes.split()) for codes in units["menjaga"]]
    home = np.array([posts["kode_kec"].iloc[p] in serves[u] for u, p in zip(unit, post, strict=True)], dtype=bool)
    aims = [np.full(len(unit), -1.0)]
    aims += [-(posts["kerawanan"].to_numpy()[post] == kelas).astype(np.float64) for kelas in KERAWANAN[:0:-1]]
    aims += [(~home).astype(np.float64), seconds[unit, post].astype(np.float64)]
    sent = _send(unit, post, units["petugas"].to_numpy(), posts["officers"].to_numpy(), aims)
    rows = np.flatnonzero(sent)
    rows = rows[np.lexsort((unit[rows], post[rows]))]
    staffing = pd.DataFrame(
        {
            "officers": sent[rows],
            "home": home[rows],
            "seconds": seconds[unit[rows], post[rows]],
            "metres": metres[unit[rows], post[rows]],
        }
    )
    staffing.index = pd.MultiIndex.from_arrays(
        [pd.Index(posts.index[post[rows]], dtype=str), pd.Index(units.index[unit[rows]], dtype=str)],
        names=["kode_post", "kode_satuan"],
    )
    return checked(staffing, Staffing), _strength(staffing, posts, units, inputs)


def _send(
    unit: NDArray[np.intp],
    post: NDArray[np.intp],
    have: NDArray[np.int64],
    need: NDArray[np.int64],
    aims: list[Floats],
) -> NDArray[np.int64]:
    """Choose how many go along each way from a unit to a post; the aims are minimised one after the other."""
    n = len(unit)
    if not n:
        return np.zeros(0, dtype=np.int64)
    ways = np.arange(n)
    rows = [
        csr_array((np.ones(n), (unit, ways)), shape=(len(have), n)),
        csr_array((np.ones(n), (post, ways)), shape=(len(need), n)),
    ]
    most = np.concatenate([have, need]).astype(np.float64)
    for aim in aims:
        found = milp(
            aim,
            integrality=np.ones(n, dtype=np.int64),
            bounds=Bounds(0, np.inf),
            constraints=LinearConstraint(vstack(rows).tocsr(), -np.inf, most),
            options={"mip_rel_gap": 0.0},
        )
        if found.status != 0 or found.x is None:
            msg = f"officers for the posts: {found.message}"
            raise SolverError(msg)
        sent = np.rint(found.x).astype(np.int64)
        rows.append(csr_array(aim[None, :]))
        most = np.append(most, aim @ sent)
    return sent


def _strength(staffing: pd.DataFrame, posts: gpd.GeoDataFrame, units: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Make the layer `layers.Strength`, of the kecamatan that have posts or units."""
    sent = staffing.reset_index()
    kode_kec = posts["kode_kec"].loc[sent["kode_post"]].to_numpy()
    spare = units["petugas"] - sent.groupby("kode_satuan")["officers"].sum().reindex(units.index, fill_value=0)
    stands = inputs.tempat["kode_kec"].loc[units["kode_tempat"]].to_numpy()
    totals = {
        "needed": posts.groupby("kode_kec")["officers"].sum(),
        "home": sent["officers"].where(sent["home"], 0).groupby(kode_kec).sum(),
        "lent": sent["officers"].where(~sent["home"], 0).groupby(kode_kec).sum(),
        "spare": spare.groupby(stands).sum(),
    }
    codes = pd.Index(sorted({*posts["kode_kec"], *stands}), name="kode_kec", dtype=str)
    table = pd.DataFrame({name: total.reindex(codes, fill_value=0) for name, total in totals.items()}, index=codes)
    table = table.assign(missing=table["needed"] - table["home"] - table["lent"]).astype("int64")
    return checked(table, Strength)
