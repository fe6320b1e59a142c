"""Plans for the writers' tests, made by hand: real tags and kits, and trips that no solver has seen."""

from __future__ import annotations

import datetime as dt
import math
import string
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.inputs import Inputs
from kaur_gis.kit import kits
from kaur_gis.layers import CRS, Guards, Legs, Loads, Posts, Stops, Trips, Unserved, checked, checked_geo
from kaur_gis.place import place
from kaur_gis.plan import Plan
from kaur_gis.problems import Problem
from kaur_gis.tag import tag
from tests.specimens import HOSTILE, REFUSED
from tests.world import kode_tps, lon_lat, world

LOOP = """
    G---P--A#B
        |    ~
        +....C---D
        |
        E
"""


def plan(inputs: Inputs | None = None, *, unserved: Sequence[str] = (), **changes: Any) -> Plan:
    """Make a plan with one trip a base and wave, that visits every stop in the order of its code."""
    inputs = inputs or world(LOOP, tps={"A": 3, "D": 2}, sulit="C")
    placed, notes = place(inputs)
    tps = tag(placed, inputs.operation)
    kit = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"])
    stops = _stops(tps, inputs)
    trips, legs, loads = _routes(inputs, tps[~tps.index.isin(unserved)], kit, stops)
    posts, guards = _guards(tps)
    lost = pd.DataFrame(
        {
            "stage": pd.Series(["ppk-tps" for _ in unserved], dtype=str),
            "reason": pd.Series(["no_road" for _ in unserved], dtype=str),
        }
    )
    lost.index = pd.Index(list(unserved), name="kode_tps", dtype=str)
    made = Plan(
        inputs=inputs,
        tps=tps,
        kits=kit,
        stops=stops,
        travel={},
        trips=trips,
        legs=legs,
        loads=loads,
        unserved=checked(lost, Unserved),
        posts=posts,
        guards=guards,
        notes=(*notes, _note(tps)),
    )
    return replace(made, **changes) if changes else made


def _note(tps: gpd.GeoDataFrame) -> Problem:
    details = {"n_tps": 1, "nama_desa": tps["nama_desa"].iloc[0], "nama_kec": tps["nama_kec"].iloc[0], "border_m": 900}
    return Problem("outside_every_kecamatan", "desa.csv", 2, "lat", "=1+1", level="note", details=details)


def _stops(tps: gpd.GeoDataFrame, inputs: Inputs) -> gpd.GeoDataFrame:
    bases = inputs.tempat[inputs.tempat["jenis"].isin(["gudang", "ppk"])]
    rows = [
        {"kode_stop": kode, "kind": row.jenis, "nama": row.nama, "kode_desa": row.kode_desa, "kode_kec": row.kode_kec}
        | {"n_tps": 0, "posisi": row.posisi, "geometry": row.geometry, "akses_lon": math.nan, "akses_lat": math.nan}
        for kode, row in zip(bases.index, bases.itertuples(), strict=True)
    ]
    for kode, here in tps.groupby("kode_stop", sort=True):
        first = here.iloc[0]
        rows.append(
            {"kode_stop": kode, "kind": "tps", "nama": first["nama_desa"], "kode_desa": first["kode_desa"]}
            | {"kode_kec": first["kode_kec"], "n_tps": len(here), "posisi": first["posisi"]}
            | {name: first[name] for name in ("akses_lon", "akses_lat", "geometry")}
        )
    frame = gpd.GeoDataFrame(rows, crs=CRS).set_index("kode_stop")
    return checked_geo(_texts(frame), Stops)


def _routes(
    inputs: Inputs, tps: gpd.GeoDataFrame, kit: pd.DataFrame, stops: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    trips: list[dict[str, Any]] = []
    legs: list[dict[str, Any]] = []
    loads: list[dict[str, Any]] = []
    ppk = inputs.tempat[inputs.tempat["jenis"] == "ppk"]
    for stage in inputs.operation.stages:
        for wave in inputs.operation.waves:
            mine = tps[tps["akses"].isin(wave.akses)]
            for kode_ppk, row in zip(ppk.index, ppk.itertuples(), strict=True):
                here = mine[mine["kode_kec"] == row.kode_kec]
                if here.empty:
                    continue
                base, fleet = (row.induk, "TR") if stage.target == "ppk" else (kode_ppk, "PU")
                where = pd.Series(kode_ppk, index=here.index) if stage.target == "ppk" else here["kode_stop"]
                start = dt.datetime.combine(inputs.operation.day_of(wave), stage.start)
                hour = 1 if stage.target == "ppk" else 3
                trip = SimpleNamespace(
                    kode=f"{kode_ppk}-{fleet}-{wave.name}", base=base, depart=start + dt.timedelta(hours=hour)
                )
                legs += _legs(trip, list(dict.fromkeys(where)), stops)
                order = {kode: number for number, kode in enumerate(dict.fromkeys(where), start=1)}
                loads += [
                    {"kode_trip": trip.kode, "kode_tps": kode, "order": order[where[kode]]}
                    | {name: kit.loc[kode, name] for name in ("dapil", "kotak", "kg", "m3")}
                    | {"panitia": ""}
                    for kode in here.index
                ]
                driven = [leg for leg in legs if leg["kode_trip"] == trip.kode]
                trips.append(
                    {"kode_trip": trip.kode, "stage": stage.name, "wave": wave.name, "vehicle": f"{base}-{fleet}-1"}
                    | {"fleet": fleet, "profile": {"TR": "truck", "PU": "pickup"}[fleet], "base": base, "trip_no": 1}
                    | {
                        "depart": trip.depart,
                        "depart_latest": trip.depart,
                        "back": driven[-1]["arrive"],
                        "back_late": driven[-1]["arrive_late"],
                    }
                    | {name: kit.loc[here.index, name].sum() for name in ("kotak", "kg", "m3")}
                    | {"n_tps": len(here), "metres": sum(leg["metres"] for leg in driven)}
                    | {"seconds": sum(leg["seconds"] for leg in driven), "pinned": False}
                )
    return (
        checked(_times(_texts(pd.DataFrame(trips).set_index("kode_trip"))), Trips),
        checked_geo(_times(_texts(gpd.GeoDataFrame(legs, crs=CRS).set_index(["kode_trip", "order"]))), Legs),
        checked(_texts(pd.DataFrame(loads).set_index(["kode_trip", "kode_tps"])), Loads),
    )


def _legs(trip: Any, visits: list[str], stops: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    rows, now, late = [], trip.depart, trip.depart
    route = [trip.base, *visits, trip.base]
    for order, (here, there) in enumerate(pairwise(route), start=1):
        seconds, arrived = 240 * order, now + dt.timedelta(seconds=240 * order)
        late += dt.timedelta(seconds=400 * order)
        rows.append(
            {"kode_trip": trip.kode, "order": order, "from_stop": here, "to_stop": there, "depart": now}
            | {"arrive": arrived, "arrive_late": pd.NaT if order == 3 else late, "seconds": seconds}
            | {"metres": 1400 * order, "walk_m": 120.0 if order == 2 else 0.0, "on_road": False}
            | {"walk_s": 173 if order == 2 else 0, "ferries": 0, "outside_m": 0}
            | {"bridges": order % 3, "fords": int(order == 2), "unpaved_m": 700 * (order % 2), "unknown_m": 90}
            | {"geometry": shapely.LineString([stops.geometry[here], stops.geometry[there]])}
        )
        now = arrived + dt.timedelta(minutes=6)
    return rows


def _guards(tps: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    posts = gpd.GeoDataFrame(
        {
            "kode_kec": tps["kode_kec"].to_numpy(),
            "kerawanan": tps["kerawanan"].to_numpy(),
            "officers": np.int64(2),
            "n_tps": np.int64(1),
            "metres": np.int64(0),
            "seconds": np.int64(0),
        },
        geometry=tps.geometry.to_numpy(),
        crs=CRS,
        index=pd.Index([f"POS-{number:03d}" for number in range(1, len(tps) + 1)], name="kode_post", dtype=str),
    )
    guards = pd.DataFrame({"kode_post": posts.index.to_numpy(), "order": np.int64(1), "seconds": np.int64(0)})
    guards.index = tps.index
    return checked_geo(_texts(posts), Posts), checked(_texts(guards), Guards)


def _texts(frame: Any) -> Any:
    """Give text columns and index levels pandas' own text type."""
    frame = frame.astype({name: str for name in frame.columns if frame[name].dtype == object})
    if frame.index.nlevels == 1 and frame.index.dtype == object:
        frame.index = frame.index.astype(str)
    return frame


def _times(frame: Any) -> Any:
    return frame.astype({name: "datetime64[s]" for name in frame.columns if frame[name].dtype.kind == "M"})


VILLAGES = [letter for letter in string.ascii_letters if letter not in "GgPpOo"]
NAMES = {**HOSTILE, **REFUSED}


@cache
def hostile() -> Plan:
    """Make a plan in which every name that may come from data is a hostile one, each at least once."""
    row = "-".join(["G", "P", *(c for c in VILLAGES if c.isupper())])
    column = "-".join(["  p", *(c for c in VILLAGES if c.islower())])
    names = dict(zip(VILLAGES, NAMES.values(), strict=False))
    places = {"G": HOSTILE["formula"], "P": HOSTILE["typst_read"], "p": HOSTILE["jinja_run"]}
    drawing = f"{row}\n  |\n{column}"
    kecamatan = {"1": HOSTILE["script"], "2": HOSTILE["formula_dde"]}
    head = {"name": HOSTILE["typst_code"] + HOSTILE["jinja_sum"], "notice": HOSTILE["formula_at"]}
    return plan(world(drawing, names={**names, **places, **kecamatan}, operation=head))


def long_trip(n: int = 40) -> Plan:
    """Make a plan whose trip from the PPK has `n` stops, one TPS each."""
    gps = {
        kode_tps("A", number): lon_lat(6 + 3 * math.cos(number / 7), number / 20 + 3 * math.sin(number / 7))
        for number in range(1, n + 1)
    }
    return plan(world("G---P--A", tps={"A": n}, gps=gps))
