"""Papers for those who have no signal: PDF, black and white, searchable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kaur_gis.config import Lang
from kaur_gis.cut.weak import weak_points
from kaur_gis.write.replaced import NONE, Earlier, Pages, Replaced
from kaur_gis.write.sheets import couriers, overview, receipts, roster, routes, wall
from kaur_gis.write.sheets.frame import Terrain
from kaur_gis.write.sheets.press import press

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

Content = Callable[["Plan", Lang, Replaced], dict[str, Any]]
PAPERS: Mapping[str, tuple[str, Content]] = {
    "lembar_rute.pdf": ("route", routes.content),
    "tanda_terima.pdf": ("receipt", receipts.content),
    "pengamanan.pdf": ("roster", roster.content),
    "ringkasan.pdf": ("overview", overview.content),
    "peta_dinding.pdf": ("wall", wall.content),
}
"""Papers of every plan: file -> its template and what stands on it."""
BACK: Mapping[Literal["kotak", "salinan"], str] = {"kotak": "kembali", "salinan": "salinan"}
"""How the names of the papers of the way back end: ``lembar_kembali.pdf``, ``tanda_terima_salinan.pdf`` ..."""
OF_SIGNAL: Mapping[str, tuple[str, Content]] = {"komunikasi.pdf": ("courier", couriers.content)}
"""The same, of plans that say how TPS without signal report, or whose statements on it differ."""
PRESSES = 2
"""Papers that are set at one time: typst works beside Python."""


def write_papers(plan: Plan, folder: str | Path, lang: Lang, earlier: Earlier = NONE) -> dict[Path, Pages]:
    """Write every paper of a plan.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Where the files shall stand; it exists.
    lang : {"id", "en"}
        Language of the papers.
    earlier : Earlier, optional
        The papers that these replace.

    Returns
    -------
    dict
        File -> its pages, each with whether it replaces another one.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    papers = _papers(plan, lang, earlier)
    pages: dict[Path, Pages] = {}
    with ThreadPoolExecutor(PRESSES) as presses:
        jobs = []
        for name, (template, content) in papers.items():
            told, file = content(), Path(folder) / name
            pages[file] = told.pop("pages")
            jobs.append(presses.submit(press, template, told, file))
    for job in jobs:
        job.result()
    return pages


def _papers(plan: Plan, lang: Lang, earlier: Earlier) -> dict[str, tuple[str, Callable[[], dict[str, Any]]]]:
    """Name the papers of a plan, each with its template and what stands on it."""
    tells = len(plan.channels) or (plan.signals["differs"] != "").any()
    whole = {**PAPERS, **OF_SIGNAL} if tells else PAPERS
    papers = {name: (template, partial(content, plan, lang)) for name, (template, content) in whole.items()}
    terrain, weak = Terrain.of(plan), weak_points(plan)  # once for all of them
    route = partial(routes.content, plan, lang, weak=weak.roads, terrain=terrain)
    receipt = partial(receipts.content, plan, lang)
    papers["lembar_rute.pdf"] = ("route", route)
    papers["ringkasan.pdf"] = (
        "overview",
        partial(overview.content, plan, lang, terrain=terrain, isolated=weak.isolated),
    )
    papers["peta_dinding.pdf"] = ("wall", partial(wall.content, plan, lang, terrain=terrain))
    back = {row.muatan for row in plan.inputs.operation.kembali}
    for muatan, end in ((muatan, end) for muatan, end in BACK.items() if muatan in back):
        papers[f"lembar_{end}.pdf"] = ("route", partial(route, muatan=muatan))
        papers[f"tanda_terima_{end}.pdf"] = ("receipt", partial(receipt, muatan=muatan))
    return {
        name: (template, partial(content, replaces=earlier.paper(name))) for name, (template, content) in papers.items()
    }
