"""Trips that stay as they are while the rest is planned again: their boxes are loaded or delivered already."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from kaur_gis.config import Operation, Stage, Wave
from kaur_gis.distribute.schedule import Time
from kaur_gis.problems import SolverError


@dataclass(frozen=True)
class Held:
    """What a vehicle has done when the new trips begin.

    Attributes
    ----------
    trips : int
        Trips it has made.
    back_s, back_late_s : int or None
        When it is back from the last of them, in either weather [s from midnight]; None for never.
    left_s : int
        When it left for the first of them [s from midnight].
    came_s : int or None
        When it set out for its base before that, where it came to it empty [s from midnight].
    at_base : bool
        Whether it is at its base again.
    """

    trips: int
    back_s: int
    back_late_s: Time
    left_s: int
    came_s: Time
    at_base: bool


class Handed(NamedTuple):
    """When the boxes of a TPS are handed over by a trip that is kept.

    Attributes
    ----------
    done_s, late_s : int or None
        In either weather, as long as carrying takes in that of the plan [s from midnight].
    walk_m, walk_s : float, int
        How far they are carried from the road, and how long one way [s] in the weather of the plan.
    """

    done_s: int
    late_s: Time
    walk_m: float
    walk_s: int


@dataclass(frozen=True, eq=False)
class Kept:
    """The trips that are kept, as rows of the layers of an older plan.

    Their boxes are handed over as long as the older plan says; where they are carried from the road it takes longer in
    the heavier weather. So it was when they were planned, whether they are loaded since or not.

    Attributes
    ----------
    operation : Operation
        Of the new plan; its waves carry the names of the older one.
    trips, legs, loads : DataFrame, GeoDataFrame, DataFrame
        Layers of the same names, these trips only.
    now : Timestamp or None
        No new trip begins to load before.
    """

    operation: Operation
    trips: pd.DataFrame
    legs: gpd.GeoDataFrame
    loads: pd.DataFrame
    now: pd.Timestamp | None = None

    @cached_property
    def wave(self) -> dict[str, str]:
        """`kode_tps` -> name of the whole wave that its kept trips belong to."""
        waves = self.trips["wave"].map(self.operation.whole_waves).to_dict()
        return {str(kode): waves[trip] for trip, kode in self.loads.index}

    @cached_property
    def handed(self) -> dict[tuple[str, str], Handed]:
        """(`kode_tps`, stage) -> when its boxes were handed over."""
        found: dict[tuple[str, str], Handed] = {}
        departs, arrives, lates = (seconds_of(self.legs[name]) for name in ("depart", "arrive", "arrive_late"))
        midnights = seconds_of(pd.Series(self._midnight, dtype="datetime64[s]"))
        stages = dict(zip(self.trips.index, self.trips["stage"], strict=True))
        walked = zip(self.legs["walk_m"].tolist(), self.legs["walk_s"].tolist(), strict=True)
        walks: dict[Any, tuple[float, int]] = dict(zip(self.legs.index, walked, strict=True))
        for (trip, kode), order in zip(self.loads.index, self.loads["order"].tolist(), strict=True):
            done, late = departs[trip, order + 1], lates[trip, order]
            late_s = late if late is None else late + done - arrives[trip, order] - midnights[trip]
            found[kode, stages[trip]] = Handed(done - midnights[trip], late_s, *walks[trip, order])
        return found

    @cached_property
    def vehicles(self) -> dict[tuple[str, str, str], dict[int, Held]]:
        """(whole wave, base, `Fleet.kode`) -> number of a vehicle among those of its row -> what it has done."""
        found: dict[tuple[str, str, str], dict[int, Held]] = {}
        whole = self.operation.whole_waves
        rows: dict[Any, Any] = self.trips.sort_values("trip_no").to_dict("index")
        set_out: dict[tuple[str, int], pd.Timestamp] = self.legs["depart"].to_dict()
        ends = self.legs["to_stop"].groupby(level="kode_trip").last()
        for kode, trip in rows.items():
            number = number_of(trip["vehicle"], trip["base"], trip["fleet"])
            late = None if pd.isna(trip["back_late"]) else self._clock(kode, trip["back_late"])
            own = found.setdefault((whole[trip["wave"]], trip["base"], trip["fleet"]), {})
            came = self._clock(kode, set_out[kode, 0]) if (kode, 0) in set_out else None
            first = own.get(number)
            left, came = (self._clock(kode, trip["depart"]), came) if first is None else (first.left_s, first.came_s)
            home = ends[kode] == trip["base"]
            own[number] = Held(trip["trip_no"], self._clock(kode, trip["back"]), late, left, came, home)
        return found

    def now_s(self, wave: Wave, stage: Stage) -> int:
        """From when on new trips of a stage of a wave can be loaded [s from midnight of its day]."""
        midnight = pd.Timestamp(self.operation.day_of(wave, stage))
        return 0 if self.now is None else max(0, math.ceil((self.now - midnight).total_seconds()))

    def _clock(self, trip: str, time: pd.Timestamp) -> int:
        """Seconds from midnight of the day on which a trip is driven."""
        return int((time - self._midnight[trip]).total_seconds())

    @cached_property
    def _midnight(self) -> dict[str, pd.Timestamp]:
        """`kode_trip` -> midnight of the day on which it is driven."""
        days = {
            (wave.name, stage.name): pd.Timestamp(self.operation.day_of(wave, stage))
            for wave in self.operation.waves
            for stage in self.operation.stages
        }
        return {
            str(trip): days[wave, stage] for trip, wave, stage in self.trips[["wave", "stage"]].itertuples(name=None)
        }


def number_of(vehicle: str, base: str, fleet: str) -> int:
    """Read from its name the number of a vehicle among those of its fleet row at its base."""
    return int(vehicle.removeprefix(f"{base}-{fleet}-"))


def seconds_of(times: pd.Series) -> dict[Any, Any]:
    """Read times by their index [s since 1970]; None for never."""
    seconds = times.to_numpy().astype("datetime64[s]").astype("int64").tolist()
    never = times.isna().to_numpy()
    return {key: None if none else at for key, at, none in zip(times.index, seconds, never, strict=True)}


def sequences(operation: Operation, trips: pd.DataFrame, loads: pd.DataFrame) -> list[list[tuple[int, str]]]:
    """List which trips wait for each other: those of a vehicle on a day, and those with the boxes of one TPS.

    Parameters
    ----------
    operation : Operation
    trips, loads : DataFrame
        Layers of the same names.

    Returns
    -------
    list of list of (int, str)
        `kode_trip` of each that waits, and when its turn is: of equal numbers none waits for the other.
    """
    order = {stage.name: number for number, stage in enumerate(operation.stages)}
    whole = operation.whole_waves
    found: dict[Any, list[tuple[int, str]]] = {}
    turn: dict[str, int] = {}
    for code, vehicle, wave, stage, number in trips[["vehicle", "wave", "stage", "trip_no"]].itertuples(name=None):
        turn[code] = order[stage]
        # a vehicle's day is one, also where it goes in several parts of its wave
        found.setdefault((vehicle, whole.get(wave, wave)), []).append((number, code))
    for code, kode in loads.index:
        found.setdefault(kode, []).append((turn[code], code))
    return list(found.values())


def kept_of(
    operation: Operation,
    trips: pd.DataFrame,
    legs: gpd.GeoDataFrame,
    loads: pd.DataFrame,
    codes: Iterable[str],
    *,
    now: pd.Timestamp | None = None,
) -> Kept:
    """Take trips of an older plan, and every trip by which their boxes came to its base.

    Parameters
    ----------
    operation : Operation
    trips, legs, loads : DataFrame, GeoDataFrame, DataFrame
        Layers of the older plan.
    codes : iterable of str
        `kode_trip` of those that stay. A trip that a vehicle made before one of them stays, too.
    now : Timestamp, optional
        No new trip begins to load before.

    Returns
    -------
    Kept

    Raises
    ------
    SolverError
        For a trip that the older plan does not have, or a wave that the operation does not have.
    """
    wanted = set(codes)
    unknown = sorted(wanted - set(trips.index))
    if unknown:
        msg = f"trips that the older plan does not have: {', '.join(unknown)}"
        raise SolverError(msg)
    if not set(trips.loc[sorted(wanted), "wave"]) <= {wave.name for wave in operation.waves}:
        msg = "the waves of the trips that stay are not those of the operation"
        raise SolverError(msg)
    rows, n = sequences(operation, trips, loads), 0
    while n < len(wanted):
        n = len(wanted)
        for row in rows:
            last = max((number for number, code in row if code in wanted), default=0)
            wanted.update(code for number, code in row if number < last)
    own_legs, own_loads = (layer.index.get_level_values("kode_trip").isin(wanted) for layer in (legs, loads))
    return Kept(operation, trips[trips.index.isin(wanted)], legs[own_legs], loads[own_loads], now)
