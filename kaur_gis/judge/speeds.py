"""The judge's own reading of the speed table."""

from __future__ import annotations

import re

from kaur_gis.config import WEATHERS, Weather
from kaur_gis.judge.rows import Row
from kaur_gis.rules import SpeedTable, Vehicle

MOST_SPECIFIC = {
    "motorcycle": ("motorcycle", "motor_vehicle", "access"),
    "motor_vehicle": ("motor_vehicle", "access"),
    "foot": ("foot", "access"),
    "boat": ("access",),
}


def surface_of(edge: Row, table: SpeedTable) -> str:
    """How the surface of one edge counts: paved, unknown or unpaved."""
    said = [part for part in re.split(r"[;/\s]+", edge["surface"]) if part]
    unpaved = any(part in table.unpaved_surfaces for part in said)
    if unpaved or edge["smoothness"] in table.bad_smoothness or edge["tracktype"] in table.bad_tracktypes:
        return "unpaved"
    return "paved" if said and all(part in table.paved_surfaces for part in said) else "unknown"


def kmh_of(edge: Row, vehicle: Vehicle, table: SpeedTable, weather: Weather) -> float:
    """Speed of a vehicle on one edge by the speed table [km/h]; 0 where it may not or can't go."""
    tags = [edge[tag] for tag in MOST_SPECIFIC[vehicle.moves_as] if edge[tag]]
    if tags and tags[0] in {"no", "private"}:
        return 0.0
    if edge["maxweight_t"] < vehicle.weight_t or edge["width_m"] < vehicle.width_m:
        return 0.0
    speeds = vehicle.kmh.get(edge["highway"]) or vehicle.kmh.get(edge["highway"].removesuffix("_link"))
    if speeds is None:
        return 0.0
    number = WEATHERS.index(weather)
    limits = [getattr(speeds, surface_of(edge, table))[number]]
    if edge["maxspeed_kmh"] > 0:
        limits.append(edge["maxspeed_kmh"])
    if edge["fords"] > 0:
        limits.append(vehicle.ford_kmh[number])
    return float(min(limits))
