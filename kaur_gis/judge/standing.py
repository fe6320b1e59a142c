"""Which vehicles stand at a base on the day of a wave, and what stops them on their way to a TPS, alone and empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.judge.coming import coming_s, standing
from kaur_gis.judge.facts import UNREACHABLE, Facts

STEPS = ("no_fleet", "no_vehicle", "too_far_from_road", "no_road", "no_way_back", "too_big", "no_time")
"""What can stop a vehicle, in the order in which it meets it; `no_time` when only the hours are left to blame."""


def standing_at(facts: Facts, stage: Stage, base: str, used: Callable[[Fleet], set[str]]) -> list[Fleet]:
    """List the rows of the fleet of which a vehicle stands at a base that is neither broken nor used."""
    return [
        fleet
        for fleet in facts.fleet.values()
        if fleet.stage == stage.armada
        and (not fleet.bases or base in fleet.bases)
        and fleet.count > len(broken_at(fleet, base) | used(fleet))
    ]


def broken_at(fleet: Fleet, base: str) -> set[str]:
    """Name the vehicles of a row at a base that broke down."""
    return {vehicle for vehicle in fleet.rusak if vehicle.rpartition("-")[0] == f"{base}-{fleet.kode}"}


def farthest(met: Iterable[str]) -> str:
    """Name what stops the vehicle that gets farthest."""
    return max(met, key=STEPS.index, default="no_fleet")


def stopped_by(
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


def waves_of(facts: Facts, kode: str) -> list[Wave]:
    """Waves with which a TPS may go: that with which its boxes went as far as they did, else any that it may."""
    for name in facts.stages:
        for code in facts.trips_of.get((kode, name), ()):
            own = facts.waves[facts.trips[code]["wave"]]
            return [facts.waves[own.part_of] if own.part_of else own]
    return may_go_with(facts, kode)


def may_go_with(facts: Facts, kode: str) -> list[Wave]:
    """Waves with which a TPS may go, whether its boxes went on their way or not."""
    forced = facts.forced_wave(kode)
    return [forced] if forced else [wave for wave in facts.waves.values() if wave.part_of is None]


def first_wave(facts: Facts, kode: str) -> Wave:
    """Wave with which a TPS should have gone: of those with which it may, the earliest day there is."""
    return max(reversed(waves_of(facts, kode)), key=lambda wave: wave.days_before)


def used_on(
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


def fetching(view: Facts, base: str, before: str, fleet: Fleet) -> set[str]:
    """Vehicles of one kind at one base that the legs of the way back before one use; all of them for ""."""
    earlier = set(takewhile(lambda name: name != before, view.stages))
    return {
        trip["vehicle"]
        for trip in view.trips.values()
        if trip["fleet"] == fleet.kode and trip["base"] == base and trip["stage"] in earlier
    }
