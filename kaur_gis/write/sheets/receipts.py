"""Receipts (tanda terima): one for every hand-over, from the gudang to the TPS, and back after counting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.write.replaced import NOTHING, Replaced
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.base import in_order, paper, rows, rows_by
from kaur_gis.write.sheets.beside import Goods
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.routes import Muatan, box_kinds

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

Parts = Literal["boxes", "goods", "both"]
"""What of loads is handed over: the boxes of the TPS, what rides along for a PPS, or both."""
LABELS = (
    "receipt_title",
    "receipt_item",
    "receipt_planned",
    "receipt_received",
    "receipt_differs",
    "receipt_from",
    "receipt_to",
    "receipt_tps",
    "receipt_date",
    "receipt_notes",
    "receipt_given",
    "receipt_taken",
    "receipt_seen",
    "signed_time",
)


OTHER_LABELS = {
    "": {},
    "kotak": {"receipt_title": "receipt_title_kotak", "receipt_tps": "receipt_of"},
    "salinan": {"receipt_title": "receipt_title_salinan", "receipt_tps": "receipt_of"},
}
"""Where the way back has other words: label -> key of the catalogue."""


def content(plan: Plan, lang: Lang, replaces: Replaced = NOTHING, muatan: Muatan = "") -> dict[str, Any]:
    """Gather the receipts, trip by trip: that of loading, then one for whoever takes over on the way.

    Boxes for a PPK are taken over together, those for a TPS by each TPS for itself; goods that ride along for a PPS are
    taken over by it where its TPS are. On the way back each TPS gives to
    the driver, and he to where his trip ends.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the receipts.
    replaces : Replaced, optional
        The paper that this one replaces.
    muatan : {"", "kotak", "salinan"}
        Receipts of the way out, or of the way back of boxes or of copies.

    Returns
    -------
    dict
        Texts (printable) and numbers, ready for JSON.
    """
    glyphs = Glyphs()
    part = plan.brought_back(muatan) if muatan else plan
    desk = _Desk(part, lang, glyphs, muatan)
    receipts = [receipt for kode in in_order(part) for receipt in desk.receipts(kode)]
    told: dict[str, Any] = {"items": desk.items, "receipts": receipts}
    told |= paper(plan, lang, glyphs, LABELS, receipts, replaces, desk.items)
    told["labels"] |= {name: say(f"sheets.{key}", lang) for name, key in OTHER_LABELS[muatan].items()}
    return told


class _Desk:
    def __init__(self, plan: Plan, lang: Lang, glyphs: Glyphs, muatan: Muatan) -> None:
        self.lang, self.glyphs, self.muatan = lang, glyphs, muatan
        self.items, self.kits = (_coming if muatan else _going)(plan, lang, glyphs, muatan)
        self.tps = rows(plan.tps[["no_tps", "kode_desa", "nama_desa", "nama_kec"]], "kode_tps")
        self.names = {str(kode): glyphs.printable(name) for kode, name in plan.stops["nama"].items()}
        self.kinds = plan.stops["kind"].to_dict()
        self.trips = rows(plan.trips, "kode_trip")
        self.legs = rows_by(plan.legs, "kode_trip", ["order"])
        self.loads = rows_by(plan.loads, "kode_trip", ["order", "kode_tps"])
        self.goods = None if muatan else Goods(plan, lang, glyphs)

    def receipts(self, kode_trip: str) -> list[dict[str, Any]]:
        """Give the receipts of one trip."""
        trip, loads = self.trips[kode_trip], self.loads[kode_trip]
        base = self.names[trip.base]
        driver = say("sheets.receipt_driver", self.lang, vehicle=self.glyphs.printable(trip.vehicle))
        legs = {leg.order: leg for leg in self.legs[kode_trip]}
        takers: list[tuple[str, Any, Sequence[Any], Parts]] = []
        for order, found in groupby(loads, key=lambda load: load.order):
            leg, here = legs[order], list(found)
            if self.kinds[leg.to_stop] == "tps":
                kpps = [say("sheets.receipt_kpps", self.lang, tps=self._tps(load)) for load in here]
                takers += [(name, leg, [load], "boxes") for name, load in zip(kpps, here, strict=True)]
                takers += [
                    (say("sheets.receipt_pps", self.lang, desa=self._village(load)), leg, [load], "goods")
                    for load in (here if self.goods else ())
                    if load.panitia
                ]
            else:
                takers.append((self.names[leg.to_stop], leg, here, "both"))
        if self.muatan:
            there = [
                self._receipt(f"{kode_trip}/{number}", giver, driver, leg.arrive, here, "boxes")
                for number, (giver, leg, here, _) in enumerate(takers, start=1)
            ]
            return [*there, self._receipt(f"{kode_trip}/{len(takers) + 1}", driver, base, trip.back, loads, "boxes")]
        return [
            self._receipt(f"{kode_trip}/0", base, driver, trip.depart, loads, "both"),
            *(
                self._receipt(f"{kode_trip}/{number}", driver, taker, leg.arrive, here, parts)
                for number, (taker, leg, here, parts) in enumerate(takers, start=1)
            ),
        ]

    def _receipt(
        self, code: str, giver: str, taker: str, when: pd.Timestamp, loads: Sequence[Any], parts: Parts
    ) -> dict[str, Any]:
        codes = [load.kode_tps for load in loads]
        n_tps = say("sheets.receipt_n_tps", self.lang, n=len(codes))
        dapil = ", ".join(self.glyphs.printable(name) for name in sorted({load.dapil for load in loads} - {""}))
        counts = [self.kits[kode] for kode in codes] if parts != "goods" else []
        counts += [self.goods.of(loads)] if self.goods and parts != "boxes" else []
        planned = [sum(pieces) for pieces in zip(*counts, strict=True)]
        tps = ", ".join(f"{self._tps(load)} ({load.kode_tps})" for load in loads)
        beside = self.goods.lines(loads) if self.goods and parts != "boxes" else []
        return {
            "code": self.glyphs.printable(code),
            "from": giver,
            "to": taker,
            "date": say("sheets.receipt_when", self.lang, day=words.day(when, self.lang), time=words.clock(when)),
            "tps": ". ".join(beside if parts == "goods" else [tps, *beside]),
            "n_tps": say("sheets.receipt_dapil", self.lang, n_tps=n_tps, dapil=dapil) if dapil else n_tps,
            "planned": [thousands(pieces, self.lang) for pieces in planned],
        }

    def _village(self, load: Any) -> str:  # noqa: ANN401 - a row
        return self.glyphs.printable(self.tps[load.kode_tps].nama_desa)

    def _tps(self, load: Any) -> str:  # noqa: ANN401 - a row
        tps = self.tps[load.kode_tps]
        return self.glyphs.printable(f"{tps.nama_desa} {say('sheets.tps', self.lang, no=tps.no_tps)}")


def _going(plan: Plan, lang: Lang, glyphs: Glyphs, _muatan: Muatan) -> tuple[list[str], dict[str, list[int]]]:
    """Name what is handed over on the way out, and count it by TPS: every item and every kind of ballot."""
    rules = plan.inputs.kit_rules
    items = [(item.nama if lang == "id" else item.name) for item in rules.items]
    ballots = [(ballot.nama if lang == "id" else ballot.name) for ballot in rules.ballots]
    names = [
        *map(glyphs.printable, items),
        *(say("sheets.receipt_ballots", lang, name=glyphs.printable(name)) for name in ballots),
    ]
    columns = [*(f"jml_{item.key}" for item in rules.items), *(f"suara_{kind.key}" for kind in rules.ballots)]
    return names, dict(zip(plan.kits.index, plan.kits[columns].to_numpy().tolist(), strict=True))


def _coming(plan: Plan, lang: Lang, glyphs: Glyphs, muatan: Muatan) -> tuple[list[str], dict[str, list[int]]]:
    """Name what is handed over on the way back, and count it by TPS: sealed boxes, or the envelope of copies."""
    if muatan == "salinan":
        return [say("sheets.receipt_salinan", lang)], {str(kode): [1] for kode in plan.kits.index}
    kinds = box_kinds(plan, lang, glyphs)
    boxes = {str(kode): int(kotak) for kode, kotak in plan.kits["kotak"].items()}
    if set(boxes.values()) <= {len(kinds)}:  # each kind has its box
        names = [say("sheets.receipt_kotak_kind", lang, name=name) for name in kinds]
        return names, {kode: [1] * len(kinds) for kode in boxes}
    return [say("sheets.receipt_kotak", lang)], {kode: [kotak] for kode, kotak in boxes.items()}
