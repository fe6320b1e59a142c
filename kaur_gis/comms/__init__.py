"""From where a TPS without signal reports: what is known of the signal, and what is done where there is none."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from kaur_gis.comms.channel import Travel, channels, heard_stops
from kaur_gis.comms.courier import couriers
from kaur_gis.comms.points import signal_points
from kaur_gis.comms.relay import relays
from kaur_gis.comms.signal import signals
from kaur_gis.inputs import Inputs

__all__ = ["communicate", "signal_points", "signals"]


def communicate(tps: gpd.GeoDataFrame, inputs: Inputs, stops: gpd.GeoDataFrame, travel: Travel) -> dict[str, Any]:
    """Plan how the TPS that can't send by themselves are heard.

    Parameters
    ----------
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    inputs : Inputs
        With the section `[komunikasi]`.
    stops : GeoDataFrame
        Layer `layers.Stops`, points with signal among them.
    travel : mapping of (vehicle, weather) to TravelTimes
        Among them the couriers' vehicles in the weather of the plan.

    Returns
    -------
    dict
        Layers `channels`, `couriers`, `relays` and `relay_plans`; nothing where the operation has no `[komunikasi]`.

    Raises
    ------
    SolverError
        If the solver returns something that is not a solution.
    """
    how = inputs.operation.komunikasi
    if how is None:
        return {}
    places = heard_stops(tps, stops, inputs, how)
    told = channels(tps, inputs, stops, places, travel)
    carried = told[told["channel"] == "kurir"]
    carriers, who = couriers(tps.loc[carried.index], inputs, stops, places, travel)
    told.loc[who.index, ["kode_kurir", "order"]] = who
    posts, plans = relays(tps.loc[told.index], inputs)
    return {"channels": told, "couriers": carriers, "relays": posts, "relay_plans": plans}
