"""The guard roster: posts by kecamatan, and a pocket card for every officer."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from kaur_gis import escort, people
from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.write.replaced import NOTHING, Replaced
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.base import paper, rows, rows_by
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.qr import geo_qr

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

LABELS = (
    "roster_title",
    "roster_post",
    "roster_tps",
    "roster_officers",
    "roster_cards",
    "roster_leader",
    "roster_call",
    "roster_totals",
    "roster_sum",
    "phone",
)
TOTALS = ("posts", "n_tps", "officers", "linmas", "kpps")
"""What is summed up by kecamatan, in the order of the columns."""


def content(plan: Plan, lang: Lang, replaces: Replaced = NOTHING) -> dict[str, Any]:
    """Gather the posts of every kecamatan: class, officers, and the TPS in the order of the round.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the roster.
    replaces : Replaced, optional
        The paper that this one replaces.

    Returns
    -------
    dict
        Texts (printable), numbers and QR codes, ready for JSON.
    """
    glyphs = Glyphs()
    tps = rows(plan.tps[["no_tps", "nama_desa", "kerawanan_aturan", "kerawanan_polri", "sinyal", "akses"]], "kode_tps")
    rounds = rows_by(plan.guards, "kode_post", ["order", "kode_tps"])
    places = dict(zip(plan.posts.index, plan.posts.get_coordinates().to_numpy().tolist(), strict=True))
    day = words.day(plan.inputs.operation.operation.voting_day, lang)

    units = plan.inputs.personel["nama"]
    senders = {
        kode: ", ".join(f"{row.officers} {glyphs.printable(units[row.kode_satuan])}" for row in here)
        for kode, here in rows_by(plan.staffing, "kode_post", ["kode_satuan"]).items()
    }

    def stop(number: int, guard: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of layers.Guards
        found = tps[guard.kode_tps]
        marks = [say(f"sheets.mark_{word}", lang) for word in (found.sinyal, found.akses) if word in words.WORTH_SAYING]
        if found.kerawanan_polri:
            marks.insert(0, say("sheets.mark_polri", lang, kelas=say(f"term.{found.kerawanan_aturan}", lang)))
        return {
            "no": str(number),
            "name": f"{glyphs.printable(found.nama_desa)} {say('sheets.tps', lang, no=found.no_tps)}",
            "code": guard.kode_tps,
            "way": _way(number, guard.seconds, lang),
            "marks": ", ".join(marks),
        }

    def post(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of layers.Posts
        return {
            "code": glyphs.printable(row.kode_post),
            "kelas": say(f"term.{row.kerawanan}", lang),
            "officers": int(row.officers),
            "told": say("sheets.roster_n_officers", lang, n=row.officers),
            "from": senders.get(row.kode_post, ""),
            "tps": [stop(number, guard) for number, guard in enumerate(rounds[row.kode_post], start=1)],
            "qr": geo_qr(*places[row.kode_post]),
            "qr_alt": say("sheets.qr_alt", lang, name=glyphs.printable(row.kode_post)),
        }

    names = plan.inputs.kecamatan["nama"]
    found = plan.posts.drop(columns="geometry").reset_index().sort_values(["kode_kec", "kode_post"])
    pattern = plan.inputs.pattern
    kecamatan, cards, totals = [], [], np.zeros(len(TOTALS), dtype=np.int64)
    for kode_kec, here in groupby(found.itertuples(index=False), key=lambda row: row.kode_kec):
        posts = [post(row) for row in here]
        cards += posts
        n_tps = sum(len(post["tps"]) for post in posts)
        officers = sum(post["officers"] for post in posts)
        counts = (len(posts), n_tps, officers, n_tps * pattern.linmas_per_tps, n_tps * pattern.kpps_per_tps)
        totals += counts
        figures = dict(zip(TOTALS, (thousands(count, lang) for count in counts), strict=True))
        kecamatan.append(
            {
                "name": glyphs.printable(names[kode_kec]),
                "posts": posts,
                "told": say("sheets.roster_told", lang, **figures),
                "figures": [*figures.values()],
            }
        )
    shared = {
        "day": day,
        "pattern": say("sheets.roster_pattern", lang, name=glyphs.printable(pattern.name)),
        "hours": duty_hours(plan, lang),
    }
    front = shared | {
        "totals": [thousands(int(total), lang) for total in totals],
        "heads": [say(f"sheets.roster_total_{name}", lang) for name in ("kecamatan", *TOTALS)],
        "people": [
            glyphs.printable(line)
            for line in [*people.grouping_lines(plan, lang), *people.told(plan, lang), *escort.told(plan, lang)]
        ],
    }
    told = paper(plan, lang, glyphs, LABELS, [*kecamatan, *cards, front], replaces, shared)
    return told | front | {"kecamatan": kecamatan}


def duty_hours(plan: Plan, lang: Lang) -> str:
    """Say the hours at the posts, and when the TPS open; what nobody has said has a place to write it by hand."""
    operation = plan.inputs.operation
    times = (operation.guard.duty_from, operation.guard.duty_until)
    start, end = (f"{time:%H:%M}" if time is not None else "______" for time in times)
    key = "sheets.roster_hours_blank" if None in times else "sheets.roster_hours"
    return say(key, lang, start=start, end=end, opens=f"{operation.operation.voting_opens:%H:%M}")


def _way(number: int, seconds: int, lang: Lang) -> str:
    """Say how far a TPS is from the one before it; "" where it is the first, or at the same place."""
    if number == 1 or seconds == 0:
        return ""
    return say("sheets.roster_no_road", lang) if seconds < 0 else words.duration(seconds, lang)
