from __future__ import annotations

from itertools import combinations

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kaur_gis.write.sheets.frame import Frame
from kaur_gis.write.sheets.names import WIDEST, Letters, Names

FRAME = Frame(0, 0, 1, 180, 120)
LETTERS = Letters(7, 1.4, 3.3, on_road=True)
NO_ROAD = shapely.MultiLineString([])
middles = st.tuples(st.sampled_from(range(15, 166, 18)), st.sampled_from(range(12, 110, 14)))
places = st.tuples(st.floats(2, 178), st.floats(2, 118))


def box(label):
    return shapely.box(label["x"], label["y"], label["x"] + label["w"], label["y"] + label["h"])


@settings(max_examples=20, deadline=None)
@given(st.lists(middles, min_size=1, max_size=12, unique=True), st.lists(places, max_size=40))
def test_every_name_finds_a_place_on_the_map_and_none_covers_another_or_a_symbol_or_a_line(points, symbols):
    taken = [(x - 0.6, y - 0.6, x + 0.6, y + 0.6) for x, y in symbols]
    room = Names(FRAME, taken, NO_ROAD)
    room.taken += [(x - 0.5, y - 0.5, x + 0.5, y + 0.5) for x, y in points]
    assert all(room.apart(x, y, f"Kecamatan {number}", LETTERS) for number, (x, y) in enumerate(points))
    names = [box(label).buffer(-0.02) for label in room.labels]
    assert all(shapely.box(0, 0, 180, 120).contains(name) for name in names)
    assert not any(one.intersects(other) for one, other in combinations(names, 2))
    assert not any(name.intersects(shapely.box(*symbol)) for name in names for symbol in taken)
    assert len(room.leads) == 2 * len(points)


def test_a_name_stands_in_its_area_off_the_symbols_and_the_road_and_nowhere_where_that_is_too_small():
    area, road = shapely.box(20, 20, 60, 50), shapely.MultiLineString([[(0, 35), (180, 35)]])
    room = Names(FRAME, [(35, 20, 45, 34)], road)
    assert room.inside(area, "Kaur Tengah", LETTERS)
    (name,) = map(box, room.labels)
    assert area.contains(name)
    assert not name.intersects(road)
    assert not room.inside(shapely.box(80, 20, 85, 50), "Kaur Tengah", LETTERS)
    assert not room.inside(shapely.box(36, 21, 44, 33), "A", LETTERS)


def test_a_name_that_no_place_is_left_for_is_not_put_anywhere():
    room = Names(FRAME, [(0, 0, 180, 120)], NO_ROAD)
    assert not room.apart(90, 60, "Maje", LETTERS)
    assert not room.beside((89, 59, 91, 61), "Maje", LETTERS)
    assert room.labels == []


def test_a_line_goes_round_other_names():
    room = Names(FRAME, [(70, 40, 110, 55)], NO_ROAD)
    assert room.beside((89, 60, 91, 62), "x" * WIDEST, LETTERS)
    assert room.apart(90, 64, "Maje", LETTERS)
    other, own = map(box, room.labels)
    lead = shapely.LineString(
        [(90, 64), own.exterior.interpolate(own.exterior.project(shapely.Point(90, 64))).coords[0]]
    )
    assert not lead.intersects(other.buffer(-0.02))


def test_a_long_name_stands_whole_in_lines_of_about_equal_length():
    room = Names(FRAME, [], NO_ROAD)
    for number, name in enumerate(("PPK Kelam Tengah (Rigangan I)", "y" * 60, "Maje")):
        assert room.beside((20, 20 + 20 * number, 22, 22 + 20 * number), name, LETTERS)
    assert [label["text"] for label in room.labels] == [
        "PPK Kelam Tengah\n(Rigangan I)",
        "\n".join(["y" * 20] * 3),
        "Maje",
    ]
