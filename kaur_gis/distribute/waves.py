"""One wave through all its stages: deadlines are computed backwards, trips forwards.

Few trucks making many trips are cheap, but bring the last boxes to a PPK too late to go on. So each stage gets
a deadline from what the next one needs: first the comfortable one (all boxes of a PPK are there so early that
even a plain plan brings them on in time), and where not everybody can keep it, the last one that makes sense.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kaur_gis.config import Fleet, Operation, Stage, Wave
from kaur_gis.distribute.mend import mended
from kaur_gis.distribute.parcels import in_parcels, unpacked
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.polish import polished, worth
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Conditions, Drive, Run, Time, clients_of, drives, planned, slack_s, sure
from kaur_gis.distribute.solve import RouteSolver
from kaur_gis.distribute.stages import (
    Case,
    Chain,
    able,
    case_of,
    latest_start,
    midnight_s,
    minutes_s,
    obstacle,
    visit_s,
)
from kaur_gis.problems import Problem

Limits = dict[str, tuple[int, ...]]
"""`kode_tps` -> deadlines at the end of a stage [s from midnight], the one to be tried first in front."""


@dataclass(frozen=True, eq=False)
class VehicleDay:
    """What one vehicle does in one wave, with its times.

    Attributes
    ----------
    case : Case
    fleet : Fleet
    number : int
        Of the vehicle among those of its fleet row at its base, from 1.
    run : Run
    drives, late : tuple of Drive
        One per trip: in the weather of the plan, and in the heavier one.
    """

    case: Case
    fleet: Fleet
    number: int
    run: Run
    drives: tuple[Drive, ...]
    late: tuple[Drive, ...]


@dataclass(frozen=True, eq=False)
class Planned:
    """One base, planned: its problem (None where nobody can be served), the runs, and who was refused before."""

    case: Case | None
    runs: tuple[Run, ...]
    refused: Mapping[str, str]

    @property
    def left(self) -> dict[str, str]:
        """Everyone without a trip, and why: refused before solving, or no vehicle had the time."""
        served = set(clients_of(self.runs))
        members = self.case.members if self.case is not None else ()
        return {**self.refused, **{kode: "no_time" for index, kode in enumerate(members) if index not in served}}


@dataclass
class Progress:
    """How far the boxes of a wave have come, while its stages are planned one after the other.

    Attributes
    ----------
    ready, ready_late : dict
        `kode_tps` -> when its boxes can be loaded for the next stage, in either weather [s from midnight].
    unserved : dict
        `kode_tps` -> stage that fails, and the reason.
    days : list of VehicleDay
    notes : list of Problem
    """

    ready: dict[str, int]
    ready_late: dict[str, Time]
    unserved: dict[str, tuple[str, str]]
    days: list[VehicleDay]
    notes: list[Problem]


def drive_wave(
    chain: Chain, wave: Wave, members: Sequence[str], taken: Mapping[tuple[str, str], int], solver: RouteSolver
) -> Progress:
    """Plan every stage of one wave.

    Parameters
    ----------
    chain : Chain
    wave : Wave
    members : sequence of str
        `kode_tps` of the wave.
    taken : mapping
        (base, fleet kode) -> vehicles that another wave uses on the same day.
    solver : RouteSolver

    Returns
    -------
    Progress
        Every member is either in one trip of each stage, or in `unserved` with the stage that fails and in one
        trip of each stage before it: boxes that can't reach their TPS travel as far as they can.
    """
    limits = _limits(chain, wave, members)
    progress = Progress(dict.fromkeys(members, 0), dict.fromkeys(members, 0), {}, [], [])
    for stage, limit in zip(chain.operation.stages, limits, strict=True):
        for base, group in _by_base(chain, stage, members, progress.unserved).items():
            fleets = [
                fleet.model_copy(update={"count": fleet.count - taken.get((base, fleet.kode), 0)})
                for fleet in chain.fleet_at(base, stage)
            ]
            fleets = [fleet for fleet in fleets if fleet.count > 0]
            plan = _best(chain, stage, wave, base, fleets, group, progress.ready, limit, solver)
            progress.unserved |= {kode: (stage.name, reason) for kode, reason in plan.left.items()}
            if plan.case is not None:
                _drive(chain, plan.case, plan.runs, taken, progress)
                progress.notes += _notes(plan.case, len(plan.left) - len(plan.refused))
    return progress


def _by_base(
    chain: Chain, stage: Stage, members: Sequence[str], unserved: dict[str, tuple[str, str]]
) -> dict[str, list[str]]:
    """Group who is still under way by the base of a stage; who has no such place is unserved from here on."""
    groups: dict[str, list[str]] = {}
    for kode in members:
        if kode in unserved:
            continue
        base = chain.base(kode, stage)
        if base is None or chain.target(kode, stage) is None:
            unserved[kode] = (stage.name, "not_at_ppk")
        else:
            groups.setdefault(base, []).append(kode)
    return dict(sorted(groups.items()))


def _best(
    chain: Chain,
    stage: Stage,
    wave: Wave,
    base: str,
    fleets: Sequence[Fleet],
    group: Sequence[str],
    ready: Mapping[str, int],
    limit: Limits,
    solver: RouteSolver,
) -> Planned:
    """Plan one base with the first deadlines that everybody can keep, or else those that most can."""
    tried: list[tuple[dict[str, int], Planned]] = []
    for level in range(2):
        deadlines = {
            kode: next(
                (d for d in limit[kode][level:] if able(chain, stage, fleets, kode, base, ready[kode], d)[0]),
                limit[kode][-1],
            )
            for kode in group
        }
        if any(deadlines == before for before, _ in tried):
            break
        members = [(kode, ready[kode], deadlines[kode]) for kode in group]
        case, refused = case_of(chain, stage, wave, base, fleets, members)
        runs = () if case is None else solved(case.problem, solver, chain.operation)
        tried.append((deadlines, Planned(case, runs, refused)))
        if not tried[-1][1].left:
            break
    return min((plan for _, plan in tried), key=lambda plan: len(plan.left))


def _notes(case: Case, n_tps: int) -> list[Problem]:
    """Say that the vehicles of a base do not suffice, where they do not."""
    details: dict[str, str | int] = {"stage": case.stage.name, "wave": case.wave.name, "n_tps": n_tps}
    return [Problem("fleet_too_small", value=case.base, level="note", details=details)] if n_tps else []


def solved(problem: RoutingProblem, solver: RouteSolver, operation: Operation) -> tuple[Run, ...]:
    """Solve a problem, check, mend and polish the answer; a plain plan is taken where it serves more."""
    seed, iterations = operation.operation.seed, operation.solver.iterations
    coarse, parcels = in_parcels(problem)
    answers = [mended(problem, unpacked(solver(coarse, seed=seed, iterations=iterations), parcels))]
    if len(clients_of(answers[0])) < len(problem.clients):
        answers.append(mended(problem, plain_solver(problem)))
    best = min(answers, key=lambda runs: worth(problem, runs))
    return polished(problem, best, seed=seed, rounds=iterations)


def _drive(
    chain: Chain, case: Case, runs: Sequence[Run], taken: Mapping[tuple[str, str], int], progress: Progress
) -> None:
    """Write down the times of every vehicle of a base, and when what it brought can go on."""
    timed = [
        (run, drives(case.problem, run.trips, planned(case.problem, case.problem.kinds[run.kind]))) for run in runs
    ]
    timed.sort(key=lambda pair: (pair[0].kind, sure(pair[1][0].depart_s), pair[0].trips))
    used = {(case.base, fleet.kode): taken.get((case.base, fleet.kode), 0) for fleet in case.fleet}
    release = [progress.ready_late[kode] for kode in case.members]
    for run, on_time in timed:
        fleet = case.fleet[run.kind]
        used[case.base, fleet.kode] += 1
        late = drives(case.problem, run.trips, _late(chain, case, run.kind, release))
        progress.days.append(VehicleDay(case, fleet, used[case.base, fleet.kode], run, on_time, late))
        for drive, later in zip(on_time, late, strict=True):
            for visit, late_visit in zip(drive.visits, later.visits, strict=True):
                for client in visit.clients:
                    progress.ready[case.members[client]] = sure(visit.done_s)
                    progress.ready_late[case.members[client]] = late_visit.done_s


def _late(chain: Chain, case: Case, kind: int, release: Sequence[Time]) -> Conditions:
    """Take the same places to the heavier weather."""
    places = case.problem.kinds[kind].places
    times = chain.late(case.fleet[kind])
    at = chain.at(case.stops[place] for place in places)
    carried = (visit_s(case.stage, int(times.carry_s[place])) for place in at[1:])
    return Conditions(places, times.seconds[np.ix_(at, at)].tolist(), (0, *carried), release)


def _limits(chain: Chain, wave: Wave, members: Sequence[str]) -> list[Limits]:
    """Compute, from the last stage to the first, until when boxes must have come to the end of each."""
    stages = chain.operation.stages
    limits: list[Limits] = [dict.fromkeys(members, (midnight_s(wave.deadline),) * 3)]
    for before, stage in zip(reversed(stages[:-1]), reversed(stages[1:]), strict=True):
        end = midnight_s(before.end)
        limit: Limits = dict.fromkeys(members, (end,) * 3)
        for base, group in _by_base(chain, stage, members, {}).items():
            fleets = chain.fleet_at(base, stage)
            comfortable = _comfortable(chain, stage, wave, base, group, limits[0]) - _handover(before, len(group))
            for kode in group:
                usable = [fleet for fleet in fleets if not obstacle(chain, stage, fleet, kode, base)]
                starts = (latest_start(chain, stage, fleet, kode, base, limits[0][kode][1]) for fleet in usable)
                last = min(end, max(starts, default=0) - _handover(before, 1))
                if last > 0:
                    limit[kode] = (max(0, min(last, comfortable)), last, end)
        limits.insert(0, limit)
    return limits


def _handover(stage: Stage, n_tps: int) -> int:
    """Seconds to hand over the boxes of `n_tps` at a transfer point, apart from carrying."""
    return visit_s(stage, 0) + n_tps * minutes_s(stage.handover_minutes_per_tps)


def _comfortable(chain: Chain, stage: Stage, wave: Wave, base: str, group: Sequence[str], limit: Limits) -> int:
    """Latest moment at which, with everything there, a plain plan still brings all boxes on in time [s]."""
    members = [(kode, 0, limit[kode][0]) for kode in group]
    case, _ = case_of(chain, stage, wave, base, chain.fleet_at(base, stage), members)
    slack = [] if case is None else [slack_s(case.problem, run) for run in plain_solver(case.problem)]
    return midnight_s(stage.start) + min(slack, default=0)
