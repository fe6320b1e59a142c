"""Promises about the way back after counting; what holds of every trip is held against these trips, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from kaur_gis.config import Kembali
from kaur_gis.hours import back_waves
from kaur_gis.judge import roads, trips
from kaur_gis.judge.back_late import (
    DAY_S,
    Previous,
    There,
    arrivals,
    hours_of,
    late_loads,
    loaded_late,
    not_named,
    not_relieved,
    waited,
)
from kaur_gis.judge.closures import closures
from kaur_gis.judge.dapil import dapil
from kaur_gis.judge.facts import Broken, Facts, clock, midnight_s, seconds_of, whole_seconds
from kaur_gis.judge.going import Ends, going, home_s
from kaur_gis.judge.hours import FOREVER
from kaur_gis.judge.passed import passed
from kaur_gis.judge.unserved import not_back

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
    passed,
    dapil,
)
"""Promises that the way back keeps as the way out does."""


def back(facts: Facts) -> Iterator[Broken]:
    """Boxes and copies of results come back to the gudang by the legs declared, in their hours, on vehicles apart.

    Those that come after these hours in the heavier weather are named, and no idle vehicle would have been in time.
    """
    carriers: dict[tuple[str, str], str] = {}
    named: Counter[tuple[str, str]] = Counter()
    for muatan in LOADS:
        rows = [row for row in facts.plan.inputs.operation.kembali if row.muatan == muatan]
        view = _view(facts, muatan, rows)
        names = {row.name for row in rows}
        strange = [
            kode for kode, trip in view.trips.items() if trip["stage"] not in names or trip["wave"] not in view.waves
        ]
        if strange:
            yield from (Broken(kode, view.trips[kode]["stage"], ", ".join(sorted(names))) for kode in strange)
            continue
        yield from _complete(facts, view, muatan, rows)
        for promise in SHARED:
            yield from promise(view)
        ends = {row.kode: row.pulang_ke for row in facts.fleet.values()}
        previous = _before(view, rows)
        brought = {row.name: _there(view, row, "back") for row in rows}
        yield from _hours(view, rows, previous, brought, ends)
        there = {row.name: _there(view, row, "back_late") for row in rows}
        yield from _late(view, rows, previous, there)
        yield from not_relieved(facts, view, rows, previous, there)
        named += late_loads(view, rows)
        yield from going(view, rows, ends)
        left = (row for row in facts.rows(facts.plan.back_unserved) if row["muatan"] == muatan)
        ready = {way: at for way, before in previous.items() if (at := brought[before].get(way[0])) is not None}
        yield from not_back(view, left, rows, ends, ready)
        for (kode, stage), codes in view.trips_of.items():
            for code in codes:
                vehicle = view.trips[code]["vehicle"]
                if carriers.setdefault((kode, vehicle), muatan) != muatan:
                    yield Broken(kode, f"{stage}: {vehicle}", "kotak / salinan")
    yield from not_named(facts, named)


def _view(facts: Facts, muatan: str, rows: list[Kembali]) -> Facts:
    """Take the trips with one kind of load for a plan of their own, whose stages are the legs of the way back."""
    plan = facts.plan
    own = plan.back_trips[plan.back_trips["muatan"] == muatan]
    codes = {*own.index.tolist()}
    legs, loads = (
        layer[np.array([code in codes for code in layer.index.get_level_values("kode_trip").tolist()], dtype=np.bool_)]
        for layer in (plan.back_legs, plan.back_loads)
    )
    kits = plan.kits
    if muatan == "salinan" and rows:
        kits = kits.assign(kotak=0, kg=rows[0].kg_per_tps, m3=rows[0].m3_per_tps)
    operation = plan.inputs.operation.on_the_way_back
    update = {"stages": tuple(row.driven for row in rows), "waves": back_waves(operation)}
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


def _hours(view: Facts, rows: list[Kembali], previous: Previous, there: There, ends: Ends) -> Iterator[Broken]:
    """Each trip keeps the hours of its leg, leaves when all it fetches is there, and never floats in the dark.

    Whose day ends elsewhere has the time to unload and to drive there within these hours.
    """
    operation = view.plan.inputs.operation
    midnight, light = seconds_of(operation.operation.voting_day), operation.daylight
    boats = {key for key, vehicle in view.plan.inputs.speeds.vehicles.items() if vehicle.floats}
    latest: dict[str, int] = {}
    for row in reversed(rows):
        loading = whole_seconds(row.loading_minutes)
        next_load: dict[str, int] = {}
        for own in trips.by_vehicle(view, row.name).values():
            free_by, begin_by = hours_of(view, row)[1], FOREVER
            days = trips.working_days(own)
            lasts = {day[-1]["kode_trip"]: day[0] for day in days}
            firsts = {day[0]["kode_trip"] for day in days}
            until = {trip["kode_trip"]: day[0]["depart"] + DAY_S for day in days for trip in day[1:]}
            for trip in reversed(own):
                start, end = hours_of(view, row, view.waves[trip["wave"]])
                kode_trip, by = trip["kode_trip"], [end, free_by]
                carried = [load["kode_tps"] for load in view.loads[kode_trip]]
                ready = [there[before].get(kode) for kode in carried if (before := previous.get((kode, row.name)))]
                known = [time for time in ready if time is not None]
                earliest = max([start, *(time + loading for time in known)])
                if trip["depart"] < earliest or trip["back"] > end or len(known) < len(ready):
                    found = f"{clock(trip['depart'])}..{clock(trip['back'])}"
                    yield Broken(kode_trip, found, f"{clock(earliest)}..{clock(end)}")
                if (trip["profile"] in boats or view.fleet[trip["fleet"]].daylight_only) and light:
                    down = trip["depart"] - (trip["depart"] - midnight) % DAY_S + midnight_s(light.sunset)
                    by.append(down)
                    if waited(view, trip["depart"], light) != trip["depart"] or trip["back"] > down:
                        yield Broken(kode_trip, clock(trip["back"]), clock(down))
                if kode_trip in lasts:
                    way = trip["base"], ends[trip["fleet"]] or trip["base"]
                    on_s = home_s(view, trip["profile"], way, view.closing(trip).closed, loading)
                    hours = view.fleet[trip["fleet"]].jam_sopir
                    rested = None if hours is None else lasts[kode_trip]["depart"] + int(hours * 3600 + 1e-6)
                    by.append(trip["depart"] if on_s is None else min(by) - on_s)  # no road: a moment before it is back
                    by += [] if rested is None else [rested - (on_s or loading)]
                by += [latest[kode] - loading for kode in carried if kode in latest]
                wanted = min(trip["depart"] + min(by) - trip["back"], until.get(kode_trip, FOREVER) - 1)
                if kode_trip in firsts:  # and the next working day begins a day later
                    wanted = begin_by = min(wanted, begin_by - DAY_S)
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


def _late(view: Facts, rows: list[Kembali], previous: Previous, there: There) -> Iterator[Broken]:
    """Each late end is the trip driven in the heavier weather, in which nothing is loaded in the dark."""
    for row in rows:
        loading = whole_seconds(row.loading_minutes)
        for own in trips.by_vehicle(view, row.name).values():
            free: int | None = 0
            for trip in own:
                load_at = loaded_late(view, row, trip, [free, trip["depart"] - loading], previous, there)
                times = arrivals(view, trip, None if load_at is None else load_at + loading)
                free = times[-1]
                told = [leg["arrive_late"] for leg in view.legs[trip["kode_trip"]]]
                for said, time in zip([*told, trip["back_late"]], [*times[1:], free], strict=True):
                    if said != time:
                        yield Broken(trip["kode_trip"], clock(said), clock(time))
