"""Speeds and driving times of every road edge, for one vehicle in one weather.

The rules, in order; whatever is silent in OSM is never read as the best case:

1. A class (`highway`) that the vehicle's table does not name can't be used; a ``*_link`` without a row
   of its own has the row of its road.
2. Access: of the tags that bind the vehicle, the most specific one that is given decides
   (`motorcycle`, else `motor_vehicle`, else `access`; on foot `foot`, else `access`); ``no`` and ``private`` bar.
3. `maxweight` below the vehicle's weight bars, and so does `width` below the vehicle's width.
4. The surface is unpaved where `surface`, `smoothness` or `tracktype` says so, paved where `surface` says
   so and nothing speaks against it, else unknown. Of several values the worst counts.
5. A legal `maxspeed` lowers the table's speed and never raises it.
6. On a ford, or a bridge that high water runs over, `ford_kmh` is the limit; 0 means impassable.
"""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd

from kaur_gis.config import WEATHERS, Weather
from kaur_gis.rules import SpeedTable, Vehicle
from kaur_gis.travel.network import Bools, Floats, Ints

PAVED, UNKNOWN, UNPAVED = 0, 1, 2
SURFACES = ("paved", "unknown", "unpaved")
BARS = ("no", "private")
BINDS = {
    "motor_vehicle": ("motor_vehicle", "access"),
    "motorcycle": ("motorcycle", "motor_vehicle", "access"),
    "foot": ("foot", "access"),
    "boat": ("access",),
}
BARRED = -1
MS_PER_MM_KMH = 3.6  # 1 mm at 1 km/h takes 3.6 ms


def surface_kind(edges: gpd.GeoDataFrame, table: SpeedTable) -> Ints:
    """How each edge's surface counts: PAVED, UNKNOWN or UNPAVED; shape (m,)."""

    def kind(surface: str) -> int:
        parts = [part for part in re.split(r"[;/\s]+", surface) if part]
        if any(part in table.unpaved_surfaces for part in parts):
            return UNPAVED
        return PAVED if parts and all(part in table.paved_surfaces for part in parts) else UNKNOWN

    kinds = edges["surface"].map({value: kind(value) for value in edges["surface"].unique()}).to_numpy(np.int64)
    bad = edges["smoothness"].isin(table.bad_smoothness) | edges["tracktype"].isin(table.bad_tracktypes)
    return np.where(bad, UNPAVED, kinds)


def may_use(edges: gpd.GeoDataFrame, vehicle: Vehicle) -> Bools:
    """Whether access, weight and width let the vehicle use each edge; shape (m,)."""
    barred = np.zeros(len(edges), dtype=np.bool_)
    said = np.zeros(len(edges), dtype=np.bool_)
    for tag in BINDS[vehicle.moves_as]:
        given = (edges[tag] != "").to_numpy() & ~said
        barred |= given & edges[tag].isin(BARS).to_numpy()
        said |= given
    too_heavy = edges["maxweight_t"].to_numpy(np.float64) < vehicle.weight_t
    too_wide = edges["width_m"].to_numpy(np.float64) < vehicle.width_m
    free: Bools = ~(barred | too_heavy | too_wide)
    return free


def edge_kmh(
    edges: gpd.GeoDataFrame, vehicle: Vehicle, table: SpeedTable, weather: Weather, kinds: Ints | None = None
) -> Floats:
    """Speed of the vehicle on each edge [km/h]; 0 where it can't or may not go; shape (m,).

    How surfaces count (`surface_kind`) is looked up, unless it is at hand.
    """
    kinds = surface_kind(edges, table) if kinds is None else kinds
    column = WEATHERS.index(weather)
    number, classes = pd.factorize(edges["highway"])
    by_class = np.zeros((len(classes), len(SURFACES)))
    for row, highway in enumerate(classes):
        speeds = vehicle.kmh.get(highway) or vehicle.kmh.get(highway.removesuffix("_link"))
        if speeds:
            by_class[row] = [getattr(speeds, name)[column] for name in SURFACES]
    kmh = by_class[number, kinds]
    kmh = np.fmin(kmh, edges["maxspeed_kmh"].to_numpy(np.float64))
    kmh = np.where(edges["fords"].to_numpy() > 0, np.minimum(kmh, vehicle.ford_kmh[column]), kmh)
    return np.where(may_use(edges, vehicle), kmh, 0.0)


def edge_ms(mm: Ints, kmh: Floats) -> Ints:
    """Driving time on each edge [ms], at least 1; BARRED where the speed is 0; shape (m,)."""
    open_ = kmh > 0
    ms = np.rint(mm * MS_PER_MM_KMH / np.where(open_, kmh, 1.0)).astype(np.int64)
    return np.where(open_, np.maximum(ms, 1), BARRED)
