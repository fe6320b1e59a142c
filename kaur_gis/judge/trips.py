"""Promises about the trips: who is served, by which vehicle, with what load, and when."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from itertools import pairwise

from kaur_gis.judge.beside import riding
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, clock, midnight_s, whole_seconds
from kaur_gis.judge.hours import DAY_S
from kaur_gis.judge.rows import Row


def served(facts: Facts) -> Iterator[Broken]:
    """Each TPS is in one trip of every stage of its way; an unserved one, of every stage before the one that fails."""
    for kode in sorted(facts.tps):
        gone, way = facts.unserved.get(kode), facts.way[kode]
        failing = gone["stage"] if gone else ""
        reached = way[: way.index(failing)] if failing in way else way
        if failing and failing not in way:
            yield Broken(kode, failing, " ".join(way))
        for stage in facts.stages:
            found, wanted = len(facts.trips_of.get((kode, stage), ())), int(stage in reached)
            if found != wanted:
                yield Broken(kode, f"{stage}: {found}", wanted)


def wave(facts: Facts) -> Iterator[Broken]:
    """Each TPS goes with the wave that its code or its access forces it into, or a part of it, if one does."""
    for kode_trip, rows in facts.loads.items():
        carried = facts.trips[kode_trip]["wave"]
        for row in rows:
            forced = facts.forced_wave(row["kode_tps"])
            if forced and forced.name not in {carried, facts.waves[carried].part_of}:
                yield Broken(row["kode_tps"], carried, forced.name)


def delivery(facts: Facts) -> Iterator[Broken]:
    """Boxes start at the place that supplies the TPS and are handed over where they must go; no stop is for nothing."""
    for kode_trip, legs in facts.legs.items():
        trip, ends = facts.trips[kode_trip], {leg["order"]: leg["to_stop"] for leg in legs}
        stage = facts.stages[trip["stage"]]
        for row in facts.loads[kode_trip]:
            places = facts.places[row["kode_tps"]]
            wanted = (places.get(stage.origin), places.get(stage.target))
            found = (trip["base"], ends[row["order"]])
            if found != wanted:
                yield Broken(row["kode_tps"], " -> ".join(found), " -> ".join(map(str, wanted)))
        handed = {row["order"] for row in facts.loads[kode_trip]}
        for leg in legs[:-1]:
            if leg["order"] not in handed:
                yield Broken(kode_trip, leg["to_stop"], "-")


def chain(facts: Facts) -> Iterator[Broken]:
    """Boxes are loaded for the next stage only after they were handed over there."""
    weather = facts.plan.inputs.operation.weather.plan
    handed: dict[tuple[str, str], int] = {}
    for kode_trip, legs in facts.legs.items():
        done = {leg["order"]: leg["arrive"] + facts.handover_s(kode_trip, leg, weather) for leg in legs}
        for row in facts.loads[kode_trip]:
            handed[row["kode_tps"], facts.trips[kode_trip]["stage"]] = done[row["order"]]
    for kode in sorted(facts.tps):
        for before, after in pairwise(facts.way[kode]):
            loading = whole_seconds(facts.stages[after].loading_minutes)
            for kode_trip in facts.trips_of.get((kode, after), ()):
                ready = handed.get((kode, before))
                depart = facts.trips[kode_trip]["depart"]
                if ready is None or depart < ready + loading:
                    yield Broken(kode, clock(depart), clock(ready and ready + loading))


def loads(facts: Facts) -> Iterator[Broken]:
    """No trip carries more boxes, kg or m3 than its vehicle takes; a TPS's load is its kit, a trip's their sum.

    What rides along for a PPK or PPS is in the load.
    """
    kits = facts.rows.by_code(facts.plan.kits)
    for kode_trip, rows in facts.loads.items():
        trip = facts.trips[kode_trip]
        fleet = facts.fleet[trip["fleet"]]
        beside = {words: riding(facts, words) for words in {row.get("panitia", "") for row in rows}}
        for name, most in (("kotak", fleet.max_kotak), ("kg", fleet.max_kg), ("m3", fleet.max_m3)):
            for row in rows:
                wanted = kits[row["kode_tps"]][name] + beside[row.get("panitia", "")][name]
                if not math.isclose(row[name], wanted, rel_tol=1e-9):
                    yield Broken(row["kode_tps"], f"{name} = {row[name]}", wanted)
            total = math.fsum(row[name] for row in rows)
            if not math.isclose(trip[name], total, rel_tol=1e-9):
                yield Broken(kode_trip, f"{name} = {trip[name]}", total)
            if total > most + 1e-6:
                yield Broken(kode_trip, f"{name} = {total}", f"<= {most}")
        if trip["n_tps"] != len(rows):
            yield Broken(kode_trip, f"n_tps = {trip['n_tps']}", len(rows))


def akses(facts: Facts) -> Iterator[Broken]:
    """No vehicle is sent to a TPS that its kind can't reach."""
    for kode_trip, rows in facts.loads.items():
        trip = facts.trips[kode_trip]
        if facts.stages[trip["stage"]].target != "tps":
            continue
        able = facts.fleet[trip["fleet"]].akses
        for row in rows:
            tag = facts.tps[row["kode_tps"]]["akses"]
            if tag not in able:
                yield Broken(row["kode_tps"], trip["fleet"], tag)


def base(facts: Facts) -> Iterator[Broken]:
    """Each trip starts at its base, a place of the right kind, leaves no gap between its legs, and ends there.

    The last one of a vehicle's day ends where its fleet row says, if it does.
    """
    last = {trips[-1]["kode_trip"] for trips in by_vehicle(facts).values()}
    for kode_trip, legs in facts.legs.items():
        trip = facts.trips[kode_trip]
        end = facts.fleet[trip["fleet"]].pulang_ke if kode_trip in last else None
        if trip["pinned"] and legs[-1]["to_stop"] == trip["base"]:  # it was not the last one of an older plan
            end = None
        starts = [trip["base"], *(leg["to_stop"] for leg in legs)]
        ends = [*(leg["from_stop"] for leg in legs), end or trip["base"]]
        for left, came in zip(ends, starts, strict=True):
            if left != came:
                yield Broken(kode_trip, left, came)
        origin = facts.stages[trip["stage"]].origin
        kind = facts.stops[trip["base"]]["kind"]
        if kind != origin:
            yield Broken(kode_trip, kind, origin)


def fleet(facts: Facts) -> Iterator[Broken]:
    """Every vehicle exists: of the stage's fleet, at that base, not broken, not more of them nor more trips a day."""
    named: dict[tuple[str, str], set[str]] = {}
    for kode_trip, trip in sorted(facts.trips.items()):
        row = facts.fleet[trip["fleet"]]
        if (facts.stages[trip["stage"]].armada, trip["profile"]) != (row.stage, row.vehicle) or (
            row.bases and trip["base"] not in row.bases
        ):
            yield Broken(kode_trip, trip["fleet"], f"{row.stage}, {row.vehicle} {' '.join(row.bases)}")
        number = trip["vehicle"].removeprefix(f"{trip['base']}-{row.kode}-")
        if not (number.isdecimal() and 1 <= int(number) <= row.count):
            yield Broken(kode_trip, trip["vehicle"], f"{trip['base']}-{row.kode}-1..{row.count}")
        if trip["vehicle"] in row.rusak and not trip["pinned"]:  # what it brought before stays
            yield Broken(kode_trip, trip["vehicle"], "rusak")
        named.setdefault((trip["base"], row.kode), set()).add(trip["vehicle"])
    for (stop, kode), vehicles in sorted(named.items()):
        if len(vehicles) > facts.fleet[kode].count:
            yield Broken(f"{stop}-{kode}", len(vehicles), f"<= {facts.fleet[kode].count}")
    for day in (day for own in by_vehicle(facts).values() for day in working_days(own)):
        most = facts.fleet[day[0]["fleet"]].max_trips
        if len(day) > most:
            yield Broken(day[0]["vehicle"], len(day), f"<= {most}")


def overlap(facts: Facts) -> Iterator[Broken]:
    """Trips of one vehicle follow each other, numbered from 1, with time to load before each."""
    for vehicle, trips in by_vehicle(facts).items():
        for number, (before, trip) in enumerate(zip([None, *trips], trips, strict=False), start=1):
            if trip["trip_no"] != number:
                yield Broken(trip["kode_trip"], trip["trip_no"], number)
            ready = before["back"] + whole_seconds(facts.stages[trip["stage"]].loading_minutes) if before else None
            if ready is not None and trip["depart"] < ready:
                yield Broken(vehicle, clock(trip["depart"]), clock(ready))


def hours(facts: Facts) -> Iterator[Broken]:
    """Each trip is driven on the day of its stage of its wave, loaded after the stage's start, and back before its end.

    What may be out by day alone leaves after sunrise and is back by sunset; a part of a wave has its own hours.
    """
    daylight = facts.plan.inputs.operation.daylight
    for kode_trip, trip in facts.trips.items():
        day, stage = facts.day(trip), facts.stages[trip["stage"]]
        earliest = day + midnight_s(stage.start) + whole_seconds(stage.loading_minutes)
        latest = day + midnight_s(stage.end)
        if daylight and (stage.daylight_only or facts.fleet[trip["fleet"]].daylight_only):
            earliest = max(earliest, day + midnight_s(daylight.sunrise))
            latest = min(latest, day + midnight_s(daylight.sunset))
        own = facts.waves[trip["wave"]]
        earliest = max(earliest, day + midnight_s(own.start)) if own.start else earliest
        latest = min(latest, day + midnight_s(own.end)) if own.end else latest
        if trip["depart"] < earliest:
            yield Broken(kode_trip, clock(trip["depart"]), clock(earliest))
        if trip["back"] > latest:
            yield Broken(kode_trip, clock(trip["back"]), clock(latest))


def driver(facts: Facts) -> Iterator[Broken]:
    """No driver's day is longer than his hours, from when he sets out or his first trip is loaded until he is home."""
    for vehicle, trips in by_vehicle(facts).items():
        most = facts.fleet[trips[0]["fleet"]].jam_sopir
        hours = (max(trip["back"] for trip in trips) - began(facts, trips[0])) / 3600
        if most is not None and hours > most + 1e-6 and not trips[-1]["pinned"]:
            yield Broken(vehicle, round(hours, 2), f"<= {most}")


def driver_late(facts: Facts) -> Iterator[Broken]:
    """Each driver whose day is longer than his hours in the heavier weather is named, and nobody else is."""
    notes = [note for note in facts.plan.notes if note.what in {"driver_risk", "driver_risk_never"}]
    said = Counter((note.value, str(note.details["wave"])) for note in notes)
    wanted: Counter[tuple[str, str]] = Counter()
    for trips in by_vehicle(facts).values():
        most, begin = facts.fleet[trips[0]["fleet"]].jam_sopir, began(facts, trips[0])
        late = trips[-1]["back_late"]
        if most is not None and (late is None or late - begin > most * 3600 + 1e-6):
            wanted[trips[0]["vehicle"], trips[0]["wave"]] += 1
    for vehicle, wave in sorted({*said, *wanted}):
        if said[vehicle, wave] != wanted[vehicle, wave]:
            yield Broken(vehicle, f"{wave}: {said[vehicle, wave]}", f"{wave}: {wanted[vehicle, wave]}")


def began(facts: Facts, first: Row) -> int:
    """When the day of a driver begins: with the empty drive to his base, else when his first trip is loaded."""
    leg = facts.coming.get(first["kode_trip"])
    return int(leg["depart"] if leg else first["depart"] - whole_seconds(facts.stages[first["stage"]].loading_minutes))


def deadline(facts: Facts) -> Iterator[Broken]:
    """Boxes are at the TPS, carried to it, before the deadline of their wave, or a sooner one of their own."""
    for kode_trip, rows in facts.loads.items():
        trip = facts.trips[kode_trip]
        if facts.stages[trip["stage"]].target != "tps":
            continue
        there = {leg["order"]: leg["arrive"] + leg["walk_s"] for leg in facts.legs[kode_trip]}
        for row in rows:
            latest = facts.day(trip) + facts.due_s(row["kode_tps"], facts.waves[trip["wave"]])
            if there[row["order"]] > latest:
                yield Broken(row["kode_tps"], clock(there[row["order"]]), clock(latest))


def times(facts: Facts) -> Iterator[Broken]:
    """Each arrival is the departure and the drive; each departure leaves time to hand over; trip and legs agree."""
    weather = facts.plan.inputs.operation.weather.plan
    for kode_trip, legs in facts.legs.items():
        trip = facts.trips[kode_trip]
        earliest = trip["depart"]
        if legs[0]["depart"] != trip["depart"]:
            yield Broken(kode_trip, clock(legs[0]["depart"]), clock(trip["depart"]))
        for leg in legs:
            if leg["depart"] < earliest:
                yield Broken(kode_trip, clock(leg["depart"]), clock(earliest))
            if leg["arrive"] != leg["depart"] + leg["seconds"]:
                yield Broken(kode_trip, clock(leg["arrive"]), clock(leg["depart"] + leg["seconds"]))
            earliest = leg["arrive"] + facts.handover_s(kode_trip, leg, weather)
        if trip["back"] != legs[-1]["arrive"]:
            yield Broken(kode_trip, clock(trip["back"]), clock(legs[-1]["arrive"]))


def travel(facts: Facts) -> Iterator[Broken]:
    """Each leg takes the seconds and metres of the travel-time matrix; a trip is the sum of its legs, of all."""
    weather = facts.plan.inputs.operation.weather.plan
    for kode_trip, legs in facts.legs.items():
        trip = facts.trips[kode_trip]
        for leg in legs:
            closed = facts.closing(trip).closed
            cell = facts.cell(trip["profile"], weather, leg["from_stop"], leg["to_stop"], closed)
            if not trip["pinned"] and (UNREACHABLE in cell or (leg["seconds"], leg["metres"]) != cell):
                yield Broken(kode_trip, f"{leg['seconds']} s, {leg['metres']} m", f"{cell[0]} s, {cell[1]} m")
        for name in ("seconds", "metres"):
            empty = [*filter(None, [facts.coming.get(kode_trip)]), *facts.going.get(kode_trip, ())]
            total = sum(leg[name] for leg in [*legs, *empty])
            if trip[name] != total:
                yield Broken(kode_trip, f"{name} = {trip[name]}", total)


def late(facts: Facts) -> Iterator[Broken]:
    """Each late end of a range is the same trip driven in the heavier weather; none where a road closes then."""
    ready: dict[tuple[str, str], int | None] = {}
    previous = {(kode, after): before for kode, way in facts.way.items() for before, after in pairwise(way)}
    for stage in facts.stages:
        for trips in by_vehicle(facts, stage).values():
            free: int | None = 0
            for trip in trips:
                rows = facts.loads[trip["kode_trip"]]
                came = [(row["kode_tps"], previous.get((row["kode_tps"], stage))) for row in rows]
                waits = [free, *(ready.get((kode, before)) for kode, before in came if before)]
                free = yield from _late_trip(facts, trip, waits, ready)


def _late_trip(
    facts: Facts, trip: Row, waits: list[int | None], ready: dict[tuple[str, str], int | None]
) -> Generator[Broken, None, int | None]:
    """Drive one trip late, filling `ready`; returns when its vehicle is free again, None for never."""
    kode_trip, stage = trip["kode_trip"], trip["stage"]
    weather, loading = facts.plan.inputs.operation.weather.late, whole_seconds(facts.stages[stage].loading_minutes)
    known = [wait for wait in waits if wait is not None]
    now = max(trip["depart"], max(known) + loading) if len(known) == len(waits) else None
    arrive = now
    for leg in facts.legs[kode_trip]:
        begin = now if now is None else max(leg["depart"], now)
        seconds = UNREACHABLE if begin is None else facts.late_s(trip, leg, begin)
        arrive = begin + seconds if begin is not None and seconds != UNREACHABLE else None
        if trip["pinned"]:
            arrive = leg["arrive_late"]
        if leg["arrive_late"] != arrive:
            yield Broken(kode_trip, clock(leg["arrive_late"]), clock(arrive))
        now = arrive if arrive is None else arrive + facts.handover_s(kode_trip, leg, weather)
        handed = (row["kode_tps"] for row in facts.loads[kode_trip] if row["order"] == leg["order"])
        ready |= {(kode, stage): now for kode in handed}
    if trip["back_late"] != arrive:
        yield Broken(kode_trip, clock(trip["back_late"]), clock(arrive))
    return arrive


def by_vehicle(facts: Facts, stage: str | None = None) -> dict[str, list[Row]]:
    """Trips of each vehicle on each day, in the order in which they depart."""
    found: dict[tuple[str, int], list[Row]] = {}
    for trip in facts.once(_in_order):
        if stage in {None, trip["stage"]}:
            found.setdefault((trip["vehicle"], facts.day(trip)), []).append(trip)
    return {f"{vehicle} {clock(day)[:10]}": trips for (vehicle, day), trips in found.items()}


def working_days(trips: Iterable[Row]) -> list[list[Row]]:
    """Split what a vehicle does, in order, into working days: each begins a day after the one before it, or later."""
    found: list[list[Row]] = []
    for trip in trips:
        if not found or trip["depart"] >= found[-1][0]["depart"] + DAY_S:
            found.append([])
        found[-1].append(trip)
    return found


def _in_order(facts: Facts) -> list[Row]:
    return sorted(facts.trips.values(), key=lambda trip: (trip["depart"], trip["trip_no"], trip["kode_trip"]))
