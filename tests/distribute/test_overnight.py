"""Boxes that lie overnight at a transfer point: a stage that is driven on an earlier day than its wave."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from test_distribute import at, rooms
from test_kept import again, as_before
from world import lon_lat, operation, world

import kaur_gis as kg
from kaur_gis import escort
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.drives import Drives
from kaur_gis.cut.rain import NEVER, OnDay, _Trips
from kaur_gis.cut.replan import replan
from kaur_gis.distribute import distribute
from kaur_gis.judge import judge
from kaur_gis.judge.facts import Facts
from kaur_gis.judge.store import boxes_at
from kaur_gis.report import told
from kaur_gis.write.distribution import distribution
from kaur_gis.write.logistics import logistics

LINE = "G---P---A---B"
FREE = tuple(wave.model_dump() | {"akses": ()} for wave in operation().waves)
TRUCK, PICKUP = "H2-GUDANG-1-TR-01-1", "H1-PPK-1-PU-01-1"
EVENING = {"start": dt.time(16), "end": dt.time(20)}
MORNING = {"start": dt.time(6), "end": dt.time(9)}


def stages(days_earlier: int = 1, first=None, last=None):
    """Let the first stage be driven so many days earlier; other hours for the first and the last one."""
    before, after = (stage.model_dump() for stage in operation().stages)
    return before | {"days_earlier": days_earlier} | (first or {}), after | (last or {})


def store(**changes):
    return {"jenis": "ppk", "sumber": "contoh"} | changes


def planned(drawing=LINE, **asked):
    plan = kg.make_plan(world(drawing, **asked))
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    return plan


def days(plan) -> dict[str, set[dt.date]]:
    """Stage -> dates on which something of it is driven."""
    return {stage: set(own["depart"].dt.date) for stage, own in plan.trips.groupby("stage")}


def test_boxes_come_the_evening_before_and_go_on_in_the_morning():
    hours = stages(1, EVENING, MORNING)
    plan = planned(stages=hours)
    assert plan.unserved.empty
    assert days(plan) == {"gudang-ppk": {dt.date(2024, 2, 12)}, "ppk-tps": {dt.date(2024, 2, 13)}}
    assert set(plan.trips.index) == {TRUCK, PICKUP}
    truck = plan.trips.loc[TRUCK]
    assert truck["depart"] >= pd.Timestamp("2024-02-12 16:10")
    assert truck["depart_latest"] <= pd.Timestamp("2024-02-12 20:00")
    same_day = kg.make_plan(world(LINE, stages=stages(0, EVENING, MORNING)))
    assert set(same_day.unserved["reason"]) == {"no_time"}


def test_whoever_lies_overnight_may_leave_the_gudang_as_late_as_its_own_day_lets_him():
    early, overnight = planned(), planned(stages=stages(1))
    gone = overnight.trips.loc[TRUCK]
    before = early.trips.loc["H1-GUDANG-1-TR-01-1"]
    assert gone["depart"] == before["depart"] - pd.Timedelta(days=1)
    assert gone["depart_latest"] - gone["depart"] > before["depart_latest"] - before["depart"]
    assert gone["back"] + (gone["depart_latest"] - gone["depart"]) <= pd.Timestamp("2024-02-12 21:00")


def test_the_judge_knows_the_day_of_each_stage():
    plan = planned(stages=stages(1))
    of_one_day = plan.inputs.operation.model_copy(update={"stages": operation().stages})
    found = judge(replace(plan, inputs=replace(plan.inputs, operation=of_one_day)))
    assert {problem.value for problem in found if problem.what == "promise_hours"} == {TRUCK}
    two = plan.inputs.operation.stages[0].model_copy(update={"days_earlier": 2})
    longer = plan.inputs.operation.model_copy(update={"stages": (two, *plan.inputs.operation.stages[1:])})
    found = judge(replace(plan, inputs=replace(plan.inputs, operation=longer)))
    assert {problem.value for problem in found if problem.what == "promise_hours"} == {TRUCK}


def test_who_lies_there_unguarded_on_the_way_out_is_told():
    alone = (store(guarded_overnight=False),)
    (note,) = [note for note in planned(stages=stages(1), simpan=alone).notes if note.what.startswith("store_")]
    assert (note.what, note.value, note.details) == ("store_unguarded_before", "PPK-1", {"n_tps": 2})
    assert told(note, "en").startswith("The boxes of 2 TPS lie overnight at PPK-1 before")
    for guarded in ({"simpan": (store(),), "stages": stages(1)}, {"simpan": alone}, {"stages": stages(1)}):
        assert not [note for note in planned(**guarded).notes if note.what.startswith("store_")]


def test_boxes_of_two_days_share_a_store_where_the_first_ones_lie_overnight():
    asked = {"tps": {"A": 3, "B": 0}, "waves": FREE}
    plan = planned(**asked, simpan=(store(max_kotak=10),))
    assert plan.unserved.empty  # five boxes a TPS: two on one day, one on the day before
    overnight = planned(**asked, simpan=(store(max_kotak=10),), stages=stages(1))
    assert overnight.unserved["reason"].to_list() == [
        "no_store"
    ]  # on the evening between both days all would lie there
    assert planned(**asked, simpan=(store(max_kotak=15),), stages=stages(1)).unserved.empty


def test_planned_again_the_boxes_of_other_days_that_stay_keep_their_room():
    inputs = world(LINE, tps={"A": 5, "B": 0}, stages=stages(1), waves=FREE, simpan=(store(max_kotak=15),))
    plan = kg.make_plan(inputs)
    assert plan.unserved["reason"].to_list() == ["no_store"] * 2
    again = replan(plan, inputs).after
    assert again.broken == ()
    assert again.unserved.equals(plan.unserved)


def test_where_the_store_has_room_left_it_is_the_vehicles_that_had_no_time():
    few = tuple(
        fleet.model_dump() | ({"count": 1, "max_kotak": 5} if fleet.kode == "TR" else {}) for fleet in operation().fleet
    )
    hours = stages(1, {"end": dt.time(6, 32)})  # one trip
    plan = planned(tps={"A": 4}, stages=hours, waves=FREE[1:], simpan=(store(max_kotak=15),), fleet=few)
    assert set(plan.unserved["reason"]) == {"no_time"}
    assert len(plan.unserved) == 4


def test_days_grow_earlier_along_the_way_of_each_kecamatan_and_not_across():
    first, last = stages(0)
    one = {"kecamatan": ("17.04.02",)}
    far = first | one | {"name": "jauh", "days_earlier": 2}
    to_pps = last | one | {"name": "ppk-pps", "target": "pps", "days_earlier": 1}
    by_pps = last | one | {"name": "pps-tps", "origin": "pps"}
    known = [fleet.model_dump() for fleet in operation().fleet]
    more = [known[-1] | {"kode": f"V{n}", "stage": row["name"]} for n, row in enumerate((far, to_pps, by_pps))]
    asked = operation(stages=(first, far, last, to_pps, by_pps), fleet=(*known, *more))
    assert asked.days_earlier == 2
    with pytest.raises(ValidationError, match="is driven on an earlier day"):
        operation(stages=(first, far | {"days_earlier": 0}, last, to_pps, by_pps), fleet=(*known, *more))


def test_tables_name_the_day_on_which_a_vehicle_drives_for_a_wave():
    plan = planned(stages=stages(1, {"pengawal": 2}))
    assert "H-2 for H-1" in " ".join(escort.told(plan, "en"))
    for table in (*distribution(plan, "en"), *logistics(plan, "en")):
        if {"stage", "wave"} <= set(table.frame):
            of = dict(zip(table.frame["stage"], table.frame["wave"], strict=True))
            assert of == {"gudang-ppk": "H-2 for H-1", "ppk-tps": "H-1"}


@settings(max_examples=12, deadline=None)
@given(
    most=st.integers(0, 40),
    n_a=st.integers(1, 5),
    n_b=st.integers(1, 4),
    nights=st.integers(0, 2),
    evening=st.booleans(),
    guarded=st.booleans(),
)
def test_every_promise_holds_however_long_boxes_lie(most, n_a, n_b, nights, evening, guarded):
    plan = planned(
        tps={"A": n_a, "B": n_b},
        waves=FREE,
        stages=stages(nights, EVENING if evening else None),
        simpan=(store(max_kotak=most, guarded_overnight=guarded),),
    )
    assert all(boxes <= most for boxes in boxes_at(Facts(plan)).values())
    at_ppk = days(plan).get("gudang-ppk", set())
    assert {day + dt.timedelta(days=nights) for day in at_ppk} >= days(plan).get("ppk-tps", set())


def test_boxes_that_lie_overnight_go_on_when_the_rest_is_planned_again():
    given_rooms = rooms(world(LINE, tps={"A": 3}, stages=stages(1)))
    older = distribute(*given_rooms)
    in_the_night = again(given_rooms, older, [TRUCK], now=at(13, "03:00:00"))
    assert as_before(in_the_night, older, older.trips.index)
    late = again(given_rooms, older, [TRUCK], now=at(13, "09:00:00"))
    assert late.trips.loc[~late.trips["pinned"], "depart"].min() >= at(13, "09:10:00")
    too_late = again(given_rooms, older, [], now=at(13, "03:00:00"))
    assert set(too_late.unserved["stage"]) == {"gudang-ppk"}
    assert set(too_late.unserved["reason"]) == {"no_time"}


def test_rain_of_the_day_before_stops_who_is_driven_then():
    plan = planned(stages=stages(1))
    own, roads = _Trips.of(plan), Drives.of(plan, plan.inputs.operation.weather.plan)
    every = np.ones(len(roads.segments.network.edges), dtype=bool)
    dry, washed = (
        OnDay(roads.seconds(spoilt), plan.inputs.operation.weather.plan) for spoilt in (b"", roads.spoilt(every))
    )
    assert max(own.driven(1, [dry, dry])[0].values()) < NEVER
    assert set(own.driven(1, [dry, washed])[0].values()) == {NEVER}  # the truck never came
    assert set(own.driven(1, [washed, dry])[0].values()) == {NEVER}
    assert max(own.driven(1, [washed, dry])[1].values()) < NEVER  # but it did the day before


@pytest.mark.parametrize(
    ("day", "column", "stage"), [(12, 2, "gudang-ppk"), (13, 6, "ppk-tps"), (13, 2, ""), (12, 6, "")]
)
def test_a_closure_stops_who_is_driven_on_its_day(day, column, stage):
    lon, lat = lon_lat(column, 0)
    all_day = f"titik:{lat:.7f},{lon:.7f},100; mulai=2024-02-{day}T00:00; selesai=2024-02-{day}T23:59"
    plan = kg.make_plan(close_roads(world(LINE, stages=stages(1)), [closure_of(all_day)]))
    assert plan.broken == ()
    assert set(plan.unserved["stage"]) == ({stage} if stage else set())
