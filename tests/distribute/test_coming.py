"""A vehicle that ends its day elsewhere comes back to its base, empty, before it is loaded again."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pandas as pd
import pytest
from test_distribute import at, reasons, routes_of
from test_objective import again, rows_of, small
from world import kode_tps, world

from kaur_gis.costs import costs
from kaur_gis.cut.rain import OnDay, _Trips
from kaur_gis.cut.spare import spares
from kaur_gis.distribute import distribute, kept_of
from kaur_gis.distribute.chain import chain_of
from kaur_gis.distribute.coming import no_time_to_come
from kaur_gis.judge import judge
from kaur_gis.judge.coming import standing
from kaur_gis.judge.facts import Facts
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.write.distribution import distribution
from kaur_gis.write.gps import write_gpx
from kaur_gis.write.sheets.routes import content

LINE = "G---P---A---B"
NO_WAY = "B---A---P>--O\n        |   :\n        G...+"
DAYLIGHT = {"sunrise": dt.time(7), "sunset": dt.time(18), "sumber": "contoh"}
FIRST, NEXT = "H2-PPK-1-PU-01-1", "H1-PPK-1-PU-01-1"


def asked(rows: dict[str, object] | None = None, sulit: str = "A", **sections) -> dict[str, object]:
    """Ask that TPS that are hard to reach go the day before the others, all by pickups."""
    row = {"count": 1, "pulang_ke": "GUDANG-1", "akses": ("biasa", "sulit"), "biaya_per_km": 1000} | (rows or {})
    return {"sulit": sulit, "fleet": small(**row), **sections}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(world(LINE, **asked()))


def test_who_ended_his_day_elsewhere_comes_empty_before_he_is_loaded_also_in_the_heavier_weather(plan):
    assert plan.broken == ()
    (leg,) = plan.legs.xs(0, level="order").reset_index().to_dict("records")
    assert (leg["kode_trip"], leg["from_stop"], leg["to_stop"]) == (NEXT, "GUDANG-1", "PPK-1")
    assert (leg["seconds"], leg["metres"]) == (4 * 60, 4000)
    assert leg["arrive_late"] == plan.trips["depart"][NEXT] - pd.Timedelta(minutes=10)
    assert leg["arrive"] == leg["arrive_late"] - pd.Timedelta(minutes=4)
    assert plan.trips["metres"][NEXT] == 4000 + 8000 + 12000
    assert costs(plan)["km"].tolist() == [12 + 24]


def test_the_empty_drive_stands_on_the_sheet_in_the_table_and_in_the_phone(plan, tmp_path):
    (told,) = [dict(trip["facts"]) for trip in content(plan, "en")["trips"] if trip["code"] == NEXT]
    assert re.match(r"from .+, departs 06:12, arrives 06:16; 4[.0]* km, 4 min", told["Comes empty"])
    legs = next(table.frame for table in distribution(plan, "id") if table.file == "ruas")
    assert legs[legs["kode_trip"] == NEXT]["order"].tolist() == [0, 1, 2]
    gpx = next(file for file in write_gpx(plan, tmp_path, "id") if "PU-01" in file.name).read_text()
    assert gpx.count("<trkseg>") == 2 + 3
    assert f"{NEXT}: dari sini kosong ke pangkalan, berangkat 2024-02-13 06:12" in gpx


@pytest.fixture(scope="module")
def two() -> Plan:
    return make_plan(world("G---P---A---B---C", **asked({"count": 2, "max_trips": 1})))


def test_who_did_not_drive_the_day_before_stands_at_his_base(two):
    assert two.broken == ()
    assert {NEXT, NEXT.replace("01-1", "02-1")} <= set(two.trips.index)
    assert set(two.legs.xs(0, level="order").index) == {NEXT}
    for same in (asked(sulit=""), asked({"pulang_ke": "PPK-1"})):
        assert routes_of(LINE, **same).legs.index.get_level_values("order").min() == 1


def test_the_empty_drive_counts_in_the_hours_of_the_driver_and_by_day_begins_after_sunrise():
    enough = routes_of(LINE, **asked({"jam_sopir": 44 / 60 + 0.001}))  # 8 minutes to come, 10 to load, 26 for the trip
    assert enough.unserved.empty
    assert reasons(routes_of(LINE, **asked({"jam_sopir": 44 / 60 - 0.001}))) == {kode_tps("B"): ("ppk-tps", "no_time")}
    bright = routes_of(LINE, **asked({"daylight_only": True}, daylight=DAYLIGHT))
    assert bright.legs["depart"][NEXT, 0] == at(13, "07:00:00")
    assert bright.trips["depart"][NEXT] == at(13, "07:18:00")


def test_who_may_have_no_road_back_to_his_base_in_the_heavier_weather_is_not_sent_the_day_after():
    storm = {"plan": "kering", "late": "hujan_lebat"}
    found = make_plan(world(NO_WAY, **asked({"pulang_ke": "POLSEK-1"}, weather=storm)))
    assert found.broken == ()
    assert reasons(found) == {kode_tps("B"): ("ppk-tps", "no_way_back")}


@pytest.fixture(scope="module")
def stood() -> Plan:
    """Two pickups; the one that was out the day before has no road back to its base in the heavier weather."""
    storm = {"plan": "kering", "late": "hujan_lebat"}
    return make_plan(world(NO_WAY, **asked({"pulang_ke": "POLSEK-1", "count": 2}, weather=storm)))


def test_who_stood_idle_the_day_before_need_not_come_to_his_base(stood):
    assert (stood.broken, stood.unserved.empty) == ((), True)
    out = stood.trips[stood.trips["fleet"] == "PU"].groupby("wave")["vehicle"].agg(set)
    assert out["H-1"].isdisjoint(out["H-2"])
    few = 44 / 60 - 0.001  # less than to come, to load and to drive the trip, but enough without coming
    rested = make_plan(world(LINE, **asked({"jam_sopir": few, "count": 2})))
    assert (rested.broken, rested.unserved.empty) == ((), True)
    assert set(rested.legs.index.get_level_values("order")) == {1, 2}


def test_the_judge_knows_that_who_stands_at_his_base_for_the_next_day_is_not_out():
    stays = make_plan(world(LINE, tps={"A": 1, "B": 2}, **asked({"akses": ("biasa",)})))
    assert reasons(stays) == {kode_tps("A"): ("ppk-tps", "no_fleet")}
    assert stays.broken == ()


def test_whose_trip_that_stays_leaves_no_time_to_come_is_not_out_the_day_before(stood, two):
    (trip,) = stood.trips.index[(stood.trips["fleet"] == "PU") & (stood.trips["wave"] == "H-1")]
    (out,) = stood.trips["vehicle"][(stood.trips["fleet"] == "PU") & (stood.trips["wave"] == "H-2")]
    row = {"count": 2, "pulang_ke": "POLSEK-1", "akses": ("biasa", "sulit"), "biaya_per_km": 1000}
    inputs = rows_of(stood, **row, rusak=(out,))
    kept = kept_of(inputs.operation, stood.trips, stood.legs, stood.loads, [trip])
    found = distribute(inputs, stood.tps, stood.kits, stood.stops, stood.travel, kept=kept)
    assert reasons(found) == {kode_tps("A"): ("ppk-tps", "no_fleet")}
    assert found.legs.index.get_level_values("order").min() == 1
    layers = {name: getattr(found, name) for name in ("trips", "legs", "loads", "unserved", "notes")}
    wrong = {problem.what for problem in judge(replace(stood, inputs=inputs, **layers))}
    assert wrong.isdisjoint({"promise_unserved", "promise_served", "promise_coming", "promise_fleet"})
    late = replace(stood, inputs=inputs, **layers | {"unserved": found.unserved.assign(reason="no_way_back")})
    assert "promise_unserved" in {problem.what for problem in judge(late)}
    other = NEXT.replace("01-1", "02-1")
    kept = kept_of(two.inputs.operation, two.trips, two.legs, two.loads, [other])
    chain = chain_of(two.inputs, two.tps, two.kits, two.stops, two.travel, kept)
    assert no_time_to_come(chain) == {1: set()}
    (fleet,) = [row for row in two.inputs.operation.fleet if row.kode == "PU"]
    assert standing(Facts(two), fleet, "PPK-1", 0) == {"PPK-1-PU-02"}, "planned with him at his base"
    stays = replace(two, trips=two.trips.assign(pinned=True))
    assert standing(Facts(stays), fleet, "PPK-1", 0) == set(), "he would have time to come"
    early = replace(kept, trips=kept.trips.assign(depart=kept.trips["depart"] - pd.Timedelta(minutes=20)))
    assert no_time_to_come(replace(chain, kept=early)) == {1: {("PPK-1", "PU", 2)}}


def test_trips_that_stay_tell_where_the_day_ended_and_when_it_began(plan):
    found = again(plan, plan.inputs, [FIRST])
    assert found.legs["from_stop"][NEXT, 0] == "GUDANG-1"
    kept = kept_of(plan.inputs.operation, plan.trips, plan.legs, plan.loads, [NEXT])
    (held,) = kept.vehicles["H-1", "PPK-1", "PU"].values()
    assert held.left_s - held.came_s == 18 * 60


def test_a_spare_starts_from_where_it_stands_and_its_driver_has_the_hours_left(two):
    other, (one, spare) = NEXT.replace("01-1", "02-1"), ("PPK-1-PU-01", "PPK-1-PU-02")
    idle = replace(two, trips=two.trips.drop(index=other))
    found = ["spare", "seconds"]
    assert spares(idle, [NEXT], [one]).loc[NEXT, found].tolist() == [spare, 0]
    out = replace(idle, trips=idle.trips.replace({"vehicle": {one: spare}}))
    out.trips.loc[NEXT, "vehicle"] = one
    assert spares(out, [NEXT], [one]).loc[NEXT, found].tolist() == [spare, 240]  # it ended the day before at the gudang
    row = {"count": 2, "max_trips": 1, "pulang_ke": "GUDANG-1", "akses": ("biasa", "sulit")}
    day_s = (two.trips["back"] - two.trips["depart"])[NEXT].total_seconds() + 10 * 60
    for more_s, named in ((1, spare), (-1, "")):
        inputs = rows_of(two, **row, jam_sopir=(day_s + more_s) / 3600)
        assert spares(replace(idle, inputs=inputs), [NEXT], [one]).loc[NEXT, "spare"] == named


def test_trips_that_stay_gain_or_lose_the_empty_drive_as_the_day_before_is_driven_by_another(two):
    inputs = rows_of(two, count=2, max_trips=1, pulang_ke="GUDANG-1", akses=("biasa", "sulit"), rusak=("PPK-1-PU-01",))
    other = NEXT.replace("01-1", "02-1")
    found = again(two, inputs, [NEXT, other])
    assert set(found.legs.xs(0, level="order").index) == {other}
    assert found.trips["metres"][[NEXT, other]].tolist() == [
        two.trips["metres"][NEXT] - 4000,
        two.trips["metres"][other] + 4000,
    ]
    line, was = found.legs.geometry[other, 0], two.legs.geometry[NEXT, 0]
    assert line.equals(was)
    driven = {"trips": found.trips.assign(pinned=False), "legs": found.legs, "loads": found.loads}
    broken = {problem.what for problem in judge(replace(two, inputs=inputs, **driven))}
    assert broken == {"promise_fleet"}  # the broken one drives


@pytest.mark.parametrize(
    ("column", "minutes"), [("depart", 5), ("depart", -30), ("arrive", 1), ("arrive_late", 1), ("seconds", 1)]
)
def test_the_judge_finds_an_empty_drive_that_is_not_as_it_should_be(plan, column, minutes):
    legs = plan.legs.copy()
    legs.loc[(NEXT, 0), column] += minutes if column == "seconds" else pd.Timedelta(minutes=minutes)
    assert "promise_coming" in {problem.what for problem in judge(replace(plan, legs=legs))}


def test_the_judge_finds_an_empty_drive_that_is_missing(plan):
    legs = plan.legs.drop(index=(NEXT, 0))
    assert {"promise_coming", "promise_travel"} <= {problem.what for problem in judge(replace(plan, legs=legs))}
    twice = pd.concat([plan.legs, plan.legs.loc[[(NEXT, 0)]]]).sort_index()
    assert {problem.what for problem in judge(replace(plan, legs=twice))} == {"promise_references"}


def test_rain_that_stops_the_empty_drive_stops_the_trip(plan):
    trips = _Trips.of(plan)
    (trip,) = [trip for trip in trips.trips[1] if trip.came]
    ((leg, _),) = trip.came
    legs = {visit.leg: 60 for trips_of_day in trips.trips.values() for one in trips_of_day for visit in one.visits}
    weather = plan.inputs.operation.weather.plan
    assert trips.driven(1, [OnDay(legs | {leg: 60}, weather)])[0][kode_tps("B")] < float("inf")
    assert trips.driven(1, [OnDay(legs | {leg: -1}, weather)])[0][kode_tps("B")] == float("inf")
