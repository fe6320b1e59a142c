"""Trips that come home too late in the heavier weather go to other vehicles where that helps: last of all, or alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from kaur_gis.distribute.base import Side, late_drives
from kaur_gis.distribute.case import Case
from kaur_gis.distribute.schedule import Run, cost_of, is_kept


class Late(NamedTuple):
    """How much is too late: so many TPS, and their boxes by so much together, as far as they come at all [s]."""

    n_tps: int
    seconds: int


class _Way(NamedTuple):
    """Who drives what instead of before, and how much later: what is late, then work [s]; the best way is the least."""

    late: Late
    cost: int
    runs: tuple[tuple[int, tuple[tuple[int, ...], ...]], ...]
    becomes: Mapping[Run, Late]
    gone: tuple[Run, ...]


def relieved(case: Case, runs: Sequence[Run], heavier: Side) -> tuple[Run, ...]:
    """Give trips to other vehicles as long as less is late for it, and to an idle one if that makes fewer TPS late.

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
    while way := min(_ways(case, late, heavier), key=lambda way: way[:3], default=None):
        late = {run: now for run, now in late.items() if run not in way.gone} | dict(way.becomes)
    return tuple(sorted(late, key=lambda run: (run.kind, run.trips)))


def late_of(case: Case, run: Run, heavier: Side) -> Late:
    """Say how much of what one vehicle fetches comes home too late, or never."""
    drives = late_drives(case, run, heavier)
    over = [
        (len(trip), 0 if drive.back_s is None else drive.back_s - case.stage.end_s)
        for trip, drive in zip(run.trips, drives, strict=True)
        if drive.back_s is None or drive.back_s > case.stage.end_s
    ]
    return Late(sum(n for n, _ in over), sum(n * seconds for n, seconds in over))


def _ways(case: Case, late: Mapping[Run, Late], heavier: Side) -> Iterator[_Way]:
    """List the ways to give a trip of a vehicle that is late to another one, that make it better."""
    problem, used = case.problem, Counter(run.kind for run in late)
    idle = [Run(kind, ()) for kind, own in enumerate(case.vehicles) if used[kind] < len(own.numbers)]
    for run in (run for run, then in late.items() if then.n_tps):
        for number, trip in enumerate(run.trips):
            rest = Run(run.kind, (*run.trips[:number], *run.trips[number + 1 :]))
            for other in (other for other in (*late, *idle) if other != run):
                both = [each for each in (rest, Run(other.kind, (*other.trips, trip))) if each.trips]
                if not all(is_kept(problem, each) for each in both):
                    continue
                becomes = {each: late_of(case, each, heavier) for each in both}
                gone = (run, other) if other.trips else (run,)
                before, after = (_sum(those) for those in ([late[each] for each in gone], becomes.values()))
                if after < before and (other.trips or after.n_tps < before.n_tps):
                    change = Late(after.n_tps - before.n_tps, after.seconds - before.seconds)
                    cost = sum(cost_of(problem, each) for each in both) - sum(cost_of(problem, each) for each in gone)
                    yield _Way(change, cost, tuple((each.kind, each.trips) for each in both), becomes, gone)


def _sum(lates: Collection[Late]) -> Late:
    return Late(sum(late.n_tps for late in lates), sum(late.seconds for late in lates))
