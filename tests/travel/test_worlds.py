"""Drives in worlds drawn in ASCII: what a driver would say, to the second."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from ascii_roads import World, inputs, point, table
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, get_coordinates

from kaur_gis.problems import TravelError
from kaur_gis.travel import UNREACHABLE, TravelTimes, travel_times

CLOSED = UNREACHABLE


def drive(world: World, stops: gpd.GeoDataFrame, **how: object) -> TravelTimes:
    """Times of the only vehicle in the planned weather."""
    return next(iter(travel_times(inputs(world.roads(), **how), stops).values()))


def cell(times: TravelTimes, stops: gpd.GeoDataFrame, origin: str, target: str) -> tuple[int, int]:
    """Seconds and metres between two named stops."""
    at = list(stops["nama"])
    a, b = at.index(origin), at.index(target)
    return int(times.seconds[a, b]), int(times.metres[a, b])


def path(times: TravelTimes, stops: gpd.GeoDataFrame, origin: str, target: str) -> dict[str, object]:
    code = {name: kode for kode, name in stops["nama"].items()}
    return times.paths([(code[origin], code[target])]).iloc[0].to_dict()


SQUARE = """
    A---B
    |   |
    C---D
"""


def test_a_drive_takes_its_metres_at_the_speed_of_the_table() -> None:
    world = World(SQUARE)
    stops = world.stops("A", "B", "C", "D")
    times = drive(world, stops)
    assert cell(times, stops, "A", "B") == (40, 400)
    assert cell(times, stops, "A", "D") == (60, 600)
    assert (times.seconds == times.seconds.T).all()
    assert not np.diagonal(times.seconds).any()


def test_a_one_way_road_is_driven_one_way_and_the_way_back_goes_round() -> None:
    world = World("""
        A->-B
        |   |
        C---D
    """)
    stops = world.stops("A", "B")
    times = drive(world, stops)
    assert cell(times, stops, "A", "B") == (40, 400)
    assert cell(times, stops, "B", "A") == (80, 800)


@pytest.mark.parametrize(
    ("drawing", "origin", "target", "along", "round_"),
    [
        ("A->-B\n|   |\nC---D", "A", "B", 40, 80),
        ("A-<-B\n|   |\nC---D", "B", "A", 40, 80),
        ("A---B\n|   v\nC---D", "B", "D", 20, 100),
        ("A---B\n^   |\nC---D", "C", "A", 20, 100),
    ],
)
def test_arrows_point_where_they_point(drawing: str, origin: str, target: str, along: int, round_: int) -> None:
    world = World(drawing)
    stops = world.stops("A", "B", "C", "D")
    times = drive(world, stops)
    assert cell(times, stops, origin, target)[0] == along
    assert cell(times, stops, target, origin)[0] == round_


@pytest.mark.parametrize(("row", "side"), [(-0.5, "north"), (0.5, "south")])
def test_a_stop_in_the_middle_of_a_one_way_road_is_the_same_on_both_sides_of_it(row: float, side: str) -> None:
    world = World("""
        A->-B
        |   |
        C---D
    """)
    stops = world.stops("A", "B", side=(1, row))
    times = drive(world, stops)
    assert cell(times, stops, "A", "side") == (10, 100)
    assert cell(times, stops, "side", "B") == (30, 300)
    assert cell(times, stops, "side", "A") == (110, 1100), "not back against the arrow"
    assert cell(times, stops, "B", "side") == (90, 900)
    assert times.snap_m[2] == pytest.approx(50, abs=0.1), side
    assert times.carry_s[2] == pytest.approx(50, abs=1)


def test_two_stops_on_one_one_way_road_are_near_one_way_and_far_the_other() -> None:
    world = World("""
        A->-B
        |   |
        C---D
    """)
    stops = world.stops("C", p=(1, -0.1), q=(3, -0.1), r=(3, 0.1))
    times = drive(world, stops)
    assert cell(times, stops, "p", "q") == (20, 200)
    assert cell(times, stops, "q", "p") == (100, 1000)
    assert cell(times, stops, "q", "r") == (0, 0), "both sides of the road are one point of it"
    assert path(times, stops, "q", "r")["geometry"].length == 0
    assert path(times, stops, "p", "q")["geometry"].length > 0


def test_two_stops_on_one_two_way_road_are_equally_near_both_ways() -> None:
    world = World(SQUARE)
    stops = world.stops("C", p=(1, 0.2), q=(3, 0.2))
    times = drive(world, stops)
    assert cell(times, stops, "p", "q") == cell(times, stops, "q", "p") == (20, 200)
    forth, back = path(times, stops, "p", "q"), path(times, stops, "q", "p")
    assert forth["geometry"].reverse().equals_exact(back["geometry"], 1e-6)


def test_a_ford_is_slow_when_dry_and_closed_in_rain() -> None:
    world = World("""
        A-~-B
        |   |
        C---D
    """)
    stops = world.stops("C", "A", "B")
    assert cell(drive(world, stops), stops, "A", "B") == (80, 400), "both ways round are equal: 80 s; the ford is first"
    rain = drive(world, stops, plan="hujan", late="hujan")
    assert cell(rain, stops, "A", "B") == (80, 800)


def test_a_village_behind_a_ford_can_not_be_reached_in_the_late_weather() -> None:
    world = World("A-~-B---C")
    stops = world.stops("A", "B", "C")
    found = travel_times(inputs(world.roads(), plan="kering", late="hujan"), stops)
    dry, rain = found["mobil", "kering"], found["mobil", "hujan"]
    assert cell(dry, stops, "A", "C") == (120, 800)
    assert cell(rain, stops, "A", "C") == (CLOSED, CLOSED)
    assert cell(rain, stops, "B", "C") == (40, 400), "on the far side one can still drive"
    assert (dry.snap_m == rain.snap_m).all()


def test_when_the_plan_is_for_rain_a_stop_does_not_snap_to_a_closed_ford() -> None:
    world = World("A---B-~-C")
    stops = world.stops("A", ford=(6, 0.2))
    times = drive(world, stops, plan="hujan", late="hujan")
    assert cell(times, stops, "A", "ford") == (40, 400), "up to B, and on by hand"
    assert times.snap_m[1] == pytest.approx(201, abs=1)


def test_a_stop_in_the_middle_of_a_ford_that_rain_closes_is_unreachable_then() -> None:
    world = World("A---B-~-C")
    stops = world.stops("A", ford=(6, 0.2))
    found = travel_times(inputs(world.roads(), plan="kering", late="hujan"), stops)
    assert cell(found["mobil", "kering"], stops, "A", "ford") == (80, 600)
    assert cell(found["mobil", "hujan"], stops, "A", "ford") == (CLOSED, CLOSED)


def test_a_truck_goes_round_a_bridge_that_does_not_bear_it() -> None:
    world = World("""
        A-!-B
        |   |
        C---D
    """)
    stops = world.stops("A", "B")
    found = travel_times(inputs(world.roads(), table(pikap={}, truk={"weight_t": 7.5})), stops)
    assert cell(found["pikap", "kering"], stops, "A", "B") == (40, 400)
    assert cell(found["truk", "kering"], stops, "A", "B") == (80, 800)


def test_a_private_road_is_not_driven() -> None:
    world = World("""
        A-x-B
        |   |
        C---D
    """)
    stops = world.stops("A", "B")
    assert cell(drive(world, stops), stops, "A", "B") == (80, 800)


def test_an_island_is_not_snapped_to_although_it_is_nearer() -> None:
    world = World("""
        A-------B

            C-D
    """)
    stops = world.stops("A", "B", near=(5, 1.6))
    times = drive(world, stops)
    assert cell(times, stops, "A", "near") == (50, 500)
    assert times.snap_m[2] == pytest.approx(160, abs=0.2)


def test_a_stop_that_is_near_an_island_alone_meets_it_and_is_not_reached() -> None:
    world = World("""
        A---B       C-D
    """)
    stops = world.stops("A", "B", "D", "C", far=(20, 5))
    times = drive(world, stops)
    assert cell(times, stops, "A", "D") == cell(times, stops, "D", "A") == (CLOSED, CLOSED)
    assert cell(times, stops, "D", "D") == (0, 0)
    assert times.snap_m[2] == pytest.approx(0, abs=0.1), "there is a road, but none that leads to it: no_road"
    assert cell(times, stops, "C", "D") == (20, 200)
    assert times.snap_m[4] > 500, "no road at all: too_far_from_road"
    assert times.carry_s[4] == 0


def test_a_stop_that_is_near_a_trap_alone_is_reached_and_not_left() -> None:
    world = World("""
        A---B--->---C   E-F
    """)
    stops = world.stops("A", "C", trap=(9, 0.5), island=(17, 0.5), between=(14.5, 0))
    times = drive(world, stops)
    assert cell(times, stops, "A", "C") == (120, 1200)
    assert cell(times, stops, "C", "A") == (CLOSED, CLOSED), "no_way_back"
    assert cell(times, stops, "A", "trap")[0] == 90
    assert cell(times, stops, "trap", "A") == (CLOSED, CLOSED)
    assert cell(times, stops, "A", "island") == cell(times, stops, "island", "A") == (CLOSED, CLOSED), "no_road"
    assert cell(times, stops, "A", "between")[0] == 120, "of two bad roads the one that is reached"
    assert times.snap_m == pytest.approx([0, 0, 50, 50, 250], abs=0.5)


def test_a_road_that_can_be_left_and_not_entered_is_no_road() -> None:
    world = World("""
        A---B---<---C
    """)
    stops = world.stops("A", "C")
    times = drive(world, stops)
    assert cell(times, stops, "A", "C") == (CLOSED, CLOSED)
    assert cell(times, stops, "C", "A") == (120, 1200)


def test_a_village_on_an_island_of_a_schematic_network_attaches_to_its_own_node() -> None:
    world = World("A---B       C-D", schematic=True)
    world.villages = {"D": "17.04.01.2001", "A": "17.04.01.2002"}
    stops = world.stops("A", "D")
    times = drive(world, stops)
    assert times.snap_m[1] == pytest.approx(0, abs=0.1)
    assert cell(times, stops, "A", "D") == (CLOSED, CLOSED)


def test_the_gudang_decides_which_part_is_the_main_one() -> None:
    world = World("""
        A---B       C---------D
    """)
    stops = world.stops("A", "B", "D")
    times = drive(world, stops)
    assert cell(times, stops, "A", "B") == (40, 400)
    assert cell(times, stops, "A", "D") == (CLOSED, CLOSED)


def test_a_short_road_beside_the_gudang_that_is_joined_to_nothing_does_not_win() -> None:
    world = World("""
        A---B---C

        D-E
    """)
    stops = world.stops("D", "C")
    times = drive(world, stops)
    assert cell(times, stops, "D", "C") == (80, 800)
    assert times.snap_m[0] == pytest.approx(200, abs=0.2)


FORK = """
    A---B-------C
"""


def test_a_stop_with_a_gate_is_driven_to_the_gate_and_carried_from_there_however_far() -> None:
    world = World(FORK)
    stops = world.stops("A", "C", far=(4, 40), gated=(4, 40), gates={"gated": (6, 0.5)})
    times = drive(world, stops)
    assert cell(times, stops, "A", "far") == (CLOSED, CLOSED), "4 km from every road"
    assert cell(times, stops, "A", "gated") == cell(times, stops, "gated", "A") == (60, 600)
    assert times.snap_m[2:] == pytest.approx([4000, 50], rel=1e-3), "from the gate to the road"
    walk_m = 50 + np.hypot(200, 3950)  # the drawing is in metres
    assert times.carry_m[3] == pytest.approx(walk_m, rel=1e-3)
    assert times.carry_s[3] == pytest.approx(walk_m, rel=1e-3), "at 3.6 km/h"


def test_a_gate_goes_before_a_road_that_is_nearer() -> None:
    world = World(FORK)
    stops = world.stops("A", near=(8, 1), gated=(8, 1), gates={"gated": (4, 0)})
    times = drive(world, stops)
    assert cell(times, stops, "A", "near") == (80, 800)
    assert cell(times, stops, "A", "gated") == (40, 400)
    assert times.carry_m[1:] == pytest.approx([100, np.hypot(400, 100)], rel=1e-3)


def test_a_gate_too_far_from_every_road_serves_nobody() -> None:
    world = World(FORK)
    stops = world.stops("A", gated=(8, 0), gates={"gated": (8, 30)})
    times = drive(world, stops)
    assert cell(times, stops, "A", "gated") == (CLOSED, CLOSED)
    assert times.snap_m[1] == pytest.approx(3000, rel=1e-3)
    assert times.carry_m[1] == 0


def test_on_a_schematic_network_a_gate_meets_the_nearest_node_and_not_its_villages_own() -> None:
    world = World(FORK, schematic=True)
    world.villages = {"B": "17.04.01.2001", "C": "17.04.01.2002"}
    stops = world.stops("A", "C", gated=(12, 0), gates={"gated": (4, 0)})
    stops["kode_desa"] = ["17.04.01.2003", "17.04.01.2002", "17.04.01.2002"]
    stops["posisi"] = "desa"
    times = drive(world, stops)
    assert cell(times, stops, "A", "C") == (120, 1200)
    assert cell(times, stops, "A", "gated") == (40, 400)
    assert times.carry_m == pytest.approx([0, 0, 800], abs=1)


def test_a_trap_that_can_be_entered_and_not_left_is_not_snapped_to() -> None:
    world = World("A---B->-C")
    stops = world.stops("A", "B", "C")
    times = drive(world, stops, max_snap_m=500)
    assert cell(times, stops, "A", "C") == (40, 400), "as far as B"
    assert times.snap_m[2] == pytest.approx(400, abs=0.5)


def test_of_parallel_roads_the_quicker_is_driven() -> None:
    world = World("A---B").road("A", "B", 300.0).road("A", "B", 250.0, surface="dirt")
    stops = world.stops("A", "B")
    assert cell(drive(world, stops), stops, "A", "B") == (25, 250)
    assert path(drive(world, stops), stops, "A", "B")["unpaved_m"] == 250


def test_a_stop_on_a_loop_leaves_it_the_shorter_way_round() -> None:
    world = World("A---B").road("B", "B", 1000.0)
    stops = world.stops("A", loop=(4.7, 0.6))
    times = drive(world, stops)
    there, back = cell(times, stops, "A", "loop"), cell(times, stops, "loop", "A")
    assert there == back
    assert 40 < there[0] < 40 + 50


def test_a_stop_on_a_one_way_loop_goes_on_round() -> None:
    world = World("A---B").road("B", "B", 1000.0, "one")
    stops = world.stops("A", loop=(4.7, 0.6))
    times = drive(world, stops)
    assert cell(times, stops, "A", "loop")[1] + cell(times, stops, "loop", "A")[1] == pytest.approx(1800, abs=1)


def test_a_dead_end_is_driven_in_and_out() -> None:
    world = World("""
        A---B---C
            |
            D
    """)
    stops = world.stops("A", "C", end=(4, 2.4))
    times = drive(world, stops)
    assert cell(times, stops, "A", "end") == cell(times, stops, "end", "C") == (60, 600)
    assert times.snap_m[2] == pytest.approx(40, abs=0.1)


def test_a_bridge_cut_in_pieces_by_its_tags_is_one_bridge_and_two_apart_are_two() -> None:
    world = World("A-=-+-=-+---+-=-B")
    stops = world.stops("A", "B")
    assert path(drive(world, stops), stops, "A", "B")["bridges"] == 2


def test_on_a_schematic_network_every_link_states_its_own_bridges() -> None:
    world = World("A-=-+-=-+---+-=-B", schematic=True)
    stops = world.stops("A", "B")
    assert path(drive(world, stops), stops, "A", "B")["bridges"] == 3


def test_unpaved_and_unknown_metres_are_counted_apart_and_never_exceed_the_drive() -> None:
    world = World("A-:-+-?-+---B")
    stops = world.stops("A", "B")
    found = path(drive(world, stops), stops, "A", "B")
    assert (found["unpaved_m"], found["unknown_m"], found["metres"]) == (400, 400, 1200)


def test_a_village_attaches_to_its_own_node_of_a_schematic_network() -> None:
    world = World("A---B---C", schematic=True)
    world.villages = {"B": "17.04.01.2001 17.04.01.2002", "far": "17.04.01.2002", "A": "17.04.01.2003"}
    stops = world.stops("A", far=(7, 1), lost=(7, 1))
    times = drive(world, stops, max_snap_m=500)
    assert cell(times, stops, "A", "far") == (40, 400)
    assert cell(times, stops, "A", "lost") == (80, 800), "no village: the nearest node"
    assert times.snap_m[1] == pytest.approx(316, abs=1)
    assert times.carry_s[1] == pytest.approx(317, abs=2), "a surveyed stop away from the node is carried to"


def test_a_stop_that_stands_for_its_village_is_not_carried_to_from_the_villages_own_node() -> None:
    world = World("A---B---C", schematic=True)
    world.villages = {"B": "17.04.01.2001", "far": "17.04.01.2001"}
    stops = world.stops("A", far=(7, 1), lost=(7, 1)).assign(posisi="desa")
    times = drive(world, stops, max_snap_m=500)
    assert times.snap_m[1] == pytest.approx(316, abs=1)
    assert times.carry_s[1] == 0
    assert times.carry_s[2] > 100


def test_where_nothing_can_be_carried_only_stops_on_the_road_are_served() -> None:
    world = World("A---B---C", schematic=True)
    stops = world.stops("A", "C", off=(8, 1))
    times = drive(world, stops, plan="hujan_lebat", late="hujan_lebat")
    assert cell(times, stops, "A", "C") == (80, 800)
    assert cell(times, stops, "A", "off") == (CLOSED, CLOSED)


def test_without_any_usable_road_every_stop_is_unreachable() -> None:
    world = World("A-x-B")
    stops = world.stops("A", "B")
    times = drive(world, stops)
    assert times.seconds.tolist() == times.metres.tolist() == [[0, CLOSED], [CLOSED, 0]]
    assert np.isinf(times.snap_m).all()
    assert times.carry_s.tolist() == [0, 0]


def test_a_drive_is_drawn_from_road_point_to_road_point() -> None:
    world = World(SQUARE)
    stops = world.stops("D", p=(1, 0.2))
    line = path(drive(world, stops), stops, "p", "D")["geometry"]
    on_road = get_coordinates(world.roads().edges.geometry.iloc[0])
    assert line.coords[0][1] == pytest.approx(on_road[:, 1].mean(), abs=5e-6)
    assert line.coords[-1] == pytest.approx(stops.geometry.iloc[0].coords[0], abs=1e-6)


def test_paths_are_refused_where_there_is_none() -> None:
    world = World("A---B       C-D")
    stops = world.stops("A", "B", "D")
    times = drive(world, stops)
    a, b, d = stops.index
    assert times.paths([]).empty
    assert list(times.paths([(a, b), (b, b), (b, a)]).index) == [(a, b), (b, b), (b, a)]
    with pytest.raises(TravelError, match="no way"):
        times.paths([(a, d)])
    with pytest.raises(TravelError, match="no drive"):
        times.paths([(a, "TIDAK-ADA")])
    bare = replace(times, drives=None, others=None)
    with pytest.raises(TravelError, match="no drive"):
        bare.paths([(a, b)])


def test_a_vehicle_that_the_table_lacks_is_named() -> None:
    world = World("A---B")
    given_ = inputs(world.roads())
    given_.operation.guard.vehicle = "perahu"
    with pytest.raises(TravelError, match="perahu"):
        travel_times(given_, world.stops("A", "B"))


CITY = """
    A-->+---B
    |   |   |
    +-~-+-=-+
    |   ^   |
    C---+-:-D
"""
PLACES = st.tuples(st.floats(-0.5, 8.5), st.floats(-0.5, 4.5))


@pytest.mark.parametrize("gone", range(12))
def test_taking_a_road_away_shortens_no_drive_between_stops_at_nodes(gone: int) -> None:
    world = World(CITY)
    stops = world.stops("A", "B", "C", "D")
    full, less = drive(world, stops), drive(world.without(gone), stops)
    both = (less.seconds >= 0) & (less.snap_m < 1)[:, None] & (less.snap_m < 1)
    assert (full.seconds >= 0).all()
    assert (less.seconds >= full.seconds)[both].all()


@given(places=st.lists(PLACES, min_size=2, max_size=6))
@settings(max_examples=15, deadline=None)
def test_times_keep_the_triangle_inequality_and_equal_their_drives(places: list[tuple[float, float]]) -> None:
    world = World(CITY)
    stops = world.stops("A", **{f"p{n}": place for n, place in enumerate(places)})
    times = drive(world, stops)
    s = times.seconds
    assert (s >= 0).all()
    assert (s[:, None, :] <= s[:, :, None] + s[None, :, :]).all()
    pairs = [(a, b) for a in stops.index for b in stops.index]
    drawn = times.paths(pairs)
    assert (drawn["unpaved_m"] + drawn["unknown_m"] <= drawn["metres"]).all()
    assert (drawn["seconds"].to_numpy() == s.reshape(-1)).all()
    length = drawn.to_crs(32748).length.to_numpy()
    assert np.allclose(length, times.metres.reshape(-1), rtol=2e-3, atol=1.5)


@given(places=st.lists(PLACES, min_size=2, max_size=6))
@settings(max_examples=12, deadline=None)
def test_doubling_every_speed_halves_every_time(places: list[tuple[float, float]]) -> None:
    world = World(CITY.replace("~", "-"))
    stops = world.stops("A", **{f"p{n}": place for n, place in enumerate(places)})
    fast = (72.0, 72.0, 72.0)
    quick = table(mobil={"kmh": {"tertiary": {"paved": fast, "unknown": fast, "unpaved": fast}}})
    slow_times, quick_times = drive(world, stops), drive(world, stops, speeds=quick)
    assert (slow_times.metres == quick_times.metres).all()
    assert (np.abs(slow_times.seconds - 2 * quick_times.seconds) <= 2).all(), "each is rounded up once"


@given(places=st.lists(PLACES, min_size=2, max_size=6))
@settings(max_examples=12, deadline=None)
def test_heavier_weather_is_never_faster(places: list[tuple[float, float]]) -> None:
    world = World(CITY)
    stops = world.stops("A", **{f"p{n}": place for n, place in enumerate(places)})
    wet = {"paved": (36.0, 30.0, 20.0), "unknown": (30.0, 20.0, 10.0), "unpaved": (20.0, 9.0, 0.0)}
    speeds = table(m={"kmh": {"tertiary": wet}})
    found = travel_times(inputs(world.roads(), speeds, plan="kering", late="hujan_lebat"), stops)
    dry, heavy = found["m", "kering"], found["m", "hujan_lebat"]
    reached = heavy.seconds >= 0
    assert (heavy.seconds >= dry.seconds)[reached].all()
    assert (dry.seconds >= 0).all()


def test_only_who_walks_takes_the_steps_and_only_a_boat_the_water() -> None:
    world = World("""
        A-s-B
        |   |
        C-f-D
    """)
    stops = world.stops("A", "B", "C", "D")
    slow = dict.fromkeys(("paved", "unknown", "unpaved"), (3.6, 3.6, 3.6))
    walker = {"moves_as": "foot", "kmh": {"tertiary": slow, "steps": slow}}
    boat = {"moves_as": "boat", "kmh": {"ferry": slow}}
    found = travel_times(inputs(world.roads(), table(kaki=walker, mobil={}, perahu=boat)), stops)
    assert cell(found["kaki", "kering"], stops, "A", "B") == (400, 400)
    assert cell(found["mobil", "kering"], stops, "A", "B") == (CLOSED, CLOSED)
    assert cell(found["perahu", "kering"], stops, "C", "D") == (400, 400)
    assert path(found["perahu", "kering"], stops, "C", "D")["ferries"] == 1
    assert path(found["kaki", "kering"], stops, "A", "B")["ferries"] == 0


def test_metres_outside_the_kabupaten_are_counted() -> None:
    world = World("A---B---C\n|       |\nD-------E")
    stops = world.stops("A", "C", "D", "E")
    half = MultiPoint([point(-1, -1), point(5, 3)]).envelope
    times = next(iter(travel_times(inputs(world.roads(), home=half), stops).values()))
    assert path(times, stops, "A", "C")["outside_m"] == pytest.approx(300, abs=2)
    assert path(times, stops, "A", "D")["outside_m"] == 0
    assert path(times, stops, "C", "E")["outside_m"] == 200
    between = world.stops("A", inside=(4.5, 0), halfway=(6, 0), low=(3, 2.3), lower=(6, 2.3))
    times = next(iter(travel_times(inputs(world.roads(), home=half), between).values()))
    assert path(times, between, "A", "inside")["outside_m"] == 0, "the rest of that road lies over the border"
    assert path(times, between, "A", "halfway")["outside_m"] == pytest.approx(100, abs=2)
    assert path(times, between, "low", "lower")["outside_m"] == pytest.approx(100, abs=2)
    drawn = World("A---B---C", schematic=True)
    straight = next(iter(travel_times(inputs(drawn.roads(), home=half), drawn.stops("A", "C")).values()))
    assert path(straight, drawn.stops("A", "C"), "A", "C")["outside_m"] == 0, "its course is not known"


def other(times: TravelTimes, stops: gpd.GeoDataFrame, origin: str, target: str) -> dict[str, object]:
    code = {name: kode for kode, name in stops["nama"].items()}
    return times.other_ways([(code[origin], code[target])]).iloc[0].to_dict()


def test_the_other_way_keeps_off_the_first_one_as_far_as_it_can() -> None:
    world = World("""
        A---B---C---D
            |   |
            E---F
    """)
    stops = world.stops("A", "D", "B", "C", mid=(6, 0.1))
    times = drive(world, stops)
    found = other(times, stops, "A", "D")
    assert (found["seconds"], found["metres"], found["shared_m"]) == (160, 1600, 800), "round by E and F"
    assert found["geometry"].length > path(times, stops, "A", "D")["geometry"].length
    assert other(times, stops, "B", "C")["shared_m"] == 0
    assert other(times, stops, "B", "mid")["metres"] == 1000, "in from the other side"
    assert other(times, stops, "mid", "B")["shared_m"] == 0


def test_where_there_is_one_road_there_is_no_other_way() -> None:
    world = World("A---B->-C\n    |   |\n    D---E")
    stops = world.stops("A", "B", "C", near=(1, 0.1))
    times = drive(world, stops)
    found = other(times, stops, "A", "B")
    assert (found["seconds"], found["metres"], found["shared_m"]) == (CLOSED, CLOSED, CLOSED)
    assert found["geometry"].is_empty
    assert other(times, stops, "B", "C")["metres"] == 800
    assert other(times, stops, "C", "B")["metres"] == CLOSED, "back against the arrow there is only one"
    assert other(times, stops, "A", "A")["seconds"] == CLOSED
    assert other(times, stops, "A", "near")["seconds"] == CLOSED
    assert times.other_ways([]).empty


def shares(world: World, one: list[tuple[str, str]], two: list[tuple[str, str]]) -> float:
    """Metres of road that two walks over nodes have in common, whatever the direction."""
    length = {frozenset(line[:2]): line[3] for line in world.lines}
    return sum(length[road] for road in {frozenset(step) for step in two} & {frozenset(step) for step in one})


@pytest.mark.parametrize("target", ["B", "C", "D"])
def test_no_drive_shares_less_than_the_other_way(target: str) -> None:
    world = World(CITY)
    stops = world.stops("A", "B", "C", "D")
    times = drive(world, stops)
    graph = nx.DiGraph()
    for one, end, direction, metres, _, _ in world.lines:
        graph.add_edges_from(
            {"both": [(one, end), (end, one)], "one": [(one, end)], "back": [(end, one)]}[direction], metres=metres
        )
    walks = [list(pairwise(walk)) for walk in nx.all_simple_paths(graph, "A", target)]
    line = path(times, stops, "A", target)["geometry"]
    first = min(
        walks, key=lambda walk: abs(line.length - LineString([point(*world.at[n]) for n in nodes_of(walk)]).length)
    )
    found = other(times, stops, "A", target)
    assert found["shared_m"] == min(shares(world, first, walk) for walk in walks)


def nodes_of(walk: list[tuple[str, str]]) -> list[str]:
    return [walk[0][0], *(end for _, end in walk)]
