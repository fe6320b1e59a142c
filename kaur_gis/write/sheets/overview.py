"""Two pages for the meeting: figures, every kecamatan, the map, and what is unserved or doubtful."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import KERAWANAN, Lang
from kaur_gis.summary import arrivals, figures, notices, summary
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.area import Ground, Style
from kaur_gis.write.sheets.base import paper
from kaur_gis.write.sheets.frame import Terrain
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.names import Letters

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

LABELS = (
    "overview_title",
    "overview_kecamatan",
    "overview_words",
    "overview_doubts",
    "north",
    *(f"overview_{name}" for name in ("name", "bar", "tps", "sulit", "blank", "posts", "officers", "kotak", "last")),
)
TILES = (
    "n_tps",
    "voters",
    "kotak",
    "trips",
    "vehicles",
    "km",
    "posts",
    "officers",
    "sulit",
    "blank",
    "unserved",
    "broken",
)
BACK_TILES = ("back_trips", "back_vehicles", "back_unserved")
MOST_LINES = 34  # of the summary; the rest stands in the tables
MAP = Style(186, 150, 3, 0.7, None, None, Letters(7.5, 1.5, 3.5, on_road=True))


def content(
    plan: Plan, lang: Lang, replaces: str = "", terrain: Terrain | None = None, isolated: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Gather the two pages.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the pages.
    replaces : str, optional
        Version of the plan whose pages these replace.
    terrain : Terrain, optional
        Of the plan; prepared here where nobody has done so before.
    isolated : DataFrame, optional
        Layer `Isolated`: who has no second way is told, too.

    Returns
    -------
    dict
        Texts (printable), numbers and the map, ready for JSON.
    """
    glyphs = Glyphs()
    facts = figures(plan)
    facts["km"] = round(facts["metres"] / 1000)
    facts["blank"] = facts["sinyal_tidak_ada"]
    ground = Ground(plan, lang, glyphs, terrain)
    lines = [glyphs.printable(line) for line in summary(plan, lang).splitlines() if line and line[:2] != "! "][1:]
    if isolated is not None and len(isolated):
        sums = {name: thousands(int(isolated[name].sum()), lang) for name in ("pemilih", "kotak")}
        alone = say("weak.isolated", lang, n=len(isolated), **sums)
        lines.insert(min(len(lines), MOST_LINES - 1), alone)  # never among what is left out
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], say("sheets.overview_more", lang, n=len(lines) - MOST_LINES)]
    drawn = ground.draw(MAP)
    unnamed = ", ".join(drawn["unnamed"])
    told = {
        "tiles": [*_tiles(facts, TILES, lang), *_back(plan, facts, lang)],
        "kecamatan": _kecamatan(plan, lang, glyphs),
        "classes": [say(f"term.{kelas}", lang) for kelas in KERAWANAN],
        "map": drawn,
        "map_alt": say("sheets.overview_map_alt", lang),
        "map_note": " ".join(
            filter(None, (ground.legend(MAP), unnamed and say("sheets.overview_unnamed", lang, names=unnamed)))
        ),
        "words": lines,
        "doubts": [glyphs.printable(line) for line in notices(plan, lang)],
    }
    return told | paper(plan, lang, glyphs, LABELS, replaces)


def _tiles(facts: dict[str, int], names: Iterable[str], lang: Lang) -> list[list[str]]:
    return [[say(f"sheets.tile_{name}", lang), thousands(facts[name], lang)] for name in names]


def _back(plan: Plan, facts: dict[str, int], lang: Lang) -> list[list[str]]:
    """Say the way back on tiles: its trips and vehicles, what stays behind, and when the last boxes are in."""
    if plan.back_trips.empty:
        return []
    last = plan.back_trips["back"][plan.back_trips["muatan"] == "kotak"].max()
    moment = "–" if pd.isna(last) else f"{last:%d-%m %H:%M}"
    return [*_tiles(facts, BACK_TILES, lang), [say("sheets.tile_back_last", lang), moment]]


def _kecamatan(plan: Plan, lang: Lang, glyphs: Glyphs) -> list[dict[str, Any]]:
    """Count every kecamatan: TPS by class, hard ones, without signal, guards, boxes, and when the last arrive."""
    tps, posts = plan.tps, plan.posts
    came = arrivals(plan)["arrive"]
    told = []
    for kode, here in tps.groupby("kode_kec", sort=True):
        mine = posts[posts["kode_kec"] == kode]
        times = came.reindex(here.index).dropna()
        last = times.max() if len(times) else None
        told.append(
            {
                "name": glyphs.printable(plan.inputs.kecamatan.loc[kode, "nama"]),
                "classes": [int((here["kerawanan"] == kelas).sum()) for kelas in KERAWANAN],
                "figures": [
                    thousands(number, lang)
                    for number in (
                        len(here),
                        int((here["akses"] == "sulit").sum()),
                        int((here["sinyal"] == "tidak_ada").sum()),
                        len(mine),
                        int(mine["officers"].sum()),
                        int(plan.kits.loc[here.index, "kotak"].sum()),
                    )
                ],
                "last": f"{last:%d-%m} {words.clock(last)}" if last is not None else "–",
            }
        )
    return told
