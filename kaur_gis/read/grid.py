"""Every kind of table becomes one grid of text: a header, and rows with the number each has in its file."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kaur_gis.config import Region
from kaur_gis.problems import Problem
from kaur_gis.read.cells import decimal
from kaur_gis.read.features import SUFFIXES as FEATURES
from kaur_gis.read.features import read_features
from kaur_gis.read.raw import Raw
from kaur_gis.read.reproject import Reprojection, crs_named, reprojection
from kaur_gis.read.safely import MAX_ROWS, printable, text_of
from kaur_gis.read.workbook import read_workbook

TABLES = (".csv", ".xlsx", *FEATURES)
"""Endings of the files that a table may come from."""
POSITION = ("lon", "lat")
GATE = ("akses_lon", "akses_lat")  # of a TPS: where the vehicle stops
_DELIMITERS = ",;\t"
_LISTED_ROWS = 10
_any_number = decimal(-math.inf, math.inf)


@dataclass
class Grid:
    """A table as text.

    Attributes
    ----------
    raw : Raw
        Where it comes from.
    lines : list of int
        Row number of each row, the header's first; features are numbered from 1, their header is 0.
    rows : list of list of str
        The header and the rows, not empty.
    """

    raw: Raw
    lines: list[int]
    rows: list[list[str]]


def read_grid(raw: Raw, region: Region, problems: list[Problem]) -> Grid | None:
    """Read a table of any kind that is taken.

    Parameters
    ----------
    raw : Raw
        The file; its ending decides how it is read.
    region : Region
        Study area, for which a transformation of coordinates is chosen.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Grid or None
        Under our column names, `lon` and `lat` in WGS 84; None where the file is refused.
    """
    if raw.suffix in FEATURES:
        return grid_of(raw, read_features(raw, region, problems), problems)
    found = read_workbook(raw, problems) if raw.suffix == ".xlsx" else csv_rows(raw.data, raw.file, problems)
    if found is None:
        return None
    grid = Grid(raw, *found)
    before = len(problems)
    _rename(grid, problems)
    if raw.how.crs and not problems[before:]:
        _reproject(grid, raw.how.crs, region, problems)
    return None if any(problem.level == "refuse" for problem in problems[before:]) else grid


def csv_rows(data: bytes, file: str, problems: list[Problem]) -> tuple[list[int], list[list[str]]] | None:
    """Split a CSV file into rows of cells, blank rows dropped, with the line on which each row begins."""
    if data.count(b"\n") > MAX_ROWS + 1:  # the header is a line too
        problems.append(Problem("too_many_rows", file, details={"limit": MAX_ROWS}))
        return None
    text = text_of(data, file, problems)
    if text is None:
        return None
    first = text.lstrip("\r\n").partition("\n")[0]
    bare = re.sub(r'"[^"]*"', "", first)
    delimiter = max(_DELIMITERS, key=bare.count)
    if delimiter != ",":
        shown = "TAB" if delimiter == "\t" else delimiter
        problems.append(Problem("delimiter", file, 1, level="note", details={"delimiter": shown}))
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(start)
                rows.append(row)
            start = reader.line_num + 1
    except csv.Error:
        problems.append(Problem("bad_quotes", file, start))
        return None
    if not rows:
        problems.append(Problem("file_empty", file))
        return None
    return lines, rows


def _rename(grid: Grid, problems: list[Problem]) -> None:
    """Put the header under our names, and the fixed values into columns of their own."""
    raw = grid.raw
    if not (raw.how.columns or raw.how.fixed):
        return
    header = [" ".join(cell.split()) for cell in grid.rows[0]]
    for ours, theirs in raw.how.columns.items():
        if theirs in header:
            header[header.index(theirs)] = ours
    fixed = {name: value for name, value in raw.how.fixed.items() if name not in header}
    problems.extend(
        Problem("fixed_there", raw.file, grid.lines[0], printable(name)) for name in raw.how.fixed if name not in fixed
    )
    if fixed:
        wide = len(header)
        grid.rows = [row if len(row) != wide else [*row, *fixed.values()] for row in grid.rows]
        header += fixed
    grid.rows[0] = header


def _reproject(grid: Grid, stated: str, region: Region, problems: list[Problem]) -> None:
    """Turn positions and gates of a table into WGS 84; what is no number stays, to be refused later."""
    crs = crs_named(stated)
    if crs is None:
        at = f"sources.{grid.raw.key}.crs"
        problems.append(Problem("crs_other", grid.raw.operation, None, at, printable(stated)))
        return
    pairs = [pair for pair in (POSITION, GATE) if set(pair) <= {*grid.rows[0]}]
    change = reprojection(crs, region, grid.raw.file, problems) if pairs else None
    if change is not None:
        for pair in pairs:
            _turn(grid, pair, change, problems)


def _turn(grid: Grid, pair: tuple[str, str], change: Reprojection, problems: list[Problem]) -> None:
    """Turn two columns into WGS 84."""
    header = grid.rows[0]
    east, north = (header.index(name) for name in pair)
    commas: list[int] = []
    for line, row in zip(grid.lines[1:], grid.rows[1:], strict=True):
        if len(row) == len(header):
            if grid.raw.how.decimal_comma and "," in row[east] + row[north]:
                commas.append(line)
                row[east], row[north] = (_with_point(row[at]) for at in (east, north))
            x, y = _any_number(row[east].strip()), _any_number(row[north].strip())
            if isinstance(x, float) and isinstance(y, float):
                row[east], row[north] = (f"{value:.9f}" for value in change.point(x, y))
    if commas:
        rows: dict[str, str | int | float] = {"count": len(commas), "rows": few(commas)}
        problems.append(Problem("comma_read", grid.raw.file, commas[0], pair[0], level="fix", details=rows))


def _with_point(text: str) -> str:
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def few(lines: Sequence[int]) -> str:
    """Name some rows by their numbers, the first ones where there are many."""
    shown = ", ".join(str(line) for line in lines[:_LISTED_ROWS])
    return shown if len(lines) <= _LISTED_ROWS else f"{shown}, …"


def grid_of(raw: Raw, features: Sequence[Any], problems: list[Problem]) -> Grid | None:
    """Lay features out as rows; the point of each becomes its `lon` and `lat`."""
    names: dict[str, None] = {}
    cells: list[dict[str, str]] = []
    before = len(problems)
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(feature, dict) or not isinstance(properties, dict):
            problems.append(Problem("bad_feature", raw.file, number))
            continue
        row = {str(name): _text(value) for name, value in properties.items()}
        point = _point(feature.get("geometry"))
        if isinstance(point, str):
            problems.append(Problem("point_kind", raw.file, number, "geometry", printable(point)))
        elif point is not None or feature.get("geometry") is not None:
            row |= dict(zip(POSITION, map(repr, point or ()), strict=False))
        names |= dict.fromkeys(row)
        cells.append(row)
    if not features or any(problem.level == "refuse" for problem in problems[before:]):
        return None
    header = list(names)
    rows = [[row.get(name, "") for name in header] for row in cells]
    return Grid(raw, list(range(len(rows) + 1)), [header, *rows])


def _point(geometry: Any) -> tuple[float, float] | str | None:  # noqa: ANN401 - GeoJSON as read
    """Give the point of a geometry, None where there is none, or the kind of what is no point."""
    if geometry is None:
        return None
    kind = geometry.get("type") if isinstance(geometry, dict) else "?"
    at = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "MultiPoint" and isinstance(at, list | tuple) and len(at) == 1:
        kind, at = "Point", at[0]
    if kind != "Point" or not isinstance(at, list | tuple):
        return str(kind)
    if not at:
        return None
    pair = at[:2]
    if len(pair) < len(POSITION) or any(isinstance(x, bool) or not isinstance(x, int | float) for x in pair):
        return "?"
    return float(pair[0]), float(pair[1])


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
