"""The promise about those left behind: the reason is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product, takewhile

import numpy as np
import shapely

from kaur_gis.config import Fleet, Kembali, Stage, Wave
from kaur_gis.judge.coming import coming_s, standing
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, midnight_s, whole_seconds
from kaur_gis.judge.going import Ends, home_s
from kaur_gis.judge.roads import POINT_M, SHARE
from kaur_gis.judge.rows import Row
from kaur_gis.judge.store import boxes_at, days_at

STEPS = ("no_fleet", "no_vehicle", "too_far_from_road", "no_road", "no_way_back", "too_big", "no_time")
"""What can stop a vehicle, in the order in which it meets it; `no_time` when only the hours are left to blame."""


def unserved(facts: Facts) -> Iterator[Broken]:
    """Each reason given for an unserved TPS is what stops even the vehicle that gets farthest.

    Where roads are closed in some waves only, that is the wave with which the vehicle gets farthest, or the one with
    which the boxes went as far as they could.

    A vehicle may have to come to its base first, or stand there, and stay the day before: either may be the reason.

    `no_time` is confirmed as far as roads and loads go; in the last stage, no vehicle that stands idle on
    that day could have brought the boxes either, from the moment on at which this was planned again.

    Nor is there no road, or none back, where the layers of the roads say that there surely is one, whatever the
    travel times say.

    Where a store is full for it in every wave with which a TPS may go, that is the reason; where it is full only
    with others that are left behind too, there was no time for them.
    """
    for kode, row in sorted(facts.unserved.items()):
        stage, places = facts.stages[row["stage"]], facts.places[kode]
        base, target = places.get(stage.origin), places.get(stage.target)
        if base is None or target is None:
            if row["reason"] != "not_at_ppk":
                yield Broken(kode, row["reason"], "not_at_ppk")
            continue
        full = {wave.name for wave in _waves(facts, kode) if _full(facts, kode, stage, target, wave)}
        if row["reason"] == "no_store" and _wave(facts, kode).name in full:
            continue
        if row["reason"] == "no_time" and _in_vain(facts, kode, stage, target):
            continue
        used = partial(_used, facts, base, _wave(facts, kode))
        standing_by = _standing(facts, stage, base, used)
        left = {fleet.kode for fleet in _standing(facts, stage, base, partial(used, later=True))}
        others = [partial(_used, facts, base, wave) for wave in _may(facts, kode)]
        ever = {fleet.kode: fleet for used in others for fleet in _standing(facts, stage, base, used)}
        forced, waves = facts.forced_wave(kode), list(facts.waves.values())
        waves = [wave for wave in waves if forced is None or forced.name in {wave.name, wave.part_of}]
        went = {facts.trips[code]["wave"] for name in facts.stages for code in facts.trips_of.get((kode, name), ())}
        true = set()
        for comes in (False, True):
            met = {
                (wave.name, fleet.kode): _stopped_by(facts, kode, stage, fleet, base, target, wave, comes=comes)
                for wave in waves
                for fleet in ever.values()
            }
            own = {fleet.kode for fleet in standing_by}
            at_last = {way: what for way, what in met.items() if way[1] in own}
            always = all(wave.name in full and _alone(facts, kode, stage, wave) for wave in _waves(facts, kode))
            wanted = "no_store" if always else _farthest(at_last.values())
            true |= {wanted, _farthest(what for (name, _), what in at_last.items() if name in went) if went else wanted}
            of_left = _farthest(what for (_, name), what in at_last.items() if name in left)
            true |= set() if always and left else {of_left}
            room = (what for (name, _), what in met.items() if name not in full)
            true |= set() if always else {_farthest(met.values()), _farthest(room)}
        if row["reason"] not in true:
            yield Broken(kode, row["reason"], wanted)
        elif row["reason"] == "no_time" and stage.target == "tps":
            yield from _but(kode, row, _idle(facts, kode, stage, standing_by, base, target))
        else:
            asked = partial(_joined, facts, kode, stage, base=base, target=target, reason=row["reason"])
            names = (wave.name for wave, fleet in product(waves, ever.values()) if asked(fleet, wave=wave))
            yield from _but(kode, row, next((f"road_edges {name}" for name in names), ""))


def _but(kode: str, row: Row, wanted: str) -> Iterator[Broken]:
    """Say what speaks against a reason, if anything does."""
    if wanted:
        yield Broken(kode, row["reason"], wanted)


def not_back(view: Facts, left: Iterable[Row], rows: Iterable[Kembali], ends: Ends) -> Iterator[Broken]:
    """Each reason why something does not come back is what stops even the vehicle that gets farthest.

    Where roads are closed in some of its hours only, that is one in the part of them in which it gets farthest.
    """
    unload = {row.name: whole_seconds(row.loading_minutes) for row in rows}
    for row in left:
        stage, places = view.stages.get(row["stage"]), view.places[row["kode_tps"]]
        if stage is None:
            continue  # that is told already
        base, target = places.get(stage.origin), places.get(stage.target)
        wanted = "not_at_ppk"
        if base is not None and target is not None:
            met = []
            waves = [own for own in view.waves.values() if _has_hours(stage, own)]
            fleets = _standing(view, stage, base, partial(_fetching, view, base, stage.name))
            for wave, fleet in product(waves, fleets):
                what = _stopped_by(view, row["kode_tps"], stage, fleet, base, target, wave)
                closed = view.closings[wave.name, stage.name, fleet.kode].closed
                home = home_s(view, fleet.vehicle, (base, ends[fleet.kode] or base), closed, unload[stage.name])
                met.append("no_way_back" if home is None and what in {"too_big", "no_time"} else what)
            wanted = _farthest(met)
        if row["reason"] != wanted:
            yield Broken(row["kode_tps"], row["reason"], wanted)


def _has_hours(stage: Stage, wave: Wave) -> bool:
    """Whether some hours of a stage are of a wave, or of a part of it."""
    after_start = wave.end_s is None or stage.start_s < wave.end_s
    return after_start and (wave.start_s is None or wave.start_s < stage.end_s)


def _fetching(view: Facts, base: str, before: str, fleet: Fleet) -> set[str]:
    """Vehicles of one kind at one base that earlier legs of the way back use."""
    earlier = set(takewhile(lambda name: name != before, view.stages))
    return {
        trip["vehicle"]
        for trip in view.trips.values()
        if trip["fleet"] == fleet.kode and trip["base"] == base and trip["stage"] in earlier
    }


def _standing(facts: Facts, stage: Stage, base: str, used: Callable[[Fleet], set[str]]) -> list[Fleet]:
    """List the rows of the fleet of which a vehicle stands at a base that is neither broken nor used."""
    return [
        fleet
        for fleet in facts.fleet.values()
        if fleet.stage == stage.armada
        and (not fleet.bases or base in fleet.bases)
        and fleet.count > len(_broken_at(fleet, base) | used(fleet))
    ]


def _broken_at(fleet: Fleet, base: str) -> set[str]:
    return {vehicle for vehicle in fleet.rusak if vehicle.rpartition("-")[0] == f"{base}-{fleet.kode}"}


def _farthest(met: Iterable[str]) -> str:
    """Name what stops the vehicle that gets farthest."""
    return max(met, key=STEPS.index, default="no_fleet")


def _stopped_by(
    facts: Facts, kode: str, stage: Stage, fleet: Fleet, base: str, target: str, wave: Wave, *, comes: bool = True
) -> str:
    """Name what stops one vehicle, alone and empty, on its way to one TPS and back in the hours of a wave."""
    if stage.target == "tps" and facts.tps[kode]["akses"] not in fleet.akses:
        return "no_vehicle"
    weather = facts.plan.inputs.operation.weather.plan
    most_m = facts.plan.inputs.operation.roads.max_snap_m
    end, closed = fleet.pulang_ke or base, facts.closings[wave.name, stage.name, fleet.kode].closed
    if max(facts.snap_m(fleet.vehicle, stop) for stop in (base, target, end)) > most_m:
        return "too_far_from_road"
    if facts.cell(fleet.vehicle, weather, base, target, closed)[0] == UNREACHABLE:
        return "no_road"
    back = [facts.cell(fleet.vehicle, weather, target, stop, closed)[0] for stop in (base, end)]
    if UNREACHABLE in (*back, coming_s(facts, stage, fleet, base, wave) if comes else 0):
        return "no_way_back"
    kit = facts.plan.kits.loc[kode]
    limits = (("kotak", fleet.max_kotak), ("kg", fleet.max_kg), ("m3", fleet.max_m3))
    if any(kit[name] > most + 1e-6 for name, most in limits):
        return "too_big"
    return "no_time"


def _joined(
    facts: Facts, kode: str, stage: Stage, fleet: Fleet, base: str, target: str, wave: Wave, reason: str
) -> bool:
    """Whether travel times alone know no road there, or back, and the road layers surely have one.

    Surely: every road that a stop may lie at is open and of one part, in which one can drive from anywhere to anywhere.
    How a vehicle comes to its base, in the heavier weather too, is asked of the travel times.
    """
    stopped = _stopped_by(facts, kode, stage, fleet, base, target, wave)
    if reason not in {"no_road", "no_way_back"} or stopped != reason:
        return False
    closed, near = facts.closings[wave.name, stage.name, fleet.kode].closed, []
    usable, network = facts.network(fleet.vehicle, ()), facts.network(fleet.vehicle, closed)
    for stop in (base, target, fleet.pulang_ke or base):
        gate, within = facts.gates_metric[stop], facts.snap_m(fleet.vehicle, stop) * (1 + SHARE) + POINT_M
        if facts.plan.inputs.roads.schematic:
            nodes = np.flatnonzero(shapely.dwithin(network.points, gate, within))
        else:
            arcs, every = (own.tree.query(gate, predicate="dwithin", distance=within) for own in (network, usable))
            open_ = {*network.road[arcs].tolist()} == {*usable.road[every].tolist()}
            nodes = np.concatenate([network.tail[arcs], network.head[arcs]]) if open_ else arcs[:0]
        near.append(set(network.part[nodes].tolist()))
    return all(near) and len(set().union(*near)) == 1 and coming_s(facts, stage, fleet, base, wave) != UNREACHABLE


def _full(facts: Facts, kode: str, stage: Stage, target: str, wave: Wave, beside: int = 0) -> bool:
    """Whether the boxes of a TPS find no room beside those that lie at its transfer point on one of the wave's days.

    So many more are thought to lie `beside` them.
    """
    store = facts.plan.inputs.operation.store_at(target, stage.target)
    if store is None or store.max_kotak is None or stage.target == "tps":
        return False
    days = days_at(facts, kode, wave.name, stage.name)
    there = max(boxes_at(facts).get((target, stage.target, day), 0) for day in days)
    return bool(there + beside + facts.rows.by_code(facts.plan.kits)[kode]["kotak"] > store.max_kotak)


def _in_vain(facts: Facts, kode: str, stage: Stage, target: str) -> bool:
    """Whether others that no vehicle brought either would have filled the store that has room for it now."""
    kits = facts.rows.by_code(facts.plan.kits)
    left = [
        kits[other]["kotak"]
        for other, row in facts.unserved.items()
        if other != kode and row["stage"] == stage.name and facts.places[other].get(stage.target) == target
    ]
    return any(
        _full(facts, kode, stage, target, wave, sum(left)) and not _full(facts, kode, stage, target, wave)
        for wave in _waves(facts, kode)
    )


def _alone(facts: Facts, kode: str, stage: Stage, wave: Wave) -> bool:
    """Whether no other wave lies there on these days: one that is planned later may take room that was still there."""
    by_wave = [set(days_at(facts, kode, name, stage.name)) for name in facts.waves]
    own = set(days_at(facts, kode, wave.name, stage.name))
    return sum(not own.isdisjoint(days) for days in by_wave) == 1


def _waves(facts: Facts, kode: str) -> list[Wave]:
    """Waves with which a TPS may go: that with which its boxes went as far as they did, else any that it may."""
    for name in facts.stages:
        for code in facts.trips_of.get((kode, name), ()):
            own = facts.waves[facts.trips[code]["wave"]]
            return [facts.waves[own.part_of] if own.part_of else own]
    return _may(facts, kode)


def _may(facts: Facts, kode: str) -> list[Wave]:
    """Waves with which a TPS may go, whether its boxes went on their way or not."""
    forced = facts.forced_wave(kode)
    return [forced] if forced else [wave for wave in facts.waves.values() if wave.part_of is None]


def _wave(facts: Facts, kode: str) -> Wave:
    """Wave with which a TPS should have gone: of those with which it may, the earliest day there is."""
    return max(reversed(_waves(facts, kode)), key=lambda wave: wave.days_before)


def _used(
    facts: Facts, base: str, own: Wave, fleet: Fleet, *, later: bool = False, by_own_wave: bool = False
) -> set[str]:
    """Vehicles of one kind at one base that are out on the day of a wave: for waves before it, or for that too.

    Where that is asked for, those are told with them that are kept for `later` waves: they are out on that day, as
    trips that stay when the others are planned again, or stand at their base for a later day.
    """
    operation = facts.plan.inputs.operation
    before = takewhile(lambda wave: wave.name != own.name, facts.waves.values())  # these took their vehicles first
    mine = [wave for wave in facts.waves.values() if own.name in {wave.name, wave.part_of}]
    asked = [wave for wave in (facts.waves.values() if later else before) if wave not in mine]
    asked += mine if by_own_wave else []
    sharing = {wave.name for wave in asked if operation.day_of(wave) == operation.day_of(own)}
    out = {
        trip["vehicle"]
        for trip in facts.trips.values()
        if trip["fleet"] == fleet.kode and trip["base"] == base and trip["wave"] in sharing
    }
    return out | standing(facts, fleet, base, facts.midnight(own.name, fleet.stage)) if later else out


def _idle(facts: Facts, kode: str, stage: Stage, standing_by: list[Fleet], base: str, target: str) -> str:
    """Name a kind of vehicle of which one stands idle that day and would be in time; "" for none."""
    wave, weather, release = _wave(facts, kode), facts.plan.inputs.operation.weather.plan, _ready(facts, kode, stage)
    light = facts.plan.inputs.operation.daylight
    for fleet in standing_by:
        used = _broken_at(fleet, base) | _used(facts, base, wave, fleet, later=True, by_own_wave=True)
        closed = facts.closings[wave.name, stage.name, fleet.kode].closed
        if len(used) >= fleet.count or _stopped_by(facts, kode, stage, fleet, base, target, wave) != "no_time":
            continue
        times = facts.plan.travel[fleet.vehicle, weather]
        out = facts.cell(fleet.vehicle, weather, base, target, closed)[0]
        home = facts.cell(fleet.vehicle, weather, target, fleet.pulang_ke or base, closed)[0]
        handover = whole_seconds(stage.handover_minutes_per_stop) + whole_seconds(stage.handover_minutes_per_tps)
        carry_s = int(times.carry_s[times.stops.get_loc(target)])
        handover += 2 * carry_s
        leave, back_by = midnight_s(stage.start) + whole_seconds(stage.loading_minutes), midnight_s(stage.end)
        if light and (stage.daylight_only or fleet.daylight_only):
            leave, back_by = max(leave, midnight_s(light.sunrise)), min(back_by, midnight_s(light.sunset))
        now_s = facts.now_s - facts.midnight(wave.name, stage.name)
        leave = max(leave, now_s + whole_seconds(stage.loading_minutes))
        come = coming_s(facts, stage, fleet, base, wave)
        leave += come + whole_seconds(stage.loading_minutes) * (come > 0)  # it is loaded when it is there
        arrive = max(leave, release + whole_seconds(stage.loading_minutes)) + out
        by = facts.due_s(kode, wave) - whole_seconds(wave.buffer_minutes) + stage.earlier_s - carry_s
        store = facts.plan.inputs.operation.store_at(base, stage.origin)
        by = min(by, midnight_s(store.until)) if store and store.until else by
        day_s = come + whole_seconds(stage.loading_minutes) + out + handover + home
        rested = fleet.jam_sopir is None or day_s <= fleet.jam_sopir * 3600 + 1e-6
        if rested and arrive <= by and arrive + handover + home <= back_by:
            return fleet.kode
    return ""


def _ready(facts: Facts, kode: str, stage: Stage) -> int:
    """When the stage before handed over the boxes of a TPS [s from midnight of this one's day]; 0 where none did."""
    way = facts.way[kode]
    before = way[: way.index(stage.name)] if stage.name in way else []
    weather, done = facts.plan.inputs.operation.weather.plan, [0]
    for kode_trip in facts.trips_of.get((kode, before[-1]), []) if before else []:
        order = next(row["order"] for row in facts.loads[kode_trip] if row["kode_tps"] == kode)
        leg = facts.legs[kode_trip][order - 1]
        midnight = facts.midnight(facts.trips[kode_trip]["wave"], stage.name)
        done.append(leg["arrive"] + facts.handover_s(kode_trip, leg, weather) - midnight)
    return max(done)
