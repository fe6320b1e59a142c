"""Couriers, channels and signals on paper and in tables, with hostile names."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.write.public import write_public
from kaur_gis.write.sheets import OF_SIGNAL, PAPERS, couriers, write_papers
from kaur_gis.write.sheets.press import press
from kaur_gis.write.signal_tables import signal_tables
from kaur_gis.write.tables import write_tables
from tests.comms.test_couriers import DRAWING, SILENT, how
from tests.comms.test_signal import claims
from tests.specimens import HOSTILE
from tests.world import kode_tps, world
from tests.write.sheet_pages import KODE, pages_of, poppler, squash


@cache
def made() -> Plan:
    """A plan with couriers, radios, satellite phones, conflicts, and every hostile name as village and operator."""
    names = dict(zip("ABCDEFx", HOSTILE.values(), strict=False))
    inputs = world(DRAWING, sinyal=SILENT, names=names, komunikasi=how(max_minutes=12.0))
    rows = [(kode_tps("A"), name, "kuat", "ukur", "") for name in HOSTILE.values()]
    rows += [(kode_tps("A"), name, "lemah", "contoh", "2024-01-01") for name in HOSTILE.values()]
    return make_plan(replace(inputs, sinyal=claims(*rows)))


@poppler
@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_tps_without_signal_stands_once_on_paper(lang: str, tmp_path: Path) -> None:
    plan = made()
    assert plan.broken == ()
    press("courier", couriers.content(plan, lang), tmp_path / "komunikasi.pdf")  # type: ignore[arg-type]
    pages = pages_of(tmp_path / "komunikasi.pdf")
    found = KODE.findall(" ".join(pages))
    assert sorted(found) == sorted([*plan.channels.index, *[kode_tps("A")] * (plan.signals["differs"] != "").sum()])
    told = squash(" ".join(pages))
    for kode in plan.couriers.index:
        assert squash(kode) in told
    assert squash("18:00") in told


def test_the_paper_is_written_where_there_is_something_to_say(tmp_path: Path) -> None:
    assert "komunikasi.pdf" in {file.name for file in write_papers(made(), tmp_path, "id")}
    assert set(OF_SIGNAL).isdisjoint(PAPERS)


def test_without_a_section_nothing_is_said() -> None:
    plan = make_plan(world("G-P-A"))
    assert signal_tables(plan, "id") == []
    assert couriers.content(plan, "id")["kecamatan"] == []


def test_the_workbook_and_its_csv_hold_channels_couriers_and_signals(tmp_path: Path) -> None:
    plan = made()
    write_tables(plan, tmp_path, "id")
    book = openpyxl.load_workbook(tmp_path / "komunikasi.xlsx")
    assert {"Saluran laporan", "Kurir", "Sinyal per operator"} <= set(book.sheetnames)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s", "n", "d", "f"}
    for sheet in book:
        for row in sheet.iter_rows(max_row=sheet.max_row - 1):
            assert all(cell.data_type != "f" for cell in row)
    for name in ("saluran", "kurir", "sinyal"):
        lines = (tmp_path / "tabel" / f"{name}.csv").read_text(encoding="utf-8-sig")
        assert not any(line.startswith(("=", "+", "-", "@")) for line in lines.splitlines())
    assert len(signal_tables(plan, "en")) == 3


def test_nothing_of_it_is_published(tmp_path: Path) -> None:
    files = write_public(made(), tmp_path, "id", geojson=True)
    assert not {"channels", "couriers", "signals", "sinyal", "kurir", "saluran"} & {file.stem for file in files}
    for file in files:
        if file.suffix in {".csv", ".geojson"}:
            text = file.read_text(encoding="utf-8")
            assert "KURIR" not in text
            assert "SINYAL-" not in text


def test_a_statement_that_can_not_be_taken_apart_is_told_as_it_stands() -> None:
    assert couriers.others("x / y; z", "id") == "x / y; z"
    assert couriers.others("- / kuat / ukur / -; a / lemah / contoh / 2024-01-01", "en") == (
        "strong (measured); a · weak (example) · 2024-01-01"
    )
