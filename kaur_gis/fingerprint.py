"""What stands on a route sheet, named shortly: two sheets with one name tell a driver the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

DRAWN_DEG = 1e-5
"""Lines that differ by no more are one road on the sketch of a sheet [degrees]."""


def sheet_hashes(plan: Plan) -> dict[str, str]:
    """Name what is on the sheet of each trip: its times, drives, roads and loads, by 8 hex digits.

    The latest departure is not in it: where it moves later the older sheet is still safe.

    Returns
    -------
    dict
        `kode_trip` -> its name.
    """
    trips = plan.trips.drop(columns=["pinned", "depart_latest"])
    drawn = shapely.transform(plan.legs.geometry.to_numpy(), lambda points: np.rint(points / DRAWN_DEG))
    lines = [line.hex().upper() for line in shapely.to_wkb(drawn)]  # GEOS takes five times as long to write such digits
    legs = pd.DataFrame(plan.legs).assign(geometry=pd.Series(lines, index=plan.legs.index, dtype=object))
    text = in_characters("kode_trip", trips, legs, plan.loads)
    return {code: hashlib.sha256(rows.encode()).hexdigest()[:8] for code, rows in text.items()}


def in_characters(key: str, *layers: pd.DataFrame) -> dict[str, str]:
    """Say in characters what stands in some layers, by a code that each has in its index or a column.

    Returns
    -------
    dict
        Code -> its rows, a line each: alike where they are.
    """
    text: dict[str, list[str]] = {}
    for layer in layers:
        table = layer.reset_index()
        rows = zip(*(_characters(values) for _, values in table.items()), strict=True)
        for code, row in zip(table[key].to_numpy(object), rows, strict=True):
            text.setdefault(str(code), []).append(repr(row))
    return {code: "\n".join(rows) for code, rows in text.items()}


def _characters(values: pd.Series) -> list[str]:
    if values.dtype.kind != "M":
        return [str(value) for value in values.to_numpy(object)]
    number, once = pd.factorize(values)  # many rows have the same time, and to say one takes long
    said = [*map(str, once), str(pd.NaT)]
    return [said[at] for at in number]
