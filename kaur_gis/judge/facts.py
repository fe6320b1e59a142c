"""The layers of a plan as plain rows by code, and the few rules that several promises need.

Nothing here or beside it calls the code that made the plan: the rules are read from the operation a second time,
so that a mistake there does not excuse itself.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from kaur_gis.config import SINYAL, SUMBER_ORDER, WEATHERS, Fleet, Kembali, Stage, Wave, Weather
from kaur_gis.judge.claims import Claim, held_of, said_by
from kaur_gis.judge.ground import Drawn, Ground
from kaur_gis.judge.hours import EPOCH, Closing, closing, on_voting_day
from kaur_gis.judge.network import Network
from kaur_gis.judge.rows import Row, Rows
from kaur_gis.plan import Plan

UNREACHABLE = -1
T = TypeVar("T")
At = dict[str, int]
"""Place of each stop in a matrix."""
GEOD = Geod(ellps="WGS84")


class Broken(NamedTuple):
    """One case of a broken promise: the code it concerns, what the plan says, and what holds."""

    value: str
    found: str | int | float
    wanted: str | int | float


Promise = Callable[["Facts"], Iterator[Broken]]


@dataclass(frozen=True, eq=False)
class Facts:
    """A plan by its codes; times are whole seconds since 1970, or None where there is none."""

    plan: Plan
    of: Facts | None = None
    """The facts of the whole plan, where these are of its way back: the roads are the same, and are read once."""

    @cached_property
    def ground(self) -> Ground:
        """The roads of the plan."""
        return self.of.ground if self.of else Ground(self.plan.inputs)

    @cached_property
    def rows(self) -> Rows:
        """The layers of the plan as rows."""
        return self.of.rows if self.of else Rows()

    @cached_property
    def _once(self) -> dict[Callable[[Facts], Any], Any]:
        return {}

    def once(self, work_out: Callable[[Facts], T]) -> T:
        """Give what several promises work out of these facts, worked out when the first of them asks."""
        if work_out not in self._once:
            self._once[work_out] = work_out(self)
        return self._once[work_out]  # type: ignore[no-any-return] # what is kept is what it gave

    @cached_property
    def _networks(self) -> dict[tuple[str, Weather, tuple[int, ...]], Network]:
        return self.of._networks if self.of else {}  # noqa: SLF001 - its own

    def network(self, profile: str, closed: tuple[int, ...], weather: Weather | None = None) -> Network:
        """Give the roads that a vehicle can use while some closures hold, in the weather of the plan or another."""
        key = profile, weather or self.plan.inputs.operation.weather.plan, closed
        if key not in self._networks:
            self._networks[key] = Network(self.ground, *key)
        return self._networks[key]

    @cached_property
    def now_s(self) -> int:
        """From when on new trips could be loaded [s since 1970]; long before all of them in a plan from scratch."""
        return 0 if self.plan.now is None else math.ceil(self.plan.now.timestamp())

    @cached_property
    def tps(self) -> dict[str, Row]:
        """Rows of `TaggedTps` by `kode_tps`."""
        return self.rows.by_code(self.plan.tps)

    @cached_property
    def stops(self) -> dict[str, Row]:
        """Rows of `Stops` by `kode_stop`."""
        return self.rows.by_code(self.plan.stops)

    @cached_property
    def trips(self) -> dict[str, Row]:
        """Rows of `Trips` by `kode_trip`."""
        return self.rows.by_code(self.plan.trips)

    @cached_property
    def legs(self) -> dict[str, list[Row]]:
        """Legs of each trip, in their order; without the empty drives before and behind."""
        behind = {kode: len(legs) for kode, legs in self.going.items()}
        rounds = {kode: legs[: len(legs) - behind.get(kode, 0)] for kode, legs in self._every_leg.items()}
        return {kode: [leg for leg in legs if leg["order"]] for kode, legs in rounds.items()}

    @cached_property
    def _every_leg(self) -> dict[str, list[Row]]:
        return self.rows.grouped(self.plan.legs, "kode_trip", "order")

    @cached_property
    def coming(self) -> dict[str, Row]:
        """The empty drive to its base before a trip, where there is one."""
        return {kode: leg for kode, legs in self._every_leg.items() for leg in legs if not leg["order"]}

    @cached_property
    def going(self) -> dict[str, list[Row]]:
        """What a trip of the way back drives when everything that it fetched is at its base: empty, and once at most.

        On the way out every leg is part of a round.
        """
        last = {kode: rows[-1]["order"] + 1 for kode, rows in self.loads.items()} if self.of else {}
        behind = {
            kode: [leg for leg in legs if leg["order"] > last[kode]]
            for kode, legs in self._every_leg.items()
            if kode in last
        }
        return {kode: legs for kode, legs in behind.items() if legs}

    @cached_property
    def legs_today(self) -> dict[str, list[Row]]:
        """Legs of each trip that is driven on the roads of this plan, with the empty drives before and behind it.

        Those of an older plan are as they were.
        """
        before = {kode: [leg] for kode, leg in self.coming.items()}
        today = {kode: legs for kode, legs in self.legs.items() if not self.trips[kode]["pinned"]}
        return {kode: [*before.get(kode, ()), *legs, *self.going.get(kode, ())] for kode, legs in today.items()}

    @cached_property
    def all_today(self) -> list[Row]:
        """The same legs, one after the other."""
        return [leg for legs in self.legs_today.values() for leg in legs]

    @cached_property
    def drawn(self) -> Drawn:
        """The lines of these legs."""
        return Drawn.of(self.ground, [leg["geometry"] for leg in self.all_today])

    @cached_property
    def loads(self) -> dict[str, list[Row]]:
        """Loads of each trip, by leg and TPS."""
        return self.rows.grouped(self.plan.loads, "kode_trip", "order", "kode_tps")

    @cached_property
    def trips_of(self) -> dict[tuple[str, str], list[str]]:
        """Trips that carry a TPS in a stage, by (kode_tps, stage)."""
        found: dict[tuple[str, str], list[str]] = {}
        for kode_trip, rows in self.loads.items():
            for row in rows:
                found.setdefault((row["kode_tps"], self.trips[kode_trip]["stage"]), []).append(kode_trip)
        return found

    def at_tps(self, kode: str) -> list[str]:
        """Trips that bring a TPS its boxes."""
        names = [name for name, stage in self.stages.items() if stage.target == "tps"]
        return [code for name in names for code in self.trips_of.get((kode, name), ())]

    @cached_property
    def first_of(self) -> dict[str, str]:
        """First TPS of the round of each post."""
        rows = sorted(self.rows(self.plan.guards), key=lambda row: (-row["order"], row["kode_tps"]))
        return {row["kode_post"]: row["kode_tps"] for row in rows}

    @cached_property
    def unserved(self) -> dict[str, Row]:
        """Rows of `Unserved` by `kode_tps`."""
        return self.rows.by_code(self.plan.unserved)

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """Stages by name, in the order of the chain."""
        return {stage.name: stage for stage in self.plan.inputs.operation.stages}

    @cached_property
    def way(self) -> dict[str, list[str]]:
        """Names of the stages by which the boxes of each TPS go, in their order, by `kode_tps`."""
        return self.ways(self.plan.inputs.operation.stages, "gudang")

    def ways(self, rows: Sequence[Stage | Kembali], begin: str) -> dict[str, list[str]]:
        """Names of the rows by which the boxes of each TPS go; that which names a kecamatan is before one for all."""
        of: dict[str, list[str]] = {}
        for kec in {row["kode_kec"] for row in self.tps.values()}:
            at, way = begin, of.setdefault(kec, [])
            for _ in rows:
                here = [row for row in rows if row.origin == at]
                named = [row for row in here if kec in row.kecamatan]
                for row in (named or [row for row in here if not row.kecamatan])[:1]:
                    way.append(row.name)
                    at = row.target
        return {kode: of[row["kode_kec"]] for kode, row in self.tps.items()}

    @cached_property
    def waves(self) -> dict[str, Wave]:
        """Waves by name."""
        return {wave.name: wave for wave in self.plan.inputs.operation.waves}

    @cached_property
    def fleet(self) -> dict[str, Fleet]:
        """Rows of the fleet by code."""
        return {fleet.kode: fleet for fleet in self.plan.inputs.operation.fleet}

    @cached_property
    def places(self) -> dict[str, dict[str, str]]:
        """Where the boxes of each TPS stand after each kind of stage: kind of place -> `kode_stop`, by `kode_tps`."""
        if self.of:
            return self.of.places
        by_place = self.rows.by_code(self.plan.inputs.tempat)
        tempat = dict(sorted(by_place.items(), reverse=True))  # the first by code stands last and wins
        ppk = {row["kode_kec"]: kode for kode, row in tempat.items() if row["jenis"] == "ppk"}
        pps = {row["kode_desa"]: kode for kode, row in tempat.items() if row["jenis"] == "pps"}
        found: dict[str, dict[str, str]] = {}
        for kode, row in self.tps.items():
            mine = {"tps": row["kode_stop"]}
            mine |= {"ppk": ppk[row["kode_kec"]]} if row["kode_kec"] in ppk else {}
            mine |= {"pps": pps[row["kode_desa"]]} if row["kode_desa"] in pps else {}
            suppliers = [tempat[mine[kind]]["induk"] for kind in ("pps", "ppk") if kind in mine]
            for supplier in suppliers:  # that of the PPK, where both have one, stands last
                if supplier in tempat and tempat[supplier]["jenis"] == "gudang":
                    mine["gudang"] = supplier
            found[kode] = mine
        return found

    @cached_property
    def gates(self) -> dict[str, shapely.Point]:
        """The point that vehicles make for at each stop: the gate that its TPS declare, else where it lies."""
        if self.of:
            return self.of.gates
        found: dict[str, shapely.Point] = {kode: row["geometry"] for kode, row in self.stops.items()}
        for row in self.tps.values():
            if not pd.isna(row["akses_lon"]):
                found[row["kode_stop"]] = shapely.Point(row["akses_lon"], row["akses_lat"])
        return found

    @cached_property
    def gates_metric(self) -> dict[str, shapely.Point]:
        """The same points in metres."""
        if self.of:
            return self.of.gates_metric
        return dict(zip(self.gates, self.ground.in_metres(np.array(list(self.gates.values()))), strict=True))

    @cached_property
    def gates_m(self) -> dict[str, float]:
        """How far each stop lies from its gate [m]; 0 where it has none."""
        if self.of:
            return self.of.gates_m
        gates = shapely.get_coordinates([self.gates[stop] for stop in self.plan.stops.index])
        own = shapely.get_coordinates(self.plan.stops.geometry.to_numpy())
        return dict(zip(self.plan.stops.index, GEOD.inv(*gates.T, *own.T)[2].tolist(), strict=True))

    @cached_property
    def claims(self) -> dict[str, set[Claim]]:
        """What is said of the signal of each TPS: operator, signal, source, day; by the list, others, and coverage."""
        inputs = self.plan.inputs
        found = {kode: {("", row["sinyal_data"], row["sinyal_data_sumber"], "")} for kode, row in self.tps.items()}
        areas = self.rows(inputs.cakupan)
        for row in self.rows(inputs.sinyal):
            found.setdefault(row["kode_tps"], set()).add(said_by(row))
        for kode, tps in self.tps.items():
            found[kode] |= {said_by(area) for area in areas if area["geometry"].intersects(tps["geometry"])}
        return found

    @cached_property
    def signal(self) -> dict[str, tuple[str, str, str]]:
        """What holds of each TPS: operator, signal and its source."""
        found = {}
        for kode, claims in self.claims.items():
            known = [claim for claim in claims if claim[1] != SINYAL[-1]] or list(claims)
            best = min(SUMBER_ORDER.index(claim[2]) for claim in known)
            rows = held_of({claim for claim in known if SUMBER_ORDER.index(claim[2]) == best})
            operator = min(rows, key=lambda name: (SINYAL.index(rows[name][1]), name))
            found[kode] = rows[operator][:3]
        return found

    def forced_wave(self, kode: str) -> Wave | None:
        """Wave that a TPS must go with: one that names it, else one that names its access."""
        by_code = [wave for wave in self.waves.values() if kode in wave.kode_tps]
        by_akses = [wave for wave in self.waves.values() if self.tps[kode]["akses"] in wave.akses]
        return (by_code + by_akses + [None])[0]

    def due_s(self, kode: str, wave: Wave) -> int:
        """By when the boxes of a TPS must be there: the deadline of its wave, or a sooner one [s from midnight]."""
        kerawanan = self.tps.get(kode, {}).get("kerawanan")
        rows = self.plan.inputs.operation.batas
        own = [row.deadline for row in rows if kode in row.kode_tps or kerawanan in row.kerawanan]
        return min(map(midnight_s, [wave.deadline, *own]))

    def day(self, trip: Row) -> int:
        """Midnight at which the day of a trip begins."""
        return self.midnight(trip["wave"], trip["stage"])

    def midnight(self, wave: str, stage: str) -> int:
        """Midnight at which the day of a stage of a wave begins: of an earlier one if its boxes lie overnight."""
        return self._days[wave] - self.stages[stage].earlier_s

    @cached_property
    def _days(self) -> dict[str, int]:
        operation = self.plan.inputs.operation
        return {name: seconds_of(operation.day_of(wave)) for name, wave in self.waves.items()}

    @cached_property
    def closings(self) -> dict[tuple[str, str, str], Closing]:
        """Which closures hold for the trips of each wave and stage by each row of the fleet."""
        return {
            (wave.name, stage.name, fleet.kode): closing(self.plan.inputs, wave, stage, fleet)
            for wave in self.waves.values()
            for stage in self.stages.values()
            for fleet in self.fleet.values()
        }

    @cached_property
    def voting_day(self) -> dict[str, tuple[int, ...]]:
        """Which closures hold on voting day, by vehicle."""
        return {profile: on_voting_day(self.plan.inputs, profile) for profile, _ in self.plan.travel}

    def closing(self, trip: Row) -> Closing:
        """Which closures hold while a trip may be out."""
        return self.closings[trip["wave"], trip["stage"], trip["fleet"]]

    def cell(
        self, profile: str, weather: str, origin: str, target: str, closed: tuple[int, ...] | None = None
    ) -> tuple[int, int]:
        """Seconds and metres of one cell of a travel-time matrix, while some closures hold, or those of voting day.

        Where there is no matrix of these hours, `roads` and `closures` tell what is wrong with that of others.
        """
        times, at = self._matrix(profile, weather, self.voting_day[profile] if closed is None else closed)
        a, b = at[origin], at[target]
        return int(times.seconds[a, b]), int(times.metres[a, b])

    def _matrix(self, profile: str, weather: str, closed: tuple[int, ...]) -> tuple[Any, At]:
        key = profile, weather, closed
        if key not in self._matrices:
            times = self.plan.travel[profile, weather]
            times = times.at_other_hours.get(closed, times)
            self._matrices[key] = times, _at(times.stops)
        return self._matrices[key]

    @cached_property
    def _matrices(self) -> dict[tuple[str, str, tuple[int, ...]], tuple[Any, At]]:
        return self.of._matrices if self.of else {}  # noqa: SLF001 - its own

    @cached_property
    def _snaps(self) -> dict[tuple[str, str], tuple[dict[str, float], dict[str, int]]]:
        """How far and how long each vehicle's stops lie from the road, by vehicle and weather."""
        if self.of:
            return self.of._snaps  # noqa: SLF001 - its own
        snaps = {}
        for key, times in self.plan.travel.items():
            snap_m, carry_s = times.snap_m.astype(np.float64).tolist(), times.carry_s.astype(np.int64).tolist()
            at = times.stops.to_list()
            snaps[key] = dict(zip(at, snap_m, strict=True)), dict(zip(at, carry_s, strict=True))
        return snaps

    def late_s(self, trip: Row, leg: Row, depart: int) -> int:
        """Seconds of a leg in the heavier weather, without the roads that are closed before it is over."""
        weather, now = self.plan.inputs.operation.weather.late, self.closing(trip)
        way = trip["profile"], weather, leg["from_stop"], leg["to_stop"]
        seconds = self._seconds(*way, now.closed)
        return seconds if depart + seconds <= now.closes else self._seconds(*way, now.later)

    def _seconds(self, profile: str, weather: str, origin: str, target: str, closed: tuple[int, ...]) -> int:
        """Seconds as `cell`, where nobody says how long the way is."""
        times, at = self._matrix(profile, weather, closed)
        return int(times.seconds[at[origin], at[target]])

    def snap_m(self, profile: str, stop: str) -> float:
        """How far a stop, or its gate, lies from its road [m]."""
        return self._snaps[profile, self.plan.inputs.operation.weather.plan][0][stop]

    def carry_s(self, profile: str, stop: str, weather: str | None = None) -> int:
        """How long one way of carrying from its road to a stop takes, in the weather of the plan or another [s]."""
        return self._snaps[profile, weather or self.plan.inputs.operation.weather.plan][1][stop]

    @cached_property
    def _handed(self) -> Counter[tuple[str, int]]:
        """How many TPS each leg is for, by trip and order."""
        return Counter((kode, row["order"]) for kode, rows in self.loads.items() for row in rows)

    def handover_s(self, kode_trip: str, leg: Row, weather: str) -> int:
        """Time at the end of a leg: once a stop, once a TPS, and carrying there and back [s]."""
        trip = self.trips[kode_trip]
        if trip["pinned"]:  # its roads may be others today; what it took stays
            after = [other["depart"] for other in self.legs[kode_trip] if other["order"] == leg["order"] + 1]
            return int(after[0] - leg["arrive"]) + self._carried_longer_s(leg, weather) if after else 0
        stage, carry_s = self.stages[trip["stage"]], self.carry_s(trip["profile"], leg["to_stop"], weather)
        handed = self._handed[kode_trip, leg["order"]]
        per_tps = whole_seconds(stage.handover_minutes_per_tps)
        return whole_seconds(stage.handover_minutes_per_stop) + per_tps * handed + 2 * carry_s

    def _carried_longer_s(self, leg: Row, weather: str) -> int:
        """How much longer the carrying of a leg takes, there and back, in some weather than in that of the plan [s]."""
        kmh = self.plan.inputs.speeds.carry_kmh
        if weather == self.plan.inputs.operation.weather.plan:
            return 0
        walk_m, walk_s = float(leg["walk_m"]), int(leg["walk_s"])
        return 2 * (math.ceil(walk_m * 3.6 / (kmh[WEATHERS.index(weather)] or 1.0)) - walk_s)


def _at(stops: pd.Index) -> At:
    return {stop: number for number, stop in enumerate(stops.to_list())}


def seconds_of(day: dt.date, time: dt.time = dt.time()) -> int:
    """Whole seconds since 1970 at a local time of a day."""
    return int((dt.datetime.combine(day, time) - EPOCH).total_seconds())


def midnight_s(time: dt.time) -> int:
    """Whole seconds since midnight."""
    return time.hour * 3600 + time.minute * 60 + time.second


def whole_seconds(minutes: float) -> int:
    """Minutes as whole seconds, rounded up: a plan never counts on half a second."""
    return math.ceil(minutes * 60 - 1e-6)


def clock(seconds: int | None) -> str:
    """Say a time: day and clock, a dash for none, the seconds where no calendar goes that far."""
    if seconds is None:
        return "-"
    try:
        return f"{EPOCH + dt.timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"
    except OverflowError:
        return f"{seconds} s"
