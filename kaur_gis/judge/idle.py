"""Whether vehicles that stand idle could have brought boxes that are said to have had no time."""

from __future__ import annotations

from functools import partial

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.judge.coming import coming_s
from kaur_gis.judge.facts import Facts, midnight_s, whole_seconds
from kaur_gis.judge.standing import broken_at, first_wave, standing_at, stopped_by, used_on


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
    times = facts.plan.travel[fleet.vehicle, weather]
    out = facts.cell(fleet.vehicle, weather, base, target, closed)[0]
    home = facts.cell(fleet.vehicle, weather, target, fleet.pulang_ke or base, closed)[0]
    carry_s = int(times.carry_s[times.stops.get_loc(target)])
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
    open_ = not (store and store.until) or leave <= midnight_s(store.until)
    by = back_by
    if stage.target == "tps":
        by = facts.due_s(kode, wave) - whole_seconds(wave.buffer_minutes) + stage.earlier_s - carry_s
    rested = fleet.jam_sopir is None or come + loading + out + handover + home <= fleet.jam_sopir * 3600 + 1e-6
    in_time = rested and open_ and arrive <= by and arrive + handover + home <= back_by
    return arrive + handover if in_time else None


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
