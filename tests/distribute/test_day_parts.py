"""A vehicle in several parts of its day: before a road closes, and after it opens again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest
from way_back import OWN
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis.config import Fleet
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.replan import replan
from kaur_gis.distribute import kept_of
from kaur_gis.distribute.pool import Outing, Parked, between
from kaur_gis.judge import judge

MINUTE = pd.Timedelta(minutes=1)
DAY = "2024-02-13"
ROW = "G---P---A---B---C---D"
WAVE = {"name": "H-1", "days_before": 1, "akses": [], "deadline": dt.time(18)}


def boxes_one_by_one(
    start: str, end: str, *, drawing: str = ROW, count: int = 1, waves: Sequence[object] = (WAVE,), **truck: object
) -> kg.Inputs:
    """Give a world in which a truck takes the boxes of one TPS, and the road to the PPK is closed."""
    fleet = (OWN["TR"] | {"count": count, "max_kotak": 5, "max_trips": 9} | truck, OWN["PU"], OWN["MT"])
    stages = [stage.model_dump() for stage in world("G---P---A").operation.stages]
    stages[0] |= {"start": dt.time(8), "end": dt.time(12, 30)}
    inputs = world(drawing, fleet=fleet, waves=[*waves], stages=stages)
    lon, lat = lon_lat(2, 0)
    hours = f"; mulai={DAY}T{start}; selesai={DAY}T{end}"
    return close_roads(inputs, [closure_of(f"titik:{lat:.7f},{lon:.7f},100{hours}")])


def served_by_hand(plan: kg.Plan, start: str, end: str) -> int:
    """Count the TPS that one truck brings boxes for, minute by minute: each trip as early as it can be."""
    stage = plan.inputs.operation.stages[0]
    trip = plan.trips[plan.trips["stage"] == stage.name].iloc[0]
    lasts, loading = trip["back"] - trip["depart"], stage.loading_minutes * MINUTE
    closes, opens = (pd.Timestamp(f"{DAY}T{time}") for time in (start, end))
    free, served = pd.Timestamp(f"{DAY}T08:00"), 0
    while served < len(plan.tps):
        depart = free + loading
        while depart < opens and depart + lasts > closes:
            depart += MINUTE
        free = depart + lasts
        if free > pd.Timestamp(f"{DAY}T12:30"):
            break
        served += 1
    return served


@pytest.mark.parametrize(
    ("start", "end", "n_parts"),
    [("08:40", "11:10", 2), ("08:50", "12:30", 1), ("08:05", "12:30", 0)],
)
def test_one_truck_serves_before_the_road_closes_and_after_it_opens_whoever_can_be_served(start, end, n_parts):
    plan = kg.make_plan(boxes_one_by_one(start, end))
    assert plan.broken == ()
    own = plan.trips[plan.trips["stage"] == "gudang-ppk"]
    if not n_parts:
        assert len(plan.unserved) == len(plan.tps)
        return
    assert len(plan.tps) - len(plan.unserved) == len(own) == served_by_hand(plan, start, end)
    assert own["wave"].nunique() == n_parts
    assert len(set(own["vehicle"])) == 1
    assert own.sort_values("depart")["trip_no"].tolist() == list(range(1, len(own) + 1))
    before = own[own["wave"].str.contains("s.d.")]
    assert (before["depart_latest"] + (before["back"] - before["depart"]) <= pd.Timestamp(f"{DAY}T{start}")).all()


def test_who_is_too_far_before_the_closure_goes_after_it_by_the_truck_that_went_before_though_others_stand_idle():
    plan = kg.make_plan(boxes_one_by_one("08:40", "11:10", drawing="G---P---A-----------------p---a", count=3))
    assert plan.broken == ()
    assert plan.unserved.empty
    own = plan.trips[plan.trips["stage"] == "gudang-ppk"]
    assert own["wave"].tolist() == ["H-1 s.d. 08.40", "H-1 mulai 11.10"]
    assert own.index.tolist() == ["H1-GUDANG-1-TR-01-1", "H1-GUDANG-1-TR-01-2"]
    kept = kept_of(plan.inputs.operation, plan.trips, plan.legs, plan.loads, [own.index[1]])
    assert kept.trips.index.tolist() == own.index.tolist(), "his day is one"
    (done,) = kept.vehicles["H-1", "GUDANG-1", "TR"].values()
    assert done.trips == 2
    again = replan(plan, plan.inputs, done=[own.index[0]])
    assert again.after.broken == ()
    assert set(again.sheets["state"]) == {"valid"}
    later = pd.Timestamp(f"{DAY}T09:00")  # when the road is closed, though he would be back for his next trip
    shut = plan.trips["depart_latest"].where(plan.trips["wave"] != "H-1 s.d. 08.40", later)
    late = judge(replace(plan, trips=plan.trips.assign(depart_latest=shut)))
    assert {problem.what for problem in late} == {"promise_closures", "promise_latest"}


def test_drivers_whose_hours_are_short_go_before_and_after_within_them():
    plan = kg.make_plan(boxes_one_by_one("08:40", "11:10", count=2, jam_sopir=3.5))
    assert plan.broken == ()
    assert plan.unserved.empty
    own = plan.trips[plan.trips["stage"] == "gudang-ppk"]
    assert own.groupby("vehicle")["wave"].nunique().tolist() == [2, 2]


def parked(**changes: object) -> Parked:
    return Parked(Fleet.model_validate(OWN["TR"] | changes), (1, 2), free_s=10, free_late_s=10)


OUT = (Outing(2, 100, 110, 200, 230), Outing(1, 400, 410, 500, None))
"""What the first of two vehicles does."""


@pytest.mark.parametrize(
    ("hours", "free"),
    [
        ((0, 1000), (500, None, None)),  # after the last trip, from which it may never come home in the heavier weather
        ((0, 600), (200, 230, 400)),
        ((0, 90), (10, 10, 100)),
        ((250, 900), (500, None, None)),
    ],
)
def test_a_vehicle_that_is_out_twice_has_the_longest_time_between_left(hours, free):
    idle, own = between([parked(max_trips=4)], "G", {("G", "TR", 1): OUT}, hours)
    assert idle == replace(parked(max_trips=4), numbers=(2,))
    assert (own.numbers, own.trips, own.left_s) == ((1,), 3, 110)
    assert (own.free_s, own.free_late_s, own.until_s) == free


def test_a_vehicle_without_trips_left_or_whose_day_ends_elsewhere_goes_out_once():
    for changes in ({"max_trips": 3}, {"max_trips": 9, "pulang_ke": "P"}):
        (idle,) = between([parked(**changes)], "G", {("G", "TR", 1): OUT}, (0, 1000))
        assert idle.numbers == (2,)
    both = {("G", "TR", number): OUT for number in (1, 2)}
    assert between([parked(max_trips=3)], "G", both, (0, 1000)) == []


def test_what_a_driver_does_before_his_other_trips_leaves_his_day_within_his_hours():
    rested = parked(max_trips=9, jam_sopir=430 / 3600)
    (_, own) = between([rested], "G", {("G", "TR", 1): OUT}, (0, 90))
    assert (own.free_s, own.free_late_s) == (70, 70)


def too_few(start: str = "06:00", end: str = "07:00") -> kg.Inputs:
    """Give a world in which a motorcycle of one trip is for two TPS, to which the road is closed for some hours."""
    rows = (OWN["TR"], OWN["MT"] | {"akses": ("biasa",), "max_trips": 1, "count": 1})
    inputs = world("G---P---A---B", tps={"A": 0, "B": 2}, fleet=rows, waves=[WAVE])
    lon, lat = lon_lat(10, 0)
    hours = f"; mulai={DAY}T{start}; selesai={DAY}T{end}"
    return close_roads(inputs, [closure_of(f"titik:{lat:.7f},{lon:.7f},100{hours}")])


def test_who_is_left_behind_as_vehicles_make_no_more_trips_is_so_for_want_of_time_in_a_part_and_when_planned_again():
    plan = kg.make_plan(too_few())
    assert plan.broken == ()
    assert plan.unserved["reason"].tolist() == ["no_time"]
    last = plan.trips[plan.trips["stage"] == "ppk-tps"]
    assert last["wave"].str.contains("mulai").all()
    again = replan(plan, plan.inputs, done=last.index)
    assert again.after.broken == ()
    assert again.after.unserved["reason"].tolist() == ["no_time"]


@pytest.mark.parametrize("other", [None, "MT"])
def test_a_vehicle_that_broke_down_is_not_what_lacked_time_in_a_part_of_the_day(other):
    """Nobody is left to drive, or only who may not: that is the reason, and not the hours of the one that is gone."""
    inputs = boxes_one_by_one("08:40", "11:10")
    if other:
        weak = Fleet(**OWN["TR"] | {"kode": other, "count": 1, "max_kotak": 1})
        fleet = (*inputs.operation.fleet[:2], inputs.operation.fleet[2].model_copy(update={"kode": "MU"}), weak)
        inputs = replace(inputs, operation=inputs.operation.model_copy(update={"fleet": fleet}))
    plan = kg.make_plan(inputs)
    truck = plan.trips.loc[plan.trips["fleet"] == "TR", "vehicle"].iloc[0]
    after = replan(plan, inputs, broken=[truck]).after
    assert after.broken == ()
    assert set(after.unserved["reason"]) == {"too_big" if other else "no_fleet"}


def test_a_truck_that_another_wave_of_the_day_has_is_not_what_lacked_time_in_a_part():
    """Two waves of one day have one truck: who is left for the second one has none, in no part of it."""
    both = [WAVE | {"kode_tps": [kode_tps("B")]}, WAVE | {"name": "H-1 sore", "kode_tps": [kode_tps("A")]}]
    plan = kg.make_plan(boxes_one_by_one("08:40", "11:10", waves=both, max_trips=1))
    assert plan.broken == ()
    assert "no_fleet" in set(plan.unserved["reason"])
