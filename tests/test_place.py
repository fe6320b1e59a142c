"""Place: the code decides, the polygon checks."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from specimens import HOSTILE
from world import METRIC_CRS, kode_desa, kode_tps, lon_lat, world

from kaur_gis.catalogue import LANGS, say
from kaur_gis.place import place

TWO = """
    G--P--A
          |
    p--a--+
"""


def test_a_tps_without_a_coordinate_lies_at_its_villages_point() -> None:
    inputs = world(TWO)
    placed, notes = place(inputs)
    assert placed.loc[kode_tps("A"), "geometry"].equals(inputs.desa.loc[kode_desa("A"), "geometry"])
    assert list(placed["posisi"]) == ["desa", "desa"]
    assert list(placed["placed_by"]) == ["inside", "inside"]
    assert list(placed["border_m"]) == [0, 0]
    assert notes == ()


def test_a_surveyed_coordinate_goes_before_the_villages_point() -> None:
    at = lon_lat(5.9, 0.2)
    placed, notes = place(world(TWO, gps={kode_tps("A"): at}))
    assert placed.loc[kode_tps("A"), "geometry"].equals(shapely.Point(at))
    assert placed.loc[kode_tps("A"), "posisi"] == "gps"
    assert notes == ()


def test_tps_of_one_village_at_one_point_are_one_stop_and_another_point_is_another() -> None:
    gps = {kode_tps("A", 2): lon_lat(6.3, 0), kode_tps("A", 3): lon_lat(6.3, 0)}
    placed, _ = place(world(TWO, tps={"A": 4}, gps=gps))
    stops = placed["kode_stop"]
    assert stops[kode_tps("A", 1)] == stops[kode_tps("A", 4)] == kode_tps("A", 1)
    assert stops[kode_tps("A", 2)] == stops[kode_tps("A", 3)] == kode_tps("A", 2)


def test_tps_at_one_point_with_different_gates_are_different_stops() -> None:
    gates = {kode_tps("A", 2): lon_lat(5, 0), kode_tps("A", 3): lon_lat(5, 0), kode_tps("A", 4): lon_lat(4, 0)}
    stops = place(world(TWO, tps={"A": 5}, gates=gates))[0]["kode_stop"]
    first, second, third, fourth, fifth = (stops[kode_tps("A", number)] for number in range(1, 6))
    assert first == fifth == kode_tps("A", 1)
    assert second == third == kode_tps("A", 2)
    assert fourth == kode_tps("A", 4)


def test_two_points_within_a_tenth_of_a_metre_are_one_stop_and_a_metre_apart_are_two() -> None:
    lon, lat = 103.35, -4.61
    near = {kode_tps("A", 1): (lon, lat), kode_tps("A", 2): (lon + 4e-7, lat)}
    far = {kode_tps("A", 1): (lon, lat), kode_tps("A", 2): (lon + 1e-5, lat)}
    assert place(world("G-P-A", tps={"A": 2}, gps=near))[0]["kode_stop"].nunique() == 1
    assert place(world("G-P-A", tps={"A": 2}, gps=far))[0]["kode_stop"].nunique() == 2


def test_two_villages_at_one_point_are_two_stops() -> None:
    at = lon_lat(3.2, 1)
    placed, _ = place(world("G-P-A-B", gps={kode_tps("A"): at, kode_tps("B"): at}))
    assert list(placed["kode_stop"]) == [kode_tps("A"), kode_tps("B")]


def test_a_point_in_another_kecamatan_keeps_its_code_and_is_noted_with_the_polygon_it_lies_in() -> None:
    placed, notes = place(world(TWO, gps={kode_tps("A"): lon_lat(0, 2.4)}))
    row = placed.loc[kode_tps("A")]
    assert (row["kode_kec"], row["nama_kec"], row["placed_by"]) == ("17.04.01", "Kecamatan 1", "outside")
    (note,) = notes
    assert (note.what, note.level, note.file) == ("lies_in_other_kecamatan", "note", "tps.csv")
    assert (note.column, note.value) == ("kode_tps", kode_tps("A"))
    assert note.details["lies_in"] == "Kecamatan 2 (17.04.02)"
    assert note.details["n_tps"] == 1


def test_a_village_point_outside_every_kecamatan_is_one_note_for_all_its_tps() -> None:
    inputs = world(TWO, tps={"A": 3})
    points = inputs.desa.geometry.copy()
    points[kode_desa("A")] = shapely.Point(lon_lat(6, -9))
    placed, notes = place(replace(inputs, desa=inputs.desa.set_geometry(points)))
    (note,) = notes
    assert (note.what, note.file, note.column) == ("outside_every_kecamatan", "desa.csv", "kode_desa")
    assert note.value == kode_desa("A")
    assert (note.details["n_tps"], note.details["lies_in"]) == (3, "")
    # the polygon ends one and a half squares above the letter
    assert note.details["border_m"] == pytest.approx(7500, abs=2)
    assert placed.loc[kode_tps("A"), "border_m"] == pytest.approx(7500, abs=2)


@pytest.mark.parametrize(
    ("row", "placed_by", "border_m"),
    [
        (-1.5, "on_border", 0),
        (-1.4991, "on_border", 0),
        (-1.5009, "on_border", 0.9),
        (-1.495, "inside", 0),
        (-1.505, "near_border", 5),
        (-1.999, "near_border", 499),
        (-2.001, "outside", 501),
    ],
)
def test_the_line_has_a_metre_and_the_neighbourhood_the_operations_width(
    row: float, placed_by: str, border_m: float
) -> None:
    placed, notes = place(world(TWO, gps={kode_tps("A"): lon_lat(5.5, row)}))
    assert placed.loc[kode_tps("A"), "placed_by"] == placed_by
    assert placed.loc[kode_tps("A"), "border_m"] == pytest.approx(border_m, abs=0.3)
    assert len(notes) == (placed_by == "outside")


def test_how_far_outside_is_unnoticed_is_the_operations_word() -> None:
    gps = {kode_tps("A"): lon_lat(5.5, -1.6)}
    strict, notes = place(world(TWO, gps=gps, region={"max_outside_m": 50.0}))
    assert strict.loc[kode_tps("A"), "placed_by"] == "outside"
    assert len(notes) == 1


def test_hostile_names_come_through_unchanged_and_can_be_said() -> None:
    inputs = world(TWO, gps={kode_tps("A"): lon_lat(0, 2.4)})
    for name in HOSTILE.values():
        named = replace(inputs, desa=inputs.desa.assign(nama=name), kecamatan=inputs.kecamatan.assign(nama=name))
        placed, (note,) = place(named)
        assert list(placed.loc[kode_tps("A"), ["nama_desa", "nama_kec"]]) == [name, name]
        for lang in LANGS:
            text = say(f"problem.{note.what}", lang, value=note.value, **note.details)
            assert name in text
            assert say(f"problem.{note.what}_hint", lang, value=note.value, **note.details)


def test_the_order_of_the_rows_does_not_matter() -> None:
    inputs = world(TWO, tps={"A": 3, "a": 2})
    turned = replace(inputs, tps=inputs.tps[::-1], desa=inputs.desa[::-1], kecamatan=inputs.kecamatan[::-1])
    placed, _ = place(inputs)
    again, _ = place(turned)
    assert placed.equals(again)


EIGHT = world("G-P-A", tps={"A": 8})  # made once: only where its TPS lie changes


@given(
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True).map(sorted),
    points=st.lists(st.tuples(st.integers(-2, 12), st.integers(-2, 12)), min_size=1, max_size=8),
    data=st.data(),
)
@settings(max_examples=25, deadline=None)
def test_in_a_partition_of_strips_each_point_lies_where_its_column_says(cuts, points, data) -> None:
    """Strips between x = 0, the cuts and 10, over y in 0..10; a point is a whole kilometre, so often on a line."""
    lon, lat = zip(*(lon_lat(*xy) for xy in points), strict=True)
    inputs = replace(EIGHT, tps=EIGHT.tps[: len(points)].assign(lon=lon, lat=lat, posisi_data="gps"))
    own = data.draw(st.integers(0, len(cuts)))
    edges = [0, *cuts, 10]
    strips = [_strip(edges[n], edges[n + 1]) for n in range(len(cuts) + 1)]
    # the strip under test is 17.04.01, the others are other kecamatan
    codes = [f"17.04.{2 + n:02d}" if n != own else "17.04.01" for n in range(len(strips))]
    kecamatan = gpd.GeoDataFrame(
        {
            "nama": codes,
            "dapil": [""] * len(codes),
            "n_tps_resmi": np.zeros(len(codes), dtype=np.int64),
            "sumber": ["contoh"] * len(codes),
        },
        geometry=strips,
        crs="EPSG:4326",
        index=codes,
    ).rename_axis("kode_kec")
    placed, notes = place(replace(inputs, kecamatan=kecamatan))
    left, right = edges[own], edges[own + 1]
    for n, (x, y) in enumerate(points, 1):
        aside, above = max(left - x, x - right, 0), max(-y, y - 10, 0)
        line = (x in (left, right) and 0 <= y <= 10) or (y in (0, 10) and left <= x <= right)
        expected = "on_border" if line else "inside" if aside == above == 0 else "outside"
        row = placed.loc[kode_tps("A", n)]
        assert row["placed_by"] == expected
        assert row["border_m"] == pytest.approx(1000 * np.hypot(aside, above), abs=1)
        assert row["kode_kec"] == "17.04.01"
    assert {note.value for note in notes} == set(placed.loc[placed["placed_by"] == "outside", "kode_stop"])


def _strip(left: float, right: float) -> shapely.Polygon:
    return shapely.Polygon([lon_lat(left, 0), lon_lat(right, 0), lon_lat(right, 10), lon_lat(left, 10)])


def test_long_straight_lines_in_degrees_are_not_taken_for_straight_lines_in_metres() -> None:
    west, east, north, south = 103.0, 103.9, -4.3, -4.9
    inputs = world("G-P-A", gps={kode_tps("A"): ((west + east) / 2, south)})
    box = inputs.kecamatan.set_geometry([shapely.box(west, south, east, north)], crs="EPSG:4326")
    placed, _ = place(replace(inputs, kecamatan=box))
    assert placed.loc[kode_tps("A"), "placed_by"] == "on_border"
    # straight in metres, the line between the corners would pass this far from the point
    metric = Transformer.from_crs("EPSG:4326", METRIC_CRS, always_xy=True)
    chord = shapely.LineString([metric.transform(west, south), metric.transform(east, south)])
    assert chord.distance(shapely.Point(metric.transform((west + east) / 2, south))) > 10
