"""How a vehicle goes on after counting, where its day ends elsewhere (`Fleet.pulang_ke`): empty, when unloaded."""

from __future__ import annotations

from dataclasses import replace

from kaur_gis.config import Fleet, Stage
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.pool import Home
from kaur_gis.distribute.schedule import Conditions, Time


def home_of(chain: Chain, stage: Stage, fleet: Fleet, base: str, end: str | None) -> Home | None:
    """Find where the day of a vehicle ends, and how far that is from its base; None for who stays there.

    Parameters
    ----------
    chain : Chain
        In the weather of the plan and the hours of the way back.
    stage, fleet, base
        Who drives.
    end : str or None
        `Fleet.pulang_ke`, which a fleet row of the way back does not know.
    """
    if end is None or end == base:
        return None
    a, b = chain.at((base, end))
    both = [own.times(stage, fleet) for own in (chain, chain.heavier())]
    cells = [int(times.seconds[a, b]) for times in both]
    near = both[0].snap_m.item(b) <= chain.operation.roads.max_snap_m
    known = near and both[0].UNREACHABLE not in cells
    return Home(end, max(cells) if known else None)


def home_late_s(chain: Chain, stage: Stage, fleet: Fleet, base: str, home: Home, depart_s: Time) -> Time:
    """When a vehicle that leaves its base is home in the heavier weather [s from midnight]; None for never."""
    heavier = chain.heavier()
    a, b = chain.at((base, home.place))

    def under(*, later: bool) -> Conditions:
        cell = int(heavier.times(stage, fleet, later=later).seconds[a, b])
        return Conditions((0,), ((cell,),), (0,), (), None)

    conditions, closes_s = under(later=False), heavier.closes_s(stage, fleet)
    if closes_s is not None:
        conditions = replace(conditions, closing=(closes_s, under(later=True)))
    return conditions.arrive_s(depart_s, 0, 0)
