"""The judge's own reading of the hours: which closures hold while a trip may be out, and on voting day."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from kaur_gis.config import Fleet, Operation, RoadClosure, Stage, Wave
from kaur_gis.inputs import Inputs

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - every time of a plan is a local time without a zone
DAY_S = 24 * 3600
FOREVER = 1 << 60
DAYS = 60  # so many around voting day are looked at
Span = tuple[int, int]
"""From when until when [s since 1970]; the end is no part of it."""


class Closing(NamedTuple):
    """Closures that hold while a trip may be out, those that hold then or later, and when the first of these begins."""

    closed: tuple[int, ...]
    later: tuple[int, ...]
    closes: int


def closing(inputs: Inputs, wave: Wave, stage: Stage, fleet: Fleet) -> Closing:
    """Look up the closures that concern the trips of one wave and stage by one row of the fleet."""
    begin, end = _out(inputs.operation, wave, stage, fleet)
    closed, later, closes = set(), set(), FOREVER
    for number, asked in _concerning(inputs, fleet.vehicle):
        spans = spans_of(inputs.operation, asked)
        if meets(spans, begin, end):
            closed.add(number)
        elif starts := [start for start, _ in spans if start >= end]:
            later.add(number)
            closes = min(closes, *starts)
    return Closing(tuple(sorted(closed)), tuple(sorted(closed | later)), closes)


def on_voting_day(inputs: Inputs, vehicle: str) -> tuple[int, ...]:
    """List the closures that hold for guards by the light of voting day, or for couriers on the day of their start."""
    operation = inputs.operation
    midnight = midnight_of(operation.operation.voting_day)
    light, how = operation.daylight, operation.komunikasi
    hours = [(midnight, midnight + DAY_S)]
    if light:
        hours = [(midnight + _seconds(light.sunrise), midnight + _seconds(light.sunset))]
    if how:
        start = midnight + how.start_day * DAY_S + _seconds(how.start)
        hours.append((start, start + DAY_S))
    return tuple(
        number
        for number, asked in _concerning(inputs, vehicle)
        if any(meets(spans_of(operation, asked), *span) for span in hours)
    )


def spans_of(operation: Operation, asked: RoadClosure) -> list[Span]:
    """From when until when a closure holds; one of the night alone, the dark of each day before and after its light."""
    start = _moment(asked.mulai) if asked.mulai else -FOREVER
    end = _moment(asked.selesai) if asked.selesai else FOREVER
    if not asked.malam or operation.daylight is None:
        return [(start, end)]
    rise, down = _seconds(operation.daylight.sunrise), _seconds(operation.daylight.sunset)
    voting_day = midnight_of(operation.operation.voting_day)
    days = [voting_day + day * DAY_S for day in range(-DAYS, DAYS)]
    dark = [span for day in days for span in ((day, day + rise), (day + down, day + DAY_S))]
    return [(max(start, a), min(end, b)) for a, b in dark if max(start, a) < min(end, b)]


def meets(spans: list[Span], begin: int, end: int) -> bool:
    """Whether one of some spans has a moment between two others."""
    return any(start < end and begin < stop for start, stop in spans)


def midnight_of(day: dt.date) -> int:
    """Seconds since 1970 at the beginning of a day."""
    return _moment(dt.datetime.combine(day, dt.time()))


def _concerning(inputs: Inputs, vehicle: str) -> list[tuple[int, RoadClosure]]:
    rows = [(number, closure.asked) for number, closure in enumerate(inputs.roads.closures)]
    return [(number, asked) for number, asked in rows if vehicle in (asked.kendaraan or (vehicle,))]


def _out(operation: Operation, wave: Wave, stage: Stage, fleet: Fleet) -> Span:
    """When the vehicles of a stage can be out: loaded after its start, home by its end, some by day alone."""
    midnight = midnight_of(operation.day_of(wave, stage))
    begin, end = midnight + stage.start_s + int(60 * stage.loading_minutes), midnight + stage.end_s
    light = operation.daylight
    if light and (stage.daylight_only or fleet.daylight_only):
        day, asked_s = midnight, max(stage.start_s, wave.start_s or 0)
        while day + _seconds(light.sunset) <= midnight + asked_s:
            day += DAY_S
        begin, end = max(begin, day + _seconds(light.sunrise)), min(end, day + _seconds(light.sunset))
    begin = begin if wave.start_s is None else max(begin, midnight + wave.start_s)
    end = end if wave.end_s is None else min(end, midnight + wave.end_s)
    return begin, end


def _moment(time: dt.datetime) -> int:
    return int((time - EPOCH).total_seconds())


def _seconds(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second
