"""Which way each TPS that can't send by itself is heard: the nearest place with signal, a radio, a satellite phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kaur_gis.config import SUMBER_ORDER, Komunikasi
from kaur_gis.inputs import Inputs
from kaur_gis.layers import Channels, checked, empty
from kaur_gis.travel import UNREACHABLE, TravelTimes

Ints = NDArray[np.int64]
Travel = Mapping[tuple[str, str], TravelTimes]
NEVER = 2**40  # seconds; stands for "no way" inside sums
SAME_DEG = 1e-6  # a point on the border of an area of coverage lies beside it by the rounding of its coordinates


def heard_stops(tps: gpd.GeoDataFrame, stops: gpd.GeoDataFrame, inputs: Inputs, how: Komunikasi) -> dict[str, str]:
    """List the stops with signal, sorted, and how well each is known to have it: by the best statement there.

    They are the points that the coverage gives and, where it gives none, those TPS that have it; beside coverage only
    the TPS where it was measured.

    Returns
    -------
    dict
        `sumber` by `kode_stop`. A point of an older plan of which no coverage speaks any more is assumed.
    """
    loud = tps[tps["sinyal"].isin(how.enough)]
    if len(inputs.cakupan):
        loud = loud[loud["sinyal_sumber"] == "ukur"]
    points = stops.geometry[stops["kind"] == "sinyal"]
    cover = inputs.cakupan[inputs.cakupan["sinyal"].isin(how.enough)]
    at, area = shapely.STRtree(cover.geometry.to_numpy()).query(points.to_numpy(), "dwithin", SAME_DEG)
    said = [
        *zip(loud["kode_stop"], loud["sinyal_sumber"], strict=True),
        *zip(points.index[at], cover["sumber"].iloc[area], strict=True),
        *((stop, SUMBER_ORDER[-1]) for stop in points.index),
    ]
    worst_first = sorted(said, key=lambda one: SUMBER_ORDER.index(one[1]), reverse=True)
    return dict(sorted(dict(worst_first).items()))


@dataclass(frozen=True, eq=False)
class Walks:
    """How long it takes from stop to stop with one vehicle, with the walks between road and stop [s].

    Attributes
    ----------
    there, back : shape (n, p)
        From each of n stops to each of p places with signal, and home; `NEVER` where there is no way.
    between : shape (n, n)
        From stop to stop.
    metres : shape (n, p)
        Of the way there, by road [m].
    """

    there: Ints
    back: Ints
    between: Ints
    metres: Ints

    @classmethod
    def of(cls, times: TravelTimes, stops: list[str], places: list[str]) -> Walks:
        """Take the cells of a travel-time matrix."""
        a, b = times.stops.get_indexer(pd.Index(stops)), times.stops.get_indexer(pd.Index(places))

        def way(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Ints:
            seconds = times.seconds[np.ix_(rows, columns)]
            walked = np.where(rows[:, None] == columns, 0, times.carry_s[rows][:, None] + times.carry_s[columns])
            return np.where(seconds == UNREACHABLE, NEVER, seconds + walked)

        return cls(way(a, b), way(b, a).T, way(a, a), times.metres[np.ix_(a, b)])


def channels(
    tps: gpd.GeoDataFrame, inputs: Inputs, stops: gpd.GeoDataFrame, heard: Mapping[str, str], travel: Travel
) -> pd.DataFrame:
    """Find for each TPS that can't send by itself how it is heard; see `layers.Channels`.

    Parameters
    ----------
    tps, inputs, stops, travel
        As for `communicate`; the operation has a section `[komunikasi]`.
    heard : mapping of str to str
        Stops with signal, sorted, as `heard_stops` gives them.

    Returns
    -------
    DataFrame
        Layer `layers.Channels`, sorted by `kode_tps`, yet without couriers. Of places that are equally near the one
        that is reached sooner, then the vehicle that is named first, then the first by code.
    """
    operation = inputs.operation
    komunikasi = operation.komunikasi
    needy = tps.iloc[:0] if komunikasi is None else tps[tps["sinyal"].isin(komunikasi.needs)].sort_index()
    if komunikasi is None or needy.empty:
        return pd.DataFrame(empty(Channels))
    own, places = list(needy["kode_stop"]), list(heard)
    walks = [Walks.of(travel[name, operation.weather.plan], own, places) for name in komunikasi.vehicles]
    every = [(vehicle, place) for vehicle in komunikasi.vehicles for place in places]
    there, back, metres = (np.hstack([getattr(way, name) for way in walks]) for name in ("there", "back", "metres"))
    near, no_way = there <= komunikasi.max_minutes * 60, np.maximum(there, back) >= NEVER
    first = np.lexsort((there, there + back, ~near, no_way), axis=1)
    radio = _radio(own, places, stops, inputs, komunikasi)
    rows = []
    for n, kode in enumerate(needy.index):
        way_there, channel = ("", "", -1, -1, -1), "ht" if radio[n] else "satelit"
        if not no_way[n].all():
            at = n, first[n, 0]
            vehicle, place = every[at[1]]
            way_there = (place, vehicle, int(there[at]), int(back[at]), int(metres[at]))
            channel = "kurir" if near[at] else channel
        rows.append((kode, needy["sinyal"][kode], channel, *way_there, radio[n] if channel == "ht" else "", "", 0))
    columns = ["kode_tps", "sinyal", "channel", "signal_stop", "vehicle", "there_s", "back_s", "metres", "radio_stop"]
    frame = pd.DataFrame(rows, columns=[*columns, "kode_kurir", "order"]).set_index("kode_tps")
    for name in ("signal", "radio"):
        frame[f"{name}_sumber"] = [heard.get(place, "") for place in frame[f"{name}_stop"]]
    frame["way_known"] = frame["signal_stop"] != needy["kode_stop"]
    return checked(frame, Channels)


def _radio(own: list[str], places: list[str], stops: gpd.GeoDataFrame, inputs: Inputs, how: Komunikasi) -> list[str]:
    """Name the nearest place with signal within the range of a radio; "" where there is none."""
    if not places or not how.radio_range_m:
        return [""] * len(own)
    xy = stops.geometry.to_crs(inputs.operation.region.metric_crs)
    here, there = (xy.loc[codes].get_coordinates().to_numpy() for codes in (own, places))
    metres = np.hypot(*(here[:, None] - there).transpose(2, 0, 1))
    nearest = metres.argmin(axis=1)
    near = metres[np.arange(len(own)), nearest] <= how.radio_range_m
    return [places[p] if within else "" for p, within in zip(nearest, near, strict=True)]
