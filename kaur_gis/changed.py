"""Which rows of a table are other ones in a second: all columns count, blanks are alike, shapes to the last digit."""

from __future__ import annotations

import operator

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray


def changed(old: pd.DataFrame, new: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the rows that differ.

    Parameters
    ----------
    old, new : DataFrame
        Of the same columns and the same index, in the same order; shapes are in `geometry`.

    Returns
    -------
    ndarray, shape (n,)
    """
    other = np.zeros(len(old), dtype=np.bool_)
    for name in old.columns:
        was, now = old[name], new[name]
        if name == "geometry":
            shapes = was.to_numpy(), now.to_numpy()
            own = np.fromiter(map(operator.is_not, *shapes), dtype=np.bool_, count=len(old))  # most are the very same
            other[own] |= shapely.to_wkb(shapes[0][own]) != shapely.to_wkb(shapes[1][own])
        else:
            other |= ~((was == now) | (was.isna() & now.isna())).to_numpy(dtype=np.bool_)
    return other
