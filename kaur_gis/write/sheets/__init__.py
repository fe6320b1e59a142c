"""Route sheets on paper: one PDF, A4, black and white, one sheet or more a trip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from kaur_gis.config import Lang
from kaur_gis.write.safely import replace_with
from kaur_gis.write.sheets.content import content
from kaur_gis.write.sheets.glyphs import FONTS

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

TEMPLATE = Path(__file__).parent / "template"
EPOCH = 946_684_800  # 2000-01-01: the same plan gives the same bytes, whenever it is printed


def write_sheets(plan: Plan, path: str | Path, lang: Lang) -> None:
    """Write the route sheets of every trip as one PDF.

    Texts of the plan reach the template as JSON, never as markup; the template reads no other file,
    and no package.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    path : path
        The PDF file; its folder exists.
    lang : {"id", "en"}
        Language of the sheets.

    Raises
    ------
    OutputError
        Where the file could not be written.
    """
    data = json.dumps(content(plan, lang), ensure_ascii=False)
    pdf = typst.compile(
        TEMPLATE / "route.typ",
        root=TEMPLATE,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards=["a-2u"],  # every character can be searched and copied
        pdf_tags=False,  # they would make the file seven times as large
        package_path=TEMPLATE,  # holds no package: an import could find none
        package_cache_path=TEMPLATE,
        timestamp=EPOCH,
    )
    with replace_with(path) as new:
        new.write_bytes(pdf)
