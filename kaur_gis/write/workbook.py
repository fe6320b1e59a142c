"""Tables on their way to people: one frame becomes a sheet of a workbook and a CSV file.

A cell of text is typed as text, so that nothing from data is ever a formula; in CSV, where cells
have no type, `cell_text` sees to it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from kaur_gis.write.safely import cell_text, replace_with

CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp without a zone: equal plans give equal bytes
LONGEST_CELL = 32_767  # characters Excel takes in one cell
NARROWEST, WIDEST = 9, 46
LOOKED_AT = 500  # rows that decide a column's width
NUMBER_FORMATS = {"i": "#,##0", "f": "#,##0.0##", "M": "yyyy-mm-dd hh:mm"}
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class RollUp:
    """Which table a table sums up, as formulas a reader can follow.

    Attributes
    ----------
    sheet : str
        Name of the sheet that is summed.
    table : DataFrame
        Its frame.
    by : str
        Column that stands in both tables: rows with an equal text are summed.
    columns : mapping of str to (str or None)
        Column here -> column summed there; None counts the rows.
    """

    sheet: str
    table: pd.DataFrame
    by: str
    columns: Mapping[str, str | None]

    def formula(self, column: str, key_cell: str) -> str:
        """Write the formula of one cell; SUMPRODUCT compares texts as texts, where SUMIF would read dates."""
        last = len(self.table) + 1
        keys = f"'{self.sheet}'!{_span(self.table, self.by, last)}={key_cell}"
        summed = self.columns[column]
        if summed is None:
            return f"=SUMPRODUCT(--({keys}))"
        return f"=SUMPRODUCT(({keys})*'{self.sheet}'!{_span(self.table, summed, last)})"


@dataclass(frozen=True)
class Table:
    """One table for people.

    Attributes
    ----------
    file : str
        Name of its CSV file, without ending.
    sheet : str
        Name of its sheet, at most 31 characters, ours.
    frame : DataFrame
        Columns by key: text, whole numbers, numbers or times.
    heads : mapping of str to str
        Column -> what stands above it, with the unit.
    frozen : int
        How many columns stay in sight.
    total : tuple of str
        Columns whose sum stands below, as a formula.
    total_word : str
        What stands before the sums.
    roll_up : RollUp or None
        Where the numbers are sums of another sheet.
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    heads: Mapping[str, str]
    frozen: int = 1
    total: tuple[str, ...] = ()
    total_word: str = ""
    roll_up: RollUp | None = field(default=None)


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV: UTF-8 with a byte-order mark, times in ISO form, no sums below.

    Raises
    ------
    OutputError
        Where the file could not be written.
    """
    with replace_with(path) as new, new.open("w", encoding="utf-8-sig", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\r\n")
        lines.writerow([cell_text(table.heads[str(name)]) for name in table.frame.columns])
        for row in table.frame.itertuples(index=False, name=None):
            lines.writerow([_plain(value) for value in row])


def write_workbook(path: Path, about: tuple[str, Sequence[tuple[str, str]]], tables: Sequence[Table]) -> None:
    """Write tables as one XLSX file; its first sheet says what it is.

    Parameters
    ----------
    path : Path
        The file.
    about : (str, sequence of (str, str))
        Name of the first sheet, and its rows: what, and the words.
    tables : sequence of Table
        A sheet each.

    Raises
    ------
    OutputError
        Where the file could not be written.
    """
    with replace_with(path) as new, xlsxwriter.Workbook(new, {"strings_to_formulas": False}) as book:
        book.set_properties({"created": CREATED, "author": "kaur_gis"})
        _about(book, *about)
        for table in tables:
            _sheet(book, table)


def _about(book: Any, name: str, rows: Sequence[tuple[str, str]]) -> None:  # noqa: ANN401 - ships no types
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    wrapped = book.add_format({"valign": "top", "text_wrap": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    for number, (what, words) in enumerate(rows):
        sheet.write_string(number, 0, _fit(what), bold)
        sheet.write_string(number, 1, _fit(words), wrapped)
    _page(sheet)


def _sheet(book: Any, table: Table) -> None:  # noqa: ANN401 - ships no types
    frame = table.frame
    sheet = book.add_worksheet(table.sheet)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8E8E8"})
    for column, name in enumerate(frame.columns):
        text, kind = table.heads[str(name)], frame[name].dtype.kind
        sheet.write_string(0, column, _fit(text), head)
        number_format = book.add_format({"num_format": NUMBER_FORMATS[kind]} if kind in NUMBER_FORMATS else {})
        sheet.set_column(column, column, _width(text, frame[name]), number_format)
        for row, value in enumerate(frame[name], start=1):
            _cell(sheet, (row, column), value, table, str(name))
    last = len(frame)
    sheet.autofilter(0, 0, max(last, 1), len(frame.columns) - 1)
    if table.total and last:
        bold = book.add_format({"bold": True, "top": 1})
        sheet.write_string(last + 1, 0, table.total_word, bold)
        for column, name in enumerate(frame.columns):
            if name in table.total:
                sums = book.add_format({"bold": True, "top": 1, "num_format": NUMBER_FORMATS[frame[name].dtype.kind]})
                letter = xl_col_to_name(column)
                total = frame[name].sum()
                sheet.write_formula(last + 1, column, f"=SUM({letter}2:{letter}{last + 1})", sums, total)
    sheet.freeze_panes(1, table.frozen)
    _page(sheet)
    sheet.repeat_rows(0)


def _cell(sheet: Any, at: tuple[int, int], value: Any, table: Table, name: str) -> None:  # noqa: ANN401
    if isinstance(value, str):
        sheet.write_string(*at, _fit(value))
    elif pd.isna(value):
        sheet.write_blank(*at, None)
    elif table.roll_up is not None and name in table.roll_up.columns:
        key = f"${xl_col_to_name(table.frame.columns.get_loc(table.roll_up.by))}{at[0] + 1}"
        sheet.write_formula(*at, table.roll_up.formula(name, key), None, value)
    elif isinstance(value, pd.Timestamp):
        sheet.write_datetime(*at, value.to_pydatetime())
    else:
        sheet.write_number(*at, value)


def _page(sheet: Any) -> None:  # noqa: ANN401 - ships no types
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _span(frame: pd.DataFrame, name: str, last: int) -> str:
    letter = xl_col_to_name(frame.columns.get_loc(name))
    return f"${letter}$2:${letter}${max(last, 2)}"


def _fit(text: str) -> str:
    clean = _UNFIT.sub("\ufffd", text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[: LONGEST_CELL - 1]}…"


def _width(head: str, values: pd.Series) -> float:
    longest = max((len(_plain(value)) for value in values.head(LOOKED_AT)), default=0)
    word = max((len(word) for word in head.split()), default=0)
    return float(min(max(longest + 1, word + 3, NARROWEST), WIDEST))


def _plain(value: Any) -> str:  # noqa: ANN401 - a cell
    if isinstance(value, str):
        return cell_text(value)
    if pd.isna(value):
        return ""
    return value.isoformat(sep=" ") if isinstance(value, pd.Timestamp) else str(value)
