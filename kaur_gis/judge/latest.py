"""The promise about the latest safe departures."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kaur_gis.judge.facts import Broken, Facts, clock, midnight_s, whole_seconds
from kaur_gis.judge.rows import Row
from kaur_gis.judge.trips import began, by_vehicle


def latest(facts: Facts) -> Iterator[Broken]:
    """Each latest safe departure is not before the planned one, and leaves time for all that follows."""
    goes_on_by: dict[tuple[str, str], int] = {}
    for stage in reversed(facts.stages):
        for trips in by_vehicle(facts, stage).values():
            home_by = facts.day(trips[-1]) + _home_s(facts, stage, trips[-1])
            hours = facts.fleet[trips[-1]["fleet"]].jam_sopir
            if hours is not None:
                home_by = min(home_by, began(facts, trips[0]) + math.floor(hours * 3600 + 1e-6))
            for trip in reversed(trips):
                home_by = min(home_by, facts.day(trip) + _home_s(facts, stage, trip))
                wanted = trip["depart"] + min([home_by - trip["back"], *_to_spare(facts, trip, goes_on_by)])
                if not trip["depart"] <= trip["depart_latest"] <= wanted:
                    yield Broken(trip["kode_trip"], clock(trip["depart_latest"]), clock(wanted))
                home_by = wanted - whole_seconds(facts.stages[stage].loading_minutes)
                for row in facts.loads[trip["kode_trip"]]:
                    goes_on_by[row["kode_tps"], stage] = home_by


def _home_s(facts: Facts, stage: str, trip: Row) -> int:
    """By when a vehicle must be home: the end of its stage and wave, or sunset where it may not be out in the dark."""
    light, own, wave = facts.plan.inputs.operation.daylight, facts.stages[stage], facts.waves[trip["wave"]]
    ends = [own.end, *([wave.end] if wave.end else [])]
    if light and (own.daylight_only or facts.fleet[trip["fleet"]].daylight_only):
        ends.append(light.sunset)
    return min(map(midnight_s, ends))


def _to_spare(facts: Facts, trip: Row, goes_on_by: dict[tuple[str, str], int]) -> Iterator[int]:
    """Seconds left at the TPS before the deadline, or at a transfer point before the next vehicle must load."""
    legs = {leg["order"]: leg for leg in facts.legs[trip["kode_trip"]]}
    wave, weather = facts.waves[trip["wave"]], facts.plan.inputs.operation.weather.plan
    for row in facts.loads[trip["kode_trip"]]:
        leg, way = legs[row["order"]], facts.way[row["kode_tps"]]
        if facts.stages[trip["stage"]].target == "tps":
            by = facts.day(trip) + facts.due_s(row["kode_tps"], wave) - whole_seconds(wave.buffer_minutes)
            yield by - leg["arrive"] - leg["walk_s"]
            continue
        following = next(iter(way[way.index(trip["stage"]) + 1 :]), "") if trip["stage"] in way else ""
        if (row["kode_tps"], following) in goes_on_by:
            handed = leg["arrive"] + facts.handover_s(trip["kode_trip"], leg, weather)
            yield goes_on_by[row["kode_tps"], following] - handed
