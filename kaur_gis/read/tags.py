"""Tags of TPS in a file of their own: what Bawaslu, the police or an operator sends, keyed by `kode_tps`.

Either file may say any tag. One that both say must be the same in both, and the weaker of the two sources then
counts; a TPS of which neither says a tag that every TPS must have is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from kaur_gis.config import SUMBER_ORDER, Region
from kaur_gis.layers import KODE_TPS
from kaur_gis.problems import Problem
from kaur_gis.read.cells import code
from kaur_gis.read.near import near
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import printable
from kaur_gis.read.tables import Column, Table, table_in

KEY = Column("kode_tps", code(KODE_TPS, "1704012001001"))
UNSAID = ""  # of any tag, as an empty cell is
Cells = dict[str, dict[int, Any]]  # column -> row of the file -> value


def open_to(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Make columns that may be absent or empty: another file may say them."""
    return tuple(replace(column, required=False, blank=UNSAID) for column in columns)


def read_tags(raw: Raw, tags: Sequence[Column], region: Region, problems: list[Problem]) -> Table | None:
    """Read a file of tags.

    Parameters
    ----------
    raw : Raw
        The file, in any of the kinds that a table may be.
    tags : sequence of Column
        The tags and their sources, as the list of TPS has them; here any of them may be absent.
    region : Region
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Table or None
        `UNSAID` where a cell is empty.
    """
    table = table_in(raw, [KEY, *open_to(tags)], region, problems)
    if table is None:
        return None
    if not any((table.frame[name] != UNSAID).any() for name in source_of(tags)):
        table.add("tags_none", known=", ".join(source_of(tags)))
    for name, source in source_of(tags).items():
        for line, value, how in table.rows(name, source):
            if value is not None and value != UNSAID and how == UNSAID:
                table.add("sumber_missing", line, source)
    return table


def source_of(tags: Sequence[Column]) -> dict[str, str]:
    """Name the column that says how a tag is known: its own, or that of the first word of its name."""
    names = [column.name for column in tags]
    own = {name: f"{name}_sumber" for name in names if not name.endswith("_sumber")}
    return {name: source if source in names else f"{name.partition('_')[0]}_sumber" for name, source in own.items()}


def with_tags(tps: Table, tags: Table | None, columns: Sequence[Column]) -> None:
    """Bring the tags of a file of their own into the list of TPS.

    Parameters
    ----------
    tps : Table
        The list, read with `open_to` columns; its frame is changed.
    tags : Table or None
        As `read_tags` gives it; None where it is refused.
    columns : sequence of Column
        The tags, as they stand in the list where there is no other file.
    """
    cells: Cells = {column.name: dict(tps.rows(column.name)) for column in columns}
    if tags is not None:
        _bring(tps, tags, columns, cells)
    for column in columns:
        mine = cells[column.name]
        unsaid = [line for line, value in mine.items() if value == UNSAID]
        if column.blank is not None:
            mine |= dict.fromkeys(unsaid, column.blank)
        elif tags is not None:
            for line, kode in tps.rows("kode_tps"):
                if mine[line] == UNSAID:
                    tps.add("tag_unsaid", line, column.name, kode, other=tags.file)
        tps.frame[column.name] = pd.Series(list(mine.values()), index=tps.frame.index, dtype=object)


def _bring(tps: Table, tags: Table, columns: Sequence[Column], cells: Cells) -> None:
    """Put the tags of each row into the cells of its TPS."""
    silent = {column.name: {UNSAID, None, column.blank} for column in columns}
    groups: dict[str, list[str]] = {}
    for name, source in source_of(columns).items():
        groups.setdefault(source, []).append(name)
    names = list(silent)
    line_of = {kode: line for line, kode in tps.cells("kode_tps")}
    found: set[str] = set()
    for line, kode, *values in tags.rows("kode_tps", *names):
        at = line_of.get(kode)
        if at is None:
            if kode and kode not in tps.codes:
                tags.add("code_unknown", line, "kode_tps", kode, **near(kode, sorted(tps.codes)))
            continue
        found.add(kode)
        row = dict(zip(names, values, strict=True))
        for source, group in groups.items():
            said = [name for name in group if row[name] not in silent[name]]
            there = [name for name in group if cells[name][at] not in silent[name]]
            for name in said:
                if name in there and row[name] != cells[name][at]:
                    details = {"other": tps.file, "first_row": at, "expected": _word(cells[name][at])}
                    tags.add("tag_differs", line, name, _word(row[name]), **details)
                cells[name][at] = row[name]
            if said:
                known = [row[source], *([cells[source][at]] if there else [])]
                cells[source][at] = max((word for word in known if word), key=SUMBER_ORDER.index, default=UNSAID)
    missing = sorted(set(line_of) - found)
    if missing:
        tags.add("tags_absent", None, "kode_tps", missing[0], level="note", n=len(missing))


def _word(value: object) -> str:
    """Say a tag as it stands in a file."""
    return {True: "ya", False: "tidak"}[value] if isinstance(value, bool) else printable(str(value))
