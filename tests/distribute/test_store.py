"""What transfer points can hold, and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from test_distribute import fleet, reasons, rooms
from test_kept import again
from way_back import BOXES, COPIES, COURIERS, drawn
from world import kode_tps, lon_lat, operation, world

from kaur_gis.config import Store
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.replan import replan
from kaur_gis.distribute import distribute
from kaur_gis.distribute.chain import chain_of
from kaur_gis.distribute.store import Stored, left_over, store_notes, too_many
from kaur_gis.judge import judge
from kaur_gis.judge.facts import Facts
from kaur_gis.judge.store import boxes_at
from kaur_gis.pipeline import make_plan

LINE = "G---P---A---B"
HARD_FIRST = (
    {"name": "H-2", "days_before": 2, "akses": ("sulit",), "deadline": dt.time(18)},
    {"name": "H-1", "days_before": 1, "deadline": dt.time(18)},
)
NO_MOTOR = {"sulit": "A", "waves": HARD_FIRST, "fleet": fleet(MT={"count": 0})}
"""Boxes of A come to the PPK on H-2, and nobody takes them on."""
FREE = tuple(wave.model_dump() | {"akses": ()} for wave in operation().waves)


def store(**changes):
    return {"jenis": "ppk", "sumber": "contoh"} | changes


def planned(drawing=LINE, **asked):
    plan = make_plan(world(drawing, **asked))
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    return plan


def said(plan):
    return {(problem.what, problem.value) for problem in plan.notes if problem.what.startswith("store_")}


def test_a_store_that_is_large_enough_changes_nothing():
    usual = planned(tps={"A": 3})
    pd.testing.assert_frame_equal(
        planned(tps={"A": 3}, simpan=(store(max_kotak=20, until=dt.time(20)),)).trips, usual.trips
    )


def test_who_finds_no_room_goes_a_wave_earlier_and_else_stays_at_the_gudang():
    plan = planned(tps={"A": 3}, waves=FREE, simpan=(store(max_kotak=10),))  # five boxes a TPS
    days = plan.loads.join(plan.trips[["stage", "wave"]], on="kode_trip").query("stage == 'ppk-tps'")
    assert days.groupby("wave")["kotak"].sum().to_dict() == {"H-1": 10, "H-2": 10}
    assert plan.unserved.empty
    less = planned(tps={"A": 3}, waves=FREE, simpan=(store(max_kotak=5),))
    assert less.unserved["reason"].to_list() == ["no_store"] * 2
    assert set(less.unserved["stage"]) == {"gudang-ppk"}
    assert not set(less.unserved.index) & set(less.loads.index.get_level_values("kode_tps"))


def test_a_limit_by_code_goes_before_that_of_its_kind_and_other_places_have_none():
    by_kind, by_code = store(max_kotak=0), store(tempat=("PPK-1",), max_kotak=100)
    assert planned(simpan=(by_kind, by_code)).unserved.empty
    assert set(planned(simpan=(by_kind,)).unserved["reason"]) == {"no_store"}
    assert planned(simpan=(store(jenis="pps", max_kotak=0),)).unserved.empty
    assert planned(simpan=(store(tempat=("PPK-2",), max_kotak=0),)).unserved.empty


def test_two_waves_on_one_day_share_the_room():
    waves = tuple(wave.model_dump() | {"days_before": 1} for wave in operation().waves)
    plan = planned(tps={"A": 2}, sulit="B", waves=waves, simpan=(store(max_kotak=10),))
    assert list(boxes_at(Facts(plan)).values()) == [10]
    assert list(plan.unserved["reason"]) == ["no_store"]


def test_boxes_that_nobody_takes_on_lie_there_until_voting_day_and_take_no_room_from_later_ones():
    alone = {"guarded_overnight": False}
    full = planned(**NO_MOTOR, simpan=(store(max_kotak=5, **alone),))
    assert reasons(full) == {kode_tps("A"): ("gudang-ppk", "no_store")}
    assert said(full) == set()
    plan = planned(**NO_MOTOR, simpan=(store(max_kotak=10, **alone),))
    assert reasons(plan) == {kode_tps("A"): ("ppk-tps", "no_vehicle")}
    days = [dt.date(2024, 2, 12 + day) for day in range(3)]
    lie = {pd.Timestamp(day, unit="s").date(): boxes for (*_, day), boxes in boxes_at(Facts(plan)).items()}
    assert lie == dict(zip(days, (5, 10, 5), strict=True))
    (note,) = [note for note in plan.notes if note.what.startswith("store_")]
    assert (note.what, note.value, note.details) == ("store_unguarded_before", "PPK-1", {"n_tps": 1})
    asked = replace(
        plan, inputs=replace(plan.inputs, operation=operation(waves=HARD_FIRST, simpan=(store(max_kotak=5),)))
    )
    assert "promise_store" in {problem.what for problem in judge(asked)}


def test_of_those_whom_nobody_takes_on_as_many_come_as_find_room_on_every_later_day():
    plan = planned(**NO_MOTOR, tps={"A": 3, "B": 2}, simpan=(store(max_kotak=15),))
    assert sorted(reasons(plan).values()) == [("gudang-ppk", "no_store")] * 2 + [("ppk-tps", "no_vehicle")]


def test_they_are_no_reason_for_those_who_had_no_time_to_come():
    """The later ones are planned first, and what is left of their room is given away."""
    waves = (HARD_FIRST[0], HARD_FIRST[1] | {"kode_tps": (kode_tps("B", 1), kode_tps("B", 2))})
    few = fleet(MT={"count": 0}, TR={"count": 1, "max_trips": 1, "max_kotak": 5})
    plan = planned(tps={"B": 2}, sulit="A", waves=waves, fleet=few, simpan=(store(max_kotak=10),))
    late = kode_tps("B", 2)
    assert reasons(plan) == {kode_tps("A"): ("ppk-tps", "no_vehicle"), late: ("gudang-ppk", "no_time")}


def test_boxes_that_are_stuck_there_already_keep_their_room_from_later_ones():
    given_rooms = rooms(world(LINE, sulit="A", waves=HARD_FIRST, simpan=(store(max_kotak=5),)))
    older = distribute(*given_rooms)
    assert older.unserved.empty
    found = again(given_rooms, older, ["H2-GUDANG-1-TR-01-1"], fleet=operation(fleet=NO_MOTOR["fleet"]).fleet)
    assert reasons(found) == {kode_tps("A"): ("ppk-tps", "no_vehicle"), kode_tps("B"): ("gudang-ppk", "no_store")}


def test_trips_that_nothing_touches_do_not_stay_where_boxes_got_stuck_that_leave_them_no_room():
    plan = planned(sulit="A", waves=HARD_FIRST, fleet=fleet(MT={"count": 1}), simpan=(store(max_kotak=5),))
    (trip,) = plan.trips.index[(plan.trips["wave"] == "H-2") & (plan.trips["stage"] == "ppk-tps")]
    now = plan.trips["back"]["H2-GUDANG-1-TR-01-1"]
    after = replan(plan, plan.inputs, now=now, broken=[plan.trips["vehicle"][trip]]).after
    assert after.broken == ()
    assert reasons(after)[kode_tps("B")] == ("gudang-ppk", "no_store")
    assert reasons(after)[kode_tps("A")][0] == "ppk-tps"


def test_whoever_was_refused_for_others_that_are_not_stuck_in_the_end_is_not_refused_for_want_of_room():
    inputs, tps, kits, stops, travel = rooms(world(LINE, simpan=(store(max_kotak=5),)))
    chain, wave = chain_of(inputs, tps, kits, stops, travel), inputs.operation.waves[0]
    refused = {kode_tps("A"): "gudang-ppk"}
    assert left_over(chain, [], wave, {}, refused) == {}
    tight = replace(chain, operation=operation(simpan=(store(max_kotak=4),)))
    assert left_over(tight, [], wave, {}, refused) == refused


def test_boxes_that_are_there_already_have_their_room_before_all_others():
    inputs, tps, kits, stops, travel = rooms(world(LINE, tps={"A": 3}, simpan=(store(max_kotak=10),)))
    chain, members = chain_of(inputs, tps, kits, stops, travel), sorted(tps.index)
    first, last = inputs.operation.stages
    there = SimpleNamespace(handed={(members[-1], first.name): (0, 0), (members[0], last.name): (0, 0)})
    kept = replace(chain, kept=there)
    assert list(too_many(chain, first, members, {}, Stored())) == members[2:]
    assert list(too_many(kept, first, members, {}, Stored())) == members[1:-1]
    assert list(too_many(kept, first, members, {}, Stored({"PPK-1": 8}))) == members[:-1]
    assert list(too_many(chain, first, members, {members[0]: ()}, Stored())) == members[3:]
    assert too_many(chain, last, members, {}, Stored()) == {}


def test_the_last_vehicle_leaves_before_the_store_closes():
    usual = planned(tps={"A": 8}).trips
    last = usual["depart"][usual["stage"] == "ppk-tps"].max()
    by = (last - pd.Timedelta(minutes=10)).time()
    plan = planned(tps={"A": 8}, simpan=(store(until=by),))
    mine = plan.trips[plan.trips["stage"] == "ppk-tps"]
    for name in ("depart", "depart_latest"):
        assert all(time.time() <= by for time in mine[name])


def test_a_store_that_closes_too_early_leaves_everybody_unserved_for_want_of_time():
    plan = planned(simpan=(store(until=dt.time(5)),))
    assert set(plan.unserved["reason"]) == {"no_time"}


@pytest.mark.parametrize("rule", [store(max_kotak=5), store(until=dt.time(6, 15))])
def test_the_judge_finds_a_store_that_is_too_full_and_a_vehicle_that_leaves_too_late(rule):
    plan = planned(tps={"A": 3})
    asked = replace(plan, inputs=replace(plan.inputs, operation=operation(simpan=(rule,))))
    assert "promise_store" in {problem.what for problem in judge(asked)}


def test_the_judge_does_not_take_want_of_room_for_an_answer_where_there_is_room():
    plan = planned(simpan=(store(max_kotak=0),))
    for rules in ((), (store(),), (store(max_kotak=100),)):
        asked = replace(plan, inputs=replace(plan.inputs, operation=operation(simpan=rules)))
        assert {problem.what for problem in judge(asked)} == {"promise_unserved"}
    at_tps = replace(plan, unserved=plan.unserved.assign(stage=pd.Series("ppk-tps", plan.unserved.index, dtype=str)))
    assert "promise_unserved" in {problem.what for problem in judge(at_tps)}


def test_a_store_closes_behind_the_last_vehicle_that_leaves_it_not_before_it_arrives():
    far = "G---P" + "-" * 29 + "A"
    plan = planned(far, simpan=(store(until=dt.time(6, 30)),))
    (trip,) = plan.trips.index[plan.trips["stage"] == "ppk-tps"]
    assert plan.trips["depart"][trip] == plan.trips["depart_latest"][trip] == pd.Timestamp("2024-02-13 06:30")
    assert plan.legs["arrive"][trip, 1] == pd.Timestamp("2024-02-13 07:00")
    shut = planned(far, simpan=(store(until=dt.time(6, 29, 59)),))
    assert reasons(shut) == {kode_tps("A"): ("ppk-tps", "no_time")}


def test_boxes_that_come_back_on_several_days_lie_in_a_store_together():
    plan = make_plan(drawn(tps={"A": 2}, rows=(*fleet(PU={"max_kotak": 5}), *COURIERS)))
    (first, second), day = plan.back_trips.index[plan.back_trips["stage"] == "boxes-ppk"][:2], pd.Timedelta(days=1)
    trips = plan.back_trips.loc[[first, second]]
    trips.loc[second, ["depart", "back"]] += day
    goes_on = plan.back_trips[plan.back_trips["stage"] == "boxes-gudang"].assign(
        depart=lambda rows: rows["depart"] + day, back=lambda rows: rows["back"] + day
    )
    most = int(trips["kotak"].sum())
    asked = plan.inputs.operation.model_copy(update={"simpan": (Store.model_validate(store(max_kotak=most - 1)),)})
    notes = store_notes(asked, plan.stops, pd.concat([trips, goes_on]), plan.back_loads)
    late = f"{trips['back'][second]:%Y-%m-%d}"
    assert [(note.what, note.details["day"], note.details["n"]) for note in notes] == [("store_full", late, most)]


def test_a_wet_store_is_told_where_rain_is_planned_for():
    wet = (store(dry=False),)
    assert said(planned(simpan=wet, weather={"plan": "kering", "late": "hujan"})) == {("store_wet", "PPK-1")}
    assert said(planned(simpan=wet, weather={"plan": "kering", "late": "kering"})) == set()


def test_boxes_that_lie_overnight_without_a_guard_are_told():
    alone = (store(guarded_overnight=False),)
    slow = (BOXES[0], BOXES[1] | {"start_day": 1, "start": dt.time(6), "end_day": 1})
    plan = make_plan(drawn(kembali=(*slow, *COPIES), simpan=alone))
    assert plan.broken == ()
    assert said(plan) == {("store_unguarded", "PPK-1")}
    assert said(make_plan(drawn(kembali=(*slow, *COPIES), simpan=(store(),)))) == set()
    assert said(make_plan(drawn(simpan=alone))) == set()  # they go on the same night


def test_more_boxes_than_a_store_holds_on_the_way_back_are_told():
    plan = make_plan(drawn())
    boxes = plan.back_trips[plan.back_trips["base"] == "PPK-1"].groupby("muatan")["kotak"].sum()["kotak"].item()
    notes = {}
    for most in (boxes, boxes - 1):
        asked = plan.inputs.operation.model_copy(update={"simpan": (Store.model_validate(store(max_kotak=most)),)})
        notes[most] = store_notes(asked, plan.stops, plan.back_trips, plan.back_loads)
    assert notes[boxes] == []
    assert [(note.what, note.value, note.details["n"]) for note in notes[boxes - 1]] == [("store_full", "PPK-1", boxes)]


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 40), st.integers(1, 5), st.integers(1, 4))
def test_no_store_ever_holds_more_than_it_can(most, n_a, n_b):
    plan = planned(tps={"A": n_a, "B": n_b}, waves=FREE, simpan=(store(max_kotak=most),))
    assert all(boxes <= most for boxes in boxes_at(Facts(plan)).values())
    served = len(plan.tps) - len(plan.unserved)
    assert served == min(len(plan.tps), 2 * (most // 5))  # two days, five boxes a TPS


def test_a_place_is_named_once():
    for rules in ((store(), store()), (store(tempat=("PPK-1",)), store(tempat=("PPK-1",)))):
        with pytest.raises(ValidationError, match="simpan"):
            operation(simpan=rules)


def test_where_nobody_is_left_to_drive_the_store_is_not_blamed_nor_the_hours():
    limited = ({"jenis": "ppk", "max_kotak": 5, "sumber": "contoh"},)
    inputs = world("G---P---A---B", tps={"B": 2}, fleet=fleet(TR={"count": 1}), simpan=limited)
    plan = make_plan(inputs)
    truck = plan.trips.loc[plan.trips["fleet"] == "TR", "vehicle"].iloc[0]
    after = replan(plan, inputs, broken=[truck]).after
    assert after.broken == ()
    assert after.trips.empty
    assert set(after.unserved["reason"]) == {"no_fleet"}


def test_behind_a_full_store_what_stops_the_vehicles_is_the_reason():
    """The truck takes none: the road is closed; so nobody had the room, and nobody lacked it."""
    limited = ({"jenis": "ppk", "max_kotak": 5, "sumber": "contoh"},)
    inputs = world("G---P---A---B", tps={"B": 2}, simpan=limited)
    lon, lat = lon_lat(2, 0)
    plan = make_plan(close_roads(inputs, [closure_of(f"titik:{lat:.7f},{lon:.7f},100")]))
    assert plan.broken == ()
    assert set(plan.unserved["reason"]) == {"no_road"}


def test_boxes_stuck_since_a_part_of_a_day_take_the_room_of_later_waves_no_more():
    """The road is open from noon on: what comes then and stays there is left behind, as those of H-1 need the room."""
    limited = (store(max_kotak=5),)
    given = world(LINE, **NO_MOTOR, simpan=limited)
    lon, lat = lon_lat(2, 0)
    hours = "mulai=2024-02-12T05:00; selesai=2024-02-12T12:00"
    plan = make_plan(close_roads(given, [closure_of(f"titik:{lat:.7f},{lon:.7f},100; {hours}")]))
    assert plan.broken == ()
    assert plan.unserved.to_dict("index") == {kode_tps("A"): {"stage": "gudang-ppk", "reason": "no_store"}}
