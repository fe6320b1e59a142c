"""Names and boundaries of OpenStreetMap: two optional layers, cut at the study box, refused with the row."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from specimens import HOSTILE
from world import operation

from kaur_gis.problems import Problem
from kaur_gis.read.names import read_boundaries, read_place_names
from kaur_gis.read.raw import Raw
from kaur_gis.report import told

REGION = operation().region
WEST, SOUTH, EAST, NORTH = REGION.west_lon, REGION.south_lat, REGION.east_lon, REGION.north_lat
LON, LAT = (WEST + EAST) / 2, (SOUTH + NORTH) / 2
HALF_OUT = shapely.box(EAST - 0.1, LAT, EAST + 1, LAT + 0.1)
INSIDE = shapely.box(LON, LAT, LON + 0.1, LAT + 0.1)
BOW_TIE = shapely.Polygon([(LON, LAT), (LON + 0.1, LAT + 0.1), (LON + 0.1, LAT), (LON, LAT + 0.1)])


def read(reader, *rows) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    told_as = [
        {"type": "Feature", "properties": texts, "geometry": shape and json.loads(shapely.to_geojson(shape))}
        for shape, texts in rows
    ]
    problems: list[Problem] = []
    data = json.dumps({"type": "FeatureCollection", "features": told_as}).encode()
    layer = reader(Raw("berkas.geojson", data), REGION, problems)
    for problem in problems:
        assert told(problem, "id") != told(problem, "en")
    return layer, problems


def test_kabupaten_and_kecamatan_are_read_by_name_and_cut_at_the_box() -> None:
    osm = {"boundary": "administrative"}
    layer, problems = read(
        read_boundaries,
        (HALF_OUT, {**osm, "name": "Ogan Komering Ulu Selatan", "admin_level": "5"}),
        (INSIDE, {**osm, "name": HOSTILE["img"] + "\x01", "admin_level": "6"}),
        (INSIDE, {**osm, "name": "Sekunyit", "admin_level": "7"}),
        (INSIDE, {**osm, "name": "Bengkulu", "admin_level": "4"}),
        (INSIDE, {**osm, "admin_level": "5"}),
        (INSIDE, {"nama": "Tetap", "tingkat": "Kecamatan"}),
        (INSIDE.exterior, {**osm, "name": "garis", "admin_level": "5"}),
        (shapely.affinity.translate(INSIDE, 40), {**osm, "name": "Jauh", "admin_level": "5"}),
    )
    assert layer[["tingkat", "nama"]].to_numpy().tolist() == [
        ["kabupaten", "Ogan Komering Ulu Selatan"],
        ["kecamatan", HOSTILE["img"] + "\\x01"],
        ["kecamatan", "Tetap"],
    ]
    assert [problem.level for problem in problems] == ["fix"]
    assert layer.geometry.iloc[0].equals(shapely.box(EAST - 0.1, LAT, EAST, LAT + 0.1))


def test_places_are_read_by_name_and_those_that_are_drawn_have_a_point_inside() -> None:
    layer, problems = read(
        read_place_names,
        (shapely.Point(LON, LAT), {"name": "Sekunyit", "place": "village"}),
        (INSIDE, {"name": "Tanjung Iman", "place": "hamlet"}),
        (shapely.Point(LON, LAT), {"place": "hamlet"}),
        (shapely.Point(LON + 40, LAT), {"name": "Jauh"}),
    )
    assert problems == []
    assert layer["nama"].tolist() == ["Sekunyit", "Tanjung Iman"]
    assert set(layer.geom_type) == {"Point"}
    assert INSIDE.contains(layer.geometry.iloc[1])


@pytest.mark.parametrize(
    ("reader", "shape", "texts", "what"),
    [
        (read_boundaries, shapely.Point(LON, LAT), {"name": "Titik", "admin_level": "5"}, "drawn_kind"),
        (read_boundaries, None, {"name": "Tanpa", "admin_level": "5"}, "drawn_kind"),
        (read_boundaries, BOW_TIE, {"name": "Silang", "admin_level": "5"}, "geometry_invalid"),
        (read_boundaries, INSIDE, {"nama": "Tetap", "tingkat": "provinsi"}, "word"),
        (read_boundaries, INSIDE, {"name": "Sekunyit", "admin_level": "7"}, "drawn_nothing"),
        (read_boundaries, INSIDE, {"name": ["Tetap"], "admin_level": "5"}, "not_text"),
        (read_place_names, INSIDE.exterior, {"name": "Garis"}, "drawn_kind"),
        (read_place_names, shapely.Point(LON, LAT), {"nama": "a\x00"}, "control_character"),
        (read_place_names, shapely.Point(LON, LAT), {"place": "village"}, "drawn_nothing"),
    ],
)
def test_what_can_not_be_used_is_refused(reader, shape, texts, what) -> None:
    layer, problems = read(reader, (shape, texts))
    assert [problem.what for problem in problems if problem.level == "refuse"] == [what]
    assert layer.empty
