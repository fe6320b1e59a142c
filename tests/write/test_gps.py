from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib.metadata import distribution

import gpxpy
import pytest
import shapely
from lxml import etree

from kaur_gis.pipeline import make_plan
from kaur_gis.write.gps import NAMESPACE, write_gpx
from kaur_gis.write.kml import write_kml
from tests.specimens import HOSTILE, REFUSED
from tests.way_back import drawn
from tests.write.handmade import hostile, plan
from tests.write.test_kml import assert_in_order


@pytest.fixture(scope="module")
def schema():
    """The schema of GPX 1.1 by topografix.com, as a package of the registry brings it; the package is not imported."""
    (found,) = (file for file in distribution("gpx").files if file.name == "gpx.xsd")
    return etree.XMLSchema(etree.parse(found.locate()))


@pytest.fixture(scope="module")
def small():
    return plan()


@pytest.fixture(scope="module")
def files(small, tmp_path_factory):
    return write_gpx(small, tmp_path_factory.mktemp("gps"), "id")


def test_every_vehicle_that_drives_has_its_file(small, files):
    assert [file.parent.name for file in files] == ["gpx"] * len(files)
    assert [file.stem for file in files] == sorted(small.trips["vehicle"].unique())


def test_every_file_is_valid_by_the_schema_of_gpx_11_those_of_the_way_back_too(files, schema, tmp_path):
    back = make_plan(drawn())
    home = write_gpx(back, tmp_path, "id")
    assert {file.stem for file in home} >= set(back.back_trips["vehicle"]) - set(back.trips["vehicle"]) != set()
    kml = write_kml(back, tmp_path, "id")
    assert [file.stem for file in kml] == [file.stem for file in home]
    for file in kml:
        assert_in_order(file)
    for file in [*files, *home]:
        root = etree.parse(file)
        schema.assertValid(root)
        assert root.getroot().tag == f"{{{NAMESPACE}}}gpx"
        assert root.getroot().get("version") == "1.1"


@pytest.mark.parametrize(
    "fault", [('lat="', 'lat="9'), ("<wpt", "<rte/><wpt"), ("<trkseg>", "<trkseg>road"), ("<year>", "<year>?")]
)
def test_the_schema_refuses_what_is_no_gpx(files, schema, fault):
    text = files[0].read_text(encoding="utf-8")
    assert schema.validate(etree.fromstring(text.encode()))
    assert not schema.validate(etree.fromstring(text.replace(*fault, 1).encode()))


def test_a_track_follows_the_legs_and_a_route_stops_where_the_trip_stops(small, files):
    found = {}
    for file in files:
        gpx = gpxpy.parse(file.read_text(encoding="utf-8"))
        assert gpx.version == "1.1"
        found |= {track.name: (track, route) for track, route in zip(gpx.tracks, gpx.routes, strict=True)}
    assert set(found) == set(small.trips.index)
    for kode, (track, route) in found.items():
        legs = small.legs.loc[kode]
        assert len(track.segments) == len(legs)
        for segment, line in zip(track.segments, legs.geometry, strict=True):
            drawn = [(point.longitude, point.latitude) for point in segment.points]
            assert shapely.equals_exact(shapely.LineString(drawn), line, tolerance=1e-6)
        visits = [small.trips.loc[kode, "base"], *legs["to_stop"]]
        assert [point.name for point in route.points] == list(small.stops.loc[visits, "nama"])


def test_every_stop_is_a_waypoint_once_and_names_its_tps(small, files):
    for file in files:
        gpx = gpxpy.parse(file.read_text(encoding="utf-8"))
        trips = small.trips[small.trips["vehicle"] == file.stem]
        loads = small.loads.loc[trips.index]
        told = " ".join(point.description for point in gpx.waypoints)
        for kode in loads.index.get_level_values("kode_tps"):
            assert told.count(kode) == 1


def test_the_file_credits_openstreetmap_and_says_that_the_network_is_schematic(files):
    gpx = gpxpy.parse(files[0].read_text(encoding="utf-8"))
    assert gpx.copyright_author == "OpenStreetMap contributors"
    assert gpx.copyright_license == "https://opendatacommons.org/licenses/odbl/1-0/"
    assert gpx.copyright_year == "2025"
    assert "© OpenStreetMap contributors" in gpx.description
    assert "skematik" in gpx.description
    assert all("skematik" in track.description for track in gpx.tracks)


def test_a_road_map_is_not_called_schematic_and_may_be_without_a_date(small, tmp_path):
    roads = replace(small.inputs.roads, schematic=False, as_of=None)
    files = write_gpx(replace(small, inputs=replace(small.inputs, roads=roads)), tmp_path, "en")
    text = files[0].read_text(encoding="utf-8")
    assert "schematic" not in text
    assert "<year>" not in text
    assert "along OpenStreetMap roads" in text


def test_hostile_names_come_out_to_the_letter(schema, tmp_path):
    made = hostile()
    names = set()
    for file in write_gpx(made, tmp_path, "id"):
        schema.assertValid(etree.parse(file))
        gpx = gpxpy.parse(file.read_text(encoding="utf-8"))
        names |= {point.name for point in gpx.waypoints} | {p.name for route in gpx.routes for p in route.points}
    for name in HOSTILE.values():
        assert name in names
    assert REFUSED["newline"] in names
    assert "a\ufffdb" in names  # NUL and ESC can't stand in XML


def test_two_writes_are_equal_byte_for_byte(small, files, tmp_path):
    again = write_gpx(small, tmp_path, "id")
    assert [file.name for file in again] == [file.name for file in files]
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(again, files, strict=True))


def test_trips_of_a_vehicle_stand_in_the_order_of_the_day(small, files):
    for file in files:
        gpx = gpxpy.parse(file.read_text(encoding="utf-8"))
        departures = [small.trips.loc[track.name, "depart"] for track in gpx.tracks]
        assert departures == sorted(departures)
        assert [track.number for track in gpx.tracks] == list(range(1, len(departures) + 1))
        assert all(isinstance(departure, dt.datetime) for departure in departures)
