from __future__ import annotations

import subprocess
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.cut.weak import weak_points
from kaur_gis.layers import CRS, OSM_CREDIT, Peaks, Waters, checked_geo
from kaur_gis.summary import figures, notices
from kaur_gis.write.replaced import Earlier
from kaur_gis.write.sheets import PAPERS, overview, wall, write_papers
from kaur_gis.write.sheets.area import SYMBOLS, Ground
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.press import press
from tests.write.handmade import NAMES, hostile, plan
from tests.write.made import made as solved
from tests.write.sheet_pages import KODE, pages_of, poppler, squash


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Every paper of a solved plan with an unserved TPS."""
    folder = tmp_path_factory.mktemp("papers")
    files = write_papers(solved(), folder, "id", Earlier("0123456789ab"))
    assert [file.name for file in files] == [*PAPERS]
    return folder


@pytest.fixture(scope="module")
def bitten(tmp_path_factory):
    """Every paper of a plan full of hostile names."""
    folder = tmp_path_factory.mktemp("bitten")
    write_papers(hostile(), folder, "id")
    return folder


@poppler
@pytest.mark.parametrize("name", PAPERS)
def test_every_page_of_every_paper_names_its_version_and_the_notices(papers, name):
    for page in pages_of(papers / name):
        told = squash(page)
        assert squash(OSM_CREDIT) in told
        assert [line for line in notices(solved(), "id") if squash(line) not in told] == []
    assert "menggantikan versi 0123456789ab" in " ".join(pages_of(papers / name)).replace("\n", " ")


@poppler
@pytest.mark.parametrize("name", PAPERS)
def test_no_word_of_any_paper_leaves_its_page_whatever_the_names(bitten, name):
    told = subprocess.run(["pdftotext", "-bbox", str(bitten / name), "-"], capture_output=True, check=True).stdout
    # a control character in a text could not be in XML
    root = ET.fromstring(told)  # noqa: S314 - made by pdftotext
    space = "{http://www.w3.org/1999/xhtml}"
    n_words = 0
    for page in root.iter(f"{space}page"):
        width, height = float(page.get("width")), float(page.get("height"))
        for word in page.iter(f"{space}word"):
            n_words += 1
            assert float(word.get("xMin")) >= 25
            assert float(word.get("xMax")) <= width - 25
            assert float(word.get("yMin")) >= 8
            assert float(word.get("yMax")) <= height - 5
    assert n_words > 100


@poppler
@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_black_grey_and_white(papers, name, tmp_path):
    subprocess.run(["pdftoppm", "-r", "30", "-l", "3", str(papers / name), str(tmp_path / "p")], check=True)
    for image in tmp_path.glob("p*.ppm"):
        pixels = image.read_bytes().split(b"\n", 3)[3]
        assert pixels[0::3] == pixels[1::3] == pixels[2::3]


@poppler
def test_hostile_names_do_nothing_on_the_maps(bitten):
    for name in ("ringkasan.pdf", "peta_dinding.pdf"):
        told = squash(" ".join(pages_of(bitten / name)))
        assert "1337" not in told
        assert squash(NAMES["typst_code"]) in told


@poppler
def test_the_summary_is_two_pages_with_the_figures_and_every_kecamatan(papers):
    made = solved()
    pages = pages_of(papers / "ringkasan.pdf")
    assert len(pages) == 2
    facts, told = figures(made), squash(pages[0])
    for name in ("voters", "kotak", "trips", "officers"):
        assert thousands(facts[name], "id") in told
    for kode in made.tps["kode_kec"].unique():
        assert squash(made.inputs.kecamatan.loc[kode, "nama"]) in told
    (lost,) = made.unserved.index
    assert lost in pages[0]
    assert "terlalu jauh dari jalan" in pages[0].replace("\n", " ")
    for number, page in enumerate(pages, start=1):
        assert "RINGKASAN RENCANA" in page
        assert f"halaman {number} dari 2" in page
    assert all(squash(name) in squash(pages[1]) for name in made.inputs.kecamatan["nama"])


def test_the_figures_of_a_kecamatan_are_those_of_its_tps():
    made = solved()
    came = made.legs["arrive"].groupby("kode_trip").max()
    assert len(came)
    for row, (_kode, here) in zip(overview.content(made, "en")["kecamatan"], made.tps.groupby("kode_kec"), strict=True):
        assert sum(row["classes"]) == len(here)
        assert row["figures"][0] == str(len(here))
        assert int(row["figures"][-1]) == made.kits.loc[here.index, "kotak"].sum()


def test_a_kecamatan_that_nothing_reaches_has_no_last_arrival():
    made = plan()
    none = replace(made, trips=made.trips[:0], legs=made.legs[:0], loads=made.loads[:0])
    assert [row["last"] for row in overview.content(none, "id")["kecamatan"]] == ["–"]
    assert {row["arrive"] for sheet in wall.content(none, "id")["sheets"] for row in sheet["tps"]} == {"–"}


def test_the_summary_says_for_the_meeting_how_many_have_no_second_way():
    made = solved()
    isolated = weak_points(made).isolated
    alone = say("weak.isolated", "id", n=len(isolated), pemilih="X", kotak="Y").split(",")[0]
    assert len(isolated)
    told = overview.content(made, "id", isolated=isolated)["words"]
    assert sum(line.startswith(alone) for line in told) == 1
    assert told != overview.content(made, "id", isolated=isolated.iloc[:0])["words"]
    assert overview.content(made, "id")["words"] == overview.content(made, "id", isolated=isolated.iloc[:0])["words"]


@poppler
def test_a_summary_with_very_many_lines_is_two_pages_and_says_how_many_are_left_out(tmp_path):
    made = plan()
    lost = pd.DataFrame({"stage": "ppk-tps", "reason": "no_road"}, index=made.tps.index)
    many = replace(made, unserved=pd.concat([lost] * 9))
    told = overview.content(many, "id")
    *lines, more, last = told["words"]
    whole = [line for line in many.summary("id").splitlines() if line and line[:2] != "! "][1:]
    assert lines == whole[: len(lines)]
    assert last == whole[-1]
    assert more == f"… dan {len(whole) - len(lines) - 1} baris lagi: lihat tabel."
    fullest = ["x" * (overview.LETTERS_A_LINE - 10)] * overview.MOST_LINES
    rows = (told["kecamatan"] * overview.USUAL_KECAMATAN)[: overview.USUAL_KECAMATAN]
    press("overview", told | {"words": fullest, "kecamatan": rows}, tmp_path / "ringkasan.pdf")
    assert len(pages_of(tmp_path / "ringkasan.pdf")) == 2


def test_details_of_the_groups_leave_the_summary_first_and_are_counted():
    lines, details = ["a", "  b", "  c", "d", "e"], {"  b", "  c"}
    assert overview._fitting(lines, 5, details, (), "id") == lines
    told = ["a", "  2 catatan tentang kelompok: lihat pengamanan.pdf", "d", "e"]
    assert overview._fitting(lines, 4, details, (), "id") == told
    assert overview._fitting(lines, 3, details, {"d"}, "id") == [line for line in told if line != "d"]
    assert overview._fitting(lines, 4, details, {"d"}, "id") == told, "what there is room for stays"
    assert overview._fitting(lines, 3, details, (), "id") == ["a", "… dan 2 baris lagi: lihat tabel.", "e"]
    assert overview._fitting(["x" * 300, "y"], 3, (), (), "id") == ["… dan 1 baris lagi: lihat tabel.", "y"]


@poppler
def test_every_tps_stands_once_on_the_wall_map_of_its_kecamatan(papers):
    made = solved()
    pages = pages_of(papers / "peta_dinding.pdf")
    groups = [sorted(here.index) for _, here in made.tps.groupby("kode_kec")]
    assert [sorted(KODE.findall(page)) for page in pages] == groups
    sizes = subprocess.run(["pdfinfo", str(papers / "peta_dinding.pdf")], capture_output=True, check=True).stdout
    assert b"1190.55 x 841.89 pts (A3)" in sizes


def test_the_symbol_of_a_stop_is_that_of_its_worst_class_and_a_cross_tells_no_signal():
    made = plan()
    first = made.tps.index[0]
    same = made.tps["kode_stop"] == made.tps.loc[first, "kode_stop"]
    assert same.sum() > 1
    tps = made.tps.assign(kerawanan="kurang_rawan", sinyal="kuat")
    plain = Ground(replace(made, tps=tps), "id", Glyphs()).draw(wall.MAP)["svg"]
    tps.loc[first, ["kerawanan", "sinyal"]] = "sangat_rawan", "tidak_ada"
    marked = Ground(replace(made, tps=tps), "id", Glyphs()).draw(wall.MAP)["svg"]
    diamond, cross = SYMBOLS["sangat_rawan"].rpartition("fill=")[2], "l1.4 1.4m0 -1.4l-1.4 1.4"
    assert plain.count(diamond) == 0
    assert marked.count(diamond) == 1
    assert plain.count(cross) == 0
    assert marked.count(cross) == 1
    assert marked.count("<circle") == plain.count("<circle") - 1


def test_the_list_beside_a_wall_map_tells_both_classes_where_the_police_gave_one():
    made = plan()
    given = ["kurang_rawan", *[""] * (len(made.tps) - 1)]
    both = replace(made, tps=made.tps.assign(kerawanan_polri=given, kerawanan_aturan="rawan", kerawanan="kurang_rawan"))
    rows = [row for sheet in wall.content(both, "id")["sheets"] for row in sheet["tps"]]
    marks = {row["code"]: row["marks"] for row in rows}
    assert marks[made.tps.index[0]].startswith("kurang rawan (Polri; aturan: rawan)")
    assert not any("rawan" in told for kode, told in marks.items() if kode != made.tps.index[0])


def test_a_wall_map_names_its_stops_with_the_numbers_of_their_tps():
    made = plan()
    (sheet,) = wall.content(made, "id")["sheets"]
    names = {name["text"] for name in sheet["map"]["names"]}
    assert "Desa A 1–3" in names
    root = ET.fromstring(sheet["map"]["svg"])  # noqa: S314 - our own drawing
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path", "rect", "circle"}


def test_a_wall_map_draws_rivers_and_names_hills_where_there_is_room():
    made = plan()
    at = made.tps.geometry.iloc[0]
    river = shapely.LineString([(at.x - 1, at.y + 0.004), (at.x + 1, at.y + 0.004)])
    names = {"jenis": ["sungai", "danau", "anak_sungai"], "nama": [NAMES["typst_code"], "", "Selokan"]}
    shapes = [river, at.buffer(0.002), shapely.affinity.translate(river, 0, 0.001)]
    waters = gpd.GeoDataFrame(names, geometry=shapes, crs=CRS).rename_axis("air")
    heights = {"nama": ["Bukit Uji", "Bukit Tertutup", "Bukit Jauh"], "elevasi_m": [2100.0, 90.0, np.nan]}
    there = [shapely.Point(at.x + east, at.y + 0.0045) for east in (0.0, 0.00001, 5.0)]
    peaks = gpd.GeoDataFrame(heights, geometry=there, crs=CRS).rename_axis("puncak")
    inputs = replace(made.inputs, sungai=checked_geo(waters, Waters), puncak=checked_geo(peaks, Peaks))
    told = wall.content(replace(made, inputs=inputs), "id")
    (sheet,) = told["sheets"]
    dry = wall.content(made, "id")
    named = {name["text"] for name in sheet["map"]["names"]} - {
        name["text"] for name in dry["sheets"][0]["map"]["names"]
    }
    assert named == {NAMES["typst_code"], "Bukit Uji 2.100 m"}
    assert sheet["map"]["svg"].count('stroke="#c4c4c4"') == 2, "the river and the lake's shore, not the ditch"
    assert "Pita abu-abu muda: sungai" in told["map_note"]
    assert "bukit" in told["map_note"]
    assert "sungai" not in dry["map_note"]
    small = overview.content(replace(made, inputs=inputs), "id")
    assert "#c4c4c4" in small["map"]["svg"]
    assert "bukit" not in small["map_note"], "the small map names no hills"


def test_the_maps_of_a_real_network_do_not_call_it_schematic():
    made = plan()
    assert "skematik" in overview.content(made, "id")["map_note"]
    real = replace(made, inputs=replace(made.inputs, roads=replace(made.inputs.roads, schematic=False)))
    assert "jalan OpenStreetMap" in overview.content(real, "id")["map_note"]


@poppler
def test_without_posts_and_trips_there_is_still_a_summary(tmp_path):
    made = plan()
    empty = replace(made, tps=made.tps[:0], kits=made.kits[:0], trips=made.trips[:0], legs=made.legs[:0])
    empty = replace(empty, loads=made.loads[:0], posts=made.posts[:0], guards=made.guards[:0])
    press("wall", wall.content(empty, "id"), tmp_path / "wall.pdf")
    assert len(pages_of(tmp_path / "wall.pdf")) == 1
