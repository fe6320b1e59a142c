"""How a vehicle comes to its base in the morning, where its day before ended elsewhere: an empty drive.

It sets out when vehicles of its stage may be out, and so early that it is at its base before it is loaded in the
heavier weather, too. Which vehicles were out on an earlier day is not known yet when a day is planned, as later
days are planned first: so the time is kept free for every vehicle of such a row, and driven by those that were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kaur_gis.config import Fleet, Stage
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.pool import Parked


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
    """Let those that have made no trip on a day come to their base first, by the hours of their stage."""
    found = []
    for own in vehicles:
        seconds = 0 if own.trips else coming_s(chain, stage, own.fleet, base)
        if seconds > 0:
            there = max(stage.start_s, own.free_s) + loading_s + seconds
            own = replace(own, free_s=there, free_late_s=there)  # noqa: PLW2901
        found.append(own)
    return found
