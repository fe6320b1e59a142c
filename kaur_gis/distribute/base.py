"""One base, planned so that the boxes come in time in the heavier weather, too, as far as the vehicles go.

A plan that is just in time on the planned day is late on a worse one, while vehicles stand idle. So a base is
first planned as if the heavier weather were certain: roads, deadlines, and when boxes can be loaded. If everyone
is served so, those are the trips, and on the planned day they only end earlier. If not, whoever is left is added
where it costs least, and a plan for the planned weather alone competes: who serves more wins, then who has
fewer late in the heavier weather, then fewer vehicles and less work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np

from kaur_gis.config import Stage, Wave
from kaur_gis.distribute.case import Case, able, carried, case_of
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.older import Older
from kaur_gis.distribute.polish import worth
from kaur_gis.distribute.pool import Parked
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import (
    Conditions,
    Drive,
    Run,
    Time,
    clients_of,
    drives,
    in_light,
    is_kept,
    planned,
    sure,
)
from kaur_gis.distribute.share import dealt
from kaur_gis.problems import Problem
from kaur_gis.travel import TravelTimes

NEVER_S = 10**9
"""So much too late counts what never comes [s]."""
Limits = dict[str, tuple[int, ...]]
"""`kode_tps` -> deadlines at the end of a stage [s from midnight], the one to be tried first in front."""


class Search(Protocol):
    """How a problem is solved, from runs of an older plan where there are any."""

    def __call__(self, problem: RoutingProblem, *, older: Sequence[Run]) -> tuple[Run, ...]: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class Side:
    """One weather, as a stage finds it.

    Attributes
    ----------
    chain : Chain
        In that weather.
    ready : mapping
        `kode_tps` -> when its boxes can be loaded [s from midnight]; None where they never come.
    limit : Limits
    vehicles : sequence of Parked
        That can be used, with the moment at which each is free in this weather.
    dark_s : sequence of (int, int)
        Spans, ascending, in which nothing is loaded [s from midnight]: no solver knows of any that are later than
        when the boxes are ready.
    fetched : bool
        Whether boxes are in time when they come home to the base, and not when a vehicle comes to their TPS.
    """

    chain: Chain
    ready: Mapping[str, Time]
    limit: Limits
    vehicles: Sequence[Parked]
    dark_s: Sequence[tuple[int, int]] = ()
    fetched: bool = False


@dataclass(frozen=True, eq=False)
class Base:
    """Who must be served from where.

    Attributes
    ----------
    stage, wave, kode
        The stage, the wave, and the stop of the base.
    group : sequence of str
        `kode_tps`.
    """

    stage: Stage
    wave: Wave
    kode: str
    group: Sequence[str]


@dataclass(frozen=True, eq=False)
class Planned:
    """One base, planned: its problem (None where nobody can be served), the runs, and who was refused before.

    `lacking` says of which kind how many more vehicles would be in time in the heavier weather, too.
    """

    case: Case | None
    runs: tuple[Run, ...]
    refused: Mapping[str, str]
    lacking: Mapping[str, int] = field(default_factory=dict)

    @property
    def left(self) -> dict[str, str]:
        """Everyone without a trip, and why: refused before solving, or no vehicle had the time."""
        served = set(clients_of(self.runs))
        members = self.case.members if self.case is not None else ()
        return {**self.refused, **{kode: "no_time" for index, kode in enumerate(members) if index not in served}}


def plan_base(base: Base, usual: Side, heavier: Side, search: Search, older: Older | None = None) -> Planned:
    """Plan one base.

    Parameters
    ----------
    base : Base
    usual, heavier : Side
        The planned weather, in which the plan must hold, and the late case, in which it should.
    search : Search
    older : Older, optional
        A plan from which the search begins.

    Returns
    -------
    Planned
        In the planned weather.
    """
    cases = _cases(base, usual)
    found: list[Planned] = []
    for case, refused in _cases(base, heavier):
        safe = _planned(case, refused, search, older)
        found += [_carried_over(safe, *own) for own in cases]
        if not safe.left:
            break
    if safe.left or usual.chain.operation.tujuan is not None:
        for case, refused in cases:
            found.append(_planned(case, refused, search, older))
            if not found[-1].left:
                break
    lacking = missing_vehicles(safe.case, safe.runs) if safe.case and len(safe.left) > len(safe.refused) else {}
    return replace(_sooner(min(found, key=lambda plan: _aims(plan, heavier)), heavier), lacking=lacking)


def _sooner(plan: Planned, heavier: Side) -> Planned:
    """Deal the same trips out to as many vehicles otherwise, where fewer are late in the heavier weather for it.

    On the way out; on the way back single trips are driven otherwise, and that gets farther (`relieve`).
    """
    if plan.case is None or heavier.fetched or not any(_late(plan.case, run, heavier) for run in plan.runs):
        return plan
    for number in sorted({run.kind for run in plan.runs}):
        own, others = ([run for run in plan.runs if (run.kind == number) == mine] for mine in (True, False))
        ways = dealt(plan.case.problem, number, [trip for run in own for trip in run.trips], len(own))
        days = [days for days, left in ways if not left and all(is_kept(plan.case.problem, run) for run in days)]
        otherwise = [sorted([*others, *some], key=lambda run: (run.kind, run.trips)) for some in days]
        plans = [plan, *(replace(plan, runs=tuple(runs)) for runs in otherwise)]
        plan = min(plans, key=lambda one: _aims(one, heavier))
    return plan


def missing_vehicles(case: Case, runs: Sequence[Run]) -> dict[str, int]:
    """Count the vehicles that would serve whoever lacks one only because there are too few.

    Parameters
    ----------
    case : Case
    runs : sequence of Run
        Its best plan.

    Returns
    -------
    dict
        `Fleet.kode` -> how many more, of the kinds that cost least to add; empty where all are served.
    """
    n_left = len(case.members) - len(clients_of(runs))
    kinds = tuple(replace(kind, count=kind.count + n_left) for kind in case.problem.kinds)
    more = replace(case.problem, kinds=kinds)
    used = Counter(case.vehicles[run.kind].fleet.kode for run in mended(more, runs))
    for own in case.vehicles:
        used[own.fleet.kode] -= len(own.numbers)
    return {kode: number for kode, number in used.items() if number > 0}


def counted(vehicles: Mapping[str, int]) -> str:
    """Say how many vehicles of which kinds: ``2 PKP, 1 TRK``."""
    return ", ".join(f"{number} {kode}" for kode, number in sorted(vehicles.items()))


class Short(NamedTuple):
    """Vehicles of a base that do not suffice in some hours: for how many TPS, and how many of which kind it lacks."""

    case: Case
    n_tps: int
    missing: Mapping[str, int]

    @property
    def note(self) -> Problem:
        """The same in words."""
        details: dict[str, str | int] = {"stage": self.case.stage.name, "wave": self.case.wave.name}
        details |= {"n_tps": self.n_tps, "missing": counted(self.missing)}
        return Problem("fleet_too_small", value=self.case.base, level="note", details=details)


def late_drives(case: Case, run: Run, heavier: Side) -> tuple[Drive, ...]:
    """Drive the trips of one vehicle in the heavier weather."""
    chain, places = heavier.chain, case.problem.kinds[run.kind].places
    own = case.vehicles[run.kind]
    times = chain.times(case.stage, own.fleet)
    at = chain.at(case.stops[place] for place in places)
    carry_s, visits_s = carried(case.stage, times.carry_s[at].tolist())
    release = [heavier.ready[kode] for kode in case.members]
    begin = None if own.free_late_s is None else max(case.problem.start_s, own.free_late_s, _begun_s(case, run))

    def under(times: TravelTimes) -> Conditions:
        home = None if own.fleet.pulang_ke is None else times.seconds[at, chain.row[own.fleet.pulang_ke]].tolist()
        seconds = times.seconds[np.ix_(at, at)].tolist()
        return Conditions(places, seconds, visits_s, release, begin, heavier.dark_s, home, carry_s=carry_s)

    conditions, closes_s = under(times), chain.closes_s(case.stage, own.fleet)
    if closes_s is not None:
        closing = under(chain.times(case.stage, own.fleet, later=True))
        conditions = replace(conditions, closing=(closes_s, closing))
    return drives(case.problem, run.trips, conditions)


def _begun_s(case: Case, run: Run) -> int:
    """When a driver whose hours are limited begins, as planned [s from midnight]; 0 for others."""
    kind = case.problem.kinds[run.kind]
    if kind.hours_s is None:
        return 0
    first = drives(case.problem, run.trips, planned(case.problem, kind))[0]
    return sure(first.depart_s) - case.problem.loading_s


def late_at(case: Case, late: Sequence[Drive], heavier: Side) -> list[str]:
    """Find whose boxes come after the last deadline that makes sense, or never."""
    visits = [
        (drive.back_s if heavier.fetched else visit.there_s, visit.clients) for drive in late for visit in drive.visits
    ]
    arrivals = [(at, case.members[client]) for at, clients in visits for client in clients]
    return [kode for at, kode in arrivals if at is None or at > heavier.limit[kode][1]]


def overtime_s(case: Case, run: Run, late: Sequence[Drive], heavier: Side) -> int:
    """Say by how much the day of a driver gets too long in the heavier weather [s]; 0 for not at all.

    Who can't be loaded in the dark then begins when it is light.
    """
    hours_s, home_s = case.problem.kinds[run.kind].hours_s, late[-1].back_s
    if hours_s is None:
        return 0
    begun_s = in_light(_begun_s(case, run), heavier.dark_s)
    return NEVER_S if home_s is None else max(0, home_s - begun_s - hours_s)


def _late(case: Case, run: Run, heavier: Side) -> int:
    """Count the TPS that one vehicle reaches too late in the heavier weather, and a driver whose day gets too long."""
    late = late_drives(case, run, heavier)
    return len(late_at(case, late, heavier)) + (overtime_s(case, run, late, heavier) > 0)


def _planned(case: Case | None, refused: Mapping[str, str], search: Search, older: Older | None) -> Planned:
    """Solve the problem of a base, if there is one."""
    if case is None:
        return Planned(case, (), refused)
    return Planned(case, search(case.problem, older=older.runs(case) if older else ()), refused)


def _cases(base: Base, side: Side) -> list[tuple[Case | None, dict[str, str]]]:
    """State the problem with the first deadlines that each TPS alone can keep, and with the last ones."""
    ready = {kode: at for kode in base.group if (at := side.ready[kode]) is not None}
    never = {kode: "no_road" for kode in base.group if kode not in ready}
    tried: list[dict[str, int]] = []
    found = []
    for level in range(2):
        deadlines = {kode: _deadline(base, side, kode, at, level) for kode, at in ready.items()}
        if deadlines not in tried:
            tried.append(deadlines)
            members = [(kode, at, deadlines[kode]) for kode, at in ready.items()]
            case, refused = case_of(side.chain, base.stage, base.wave, base.kode, side.vehicles, members)
            found.append((case, refused | never))
    return found


def _deadline(base: Base, side: Side, kode: str, ready_s: int, level: int) -> int:
    """Take the first deadline from `level` on that a vehicle of its own can keep; the last one where none can [s]."""
    *sooner, last_s = side.limit[kode][level:]
    for deadline_s in sooner:
        if able(side.chain, base.stage, side.vehicles, kode, base.kode, ready_s, deadline_s)[0]:
            return deadline_s
    return last_s


def filled(plan: Planned, base: Base, side: Side) -> Planned:
    """Add to what a base does whoever else of a larger group finds room, where it costs least."""
    return _carried_over(plan, *_cases(base, side)[-1])


def _carried_over(safe: Planned, case: Case | None, refused: Mapping[str, str]) -> Planned:
    """Take runs to the same base in another weather; whoever is in none of them is added where it costs least."""
    if case is None or safe.case is None:
        return Planned(case, () if case is None else mended(case.problem, ()), refused)
    kinds = {(own.fleet.kode, own.numbers): index for index, own in enumerate(case.vehicles)}
    clients = {kode: index for index, kode in enumerate(case.members)}
    theirs = [(own.fleet.kode, own.numbers) for own in safe.case.vehicles]
    known = [run for run in safe.runs if theirs[run.kind] in kinds]
    runs = [Run(kinds[theirs[run.kind]], _renumbered(run, safe.case.members, clients)) for run in known]
    return Planned(case, mended(case.problem, runs), refused)


def _renumbered(run: Run, members: Sequence[str], clients: Mapping[str, int]) -> tuple[tuple[int, ...], ...]:
    """Trips of a run by the numbers that its clients have in another problem, without those that it lacks."""
    trips = (tuple(clients[kode] for client in trip if (kode := members[client]) in clients) for trip in run.trips)
    return tuple(trip for trip in trips if trip)


def _aims(plan: Planned, heavier: Side) -> tuple[int, ...]:
    """Measure a plan by the aims in their order: unserved, late in the heavier weather, vehicles, work [s].

    A driver whose day gets too long in that weather counts as a TPS that is late.

    Where the operation weighs its aims, all but the first are one sum.
    """
    if plan.case is None:
        return (len(plan.left),)
    case, aims = plan.case, heavier.chain.operation.tujuan
    late = sum(_late(case, run, heavier) for run in plan.runs)
    _, vehicles, cost = worth(case.problem, plan.runs)
    return (len(plan.left), late, vehicles, cost) if aims is None else (len(plan.left), late * aims.terlambat + cost)
