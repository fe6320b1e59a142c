"""Whether planning again from an older plan is worth it: `make benchmarks`, or `python -m tests.benchmarks.warm`.

An older plan of one base with many TPS, searched for long; then the roads of some places take three times as long and
vehicles fail, so that the older plan cannot be driven as it is. Half a second of search from its trips is set against
a minute of search from nothing on the same problem, both mended and sent home whoever can be spared, as the plan does.
Half a second is for all of that. Seconds are of the processor, and are turned into iterations by the speed of this
computer.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from kaur_gis.distribute.base import fewest
from kaur_gis.distribute.close import closed
from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.problem import Client, RoutingProblem, VehicleKind
from kaur_gis.distribute.schedule import Run, is_kept
from kaur_gis.distribute.solve import pyvrp_solver

HOUR = 3600


def main() -> None:
    """Print, for a small change and for one that breaks the older plan, both answers and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--clients", type=int, default=200)
    arguments.add_argument("--cold", type=float, default=60.0, help="seconds of search from nothing")
    arguments.add_argument("--warm", type=float, default=0.5, help="seconds of search from the older plan")
    arguments.add_argument("--seeds", type=int, default=1)
    asked = arguments.parse_args()
    before = made(asked.clients)
    rate = 200 / timed(lambda: pyvrp_solver(before, seed=1, iterations=200))[1]
    long = max(1, int(rate * asked.cold))
    older = answer(before, 1, long)
    rest = timed(lambda: closed(before, older))[1]
    print(f"{asked.clients} clients, {rate:.0f} iterations a second, {rest:.2f} s to try whom to send home")
    print("unserved / vehicles / hours of work, and seconds of the processor")
    for name, slow, fewer in (("one place slower", 1, 0), ("a tenth slower, 2 vehicles fail", asked.clients // 10, 2)):
        after = changed(before, slow, fewer)
        there = older[fewer:]  # the first vehicles fail
        short = max(1, int(rate * (asked.warm - (rest if fewer else 0))))  # PyVRP has what is left of the time
        broken = fewer + sum(not is_kept(after, run) for run in there)
        print(f"{name}: {broken} of the {len(older)} older vehicles broken")
        for seed in range(1, asked.seeds + 1):
            warm, warm_s = timed(partial(answer, after, seed, short, there))
            cold, cold_s = timed(partial(answer, after, seed, long))
            figures = [worth(after, runs) for runs in (warm, cold)]
            told = [f"{left} / {used} / {work / HOUR:.1f}" for left, used, work in figures]
            ratio = figures[0][2] / figures[1][2]
            verdict = "no worse" if figures[0] <= figures[1] else "WORSE"
            print(f"  warm {told[0]} in {warm_s:.1f}, cold {told[1]} in {cold_s:.1f}: {verdict}, hours {ratio:.3f}")


def answer(problem: RoutingProblem, seed: int, iterations: int, older: Sequence[Run] = ()) -> tuple[Run, ...]:
    """Search, mend, and do with as few vehicles as can be."""
    return fewest(problem, pyvrp_solver, seed=seed, iterations=iterations, older=older)


def timed(work: Callable[[], tuple[Run, ...]]) -> tuple[tuple[Run, ...], float]:
    """Do some work; its answer, and how much processor time it took [s]."""
    begun = time.process_time()
    return work(), time.process_time() - begun


def made(n: int) -> RoutingProblem:
    """Make a base with `n` TPS around it, two kinds of vehicle, several trips a day, boxes and kg, deadlines."""
    rng = np.random.default_rng(1)
    points = np.vstack([[20_000, 20_000], rng.integers(0, 40_000, (n, 2))])
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
    return RoutingProblem(kinds, clients, start_s=6 * HOUR, end_s=21 * HOUR, loading_s=900)


def changed(problem: RoutingProblem, slow: int, fewer: int) -> RoutingProblem:
    """Let the roads of some places take three times as long, and take vehicles away."""
    kinds = []
    for kind in problem.kinds:
        seconds = kind.seconds.copy()
        seconds[1 : slow + 1] *= 3
        seconds[:, 1 : slow + 1] *= 3
        kinds.append(replace(kind, seconds=seconds, count=kind.count - fewer))
    return replace(problem, kinds=tuple(kinds))


if __name__ == "__main__":
    main()
