"""Share trips out anew: the same trips, driven by fewer vehicles of the same kind.

Which trips there are, and which vehicle drives which, are two questions. PyVRP moves clients and tails of trips, and
finds late that the same trips fit into fewer days. That is a packing of its own, and a quick one: each trip has a
moment by which it must be loaded and a time that it takes. Trips are dealt out in the order of these moments, then in
orders near it by chance, each to the vehicle that is free last but in time, or first.

References
----------
Earliest deadline first, with many starts: Brucker, Scheduling Algorithms, 5th ed., Springer 2007, ch. 4 and 5.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, is_kept

Trip = tuple[int, ...]
TRIES = 60
"""Orders in which trips are dealt out."""
NEVER_S = 2**62
EVERY_ORDER = {1: 14, 2: 14, 3: 12, 4: 11, 5: 10}
"""Vehicles -> so many trips at most are dealt out to them in every order: that doubles with each one more."""
SPREAD_S = 2 * 3600
"""So far trips may go before those that must be loaded earlier [s]."""


class Work(NamedTuple):
    """One trip, whoever drives it: when its boxes are there, by when it must be loaded, and how long it takes [s]."""

    ready_s: int
    latest_s: int
    busy_s: int


def shared(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Let fewer vehicles drive the same trips.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        Which can be driven as they are.

    Returns
    -------
    tuple of Run
        Sorted, with the same trips; they can be driven, too.
    """
    best: list[Run] = []
    for number in range(len(problem.kinds)):
        own = [run for run in runs if run.kind == number]
        while len(own) > 1:
            fewer = all_dealt(problem, number, [trip for run in own for trip in run.trips], len(own) - 1)
            if fewer is None:
                break
            own = fewer
        best += own
    return tuple(sorted(best, key=lambda run: (run.kind, run.trips)))


def dealt(
    problem: RoutingProblem, number: int, trips: Sequence[Trip], vehicles: int
) -> Iterator[tuple[list[Run], list[Trip]]]:
    """Deal trips out to so many vehicles of one kind, in one order after the other.

    Parameters
    ----------
    problem : RoutingProblem
    number : int
        Of the kind.
    trips : sequence of tuple of int
        Each of which such a vehicle can drive.
    vehicles : int

    Yields
    ------
    list of Run
        In time, but for the hours of a driver and a day that ends elsewhere: these are not asked here.
    list of tuple of int
        Trips for which there was no time left.
    """
    chance = random.Random(0)  # noqa: S311 - a search, not a secret
    kind = problem.kinds[number]
    work = [work_of(problem, number, trip) for trip in trips]
    order = sorted(range(len(trips)), key=lambda index: (work[index].latest_s, -work[index].busy_s, trips[index]))
    for turn in range(TRIES):
        free = [problem.begin_s(kind)] * vehicles
        days: list[list[Trip]] = [[] for _ in range(vehicles)]
        left = []
        sign = 1 if turn % 3 else -1
        for index in order:
            ready_s, latest_s, busy_s = work[index]
            able = [
                (sign * at, vehicle)
                for vehicle, at in enumerate(free)
                if at <= latest_s and len(days[vehicle]) < kind.max_trips
            ]
            if able:
                vehicle = min(able)[1]
                free[vehicle] = max(free[vehicle], ready_s) + busy_s
                days[vehicle].append(trips[index])
            else:
                left.append(trips[index])
        yield [Run(number, tuple(day)) for day in days if day], left
        long = turn % 2  # every other time long trips go first, too
        at = [latest_s - chance.random() * SPREAD_S - long * busy_s for _, latest_s, busy_s in work]
        order.sort(key=at.__getitem__)


def all_dealt(problem: RoutingProblem, number: int, trips: Sequence[Trip], vehicles: int) -> list[Run] | None:
    """Deal all trips out to so many vehicles of one kind, so that they can be driven; None where that was not found.

    Some orders are tried, and where there are few trips and vehicles every one.

    Parameters
    ----------
    problem, number, trips, vehicles
        As for `dealt`.
    """
    ways = _whole_ways(problem, number, trips, vehicles)
    return next((days for days in ways if all(is_kept(problem, run) for run in days)), None)


def _whole_ways(problem: RoutingProblem, number: int, trips: Sequence[Trip], vehicles: int) -> Iterator[list[Run]]:
    """List ways to deal all trips out: of some orders, then, where that is not too much, of all of them."""
    yield from (days for days, left in dealt(problem, number, trips, vehicles) if not left)
    if len(trips) <= EVERY_ORDER.get(vehicles, 0) and (days := _in_every_order(problem, number, trips, vehicles)):
        yield days


def _in_every_order(problem: RoutingProblem, number: int, trips: Sequence[Trip], vehicles: int) -> list[Run] | None:
    """Deal trips out in whatever order it takes; None where there is none.

    Every set of trips is looked at: when one vehicle is free that drives it in its best order. As of `dealt`, the hours
    of a driver and a day that ends elsewhere are not asked.
    """
    kind, n = problem.kinds[number], len(trips)
    ready, latest, busy = np.array([work_of(problem, number, trip) for trip in trips], dtype=np.int64).reshape(-1, 3).T
    sets = np.arange(1 << n)
    size = np.bitwise_count(sets)
    free = np.full(len(sets), NEVER_S)
    free[0], last = problem.begin_s(kind), np.full(len(sets), -1)
    for some in range(min(n, kind.max_trips)):
        for trip in range(n):
            before = sets[(size == some) & (free < NEVER_S) & ((sets >> trip) & 1 == 0)]
            loaded = np.maximum(free[before], ready[trip])
            done, after = np.where(loaded <= latest[trip], loaded + busy[trip], NEVER_S), before | 1 << trip
            sooner = done < free[after]
            free[after[sooner]], last[after[sooner]] = done[sooner], trip
    days = []
    for own in _parts(free < NEVER_S, len(sets) - 1, vehicles) or ():
        order, left = [], own
        while left:
            order.append(int(last[left]))
            left ^= 1 << order[-1]
        days.append(Run(number, tuple(trips[trip] for trip in order[::-1])))
    return [day for day in days if day.trips] or None


def _parts(able: NDArray[np.bool_], whole: int, vehicles: int) -> list[int] | None:
    """Part a set, as bits, into so many that are able; None where that can't be."""
    if vehicles == 1 or able[whole]:
        return [whole] if able[whole] else None
    sets = np.flatnonzero(able)
    inside = sets[(sets & whole == sets) & (sets & (whole & -whole) > 0)]  # in one of them is the first
    for own in inside[np.argsort(-np.bitwise_count(inside), kind="stable")].tolist():
        if (others := _parts(able, whole ^ own, vehicles - 1)) is not None:
            return [own, *others]
    return None


def work_of(problem: RoutingProblem, number: int, trip: Trip) -> Work:
    """Say when a trip can be driven by a kind of vehicle."""
    kind, row = problem.kinds[number], problem.rows[number]
    now = there = problem.loading_s
    at, latest_s = 0, problem.end_s
    for client in trip:
        to = row[client]
        if to != at:
            arrive = now + kind.rows[at][to]
            now, there = arrive + kind.visit_s[to], arrive + kind.carried_s[to]
            at = to
        latest_s = min(latest_s, problem.deadline_s[client] - there)
        now += problem.service_s[client]
    busy_s = now + kind.rows[at][0]
    ready_s = max(problem.release_s[client] for client in trip)
    return Work(ready_s, min(latest_s, problem.home_s(kind) - busy_s), busy_s)
