"""TPS whose boxes must come sooner than the others of their wave."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from world import operation, world

from kaur_gis.config import Sooner
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.summary import arrivals
from kaur_gis.write.map.restricted import restricted

LINE = "G---P---A---B---C"
NEAR, FAR = "1704012001001", "1704012003001"
SOON = dt.time(6, 58)  # in the order of the line the boxes of the last one come at seven


def due(by=SOON, **whom):
    return {"deadline": by, "sumber": "contoh", **whom}


def planned(*batas, **asked):
    plan = make_plan(world(LINE, tps={"A": 3}, batas=batas, **asked))
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    return plan


@pytest.fixture(scope="module")
def usual():
    return planned()


@pytest.fixture(scope="module")
def sooner():
    return planned(due(kode_tps=(FAR,)))


def clock(plan, kode):
    return arrivals(plan).loc[kode, "arrive"].time()


def test_who_is_due_sooner_comes_first_with_the_same_vehicle_on_the_same_day(usual, sooner):
    assert clock(usual, FAR) > SOON >= clock(sooner, FAR)
    assert arrivals(usual)["arrive"].max() == arrivals(usual).loc[FAR, "arrive"]
    assert arrivals(sooner)["arrive"].max() > arrivals(sooner).loc[FAR, "arrive"]
    for plan in (usual, sooner):
        assert set(arrivals(plan)["wave"]) == {"H-1"}
        assert (plan.unserved.empty, plan.trips["vehicle"].nunique()) == (True, 2)


def test_a_trip_leaves_in_time_for_whoever_is_due_first(sooner):
    came = arrivals(sooner).loc[FAR]
    assert came["deadline"] == pd.Timestamp("2024-02-13 06:58")
    last = sooner.trips.loc[came["kode_trip"]]
    assert last["depart_latest"] - last["depart"] == came["deadline"] - came["arrive"]


def test_the_earliest_of_all_that_is_said_holds_for_a_class_as_for_a_code():
    all_of_it = planned(
        due(dt.time(7, 30), kerawanan=("kurang_rawan",)), due(kode_tps=(FAR,)), due(dt.time(20), kode_tps=(NEAR,))
    )
    found = arrivals(all_of_it)["deadline"].dt.time
    assert found[FAR] == SOON
    assert set(found.drop(FAR)) == {dt.time(7, 30)}
    assert "    batas 06:58: 1 TPS" in all_of_it.summary("id")
    assert "    batas 07:30: 4 TPS" in all_of_it.summary("id")
    assert set(arrivals(planned(due(kerawanan=("rawan",))))["deadline"].dt.time) == {dt.time(18)}


def test_who_cannot_come_so_soon_stays_and_the_plan_says_why():
    plan = planned(due(dt.time(6, 20), kode_tps=(FAR,)))
    assert plan.unserved["reason"].to_dict() == {FAR: "no_time"}


def test_the_judge_holds_a_plan_against_what_is_due_sooner(usual):
    asked = usual.inputs.operation.model_copy(update={"batas": (Sooner(**due(kode_tps=(FAR,))),)})
    late = replace(usual, inputs=replace(usual.inputs, operation=asked))
    assert {(broken.what, broken.value) for broken in judge(late)} >= {
        ("promise_deadline", FAR),
        ("promise_latest", "H1-PPK-1-PU-01-1"),
    }


def test_the_map_is_told_by_when_each_load_is_due_where_one_is_due_sooner(usual, sooner):
    stops = sooner.stops.index
    loads = restricted(sooner, sooner.tps, stops, "id")["loads"]
    codes = sooner.tps.index[loads["tps"]]
    assert dict(zip(codes, loads["due"], strict=True)) == {
        kode: (6 * 60 + 58 if kode == FAR else 18 * 60) * 60 for kode in codes
    }
    assert "due" not in restricted(usual, usual.tps, stops, "id")["loads"]


def test_of_waves_of_one_day_the_last_deadline_stands_first_unless_all_are_named():
    first, second = ({"name": str(hour), "days_before": 1, "deadline": dt.time(hour)} for hour in (9, 18))
    for whole in (
        (first | {"akses": ("biasa", "sulit")}, second),
        (second, first),
        (first | {"days_before": 2}, second),
    ):
        assert len(operation(waves=whole).waves) == 2
    with pytest.raises(ValueError, match="later deadline"):
        operation(waves=(first, second))
