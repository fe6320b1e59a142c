"""Tables on their way to people: one frame becomes a sheet of a workbook and a CSV file.

A cell of text is typed as text, so that nothing from data is ever a formula; in CSV, where cells
have no type, `cell_text` sees to it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
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
DECIMALS = 3  # of a number with a fraction, where its table does not say
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Summed:
    """A sheet whose rows are summed up by another.

    Attributes
    ----------
    sheet : str
        Its name.
    table : DataFrame
        Its frame.
    columns : mapping of str to (str or None)
        Column of the other sheet -> column summed here; None counts the rows.
    """

    sheet: str
    table: pd.DataFrame
    columns: Mapping[str, str | None]

    def term(self, by: str, column: str, key_cell: str) -> str:
        """Write its part of a formula; SUMPRODUCT compares texts as texts, where SUMIF would read dates."""
        last = len(self.table) + 1
        keys = f"'{self.sheet}'!{_span(self.table, by, last)}={key_cell}"
        summed = self.columns[column]
        if summed is None:
            return f"SUMPRODUCT(--({keys}))"
        return f"SUMPRODUCT(({keys})*'{self.sheet}'!{_span(self.table, summed, last)})"


@dataclass(frozen=True)
class RollUp:
    """Which sheets a table sums up, as formulas a reader can follow.

    Attributes
    ----------
    by : str
        Column that stands in all of them: rows with an equal text are summed.
    sheets : tuple of Summed
        A column is summed in those that have it.
    """

    by: str
    sheets: tuple[Summed, ...]

    def holds(self, column: str) -> bool:
        """Whether the numbers of a column are sums."""
        return any(column in sheet.columns for sheet in self.sheets)

    def formula(self, column: str, key_cell: str) -> str:
        """Write the formula of one cell."""
        terms = [sheet.term(self.by, column, key_cell) for sheet in self.sheets if column in sheet.columns]
        return f"={'+'.join(terms)}"


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
    decimals : mapping of str to int
        Column -> digits behind the point, by its unit; all others have `DECIMALS`.
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    heads: Mapping[str, str]
    frozen: int = 1
    total: tuple[str, ...] = ()
    total_word: str = ""
    roll_up: RollUp | None = None
    decimals: Mapping[str, int] = field(default_factory=dict)

    def decimals_of(self, name: str) -> int:
        """Digits behind the point in a column of fractions."""
        return self.decimals.get(name, DECIMALS)

    def number_format(self, name: str) -> str:
        """How a spreadsheet shows the numbers and times of a column; "" for text."""
        kind = self.frame[name].dtype.kind
        if kind == "f":
            return f"#,##0.{'0' * self.decimals_of(name)}".rstrip(".")
        return {"i": "#,##0", "M": "yyyy-mm-dd hh:mm"}.get(kind, "")


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
        columns = [texts(table.frame[name], table.decimals_of(str(name))) for name in table.frame.columns]
        lines.writerows(zip(*columns, strict=True))


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


def write_book_and_csv(
    path: Path, about: tuple[str, Sequence[tuple[str, str]]], tables: Sequence[Table], prefix: str = ""
) -> list[Path]:
    """Write tables as one XLSX file, and each as a CSV file beside it.

    Parameters
    ----------
    path, about, tables
        As `write_workbook` takes them.
    prefix : str
        What the paths of the CSV files begin with, from the folder of the workbook on.

    Returns
    -------
    list of Path
        The workbook, then the CSV files in the order of `tables`.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    write_workbook(path, about, tables)
    files = [path.parent / f"{prefix}{table.file}.csv" for table in tables]
    for table, file in zip(tables, files, strict=True):
        write_csv(table, file)
    return [path, *files]


def _about(book: Any, name: str, rows: Sequence[tuple[str, str]]) -> None:  # noqa: ANN401 - ships no types
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    wrapped = book.add_format({"valign": "top", "text_wrap": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    for number, (what, words) in enumerate(rows):
        sheet.write_string(number, 0, fit(what), bold)
        sheet.write_string(number, 1, fit(words), wrapped)
    _page(sheet)


def _sheet(book: Any, table: Table) -> None:  # noqa: ANN401 - ships no types
    frame = table.frame
    sheet = book.add_worksheet(table.sheet)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8E8E8"})
    last = len(frame)
    for column, name in enumerate(frame.columns):
        text, shown = table.heads[str(name)], table.number_format(str(name))
        sheet.write_string(0, column, fit(text), head)
        width = _width(text, texts(frame[name].head(LOOKED_AT), table.decimals_of(str(name))))
        sheet.set_column(column, column, width, book.add_format({"num_format": shown} if shown else {}))
        _column(sheet, column, table, str(name))
        if name in table.total and last:
            sums = book.add_format({"bold": True, "top": 1, "num_format": shown})
            letter = xl_col_to_name(column)
            sheet.write_formula(last + 1, column, f"=SUM({letter}2:{letter}{last + 1})", sums, frame[name].sum())
    if table.total and last:
        sheet.write_string(last + 1, 0, table.total_word, book.add_format({"bold": True, "top": 1}))
    sheet.autofilter(0, 0, max(last, 1), len(frame.columns) - 1)
    sheet.freeze_panes(1, table.frozen)
    _page(sheet)
    sheet.repeat_rows(0)


def _column(sheet: Any, column: int, table: Table, name: str) -> None:  # noqa: ANN401 - ships no types
    """Write the cells of one column, each with the type that the column has."""
    values = enumerate(_values(table.frame[name]), start=1)
    kind = table.frame[name].dtype.kind
    if table.roll_up is not None and table.roll_up.holds(name):
        letter = xl_col_to_name(table.frame.columns.get_loc(table.roll_up.by))
        for row, value in values:
            sheet.write_formula(row, column, table.roll_up.formula(name, f"${letter}{row + 1}"), None, value)
        return
    write = {"i": sheet.write_number, "f": sheet.write_number, "M": sheet.write_datetime}.get(kind, sheet.write_string)
    for row, value in values:
        if value is not None:
            write(row, column, fit(value) if write == sheet.write_string else value)


def _page(sheet: Any) -> None:  # noqa: ANN401 - ships no types
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _span(frame: pd.DataFrame, name: str, last: int) -> str:
    letter = xl_col_to_name(frame.columns.get_loc(name))
    return f"${letter}$2:${letter}${max(last, 2)}"


def fit(text: str) -> str:
    """Make a text fit into a cell: no longer than Excel takes, what XML can't hold shown as U+FFFD."""
    clean = _UNFIT.sub("\ufffd", text)
    return clean if len(clean) <= LONGEST_CELL else f"{clean[: LONGEST_CELL - 1]}…"


def _width(head: str, texts: Sequence[str]) -> float:
    longest = max(map(len, texts), default=0)
    word = max(map(len, head.split()), default=0)
    return float(min(max(longest + 1, word + 3, NARROWEST), WIDEST))


def _values(column: pd.Series) -> list[Any]:
    """Take a column apart into Python's own values, None for what is missing."""
    if column.dtype.kind == "M":
        return column.to_numpy("datetime64[s]").tolist()
    values = column.tolist()
    return [None if value != value else value for value in values] if column.dtype.kind == "f" else values  # noqa: PLR0124 - NaN


def texts(column: pd.Series, decimals: int, safe: Callable[[str], str] = cell_text) -> list[str]:
    """Write a column in characters, as CSV shows it.

    Parameters
    ----------
    column : Series
    decimals : int
        Digits behind the point of a number with a fraction.
    safe : callable
        What makes a text harmless; in CSV one that looks like a formula begins with an apostrophe.

    Returns
    -------
    list of str
    """
    values = _values(column)
    if column.dtype.kind == "f":
        return ["" if value is None else f"{value:.{decimals}f}" for value in values]
    if column.dtype.kind == "M":
        return ["" if value is None else value.isoformat(sep=" ") for value in values]
    if column.dtype.kind == "i":
        return [str(value) for value in values]
    known = {text: safe(text) for text in set(values)}
    return [known[text] for text in values]
