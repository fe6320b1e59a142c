"""Wall maps, A3: one a kecamatan, with every TPS on the map and in the list beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.summary import arrivals
from kaur_gis.tag import class_said
from kaur_gis.write.replaced import NOTHING, Replaced
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.area import Ground, Style
from kaur_gis.write.sheets.base import paper, rows_by
from kaur_gis.write.sheets.frame import Terrain
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.names import Letters

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

LABELS = (
    "wall_title",
    "north",
    "none_title",
    *(f"wall_{name}" for name in ("tps", "code", "marks", "post", "arrive")),
)
CLASS = ("kerawanan", "kerawanan_polri", "kerawanan_aturan")
MAP = Style(272, 236, 20, 1.2, Letters(8, 1.58, 3.7, on_road=True), Letters(9, 1.8, 4.2, on_road=True), None)


def content(plan: Plan, lang: Lang, replaces: Replaced = NOTHING, terrain: Terrain | None = None) -> dict[str, Any]:
    """Gather the map and the list of every kecamatan that has TPS.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the maps.
    replaces : Replaced, optional
        The paper that this one replaces.
    terrain : Terrain, optional
        Of the plan; prepared here where nobody has done so before.

    Returns
    -------
    dict
        Texts (printable), numbers and the maps, ready for JSON.
    """
    glyphs = Glyphs()
    ground = Ground(plan, lang, glyphs, terrain)
    columns = ["kode_kec", "nama_desa", "no_tps", *CLASS, "sinyal", "akses"]
    came = arrivals(plan)[["wave", "arrive"]]
    joined = pd.DataFrame(plan.tps[columns]).join(came).join(plan.guards[["kode_post"]])
    sheets = []
    for kode_kec, here in rows_by(joined, "kode_kec", ["nama_desa", "no_tps"]).items():
        name = ground.area_names[kode_kec]
        sheets.append(
            {
                "name": say("sheets.wall_heading", lang, name=name, n_tps=len(here)),
                "map": ground.draw(MAP, kode_kec),
                "map_alt": say("sheets.wall_map_alt", lang, name=name),
                "tps": [_row(row, lang, glyphs) for row in here],
            }
        )
    note = ground.legend(MAP)
    told = paper(plan, lang, glyphs, LABELS, sheets, replaces, note)
    return told | {"sheets": sheets, "map_note": note}


def _row(row: Any, lang: Lang, glyphs: Glyphs) -> dict[str, str]:  # noqa: ANN401 - a row
    marks = []
    if row.kerawanan != "kurang_rawan" or row.kerawanan_polri:
        marks = [class_said(row.kerawanan, row.kerawanan_polri, row.kerawanan_aturan, lang)]
    marks += [say(f"sheets.mark_{word}", lang) for word in (row.sinyal, row.akses) if word in words.WORTH_SAYING]
    served = pd.notna(row.arrive)
    return {
        "village": glyphs.printable(row.nama_desa),
        "no": str(row.no_tps),
        "code": row.kode_tps,
        "marks": ", ".join(marks),
        "post": glyphs.printable(row.kode_post) if pd.notna(row.kode_post) else "–",
        "arrive": f"{glyphs.printable(row.wave)} {words.clock(row.arrive)}" if served else "–",
    }
