"""What every paper says of its plan, and the layers of a plan as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.summary import notices
from kaur_gis.write.replaced import Replaced, stamped
from kaur_gis.write.sheets.glyphs import MISSING, Glyphs

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def paper(
    plan: Plan,
    lang: Lang,
    glyphs: Glyphs,
    labels: Iterable[str],
    pages: Sequence[dict[str, Any]],
    replaces: Replaced,
    shared: object = None,
) -> dict[str, Any]:
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
    pages : sequence of dict
        What is handed out by itself, page by page; `stamped` puts its code and version there.
    replaces : Replaced
        The paper that this one replaces.
    shared : optional
        What stands on every page besides, ready for JSON.

    Returns
    -------
    dict
        Texts, ready for JSON; `pages` is what `stamped` gives.
    """
    lines = notices(plan, lang)
    if plan.broken:
        lines = [say("sheets.broken", lang, n=len(plan.broken)), *lines]
    version = say("sheets.version", lang, version=plan.version)
    keys = (*labels, "replaced_title", "none_title", "none_text")
    told = {
        "lang": lang,
        "operation": glyphs.printable(plan.inputs.operation.operation.name),
        "plain_version": version,
        "pages": stamped(pages, version, replaces, lang, shared),
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
