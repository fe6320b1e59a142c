"""Small routing problems, and an oracle that tries every plan; nothing here is taken from the package's own code."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, pairwise, permutations

import numpy as np

from kaur_gis.distribute.problem import Client, Price, RoutingProblem, VehicleKind
from kaur_gis.distribute.schedule import Run

HOUR = 3600


def matrix(rng: np.random.Generator, n: int) -> np.ndarray:
    """Driving seconds among random points; directions differ, the triangle inequality holds."""
    points = rng.integers(0, 3000, (n, 2))
    seconds = np.abs(points[:, None] - points[None]).sum(axis=2) * rng.integers(1, 3) + rng.integers(0, 300, (n, n))
    np.fill_diagonal(seconds, 0)
    for k in range(n):
        seconds = np.minimum(seconds, seconds[:, [k]] + seconds[[k]])
    return seconds.astype(np.int64)


def problem(
    seed: int, n: int, *, count: int = 2, max_trips: int = 1, kinds: int = 1, shared: bool = False
) -> RoutingProblem:
    """Make a random problem of `n` clients: tight enough that often somebody can't be served.

    With `shared`, several clients may be at one place.
    """
    rng = np.random.default_rng(seed)
    places = [1 + int(rng.integers(0, max(1, n // 2))) if shared else 1 + index for index in range(n)]
    size = max(places) + 1
    vehicles = tuple(
        VehicleKind(
            count=count,
            capacity=(int(rng.integers(3, 7)), 1000),
            max_trips=max_trips,
            places=tuple(range(size)),
            seconds=matrix(rng, size),
            visit_s=(0, *(int(rng.integers(0, 600)) for _ in range(size - 1))),
        )
        for _ in range(kinds)
    )
    clients = tuple(
        Client(
            place=place,
            demand=(int(rng.integers(1, 4)), int(rng.integers(100, 300))),
            service_s=int(rng.integers(0, 300)),
            release_s=int(rng.choice([0, 0, 7 * HOUR, 8 * HOUR])),
            deadline_s=int(rng.integers(9, 14)) * HOUR,
            kinds=tuple(sorted({0, int(rng.integers(0, kinds))})),
        )
        for place in places
    )
    return RoutingProblem(vehicles, clients, start_s=6 * HOUR, end_s=int(rng.integers(11, 16)) * HOUR, loading_s=600)


def with_ends(given: RoutingProblem, seed: int, *, hours: bool, priced: bool) -> RoutingProblem:
    """Let every vehicle end its day elsewhere; with `hours` its driver has few, with `priced` it has a price."""
    rng = np.random.default_rng(seed)
    kinds = []
    for kind in given.kinds:
        n = len(kind.places)
        arcs = np.column_stack([matrix(rng, n), rng.integers(0, 3000, n)]).astype(np.int64)
        kinds.append(
            replace(
                kind,
                home_s=tuple(rng.integers(0, 4000, n).tolist()),
                hours_s=int(rng.integers(90, 240)) * 60 if hours else None,
                price=Price(int(rng.integers(0, 4000)), int(rng.integers(0, 900)), arcs) if priced else None,
            )
        )
    return replace(given, kinds=tuple(kinds))


def faults(given: RoutingProblem, run: Run, begin_s: int | None = None) -> list[str]:
    """Drive one vehicle by hand, from `begin_s` on if that is given, and list what is wrong."""
    found = []
    kind = given.kinds[run.kind]
    clock = given.start_s if begin_s is None else begin_s
    loaded = []
    if len(run.trips) > kind.max_trips:
        found.append("trips")
    for number, trip in enumerate(run.trips, start=1):
        clients = [given.clients[index] for index in trip]
        for dimension, most in enumerate(kind.capacity):
            if sum(client.demand[dimension] for client in clients) > most:
                found.append("load")
        if any(run.kind not in client.kinds for client in clients):
            found.append("kind")
        loaded.append(max([clock, *(client.release_s for client in clients)]))
        clock = loaded[-1] + given.loading_s
        at = 0
        arrived = clock
        for client in clients:
            if client.place != at:
                arrived = clock + int(kind.seconds[kind.places.index(at), kind.places.index(client.place)])
                clock = arrived + kind.visit_s[kind.places.index(client.place)]
                at = client.place
            if arrived > client.deadline_s:
                found.append("deadline")
            clock += client.service_s
        goes_home = kind.home_s is not None and number == len(run.trips)
        clock += kind.home_s[kind.places.index(at)] if goes_home else int(kind.seconds[kind.places.index(at), 0])
    too_long = kind.hours_s is not None and loaded and clock - loaded[0] > kind.hours_s
    return [*found, *(["end"] if clock > given.end_s else []), *(["hours"] if too_long else [])]


def can_be_driven(given: RoutingProblem, run: Run) -> bool:
    """Whether nothing is wrong if the vehicle begins at the right moment, found by halving.

    Who begins later has no longer day, and comes nowhere earlier: so it is the first moment at which the hours hold.
    """
    first, last = given.start_s, given.end_s
    while first < last:
        middle = (first + last) // 2
        first, last = (middle + 1, last) if "hours" in faults(given, run, middle) else (first, middle)
    return not faults(given, run, first)


def work(given: RoutingProblem, run: Run) -> int:
    """Count loading, driving and stopping of one vehicle by hand [s], or what these and the vehicle cost."""
    kind = given.kinds[run.kind]
    price = kind.price
    total = price.vehicle if price else 0
    for number, trip in enumerate(run.trips, start=1):
        total += price.loading if price else given.loading_s
        at = 0
        for place in (given.clients[index].place for index in trip):
            if place != at:
                a, b = kind.places.index(at), kind.places.index(place)
                total += int(price.arcs[a, b] if price else kind.seconds[a, b] + kind.visit_s[b])
                at = place
        elsewhere = kind.home_s is not None and number == len(run.trips)
        a, b = kind.places.index(at), -1 if elsewhere else 0
        if price:
            total += int(price.arcs[a, b])
        else:
            total += kind.home_s[a] if elsewhere else int(kind.seconds[a, 0])
    return total


def measure(given: RoutingProblem, runs: tuple[Run, ...]) -> tuple[int, int, int]:
    """Measure by served (negative), vehicles, work: less is better, the first first; a price counts vehicles in."""
    served = sum(len(trip) for run in runs for trip in run.trips)
    return -served, 0 if given.kinds[0].price else len(runs), sum(work(given, run) for run in runs)


def best_of_all(given: RoutingProblem) -> tuple[int, int, int]:
    """Try every plan of a problem with one kind of vehicle; the measure of the best."""
    kind = given.kinds[0]
    slots = kind.count * kind.max_trips
    alone: dict[tuple[tuple[int, ...], ...], int | None] = {}

    def cost(trips: tuple[tuple[int, ...], ...]) -> int | None:
        if trips not in alone:
            run = Run(0, trips)
            alone[trips] = None if faults(given, run) else work(given, run)
        return alone[trips]

    best = (0, 0, 0)
    for n in range(1, len(given.clients) + 1):
        for order in permutations(range(len(given.clients)), n):
            for cuts in combinations_with_replacement(range(n + 1), slots - 1):
                edges = [0, *cuts, n]
                trips = [order[a:b] for a, b in pairwise(edges)]
                vehicles = [
                    tuple(trip for trip in trips[v * kind.max_trips : (v + 1) * kind.max_trips] if trip)
                    for v in range(kind.count)
                ]
                costs = [cost(vehicle) for vehicle in vehicles if vehicle]
                if None not in costs:
                    best = min(best, (-n, len(costs), sum(filter(None, costs))))
    return best


def cheapest_orders(given: RoutingProblem, kind: int) -> dict[int, int]:
    """Find the work of the best order of every set of clients (as bits) that a vehicle can drive as its one trip."""
    cheapest: dict[int, int] = {}
    begun: list[tuple[int, ...]] = [()]
    while begun:
        start = begun.pop()
        for order in ((*start, client) for client in range(len(given.clients)) if client not in start):
            run = Run(kind, (order,))
            found = faults(given, run)
            if not found:
                bits, cost = sum(1 << client for client in order), work(given, run)
                cheapest[bits] = min(cheapest.get(bits, cost), cost)
            if not {"load", "kind", "deadline"} & set(found):  # one client more mends none of these
                begun.append(order)
    return cheapest


def best_of_sets(given: RoutingProblem) -> tuple[int, int, int]:
    """Try every order of every set of clients as a vehicle's one trip, then every way to share sets out.

    For one trip a vehicle and any kinds of vehicle: quicker than `best_of_all`, for more clients.
    """
    n = len(given.clients)
    cheapest = [cheapest_orders(given, number) for number in range(len(given.kinds))]
    one = 0 if given.kinds[0].price else 1
    best: dict[int, tuple[int, int]] = {0: (0, 0)}  # set of clients -> vehicles and work
    for number, kind in enumerate(given.kinds):
        for _ in range(kind.count):
            for bits, (used, total) in list(best.items()):
                for more, cost in cheapest[number].items():
                    if not bits & more:
                        best[bits | more] = min(best.get(bits | more, (n + 1, 0)), (used + one, total + cost))
    return min((-bits.bit_count(), used, total) for bits, (used, total) in best.items())
