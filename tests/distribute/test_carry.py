"""A TPS beyond its gate: boxes are there when they are carried to it, and not when a vehicle comes to the gate."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis.cut.rain import rain_risk
from kaur_gis.judge import judge
from kaur_gis.summary import arrivals, may_be_late

GATE = {kode_tps("A"): lon_lat(8, 0)}
BEYOND = {kode_tps("A"): lon_lat(8, 4)}


def planned(deadline: dt.time, **more: object) -> kg.Plan:
    """Plan a TPS an hour and more beyond the end of the road."""
    wave = {"name": "H-1", "days_before": 1, "deadline": deadline}
    inputs = world("G---P---A", gps=BEYOND, gates=GATE, waves=(wave,), roads={"max_snap_m": 10_000.0}, **more)
    plan = kg.make_plan(inputs)
    assert plan.broken == ()
    return plan


def last_leg(plan: kg.Plan) -> pd.Series:
    own = plan.legs.join(plan.trips[["stage"]], on="kode_trip")
    return own[(own["stage"] == "ppk-tps") & (own["walk_s"] > 0)].iloc[0]


def test_boxes_are_carried_to_the_tps_by_the_deadline_or_the_tps_has_no_trip():
    leg = last_leg(planned(dt.time(18)))
    there = leg["arrive"] + pd.Timedelta(seconds=leg["walk_s"])
    assert leg["walk_s"] > 3600
    assert planned(there.time()).unserved.empty
    early = planned((there - pd.Timedelta(seconds=1)).time())
    assert early.unserved["reason"].to_dict() == {kode_tps("A"): "no_time"}


def test_the_latest_departure_leaves_time_to_carry():
    plan = planned(dt.time(18))
    leg = last_leg(plan)
    trip = plan.trips.loc[leg.name[0]]
    waits = trip["depart_latest"] - trip["depart"]
    assert leg["arrive"] + waits + pd.Timedelta(seconds=leg["walk_s"]) <= pd.Timestamp("2024-02-13T18:00")
    later = plan.trips.assign(depart_latest=plan.trips["depart_latest"] + pd.Timedelta(seconds=1))
    assert {found.what for found in judge(replace(plan, trips=later))} == {"promise_latest"}


def test_the_judge_counts_carrying():
    plan = planned(dt.time(18))
    leg = last_leg(plan)
    gate = (leg["arrive"] + pd.Timedelta(minutes=1)).time()
    (wave,) = plan.inputs.operation.waves
    sooner = plan.inputs.operation.model_copy(update={"waves": (wave.model_copy(update={"deadline": gate}),)})
    found = judge(replace(plan, inputs=replace(plan.inputs, operation=sooner)))
    assert "promise_deadline" in {one.what for one in found}


@pytest.mark.parametrize(("spare_s", "late"), [(0, False), (-1, True)])
def test_carrying_in_the_heavier_weather_makes_late(spare_s, late):
    """In time with the vehicle at the gate in either weather: only carrying in the mud takes too long."""
    table = arrivals(planned(dt.time(18))).loc[kode_tps("A")]
    assert table["there_late"] - table["arrive_late"] > pd.Timedelta(hours=1)
    deadline = (table["there_late"] + pd.Timedelta(seconds=spare_s)).ceil("s").time()
    plan = planned(deadline)
    assert may_be_late(arrivals(plan))[kode_tps("A")] == late
    assert ("late_risk" in {note.what for note in plan.notes}) == late


def test_in_random_rains_carrying_is_counted():
    plan = planned(dt.time(18))
    nothing = dict.fromkeys(("jembatan", "lintasan", "tanah_per_km", "jalan_per_km"), 0.0)
    rains = plan.inputs.operation.hujan.model_copy(update={**nothing, "lebat": 1.0, "jumlah": 3})
    table = arrivals(plan).loc[kode_tps("A")]
    for spare_s, chance in ((0, 0.0), (-1, 1.0)):
        deadline = (table["there_late"] + pd.Timedelta(seconds=spare_s)).time()
        waves = tuple(wave.model_copy(update={"deadline": deadline}) for wave in plan.inputs.operation.waves)
        operation = plan.inputs.operation.model_copy(update={"hujan": rains, "waves": waves})
        risk = rain_risk(replace(plan, inputs=replace(plan.inputs, operation=operation)))
        assert risk.loc[kode_tps("A"), "late"] == chance
