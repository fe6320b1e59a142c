"""Layers as plain rows by code."""

from __future__ import annotations

from typing import Any

import pandas as pd

Row = dict[str, Any]


def by_code(frame: pd.DataFrame) -> dict[str, Row]:
    """Turn a layer into rows by its code; of two rows with one code the last stands."""
    return dict(zip(frame.index.to_list(), rows_of(frame), strict=True))


def grouped(frame: pd.DataFrame, by: str, *order: str) -> dict[str, list[Row]]:
    """Turn a layer into rows grouped by one code, each group sorted."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows_of(frame), key=lambda row: tuple(row[name] for name in order)):
        groups.setdefault(row[by], []).append(row)
    return groups


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Turn a layer into rows: index and columns by name, times as whole seconds, None for NaT."""
    table = pd.DataFrame(frame).reset_index()
    columns = {}
    for name in table.columns:
        values = table[name]
        if values.dtype.kind == "M":
            seconds = values.to_numpy().astype("datetime64[s]").astype("int64")
            columns[name] = [None if gone else int(s) for s, gone in zip(seconds, values.isna(), strict=True)]
        else:
            columns[name] = values.to_numpy().tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
