"""Planned again after a change: what is loaded stays, and what the change does not touch; the rest is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from kaur_gis.comms import communicate, signal_points, signals
from kaur_gis.cut.delta import Delta, delta_of
from kaur_gis.cut.move import moves_of, notes_of, refuse_loaded, renamed, stop_names
from kaur_gis.cut.spare import spares
from kaur_gis.cut.untouched import ENDS, alike, drives_untouched, led_elsewhere, met, other_roads, ways_untouched
from kaur_gis.distribute import Back, Older, Routes, Still, bring_back, distribute, kept_of
from kaur_gis.distribute.kept import sequences
from kaur_gis.guard import guard, rounds_of
from kaur_gis.hours import NEVER, Hours
from kaur_gis.inputs import Inputs
from kaur_gis.judge import judge
from kaur_gis.neighbours import neighbours
from kaur_gis.other_ways import asked_of, other_ways
from kaur_gis.place import place
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.reaction import reactions
from kaur_gis.staff import staff
from kaur_gis.tag import tag
from kaur_gis.travel import TravelTimes, stops_of, travel_times
from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Bools, Ints


def replan(
    plan: Plan,
    inputs: Inputs,
    *,
    done: Iterable[str] = (),
    now: pd.Timestamp | None = None,
    broken: Iterable[str] = (),
) -> Delta:
    """Plan again on changed roads, with TPS that moved, or without vehicles that broke down.

    Every trip that is loaded or delivered stays as it is. So does every other trip that the change does not touch, as
    long as that leaves nobody without a trip who would otherwise have one.

    Parameters
    ----------
    plan : Plan
        The plan in force. What it kept from an older plan is loaded or delivered still.
    inputs : Inputs
        Its inputs after the change, e.g. ``close_roads(plan.inputs, ...)`` or ``move_tps(plan.inputs, ...)``; TPS and
        places must be the same.
    done : iterable of str
        `kode_trip` of those that are loaded or delivered. Trips that departed by `now` are, too.
    now : Timestamp, optional
        No new trip begins to load before.
    broken : iterable of str, optional
        Vehicles that broke down, besides those of the operation (`Fleet.rusak`), where they are remembered. What they
        did not bring home by `now`, and is not in `done`, is planned again from its base, without them.

    Returns
    -------
    Delta

    Raises
    ------
    InputProblems
        For a trip that the plan does not have, a vehicle that makes none, a TPS that moved while its boxes are on their
        way to its old place, or once the first trip has left on the way back: none of these can stay as it is.
    """
    wanted, out = set(done), frozenset(broken)
    problems = _on_the_way_back(plan, wanted, now)
    every = {*plan.trips.index, *plan.back_trips.index}
    problems += [Problem("trip_unknown", value=code) for code in sorted(wanted - every)]
    problems += [Problem("vehicle_idle", value=code) for code in sorted(out - set(plan.trips["vehicle"]))]
    if problems:
        raise InputProblems(problems)
    inputs = _without(inputs, out)
    wanted |= set(plan.trips.index[plan.trips["pinned"]])
    stranded = plan.trips["vehicle"].isin(out) & ~plan.trips["pinned"]
    if now is not None:
        stranded &= plan.trips["back"] > now
        wanted |= set(plan.trips.index[(plan.trips["depart"] <= now) & ~stranded])
    loaded = set(kept_of(inputs.operation, plan.trips, plan.legs, plan.loads, wanted).trips.index)
    placed, place_notes = place(inputs)
    moves = moves_of(plan.tps, placed, inputs.operation.region.metric_crs)
    moved = set(moves.index)
    refuse_loaded(plan, moved, loaded)
    heard = signals(placed, inputs) if moved else plan.signals
    tps = tag(placed, inputs.operation, heard) if moved else plan.tps
    stops = stops_of(tps, inputs.tempat, signal_points(tps, inputs)) if moved else plan.stops
    old = renamed(plan, stop_names(plan.tps, tps, moved))
    travel = plan.travel if drives_untouched(plan, inputs, stops) else travel_times(inputs, stops)
    shut = other_roads(plan.inputs, inputs)
    touched = _touched(plan, old, inputs, travel)
    # what is found already need not be drawn and compared
    unchanged = old.legs[~old.legs.index.isin(touched, level="kode_trip")]
    touched |= led_elsewhere(plan.trips, unchanged, inputs, travel, shut)
    touched |= _carrying(plan, moved) | (set(plan.trips.index[stranded]) - loaded)
    stay = loaded | _undisturbed(plan, set(plan.trips.index) - touched - loaded, loaded)

    older = Older(plan.trips, plan.loads)

    def planned(codes: set[str]) -> Routes:
        kept = kept_of(inputs.operation, old.trips, old.legs, old.loads, codes, now=now)
        return distribute(inputs, tps, plan.kits, stops, travel, kept=kept, older=older)

    routes = planned(stay)
    hopeless = {"no_vehicle", "no_fleet"} | (set() if Hours.of(inputs).differ else {"no_road", "no_way_back"})
    if stay != loaded and (routes.crowded or not set(routes.unserved["reason"]) <= hopeless):
        routes = min(routes, planned(loaded), key=lambda found: (found.crowded, len(found.unserved)))
    asked = asked_of(inputs, tps, routes.trips, routes.loads)
    known = {} if moved else ways_untouched(plan, inputs, travel, asked, shut)
    new = replace(
        plan,
        inputs=inputs,
        tps=tps,
        stops=stops,
        travel=travel,
        reactions=reactions(tps, inputs, travel),
        signals=heard,
        **communicate(tps, inputs, stops, travel),
        trips=routes.trips.assign(pinned=routes.trips.index.isin(loaded)),
        legs=routes.legs,
        loads=routes.loads,
        other_ways=other_ways(inputs, tps, travel, routes.trips, routes.loads, known),
        unserved=routes.unserved,
        now=now,
        broken=(),
    )
    back = _back(plan, new, moved, shut)
    notes = (*inputs.notes, *notes_of(moves), *place_notes, *routes.notes, *back.notes)
    passed = neighbours(inputs, routes.legs, back.layers["back_legs"])
    new = _guarded(plan, replace(new, notes=notes, neighbours=passed, **back.layers), moved)
    staffing, strength = staff(new.posts, new.guards, new.tps, inputs, travel)
    new = replace(new, staffing=staffing, strength=strength)
    new = replace(new, broken=judge(new))
    there = replace(old, inputs=inputs, tps=tps, stops=stops, travel=travel)
    idle = spares(there, set(plan.trips.index[stranded]) - loaded, out, now=now)
    # nobody need call the driver of a trip that is surely over
    over = set() if now is None else set(plan.trips.index[plan.trips["back_late"] <= now])
    return delta_of(plan, new, blocked=touched & loaded - over, spares=idle, moves=moves)


def _on_the_way_back(plan: Plan, done: set[str], now: pd.Timestamp | None) -> list[Problem]:
    """Refuse to plan again what is on its way back already."""
    trips = plan.back_trips
    left = trips["depart"] <= (pd.Timestamp.min if now is None else now)
    gone = trips[left | trips.index.isin(done)]
    if gone.empty:
        return []
    first = str(gone["depart"].idxmin())
    details: dict[str, str | int] = {"n": len(gone), "depart": f"{gone['depart'].min():%Y-%m-%d %H:%M}"}
    return [Problem("way_back_begun", value=first, details=details)]


def _without(inputs: Inputs, broken: Iterable[str]) -> Inputs:
    """Remember which vehicles broke down, each with its row of the fleet."""
    rows = []
    for fleet in inputs.operation.fleet:
        own = {vehicle for vehicle in broken if vehicle.rpartition("-")[0].endswith(f"-{fleet.kode}")}
        rows.append(fleet.model_copy(update={"rusak": tuple(sorted({*fleet.rusak, *own}))}) if own else fleet)
    return replace(inputs, operation=inputs.operation.model_copy(update={"fleet": tuple(rows)}))


def _carrying(plan: Plan, moved: set[str]) -> set[str]:
    """Trips that bring boxes to the old place of a TPS."""
    last = plan.inputs.operation.to_tps
    trips = {str(code) for code, kode in plan.loads.index if kode in moved}
    return {code for code in trips if plan.trips["stage"][code] in last}


def _back(plan: Plan, new: Plan, moved: set[str], shut: shapely.STRtree) -> Back:
    """Plan the way back again at the bases where one of its drives is another one now, or another TPS is served.

    Where not even a road along its drives is another one, not so much as the rows are made again.
    """
    way = plan.way_back
    touched = _touched(way, way, new.inputs, new.travel) if not moved else set(way.trips.index)
    at = pd.MultiIndex.from_frame(way.trips[["stage", "base"]])
    stay = way.trips[~at.isin(at[way.trips.index.isin(touched)])]
    loads = way.loads[way.loads.index.get_level_values("kode_trip").isin(stay.index)]
    still = None
    unasked = {"tutup": (), "waves": ()}  # the way back knows roads that are closed, and no waves
    before, after = (inputs.operation.model_copy(update=unasked) for inputs in (plan.inputs, new.inputs))
    if alike(plan.inputs, new.inputs) and before == after:
        legs = way.legs[way.legs.index.get_level_values("kode_trip").isin(stay.index)]
        other = met(legs.geometry.to_numpy(), shut) | _carried_otherwise(legs, stay, new)
        ways = pd.MultiIndex.from_frame(stay[["stage", "base"]])
        rest = stay[~ways.isin(ways[stay.index.isin(legs.index.get_level_values("kode_trip")[other])])]
        still = Still(rest, legs, loads)
    others = new.inputs, new.tps, new.kits, new.stops, new.travel, new.unserved.index
    same = set(zip(stay["stage"], stay["base"], strict=True))
    return bring_back(*others, older=Older(way.trips, way.loads), same=same, still=still)


def _carried_otherwise(legs: pd.DataFrame, trips: pd.DataFrame, new: Plan) -> Bools:
    """Mark legs of the way back at the end of which boxes are carried farther now, or less far; shape (n,)."""
    hours, weather = Hours.of(new.way_back.inputs), new.inputs.operation.weather.plan
    by = ["profile", "wave", "stage", "fleet"]
    how = trips[by].reindex(legs.index.get_level_values("kode_trip"))
    other = np.zeros(len(legs), dtype=np.bool_)
    alike_rows: dict[Any, Any] = how.reset_index(drop=True).groupby(by).indices
    for (profile, *trip), rows in alike_rows.items():
        times = new.travel[profile, weather].while_closed(hours.trips[tuple(trip)].closed)
        at = times.stops.get_indexer(pd.Index(legs["to_stop"].to_numpy()[rows]))
        other[rows] = times.carry_m[at] != legs["walk_m"].to_numpy()[rows]
    return other


def _guarded(old: Plan, new: Plan, moved: set[str]) -> Plan:
    """Group the guards again where a TPS moved, a drive inside a group is another one now, or some drive is shorter.

    Groups whose own drives are as they were stay the best ones while all other drives only become longer: what is
    proven of them is proven still. Each class of each kecamatan is looked at by itself.
    """
    operation = new.inputs.operation
    key = (operation.guard.vehicle, operation.weather.plan)
    before, now = old.travel[key], new.travel[key]
    far_before, far_now = _with_gaps_far(before), _with_gaps_far(now)
    classes = new.tps.groupby(["kode_kec", "kerawanan"]).groups
    rows = [
        dict(zip(plan.tps.index, times.stops.get_indexer(pd.Index(plan.tps["kode_stop"])).tolist(), strict=True))
        for plan, times in ((old, before), (new, now))
    ]
    known, every = [], rounds_of(old.guards, old.posts, old.groupings)
    for each in every:
        codes = [kode for round_ in each.rounds for kode in round_]
        if moved.intersection(codes) or set(classes.get((each.kode_kec, each.kerawanan), ())) != set(codes):
            continue
        was, at = (np.ix_(cells, cells) for cells in ([row[kode] for kode in codes] for row in rows))
        same = (before.seconds[was] == now.seconds[at]) & (before.metres[was] == now.metres[at])
        shorter = (far_now[at] < far_before[was]) & ~same
        post = np.repeat(np.arange(len(each.rounds)), [len(round_) for round_ in each.rounds])
        if same[post[:, None] == post].all() and not shorter.any():
            known.append(each)
    if len(known) == len(every) and new.inputs.pattern == old.inputs.pattern:
        return new  # the layers of the older plan, row by row
    posts, guards, groupings = guard(new.tps, new.inputs, new.travel, known)
    return replace(new, posts=posts, guards=guards, groupings=groupings)


def _with_gaps_far(times: TravelTimes) -> Ints:
    """Seconds, with `FAR` where there is no way."""
    return np.where(times.seconds == times.UNREACHABLE, FAR, times.seconds)


def _touched(plan: Plan, renamed: Plan, inputs: Inputs, travel: Mapping[tuple[str, str], TravelTimes]) -> set[str]:
    """Trips some drive of which takes another time or length than before; in heavier weather, if late, another time.

    The legs of `renamed` call the stops as the new travel times do. A stop that is gone was that of a TPS that moved:
    whatever cell stands for it here, its trip is planned again.
    """
    weather = plan.inputs.operation.weather
    before, after = Hours.of(plan.inputs), Hours.of(inputs)
    found: set[str] = set()
    trip_of = plan.legs.index.get_level_values("kode_trip").to_numpy(object)
    driven = []
    for each, times in ((plan, plan.travel), (renamed, travel)):
        stops = next(iter(times.values())).stops  # all are over the same
        driven.append(np.stack([stops.get_indexer(each.legs[end]) for end in ENDS]))
    hours = plan.trips[["profile", "wave", "stage", "fleet"]].itertuples(name=None)
    how = {code: (profile, (wave, stage, fleet)) for code, profile, wave, stage, fleet in hours}
    rows: dict[tuple[str, tuple[str, str, str]], list[int]] = {}
    for row, code in enumerate(trip_of):
        rows.setdefault(how[code], []).append(row)
    back_late = plan.trips["back_late"].to_numpy()[plan.trips.index.get_indexer(trip_of)]
    for (profile, trip), own in rows.items():
        codes = trip_of[own]
        then, now = before.trips[trip], after.trips.get(trip)
        if now is None or (profile, weather.plan) not in travel:  # the operation has no such vehicle any more
            found |= set(codes)
            continue
        closes = min((held.closes for held in (then, now) if held.closes), default=NEVER)
        out = ~(back_late[own] <= np.datetime64(closes, "s"))  # also those that never come back
        for name, closed in ((weather.plan, "closed"), (weather.late, "closed"), (weather.late, "later")):
            old, new = plan.travel[profile, name], travel[profile, name]
            long = name == weather.plan  # only then are lengths told
            was = _cells(old.while_closed(getattr(then, closed)), *driven[0][:, own], long=long)
            is_ = _cells(new.while_closed(getattr(now, closed)), *driven[1][:, own], long=long)
            other = (was != is_).any(axis=0)
            if closed == "later":
                other = out & (other | (then.closes != now.closes))
            found |= set(codes[other])
    return found


def _cells(times: TravelTimes, a: Ints, b: Ints, *, long: bool) -> Ints:
    """Seconds of some drives, and of carrying at their ends, and where asked for metres; shape (2 or 3, n)."""
    return np.stack([times.seconds[a, b], times.carry_s[b], *([times.metres[a, b]] if long else [])])


def _undisturbed(plan: Plan, codes: set[str], loaded: set[str]) -> set[str]:
    """Of some trips, those before which the same vehicle and the same boxes make only trips that stay.

    Where the day of a vehicle ends elsewhere all its trips stay or none: which one is the last says where it ends.
    """
    operation = plan.inputs.operation
    rows = sequences(operation, plan.trips, plan.loads)
    elsewhere = plan.trips[plan.trips["fleet"].isin({row.kode for row in operation.fleet if row.pulang_ke})]
    days = [
        set(own) for own in elsewhere.groupby(["vehicle", elsewhere["wave"].map(operation.whole_waves)]).groups.values()
    ]
    stay = set(codes)
    while True:
        behind: set[str] = set()
        for row in rows:
            first = min((number for number, code in row if code not in stay and code not in loaded), default=None)
            behind.update(code for number, code in row if first is not None and number > first)
        behind.update(code for own in days if not own <= stay | loaded for code in own)
        if stay.isdisjoint(behind):
            return stay
        stay -= behind
