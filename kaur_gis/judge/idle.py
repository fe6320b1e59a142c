"""Whether vehicles that stand idle could have brought boxes that are said to have had no time."""

from __future__ import annotations

from functools import partial

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.judge.coming import coming_s
from kaur_gis.judge.facts import UNREACHABLE, Facts, midnight_s, whole_seconds
from kaur_gis.judge.going import Ends, home_s
from kaur_gis.judge.hours import DAY_S, midnight_of
from kaur_gis.judge.standing import broken_at, fetching, first_wave, standing_at, stopped_by, used_on


def idle(facts: Facts, kode: str, stage: Stage) -> str:
    """Name kinds of vehicles that stand idle on the day of a wave and together would be in time; "" for none.

    One in each stage from one on. Where a store on their way has no room for all, others may need it: nobody is named.
    """
    wave, way, places = first_wave(facts, kode), facts.way[kode], facts.places[kode]
    ready_s, named, own = _ready(facts, kode, stage), list[str](), stage
    for name in way[way.index(stage.name) :]:
        following = facts.stages[name]
        ready_s += following.earlier_s - own.earlier_s
        own = following
        base, target = places.get(own.origin), places.get(own.target)
        store = facts.plan.inputs.operation.store_at(str(target), own.target) if own.target != "tps" else None
        if base is None or target is None or (store and store.max_kotak is not None):
            return ""
        fleets = standing_at(facts, own, base, partial(used_on, facts, base, wave))
        times = ((_done_s(facts, kode, own, fleet, wave, ready_s), fleet.kode) for fleet in fleets)
        done = [(at, fleet) for at, fleet in times if at is not None]
        if not done:
            return ""
        ready_s, first = min(done)
        named.append(first)
    return " + ".join(named)


def _done_s(facts: Facts, kode: str, stage: Stage, fleet: Fleet, wave: Wave, ready_s: int) -> int | None:
    """When an idle vehicle of a row would have handed over the boxes of a TPS [s from midnight]; None for too late."""
    places, operation = facts.places[kode], facts.plan.inputs.operation
    weather, light = operation.weather.plan, operation.daylight
    base, target = places[stage.origin], places[stage.target]
    used = broken_at(fleet, base) | used_on(facts, base, wave, fleet, later=True, by_own_wave=True)
    closed = facts.closings[wave.name, stage.name, fleet.kode].closed
    if len(used) >= fleet.count or stopped_by(facts, kode, stage, fleet, base, target, wave) != "no_time":
        return None
    out = facts.cell(fleet.vehicle, weather, base, target, closed)[0]
    home = facts.cell(fleet.vehicle, weather, target, fleet.pulang_ke or base, closed)[0]
    carry_s = facts.carry_s(fleet.vehicle, target)
    handover = whole_seconds(stage.handover_minutes_per_stop) + whole_seconds(stage.handover_minutes_per_tps)
    handover += 2 * carry_s
    loading = whole_seconds(stage.loading_minutes)
    leave, back_by = midnight_s(stage.start) + loading, midnight_s(stage.end)
    if light and (stage.daylight_only or fleet.daylight_only):
        leave, back_by = max(leave, midnight_s(light.sunrise)), min(back_by, midnight_s(light.sunset))
    leave = max(leave, facts.now_s - facts.midnight(wave.name, stage.name) + loading)
    come = coming_s(facts, stage, fleet, base, wave)
    leave += come + loading * (come > 0)  # it is loaded when it is there
    leave = max(leave, ready_s + loading)
    arrive, store = leave + out, operation.store_at(base, stage.origin)
    open_ = True
    if store and store.until:
        quickest = min(_there_s(facts, other, stage, base, target, wave) for other in facts.fleet.values())
        open_ = arrive + carry_s <= midnight_s(store.until) + quickest
    by = back_by
    if stage.target == "tps":
        by = facts.due_s(kode, wave) - whole_seconds(wave.buffer_minutes) + stage.earlier_s - carry_s
    rested = fleet.jam_sopir is None or come + loading + out + handover + home <= fleet.jam_sopir * 3600 + 1e-6
    in_time = rested and open_ and arrive <= by and arrive + handover + home <= back_by
    return arrive + handover if in_time else None


def idle_back(view: Facts, kode: str, stage: Stage, ready: int, end: Ends) -> str:
    """Name a row of the fleet with a vehicle that goes nowhere after counting and could fetch one TPS; "" for none.

    `ready` is when its boxes can be loaded [s since 1970]. The vehicle goes by day alone where it must, on any day,
    and is made ready in the light.
    """
    base, target = (str(view.places[kode].get(kind)) for kind in (stage.origin, stage.target))
    operation, vehicles = view.plan.inputs.operation, view.plan.inputs.speeds.vehicles
    midnight, light = midnight_of(operation.operation.voting_day), operation.daylight
    loading = whole_seconds(stage.loading_minutes)
    whole = next(wave for wave in view.waves.values() if wave.part_of is None)
    soonest, latest = max(midnight + stage.start_s, ready) + loading, midnight + stage.end_s
    for fleet in standing_at(view, stage, base, partial(fetching, view, base, "")):
        if stopped_by(view, kode, stage, fleet, base, target, whole) != "no_time":
            continue
        closed, weather = view.closings[whole.name, stage.name, fleet.kode].closed, operation.weather.plan
        drives = [view.cell(fleet.vehicle, weather, *way, closed)[0] for way in ((base, target), (target, base))]
        there = whole_seconds(stage.handover_minutes_per_stop) + whole_seconds(stage.handover_minutes_per_tps)
        lasts = sum(drives) + there + 2 * view.carry_s(fleet.vehicle, target)
        on_s = home_s(view, fleet.vehicle, (base, end[fleet.kode] or base), closed, loading)
        if on_s is None or (fleet.jam_sopir is not None and lasts + max(loading, on_s) > fleet.jam_sopir * 3600 + 1e-6):
            continue
        hours = [(soonest, latest)]
        if light and (fleet.daylight_only or vehicles[fleet.vehicle].floats):
            days = range(midnight, latest, DAY_S)
            hours = [(day + midnight_s(light.sunrise) + loading, day + midnight_s(light.sunset)) for day in days]
        if any(max(soonest, begin) + lasts <= min(latest, until) - on_s for begin, until in hours):
            return fleet.kode
    return ""


def _there_s(facts: Facts, fleet: Fleet, stage: Stage, base: str, target: str, wave: Wave) -> int:
    """How long a vehicle of a row takes straight to a place, and to carry boxes there [s]; the day for none."""
    if fleet.stage != stage.armada or (fleet.bases and base not in fleet.bases):
        return DAY_S
    weather, closed = facts.plan.inputs.operation.weather.plan, facts.closings[wave.name, stage.name, fleet.kode].closed
    seconds = facts.cell(fleet.vehicle, weather, base, target, closed)[0]
    return DAY_S if seconds == UNREACHABLE else seconds + facts.carry_s(fleet.vehicle, target)


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
