"""What is measured, in the whole numbers of a routing problem: a plan never counts on half a second or half a box.

What is needed is rounded up, what there is of it is rounded down. A millionth of a unit is no reason for one more:
it comes of adding, not of measuring.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from kaur_gis.config import Fleet, Stage, Wave, seconds_of_day


def grams(kg: float) -> int:
    """Whole grams of a load, rounded up."""
    return math.ceil(kg * 1e3 - 1e-6)


def cubic_centimetres(m3: float) -> int:
    """Whole cubic centimetres of a load, rounded up."""
    return math.ceil(m3 * 1e6 - 1e-6)


def capacity_of(fleet: Fleet) -> tuple[int, int, int]:
    """Boxes, grams and cubic centimetres that a vehicle takes, rounded down."""
    return fleet.max_kotak, math.floor(fleet.max_kg * 1e3 + 1e-6), math.floor(fleet.max_m3 * 1e6 + 1e-6)


def fits(demand: Sequence[int], capacity: Sequence[int]) -> bool:
    """Whether a load is not more than a vehicle takes, in no dimension."""
    return all(load <= most for load, most in zip(demand, capacity, strict=True))


def minutes_s(minutes: float) -> int:
    """Whole seconds of minutes, rounded up: a plan never counts on half a second."""
    return math.ceil(minutes * 60 - 1e-6)


def hours_s(hours: float) -> int:
    """Whole seconds of hours that are a limit, rounded down."""
    return math.floor(hours * 3600 + 1e-6)


def arrive_by_s(wave: Wave, deadline: dt.time) -> int:
    """Until when boxes of a wave must be at their TPS: their deadline less the buffer of the wave [s from midnight]."""
    return seconds_of_day(deadline) - minutes_s(wave.buffer_minutes)


def visit_s(stage: Stage, carry_s: int) -> int:
    """Seconds that a visit takes whatever is handed over: the stop itself, and carrying there and back."""
    return minutes_s(stage.handover_minutes_per_stop) + 2 * carry_s
