"""Planned again after a change: what is loaded stays, and what the change does not touch; the rest is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from kaur_gis.cut.reach import last_reached
from kaur_gis.cut.spare import spares
from kaur_gis.distribute import Back, Routes, bring_back, distribute, kept_of
from kaur_gis.fingerprint import sheet_hashes
from kaur_gis.guard import guard
from kaur_gis.inputs import Inputs
from kaur_gis.judge import judge
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.reaction import reactions
from kaur_gis.staff import staff
from kaur_gis.summary import arrivals
from kaur_gis.travel import TravelTimes, travel_times
from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Ints


@dataclass(frozen=True)
class Delta:
    """What is different in a plan that was made again.

    Attributes
    ----------
    before, after : Plan
    tps : DataFrame
        Indexed by `kode_tps`, only those for which something changes: `state` (``cut_off`` had a trip and has none,
        ``late`` comes after the deadline of its wave in the heavier weather and did not, ``moved`` comes at another
        time, ``back`` had no trip and has one), `minutes` later (NaN where it has no time before or after), `pemilih`,
        `kotak`, and for those cut off by road `lon` and `lat` of the last point of the road that can be reached.
    sheets : DataFrame
        Indexed by `kode_trip`, every trip of either plan: `vehicle`, `state` (``valid`` as it was, ``changed``,
        ``new``, ``void``; ``blocked``: loaded already, but its road is closed) and `hash`, which names its contents.
    spares : DataFrame
        As `spare.spares`: for each trip of a vehicle that broke down, who could take it over as it is.
    """

    before: Plan
    after: Plan
    tps: pd.DataFrame
    sheets: pd.DataFrame
    spares: pd.DataFrame

    @property
    def minutes_lost(self) -> float:
        """Minutes by which all TPS together are served later; those that have no time on either side do not count."""
        return float(self.tps["minutes"].sum())


def replan(
    plan: Plan,
    inputs: Inputs,
    *,
    done: Iterable[str] = (),
    now: pd.Timestamp | None = None,
    broken: Iterable[str] = (),
) -> Delta:
    """Plan again on changed roads, or without vehicles that broke down.

    Every trip that is loaded or delivered stays as it is. So does every other trip that the change does not touch, as
    long as that leaves nobody without a trip who would otherwise have one.

    Parameters
    ----------
    plan : Plan
        The plan in force.
    inputs : Inputs
        Its inputs after the change, e.g. ``close_roads(plan.inputs, ...)``; TPS and places must be the same.
    done : iterable of str
        `kode_trip` of those that are loaded or delivered. Trips that departed by `now` are, too.
    now : Timestamp, optional
        No new trip begins to load before.
    broken : iterable of str, optional
        Vehicles that broke down. What they did not bring home by `now`, and is not in `done`, is planned again from its
        base, without them.

    Returns
    -------
    Delta

    Raises
    ------
    InputProblems
        For a trip that the plan does not have, or a vehicle that makes none.
    """
    wanted, out = set(done), frozenset(broken)
    problems = [Problem("trip_unknown", value=code) for code in sorted(wanted - set(plan.trips.index))]
    problems += [Problem("vehicle_idle", value=code) for code in sorted(out - set(plan.trips["vehicle"]))]
    if problems:
        raise InputProblems(problems)
    stranded = plan.trips["vehicle"].isin(out)
    if now is not None:
        stranded &= plan.trips["back"] > now
        wanted |= set(plan.trips.index[(plan.trips["depart"] <= now) & ~stranded])
    layers = (plan.trips, plan.legs, plan.loads)
    loaded = set(kept_of(inputs.operation, *layers, wanted).trips.index)
    travel = travel_times(inputs, plan.stops)
    touched = _touched(plan, travel) | (set(plan.trips.index[stranded]) - loaded)
    stay = loaded | _undisturbed(plan, set(plan.trips.index) - touched - loaded, loaded)

    def planned(codes: set[str]) -> Routes:
        kept = kept_of(inputs.operation, *layers, codes, now=now, broken=out)
        return distribute(inputs, plan.tps, plan.kits, plan.stops, travel, kept=kept)

    routes = planned(stay)
    if stay != loaded and not set(routes.unserved["reason"]) <= {"no_road", "no_way_back", "no_vehicle"}:
        routes = min(routes, planned(loaded), key=lambda found: len(found.unserved))
    trips = routes.trips.assign(pinned=routes.trips.index.isin(loaded))
    back = _back(plan, inputs, travel, routes)
    new = replace(
        plan,
        inputs=inputs,
        travel=travel,
        reactions=reactions(plan.tps, inputs, travel),
        trips=trips,
        legs=routes.legs,
        loads=routes.loads,
        unserved=routes.unserved,
        notes=(*inputs.notes, *routes.notes, *back.notes),
        **back.layers,
        broken=(),
    )
    new = _guarded(plan, new)
    staffing, strength = staff(new.posts, new.guards, new.tps, inputs, travel)
    new = replace(new, staffing=staffing, strength=strength)
    new = replace(new, broken=judge(new))
    idle = spares(plan, set(plan.trips.index[stranded]) - loaded, out)
    return Delta(plan, new, _tps(plan, new), _sheets(plan, new, touched & loaded), idle)


def _back(plan: Plan, inputs: Inputs, travel: Mapping[tuple[str, str], TravelTimes], routes: Routes) -> Back:
    """Plan the way back again where one of its drives is another one now, or other TPS are served."""
    served = set(plan.unserved.index) == set(routes.unserved.index)
    if served and plan.back_unserved.empty and not _touched(plan.way_back, travel):
        return Back(plan.back_trips, plan.back_legs, plan.back_loads, plan.back_unserved)
    return bring_back(inputs, plan.tps, plan.kits, plan.stops, travel, routes.unserved.index)


def _guarded(old: Plan, new: Plan) -> Plan:
    """Group the guards again where a drive inside a group is another one now, or some drive of a kecamatan is shorter.

    Groups whose own drives are as they were stay the best ones while all other drives only become longer: what is
    proven of them is proven still.
    """
    operation = new.inputs.operation
    key = (operation.guard.vehicle, operation.weather.plan)
    before, now = old.travel[key], new.travel[key]
    same = (before.seconds == now.seconds) & (before.metres == now.metres)
    shorter = (_with_gaps_far(now) < _with_gaps_far(before)) & ~same
    other = []
    for kec, codes in new.tps.groupby("kode_kec").groups.items():
        at = new.stops.index.get_indexer(new.tps["kode_stop"].loc[codes])
        post = old.guards["kode_post"].loc[codes].to_numpy()
        cells = np.ix_(at, at)
        if shorter[cells].any() or not same[cells][post[:, None] == post].all():
            other.append(kec)
    if not other:
        return new
    again = guard(new.tps[new.tps["kode_kec"].isin(other)], new.inputs, new.travel)
    of_guards = new.tps["kode_kec"].loc[old.guards.index]
    stay = (~old.posts["kode_kec"].isin(other), ~of_guards.isin(other), ~old.groupings.index.isin(other, level=0))
    layers = (old.posts, old.guards, old.groupings)
    posts, guards, groupings = (
        pd.concat([was[kept], fresh]).sort_index() for was, fresh, kept in zip(layers, again, stay, strict=True)
    )
    return replace(new, posts=gpd.GeoDataFrame(posts), guards=guards, groupings=groupings)


def _with_gaps_far(times: TravelTimes) -> Ints:
    """Seconds, with `FAR` where there is no way."""
    return np.where(times.seconds == times.UNREACHABLE, FAR, times.seconds)


def _touched(plan: Plan, travel: Mapping[tuple[str, str], TravelTimes]) -> set[str]:
    """Trips some drive of which takes another time or length than before, in either weather."""
    weather = plan.inputs.operation.weather
    found: set[str] = set()
    legs = plan.legs.reset_index()[["kode_trip", "from_stop", "to_stop"]]
    legs["profile"] = legs["kode_trip"].map(plan.trips["profile"])
    for profile, own in legs.groupby("profile", sort=True):
        a, b = (plan.stops.index.get_indexer(own[column]) for column in ("from_stop", "to_stop"))
        for name in sorted({weather.plan, weather.late}):
            old, new = plan.travel[str(profile), name], travel.get((str(profile), name))
            if new is None:  # the operation has no such vehicle any more
                found |= set(own["kode_trip"])
                continue
            other = (old.seconds[a, b] != new.seconds[a, b]) | (old.metres[a, b] != new.metres[a, b])
            found |= set(own["kode_trip"][other])
    return found


def _undisturbed(plan: Plan, codes: set[str], loaded: set[str]) -> set[str]:
    """Of some trips, those before which the same vehicle and the same boxes make only trips that stay."""
    order = [stage.name for stage in plan.inputs.operation.stages]
    trips = plan.trips.assign(number=plan.trips["stage"].map(order.index))
    carried = plan.loads.reset_index()[["kode_trip", "kode_tps"]].join(
        trips[["vehicle", "wave", "trip_no", "number"]], on="kode_trip"
    )
    stay = set(codes)
    while True:
        gone = trips[~trips.index.isin(stay | loaded)]
        first = gone.groupby(["vehicle", "wave"])["trip_no"].min()
        at = pd.MultiIndex.from_frame(trips[["vehicle", "wave"]])
        after = trips.index[trips["trip_no"].to_numpy() > first.reindex(at).fillna(np.inf).to_numpy()]
        waiting = carried[carried["kode_trip"].isin(gone.index)].groupby("kode_tps")["number"].min()
        later = carried["kode_trip"][carried["number"] > carried["kode_tps"].map(waiting).fillna(np.inf)]
        less = stay.difference(after, later)
        if less == stay:
            return stay
        stay = less


def _tps(before: Plan, after: Plan) -> pd.DataFrame:
    """Compare when the boxes of each TPS arrive."""
    operation = before.inputs.operation
    old, new = arrivals(before), arrivals(after)
    every = before.tps.index
    was, now = old["arrive"].reindex(every), new["arrive"].reindex(every)
    deadline = {wave.name: pd.Timestamp.combine(operation.day_of(wave), wave.deadline) for wave in operation.waves}

    def late(table: pd.DataFrame) -> pd.Series:
        over = table["arrive_late"].isna() | (table["arrive_late"] > table["wave"].map(deadline))
        return over.reindex(every, fill_value=False)

    state = np.select(
        [was.notna() & now.isna(), was.isna() & now.notna(), late(new) & ~late(old), was.notna() & (was != now)],
        ["cut_off", "back", "late", "moved"],
        "",
    )
    frame = pd.DataFrame({"state": state}, index=every)
    frame["minutes"] = (now - was).dt.total_seconds() / 60
    frame["pemilih"] = before.tps["pemilih"]
    frame["kotak"] = before.kits["kotak"].reindex(every)
    frame = frame[frame["state"] != ""]
    where = last_reached(after, list(frame.index[frame["state"] == "cut_off"]))
    return frame.join(where)


def _sheets(before: Plan, after: Plan, blocked: set[str]) -> pd.DataFrame:
    """Compare what stands on the sheet of each trip; with a latest departure that moves later the older one is safe."""
    old, new = sheet_hashes(before), sheet_hashes(after)
    rows = {}
    for code in sorted({*old, *new}):
        state = "valid"
        if code in blocked:
            state = "blocked"
        elif code not in new:
            state = "void"
        elif code not in old:
            state = "new"
        elif old[code] != new[code] or after.trips["depart_latest"][code] < before.trips["depart_latest"][code]:
            state = "changed"
        trips = after.trips if code in new else before.trips
        rows[code] = {"vehicle": trips["vehicle"][code], "state": state, "hash": new.get(code, old.get(code))}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["vehicle", "state", "hash"])
    return frame.rename_axis("kode_trip")
