"""Which TPS, from which base, by which vehicle: one base of a stage, in one wave, as a routing problem.

Whoever can't be served even by a vehicle of its own is found here, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.coming import coming_s
from kaur_gis.distribute.pool import Parked
from kaur_gis.distribute.problem import Client, Price, RoutingProblem, VehicleKind
from kaur_gis.distribute.rounded import capacity_of, fits, hours_s, minutes_s, visit_s

OBSTACLES = ("no_fleet", "no_vehicle", "too_far_from_road", "no_road", "no_way_back", "too_big", "no_time")
"""In the order in which they are met; the reason is the last one that the luckiest vehicle meets."""


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


def obstacle(chain: Chain, stage: Stage, fleet: Fleet, kode_tps: str, base: str, *, stands: bool = False) -> str:
    """Name what keeps one vehicle, alone and with all the time there is, from serving a TPS; ``""`` for nothing.

    One that `stands` at its base need not come to it first.
    """
    if stage.target == "tps" and chain.akses[kode_tps] not in fleet.akses:
        return "no_vehicle"
    times = chain.times(stage, fleet)
    a, b, end = chain.at((base, chain.nodes[kode_tps][stage.target], fleet.pulang_ke or base))
    if not max(map(times.snap_m.item, (a, b, end))) <= chain.operation.roads.max_snap_m:
        return "too_far_from_road"
    if times.seconds.item(a, b) == times.UNREACHABLE:
        return "no_road"
    comes = 0 if stands else coming_s(chain, stage, fleet, base)
    if times.UNREACHABLE in (times.seconds.item(b, a), times.seconds.item(b, end), comes):
        return "no_way_back"
    return "" if fits(chain.load(kode_tps, stage), capacity_of(fleet)) else "too_big"


def latest_start(
    chain: Chain,
    stage: Stage,
    fleet: Fleet,
    kode_tps: str,
    base: str,
    deadline_s: int,
    until_s: int | None = None,
    *,
    stands: bool = False,
    goes_s: int = 0,
) -> int:
    """Latest moment to begin loading for one TPS alone: carried to it by the deadline, and back in time [s].

    Only where nothing else is in the way (`obstacle`). Before midnight where the driver's hours are too few for it, and
    for the `goes_s` that he drives on in the end.
    """
    times = chain.times(stage, fleet)
    a, b, end = chain.at((base, chain.nodes[kode_tps][stage.target], fleet.pulang_ke or base))
    carry_s = int(times.carry_s[b])
    stay = visit_s(stage, carry_s) + minutes_s(stage.handover_minutes_per_tps)
    home_s = stage.end_s if until_s is None else min(stage.end_s, until_s)
    there, back = minutes_s(stage.loading_minutes) + int(times.seconds[a, b]), stay + int(times.seconds[b, end])
    comes = 0 if stands else coming_s(chain, stage, fleet, base)
    if fleet.jam_sopir is not None and comes + there + back + goes_s > hours_s(fleet.jam_sopir):
        return -1
    return min(deadline_s - carry_s, home_s - back) - there


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
        what = obstacle(chain, stage, own.fleet, kode_tps, base, stands=own.stands)
        if what in {"", "too_big"} and own.home is not None and own.home.seconds is None:
            what = "no_way_back"
        asked = chain, stage, own.fleet, kode_tps, base, deadline_s, own.until_s
        last_s = 0 if what else latest_start(*asked, stands=own.stands, goes_s=own.goes_s)
        if not what and max(begin_s, own.free_s) > last_s:
            what = "no_time"
        met.append(what)
    kinds = tuple(index for index, what in enumerate(met) if not what)
    return kinds, "" if kinds else max(met, key=OBSTACLES.index, default="no_fleet")


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


def carried(stage: Stage, carry_s: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Say how long boxes are carried at each place of a problem, and a visit of it takes [s]; nothing at the base."""
    places = (0, *carry_s[1:])
    return places, (0, *(visit_s(stage, own_s) for own_s in places[1:]))


def _kind(chain: Chain, stage: Stage, own: Parked, stops: Sequence[str]) -> VehicleKind:
    """Vehicles that are alike, with the matrix of the stops that they can drive to and from."""
    times = chain.times(stage, own.fleet)
    at = np.array(chain.at(stops))
    near = times.snap_m[at] <= chain.operation.roads.max_snap_m
    both_ways = (times.seconds[at[0], at] != times.UNREACHABLE) & (times.seconds[at, at[0]] != times.UNREACHABLE)
    base = stops[0]
    end = chain.row[own.fleet.pulang_ke or base]
    places = np.flatnonzero(near & both_ways & (times.seconds[at, end] != times.UNREACHABLE))
    carry_s, visits_s = carried(stage, times.carry_s[at[places]].tolist())
    hours = None if own.trips else own.fleet.jam_sopir  # who has driven already must be home by `until_s`
    gone_s = own.waits_s + own.goes_s + (0 if own.stands else coming_s(chain, stage, own.fleet, base))
    return VehicleKind(
        count=len(own.numbers),
        capacity=capacity_of(own.fleet),
        max_trips=own.fleet.max_trips - own.trips,
        places=tuple(int(place) for place in places),
        seconds=times.seconds[np.ix_(at[places], at[places])],
        visit_s=visits_s,
        start_s=own.free_s,
        end_s=own.until_s,
        hours_s=None if hours is None else max(0, hours_s(hours) - gone_s),
        home_s=None if own.fleet.pulang_ke is None else tuple(times.seconds[at[places], end].tolist()),
        price=_price(chain, stage, own.fleet, at[places], end, visits_s),
        carry_s=carry_s,
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
