"""What every paper says of its plan, and the layers of a plan as plain rows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.summary import notices
from kaur_gis.write.sheets.glyphs import MISSING, Glyphs

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def paper(plan: Plan, lang: Lang, glyphs: Glyphs, labels: Iterable[str], replaces: str = "") -> dict[str, Any]:
    """Say what every paper says: the operation, the version, the notices.

    Called last, when `glyphs` knows of every text of the paper.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}
        Language of the paper.
    glyphs : Glyphs
        Made every text of the paper printable.
    labels : iterable of str
        Keys of the catalogue's ``sheets`` that the template sets.
    replaces : str, optional
        Version of the plan whose papers these replace; "" for none.

    Returns
    -------
    dict
        Texts, ready for JSON.
    """
    lines = notices(plan, lang)
    if plan.broken:
        lines = [say("sheets.broken", lang, n=len(plan.broken)), *lines]
    version = say("sheets.version", lang, version=plan.version)
    if replaces:
        version = say("sheets.replaces", lang, version=version, old=glyphs.printable(replaces))
    keys = (*labels, "replaced_title", "none_title", "none_text")
    told = {
        "lang": lang,
        "operation": glyphs.printable(plan.inputs.operation.operation.name),
        "version": version,
        "labels": {name: say(f"sheets.{name}", lang) for name in keys},
        "page": say("sheets.page", lang, n="{n}", total="{total}"),
        "foot": glyphs.printable(" · ".join(lines)),
        "replaced_text": say("sheets.replaced_text", lang, mark=MISSING),
    }
    return told | {"replaced": sorted(glyphs.replaced)}


def in_order(plan: Plan) -> list[str]:
    """Order trips as they are handed out: by stage, day, base, vehicle and trip of the vehicle."""
    stages = [stage.name for stage in plan.inputs.operation.stages]
    trips = plan.trips.assign(
        stage_no=[stages.index(stage) for stage in plan.trips["stage"]], day=plan.trips["depart"].dt.normalize()
    )
    keys = ["stage_no", "day", "base", "vehicle", "trip_no", "kode_trip"]
    return list(trips.reset_index().sort_values(keys, kind="stable")["kode_trip"])


def rows(frame: pd.DataFrame, index: str) -> dict[str, Any]:
    """Turn a layer into plain rows by its index."""
    return {str(getattr(row, index)): row for row in frame.reset_index().itertuples(index=False)}


def rows_by(frame: pd.DataFrame, key: str, order: list[str]) -> dict[str, list[Any]]:
    """Turn a layer into lists of plain rows by one of its columns or index levels, each list in its order."""
    plain = frame.drop(columns="geometry", errors="ignore").reset_index().sort_values([key, *order])
    found = groupby(pd.DataFrame(plain).itertuples(index=False), key=lambda row: getattr(row, key))
    return {str(value): list(same) for value, same in found}
