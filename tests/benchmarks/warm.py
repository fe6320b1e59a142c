"""Whether planning again from an older plan is worth it: `make benchmarks`, or `python -m tests.benchmarks.warm`.

An older plan of one base, searched for long; then roads get slower and vehicles fail, so that the older plan cannot be
driven as it is. Half a second from its trips is set against a minute of search from nothing on the same problem. Half a
second is for all of it: mending, searching, sending home whoever can be spared, searching again. The minute is PyVRP's
first search alone; sending home and a second search, of a quarter of a minute, come on top, as in the plan. All seconds
are by the clock, on a machine that does nothing else. Beside them stands what planning again does with the iterations
that it takes, which are fewer. What a failed vehicle had to do is taken over by an idle one like it, if there is one,
as in the plan; if not, its TPS have nobody.

1. Bases with many TPS, much larger than any of Kaur's, each with its own places; each change is one of `CHANGES`.
2. With `--kaur N` the N largest problems that the plan of Kaur poses; each change is one of `OWN_CHANGES`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaur_gis.config import Solver
from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.problem import Client, RoutingProblem, VehicleKind
from kaur_gis.distribute.schedule import Run, is_kept
from kaur_gis.distribute.search import WARM_SHARE, fewest, still_good
from kaur_gis.distribute.solve import pyvrp_solver
from tests.benchmarks.routes import HERE, posed

HOUR = 3600
ITERATIONS = 240
"""A second, about: it says how far back a search looks, as searches end by the clock here."""
PLANNED = -(-Solver().iterations // WARM_SHARE)
"""What a plan takes from an older one, by default."""
SEARCHED = 0.4
"""The part of its time in which an older plan is searched; the rest is for mending and choosing trips anew."""
OPERATION = HERE.parents[1] / "data" / "kaur" / "operation.toml"
SIZE_M = 40_000
"""Places lie in a square of this size, the base in the middle [m]."""


class Until:
    """A stop for PyVRP at a moment of the clock [s]."""

    def __init__(self, end: float) -> None:
        self.end = end

    def __call__(self, _: float) -> bool:
        """Whether the time is over."""
        return time.perf_counter() > self.end


Change = tuple[NDArray[np.bool_], int, int]
"""Places whose roads get slower, how many times slower, and how many vehicles fail."""


def main() -> None:
    """Print, for each base and change, both answers and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--clients", type=int, default=200)
    arguments.add_argument("--cold", type=float, default=60.0, help="seconds of search from nothing")
    arguments.add_argument("--warm", type=float, default=0.5, help="seconds from the older plan, all in all")
    arguments.add_argument("--seeds", type=int, default=1, help="of the searches")
    arguments.add_argument("--bases", type=int, default=2, help="places at random, one after the other")
    arguments.add_argument("--changes", nargs="*", default=list(CHANGES), choices=list(CHANGES))
    arguments.add_argument("--kaur", type=int, default=0, help="so many of Kaur's own problems, the largest")
    arguments.add_argument("--operation", type=Path, default=OPERATION)
    arguments.add_argument("--roads", type=Path)
    asked = arguments.parse_args()
    verdicts: list[bool] = []
    print("unserved / vehicles / hours of work, and seconds")
    for base in range(1, asked.bases + 1):
        before, points = made(asked.clients, base)
        changes = {name: CHANGES[name](points) for name in asked.changes}
        verdicts += compared(f"base {base}, {asked.clients} TPS", before, changes, asked)
    if asked.kaur:
        for before in largest(posed(asked.operation, asked.roads)[1], asked.kaur):
            places = {client.place for client in before.clients}
            name = f"of Kaur, {len(before.clients)} TPS at {len(places)} places"
            own = {name: change(1 + max(places)) for name, change in OWN_CHANGES.items()}
            verdicts += compared(name, before, own, asked)
    print(f"{sum(verdicts)} of {len(verdicts)} no worse")


def compared(
    name: str, before: RoutingProblem, changes: dict[str, Change], asked: argparse.Namespace
) -> Iterator[bool]:
    """Print both answers to each change of a problem; whether the one from the older plan is no worse."""
    older, older_s = timed(partial(cold, before, 1, asked.cold))
    print(f"{name}: older plan {told(before, older)} in {older_s:.1f}")
    for change, (slow, factor, fewer) in changes.items():
        after = changed(before, slow, factor, fewer)
        there = taken_over(after, older, fewer)
        broken = len(older) - sum(is_kept(after, run) for run in there)
        print(f"  {change}: {broken} of the {len(older)} older vehicles broken")
        for seed in range(1, asked.seeds + 1):
            quick, quick_s = timed(partial(warm, after, seed, asked.warm, there))
            long, long_s = timed(partial(cold, after, seed, asked.cold))
            figures = worth(after, quick), worth(after, long)
            verdict = "no worse" if figures[0] <= figures[1] else "WORSE"
            again, again_s = timed(partial(fewest, after, pyvrp_solver, seed=seed, iterations=PLANNED, older=there))
            shown = f"warm {told(after, quick)} in {quick_s:.2f}, cold {told(after, long)} in {long_s:.1f}"
            planned = f"as the plan {told(after, again)} in {again_s:.2f}"
            ratio = figures[0][2] / figures[1][2]
            print(f"    seed {seed}: {shown}: {verdict}, hours {ratio:.3f}; {planned}", flush=True)
            yield figures[0] <= figures[1]


def taken_over(problem: RoutingProblem, older: Sequence[Run], fewer: int) -> list[Run]:
    """Let the first vehicles fail; an idle one of the same kind takes over, where there is one."""
    there = list(older[fewer:])
    for run in older[:fewer]:
        if sum(other.kind == run.kind for other in there) < problem.kinds[run.kind].count:
            there.append(run)
    return there


def largest(problems: Sequence[RoutingProblem], n: int) -> list[RoutingProblem]:
    """Take the problems with the most TPS; those that are posed twice once."""
    apart = {(problem.clients, problem.kinds[0].seconds.tobytes()): problem for problem in problems}
    return sorted(apart.values(), key=lambda problem: -len(problem.clients))[:n]


def cold(problem: RoutingProblem, seed: int, seconds: float) -> tuple[Run, ...]:
    """Search from nothing for so long, and do with as few vehicles as can be."""

    def stop(iterations: int) -> Until:
        return Until(time.perf_counter() + iterations / ITERATIONS)

    solver = partial(pyvrp_solver, stop=stop)
    return fewest(problem, solver, seed=seed, iterations=max(1, int(seconds * ITERATIONS)))


def warm(problem: RoutingProblem, seed: int, seconds: float, older: Sequence[Run]) -> tuple[Run, ...]:
    """Plan again from an older plan within so many seconds, whatever is done in them."""
    iterations = max(1, int(seconds * ITERATIONS))
    begun, spent = time.perf_counter(), 0
    asks = iterations if still_good(problem, older) else 2 * iterations  # so many in all its searches

    def solver(posed: RoutingProblem, *, seed: int, iterations: int, older: Sequence[Run] = ()) -> tuple[Run, ...]:
        nonlocal spent
        spent += iterations
        until = Until(begun + SEARCHED * seconds * spent / asks)
        return pyvrp_solver(posed, seed=seed, iterations=iterations, older=older, stop=lambda _: until)

    return fewest(problem, solver, seed=seed, iterations=iterations, older=older)


def told(problem: RoutingProblem, runs: Sequence[Run]) -> str:
    """Say what runs are worth."""
    left, used, work = worth(problem, runs)
    return f"{left} / {used} / {work / HOUR:.1f}"


def timed(work: Callable[[], tuple[Run, ...]]) -> tuple[tuple[Run, ...], float]:
    """Do some work; its answer, and how long it took [s]."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def made(n: int, seed: int) -> tuple[RoutingProblem, NDArray[np.int64]]:
    """Make a base with `n` TPS around it, two kinds of vehicle, several trips a day, boxes and kg, deadlines."""
    rng = np.random.default_rng(seed)
    points = np.vstack([[SIZE_M // 2] * 2, rng.integers(0, SIZE_M, (n, 2))])
    metres = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    kinds = tuple(
        VehicleKind(count, (boxes, boxes * 30), 6, tuple(range(n + 1)), np.rint(metres / speed).astype(np.int64), visit)
        for count, boxes, speed, visit in ((n // 8, 20, 8.0, (0,) + (300,) * n), (n // 8, 6, 7.0, (0,) + (200,) * n))
    )
    clients = tuple(
        Client(
            place=at,
            demand=(5, int(rng.integers(100, 150))),
            service_s=600,
            release_s=6 * HOUR,
            deadline_s=int(rng.choice([13, 18])) * HOUR,
            kinds=((0, 1) if rng.random() < 0.8 else (1,)),  # one in five is hard to reach
        )
        for at in range(1, n + 1)
    )
    return RoutingProblem(kinds, clients, start_s=6 * HOUR, end_s=21 * HOUR, loading_s=900), points


def _first(points: NDArray[Any], n: int) -> NDArray[np.bool_]:
    """Take the first places, which lie anywhere."""
    at = np.arange(len(points))
    return (at > 0) & (at <= n)


def _corner(points: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Take the places of one corner."""
    taken: NDArray[np.bool_] = (points < SIZE_M // 3).all(axis=1)
    return taken


CHANGES: dict[str, Callable[[NDArray[np.int64]], Change]] = {
    "one place three times slower": lambda points: (_first(points, 1), 3, 0),
    "a tenth three times slower, 2 vehicles fail": lambda points: (_first(points, len(points) // 10), 3, 2),
    "a corner twice slower": lambda points: (_corner(points), 2, 0),
    "a corner twice slower, 1 vehicle fails": lambda points: (_corner(points), 2, 1),
    "1 vehicle fails": lambda points: (_first(points, 0), 1, 1),
}


OWN_CHANGES: dict[str, Callable[[int], Change]] = {
    "one place three times slower": lambda n: (_first(np.empty(n), 1), 3, 0),
    "a tenth three times slower, 1 vehicle fails": lambda n: (_first(np.empty(n), -(-n // 10)), 3, 1),
    "a third twice slower": lambda n: (_first(np.empty(n), n // 3), 2, 0),
    "a third twice slower, 1 vehicle fails": lambda n: (_first(np.empty(n), n // 3), 2, 1),
    "1 vehicle fails": lambda n: (_first(np.empty(n), 0), 1, 1),
}


def changed(problem: RoutingProblem, slow: NDArray[np.bool_], factor: int, fewer: int) -> RoutingProblem:
    """Let the roads of some places take longer, and take vehicles away."""
    kinds = []
    for kind in problem.kinds:
        seconds, own = kind.seconds.copy(), slow[list(kind.places)]
        seconds[own] *= factor
        seconds[:, own] *= factor
        kinds.append(replace(kind, seconds=seconds, count=kind.count - fewer))
    return replace(problem, kinds=tuple(kinds))


if __name__ == "__main__":
    main()
