"""How every table of a plan is laid out: heads from the catalogue, decimals by unit."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.write.workbook import RollUp, Table

PLACE = ["kode_kec", "nama_kec", "kode_desa", "nama_desa", "no_tps"]
LOAD = ["kotak", "kg", "m3"]
WAITS = ("there_minutes", "back_minutes", "out_minutes", "alone_minutes")
OF_ROADS = (
    "minutes",
    "walk_minutes",
    "round_minutes",
    "from_before",
    "minutes_to_post",
    "reaction_minutes",
    "first_minutes",
    "other_minutes",
)
MINUTES = dict.fromkeys((*OF_ROADS, *WAITS), 1)
DECIMALS = {
    "km": 1,
    **dict.fromkeys(("hours", "hours_late", "most_hours"), 2),
    "kg": 2,
    "m3": 3,
    **MINUTES,
    "walk_m": 0,
    "short_m": 0,
    "first_m": 0,
    "other_m": 0,
    "shared_m": 0,
    "border_m": 0,
}


def table_of(
    file: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    lang: Lang,
    *,
    heads: dict[str, str] | None = None,
    frozen: int = 1,
    total: Sequence[str] = (),
    roll_up: RollUp | None = None,
) -> Table:
    """Lay a frame out under the heads of the catalogue, or under those that are given.

    Parameters
    ----------
    file : str
        Name of its CSV file; ``tables.sheet_<file>`` names its sheet.
    frame : DataFrame
    columns : sequence of str
        Those that are shown, in this order.
    lang : {"id", "en"}
    heads : dict of str to str, optional
        Heads that the catalogue does not have.
    frozen : int
        How many columns stay in sight.
    total : sequence of str
        Columns whose sum stands below.
    roll_up : RollUp, optional
        Where the numbers are sums of other sheets.

    Returns
    -------
    Table
    """
    known = heads or {}
    return Table(
        file=file,
        sheet=say(f"tables.sheet_{file}", lang),
        frame=pd.DataFrame(frame[list(columns)]).reset_index(drop=True),
        heads={name: known.get(name) or say(f"tables.{name}", lang) for name in columns},
        frozen=frozen,
        total=tuple(total),
        total_word=say("tables.total", lang),
        roll_up=roll_up,
        decimals=DECIMALS,
    )


def looked_up(column: pd.Series, keys: pd.Series) -> pd.Series:
    """Look keys up; "" where there is none."""
    return keys.map(column).fillna("").astype(str)


def terms(column: pd.Series, lang: Lang) -> list[str]:
    """Say the words of a column of tokens; "" stays."""
    return [say(f"term.{token}", lang) if token else "" for token in column]


def minutes_of(seconds: pd.Series) -> pd.Series:
    """Turn seconds into minutes, with one decimal."""
    return (seconds / 60).round(1)
