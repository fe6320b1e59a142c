"""Which TPS ride together is chosen anew, among all trips that could be better: what no exchange of a few finds.

Where every truck leaves full, a TPS moves to another trip only if another one leaves that, and so on in a ring: a
search that moves a few at a time stays where it is. But if a load is always the same number of TPS, and few, the trips
that could be part of something cheaper can be listed (`grouping`), and HiGHS chooses among them. What it knows of the
hours is a sum alone: what trips take after their boxes have come must all fit in before the end of the day, with the
vehicles there are. Whether it does shows when they are dealt out; if not, the day is taken to be shorter.

References
----------
Foster and Ryan, An integer programming approach to the vehicle scheduling problem, Operational Research Quarterly 27,
1976: a plan as a choice among trips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.problem import HOME, RoutingProblem
from kaur_gis.distribute.schedule import Run, clients_of
from kaur_gis.distribute.share import Trip, Work, all_dealt, work_of
from kaur_gis.grouping import Column, Group, Rounds, arrays_of, promising
from kaur_gis.grouping.rounds import Ints

FULL_LOAD = 6
"""TPS; of larger loads there are too many to list them."""
STOPS = 40
"""Of more stops, too."""
MOST_TRIPS = 600
"""HiGHS chooses among so many, the most promising: among more it takes longer than a short search has."""
NODES = 5
"""Of its search tree: a count, not seconds, so that runs repeat."""
CHOICES = 4
"""So often trips are chosen, each time for a shorter day, until they can be dealt out."""
SHORTER_S = 300
"""By so much the day is shorter than what the last choice needs at least [s]."""
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
        Sorted, never worse: the same clients, by no more vehicles of each kind and in no more trips.
    """
    best: list[Run] = []
    for number in sorted({run.kind for run in runs}):
        own = [run for run in runs if run.kind == number]
        other = _of_one_kind(problem, number, own)
        best += other if worth(problem, other) < worth(problem, own) else own
    return tuple(sorted(best, key=lambda run: (run.kind, run.trips)))


def _of_one_kind(problem: RoutingProblem, number: int, runs: Sequence[Run]) -> Sequence[Run]:
    """Choose the trips of one kind of vehicle; as they were where nothing better is found."""
    stops: dict[Stop, list[int]] = {}
    for client in sorted(clients_of(runs)):
        stops.setdefault(_stop(problem, client), []).append(client)
    size = _full_load(problem, number, clients_of(runs))
    if not 1 < size <= FULL_LOAD or len(stops) > STOPS:
        return runs
    at = {stop: index for index, stop in enumerate(stops)}
    trips = [trip for run in runs for trip in run.trips]
    known = [tuple(Counter(at[_stop(problem, client)] for client in trip).items()) for trip in trips]
    rounds = _rounds(problem, number, stops, size)
    columns = promising(rounds, known, MOST_TRIPS)
    waiting = list(stops.values())
    work = [work_of(problem, number, _taken(group, [list(own) for own in waiting])) for _, group in columns]
    hours = _Hours(work, problem.begin_s(problem.kinds[number]), len(runs))
    end_s = hours.last_s
    for _ in range(CHOICES if columns else 0):
        times = _cheapest(rounds, columns, known, hours.until(end_s))
        if not times.any():
            break
        left = [list(own) for own in waiting]
        taken = (_taken(columns[index][1], left) for index in np.repeat(np.arange(len(times)), times).tolist())
        if (days := all_dealt(problem, number, [trip for trip in taken if trip], len(runs))) is not None:
            return days
        end_s = min(end_s, hours.needs_s(times)) - SHORTER_S
    return runs


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
        return [LinearConstraint(self.after, 0, there_s), LinearConstraint(self.ready > self.latest, 0, 0)]

    def needs_s(self, times: Ints) -> int:
        """When the day ends at the earliest, if trips are driven so many times."""
        return int((self.moments + self.after @ times / self.vehicles).max())


def _cheapest(
    rounds: Rounds, columns: Sequence[Column], known: Sequence[Group], hours: Sequence[LinearConstraint]
) -> Ints:
    """Choose how many times each group is driven, shape (c,); none where HiGHS finds nothing cheaper."""
    cost, taken, _ = arrays_of(columns, len(rounds.tps))
    found = milp(
        cost,
        integrality=np.ones(len(cost), dtype=np.int64),
        bounds=Bounds(0, np.inf),
        constraints=[
            LinearConstraint(taken, rounds.tps, np.inf),
            LinearConstraint(np.ones(len(cost)), 0, len(known)),
            LinearConstraint(cost, 0, sum(map(rounds.cost, known)) - 1),
            *hours,
        ],
        options={"node_limit": NODES, "mip_rel_gap": 0},
    )
    return np.zeros(len(cost), dtype=np.int64) if found.x is None else np.rint(found.x).astype(np.int64)
