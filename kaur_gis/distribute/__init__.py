"""Which vehicle brings what, where and when: every wave, every stage, every base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from kaur_gis.config import Wave
from kaur_gis.distribute.back import Back, bring_back
from kaur_gis.distribute.base import Short, counted
from kaur_gis.distribute.beside import goods_left, goods_of, with_goods
from kaur_gis.distribute.case import OBSTACLES
from kaur_gis.distribute.chain import Chain, chain_of
from kaur_gis.distribute.coming import no_time_to_come
from kaur_gis.distribute.day import VehicleDay
from kaur_gis.distribute.frames import layers_of, unserved_of
from kaur_gis.distribute.kept import Kept, kept_of
from kaur_gis.distribute.older import Older
from kaur_gis.distribute.overtime import overtime
from kaur_gis.distribute.parts import Outcome, open_in_parts
from kaur_gis.distribute.pool import Vehicle
from kaur_gis.distribute.search import WARM_SHARE
from kaur_gis.distribute.solve import RouteSolver, pyvrp_solver
from kaur_gis.distribute.still import Still
from kaur_gis.distribute.store import left_over, stored, too_full, unguarded_nights
from kaur_gis.distribute.waves import Progress, drive_wave
from kaur_gis.inputs import Inputs
from kaur_gis.problems import Problem
from kaur_gis.travel import TravelTimes

__all__ = [
    "Back",
    "Kept",
    "Older",
    "RouteSolver",
    "Routes",
    "Still",
    "bring_back",
    "distribute",
    "kept_of",
    "pyvrp_solver",
]


MORE_ROUNDS = 4
"""So often vehicles are added to see with how many everybody is served."""
FEWER_TRIES = 12
"""So often one of them is taken away again to see whether the others do: that takes up to ten seconds in Kaur."""
Seen = dict[tuple[str, frozenset[Vehicle]], dict[Hashable, Outcome]]
"""What bases came to, by the wave and the vehicles that others use on its day."""


@dataclass(frozen=True)
class Routes:
    """What `distribute` returns.

    Attributes
    ----------
    trips, legs, loads, unserved
        Layers of the same names.
    notes : tuple of Problem
        Level `note`: bases whose vehicles do not suffice, boxes that nobody guards overnight, drivers whose day may get
        too long, PPK and PPS whose goods no trip brings.
    crowded : bool
        Whether trips that stay bring more boxes to a place than it can hold beside those that nobody takes on.
    """

    trips: pd.DataFrame
    legs: gpd.GeoDataFrame
    loads: pd.DataFrame
    unserved: pd.DataFrame
    notes: tuple[Problem, ...]
    crowded: bool


def distribute(
    inputs: Inputs,
    tps: gpd.GeoDataFrame,
    kits: pd.DataFrame,
    stops: gpd.GeoDataFrame,
    travel: Mapping[tuple[str, str], TravelTimes],
    solver: RouteSolver = pyvrp_solver,
    kept: Kept | None = None,
    older: Older | None = None,
) -> Routes:
    """Plan the distribution of all boxes.

    Parameters
    ----------
    inputs : Inputs
    tps : GeoDataFrame
        Layer `TaggedTps`.
    kits : DataFrame
        Layer `Kits`, the same TPS.
    stops : GeoDataFrame
        Layer `Stops`.
    travel : mapping of (vehicle, weather) to TravelTimes
        Over all `stops`, for every vehicle of the fleet, in the weather of the plan and the late one.
    solver : RouteSolver, optional
        Another solver than PyVRP.
    kept : Kept, optional
        Trips of an older plan that stay as they are.
    older : Older, optional
        An older plan: the search begins from its trips, and is shorter for that.

    Returns
    -------
    Routes
        Every TPS is in exactly one trip of each stage, or in `unserved` once, with the stage that fails; then
        its boxes travel in the stages before that one.

    Raises
    ------
    TravelError, SolverError
        Where a matrix or a solver's answer is unsound.
    """
    goods = goods_of(inputs, tps, kits)
    chain = with_goods(chain_of(inputs, tps, kits, stops, travel, kept), goods, tps, inputs.kit_rules)
    found = _in_room(chain, solver, older)
    if out := _out_before(chain, found.days):
        again = _in_room(replace(chain, out_before=out), solver, older)
        found = min((again, found), key=lambda done: len(done.unserved))
    days, unserved, short, notes = found
    notes += _missing(chain, short, solver, older)
    trips, legs, loads = layers_of(chain, days, kits, schematic=inputs.roads.schematic)
    notes += unguarded_nights(chain, trips, loads, unserved)
    notes += overtime(inputs.operation, trips, legs)
    notes += goods_left(chain, goods, tps, trips, loads)
    return Routes(trips, legs, loads, unserved_of(unserved), tuple(notes), too_full(chain, days, unserved))


class _Done(NamedTuple):
    """All days, planned: what vehicles do, who is unserved from which stage on and why, what is missing, and notes."""

    days: list[VehicleDay]
    unserved: dict[str, tuple[str, str]]
    short: list[Short]
    notes: list[Problem]


def _in_room(chain: Chain, solver: RouteSolver, older: Older | None) -> _Done:
    """Plan all days; again where boxes that are there already, and that nobody takes on, leave too little room.

    A later wave is planned before it is known that nobody does.
    """
    found = _all_days(chain, solver, older)
    there = {kode for kode, _ in chain.kept.handed} if chain.kept else set()
    stuck = {kode: why for kode, why in found.unserved.items() if kode in there}
    if not stuck or not too_full(chain, found.days, found.unserved):
        return found
    return _all_days(chain, solver, older, stuck=stuck)


def _missing(chain: Chain, short: Sequence[Short], solver: RouteSolver, older: Older | None) -> list[Problem]:
    """Say with how many more vehicles, of which kinds and where, everybody whom time alone stops would be served.

    What a base lacks is seen only when the boxes come to it: so vehicles are added until nobody is left, each time
    those that are missing then. Added at once, or of several kinds, they may be more than it takes: so one after the
    other is taken away again, as long as the rest does. It takes a shorter search each time.
    """
    solver_of = chain.operation.solver
    shorter = solver_of.model_copy(update={"iterations": -(-solver_of.iterations // WARM_SHARE)})
    chain = replace(chain, operation=chain.operation.model_copy(update={"solver": shorter}))
    more, seen = Counter[tuple[str, str]](), Seen()
    for _ in range(MORE_ROUNDS):
        asked: Counter[tuple[str, str]] = Counter()
        for own in short:  # what is missing in one wave goes in every other, too
            asked |= Counter({(own.case.base, kode): number for kode, number in own.missing.items()})
        if not asked:
            break
        more += asked
        seen = _elsewhere(seen, {base for base, _ in asked})
        done = _all_days(replace(chain, more=more), solver, older, seen)
        short = done.short
    turn = [] if short else sorted(more)
    for _ in range(FEWER_TRIES):
        if not turn or more.total() == 1:  # with none everybody would be served, and somebody is not
            break
        one, *turn = turn
        fewer, there = more - Counter([one]), _elsewhere(seen, {one[0]})
        less = _all_days(replace(chain, more=fewer), solver, older, there)
        if not less.short and len(less.unserved) <= len(done.unserved):
            more, seen, done = fewer, there, less
            turn += [one] * (one in fewer)
    n_tps = sum(one.n_tps for one in short)
    what = "fleet_missing_least" if n_tps else "fleet_missing"
    at_base: dict[str, dict[str, int]] = {}
    for (base, kode), number in sorted(more.items()):
        at_base.setdefault(base, {})[kode] = number
    return [
        Problem(what, value=base, level="note", details={"n_tps": n_tps, "missing": counted(kinds)})
        for base, kinds in at_base.items()
    ]


def _elsewhere(seen: Seen, bases: Collection[str]) -> Seen:
    """Forget what some bases came to: there are other vehicles now."""
    return {
        at: {key: done for key, done in known.items() if isinstance(key, tuple) and key[1] not in bases}
        for at, known in seen.items()
    }


@dataclass
class _Day:
    """A wave: how it is planned for some TPS, for whom it is, who goes a wave earlier, and what it came to."""

    wave: Wave
    earlier: Wave | None
    drive: Callable[[Sequence[str]], Progress]
    members: set[str]
    waiting: set[str]
    progress: Progress


def _offered_again(planned: Sequence[_Day], free: set[str]) -> None:
    """Take whom the first day has no time for on a later one, if more are served then: others have gone earlier.

    The later day is changed first: what it brings takes room from boxes that are stuck since the first one.
    """
    *later, first = planned
    dates = [day.wave.days_before for day in planned]
    for day in (day for day in later if dates.count(day.wave.days_before) == 1):  # else others drive with its vehicles
        left = free & first.progress.without_time
        if not left:
            return
        moved = left - day.drive(sorted(day.members | left)).unserved.keys()
        usual, before = day.progress, len(day.progress.unserved) + len(first.progress.unserved)
        day.progress = day.drive(sorted(day.members | moved))
        without = first.drive(sorted(first.members - moved))
        if len(day.progress.unserved) + len(without.unserved) < before:
            day.members |= moved
            first.members, first.progress = first.members - moved, without
            for own in later:
                own.waiting -= moved
        else:
            day.progress = usual


def _with_room(
    chain: Chain,
    wave: Wave,
    planned: Sequence[_Day],
    drive: Callable[..., Progress],
    stuck: Mapping[str, tuple[str, str]],
    members: Sequence[str],
) -> Progress:
    """Plan a wave beside those planned before, the later ones.

    Boxes that nobody takes on lie until voting day: where those of later waves need the room they are not brought.
    """
    days = [one for own in planned for one in own.progress.days]
    unserved = dict(stuck)
    for own in planned:
        unserved |= own.progress.unserved
    refused: dict[str, str] = {}
    while True:
        progress = drive(members, before=stored(chain, days, wave, unserved, refused))
        found = left_over(chain, [*days, *progress.days], wave, unserved | progress.unserved, refused)
        if found.items() <= refused.items():
            break
        refused |= found
    in_vain = refused.items() - found.items()  # as others are not stuck without them
    for stage in chain.operation.stages:
        progress.had_room(chain, stage, wave, (kode for kode, name in in_vain if name == stage.name))
    return progress


def _all_days(
    chain: Chain,
    solver: RouteSolver,
    older: Older | None,
    seen: Seen | None = None,
    stuck: Mapping[str, tuple[str, str]] | None = None,
) -> _Done:
    """Plan wave by wave, the last day first.

    Parameters
    ----------
    chain, solver, older
        As for `distribute`.
    seen : dict, optional
        What is taken as it was; it is added to.
    stuck : mapping, optional
        Boxes that were brought already and that nobody takes on -> the stage that fails, and the reason.
    """
    operation, kept = chain.operation, chain.kept
    by_name = {wave.name: wave for wave in operation.waves}
    taken: dict[int, set[Vehicle]] = {}
    for (name, base, kode), numbers in kept.vehicles.items() if kept else ():
        taken.setdefault(by_name[name].days_before, set()).update((base, kode, number) for number in numbers)
    standing = no_time_to_come(chain)
    tried: dict[str, tuple[str, str]] = {}
    unserved: dict[str, tuple[str, str]] = {}
    short: list[Short] = []
    notes: list[Problem] = []
    own = {kode: operation.forced_wave(kode, akses) for kode, akses in chain.akses.items()}
    if kept:
        own |= {kode: by_name[name] for kode, name in kept.wave.items()}
    free = {kode for kode, wave in own.items() if wave is None}
    waiting = set(free)
    waves = sorted((own for own in operation.waves if own.part_of is None), key=lambda wave: wave.days_before)
    last = max((stage for stage in operation.stages if stage.target == "tps"), key=lambda stage: stage.end_s)

    planned: list[_Day] = []
    for number, (wave, earlier) in enumerate(zip_longest(waves, waves[1:]), start=1):
        members = waiting | {kode for kode, forced in own.items() if forced == wave}
        busy = taken.setdefault(wave.days_before, set())
        busy |= {vehicle for day, vehicles in standing.items() if day < wave.days_before for vehicle in vehicles}
        plan = partial(
            drive_wave,
            chain,
            wave,
            taken=frozenset(busy),
            solver=solver,
            older=older,
            known={} if seen is None else seen.setdefault((wave.name, frozenset(busy)), {}),
        )
        drive = partial(_with_room, chain, wave, tuple(planned), plan, stuck or {})
        progress = drive(sorted(members))
        waiting = set()
        ahead = [own for own in waves[number:] if not kept or kept.now_s(own, last) < last.end_s]
        while earlier and (late := free & (progress.without_time | progress.without_road(chain, ahead))):
            tried |= {kode: progress.unserved[kode] for kode in late}
            waiting |= late  # they go a wave earlier, and the others are planned without them
            members -= late
            progress = drive(sorted(members))
        planned.append(_Day(wave, earlier, drive, members, waiting, progress))
        busy |= {day.vehicle for day in progress.days}
        stood = {day.vehicle for day in progress.days if day.case.vehicles[day.run.kind].stands}
        standing[wave.days_before] = standing.get(wave.days_before, set()) | stood
    # who stands on a later day might have gone on an earlier one, and boxes that lie overnight take room on both
    begun = {stage.name for stage in operation.stages if stage.origin != "gudang"}
    left = any(stage in begun for day in planned for stage, _ in day.progress.unserved.values())
    if not any(standing.values()) and not (operation.simpan and (operation.days_earlier or left)):
        _offered_again(planned, free)
    for day in planned:
        notes += _earlier(day.wave, day.earlier, day.waiting)
        unserved |= {kode: _farther(tried.get(kode, why), why) for kode, why in day.progress.unserved.items()}
        notes += [*(one.note for one in day.progress.short), *day.progress.notes]
        short += day.progress.short
    days = [own for day in planned for own in day.progress.days]
    unserved |= {kode: _farther(why, open_in_parts(chain, own[kode], kode, why)) for kode, why in unserved.items()}
    return _Done(days, unserved, short, notes)


def _out_before(chain: Chain, days: Sequence[VehicleDay]) -> dict[int, frozenset[Vehicle]]:
    """Name the vehicles that are out on an earlier day, by `Wave.days_before`; nothing where all come to no base."""
    operation, kept = chain.operation, chain.kept
    if not any(operation.comes_from(fleet, wave) for fleet in operation.fleet for wave in operation.waves):
        return {}
    on = {wave.name: wave.days_before for wave in operation.waves}
    out = [(day.case.wave.days_before, day.vehicle) for day in days]
    for (name, base, kode), numbers in kept.vehicles.items() if kept else ():
        out += [(on[name], (base, kode, number)) for number in numbers]
    return {day: frozenset(one for before, one in out if before > day) for day in on.values()}


def _farther(before: tuple[str, str], now: tuple[str, str]) -> tuple[str, str]:
    """Choose the stage and reason for which a TPS is unserved: a road that was open in a later wave is no reason."""
    known = before[0] == now[0] and {before[1], now[1]} <= set(OBSTACLES)
    return max(before, now, key=lambda why: OBSTACLES.index(why[1])) if known else now


def _earlier(wave: Wave, earlier: Wave | None, kodes: set[str]) -> list[Problem]:
    """Say who goes a wave earlier, as no vehicle has the time for them in the last one, or no road."""
    if earlier is None or not kodes:
        return []
    details: dict[str, str | int] = {"wave": wave.name, "n_tps": len(kodes), "kode_tps": ", ".join(sorted(kodes))}
    return [Problem("wave_earlier", value=earlier.name, level="note", details=details)]
