"""Three axes that stay apart: security (kerawanan), signal (sinyal) and access (akses), each with reason and source."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import BAWASLU, SUMBER_ORDER, KerawananRule, KerawananRules, Lang, Operation
from kaur_gis.layers import TaggedTps, checked_geo

INDICATORS = {
    "psu_sebelumnya": "psu_sebelumnya_sumber",
    "akses": "akses_sumber",
    "sinyal": "sinyal_sumber",
    "bawaslu": "bawaslu_sumber",
}
"""What a rule may look at, and the column that says how it is known."""


def tag(placed: gpd.GeoDataFrame, operation: Operation, signals: pd.DataFrame | None = None) -> gpd.GeoDataFrame:
    """Tag each TPS on the three axes.

    The first rule that holds decides the class; a class given by the police goes before it, and
    the reason then tells both. What Bawaslu flags the TPS for is told in the reason, whatever decided.

    Parameters
    ----------
    placed : GeoDataFrame
        Layer `layers.PlacedTps`.
    operation : Operation
        With the rule list and the language of the reasons.
    signals : DataFrame, optional
        Layer `layers.Signals`: what holds where more is said of the signal than the list says.

    Returns
    -------
    GeoDataFrame
        Layer `layers.TaggedTps`, rows as given.
    """
    lang = operation.operation.lang
    sinyal = placed[["sinyal_data", "sinyal_data_sumber"]].set_axis(["sinyal", "sinyal_sumber"], axis=1)
    if signals is not None and len(signals):
        held = signals[signals["decides"]].droplevel("operator").loc[placed.index]
        sinyal = held[["sinyal", "sumber"]].set_axis(sinyal.columns, axis=1)
    akses = placed["akses_sulit"].map({True: "sulit", False: "biasa"})
    tagged = placed.assign(
        **{str(name): column for name, column in sinyal.items()},
        akses=akses,
        akses_sebab=akses.map({kind: say(f"tag.sebab_{kind}", lang) for kind in ("biasa", "sulit")}),
        akses_sumber=placed["akses_sulit_sumber"],
    )
    classes = pd.DataFrame(
        [_kerawanan(tps, operation.kerawanan, lang) for _, tps in tagged.iterrows()],
        index=placed.index,
        columns=["kerawanan_aturan", "kerawanan", "kerawanan_sebab", "kerawanan_sumber"],
        dtype=str,
    )
    return checked_geo(tagged.assign(**classes), TaggedTps)


def class_said(kelas: str, polri: str, aturan: str, lang: Lang) -> str:
    """Say the class of a TPS; where the police gave it, beside it the one by the rules.

    Parameters
    ----------
    kelas, polri, aturan : str
        `kerawanan`, `kerawanan_polri` ("" for none) and `kerawanan_aturan` of a TPS.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        ``rawan``, or ``rawan (Polri; aturan: kurang rawan)``.
    """
    said: str = say(f"term.{kelas}", lang)
    return said if not polri else say("tag.both", lang, kelas=said, aturan=say(f"term.{aturan}", lang))


def _kerawanan(tps: pd.Series, rules: KerawananRules, lang: Lang) -> tuple[str, str, str, str]:
    """Class by the rules, class that holds, reason and source of one TPS."""
    holding = [rule for rule in rules.rules if _holds(rule, tps)]
    if holding:
        kelas: str = holding[0].kelas
        deciding = [rule for rule in holding if rule.kelas == kelas]
        sebab = "; ".join(_said(rule.sebab, rule.reason, lang) for rule in deciding)
    else:
        sebab = _said(rules.otherwise_sebab, rules.otherwise_reason, lang)
        kelas, deciding = rules.otherwise, list(rules.rules)
    if flagged := [say(f"term.{name}", lang) for name in BAWASLU if tps[f"bawaslu_{name}"] == "ya"]:
        sebab += "; " + say("tag.bawaslu", lang, variables=", ".join(flagged))
    if polri := tps["kerawanan_polri"]:
        both = say("tag.polri", lang, kelas=say(f"term.{kelas}", lang), sebab=sebab)
        return kelas, polri, both, _worst([tps["kerawanan_polri_sumber"]])
    return kelas, kelas, sebab, _worst(tps[INDICATORS[name]] for rule in deciding for name in _asks(rule))


def _said(sebab: str, reason: str, lang: Lang) -> str:
    """Take the English words of the operation file where they are asked for and there."""
    return reason if lang == "en" and reason else sebab


def _asks(rule: KerawananRule) -> list[str]:
    """Name the indicators at which a rule looks."""
    return [name for name in INDICATORS if getattr(rule, name) is not None]


def _holds(rule: KerawananRule, tps: pd.Series) -> bool:
    """Whether every condition that the rule gives is met."""
    asked = _asks(rule)
    if rule.bawaslu is not None:
        asked.remove("bawaslu")
        if sum(tps[f"bawaslu_{name}"] == "ya" for name in set(rule.bawaslu)) < rule.bawaslu_at_least:
            return False
    wanted = ((tps[name], getattr(rule, name)) for name in asked)
    return all(found in asked if isinstance(asked, tuple) else found == asked for found, asked in wanted)


def _worst(sumber: Iterable[str]) -> str:
    """Take the weakest of several sources; what rests on no stated source is assumed."""
    return max((kind or SUMBER_ORDER[-1] for kind in sumber), key=SUMBER_ORDER.index, default=SUMBER_ORDER[-1])
