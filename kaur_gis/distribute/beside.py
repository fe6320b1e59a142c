"""What PPK and PPS receive for themselves: it rides with the boxes of one TPS, up to where they are taken over.

A few seals and forms are no trip of their own. So the goods of a PPK go with the boxes of one TPS of its kecamatan, up
to the PPK; those of a PPS with one TPS of its village, up to the PPS, or to the TPS where no stage ends at a PPS. It is
a TPS that goes as early as any, and no vehicle that takes its boxes is too small for both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from kaur_gis import kit
from kaur_gis.config import Stage
from kaur_gis.distribute.chain import Beside, Chain
from kaur_gis.distribute.rounded import capacity_of, fits
from kaur_gis.inputs import Inputs
from kaur_gis.problems import Problem
from kaur_gis.rules import KitRules

Riders = dict[tuple[str, str], Beside]


def with_goods(chain: Chain, goods: pd.DataFrame, tps: pd.DataFrame, rules: KitRules) -> Chain:
    """Choose with which TPS the goods of each PPK and PPS ride.

    Parameters
    ----------
    chain : Chain
    goods : DataFrame
        As `goods_of` gives them.
    tps : DataFrame
        Layer `TaggedTps`.
    rules : KitRules

    Returns
    -------
    Chain
        The same, with `beside`.
    """
    found: Riders = {}
    at = _places(chain, tps)
    held: dict[Any, str] = chain.kept.loads["panitia"].to_dict() if chain.kept else {}
    riding = {untuk: {kode for (_, kode), words in held.items() if untuk in words.split()} for untuk in at}
    boxes = goods[f"jml_{rules.kotak_item}"]
    for (untuk, place), kotak, kg, m3 in zip(goods.index, boxes, goods["kg"], goods["m3"], strict=True):
        one = Beside((untuk,), int(kotak), float(kg), float(m3))
        own = [kode for kode, whose in at[untuk].items() if whose == place]
        way = _way(chain, untuk, own[0])
        rider = _rider(chain, own, way, one, found, riding[untuk])
        for stage in way if rider else ():
            found[rider, stage.name] = found.get((rider, stage.name), Beside()).and_with(one)
    return replace(chain, beside=found)


def _way(chain: Chain, untuk: str, kode_tps: str) -> list[Stage]:
    """List the stages that goods ride with a TPS; none where no stage ends where they are taken over."""
    stages = [stage for stage in chain.operation.stages if chain.goes(kode_tps, stage)]
    targets = [stage.target for stage in stages]
    ends = "tps" if untuk == "pps" and untuk not in targets else untuk
    return stages[: targets.index(ends) + 1] if ends in targets else []


def goods_left(
    chain: Chain, goods: pd.DataFrame, tps: pd.DataFrame, trips: pd.DataFrame, loads: pd.DataFrame
) -> list[Problem]:
    """Say whose goods no trip brings all the way: no stage ends there, no vehicle has room, or their TPS is unserved.

    Parameters
    ----------
    chain : Chain
    goods : DataFrame
        As `goods_of` gives them.
    tps, trips, loads : DataFrame
        Layers `TaggedTps`, `Trips` and `Loads`.

    Returns
    -------
    list of Problem
        Level `note`.
    """
    at = _places(chain, tps)
    riding: dict[Any, str] = loads["panitia"].to_dict()
    stage_of = trips["stage"].to_dict()
    brought = {
        (untuk, at[untuk][kode])
        for (trip, kode), words in riding.items()
        for untuk in words.split()
        if stage_of[trip] in [stage.name for stage in _way(chain, untuk, kode)][-1:]
    }
    left = [(str(untuk), str(place)) for untuk, place in goods.index if (untuk, place) not in brought]
    return [Problem("goods_left", value=place, level="note", details={"untuk": untuk.upper()}) for untuk, place in left]


def goods_of(inputs: Inputs, tps: pd.DataFrame, kits: pd.DataFrame) -> pd.DataFrame:
    """Count the goods of every PPK and PPS that receives any, as `kit.goods`."""
    goods = kit.goods(kits, kit.chain(tps, inputs.tempat), inputs.kit_rules)
    pieces = goods.filter(regex="^jml_").sum(axis=1)
    return goods[goods.index.get_level_values("untuk").isin(["ppk", "pps"]) & (pieces > 0)]


def _places(chain: Chain, tps: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Whose goods could ride with each TPS: for ``ppk`` its PPK, for ``pps`` its village."""
    ppk = {kode: nodes.get("ppk", "") for kode, nodes in chain.nodes.items()}
    return {"ppk": ppk, "pps": {str(kode): str(desa) for kode, desa in tps["kode_desa"].items()}}


def _rider(
    chain: Chain, own: Sequence[str], way: Sequence[Stage], one: Beside, found: Riders, riding: Collection[str]
) -> str:
    """Choose the TPS with which goods ride: one with such goods already, else an early one with room; "" for none."""
    if known := sorted(kode for kode in own if kode in riding):
        return known[0]
    able = [kode for kode in own if _room(chain, kode, way, one, found)]
    waves = {kode: chain.operation.forced_wave(kode, chain.akses[kode]) for kode in able}
    able.sort(key=lambda kode: (-wave.days_before if (wave := waves[kode]) else 0, kode))
    return next(iter(able), "")


def _room(chain: Chain, kode: str, way: Sequence[Stage], one: Beside, found: Riders) -> bool:
    """Whether the boxes of a TPS are still to be loaded, and whatever vehicle takes them takes the goods, too."""
    for stage in way:
        base, before = chain.base(kode, stage), found.get((kode, stage.name), Beside())
        if base is None or (chain.kept and (kode, stage.name) in chain.kept.handed):
            return False
        for most in map(capacity_of, chain.fleet_at(base, stage)):
            if fits(chain.demand[kode], most) and not fits(before.and_with(one).added_to(chain.demand[kode]), most):
                return False
    return True
