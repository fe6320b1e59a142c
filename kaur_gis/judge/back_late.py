"""How the way back goes in the heavier weather: when its trips come home, who is named, and who could have helped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from kaur_gis.config import Daylight, Fleet, Kembali, Wave
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, clock, midnight_s, seconds_of, whole_seconds
from kaur_gis.judge.rows import Row

DAY_S = 24 * 3600
Previous = Mapping[tuple[str, str], str]
"""By `kode_tps` and leg of the way back, the leg before; missing for the first."""
There = Mapping[str, Mapping[str, int | None]]
"""By leg and `kode_tps`, when all that comes to its transfer point is there and unloaded; None for never."""


def hours_of(view: Facts, row: Kembali, wave: Wave | None = None) -> tuple[int, int]:
    """When vehicles of a leg of the way back leave at the earliest and are back at the latest [s since 1970].

    In a part of it nobody leaves sooner, nor is back later.
    """
    midnight = seconds_of(view.plan.inputs.operation.operation.voting_day)
    days = ((row.start_day, row.start), (row.end_day, row.end))
    start, end = (midnight + day * DAY_S + midnight_s(time) for day, time in days)
    start += whole_seconds(row.loading_minutes)
    if wave is None:
        return start, end
    begins = start if wave.start_s is None else max(start, midnight + wave.start_s)
    return begins, end if wave.end_s is None else min(end, midnight + wave.end_s)


def loaded_late(
    view: Facts, row: Kembali, trip: Row, not_before: Iterable[int | None], previous: Previous, there: There
) -> int | None:
    """When a trip is loaded in the heavier weather: when all it fetches is there, and never in the dark."""
    operation = view.plan.inputs.operation
    carried = [load["kode_tps"] for load in view.loads[trip["kode_trip"]]]
    came = [(kode, before) for kode in carried if (before := previous.get((kode, row.name)))]
    waits = [*not_before, *(there[before].get(kode) for kode, before in came)]
    known = [wait for wait in waits if wait is not None]
    if len(known) < len(waits):
        return None
    if operation.weather.late != operation.weather.plan and row.storm_waits and operation.daylight:
        return waited(view, max(known), operation.daylight)
    return max(known)


def arrivals(view: Facts, trip: Row, now: int | None) -> list[int | None]:
    """Drive a trip in the heavier weather: when it leaves, and when each of its legs ends; None for never."""
    weather, kode_trip = view.plan.inputs.operation.weather.late, trip["kode_trip"]
    found = [now]
    for leg in view.legs[kode_trip]:
        seconds = UNREACHABLE if now is None else view.late_s(trip, leg, now)
        arrive = now + seconds if now is not None and seconds != UNREACHABLE else None
        now = None if arrive is None else arrive + view.handover_s(kode_trip, leg, weather)
        found.append(arrive)
    return found


def late_loads(view: Facts, rows: list[Kembali]) -> Counter[tuple[str, str]]:
    """Count the TPS whose loads come home after the end of a leg, by base and leg; not those that never do."""
    found: Counter[tuple[str, str]] = Counter()
    ends = {row.name: hours_of(view, row)[1] for row in rows}
    for kode_trip, trip in view.trips.items():
        if trip["back_late"] is not None and trip["back_late"] > ends[trip["stage"]]:
            found[trip["base"], trip["stage"]] += len(view.loads[kode_trip])
    return found


def not_named(facts: Facts, late: Mapping[tuple[str, str], int]) -> Iterator[Broken]:
    """Each base to which loads come too late in the heavier weather is named with how many, and no other."""
    notes = [note for note in facts.plan.notes if note.what == "back_late_risk"]
    said = {(note.value, str(note.details["stage"])): str(note.details["n_tps"]) for note in notes}
    wanted = {at: str(n) for at, n in late.items()}
    for base, stage in sorted({*said, *wanted}):
        found, right = (n.get((base, stage), "0") for n in (said, wanted))
        if found != right:
            yield Broken(base, f"{stage}: {found}", f"{stage}: {right}")


def not_relieved(facts: Facts, view: Facts, rows: list[Kembali], previous: Previous, there: There) -> Iterator[Broken]:
    """No vehicle stands idle that would bring home in time what another one of its row and base brings too late."""
    light = facts.plan.inputs.operation.daylight
    vehicles = facts.plan.inputs.speeds.vehicles
    out = {(trip["base"], trip["fleet"], trip["vehicle"]) for trip in facts.rows(facts.plan.back_trips)}
    for row in rows:
        end = hours_of(view, row)[1]
        for kode_trip, trip in view.trips.items():
            fleet, back_s = view.fleet[trip["fleet"]], trip["back_late"]
            late = back_s is None or back_s > end
            if trip["stage"] != row.name or not late or not _idle(fleet, trip["base"], out):
                continue
            by_day = fleet.daylight_only or vehicles[fleet.vehicle].floats
            loading = whole_seconds(row.loading_minutes)
            begin = hours_of(view, row, view.waves[trip["wave"]])[0] - loading
            begin = waited(view, begin, light) if by_day and light else begin
            load_at = loaded_late(view, row, trip, [begin], previous, there)
            now = None if load_at is None else load_at + loading
            alone = arrivals(view, trip, now)[-1]
            if alone is not None and alone <= end:
                yield Broken(kode_trip, clock(back_s), f"{clock(alone)} ({trip['base']}-{fleet.kode})")


def _idle(fleet: Fleet, base: str, out: Iterable[tuple[str, str, str]]) -> bool:
    """Whether some vehicle of a row stands at a base, not broken, and goes nowhere after counting."""
    own = f"{base}-{fleet.kode}"
    away = {vehicle for vehicle in fleet.rusak if vehicle.rpartition("-")[0] == own}
    away |= {vehicle for at, kode, vehicle in out if (at, kode) == (base, fleet.kode)}
    return fleet.count > len(away)


def waited(view: Facts, time: int, light: Daylight) -> int:
    """Wait until it is light, where it is dark."""
    today = time - (time - seconds_of(view.plan.inputs.operation.operation.voting_day)) % DAY_S
    rise, down = (today + midnight_s(at) for at in (light.sunrise, light.sunset))
    if time < rise:
        return rise
    return time if time < down else rise + DAY_S
