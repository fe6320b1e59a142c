"""One wave through all its stages: deadlines are computed backwards, trips forwards, in either weather.

Few trucks making many trips are cheap, but bring the last boxes to a PPK too late to go on. So each stage gets
a deadline from what the next one needs: first the comfortable one (all boxes of a PPK are there so early that
even a plain plan brings them on in time), and where not everybody can keep it, the last one that makes sense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.distribute.base import Base, Limits, Planned, Side, late_at, late_drives, missing_vehicles, plan_base
from kaur_gis.distribute.case import OBSTACLES, Case, case_of, latest_start, obstacle
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.coming import after_coming
from kaur_gis.distribute.older import Older
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.pool import Parked, Vehicle, by_day, by_driver, late_pool, parked_at
from kaur_gis.distribute.rounded import minutes_s, visit_s
from kaur_gis.distribute.schedule import Drive, Run, Time, drives, planned, slack_s, sure
from kaur_gis.distribute.search import solved
from kaur_gis.distribute.solve import RouteSolver
from kaur_gis.distribute.store import leaves_by_s, too_many
from kaur_gis.problems import Problem


@dataclass(frozen=True, eq=False)
class VehicleDay:
    """What one vehicle does in one wave, with its times.

    Attributes
    ----------
    case : Case
    fleet : Fleet
    number : int
        Of the vehicle among those of its fleet row at its base, from 1.
    trips_before : int
        Trips that it has made already.
    run : Run
    drives, late : tuple of Drive
        One per trip: in the weather of the plan, and in the heavier one.
    """

    case: Case
    fleet: Fleet
    number: int
    trips_before: int
    run: Run
    drives: tuple[Drive, ...]
    late: tuple[Drive, ...]

    @property
    def vehicle(self) -> Vehicle:
        """Which one it is."""
        return self.case.base, self.fleet.kode, self.number


@dataclass
class Progress:
    """How far the boxes of a wave have come, while its stages are planned one after the other.

    Attributes
    ----------
    ready, ready_late : dict
        `kode_tps` -> when its boxes can be loaded for the next stage, in either weather [s from midnight].
    unserved : dict
        `kode_tps` -> stage that fails, and the reason.
    late : dict
        `kode_tps` -> stage and base at which its boxes begin to be too late in the heavier weather.
    days : list of VehicleDay
    notes : list of Problem
    lacking : dict
        Stage and base -> how many more vehicles of which kinds would be in time there in the heavier weather, too.
    """

    ready: dict[str, int]
    ready_late: dict[str, Time]
    unserved: dict[str, tuple[str, str]]
    late: dict[str, tuple[str, str]]
    days: list[VehicleDay]
    notes: list[Problem]
    lacking: dict[tuple[str, str], str]

    def take_over(self, stage: Stage, chain: Chain) -> None:
        """Note when the boxes of trips that stay as they are can go on."""
        for (kode, name), (done_s, late_s, walk_m, walk_s) in chain.kept.handed.items() if chain.kept else ():
            if name == stage.name and kode in self.ready:
                self.ready[kode] = done_s
                self.ready_late[kode] = None if late_s is None else late_s + chain.longer_s(walk_m, walk_s)

    @property
    def without_time(self) -> set[str]:
        """TPS that only the hours of this wave, or full stores on its day, keep from being served."""
        return {kode for kode, (_, reason) in self.unserved.items() if reason in {"no_time", "no_store"}}

    def without_road(self, chain: Chain, earlier: Collection[Wave]) -> set[str]:
        """TPS that closed roads keep from being served, and not so in the hours of some earlier wave."""
        stages = {stage.name: stage for stage in chain.operation.stages}
        found = set()
        for kode, (name, reason) in self.unserved.items():
            base = chain.base(kode, stages[name])
            if reason not in OBSTACLES[:-1] or base is None:
                continue
            fleets = chain.fleet_at(base, stages[name])
            met = {obstacle(chain.on(wave), stages[name], own, kode, base) for wave in earlier for own in fleets}
            if "" in met or max(map(OBSTACLES.index, met), default=-1) > OBSTACLES.index(reason):
                found.add(kode)
        return found


def drive_wave(
    chain: Chain,
    wave: Wave,
    members: Sequence[str],
    taken: Collection[tuple[str, str, int]],
    solver: RouteSolver,
    older: Older | None = None,
    held_before: Mapping[str, int] | None = None,
) -> Progress:
    """Plan every stage of one wave.

    Parameters
    ----------
    chain : Chain
    wave : Wave
    members : sequence of str
        `kode_tps` of the wave.
    taken : collection of (str, str, int)
        Base, `Fleet.kode` and number of the vehicles that another wave uses on the same day.
    solver : RouteSolver
    older : Older, optional
        A plan from which the search begins.
    held_before : mapping, optional
        Boxes that other waves bring to transfer points on the same day.

    Returns
    -------
    Progress
        Every member is either in one trip of each stage, or in `unserved` with the stage that fails and in one
        trip of each stage before it: boxes that can't reach their TPS travel as far as they can.
    """
    chain = chain.on(wave)
    limits = _limits(chain, wave, members)
    stricter = [
        {kode: tuple(map(min, limit[kode], later[kode])) for kode in members}
        for limit, later in zip(limits, _limits(chain.heavier(), wave, members), strict=True)
    ]
    search = partial(solved, solver=solver, operation=chain.operation)
    progress = Progress(dict.fromkeys(members, 0), dict.fromkeys(members, 0), {}, {}, [], [], {})
    for stage, limit, late_limit in zip(chain.operation.stages, limits, stricter, strict=True):
        progress.take_over(stage, chain)
        progress.unserved |= too_many(chain, stage, members, progress.unserved, held_before or {})
        for kode_base, group in by_base(chain, stage, members, progress.unserved).items():
            base = Base(stage, wave, kode_base, group)
            vehicles = _parked(chain, stage, wave, kode_base, taken)
            waits = [late - progress.ready[kode] for kode in group if (late := progress.ready_late[kode]) is not None]
            pool = late_pool(vehicles, max(waits, default=0))
            heavier = Side(chain.heavier(), progress.ready_late, late_limit, pool)
            plan = plan_base(base, Side(chain, progress.ready, limit, vehicles), heavier, search, older)
            progress.unserved |= {kode: (stage.name, reason) for kode, reason in plan.left.items()}
            progress.lacking[stage.name, kode_base] = counted(plan.lacking)
            if plan.case is not None:
                _drive(plan.case, plan.runs, heavier, progress)
                progress.notes += too_small(plan, plan.case)
    progress.notes += _too_late(wave, progress)
    return progress


def by_base(
    chain: Chain, stage: Stage, members: Sequence[str], unserved: dict[str, tuple[str, str]]
) -> dict[str, list[str]]:
    """Group who is still under way and goes by a stage, by its base; who has no such place is unserved from here."""
    groups: dict[str, list[str]] = {}
    for kode in members:
        if kode in unserved or not chain.goes(kode, stage):
            continue
        if chain.kept and (kode, stage.name) in chain.kept.handed:
            continue
        base = chain.base(kode, stage)
        if base is None or chain.target(kode, stage) is None:
            unserved[kode] = (stage.name, "not_at_ppk")
        else:
            groups.setdefault(base, []).append(kode)
    return dict(sorted(groups.items()))


def too_small(plan: Planned, case: Case) -> list[Problem]:
    """Say that the vehicles of a base do not suffice, where they do not, and how many of which kind are missing."""
    n_tps = len(plan.left) - len(plan.refused)
    if not n_tps:
        return []
    missing = counted(missing_vehicles(case, plan.runs))
    details: dict[str, str | int] = {"stage": case.stage.name, "wave": case.wave.name, "n_tps": n_tps}
    return [Problem("fleet_too_small", value=case.base, level="note", details=details | {"missing": missing})]


def counted(vehicles: Mapping[str, int]) -> str:
    """Say how many vehicles of which kinds: ``2 PKP, 1 TRK``."""
    return ", ".join(f"{number} {kode}" for kode, number in sorted(vehicles.items()))


def _too_late(wave: Wave, progress: Progress) -> list[Problem]:
    """Say for how many TPS, and from which base on, the heavier weather is too much; and how many vehicles would do."""
    found = []
    for at, n_tps in sorted(Counter(progress.late.values()).items()):
        details: dict[str, str | int] = {"stage": at[0], "wave": wave.name, "n_tps": n_tps}
        found.append(Problem("late_risk", value=at[1], level="note", details=details))
        if missing := progress.lacking.get(at):
            found.append(Problem("late_risk_fleet", value=at[1], level="note", details=details | {"missing": missing}))
    return found


def days_of(case: Case, runs: Sequence[Run], heavier: Side) -> list[VehicleDay]:
    """Give runs to vehicles, with all times."""
    timed = [
        (run, drives(case.problem, run.trips, planned(case.problem, case.problem.kinds[run.kind]))) for run in runs
    ]
    timed.sort(key=lambda pair: (pair[0].kind, sure(pair[1][0].depart_s), pair[0].trips))
    numbers = [iter(own.numbers) for own in case.vehicles]
    days = []
    for run, on_time in timed:
        own, late = case.vehicles[run.kind], late_drives(case, run, heavier)
        days.append(VehicleDay(case, own.fleet, next(numbers[run.kind]), own.trips, run, on_time, late))
    return days


def _drive(case: Case, runs: Sequence[Run], heavier: Side, progress: Progress) -> None:
    """Write down the times of every vehicle of a base, and when what it brought can go on."""
    days = days_of(case, runs, heavier)
    progress.days += days
    for kode in late_at(case, [drive for day in days for drive in day.late], heavier):
        progress.late.setdefault(kode, (case.stage.name, case.base))
    for day in days:
        for drive, later in zip(day.drives, day.late, strict=True):
            for visit, late_visit in zip(drive.visits, later.visits, strict=True):
                for client in visit.clients:
                    progress.ready[case.members[client]] = sure(visit.done_s)
                    progress.ready_late[case.members[client]] = late_visit.done_s


def _limits(chain: Chain, wave: Wave, members: Sequence[str]) -> list[Limits]:
    """Compute, from the last stage to the first, until when boxes must have come to the end of each."""
    stages, by = chain.operation.stages, {kode: chain.arrive_by_s(kode, wave) for kode in members}
    found: dict[str, Limits] = {}
    for number in reversed(range(len(stages))):
        before, end = stages[number], stages[number].end_s
        limit: Limits = {kode: (by[kode] if before.target == "tps" else end,) * 3 for kode in members}
        own = [kode for kode in members if chain.goes(kode, before)]
        for stage in stages[number + 1 :]:
            if stage.origin == before.target:
                limit |= _leave_time(chain, before, stage, wave, own, found[stage.name])
        limit |= {  # goods of a PPK or PPS are there by the deadline of their wave, too
            kode: tuple(min(by[kode], at) for at in limit[kode])
            for kode in members
            if (kode, before.name) in chain.beside
        }
        found[before.name] = _left(chain, before, limit)
    return [found[stage.name] for stage in stages]


def _leave_time(chain: Chain, before: Stage, stage: Stage, wave: Wave, own: Sequence[str], limit: Limits) -> Limits:
    """Compute until when boxes must have come to the end of one stage, so that the next one keeps its deadlines."""
    end, found = before.end_s, Limits()
    for base, group in by_base(chain, stage, own, {}).items():
        fleets = chain.fleet_at(base, stage)
        comfortable = _comfortable(chain, stage, wave, base, group, limit) - _handover(before, len(group))
        for kode in group:
            usable = [fleet for fleet in fleets if not obstacle(chain, stage, fleet, kode, base)]
            until = ((fleet, _until_s(chain, stage, fleet, wave)) for fleet in usable)
            starts = (latest_start(chain, stage, own, kode, base, limit[kode][1], by_s) for own, by_s in until)
            last = min(end, max(starts, default=0) - _handover(before, 1))
            if last > 0:
                found[kode] = (max(0, min(last, comfortable)), last, end)
    return found


def _left(chain: Chain, stage: Stage, limit: Limits) -> Limits:
    """Bring deadlines forward so far that whoever keeps them has left a transfer point before it closes."""
    if not chain.operation.simpan:
        return limit
    found = {}
    for kode, deadlines in limit.items():
        base = chain.base(kode, stage)
        by = None if base is None else leaves_by_s(chain.operation, stage, base)
        found[kode] = deadlines if by is None else tuple(min(by, deadline) for deadline in deadlines)
    return found


def _parked(chain: Chain, stage: Stage, wave: Wave, base: str, taken: Collection[tuple[str, str, int]]) -> list[Parked]:
    """List the vehicles that a stage can use at a base, and when."""
    vehicles = parked_at(base, chain.fleet_at(base, stage), wave, taken, chain.kept)
    loading_s = minutes_s(stage.loading_minutes)
    vehicles = after_coming(chain, stage, base, by_day(vehicles, chain.operation, stage, loading_s, wave), loading_s)
    return by_driver(vehicles, loading_s)


def _until_s(chain: Chain, stage: Stage, fleet: Fleet, wave: Wave) -> int | None:
    """By when a vehicle must be home, where that is before the end of the stage [s from midnight]."""
    light = chain.operation.out_s(stage, fleet, wave)
    return None if light is None else light[1]


def _handover(stage: Stage, n_tps: int) -> int:
    """Seconds to hand over the boxes of `n_tps` at a transfer point, apart from carrying."""
    return visit_s(stage, 0) + n_tps * minutes_s(stage.handover_minutes_per_tps)


def _comfortable(chain: Chain, stage: Stage, wave: Wave, base: str, group: Sequence[str], limit: Limits) -> int:
    """Latest moment at which, with everything there, a plain plan still brings all boxes on in time [s]."""
    members = [(kode, 0, limit[kode][0]) for kode in group]
    vehicles = _parked(chain, stage, wave, base, ())
    case, _ = case_of(chain, stage, wave, base, vehicles, members)
    slack = [] if case is None else [slack_s(case.problem, run) for run in plain_solver(case.problem)]
    return stage.start_s + min(slack, default=0)
