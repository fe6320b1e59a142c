"""Two pages for the meeting: figures, every kecamatan, the map, and what is unserved or doubtful."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pandas as pd

from kaur_gis import costs, people
from kaur_gis.catalogue import say, thousands
from kaur_gis.config import KERAWANAN, Lang
from kaur_gis.summary import arrivals, figures, notices, summary
from kaur_gis.write.replaced import NOTHING, Replaced
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
MOST_LINES = 40  # printed lines of the summary beside `USUAL_KECAMATAN` rows; the rest stands in the tables
FEWEST_LINES = 14
USUAL_KECAMATAN = 15
LINES_A_KECAMATAN = 1.5  # that a further row of the table takes
LETTERS_A_LINE = 125
MAP = Style(186, 150, 3, 0.7, None, None, Letters(7.5, 1.5, 3.5, on_road=True))


def content(
    plan: Plan,
    lang: Lang,
    replaces: Replaced = NOTHING,
    terrain: Terrain | None = None,
    isolated: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Gather the two pages.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the pages.
    replaces : Replaced, optional
        The paper that this one replaces.
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
    ground, kecamatan = Ground(plan, lang, glyphs, terrain), _kecamatan(plan, lang, glyphs)
    lines = [line for line in summary(plan, lang).splitlines() if line and line[:2] != "! "][1:]
    if isolated is not None and len(isolated):
        sums = {name: thousands(int(isolated[name].sum()), lang) for name in ("pemilih", "kotak")}
        lines.append(say("weak.isolated", lang, n=len(isolated), **sums))
    room = max(FEWEST_LINES, MOST_LINES - int(LINES_A_KECAMATAN * max(0, len(kecamatan) - USUAL_KECAMATAN)))
    details = set(map(glyphs.printable, people.grouping_lines(plan, lang)))
    prices = set(map(glyphs.printable, costs.by_row(costs.costs(plan), lang)))
    lines = _fitting([glyphs.printable(line) for line in lines], room, details, prices, lang)
    drawn = ground.draw(MAP)
    unnamed = ", ".join(drawn["unnamed"])
    told = {
        "tiles": [*_tiles(facts, TILES, lang), *_back(plan, facts, lang)],
        "kecamatan": kecamatan,
        "classes": [say(f"term.{kelas}", lang) for kelas in KERAWANAN],
        "map": drawn,
        "map_alt": say("sheets.overview_map_alt", lang),
        "map_note": " ".join(
            filter(None, (ground.legend(MAP), unnamed and say("sheets.overview_unnamed", lang, names=unnamed)))
        ),
        "words": lines,
        "doubts": [glyphs.printable(line) for line in notices(plan, lang)],
    }
    return paper(plan, lang, glyphs, LABELS, [told], replaces) | told


def _fitting(lines: list[str], room: int, details: Collection[str], prices: Collection[str], lang: Lang) -> list[str]:
    """Leave out what has no room on two pages.

    First the details that the roster tells too, then what each row of the fleet costs, as the tables and the sum tell,
    then the last but one lines.
    """

    def printed(told: Sequence[str]) -> list[int]:
        return [*accumulate(-(-len(line) // LETTERS_A_LINE) for line in told)]

    if printed(lines)[-1] > room and details:
        first = next(n for n, line in enumerate(lines) if line in details)
        lines = [line for line in lines if line not in details]
        lines.insert(first, say("sheets.overview_groups", lang, n=len(details)))
    if printed(lines)[-1] > room:
        lines = [line for line in lines if line not in prices]
    ends = printed(lines)
    if ends[-1] <= room:
        return lines
    kept = sum(end < room - (ends[-1] - ends[-2]) for end in ends[:-1])
    return [*lines[:kept], say("sheets.overview_more", lang, n=len(lines) - kept - 1), lines[-1]]


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
