from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from kaur_gis.catalogue import say
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.summary import notices, plan_version
from kaur_gis.write.sheets import words, write_sheets
from kaur_gis.write.sheets.content import content, in_order
from kaur_gis.write.sheets.glyphs import FONTS, MISSING, Glyphs, drawable
from kaur_gis.write.sheets.sketch import HEIGHT_MM, WIDTH_MM, Background, Frame, draw
from tests.world import world
from tests.write.handmade import NAMES, hostile, long_trip, plan

KODE = re.compile(r"\b\d{13}\b")
poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")


def pages_of(path) -> list[str]:
    told = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True).stdout.decode()
    return told.removesuffix("\f").split("\f")


def squash(text: str) -> str:
    """Leave out what a line break may have changed."""
    return re.sub(r"[\s\u200b]", "", unicodedata.normalize("NFKC", text))


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
    for page, kode in zip(pages_of(pdf), in_order(small), strict=True):
        trip, told = small.trips.loc[kode], squash(page)
        assert "halaman 1 dari 1" in page
        assert kode in page
        for text in ("Dunia contoh", plan_version(small), trip["vehicle"], trip["wave"], OSM_CREDIT):
            assert squash(text) in told
        for text in ("Pengemudi", "Pengawal", "Ttd.", f"{trip['depart']:%H:%M}", f"{trip['depart']:%d-%m-%Y}"):
            assert squash(text) in told
        for line in notices(small, "id"):
            assert squash(line) in told


@poppler
def test_a_sheet_tells_arrivals_bridges_fords_unpaved_stretches_and_carrying(small, pdf):
    page = pages_of(pdf)[in_order(small).index("PPK-1-PU-H-1")]
    told = squash(page)
    for text in (
        "09:04–09:06",
        "09:36–jalan terputus",
        "2 jembatan; 1 kali menyeberang sungai tanpa jembatan; kotak dipikul 120 m dari jalan",
        "700 m jalan tanah atau kerikil",
        "4 perhentian, 7 TPS, 35 kotak",
        "35 kotak · 875 kg · 3,4 m³ · 7 TPS",
        "10:24–10:40",
        "Sketsa skematik: garis lurus antartitik, bukan bentuk jalan.",
    ):
        assert squash(text) in told


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

    def drawn(self, legs=None, points=None, names=("Base", "Stop")):
        legs, points = self.legs if legs is None else legs, self.points if points is None else points
        return draw(legs, points, names, self.nothing, lambda metres: f"{metres} m")

    def test_everything_lies_on_the_paper_and_the_scale_bar_is_true(self):
        made = self.drawn()
        assert made["pins"][0]["text"] == "1"
        left = next(label for label in made["names"] if label["text"] == "Base")
        assert 0 <= left["x"] < made["pins"][0]["x"] <= WIDTH_MM
        frame = Frame.around(self.legs)
        metres = float(made["bar"].removesuffix(" m"))
        assert made["bar_mm"] == pytest.approx(metres * frame.mm_per_m, abs=0.01)
        assert 10 <= made["bar_mm"] <= 30

    def test_the_drawing_is_svg_of_numbers_only(self):
        root = ET.fromstring(self.drawn(names=("<b>", '"/>'))["svg"])  # noqa: S314 - our own drawing
        assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path", "rect"}

    def test_a_trip_to_its_own_village_is_still_drawn_to_a_scale(self):
        legs = [shapely.LineString([(0, 0), (0, 0)])] * 2
        made = self.drawn(legs, ([shapely.Point(0, 0)] * 2))
        assert made["pins"] == [{"x": WIDTH_MM / 2, "y": HEIGHT_MM / 2, "text": "■ 1"}]
        assert int(made["bar"].removesuffix(" m")) == 200

    def test_stops_close_to_each_other_share_a_number_label(self):
        points = [shapely.Point(xy) for xy in [(0, 0), (4000, 0), (4001, 0), (2000, 0), (4002, 1)]]
        assert [pin["text"] for pin in self.drawn(points=points, names="abcde")["pins"]] == ["1–2, 4", "3"]

    def test_a_stop_off_the_road_is_joined_to_it_by_dots(self):
        away = [shapely.Point(0, 0), shapely.Point(4000, 900)]
        assert "stroke-dasharray" in self.drawn(points=away)["svg"]
        assert "stroke-dasharray" not in self.drawn()["svg"]

    def test_names_that_find_no_free_place_are_left_to_the_table_and_long_ones_are_cut(self):
        crowd = [shapely.Point(x * 330, y * 330) for x in range(13) for y in range(9)]
        names = ["Desa Panjang Sekali Namanya Benar"] * len(crowd)
        made = self.drawn(self.legs, crowd, names)
        assert 0 < len(made["names"]) < len(made["pins"])
        assert {len(label["text"]) for label in made["names"]} == {26}

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
