"""The promise about what transfer points hold, and until when."""

from __future__ import annotations

from collections.abc import Iterator

from kaur_gis.judge.facts import Broken, Facts, clock, midnight_s, seconds_of
from kaur_gis.judge.hours import DAY_S


def store(facts: Facts) -> Iterator[Broken]:
    """No transfer point holds more boxes on one day than it can, and the last vehicle leaves it before it closes."""
    operation = facts.plan.inputs.operation
    for (place, jenis, day), found in sorted(boxes_at(facts).items()):
        row = operation.store_at(place, jenis)
        if row is not None and row.max_kotak is not None and found > row.max_kotak:
            yield Broken(place, f"{clock(day)[:10]}: {found}", f"<= {row.max_kotak}")
    for kode_trip, trip in sorted(facts.trips.items()):
        row = operation.store_at(trip["base"], facts.stages[trip["stage"]].origin)
        if row is not None and row.until is not None:
            by = facts.day(trip) + midnight_s(row.until)
            if max(trip["depart"], trip["depart_latest"]) > by:
                yield Broken(kode_trip, clock(max(trip["depart"], trip["depart_latest"])), clock(by))


def boxes_at(facts: Facts) -> dict[tuple[str, str, int], int]:
    """Count the boxes that lie at each transfer point, by its kind and the day [s since 1970]."""
    found: dict[tuple[str, str, int], int] = {}
    for kode_trip, rows in facts.loads.items():
        trip = facts.trips[kode_trip]
        target = facts.stages[trip["stage"]].target
        for row in rows if target != "tps" else ():
            place = str(facts.places[row["kode_tps"]].get(target))
            for day in days_at(facts, row["kode_tps"], trip["wave"], trip["stage"]):
                found[place, target, day] = found.get((place, target, day), 0) + row["kotak"]
    return found


def days_at(facts: Facts, kode: str, wave: str, stage: str) -> range:
    """List the days on which the boxes of a TPS lie where a stage ends: until the next one is driven [s since 1970].

    Where that does not take them on they lie there until voting day. So would boxes that were left behind for want of
    room, if nobody could take them on; and others that never came are asked for as long where some do lie there.
    """
    way = facts.way[kode]
    goes_on = way[way.index(stage) + 1 :] if stage in way else []
    first = facts.midnight(wave, stage)
    last = facts.midnight(wave, goes_on[0]) if goes_on else first
    row = facts.unserved.get(kode)
    if row is not None and goes_on:
        place = facts.places[kode].get(facts.stages[stage].target, "")
        would = row["stage"] == stage and (row["reason"] == "no_store" or place in facts.once(stuck_at))
        if would or row["stage"] == goes_on[0]:
            last = seconds_of(facts.plan.inputs.operation.operation.voting_day)
    return range(first, last + 1, DAY_S)


def stuck_at(facts: Facts) -> set[str]:
    """Name the transfer points at which boxes lie that no trip takes on."""
    found = set()
    for kode, row in facts.unserved.items():
        way = facts.way[kode]
        before = way[: way.index(row["stage"])] if row["stage"] in way else []
        if before and (kode, before[-1]) in facts.trips_of:
            found.add(facts.places[kode].get(facts.stages[before[-1]].target, ""))
    return found
