"""The way back in several parts of its hours: before a road closes, and after it opens again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from test_distribute import at, fleet, rooms
from way_back import BOXES, COPIES, COURIERS, drawn
from world import lon_lat

import kaur_gis as kg
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.replan import replan
from kaur_gis.distribute import Older, bring_back
from kaur_gis.hours import back_waves
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.write.distribution import distribution
from kaur_gis.write.sheets.routes import content

LINE = "G---P---A---B"
BEYOND_A, BEFORE_A = 10, 6
EVENING = ("2024-02-14T20:00", "2024-02-14T22:00")
WAIT = "kembali mulai H 22.00"
MINUTE = pd.Timedelta(minutes=1)


def shut(inputs: kg.Inputs, hours: tuple[str, str] = EVENING, x: int = BEYOND_A, more: str = "") -> kg.Inputs:
    """Close the road at a place of the drawing."""
    lon, lat = lon_lat(x, 0)
    said = f"titik:{lat:.7f},{lon:.7f},100; mulai={hours[0]}; selesai={hours[1]}{more}"
    return close_roads(inputs, [closure_of(said)])


def at_night(drawing: str = LINE, **asked: object) -> kg.Inputs:
    """Draw a world whose night holds loading in either weather."""
    kembali = tuple(row | {"storm_waits": False} for row in (*BOXES, *COPIES))
    return drawn(drawing, **{"kembali": kembali} | asked)


def sound(inputs: kg.Inputs) -> kg.Plan:
    plan = make_plan(inputs)
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    return plan


@pytest.fixture(scope="module")
def usual() -> kg.Plan:
    """Give the plan of the same night on open roads."""
    return sound(drawn(LINE))


def first_leg(plan: kg.Plan, muatan: str = "kotak") -> pd.DataFrame:
    """Trips from the TPS to the PPK, in the order in which they leave."""
    trips = plan.back_trips
    return trips[(trips["muatan"] == muatan) & trips.index.str.contains("PPK")].sort_values(["depart", "vehicle"])


@pytest.fixture(scope="module")
def waiting() -> kg.Plan:
    """Give the plan of a night in which whoever lives beyond A is cut off until ten."""
    return sound(shut(drawn(LINE)))


def test_boxes_beyond_a_closed_road_wait_until_it_opens_and_the_others_do_not(waiting):
    assert waiting.back_unserved.empty
    for muatan in ("kotak", "salinan"):
        early, late = first_leg(waiting, muatan).to_dict("records")
        assert (early["wave"], early["depart"]) == ("kembali", at(14, "20:10:00"))
        assert (late["wave"], late["depart"]) == (WAIT, at(14, "22:00:00"))
        assert early["vehicle"] == late["vehicle"], "who was out before goes again"
        assert late["trip_no"] == 2
    trucks = waiting.back_trips[~waiting.back_trips.index.str.contains("PPK")]
    assert (trucks["depart"] > first_leg(waiting)["back"].max()).all()


def test_papers_tell_in_which_hours_a_trip_is_driven(waiting):
    told = {
        page["code"]: page["wave"] for page in content(waiting.brought_back("kotak"), "id", muatan="kotak")["trips"]
    }
    assert told["H0-PPK-1-PU-01-1"].startswith("Kembali, ")
    assert told["H0-PPK-1-PU-01-2"].startswith("Kembali mulai H 22.00, ")


def test_nothing_is_driven_in_parts_where_no_road_of_its_hours_is_closed(usual):
    plan = sound(shut(drawn(LINE), ("2024-02-14T12:00", "2024-02-14T20:10")))
    assert [wave.name for wave in back_waves(plan.inputs.operation)] == ["kembali", "kembali H+1"]
    pd.testing.assert_frame_equal(plan.back_trips, usual.back_trips)


def one_by_one(end: dt.time, **changes: object) -> kg.Inputs:
    """One motorcycle brings the boxes to the PPK, those of one TPS at a time, until some hour of the night."""
    boxes = BOXES[0] | {"end_day": 0, "end": end, "storm_waits": False}
    rows = (*fleet(PU=None, MT={"count": 1, "max_trips": 9} | changes), *COURIERS)
    return at_night(tps={"A": 2, "B": 3}, rows=rows, kembali=(boxes, *BOXES[1:], *COPIES))


def fetched_by_hand(hours: tuple[str, str], end: dt.time) -> int:
    """Count the TPS of these that it can fetch: each trip as early as it can be, in whatever order."""
    minutes = {"A": 14, "B": 22}  # until it is home; at 60 km/h, and six minutes there
    closes, opens = (pd.Timestamp(hour) for hour in hours)

    def most(left: dict[str, int], free: pd.Timestamp) -> int:
        found = [0]
        for kind in (kind for kind, n in left.items() if n):
            depart, lasts = free + pd.Timedelta(minutes=10), pd.Timedelta(minutes=minutes[kind])
            if kind == "B" and depart < opens and depart + lasts > closes:
                depart = max(depart, opens)
            if depart + lasts <= pd.Timestamp(dt.datetime(2024, 2, 14, end.hour, end.minute)):  # noqa: DTZ001
                found.append(1 + most(left | {kind: left[kind] - 1}, depart + lasts))
        return max(found)

    return most({"A": 2, "B": 3}, at(14, "20:00:00"))


@pytest.mark.parametrize(
    ("closes", "opens", "end", "parts"),
    [
        ("20:00", "22:00", dt.time(23, 40), {"kembali", WAIT}),
        ("20:00", "21:00", dt.time(22), {"kembali", "kembali mulai H 21.00"}),
        ("21:10", "23:59", dt.time(22, 30), {"kembali", "kembali s.d. H 21.10"}),
        ("20:45", "22:00", dt.time(23), {"kembali", "kembali s.d. H 20.45", WAIT}),
        ("20:00", "23:59", dt.time(23, 40), {"kembali"}),
    ],
)
def test_one_vehicle_fetches_before_the_road_closes_and_after_it_opens_what_can_be_fetched(closes, opens, end, parts):
    hours = f"2024-02-14T{closes}", f"2024-02-14T{opens}"
    plan = sound(shut(one_by_one(end), hours))
    trips = first_leg(plan)
    assert trips["n_tps"].sum() == fetched_by_hand(hours, end)
    assert set(trips["wave"]) == parts
    assert trips["trip_no"].tolist() == list(range(1, len(trips) + 1))
    left = 5 - trips["n_tps"].sum()
    reason = "no_road" if parts == {"kembali"} else "no_time"
    assert plan.back_unserved["reason"].tolist() == [reason] * left


def test_the_hours_of_a_driver_hold_in_all_parts_together():
    rested = sound(shut(one_by_one(dt.time(23, 40), jam_sopir=2.6)))
    trips = first_leg(rested)
    assert trips["back"].max() + pd.Timedelta(minutes=10) - trips["depart"].min() <= pd.Timedelta(hours=2.6)
    assert len(trips) < 5, "all could be fetched in longer hours"


def test_who_goes_on_from_the_base_goes_out_once_and_on_roads_of_its_hours():
    trips = first_leg(sound(shut(one_by_one(dt.time(23, 10), count=2, pulang_ke="GUDANG-1"))))
    assert trips.groupby("vehicle")["wave"].nunique().tolist() == [1, 1]
    own_road = sound(shut(one_by_one(dt.time(23, 40), pulang_ke="GUDANG-1"), x=2))  # he is not home before ten
    assert set(first_leg(own_road)["wave"]) == {WAIT}


def test_a_longer_way_is_driven_unless_who_waits_is_less_late():
    around = """
        G---P---A---B
            |       |
            +-------+
    """
    plan = sound(shut(at_night(around)))
    assert set(plan.back_trips["wave"]) == {"kembali"}, "eight kilometres more, and home before ten"


def test_boxes_wait_for_daylight_where_a_road_is_closed_by_night():
    lon, lat = lon_lat(BEYOND_A, 0)
    plan = sound(close_roads(drawn(LINE), [closure_of(f"titik:{lat:.7f},{lon:.7f},100; malam=ya")]))
    assert plan.back_unserved.empty
    assert first_leg(plan)["wave"].tolist() == ["kembali", "kembali mulai H+1 06.00"]


def test_parts_lie_between_closures():
    long = (BOXES[0] | {"end_day": 2}, BOXES[1] | {"end_day": 2}, *COPIES)
    twice = shut(drawn(LINE, kembali=long), ("2024-02-14T20:00", "2024-02-14T22:00"))
    twice = shut(twice, ("2024-02-15T06:00", "2024-02-15T20:30:30"), x=BEFORE_A, more="; kendaraan=pickup")
    names = [wave.name.removeprefix("kembali ") for wave in back_waves(twice.operation)]
    assert names == [
        "kembali", "s.d. H+1 06.00", "mulai H 22.00 s.d. H+1 06.00", "mulai H 22.00", "H+1", "mulai H+1 20.30.30",
        "H+2",
    ]  # fmt: skip
    assert [wave.part_of for wave in back_waves(twice.operation)] == [None, *["kembali"] * 6]


SECOND_DAY = "kembali H+2"


def by_day(end_day: int, closed: tuple[str, str] | None = None, **changes: object) -> kg.Plan:
    """Plan a night and some days in which one motorcycle fetches by day alone, three hours and more for each TPS."""
    boxes = BOXES[0] | {"end_day": end_day, "end": dt.time(18), "handover_minutes_per_tps": 180.0}
    rows = (*fleet(PU=None, MT={"count": 1, "max_trips": 9, "daylight_only": True} | changes), *COURIERS)
    later = BOXES[1] | {"end_day": 4}
    inputs = drawn(LINE, tps={"A": 2, "B": 3}, rows=rows, kembali=(boxes, later, *COPIES))
    return sound(shut(inputs, closed) if closed else inputs)


def test_who_is_not_out_in_the_dark_goes_on_the_next_day():
    short, plan = by_day(1), by_day(2)
    assert (short.back_unserved["reason"].tolist(), plan.back_unserved.empty) == (["no_time"] * 2, True)
    trips = first_leg(plan)
    assert trips["wave"].tolist() == ["kembali"] * 3 + [SECOND_DAY] * 2
    assert trips["depart"].dt.day.tolist() == [15, 15, 15, 16, 16]
    assert (trips["depart"].dt.hour >= 6).all()
    assert (trips["back"].dt.hour < 18).all()
    lasts = trips["depart_latest"] - trips["depart"] + trips["back"]
    assert lasts.max() == at(16, "18:00:00"), "the last one of the second day may be home by its sunset"
    assert lasts[trips["wave"] == "kembali"].max() == at(15, "18:00:00")


def test_a_road_that_is_closed_on_the_evening_between_them_is_open_on_both_days():
    plan = by_day(2, ("2024-02-15T18:30", "2024-02-15T23:00"))
    assert plan.back_unserved.empty
    assert set(first_leg(plan)["depart"].dt.day) == {15, 16}


def test_who_can_fetch_all_on_the_first_day_does():
    assert set(first_leg(by_day(2, count=2))["wave"]) == {"kembali"}


def test_the_judge_refuses_who_drives_a_closed_road_or_outside_the_hours_of_his_part(waiting):
    trips, code = waiting.back_trips, first_leg(waiting).index[-1]

    def broken(**changes: object) -> set[str]:
        other = trips.copy()
        for name, value in changes.items():
            other.loc[code, name] = value
        return {f"{case.what} {case.value}" for case in judge(replace(waiting, back_trips=other))}

    assert broken() == set()
    assert f"promise_back {code}" in broken(wave="kembali"), "in all the hours of the leg the road is closed"
    assert broken(wave="besok") == {f"promise_back {code}"}
    legs = waiting.back_legs.copy()
    own = legs.index.get_level_values("kode_trip") == code
    for name in ("depart", "arrive", "arrive_late"):
        legs.loc[own, name] -= pd.Timedelta(minutes=30)
    early = trips.copy()
    early.loc[code, ["depart", "depart_latest", "back", "back_late"]] -= pd.Timedelta(minutes=30)
    found = judge(replace(waiting, back_trips=early, back_legs=legs))
    said = {(case.what, case.value, case.details["wanted"]) for case in found}
    assert any(value == f"{code} 1" and wanted.startswith("titik:") for _, value, wanted in said)
    assert ("promise_back", code, "2024-02-14 22:00:00..2024-02-15 12:00:00") in said
    gone = judge(replace(waiting, back_trips=trips.drop(code), back_loads=waiting.back_loads.drop(code)))
    assert gone, "boxes that nobody fetches are missed"


def test_the_judge_wants_who_can_be_fetched_in_a_part_not_to_be_left_for_want_of_a_road():
    plan = sound(shut(one_by_one(dt.time(22)), ("2024-02-14T20:00", "2024-02-14T21:50")))
    assert set(plan.back_unserved["reason"]) == {"no_time"}
    said = plan.back_unserved.assign(reason="no_road").astype({"reason": "str"})
    found = judge(replace(plan, back_unserved=said))
    assert {(case.details["found"], case.details["wanted"]) for case in found} == {("no_road", "no_time")}


def test_a_closure_at_night_changes_what_is_beyond_it_alone_and_nothing_changes_without_one(usual, waiting):
    delta = replan(usual, shut(usual.inputs))
    assert delta.after.broken == ()
    pd.testing.assert_frame_equal(delta.after.back_trips, waiting.back_trips)
    changed = set(delta.sheets.index[delta.sheets["state"] != "valid"])
    assert "H0-PPK-1-PU-01-2" in str(changed)
    same = replan(waiting, waiting.inputs)
    assert set(same.sheets["state"]) == {"valid"}
    pd.testing.assert_frame_equal(same.after.back_trips, waiting.back_trips)


def test_an_older_way_back_in_parts_stays_as_it_is_and_no_solver_is_asked(waiting):
    def nobody(_, **__):
        raise LookupError

    way = waiting.way_back
    again = bring_back(*rooms(waiting.inputs), (), solver=nobody, older=Older(way.trips, way.loads))
    pd.testing.assert_frame_equal(again.back_trips, waiting.back_trips)


def test_tables_tell_the_parts(waiting):
    (trips,) = (table for table in distribution(waiting, "en") if table.file == "kembali_perjalanan")
    said = dict(zip(trips.frame["kode_trip"], trips.frame["wave"], strict=True))
    assert (said["H0-PPK-1-PU-01-1"], said["H0-PPK-1-PU-01-2"]) == ("way back", "way back mulai H 22.00")
