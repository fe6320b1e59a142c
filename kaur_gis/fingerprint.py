"""What stands on a route sheet, named shortly: two sheets with one name tell a driver the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def sheet_hashes(plan: Plan) -> dict[str, str]:
    """Name what is on the sheet of each trip: its times, drives and loads, by 8 hex digits.

    The latest departure is not in it: where it moves later the older sheet is still safe.

    Returns
    -------
    dict
        `kode_trip` -> its name.
    """
    trips = plan.trips.drop(columns=["pinned", "depart_latest"])
    legs: pd.DataFrame = pd.DataFrame(plan.legs).drop(columns="geometry")
    text: dict[str, list[str]] = {str(code): [] for code in trips.index}
    for frame in (trips, legs, plan.loads):
        codes = frame.index.get_level_values("kode_trip")
        for code, row in zip(codes, frame.reset_index().itertuples(index=False, name=None), strict=True):
            text[str(code)].append(repr(tuple(map(str, row))))
    return {code: hashlib.sha256("\n".join(rows).encode()).hexdigest()[:8] for code, rows in text.items()}
