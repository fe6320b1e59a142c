"""When everything happens: exact times of the trips of one vehicle, and what they cost.

A vehicle begins to load as soon as it is back and the last box of the trip is there, and leaves when it is
loaded: departing as early as possible leaves the most slack before every deadline. Clients in a row at one
place are one visit: the vehicle stops once, and the boxes are carried from the road once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from kaur_gis.distribute.problem import HOME, RoutingProblem, VehicleKind
from kaur_gis.problems import SolverError

Time = int | None
"""Seconds from midnight; None from where a road is closed on."""


@dataclass(frozen=True)
class Run:
    """What one vehicle does on one day.

    Attributes
    ----------
    kind : int
        Index of its kind.
    trips : tuple of tuple of int
        Clients of each trip, in the order in which they are served; no trip is empty.
    """

    kind: int
    trips: tuple[tuple[int, ...], ...]


class Visit(NamedTuple):
    """One stop of a trip, and the drive to it.

    Attributes
    ----------
    place : int
    clients : tuple of int
    depart_s, arrive_s, there_s, done_s : int or None
        When the vehicle left for it, came, what it brings was carried to its clients, and all was handed over [s from
        midnight].
    """

    place: int
    clients: tuple[int, ...]
    depart_s: Time
    arrive_s: Time
    there_s: Time
    done_s: Time


class Drive(NamedTuple):
    """One trip with its times; `home_s` is when it leaves the last stop [s from midnight]."""

    depart_s: Time
    visits: tuple[Visit, ...]
    home_s: Time
    back_s: Time


@dataclass(frozen=True, eq=False)
class Conditions:
    """Under which the trips are driven: the weather of the plan, or a heavier one.

    Attributes
    ----------
    places, visit_s, carry_s
        As in `VehicleKind`.
    rows : sequence of sequence of int
        Rows of `VehicleKind.seconds`, but cells may be negative: no road.
    release_s : sequence of (int or None)
        By client, when its boxes can be loaded [s from midnight]; None where they never come.
    begin_s : int or None
        From when on the vehicle can be loaded [s from midnight]; None for never.
    dark_s : sequence of (int, int)
        Spans, ascending, in which nothing is loaded: it waits until they are over [s from midnight].
    home_s : sequence of int, optional
        As in `VehicleKind`, but cells may be negative: no road.
    hours_s : int, optional
        As in `VehicleKind`: the first trip is loaded so late that the day is not longer, as far as that helps.
    closing : tuple of int and Conditions, optional
        When more roads close [s from midnight], and the conditions of drives that would not be over by then.
    """

    places: tuple[int, ...]
    rows: Sequence[Sequence[int]]
    visit_s: tuple[int, ...]
    release_s: Sequence[Time]
    begin_s: Time
    dark_s: Sequence[tuple[int, int]] = ()
    home_s: Sequence[int] | None = None
    hours_s: int | None = None
    closing: tuple[int, Conditions] | None = None
    carry_s: Sequence[int] | None = None

    def arrive_s(self, depart_s: Time, a: int, b: int, *, last: bool = False) -> Time:
        """When a drive from one of the places to another is over, by their index; the `last` one of all ends at home.

        From midnight [s]; None for never.
        """
        seconds = self.home_s[a] if last and self.home_s is not None else self.rows[a][b]
        arrive = _after(depart_s, seconds)
        if self.closing is None or arrive is None or arrive <= self.closing[0]:
            return arrive
        return self.closing[1].arrive_s(depart_s, a, b, last=last)

    @cached_property
    def local(self) -> dict[int, int]:
        """Place -> its row."""
        return {place: index for index, place in enumerate(self.places)}


@lru_cache(maxsize=64)
def planned(problem: RoutingProblem, kind: VehicleKind) -> Conditions:
    """Conditions of the problem itself, for one kind of vehicle."""
    begin_s = problem.begin_s(kind)
    return Conditions(
        kind.places,
        kind.rows,
        kind.visit_s,
        problem.release_s,
        begin_s,
        home_s=kind.home_s,
        hours_s=kind.hours_s,
        carry_s=kind.carry_s,
    )


def places_of(problem: RoutingProblem, trip: Sequence[int]) -> list[tuple[int, tuple[int, ...]]]:
    """List the visits of a trip: place, and its clients in a row."""
    known = problem.clients
    return [(place, tuple(clients)) for place, clients in groupby(trip, key=lambda client: known[client].place)]


def drives(problem: RoutingProblem, trips: Sequence[Sequence[int]], conditions: Conditions) -> tuple[Drive, ...]:
    """Drive the trips of one vehicle one after the other.

    Parameters
    ----------
    problem : RoutingProblem
    trips : sequence of sequence of int
        As in `Run`.
    conditions : Conditions

    Returns
    -------
    tuple of Drive
        One per trip. From the first leg without a road on, every time of the vehicle is None.
    """
    done = _driven(problem, trips, conditions)
    if conditions.hours_s is None or not done or (longer := _hours_s(problem, done) - conditions.hours_s) <= 0:
        return done
    begin_s = sure(done[0].depart_s) - problem.loading_s + longer
    return _driven(problem, trips, replace(conditions, begin_s=begin_s))


def _hours_s(problem: RoutingProblem, done: Sequence[Drive]) -> int:
    """Seconds from when the first trip is loaded until the vehicle is home."""
    return sure(done[-1].back_s) - sure(done[0].depart_s) + problem.loading_s


def _driven(problem: RoutingProblem, trips: Sequence[Sequence[int]], conditions: Conditions) -> tuple[Drive, ...]:
    """Drive the trips of one vehicle, each as early as it can be."""
    local, known = conditions.local, problem.clients
    free = conditions.begin_s
    done: list[Drive] = []
    for number, trip in enumerate(trips, start=1):
        load = _latest([free, *(conditions.release_s[client] for client in trip)])
        depart = None if load is None else in_light(load, conditions.dark_s) + problem.loading_s
        now, at = depart, 0
        visits = []
        for place, clients in places_of(problem, trip):
            to = local[place]
            arrive = conditions.arrive_s(now, at, to)
            handover = conditions.visit_s[to] + sum([known[client].service_s for client in clients])
            finished = _after(arrive, handover)
            there = _after(arrive, conditions.carry_s[to] if conditions.carry_s else 0)
            visits.append(Visit(place, clients, now, arrive, there, finished))
            now, at = finished, to
        free = conditions.arrive_s(now, at, 0, last=number == len(trips))
        done.append(Drive(depart, tuple(visits), now, free))
    return tuple(done)


def is_kept(problem: RoutingProblem, run: Run) -> bool:
    """Whether one vehicle can do this: loads, number of trips, kinds, deadlines, and back in time."""
    kind, allowed = problem.kinds[run.kind], problem.allowed[run.kind]
    if len(run.trips) > kind.max_trips:
        return False
    for trip in run.trips:
        if not allowed.issuperset(trip):
            return False
        if any(load > most for load, most in zip(load_of(problem, trip), kind.capacity, strict=True)):
            return False
    return slack_s(problem, run) >= 0


def load_of(problem: RoutingProblem, trip: tuple[int, ...]) -> tuple[int, ...]:
    """Add up what the clients of a trip are brought, by load dimension."""
    loads = problem.loads
    load = loads.get(trip)
    if load is None:
        known = problem.clients
        load = loads[trip] = tuple(map(sum, zip(*[known[client].demand for client in trip], strict=True)))
    return load


def slack_s(problem: RoutingProblem, run: Run) -> int:
    """Least time left at any deadline, and at the end of the day [s]; negative where it is too late.

    The same times as of `drives`, which writes them down: searches ask this of far more runs than are ever driven.
    """
    kind = problem.kinds[run.kind]
    begin_s = problem.begin_s(kind)
    slack, first_s, back_s = _slack_s(problem, run, begin_s)
    if kind.hours_s is None or not run.trips:
        return slack
    if (longer := back_s - first_s - kind.hours_s) > 0:
        slack, first_s, back_s = _slack_s(problem, run, first_s + longer)
    return min(slack, kind.hours_s - (back_s - first_s))


def _slack_s(problem: RoutingProblem, run: Run, begin_s: int) -> tuple[int, int, int]:
    """Least time left, when the first trip is loaded, and when the vehicle is home, beginning at a moment [s]."""
    kind, row = problem.kinds[run.kind], problem.rows[run.kind]
    rows, visit_s, carried_s = kind.rows, kind.visit_s, kind.carried_s
    release_s, service_s, deadline_s = problem.release_s, problem.service_s, problem.deadline_s
    home_s = problem.home_s(kind)
    slack, free, at, now = home_s - problem.start_s, begin_s, 0, begin_s
    first = None
    for trip in run.trips:
        load = max([free, *[release_s[client] for client in trip]])
        first = load if first is None else first
        now = there = load + problem.loading_s
        at = 0
        for client in trip:
            to = row[client]
            if to != at:
                arrive = now + rows[at][to]
                now, there = arrive + visit_s[to], arrive + carried_s[to]
                at = to
            if deadline_s[client] - there < slack:  # noqa: PLR1730 - asked so often that a call is dear
                slack = deadline_s[client] - there
            now += service_s[client]
        free = now + rows[at][0]
    back = free if kind.home_s is None else now + kind.home_s[at]
    return min(slack, home_s - back), begin_s if first is None else first, back


def sure(time: Time) -> int:
    """Take a time of the plan, which is known.

    Raises
    ------
    SolverError
        For None: a drive that a sound problem can't hold.
    """
    if time is None:
        msg = "the plan drives where there is no road"
        raise SolverError(msg)
    return time


def cost_of(problem: RoutingProblem, run: Run) -> int:
    """Say what one vehicle costs: its price, or seconds of loading, driving and visits; waiting is no work."""
    kind, row = problem.kinds[run.kind], problem.rows[run.kind]
    costs, total, at = kind.costs, problem.vehicle_cost(kind) + problem.loading_cost(kind) * len(run.trips), 0
    for number, trip in enumerate(run.trips, start=1):
        at = 0
        for client in trip:
            to = row[client]
            total += costs[at][to]
            at = to
        total += costs[at][HOME if number == len(run.trips) else 0]
    return total


def clients_of(runs: Iterable[Run]) -> list[int]:
    """List every client that some run serves, run by run."""
    return [client for run in runs for trip in run.trips for client in trip]


def _after(time: Time, seconds: int) -> Time:
    """Time after some seconds; None stays, and negative seconds mean that there is no road."""
    return None if time is None or seconds < 0 else time + seconds


def in_light(time: int, dark_s: Sequence[tuple[int, int]]) -> int:
    """Wait until it is light, where it is dark [s from midnight]."""
    return next((end for start, end in dark_s if start <= time < end), time)


def _latest(times: Sequence[Time]) -> Time:
    """Latest of the times; None where one of them never comes."""
    known = [time for time in times if time is not None]
    return max(known) if len(known) == len(times) else None
