"""Villages and kecamatan against OpenStreetMap: what differs is told, and nothing is taken over."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from world import lon_lat, world

from kaur_gis.compared import compared
from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS, Boundaries, PlaceNames, checked_geo
from kaur_gis.problems import Problem
from kaur_gis.report import told
from kaur_gis.review import review
from kaur_gis.spelling import bare, letters

DRAWING = """
    G---P----A
    p---a
"""
NAMES = {"A": "Sukarame II", "a": "Gedung Wani", "1": "Kaur Selatan", "2": "Tetap"}


def places(inputs: Inputs, **at: tuple[float, float]) -> Inputs:
    named = {"nama": [name.replace("_", " ") for name in at]}
    points = [shapely.Point(lon_lat(*where)) for where in at.values()]
    layer = gpd.GeoDataFrame(named, geometry=points, crs=CRS).astype({"nama": "str"}).rename_axis("nama_tempat")
    return replace(inputs, nama_tempat=checked_geo(layer, PlaceNames))


def boundaries(inputs: Inputs, *rows: tuple[str, str, shapely.Geometry]) -> Inputs:
    levels, names, shapes = zip(*rows, strict=True)
    layer = gpd.GeoDataFrame({"tingkat": levels, "nama": names}, geometry=[*shapes], crs=CRS)
    layer = layer.astype({"tingkat": "str", "nama": "str"}).rename_axis("batas")
    return replace(inputs, batas=checked_geo(layer, Boundaries))


def notes(inputs: Inputs) -> list[Problem]:
    found = [*compared(inputs)]
    for note in found:
        assert note.level == "note"
        assert told(note, "id") != told(note, "en")
    return found


def test_a_village_far_from_the_place_of_its_name_is_told_with_metres_and_the_place() -> None:
    inputs = world(DRAWING, names=NAMES)
    (note,) = notes(places(inputs, desa_sukarame_ii=(6, 0), Gedung_Wani=(4, 1.5), Lain=(1, 0)))
    assert (note.what, note.value) == ("osm_place_far", "17.04.01.2001")
    here, there = lon_lat(9, 0), (note.details["lon"], note.details["lat"])
    assert note.details["metres"] == pytest.approx(Geod(ellps="WGS84").inv(*here, *there)[2], rel=1e-3)
    assert there == pytest.approx(lon_lat(6, 0), abs=1e-6)


def test_the_nearest_place_of_the_name_counts_and_one_in_another_kecamatan_does_not() -> None:
    inputs = world(DRAWING, names=NAMES)
    assert notes(inputs) == []
    assert notes(places(inputs, sukarame_ii=(5, 0), SUKARAME_II=(8, 0))) == []
    assert notes(places(inputs, Sukarame_II=(1, 3))) == [], "that is another village"


def test_a_kecamatan_is_held_against_the_boundary_of_its_name_and_both_sources_are_told() -> None:
    inputs = world(DRAWING, names=NAMES)
    one, two = inputs.kecamatan.geometry
    half = two.intersection(shapely.box(two.bounds[0], two.bounds[1], two.centroid.x, two.bounds[3]))
    far = shapely.affinity.translate(one, 0.5)
    drawn = [
        ("kabupaten", "Kaur", one.union(two)),
        ("kecamatan", "Kecamatan Kaur-Selatan", one),
        ("kecamatan", "Tetap", far),
        ("kecamatan", "TETAP", half),
    ]
    (note,) = review(boundaries(inputs, *drawn)).notes[-1:]
    assert notes(boundaries(inputs, *drawn)) == [note]
    area = {
        name: abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) for name, shape in (("a", two), ("b", half))
    }
    assert (note.what, note.value) == ("osm_kecamatan_differs", "17.04.02")
    assert note.details["percent"] == pytest.approx(100 * (area["a"] - area["b"]) / area["a"], abs=0.2)
    assert (note.details["km2"], note.details["km2_osm"]) == pytest.approx((area["a"] / 1e6, area["b"] / 1e6), abs=0.06)
    assert note.details["sumber"] == "contoh"


def test_kecamatan_without_a_boundary_of_their_name_are_named_once() -> None:
    inputs = world(DRAWING, names=NAMES)
    one = inputs.kecamatan.geometry.iloc[0]
    away = ("kecamatan", "Tetap", shapely.affinity.translate(one, 0.5))
    (note,) = notes(boundaries(inputs, away))
    assert (note.what, note.value) == ("osm_kecamatan_missing", "Kaur Selatan, Tetap")
    assert notes(boundaries(inputs, ("kabupaten", "Kaur", one))) == [], "nothing to compare kecamatan with"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kab. Kaur", "KAUR"), ("Kecamatan Kaur-Utara", "kaur utara"), ("Kel.Bandar", "Bandar"), ("Desa", "DESA")],
)
def test_names_are_one_whatever_stands_before_them(one: str, other: str) -> None:
    assert bare(one) == bare(other)


def test_a_name_that_only_begins_like_a_kind_is_whole() -> None:
    assert bare("Kecubung") == "kecubung"
    assert bare("Kota Bani") == "kotabani"


@given(st.text(max_size=30))
def test_a_name_keeps_its_letters_in_any_case(name: str) -> None:
    assert bare(name) in letters(name)
    assert bare(f"  {name}.") == bare(name)
