"""One wave through all its stages: deadlines are computed backwards, trips forwards, in either weather.

Few trucks making many trips are cheap, but bring the last boxes to a PPK too late to go on. So each stage gets
a deadline from what the next one needs: first the comfortable one (all boxes of a PPK are there so early that
even a plain plan brings them on in time), and where not everybody can keep it, the last one that makes sense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from kaur_gis.config import DAY_S, Fleet, Stage, Wave
from kaur_gis.distribute.at_once import planned_at_once
from kaur_gis.distribute.base import Base, Limits, Short, counted
from kaur_gis.distribute.case import OBSTACLES, case_of, latest_start, obstacle
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.day import VehicleDay
from kaur_gis.distribute.older import Older
from kaur_gis.distribute.parts import AtBase, Outcome, parked_in
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.rounded import minutes_s, visit_s
from kaur_gis.distribute.schedule import Time, slack_s, sure
from kaur_gis.distribute.search import solved
from kaur_gis.distribute.solve import RouteSolver
from kaur_gis.distribute.store import Stored, leaves_by_s, refused_in_vain, too_many
from kaur_gis.problems import Problem


@dataclass
class Progress:
    """How far the boxes of a wave have come, while its stages are planned one after the other.

    Attributes
    ----------
    ready, ready_late : dict
        `kode_tps` -> when its boxes can be loaded for the next stage, in either weather [s from midnight of the day
        of the wave]: negative where they lie there overnight.
    unserved : dict
        `kode_tps` -> stage that fails, and the reason.
    late : dict
        `kode_tps` -> stage and base at which its boxes begin to be too late in the heavier weather.
    days : list of VehicleDay
    notes : list of Problem
    short : list of Short
        Bases whose vehicles do not suffice.
    lacking : dict
        Stage and base -> how many more vehicles of which kinds would be in time there in the heavier weather, too.
    """

    ready: dict[str, int]
    ready_late: dict[str, Time]
    unserved: dict[str, tuple[str, str]]
    late: dict[str, tuple[str, str]]
    days: list[VehicleDay]
    notes: list[Problem]
    short: list[Short]
    lacking: dict[tuple[str, str], str]

    def take_over(self, stage: Stage, chain: Chain) -> None:
        """Note when the boxes of trips that stay as they are can go on."""
        for (kode, name), (done_s, late_s, walk_m, walk_s) in chain.kept.handed.items() if chain.kept else ():
            if name == stage.name and kode in self.ready:
                late = None if late_s is None else late_s + chain.longer_s(walk_m, walk_s)
                self._came(kode, stage, done_s, late)

    def _came(self, kode: str, stage: Stage, done_s: int, late_s: Time) -> None:
        """Note when boxes are handed over at the end of a stage, in either weather [s from midnight of its own day]."""
        self.ready[kode] = done_s - stage.earlier_s
        self.ready_late[kode] = None if late_s is None else late_s - stage.earlier_s

    def ready_at(self, stage: Stage) -> tuple[dict[str, int], dict[str, Time]]:
        """When boxes can be loaded for a stage, in either weather [s from midnight of its own day], never before it."""
        late = {kode: None if at is None else max(0, at + stage.earlier_s) for kode, at in self.ready_late.items()}
        return {kode: max(0, at + stage.earlier_s) for kode, at in self.ready.items()}, late

    def add(self, base: Base, done: Outcome) -> None:
        """Write down what a base came to, and when what was brought can go on."""
        self.unserved |= {kode: (base.stage.name, reason) for kode, reason in done.left.items()}
        self.short += done.short
        self.lacking[base.stage.name, base.kode] = counted(done.lacking)
        self.days += done.days
        for kode in done.late:
            self.late.setdefault(kode, (base.stage.name, base.kode))
        for day in done.days:
            for drive, later in zip(day.drives, day.late, strict=True):
                for visit, late_visit in zip(drive.visits, later.visits, strict=True):
                    for client in visit.clients:
                        self._came(day.case.members[client], base.stage, sure(visit.done_s), late_visit.done_s)

    def had_room(self, chain: Chain, stage: Stage, wave: Wave, kodes: Iterable[str]) -> None:
        """Blame what stops the vehicles, and not the store, for those who would have found room at a stage's end."""
        at = ((kode, why) for kode, (name, why) in self.unserved.items() if name == stage.name)
        none = {chain.base(kode, stage) for kode, why in at if why == "no_fleet"}
        for kode in kodes:
            base = str(chain.base(kode, stage))
            fleets = [] if base in none else chain.fleet_at(base, stage)
            met = [obstacle(chain.on(wave), stage, fleet, kode, base) or "no_time" for fleet in fleets]
            self.unserved[kode] = (stage.name, max(met, key=OBSTACLES.index, default="no_fleet"))

    @property
    def without_time(self) -> set[str]:
        """TPS that only the hours of this wave, or full stores on its day, keep from being served."""
        return {kode for kode, (_, reason) in self.unserved.items() if reason in {"no_time", "no_store"}}

    def stranded(self, chain: Chain) -> set[str]:
        """TPS that get no farther than a transfer point, while others had no time, or no room, to come so far."""
        order = [stage.name for stage in chain.operation.stages]
        at = {kode: order.index(stage) for kode, (stage, _) in self.unserved.items()}
        first = min((at[kode] for kode in self.without_time), default=len(order))
        return {kode for kode, number in at.items() if number > first}

    def in_vain(self, chain: Chain) -> bool:
        """Whether boxes came to a transfer point too late for any vehicle, though there may be enough of them."""
        first = chain.operation.stages[0].name
        late = sum(reason == "no_time" and stage != first for stage, reason in self.unserved.values())
        return late > sum(one.n_tps for one in self.short if one.case.stage.name != first)

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
    before: Stored = Stored(),  # noqa: B008 - it is never changed
    known: dict[Hashable, Outcome] | None = None,
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
    before : Stored, optional
        What lies at transfer points on the same day.
    known : dict, optional
        What bases came to when the wave was planned with other TPS elsewhere; it is added to.

    Returns
    -------
    Progress
        Every member is either in one trip of each stage, or in `unserved` with the stage that fails and in one
        trip of each stage before it: boxes that can't reach their TPS travel as far as they can, but take no room from
        others that can.
    """
    chain, known = chain.on(wave), {} if known is None else known
    search = partial(solved, solver=solver, operation=chain.operation)
    there_s = -chain.operation.days_earlier * DAY_S  # at the gudang, before anything is driven

    def driven(limits: Sequence[Limits], stricter: Sequence[Limits], behind: Collection[str] = ()) -> Progress:
        progress = Progress(dict.fromkeys(members, there_s), dict.fromkeys(members, there_s), {}, {}, [], [], [], {})
        in_order = sorted(members, key=lambda kode: kode in behind)
        for stage, limit, late_limit in zip(chain.operation.stages, limits, stricter, strict=True):
            progress.take_over(stage, chain)
            refused = too_many(chain, stage, in_order, progress.unserved, before)
            progress.unserved |= refused
            ready, groups = progress.ready_at(stage), by_base(chain, stage, members, progress.unserved)
            bases = [Base(stage, wave, kode_base, group) for kode_base, group in groups.items()]
            every = [AtBase(chain, base, taken, *ready, limit, late_limit, search, older, behind) for base in bases]
            asked = {one.key: one for one in every}
            new = [key for key in asked if key not in known]
            known.update(zip(new, planned_at_once([asked[key] for key in new]), strict=True))
            for key, one in asked.items():
                progress.add(one.base, known[key])
            came = [kode for kode in members if kode not in progress.unserved]
            progress.had_room(chain, stage, wave, refused_in_vain(chain, stage, refused, came, before))
        progress.notes += _too_late(wave, progress)
        return progress

    def best(*, full: bool = False) -> Progress:
        limits = _limits(chain, wave, members, full=full)
        heavier = _limits(chain.heavier(), wave, members, full=full)
        stricter = [
            {kode: tuple(map(min, limit[kode], later[kode])) for kode in members}
            for limit, later in zip(limits, heavier, strict=True)
        ]
        usual = driven(limits, stricter)
        stranded = usual.stranded(chain)
        if not stranded or chain.more:  # with vehicles in thought it is asked what is missing, not who goes first
            return usual
        return min(usual, driven(limits, stricter, stranded), key=lambda progress: len(progress.unserved))

    usual = best()
    if not usual.in_vain(chain):
        return usual
    return min(best(full=True), usual, key=lambda progress: len(progress.unserved))


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


def _too_late(wave: Wave, progress: Progress) -> list[Problem]:
    """Say for how many TPS, and from which base on, the heavier weather is too much; and how many vehicles would do."""
    found = []
    for at, n_tps in sorted(Counter(progress.late.values()).items()):
        details: dict[str, str | int] = {"stage": at[0], "wave": wave.name, "n_tps": n_tps}
        found.append(Problem("late_risk", value=at[1], level="note", details=details))
        if missing := progress.lacking.get(at):
            found.append(Problem("late_risk_fleet", value=at[1], level="note", details=details | {"missing": missing}))
    return found


def _limits(chain: Chain, wave: Wave, members: Sequence[str], *, full: bool = False) -> list[Limits]:
    """Compute, from the last stage to the first, until when boxes must have come to the end of each.

    So late that those of one TPS can still go on when they are handed over there; or with `full`, a full load.
    """
    stages, by = chain.operation.stages, {kode: chain.arrive_by_s(kode, wave) for kode in members}
    found: dict[str, Limits] = {}
    for number in reversed(range(len(stages))):
        before, end = stages[number], stages[number].end_s
        limit: Limits = {kode: (by[kode] if before.target == "tps" else end,) * 3 for kode in members}
        own = [kode for kode in members if chain.goes(kode, before)]
        for stage in stages[number + 1 :]:
            if stage.origin == before.target:
                limit |= _leave_time(chain, before, stage, wave, own, found[stage.name], full=full)
        limit |= {  # goods of a PPK or PPS are there by the deadline of their wave, too
            kode: tuple(min(by[kode] + before.earlier_s, at) for at in limit[kode])
            for kode in members
            if (kode, before.name) in chain.beside
        }
        found[before.name] = _left(chain, before, limit, members)
    return [found[stage.name] for stage in stages]


def _leave_time(
    chain: Chain, before: Stage, stage: Stage, wave: Wave, own: Sequence[str], limit: Limits, *, full: bool
) -> Limits:
    """Compute until when boxes must have come to the end of one stage, so that the next one keeps its deadlines."""
    end, later_s, found = before.end_s, before.earlier_s - stage.earlier_s, Limits()
    for base, group in by_base(chain, stage, own, {}).items():
        whole = dict[str, int]()
        for hours in (wave, *chain.operation.parts_of(wave)):
            left = [kode for kode in group if kode not in whole]  # in parts go those who can't go in the whole wave
            starts = _last_starts(chain.on(hours), stage, hours, base, left, limit)
            whole = starts if hours is wave else whole
            if starts:
                comfortable = _comfortable(chain.on(hours), stage, hours, base, left, limit) + later_s
                comfortable -= _handover(before, len(left))
            n_tps = min(len(left), _full_load(chain, before, left)) if full else 1
            for kode, start_s in starts.items():
                last = min(end, start_s + later_s - _handover(before, n_tps))
                if last > 0:
                    first, *later = found.get(kode, (max(0, min(last, comfortable)), last, end))
                    found[kode] = (first, max(later[0], last), end)
    return found


def _last_starts(
    chain: Chain, stage: Stage, wave: Wave, base: str, group: Sequence[str], limit: Limits
) -> dict[str, int]:
    """Say when the luckiest vehicle must begin to load for each TPS that it can reach [s from midnight]."""
    fleets, found = chain.fleet_at(base, stage), dict[str, int]()
    for kode in group:
        usable = [fleet for fleet in fleets if not obstacle(chain, stage, fleet, kode, base)]
        until = ((fleet, _until_s(chain, stage, fleet, wave)) for fleet in usable)
        starts = [latest_start(chain, stage, own, kode, base, limit[kode][1], by_s) for own, by_s in until]
        found |= {kode: max(starts)} if starts else {}
    return found


def _full_load(chain: Chain, stage: Stage, group: Sequence[str]) -> int:
    """Count the TPS whose boxes the largest vehicle of a stage brings at once, at most; 1 at least."""
    fleets = (fleet for kode in group if (base := chain.base(kode, stage)) for fleet in chain.fleet_at(base, stage))
    least = min((chain.load(kode, stage)[0] for kode in group), default=1)
    return max((fleet.max_kotak for fleet in fleets), default=1) // max(1, least) or 1


def _left(chain: Chain, stage: Stage, limit: Limits, members: Sequence[str]) -> Limits:
    """Bring deadlines forward so far that whoever keeps them has left a transfer point before it closes.

    Who leaves later can't be at a place so soon, by the quickest vehicle and straight from there.
    """
    if not chain.operation.simpan:
        return limit
    found = dict(limit)
    for base, group in by_base(chain, stage, members, {}).items():
        by = leaves_by_s(chain.operation, stage, base)
        if by is None:
            continue
        quickest = np.full(len(group), stage.end_s)
        at = chain.at(str(chain.target(kode, stage)) for kode in group)
        for fleet in chain.fleet_at(base, stage):
            times = chain.times(stage, fleet)
            seconds = times.seconds[chain.row[base], at]
            there = seconds + times.carry_s[at]
            quickest = np.where(seconds == times.UNREACHABLE, quickest, np.minimum(quickest, there))
        for kode, there_s in zip(group, quickest.tolist(), strict=True):
            found[kode] = tuple(min(by + there_s, deadline) for deadline in limit[kode])
    return found


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
    vehicles = parked_in(chain, stage, wave, base, ())
    case, _ = case_of(chain, stage, wave, base, vehicles, members)
    slack = [] if case is None else [slack_s(case.problem, run) for run in plain_solver(case.problem)]
    return stage.start_s + min(slack, default=0)
