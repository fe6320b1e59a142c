"""The hours of drivers after counting, and what the way back costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from itertools import pairwise, product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_distribute import at, fleet, rooms
from way_back import BOXES, COPIES, COURIERS, OWN, drawn

from kaur_gis.config import DAY_S
from kaur_gis.costs import costs, shifts, told
from kaur_gis.cut.replan import replan
from kaur_gis.cut.tell import headlines, lines
from kaur_gis.distribute import bring_back
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.problems import InputProblems
from kaur_gis.shifts import day_begins
from kaur_gis.write.distribution import distribution

TPS = {"A": 3, "B": 2}
LINE = "G---P---A---B"
CALM = {"plan": "kering", "late": "kering"}
UNLOAD = pd.Timedelta(minutes=10)
VEHICLE = "PPK-1-MT-01"


def one_by_one(row, weather=None, **changes):
    """Inputs of a world whose boxes come to the PPK on motorcycles, those of one TPS at a time."""
    rows = (*fleet(PU=None, MT={"count": 5} | row), *COURIERS)
    kembali = (BOXES[0] | changes, BOXES[1] | {"end_day": 2}, *COPIES)
    return drawn(LINE, tps=TPS, rows=rows, kembali=kembali, **({"weather": weather} if weather else {}))


@cache
def known(*, calm):
    """What does not change with the hours of the drivers and the number of vehicles."""
    return rooms(one_by_one({}, CALM if calm else None))[1:]


def fetching(back):
    return back.back_trips[back.back_trips["stage"] == "boxes-ppk"].sort_values(["vehicle", "trip_no"])


def days(trips):
    """How long each driver is at work, from when he leaves until he has unloaded."""
    ends = trips.groupby("vehicle").agg({"depart": "min", "back": "max"})
    return ends["back"] - ends["depart"] + UNLOAD


def best(minutes, count, most):
    """Every way to share trips out, or to leave them: how many are left at least, and by how few vehicles then."""
    found = []
    for way in product(range(-1, count), repeat=len(minutes)):
        sums = [sum(d for d, vehicle in zip(minutes, way, strict=True) if vehicle == v) for v in range(count)]
        if max(sums) <= most:
            found.append((way.count(-1), sum(map(bool, sums))))
    return min(found)


@pytest.mark.parametrize(("count", "most"), [(1, 28), (3, 28), (1, 72), (3, 56), (2, 100)])
def test_drivers_keep_their_hours_after_counting_and_as_much_comes_back_as_can_by_as_few(count, most):
    free = bring_back(one_by_one({}, CALM), *known(calm=True), ())
    minutes = sorted((trip["back"] - trip["depart"] + UNLOAD).seconds // 60 for _, trip in fetching(free).iterrows())
    assert minutes == [24, 24, 24, 32, 32]
    back = bring_back(one_by_one({"count": count, "jam_sopir": most / 60}, CALM), *known(calm=True), ())
    trips, left = fetching(back), back.back_unserved.query("stage == 'boxes-ppk'")
    assert (days(trips) <= pd.Timedelta(minutes=most)).all()
    assert (len(left), trips["vehicle"].nunique()) == best(minutes, count, most)
    assert set(left["reason"]) <= {"no_time"}
    short = [note for note in back.notes if note.what == "fleet_too_small"]
    refused = 0 if most >= max(minutes) else 2  # who is too far for any driver is not left for want of vehicles
    assert [note.details["n_tps"] for note in short] == ([len(left) - refused] if len(left) > refused else [])


def of_days(row, n, sulit="", **leg):
    """Inputs of a world whose boxes come to the PPK by one motorcycle, on `n` evenings if they must."""
    rows = (*fleet(PU=None, MT={"count": 1} | row), *COURIERS)
    kembali = (BOXES[0] | {"end_day": n} | leg, BOXES[1] | {"end_day": n + 1}, *COPIES)
    return drawn(LINE, tps=TPS, sulit=sulit, rows=rows, kembali=kembali, weather=CALM)


@cache
def brought():
    """Plan the way out, by as many as it takes."""
    return make_plan(of_days({"count": 5}, 1))


def in_days(row, n, **leg):
    """Plan the way back from there, with `n` evenings on which a working day can begin."""
    inputs, out = of_days(row, n, **leg), brought()
    back = bring_back(inputs, out.tps, out.kits, out.stops, out.travel, ())
    plan = replace(out, inputs=inputs, notes=back.notes, **back.layers)
    assert of_the_way_back(plan) == set()
    return plan


def of_the_way_back(plan):
    """Name what is wrong with the way back."""
    return {(problem.what, problem.value) for problem in judge(plan) if "back" in problem.what}


@pytest.mark.parametrize(("count", "most", "n"), [(1, 28, 2), (1, 32, 3), (1, 56, 2), (1, 56, 3), (2, 32, 2)])
def test_who_has_done_a_days_work_goes_on_a_day_later_until_as_much_is_back_as_can_be(count, most, n):
    plan = in_days({"count": count, "jam_sopir": most / 60}, n)
    left, trips = plan.back_unserved.query("stage == 'boxes-ppk'"), fetching(plan)
    assert len(left) == best([24, 24, 24, 32, 32], count * n, most)[0]
    assert set(left["reason"]) <= {"no_time"}
    table = shifts(plan).query("fleet == 'MT' and way == 'kembali'")
    assert table["n_trips"].sum() == len(trips) == 5 - len(left)
    assert (table["hours"] <= most / 60).all()
    assert (table["days"] == 1).all()
    for _, begins in table.sort_values("begins").groupby("vehicle")["begins"]:
        assert (begins.diff().dropna() >= pd.Timedelta(days=1)).all()


def test_who_makes_as_many_trips_as_he_may_on_a_day_makes_more_on_the_next():
    plan = in_days({"max_trips": 2}, 3)
    assert plan.back_unserved.empty
    trips = fetching(plan)
    assert trips["trip_no"].tolist() == [1, 2, 3, 4, 5]
    assert trips["wave"].tolist() == ["kembali"] * 2 + ["kembali H+1"] * 2 + ["kembali H+2"]
    assert trips["depart"].dt.day.tolist() == [14, 14, 15, 15, 16]
    fewer = replace(plan, inputs=of_days({"max_trips": 1}, 3))
    told = [case.details["wanted"] for case in judge(fewer) if (case.what, case.value) == ("promise_back", VEHICLE)]
    assert told == ["<= 1"] * 2


def test_the_judge_finds_a_working_day_that_begins_too_soon_after_the_one_before():
    plan = in_days({"jam_sopir": 56 / 60}, 3)
    trips = fetching(plan)
    first, last = trips.index[0], trips.index[-1]
    assert plan.back_trips["depart_latest"][first] < plan.back_trips["depart_latest"][last] - pd.Timedelta(days=1)
    soon = plan.back_trips.copy()
    later = plan.back_trips["depart_latest"][last] - pd.Timedelta(hours=23)
    soon.loc[first, "depart_latest"] = later
    assert ("promise_back", first) in of_the_way_back(replace(plan, back_trips=soon))
    hours = pd.Timedelta(hours=2)
    own = plan.back_trips["vehicle"] == trips["vehicle"].iloc[0]
    own &= plan.back_trips["wave"] != "kembali"
    soon = plan.back_trips.assign(
        **{name: plan.back_trips[name].mask(own, plan.back_trips[name] - hours) for name in ("depart", "back")}
    )
    assert ("promise_driver_back", VEHICLE) in of_the_way_back(replace(plan, back_trips=soon))


def test_what_is_left_of_a_days_trips_is_driven_before_the_next_day_begins():
    light = {"daylight_only": True, "max_trips": 4}
    plan = in_days(light, 3, start=dt.time(16, 50))  # two trips until six, two the next morning, and one that afternoon
    assert plan.back_unserved.empty
    trips = fetching(plan)
    assert trips["depart"].dt.strftime("%d %H").tolist() == ["14 17", "14 17", "15 06", "15 06", "15 17"]
    assert trips["wave"].tolist() == ["kembali"] * 2 + ["kembali H+1"] * 3


def test_a_working_day_may_last_until_after_midnight():
    plan = in_days({"max_trips": 1}, 2, handover_minutes_per_tps=300.0)
    trips = fetching(plan)
    assert trips["depart"].dt.strftime("%d %H:%M").tolist() == ["14 20:10", "15 20:10"]
    assert trips["back"].dt.day.tolist() == [15, 16]


def test_the_judge_finds_that_a_vehicle_that_goes_nowhere_would_have_fetched_what_is_left():
    plan = in_days({"count": 2, "max_trips": 1, "jam_sopir": 1.0}, 1)
    left = plan.back_unserved.query("stage == 'boxes-ppk'")
    assert len(left) == 3
    for more, leg, found in (
        ({}, {}, 0),
        ({"count": 3}, {}, 3),
        ({"count": 3, "jam_sopir": 0.4}, {}, 1),  # the others are too far for so short a day
        ({"count": 3, "jam_sopir": 0.3}, {}, 0),
        ({"count": 3, "daylight_only": True}, {}, 3),
        ({"count": 3, "daylight_only": True}, {"end": dt.time(6, 20)}, 0),
    ):
        row = {"count": 2, "max_trips": 1, "jam_sopir": 1.0} | more
        told = judge(replace(plan, inputs=of_days(row, 1, **leg)))
        idle = [case.value for case in told if case.what == "promise_back" and case.details["wanted"] == "MT"]
        assert len(idle) == found, row


def test_who_is_fetched_only_on_a_later_day_is_told():
    plan = in_days({"jam_sopir": 56 / 60}, 3)
    told = {note.details["day"]: note.details["n_tps"] for note in plan.notes if note.what == "back_later_day"}
    trips = fetching(plan)
    later = trips[trips["wave"] != "kembali"]
    assert told == later.groupby(later["depart"].dt.strftime("%Y-%m-%d"))["n_tps"].sum().to_dict() != {}


def test_planned_again_with_a_vehicle_less_boxes_come_back_on_another_day_and_that_is_said():
    inputs = of_days({"count": 2, "jam_sopir": 90 / 60}, 2, sulit="A")  # on the way out there are two days, too
    plan = make_plan(inputs)
    assert set(fetching(plan)["wave"]) == {"kembali"}
    delta = replan(plan, inputs, broken=[VEHICLE])
    after = fetching(delta.after)
    assert delta.after.broken == ()
    assert set(after["wave"]) == {"kembali", "kembali H+1"}
    assert (after["depart"].dt.day == 14 + (after["wave"] == "kembali H+1")).all(), "a later day is called by its name"
    n = int(after.loc[after["wave"] == "kembali H+1", "n_tps"].sum())
    said = f"BACK ON ANOTHER DAY, boxes of {n} TPS (boxes-ppk): 2024-02-14 before, 2024-02-15 now"
    assert said in headlines(delta, "en")
    assert said in lines(delta, "en")
    assert len(delta.back_days.xs("boxes-ppk", level="stage")) == n


@pytest.mark.parametrize("asked", [{"now": at(14, "20:10:00")}, {"done": ["H0-PPK-1-MT-01-1"]}])
def test_what_is_on_its_way_back_cannot_be_planned_again(asked):
    inputs = of_days({"count": 2, "jam_sopir": 72 / 60}, 2)
    plan = make_plan(inputs)
    with pytest.raises(InputProblems) as refused:
        replan(plan, inputs, broken=[VEHICLE], **asked)
    assert [problem.what for problem in refused.value.problems] == ["way_back_begun"]
    replan(plan, inputs, broken=[VEHICLE], now=at(14, "20:09:59"))


@given(st.lists(st.integers(0, 10 * DAY_S), max_size=12))
def test_a_working_day_begins_with_its_first_trip_and_a_day_after_the_one_before_at_the_earliest(departs):
    begins = day_begins(sorted(departs))
    assert all(depart - DAY_S < begin <= depart for begin, depart in zip(begins, sorted(departs), strict=True))
    assert all(begin == last or begin - last >= DAY_S for last, begin in pairwise(begins))
    assert set(begins) <= set(departs)


def test_a_second_less_than_the_day_takes_is_too_little_and_the_drive_home_belongs_to_it():
    row = {"count": 2, "pulang_ke": "GUDANG-1", "jam_sopir": 1.0}
    rows = (OWN["TR"], OWN["PU"] | row)
    plan = make_plan(drawn("G---P---A", kembali=BOXES, rows=rows, weather=CALM))
    assert plan.broken == ()
    (day,) = shifts(plan).query("fleet == 'PU' and way == 'kembali'").to_dict("records")
    trip, home = "H0-PPK-1-PU-01-1", plan.back_legs["arrive"]["H0-PPK-1-PU-01-1", 3]
    assert (day["ends"], day["begins"]) == (home, plan.back_trips["depart"][trip])
    assert home == plan.back_trips["back"][trip] + UNLOAD + pd.Timedelta(minutes=4)

    def asked(seconds):
        hours = (home - day["begins"]).total_seconds() / 3600 + seconds / 3600
        rows = (OWN["TR"], OWN["PU"] | row | {"jam_sopir": hours})
        inputs = drawn("G---P---A", kembali=BOXES, rows=rows, weather=CALM)
        return inputs, bring_back(inputs, plan.tps, plan.kits, plan.stops, plan.travel, ())

    inputs, enough = asked(0)
    assert enough.back_unserved.empty
    assert enough.back_trips["depart_latest"][trip] == enough.back_trips["depart"][trip]
    exact = replace(plan, inputs=inputs, **enough.layers)
    assert of_the_way_back(exact) == set()
    later = enough.back_trips.assign(depart_latest=enough.back_trips["depart_latest"] + pd.Timedelta(seconds=1))
    assert {what for what, _ in of_the_way_back(replace(exact, back_trips=later))} == {"promise_back"}
    inputs, short = asked(-1)
    assert short.back_unserved["reason"].tolist() == ["no_time"]
    assert ("promise_driver_back", "PPK-1-PU-01") in of_the_way_back(replace(exact, inputs=inputs))


def test_what_one_driver_may_not_do_another_one_does_and_in_the_storm_he_begins_when_it_is_light():
    for count, hours, wanted in ((2, 1.4, 1), (3, 1.4, 0), (2, 1.3, 2)):
        back = bring_back(one_by_one({"count": count, "jam_sopir": hours}), *known(calm=False), ())
        assert back.back_unserved.empty
        late = fetching(back).groupby("vehicle")["back_late"].max() + UNLOAD - at(15, "06:10:00")
        over = {vehicle: str(day.seconds // 60) for vehicle, day in late.items() if day.seconds > hours * 3600}
        named = {n.value: n.details["menit"] for n in back.notes if n.what == "back_driver_risk"}
        assert (named, len(over)) == (over, wanted)


@pytest.mark.parametrize(("hours", "vehicles"), [(None, 1), (10.0, 2), (1.1, 4)])
def test_no_driver_waits_for_the_morning_while_another_one_stands_idle(hours, vehicles):
    evening = {"start": dt.time(16, 30)}  # what is not loaded by six, in the storm, is loaded at six in the morning
    back = bring_back(one_by_one({"count": 5, "jam_sopir": hours}, **evening), *known(calm=False), ())
    assert fetching(back)["vehicle"].nunique() == vehicles
    assert [note.value for note in back.notes if note.what == "back_driver_risk"] == []
    night = fetching(back)["back_late"] > at(15, "06:00:00")
    assert night.any() == (hours is None)


def test_the_judge_finds_days_that_are_too_long_and_those_that_are_not_told():
    plan = make_plan(one_by_one({"count": 2, "jam_sopir": 1.4}))
    assert plan.broken == ()
    risks = [note for note in plan.notes if note.what == "back_driver_risk"]
    assert risks
    silent = replace(plan, notes=tuple(note for note in plan.notes if note not in risks))
    assert {problem.what for problem in judge(silent)} == {"promise_driver_back_late"}
    assert {problem.what for problem in judge(replace(plan, notes=plan.notes + tuple(risks[:1])))} == {
        "promise_driver_back_late"
    }
    stricter = replace(plan, inputs=one_by_one({"count": 2, "jam_sopir": 1.0}))
    found = {problem.what: problem for problem in judge(stricter) if problem.what.startswith("promise_driver_back")}
    assert found["promise_driver_back"].details["wanted"] == "<= 1"


@cache
def counted():
    """Plan a world in which pickups and a courier state hours or costs."""
    courier = COURIERS[0] | {"jam_sopir": 8.0, "biaya_tetap": 1}
    rows = (OWN["TR"], OWN["PU"] | {"biaya_tetap": 100_000, "biaya_per_km": 1_500}, courier, *COURIERS[1:])
    return make_plan(drawn("G---P---A", rows=rows, weather=CALM))


def test_the_way_back_is_in_hours_and_costs_told_apart_from_the_way_out():
    plan = counted()
    table = costs(plan).set_index(["fleet", "way"])
    assert list(table.index) == [("Pikap", "pergi"), ("Pikap", "kembali"), ("Tiga sepeda motor", "kembali")]
    assert table["km"].round(1).tolist() == [8.0, 8.0, 8.0]
    assert table["cost"].tolist() == [112_000, 112_000, 1]
    lines = told(plan, "id")
    assert lines[0].startswith("Hari kerja sopir terpanjang: kembali 0,")
    assert lines[-1] == "  biaya armada yang dinyatakan: Rp224.001; pergi Rp112.000, kembali Rp112.001"
    sheets = {sheet.file: sheet.frame for sheet in distribution(plan, "en")}
    assert sheets["sopir"]["way"].tolist() == ["out", "back", "back"]
    assert sheets["biaya"]["way"].tolist() == ["out", "back", "back"]
    assert sheets["sopir"]["km"].sum() == sheets["biaya"]["km"].sum()


def test_a_vehicle_that_fetches_for_more_than_a_day_costs_two():
    plan = counted()
    own = plan.back_trips["fleet"] == "PU"
    later = plan.back_trips["back"].mask(own, plan.back_trips["back"] + pd.Timedelta(hours=24))
    long = shifts(replace(plan, back_trips=plan.back_trips.assign(back=later)))
    assert long.query("fleet == 'PU' and way == 'kembali'")["days"].tolist() == [2]
    two = in_days({"max_trips": 9, "biaya_tetap": 1}, 2, handover_minutes_per_tps=360.0)
    mine = shifts(two).query("fleet == 'MT' and way == 'kembali'").sort_values("begins")
    assert mine["hours"].iloc[0] > 24
    assert mine["days"].tolist() == [2, 0], "the second day begins within what the first one costs"
    assert set(long.query("fleet != 'PU' or way == 'pergi'")["days"]) == {1}
