"""The survey form, read by pyxform as ODK and Kobo read it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from pyxform.xls2xform import convert

from kaur_gis.survey import ANSWERS, SIGNALS
from kaur_gis.write.survey import FORM, write_survey
from tests.specimens import HOSTILE
from tests.write.handmade import NAMES, VILLAGES, hostile, plan

XFORMS = "{http://www.w3.org/2002/xforms}"


def form_of(path: Path) -> ET.Element:
    """Let pyxform make the form of it, which refuses what it can't understand."""
    return ET.fromstring(convert(str(path), validate=False).xform)  # noqa: S314 - made by pyxform just now


def choices(form: ET.Element, name: str) -> list[dict[str, str]]:
    items = form.findall(f".//{XFORMS}instance[@id='{name}']/{XFORMS}root/{XFORMS}item")
    return [{cell.tag.removeprefix(XFORMS): cell.text or "" for cell in item} for item in items]


def test_pyxform_takes_the_form_and_every_tps_is_a_choice_under_its_village(tmp_path):
    small = plan()
    form = form_of(write_survey(small, tmp_path, "id"))
    assert [item["name"] for item in choices(form, "tps")] == list(small.tps.index)
    assert {item["name"]: item["kode_desa"] for item in choices(form, "tps")} == small.tps["kode_desa"].to_dict()
    assert {item["name"] for item in choices(form, "desa")} == set(small.tps["kode_desa"])
    assert {item["name"] for item in choices(form, "kecamatan")} == set(small.tps["kode_kec"])
    assert [item["name"] for item in choices(form, "sinyal")] == list(ANSWERS)


def test_the_form_asks_for_the_point_the_day_and_the_signal_of_every_operator(tmp_path):
    form = form_of(write_survey(plan(), tmp_path, "id"))
    kinds = {bind.get("nodeset", "").rpartition("/")[2]: bind.get("type") for bind in form.iter(f"{XFORMS}bind")}
    assert kinds["posisi"] == "geopoint"
    assert kinds["tanggal"] == "date"
    assert set(SIGNALS.values()) <= set(kinds)
    filters = [item.get("nodeset", "") for item in form.iter(f"{XFORMS}itemset")]
    assert any(re.search(r"instance\('desa'\)/root/item\[kode_kec=", text) for text in filters)
    assert any(re.search(r"instance\('tps'\)/root/item\[kode_desa=", text) for text in filters)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_hostile_names_are_labels_to_the_letter_and_refer_to_no_answer(tmp_path, lang):
    path = write_survey(hostile(), tmp_path, lang)
    form = form_of(path)
    labels = {item["label"] for item in choices(form, "desa")}
    told = dict(zip(VILLAGES, NAMES.values(), strict=False)).values()
    for name in told:
        if name in HOSTILE.values() and "${" not in name:
            assert " ".join(name.split()) in {" ".join(label.split()) for label in labels}
    assert "$ {document.title='PWNED'}" in labels
    for sheet in openpyxl.load_workbook(path):
        assert [cell.value for row in sheet for cell in row if cell.data_type == "f"] == []


def test_the_same_list_gives_the_same_form_and_another_list_another_version(tmp_path):
    first = write_survey(plan(), tmp_path, "id").read_bytes()
    (tmp_path / "again").mkdir()
    assert write_survey(plan(), tmp_path / "again", "id").read_bytes() == first
    write_survey(hostile(), tmp_path / "again", "id")
    versions = [openpyxl.load_workbook(at / FORM)["settings"]["C2"].value for at in (tmp_path, tmp_path / "again")]
    assert versions[0] != versions[1]
