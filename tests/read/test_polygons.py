"""GeoJSON geometries: made valid where that changes nothing, refused where it would."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kaur_gis.config import Region
from kaur_gis.read import polygons
from kaur_gis.read.polygons import PolygonReader, RefusedGeometry

REGION = Region(
    kabupaten="Uji",
    kode_kab="17.04",
    kode_kab_bps="1704",
    metric_crs="EPSG:32748",
    west_lon=100.0,
    south_lat=-10.0,
    east_lon=110.0,
    north_lat=0.0,
)
SQUARE = [[101, -9], [109, -9], [109, -1], [101, -1], [101, -9]]
HOLE = [[104, -6], [104, -4], [106, -4], [106, -6], [104, -6]]


def read(coordinates, kind="Polygon"):
    return PolygonReader(REGION).read({"type": kind, "coordinates": coordinates})


def test_a_hole_is_kept_and_its_area_taken_off():
    shape, repairs = read([SQUARE, HOLE])
    assert shape.area == 64 - 4
    assert repairs == []


def test_the_parts_of_a_multipolygon_are_kept():
    islands = [[[x, -2], [x + 1, -2], [x + 1, -1], [x, -1], [x, -2]] for x in (101, 104, 107)]
    shape, repairs = read([[island] for island in islands], "MultiPolygon")
    assert (shape.geom_type, len(shape.geoms), shape.area, repairs) == ("MultiPolygon", 3, 3, [])


def test_ring_direction_and_start_do_not_matter():
    turned = [*SQUARE[2:], *SQUARE[1:3]]
    assert read([SQUARE])[0].equals_exact(read([SQUARE[::-1]])[0], 0)
    assert read([SQUARE])[0].equals_exact(read([turned])[0], 0)


def test_a_small_self_crossing_is_mended_and_said():
    spike = [[101, -9], [109, -9], [109, -1], [105.01, -1], [105, -0.99], [105.01, -0.99], [105, -1], [101, -1]]
    shape, repairs = read([[*spike, spike[0]]])
    assert shape.is_valid
    assert [fault.what for fault in repairs] == ["geometry_mended"]
    assert repairs[0].details["percent"] < 1


@pytest.mark.parametrize(
    ("coordinates", "what"),
    [
        ([[[101, -9], [109, -1], [109, -9], [101, -1], [101, -9]]], "geometry_invalid"),
        ([SQUARE, [[101.5, -0.5], [102, -0.5], [102, -0.1], [101.5, -0.5]], SQUARE], "geometry_invalid"),
        ([[[101, -9], [102, -9], [103, -9], [101, -9]]], "geometry_invalid"),
        ([SQUARE[:-1]], "ring_open"),
        ([SQUARE[:3]], "ring_short"),
        (["abc"], "ring_short"),
        ([], "geometry_empty"),
        ([[]], "ring_short"),
        ([[[101], *SQUARE]], "coord_not_number"),
        ([[[True, -9], *SQUARE]], "coord_not_number"),
        ([[[1e300, -9], *SQUARE]], "coord_outside"),
        ([[[10**400, -9], *SQUARE]], "coord_outside"),
        ([[[0, 0], *SQUARE]], "coord_zero"),
        ([[[-9, 101], *SQUARE]], "coord_swapped"),
        ([[[101, 9], *SQUARE]], "coord_sign"),
        ([[[308000, 9480000], *SQUARE]], "coord_utm"),
    ],
)
def test_what_can_not_be_a_kecamatan_is_refused(coordinates, what):
    with pytest.raises(RefusedGeometry) as refusal:
        read(coordinates)
    assert refusal.value.fault.what == what


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": None},
        {"type": "LineString", "coordinates": SQUARE},
        {"type": ["Polygon"], "coordinates": [SQUARE]},
        "Polygon",
        [],
    ],
)
def test_what_is_no_area_is_refused(geometry):
    with pytest.raises(RefusedGeometry) as refusal:
        PolygonReader(REGION).read(geometry)
    assert refusal.value.fault.what == "geometry_kind"


def test_the_budget_of_vertices_holds_for_the_whole_file(monkeypatch):
    monkeypatch.setattr(polygons, "MAX_VERTICES", 8)
    reader = PolygonReader(REGION)
    reader.read({"type": "Polygon", "coordinates": [SQUARE]})
    with pytest.raises(RefusedGeometry) as refusal:
        reader.read({"type": "Polygon", "coordinates": [SQUARE]})
    assert refusal.value.fault.what == "too_many_vertices"


points = st.tuples(st.floats(101, 109, width=32), st.floats(-9, -1, width=32)).map(list)


CROSSED_ANEW = (
    (102.5, -5.625), (108.0, -9.0), (104.5625, -8.4375), (101.75, -3.5), (102.5, -6.5), (107.75, -9.0), (101.0, -8.0),
    (101.75, -3.5), (102.5, -6.5),
)  # fmt: skip
"""What GEOS makes of it crosses itself again, by rounding."""


@given(st.lists(points, min_size=3, max_size=12))
@example([list(point) for point in CROSSED_ANEW])
def test_whatever_comes_out_is_valid_and_has_an_area(ring):
    try:
        shape, _ = read([[*ring, ring[0]]])
    except RefusedGeometry:
        return
    assert shape.is_valid
    assert shape.area > 0
    assert shape.geom_type in {"Polygon", "MultiPolygon"}
