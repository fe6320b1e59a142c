"""Closures with hours: whom they concern, on which day, and that nobody drives over what is closed then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise, permutations
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from way_back import BOXES, OWN
from world import kode_tps, lon_lat, operation, world

import kaur_gis as kg
from kaur_gis.config import Komunikasi
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.rain import rain_risk
from kaur_gis.cut.replan import replan
from kaur_gis.distribute.chain import chain_of
from kaur_gis.hours import Hours, driven, trip_hours, voting_hours
from kaur_gis.inputs import Closure, Inputs
from kaur_gis.judge import judge
from kaur_gis.judge.hours import FOREVER, closing, midnight_of, on_voting_day
from kaur_gis.problems import TravelError
from kaur_gis.travel import stops_of, travel_times

LOOP = """
    G---P---A---B
    |       |   |
    +-------C---D
"""
"""Two ways to everybody: the loop is longer."""
LINE = "G---P---A---B---D"
WAVES = [
    {"name": "H-2", "days_before": 2, "akses": ["sulit"], "deadline": dt.time(18)},
    {"name": "H-1", "days_before": 1, "akses": [], "deadline": dt.time(18)},
]
A_B, P_A, G_P, C_D = (10, 0), (6, 0), (2, 0), (10, 2)
"""Middles of roads."""
KMH = {"kering": 60, "hujan": 30}


def closure(at: tuple[float, float], start: str = "", end: str = "", **more: object) -> kg.RoadClosure:
    lon, lat = lon_lat(*at)
    hours = (f"; {key}=2024-02-{value}" for key, value in (("mulai", start), ("selesai", end)) if value)
    asked = closure_of(f"titik:{lat:.7f},{lon:.7f},100" + "".join(hours))
    return asked.model_copy(update=more)


def planned(*closures: kg.RoadClosure, drawing: str = LOOP, **sections: object) -> kg.Plan:
    sections = {"sulit": "D", "waves": WAVES} | sections
    plan = kg.make_plan(close_roads(world(drawing, **sections), closures))
    assert plan.broken == ()
    return plan


EARLY = closure(A_B, "12T06:00", "12T12:00")


@cache
def usual() -> kg.Plan:
    return planned()


@cache
def early() -> kg.Plan:
    return planned(EARLY)


def of_day(plan: kg.Plan, wave: str, layer: str = "legs") -> pd.DataFrame:
    codes = plan.trips.index[plan.trips["wave"] == wave]
    frame = getattr(plan, layer)
    return pd.DataFrame(frame[frame.index.get_level_values("kode_trip").isin(codes)])


def same_day(one: kg.Plan, other: kg.Plan, wave: str) -> bool:
    return all(of_day(one, wave, layer).equals(of_day(other, wave, layer)) for layer in ("trips", "legs", "loads"))


def names(plan: kg.Plan) -> set[str]:
    return {problem.what for problem in judge(plan)}


def test_a_closure_on_one_day_leaves_the_trips_of_the_other_day_as_they_are() -> None:
    assert same_day(usual(), early(), "H-1")
    assert not same_day(usual(), early(), "H-2")
    late = planned(closure(A_B, "13T06:00", "13T12:00"))
    assert same_day(usual(), late, "H-2")
    assert not same_day(usual(), late, "H-1")
    guards = [plan.travel["motor", "kering"].seconds.tolist() for plan in (usual(), early(), late)]
    assert guards[0] == guards[1] == guards[2]  # they are out on voting day
    assert len(rain_risk(early())) == len(early().tps)


def test_closures_of_other_hours_and_off_all_roads_in_use_change_no_sheet() -> None:
    idle = [
        closure(A_B, "13T20:00", "14T00:00"),  # all are home by then
        closure(A_B, "12T00:00", "12T06:10"),  # and load until then
        closure((1, 2), "12T06:00", "12T12:00"),
    ]
    again = replan(usual(), close_roads(usual().inputs, idle))
    assert set(again.sheets["state"]) == {"valid"}
    assert again.after.broken == ()
    assert same_day(usual(), again.after, "H-1")
    assert same_day(usual(), again.after, "H-2")
    changed = replan(usual(), close_roads(usual().inputs, [EARLY])).sheets
    assert {code for code in changed.index[changed["state"] != "valid"] if code in usual().trips.index} <= set(
        usual().trips.index[usual().trips["wave"] == "H-2"]
    )


def test_a_stage_whose_hours_end_before_takes_the_open_road() -> None:
    first, last = (stage.model_dump() for stage in usual().inputs.operation.stages)
    asked: dict[str, Any] = {
        "drawing": "G---P---A\n|   |\n+---+",
        "stages": [first | {"end": dt.time(10)}, last | {"start": dt.time(11)}],
        "sulit": "",
        "waves": WAVES[1:],
    }
    plan = planned(closure(G_P, "13T11:00", "13T20:00"), closure(P_A, "13T06:00", "13T10:30"), **asked)
    assert plan.trips["seconds"].tolist() == [8 * 60, 8 * 60]
    assert planned(closure(G_P, "13T05:00", "13T09:30"), **asked).trips["seconds"].tolist() == [16 * 60, 8 * 60]
    home_before = planned(closure(G_P, "13T09:00", "13T09:30"), **asked).trips
    assert home_before["seconds"].tolist() == [8 * 60, 8 * 60]
    assert home_before["wave"].tolist() == ["H-1 s.d. 09.00", "H-1"]


def test_who_is_cut_off_on_the_last_day_goes_a_day_earlier() -> None:
    same_day = planned(closure(A_B, "13T06:00", "13T12:00"), drawing=LINE)
    assert _last(same_day, "B")["wave"].tolist() == ["H-1 mulai 12.00"], "his own day has hours enough"
    assert "wave_earlier" not in {note.what for note in same_day.notes}
    plan = planned(closure(A_B, "13T06:00", "13T22:00"), drawing=LINE)
    assert plan.unserved.empty
    b = plan.loads.reset_index().query(f"kode_tps == {kode_tps('B')!r}")["kode_trip"]
    assert set(plan.trips.loc[b, "wave"]) == {"H-2"}
    (note,) = (note for note in plan.notes if note.what == "wave_earlier")
    assert note.details["kode_tps"] == kode_tps("B")


def test_planned_again_who_is_cut_off_on_the_last_day_goes_a_day_earlier_if_that_is_not_over() -> None:
    plan = planned(drawing="G---P---A---B", sulit="A")
    closed = close_roads(plan.inputs, [closure(A_B, "13T06:00", "13T12:00")])
    delta = replan(plan, closed)
    assert delta.after.broken == ()
    assert delta.after.unserved.empty
    over = replan(plan, closed, now=pd.Timestamp("2024-02-12T20:00"))
    assert over.after.broken == ()
    assert over.after.unserved.empty
    part = _of_tps(over.after, "B").set_index("stage")["wave"][plan.inputs.operation.stages[-1].name]
    assert part == "H-1 mulai 12.00"
    assert of_day(over.after, part, "trips")["depart"].min() >= pd.Timestamp("2024-02-13T12:00")
    shut = close_roads(plan.inputs, [closure(A_B, "13T06:00", "13T22:00")])
    gone = replan(plan, shut, now=pd.Timestamp("2024-02-12T20:00"))
    assert gone.after.unserved["reason"].to_dict() == {kode_tps("B"): "no_road"}
    assert over.after.trips.loc[of_day(plan, "H-2", "trips").index, "pinned"].all()


def test_whom_the_hours_that_are_left_of_an_earlier_day_do_not_serve_goes_on_his_own_day_when_the_road_opens() -> None:
    plan = planned(drawing="G---P---A---B", sulit="A")
    closed = close_roads(plan.inputs, [closure(G_P, "13T05:00", "13T12:00")])
    delta = replan(plan, closed, now=pd.Timestamp("2024-02-12T19:50"))  # of the day before ten minutes are left
    assert delta.after.broken == ()
    assert delta.after.unserved.empty
    assert _of_tps(delta.after, "B")["wave"].tolist() == ["H-1 mulai 12.00", "H-1"]  # only the truck needs the road


def _of_tps(plan: kg.Plan, letter: str) -> pd.DataFrame:
    """Give the trips that carry the TPS of a village."""
    return plan.trips.loc[plan.loads.xs(kode_tps(letter), level="kode_tps").index]


def _last(plan: kg.Plan, letter: str) -> pd.DataFrame:
    """Give the trip that brings the boxes to the TPS of a village."""
    return _of_tps(plan, letter).query("stage in @plan.inputs.operation.to_tps")


LAST = WAVES[1:]
AFTERNOON = closure(A_B, "13T14:00", "13T18:00")


@cache
def afternoon() -> kg.Plan:
    """Give a plan in which B and D lie beyond a road that closes at two; there is no earlier wave."""
    return planned(AFTERNOON, drawing=LINE, sulit="", waves=LAST)


def test_who_lies_beyond_a_road_that_closes_in_the_afternoon_is_served_before() -> None:
    plan = afternoon()
    assert plan.unserved.empty
    begins = pd.Timestamp("2024-02-13T14:00")
    for letter in "BD":
        assert _of_tps(plan, letter)["wave"].tolist() == ["H-1", "H-1 s.d. 14.00"]  # the truck needs no part
        own = _last(plan, letter)
        assert (own["back"] <= begins).all()
        assert (own["depart_latest"] + (own["back"] - own["depart"]) <= begins).all()
    assert plan.trips.groupby("vehicle")["wave"].nunique().max() == 1


def test_nobody_is_beyond_a_closed_road_in_its_hours_and_every_leg_is_the_quickest_of_its_own() -> None:
    plan = afternoon()
    begins, ends = pd.Timestamp("2024-02-13T14:00"), pd.Timestamp("2024-02-13T18:00")
    crossed = set()
    for (code, order), leg in plan.legs.iterrows():
        ways = "kering", leg["from_stop"], leg["to_stop"]
        assert _quickest(plan, [], *ways) == pytest.approx(leg["seconds"], abs=1)  # there is one road
        try:
            _quickest(plan, [0], *ways)
        except nx.NetworkXNoPath:
            crossed.add((code, order))
            spare = plan.trips["depart_latest"][code] - plan.trips["depart"][code]
            assert leg["arrive"] + spare <= begins or leg["depart"] >= ends
            assert leg["arrive_late"] <= begins or leg["depart"] >= ends
    assert {plan.trips["wave"][code] for code, _ in crossed} == {"H-1 s.d. 14.00"}


def test_the_judge_finds_a_trip_that_is_moved_into_the_hours_of_a_closure() -> None:
    plan = afternoon()
    trips, legs = plan.trips.copy(), plan.legs.copy()
    later = pd.Timestamp("2024-02-13T14:50") - trips["depart"].min()
    moved = trips.index[trips["wave"] != "H-1"]
    for frame, columns in (
        (trips, ("depart", "back", "back_late", "depart_latest")),
        (legs, ("depart", "arrive", "arrive_late")),
    ):
        own = frame.index.get_level_values("kode_trip").isin(moved)
        for name in columns:
            frame.loc[own, name] += later
    found = names(replace(plan, trips=trips, legs=legs))
    assert {"promise_closures", "promise_hours"} <= found
    shut = replace(plan, trips=plan.trips.assign(wave="H-1"))
    assert "promise_travel" in names(shut)


@cache
def one_day(start: dt.time = dt.time(6)) -> kg.Plan:
    """Give a plan of one wave in which boxes leave the gudang from some time on."""
    return planned(sulit="", waves=LAST, stages=_from(start))


def _from(start: dt.time) -> list[dict[str, Any]]:
    first, last = (stage.model_dump() for stage in usual().inputs.operation.stages)
    return [first | {"start": start}, last]


def _tour_s(plan: kg.Plan, shut: list[int]) -> float:
    """Seconds of the quickest tour from the PPK to all, by trying every order with networkx."""
    stops = sorted(set(plan.stops.index) - {"GUDANG-1", "PPK-1"})
    ways = {pair: _quickest(plan, shut, "kering", *pair) for pair in permutations(["PPK-1", *stops], 2)}
    return min(sum(ways[pair] for pair in pairwise(["PPK-1", *order, "PPK-1"])) for order in permutations(stops))


@settings(max_examples=4, deadline=None)
@given(
    where=st.sampled_from([A_B, P_A, C_D, G_P]),
    after=st.integers(30, 600).map(lambda minutes: dt.timedelta(minutes=minutes)),
)
def test_a_road_that_closes_when_all_are_surely_home_changes_no_trip(where: Any, after: dt.timedelta) -> None:
    home = one_day().trips["back_late"].max().floor("min") + pd.Timedelta(minutes=1)
    plan = planned(closure(where, f"{home + after:%dT%H:%M}", "14T06:00"), sulit="", waves=LAST)
    assert plan.legs.equals(one_day().legs)
    assert plan.loads.equals(one_day().loads)
    same = ["vehicle", "trip_no", "depart", "back", "back_late", "seconds", "metres"]
    assert plan.trips[same].equals(one_day().trips[same])


@pytest.mark.parametrize(
    ("start", "hours", "open_"),
    [
        (dt.time(6), ("13T08:15", "13T09:00"), True),
        (dt.time(6), ("13T07:30", "13T09:00"), False),  # in the heavier weather the last one is home at 07:41
        (dt.time(10), ("13T06:30", "13T09:45"), True),
        (dt.time(10), ("13T06:30", "13T10:30"), True),  # the boxes are there and loaded at 10:33
        (dt.time(10), ("13T06:30", "13T10:50"), False),  # nobody waits until it opens for a shorter way
    ],
)
def test_the_short_way_is_driven_where_that_is_surely_before_or_after_a_road_is_closed(
    start: dt.time, hours: tuple[str, str], open_: bool
) -> None:
    plan = planned(closure(A_B, *hours), sulit="", waves=LAST, stages=_from(start))
    tour_s = plan.trips["seconds"][plan.trips["base"] == "PPK-1"].sum()
    assert tour_s == pytest.approx(_tour_s(plan, [] if open_ else [0]), abs=4)
    assert _tour_s(plan, [0]) > _tour_s(plan, []) + 60
    assert plan.legs["arrive"].equals(one_day(start).legs["arrive"]) == open_


def test_one_vehicle_takes_everybody_of_its_base_before_the_road_closes() -> None:
    rows = tuple(row | {"count": 1} for row in OWN.values())
    plan = planned(AFTERNOON, drawing=LINE, sulit="", waves=LAST, fleet=rows)
    assert plan.trips["wave"].tolist() == ["H-1", "H-1 s.d. 14.00"]
    assert plan.unserved.empty
    short = [WAVES[1] | {"deadline": dt.time(6, 20)}]
    gone = planned(AFTERNOON, drawing=LINE, sulit="", waves=short)
    assert set(gone.unserved["reason"]) == {"no_time"}  # the road is open in the morning


def test_planned_again_the_trips_of_a_part_stay() -> None:
    plan = afternoon()
    again = replan(plan, close_roads(plan.inputs, [closure(G_P, "13T22:00", "13T23:00")]))
    assert again.after.broken == ()
    assert set(again.sheets["state"]) == {"valid"}
    assert again.after.trips["wave"].equals(plan.trips["wave"])
    assert again.after.inputs.operation.waves == plan.inputs.operation.waves


def test_a_part_of_a_wave_belongs_to_a_whole_wave_of_its_day() -> None:
    part = LAST[0] | {"name": "pagi", "part_of": "H-1", "end": dt.time(14)}
    assert [wave.name for wave in operation(waves=[*LAST, part]).parts_of(operation(waves=LAST).waves[0])] == ["pagi"]
    for wrong in ({"part_of": "H-9"}, {"part_of": "pagi"}, {"days_before": 2}, {"akses": ["sulit"]}):
        with pytest.raises(ValueError, match="part_of"):
            operation(waves=[*LAST, part | wrong])


def test_who_is_cut_off_on_every_day_that_leaves_time_is_told_that_time_is_missing() -> None:
    waves = [
        {"name": "H-3", "days_before": 3, "akses": [], "deadline": dt.time(18)},
        {"name": "H-2", "days_before": 2, "akses": [], "deadline": dt.time(6, 15)},
        {"name": "H-1", "days_before": 1, "akses": [], "deadline": dt.time(18)},
    ]
    shut = [closure(A_B, "13T06:00", "13T22:00"), closure(A_B, "11T06:00", "11T22:00")]
    plan = planned(*shut, drawing="G---P---A---B", sulit="", waves=waves)
    assert plan.unserved["reason"].to_dict() == {kode_tps("B"): "no_time"}
    always = planned(closure(A_B, "11T06:00"), drawing="G---P---A---B", sulit="", waves=waves)
    assert always.unserved["reason"].to_dict() == {kode_tps("B"): "no_road"}
    assert not [note for note in always.notes if note.what == "wave_earlier"]


def test_a_late_drive_that_lasts_into_the_hours_of_a_closure_takes_the_roads_that_are_left() -> None:
    first, last = (stage.model_dump() for stage in usual().inputs.operation.stages)
    ends = pd.Timestamp(of_day(usual(), "H-1", "trips")["back"].max())
    stages = [first, last | {"end": ends.time()}]
    begins = f"{ends:%dT%H:%M:%S}"
    plan = planned(closure(P_A, begins), stages=stages)
    line = planned(closure(P_A, begins), stages=stages, drawing="G---P---A---B", sulit="")
    open_ = planned(stages=stages)
    before = of_day(plan, "H-1")
    assert before["arrive"].max() <= ends < before["arrive_late"].max()
    assert before["arrive"].equals(of_day(open_, "H-1")["arrive"])
    over = before["arrive_late"] > ends
    assert before["arrive_late"][~over].equals(of_day(open_, "H-1")["arrive_late"][~over])
    checked = 0
    for code, order in before.index[over]:
        leg, usually = (legs.loc[(code, order)] for legs in (before, of_day(open_, "H-1")))
        since = before["arrive_late"].get((code, order - 1))
        if since == of_day(open_, "H-1")["arrive_late"].get((code, order - 1)):  # all was as usual until this leg
            ways = [_quickest(plan, shut, "hujan", leg["from_stop"], leg["to_stop"]) for shut in ([0], [])]
            assert (leg["arrive_late"] - usually["arrive_late"]).total_seconds() == ways[0] - ways[1]
            checked += ways[0] > ways[1]
    assert checked
    assert line.legs["arrive_late"].isna().any()  # there is no other way to the last ones
    later = plan.travel["pickup", "hujan"].while_closed((0,))
    np.putmask(later.seconds, later.seconds > 0, 1)
    assert "promise_closures" in names(plan)


def test_the_judge_finds_who_drives_over_a_closed_road() -> None:
    shut = replace(usual(), inputs=early().inputs, travel=early().travel)
    found = [problem for problem in judge(shut) if problem.what == "promise_closures"]
    assert found
    assert {str(problem.value)[:2] for problem in found} == {"H2"}
    trucks = close_roads(usual().inputs, [closure(A_B, kendaraan=("truck",))])
    assert "promise_closures" not in names(replace(usual(), inputs=trucks))


def _quickest(plan: kg.Plan, shut: Iterable[int], weather: str, origin: str, target: str) -> float:
    """Seconds of the quickest drive by networkx, without the edges of some closures."""
    inputs = plan.inputs
    gone = {edge for number in shut for edge in inputs.roads.closures[number].edges}
    graph = nx.DiGraph()
    for edge, row in inputs.roads.edges.drop(columns="geometry").iterrows():
        if edge not in gone:
            graph.add_edge(row["u"], row["v"], weight=row["metres"] * 3.6 / KMH[weather])
    at = {kode: node for node, kodes in inputs.roads.nodes["kode_desa"].items() for kode in str(kodes).split()}
    ends = (at[plan.stops["kode_desa"][stop]] for stop in (origin, target))
    return float(nx.shortest_path_length(graph, *ends, weight="weight"))


def test_every_leg_is_the_quickest_way_on_what_is_open_in_its_hours() -> None:
    plan = early()
    for (code, _), leg in plan.legs.iterrows():
        shut = [0] if plan.trips["wave"][code] == "H-2" else []
        wanted = _quickest(plan, shut, "kering", leg["from_stop"], leg["to_stop"])
        assert wanted == pytest.approx(leg["seconds"], abs=1)


EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - every time of a plan is a local time without a zone
FIRST = dt.datetime(2024, 2, 11)  # noqa: DTZ001 - as above
SUN = {"sunrise": dt.time(6), "sunset": dt.time(18), "sumber": "contoh"}
MOMENTS = st.integers(0, 6 * 24 * 2).map(lambda half: FIRST + half * dt.timedelta(minutes=30))


@cache
def many_hours() -> Inputs:
    """Give an operation with a way back, couriers, and vehicles that are out by day alone."""
    rows = tuple(row | {"daylight_only": row["kode"] == "PU"} for row in OWN.values())
    call = Komunikasi(start=dt.time(17), max_minutes=30.0, sumber="contoh").model_dump()
    return world(LINE, daylight=SUN, fleet=rows, kembali=BOXES, komunikasi=call)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | MOMENTS, st.none() | MOMENTS, st.booleans(), st.sampled_from([(), ("pickup",)])),
        max_size=4,
    )
)
@example([(None, None, False, ()), (FIRST + 185 * dt.timedelta(minutes=30), None, False, ())])
def test_what_is_closed_at_some_moment_of_a_trip_and_nothing_else_is_closed_to_it(asked: list[Any]) -> None:
    rows = []
    for start, end, night, who in asked:
        hours = {"mulai": start, "selesai": end} if not (start and end and start >= end) else {"mulai": start}
        rows.append(kg.RoadClosure(lokasi="way:1", malam=night, kendaraan=who, **hours))
    inputs = many_hours()
    closures = tuple(Closure(row, (), 0.0) for row in rows)
    operation = inputs.operation.model_copy(update={"tutup": tuple(rows)})  # which gives the way back its parts
    inputs = replace(inputs, operation=operation, roads=replace(inputs.roads, closures=closures))
    hours_ = Hours.of(inputs)
    for wave, stage, fleet in driven(operation):
        held, judged = hours_.held(wave, stage, fleet), closing(inputs, wave, stage, fleet)
        start, end = trip_hours(operation, wave, stage, fleet)
        assert (held.closed, held.later) == (judged.closed, judged.later)
        assert judged.closes == (FOREVER if held.closes is None else (held.closes - EPOCH).total_seconds())
        if start < end:  # a leg of the way back that begins after a part of it has ended has no trip in that part
            assert held.closed == _met(rows, start, end, fleet.vehicle)
            assert held.closes is None or not set(_met(rows, end, held.closes, fleet.vehicle)) - set(held.closed)
        else:  # what is said to be closed, where nobody drives, is closed all the time in between
            step = dt.timedelta(minutes=5)
            moments = [end + k * step for k in range(-1, int((start - end) / step) + 1)]
            always = set.intersection(*(set(_met(rows, at, at + step, fleet.vehicle)) for at in moments))
            assert set(held.closed) == always
    for name, closed in hours_.voting_day.items():
        assert closed == tuple(sorted({n for span in voting_hours(operation) for n in _met(rows, *span, name)}))
        assert closed == on_voting_day(inputs, name)
    assert set(hours_.way_out(operation)) <= set(range(len(rows)))


def _met(rows: Iterable[kg.RoadClosure], start: dt.datetime, end: dt.datetime, vehicle: str) -> tuple[int, ...]:
    """Look at every five minutes."""
    found = []
    n = max(0, int((end - start) / dt.timedelta(minutes=5)))
    moments = [start + (k + 0.5) * dt.timedelta(minutes=5) for k in range(n)]
    for number, row in enumerate(rows):
        concerned = not row.kendaraan or vehicle in row.kendaraan
        own = [m for m in moments if (row.mulai or m) <= m and (row.selesai is None or m < row.selesai)]
        if concerned and any(not row.malam or not 6 <= moment.hour < 18 for moment in own):
            found.append(number)
    return tuple(found)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([A_B, P_A, C_D]), MOMENTS), min_size=2, max_size=3))
def test_closing_more_never_helps_at_any_hour(asked: list[tuple[tuple[float, float], dt.datetime]]) -> None:
    closures = [closure(at).model_copy(update={"mulai": start}) for at, start in asked]
    inputs = world(LOOP, sulit="D")
    stops = stops_of(usual().tps, inputs.tempat)
    fewer, more = (close_roads(inputs, some) for some in (closures[:1], closures))
    found: list[Mapping[Any, Any]] = [travel_times(one, stops) for one in (fewer, more)]
    for wave, stage, fleet in driven(inputs.operation):
        for weather in ("kering", "hujan"):
            times = [
                own[fleet.vehicle, weather].while_closed(Hours.of(one).held(wave, stage, fleet).closed)
                for one, own in zip((fewer, more), found, strict=True)
            ]
            less, most = (np.where(one.seconds < 0, 1 << 40, one.seconds) for one in times)
            assert (most >= less).all()


def test_hours_that_nobody_computed_are_refused() -> None:
    chain = chain_of(usual().inputs, usual().tps, usual().kits, usual().stops, usual().travel)
    stage, fleet = usual().inputs.operation.stages[0], usual().inputs.operation.fleet[0]
    with pytest.raises(TravelError, match="without a wave"):
        chain.times(stage, fleet)
    with pytest.raises(TravelError, match="no travel times"):
        usual().travel["truck", "kering"].while_closed((7,))
    assert midnight_of(dt.date(1970, 1, 2)) == 24 * 3600
