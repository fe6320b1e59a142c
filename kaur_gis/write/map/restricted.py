"""What only the operation may see: trips, their legs and loads, and who guards what."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kaur_gis.catalogue import wave_word
from kaur_gis.config import DAY_S, KERAWANAN, Lang
from kaur_gis.summary import arrivals
from kaur_gis.write.beyond import beyond
from kaur_gis.write.heard import heard_by

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

REASONED = ("kerawanan_aturan", "kerawanan_polri", "kerawanan", "kerawanan_sebab", "kerawanan_sumber", "akses_sebab")
"""Columns of the TPS that tell how it is judged."""


def restricted(plan: Plan, tps: gpd.GeoDataFrame, stops: pd.Index, lang: Lang) -> dict[str, Any]:
    """Gather the restricted columns of the map's document.

    Parameters
    ----------
    plan : Plan
    tps : GeoDataFrame
        The TPS in the order of the document.
    stops : Index
        Codes of the document's stops, in its order.
    lang : {"id", "en"}

    Returns
    -------
    dict
        `trips`, `legs` (in the order of `legs_of`), `loads`, `posts`.
    """
    trips = plan.trips.sort_index()
    return {
        "trips": _trips(plan, trips, stops, lang),
        "legs": _legs(plan, trips, stops),
        "loads": _loads(plan, trips, tps.index),
        "posts": _posts(plan, stops),
    }


def legs_of(plan: Plan) -> gpd.GeoDataFrame:
    """Take the legs in the order in which the document tells them."""
    return plan.legs.sort_index()


def tps_columns(plan: Plan, tps: gpd.GeoDataFrame, lang: Lang) -> dict[str, list[Any]]:
    """Gather what is restricted of each TPS: class, load, post, how it reports, and why it is not served."""
    heard = heard_by(plan, lang)
    kits, guards = plan.kits.reindex(tps.index), plan.guards.reindex(tps.index)
    unserved = plan.unserved.reindex(tps.index)
    return {
        **{name: list(tps[name]) for name in REASONED},
        "kg": [round(float(number), 2) for number in kits["kg"]],
        "m3": [round(float(number), 3) for number in kits["m3"]],
        "border_m": [round(float(metres)) for metres in tps["border_m"]],
        "placed_by": list(tps["placed_by"]),
        "post": [-1 if pd.isna(kode) else int(plan.posts.index.get_loc(kode)) for kode in guards["kode_post"]],
        "post_order": [0 if pd.isna(order) else int(order) for order in guards["order"]],
        "heard": [heard.get(str(kode), "") for kode in tps.index],
        "unserved": ["" if pd.isna(reason) else str(reason) for reason in unserved["reason"]],
        "unserved_stage": ["" if pd.isna(stage) else str(stage) for stage in unserved["stage"]],
    }


def kecamatan_columns(plan: Plan, kecamatan: gpd.GeoDataFrame) -> dict[str, list[int]]:
    """Gather what is restricted of each kecamatan: its classes, posts, officers and unserved TPS."""
    tps = plan.tps.assign(unserved=plan.tps.index.isin(plan.unserved.index))
    posts = plan.posts.groupby("kode_kec")
    columns: dict[str, pd.Series] = {
        "tak_terlayani": tps.groupby("kode_kec")["unserved"].sum(),
        "pos": posts.size(),
        "petugas": posts["officers"].sum(),
        **{kelas: (tps["kerawanan"] == kelas).groupby(tps["kode_kec"]).sum() for kelas in KERAWANAN},
    }
    return {
        name: [int(total) for total in totals.reindex(kecamatan.index, fill_value=0)]
        for name, totals in columns.items()
    }


def _places(codes: pd.Series, among: pd.Index) -> list[int]:
    return [int(at) for at in among.get_indexer(pd.Index(codes))]


def _trips(plan: Plan, trips: pd.DataFrame, stops: pd.Index, lang: Lang) -> dict[str, Any]:
    operation = plan.inputs.operation
    overnight = operation.overnight
    days = [(wave, overnight.get((wave, stage))) for wave, stage in zip(trips["wave"], trips["stage"], strict=True)]
    ons = [None, *sorted(set(overnight.values()))]  # a wave is driven on several days where boxes lie overnight
    waves = [(wave, on) for on in ons for wave in operation.waves if (wave.name, on) in days]
    vehicles, voting_day = plan.inputs.speeds.vehicles, operation.operation.voting_day
    fleets = [fleet for fleet in operation.fleet if (trips["fleet"] == fleet.kode).any()]
    return {
        "stages": [stage.name for stage in operation.stages],
        "to_tps": [number for number, stage in enumerate(operation.stages) if stage.target == "tps"],
        "waves": [
            [
                wave_word(wave.name, lang, on=on) if on else wave.name,
                str(voting_day - dt.timedelta(days=on or wave.days_before)),
                f"{wave.deadline:%H:%M}",
            ]
            for wave, on in waves
        ],
        "fleets": [
            [fleet.kode, fleet.name, vehicles[fleet.vehicle].nama if lang == "id" else vehicles[fleet.vehicle].name]
            for fleet in fleets
        ],
        "kode": list(trips.index),
        "stage": [[stage.name for stage in operation.stages].index(name) for name in trips["stage"]],
        "wave": [[(wave.name, on) for wave, on in waves].index(day) for day in days],
        "fleet": [[fleet.kode for fleet in fleets].index(kode) for kode in trips["fleet"]],
        "vehicle": list(trips["vehicle"]),
        "base": _places(trips["base"], stops),
        "depart": _seconds(trips["depart"], trips["depart"]),
        "back": _seconds(trips["back"], trips["depart"]),
        "back_late": _seconds(trips["back_late"], trips["depart"]),
        **{
            name: [int(number) for number in trips[name]] for name in ("trip_no", "kotak", "n_tps", "metres", "seconds")
        },
        "kg": [round(float(number), 2) for number in trips["kg"]],
    }


def _legs(plan: Plan, trips: pd.DataFrame, stops: pd.Index) -> dict[str, list[Any]]:
    legs, named = legs_of(plan), beyond(plan)
    of_trip = legs.index.get_level_values("kode_trip")
    day = pd.Series(trips["depart"].reindex(of_trip).to_numpy(), index=legs.index)
    return {
        "trip": [int(at) for at in trips.index.get_indexer(of_trip)],
        "order": [int(order) for order in legs.index.get_level_values("order")],
        "to": _places(legs["to_stop"], stops),
        "depart": _seconds(legs["depart"], day),
        "arrive": _seconds(legs["arrive"], day),
        "late": _seconds(legs["arrive_late"], day),
        "carried": _carried_late(plan, legs.index),
        "walk_m": [round(float(metres)) for metres in legs["walk_m"]],
        **{
            name: [int(number) for number in legs[name]]
            for name in (
                *("metres", "bridges", "fords", "ferries"),
                *("unpaved_m", "unknown_m", "outside_m", "walk_s", "on_road"),
            )
        },
        **({"others": [named.get(at, []) for at in legs.index]} if named else {}),
    }


def _carried_late(plan: Plan, legs: pd.Index) -> list[int]:
    """How long boxes are carried to their TPS in the heavier weather at the end of each leg [s]; 0 for nowhere."""
    there = arrivals(plan).drop_duplicates(["kode_trip", "order"]).set_index(["kode_trip", "order"])
    seconds = (there["there_late"] - there["arrive_late"]).dt.total_seconds().reindex(legs).fillna(0)
    return [int(number) for number in seconds]


def _loads(plan: Plan, trips: pd.DataFrame, tps: pd.Index) -> dict[str, list[int]]:
    loads = plan.loads.sort_index()
    kodes = loads.index.get_level_values("kode_tps")
    due = (arrivals(plan)["deadline"] - pd.Timestamp(0)).dt.total_seconds() % DAY_S
    return {
        "trip": [int(at) for at in trips.index.get_indexer(loads.index.get_level_values("kode_trip"))],
        "tps": [int(at) for at in tps.get_indexer(kodes)],
        "order": [int(order) for order in loads["order"]],
        **({"due": [int(s) for s in due.reindex(kodes, fill_value=DAY_S)]} if plan.inputs.operation.batas else {}),
        "kotak": [int(number) for number in loads["kotak"]],
    }


def _posts(plan: Plan, stops: pd.Index) -> dict[str, list[Any]]:
    first = plan.guards[plan.guards["order"] == 1].reset_index().set_index("kode_post")["kode_tps"]
    at = plan.tps["kode_stop"].reindex(first.reindex(plan.posts.index))
    return {
        "kode": list(plan.posts.index),
        "kerawanan": list(plan.posts["kerawanan"]),
        "stop": _places(at, stops),
        **{name: [int(number) for number in plan.posts[name]] for name in ("officers", "n_tps", "metres", "seconds")},
    }


def _seconds(times: pd.Series, day: pd.Series) -> list[int | None]:
    """Seconds since midnight of the day of a trip's departure; None where there is no time."""
    passed = (pd.to_datetime(times).to_numpy() - pd.to_datetime(day).dt.normalize().to_numpy()) / np.timedelta64(1, "s")
    return [None if np.isnan(second) else int(second) for second in passed]
