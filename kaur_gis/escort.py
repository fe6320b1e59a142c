"""Officers who escort the trips, out and back: how many are needed, and how many at one time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import say, wave_words
from kaur_gis.config import Lang

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

COLUMNS = {"stage": "str", "wave": "str", "trips": "int64", "officer_trips": "int64", "at_once": "int64"}

_Span = tuple[pd.Timestamp, pd.Timestamp, int]
"""A trip: from when until when it is out, and how many officers escort it."""


def escorts(plan: Plan) -> pd.DataFrame:
    """Count the escorts of each stage and wave.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    DataFrame
        `stage`, `wave`, `trips` that are escorted, `officer_trips` (officers, summed over trips) and `at_once` (most
        officers who are out at one moment); in the order of the operation, without stages that need none.
    """
    rows = []
    for part in (plan, plan.way_back):
        operation = part.inputs.operation
        for stage in operation.stages:
            for wave in operation.waves:
                own = part.trips[(part.trips["stage"] == stage.name) & (part.trips["wave"] == wave.name)]
                officers = [operation.escort(stage, str(kode)) for kode in own["fleet"]]
                if any(officers):
                    spans = list(zip(own["depart"], own["back"], officers, strict=True))
                    escorted = sum(n > 0 for n in officers)
                    rows.append((stage.name, wave.name, escorted, sum(officers), _most(spans)[0]))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def told(plan: Plan, lang: Lang) -> list[str]:
    """Say the escorts in lines; none where no trip has one."""
    found = escorts(plan)
    found["wave"] = wave_words(found["wave"], found["stage"], plan.inputs.operation.overnight, lang)
    rows = found[list(COLUMNS)].itertuples(index=False, name=None)
    lines = [say("people.escort", lang, **dict(zip(COLUMNS, row, strict=True))) for row in rows]
    guards, (needed, day) = int(plan.posts["officers"].sum()), most_at_once(plan)
    if not lines:
        return []
    lack = say("people.escort_lack", lang, n=needed - guards) if needed > guards else ""
    return [*lines, say("people.escort_all", lang, at_once=needed, day=day, guards=guards) + lack]


def most_at_once(plan: Plan) -> tuple[int, str]:
    """Count the officers who are out at the moment at which most escort trips of any stage and leg, and tell the day.

    Returns
    -------
    tuple of int and str
        0 and "" where no trip is escorted.
    """
    spans: list[_Span] = []
    for part in (plan, plan.way_back):
        operation, trips = part.inputs.operation, part.trips
        stages = {stage.name: stage for stage in operation.stages}
        for stage, fleet, start, end in trips[["stage", "fleet", "depart", "back"]].to_numpy(dtype=object):
            spans.append((start, end, operation.escort(stages[stage], fleet)))
    return _most(spans)


def _most(spans: list[_Span]) -> tuple[int, str]:
    """Count the officers who are out at the moment at which most are, and tell the day; who is back can go again."""
    out, most, day = 0, 0, ""
    changes = [change for start, end, n in spans for change in ((start, n), (end, -n))]
    for moment, more in sorted(changes):
        out += more
        if out > most:
            most, day = out, f"{moment:%Y-%m-%d}"
    return most, day
