"""What transfer points can hold, and until when: known before any solver is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.config import Operation, Stage, Wave, seconds_of_day
from kaur_gis.distribute.chain import Chain
from kaur_gis.distribute.schedule import clients_of
from kaur_gis.problems import Problem

if TYPE_CHECKING:
    from kaur_gis.distribute.day import VehicleDay


def leaves_by_s(operation: Operation, stage: Stage, base: str) -> int | None:
    """By when the last vehicle of a stage must have left a transfer point [s from midnight]; None for no limit."""
    store = operation.store_at(base, stage.origin)
    return None if store is None or store.until is None else seconds_of_day(store.until)


def held(chain: Chain, days: Iterable[VehicleDay], wave: Wave) -> dict[str, int]:
    """Count the boxes of other waves that lie at each transfer point on a day on which those of a wave do.

    Those of waves two days apart lie at one place together if they lie there for two nights.
    """
    if not chain.operation.simpan:
        return {}
    boxes: dict[str, int] = {}
    for kode, stage, other in _brought(chain, days):
        apart = abs(other.days_before - wave.days_before)
        if stage.target != "tps" and other.name != wave.name and apart <= chain.nights(kode, stage):
            place = chain.nodes[kode][stage.target]
            boxes[place] = boxes.get(place, 0) + chain.load(kode, stage)[0]
    return boxes


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
    chain: Chain, stage: Stage, members: Sequence[str], unserved: Mapping[str, object], before: Mapping[str, int]
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
    before : mapping
        Boxes of other waves by place.

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
        left = room.setdefault(place, store.max_kotak - before.get(place, 0)) - chain.load(kode, stage)[0]
        if left < 0 and kode not in there:
            found[kode] = (stage.name, "no_store")
        else:
            room[place] = left
    return found


def refused_in_vain(
    chain: Chain, stage: Stage, refused: Iterable[str], came: Sequence[str], before: Mapping[str, int]
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


def unguarded_nights(chain: Chain, trips: pd.DataFrame, loads: pd.DataFrame) -> list[Problem]:
    """Say where boxes lie overnight on their way to the TPS without a guard.

    Parameters
    ----------
    chain : Chain
    trips, loads : DataFrame
        Layers of the same names.

    Returns
    -------
    list of Problem
        Level `note`.
    """
    stages = {stage.name: stage for stage in chain.operation.stages if stage.days_earlier}
    by = trips["stage"].to_dict()
    lie = Counter(
        (chain.nodes[kode][stage.target], stage.target)
        for trip, kode in loads.index
        if (stage := stages.get(by[trip])) and chain.nights(kode, stage)
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
    came = (
        boxes.assign(day=boxes["back"].dt.strftime("%Y-%m-%d")).groupby(["base", "day"], as_index=False)["kotak"].sum()
    )
    for place, day, n in came[["base", "day", "kotak"]].itertuples(index=False, name=None):
        most = known[place].max_kotak if place in known else None
        if most is not None and n > most:
            full: dict[str, str | int] = {"day": day, "n": n, "most": most}
            notes.append(Problem("store_full", value=place, level="note", details=full))
    carried = back_loads.reset_index().join(boxes[["stage", "base", "depart", "back"]], on="kode_trip", how="inner")
    carried = carried.sort_values(["kode_tps", "depart"])
    goes_on = carried["kode_tps"] == carried["kode_tps"].shift(-1)
    lies = carried[goes_on & (carried["back"].dt.normalize() < carried["depart"].shift(-1).dt.normalize())]
    for place, n_tps in lies.groupby("base")["kode_tps"].nunique().items():
        if place in known and not known[str(place)].guarded_overnight:
            details: dict[str, str | int] = {"n_tps": int(n_tps)}
            notes.append(Problem("store_unguarded", value=str(place), level="note", details=details))
    return notes
