from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from kaur_gis.catalogue import say
from kaur_gis.fingerprint import sheet_hashes
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.pipeline import make_plan
from kaur_gis.summary import notices, plan_version
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.base import in_order
from kaur_gis.write.sheets.frame import Background, Frame
from kaur_gis.write.sheets.glyphs import FONTS, MISSING, Glyphs, drawable
from kaur_gis.write.sheets.landmarks import MOST_VILLAGES, Mark, _stretches, marks, positions, rough, villages
from kaur_gis.write.sheets.press import press
from kaur_gis.write.sheets.qr import geo_qr
from kaur_gis.write.sheets.routes import content
from kaur_gis.write.sheets.sketch import HEIGHT_MM, PAD_MM, WIDTH_MM, draw
from kaur_gis.write.short import short_by
from tests.world import kode_tps, world
from tests.write.handmade import NAMES, hostile, long_trip, plan
from tests.write.sheet_pages import KODE, pages_of, poppler, squash


def trips_with_pages(path, made) -> dict[str, list[str]]:
    """Pages of each trip, in the order in which the trips are printed."""
    found: dict[str, list[str]] = {}
    for page in pages_of(path):
        for kode in made.trips.index:
            if kode in page:
                found.setdefault(kode, []).append(page)
    return found


def write_sheets(plan, path, lang):
    press("route", content(plan, lang), path)


@pytest.fixture(scope="module")
def small():
    return plan()


@pytest.fixture(scope="module")
def pdf(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("sheets") / "lembar_rute.pdf"
    write_sheets(small, path, "id")
    return path


@pytest.fixture(scope="module")
def forty(tmp_path_factory):
    made = long_trip(40)
    path = tmp_path_factory.mktemp("forty") / "lembar_rute.pdf"
    write_sheets(made, path, "id")
    return made, path


@pytest.fixture(scope="module")
def bitten(tmp_path_factory):
    made = hostile()
    path = tmp_path_factory.mktemp("hostile") / "lembar_rute.pdf"
    write_sheets(made, path, "id")
    return made, path


@poppler
def test_every_tps_stands_exactly_once_on_the_sheets_of_each_stage(small, pdf):
    found = {stage.name: [] for stage in small.inputs.operation.stages}
    for page in pages_of(pdf):
        (kode,) = [kode for kode in small.trips.index if kode in page]
        found[small.trips.loc[kode, "stage"]] += KODE.findall(page)
    for codes in found.values():
        assert sorted(codes) == sorted(small.tps.index)


@poppler
def test_every_page_has_the_head_the_page_number_the_notices_and_the_credit(small, pdf):
    shown = trips_with_pages(pdf, small)
    assert [*shown] == in_order(small)
    for kode, pages in shown.items():
        trip = small.trips.loc[kode]
        expected = ["Dunia contoh", plan_version(small), trip["vehicle"], trip["wave"], OSM_CREDIT]
        expected += ["Pengemudi", "Pengawal", "Tanda tangan", f"{trip['depart']:%H:%M}", f"{trip['depart']:%d-%m-%Y}"]
        for number, page in enumerate(pages, start=1):
            told = squash(page)
            assert f"halaman {number} dari {len(pages)}" in page
            assert [text for text in [*expected, *notices(small, "id")] if squash(text) not in told] == []


@poppler
def test_a_sheet_tells_arrivals_bridges_fords_unpaved_stretches_and_carrying(small, pdf):
    told = squash(" ".join(trips_with_pages(pdf, small)["PPK-1-PU-H-1"]))
    for text in (
        "09:04",
        "paling lambat 09:06",
        "cuaca buruk: jalan terputus",
        "2 jembatan; 1 kali menyeberang sungai tanpa jembatan; kotak dipikul 120 m dari jalan, 3 menit sekali jalan",
        "700 m jalan tanah atau kerikil",
        "4 perhentian, 7 TPS, 35 kotak",
        "35 kotak · 875 kg · 3,4 m³ · 7 TPS",
        "10:24–10:40",
        "Sketsa skematik: garis lurus antartitik, bukan bentuk jalan.",
    ):
        assert squash(text) in told


def test_a_leg_says_how_far_its_line_ends_from_the_stop_where_nobody_counts_that(small):
    moved = replace(small, legs=small.legs.set_geometry(small.legs.translate(0.01)))  # about 1.1 km at the equator
    short = short_by(moved)
    assert set(short) == set(small.legs.index[small.legs["walk_m"] == 0])
    assert all(1050 < metres < 1120 for metres in short.values())
    road = [line for trip in content(moved, "id")["trips"] for stop in trip["stops"] for line in stop["road"]]
    assert any("dihitung sampai simpul desa, 1,1 km garis lurus dari titik ini" in line for line in road)
    assert not any("simpul desa" in str(trip) for trip in content(small, "id")["trips"])
    leg = next(small.legs[small.legs["walk_m"] == 0].itertuples())
    assert words.on_the_way(leg, "id", short_m=90.0) == words.on_the_way(leg, "id")
    assert words.on_the_way(leg, "en", short_m=1855.0).endswith("the rest is not counted")


def test_a_leg_tells_ferries_other_kabupaten_and_how_its_access_point_is_known(small):
    leg = next(small.legs[small.legs["walk_m"] > 100].itertuples())
    leg = leg._replace(ferries=2, outside_m=1234, walk_m=4200.0, walk_s=6048)
    assert "2 kali naik perahu atau feri" in words.on_the_way(leg, "id")
    assert "1.2 km in another kabupaten" in words.on_the_way(leg, "en")
    by_gate = words.on_the_way(leg, "id", gate="ukur")
    assert by_gate.endswith("kotak dipikul 4.200 m dari jalan, 1 jam 41 menit sekali jalan (titik akses: diukur)")


@poppler
def test_a_sheet_lists_the_points_whose_failure_cuts_off_tps_the_worst_five_and_counts_the_rest(tmp_path):
    made = make_plan(world("G---P---A#--B~--C---D---E---F", pemilih={"F": 99}))
    path, ring = tmp_path / "lembar.pdf", tmp_path / "ring.pdf"
    write_sheets(made, path, "id")
    code = next(code for code in made.trips.index if "PPK" in code and kode_tps("F") in set(made.loads.loc[code].index))
    text = "\n".join(trips_with_pages(path, made)[code])
    assert "Titik kritis di jalan ini. Bila satu saja putus, TPS terputus:" in text
    assert re.search(r"1\. jembatan, km [0-9,]+ setelah .*: 5 TPS, [0-9.]+ pemilih", text)
    assert re.search(r"2\. lintasan sungai, km ", text)
    assert squash("3. jalan sepanjang 4 km tanpa jalan lain, km 0,0 setelah ppk P") in squash(text)
    assert squash("dan 1 titik lain; jembatan dan lintasan sungai disebut lebih dahulu") in squash(text)
    write_sheets(make_plan(world("G---P---A\n    |   |\n    B---C")), ring, "en")
    said = "".join(pages_of(ring))
    assert squash(said).count(squash("Critical points on this way")) == 1  # from the gudang
    assert "1. road, 4 km without another" in said


def test_every_page_of_a_trip_prints_the_hash_that_tells_whether_a_replanned_sheet_is_another(small, pdf):
    hashes = sheet_hashes(small)
    assert len(set(hashes.values())) == len(hashes)
    for kode, pages in trips_with_pages(pdf, small).items():
        assert all(f"lembar {hashes[kode]}" in page for page in pages)


def test_a_sheet_says_the_dapil_of_its_ballots_and_of_each_tps_where_there_are_several(small):
    codes = list(small.loads.index.get_level_values("kode_tps"))
    one = replace(small, loads=small.loads.assign(dapil="Kaur I"))
    both = replace(small, loads=small.loads.assign(dapil=[f"Kaur {'I' * (1 + int(kode[-1]) % 2)}" for kode in codes]))
    for made, told, lines in (
        (replace(small, loads=small.loads.assign(dapil="")), set(), {""}),
        (one, {"Kaur I"}, {""}),
        (both, {"Kaur I, Kaur II"}, {"Kaur I", "Kaur II"}),
    ):
        trip = next(trip for trip in content(made, "id")["trips"] if trip["code"] == "PPK-1-PU-H-1")
        assert {value for name, value in trip["facts"] if name == "Dapil"} == told
        assert {tps["dapil"] for stop in trip["stops"] for tps in stop["tps"]} == lines


@poppler
def test_forty_stops_go_on_over_pages_that_each_repeat_the_head(forty):
    made, path = forty
    pages = [page for page in pages_of(path) if "PPK-1-PU-H-1" in page]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"halaman {number} dari {len(pages)}" in page
        assert OSM_CREDIT in page.replace("\n", " ")
    assert KODE.findall("\n".join(pages)) == list(made.loads.loc["PPK-1-PU-H-1"].index)


@poppler
def test_hostile_names_are_printed_and_nothing_in_them_runs(bitten):
    _, path = bitten
    told = squash(" ".join(pages_of(path)))
    glyphs = Glyphs()
    for key, name in NAMES.items():
        if key not in {"rtl", "arabic"}:  # a reader may give these in another order
            assert squash(glyphs.printable(name)) in told, key
    assert "1337" not in told


@poppler
def test_characters_without_a_glyph_are_replaced_visibly_and_listed_at_the_end(bitten):
    _, path = bitten
    last = pages_of(path)[-1]
    assert "Huruf yang tidak dapat dicetak" in last
    assert MISSING in last
    for name in (NAMES["javanese"], NAMES["nul"], NAMES["rtl"], NAMES["line_separator"]):
        lost = dict.fromkeys(f"U+{ord(char):04X}" for char in name if ord(char) > 0x2000 or ord(char) < 0x20)
        assert squash("".join(lost)) in squash(last)


@poppler
def test_no_word_leaves_the_page(bitten):
    _, path = bitten
    boxes = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True).stdout.decode()
    words_found = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"', boxes)
    assert len(words_found) > 1000
    for left, top, right, bottom in (tuple(map(float, box)) for box in words_found):
        assert left >= 14 / 25.4 * 72 - 1
        assert right <= (210 - 10) / 25.4 * 72 + 1
        assert top >= 10
        assert bottom <= 297 / 25.4 * 72 - 5


@poppler
def test_pages_are_black_grey_and_white(pdf, tmp_path):
    subprocess.run(["pdftoppm", "-r", "40", str(pdf), str(tmp_path / "p")], check=True)
    for image in tmp_path.glob("p*.ppm"):
        pixels = image.read_bytes().split(b"\n", 3)[3]
        assert pixels[0::3] == pixels[1::3] == pixels[2::3]


def test_two_writes_are_equal_byte_for_byte(small, pdf, tmp_path):
    write_sheets(small, tmp_path / "again.pdf", "id")
    assert (tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()


@poppler
def test_the_sheets_speak_english_on_request(small, tmp_path):
    write_sheets(small, tmp_path / "en.pdf", "en")
    page = pages_of(tmp_path / "en.pdf")[0]
    assert "page 1 of 1" in page
    assert "ROUTE SHEET" in page
    assert "Pengemudi" not in page


@poppler
def test_a_plan_without_trips_is_one_page_that_says_so(small, tmp_path):
    empty = replace(small, trips=small.trips.iloc[:0], legs=small.legs.iloc[:0], loads=small.loads.iloc[:0])
    write_sheets(empty, tmp_path / "none.pdf", "id")
    (page,) = pages_of(tmp_path / "none.pdf")
    assert "Tidak ada perjalanan" in page


@poppler
def test_a_plan_that_breaks_a_promise_says_on_every_page_not_to_use_it(small, tmp_path):
    write_sheets(replace(small, broken=small.notes[:1]), tmp_path / "broken.pdf", "id")
    for page in pages_of(tmp_path / "broken.pdf"):
        assert "JANGAN DIPAKAI" in page.replace("\n", " ")


def test_sheets_are_ordered_by_stage_day_base_and_vehicle(small):
    kinds = [(small.trips.loc[kode, "stage"], small.trips.loc[kode, "wave"]) for kode in in_order(small)]
    assert kinds == [("gudang-ppk", "H-2"), ("gudang-ppk", "H-1"), ("ppk-tps", "H-2"), ("ppk-tps", "H-1")]


def test_a_polsek_of_the_kecamatan_is_among_the_contacts():
    made = plan(world("G-P-A-O", names={"O": "Polsek Kinal"}))
    assert all("Polsek Kinal" in trip["contacts"] for trip in content(made, "id")["trips"])
    assert all("Polsek" in trip["contacts"] for trip in content(plan(), "id")["trips"])


def test_on_real_roads_the_sketch_does_not_call_itself_schematic(small):
    roads = replace(small.inputs.roads, schematic=False)
    made = content(replace(small, inputs=replace(small.inputs, roads=roads)), "en")
    assert "OpenStreetMap roads" in made["map_note"]


def test_one_weather_is_told_as_one(small):
    operation = small.inputs.operation
    same = operation.model_copy(update={"weather": operation.weather.model_copy(update={"late": "kering"})})
    made = content(replace(small, inputs=replace(small.inputs, operation=same)), "en")
    assert all(["Weather of the plan", "dry"] in trip["facts"] for trip in made["trips"])


@poppler
@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8, 17])
def test_signatures_never_stand_alone_on_a_page(n, tmp_path):
    made = long_trip(n)
    path = tmp_path / "sheets.pdf"
    write_sheets(made, path, "id")
    for pages in trips_with_pages(path, made).values():
        for number, page in enumerate(pages, start=1):
            last = number == len(pages)
            assert ("Menyerahkan di" in page) == ("Kembali ke" in page) == last
            assert KODE.findall(page), "a page without a TPS"


@poppler
def test_a_stop_with_many_tps_goes_on_over_pages_but_keeps_its_signature_with_its_last_tps(tmp_path):
    made = plan(world("G---P--A", tps={"A": 90}))
    path = tmp_path / "sheets.pdf"
    write_sheets(made, path, "id")
    for pages in trips_with_pages(path, made).values():
        assert len(pages) > 2
        assert sum(len(KODE.findall(page)) for page in pages) == 90
        assert all(len(KODE.findall(page)) >= 3 for page in pages)
        assert [("Diterima oleh" in page) for page in pages] == [False] * (len(pages) - 1) + [True]


@poppler
def test_the_qr_code_of_a_stop_opens_its_place_in_a_map(small, pdf, tmp_path):
    reader = pytest.importorskip("zxingcpp")
    subprocess.run(["pdftoppm", "-r", "150", "-gray", str(pdf), str(tmp_path / "p")], check=True)
    found = []
    for image in sorted(tmp_path.glob("p*.pgm")):
        _, size, _, pixels = image.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        codes = reader.read_barcodes(np.frombuffer(pixels, np.uint8).reshape(height, width))
        found += [code.text for code in sorted(codes, key=lambda code: code.position.top_left.y)]
    visited = [stop for kode in in_order(small) for stop in small.legs.loc[kode, "to_stop"].iloc[:-1]]
    assert found == [f"geo:{point.y:.5f},{point.x:.5f}" for point in small.stops.geometry[visited]]


def test_a_qr_code_is_one_path_of_numbers():
    root = ET.fromstring(geo_qr(103.3, -4.6))  # noqa: S314 - our own drawing
    assert [element.tag.rpartition("}")[2] for element in root.iter()] == ["svg", "path"]


def test_there_is_a_column_for_the_seal_of_every_box_named_for_its_ballots_where_each_has_one(small):
    rules = small.inputs.kit_rules
    (kotak,) = [item for item in rules.items if item.key == rules.kotak_item]
    ballots = tuple(rules.ballots[0].model_copy(update={"nama": f"Surat {n}"}) for n in range(kotak.per_tps))
    named = replace(small.inputs, kit_rules=rules.model_copy(update={"ballots": ballots}))
    assert len(rules.ballots) != kotak.per_tps
    assert content(small, "id")["kinds"] == [f"Segel kotak {n}" for n in range(1, kotak.per_tps + 1)]
    assert content(replace(small, inputs=named), "id")["kinds"] == [f"Surat {n}" for n in range(kotak.per_tps)]


def test_very_many_boxes_share_one_column_for_seals(small):
    rules = small.inputs.kit_rules
    items = tuple(
        item.model_copy(update={"per_tps": 9} if item.key == rules.kotak_item else {}) for item in rules.items
    )
    inputs = replace(small.inputs, kit_rules=rules.model_copy(update={"items": items}))
    assert content(replace(small, inputs=inputs), "en")["kinds"] == ["Seal numbers"]


class TestLandmarks:
    def of(self, made):
        lines = made.legs.geometry.to_crs(made.inputs.operation.region.metric_crs).to_numpy()
        found = zip(made.legs.index, made.legs["to_stop"], marks(made, lines, Glyphs()), strict=True)
        return {to_stop: passed for (kode, _), to_stop, passed in found if kode.startswith("PPK-1-PU")}

    def test_villages_on_the_line_are_passed_in_order_and_its_ends_are_not(self):
        made = plan(world("G-P--A--B--C", names={"A": "Desa Satu", "B": "Desa Dua"}))
        passed = self.of(made)
        assert [mark.name for mark in passed["PPK-1"]] == ["Desa Dua", "Desa Satu"]
        driven = made.legs.loc["PPK-1-PU-H-1", "metres"].iloc[-1]
        assert [mark.metres for mark in passed["PPK-1"]] == pytest.approx([driven / 3, driven * 2 / 3], rel=0.01)
        assert passed[kode_tps("B")] == []

    def test_bridges_and_fords_are_placed_where_all_of_the_drive_could_be(self):
        made = plan(world("G-P--A#~B"))
        legs = made.legs.copy()
        legs.loc[legs["to_stop"] == kode_tps("B"), ["bridges", "fords"]] = 1, 2
        (bridge,) = self.of(replace(made, legs=legs))[kode_tps("B")]
        assert bridge.kind == "bridges"
        told = words.on_the_way(legs.loc[("PPK-1-PU-H-1", 2)], "id", positions([bridge]))
        assert f"1 jembatan (km {bridge.metres / 1000:.1f})".replace(".", ",") in told

    def test_an_unpaved_stretch_is_told_with_where_it_begins_after_the_stop_before(self):
        made = make_plan(world("G---P--+..A", tps={"A": 1}))
        base = made.stops["nama"]["PPK-1"]
        told = {line for trip in content(made, "id")["trips"] for stop in trip["stops"] for line in stop["road"]}
        assert (
            f"setelah {base}: 3 km jalan tanah atau kerikil (mulai km 3,0); 3 km permukaan jalan tidak diketahui"
            in told
        )

    def test_pieces_that_follow_each_other_are_one_stretch_and_those_that_only_cross_are_none(self):
        legs = [shapely.LineString([(0, 0), (1000, 0)])]
        pieces = {
            "along": [(200, 0), (300, 0)],
            "next": [(400, 0), (300, 0)],
            "half": [(900, 0), (1200, 0)],
            "across": [(600, -50), (600, 50)],
            "beside": [(0, 20), (50, 0), (500, 300)],
        }
        there = gpd.GeoDataFrame(geometry=[shapely.LineString(line) for line in pieces.values()], crs="EPSG:32748")
        found = _stretches(np.array(legs, dtype=object), there, np.array([2000]), "unpaved", "EPSG:32748")
        assert rough(found[0]) == [(pytest.approx(400), 400), (pytest.approx(1800), 200)]
        assert _stretches(np.array(legs, dtype=object), there.iloc[:0], np.array([2000]), "unpaved", "EPSG:32748") == {}
        bridges = _stretches(np.array(legs, dtype=object), there, np.array([2000]), "bridges", "EPSG:32748")
        assert [(mark.n, mark.metres) for mark in bridges[0]] == [(1, pytest.approx(600)), (1, pytest.approx(1900))]

    def test_at_most_some_villages_are_told_spread_over_the_way(self):
        passed = [Mark("village", 1000.0 * km, 1, f"Desa {km}", shapely.Point(0, 0)) for km in range(1, 24)]
        told = villages(passed)
        assert len(told) == MOST_VILLAGES
        assert told[0].metres < 6000
        assert told[-1].metres > 18000
        assert villages(passed[:3]) == passed[:3]
        assert villages([]) == []

    def test_positions_are_told_by_kind(self):
        passed = [Mark(kind, metres, 1, "", shapely.Point(0, 0)) for kind, metres in (("bridges", 5), ("fords", 7))]
        assert positions(passed) == {"bridges": [5], "fords": [7]}


class TestGlyphs:
    def test_the_list_of_characters_is_that_of_both_fonts(self):
        tt = pytest.importorskip("fontTools.ttLib")
        fonts = [set(tt.TTFont(file).getBestCmap()) for file in sorted(FONTS.glob("*.ttf"))]
        assert len(fonts) == 2
        assert drawable() == fonts[0] & fonts[1]

    @given(st.text())
    def test_whatever_comes_out_can_be_printed(self, text):
        glyphs = Glyphs()
        printed = glyphs.printable(text)
        assert all(ord(char) in drawable() for char in printed)
        assert (MISSING in printed) == bool(glyphs.replaced) or MISSING in text
        assert glyphs.printable(printed) == printed

    @pytest.mark.parametrize("text", ["Pénandingan", "قرية", "Padang Guci – 5 m²", "→ ☐"])
    def test_a_text_that_the_font_draws_stays_as_it_is(self, text):
        glyphs = Glyphs()
        assert glyphs.printable(text) == text
        assert not glyphs.replaced


class TestWords:
    @pytest.mark.parametrize(
        ("metres", "told"), [(0, "0 m"), (999, "999 m"), (1000, "1 km"), (1449, "1,4 km"), (12_000, "12 km")]
    )
    def test_a_length_is_told_in_metres_or_kilometres(self, metres, told):
        assert words.length(metres, "id") == told

    @pytest.mark.parametrize(
        ("seconds", "told"), [(0, "0 menit"), (1, "1 menit"), (60, "1 menit"), (3600, "1 jam"), (3661, "1 jam 2 menit")]
    )
    def test_a_duration_is_rounded_up_to_the_minute(self, seconds, told):
        assert words.duration(seconds, "id") == told

    def test_a_late_time_equal_to_the_planned_one_is_told_once(self):
        moment = pd.Timestamp("2024-02-13 08:00")
        assert words.time_range(moment, moment + pd.Timedelta(seconds=30), "id") == "08:00"

    def test_every_day_of_the_week_has_its_name(self):
        days = [words.day(moment, "id") for moment in pd.date_range("2024-02-12", periods=7)]
        assert days[0] == "Senin 12-02-2024"
        assert len({day.split()[0] for day in days}) == 7


class TestSketch:
    legs = (shapely.LineString([(0, 0), (4000, 0)]), shapely.LineString([(4000, 0), (0, 0)]))
    points = (shapely.Point(0, 0), shapely.Point(4000, 0))
    nothing = Background(shapely.STRtree([]))

    def drawn(self, legs=None, points=None, names=("Base", "Stop"), passed=()):
        legs, points = self.legs if legs is None else legs, self.points if points is None else points
        return draw(legs, points, names, passed, self.nothing, lambda metres: f"{metres} m")

    def test_everything_lies_on_the_paper_and_the_scale_bar_is_true(self):
        made = self.drawn()
        assert made["pins"][0]["text"] == "1"
        left = next(label for label in made["names"] if label["text"] == "Base")
        assert 0 <= left["x"] < made["pins"][0]["x"] <= WIDTH_MM
        frame = Frame.around(self.legs, WIDTH_MM, HEIGHT_MM, PAD_MM)
        metres = float(made["bar"].removesuffix(" m"))
        bar_mm = float(re.search(r"v1\.4h([\d.]+)v-1\.4", made["svg"]).group(1))
        assert bar_mm == pytest.approx(metres * frame.mm_per_m, abs=0.01)
        assert 10 <= bar_mm <= 30

    def test_the_drawing_is_svg_of_numbers_only(self):
        root = ET.fromstring(self.drawn(names=("<b>", '"/>'))["svg"])  # noqa: S314 - our own drawing
        assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path", "rect"}

    def test_a_trip_to_its_own_village_is_still_drawn_to_a_scale(self):
        legs = [shapely.LineString([(0, 0), (0, 0)])] * 2
        made = self.drawn(legs, ([shapely.Point(0, 0)] * 2))
        (pin,) = made["pins"]
        assert pin["text"] == "■ 1"
        assert pin["x"] + pin["w"] / 2 == pytest.approx(WIDTH_MM / 2)
        assert pin["y"] + pin["h"] / 2 == pytest.approx(HEIGHT_MM / 2)
        assert int(made["bar"].removesuffix(" m")) == 200

    def test_stops_close_to_each_other_share_a_number_label(self):
        points = [shapely.Point(xy) for xy in [(0, 0), (4000, 0), (4001, 0), (2000, 0), (4002, 1)]]
        assert [pin["text"] for pin in self.drawn(points=points, names="abcde")["pins"]] == ["1–2, 4", "3"]

    def test_a_stop_off_the_road_is_joined_to_it_by_dots(self):
        away = [shapely.Point(0, 0), shapely.Point(4000, 900)]
        assert "stroke-dasharray" in self.drawn(points=away)["svg"]
        assert "stroke-dasharray" not in self.drawn()["svg"]

    def test_names_that_find_no_free_place_are_left_to_the_table_and_long_ones_are_whole(self):
        crowd = [shapely.Point(x * 330, y * 330) for x in range(13) for y in range(9)]
        names = ["Desa Panjang Sekali Namanya Benar"] * len(crowd)
        made = self.drawn(self.legs, crowd, names)
        assert 0 < len(made["names"]) < len(made["pins"])
        assert {" ".join(label["text"].split()) for label in [*made["names"], *self.drawn(names=names)["names"]]} == {
            names[0]
        }
        assert [label["text"].count("\n") for label in self.drawn(names=names)["names"]] == [1, 1]

    def test_villages_on_the_way_are_named_beside_the_road_and_bridges_are_drawn(self):
        village = Mark("village", 1800, 1, "Desa Lewat", shapely.Point(1800, 0))
        bridge = Mark("bridges", 3000, 1, "", shapely.Point(3000, 0))
        bare, made = self.drawn(), self.drawn(passed=[village, bridge, village])
        (label,) = [name for name in made["names"] if name["text"] == "Desa Lewat"]
        frame = Frame.around(self.legs, WIDTH_MM, HEIGHT_MM, PAD_MM)
        road = shapely.LineString(frame.on_paper([(0, 0), (4000, 0)]))
        assert not road.intersects(
            shapely.box(label["x"], label["y"], label["x"] + label["w"], label["y"] + label["h"])
        )
        assert made["svg"].count("<circle") == 1
        assert made["svg"].count("<rect") == bare["svg"].count("<rect") + 1

    def test_a_landmark_beside_a_stop_is_left_out(self):
        beside = Mark("village", 3990, 1, "Desa", shapely.Point(3990, 0))
        assert self.drawn(passed=[beside]) == self.drawn()

    def test_main_roads_are_drawn_once_and_small_ones_not(self, small):
        roads = small.inputs.roads
        metric = small.inputs.operation.region.metric_crs
        assert len(Background.of(roads, metric).tree.geometries) == len(roads.edges) / 2
        paths = replace(roads, edges=roads.edges.assign(highway="path"))
        assert len(Background.of(paths, metric).tree.geometries) == 0


def test_every_label_of_the_template_is_in_the_catalogue_in_both_languages(small):
    for lang in ("id", "en"):
        made = content(small, lang)
        assert all(made["labels"].values())
        assert made["page"] == say("sheets.page", lang, n="{n}", total="{total}")
