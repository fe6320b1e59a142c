"""Which closures hold while something is driven: by wave and stage, by kind of vehicle, and on voting day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

import pandas as pd

from kaur_gis.config import DAY_S, BackPart, Fleet, Operation, RoadClosure, Stage, Wave, seconds_of_day
from kaur_gis.inputs import Inputs

Closed = tuple[int, ...]
"""Closures that hold, by their place in `Roads.closures`, ascending."""
Span = tuple[dt.datetime, dt.datetime]
DAY = dt.timedelta(days=1)
WORK = dt.timedelta(hours=36)
"""A day after counting, for those who work on it, lasts until noon of the next: who leaves in the evening is home."""
EVER = dt.datetime(1, 1, 1)  # noqa: DTZ001 - every time of a plan is a local time without a zone
NEVER = dt.datetime(9999, 1, 1)  # noqa: DTZ001 - as above


class Held(NamedTuple):
    """What holds while the trips of one wave and stage are driven by one row of the fleet.

    Attributes
    ----------
    closed : Closed
        Closures that hold at any moment from the first departure to the last return.
    later : Closed
        These, and those that begin after the last return: a late trip may still be out then.
    closes : datetime or None
        When the first of these begins; None where none does.
    """

    closed: Closed
    later: Closed
    closes: dt.datetime | None


@dataclass(frozen=True, eq=False)
class Hours:
    """Which closures hold when.

    Attributes
    ----------
    trips : mapping of (wave, stage, Fleet.kode) to Held
        Of the way out, and of the way back under `back_waves`.
    voting_day : mapping
        Vehicle of the speed table -> closures that hold for guards, reaction and couriers.
    """

    trips: Mapping[tuple[str, str, str], Held]
    voting_day: Mapping[str, Closed]

    @classmethod
    def of(cls, inputs: Inputs) -> Hours:
        """Look up every wave, stage and row of the fleet, and every vehicle."""
        operation, asked = inputs.operation, [closure.asked for closure in inputs.roads.closures]
        spans = [held_spans(operation, closure) for closure in asked]
        concerned = {
            name: [number for number, closure in enumerate(asked) if name in closure.kendaraan or not closure.kendaraan]
            for name in inputs.speeds.vehicles
        }
        trips = {}
        for wave, stage, fleet in driven(operation):
            own = {number: spans[number] for number in concerned.get(fleet.vehicle, ())}
            trips[wave.name, stage.name, fleet.kode] = _held(own, trip_hours(operation, wave, stage, fleet))
        days = voting_hours(operation)
        voting_day = {
            name: tuple(number for number in own if any(_meet(spans[number], day) for day in days))
            for name, own in concerned.items()
        }
        return cls(trips, voting_day)

    def held(self, wave: Wave, stage: Stage, fleet: Fleet) -> Held:
        """Look up the trips of a wave and stage by a row of the fleet."""
        return self.trips[wave.name, stage.name, fleet.kode]

    @property
    def differ(self) -> bool:
        """Whether a vehicle may use a road in one wave that is closed to it in another."""
        rows = {key[1:] for key in self.trips}
        return len({(*key[1:], held.closed) for key, held in self.trips.items()}) > len(rows)

    def closed(self, trips: pd.DataFrame) -> list[Closed]:
        """Look up what is closed to each row of `Trips`."""
        rows = zip(trips["wave"], trips["stage"], trips["fleet"], strict=True)
        return [self.trips[row].closed for row in rows]

    def way_out(self, operation: Operation) -> Closed:
        """Closures that hold for some trip of the distribution."""
        waves = {wave.name for wave in operation.waves}
        return tuple(sorted({one for (wave, *_), held in self.trips.items() if wave in waves for one in held.closed}))


def driven(operation: Operation) -> Iterator[tuple[Wave, Stage, Fleet]]:
    """List who drives in which wave and stage, there and back."""
    there = [(wave, stage) for wave in operation.waves for stage in operation.stages]
    back = [(wave, row.driven) for wave in back_waves(operation) for row in operation.kembali]
    for wave, stage in [*there, *back]:
        for fleet in operation.fleet:
            if fleet.stage == stage.armada:
                yield wave, stage, fleet


def trip_hours(operation: Operation, wave: Wave, stage: Stage, fleet: Fleet) -> Span:
    """From the first departure, which is loaded before, to the last return; of the first daylight for some."""
    midnight = dt.datetime.combine(operation.day_of(wave, stage), dt.time())
    depart_s, back_s = stage.start_s + 60 * stage.loading_minutes, stage.end_s
    if light := operation.light_s(stage, fleet):
        begin_s = max(stage.start_s, wave.start_s or 0)
        later_s = DAY_S * max(0, (begin_s - light[1]) // DAY_S + 1)  # after sunset there is the next day
        depart_s, back_s = max(depart_s, light[0] + later_s), min(back_s, light[1] + later_s)
    depart_s = depart_s if wave.start_s is None else max(depart_s, wave.start_s)
    back_s = back_s if wave.end_s is None else min(back_s, wave.end_s)
    return midnight + dt.timedelta(seconds=depart_s), midnight + dt.timedelta(seconds=back_s)


def voting_hours(operation: Operation) -> list[Span]:
    """When guards are out, by the light of voting day where it is known; and couriers, for a day from their start."""
    midnight = dt.datetime.combine(operation.operation.voting_day, dt.time())
    found = [(midnight, midnight + DAY)]
    if light := operation.daylight:
        found = [(midnight + _after(light.sunrise), midnight + _after(light.sunset))]
    if operation.komunikasi:
        start = midnight + dt.timedelta(seconds=operation.komunikasi.start_s)
        found.append((start, start + DAY))
    return found


def holds_ever(operation: Operation, asked: RoadClosure) -> bool:
    """Whether a closure holds at any hour at which someone whom it concerns is out."""
    others = {operation.guard.vehicle, *(operation.komunikasi.vehicles if operation.komunikasi else ())}
    hours = voting_hours(operation) if not asked.kendaraan or others & set(asked.kendaraan) else []
    hours += [
        trip_hours(operation, wave, stage, fleet)
        for wave, stage, fleet in driven(operation)
        if fleet.count and (not asked.kendaraan or fleet.vehicle in asked.kendaraan)
    ]
    return any(_meet(held_spans(operation, asked), span) for span in hours)


def held_spans(operation: Operation, asked: RoadClosure) -> list[Span]:
    """From when until when a closure holds; one of the night alone is a row of nights."""
    start, end = asked.mulai or EVER, asked.selesai or NEVER
    if not asked.malam or operation.daylight is None:
        return [(start, end)]
    before = max(wave.days_before for wave in operation.waves) + operation.days_earlier
    midnight = dt.datetime.combine(operation.operation.voting_day, dt.time()) - before * DAY
    nights = operation.daylight.dark_s(before)
    moments = [tuple(midnight + dt.timedelta(seconds=moment) for moment in night) for night in nights]
    found = [(max(start, down), min(end, rise)) for down, rise in moments]
    return [(down, rise) for down, rise in found if down < rise]


def parted(operation: Operation) -> tuple[Wave, ...]:
    """Add to each wave its hours before the first closure begins while it is driven, and after the last one ends.

    Of closures by night alone the part is the daylight, where a wave is driven in the dark, too. Parts that are known
    already stay.
    """
    found: list[Wave] = []
    known = {wave.name for wave in operation.waves}
    spans = [
        (closure, span) for closure in operation.tutup if not closure.malam for span in held_spans(operation, closure)
    ]
    for wave in operation.waves:
        found.append(wave)
        if wave.part_of is not None:
            continue
        hours = [
            (trip_hours(operation, wave, stage, fleet), fleet.vehicle)
            for stage in operation.stages
            for fleet in operation.fleet
            if fleet.stage == stage.armada
        ]
        met = [
            (max(start, out[0]), min(end, out[1]), out)
            for closure, (start, end) in spans
            for out, vehicle in hours
            if _meet([(start, end)], out) and vehicle in (closure.kendaraan or (vehicle,))
        ]
        begins = [start.time() for start, _, out in met if start > out[0]]
        ends = [end.time() for _, end, out in met if end < out[1]]
        parts = [{"name": f"{wave.name} s.d. {_clock(min(begins))}", "end": min(begins)}] if begins else []
        parts += [{"name": f"{wave.name} mulai {_clock(max(ends))}", "start": max(ends)}] if ends else []
        parts += _by_day(operation, wave, [out for out, _ in hours], [vehicle for _, vehicle in hours])
        whole = {"part_of": wave.name, "akses": (), "kode_tps": ()}
        found += [wave.model_copy(update={**whole, **part}) for part in parts if part["name"] not in known]
    return tuple(found)


def back_waves(operation: Operation) -> tuple[Wave, ...]:
    """Give the way back as a wave, and as its parts the hours between those of a closure that begins or ends in them.

    Where there are several closures, the hours between all of them are parts, too; and every later day of a leg, for
    who is not out in the dark, and for drivers who have done a day's work.
    """
    whole, closures = operation.back_wave, [(closure, held_spans(operation, closure)) for closure in operation.tutup]
    found = set[tuple[dt.datetime | None, dt.datetime | None]]()
    for row in operation.kembali:
        for fleet in (own for own in operation.fleet if own.stage == row.armada):
            out = trip_hours(operation, whole, row.driven, fleet)
            own = [spans for closure, spans in closures if fleet.vehicle in (closure.kendaraan or (fleet.vehicle,))]
            met = [[span for span in spans if _meet([span], out)] for spans in own]
            found.update(gap for spans in (*met, sorted(chain(*met))) for gap in _gaps(spans, out))
    midnight = dt.datetime.combine(operation.operation.voting_day, dt.time())
    later = {day for row in operation.kembali for day in range(row.start_day + 1, row.end_day + 1)}
    found.update((midnight + day * DAY, midnight + day * DAY + WORK) for day in later)
    parts = sorted(found, key=lambda part: (part[0] or EVER, part[1] or NEVER))
    return (whole, *(_back_part(whole, midnight, *part) for part in parts))


def daylight(operation: Operation, begin_s: int, end_s: int) -> tuple[int, int]:
    """Find the first daylight after some time [s from midnight of voting day]; unknown, it lasts until `end_s`."""
    nights = pairwise(operation.daylight.dark_s() if operation.daylight else ())
    return next(((rise, down) for (_, rise), (down, _) in nights if down > begin_s), (0, end_s))


def _gaps(spans: Iterable[Span], out: Span) -> Iterator[tuple[dt.datetime | None, dt.datetime | None]]:
    """List the hours of `out` in which none of some spans, ascending, is; None for its own beginning or end."""
    begin: dt.datetime | None = None
    for start, end in spans:
        if start > (begin or out[0]):
            yield begin, start
        begin = max(begin or out[0], end)
    if begin is not None and begin < out[1]:
        yield begin, None


def _back_part(whole: Wave, midnight: dt.datetime, start: dt.datetime | None, end: dt.datetime | None) -> BackPart:
    """Name some hours of the way back, and count them from midnight of voting day."""
    said = [
        f"{word} {_day(time - midnight)} {_clock(time.time())}"
        for word, time in (("mulai", start), ("s.d.", end))
        if time is not None
    ]
    if start and end and (start.time(), end - start) == (dt.time(), WORK):
        said = [_day(start - midnight)]
    begins_s, ends_s = (None if time is None else int((time - midnight).total_seconds()) for time in (start, end))
    hours = {"name": " ".join([whole.name, *said]), "part_of": whole.name, "begins_s": begins_s, "ends_s": ends_s}
    return BackPart.model_construct(**{**dict(whole), **hours})


def _day(since: dt.timedelta) -> str:
    return f"H+{since.days}" if since.days else "H"


def _by_day(operation: Operation, wave: Wave, hours: Iterable[Span], vehicles: Iterable[str]) -> list[dict[str, Any]]:
    """Give the daylight of a wave as a part of it, where a road that is closed by night keeps someone off by day."""
    light = operation.daylight
    nights = [(closure, held_spans(operation, closure)) for closure in operation.tutup if closure.malam]
    barred = any(
        _meet(spans, out) and vehicle in (closure.kendaraan or (vehicle,))
        for closure, spans in nights
        for out, vehicle in zip(hours, vehicles, strict=True)
    )
    return [{"name": f"{wave.name} siang", "start": light.sunrise, "end": light.sunset}] if light and barred else []


def _clock(time: dt.time) -> str:
    return f"{time:%H.%M.%S}" if time.second else f"{time:%H.%M}"


def _held(spans: Mapping[int, Iterable[Span]], hours: Span) -> Held:
    """Choose the closures that hold in some hours, and those that begin after them."""
    closed = tuple(sorted(number for number, own in spans.items() if _meet(own, hours)))
    after = [
        (start, number)
        for number, own in spans.items()
        if number not in closed
        for start, _ in own
        if start >= hours[1]
    ]
    first, _ = min(after, default=(None, -1))
    return Held(closed, tuple(sorted({*closed, *(number for _, number in after)})), first)


def _meet(spans: Iterable[Span], hours: Span) -> bool:
    """Whether one of some spans has a moment in common with others; an end is no part of a span."""
    return any(start < hours[1] and hours[0] < end for start, end in spans)


def _after(time: dt.time) -> dt.timedelta:
    return dt.timedelta(seconds=seconds_of_day(time))
