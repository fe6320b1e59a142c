"""The way back after counting on paper, in tables, on phones and on the map; never in the public edition."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.summary import figures, plan_version
from kaur_gis.write import write_plan
from kaur_gis.write.drives import drives_of
from kaur_gis.write.map.more import more_layers, way_back
from kaur_gis.write.map.shown import document
from kaur_gis.write.sheets import overview, receipts, routes, words
from kaur_gis.write.tables import write_tables
from tests.specimens import HOSTILE
from tests.way_back import COPIES, drawn
from tests.write.made import made
from tests.write.sheet_pages import KODE, pages_of, poppler, squash

NAMES = {"A": HOSTILE["jinja_run"], "B": HOSTILE["close_script"], "C": HOSTILE["formula"], "P": HOSTILE["quotes"]}
STORM = {"plan": "kering", "late": "hujan_lebat"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Make a plan whose way back meets hostile names, and a ford that the heavier weather closes."""
    made = make_plan(drawn("G---P---A---B~~~C", tps={"A": 7, "B": 3}, names=NAMES, weather=STORM))
    assert made.broken == ()
    assert made.back_trips["back_late"].isna().any()
    return made


@pytest.fixture(scope="module")
def run(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs") / "kembali"
    write_plan(plan, folder, "id")
    return folder


def sheets(plan: Plan, muatan: str, lang: str = "id") -> dict:
    return routes.content(plan, lang, muatan=muatan)


def test_the_way_back_of_one_load_is_a_part_of_the_plan_under_its_version(plan):
    parts = [plan.brought_back(muatan) for muatan in ("kotak", "salinan")]
    assert sorted(kode for part in parts for kode in part.trips.index) == sorted(plan.back_trips.index)
    assert sum(len(part.legs) for part in parts) == len(plan.back_legs)
    assert sum(len(part.loads) for part in parts) == len(plan.back_loads)
    assert {part.version for part in parts} == {plan_version(plan)}


@pytest.mark.parametrize("muatan", ["kotak", "salinan"])
def test_every_tps_stands_once_on_the_sheets_of_each_leg_of_the_way_back(plan, muatan):
    legs = {row.name: Counter() for row in plan.inputs.operation.kembali if row.muatan == muatan}
    for sheet in sheets(plan, muatan)["trips"]:
        (trip,) = [kode for kode in plan.back_trips.index if kode == sheet["code"]]
        legs[plan.back_trips.loc[trip, "stage"]].update(tps["code"] for stop in sheet["stops"] for tps in stop["tps"])
    assert len(legs) == 2
    for codes in legs.values():
        assert codes == dict.fromkeys(plan.tps.index, 1)


def test_sheets_count_boxes_or_envelopes_and_say_who_signs(plan):
    boxes, copies = sheets(plan, "kotak"), sheets(plan, "salinan", "en")
    assert sum(int(stop["kotak"]) for trip in boxes["trips"] for stop in trip["stops"]) == 2 * plan.kits["kotak"].sum()
    assert sum(int(stop["kotak"]) for trip in copies["trips"] for stop in trip["stops"]) == 2 * len(plan.tps)
    assert (boxes["labels"]["title"], boxes["labels"]["signed_name"]) == (
        "LEMBAR KEMBALI: KOTAK SUARA",
        "Diserahkan oleh (nama)",
    )
    assert copies["kinds"] == ["Seal number of the envelope"]
    assert copies["labels"]["column_kotak"] == "Envelopes"
    assert [len(trip["signatures"]) for trip in boxes["trips"]] == [3] * len(boxes["trips"])
    facts = [dict(trip["facts"]) for trip in copies["trips"]]
    assert all(fact["Fetched"].startswith("copies of the results of") for fact in facts)


def test_a_time_on_another_day_says_which():
    evening, night = pd.Timestamp("2024-02-14 23:50"), pd.Timestamp("2024-02-15 00:20")
    assert words.on_day(night, evening) == "15-02 00:20"
    assert words.on_day(evening, evening) == "23:50"
    assert words.late_time(evening, evening + pd.Timedelta(days=1), "id") == "paling lambat 15-02 23:50"
    assert words.time_range(night, night, "id", evening) == "15-02 00:20"
    assert words.time_range(evening, night, "id", evening) == "23:50 – 15-02 00:20"


def test_the_night_changes_the_date_on_the_sheet_and_a_closed_road_is_said(plan):
    late = plan.inputs.operation.kembali[0].model_copy(update={"start": pd.Timestamp("23:49").time()})
    operation = plan.inputs.operation.model_copy(update={"kembali": (late, *plan.inputs.operation.kembali[1:])})
    over = make_plan(replace(plan.inputs, operation=operation))
    told = [stop["late"] for trip in sheets(over, "kotak")["trips"] for stop in trip["stops"]]
    assert any(text.startswith("15-02") for text in told)
    assert any("jalan terputus" in text for text in told)


def test_boxes_and_copies_are_signed_for_at_every_hand_over_of_the_way_back(plan):
    for muatan, pieces in (("kotak", 5), ("salinan", 1)):
        made = receipts.content(plan, "id", muatan=muatan)
        codes = Counter(code for receipt in made["receipts"] for code in KODE.findall(receipt["tps"]))
        assert codes == dict.fromkeys(plan.tps.index, 4)  # given to and by the driver, on each of two legs
        assert len({receipt["code"] for receipt in made["receipts"]}) == len(made["receipts"])
        planned = [sum(int(text) for text in receipt["planned"]) for receipt in made["receipts"]]
        assert planned == [pieces * len(KODE.findall(receipt["tps"])) for receipt in made["receipts"]]
        first, last = made["receipts"][0], made["receipts"][-1]
        assert first["from"].startswith("KPPS")
        assert first["to"].startswith("Pengemudi")
        assert last["from"].startswith("Pengemudi")


def test_boxes_of_no_kind_of_their_own_are_signed_for_together(plan):
    rules = plan.inputs.kit_rules
    fewer = replace(plan.inputs, kit_rules=rules.model_copy(update={"ballots": rules.ballots[:2]}))
    made = receipts.content(replace(plan, inputs=fewer, kits=plan.kits.assign(kotak=7)), "en", muatan="kotak")
    assert made["items"] == ["Sealed ballot boxes"]
    assert all(int(receipt["planned"][0]) % 7 == 0 for receipt in made["receipts"])


@poppler
def test_the_papers_of_the_way_back_are_set_with_the_version_of_the_plan(plan, run):
    for name, title in (
        ("lembar_kembali", "LEMBAR KEMBALI: KOTAK SUARA"),
        ("lembar_salinan", "LEMBAR KEMBALI: SALINAN HASIL"),
        ("tanda_terima_kembali", "TANDA TERIMA KOTAK SUARA YANG KEMBALI"),
        ("tanda_terima_salinan", "TANDA TERIMA SALINAN HASIL"),
    ):
        pages = pages_of(run / f"{name}.pdf")
        assert pages
        for page in pages:
            assert squash(title) in squash(page)
            assert plan_version(plan) in page


def test_a_vehicle_finds_its_trips_out_and_back_in_one_file(plan):
    drives = drives_of(plan, "id")
    assert list(drives) == sorted({*plan.trips["vehicle"], *plan.back_trips["vehicle"]})
    found = [drive for own in drives.values() for drive in own]
    assert sorted(drive.kode for drive in found) == sorted([*plan.trips.index, *plan.back_trips.index])
    both = set(plan.trips["vehicle"]) & set(plan.back_trips["vehicle"])
    assert both
    for vehicle in both:
        departs = [[*plan.trips.index, *plan.back_trips.index].index(drive.kode) for drive in drives[vehicle]]
        assert departs == sorted(departs)
    words_of = {drive.kode: drive.desc for drive in found}
    for kode, muatan in plan.back_trips["muatan"].items():
        assert ("mengambil kotak" in words_of[kode]) == (muatan == "kotak")
        assert ("mengambil salinan hasil" in words_of[kode]) == (muatan == "salinan")


def test_the_workbook_holds_every_trip_leg_and_load_of_the_way_back(plan, tmp_path):
    lost = plan.back_unserved.reset_index()
    row = {"kode_tps": plan.tps.index[0], "muatan": "salinan", "stage": "copies-ppk", "reason": "no_time"}
    gone = pd.concat([lost, pd.DataFrame([row]).astype(str)]).set_index(["kode_tps", "muatan"])
    write_tables(replace(plan, back_unserved=gone), tmp_path, "id")
    book = openpyxl.load_workbook(tmp_path / "distribusi.xlsx")
    trips, legs, loads = (book[f"{name} kembali"] for name in ("Perjalanan", "Ruas", "Muatan"))
    codes = [cell.value for cell in trips["A"]][1:-1]
    assert sorted(codes) == sorted(plan.back_trips.index)
    assert {cell.value for cell in trips["C"]} == {"Muatan", "kotak", "salinan hasil", None}
    assert legs.max_row == len(plan.back_legs) + 2  # a head and a total
    assert loads.max_row == len(plan.back_loads) + 1
    assert [cell.value for cell in book["Tidak kembali"][2]][-3:] == [
        "salinan hasil",
        "copies-ppk",
        "tidak terkejar dengan kendaraan dan jam kerja yang ada",
    ]
    for sheet in (trips, legs, loads):
        for cells in sheet:
            assert [cell.value for cell in cells if cell.data_type == "f" and "SUM" not in cell.value] == []
    assert (tmp_path / "tabel" / "kembali_perjalanan.csv").is_file()


def test_the_map_draws_every_trip_of_the_way_back_and_tells_its_load(plan):
    layer = way_back(plan, "id")
    assert [thing.kode for thing in layer.things] == list(plan.back_trips.index)
    for thing in layer.things:
        trip, legs = plan.back_trips.loc[thing.kode], plan.back_legs.loc[thing.kode]
        facts = dict(thing.facts)
        assert facts["Muatan"].startswith("salinan hasil") == (trip["muatan"] == "salinan")
        assert len(thing.line) == sum(len(line.coords) for line in legs.geometry)
        assert ("jalan tertutup" in facts["Berangkat → kembali"]) == pd.isna(trip["back_late"])
    (told,), (lines,) = more_layers(plan, "id")
    assert (told["key"], told["on"]) == ("kembali", False)
    assert lines


def test_the_way_back_is_in_no_public_file(plan, run):
    public = [run / "peta_publik.html", *(run / "publik").rglob("*")]
    secret = [*plan.back_trips.index, *plan.back_trips["vehicle"].unique()]
    for file in (file for file in public if file.is_file() and file.suffix not in {".xlsx", ".parquet"}):
        text = file.read_bytes().decode("utf-8", "replace")
        assert [word for word in secret if word in text] == []
    assert "more" not in document(plan, "id", edition="publik")[0]


def test_the_front_page_and_the_pages_for_the_meeting_count_the_way_back(plan, run):
    counts = figures(plan)
    assert counts["back_trips"] == len(plan.back_trips)
    page = (run / "index.html").read_text(encoding="utf-8")
    assert "perjalanan kembali" in page
    assert 'href="lembar_kembali.pdf"' in page
    tiles = overview.content(plan, "id")["tiles"]
    last = plan.back_trips["back"][plan.back_trips["muatan"] == "kotak"].max()
    assert tiles[-1] == ["kotak terakhir kembali", f"{last:%d-%m %H:%M}"]
    assert len(tiles) % 4 == 0


def test_without_a_way_back_nothing_speaks_of_it(tmp_path):
    plan = made()
    assert plan.back_trips.empty
    assert not [name for name in figures(plan) if name.startswith("back_")]
    assert way_back(plan, "id") is None
    write_plan(plan, tmp_path / "out", "id")
    assert not [file for file in (tmp_path / "out").rglob("*kembali*") if file.suffix != ".parquet"]
    assert "kembali" not in [label for _, label in overview.content(plan, "id")["tiles"]]


def test_copies_alone_come_back_without_papers_for_boxes(tmp_path):

    plan = make_plan(drawn(kembali=COPIES))
    assert overview.content(plan, "id")["tiles"][-1][1] == "–"
    write_plan(plan, tmp_path / "out", "id")
    names = {file.name for file in (tmp_path / "out").glob("*.pdf")}
    assert "lembar_salinan.pdf" in names
    assert "lembar_kembali.pdf" not in names
