"""Bases of an older way back at which nothing is different: their rows need not be made again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pandas as pd

from kaur_gis.distribute.kept import number_of, seconds_of
from kaur_gis.distribute.pool import Vehicle
from kaur_gis.distribute.schedule import Time


@dataclass(frozen=True, eq=False)
class Still:
    """Trips of an older way back that are driven as they were, along the same roads, by the same operation.

    Attributes
    ----------
    trips, legs, loads : DataFrame, GeoDataFrame, DataFrame
        Layers `BackTrips`, `BackLegs` and `BackLoads`, all trips of the bases that they begin at.
    """

    trips: pd.DataFrame
    legs: gpd.GeoDataFrame
    loads: pd.DataFrame

    @cached_property
    def _trips_at(self) -> dict[tuple[str, str], list[str]]:
        """(leg of the way, base) -> `kode_trip` of its trips."""
        at = zip(self.trips["stage"], self.trips["base"], strict=True)
        found: dict[tuple[str, str], list[str]] = {}
        for place, trip in zip(at, self.trips.index, strict=True):
            found.setdefault(place, []).append(trip)
        return found

    @cached_property
    def _carried(self) -> dict[str, list[str]]:
        """`kode_trip` -> `kode_tps`."""
        found: dict[str, list[str]] = {}
        for trip, kode in self.loads.index:
            found.setdefault(trip, []).append(kode)
        return found

    def serves(self, stage: str, base: str, group: Iterable[str]) -> list[str]:
        """List the trips of a leg of the way at a base, if they carry just these TPS; else none."""
        trips = self._trips_at.get((stage, base), [])
        return trips if {kode for trip in trips for kode in self._carried[trip]} == set(group) else []

    @cached_property
    def _vehicle(self) -> dict[str, Vehicle]:
        """`kode_trip` -> who drives it."""
        rows = self.trips[["base", "fleet", "vehicle"]].itertuples(name=None)
        return {trip: (base, fleet, number_of(vehicle, base, fleet)) for trip, base, fleet, vehicle in rows}

    def vehicles(self, trips: Iterable[str]) -> set[Vehicle]:
        """Name the vehicles of some trips."""
        return {self._vehicle[trip] for trip in trips}

    @cached_property
    def _back(self) -> tuple[dict[str, int], dict[str, Time]]:
        """`kode_trip` -> when it is back, in either weather [s since 1970]."""
        return seconds_of(self.trips["back"]), seconds_of(self.trips["back_late"])

    def back_s(self, trips: list[str], midnight_s: int) -> tuple[int, Time]:
        """When the last of some trips is back, in either weather [s from midnight]; None for never."""
        back, late = self._back
        lates = [at - midnight_s for trip in trips if (at := late[trip]) is not None]
        return max(back[trip] for trip in trips) - midnight_s, max(lates) if len(lates) == len(trips) else None

    def rows(self, trips: Iterable[str]) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
        """Take the rows of some trips, as far as `frames.made_of` makes them."""
        own = set(trips)
        legs, loads = (layer[layer.index.get_level_values("kode_trip").isin(own)] for layer in (self.legs, self.loads))
        made = self.trips[self.trips.index.isin(own)].drop(columns=["depart_latest", "muatan"])
        return made, legs, loads
