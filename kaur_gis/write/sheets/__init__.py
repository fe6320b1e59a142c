"""Papers for those who have no signal: PDF, black and white, searchable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaur_gis.config import Lang
from kaur_gis.write.sheets import overview, receipts, roster, routes, wall
from kaur_gis.write.sheets.press import press

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

Content = Callable[["Plan", Lang, str], dict[str, Any]]
PAPERS: Mapping[str, tuple[str, Content]] = {
    "lembar_rute.pdf": ("route", routes.content),
    "tanda_terima.pdf": ("receipt", receipts.content),
    "pengamanan.pdf": ("roster", roster.content),
    "ringkasan.pdf": ("overview", overview.content),
    "peta_dinding.pdf": ("wall", wall.content),
}
"""File -> its template and what stands on it."""
PRESSES = 2
"""Papers that are set at one time: typst works beside Python."""


def write_papers(plan: Plan, folder: str | Path, lang: Lang, replaces: str = "") -> list[Path]:
    """Write every paper of a plan.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Where the files shall stand; it exists.
    lang : {"id", "en"}
        Language of the papers.
    replaces : str, optional
        Version of the plan whose papers these replace; "" for none.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    with ThreadPoolExecutor(PRESSES) as presses:
        jobs = {
            Path(folder) / name: presses.submit(press, template, content(plan, lang, replaces), Path(folder) / name)
            for name, (template, content) in PAPERS.items()
        }
    for job in jobs.values():
        job.result()
    return list(jobs)
