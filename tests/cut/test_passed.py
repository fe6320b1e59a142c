"""What a trip passes that has no second way around it, against roads that can be checked by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis.cut.passed import passed
from kaur_gis.cut.weak import weak_points

# a bridge to D, a ford beyond it; A and B lie on a ring
ROADS = """
    G---P---A---B
        |   |   |
        C#--D   E
        |   |   |
        +---+---+~--F
"""


def passing(plan: kg.Plan) -> dict[str, list[tuple[str, int]]]:
    found = passed(plan, weak_points(plan).roads)
    return {code: [(one.kind, one.n_tps) for one in some] for code, some in found.items()}


def trip_to(plan: kg.Plan, place: str) -> str:
    codes = plan.loads.reset_index().set_index("kode_tps")["kode_trip"].loc[[kode_tps(place)]]
    return next(str(code) for code in codes if "PPK" in str(code))


def test_a_trip_lists_bridges_and_fords_first_and_plain_road_with_one_effect_once() -> None:
    plan = kg.make_plan(world("G---P---A#--B~--C---D\n", pemilih={"D": 999}))
    found = passed(plan, weak_points(plan).roads)
    far = found[trip_to(plan, "D")]
    assert [one.kind for one in far][:2] == ["bridge", "ford"]
    assert {one.kind for one in far[2:]} == {"road"}
    assert [one.n_tps for one in far[:2]] == [3, 2]
    assert far[0].pemilih == plan.tps["pemilih"].loc[[kode_tps(name) for name in "BCD"]].sum()
    road = [one for one in far if one.kind == "road"]
    assert len({(one.n_tps, one.pemilih) for one in road}) == len(road)
    voters = [one.pemilih for one in road]
    assert voters == sorted(voters, reverse=True)


def test_a_place_is_told_by_the_leg_that_comes_there_first_and_the_metres_along_it() -> None:
    plan = kg.make_plan(world("G---P-------A#--B", tps={"A": 1, "B": 1}))
    code = trip_to(plan, "B")
    bridge = next(one for one in passed(plan, weak_points(plan).roads)[code] if one.kind == "bridge")
    leg = plan.legs.loc[code].loc[bridge.order]
    start = 12 if leg["from_stop"] == plan.tps["kode_stop"][kode_tps("A")] else 4
    assert leg["to_stop"] == plan.tps["kode_stop"][kode_tps("B")]
    assert bridge.along_m == pytest.approx((14 - start) * 1000, abs=30)
    assert (bridge.lon, bridge.lat) == pytest.approx(lon_lat(14, 0), abs=1e-4)
    assert bridge.metres == pytest.approx(4000, rel=0.01)
    road = next(one for one in passed(plan, weak_points(plan).roads)[code] if one.kind == "road")
    assert road.along_m == pytest.approx(0, abs=30)


def test_a_ring_has_no_critical_point_but_the_way_to_it_has() -> None:
    plan = kg.make_plan(world("G---P---A\n    |   |\n    B---C"))
    kinds = passing(plan)
    assert all(some == [] for code, some in kinds.items() if "PPK" in code)
    assert all(some == [("road", 3)] for code, some in kinds.items() if "GUDANG" in code)


def test_two_carriageways_of_one_bridge_are_one_to_a_driver_but_two_bridges_are_two() -> None:
    plan = kg.make_plan(world("G---P---A#--B"))
    weak = weak_points(plan).roads
    twice = weak.loc[[*weak.index, *weak.index[weak["bridges"] > 0]]].reset_index(drop=True)
    code = trip_to(plan, "B")
    one = [each for each in passed(plan, twice)[code] if each.kind == "bridge"]
    assert [each.metres for each in one] == [pytest.approx(8000, rel=0.01)]
    two = kg.make_plan(world("G---P---A#--+#--B"))
    assert [kind for kind, _ in passing(two)[trip_to(two, "B")]].count("bridge") == 2


def test_a_plan_without_trips_passes_nothing() -> None:
    inputs = world(ROADS)
    plan = kg.make_plan(replace(inputs, operation=inputs.operation.model_copy(update={"fleet": ()})))
    assert passed(plan, weak_points(plan).roads) == {}


def test_all_that_lies_within_a_leg_is_told_and_nothing_else() -> None:
    plan = kg.make_plan(world(ROADS))
    weak = weak_points(plan).roads
    metric = plan.inputs.operation.region.metric_crs
    lines = plan.legs.geometry.to_crs(metric)
    pieces = weak[weak["n_tps"] > 0].geometry.to_crs(metric)
    found = passed(plan, weak)
    for code in plan.trips.index:
        ways = lines.loc[code].buffer(1)
        inside = [piece for piece, line in pieces.items() if ways.contains(line).any()]
        assert sum(one.metres for one in found[code]) == pytest.approx(weak["metres"].loc[inside].sum())
    assert any(one.kind == "ford" for some in found.values() for one in some)
