"""Guards and signal together for Kaur, proofs included: how long, and how much better than simple ways.

Run it with ``python -m tests.benchmarks.couriers``. Couriers are held against one from every point; relay posts
against greedy covering, which takes the joined site that reaches most TPS not reached yet. The section
``[komunikasi]`` and the sites of the relays, a grid over the study area, are examples. The roads are Kaur's from
OpenStreetMap (KAUR_GIS_TEST_DATA; else the shipped schematic ones).
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

import kaur_gis as kg
from kaur_gis.comms import communicate
from kaur_gis.config import Komunikasi
from kaur_gis.guard import guard
from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS, RelaySites, checked_geo
from kaur_gis.place import place
from kaur_gis.reaction import reactions
from kaur_gis.staff import staff
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times
from tests.benchmarks.travel import OPERATION, roads_file

HOW = Komunikasi(start=dt.time(18), max_minutes=45.0, radio_range_m=8000.0, radios=3, sumber="contoh")
GRID_M = 8000.0


def main() -> None:
    """Print the figures."""
    inputs = with_example(kg.read_inputs(OPERATION, roads=roads_file()))
    tps = tag(place(inputs)[0], inputs.operation)
    stops = stops_of(tps, inputs.tempat)
    begin = time.process_time()
    travel = travel_times(inputs, stops)
    print(f"roads: {inputs.roads.source}; travel times {time.process_time() - begin:.2f} s of processor")
    begin = time.process_time()
    posts, guards, _ = guard(tps, inputs, travel)
    staff(posts, guards, tps, inputs, travel)
    reactions(tps, inputs, travel)
    guarded = time.process_time()
    found = communicate(tps, inputs, stops, travel)
    heard = time.process_time()
    print(f"guards {guarded - begin:.2f} s, signal {heard - guarded:.2f} s, both {heard - begin:.2f} s of 15")
    channels, couriers, plans = found["channels"], found["couriers"], found["relay_plans"]
    print(f"{len(channels)} TPS can't send: {channels['channel'].value_counts().to_dict()}; {len(couriers)} couriers")
    ours, alone = int((couriers["out_s"] + couriers["back_s"]).sum()), int(couriers["alone_s"].sum())
    print(f"couriers: {ours} s, one from every point {alone} s, ratio {ours / max(alone, 1):.3f}", end="")
    known = couriers[couriers["way_known"]]
    print(f", proven where the way is known ({len(known)}): {bool(known['proven'].all())}")
    print(f"relays of {len(inputs.relay)} sites: {greedy(inputs, tps.loc[channels.index])} posts by greedy covering")
    print(plans.to_string())


def with_example(inputs: Inputs) -> Inputs:
    """Ask for couriers and relays, with a grid of sites."""
    crs = inputs.operation.region.metric_crs
    area = inputs.kecamatan.geometry.to_crs(crs).union_all()
    west, south, east, north = area.bounds
    at = [shapely.Point(x, y) for x in np.arange(west, east, GRID_M) for y in np.arange(south, north, GRID_M)]
    sites = gpd.GeoDataFrame(geometry=[point for point in at if area.covers(point)], crs=crs).to_crs(CRS)
    sites = sites.assign(nama="", sumber="contoh").astype({"nama": "str", "sumber": "str"})
    sites.index = (sites.index.astype("str").str.zfill(3).map("RELAY-{}".format)).astype("str").rename("kode_relay")
    operation = inputs.operation.model_copy(update={"komunikasi": HOW})
    return replace(inputs, operation=operation, relay=checked_geo(sites, RelaySites))


def greedy(inputs: Inputs, needy: gpd.GeoDataFrame) -> str:
    """Say how many posts greedy covering needs for how many TPS, from the best start."""
    crs = inputs.operation.region.metric_crs
    xy, tps = (frame.geometry.to_crs(crs).get_coordinates().to_numpy() for frame in (inputs.relay, needy))
    reaches = np.hypot(*(xy[:, None] - tps).transpose(2, 0, 1)) <= HOW.radio_range_m
    joined = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) <= HOW.radio_range_m
    best = (0, 0)
    for start in range(len(xy)):
        posts, reached = [start], reaches[start].copy()
        while True:
            gain = (reaches & ~reached).sum(axis=1) * joined[posts].any(axis=0)
            if not gain.max():
                break
            posts.append(int(gain.argmax()))
            reached |= reaches[posts[-1]]
        best = max(best, (int(reached.sum()), -len(posts)))
    return f"{-best[1]} for {best[0]} TPS"


if __name__ == "__main__":
    main()
