"""To each TPS the way for the day on which the usual one is closed, or that there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.hours import Closed, Hours
from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS, OtherWays, checked_geo
from kaur_gis.travel import TravelTimes

Way = tuple[str, Closed, str, str]
"""Vehicle of the speed table, closures that hold, and the stops between which it drives."""
FOUND = ("seconds", "metres", "shared_m", "geometry")
Found = tuple[int, int, int, shapely.Geometry]
"""What is found of another way, as `FOUND`; -1 and an empty line where there is none."""


def other_ways(
    inputs: Inputs,
    tps: gpd.GeoDataFrame,
    travel: Mapping[tuple[str, str], TravelTimes],
    trips: pd.DataFrame,
    loads: pd.DataFrame,
    known: Mapping[Way, Found] = MappingProxyType({}),
) -> gpd.GeoDataFrame:
    """Find, for each TPS, the way that shares least with the quickest one from the base of its last trip.

    Parameters
    ----------
    inputs : Inputs
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    travel : mapping of (vehicle, weather) to TravelTimes
        Made with their network.
    trips, loads : DataFrame
        Layers of the same names. Of several trips that bring boxes to one TPS the first by code counts.
    known : mapping, optional
        Way -> the other one, where it need not be searched.

    Returns
    -------
    GeoDataFrame
        Layer `layers.OtherWays`, sorted by `kode_tps`: ``ada_lain`` where there is another way, by the vehicle of
        that trip and in the weather of the plan; ``satu_jalan`` where there is none, ``tanpa_jalan`` where nothing
        has to be driven, ``tidak_dilayani`` where no trip goes.
    """
    weather, asked = inputs.operation.weather.plan, asked_of(inputs, tps, trips, loads)
    index = pd.Index(sorted(tps.index), name=tps.index.name, dtype=tps.index.dtype)
    times = {way[:2]: travel[way[0], weather].while_closed(way[1]) for way in asked if way[0]}
    first: dict[Way, tuple[int, int]] = {way: (-1, -1) for way in asked if not way[0]}
    for how, own in times.items():
        first |= _first(own, [way for way in asked if way[:2] == how])
    others: dict[Way, Found] = dict(known)
    for how, own in times.items():
        pairs = sorted({way[2:] for way in asked if way[:2] == how and first[way][0] > 0 and way not in others})
        if pairs:
            found = own.other_ways(pairs)
            rows = zip(*(found[name].to_list() for name in FOUND), strict=True)
            others |= {(*how, *pair): row for pair, row in zip(pairs, rows, strict=True)}
    none = (-1, -1, -1, shapely.LineString())
    data = {
        "jalan": [_said(way[0], first[way][0], others.get(way, none)[0]) for way in asked],
        "profile": [way[0] for way in asked],
        "from_stop": [way[2] for way in asked],
        "to_stop": [way[3] for way in asked],
    }
    numbers = {
        name: np.array([first[way][k] for way in asked], np.int64) for k, name in enumerate(("first_s", "first_m"))
    }
    numbers |= {
        name: np.array([others.get(way, none)[k] for way in asked], np.int64) for k, name in enumerate(FOUND[:-1])
    }
    text = pd.DataFrame(data, index=index, dtype="str").assign(**numbers)
    lines = gpd.GeoSeries([others.get(way, none)[3] for way in asked], index=index, crs=CRS)
    return checked_geo(gpd.GeoDataFrame(text, geometry=lines), OtherWays)


def asked_of(inputs: Inputs, tps: gpd.GeoDataFrame, trips: pd.DataFrame, loads: pd.DataFrame) -> list[Way]:
    """List by which way each TPS is served, sorted by `kode_tps`; without a vehicle where no trip goes."""
    last, held = inputs.operation.to_tps, Hours.of(inputs).trips
    carriers = {
        code: (profile, held[wave, stage, fleet].closed, base)
        for code, stage, wave, fleet, profile, base in trips[["stage", "wave", "fleet", "profile", "base"]].itertuples(
            name=None
        )
        if stage in last
    }
    levels = (loads.index.get_level_values(name) for name in ("kode_trip", "kode_tps"))
    brought = {
        kode: carriers[code] for code, kode in sorted(zip(*levels, strict=True), reverse=True) if code in carriers
    }
    stops = dict(zip(tps.index, tps["kode_stop"], strict=True))
    return [(*brought.get(kode, ("", (), "")), stops[kode]) for kode in sorted(stops)]


def _first(times: TravelTimes, ways: Sequence[Way]) -> dict[Way, tuple[int, int]]:
    """Seconds and metres of the quickest drives."""
    a, b = (times.stops.get_indexer(pd.Index([way[end] for way in ways])) for end in (2, 3))
    return dict(zip(ways, zip(times.seconds[a, b].tolist(), times.metres[a, b].tolist(), strict=True), strict=True))


def _said(profile: str, first_s: int, seconds: int) -> str:
    if not profile:
        return "tidak_dilayani"
    if first_s == 0:
        return "tanpa_jalan"
    return "ada_lain" if seconds >= 0 else "satu_jalan"
