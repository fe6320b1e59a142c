"""Grids of text become frames cell by cell: every cell is parsed by its column's rule or listed as a Problem.

pandas' own reader is not used: it turns codes into numbers, ``NA`` into a missing value, and shifts
columns when a row is one cell too long, all without a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kaur_gis.config import Region, Source
from kaur_gis.problems import Problem
from kaur_gis.read.cells import Fault
from kaur_gis.read.grid import Grid, csv_rows, few, read_grid
from kaur_gis.read.near import near
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import printable

MAX_TOLD = 500  # problems of one kind in one file: nobody reads more of them
IGNORED_COLUMN = "catatan"  # every table may carry a column of free notes; it is not read
_TOTALS = frozenset({"jumlah", "total", "jml", "sum", "grand total", "jumlah total"})
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Its header.
    parse : callable
        Cleaned text -> value or `Fault`; see `read.cells`.
    required : bool
        Whether the column must be there.
    blank : object
        The value of an empty cell, or of an absent optional column; a cell of a column whose
        `blank` is None must not be empty.
    """

    name: str
    parse: Callable[[str], Any]
    required: bool = True
    blank: Any = None


@dataclass
class Table:
    """A table as read: the frame, and what was found wrong while reading it.

    Attributes
    ----------
    file : str
        Its name.
    frame : DataFrame
        One row a record, indexed by line number (the header is line 1); columns of type object,
        None where a cell was refused.
    codes : set of str
        Every text found in the first column, right or wrong: a reference to a row that is itself
        refused is not reported a second time.
    problems : list of Problem
        Everything found here and by later checks of this table; of each kind the first `MAX_TOLD`.
    told : Counter
        How many of each kind were found.
    """

    file: str
    frame: pd.DataFrame
    codes: set[str]
    problems: list[Problem] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def rows(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Give line number and the values of some columns, row by row."""
        return zip(self.frame.index, *(self.frame[name] for name in columns), strict=True)

    def cells(self, column: str) -> Iterator[tuple[int, Any]]:
        """Give line number and value of the cells of a column that are neither empty nor refused."""
        return ((line, value) for line, value in self.rows(column) if value)

    def own(self) -> Iterator[Problem]:
        """Give the problems of this file."""
        return (problem for problem in self.problems if problem.file == self.file)

    def add(self, what: str, line: int | None = None, column: str = "", value: object = "", **more: Any) -> None:  # noqa: ANN401 - level and details pass through
        """Append a Problem of this file."""
        level = more.pop("level", "refuse")
        self.told[what] += 1
        if self.told[what] <= MAX_TOLD:
            self.problems.append(Problem(what, self.file, line, column, printable(str(value)), level, more))
        elif self.told[what] == MAX_TOLD + 1:
            self.problems.append(Problem("more_like_these", self.file, line, column, "", level, {"limit": MAX_TOLD}))


def read_table(
    data: bytes, file: str, columns: Sequence[Column], problems: list[Problem], *, keyed: bool = True
) -> Table | None:
    """Parse a CSV file cell by cell; see `table_of`."""
    found = csv_rows(data, file, problems)
    return None if found is None else table_of(Grid(Raw(file, data), *found), columns, problems, keyed=keyed)


def table_in(
    raw: Raw, columns: Sequence[Column], region: Region, problems: list[Problem], *, keyed: bool = True
) -> Table | None:
    """Parse a file of any kind that a table may come from; see `grid.read_grid` and `table_of`."""
    grid = read_grid(raw, region, problems)
    return None if grid is None else table_of(grid, columns, problems, keyed=keyed)


def table_of(grid: Grid, columns: Sequence[Column], problems: list[Problem], *, keyed: bool = True) -> Table | None:
    """Parse a grid of text cell by cell.

    Parameters
    ----------
    grid : Grid
        The header and the rows.
    columns : sequence of Column
        The first is the key: rows are refused where it repeats with other data, and dropped (and
        listed) where the whole row repeats.
    problems : list of Problem
        Where problems go; shared with the returned table.
    keyed : bool
        False for a table whose first column may repeat, such as one of links.

    Returns
    -------
    Table or None
        None when the file has no usable rows; columns of the frame in the order of `columns`.
    """
    header = [clean_text(cell)[0].strip() for cell in grid.rows[0]]
    found = [*grid.raw.check_columns([column.name for column in columns])]
    problems.extend(found)
    if not _header_is_right(header, grid, columns, problems) or found:
        return None
    table = Table(grid.raw.file, pd.DataFrame(), set(), problems)
    key = header.index(columns[0].name)
    kept = _whole_rows(header, grid.lines, grid.rows, key, table)
    if len(grid.rows) == 1:
        table.add("no_rows")
    if not kept:
        return None
    values: dict[str, list[Any]] = {}
    for column in columns:
        if column.name in header:
            at = header.index(column.name)
            texts = [row[at] for row in kept.values()]
            values[column.name] = _column(column, texts, list(kept), table, grid.raw.how)
        else:
            values[column.name] = [column.blank] * len(kept)
    frame = pd.DataFrame(values, index=pd.Index(kept, name="line"), dtype=object)
    table.codes = {clean_text(row[key])[0] for row in kept.values()}
    table.frame = _without_duplicates(frame, columns[0].name, table) if keyed else frame
    return table


def check_sumber(table: Table, column: str, sumber: str) -> None:
    """Refuse a value that is there without saying how it is known."""
    for line, value, source in table.rows(column, sumber):
        if value and value == value and source == "":  # noqa: PLR0124 - NaN is the blank of a number
            table.add("sumber_missing", line, sumber)


def _header_is_right(header: list[str], grid: Grid, columns: Sequence[Column], problems: list[Problem]) -> bool:
    """Check the names in the header; each fault is one Problem."""
    raw, line = grid.raw, grid.lines[0] or None
    known = [column.name for column in columns]
    strange = [name for name in dict.fromkeys(header) if name and name not in (*known, IGNORED_COLUMN)]
    found: list[Problem] = []
    if "" in header and not raw.is_foreign:
        found.append(Problem("header_blank", raw.file, line))
    found.extend(
        Problem("header_twice", raw.file, line, printable(name))
        for name in dict.fromkeys(header)
        if name and header.count(name) > 1 and not (raw.is_foreign and name in strange)
    )
    for column in columns:
        if column.name not in header and (column.required or column.name in raw.how.columns):
            details = near(raw.theirs(column.name), strange)
            strange = [name for name in strange if name != details["nearest"]]
            what = "column_mapped" if column.name in raw.how.columns else "column_missing"
            theirs = printable(raw.theirs(column.name))
            found.append(Problem(what, raw.file, line, column.name, details={**details, "theirs": theirs}))
    if raw.is_foreign:
        if strange and not found:
            names = printable(", ".join(strange))
            problems.append(Problem("columns_passed", raw.file, line, level="note", details={"names": names}))
        strange = []
    for name in strange:
        details = near(name, [other for other in known if other not in header] or known)
        found.append(Problem("column_unknown", raw.file, line, printable(name), details=details))
    problems.extend(found)
    return not found


def _whole_rows(
    header: list[str], lines: list[int], rows: list[list[str]], at: int, table: Table
) -> dict[int, list[str]]:
    """Keep the rows that have as many cells as the header and are records, not totals."""
    kept: dict[int, list[str]] = {}
    for line, row in zip(lines[1:], rows[1:], strict=True):
        if len(row) != len(header):
            table.add("row_length", line, header=len(header), found=len(row))
        elif _is_totals(row, row[at]):
            table.add("totals_row", line, header[at], next(cell for cell in row if cell.strip()))
        else:
            kept[line] = row
    return kept


def _is_totals(row: list[str], key: str) -> bool:
    """Whether a row sums the others up: its key says so, or is empty while another cell says so."""
    return any(cell.strip().casefold() in _TOTALS for cell in ([key] if key.strip() else row))


def _column(column: Column, texts: list[str], lines: list[int], table: Table, how: Source) -> list[Any]:
    """Clean and parse one column; each different text is parsed once."""
    seen: dict[str, Any] = {}
    repaired: dict[str, list[tuple[int, str]]] = {}
    values: list[Any] = []
    for line, text in zip(lines, texts, strict=True):
        if text not in seen:
            seen[text] = parse_cell(column, text, comma=how.decimal_comma)
        value, repairs = seen[text]
        for repair in repairs:
            repaired.setdefault(repair, []).append((line, text))
        if isinstance(value, Fault):
            table.add(value.what, line, column.name, text, **value.details)
            value = None
        values.append(value)
    for repair, cells in repaired.items():
        rows = few([line for line, _ in cells])
        table.add(repair, cells[0][0], column.name, cells[0][1], level="fix", count=len(cells), rows=rows)
    return values


def parse_cell(column: Column, text: str, *, comma: bool = False) -> tuple[Any, tuple[str, ...]]:
    """Parse one text; gives the value or the fault, and the repairs that were made.

    A decimal comma is one of them only where the operation says that the file has them (`comma`).
    """
    clean, repairs = clean_text(text)
    if not clean.isprintable() and any(unicodedata.category(char) == "Cc" for char in clean):
        return Fault("control_character"), ()
    if not clean:
        return (Fault("cell_blank") if column.blank is None else column.blank), repairs
    value = column.parse(clean)
    if comma and isinstance(value, Fault) and value.what == "decimal_comma":
        value, repairs = column.parse(str(value.details["example"])), (*repairs, "comma_read")
    if (isinstance(value, str) and value != clean) or (isinstance(value, bool) and clean != clean.casefold()):
        return value, (*repairs, "word_form")
    return value, repairs


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Take away what no one can see: odd spaces, zero-width characters, decomposed letters."""
    if text.isascii() and text == text.strip(" "):
        return text, ()
    spaced = _SPACES.sub(" ", text.translate(_INVISIBLE)).strip(" ")
    composed = unicodedata.normalize("NFC", spaced)
    repairs = ("spaces",) * (spaced != text) + ("nfc",) * (composed != spaced)
    return composed, repairs


def _without_duplicates(frame: pd.DataFrame, key: str, table: Table) -> pd.DataFrame:
    """Keep one of the rows that repeat whole; refuse those that repeat a key with other data."""
    repeated = frame[frame[key].notna() & frame.duplicated(key, keep="first")]
    if repeated.empty:
        return frame
    firsts = frame.drop_duplicates(key).reset_index().set_index(key)
    for line, row in repeated.iterrows():
        first = firsts.loc[row[key]]
        same = all(_equal(row[name], first[name]) for name in frame.columns if name != key)
        what, level = ("duplicate_same", "fix") if same else ("duplicate_different", "refuse")
        table.add(what, int(str(line)), key, row[key], level=level, first_row=int(first["line"]))
    return frame.drop(index=repeated.index)


def _equal(one: object, other: object) -> bool:
    return one == other or (one != one and other != other)  # noqa: PLR0124 - NaN is the blank of a number
