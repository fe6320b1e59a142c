"""Vehicles and stages that may be out by daylight alone, and roads that are barred by night."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from test_distribute import FLEET, at, fleet, routes_of, stages
from way_back import BOXES, OWN, drawn
from world import lon_lat, operation, world

from kaur_gis.config import RoadClosure
from kaur_gis.cut import close_roads
from kaur_gis.distribute.pool import Parked, by_day
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan

LINE = "G---P---A---B"
DAY = {"daylight_only": True}


def light(rise=6, down=18, minute=0):
    return {"sunrise": dt.time(rise, minute), "sunset": dt.time(down), "sumber": "contoh"}


def planned(**asked):
    plan = make_plan(world(LINE, **asked))
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    return plan


def test_without_the_key_the_light_changes_nothing():
    pd.testing.assert_frame_equal(planned(daylight=light(10, 12)).trips, planned().trips)


def test_a_vehicle_of_the_day_leaves_after_sunrise_and_is_home_by_sunset():
    usual = planned(daylight=light(9, 12, 30)).trips
    plan = planned(daylight=light(9, 12, 30), fleet=fleet(PU=DAY))
    by_day = plan.trips["fleet"] == "PU"
    assert usual["depart"][usual["fleet"] == "PU"].min() < at(13, "09:30:00")
    assert plan.trips["depart"][by_day].min() >= at(13, "09:30:00")
    assert plan.trips["back"][by_day].max() <= at(13, "12:00:00")
    assert (plan.trips["depart_latest"][by_day] <= at(13, "12:00:00")).all()
    assert plan.trips["depart"][~by_day].min() == usual["depart"][usual["fleet"] != "PU"].min()


def test_a_stage_of_the_day_holds_all_its_vehicles_to_it():
    plan = planned(daylight=light(9, 12, 30), stages=stages(last=DAY), tps={"A": 4}, sulit="B")
    last = plan.trips[plan.trips["stage"] == "ppk-tps"]
    assert set(last["fleet"]) == {"PU", "MT"}
    for _, trip in last.iterrows():
        day = trip["depart"].day
        assert at(day, "09:30:00") <= trip["depart"]
        assert trip["back"] <= at(day, "12:00:00")


def test_who_cannot_be_reached_by_daylight_is_unserved_for_want_of_time_and_the_judge_agrees():
    plan = planned(daylight=light(7, 8), stages=stages(first={"start": dt.time(9)}), fleet=fleet(PU=DAY, MT=None))
    assert set(plan.unserved["reason"]) == {"no_time"}
    assert plan.trips[plan.trips["fleet"] == "PU"].empty


@pytest.mark.parametrize("rule", [{"fleet": fleet(PU=DAY)}, {"stages": stages(last=DAY)}])
def test_the_judge_finds_who_is_out_in_the_dark(rule):
    plan = planned(daylight=light(12, 13))
    asked = replace(plan, inputs=replace(plan.inputs, operation=operation(daylight=light(12, 13), **rule)))
    assert "promise_hours" in {problem.what for problem in judge(asked)}


def test_the_judge_finds_a_latest_departure_that_ends_in_the_dark():
    plan = planned(daylight=light(6, 12), fleet=fleet(PU=DAY))
    late = plan.trips.copy()
    last = late.index[late["fleet"] == "PU"][-1]
    late.loc[last, "depart_latest"] = at(13, "11:59:00")
    assert {problem.what for problem in judge(replace(plan, trips=late))} == {"promise_latest"}


def test_on_the_way_back_a_vehicle_of_the_day_waits_for_the_morning_too():
    early = make_plan(
        drawn(rows=(*(row | DAY if row["kode"] == "PU" else row for row in OWN.values()),), kembali=BOXES)
    )
    assert early.broken == ()
    trips = early.back_trips
    assert trips["depart"][trips["fleet"] == "PU"].min() >= at(15, "06:00:00")
    assert (trips["depart_latest"][trips["fleet"] == "PU"] < at(15, "18:00:00")).all()
    dark = make_plan(drawn(rows=tuple(OWN.values()), kembali=BOXES))
    rows = tuple(row | DAY if row["kode"] == "PU" else row for row in OWN.values())
    inputs = replace(dark.inputs, operation=drawn(rows=rows, kembali=BOXES).operation)
    assert "promise_back" in {problem.what for problem in judge(replace(dark, inputs=inputs))}


@settings(max_examples=8, deadline=None)
@given(st.integers(5, 11), st.integers(12, 19), st.integers(1, 6), st.booleans())
def test_whatever_the_light_nobody_of_the_day_is_out_in_the_dark(rise, down, n_tps, whole_stage):
    rule = {"stages": stages(last=DAY)} if whole_stage else {"fleet": fleet(PU=DAY)}
    trips = routes_of(LINE, daylight=light(rise, down), tps={"A": n_tps}, **rule).trips
    mine = trips[trips["fleet"] == "PU"]
    assert (mine["depart"] >= at(13, f"{rise:02d}:00:00")).all()
    assert (mine["back"] <= at(13, f"{down:02d}:00:00")).all()


def test_a_vehicle_that_never_comes_back_in_the_heavier_weather_does_not_for_daylight_either():
    asked = operation(daylight=light(9), fleet=fleet(PU=DAY))
    (own,) = by_day([Parked(asked.fleet[1], (1,), 0, 0, None)], asked, asked.stages[1], 600)
    assert (own.free_s, own.free_late_s, own.until_s) == (9 * 3600 - 600, None, 18 * 3600)


def test_the_keys_need_to_know_when_it_is_light():
    for rule in ({"fleet": fleet(PU=DAY)}, {"stages": stages(last=DAY)}, {"tutup": (NIGHT.model_dump(),)}):
        with pytest.raises(ValidationError, match="daylight"):
            operation(**rule)
        operation(daylight=light(), **rule)


EVERYWHERE = "titik:{1},{0},50000".format(*lon_lat(0, 0))
NIGHT = RoadClosure(lokasi=EVERYWHERE, malam=True)
TRUCKS = RoadClosure(lokasi=EVERYWHERE, malam=True, kendaraan=("truck",))
EARLY_DAY = stages(DAY, DAY)
EARLY = stages(first={"start": dt.time(6), "end": dt.time(17)}, last={"start": dt.time(6), "end": dt.time(17)})


@pytest.mark.parametrize(
    ("closure", "asked", "in_force"),
    [
        (NIGHT, {}, True),  # the stages last until eight in the evening
        (NIGHT, {"stages": EARLY}, False),
        (NIGHT, {"stages": stages(DAY, DAY)}, False),
        (NIGHT, {"stages": stages(DAY)}, True),
        (NIGHT, {"fleet": tuple(row | DAY for row in FLEET.values())}, False),
        (TRUCKS, {"fleet": fleet(TR=DAY)}, False),
        (TRUCKS, {"fleet": fleet(PU=DAY)}, True),
        (NIGHT, {"fleet": tuple(row | {"count": 0} for row in FLEET.values())}, False),
        (NIGHT, {"stages": EARLY, "kembali": BOXES}, True),  # boxes come home by night
        (NIGHT, {"stages": EARLY, "kembali": BOXES, "fleet": tuple(row | DAY for row in FLEET.values())}, False),
    ],
)
def test_a_road_barred_by_night_is_closed_where_a_vehicle_may_be_out_in_the_dark(closure, asked, in_force):
    inputs = close_roads(world(LINE, daylight=light(), **asked), [closure])
    assert inputs.roads.closures[0].in_force is in_force


def test_whom_a_road_barred_by_night_cuts_off_is_served_by_daylight_in_a_part_of_the_wave():
    lon, lat = lon_lat(6, 0)
    bar = RoadClosure(lokasi=f"titik:{lat:.7f},{lon:.7f},300", malam=True)
    plan = make_plan(close_roads(world(LINE, daylight=light(9, 12, 30)), [bar]))
    assert plan.broken == ()
    assert plan.unserved.empty
    by_day = plan.trips[plan.trips["wave"] == "H-1 siang"]
    assert plan.loads.loc[by_day.index].index.get_level_values("kode_tps").unique().tolist() == sorted(plan.tps.index)
    assert by_day["depart"].min() >= at(13, "09:30:00")
    assert by_day["back"].max() <= at(13, "12:00:00")
    none = close_roads(world(LINE, daylight=light(9, 12, 30), stages=EARLY_DAY), [bar])
    assert [wave.name for wave in none.operation.waves] == ["H-2", "H-1"], "who is out by day alone needs no part"
