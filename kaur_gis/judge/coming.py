"""The promise about empty drives: who ended a day elsewhere comes to his base before he is loaded again."""

from __future__ import annotations

from collections.abc import Iterator

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, clock, midnight_s, whole_seconds
from kaur_gis.judge.rows import Row
from kaur_gis.judge.trips import by_vehicle


def coming(facts: Facts) -> Iterator[Broken]:
    """Who ended the day before elsewhere drives to his base, in his hours, before he is loaded; nobody else does."""
    ended: dict[str, tuple[int, str]] = {}
    for trips in sorted(by_vehicle(facts).values(), key=lambda trips: facts.day(trips[0])):
        vehicle, first = trips[0]["vehicle"], trips[0]
        place = ended.get(vehicle, (0, first["base"]))[1]
        ended[vehicle] = (facts.day(first), facts.legs[trips[-1]["kode_trip"]][-1]["to_stop"])
        for trip in trips:
            leg = facts.coming.get(trip["kode_trip"])
            wanted = place if trip is first and place == facts.fleet[trip["fleet"]].pulang_ke else trip["base"]
            found = leg["from_stop"] if leg else trip["base"]
            if trip["pinned"]:
                continue
            if found != wanted:
                yield Broken(trip["kode_trip"], found, wanted)
            elif leg:
                yield from _in_time(facts, trip, leg)


def coming_s(facts: Facts, stage: Stage, fleet: Fleet, base: str, wave: Wave) -> int:
    """Seconds kept free for the empty drive of a vehicle that may have been out before, in the worse weather."""
    waves, weather = facts.waves.values(), facts.plan.inputs.operation.weather
    if fleet.pulang_ke is None or wave.days_before == max(own.days_before for own in waves):
        return 0
    closed = facts.closings[wave.name, stage.name, fleet.kode].closed
    cells = [facts.cell(fleet.vehicle, how, fleet.pulang_ke, base, closed)[0] for how in (weather.plan, weather.late)]
    return UNREACHABLE if UNREACHABLE in cells else max(cells)


def standing(facts: Facts, fleet: Fleet, base: str, day: int) -> set[str]:
    """Vehicles of a row that are not out on a day: on a later one they set out from their base without coming to it.

    Of those whose later trip stays as it was, whom it leaves no time to come before it: else he may still be sent.
    """
    found = set()
    for trip in facts.trips.values():
        later = facts.day(trip) > day and trip["trip_no"] == 1 and trip["kode_trip"] not in facts.coming
        if not later or (trip["fleet"], trip["base"]) != (fleet.kode, base):
            continue
        stage, wave = facts.stages[trip["stage"]], facts.waves[trip["wave"]]
        seconds, loading = coming_s(facts, stage, fleet, base, wave), whole_seconds(stage.loading_minutes)
        free = trip["depart"] - loading - _earliest(facts, trip) if trip["pinned"] else 0
        if seconds == UNREACHABLE or seconds > max(0, free):
            found.add(trip["vehicle"])
    return found


def _earliest(facts: Facts, trip: Row) -> int:
    """When the vehicle of a trip may be out at the earliest."""
    stage, light = facts.stages[trip["stage"]], facts.plan.inputs.operation.daylight
    earliest = facts.day(trip) + midnight_s(stage.start) + whole_seconds(stage.loading_minutes)
    if light and (stage.daylight_only or facts.fleet[trip["fleet"]].daylight_only):
        earliest = max(earliest, facts.day(trip) + midnight_s(light.sunrise))
    return earliest


def _in_time(facts: Facts, trip: Row, leg: Row) -> Iterator[Broken]:
    """One empty drive: by the matrix, not before its hours, and over before loading in either weather."""
    weather, stage = facts.plan.inputs.operation.weather, facts.stages[trip["stage"]]
    way, closed = (trip["profile"], leg["from_stop"], leg["to_stop"]), facts.closing(trip).closed
    cell, late = (facts.cell(way[0], name, *way[1:], closed) for name in (weather.plan, weather.late))
    if UNREACHABLE in (*cell, *late) or (leg["seconds"], leg["metres"]) != cell or leg["to_stop"] != trip["base"]:
        yield Broken(trip["kode_trip"], f"{leg['seconds']} s, {leg['metres']} m", f"{cell[0]} s, {cell[1]} m")
    for name, seconds in (("arrive", cell[0]), ("arrive_late", late[0])):
        if leg[name] != leg["depart"] + seconds:
            yield Broken(trip["kode_trip"], clock(leg[name]), clock(leg["depart"] + seconds))
    earliest = _earliest(facts, trip)
    latest = trip["depart"] - whole_seconds(stage.loading_minutes) - late[0]
    if not earliest <= leg["depart"] <= latest:
        yield Broken(trip["kode_trip"], clock(leg["depart"]), f"{clock(earliest)} .. {clock(latest)}")
