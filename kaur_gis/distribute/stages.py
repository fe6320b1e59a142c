"""Which TPS, from which base, by which vehicle: the operation's chain as routing problems.

A chain gudang -> PPK -> TPS is a row of stages; each base of a stage, each wave on its own day, is one
`RoutingProblem`. Whoever can't be served even by a vehicle of its own is found here, with the reason.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaur_gis.config import Fleet, Operation, Stage, Wave, seconds_of_day
from kaur_gis.distribute.coming import coming_s
from kaur_gis.distribute.kept import Kept
from kaur_gis.distribute.pool import Parked
from kaur_gis.distribute.problem import Client, Price, RoutingProblem, VehicleKind
from kaur_gis.hours import Held, Hours
from kaur_gis.inputs import Inputs
from kaur_gis.problems import TravelError
from kaur_gis.travel import TravelTimes

OBSTACLES = ("no_vehicle", "too_far_from_road", "no_road", "no_way_back", "too_big", "no_time")
"""In the order in which they are met; the reason is the last one that the luckiest vehicle meets."""


@dataclass(frozen=True)
class Beside:
    """Goods of a PPK or PPS that ride with the boxes of a TPS.

    Attributes
    ----------
    words : tuple of str
        For whom: ``ppk``, ``pps``.
    kotak : int
        Boxes.
    kg, m3 : float
        [kg], [m³].
    """

    words: tuple[str, ...] = ()
    kotak: int = 0
    kg: float = 0.0
    m3: float = 0.0

    def and_with(self, other: Beside) -> Beside:
        """Both together."""
        words = tuple(sorted({*self.words, *other.words}))
        return Beside(words, self.kotak + other.kotak, self.kg + other.kg, self.m3 + other.m3)

    def added_to(self, demand: tuple[int, int, int]) -> tuple[int, int, int]:
        """Boxes, grams and cubic centimetres of a TPS with these goods."""
        kotak, grams, cm3 = demand
        return kotak + self.kotak, grams + math.ceil(self.kg * 1e3 - 1e-6), cm3 + math.ceil(self.m3 * 1e6 - 1e-6)


@dataclass(frozen=True, eq=False)
class Chain:
    """Everything a stage asks for, looked up once.

    Attributes
    ----------
    operation : Operation
    travel : mapping of (vehicle, weather) to TravelTimes
    row : mapping
        `kode_stop` -> its row and column in every matrix of `travel`.
    nodes : mapping
        `kode_tps` -> kind of place -> `kode_stop` where its boxes are handed over; a kind that the chain
        of a TPS lacks is missing.
    akses : mapping
        `kode_tps` -> akses.
    demand : mapping
        `kode_tps` -> boxes, grams, cubic centimetres; rounded up, as capacities are rounded down.
    weather : str
        In which everything is driven.
    hours : Hours
        Which closures hold when.
    wave : Wave or None
        In the hours of which everything is driven; None where nothing is.
    kept : Kept or None
        Trips of an older plan that stay.
    ways : mapping
        `kode_tps` -> names of the stages, and legs of the way back, by which its boxes go.
    beside : mapping
        (`kode_tps`, stage) -> what rides with its boxes there; missing for nothing.
    """

    operation: Operation
    travel: Mapping[tuple[str, str], TravelTimes]
    row: Mapping[str, int]
    nodes: Mapping[str, Mapping[str, str]]
    akses: Mapping[str, str]
    demand: Mapping[str, tuple[int, int, int]]
    weather: str
    hours: Hours
    wave: Wave | None = None
    kept: Kept | None = None
    ways: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beside: Mapping[tuple[str, str], Beside] = field(default_factory=dict)

    def load(self, kode_tps: str, stage: Stage) -> tuple[int, int, int]:
        """Boxes, grams and cubic centimetres that a stage brings with a TPS."""
        return self.beside.get((kode_tps, stage.name), Beside()).added_to(self.demand[kode_tps])

    def goes(self, kode_tps: str, stage: Stage) -> bool:
        """Whether the boxes of a TPS go by a stage: others skip it."""
        return stage.name in self.ways[kode_tps]

    def at(self, stops: Iterable[str]) -> list[int]:
        """Rows of some stops in every matrix."""
        return [self.row[stop] for stop in stops]

    def base(self, kode_tps: str, stage: Stage) -> str | None:
        """Stop from which a stage brings the boxes of a TPS."""
        return self.nodes[kode_tps].get(stage.origin)

    def target(self, kode_tps: str, stage: Stage) -> str | None:
        """Stop to which a stage brings the boxes of a TPS."""
        return self.nodes[kode_tps].get(stage.target)

    def fleet_at(self, base: str, stage: Stage) -> list[Fleet]:
        """Vehicles that stand at a base for a stage, in the operation's order."""
        rows = (fleet for fleet in self.operation.fleet if fleet.stage == stage.armada and fleet.count)
        return [fleet for fleet in rows if not fleet.bases or base in fleet.bases]

    def times(self, stage: Stage, fleet: Fleet, *, later: bool = False) -> TravelTimes:
        """Travel times of a vehicle in a stage, in the weather and the wave of the chain.

        Those of drives that last into the hours of another closure (`closes_s`) count what is closed `later`, too.

        Raises
        ------
        TravelError
            For a chain of no wave (`on`).
        """
        held, _ = self._held(stage, fleet)
        return self.travel[fleet.vehicle, self.weather].while_closed(held.later if later else held.closed)

    def longer_s(self, kode_tps: str, stage: Stage, kode_fleet: str) -> int:
        """By how much boxes of a TPS are handed over more slowly in the late case, where they are carried [s]."""
        fleet = next(row for row in self.operation.fleet if row.kode == kode_fleet)
        at = self.row[self.nodes[kode_tps][stage.target]]
        late, planned = (chain.times(stage, fleet).carry_s[at] for chain in (self.heavier(), self))
        return visit_s(stage, int(late)) - visit_s(stage, int(planned))

    def closes_s(self, stage: Stage, fleet: Fleet) -> int | None:
        """When another closure begins after the hours of a stage [s from midnight]; None for never; as `times`."""
        held, midnight = self._held(stage, fleet)
        return None if held.closes is None else int((held.closes - midnight).total_seconds())

    def _held(self, stage: Stage, fleet: Fleet) -> tuple[Held, dt.datetime]:
        if self.wave is None:
            msg = "a chain without a wave has no hours"
            raise TravelError(msg)
        midnight = dt.datetime.combine(self.operation.day_of(self.wave), dt.time())
        return self.hours.held(self.wave, stage, fleet), midnight

    def heavier(self) -> Chain:
        """Take the same chain to the weather of the late case."""
        return replace(self, weather=self.operation.weather.late)

    def on(self, wave: Wave) -> Chain:
        """Take the same chain to the hours of a wave."""
        return replace(self, wave=wave)


def chain_of(
    inputs: Inputs,
    tps: pd.DataFrame,
    kits: pd.DataFrame,
    stops: pd.DataFrame,
    travel: Mapping[tuple[str, str], TravelTimes],
    kept: Kept | None = None,
) -> Chain:
    """Look up what the stages ask for, in the weather of the plan.

    Raises
    ------
    TravelError
        If a matrix is not over the stops, in their order.
    """
    for (vehicle, weather), times in travel.items():
        if not times.stops.equals(stops.index):
            msg = f"travel times of {vehicle} in {weather} are not over the stops"
            raise TravelError(msg)
    return Chain(
        operation=inputs.operation,
        travel=travel,
        row={str(stop): row for row, stop in enumerate(stops.index)},
        nodes=_nodes(tps, inputs.tempat),
        akses={str(kode): str(akses) for kode, akses in tps["akses"].items()},
        demand=demand_of(tps, kits),
        weather=inputs.operation.weather.plan,
        hours=Hours.of(inputs),
        kept=kept,
        ways=_ways(inputs.operation, tps),
    )


def _ways(operation: Operation, tps: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Name the stages and the legs of the way back by which the boxes of each TPS go."""
    of = {}
    for kec in set(tps["kode_kec"]):
        rows = operation.stages_of(kec) + operation.kembali_of("kotak", kec) + operation.kembali_of("salinan", kec)
        of[kec] = frozenset(row.name for row in rows)
    return {str(kode): of[kec] for kode, kec in tps["kode_kec"].items()}


def demand_of(tps: pd.DataFrame, kits: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    """Boxes, grams and cubic centimetres of each TPS, rounded up, as capacities are rounded down."""
    columns = (kits.loc[tps.index, name] for name in ("kotak", "kg", "m3"))
    return {
        str(kode): (int(kotak), math.ceil(kg * 1e3 - 1e-6), math.ceil(m3 * 1e6 - 1e-6))
        for kode, kotak, kg, m3 in zip(tps.index, *columns, strict=True)
    }


def _nodes(tps: pd.DataFrame, tempat: gpd.GeoDataFrame) -> dict[str, dict[str, str]]:
    """Find the places of each TPS: its PPS by village, its PPK by kecamatan, the gudang that supplies them."""
    places = tempat.sort_index()
    pps = _first(places[places["jenis"] == "pps"], "kode_desa")
    ppk = _first(places[places["jenis"] == "ppk"], "kode_kec")
    kinds, supplier = (dict(places[name].items()) for name in ("jenis", "induk"))
    found = {}
    for kode, desa, kec, stop in zip(tps.index, tps["kode_desa"], tps["kode_kec"], tps["kode_stop"], strict=True):
        nodes = {"pps": pps.get(desa), "ppk": ppk.get(kec), "tps": str(stop)}
        suppliers = [supplier[place] for place in (nodes["ppk"], nodes["pps"]) if place is not None]
        nodes["gudang"] = next((str(place) for place in suppliers if kinds.get(place) == "gudang"), None)
        found[str(kode)] = {kind: place for kind, place in nodes.items() if place is not None}
    return found


def _first(places: gpd.GeoDataFrame, column: str) -> dict[str, str]:
    """First place, by code, of each value of a column."""
    return {str(area): str(codes.index[0]) for area, codes in places.groupby(column, sort=True)}


def capacity_of(fleet: Fleet) -> tuple[int, int, int]:
    """Boxes, grams and cubic centimetres that a vehicle takes, rounded down."""
    return fleet.max_kotak, math.floor(fleet.max_kg * 1e3 + 1e-6), math.floor(fleet.max_m3 * 1e6 + 1e-6)


def fits(demand: Sequence[int], capacity: Sequence[int]) -> bool:
    """Whether a load is not more than a vehicle takes, in no dimension."""
    return all(load <= most for load, most in zip(demand, capacity, strict=True))


def minutes_s(minutes: float) -> int:
    """Whole seconds of minutes, rounded up: a plan never counts on half a second."""
    return math.ceil(minutes * 60 - 1e-6)


def hours_s(hours: float) -> int:
    """Whole seconds of hours that are a limit, rounded down."""
    return math.floor(hours * 3600 + 1e-6)


def arrive_by_s(wave: Wave) -> int:
    """Until when the boxes of a wave must be at their TPS: the deadline less the buffer [s from midnight]."""
    return seconds_of_day(wave.deadline) - minutes_s(wave.buffer_minutes)


def visit_s(stage: Stage, carry_s: int) -> int:
    """Seconds that a visit takes whatever is handed over: the stop itself, and carrying there and back."""
    return minutes_s(stage.handover_minutes_per_stop) + 2 * carry_s


@dataclass(frozen=True, eq=False)
class Case:
    """One base of one stage in one wave.

    Attributes
    ----------
    stage : Stage
    wave : Wave
    base : str
    vehicles : tuple of Parked
        Kinds of the problem.
    stops : tuple of str
        Places of the problem: `kode_stop`, the base first.
    members : tuple of str
        Clients of the problem: `kode_tps`.
    problem : RoutingProblem
    """

    stage: Stage
    wave: Wave
    base: str
    vehicles: tuple[Parked, ...]
    stops: tuple[str, ...]
    members: tuple[str, ...]
    problem: RoutingProblem


def obstacle(chain: Chain, stage: Stage, fleet: Fleet, kode_tps: str, base: str) -> str:
    """Name what keeps one vehicle, alone and with all the time there is, from serving a TPS; ``""`` for nothing."""
    if stage.target == "tps" and chain.akses[kode_tps] not in fleet.akses:
        return "no_vehicle"
    times = chain.times(stage, fleet)
    a, b, end = chain.at((base, chain.nodes[kode_tps][stage.target], fleet.pulang_ke or base))
    if not max(map(times.snap_m.item, (a, b, end))) <= chain.operation.roads.max_snap_m:
        return "too_far_from_road"
    if times.seconds.item(a, b) == times.UNREACHABLE:
        return "no_road"
    if times.UNREACHABLE in (times.seconds.item(b, a), times.seconds.item(b, end), coming_s(chain, stage, fleet, base)):
        return "no_way_back"
    return "" if fits(chain.load(kode_tps, stage), capacity_of(fleet)) else "too_big"


def latest_start(
    chain: Chain, stage: Stage, fleet: Fleet, kode_tps: str, base: str, deadline_s: int, until_s: int | None = None
) -> int:
    """Latest moment to begin loading for one TPS alone: at it by the deadline, and back in time [s from midnight].

    Only where nothing else is in the way (`obstacle`). Before midnight where the driver's hours are too few for it.
    """
    times = chain.times(stage, fleet)
    a, b, end = chain.at((base, chain.nodes[kode_tps][stage.target], fleet.pulang_ke or base))
    stay = visit_s(stage, int(times.carry_s[b])) + minutes_s(stage.handover_minutes_per_tps)
    home_s = stage.end_s if until_s is None else min(stage.end_s, until_s)
    there, back = minutes_s(stage.loading_minutes) + int(times.seconds[a, b]), stay + int(times.seconds[b, end])
    if fleet.jam_sopir is not None and coming_s(chain, stage, fleet, base) + there + back > hours_s(fleet.jam_sopir):
        return -1
    return min(deadline_s, home_s - back) - there


def able(
    chain: Chain, stage: Stage, vehicles: Sequence[Parked], kode_tps: str, base: str, release_s: int, deadline_s: int
) -> tuple[tuple[int, ...], str]:
    """Find which of the vehicles at a base could serve a TPS, or why none could.

    Returns
    -------
    tuple of int
        Indices into `vehicles`.
    str
        The reason where there is none, else ``""``.
    """
    begin_s = max(stage.start_s, release_s)
    met = []
    for own in vehicles:
        what = obstacle(chain, stage, own.fleet, kode_tps, base)
        last_s = 0 if what else latest_start(chain, stage, own.fleet, kode_tps, base, deadline_s, own.until_s)
        if not what and max(begin_s, own.free_s) > last_s:
            what = "no_time"
        met.append(what)
    kinds = tuple(index for index, what in enumerate(met) if not what)
    return kinds, "" if kinds else max(met, key=OBSTACLES.index, default="no_vehicle")


def case_of(
    chain: Chain,
    stage: Stage,
    wave: Wave,
    base: str,
    vehicles: Sequence[Parked],
    members: Iterable[tuple[str, int, int]],
) -> tuple[Case | None, dict[str, str]]:
    """Make the problem of one base.

    Parameters
    ----------
    chain : Chain
    stage, wave, base
        Whose problem it is.
    vehicles : sequence of Parked
        At the base.
    members : iterable of (str, int, int)
        `kode_tps`, when its boxes can be loaded, and until when they must arrive [s from midnight].

    Returns
    -------
    Case or None
        None where nobody can be served.
    dict
        `kode_tps` -> reason of everyone who can't be served.
    """
    served, refused = [], {}
    for kode, release_s, deadline_s in members:
        kinds, reason = able(chain, stage, vehicles, kode, base, release_s, deadline_s)
        if reason:
            refused[kode] = reason
        else:
            served.append((kode, release_s, deadline_s, kinds))
    if not served:
        return None, refused
    used = sorted({kind for *_, kinds in served for kind in kinds})
    targets = {kode: chain.target(kode, stage) for kode, *_ in served}
    stops = (base, *sorted({str(stop) for stop in targets.values()}))
    problem = RoutingProblem(
        kinds=tuple(_kind(chain, stage, vehicles[number], stops) for number in used),
        clients=tuple(
            Client(
                place=stops.index(str(targets[kode]), 1),
                demand=chain.load(kode, stage),
                service_s=minutes_s(stage.handover_minutes_per_tps),
                release_s=release_s,
                deadline_s=deadline_s,
                kinds=tuple(used.index(kind) for kind in kinds),
            )
            for kode, release_s, deadline_s, kinds in served
        ),
        start_s=stage.start_s,
        end_s=stage.end_s,
        loading_s=minutes_s(stage.loading_minutes),
    )
    parked = tuple(vehicles[number] for number in used)
    return Case(stage, wave, base, parked, stops, tuple(kode for kode, *_ in served), problem), refused


def _kind(chain: Chain, stage: Stage, own: Parked, stops: Sequence[str]) -> VehicleKind:
    """Vehicles that are alike, with the matrix of the stops that they can drive to and from."""
    times = chain.times(stage, own.fleet)
    at = np.array(chain.at(stops))
    near = times.snap_m[at] <= chain.operation.roads.max_snap_m
    both_ways = (times.seconds[at[0], at] != times.UNREACHABLE) & (times.seconds[at, at[0]] != times.UNREACHABLE)
    base = stops[0]
    end = chain.row[own.fleet.pulang_ke or base]
    places = np.flatnonzero(near & both_ways & (times.seconds[at, end] != times.UNREACHABLE))
    carried = (0, *(visit_s(stage, int(times.carry_s[at[place]])) for place in places[1:]))
    hours = None if own.trips else own.fleet.jam_sopir  # who has driven already must be home by `until_s`
    gone_s = coming_s(chain, stage, own.fleet, base) + own.waits_s
    return VehicleKind(
        count=len(own.numbers),
        capacity=capacity_of(own.fleet),
        max_trips=own.fleet.max_trips - own.trips,
        places=tuple(int(place) for place in places),
        seconds=times.seconds[np.ix_(at[places], at[places])],
        visit_s=carried,
        start_s=own.free_s,
        end_s=own.until_s,
        hours_s=None if hours is None else max(0, hours_s(hours) - gone_s),
        home_s=None if own.fleet.pulang_ke is None else tuple(times.seconds[at[places], end].tolist()),
        price=_price(chain, stage, own.fleet, at[places], end, carried),
    )


def _price(
    chain: Chain, stage: Stage, fleet: Fleet, at: NDArray[np.int64], end: int, carried: Sequence[int]
) -> Price | None:
    """Price vehicles of a row by what the operation's aims say of vehicles and hours, and by what they cost."""
    aims, times = chain.operation.tujuan, chain.times(stage, fleet)
    if aims is None:
        return None
    to = np.append(at, end)
    seconds, metres = times.seconds[np.ix_(at, to)] + np.array([*carried, 0]), times.metres[np.ix_(at, to)]
    # of seconds at so much an hour and metres at so much a kilometre, to the nearest whole number
    arcs = (10 * aims.jam * seconds + 36 * fleet.biaya_per_km * metres + 18_000) // 36_000
    np.fill_diagonal(arcs, 0)
    loading = (aims.jam * minutes_s(stage.loading_minutes) + 1_800) // 3_600
    return Price(aims.kendaraan + fleet.biaya_tetap, loading, arcs)
