"""TravelTimes: the matrix of one vehicle in one weather, and the drives behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from kaur_gis.layers import CRS
from kaur_gis.problems import TravelError
from kaur_gis.travel.along import MEASURES
from kaur_gis.travel.network import Floats, Ints

UNREACHABLE = -1


class Drives(Protocol):
    """Shows drives from one stop to another, by their places in the matrix."""

    def __call__(self, pairs: Sequence[tuple[int, int]]) -> dict[str, list[Any]]:
        """Give `along.MEASURES` and `geometry` of each drive, in the order asked for."""
        ...


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Driving times and lengths between all stops, for one vehicle in one weather.

    What holds exactly: every cell is the quickest drive, its milliseconds summed over the parts of its edges and
    rounded **up** once to whole seconds, so that `seconds` keeps the triangle inequality; `metres` are the millimetres
    of that same drive, rounded to the nearest metre once. Directions may differ.

    Attributes
    ----------
    vehicle, weather : str
    stops : Index
        kode_stop, shape (n,).
    seconds, metres : shape (n, n)
        Driving time [s] and length [m], from row to column; `UNREACHABLE` in both at once where there is no way;
        diagonal 0.
    snap_m : shape (n,)
        From the stop to its road [m]; infinite where the vehicle has no road at all.
    carry_s : shape (n,)
        Carrying from the road to the stop, one way [s]; 0 for a stop that no road serves.
    drives : callable
        Shows a drive; None in a matrix made without a network.

    Raises
    ------
    TravelError
        For a matrix that breaks one of these rules.
    """

    UNREACHABLE: ClassVar[int] = UNREACHABLE

    vehicle: str
    weather: str
    stops: pd.Index
    seconds: Ints
    metres: Ints
    snap_m: Floats
    carry_s: Ints
    drives: Drives | None = None

    def __post_init__(self) -> None:
        n = len(self.stops)
        for name, shape in (("seconds", (n, n)), ("metres", (n, n)), ("carry_s", (n,))):
            values = getattr(self, name)
            if values.shape != shape or values.dtype != np.int64:
                msg = f"{name} must be int64 of shape {shape}, not {values.dtype} of shape {values.shape}"
                raise TravelError(msg)
            if (values < (UNREACHABLE if len(shape) > 1 else 0)).any():
                msg = f"{name} must not be negative"
                raise TravelError(msg)
        if self.snap_m.shape != (n,) or not (self.snap_m >= 0).all():
            msg = "snap_m must be one distance for every stop"
            raise TravelError(msg)
        if np.diagonal(self.seconds).any() or np.diagonal(self.metres).any():
            msg = "a stop must be 0 s and 0 m from itself"
            raise TravelError(msg)
        if ((self.seconds == UNREACHABLE) != (self.metres == UNREACHABLE)).any():
            msg = "seconds and metres must be unreachable together"
            raise TravelError(msg)

    def paths(self, pairs: Iterable[tuple[str, str]]) -> gpd.GeoDataFrame:
        """Show drives along the roads.

        Parameters
        ----------
        pairs : iterable of (from_stop, to_stop)

        Returns
        -------
        GeoDataFrame
            Indexed by from_stop, to_stop, in the order asked for: seconds and metres as in the matrix; bridges, fords,
            ferries, unpaved_m [m], unknown_m [m], outside_m [m] (outside the kabupaten) (int64); geometry, a LineString
            from road point to road point.

        Raises
        ------
        TravelError
            For a stop that is not in the matrix, a pair without a way, or a matrix made without a network.
        """
        asked = list(pairs)
        at = self.stops.get_indexer(pd.Index([stop for pair in asked for stop in pair])).reshape(-1, 2)
        for (origin, target), (a, b) in zip(asked, at.tolist(), strict=True):
            if self.drives is None or min(a, b) < 0:
                msg = f"no drive can be shown from {origin!r} to {target!r}"
                raise TravelError(msg)
            if self.seconds[a, b] == UNREACHABLE:
                msg = f"there is no way from {origin!r} to {target!r}"
                raise TravelError(msg)
        rows = [(int(a), int(b)) for a, b in at]
        shown = self.drives(rows) if self.drives is not None else {name: [] for name in (*MEASURES, "geometry")}
        index = pd.MultiIndex.from_tuples(asked, names=["from_stop", "to_stop"])
        numbers = {"seconds": self.seconds[*at.T], "metres": self.metres[*at.T]}
        numbers |= {name: np.array(shown[name], dtype=np.int64) for name in MEASURES}
        return gpd.GeoDataFrame(numbers, index=index, geometry=shown["geometry"], crs=CRS)
