"""Workbooks (XLSX): one sheet becomes rows of text, cell by cell; formulas and errors are refused."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import defusedxml
import openpyxl

from kaur_gis.problems import Problem
from kaur_gis.read.raw import Raw, choose_layer

MEGABYTE = 1_000_000
MAX_MEMBERS = 500
MAX_MEMBER_BYTES = 16 * MEGABYTE  # [B] of one part as unpacked: about 12,000 rows of 20 columns
MAX_UNPACKED_BYTES = 50 * MEGABYTE  # [B]
MAX_COLUMNS = 200
LAST_ROW = 1_048_576  # of any sheet: a row of a greater number was written to keep the reader busy
LISTED = 20  # formulas and errors named one by one
DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, ParseError, defusedxml.DefusedXmlException),
    *(openpyxl.utils.exceptions.InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError),
    *(EOFError, OSError, NotImplementedError, RuntimeError),
)
"""What zipfile and openpyxl say to a damaged file."""
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb"\br=\"(\d{1,7})\"")
_PLACE = re.compile(rb"<(?:\w+:)?(?:row|c)\b[^>]*?\br=\"([A-Z]{0,3})(\d{1,7})\"")
_HIDDEN = re.compile(rb"\bhidden=\"(?:1|true)\"")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z]{1,3}(\d{1,7}):[A-Z]{1,3}\d{1,7})\"")
_PARTS = re.compile(r"(?i)\.(xml|rels|vml|bin|png|jpe?g|emf|wmf|gif)$|^mimetype$")


def read_workbook(raw: Raw, problems: list[Problem]) -> tuple[list[int], list[list[str]]] | None:
    """Read one sheet of a workbook.

    Parameters
    ----------
    raw : Raw
        The file, and the sheet that the operation names.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    (list of int, list of list of str) or None
        Row numbers and cells of the rows that hold something; None where the file is refused.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw.data)) as archive:
            if not _is_tame(archive, raw, problems):
                return None
            book = openpyxl.load_workbook(io.BytesIO(raw.data), read_only=True, keep_links=False)
            chosen = choose_layer(raw, book.sheetnames)
            if isinstance(chosen, Problem):
                problems.append(chosen)
                return None
            found = _read(book[chosen], raw, problems)
            # read_only sheets show neither what is hidden nor what is merged
            part = b"" if found is None else archive.read(book[chosen]._worksheet_path)  # noqa: SLF001
            unseen = [] if found is None else [*_lost(part, raw.file), *_unseen(part, raw.file, set(found[0]))][:LISTED]
            problems.extend(unseen)
            return None if unseen else found
    except DAMAGES as error:
        problems.append(Problem("file_damaged", raw.file, details={"reason": type(error).__name__}))
        return None


def _is_tame(archive: zipfile.ZipFile, raw: Raw, problems: list[Problem]) -> bool:
    """Look at the directory of the archive before anything is unpacked."""
    members = archive.infolist()
    sizes = [member.file_size for member in members]
    if len(members) > MAX_MEMBERS or sum(sizes) > MAX_UNPACKED_BYTES or max(sizes, default=0) > MAX_MEMBER_BYTES:
        problems.append(Problem("archive_too_big", raw.file, details={"limit_mb": MAX_MEMBER_BYTES // MEGABYTE}))
        return False
    names = [member.filename for member in members]
    if any(name.startswith("/") or ".." in name.split("/") or not _PARTS.search(name) for name in names):
        problems.append(Problem("archive_odd", raw.file))
        return False
    return True


def _read(sheet: Any, raw: Raw, problems: list[Problem]) -> tuple[list[int], list[list[str]]] | None:  # noqa: ANN401
    sheet.reset_dimensions()  # what the file says of its own size is not believed
    lines: list[int] = []
    rows: list[list[str]] = []
    refused: list[Problem] = []
    for line, cells in _filled(sheet):
        if line > LAST_ROW:
            refused.append(Problem("too_many_rows", raw.file, details={"limit": LAST_ROW}))
            break
        texts = []
        for cell in cells[:MAX_COLUMNS]:
            if cell.data_type in {"f", "e"} and cell.value is not None:
                what = "formula_cell" if cell.data_type == "f" else "error_cell"
                refused.append(Problem(what, raw.file, line, str(cell.column_letter), str(cell.value)[:80]))
            texts.append(_text(cell.value))
        if any(text.strip() for text in texts):
            lines.append(line)
            rows.append(texts)
        if len(cells) > MAX_COLUMNS:
            refused.append(Problem("too_many_columns", raw.file, line, details={"limit": MAX_COLUMNS}))
        if len(refused) >= LISTED:
            break
    problems.extend(refused)
    if refused:
        return None
    if not rows:
        problems.append(Problem("file_empty", raw.file))
        return None
    return lines, list(_padded(rows))


def _filled(sheet: Any) -> Iterator[tuple[int, Any]]:  # noqa: ANN401
    """Give the rows that have cells, with their numbers: those before a far one come as empty ones, each by itself."""
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        if cells or line > LAST_ROW:
            yield line, cells


def _lost(part: bytes, file: str) -> Iterator[Problem]:
    """Tell of the first row or cell that stands behind a later one, or twice: such ones would be passed over."""
    last = (0, 0, b"")
    for place in _PLACE.finditer(part):
        here = (int(place[2]), len(place[1]), place[1])
        if here <= last:
            reason = (place[1] + place[2]).decode()
            yield Problem("file_damaged", file, here[0], details={"reason": reason})
            return
        last = here


def _unseen(part: bytes, file: str, lines: set[int]) -> Iterator[Problem]:
    """List the rows that hold something and are hidden, and the cells that are merged."""
    for row in _ROW.finditer(part):
        number = _NUMBER.search(row[1])
        if _HIDDEN.search(row[1]) and number is not None and int(number[1]) in lines:
            yield Problem("row_hidden", file, int(number[1]))
    for merged in _MERGED.finditer(part):
        yield Problem("cells_merged", file, int(merged[2]), value=merged[1].decode())


def _padded(rows: list[list[str]]) -> Iterator[list[str]]:
    """Give every row the width of the header; only what is filled in beyond it stays."""
    wide = max((n for n, text in enumerate(rows[0], start=1) if text.strip()), default=0)
    for row in rows:
        filled = max((n for n, text in enumerate(row, start=1) if text.strip()), default=0)
        yield [*row, *[""] * wide][: max(wide, filled)]


def _text(value: object) -> str:
    """Write a cell as a person would see it: codes typed as numbers keep all their digits."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
