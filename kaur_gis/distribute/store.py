"""What transfer points can hold, and until when: known before any solver is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.config import Operation, Stage, Wave, seconds_of_day
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.schedule import clients_of
from kaur_gis.problems import Problem

if TYPE_CHECKING:
    from kaur_gis.distribute.day import VehicleDay

Unserved = Mapping[str, tuple[str, str]]


def leaves_by_s(operation: Operation, stage: Stage, base: str) -> int | None:
    """By when the last vehicle of a stage must have left a transfer point [s from midnight]; None for no limit."""
    store = operation.store_at(base, stage.origin)
    return None if store is None or store.until is None else seconds_of_day(store.until)


@dataclass(frozen=True)
class Stored:
    """What is known of transfer points before a wave is planned.

    Attributes
    ----------
    boxes : mapping
        Place -> boxes of other waves that lie there, on the day of theirs on which most do.
    refused : mapping
        `kode_tps` of boxes that nobody would take on from a place, and that find no room there until voting day -> the
        stage that does not bring them.
    """

    boxes: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def stored(
    chain: Chain, days: Iterable[VehicleDay], wave: Wave, unserved: Unserved, refused: Mapping[str, str]
) -> Stored:
    """Count the boxes of other waves that lie at each transfer point on a day on which those of a wave do.

    Those of waves two days apart lie at one place together if they lie there for two nights, or if those of the earlier
    one are stuck there.
    """
    boxes, own = Counter[tuple[str, int]](), dict[str, range]()
    for kode, stage, other in _brought(chain, days) if chain.operation.simpan else ():
        if stage.target != "tps" and other.whole != wave.name:
            place = chain.nodes[kode][stage.target]
            own[place] = _there(chain, kode, stage, wave, {})
            boxes.update(_by_day(chain, kode, stage, _there(chain, kode, stage, other, unserved)))
    return Stored({place: max(boxes[place, day] for day in there) for place, there in own.items()}, refused)


def left_over(
    chain: Chain, days: Iterable[VehicleDay], wave: Wave, unserved: Unserved, refused: Mapping[str, str]
) -> dict[str, str]:
    """Find who, of the boxes of a wave that nobody takes on, finds no room on some day until voting day.

    Later waves are planned before, and are served: so their boxes have the room.

    Parameters
    ----------
    chain : Chain
    days : iterable of VehicleDay
        Of this wave and those planned before.
    wave : Wave
    unserved : mapping
        `kode_tps` that don't come to their TPS, of these waves -> the stage that fails, and the reason.
    refused : mapping
        Who is not brought for want of room already, as in `Stored`.

    Returns
    -------
    dict
        `kode_tps` -> the stage that must not bring it; of those `refused` only who would still find no room.
    """
    stages = {stage.name: stage for stage in chain.operation.stages}
    boxes, stuck = Counter[tuple[str, int]](), list[tuple[str, Stage]]()
    for kode, stage, other in _brought(chain, days) if chain.operation.simpan else ():
        there = chain.kept is not None and (kode, stage.name) in chain.kept.handed
        if other.whole == wave.name and not there and _is_stuck(chain, kode, stage, unserved):
            stuck.append((kode, stage))
        elif stage.target != "tps":
            boxes.update(_by_day(chain, kode, stage, _there(chain, kode, stage, other, unserved)))
    found = dict[str, str]()
    for kode, stage in sorted(stuck, key=lambda one: one[0]):
        lies = _until_voting_day(chain, kode, stage, wave)
        if _fits(chain, stage, boxes, lies):
            boxes.update(lies)
        else:
            found[kode] = stage.name
    again = {kode: stages[name] for kode, name in refused.items() if kode not in found}
    return found | {
        kode: stage.name
        for kode, stage in again.items()
        if not _fits(chain, stage, boxes, _until_voting_day(chain, kode, stage, wave))
    }


def too_full(chain: Chain, days: Iterable[VehicleDay], unserved: Unserved) -> bool:
    """Whether more boxes lie at a transfer point on some day than it can hold."""
    boxes, stage_at = Counter[tuple[str, int]](), dict[str, Stage]()
    for kode, stage, wave in _brought(chain, days) if chain.operation.simpan else ():
        if stage.target != "tps":
            stage_at[chain.nodes[kode][stage.target]] = stage
            boxes.update(_by_day(chain, kode, stage, _there(chain, kode, stage, wave, unserved)))
    return not all(_fits(chain, stage_at[at[0]], Counter(), {at: number}) for at, number in boxes.items())


def _fits(chain: Chain, stage: Stage, boxes: Counter[tuple[str, int]], more: Mapping[tuple[str, int], int]) -> bool:
    """Whether some boxes find room beside others at the end of a stage, on each of their days."""
    for (place, day), number in more.items():
        store = chain.operation.store_at(place, stage.target)
        if store is not None and store.max_kotak is not None and boxes[place, day] + number > store.max_kotak:
            return False
    return True


def _is_stuck(chain: Chain, kode: str, stage: Stage, unserved: Unserved) -> bool:
    """Whether no trip takes the boxes of a TPS on from where a stage ends."""
    goes_on = chain.goes_on(kode, stage)
    return goes_on is not None and kode in unserved and unserved[kode][0] == goes_on.name


def _there(chain: Chain, kode: str, stage: Stage, wave: Wave, unserved: Unserved) -> range:
    """List on which days the boxes of a TPS lie where a stage ends, by how many these are before voting day."""
    came = wave.days_before + stage.days_earlier
    stuck = _is_stuck(chain, kode, stage, unserved)
    return range(0 if stuck else came - chain.nights(kode, stage), came + 1)


def _by_day(chain: Chain, kode: str, stage: Stage, there: range) -> dict[tuple[str, int], int]:
    """Boxes of a TPS where a stage ends, by place and day."""
    return dict.fromkeys(((chain.nodes[kode][stage.target], day) for day in there), chain.load(kode, stage)[0])


def _until_voting_day(chain: Chain, kode: str, stage: Stage, wave: Wave) -> dict[tuple[str, int], int]:
    """Boxes of a TPS that lie where a stage ends until voting day, by place and day."""
    return _by_day(chain, kode, stage, range(wave.days_before + stage.days_earlier + 1))


def _brought(chain: Chain, days: Iterable[VehicleDay]) -> Iterator[tuple[str, Stage, Wave]]:
    """List whose boxes are brought by which stage, and of which wave: on some days, and by trips that stay."""
    for day in days:
        for client in clients_of([day.run]):
            yield day.case.members[client], day.case.stage, day.case.wave
    if kept := chain.kept:
        stages = {stage.name: stage for stage in chain.operation.stages}
        waves = {wave.name: wave for wave in chain.operation.waves}
        yield from ((kode, stages[name], waves[kept.wave[kode]]) for kode, name in kept.handed)


def too_many(
    chain: Chain, stage: Stage, members: Sequence[str], unserved: Mapping[str, object], before: Stored
) -> dict[str, tuple[str, str]]:
    """Find whose boxes find no room at the end of a stage.

    Parameters
    ----------
    chain : Chain
    stage : Stage
    members : sequence of str
        `kode_tps` of the wave; the first ones have their room first, those already there before all.
    unserved : mapping
        `kode_tps` that don't come so far.
    before : Stored

    Returns
    -------
    dict
        `kode_tps` -> the stage, and the reason.
    """
    operation = chain.operation
    if stage.target == "tps" or not operation.simpan:
        return {}
    there = {kode for kode, name in chain.kept.handed if name == stage.name} if chain.kept else set()
    room: dict[str, int] = {}
    found = {}
    for kode in sorted(members, key=lambda kode: kode not in there):
        place = chain.target(kode, stage)
        passes = place is not None and kode not in unserved and chain.goes(kode, stage)
        store = None if place is None or not passes else operation.store_at(place, stage.target)
        if place is None or store is None or store.max_kotak is None:
            continue
        left = room.setdefault(place, store.max_kotak - before.boxes.get(place, 0)) - chain.load(kode, stage)[0]
        if kode not in there and (left < 0 or before.refused.get(kode) == stage.name):
            found[kode] = (stage.name, "no_store")
        else:
            room[place] = left
    return found


def refused_in_vain(
    chain: Chain, stage: Stage, refused: Iterable[str], came: Sequence[str], before: Stored
) -> set[str]:
    """Find who would have found room in the end, as others to whom it was given were not brought.

    Parameters
    ----------
    chain, stage, before
        As for `too_many`.
    refused : iterable of str
        `kode_tps` of those who found none.
    came : sequence of str
        `kode_tps` whose boxes come to the end of the stage.
    """
    return {kode for kode in refused if kode not in too_many(chain, stage, [*came, kode], {}, before)}


def unguarded_nights(chain: Chain, trips: pd.DataFrame, loads: pd.DataFrame, unserved: Unserved) -> list[Problem]:
    """Say where boxes lie overnight on their way to the TPS without a guard, be it that no trip takes them on.

    Parameters
    ----------
    chain : Chain
    trips, loads : DataFrame
        Layers of the same names.
    unserved : mapping
        `kode_tps` that don't come to their TPS -> the stage that fails, and the reason.

    Returns
    -------
    list of Problem
        Level `note`.
    """
    stages = {stage.name: stage for stage in chain.operation.stages if stage.target != "tps"}
    waves = {wave.name: wave for wave in chain.operation.waves}
    by = dict(zip(trips.index, zip(trips["stage"], trips["wave"], strict=True), strict=True))
    lie = Counter(
        (chain.nodes[kode][stage.target], stage.target)
        for trip, kode in loads.index
        if (stage := stages.get(by[trip][0])) and len(_there(chain, kode, stage, waves[by[trip][1]], unserved)) > 1
    )
    return [
        Problem("store_unguarded_before", value=place, level="note", details={"n_tps": n})
        for (place, jenis), n in sorted(lie.items())
        if (store := chain.operation.store_at(place, jenis)) and not store.guarded_overnight
    ]


def store_notes(
    operation: Operation, stops: pd.DataFrame, back_trips: pd.DataFrame, back_loads: pd.DataFrame
) -> list[Problem]:
    """Say which stores are not dry, where more boxes come back on a day than they hold, or lie overnight unguarded.

    Parameters
    ----------
    operation : Operation
    stops, back_trips, back_loads : DataFrame
        Layers of the same names: boxes lie overnight where they come back on one day and go on on another.

    Returns
    -------
    list of Problem
        Level `note`.
    """
    places = [(str(kode), operation.store_at(str(kode), str(kind))) for kode, kind in stops["kind"].items()]
    known = {kode: store for kode, store in places if store is not None}
    if not known:
        return []
    wet = [kode for kode, store in known.items() if not store.dry and operation.weather.late != "kering"]
    notes = [Problem("store_wet", value=kode, level="note", details={}) for kode in sorted(wet)]
    boxes = back_trips[back_trips["muatan"] == "kotak"]
    carried = back_loads.reset_index().join(boxes[["stage", "base", "depart", "back"]], on="kode_trip", how="inner")
    carried = carried.sort_values(["kode_tps", "depart"])
    goes_on = carried["kode_tps"] == carried["kode_tps"].shift(-1)
    came = carried["back"].dt.normalize()
    goes = carried["depart"].shift(-1).dt.normalize().where(goes_on, came)  # who does not go on is counted on one day
    there = Counter[tuple[str, pd.Timestamp]]()
    for place, kotak, first, last in zip(carried["base"], carried["kotak"], came, goes, strict=True):
        there.update(dict.fromkeys(((place, day) for day in pd.date_range(first, last)), kotak))
    for (place, day), n in sorted(there.items()):
        most = known[place].max_kotak if place in known else None
        if most is not None and n > most:
            full: dict[str, str | int] = {"day": f"{day:%Y-%m-%d}", "n": n, "most": most}
            notes.append(Problem("store_full", value=place, level="note", details=full))
    lies = carried[goes_on & (came < goes)]
    for place, n_tps in lies.groupby("base")["kode_tps"].nunique().items():
        if place in known and not known[str(place)].guarded_overnight:
            details: dict[str, str | int] = {"n_tps": int(n_tps)}
            notes.append(Problem("store_unguarded", value=str(place), level="note", details=details))
    return notes
