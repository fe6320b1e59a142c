"""Random rains: how likely each TPS is served late, and what an earlier wave or a store at the PPK changes.

Every day from the one before the first wave on it rains heavily with a stated chance. On such a day everything takes as
long as in the heavier weather, and bridges, fords and roads fail with stated chances; what failed stays closed. The
trips are driven as they are planned, each leg by the quickest way that is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kaur_gis.config import Operation, RainChances, Weather
from kaur_gis.cut.drives import Drives, Leg
from kaur_gis.hours import Hours
from kaur_gis.layers import RainRisk, checked
from kaur_gis.plan import Plan
from kaur_gis.summary import arrivals
from kaur_gis.travel.network import Floats, Ints, Network
from kaur_gis.travel.speeds import UNPAVED, surface_kind

Time = float
"""Seconds since 1970; NEVER where a road is closed on the way."""
NEVER = float("inf")
KINDS = ("now", "earlier", "stored")
NORMAL = 1.959964  # standard deviations on either side of the mean that hold 95 % of a normal distribution
WORTH = 0.05  # advice is given where it takes away at least so much of the chance to be late


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
    roads = {weather: [Drives.of(plan, weather, own) for own in closed] for weather in weathers}
    fails = fail_chance(plan, chances)
    drawn = np.random.default_rng(chances.benih)
    days, nights = _days(operation), operation.days_earlier
    deadline = {kode: due.timestamp() for kode, due in arrivals(plan)["deadline"].items()}
    own = _Trips.of(plan)
    late = {day: np.zeros((len(own.tps[day]), len(KINDS)), dtype=np.int64) for day in days}

    @cache  # most rains spoil none of the roads that are driven, and many the same
    def missed(day: int, states: tuple[_State, ...]) -> Ints:
        """Mark who of a day is late, in each of `KINDS`, in the states of the roads on it, a day earlier, and so on."""
        on = [OnDay(_seconds(roads, state), state[0]) for state in states]
        here, _ = own.driven(day, on)
        earlier, brought = own.driven(day, on[1:])
        stored, _ = own.driven(day, on, brought)
        marks = [
            (here[kode] > deadline[kode], earlier[kode] == NEVER, stored[kode] > deadline[kode])
            for kode in own.tps[day]
        ]
        return np.array(marks, dtype=np.int64).reshape(-1, len(KINDS))

    for _ in range(chances.jumlah):
        gone = np.zeros(len(fails), dtype=np.bool_)
        states: dict[int, _State] = {}
        for day in range(max(days) + nights + 1, min(days) - 1, -1):
            heavy = bool(drawn.random() < chances.lebat)
            rolled = drawn.random(len(fails)) < fails
            if heavy:
                gone = gone | rolled
            weather = operation.weather.late if heavy else operation.weather.plan
            states[day] = weather, tuple(own.spoilt(gone) for own in roads[weather])
        for day in days:
            late[day] += missed(day, tuple(states[day + night] for night in range(nights + 2)))
    kodes = [kode for day in days for kode in own.tps[day]]
    table = pd.DataFrame(np.concatenate([late[day] for day in days]), index=kodes, columns=list(KINDS))
    table = table.astype("float64") / chances.jumlah
    return _laid_out(plan, table)


_State = tuple[Weather, tuple[bytes, ...]]
"""Weather of a day, and what `Drives.spoilt` says then."""


class OnDay(NamedTuple):
    """How one day is driven: seconds of each leg, -1 where there is no way, and the weather."""

    seconds: Mapping[Leg, int]
    weather: str


def _seconds(roads: Mapping[Weather, list[Drives]], state: _State) -> dict[Leg, int]:
    """Seconds of every leg, in all hours."""
    weather, spoilt = state
    return {leg: s for own, key in zip(roads[weather], spoilt, strict=True) for leg, s in own.seconds(key).items()}


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


def margin(chance: Floats, rains: int) -> tuple[Floats, Floats]:
    """Between what the chance itself lies with 95 % certainty, where a share of so many rains is known: Wilson's score.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
       American Statistical Association 22, 209-212.
    """
    about = chance + NORMAL**2 / (2 * rains)
    off = NORMAL * np.sqrt(chance * (1 - chance) / rains + (NORMAL / (2 * rains)) ** 2)
    whole = 1 + NORMAL**2 / rains
    return np.maximum(about - off, 0) / whole, np.minimum((about + off) / whole, 1)


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
    """A leg of a trip: when it was to depart, whose boxes are handed there, and by weather how long that takes [s].

    Carrying them there is part of it.
    """

    leg: Leg
    depart: int
    carrying: Mapping[str, int]
    handing: Mapping[str, int]
    kodes: tuple[str, ...]


@dataclass(frozen=True)
class _Trip:
    """One trip: its stage by number, so many days before that of its wave, when it was to depart, and loading [s].

    Before it the vehicle may come to its base, empty: that leg, and when it was to depart.
    """

    stage: int
    days_earlier: int
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
                    carried := _carrying(plan, trip.profile, target),
                    {
                        weather: end - arrive + 2 * (own - carried[operation.weather.plan])
                        for weather, own in carried.items()
                    },
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
                _Trip(
                    stage,
                    stages[stage].days_earlier,
                    trip.vehicle,
                    int(trip.depart.timestamp()),
                    loading,
                    visits,
                    kodes,
                    came,
                )
            )
            if trip.stage in operation.to_tps:
                tps[day[trip.wave]] |= dict.fromkeys(kodes, trip.wave)
        for some in trips.values():
            some.sort(key=lambda trip: trip.stage)
        return cls(trips, tps, frozenset(names.index(name) for name in operation.to_tps))

    def driven(
        self, day: int, on: Sequence[OnDay], brought: Mapping[str, Time] | None = None
    ) -> tuple[dict[str, Time], dict[str, Time]]:
        """Drive the trips of the waves of one day.

        Parameters
        ----------
        day : int
        on : sequence of OnDay
            That day, the one before it, and so on, as far as stages are driven earlier.
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
            seconds, weather = on[trip.days_earlier]
            # who waits at the base hears that a road is closed, and leaves without what does not come
            missing = {kode for kode in trip.kodes if ready.get(kode, 0.0) == NEVER}
            left = [] if len(missing) == len(trip.kodes) else trip.visits
            there = reached if trip.stage in self.last else ready
            there |= dict.fromkeys(missing if left else trip.kodes, NEVER)
            waits = [free.get(trip.vehicle, 0.0), *(ready.get(kode, 0.0) for kode in trip.kodes if kode not in missing)]
            waits += [NEVER if seconds[leg] < 0 else depart + seconds[leg] for leg, depart in trip.came]
            now: Time = max(trip.depart, max(waits) + trip.loading)
            for visit in left:
                way = seconds[visit.leg]
                now = NEVER if way < 0 else max(visit.depart, now) + way
                free[trip.vehicle] = now
                handed = now + visit.handing[weather]
                brought_there = (kode for kode in visit.kodes if kode not in missing)
                at_tps = now + visit.carrying[weather]
                there |= dict.fromkeys(brought_there, at_tps if trip.stage in self.last else handed)
                now = handed
        return reached, ready


def _carrying(plan: Plan, profile: str, stop: str) -> dict[str, int]:
    """How long boxes are carried at a stop in either weather [s]."""
    weather = plan.inputs.operation.weather
    times = {name: plan.travel[profile, name] for name in {weather.plan, weather.late}}
    return {name: int(one.carry_s[one.stops.get_loc(stop)]) for name, one in times.items()}
