"""How a vehicle comes to its base in the morning, where its day before ended elsewhere: an empty drive.

It sets out when vehicles of its stage may be out, and so early that it is at its base before it is loaded in the
heavier weather, too. Which vehicles were out on an earlier day is not known yet when a day is planned, as later
days are planned first: so the time is kept free for every vehicle of such a row, and all days are planned once more
when it is known (`Chain.out_before`). Who stood idle then stands at its base, and stays idle on the earlier days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kaur_gis.config import Fleet, Stage
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.pool import Parked, Vehicle
from kaur_gis.distribute.rounded import minutes_s


def coming_s(chain: Chain, stage: Stage, fleet: Fleet, base: str) -> int:
    """Seconds of the empty drive to a base, in the worse weather; 0 where none is needed, UNREACHABLE for no road.

    Raises
    ------
    TravelError
        For a chain of no wave (`Chain.on`).
    """
    place = None if chain.wave is None else chain.operation.comes_from(fleet, chain.wave)
    if place is None:
        return 0
    weather = chain.operation.weather
    both = [replace(chain, weather=name).times(stage, fleet) for name in (weather.plan, weather.late)]
    a, b = chain.at((place, base))
    cells = [int(times.seconds[a, b]) for times in both]
    return both[0].UNREACHABLE if both[0].UNREACHABLE in cells else max(cells)


def coming_leg(chain: Chain, stage: Stage, fleet: Fleet, base: str, loaded: np.datetime64) -> dict[str, Any]:
    """Lay out the empty drive of a vehicle that is loaded from some time on, as a row of `Legs` with how it drives.

    Only where `coming_s` is more than 0.
    """
    both = chain.times(stage, fleet), replace(chain, weather=chain.operation.weather.late).times(stage, fleet)
    place = str(fleet.pulang_ke)
    a, b = chain.at((place, base))
    seconds, late = (int(times.seconds[a, b]) for times in both)
    begin = loaded - np.timedelta64(max(seconds, late), "s")
    return {
        "order": 0,
        "profile": fleet.vehicle,
        "closed": " ".join(map(str, both[0].closed)),
        "from_stop": place,
        "to_stop": base,
        "depart": begin,
        "arrive": begin + np.timedelta64(seconds, "s"),
        "arrive_late": begin + np.timedelta64(late, "s"),
        "seconds": seconds,
        "metres": int(both[0].metres[a, b]),
        "walk_m": float(both[0].carry_m[b]),
        "walk_s": int(both[0].carry_s[b]),
    }


def after_coming(chain: Chain, stage: Stage, base: str, vehicles: Sequence[Parked], loading_s: int) -> list[Parked]:
    """Let those that have made no trip on a day come to their base first, by the hours of their stage.

    Those that are known to stand there are apart.
    """
    out = None if chain.wave is None else chain.out_before.get(chain.wave.days_before)
    found = []
    for own in vehicles:
        seconds = 0 if own.trips else coming_s(chain, stage, own.fleet, base)
        if seconds == 0:
            found.append(own)
            continue
        stand = [number for number in own.numbers if out is not None and (base, own.fleet.kode, number) not in out]
        come = [number for number in own.numbers if number not in stand]
        there = max(stage.start_s, own.free_s) + loading_s + max(0, seconds)
        found += [replace(own, numbers=tuple(stand), stands=True)] if stand else []
        found += [replace(own, numbers=tuple(come), free_s=there, free_late_s=there)] if come else []
    return found


def no_time_to_come(chain: Chain) -> dict[int, set[Vehicle]]:
    """Name the vehicles, by `Wave.days_before`, whose trips that are kept leave no time to come to their base before.

    They stood there when these were planned, and can't be out on an earlier day.
    """
    found: dict[int, set[Vehicle]] = {}
    waves = {wave.name: wave for wave in chain.operation.waves}
    stages = {stage.name: stage for stage in chain.operation.stages}
    fleets = {fleet.kode: fleet for fleet in chain.operation.fleet}
    for (name, base, kode), vehicles in chain.kept.vehicles.items() if chain.kept else ():
        fleet, stage = fleets[kode], stages[fleets[kode].stage]
        seconds = coming_s(chain.on(waves[name]), stage, fleet, base)
        loading_s, light = minutes_s(stage.loading_minutes), chain.operation.out_s(stage, fleet, waves[name])
        first_s = max(stage.start_s + loading_s, light[0] if light else 0) + seconds + loading_s
        if seconds:
            own = {number for number, held in vehicles.items() if held.came_s is None}
            late = {number for number in own if seconds < 0 or vehicles[number].left_s < first_s}
            found.setdefault(waves[name].days_before, set()).update((base, kode, number) for number in late)
    return found
