"""Closures on drawn roads: which edges they take, and what a plan does then."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import ascii_roads
import numpy as np
import pandas as pd
import pytest
import shapely
from ascii_roads import METRIC, World, point
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from world import kode_tps, lon_lat, operation, world

import kaur_gis as kg
from kaur_gis.config import RoadClosure
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.pieces import cut, inside
from kaur_gis.judge import judge
from kaur_gis.problems import InputProblems
from kaur_gis.summary import notices
from kaur_gis.travel import UNREACHABLE, travel_times

LADDER = """
    G---P---A---B
        |       |
        C-------D---E
"""


def circle(x: float, y: float, metres: float) -> str:
    """A closed point of a `world` drawing."""
    lon, lat = lon_lat(x, y)
    return f"titik:{lat:.7f},{lon:.7f},{metres}"


def real(drawing: str, *names: str, **roads: object) -> tuple[kg.Inputs, object]:
    """A drawing of `ascii_roads` as inputs of a real network, and stops at some nodes."""
    drawn = World(drawing)
    made = ascii_roads.inputs(drawn.roads(), **roads)
    given_ = world("G---P---A", region={"metric_crs": METRIC})
    stops = drawn.stops(*names)
    return replace(given_, roads=made.roads, speeds=made.speeds, operation=_with_car(given_.operation)), stops


def _with_car(plan: kg.Operation) -> kg.Operation:
    fleet = tuple(row.model_copy(update={"vehicle": "mobil"}) for row in plan.fleet)
    return plan.model_copy(update={"fleet": fleet, "guard": plan.guard.model_copy(update={"vehicle": "mobil"})})


def seconds(inputs: kg.Inputs, stops: object) -> np.ndarray:
    return travel_times(inputs, stops)["mobil", inputs.operation.weather.plan].seconds


def asked(x: float, y: float, metres: float) -> RoadClosure:
    where = point(x, y)
    return closure_of(f"titik:{where.y:.7f},{where.x:.7f},{metres}")


def test_a_day_alone_is_the_whole_day_and_an_hour_is_that_hour() -> None:
    day = closure_of("way:1; mulai=2024-02-13; selesai=2024-02-13")
    assert [str(day.mulai), str(day.selesai)] == ["2024-02-13 00:00:00", "2024-02-13 23:59:59"]
    hour = closure_of("way:1; mulai=2024-02-13T06:00; selesai=2024-02-13T12:00")
    assert str(hour.selesai) == "2024-02-13 12:00:00"
    assert [closure_of(f"way:1; malam={word}").malam for word in ("ya", "Tidak", "true")] == [True, False, True]
    with pytest.raises(ValidationError):
        closure_of("way:1; malam=kadang")


def test_closing_nothing_gives_the_very_same_inputs() -> None:
    inputs = world(LADDER)
    assert close_roads(inputs, []) is inputs


def test_a_point_closes_only_the_road_within_its_radius_and_both_directions_of_it() -> None:
    inputs, stops = real("A---------B", "A", "B")
    closed = close_roads(inputs, [asked(5, 0, 150)])
    (closure,) = closed.roads.closures
    assert closure.metres == pytest.approx(300, abs=1)
    shut = closed.roads.edges.loc[list(closure.edges)]
    assert len(shut) == 2
    assert set(shut["twin"]) == set(shut.index)
    assert len(closed.roads.edges) == 6
    assert closed.roads.edges["metres"].sum() == pytest.approx(inputs.roads.edges["metres"].sum())
    times = seconds(closed, stops)
    assert times[0, 1] == times[1, 0] == UNREACHABLE


def test_a_stop_before_the_flood_keeps_its_way_and_one_behind_it_loses_it() -> None:
    inputs, _ = real("A---------B", "A", "B")
    stops = World("A---------B").stops("A", near=(3, 0.1), inside=(5, 0.1), behind=(8, 0.1))
    before = seconds(inputs, stops)
    after = seconds(close_roads(inputs, [asked(5, 0, 150)]), stops)
    assert after[0, 1] == before[0, 1]
    assert after[0, 2] == UNREACHABLE
    assert after[0, 3] == UNREACHABLE


def test_a_stop_does_not_slip_from_a_closed_road_to_the_next_one() -> None:
    drawing = """
    A---B
    |   |
    C---D
    """
    inputs, _ = real(drawing, "A")
    stops = World(drawing).stops("C", middle=(2, 0.2))
    after = seconds(close_roads(inputs, [asked(2, 0, 120)]), stops)
    assert after[0, 1] == UNREACHABLE


def test_a_one_way_road_is_cut_alone() -> None:
    inputs, stops = real("A--->-----B", "A", "B")
    closed = close_roads(inputs, [asked(5, 0, 150)])
    assert (closed.roads.edges["twin"] == -1).all()
    assert len(closed.roads.edges) == 3
    assert seconds(closed, stops)[0, 1] == UNREACHABLE


def test_a_closure_that_reaches_nearly_to_the_end_of_a_road_reaches_it() -> None:
    inputs, _ = real("A---B---C", "A")
    closed = close_roads(inputs, [asked(2, 0, 199.8)])
    assert len(closed.roads.edges) == len(inputs.roads.edges)
    assert len(closed.roads.closures[0].edges) == 2


def test_two_closures_of_one_road_cut_it_once_and_what_was_closed_stays_closed() -> None:
    inputs, stops = real("A---------B", "A", "B")
    first = close_roads(inputs, [asked(3, 0, 100)])
    second = close_roads(first, [asked(7, 0, 100), asked(7, 0, 100)])
    assert [c.metres for c in second.roads.closures] == pytest.approx([200, 200, 200], abs=1)
    again = close_roads(second, [closure_of(circle(5, 0, 50_000))])
    assert again.roads.closures[0].metres == second.roads.closures[0].metres
    for closure in second.roads.closures:
        lines = second.roads.edges.loc[list(closure.edges)]
        assert lines["metres"].sum() == pytest.approx(400, abs=2)
    overlap = close_roads(first, [asked(3.5, 0, 100)])
    old, new = (set(c.edges) for c in overlap.roads.closures)
    assert old & new
    assert old - new
    assert seconds(overlap, stops)[0, 1] == UNREACHABLE


def test_an_area_closes_what_lies_inside_it_even_where_a_road_comes_back() -> None:
    inputs, _ = real("A---------B", "A", "B")
    bent = shapely.LineString([point(0, 0), point(4, 0), point(4, 2), point(6, 2), point(6, 0), point(9, 0)])
    edges = inputs.roads.edges.copy()
    edges.geometry = [bent, bent.reverse()]
    inputs = replace(inputs, roads=replace(inputs.roads, edges=edges))
    corners = [point(3, -1), point(7, -1), point(7, 1), point(3, 1)]
    area = shapely.Polygon([(p.x, p.y) for p in corners])
    closed = close_roads(inputs, [closure_of("area:banjir.geojson")], {"banjir.geojson": area})
    shut = closed.roads.edges.loc[list(closed.roads.closures[0].edges)]
    assert len(shut) == 4
    assert not closed.roads.edges.drop(shut.index).geometry.crosses(area.buffer(-1e-6)).any()


def test_an_area_that_only_touches_a_road_closes_nothing_and_two_that_meet_cut_it_once() -> None:
    inputs, _ = real("A---------B", "A", "B")

    def box(west: float, east: float, south: float) -> shapely.Polygon:
        (a, b), north = (point(west, south), point(east, south)), point(west, south - 1)
        return shapely.box(a.x, min(a.y, north.y), b.x, max(a.y, north.y))

    areas = {"a": box(2, 4, 0.5), "b": box(4 + 1e-9, 6, 0.5)}
    closed = close_roads(inputs, [closure_of("area:a"), closure_of("area:b")], areas)
    assert len(closed.roads.edges) == 8
    assert [closure.metres for closure in closed.roads.closures] == pytest.approx([200, 200], abs=1)
    bent = shapely.LineString([point(0, 0), point(4, 2), point(9, 0)])
    roads = replace(inputs.roads, edges=inputs.roads.edges.set_geometry([bent, bent.reverse()]))
    corner = point(4, 2)
    below = shapely.Polygon([corner, (corner.x - 0.001, corner.y - 0.001), (corner.x + 0.001, corner.y - 0.001)])
    with pytest.raises(InputProblems) as refused:
        close_roads(replace(inputs, roads=roads), [closure_of("area:c")], {"c": below})
    assert refused.value.problems[0].details["metres"] == 0


def test_a_closure_for_trucks_leaves_the_others_their_way() -> None:
    inputs = world(LADDER)
    closed = close_roads(inputs, [closure_of(circle(2, 0, 100) + "; kendaraan=truck")])
    plan = kg.make_plan(closed)
    assert plan.travel["truck", "kering"].seconds[0, 1] == UNREACHABLE
    assert plan.travel["motor", "kering"].seconds[0, 1] > 0
    assert set(plan.unserved["reason"]) == {"no_road"}
    assert plan.broken == ()


def test_a_closed_road_is_driven_by_no_leg_and_the_judge_agrees() -> None:
    inputs = world(LADDER)
    before, after = kg.make_plan(inputs), kg.make_plan(close_roads(inputs, [closure_of(circle(10, 0, 100))]))
    assert after.broken == ()
    assert after.unserved.empty
    assert after.trips["seconds"].sum() > before.trips["seconds"].sum()


def test_the_judge_finds_a_leg_on_a_road_that_was_closed_afterwards() -> None:
    inputs = world(LADDER)
    plan = kg.make_plan(inputs)
    closed = close_roads(inputs, [closure_of(circle(10, 0, 100))])
    assert "promise_roads" in {problem.what for problem in judge(replace(plan, inputs=closed))}


def test_a_name_that_matches_nothing_is_refused_with_the_nearest_names() -> None:
    inputs = world(LADDER)
    edges = inputs.roads.edges.assign(name="Jalan Raya Manna", ref="JLB")
    inputs = replace(inputs, roads=replace(inputs.roads, edges=edges))
    assert close_roads(inputs, [closure_of("jalan: jalan raya MANNA ")]).roads.closures[0].edges == tuple(edges.index)
    assert close_roads(inputs, [closure_of("jalan:jlb")]).roads.closures[0].metres == edges["metres"].sum() / 2
    with pytest.raises(InputProblems) as refused:
        close_roads(inputs, [closure_of("jalan:Jalan Raya Mana"), closure_of("jalan:qqq")], file="operation.toml")
    first, second = refused.value.problems
    assert (first.what, first.file, first.column) == ("closure_name", "operation.toml", "tutup.1.lokasi")
    assert first.details["nearest"] == "Jalan Raya Manna"
    assert second.details["nearest"] == "-"


def test_a_way_a_point_an_area_and_a_vehicle_that_are_not_there_are_refused_together() -> None:
    inputs = world(LADDER)
    edges = inputs.roads.edges.assign(osm_way=np.arange(len(inputs.roads.edges)) // 2 + 100)
    inputs = replace(inputs, roads=replace(inputs.roads, edges=edges))
    assert close_roads(inputs, [closure_of("way:100")]).roads.closures[0].edges == (0, 1)
    wrong = ["way:99", circle(2, 1, 300), "area:tidak_ada.geojson", "way:100; kendaraan=truk"]
    with pytest.raises(InputProblems) as refused:
        close_roads(inputs, [closure_of(line) for line in wrong])
    found = [problem.what for problem in refused.value.problems]
    assert found == ["closure_way", "closure_misses", "closure_area", "closure_vehicle"]
    assert refused.value.problems[0].details["nearest"] == "100, 101, 102"
    assert refused.value.problems[1].details["metres"] == pytest.approx(1000, abs=10), "from the point"
    assert refused.value.problems[1].details["nearest"] == "secondary"
    for number in ("0", "000", "9223372036854775808", "9" * 200):  # 0 is what roads bear that are no OSM way
        with pytest.raises(ValidationError, match="way:ID"):
            closure_of(f"way:{number}")
    with pytest.raises(InputProblems):
        close_roads(inputs, [closure_of("way:9223372036854775807")])
    with pytest.raises(InputProblems) as far:
        close_roads(inputs, [closure_of("titik:0,0,50")])
    assert far.value.problems[0].details["metres"] == "> 100000"
    with pytest.raises(InputProblems):
        close_roads(world(LADDER), [closure_of("way:99")])


@pytest.mark.parametrize(
    ("mulai", "selesai", "in_force"),
    [
        ("2024-02-13T06:00", "2024-02-13T08:00", True),
        ("2024-02-13T20:00", "2024-02-14T00:00", False),
        ("2024-02-13T20:00", "2024-02-14T06:00", True),  # guards are out on voting day
        ("2024-02-01T00:00", "2024-02-12T05:00", False),
        ("2024-02-13T19:59", None, True),
        (None, "2024-02-12T06:00", False),
        (None, None, True),
    ],
)
def test_a_closure_holds_where_its_hours_touch_those_of_a_wave(
    mulai: str | None, selesai: str | None, *, in_force: bool
) -> None:
    hours = "".join(f"; {key}={value}" for key, value in (("mulai", mulai), ("selesai", selesai)) if value)
    inputs = world(LADDER)
    closed = close_roads(inputs, [closure_of(circle(2, 0, 100) + hours)])
    (closure,) = closed.roads.closures
    assert closure.in_force is in_force
    assert bool(closed.roads.closed_to("truck")) is in_force


def test_every_output_is_told_what_is_closed_to_whom_and_until_when() -> None:
    inputs = world(LADDER)
    lines = [
        circle(10, 0, 100) + "; kendaraan=truck; mulai=2024-02-13T06:00; selesai=2024-02-13T08:00; sebab=<b>banjir</b>",
        circle(2, 0, 100) + "; selesai=2024-01-01T06:00",
    ]
    plan = kg.make_plan(close_roads(inputs, [closure_of(line) for line in lines]))
    (line,) = (line for line in notices(plan, "id") if "JALAN DITUTUP" in line)
    assert "hanya untuk truck, mulai 2024-02-13 06:00, sampai 2024-02-13 08:00, <b>banjir</b>" in line
    assert "di luar jam distribusi" in line
    assert "berlaku bagi gelombang dan tahap yang jam kerjanya tersentuh" in line
    assert "skematik" in line
    many = kg.make_plan(close_roads(world(LADDER), [closure_of(circle(10, 0, 100))] * 8))
    assert any("and 2 more." in line for line in notices(many, "en"))
    assert not any("CLOSED" in line for line in notices(kg.make_plan(inputs), "en"))


@pytest.mark.parametrize(
    "line",
    [
        "jalan:", "jembatan:X", "titik:1,2", "titik:a,b,c", "titik:nan,1,1", "titik:95,1,1", "titik:1,1,0", "way:x",
        "way:١", "way:1; kendaraan", "way:1; warna=merah", "way:1; sebab=a; sebab=b", "way:1; mulai=besok",
        "way:1; mulai=2024-02-13T08:00; selesai=2024-02-13T06:00", "way:1; mulai=2024-02-13T06:00+07:00",
        "way:1; lokasi=way:2",
    ],
)  # fmt: skip
def test_a_line_that_says_no_closure_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        closure_of(line)


def test_a_line_says_the_same_as_the_operation_file() -> None:
    told = closure_of("titik:-4.79,103.31,200; kendaraan=truk, pikap; selesai=2024-02-13T12:00; sebab=banjir;")
    wanted = RoadClosure(
        lokasi="titik:-4.79,103.31,200",
        kendaraan=("truk", "pikap"),
        selesai=dt.datetime(2024, 2, 13, 12),  # noqa: DTZ001 - local time, as everywhere
        sebab="banjir",
    )
    assert told == wanted
    assert told.circle == (-4.79, 103.31, 200)
    assert operation(tutup=[{"lokasi": "way:1"}]).tutup == (RoadClosure(lokasi="way:1"),)
    with pytest.raises(ValidationError):
        operation(tutup=[{"lokasi": "di sana"}])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=8, unique=True), st.data())
def test_the_parts_inside_a_circle_are_those_that_shapely_finds(
    course: list[tuple[int, int]], data: st.DataObject
) -> None:
    line = shapely.LineString(course)
    area = shapely.Point(data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))).buffer(
        data.draw(st.floats(0.5, 6))
    )
    parts = inside(line, area)
    assert all(0 <= start < end <= 1 + 1e-12 for start, end in parts)
    assert all(before[1] < after[0] for before, after in pairwise(parts))
    straight = [shapely.LineString(piece) for piece in pairwise(course)]
    wanted = sum(piece.intersection(area).length for piece in straight)
    assert sum(end - start for start, end in parts) * line.length == pytest.approx(wanted, abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4, unique_by=lambda share: round(share, 2)))
def test_pieces_add_up_to_the_road_they_were_cut_from(shares: list[float]) -> None:
    roads = World("A---------B--->-C").roads()
    of_line = int(roads.edges.index[0])
    one_way = int(roads.edges.index[roads.edges["twin"] < 0][0])
    pieces = cut(roads.nodes, roads.edges, {of_line: shares, one_way: shares}, METRIC)
    n = len(shares)
    assert len(pieces.edges) == len(roads.edges) + 3 * n
    assert len(pieces.nodes) == len(roads.nodes) + 2 * n
    lengths = pieces.edges["metres"].groupby(pieces.of["edge"]).sum()
    pd.testing.assert_series_equal(lengths, roads.edges["metres"], check_names=False)
    ends = pieces.nodes.geometry
    for edge in pieces.edges.itertuples():
        assert shapely.get_point(edge.geometry, 0).equals_exact(ends[edge.u], 1e-9)
        assert shapely.get_point(edge.geometry, -1).equals_exact(ends[edge.v], 1e-9)
        if edge.twin >= 0:
            assert pieces.edges["twin"][edge.twin] == edge.Index
            assert pieces.edges.geometry[edge.twin].equals(edge.geometry.reverse())


def test_cutting_nothing_gives_the_same_roads() -> None:
    roads = World("A---B").roads()
    pieces = cut(roads.nodes, roads.edges, {}, METRIC)
    assert pieces.edges is roads.edges
    assert pieces.of["edge"].tolist() == [0, 1]


def test_a_tps_behind_the_closed_road_is_unserved_by_name() -> None:
    plan = kg.make_plan(close_roads(world(LADDER), [closure_of(circle(14, 2, 300))]))
    assert plan.unserved.index.tolist() == [kode_tps("E")]
    assert plan.broken == ()
