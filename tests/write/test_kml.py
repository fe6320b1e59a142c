from __future__ import annotations

import html
from pathlib import Path
from xml.etree import ElementTree as ET

import pyogrio
import pytest
import shapely

from kaur_gis.write.kml import NAMESPACE, write_kml
from tests.specimens import HOSTILE, REFUSED
from tests.write.handmade import hostile, plan

ORDER = {
    "kml": ["Document"],
    "Document": ["name", "description", "Style", "Placemark"],
    "Placemark": ["name", "description", "styleUrl", "Point", "MultiGeometry"],
    "Style": ["IconStyle", "LineStyle"],
    "IconStyle": ["color", "scale"],
    "LineStyle": ["color", "width"],
    "Point": ["coordinates"],
    "LineString": ["tessellate", "coordinates"],
    "MultiGeometry": ["LineString"],
}
"""Children in the order of the schema (OGC 07-147r2), as far as we use it."""


@pytest.fixture(scope="module")
def small():
    return plan()


@pytest.fixture(scope="module")
def files(small, tmp_path_factory):
    return write_kml(small, tmp_path_factory.mktemp("kml"), "id")


def local(element: ET.Element) -> str:
    space, _, tag = element.tag.rpartition("}")
    assert space == f"{{{NAMESPACE}"
    return tag


def assert_in_order(file: Path) -> None:
    """Every element stands where the schema wants it, and every style that is named is there."""
    root = ET.parse(file).getroot()  # noqa: S314 - our own file
    styles = {style.get("id") for style in root.iter(f"{{{NAMESPACE}}}Style")}
    for element in root.iter():
        places = [ORDER[local(element)].index(local(child)) for child in element]
        assert places == sorted(places)
        if local(element) == "styleUrl":
            assert element.text.removeprefix("#") in styles


def test_every_vehicle_has_its_file_and_every_element_stands_where_the_schema_wants_it(small, files):
    assert [file.stem for file in files] == sorted(small.trips["vehicle"].unique())
    for file in files:
        assert_in_order(file)


def test_gdal_reads_the_lines_of_the_legs_and_every_stop_with_its_tps(small, files):
    seen = {}
    for file in files:
        frame = pyogrio.read_dataframe(file)
        lines = frame[frame.geometry.geom_type != "Point"].set_index("Name")
        seen |= dict(lines.geometry)
        told = " ".join(frame.loc[frame.geometry.geom_type == "Point", "description"])
        trips = small.trips.index[small.trips["vehicle"] == file.stem]
        for kode in small.loads.loc[trips].index.get_level_values("kode_tps"):
            assert told.count(kode) == 1
    assert set(seen) == set(small.trips.index)
    for kode, lines in seen.items():
        wanted = shapely.MultiLineString(list(small.legs.loc[kode].geometry))
        drawn = shapely.force_2d(lines)
        assert shapely.equals_exact(shapely.get_parts(drawn), shapely.get_parts(wanted), tolerance=1e-6).all()


def test_hostile_names_come_out_to_the_letter_and_a_description_shows_them_as_text(tmp_path):
    names, told = set(), ""
    for file in write_kml(hostile(), tmp_path, "id"):
        for mark in ET.parse(file).getroot().iter(f"{{{NAMESPACE}}}Placemark"):  # noqa: S314 - our own file
            names.add(mark.find(f"{{{NAMESPACE}}}name").text)
            shown = mark.find(f"{{{NAMESPACE}}}description").text
            assert "<" not in shown.replace("<br>", "")
            told += html.unescape(shown.replace("<br>", "\n"))
    for name in HOSTILE.values():
        assert name in names
        assert name in told
    assert REFUSED["newline"] in names


def test_two_writes_are_equal_byte_for_byte(small, files, tmp_path):
    again = write_kml(small, tmp_path, "id")
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(again, files, strict=True))
