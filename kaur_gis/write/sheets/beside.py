"""What a PPK or PPS receives beside the boxes of its TPS, on the papers of the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kaur_gis import kit
from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.write.sheets.glyphs import Glyphs

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


class Goods:
    """The goods that ride with loads, by their items.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}
    glyphs : Glyphs
    """

    def __init__(self, plan: Plan, lang: Lang, glyphs: Glyphs) -> None:
        self.lang = lang
        rules = plan.inputs.kit_rules
        self.items = [glyphs.printable(item.nama if lang == "id" else item.name) for item in rules.items]
        columns = [*(f"jml_{item.key}" for item in rules.items), *(f"suara_{kind.key}" for kind in rules.ballots)]
        self.none = [0] * len(columns)
        ways = kit.chain(plan.tps, plan.inputs.tempat)
        goods = kit.goods(plan.kits, ways, rules)
        self.pieces = dict(zip(goods.index, goods[columns].to_numpy().tolist(), strict=True))
        self.place = {"ppk": ways["kode_ppk"].to_dict(), "pps": ways["kode_desa"].to_dict()}
        tempat = {str(kode): glyphs.printable(name) for kode, name in plan.inputs.tempat["nama"].items()}
        desa = dict(zip(plan.tps["kode_desa"], map(glyphs.printable, plan.tps["nama_desa"]), strict=True))
        self.names = {"ppk": tempat, "pps": {kode: f"PPS {name}" for kode, name in desa.items()}}

    def of(self, loads: Sequence[Any]) -> list[int]:
        """Count the pieces that ride with some loads: every item and every kind of ballot."""
        rows = [pieces for _, pieces in self._riding(loads)]
        return [sum(pieces) for pieces in zip(self.none, *rows, strict=True)]

    def lines(self, loads: Sequence[Any]) -> list[str]:
        """Say for whom what rides with some loads; nothing where nothing does."""
        told = []
        for untuk in ("ppk", "pps"):
            found = [(place, pieces) for (whom, place), pieces in self._riding(loads) if whom == untuk]
            if found:
                sums = [sum(pieces) for pieces in zip(*(pieces for _, pieces in found), strict=True)]
                counted = zip(self.items, sums, strict=False)  # behind the items are the ballots, of which none rides
                goods = ", ".join(f"{thousands(n, self.lang)} {name}" for name, n in counted if n)
                who = self.names[untuk][found[0][0]] if len(found) == 1 else f"{len(found)} {untuk.upper()}"
                told.append(say("sheets.goods", self.lang, who=who, goods=goods))
        return told

    def _riding(self, loads: Sequence[Any]) -> list[tuple[tuple[str, str], list[int]]]:
        keys = [(untuk, self.place[untuk][load.kode_tps]) for load in loads for untuk in load.panitia.split()]
        return [(key, self.pieces[key]) for key in keys]
