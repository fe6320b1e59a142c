"""How many officers guard, and which TPS they guard together.

The pattern says how many officers guard how many TPS of a class. TPS of one class and one
kecamatan are grouped, and what is optimised stands in this order:

1. the groups are as few as can be;
2. the road time inside them, first TPS to last, is the least, in the weather of the plan, where each further group at
   a TPS point counts as many minutes as the pattern says (`split_minutes`, 0 by default);
3. among groupings of equal time, the fewest TPS points are split between groups.

So the TPS of one point part where that saves a group, or more road time than the pattern gives to keep them together,
and nowhere else. The points that part are told, and whether it is the number of groups that parts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaur_gis.grouping import group_stops
from kaur_gis.grouping.packed import fewest_whole
from kaur_gis.grouping.rounds import Bools, Ints
from kaur_gis.inputs import Inputs
from kaur_gis.layers import Groupings, Guards, Posts, checked, checked_geo
from kaur_gis.rules import ClassPattern
from kaur_gis.travel import TravelTimes


@dataclass(frozen=True)
class ClassRounds:
    """The groups of one class in one kecamatan, and how good they are.

    Attributes
    ----------
    kode_kec, kerawanan : str
    rounds : tuple of tuple of str
        The `kode_tps` of each group, in the order of its round.
    fewest : int
        Groups there would be if any of these TPS could share a group.
    needed : int
        There can't be fewer groups, with the roads and the limits of the pattern.
    forced_by : tuple of str
        `kode_tps` that force more groups than `fewest`.
    seconds : int
        Road time inside all groups [s].
    bound : int
        No grouping into as few groups that parts points no more often takes less [s]; `seconds` where nothing better
        is possible, with `split_minutes` for each further group at a point.
    """

    kode_kec: str
    kerawanan: str
    rounds: tuple[tuple[str, ...], ...]
    fewest: int
    needed: int
    forced_by: tuple[str, ...]
    seconds: int
    bound: int


def rounds_of(guards: pd.DataFrame, posts: pd.DataFrame, groupings: pd.DataFrame) -> tuple[ClassRounds, ...]:
    """Read from the layers that `guard` made which groups each class has in each kecamatan.

    Parameters
    ----------
    guards, posts, groupings : DataFrame
        Layers of the same names.

    Returns
    -------
    tuple of ClassRounds
        Sorted by kecamatan and class.
    """
    rounds: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    kelas_of = dict(zip(posts.index, zip(posts["kode_kec"], posts["kerawanan"], strict=True), strict=True))
    for post, own in guards.sort_values("order").groupby("kode_post").groups.items():
        rounds.setdefault(kelas_of[str(post)], []).append(tuple(own))
    rows: dict[Any, Any] = groupings.sort_index().to_dict("index")
    return tuple(
        ClassRounds(
            kode_kec=kode_kec,
            kerawanan=kelas,
            rounds=tuple(rounds[kode_kec, kelas]),
            fewest=row["fewest"],
            needed=row["needed"],
            forced_by=tuple(row["forced_by"].split()),
            seconds=row["seconds"],
            bound=row["bound_seconds"],
        )
        for (kode_kec, kelas), row in rows.items()
    )


def guard(
    tps: gpd.GeoDataFrame,
    inputs: Inputs,
    travel: Mapping[tuple[str, str], TravelTimes],
    known: Iterable[ClassRounds] = (),
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Put every TPS under exactly one guard post.

    Parameters
    ----------
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    inputs : Inputs
        With the pattern, and the vehicle in which guards go round.
    travel : mapping of (vehicle, weather) to TravelTimes
        Among them the guards' vehicle in the weather of the plan.
    known : iterable of ClassRounds
        Groups that are the best ones already, e.g. those of an older plan that nothing touches.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Posts`, numbered within each kecamatan by their first TPS.
    DataFrame
        Layer `layers.Guards`, sorted by `kode_tps`; its seconds go from the TPS before to this one:
        where the two directions differ, that of the round.
    DataFrame
        Layer `layers.Groupings`: how good the groups are, and what is proven of it.
    """
    found = class_rounds(tps, inputs, travel, known)
    rounds = sorted((each.kode_kec, round_, each.kerawanan) for each in found for round_ in each.rounds)
    steps = pd.DataFrame(
        [
            (post, kode_kec, kelas, kode_tps, order)
            for post, (kode_kec, round_, kelas) in enumerate(rounds)
            for order, kode_tps in enumerate(round_, start=1)
        ],
        columns=["post", "kode_kec", "kerawanan", "kode_tps", "order"],
    )
    times = _times(inputs, travel)
    here = times.stops.get_indexer(tps["kode_stop"].loc[steps["kode_tps"]])
    before = np.where(steps["order"] == 1, here, np.roll(here, 1))
    steps = steps.assign(seconds=times.seconds[before, here], metres=times.metres[before, here])
    posts = (
        steps.groupby("post")
        .agg(
            kode_kec=("kode_kec", "first"),
            kerawanan=("kerawanan", "first"),
            n_tps=("order", "size"),
            metres=("metres", "sum"),
            seconds=("seconds", "sum"),
            first=("kode_tps", "first"),
        )
        .assign(officers=lambda post: post["kerawanan"].map({k: p.officers for k, p in inputs.pattern.kelas.items()}))
    )
    posts.index = pd.Index(_codes(posts["kode_kec"]), name="kode_post", dtype=str)
    guards = steps.assign(kode_post=posts.index[steps["post"]]).set_index("kode_tps")
    return (
        checked_geo(
            gpd.GeoDataFrame(
                posts.drop(columns="first"),
                geometry=tps.geometry.loc[posts["first"]].to_numpy(),
                crs=tps.crs,
            ),
            Posts,
        ),
        checked(guards[["kode_post", "order", "seconds"]].sort_index(), Guards),
        _groupings(found, tps, inputs),
    )


def class_rounds(
    tps: gpd.GeoDataFrame,
    inputs: Inputs,
    travel: Mapping[tuple[str, str], TravelTimes],
    known: Iterable[ClassRounds] = (),
) -> tuple[ClassRounds, ...]:
    """Group the TPS of each class in each kecamatan; as `guard`, with the proof of each.

    Returns
    -------
    tuple of ClassRounds
        Sorted by kecamatan and class. There are more groups than `fewest` only where TPS don't
        reach each other, both ways, by the guards' vehicle, or the limits of the pattern keep them apart.

    Raises
    ------
    TravelError
        For travel times that are not closed: a reaches c only by way of b.
    SolverError
        If the solver returns something that is not a solution.
    """
    times = _times(inputs, travel)
    stays = {(each.kode_kec, each.kerawanan): each for each in known}
    found = []
    for (kode_kec, kelas), here in tps.sort_index().groupby(["kode_kec", "kerawanan"]):
        if (kode_kec, kelas) in stays:
            found.append(stays[kode_kec, kelas])
            continue
        pattern = inputs.pattern.kelas[kelas]
        waiting = {stop: list(at_stop) for stop, at_stop in here.groupby("kode_stop").groups.items()}
        stops = sorted(waiting)
        row = times.stops.get_indexer(pd.Index(stops))
        seconds = times.seconds[np.ix_(row, row)]
        desa = here["kode_desa"].loc[[waiting[stop][0] for stop in stops]].to_numpy()
        sizes = np.array([len(waiting[stop]) for stop in stops])
        split_s = round(60 * pattern.split_minutes)
        grouping = group_stops(seconds, sizes, pattern.tps_per_group, _allowed(seconds, desa, pattern), split_s)
        forced_by = tuple(kode for stop in grouping.forcing for kode in waiting[stops[stop]])
        rounds = [
            tuple(waiting[stops[stop]].pop(0) for stop, taken in group for _ in range(taken))
            for group in grouping.groups
        ]
        found.append(
            ClassRounds(
                kode_kec=kode_kec,
                kerawanan=kelas,
                rounds=tuple(rounds),
                fewest=ceil(len(here) / pattern.tps_per_group),
                needed=grouping.needed,
                forced_by=forced_by,
                seconds=grouping.seconds,
                bound=grouping.bound,
            )
        )
    return tuple(found)


def _allowed(seconds: Ints, desa: NDArray[np.object_], pattern: ClassPattern) -> Bools | None:
    """Which two stops the limits let share a group, shape (n, n); None where there are no limits."""
    if pattern.within == "kecamatan" and pattern.max_minutes is None:
        return None
    allowed = np.ones(seconds.shape, dtype=bool)
    if pattern.within == "desa":
        allowed &= desa[:, None] == desa
    if pattern.max_minutes is not None:
        allowed &= np.maximum(seconds, seconds.T) <= pattern.max_minutes * 60
    return allowed


def _groupings(found: tuple[ClassRounds, ...], tps: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    """Make the layer `layers.Groupings`."""
    split, whole = [], []
    most: dict[str, int] = {kelas: pattern.tps_per_group for kelas, pattern in inputs.pattern.kelas.items()}
    stop_of: dict[str, str] = dict(zip(tps.index, tps["kode_stop"], strict=True))
    for each in found:
        size = most[each.kerawanan]
        visits = Counter(stop for round_ in each.rounds for stop in {stop_of[kode] for kode in round_})
        sizes = Counter(stop_of[kode] for round_ in each.rounds for kode in round_)
        split.append(" ".join(stop for stop in sorted(sizes) if visits[stop] > 1 and sizes[stop] <= size))
        whole.append(fewest_whole(tuple(sorted(sizes.values())), size) if split[-1] else len(each.rounds))
    table = pd.DataFrame(
        {
            "n_tps": [sum(len(round_) for round_ in each.rounds) for each in found],
            "groups": [len(each.rounds) for each in found],
            "fewest": [each.fewest for each in found],
            "needed": [each.needed for each in found],
            "seconds": [each.seconds for each in found],
            "bound_seconds": [each.bound for each in found],
            "forced_by": pd.Series([" ".join(each.forced_by) for each in found], dtype=str),
            "split": pd.Series(split, dtype=str),
            "whole_groups": pd.Series(whole, dtype="int64"),
        }
    )
    table.index = pd.MultiIndex.from_arrays(
        [
            pd.Index([each.kode_kec for each in found], dtype=str),
            pd.Index([each.kerawanan for each in found], dtype=str),
        ],
        names=["kode_kec", "kerawanan"],
    )
    return checked(table, Groupings)


def _times(inputs: Inputs, travel: Mapping[tuple[str, str], TravelTimes]) -> TravelTimes:
    """Travel times of the guards' vehicle in the weather of the plan."""
    operation = inputs.operation
    return travel[operation.guard.vehicle, operation.weather.plan]


def _codes(kode_kec: pd.Series) -> list[str]:
    """Give each post its code: its number within the kecamatan, as wide as the last one needs."""
    number = kode_kec.groupby(kode_kec).cumcount() + 1
    most = kode_kec.groupby(kode_kec).transform("size")
    return [f"POS-{kec}-{n:0{max(2, len(str(m)))}}" for kec, n, m in zip(kode_kec, number, most, strict=True)]
