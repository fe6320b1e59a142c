"""Other kabupaten that legs pass: named where boundaries are at hand, and at home nothing is foreign."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from specimens import HOSTILE
from test_compared import boundaries

from kaur_gis.cut.replan import replan
from kaur_gis.cut.weak import weak_points
from kaur_gis.judge.facts import Facts
from kaur_gis.judge.neighbours import neighbours as promise
from kaur_gis.layers import CRS, Neighbours, empty
from kaur_gis.neighbours import neighbours
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.write.distribution import distribution
from kaur_gis.write.map.restricted import restricted
from kaur_gis.write.sheets.routes import content
from tests.way_back import drawn
from tests.world import lon_lat

GEOD = Geod(ellps="WGS84")
STEP_M = 2.0  # between the points at which the oracle looks
SELUMA, OKU, KOTA = "Kabupaten <b>Seluma</b>", HOSTILE["img"], "Kota Manna"


def columns(west: float, east: float) -> shapely.Polygon:
    """All of the drawing between two of its columns."""
    return shapely.Polygon([lon_lat(*at) for at in ((west, -3), (east, -3), (east, 5), (west, 5))])


@cache
def plan() -> Plan:
    """Make a plan whose last village lies beyond two other kabupaten, out and back."""
    inputs = drawn("G---P---A-------B\n    |\n    C", sulit="B")
    home = gpd.GeoDataFrame(inputs.kecamatan).set_geometry(gpd.GeoSeries([columns(-2, 6)], inputs.kecamatan.index, CRS))
    borders = [
        ("kabupaten", "KAUR", columns(-2, 20)),
        ("kabupaten", SELUMA, columns(5, 9)),
        ("kabupaten", OKU, columns(9, 10)),
        ("kabupaten", OKU, columns(11, 12)),
        ("kabupaten", KOTA, columns(-2, 5)),
        ("kecamatan", "Tetap", columns(0, 20)),
    ]
    roads = replace(inputs.roads, schematic=False)
    return make_plan(boundaries(replace(inputs, kecamatan=home, roads=roads), *borders))


def looked_at(line: shapely.LineString, shape: shapely.Geometry, home: shapely.Geometry) -> float:
    """Metres of a line in a shape and not at home, by looking at points along it."""
    xy = shapely.get_coordinates(line)
    if len(xy) < 2 or (xy[0] == xy[-1]).all():
        return 0.0
    metres = GEOD.geometry_length(line)
    points = shapely.line_interpolate_point(line, np.arange(0, 1, STEP_M / metres), normalized=True)
    return STEP_M * int((shapely.contains(shape, points) & ~shapely.contains(home, points)).sum())


def test_every_leg_names_the_kabupaten_it_passes_with_metres_that_an_eye_on_the_line_finds() -> None:
    found, inputs = plan().neighbours, plan().inputs
    home = inputs.kecamatan.geometry.union_all()
    legs = pd.concat([plan().legs, plan().back_legs])
    rows = zip(found.index, found["kabupaten"], found["metres"], strict=True)
    told = {(*key, name): metres for key, name, metres in rows}
    assert {name for *_, name in told} == {SELUMA, OKU}
    assert len(told) == len(found)
    for name in (SELUMA, OKU, KOTA):
        shape = inputs.batas.geometry[inputs.batas["nama"] == name].union_all()
        for key, line in legs.geometry.items():
            assert told.get((*key, name), 0) == pytest.approx(looked_at(line, shape, home), abs=3 * STEP_M)
    assert set(plan().back_legs.index) & set(found.index), "the way back is told, too"
    sums = found.groupby(level=[0, 1])["metres"].sum()
    beyond = legs["outside_m"][legs["outside_m"] > 0]
    assert set(sums.index) == set(beyond.index)
    nameless = (beyond - sums[beyond.index]).round(-1)
    assert set(nameless) == {0, 5000}, "what lies in no kabupaten that is drawn stays without a name"


def test_without_boundaries_or_the_course_of_roads_nothing_is_named() -> None:
    inputs, legs = plan().inputs, plan().legs
    schematic = replace(inputs, roads=replace(inputs.roads, schematic=True))
    own = replace(inputs, batas=inputs.batas.iloc[[0, 5]])
    for known in (schematic, own, replace(inputs, batas=inputs.batas.iloc[:0])):
        assert neighbours(known, legs).equals(empty(Neighbours))


def changed(**cells: object) -> pd.DataFrame:
    frame = plan().neighbours.reset_index()
    for column, value in cells.items():
        frame[column] = [*frame[column].to_list()[:-1], value]
    return frame.set_index(["kode_trip", "order"])


def test_the_judge_measures_it_again() -> None:
    assert plan().broken == ()
    for wrong in (
        replace(plan(), neighbours=empty(Neighbours)),
        replace(plan(), neighbours=changed(metres=700)),
        replace(plan(), neighbours=changed(kabupaten=KOTA)),
        replace(plan(), neighbours=changed(order=99)),
        replace(plan(), neighbours=pd.concat([plan().neighbours] * 2)),
        replace(plan(), inputs=replace(plan().inputs, roads=replace(plan().inputs.roads, schematic=True))),
    ):
        assert [*promise(Facts(wrong))]
    mixed = replace(plan(), neighbours=plan().neighbours.iloc[::-1])
    assert [*promise(Facts(mixed))] == []


def test_sheets_tables_and_the_map_say_the_names_only_where_they_are_known() -> None:
    weak, nameless = weak_points(plan()).roads, replace(plan(), neighbours=empty(Neighbours))
    named = f"{SELUMA} 3 km, {OKU} 2 km"
    for muatan, lang in (("", "id"), ("kotak", "en")):
        assert f"({json.dumps(named)[1:-1]})" in json.dumps(content(plan(), lang, muatan=muatan, weak=weak)["trips"])
    assert "Seluma" not in json.dumps(content(nameless, "id", weak=weak)["trips"])
    tables = [{table.file: table.frame for table in distribution(one, "id")} for one in (plan(), nameless)]
    for file in ("ruas", "kembali_ruas"):
        assert named in set(tables[0][file]["outside_names"])
        assert "outside_names" not in tables[1][file].columns
    legs = [restricted(one, one.tps, one.stops.index, "id")["legs"] for one in (plan(), nameless)]
    assert [[SELUMA, 3000], [OKU, 2000]] in [[[name, round(m, -1)] for name, m in own] for own in legs[0]["others"]]
    assert "others" not in legs[1]


def test_a_plan_that_is_made_again_names_them_again() -> None:
    again = replan(plan(), plan().inputs, done=[plan().trips.index[0]]).after
    assert again.broken == ()
    assert again.neighbours.equals(plan().neighbours)
