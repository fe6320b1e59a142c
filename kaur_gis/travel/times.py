"""TravelTimes: the matrix of one vehicle in one weather, and the drives behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaur_gis.layers import CRS
from kaur_gis.problems import TravelError
from kaur_gis.travel.along import MEASURES
from kaur_gis.travel.network import Floats, Ints
from kaur_gis.travel.snap import Snapped

UNREACHABLE = -1
OTHER = ("seconds", "metres", "shared_m", *MEASURES, "geometry")
"""What is shown of another way."""


class Drives(Protocol):
    """Shows drives from one stop to another, by their places in the matrix."""

    def __call__(self, pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
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
    seconds : shape (n, n)
        Driving time [s], from row to column; `UNREACHABLE` where there is no way; diagonal 0.
    lengths : shape (n, n), or callable
        What `metres` are, or what makes them when they are first asked for: in many a weather they never are.
    snap_m : shape (n,)
        From the stop, or from its gate, to its road [m]; infinite where the vehicle has no road at all.
    carry_m : shape (n,)
        Carrying from the road to the stop, by way of its gate, one way [m]; 0 for a stop that no road serves.
    carry_s : shape (n,)
        Carrying from the road to the stop, one way [s]; 0 for a stop that no road serves.
    met : Snapped
        Where each stop meets the road; None in a matrix made without a network.
    drives, others : callable
        Show drives, and the other ways; None as well.
    closed : tuple of int
        Closures that hold, by their place in `Roads.closures`.
    at_other_hours : mapping
        The same while other closures hold, by these; empty where all hours are alike.

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
    lengths: Ints | Callable[[], Ints]
    snap_m: Floats
    carry_m: Floats
    carry_s: Ints
    met: Snapped | None = None
    drives: Drives | None = None
    others: Drives | None = None
    closed: tuple[int, ...] = ()
    at_other_hours: Mapping[tuple[int, ...], TravelTimes] = field(default_factory=dict)

    def while_closed(self, closed: tuple[int, ...]) -> TravelTimes:
        """Take the travel times to hours in which just these closures hold.

        Raises
        ------
        TravelError
            Where they were not computed.
        """
        if closed == self.closed:
            return self
        if closed not in self.at_other_hours:
            msg = f"no travel times of {self.vehicle} while closures {closed} hold"
            raise TravelError(msg)
        return self.at_other_hours[closed]

    @cached_property
    def metres(self) -> Ints:
        """Length of the same drives [m], from row to column; `UNREACHABLE` where there is no way; shape (n, n).

        Raises
        ------
        TravelError
            For lengths that break a rule.
        """
        metres = self.lengths() if callable(self.lengths) else self.lengths
        self._check_matrix("metres", metres)
        if ((self.seconds == UNREACHABLE) != (metres == UNREACHABLE)).any():
            msg = "seconds and metres must be unreachable together"
            raise TravelError(msg)
        return metres

    def __post_init__(self) -> None:
        n = len(self.stops)
        self._check_matrix("seconds", self.seconds)
        self._check("carry_s", self.carry_s, (n,), 0)
        for name in ("snap_m", "carry_m"):
            if getattr(self, name).shape != (n,) or not (getattr(self, name) >= 0).all():
                msg = f"{name} must be one distance for every stop"
                raise TravelError(msg)
        if not callable(self.lengths):
            _ = self.metres  # what is there is checked at once

    def _check_matrix(self, name: str, values: Ints) -> None:
        self._check(name, values, (len(self.stops),) * 2, UNREACHABLE)
        if np.diagonal(values).any():
            msg = "a stop must be 0 s and 0 m from itself"
            raise TravelError(msg)

    def _check(self, name: str, values: Ints, shape: tuple[int, ...], least: int) -> None:
        if values.shape != shape or values.dtype != np.int64:
            msg = f"{name} must be int64 of shape {shape}, not {values.dtype} of shape {values.shape}"
            raise TravelError(msg)
        if (values < least).any():
            msg = f"{name} must not be negative"
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
        return _framed(asked, self.shown(asked))

    def shown(self, pairs: Iterable[tuple[str, str]]) -> dict[str, NDArray[Any]]:
        """Show drives as `paths` does, its columns by name: for those who ask for a few drives, and often.

        Raises
        ------
        TravelError
            As `paths`.
        """
        at = self._at(list(pairs), self.drives)
        shown = self.drives(at) if self.drives else {name: [] for name in (*MEASURES, "geometry")}
        rows, columns = np.array(at, dtype=np.int64).reshape(-1, 2).T
        return _columns(shown | {"seconds": self.seconds[rows, columns], "metres": self.metres[rows, columns]})

    def other_ways(self, pairs: Iterable[tuple[str, str]]) -> gpd.GeoDataFrame:
        """Show, for each drive, the one that shares least with it: the way for the day on which it is closed.

        Parameters
        ----------
        pairs : iterable of (from_stop, to_stop)

        Returns
        -------
        GeoDataFrame
            As `paths`, and shared_m: metres of road that both drives take [m]. Of drives that share as little the
            quickest. Where there is no other way, seconds, metres and shared_m are `UNREACHABLE` and the line is empty.

        Raises
        ------
        TravelError
            As `paths`.
        """
        asked = list(pairs)
        at = self._at(asked, self.others)
        return _framed(asked, _columns(self.others(at) if self.others else {name: [] for name in OTHER}))

    def _at(self, asked: Sequence[tuple[str, str]], shower: Drives | None) -> list[tuple[int, int]]:
        """Find pairs of stops in the matrix."""
        at = self.stops.get_indexer(pd.Index([stop for pair in asked for stop in pair])).reshape(-1, 2)
        for (origin, target), (a, b) in zip(asked, at.tolist(), strict=True):
            if shower is None or min(a, b) < 0:
                msg = f"no drive can be shown from {origin!r} to {target!r}"
                raise TravelError(msg)
            if self.seconds[a, b] == UNREACHABLE:
                msg = f"there is no way from {origin!r} to {target!r}"
                raise TravelError(msg)
        return [(int(a), int(b)) for a, b in at]


def _columns(shown: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Numbers first, in the order in which they are told, then lines."""
    order = [name for name in ("seconds", "metres", "shared_m", *MEASURES) if name in shown]
    numbers = {name: np.array(shown[name], dtype=np.int64) for name in order}
    return numbers | {"geometry": np.array(shown["geometry"], dtype=object)}


def _framed(asked: Sequence[tuple[str, str]], columns: Mapping[str, NDArray[Any]]) -> gpd.GeoDataFrame:
    """Take columns for a frame of the drives asked for."""
    index = pd.MultiIndex.from_tuples(asked, names=["from_stop", "to_stop"])
    return gpd.GeoDataFrame({**columns}, index=index, geometry="geometry", crs=CRS)
