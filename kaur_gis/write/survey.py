"""The form with which a phone surveys where the TPS lie and what signal they have: an XLSForm for ODK or Kobo."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.survey import ANSWERS, OPERATORS, SIGNALS
from kaur_gis.write.safely import replace_with
from kaur_gis.write.workbook import CREATED, fit

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

FORM = "survei.xlsx"
GOOD_M, POOR_M = 10, 50  # a phone takes the point by itself when it is as exact as this; beyond the other it warns
QUESTION = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "default",
    "choice_filter",
    "appearance",
    "parameters",
)
CHOICE = ("list_name", "name", "label", "kode_kec", "kode_desa")
SETTING = ("form_title", "form_id", "version", "style")


def write_survey(plan: Plan, folder: str | Path, lang: Lang) -> Path:
    """Write ``survei.xlsx``: kecamatan, village, TPS, its point, and the signal of each operator there.

    The list of TPS stands in the form, cascaded by kecamatan and village, so that no code is ever typed;
    `kaur_gis.merge` takes what comes back.

    Parameters
    ----------
    plan : Plan
    folder : path
        Folder of the run.
    lang : {"id", "en"}
        Language of the questions.

    Returns
    -------
    Path
        The form.

    Raises
    ------
    OutputError
        Where it could not be written.

    References
    ----------
    XLSForm, https://xlsform.org/en/ref-table/
    """
    choices = _choices(plan, lang)
    region = plan.inputs.operation.region
    title = say("survey.title", lang, kabupaten=_label(region.kabupaten))
    sheets: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
        "survey": (QUESTION, _questions(lang)),
        "choices": (CHOICE, choices),
        "settings": (
            SETTING,
            [
                (
                    title,
                    f"survei_tps_{region.kode_kab.replace('.', '')}",
                    _version(choices),
                    "theme-grid no-text-transform",
                )
            ],
        ),
    }
    path = Path(folder) / FORM
    with replace_with(path) as new, xlsxwriter.Workbook(new, {"strings_to_formulas": False}) as book:
        book.set_properties({"created": CREATED, "author": "kaur_gis"})
        for name, (heads, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(heads) - 1, 22)
            for number, row in enumerate((heads, *rows)):
                for column, text in enumerate(row):
                    if text:  # an empty cell is no text: forms take it for absent
                        sheet.write_string(number, column, fit(text))
    return path


def _questions(lang: Lang) -> list[tuple[str, ...]]:
    def row(kind: str, name: str, label: str = "", **more: str) -> tuple[str, ...]:
        cells = {"type": kind, "name": name, "label": label or say(f"survey.{name}", lang), **more}
        return tuple(cells.get(head, "") for head in QUESTION)

    def signal(operator: str, brand: str) -> tuple[str, ...]:
        label, hint = say("survey.sinyal", lang, operator=brand), say("survey.sinyal_hint", lang)
        return row("select_one sinyal", SIGNALS[operator], label, hint=hint)

    exact = f"capture-accuracy={GOOD_M} warning-accuracy={POOR_M}"
    must = {"required": "yes", "appearance": "minimal"}
    return [
        row("date", "tanggal", required="yes", default="today()"),
        row("select_one kecamatan", "kode_kec", **must),
        row("select_one desa", "kode_desa", choice_filter="kode_kec=${kode_kec}", **must),
        row("select_one tps", "kode_tps", choice_filter="kode_desa=${kode_desa}", **must),
        row("geopoint", "posisi", hint=say("survey.posisi_hint", lang), parameters=exact),
        *(signal(operator, brand) for operator, brand in OPERATORS.items()),
        row("text", "catatan"),
    ]


def _choices(plan: Plan, lang: Lang) -> list[tuple[str, ...]]:
    tps = plan.tps.sort_index()
    kecamatan = plan.inputs.kecamatan["nama"].reindex(sorted(set(tps["kode_kec"])))
    desa = tps.drop_duplicates("kode_desa").sort_values("kode_desa")
    return [
        *(("kecamatan", str(kode), _label(str(nama)), "", "") for kode, nama in kecamatan.items()),
        *(("desa", row.kode_desa, _label(row.nama_desa), row.kode_kec, "") for row in desa.itertuples()),
        *(
            ("tps", row.Index, say("survey.tps", lang, no=row.no_tps, kode=row.Index), "", row.kode_desa)
            for row in tps.itertuples()
        ),
        *(("sinyal", word, say(f"term.{word}", lang), "", "") for word in ANSWERS),
    ]


def _label(text: str) -> str:
    """Make a name safe in a form: ``${name}`` would stand for the answer to another question."""
    return text.replace("${", "$ {")


def _version(choices: Sequence[tuple[str, ...]]) -> str:
    """Name the list of TPS that the form asks for: a server takes a form again only under another version."""
    return hashlib.sha256(json.dumps(choices, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:12]
