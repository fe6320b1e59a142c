"""Which rows of a table are other ones in a second: all columns count, blanks are alike, shapes to the last digit."""

from __future__ import annotations

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
            other |= shapely.to_wkb(was.to_numpy()) != shapely.to_wkb(now.to_numpy())
        else:
            other |= ~((was == now) | (was.isna() & now.isna())).to_numpy(dtype=np.bool_)
    return other
