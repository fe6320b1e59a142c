"""Which TPS ride together is chosen anew, among all trips that could be better: what no exchange of a few finds.

Where every truck leaves full, a TPS moves to another trip only if another one leaves that, and so on in a ring: a
search that moves a few at a time stays where it is. But if a load is always the same number of TPS, and few, the trips
that could be part of something cheaper can be listed (`grouping`), and HiGHS chooses among them; if they are many, of
few places, among full loads of one place and whatever is left of each. What it knows of the hours is a sum alone: what
trips take after their boxes have come must all fit in before the end of the day, with the vehicles there are. Whether
it does shows when they are dealt out; if not, the day is taken to be shorter, and that choice is never made again.

So those are served, too, for whom a search found no room, and a vehicle is sent home for which it took another load.

References
----------
Foster and Ryan, An integer programming approach to the vehicle scheduling problem, Operational Research Quarterly 27,
1976: a plan as a choice among trips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.problem import HOME, RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of
from kaur_gis.distribute.share import Trip, Work, all_dealt, shared, work_of
from kaur_gis.grouping import Column, Group, Rounds, arrays_of, full_and_rests, promising
from kaur_gis.grouping.rounds import Bools, Floats, Ints

FULL_LOAD = 6
"""TPS; of larger loads there are too many to list them all."""
RESTS = 8
"""What is left of so many stops when full loads are taken is put together in every way, where loads are larger."""
STOPS = 40
"""Of more stops, too."""
MOST_TRIPS = 600
"""HiGHS chooses among so many, the most promising: among more it takes longer than a short search has."""
WEIGHED = 3000
"""So many trips it weighs at all nodes of its search tree together: a count, not seconds, so that runs repeat."""
ASKED = 5
"""So often HiGHS is asked for trips until they can be dealt out, and among no more trips than these in all."""
LOOKED_AT = 1800
SHORTER_S = 300
"""By so much the day is shorter than what the last choice needs at least [s]."""
LEFT_OUT = 4
"""To leave one TPS out is so many times dearer than any trip: whoever can ride does."""
DEAREST = 10**6
"""Drives are reckoned so coarsely that none is dearer: HiGHS refuses prices that are too far apart."""

Stop = tuple[int, int, int, int]
"""Clients that are alike to a trip: place, when their boxes are there, by when it must come, handing over [s]."""


def chosen_anew(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """Choose the trips of each kind of vehicle anew, where its loads are all of so many clients.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        Which can be driven as they are.

    Returns
    -------
    tuple of Run
        Sorted, never worse, by no more vehicles of each kind: the same clients, or more of them; where not all can ride
        these may be others.
    """
    best = tuple(runs)
    for number in sorted({run.kind for run in runs}):
        if missing := problem.allowed[number].difference(clients_of(best)):
            best = _chosen(problem, number, best, missing)
        best = _chosen(problem, number, best)
        if _has_time(problem, number, best):
            best = _chosen(problem, number, best, fewer=1)
    return tuple(sorted(best, key=lambda run: (run.kind, run.trips)))


def _has_time(problem: RoutingProblem, number: int, runs: Sequence[Run]) -> bool:
    """Whether one vehicle less of a kind would have the time that its trips take, all together."""
    kind, own = problem.kinds[number], [run for run in runs if run.kind == number]
    busy_s = sum(work_of(problem, number, trip).busy_s for run in own for trip in run.trips)
    return len(own) > 1 and busy_s <= (len(own) - 1) * (problem.home_s(kind) - problem.begin_s(kind))


def _chosen(
    problem: RoutingProblem, number: int, runs: tuple[Run, ...], missing: frozenset[int] = frozenset(), fewer: int = 0
) -> tuple[Run, ...]:
    """Choose the trips of one kind of vehicle, also for who is missing, or for fewer; as they were if that is worse."""
    own = [run for run in runs if run.kind == number]
    others = [run for run in runs if run.kind != number]
    days = _of_one_kind(problem, number, own, missing, len(own) - fewer)
    return min(runs, (*others, *shared(problem, days)), key=partial(worth, problem)) if days else runs


def _of_one_kind(
    problem: RoutingProblem, number: int, runs: Sequence[Run], missing: frozenset[int], vehicles: int
) -> list[Run] | None:
    """Choose the trips of so many vehicles of one kind, and serve who is missing; None where nothing is found."""
    clients = sorted([*clients_of(runs), *missing])
    stops: dict[Stop, list[int]] = {}
    for client in clients:
        stops.setdefault(_stop(problem, client), []).append(client)
    size, dearer = _full_load(problem, number, clients), bool(missing) or vehicles < len(runs)
    unlisted = dearer and size <= FULL_LOAD  # of small loads only what is cheaper is
    if size <= 1 or len(stops) > STOPS or unlisted:
        return None
    rounds = _rounds(problem, number, stops, size)
    at = {client: index for index, own in enumerate(stops.values()) for client in own}
    known = [tuple(Counter(at[client] for client in trip).items()) for run in runs for trip in run.trips]
    alone = Counter(at[client] for client in missing)
    known += [((stop, min(size, n - less)),) for stop, n in alone.items() for less in range(0, n, size)]
    columns = _worth_a_look(rounds, known)
    if not columns:
        return None
    waiting = list(stops.values())
    kind = problem.kinds[number]
    begin_s, dear = problem.begin_s(kind), LEFT_OUT * max(cost for cost, _ in columns)
    work = [work_of(problem, number, _taken(group, [list(own) for own in waiting])) for _, group in columns]
    left_out: list[Column] = [(dear, ((stop, 1),)) for stop in range(len(stops))] if missing else []
    work += [Work(begin_s, begin_s, 0)] * len(left_out)  # who is left takes no time, and is dearer than any trip
    cost, taken, groups = arrays_of([*columns, *left_out], len(stops))
    drives = np.arange(len(cost)) < len(columns)
    limits = [_limit(taken, rounds.tps, np.inf), _limit(drives, 0, len(known))]
    if not dearer:
        limits.append(_limit(cost, 0, sum(map(rounds.cost, known)) - 1))
    hours = _Hours(work, begin_s, vehicles)
    for most in dict.fromkeys((0, max(0, len(missing) - 1))):  # everybody rides, or else as many as can
        for times in _choices(cost, [*limits, _limit(~drives, 0, most)], hours):
            left = [list(own) for own in waiting]
            trips = [_taken(group, left) for group in np.repeat(groups[drives], times[drives])]
            if (days := all_dealt(problem, number, [trip for trip in trips if trip], vehicles)) is not None:
                return days
    return None


def _worth_a_look(rounds: Rounds, known: Sequence[Group]) -> list[Column]:
    """List the trips among which is chosen."""
    if rounds.size <= FULL_LOAD:
        return promising(rounds, known, MOST_TRIPS)
    return full_and_rests(rounds) if np.count_nonzero(rounds.tps % rounds.size) <= RESTS else []


def _stop(problem: RoutingProblem, client: int) -> Stop:
    """Say what a client is to a trip, apart from its load."""
    own = problem.clients[client]
    return own.place, own.release_s, own.deadline_s, own.service_s


def _full_load(problem: RoutingProblem, number: int, clients: Sequence[int]) -> int:
    """Say how many clients are a full load, whichever they are; 0 where that depends on who they are."""
    demands = np.array([problem.clients[client].demand for client in clients])
    capacity = np.array(problem.kinds[number].capacity)
    most = demands.max(axis=0)
    size = int((capacity[most > 0] // most[most > 0]).min(initial=len(clients)))
    return size if size >= len(clients) or ((size + 1) * demands.min(axis=0) > capacity).any() else 0


def _rounds(problem: RoutingProblem, number: int, stops: dict[Stop, list[int]], size: int) -> Rounds:
    """Say what trips cost: what the first stop costs out and home, and what it costs more to come home from the next.

    So what a trip costs is a sum over its stops, one after the other. Every trip ends where the day does here; what a
    choice really costs is asked when it is dealt out.
    """
    kind = problem.kinds[number]
    places = [kind.local[place] for place, *_ in stops]
    costs = np.array(kind.costs)
    unit = 1 + costs.max() // DEAREST
    home = costs[places, HOME] // unit
    legs = costs[np.ix_(places, places)] // unit - home[:, None] + home
    first_s = (problem.loading_cost(kind) + costs[0, places]) // unit + home
    tps = np.array([len(clients) for clients in stops.values()])
    return Rounds(legs, tps, size, np.ones(legs.shape, dtype=np.bool_), first_s=first_s)


def _taken(group: Group, left: Sequence[list[int]]) -> Trip:
    """Take the clients of a group from those that are left at each stop, as far as there are."""
    trip: list[int] = []
    for stop, n in group:
        trip += left[stop][:n]
        del left[stop][:n]
    return tuple(trip)


class _Hours:
    """What is known of the hours: what trips take after each moment at which boxes come, whoever drives them."""

    def __init__(self, work: Sequence[Work], begin_s: int, vehicles: int) -> None:
        ready, self.latest, busy = np.array(work, dtype=np.int64).reshape(-1, 3).T
        self.ready, self.vehicles = np.maximum(ready, begin_s), vehicles
        self.moments = np.unique(self.ready)
        self.after = np.clip(self.ready + busy - self.moments[:, None], 0, busy)  # at least, even of who left before
        self.last_s = int((self.latest + busy).max(initial=0))

    def until(self, end_s: int) -> list[LinearConstraint]:
        """Say that all vehicles together have the time until the end of the day, and who can't be driven at all."""
        there_s = np.maximum(self.vehicles * (end_s - self.moments), 0)
        return [_limit(self.after, 0, there_s), _limit(self.ready > self.latest, 0, 0)]

    def needs_s(self, times: Ints) -> int:
        """When the day ends at the earliest, if trips are driven so many times."""
        return int((self.moments + self.after @ times / self.vehicles).max())


def _limit(rows: Floats | Ints | Bools, low: float | Ints, high: float | Ints) -> LinearConstraint:
    """Say between what some sums over the groups lie.

    Sparse: for a dense matrix scipy makes all warnings errors for a moment, of every thread, and other bases are
    planned at the same time.
    """
    return LinearConstraint(csr_array(np.atleast_2d(rows).astype(np.float64)), low, high)


def _choices(cost: Floats, limits: Sequence[LinearConstraint], hours: _Hours) -> Iterator[Ints]:
    """Choose how many times each group is driven, shape (c,), the cheapest first, then for a shorter and shorter day.

    Where no day is as short, another choice for the whole one follows; never the same again.
    """
    end_s, in_vain = hours.last_s, list[LinearConstraint]()
    for _ in range(min(ASKED, LOOKED_AT // len(cost))):
        times = _cheapest(cost, [*limits, *hours.until(end_s), *in_vain])
        if times.any():
            yield times
            in_vain.append(_limit(times > 0, 0, times.sum() - 1))
            end_s = min(end_s, hours.needs_s(times)) - SHORTER_S
        elif end_s < hours.last_s:
            end_s = hours.last_s
        else:
            return


def _cheapest(cost: Floats, limits: Sequence[LinearConstraint]) -> Ints:
    """Choose how many times each group is driven, shape (c,); none where HiGHS finds nothing."""
    found = milp(
        cost,
        integrality=np.ones(len(cost), dtype=np.int64),
        bounds=Bounds(0, np.inf),
        constraints=limits,
        options={"node_limit": WEIGHED // len(cost), "mip_rel_gap": 0},
    )
    return np.zeros(len(cost), dtype=np.int64) if found.x is None else np.rint(found.x).astype(np.int64)
