"""Closures with hours: whom they concern, on which day, and that nobody drives over what is closed then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.replan import replan
from kaur_gis.distribute.stages import chain_of
from kaur_gis.hours import Held, Hours
from kaur_gis.judge import judge
from kaur_gis.problems import TravelError
from kaur_gis.write.layers import write_exact

LOOP = """
    G---P---A---B
    |       |   |
    +-------C---D
"""
"""Two ways to everybody: the loop is longer."""
WAVES = [
    {"name": "H-2", "days_before": 2, "akses": ["sulit"], "deadline": dt.time(18)},
    {"name": "H-1", "days_before": 1, "akses": [], "deadline": dt.time(18)},
]
EVENING = {"daylight": {"sunrise": dt.time(6), "sunset": dt.time(18), "sumber": "perkiraan"}}
A_B = (10, 0)
"""Middle of the road from A to B."""
P_A = (6, 0)


def closure(at: tuple[float, float], start: str = "", end: str = "", **more: object) -> kg.RoadClosure:
    lon, lat = lon_lat(*at)
    hours = (f"; {key}={value}" for key, value in (("mulai", start), ("selesai", end)) if value)
    asked = closure_of(f"titik:{lat:.7f},{lon:.7f},100" + "".join(hours))
    return asked.model_copy(update=more)


def planned(*closures: kg.RoadClosure, drawing: str = LOOP, **sections: object) -> kg.Plan:
    sections = {"sulit": "D", "waves": WAVES} | sections
    plan = kg.make_plan(close_roads(world(drawing, **sections), closures))
    assert plan.broken == ()
    return plan


def of_day(plan: kg.Plan, wave: str, layer: str = "legs") -> pd.DataFrame:
    codes = plan.trips.index[plan.trips["wave"] == wave]
    frame = getattr(plan, layer)
    return pd.DataFrame(frame[frame.index.get_level_values("kode_trip").isin(codes)])


def same_day(one: kg.Plan, other: kg.Plan, wave: str) -> bool:
    return all(of_day(one, wave, layer).equals(of_day(other, wave, layer)) for layer in ("trips", "legs", "loads"))


def test_a_closure_on_one_day_leaves_the_trips_of_the_other_day_as_they_are() -> None:
    usual = planned()
    early = planned(closure(A_B, "2024-02-12T06:00", "2024-02-12T12:00"))
    assert same_day(usual, early, "H-1")
    assert not same_day(usual, early, "H-2")
    late = planned(closure(A_B, "2024-02-13T06:00", "2024-02-13T12:00"))
    assert same_day(usual, late, "H-2")
    assert not same_day(usual, late, "H-1")
    both = planned(closure(A_B))
    assert of_day(early, "H-2")["seconds"].tolist() == of_day(both, "H-2")["seconds"].tolist()
    assert of_day(late, "H-1")["seconds"].tolist() == of_day(both, "H-1")["seconds"].tolist()
    assert guards(early) == guards(late) == guards(usual) != guards(both)  # they are out on voting day


def guards(plan: kg.Plan) -> list[list[int]]:
    return plan.travel["motor", "kering"].seconds.tolist()


def test_a_closure_of_other_hours_or_off_all_roads_in_use_changes_no_trip() -> None:
    usual = planned()
    for idle in (
        closure(A_B, "2024-02-13T20:00", "2024-02-14T00:00"),  # all are home by then
        closure(A_B, "2024-02-12T00:00", "2024-02-12T06:10"),  # and load until then
        closure((1, 2), "2024-02-12T06:00", "2024-02-12T12:00"),
    ):
        plan = planned(idle)
        assert same_day(usual, plan, "H-1")
        assert same_day(usual, plan, "H-2")
    same = replan(usual, close_roads(usual.inputs, [closure(A_B, "2024-02-13T20:00", "2024-02-14T00:00")]))
    assert set(same.sheets["state"]) == {"valid"}


def test_a_stage_whose_hours_end_before_takes_the_open_road() -> None:
    morning = world("G---P---A").operation.stages[0].model_dump() | {"end": dt.time(10)}
    after = morning | {"name": "ppk-tps", "origin": "ppk", "target": "tps", "start": dt.time(11), "end": dt.time(20)}
    drawing = """
        G---P---A
        |   |
        +---+
    """
    asked = {"drawing": drawing, "stages": [morning, after], "sulit": "", "waves": WAVES[1:]}
    usual = planned(**asked)
    plan = planned(closure((2, 0), "2024-02-13T11:00", "2024-02-13T20:00"), **asked)
    assert same_day(usual, plan, "H-1")
    first = planned(closure((2, 0), "2024-02-13T09:00", "2024-02-13T09:30"), **asked)
    assert first.trips["seconds"].tolist()[0] > usual.trips["seconds"].tolist()[0]
    assert first.trips["seconds"].tolist()[1:] == usual.trips["seconds"].tolist()[1:]


def test_who_is_cut_off_on_the_last_day_goes_a_day_earlier_and_who_is_always_stays_unserved() -> None:
    asked = {"drawing": "G---P---A---B---D", "sulit": "D"}
    plan = planned(closure(A_B, "2024-02-13T06:00", "2024-02-13T12:00"), **asked)
    assert plan.unserved.empty
    b = plan.loads.reset_index().query(f"kode_tps == {kode_tps('B')!r}")["kode_trip"]
    assert set(plan.trips.loc[b, "wave"]) == {"H-2"}
    (note,) = (note for note in plan.notes if note.what == "wave_earlier")
    assert note.details["kode_tps"] == kode_tps("B")
    gone = planned(closure(A_B, "2024-02-12T06:00"), **asked)
    assert gone.unserved["reason"].to_dict() == {kode_tps("B"): "no_road", kode_tps("D"): "no_road"}
    assert not [note for note in gone.notes if note.what == "wave_earlier"]
    # with the road open on the first day alone, when nobody has the time, time is what is missing
    short = [wave | {"deadline": dt.time(6, 15)} if wave["name"] == "H-2" else wave for wave in WAVES]
    hurried = planned(
        closure((12, 0), "2024-02-13T06:00", "2024-02-13T12:00"), drawing="G---P---A--B", sulit="", waves=short
    )
    assert hurried.unserved.empty  # the closure lies beyond the last village
