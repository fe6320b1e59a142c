"""Trips that come home too late in the heavier weather go to other vehicles where that helps: last of all, or alone.

So do trips of drivers whose day gets too long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from kaur_gis.distribute.base import NEVER_S, Side, late_drives, overtime_s
from kaur_gis.distribute.case import Case
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run, cost_of, is_kept
from kaur_gis.distribute.share import Trip


class Late(NamedTuple):
    """How much is too late: so many TPS, drivers, and their boxes and days by so much together [s]."""

    n_tps: int
    drivers: int
    seconds: int


class _Way(NamedTuple):
    """What becomes of some vehicles, and what changes by that; the best way is the least by its first six."""

    n_tps: int
    drivers: int
    vehicles: int
    seconds: int
    cost: int
    runs: tuple[tuple[int, tuple[Trip, ...]], ...]
    gone: tuple[Run, ...]
    becomes: Mapping[Run, Late]


def relieved(case: Case, runs: Sequence[Run], heavier: Side) -> tuple[Run, ...]:
    """Drive trips that are late otherwise: so that fewer TPS are late, else fewer drivers out too long.

    Else by fewer vehicles, else less late. One trip after the other is driven as the last one of its vehicle, or by
    another one, or by one that stands idle; all that a driver does beyond his hours may be so at once.

    Parameters
    ----------
    case : Case
    runs : sequence of Run
        Which can be driven as they are.
    heavier : Side
        In which boxes are fetched, by the end of the stage.

    Returns
    -------
    tuple of Run
        Sorted. No vehicle stands idle that would, in the heavier weather, bring home in time with its only trip what
        another one of its row brings too late.
    """
    late = {run: late_of(case, run, heavier) for run in runs}
    while way := min(_ways(case, late, heavier), key=lambda way: way[:6], default=None):
        late = {run: now for run, now in late.items() if run not in way.gone} | dict(way.becomes)
    return tuple(sorted(late, key=lambda run: (run.kind, run.trips)))


def late_of(case: Case, run: Run, heavier: Side) -> Late:
    """Say how much of what one vehicle fetches comes home too late, or never, and if its driver is out too long."""
    drives = late_drives(case, run, heavier)
    longer_s, backs = overtime_s(case, run, drives, heavier), [drive.back_s for drive in drives]
    by = [NEVER_S if back_s is None else back_s - case.stage.end_s for back_s in backs]
    over = [(len(trip), seconds) for trip, seconds in zip(run.trips, by, strict=True) if seconds > 0]
    return Late(sum(n for n, _ in over), int(longer_s > 0), longer_s + sum(n * seconds for n, seconds in over))


def _ways(case: Case, late: Mapping[Run, Late], heavier: Side) -> Iterator[_Way]:
    """List the ways to drive a trip of a vehicle that is late as the last one, or by another vehicle, that help."""
    problem, used = case.problem, Counter(run.kind for run in late)
    idle = [Run(kind, ()) for kind, own in enumerate(case.vehicles) if used[kind] < len(own.numbers)]
    for run in (run for run, then in late.items() if then.seconds):
        for first, behind in _pieces(len(run.trips), rests=late[run].drivers > 0):
            rest, piece = Run(run.kind, run.trips[:first] + run.trips[behind:]), run.trips[first:behind]
            for other in (*late, *idle):
                mine, theirs = ((), rest) if other == run else ((rest,) if rest.trips else (), other)
                after = (*mine, replace(theirs, trips=theirs.trips + piece))
                gone = (run,) if other == run or not other.trips else (run, other)
                way = _way(problem, gone, after, late, partial(late_of, case, heavier=heavier))
                if way and way[:4] < (0, 0, 0, 0):
                    yield way


def _pieces(n: int, *, rests: bool) -> list[tuple[int, int]]:
    """List which of `n` trips are driven otherwise: one, or for a driver who is out too long all from one on."""
    alone = [(number, number + 1) for number in range(n)]
    return alone + [(number, n) for number in range(1, n - 1) if rests]


def _way(
    problem: RoutingProblem,
    gone: tuple[Run, ...],
    after: tuple[Run, ...],
    late: Mapping[Run, Late],
    late_of: Callable[[Run], Late],
) -> _Way | None:
    """Say what changes when some runs become others; None where these cannot be driven."""
    if not all(is_kept(problem, run) for run in after):
        return None
    becomes = {run: late_of(run) for run in after}
    was = [Late(*(-figure for figure in late[run])) for run in gone]
    n_tps, drivers, seconds = map(sum, zip(*becomes.values(), *was, strict=True))
    cost = sum(cost_of(problem, run) for run in after) - sum(cost_of(problem, run) for run in gone)
    told = tuple((run.kind, run.trips) for run in after)
    return _Way(n_tps, drivers, len(after) - len(gone), seconds, cost, told, gone, becomes)
