from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from kaur_gis.layers import OSM_CREDIT
from kaur_gis.summary import plan_version
from kaur_gis.write.replaced import Replaced
from kaur_gis.write.sheets.press import press
from kaur_gis.write.sheets.receipts import content
from tests.write.handmade import NAMES, hostile, plan
from tests.write.sheet_pages import KODE, pages_of, poppler, squash


@pytest.fixture(scope="module")
def small():
    return plan()


@pytest.fixture(scope="module")
def pages(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("receipts") / "tanda_terima.pdf"
    press("receipt", content(small, "id", Replaced("0123456789ab", ())), path)
    return pages_of(path)


def test_there_is_one_receipt_for_loading_one_a_ppk_and_one_a_tps(small):
    receipts = content(small, "id")["receipts"]
    ends = Counter(receipt["to"].split()[0] for receipt in receipts)
    visits = sum(
        len(small.loads.loc[kode, "order"].unique()) for kode in small.trips.index[small.trips["stage"] == "gudang-ppk"]
    )
    assert ends["Pengemudi"] == len(small.trips)
    assert ends["KPPS"] == len(small.tps)
    assert len(receipts) == len(small.trips) + len(small.tps) + visits
    assert len({receipt["code"] for receipt in receipts}) == len(receipts)


def test_what_is_planned_is_the_kit_of_the_tps_handed_over(small):
    made = content(small, "en")
    columns = [*small.kits.filter(regex="^jml_").columns, *small.kits.filter(regex="^suara_").columns]
    assert len(made["items"]) == len(columns)
    for receipt in made["receipts"]:
        codes = KODE.findall(receipt["tps"])
        planned = [int(text.replace(",", "")) for text in receipt["planned"]]
        assert planned == small.kits.loc[codes, columns].sum().to_list()


def test_every_hand_over_of_a_tps_has_its_receipts(small):
    codes = Counter(code for receipt in content(small, "id")["receipts"] for code in KODE.findall(receipt["tps"]))
    stages = len(small.inputs.operation.stages)
    assert codes == dict.fromkeys(small.tps.index, 2 * stages)  # given to the driver, and by him


@poppler
def test_receipts_are_printed_whole_with_lines_to_fill_in_and_the_version_they_replace(small, pages):
    told = " ".join(pages)
    made = content(small, "id")
    for receipt in made["receipts"]:
        (page,) = [page for page in pages if re.search(re.escape(receipt["code"]) + r"\b", page)]
        assert page.count("Yang menerima") == page.count("TANDA TERIMA LOGISTIK")
        for item in made["items"]:
            assert squash(item) in squash(page)
        for text in (receipt["from"], receipt["to"], receipt["date"], *receipt["planned"]):
            assert squash(text) in squash(page)
    assert told.count("Diterima") == len(made["receipts"])
    assert f"versi rencana {plan_version(small)} · menggantikan versi 0123456789ab" in told
    assert all(OSM_CREDIT in page.replace("\n", " ") for page in pages)


@poppler
def test_a_kit_longer_than_a_page_goes_on_over_pages_without_loss(small, tmp_path):
    rules = small.inputs.kit_rules
    more = [
        rules.items[0].model_copy(update={"key": f"x{n}", "nama": f"Barang {n:03d} " + "panjang " * 12})
        for n in range(90)
    ]
    kits = small.kits.assign(**{f"jml_x{n}": 10_000 + n for n in range(90)})
    inputs = replace(small.inputs, kit_rules=rules.model_copy(update={"items": (*rules.items, *more)}))
    press("receipt", content(replace(small, inputs=inputs, kits=kits), "en"), tmp_path / "long.pdf")
    shown = pages_of(tmp_path / "long.pdf")
    told = " ".join(shown)
    n_receipts = len(content(small, "en")["receipts"])
    assert len(shown) >= 3 * n_receipts
    for n in range(90):
        assert told.count(f"10,{n:03d}") >= len(small.tps)


@poppler
def test_hostile_names_do_nothing_on_a_receipt(tmp_path):
    made = content(hostile(), "id")
    press("receipt", made, tmp_path / "hostile.pdf")
    told = squash(" ".join(pages_of(tmp_path / "hostile.pdf")))
    assert "1337" not in told
    assert squash(NAMES["typst_code"]) in told
    assert squash(NAMES["jinja_run"]) in told
    assert made["replaced"]


@poppler
def test_without_trips_the_paper_says_so(small, tmp_path):
    empty = replace(small, trips=small.trips.iloc[:0], legs=small.legs.iloc[:0], loads=small.loads.iloc[:0])
    press("receipt", content(empty, "id"), tmp_path / "none.pdf")
    (page,) = pages_of(tmp_path / "none.pdf")
    assert "Tidak ada perjalanan" in page


def test_a_receipt_says_the_dapil_of_its_ballots(small):
    made = replace(small, loads=small.loads.assign(dapil="Kaur II"))
    assert all(receipt["n_tps"].endswith(" TPS, dapil Kaur II") for receipt in content(made, "id")["receipts"])
    none = replace(small, loads=small.loads.assign(dapil=""))
    assert all(receipt["n_tps"].endswith(" TPS") for receipt in content(none, "id")["receipts"])
