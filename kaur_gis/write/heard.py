"""How each TPS is heard, in a phrase: by a courier, a radio, a satellite phone, or by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaur_gis.catalogue import say
from kaur_gis.config import Lang

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def heard_by(plan: Plan, lang: Lang) -> dict[str, str]:
    """Say how each TPS reports.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}

    Returns
    -------
    dict
        By `kode_tps`, of every TPS; nothing where the operation plans no communication. Restricted: it names couriers.
    """
    how = plan.inputs.operation.komunikasi
    if how is None:
        return {}
    told = {}
    for kode, sinyal, sumber in zip(plan.tps.index, plan.tps["sinyal"], plan.tps["sinyal_sumber"], strict=True):
        key = "heard.unknown" if sinyal == "belum_diketahui" else "heard.alone"
        told[str(kode)] = say(key, lang, sinyal=say(f"term.{sinyal}", lang), sumber=say(f"term.{sumber}", lang))
    names, couriers = plan.stops["nama"], plan.couriers[["signal_stop", "signal_sumber", "way_known"]].to_dict("index")
    for row in plan.channels.reset_index().to_dict("records"):
        kode = row["kode_tps"]
        if row["channel"] == "satelit":
            told[kode] = say("heard.satelit", lang)
        elif row["channel"] == "ht":
            sumber = say(f"term.{row['radio_sumber']}", lang)
            told[kode] = say("heard.ht", lang, name=names[row["radio_stop"]], sumber=sumber)
        else:
            courier = couriers[row["kode_kurir"]]
            sumber = say(f"term.{courier['signal_sumber']}", lang)
            place = names[courier["signal_stop"]]
            told[kode] = say("heard.kurir", lang, kurir=row["kode_kurir"], name=place, sumber=sumber)
            if not courier["way_known"]:
                told[kode] += f" · {same_point(lang)}"
    return told


def same_point(lang: Lang) -> str:
    """Say that a TPS and its place with signal lie at one point, so that nobody knows the way."""
    return say("heard.same_point", lang)
