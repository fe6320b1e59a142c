"""Further layers of the map: what a room adds without a script of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from browser import chromium, opened
from playwright.sync_api import Browser, expect
from specimens import HOSTILE
from world import world

import kaur_gis as kg
from kaur_gis.config import RoadClosure
from kaur_gis.inputs import Closure
from kaur_gis.layers import CRS, Peaks, RelaySites, Waters, checked_geo
from kaur_gis.write.map import more, write_map
from kaur_gis.write.map.more import MapLayer, Thing, closed_roads, mark_at, more_layers
from kaur_gis.write.map.pack import unpack_lines
from kaur_gis.write.map.shown import document

MARKS = "() => document.querySelector('.leaflet-kaur-top-pane canvas').toDataURL()"


def closing(plan: kg.Plan, edges: tuple[int, ...], *, in_force: bool = True, **asked: object) -> kg.Plan:
    closure = Closure(RoadClosure(lokasi="titik:-4.8,103.3,50", **asked), edges, 100.0, in_force)
    return replace(plan, inputs=replace(plan.inputs, roads=replace(plan.inputs.roads, closures=(closure,))))


@pytest.fixture(scope="module")
def plan() -> kg.Plan:
    return kg.make_plan(world("G---P---A---B"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_without_anything_to_show_there_is_no_further_layer(plan: kg.Plan) -> None:
    assert more_layers(plan, "id") == ([], [])
    assert document(plan, "id")[0]["more"] == []


def test_a_closed_road_is_drawn_once_and_tells_cause_hours_and_vehicles(plan: kg.Plan) -> None:
    edges = plan.inputs.roads.edges
    both_arcs = (0, int(edges["twin"][0]))
    closed = closing(
        plan,
        both_arcs,
        sebab="banjir",
        mulai=dt.datetime.fromisoformat("2024-02-13T06:00"),
        kendaraan=("truk",),
        in_force=False,
    )
    (layer,), (lines,) = more_layers(closed, "id")
    (line,), _ = unpack_lines(lines)
    assert shapely.LineString(line).equals_exact(edges.geometry[0].normalize(), 1e-5) or shapely.LineString(
        line[::-1]
    ).equals_exact(edges.geometry[0].normalize(), 1e-5)
    assert layer["nama"] == ["Jalan ditutup: banjir"]
    assert dict(layer["facts"][0]) == {
        "Untuk kendaraan": "truk",
        "Sejak – sampai": "13/02 06:00 – …",
        "Sumber": "asumsi",
        "Saat operasi": "tidak berlaku",
    }
    assert dict(more_layers(closing(plan, both_arcs), "en")[0][0]["facts"][0]) == {
        "For vehicles": "All",
        "From – until": "… – …",
        "Source": "assumed",
    }
    assert closed_roads(closing(plan, ()), "id") is None


@pytest.fixture(scope="module")
def quiet() -> kg.Plan:
    """A plan in which couriers go to a place with signal, and a relay stands."""
    how = {"start": dt.time(18), "vehicles": ("motor",), "radio_range_m": 9000.0, "sumber": "contoh"}
    inputs = world("G---P---A---B", sinyal={"B": "lemah"}, names={"A": HOSTILE["img"]}, komunikasi=how)
    site = gpd.GeoDataFrame(
        {"nama": [HOSTILE["script"]], "sumber": ["contoh"]}, geometry=list(inputs.desa.geometry[-1:])
    )
    site = site.astype({"nama": "str", "sumber": "str"}).set_crs(CRS).set_index(pd.Index(["RELAY-1"], dtype="str"))
    return kg.make_plan(replace(inputs, relay=checked_geo(site.rename_axis("kode_relay"), RelaySites)))


def test_places_with_signal_couriers_and_relays_are_a_layer_of_the_operation_alone(quiet: kg.Plan) -> None:
    (layer,), (lines,) = more_layers(quiet, "id")
    place, courier, relay = unpack_lines(lines)[0]
    assert (len(place), len(relay), len(courier) > 1) == (1, 1, True)
    assert layer["kode"][1:] == ["KURIR-17.04.01-01", "RELAY-1"]
    assert layer["nama"][0] == f"Titik bersinyal: {HOSTILE['img']}"
    assert dict(layer["facts"][1])["Berangkat → tiba → selesai → kembali"] == "18:00 → 18:04 → 18:09 → 18:13"
    assert dict(layer["facts"][0])["Sinyal di sana"] == dict(layer["facts"][1])["Sinyal di sana"] == "contoh"
    assert document(quiet, "id")[0]["tps"]["heard"] == [
        "mengirim sendiri (sinyal kuat: contoh)",
        f"kurir KURIR-17.04.01-01 ke {HOSTILE['img']} (sinyal di sana: contoh)",
    ]
    published = document(quiet, "id", "publik")[0]
    assert "more" not in published
    assert "heard" not in published["tps"]


def test_the_public_edition_has_no_further_layer(plan: kg.Plan) -> None:
    shown, parts = document(closing(plan, (0,)), "id", "publik")
    assert "more" not in shown
    assert len(parts) == len(document(plan, "id", "publik")[1])


@pytest.mark.browser
def test_waters_are_drawn_named_and_can_be_switched_off(browser: Browser, plan: kg.Plan, tmp_path: Path) -> None:
    point = plan.tps.geometry.iloc[0]
    river = shapely.LineString([(point.x - 0.05, point.y - 0.02), (point.x, point.y - 0.02), (point.x + 0.05, point.y)])
    lake = shapely.Point(point.x, point.y + 0.02).buffer(0.01)
    waters = gpd.GeoDataFrame({"jenis": ["sungai", "danau"], "nama": ["Air Uji", ""]}, geometry=[river, lake], crs=CRS)
    wet = replace(plan, inputs=replace(plan.inputs, sungai=checked_geo(waters.rename_axis("air"), Waters)))
    both = """() => [...document.querySelectorAll('.leaflet-kaur-base-pane canvas, .leaflet-kaur-top-pane canvas')]
        .map((canvas) => canvas.toDataURL())"""
    with opened(browser, write_map(wet, tmp_path / "map.html")) as page:
        page.evaluate("([lat, lon]) => map_kaur.setView([lat, lon], 13, {animate: false})", [point.y, point.x])
        *ground, top = page.evaluate(both)
        page.locator("[data-layer='water']").evaluate("box => box.click()")
        *dry, without_names = page.evaluate(both)
        assert ground != dry
        assert top != without_names
    with opened(browser, write_map(plan, tmp_path / "dry.html")) as page:
        assert page.locator("[data-layer='water']").count() == 0


@pytest.mark.browser
def test_hills_are_named_where_there_is_room_and_can_be_switched_off(
    browser: Browser, plan: kg.Plan, tmp_path: Path
) -> None:
    point = plan.tps.geometry.iloc[0]
    at = [shapely.Point(point.x + 0.02, point.y + 0.02), shapely.Point(point.x + 0.02001, point.y + 0.02)]
    names = {"nama": [HOSTILE["img"], "Bukit Rendah"], "elevasi_m": [2100.0, np.nan]}
    peaks = gpd.GeoDataFrame(names, geometry=at, crs=CRS).rename_axis("puncak")
    high = replace(plan, inputs=replace(plan.inputs, puncak=checked_geo(peaks, Peaks)))
    alone = replace(plan, inputs=replace(plan.inputs, puncak=high.inputs.puncak.iloc[:1]))
    for edition in ("operasi", "publik"):
        assert document(high, "id", edition)[0]["peaks"] == {"nama": names["nama"], "elevasi": ["2.100 m", ""]}
    pictures = []
    for number, one in enumerate((high, alone)):
        with opened(browser, write_map(one, tmp_path / f"{number}.html")) as page:
            page.evaluate("([lat, lon]) => map_kaur.setView([lat, lon], 13, {animate: false})", [point.y, point.x])
            pictures.append(page.evaluate(MARKS))
            page.locator("[data-layer='peaks']").evaluate("box => box.click()")
            assert page.evaluate(MARKS) != pictures[-1]
    assert pictures[0] == pictures[1], "the lower hill has no room beside the higher one"
    with opened(browser, write_map(plan, tmp_path / "flat.html")) as page:
        assert page.locator("[data-layer='peaks']").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_layer_of_marks_and_lines_is_listed_found_clicked_linked_and_printed(
    browser: Browser, plan: kg.Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    at = plan.stops.geometry.iloc[-1]
    lon, lat = at.x + 0.004, at.y + 0.004
    far = np.array([[lon, lat], [lon + 0.01, lat + 0.01]])
    things = [
        Thing("a", HOSTILE["img"], mark_at(lon, lat), [(HOSTILE["script"], HOSTILE["jinja_run"])]),
        Thing("b", "Kurir B", far, []),
    ]
    layer = MapLayer("uji", HOSTILE["double_quote"], things, shape="hexagon", letter="S", dark=True, on=True)
    monkeypatch.setattr(more, "MORE", (lambda _plan, _lang: layer, closed_roads))
    file = write_map(plan, tmp_path / "map.html")
    with opened(browser, file, size) as page:
        toggle = page.locator("[data-layer='uji']")
        before = page.evaluate(MARKS)
        toggle.evaluate("box => box.click()")
        assert page.evaluate(MARKS) != before
        toggle.evaluate("box => box.click()")
        assert page.evaluate(MARKS) == before
        page.locator("#search").fill("kurir b")
        page.keyboard.press("Enter")
        expect(page.locator("#card-title")).to_have_text("Kurir B")
        assert page.evaluate("location.hash") == "#thing=uji.b"
        page.keyboard.press("Escape")
        page.evaluate("([lat, lon]) => map_kaur.setView([lat, lon], 17, {animate: false})", [lat, lon])
        box = page.locator(".folium-map").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("#card-title")).to_have_text(HOSTILE["img"])
        expect(page.locator(".card dd")).to_have_text(HOSTILE["jinja_run"])
        page.keyboard.press("Escape")
        page.evaluate(
            "([lat, lon]) => map_kaur.setView([lat, lon], 17, {animate: false})", far.mean(axis=0)[::-1].tolist()
        )
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("#card-title")).to_have_text("Kurir B")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".paper-legend")).to_contain_text(HOSTILE["double_quote"])
        page.evaluate("dispatchEvent(new Event('afterprint'))")
