"""The promise about those left behind: the reason is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import product

import numpy as np
import shapely

from kaur_gis.config import Fleet, Kembali, Stage, Wave
from kaur_gis.judge.coming import coming_s
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, whole_seconds
from kaur_gis.judge.going import Ends, home_s
from kaur_gis.judge.idle import idle, idle_back
from kaur_gis.judge.roads import POINT_M, SHARE
from kaur_gis.judge.rows import Row
from kaur_gis.judge.standing import (
    farthest,
    fetching,
    first_wave,
    may_go_with,
    standing_at,
    stopped_by,
    used_on,
    waves_of,
)
from kaur_gis.judge.store import boxes_at, days_at


def unserved(facts: Facts) -> Iterator[Broken]:
    """Each reason given for an unserved TPS is what stops even the vehicle that gets farthest.

    Where roads are closed in some waves only, that is the wave with which the vehicle gets farthest, or the one with
    which the boxes went as far as they could.

    A vehicle may have to come to its base first, or stand there, and stay the day before: either may be the reason.

    `no_time` is confirmed as far as roads and loads go; nor could vehicles that stand idle on that day have brought the
    boxes, from this stage on, from the moment on at which this was planned again.

    Nor is there no road, or none back, where the layers of the roads say that there surely is one, whatever the
    travel times say.

    Where a store is full for it in every wave with which a TPS may go, that is the reason; where it is full only
    with others that are left behind too, there was no time for them.
    """
    for kode, row in sorted(facts.unserved.items()):
        stage, places = facts.stages[row["stage"]], facts.places[kode]
        base, target = places.get(stage.origin), places.get(stage.target)
        if base is None or target is None:
            if row["reason"] != "not_at_ppk":
                yield Broken(kode, row["reason"], "not_at_ppk")
            continue
        full = {wave.name for wave in waves_of(facts, kode) if _full(facts, kode, stage, target, wave)}
        if row["reason"] == "no_store" and first_wave(facts, kode).name in full:
            continue
        if row["reason"] == "no_time" and _in_vain(facts, kode, stage, target):
            continue
        used = partial(used_on, facts, base, first_wave(facts, kode))
        standing_by = standing_at(facts, stage, base, used)
        left = {fleet.kode for fleet in standing_at(facts, stage, base, partial(used, later=True))}
        others = [partial(used_on, facts, base, wave) for wave in may_go_with(facts, kode)]
        ever = {fleet.kode: fleet for used in others for fleet in standing_at(facts, stage, base, used)}
        forced, waves = facts.forced_wave(kode), list(facts.waves.values())
        waves = [wave for wave in waves if forced is None or forced.name in {wave.name, wave.part_of}]
        went = {facts.trips[code]["wave"] for name in facts.stages for code in facts.trips_of.get((kode, name), ())}
        true = set()
        for comes in (False, True):
            met = {
                (wave.name, fleet.kode): stopped_by(facts, kode, stage, fleet, base, target, wave, comes=comes)
                for wave in waves
                for fleet in ever.values()
            }
            own = {fleet.kode for fleet in standing_by}
            at_last = {way: what for way, what in met.items() if way[1] in own}
            always = all(wave.name in full and _alone(facts, kode, stage, wave) for wave in waves_of(facts, kode))
            wanted = "no_store" if always else farthest(at_last.values())
            true |= {wanted, farthest(what for (name, _), what in at_last.items() if name in went) if went else wanted}
            of_left = farthest(what for (_, name), what in at_last.items() if name in left)
            true |= set() if always and left else {of_left}
            room = (what for (name, _), what in met.items() if name not in full)
            true |= set() if always else {farthest(met.values()), farthest(room)}
        if row["reason"] not in true:
            yield Broken(kode, row["reason"], wanted)
        elif row["reason"] == "no_time":
            yield from _but(kode, row, idle(facts, kode, stage))
        else:
            asked = partial(_joined, facts, kode, stage, base=base, target=target, reason=row["reason"])
            names = (wave.name for wave, fleet in product(waves, ever.values()) if asked(fleet, wave=wave))
            yield from _but(kode, row, next((f"road_edges {name}" for name in names), ""))


def _but(kode: str, row: Row, wanted: str) -> Iterator[Broken]:
    """Say what speaks against a reason, if anything does."""
    if wanted:
        yield Broken(kode, row["reason"], wanted)


def not_back(
    view: Facts, left: Iterable[Row], rows: Iterable[Kembali], ends: Ends, ready: Mapping[tuple[str, str], int]
) -> Iterator[Broken]:
    """Each reason why something does not come back is what stops even the vehicle that gets farthest.

    Where roads are closed in some of its hours only, that is one in the part of them in which it gets farthest. No
    vehicle that goes nowhere would have had the time, from when boxes are `ready`, by `kode_tps` and leg.
    """
    unload = {row.name: whole_seconds(row.loading_minutes) for row in rows}
    for row in left:
        stage, places = view.stages.get(row["stage"]), view.places[row["kode_tps"]]
        if stage is None:
            continue  # that is told already
        base, target = places.get(stage.origin), places.get(stage.target)
        wanted = "not_at_ppk"
        if base is not None and target is not None:
            met = []
            waves = [own for own in view.waves.values() if _has_hours(stage, own)]
            fleets = standing_at(view, stage, base, partial(fetching, view, base, stage.name))
            for wave, fleet in product(waves, fleets):
                what = stopped_by(view, row["kode_tps"], stage, fleet, base, target, wave)
                closed = view.closings[wave.name, stage.name, fleet.kode].closed
                home = home_s(view, fleet.vehicle, (base, ends[fleet.kode] or base), closed, unload[stage.name])
                met.append("no_way_back" if home is None and what in {"too_big", "no_time"} else what)
            wanted = farthest(met)
        if row["reason"] != wanted:
            yield Broken(row["kode_tps"], row["reason"], wanted)
        elif wanted == "no_time":
            at = ready.get((row["kode_tps"], stage.name), 0)
            yield from _but(row["kode_tps"], row, idle_back(view, row["kode_tps"], stage, at, ends))


def _has_hours(stage: Stage, wave: Wave) -> bool:
    """Whether some hours of a stage are of a wave, or of a part of it."""
    after_start = wave.end_s is None or stage.start_s < wave.end_s
    return after_start and (wave.start_s is None or wave.start_s < stage.end_s)


def _joined(
    facts: Facts, kode: str, stage: Stage, fleet: Fleet, base: str, target: str, wave: Wave, reason: str
) -> bool:
    """Whether travel times alone know no road there, or back, and the road layers surely have one.

    Surely: every road that a stop may lie at is open and of one part, in which one can drive from anywhere to anywhere.
    How a vehicle comes to its base, in the heavier weather too, is asked of the travel times.
    """
    stopped = stopped_by(facts, kode, stage, fleet, base, target, wave)
    if reason not in {"no_road", "no_way_back"} or stopped != reason:
        return False
    closed, near = facts.closings[wave.name, stage.name, fleet.kode].closed, []
    usable, network = facts.network(fleet.vehicle, ()), facts.network(fleet.vehicle, closed)
    for stop in (base, target, fleet.pulang_ke or base):
        gate, within = facts.gates_metric[stop], facts.snap_m(fleet.vehicle, stop) * (1 + SHARE) + POINT_M
        if facts.plan.inputs.roads.schematic:
            nodes = np.flatnonzero(shapely.dwithin(network.points, gate, within))
        else:
            arcs, every = (own.tree.query(gate, predicate="dwithin", distance=within) for own in (network, usable))
            open_ = {*network.road[arcs].tolist()} == {*usable.road[every].tolist()}
            nodes = np.concatenate([network.tail[arcs], network.head[arcs]]) if open_ else arcs[:0]
        near.append(set(network.part[nodes].tolist()))
    return all(near) and len(set().union(*near)) == 1 and coming_s(facts, stage, fleet, base, wave) != UNREACHABLE


def _full(facts: Facts, kode: str, stage: Stage, target: str, wave: Wave, beside: int = 0) -> bool:
    """Whether the boxes of a TPS find no room beside those that lie at its transfer point on one of the wave's days.

    So many more are thought to lie `beside` them.
    """
    store = facts.plan.inputs.operation.store_at(target, stage.target)
    if store is None or store.max_kotak is None or stage.target == "tps":
        return False
    days = days_at(facts, kode, wave.name, stage.name)
    there = max(boxes_at(facts).get((target, stage.target, day), 0) for day in days)
    return bool(there + beside + facts.rows.by_code(facts.plan.kits)[kode]["kotak"] > store.max_kotak)


def _in_vain(facts: Facts, kode: str, stage: Stage, target: str) -> bool:
    """Whether others that no vehicle brought either would have filled the store that has room for it now."""
    kits = facts.rows.by_code(facts.plan.kits)
    left = [
        kits[other]["kotak"]
        for other, row in facts.unserved.items()
        if other != kode and row["stage"] == stage.name and facts.places[other].get(stage.target) == target
    ]
    return any(
        _full(facts, kode, stage, target, wave, sum(left)) and not _full(facts, kode, stage, target, wave)
        for wave in waves_of(facts, kode)
    )


def _alone(facts: Facts, kode: str, stage: Stage, wave: Wave) -> bool:
    """Whether no other wave lies there on these days: one that is planned later may take room that was still there."""
    by_wave = [set(days_at(facts, kode, name, stage.name)) for name in facts.waves]
    own = set(days_at(facts, kode, wave.name, stage.name))
    return sum(not own.isdisjoint(days) for days in by_wave) == 1
