"""Whether a frame is plainly as its layer says: a first look at what is nearly always so.

pandera takes a millisecond or more for every column, good or bad, and a plan holds hundreds of them. Here the same
schema is read in one sweep. The answer "no" is no fault yet: pandera then looks, and names what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa

HOLDS: Mapping[str, Callable[..., bool]] = {
    "greater_than": lambda values, min_value: bool((values.to_numpy() > min_value).all()),
    "greater_than_or_equal_to": lambda values, min_value: bool((values.to_numpy() >= min_value).all()),
    "less_than_or_equal_to": lambda values, max_value: bool((values.to_numpy() <= max_value).all()),
    "isin": lambda values, allowed_values: set(values.unique()) <= set(allowed_values),
    "str_matches": lambda values, pattern: all(map(re.compile(pattern).match, values)),
}
"""The checks that the layers use, by pandera's names; any other is left to pandera."""


def plainly(frame: pd.DataFrame, schema: pa.DataFrameSchema, crs: str) -> bool:
    """Whether a frame holds all that a schema asks for.

    Parameters
    ----------
    frame : DataFrame
        Columns in any order.
    schema : DataFrameSchema
        Of a layer.
    crs : str
        That of every geometry.

    Returns
    -------
    bool
        True only where pandera would find no fault; where False, pandera has to be asked.
    """
    if not frame.columns.is_unique:
        return False
    patterns = [column for column in schema.columns.values() if column.regex]
    asked_of = {name: [column for column in patterns if re.match(column.name, name)] for name in frame.columns}
    asked_of |= {name: [column] for name, column in schema.columns.items() if not column.regex}
    if set(asked_of) != set(frame.columns) or any(len(found) != 1 for found in asked_of.values()):
        return False
    if len({column.name for (column,) in asked_of.values()}) < len(schema.columns):
        return False  # a pattern that no column has
    levels = schema.index.indexes if isinstance(schema.index, pa.MultiIndex) else [schema.index]
    if list(frame.index.names) != [level.name for level in levels]:
        return False
    held = [(level, frame.index.get_level_values(level.name).to_series()) for level in levels]
    held += [(column, frame[name]) for name, (column,) in asked_of.items()]
    return all(_is_so(values, asked, crs) for asked, values in held)


def kind(asked: pa.Column | pa.Index) -> str:
    """Name the type that pandas gives to what a layer holds."""
    name = str(asked.dtype)
    if name.startswith("string"):
        return "str"
    return "geometry" if name == "geometry" else name.replace("datetime64[ns]", "datetime64[s]")


def _is_so(values: pd.Series, asked: Any, crs: str) -> bool:  # noqa: ANN401 - a column or a level of the index
    """Whether one column has its type, its values and, where they are asked for, no two alike."""
    right = isinstance(values.dtype, pd.StringDtype) if kind(asked) == "str" else str(values.dtype) == kind(asked)
    if not right or any(check.name not in HOLDS for check in asked.checks):
        return False
    if values.dtype == "geometry" and values.crs != crs:
        return False
    gone = bool(values.array.isna().any())
    if gone and not asked.nullable:
        return False
    said = values.dropna() if gone else values
    if asked.unique and not said.is_unique:
        return False
    return all(HOLDS[check.name](said, **check.statistics) for check in asked.checks)
