"""The promise about those left behind: the reason is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product, takewhile

from kaur_gis.config import Fleet, Kembali, Stage, Wave
from kaur_gis.judge.coming import coming_s, standing
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, midnight_s, whole_seconds
from kaur_gis.judge.going import Ends, home_s
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
    that day could have brought the boxes either.
    """
    for kode, row in sorted(facts.unserved.items()):
        stage, places = facts.stages[row["stage"]], facts.places[kode]
        base, target = places.get(stage.origin), places.get(stage.target)
        if base is None or target is None:
            if row["reason"] != "not_at_ppk":
                yield Broken(kode, row["reason"], "not_at_ppk")
            continue
        full = _full(facts, kode, stage, target)
        if full and row["reason"] == "no_store":
            continue
        used = partial(_used, facts, kode, base, by_own_wave=False)
        standing_by = _standing(facts, stage, base, used)
        none_left = not _standing(facts, stage, base, partial(used, stays=True))
        forced, waves = facts.forced_wave(kode), list(facts.waves.values())
        waves = [wave for wave in waves if forced is None or forced.name in {wave.name, wave.part_of}]
        went = {facts.trips[code]["wave"] for name in facts.stages for code in facts.trips_of.get((kode, name), ())}
        true = {"no_fleet"} if none_left else set()
        for comes in (False, True):
            met = {
                (wave.name, fleet.kode): _stopped_by(facts, kode, stage, fleet, base, target, wave, comes=comes)
                for wave in waves
                for fleet in standing_by
            }
            wanted = "no_store" if full and _alone(facts, kode, stage) else _farthest(met.values())
            true |= {wanted, _farthest(what for (name, _), what in met.items() if name in went) if went else wanted}
        if row["reason"] not in true:
            yield Broken(kode, row["reason"], wanted)
        elif row["reason"] == "no_time" and stage.target == "tps":
            idle = _idle(facts, kode, stage, standing_by, base, target)
            if idle:
                yield Broken(kode, row["reason"], idle)


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


def _full(facts: Facts, kode: str, stage: Stage, target: str) -> bool:
    """Whether the boxes of a TPS find no room beside those that lie at its transfer point on one of their days."""
    store = facts.plan.inputs.operation.store_at(target, stage.target)
    if store is None or store.max_kotak is None or stage.target == "tps":
        return False
    days = days_at(facts, kode, _wave(facts, kode).name, stage.name)
    there = max(boxes_at(facts).get((target, stage.target, day), 0) for day in days)
    return bool(there + facts.rows.by_code(facts.plan.kits)[kode]["kotak"] > store.max_kotak)


def _alone(facts: Facts, kode: str, stage: Stage) -> bool:
    """Whether no other wave lies there on these days: one that is planned later may take room that was still there."""
    by_wave = [set(days_at(facts, kode, wave, stage.name)) for wave in facts.waves]
    own = set(days_at(facts, kode, _wave(facts, kode).name, stage.name))
    return sum(not own.isdisjoint(days) for days in by_wave) == 1


def _wave(facts: Facts, kode: str) -> Wave:
    """Wave with which a TPS should have gone: the one it is forced into, else the earliest day there is."""
    whole = [wave for wave in facts.waves.values() if wave.part_of is None]
    return facts.forced_wave(kode) or max(reversed(whole), key=lambda wave: wave.days_before)


def _used(facts: Facts, kode: str, base: str, fleet: Fleet, *, by_own_wave: bool, stays: bool = False) -> set[str]:
    """Vehicles of one kind at one base that are out on the day of a TPS: for waves before its own, or for that too.

    Those that a later day keeps at their base are told with them where that is asked for.
    """
    operation, own = facts.plan.inputs.operation, _wave(facts, kode)
    before = takewhile(lambda wave: wave.name != own.name, facts.waves.values())  # these took their vehicles first
    sharing = {wave.name for wave in before if operation.day_of(wave) == operation.day_of(own)}
    sharing |= {name for name, wave in facts.waves.items() if by_own_wave and own.name in {name, wave.part_of}}
    out = {
        trip["vehicle"]
        for trip in facts.trips.values()
        if trip["fleet"] == fleet.kode and trip["base"] == base and trip["wave"] in sharing
    }
    return out | standing(facts, fleet, base, facts.midnight(own.name, fleet.stage)) if stays else out


def _idle(facts: Facts, kode: str, stage: Stage, standing_by: list[Fleet], base: str, target: str) -> str:
    """Name a kind of vehicle of which one stands idle that day and would be in time; "" for none."""
    wave, weather, release = _wave(facts, kode), facts.plan.inputs.operation.weather.plan, _ready(facts, kode, stage)
    light = facts.plan.inputs.operation.daylight
    for fleet in standing_by:
        used = _broken_at(fleet, base) | _used(facts, kode, base, fleet, by_own_wave=True, stays=True)
        closed = facts.closings[wave.name, stage.name, fleet.kode].closed
        if len(used) >= fleet.count or _stopped_by(facts, kode, stage, fleet, base, target, wave) != "no_time":
            continue
        times = facts.plan.travel[fleet.vehicle, weather]
        out = facts.cell(fleet.vehicle, weather, base, target, closed)[0]
        home = facts.cell(fleet.vehicle, weather, target, fleet.pulang_ke or base, closed)[0]
        handover = whole_seconds(stage.handover_minutes_per_stop) + whole_seconds(stage.handover_minutes_per_tps)
        handover += 2 * int(times.carry_s[times.stops.get_loc(target)])
        leave, back_by = midnight_s(stage.start) + whole_seconds(stage.loading_minutes), midnight_s(stage.end)
        if light and (stage.daylight_only or fleet.daylight_only):
            leave, back_by = max(leave, midnight_s(light.sunrise)), min(back_by, midnight_s(light.sunset))
        come = coming_s(facts, stage, fleet, base, wave)
        leave += come + whole_seconds(stage.loading_minutes) * (come > 0)  # it is loaded when it is there
        arrive = max(leave, release + whole_seconds(stage.loading_minutes)) + out
        by = facts.due_s(kode, wave) - whole_seconds(wave.buffer_minutes) + stage.earlier_s
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
