"""Typst: contents become a PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from kaur_gis.write.safely import replace_with
from kaur_gis.write.sheets.glyphs import FONTS

TEMPLATES = Path(__file__).parent / "template"
EPOCH = 946_684_800  # 2000-01-01: the same plan gives the same bytes, whenever it is printed


def press(template: str, content: Mapping[str, Any], path: str | Path) -> None:
    """Set contents with a template and write the PDF.

    Texts of the plan reach the template as JSON, never as markup; the template reads no other file
    than its own kind, and no package.

    Parameters
    ----------
    template : str
        Name of the template, without its ending.
    content : mapping
        Printable texts, numbers and drawings.
    path : path
        The PDF file; its folder exists.

    Raises
    ------
    OutputError
        Where the file could not be written.
    """
    pdf = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        pdf_standards=["a-2u"],  # every character can be searched and copied
        pdf_tags=False,  # they would make the file seven times as large
        package_path=TEMPLATES,  # holds no package: an import could find none
        package_cache_path=TEMPLATES,
        timestamp=EPOCH,
    )
    with replace_with(path) as new:
        new.write_bytes(pdf)
