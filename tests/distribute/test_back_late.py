"""The way back in the heavier weather, in which a night leaves few hours: who is late, and that he is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from itertools import accumulate, permutations, product

import pandas as pd
import pytest
from test_distribute import at, fleet, rooms
from way_back import BOXES, COPIES, COURIERS, drawn

from kaur_gis.distribute import Older, bring_back
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan

TPS = {"A": 3, "B": 2}
LINE = "G---P---A---B"


def one_by_one(count, end=dt.time(7, 30), **changes):
    """Inputs of a world whose boxes come to the PPK on motorcycles, those of one TPS at a time, until some hour."""
    rows = (*fleet(PU=None, MT={"count": count}), *COURIERS)
    kembali = (BOXES[0] | {"end": end} | changes, *(BOXES[1] | {"end_day": 2}, *COPIES))
    return drawn(LINE, tps=TPS, rows=rows, kembali=kembali)


@cache
def known():
    """What does not change with the hours of the way back and the vehicles."""
    return rooms(one_by_one(9))[1:]


def brought(inputs, **asked):
    return bring_back(inputs, *known(), (), **asked)


def trips_to_the_ppk(back):
    trips = back.back_trips[back.back_trips["stage"] == "boxes-ppk"]
    return trips.sort_values(["vehicle", "trip_no"])


def fewest_late(count, minutes):
    """Every way to share the trips out: how many are late at least, and how many vehicles that takes."""
    durations = [32] * TPS["A"] + [48] * TPS["B"]  # from loading until it is back, in the heavier weather

    def late(own):
        return min(sum(at > minutes for at in accumulate(order)) for order in permutations(own))

    late = cache(late)
    ways = product(range(count), repeat=len(durations))
    shared = (
        [tuple(d for d, driver in zip(durations, way, strict=True) if driver == v) for v in set(way)] for way in ways
    )
    return min((sum(map(late, days)), len(days)) for days in shared)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("end", [(6, 40), (7, 0), (7, 30), (8, 30)])
def test_as_few_as_can_be_are_late_in_the_heavier_weather_by_as_few_vehicles_as_that_takes(count, end):
    back = brought(one_by_one(count, dt.time(*end)))
    trips, by = trips_to_the_ppk(back), at(15, f"{end[0]:02d}:{end[1]:02d}:00")
    assert (trips["back"] <= by).all(), "nobody is left behind for it"
    assert back.back_unserved.empty
    late = int((trips["back_late"] > by).sum())
    assert (late, trips["vehicle"].nunique()) == fewest_late(count, 60 * end[0] + end[1] - 360)
    told = [note.details["n_tps"] for note in back.notes if note.what == "back_late_risk"]
    assert told == ([late] if late else [])


def test_where_nothing_waits_for_light_one_vehicle_does_what_three_do_else():
    brave = brought(one_by_one(3, storm_waits=False))
    assert set(trips_to_the_ppk(brave)["vehicle"]) == {"PPK-1-MT-01"}
    assert trips_to_the_ppk(brought(one_by_one(3)))["vehicle"].nunique() == 3


def test_a_trip_of_an_older_way_back_that_would_be_late_goes_to_another_vehicle_and_no_solver_is_asked():
    def nobody(_, **__):
        raise LookupError

    brave, careful = one_by_one(3, storm_waits=False), one_by_one(3)
    was = brought(brave)
    again = brought(careful, solver=nobody, older=Older(was.back_trips, was.back_loads))
    assert trips_to_the_ppk(again)["vehicle"].nunique() == 3
    assert (trips_to_the_ppk(again)["back_late"] <= at(15, "07:30:00")).all()
    same = brought(careful, solver=nobody, older=Older(again.back_trips, again.back_loads))
    pd.testing.assert_frame_equal(same.back_trips, again.back_trips)


def test_what_is_late_anyhow_is_shared_out_so_that_it_is_so_by_less():
    back = brought(one_by_one(2, dt.time(6, 40)))
    number = trips_to_the_ppk(back).groupby("vehicle")["trip_no"].max()
    assert sorted(number) == [2, 3]


def test_nobody_is_given_more_than_the_planned_day_holds():
    back = brought(one_by_one(3, dt.time(7), start_day=1, start=dt.time(5, 45)))
    trips = trips_to_the_ppk(back)
    assert back.back_unserved.empty
    assert (trips["back"] <= at(15, "07:00:00")).all()
    assert (trips["back_late"] > at(15, "07:00:00")).sum() == fewest_late(3, 60)[0]


def test_the_judge_sees_who_is_late_and_not_named_and_a_vehicle_that_could_have_helped():
    plan = make_plan(one_by_one(2))
    assert plan.broken == ()

    def told(some):
        return [(case.value, case.details["found"], case.details["wanted"]) for case in judge(some)]

    assert told(replace(plan, notes=())) == [("PPK-1", "boxes-ppk: 0", "boxes-ppk: 1")]
    fleets = tuple(
        row.model_copy(update={"count": 3}) if row.kode == "MT" else row for row in plan.inputs.operation.fleet
    )
    operation = plan.inputs.operation.model_copy(update={"fleet": fleets})
    helped = told(replace(plan, inputs=replace(plan.inputs, operation=operation)))
    (trip,) = plan.back_trips.index[plan.back_trips["back_late"].eq(at(15, "07:52:00"))]
    assert helped == [(trip, "2024-02-15 07:52:00", "2024-02-15 06:32:00 (PPK-1-MT)")]
