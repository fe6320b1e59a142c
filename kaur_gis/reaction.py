"""How soon a Polsek reaches each TPS by road."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from kaur_gis.inputs import Inputs
from kaur_gis.layers import Reactions, checked, empty
from kaur_gis.travel import TravelTimes


def reactions(tps: gpd.GeoDataFrame, inputs: Inputs, travel: Mapping[tuple[str, str], TravelTimes]) -> pd.DataFrame:
    """Find the nearest Polsek of each TPS, by the guards' vehicle in the weather of the plan.

    Parameters
    ----------
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    inputs : Inputs
        With the places, and the limit `guard.reaction_minutes`.
    travel : mapping of (vehicle, weather) to TravelTimes
        Among them the guards' vehicle in the weather of the plan.

    Returns
    -------
    DataFrame
        Layer `layers.Reactions`, sorted by `kode_tps`; no row where the operation knows no Polsek. Of Polsek
        that are equally near the first by code.
    """
    polsek = sorted(inputs.tempat.index[inputs.tempat["jenis"] == "polsek"])
    if not polsek:
        return pd.DataFrame(empty(Reactions))
    operation = inputs.operation
    times = travel[operation.guard.vehicle, operation.weather.plan]
    stops = tps["kode_stop"].sort_index()
    cells = np.ix_(times.stops.get_indexer(pd.Index(polsek)), times.stops.get_indexer(pd.Index(stops)))
    seconds, metres = times.seconds[cells], times.metres[cells]
    never = np.iinfo(np.int64).max
    nearest = np.where(seconds == TravelTimes.UNREACHABLE, never, seconds).argmin(axis=0)
    at = (nearest, np.arange(len(stops)))
    reached = seconds[at] != TravelTimes.UNREACHABLE
    limit = operation.guard.reaction_minutes
    found = pd.DataFrame(
        {
            "kode_polsek": pd.Series(np.where(reached, np.array(polsek, dtype=object)[nearest], ""), dtype=str).array,
            "seconds": seconds[at],
            "metres": metres[at],
            "in_time": reached if limit is None else reached & (seconds[at] <= limit * 60),
        },
        index=stops.index,
    )
    return checked(found, Reactions)
