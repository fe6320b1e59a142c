"""How good the routes are, against others in the same run: `make benchmarks`, or `python -m tests.benchmarks.routes`.

1. Capacitated routing as published: through our `RouteSolver`, and PyVRP called directly for the same processor time,
   the mean of several seeds, as one seed says little: they lie half a percentage point apart. Read are
   `E-n22-k4.vrp` and `X-n101-k25.vrp` beside this file or, with ``--instances FOLDER``, any ``*.vrp`` in the format
   of CVRPLIB whose best known cost stands in a ``*.sol`` beside it ("Cost 27591"). One instance of random points is
   made, too.
2. The problems of Kaur as the plan poses them: hours of work by us, by "nearest first", by one vehicle a kecamatan,
   and by OR-Tools on the same matrix for the same time (where it is installed: `pip install ortools`).

References
----------
E-n22-k4: Christofides and Eilon, An algorithm for the vehicle-dispatching problem, Operational Research Quarterly 20,
1969; as in the tests of PyVRP (MIT licence). X-n101-k25: Uchoa et al., New benchmark instances for the Capacitated
Vehicle Routing Problem, European Journal of Operational Research 257, 2017; as in mathcoding/opt4ds (MIT licence).
Other instances are not part of this project: CVRPLIB states no licence.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyvrp

from kaur_gis.config import Operation
from kaur_gis.distribute import distribute
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.problem import Client, Price, RoutingProblem, VehicleKind
from kaur_gis.distribute.rounded import minutes_s
from kaur_gis.distribute.schedule import Run, clients_of, cost_of, is_kept
from kaur_gis.distribute.search import solved
from kaur_gis.distribute.solve import pyvrp_solver
from kaur_gis.kit import kits
from kaur_gis.place import place
from kaur_gis.read import read_inputs
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times

HERE = Path(__file__).parent
DAY_S = 10**7
"""A day so long that published instances, which know no hours, fit in."""


def main() -> None:
    """Print both comparisons."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--instances", type=Path, default=HERE)
    arguments.add_argument("--iterations", type=int, default=2000)
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--operation", type=Path, default=HERE.parents[1] / "data" / "kaur" / "operation.toml")
    arguments.add_argument("--roads", type=Path)
    asked = arguments.parse_args()
    published(asked.instances, asked.iterations, range(1, asked.seeds + 1))
    kaur(asked.operation, asked.roads)


def published(folder: Path, iterations: int, seeds: Sequence[int]) -> None:
    """Compare with PyVRP itself by either aim: least distance, and vehicles first."""
    print(f"Capacitated routing, {iterations} iterations of ours, the same processor time for PyVRP itself")
    print(f"Mean of {len(seeds)} seeds: above the best cost / vehicles. pp: percentage points of ours above theirs")
    print(f"{'instance':<14}{'best':>8}  {'aim':<16}{'s':>6}{'ours':>16}{'direct':>16}{'pp':>7}")
    for name, capacity, points, demand, best in [*_instances(folder), _random_instance()]:
        metres = np.rint(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))).astype(np.int64)
        # by distance a vehicle costs nothing; by our own order of aims more than any detour
        aims = (("distance", True, 0), ("vehicles first", False, 10 * int(metres.max())))
        found = {aim: _both(capacity, metres, demand, iterations, seeds, *how) for aim, *how in aims}
        known = best or min(cost for ways in found.values() for way in ways for cost, *_ in way)
        for aim, ways in found.items():
            (ours, used, seconds), (theirs, their_used) = (
                [sum(figures) / len(seeds) for figures in zip(*way, strict=True)] for way in ways
            )
            shown = (
                f"{100 * (ours / known - 1):.2f} % / {used:.1f}",
                f"{100 * (theirs / known - 1):.2f} % / {their_used:.1f}",
            )
            told = f"{name:<14}{best or '-':>8}  {aim:<16}{seconds:>6.1f}{shown[0]:>16}{shown[1]:>16}"
            print(f"{told}{100 * (ours - theirs) / known:>+7.2f}", flush=True)


def _both(
    capacity: int,
    metres: np.ndarray,
    demand: np.ndarray,
    iterations: int,
    seeds: Sequence[int],
    priced: bool,
    fixed: int,
) -> tuple[list[tuple[int, int, float]], list[tuple[int, int]]]:
    """Distance, vehicles and processor seconds of ours by each seed; then of PyVRP itself in the same time."""
    problem = _as_problem(capacity, metres, demand, priced=priced)
    ours, theirs = [], []
    for seed in seeds:
        begun = time.process_time()
        runs = pyvrp_solver(problem, seed=seed, iterations=iterations)
        seconds = time.process_time() - begun
        ours.append((*_measured(problem, runs), seconds))
        theirs.append(_direct(capacity, metres, demand, fixed, seconds, seed))
    return ours, theirs


class Processor:
    """A stop for PyVRP after so much processor time [s]: others on the computer take nothing from it."""

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds

    def __call__(self, _: float) -> bool:
        """Whether the time is over."""
        return time.process_time() > self.end


Instance = tuple[str, int, np.ndarray, np.ndarray, int | None]


def _instances(folder: Path) -> list[Instance]:
    """Read instances of points in the plane; the depot is the first."""
    found: list[Instance] = []
    for file in sorted(folder.glob("*.vrp")):
        text = file.read_text(encoding="utf-8")
        sections = {name: re.search(rf"{name}_SECTION\s*\n([-+.\d\s]*)", text) for name in ("NODE_COORD", "DEMAND")}
        rows = {name: [line.split() for line in match[1].strip().splitlines()] for name, match in sections.items()}
        points = np.array([[float(x), float(y)] for _, x, y in rows["NODE_COORD"]])
        demand = np.array([int(amount) for _, amount in rows["DEMAND"]])
        capacity = int(re.search(r"CAPACITY\s*:\s*(\d+)", text)[1])
        cost = re.search(r"Cost\s*:?\s*(\d+)", file.with_suffix(".sol").read_text(encoding="utf-8"))
        found.append((file.stem, capacity, points, demand, int(cost[1])))
    return found


def _random_instance(n: int = 100) -> Instance:
    """Make an instance of random points; nobody knows its best cost."""
    rng = np.random.default_rng(1)
    demand = np.array([0, *rng.integers(1, 101, n)])
    return f"random-{n}", 600, rng.integers(0, 1001, (n + 1, 2)).astype(float), demand, None


def _as_problem(capacity: int, metres: np.ndarray, demand: np.ndarray, *, priced: bool) -> RoutingProblem:
    """State it for our seam: few vehicles first or, priced, metres alone, at a price of one each."""
    places = tuple(range(len(demand)))
    price = Price(0, 0, np.hstack([metres, metres[:, :1]])) if priced else None
    kind = VehicleKind(len(demand) - 1, (capacity,), 1, places, metres, (0,) * len(demand), price=price)
    clients = tuple(Client(place, (int(demand[place]),), 0, 0, DAY_S, (0,)) for place in places[1:])
    return RoutingProblem((kind,), clients, start_s=0, end_s=DAY_S, loading_s=0)


def _measured(problem: RoutingProblem, runs: Sequence[Run]) -> tuple[int, int]:
    """Distance and vehicles of an answer that serves everyone within the loads."""
    if sorted(clients_of(runs)) != list(range(len(problem.clients))) or not all(is_kept(problem, run) for run in runs):
        raise ValueError
    return sum(cost_of(problem, run) for run in runs), len(runs)


def _direct(
    capacity: int, metres: np.ndarray, demand: np.ndarray, fixed: int, seconds: float, seed: int
) -> tuple[int, int]:
    """Call PyVRP without anything of ours."""
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in demand],
        clients=[pyvrp.Client(at, delivery=[int(demand[at])]) for at in range(1, len(demand))],
        depots=[pyvrp.Depot(0)],
        vehicle_types=[pyvrp.VehicleType(len(demand) - 1, [capacity], fixed_cost=fixed)],
        distance_matrices=[metres],
        duration_matrices=[np.zeros_like(metres)],
    )
    best = pyvrp.solve(data, Processor(seconds), seed=seed, collect_stats=False).best
    if not best.is_feasible():
        raise ValueError
    return best.distance(), best.num_routes()


def kaur(path: Path, roads: Path | None) -> None:
    """Compare on the problems that the plan of an operation poses."""
    operation, seen = posed(path, roads)
    first_loading_s = minutes_s(operation.stages[0].loading_minutes)
    ways: dict[str, Callable[[RoutingProblem, float], tuple[Run, ...]]] = {
        "nearest first": lambda problem, _: nearest_first(problem),
        "one vehicle a kecamatan": lambda problem, _: one_each(problem, by_place=problem.loading_s == first_loading_s),
    }
    try:
        from tests.benchmarks.others.or_tools import or_tools  # noqa: PLC0415 - OR-Tools is not always installed
    except ModuleNotFoundError:
        print("OR-Tools is not installed: no comparison with it")
    else:
        ways["OR-Tools, same seconds"] = lambda problem, seconds: mended(problem, or_tools(problem, seconds))
    compared(operation, seen, ways)


def posed(path: Path, roads: Path | None) -> tuple[Operation, list[RoutingProblem]]:
    """Read an operation, and note the problems that its plan poses, each as few times as can be."""
    inputs = read_inputs(path, roads=roads)
    operation = inputs.operation
    tps = tag(place(inputs)[0], operation)
    stops = stops_of(tps, inputs.tempat)
    seen: list[RoutingProblem] = []

    def noting(problem: RoutingProblem, *asked: Any, **how: Any) -> tuple[Run, ...]:
        seen.append(problem)
        return solved(problem, *asked, **how)

    kit = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"])
    # the plan poses a base's problem for each weather: here there is one
    weather = operation.weather.model_copy(update={"late": operation.weather.plan})
    inputs = replace(inputs, operation=operation.model_copy(update={"weather": weather}))
    with patch("kaur_gis.distribute.waves.solved", noting):  # solvers see parcels of TPS, and some problems twice
        distribute(inputs, tps, kit, stops, travel_times(inputs, stops))
    return operation, seen


def compared(
    operation: Operation,
    problems: Sequence[RoutingProblem],
    ways: dict[str, Callable[[RoutingProblem, float], tuple[Run, ...]]],
) -> None:
    """Print, for each way, its figures and ours on the same problems."""
    ours, seconds = [], []
    for problem in problems:
        begun = time.perf_counter()
        ours.append(solved(problem, pyvrp_solver, operation))
        seconds.append(time.perf_counter() - begun)
    told = f"{len(problems)} problems, {sum(len(problem.clients) for problem in problems)} TPS"
    print(f"\n{operation.operation.name}: {told}, {sum(seconds):.1f} s of ours")
    print("hours: loading, driving and stopping, over the problems in which both serve the same number")
    print(
        f"{'way':<26}{'problems':>10}{'hours':>8}{'ours':>8}{'ratio':>8}{'vehicles':>10}{'ours':>6}{'unserved':>10}{'ours':>6}"
    )
    for name, way in ways.items():
        theirs = [way(problem, given) for problem, given in zip(problems, seconds, strict=True)]
        pairs = list(zip(problems, theirs, ours, strict=True))
        same = [(p, a, b) for p, a, b in pairs if len(clients_of(a)) == len(clients_of(b))]
        hours = [sum(cost_of(p, run) for p, *both in same for run in both[side]) / 3600 for side in (0, 1)]
        used = [sum(len(both[side]) for _, *both in same) for side in (0, 1)]
        left = [sum(len(p.clients) - len(clients_of(both[side])) for p, *both in pairs) for side in (0, 1)]
        ratio = hours[0] / hours[1]
        row = f"{name:<26}{len(same):>10}{hours[0]:>8.1f}{hours[1]:>8.1f}{ratio:>8.3f}"
        print(f"{row}{used[0]:>10}{used[1]:>6}{left[0]:>10}{left[1]:>6}")
        late = sum(not is_kept(p, run) for p, a, _ in pairs for run in a)
        if late:
            print(f"{'':<26}{late} of these vehicles come too late or work too long")


def nearest_first(problem: RoutingProblem) -> tuple[Run, ...]:
    """Drive each time to the nearest client that still fits; vehicle after vehicle, trip after trip."""
    waiting, runs = set(range(len(problem.clients))), []
    for number, kind in enumerate(problem.kinds):
        local = {at: index for index, at in enumerate(kind.places)}
        for _ in range(kind.count):
            run = Run(number, ())
            for _ in range(kind.max_trips):
                trip: tuple[int, ...] = ()
                at = 0
                while True:
                    mine = [client for client in waiting if number in problem.clients[client].kinds]
                    mine.sort(key=partial(_from, problem, kind, local, at))
                    fits = (c for c in mine if is_kept(problem, Run(number, (*run.trips, (*trip, c)))))
                    nearest = next(fits, None)
                    if nearest is None:
                        break
                    trip = (*trip, nearest)
                    waiting.remove(nearest)
                    at = problem.clients[nearest].place
                if trip:
                    run = Run(number, (*run.trips, trip))
            if run.trips:
                runs.append(run)
    return tuple(runs)


def _from(problem: RoutingProblem, kind: VehicleKind, local: dict[int, int], at: int, client: int) -> tuple[int, int]:
    return int(kind.seconds[local[at], local[problem.clients[client].place]]), client


def one_each(problem: RoutingProblem, *, by_place: bool) -> tuple[Run, ...]:
    """Send one vehicle a kecamatan, in the order of the list, as often as it takes; hours and deadlines are not kept.

    A place is a kecamatan where boxes go to the PPK; where they go on from there, the whole problem is one.
    """
    vehicles: dict[tuple[int, int], list[list[int]]] = {}
    order = sorted(
        range(len(problem.clients)), key=lambda c: (problem.clients[c].release_s, problem.clients[c].place, c)
    )
    for client in order:
        wanted = problem.clients[client]
        number = wanted.kinds[0]
        trips = vehicles.setdefault((number, wanted.place if by_place else 0), [[]])
        load = np.sum([problem.clients[c].demand for c in (*trips[-1], client)], axis=0)
        if trips[-1] and (load > problem.kinds[number].capacity).any():
            trips.append([])
        trips[-1].append(client)
    return tuple(Run(number, tuple(map(tuple, trips))) for (number, _), trips in vehicles.items())


if __name__ == "__main__":
    main()
