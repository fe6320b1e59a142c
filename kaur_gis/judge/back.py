"""Promises about the way back after counting; what holds of every trip is held against these trips, too."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from kaur_gis.config import Daylight, Kembali
from kaur_gis.judge import roads, trips
from kaur_gis.judge.closures import closures
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, clock, midnight_s, seconds_of, whole_seconds
from kaur_gis.judge.going import Ends, going, home_s
from kaur_gis.judge.rows import Row
from kaur_gis.judge.unserved import not_back

DAY_S = 24 * 3600
LOADS = ("kotak", "salinan")
SHARED = (
    trips.delivery,
    trips.loads,
    trips.akses,
    trips.base,
    trips.fleet,
    trips.overlap,
    trips.times,
    trips.travel,
    roads.roads,
    roads.geometry,
    closures,
)
"""Promises that the way back keeps as the way out does."""
Previous = Mapping[tuple[str, str], str]
"""By `kode_tps` and leg of the way back, the leg before; missing for the first."""


def back(facts: Facts) -> Iterator[Broken]:
    """Boxes and copies of results come back to the gudang by the legs declared, in their hours, on vehicles apart."""
    carriers: dict[tuple[str, str], str] = {}
    for muatan in LOADS:
        rows = [row for row in facts.plan.inputs.operation.kembali if row.muatan == muatan]
        view = _view(facts, muatan, rows)
        names = {row.name for row in rows}
        strange = [kode for kode, trip in view.trips.items() if trip["stage"] not in names or trip["wave"] != "kembali"]
        if strange:
            yield from (Broken(kode, view.trips[kode]["stage"], ", ".join(sorted(names))) for kode in strange)
            continue
        yield from _complete(facts, view, muatan, rows)
        for promise in SHARED:
            yield from promise(view)
        ends = {row.kode: row.pulang_ke for row in facts.fleet.values()}
        previous = _before(view, rows)
        yield from _hours(view, rows, previous, ends)
        yield from _late(view, rows, previous)
        yield from going(view, rows, ends)
        left = (row for row in facts.rows(facts.plan.back_unserved) if row["muatan"] == muatan)
        yield from not_back(view, left, rows, ends)
        for (kode, stage), codes in view.trips_of.items():
            for code in codes:
                vehicle = view.trips[code]["vehicle"]
                if carriers.setdefault((kode, vehicle), muatan) != muatan:
                    yield Broken(kode, f"{stage}: {vehicle}", "kotak / salinan")


def _view(facts: Facts, muatan: str, rows: list[Kembali]) -> Facts:
    """Take the trips with one kind of load for a plan of their own, whose stages are the legs of the way back."""
    plan = facts.plan
    own = plan.back_trips[plan.back_trips["muatan"] == muatan]
    legs, loads = (
        layer[layer.index.get_level_values("kode_trip").isin(own.index)] for layer in (plan.back_legs, plan.back_loads)
    )
    kits = plan.kits
    if muatan == "salinan" and rows:
        kits = kits.assign(kotak=0, kg=rows[0].kg_per_tps, m3=rows[0].m3_per_tps)
    operation = plan.inputs.operation.on_the_way_back
    update = {"stages": tuple(row.driven for row in rows), "waves": (operation.back_wave,)}
    inputs = replace(plan.inputs, operation=operation.model_copy(update=update))
    return Facts(replace(plan, inputs=inputs, kits=kits, trips=own, legs=legs, loads=loads, broken=()), of=facts)


def _complete(facts: Facts, view: Facts, muatan: str, rows: list[Kembali]) -> Iterator[Broken]:
    """Whoever got boxes is in one trip of each leg; who does not come back, of each leg before the one that fails."""
    every, ways = [row.name for row in rows], facts.ways(rows, "tps")
    gone = {row["kode_tps"]: row["stage"] for row in facts.rows(facts.plan.back_unserved) if row["muatan"] == muatan}
    for kode in sorted(facts.tps):
        names = ways[kode]
        reached = names[: names.index(gone[kode])] if gone.get(kode) in names else names
        if kode in facts.unserved:
            reached = []
        for name in every:
            found, wanted = len(view.trips_of.get((kode, name), ())), int(name in reached)
            if found != wanted:
                yield Broken(kode, f"{name}: {found}", wanted)


def _hours(view: Facts, rows: list[Kembali], previous: Previous, ends: Ends) -> Iterator[Broken]:
    """Each trip keeps the hours of its leg, leaves when all it fetches is there, and never floats in the dark.

    Whose day ends elsewhere has the time to unload and to drive there within these hours.
    """
    operation = view.plan.inputs.operation
    midnight, light = seconds_of(operation.operation.voting_day), operation.daylight
    boats = {key for key, vehicle in view.plan.inputs.speeds.vehicles.items() if vehicle.moves_as == "boat"}
    latest: dict[str, int] = {}
    there = {row.name: _there(view, row, "back") for row in rows}
    for row in reversed(rows):
        loading = whole_seconds(row.loading_minutes)
        start, end = (
            midnight + day * DAY_S + midnight_s(time)
            for day, time in ((row.start_day, row.start), (row.end_day, row.end))
        )
        next_load: dict[str, int] = {}
        for own in trips.by_vehicle(view, row.name).values():
            free_by = end
            for trip in reversed(own):
                kode_trip, by = trip["kode_trip"], [end, free_by]
                carried = [load["kode_tps"] for load in view.loads[kode_trip]]
                ready = [there[before].get(kode) for kode in carried if (before := previous.get((kode, row.name)))]
                known = [time for time in ready if time is not None]
                earliest = max([start, *known]) + loading
                if trip["depart"] < earliest or trip["back"] > end or len(known) < len(ready):
                    found = f"{clock(trip['depart'])}..{clock(trip['back'])}"
                    yield Broken(kode_trip, found, f"{clock(earliest)}..{clock(end)}")
                if (trip["profile"] in boats or view.fleet[trip["fleet"]].daylight_only) and light:
                    down = trip["depart"] - (trip["depart"] - midnight) % DAY_S + midnight_s(light.sunset)
                    by.append(down)
                    if _waited(trip["depart"], midnight, light) != trip["depart"] or trip["back"] > down:
                        yield Broken(kode_trip, clock(trip["back"]), clock(down))
                if trip is own[-1]:
                    way = trip["base"], ends[trip["fleet"]] or trip["base"]
                    on_s = home_s(view, trip["profile"], way, view.closing(trip).closed, loading)
                    by.append(trip["depart"] if on_s is None else min(by) - on_s)  # no road: a moment before it is back
                by += [latest[kode] - loading for kode in carried if kode in latest]
                wanted = trip["depart"] + min(by) - trip["back"]
                if not trip["depart"] <= trip["depart_latest"] <= wanted:
                    yield Broken(kode_trip, clock(trip["depart_latest"]), clock(wanted))
                free_by = wanted - loading
                next_load |= dict.fromkeys(carried, free_by)
        latest |= next_load


def _before(view: Facts, rows: list[Kembali]) -> Previous:
    """Name the leg of the way back before each leg."""
    ways = view.ways(rows, "tps")
    return {(kode, after): before for kode, way in ways.items() for before, after in pairwise(way)}


def _there(view: Facts, row: Kembali, column: str) -> dict[str, int | None]:
    """When all that a leg brings to the transfer point of a TPS is there and unloaded, by `kode_tps`."""
    unload = whole_seconds(row.loading_minutes)
    brought: dict[str, list[int | None]] = {}
    of: dict[str, str] = {}
    for kode_trip, trip in view.trips.items():
        if trip["stage"] == row.name:
            brought.setdefault(trip["base"], []).append(trip[column])
            of |= {load["kode_tps"]: trip["base"] for load in view.loads[kode_trip]}
    last: dict[str, int | None] = {}
    for base, times in brought.items():
        known = [time for time in times if time is not None]
        last[base] = max(known) + unload if len(known) == len(times) else None
    return {kode: last[base] for kode, base in of.items()}


def _late(view: Facts, rows: list[Kembali], previous: Previous) -> Iterator[Broken]:
    """Each late end is the trip driven in the heavier weather, in which nothing is loaded in the dark."""
    operation = view.plan.inputs.operation
    midnight, light = seconds_of(operation.operation.voting_day), operation.daylight
    storm = operation.weather.late != operation.weather.plan
    there = {row.name: _there(view, row, "back_late") for row in rows}
    for row in rows:
        loading = whole_seconds(row.loading_minutes)
        for own in trips.by_vehicle(view, row.name).values():
            free: int | None = 0
            for trip in own:
                carried = [load["kode_tps"] for load in view.loads[trip["kode_trip"]]]
                came = [(kode, before) for kode in carried if (before := previous.get((kode, row.name)))]
                waits = [free, *(there[before].get(kode) for kode, before in came)]
                known = [wait for wait in waits if wait is not None]
                load_at = max(trip["depart"] - loading, *known) if len(known) == len(waits) else None
                if load_at is not None and storm and row.storm_waits and light:
                    load_at = _waited(load_at, midnight, light)
                now = None if load_at is None else load_at + loading
                free = yield from _late_trip(view, trip, now)


def _late_trip(view: Facts, trip: Row, now: int | None) -> Generator[Broken, None, int | None]:
    """Drive one trip late; returns when its vehicle is back, None for never."""
    weather, kode_trip = view.plan.inputs.operation.weather.late, trip["kode_trip"]
    arrive = now
    for leg in view.legs[kode_trip]:
        seconds = UNREACHABLE if now is None else view.late_s(trip, leg, now)
        arrive = now + seconds if now is not None and seconds != UNREACHABLE else None
        if leg["arrive_late"] != arrive:
            yield Broken(kode_trip, clock(leg["arrive_late"]), clock(arrive))
        now = None if arrive is None else arrive + view.handover_s(kode_trip, leg, weather)
    if trip["back_late"] != arrive:
        yield Broken(kode_trip, clock(trip["back_late"]), clock(arrive))
    return arrive


def _waited(time: int, midnight: int, light: Daylight) -> int:
    """Wait until it is light, where it is dark."""
    today = time - (time - midnight) % DAY_S
    rise, down = (today + midnight_s(at) for at in (light.sunrise, light.sunset))
    if time < rise:
        return rise
    return time if time < down else rise + DAY_S
