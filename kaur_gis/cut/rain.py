"""Random rains: how likely each TPS is served late, and what an earlier wave or a store at the PPK changes.

Every day from the one before the first wave on it rains heavily with a stated chance. On such a day everything takes as
long as in the heavier weather, and bridges, fords and roads fail with stated chances; what failed stays closed. The
trips are driven as they are planned, each leg by the quickest way that is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from kaur_gis.config import Operation, RainChances, Weather
from kaur_gis.cut.segments import Chains, Segments, chains_of, segments_of
from kaur_gis.hours import Closed, Hours
from kaur_gis.layers import RainRisk, checked
from kaur_gis.plan import Plan
from kaur_gis.summary import arrivals
from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Floats, Ints, Network
from kaur_gis.travel.speeds import UNPAVED, surface_kind

Bools = NDArray[np.bool_]
Time = float
"""Seconds since 1970; NEVER where a road is closed on the way."""
NEVER = float("inf")
WORTH = 0.05  # advice is given where it takes away at least so much of the chance to be late
Leg = tuple[str, str, str, Closed]
"""Vehicle of the speed table, the stops between which it drives, and the closures that hold then."""


def rain_risk(plan: Plan) -> pd.DataFrame:
    """Drive a plan through random rains.

    Parameters
    ----------
    plan : Plan
        Its operation states the chances (`Operation.hujan`), assumed unless given there, and the seed.

    Returns
    -------
    DataFrame
        Layer `RainRisk`, the TPS that have a trip.
    """
    operation, chances = plan.inputs.operation, plan.inputs.operation.hujan
    closed = sorted(set(Hours.of(plan.inputs).closed(plan.trips)))
    weathers = {operation.weather.plan, operation.weather.late}
    roads = {weather: [_Roads.of(plan, weather, own) for own in closed] for weather in weathers}
    fails = fail_chance(plan, chances)
    drawn = np.random.default_rng(chances.benih)
    days = _days(operation)
    late: dict[str, Ints] = {}
    deadline = {kode: due.timestamp() for kode, due in arrivals(plan)["deadline"].items()}
    own = _Trips.of(plan)
    kinds = ("now", "earlier", "stored")
    for _ in range(chances.jumlah):
        gone = np.zeros(len(fails), dtype=np.bool_)
        seconds: dict[int, dict[Leg, int]] = {}
        weather: dict[int, Weather] = {}
        for day in range(max(days) + 1, min(days) - 1, -1):
            heavy = bool(drawn.random() < chances.lebat)
            rolled = drawn.random(len(fails)) < fails
            if heavy:
                gone = gone | rolled
            weather[day] = operation.weather.late if heavy else operation.weather.plan
            seconds[day] = {leg: s for own in roads[weather[day]] for leg, s in own.seconds(gone).items()}
        for day in days:
            here, _ = own.driven(day, seconds[day], weather[day])
            before, brought = own.driven(day, seconds[day + 1], weather[day + 1])
            stored, _ = own.driven(day, seconds[day], weather[day], brought)
            for kode in own.tps[day]:
                missed = (here[kode] > deadline[kode], before[kode] == NEVER, stored[kode] > deadline[kode])
                late.setdefault(kode, np.zeros(len(kinds), dtype=np.int64))[:] += missed
    table = pd.DataFrame.from_dict(late, orient="index", columns=list(kinds)).astype("float64") / chances.jumlah
    return _laid_out(plan, table)


def fail_chance(plan: Plan, chances: RainChances) -> Floats:
    """Chance that each line of the network fails on a day of heavy rain, at the first of its arcs; shape (m,)."""
    network = Network.of(plan.inputs.roads)
    edges, km = network.edges, network.mm / 1_000_000
    unpaved = surface_kind(edges, plan.inputs.speeds) == UNPAVED
    stands = (
        (1 - chances.jembatan) ** edges["bridges"].to_numpy()
        * (1 - chances.lintasan) ** edges["fords"].to_numpy()
        * (1 - np.where(unpaved, chances.tanah_per_km, chances.jalan_per_km)) ** km
    )
    fails: Floats = np.where(network.lines, 1 - stands, 0.0)
    return fails


def _days(operation: Operation) -> list[int]:
    """Days before voting day on which something is driven, the first one first."""
    return sorted({wave.days_before for wave in operation.waves}, reverse=True)


def _laid_out(plan: Plan, late: pd.DataFrame) -> pd.DataFrame:
    """Give each TPS its chances, and the advice that helps most."""
    wave = (
        plan.trips["wave"]
        .reindex(plan.loads.index.get_level_values("kode_trip"))
        .set_axis(plan.loads.index.get_level_values("kode_tps"))
    )
    frame = pd.DataFrame(plan.tps.loc[late.index, ["nama_kec", "nama_desa", "no_tps", "pemilih"]])
    frame["kotak"] = plan.kits["kotak"].loc[late.index]
    frame["wave"] = wave[~wave.index.duplicated()].loc[late.index].astype("str")
    frame["late"], frame["late_earlier"], frame["late_stored"] = late["now"], late["earlier"], late["stored"]
    helps = late["now"] - np.minimum(late["earlier"], late["stored"])
    better = np.where(late["stored"] <= late["earlier"], "ppk", "wave")  # storing disturbs less
    frame["advice"] = pd.Series(np.where(helps >= WORTH, better, ""), index=late.index, dtype="str")
    return checked(frame.rename_axis("kode_tps").sort_index(), RainRisk)


@dataclass(frozen=True)
class _Visit:
    """A leg of a trip: when it was to depart, the time at its end by weather [s], whose boxes are handed there."""

    leg: Leg
    depart: int
    handing: Mapping[str, int]
    kodes: tuple[str, ...]


@dataclass(frozen=True)
class _Trip:
    """One trip: its stage by number, when it was to depart, and how long it is loaded [s].

    Before it the vehicle may come to its base, empty: that leg, and when it was to depart.
    """

    stage: int
    vehicle: str
    depart: int
    loading: int
    visits: tuple[_Visit, ...]
    kodes: tuple[str, ...]
    came: tuple[tuple[Leg, int], ...]


@dataclass(frozen=True, eq=False)
class _Trips:
    """The trips of a plan by the day before voting day: of each day in the order in which they depend on each other."""

    trips: Mapping[int, list[_Trip]]
    tps: Mapping[int, Mapping[str, str]]
    last: frozenset[int]  # numbers of the stages that end at the TPS

    @classmethod
    def of(cls, plan: Plan) -> _Trips:
        """Take the trips from the layers."""
        operation = plan.inputs.operation
        stages, day = list(operation.stages), {wave.name: wave.days_before for wave in operation.waves}
        names = [stage.name for stage in stages]
        handed: dict[tuple[str, int], list[str]] = defaultdict(list)
        orders: dict[Any, int] = plan.loads["order"].to_dict()
        for (code, kode), order in orders.items():
            handed[code, order].append(kode)
        legs: dict[str, list[tuple[int, str, str, int, int]]] = defaultdict(list)
        columns = ["from_stop", "to_stop", "depart", "arrive"]
        driven: list[Any] = list(plan.legs[columns].sort_index().itertuples(name=None))
        for (code, order), origin, target, depart, arrive in driven:
            legs[code].append((order, origin, target, int(depart.timestamp()), int(arrive.timestamp())))
        trips: dict[int, list[_Trip]] = {number: [] for number in day.values()}
        tps: dict[int, dict[str, str]] = {number: {} for number in day.values()}
        closed = dict(zip(plan.trips.index, Hours.of(plan.inputs).closed(plan.trips), strict=True))
        in_order: list[Any] = list(plan.trips.sort_values(["depart", "trip_no"]).reset_index().itertuples())
        for trip in in_order:
            every = legs[str(trip.kode_trip)]
            own = [leg for leg in every if leg[0]]
            ends = [depart for _, _, _, depart, _ in own[1:]] + [own[-1][4]]
            stage = names.index(trip.stage)
            visits = tuple(
                _Visit(
                    (trip.profile, origin, target, closed[trip.kode_trip]),
                    depart,
                    {weather: end - arrive + more for weather, more in _carrying(plan, trip.profile, target).items()},
                    tuple(handed[str(trip.kode_trip), order]),
                )
                for (order, origin, target, depart, arrive), end in zip(own, ends, strict=True)
            )
            came = tuple(
                ((trip.profile, origin, target, closed[trip.kode_trip]), depart)
                for order, origin, target, depart, _ in every
                if not order
            )
            kodes = tuple(kode for visit in visits for kode in visit.kodes)
            loading = int(np.ceil(stages[stage].loading_minutes * 60 - 1e-6))
            trips[day[trip.wave]].append(
                _Trip(stage, trip.vehicle, int(trip.depart.timestamp()), loading, visits, kodes, came)
            )
            if trip.stage in operation.to_tps:
                tps[day[trip.wave]] |= dict.fromkeys(kodes, trip.wave)
        for some in trips.values():
            some.sort(key=lambda trip: trip.stage)
        return cls(trips, tps, frozenset(names.index(name) for name in operation.to_tps))

    def driven(
        self, day: int, seconds: Mapping[Leg, int], weather: str, brought: Mapping[str, Time] | None = None
    ) -> tuple[dict[str, Time], dict[str, Time]]:
        """Drive the trips of one day.

        Parameters
        ----------
        day : int
        seconds : mapping
            Of each leg, -1 where there is no way.
        weather : str
        brought : mapping, optional
            `kode_tps` -> NEVER where its boxes did not come to the base of the last stage; those of the others are
            there already. Without it they are brought now.

        Returns
        -------
        dict
            `kode_tps` -> when it is reached.
        dict
            `kode_tps` -> when its boxes are at the base of the last stage.
        """
        ready: dict[str, Time] = {}
        reached: dict[str, Time] = {}
        free: dict[str, Time] = {}
        if brought is not None:
            ready = {kode: NEVER if time == NEVER else 0.0 for kode, time in brought.items()}
        for trip in self.trips[day]:
            if brought is not None and trip.stage not in self.last:
                continue
            waits = [free.get(trip.vehicle, 0.0), *(ready.get(kode, 0.0) for kode in trip.kodes)]
            waits += [NEVER if seconds[leg] < 0 else depart + seconds[leg] for leg, depart in trip.came]
            now: Time = max(trip.depart, max(waits) + trip.loading)
            for visit in trip.visits:
                way = seconds[visit.leg]
                now = NEVER if way < 0 else max(visit.depart, now) + way
                free[trip.vehicle] = now
                if trip.stage in self.last:
                    reached |= dict.fromkeys(visit.kodes, now)
                now += visit.handing[weather]
                if trip.stage not in self.last:
                    ready |= dict.fromkeys(visit.kodes, now)
        return reached, ready


def _carrying(plan: Plan, profile: str, stop: str) -> dict[str, int]:
    """How much longer boxes are carried at a stop in either weather than in that of the plan [s]."""
    weather = plan.inputs.operation.weather
    times = {name: plan.travel[profile, name] for name in {weather.plan, weather.late}}
    carry = {name: int(one.carry_s[one.stops.get_loc(stop)]) for name, one in times.items()}
    return {name: 2 * (seconds - carry[weather.plan]) for name, seconds in carry.items()}


@dataclass(frozen=True, eq=False)
class _Roads:
    """The drives of a plan in one weather and with some closures, searched again where a road on their way fails."""

    segments: Segments
    chains: Chains
    legs: list[Leg]
    ends: Ints
    whole: Ints
    uses: csr_array
    known: dict[bytes, dict[Leg, int]]

    @classmethod
    def of(cls, plan: Plan, weather: str, closed: Closed = ()) -> _Roads:
        """Find the way of each leg, in the hours of which these closures hold, with nothing failing."""
        own = [state == closed for state in Hours.of(plan.inputs).closed(plan.trips)]
        inputs = replace(plan.inputs, roads=plan.inputs.roads.while_closed(closed))
        planned = inputs.operation.weather.model_copy(update={"plan": weather})
        operation = inputs.operation.model_copy(update={"weather": planned})
        profile = {str(code): str(vehicle) for code, vehicle in plan.trips["profile"][own].items()}
        driven = plan.legs.reset_index()[["kode_trip", "from_stop", "to_stop"]].itertuples(index=False, name=None)
        legs = sorted({(profile[code], str(a), str(b), closed) for code, a, b in driven if code in profile})
        vehicles = sorted({leg[0] for leg in legs})
        segments = segments_of(replace(inputs, operation=operation), plan.stops, vehicles)
        chains = chains_of(segments)
        row = {str(stop): at for at, stop in enumerate(plan.stops.index)}
        ends = np.array(
            [(segments.place[vehicle][row[a]], segments.place[vehicle][row[b]]) for vehicle, a, b, _ in legs],
            dtype=np.int64,
        ).reshape(-1, 2)
        whole = [
            int(times.seconds[times.stops.get_loc(a), times.stops.get_loc(b)])
            for vehicle, a, b, _ in legs
            for times in (plan.travel[vehicle, weather].while_closed(closed),)
        ]
        roads = cls(segments, chains, legs, ends, np.array(whole, dtype=np.int64), csr_array((0, 0)), {})
        return replace(roads, uses=roads._ways())

    def seconds(self, gone: Bools) -> dict[Leg, int]:
        """Seconds of each leg with some arcs gone, -1 where there is no way."""
        hit = (self.uses @ gone.astype(np.int64)) > 0
        key = np.packbits(gone).tobytes() if hit.any() else b""
        if key not in self.known:
            found = self.whole.copy()
            failed = np.zeros(len(self.chains.tail), dtype=np.bool_)
            own = self.chains.of >= 0
            failed[self.chains.of[own & gone[self.segments.arc]]] = True
            for vehicle in sorted({self.legs[at][0] for at in np.flatnonzero(hit)}):
                mine = np.array([at for at in np.flatnonzero(hit) if self.legs[at][0] == vehicle])
                origins, at = np.unique(self.ends[mine, 0], return_inverse=True)
                ms, _ = self._search(vehicle, failed, origins)
                there = ms[at, self.ends[mine, 1]]
                found[mine] = np.where(np.isinf(there), -1, np.ceil(np.where(np.isinf(there), 0, there) / 1000))
            self.known[key] = dict(zip(self.legs, found.tolist(), strict=True))
        return self.known[key]

    def _search(self, vehicle: str, failed: Bools, origins: Ints) -> tuple[Floats, Ints]:
        """Search times [ms] and predecessors from some nodes to all, shape (origins, nodes)."""
        tail, head = np.array(self.chains.tail, dtype=np.int64), np.array(self.chains.head, dtype=np.int64)
        ends = np.concatenate([np.stack([tail, head]), np.stack([head, tail])], axis=1)
        ms = np.concatenate([self.chains.forth[vehicle], self.chains.back[vehicle]])
        open_ = (ms < FAR) & ~np.tile(failed, 2)
        ends, ms = ends[:, open_], ms[open_]
        order = np.lexsort((ms, *ends))
        ends, ms = ends[:, order], ms[order]
        quickest = np.append(True, (ends[:, 1:] != ends[:, :-1]).any(axis=0))[: len(ms)]
        n = self.segments.n_nodes
        # 0 would be no arc to scipy
        graph = csr_array((np.maximum(ms[quickest], 1e-6), (ends[0, quickest], ends[1, quickest])), shape=(n, n))
        found = dijkstra(graph, indices=origins, return_predecessors=True)
        return found[0], found[1].astype(np.int64)

    def _ways(self) -> csr_array:
        """Which arcs each leg drives along with nothing failing, shape (legs, arcs)."""
        pairs: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
        rows, columns = [], []
        of_chain: dict[int, Ints] = {
            chain: self.segments.arc[self.chains.of == chain] for chain in range(len(self.chains.tail))
        }
        nothing = np.zeros(len(self.chains.tail), dtype=np.bool_)
        for vehicle in sorted({leg[0] for leg, seconds in zip(self.legs, self.whole, strict=True) if seconds > 0}):
            cost: dict[tuple[int, int], int] = {}
            both = (self.chains.forth[vehicle].tolist(), self.chains.back[vehicle].tolist())
            for chain, (a, b) in enumerate(zip(self.chains.tail, self.chains.head, strict=True)):
                for (one, other), ms in (((a, b), both[0][chain]), ((b, a), both[1][chain])):
                    if ms < cost.get((one, other), FAR):
                        cost[one, other], pairs[vehicle][one, other] = ms, chain
            mine = [at for at, leg in enumerate(self.legs) if leg[0] == vehicle and self.whole[at] > 0]
            origins, at = np.unique(self.ends[mine, 0], return_inverse=True)
            _, before = self._search(vehicle, nothing, origins)
            for leg, origin in zip(mine, at.tolist(), strict=True):
                node = int(self.ends[leg, 1])
                while (previous := int(before[origin, node])) >= 0:
                    arcs = of_chain[pairs[vehicle][previous, node]]
                    rows += [leg] * len(arcs)
                    columns += arcs.tolist()
                    node = previous
        shape = (len(self.legs), len(self.segments.network.edges))
        return csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape)
