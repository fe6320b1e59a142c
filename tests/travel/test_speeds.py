"""Speeds by class, surface, weather, limits and access."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ascii_roads import World, table

from kaur_gis.travel.speeds import BARRED, PAVED, UNKNOWN, UNPAVED, edge_kmh, edge_ms, surface_kind

KMH = {"paved": (60.0, 50.0, 40.0), "unknown": (40.0, 30.0, 20.0), "unpaved": (20.0, 10.0, 0.0)}


def kmh(tags: dict[str, object], weather: str = "kering", **vehicle: object) -> float:
    """Speed on one road with these tags."""
    world = World("A---B")
    world.lines[0][4].update(tags)
    speeds = table(v={"kmh": {"tertiary": KMH, "trunk": KMH}, **vehicle})
    found = edge_kmh(world.roads().edges, speeds.vehicles["v"], speeds, weather)  # type: ignore[arg-type]
    assert found.shape == (2,)
    assert found[0] == found[1]
    return float(found[0])


@pytest.mark.parametrize(("weather", "speed"), [("kering", 60.0), ("hujan", 50.0), ("hujan_lebat", 40.0)])
def test_each_weather_has_its_speed(weather: str, speed: float) -> None:
    assert kmh({}, weather) == speed


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({}, PAVED),
        ({"surface": ""}, UNKNOWN),
        ({"surface": "moon"}, UNKNOWN),
        ({"surface": "dirt"}, UNPAVED),
        ({"surface": "dirt/sand"}, UNPAVED),
        ({"surface": "asphalt;gravel"}, UNPAVED),
        ({"surface": "asphalt;paved"}, PAVED),
        ({"surface": "asphalt;moon"}, UNKNOWN),
        ({"smoothness": "very_bad"}, UNPAVED),
        ({"surface": "", "tracktype": "grade5"}, UNPAVED),
        ({"surface": "", "tracktype": "grade1"}, UNKNOWN),
        ({"smoothness": "good", "surface": ""}, UNKNOWN),
    ],
)
def test_of_what_is_said_about_a_surface_the_worst_counts_and_silence_is_never_the_best(
    tags: dict[str, object], kind: int
) -> None:
    world = World("A---B")
    world.lines[0][4].update(tags)
    assert surface_kind(world.roads().edges, table()).tolist() == [kind, kind]
    assert kmh(tags) == {PAVED: 60.0, UNKNOWN: 40.0, UNPAVED: 20.0}[kind]


@pytest.mark.parametrize(("maxspeed", "speed"), [(30.0, 30.0), (90.0, 60.0), (math.nan, 60.0)])
def test_a_legal_limit_lowers_and_never_raises(maxspeed: float, speed: float) -> None:
    assert kmh({"maxspeed_kmh": maxspeed}) == speed


@pytest.mark.parametrize(
    ("moves_as", "tags", "free"),
    [
        ("motor_vehicle", {"access": "no"}, False),
        ("motor_vehicle", {"access": "private"}, False),
        ("motor_vehicle", {"access": "permissive"}, True),
        ("motor_vehicle", {"access": "no", "motor_vehicle": "yes"}, True),
        ("motor_vehicle", {"motor_vehicle": "no"}, False),
        ("motor_vehicle", {"motorcycle": "no"}, True),
        ("motorcycle", {"motorcycle": "no"}, False),
        ("motorcycle", {"motor_vehicle": "no"}, False),
        ("motorcycle", {"motor_vehicle": "no", "motorcycle": "designated"}, True),
        ("motorcycle", {"access": "no", "motor_vehicle": "yes"}, True),
        ("motorcycle", {"access": "no", "motor_vehicle": "yes", "motorcycle": "private"}, False),
        ("foot", {"motor_vehicle": "no"}, True),
        ("foot", {"access": "no"}, False),
        ("foot", {"access": "no", "foot": "yes"}, True),
        ("foot", {"foot": "no"}, False),
        ("boat", {"motor_vehicle": "no"}, True),
        ("boat", {"access": "private"}, False),
    ],
)
def test_the_most_specific_access_tag_decides(moves_as: str, tags: dict[str, object], free: bool) -> None:
    assert (kmh(tags, moves_as=moves_as) > 0) is free


@pytest.mark.parametrize(
    ("tags", "free"),
    [({"maxweight_t": 1.9}, False), ({"maxweight_t": 2.0}, True), ({"width_m": 1.7}, False), ({"width_m": 1.8}, True)],
)
def test_what_is_too_heavy_or_too_wide_can_not_pass(tags: dict[str, object], free: bool) -> None:
    assert (kmh(tags, weight_t=2.0, width_m=1.8) > 0) is free


@pytest.mark.parametrize(
    ("highway", "speed"), [("tertiary_link", 60.0), ("trunk_link", 60.0), ("path", 0.0), ("", 0.0)]
)
def test_a_link_has_the_row_of_its_road_and_an_unnamed_class_has_none(highway: str, speed: float) -> None:
    assert kmh({"highway": highway}) == speed


@pytest.mark.parametrize(("weather", "speed"), [("kering", 8.0), ("hujan", 4.0), ("hujan_lebat", 0.0)])
def test_a_ford_limits_the_speed_and_closes(weather: str, speed: float) -> None:
    assert kmh({"fords": 1}, weather, ford_kmh=(8.0, 4.0, 0.0)) == speed


def test_a_fast_ford_does_not_make_a_slow_road_faster() -> None:
    assert kmh({"fords": 1, "surface": "dirt"}, ford_kmh=(100.0, 0.0, 0.0)) == 20.0


def test_milliseconds_are_whole_at_least_one_and_barred_where_nothing_moves() -> None:
    mm = np.array([1_000_000, 1, 500, 123_456])
    assert edge_ms(mm, np.array([36.0, 120.0, 0.0, 10.0])).tolist() == [100_000, 1, BARRED, 44_444]
