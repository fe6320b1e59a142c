"""Lines of a schematic network that end short of the place they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from pyproj import Geod

from kaur_gis.travel.stops import gates_of

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

GEOD = Geod(ellps="WGS84")


def short_by(plan: Plan) -> dict[tuple[str, int], float]:
    """Measure, by trip and number of the leg, how far its line ends from its place, where nobody counts that as a walk.

    A village's node stands for all of the village: what lies between it and the place is in no metres and no minutes
    of the plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict
        Straight metres [m]; every leg that ends with no walk.
    """
    legs = plan.legs[plan.legs["walk_m"] == 0]
    ends = shapely.get_coordinates(shapely.get_point(legs.geometry.to_numpy(), -1))
    there = shapely.get_coordinates(gates_of(plan.stops).loc[legs["to_stop"]].to_numpy())
    return dict(zip(legs.index, GEOD.inv(*ends.T, *there.T)[2].tolist(), strict=True))
