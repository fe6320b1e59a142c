"""Layers as plain rows by code. Nobody changes a layer or a row after it is made."""

from __future__ import annotations

from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

Row = dict[str, Any]


class Rows:
    """Layers of one plan as rows; of the same layer they are made once, however many promises ask."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[pd.DataFrame, list[Row]]] = {}  # a layer that is held here keeps its number
        self._coded: dict[int, dict[str, Row]] = {}

    def __call__(self, layer: pd.DataFrame) -> list[Row]:
        """Turn a layer into rows, as `rows_of`."""
        if id(layer) not in self._known:
            self._known[id(layer)] = layer, rows_of(layer)
        return self._known[id(layer)][1]

    def by_code(self, layer: pd.DataFrame) -> dict[str, Row]:
        """Turn a layer into rows by its code; of two rows with one code the last stands."""
        rows = self(layer)
        if id(layer) not in self._coded:
            self._coded[id(layer)] = dict(zip(layer.index.to_list(), rows, strict=True))
        return self._coded[id(layer)]

    def grouped(self, layer: pd.DataFrame, by: str, *order: str) -> dict[str, list[Row]]:
        """Turn a layer into rows grouped by one code, each group sorted."""
        groups: dict[str, list[Row]] = {}
        for row in sorted(self(layer), key=lambda row: tuple(row[name] for name in order)):
            groups.setdefault(row[by], []).append(row)
        return groups


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Turn a layer into rows: index and columns by name, times as whole seconds, None for NaT."""
    columns = {str(name): _plain(frame.index.get_level_values(n)) for n, name in enumerate(frame.index.names)}
    columns |= {str(name): _plain(values) for name, values in frame.items()}
    rows = zip(*columns.values(), strict=True)
    return list(map(dict, map(zip, repeat(tuple(columns)), rows)))


def _plain(values: pd.Series[Any] | pd.Index[Any]) -> list[Any]:
    if values.dtype.kind != "M":
        return values.tolist() if values.dtype.kind != "O" else values.to_numpy(object).tolist()
    seconds = values.to_numpy().astype("datetime64[s]")
    return [None if gone else s for gone, s in zip(np.isnat(seconds), seconds.astype("int64").tolist(), strict=True)]
