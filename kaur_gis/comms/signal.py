"""What holds of the signal of each TPS, where several say different things of it.

What was measured beats what was listed, and that beats what was predicted: the better source by
`config.SUMBER_ORDER` wins, of equals the later day, of equals the worse signal. Who says that a signal is not
known says nothing. An area of coverage speaks for every TPS inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from kaur_gis.config import SINYAL, SUMBER_ORDER
from kaur_gis.inputs import Inputs
from kaur_gis.layers import Signals, checked, empty

UNKNOWN = "belum_diketahui"


class Claim(NamedTuple):
    """One statement on the signal of one TPS; "" for an operator or a day that is not said."""

    kode_tps: str
    operator: str
    sinyal: str
    sumber: str
    tanggal: str

    @property
    def silent(self) -> bool:
        """Whether it says that nothing is known."""
        return self.sinyal == UNKNOWN

    @property
    def strength(self) -> tuple[bool, int]:
        """What decides between operators: how well it is known; the least is the best known."""
        return self.silent, SUMBER_ORDER.index(self.sumber)

    @property
    def text(self) -> str:
        """Operator, signal, source and day."""
        return " / ".join(part or "-" for part in self[1:])


def signals(placed: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    """Weigh the statements on the signal of each TPS.

    Parameters
    ----------
    placed : GeoDataFrame
        Layer `layers.PlacedTps`, whose own signal is one statement more.
    inputs : Inputs
        With statements and coverage.

    Returns
    -------
    DataFrame
        Layer `layers.Signals`, sorted; without a row where nobody says more than the list of TPS.
    """
    if inputs.sinyal.empty and inputs.cakupan.empty:
        return pd.DataFrame(empty(Signals))
    rows = []
    for _, of_tps in groupby(sorted(set(_claims(placed, inputs))), key=lambda claim: claim.kode_tps):
        by_operator = {operator: list(same) for operator, same in groupby(of_tps, key=lambda claim: claim.operator)}
        held = {operator: _held(same) for operator, same in by_operator.items()}
        decides = min(held.values(), key=lambda claim: (*claim.strength, SINYAL.index(claim.sinyal)))
        for operator, claim in held.items():
            others = list(by_operator[operator])
            if claim is decides and operator:
                others += by_operator.get("", [])  # who names no operator speaks of this one too
            differs = [other.text for other in others if not other.silent and other.sinyal != claim.sinyal]
            rows.append((*claim, len(by_operator[operator]), claim is decides, "; ".join(sorted(differs))))
    columns = [*Claim._fields, "n_claims", "decides", "differs"]
    frame = pd.DataFrame(rows, columns=columns).set_index(["kode_tps", "operator"])
    return checked(frame, Signals)


def _held(claims: list[Claim]) -> Claim:
    """Choose the statement that holds, of those on one TPS and one operator."""
    latest = sorted(claims, key=lambda claim: (claim.tanggal, SINYAL.index(claim.sinyal)), reverse=True)
    return min(latest, key=lambda claim: claim.strength)


def _claims(placed: gpd.GeoDataFrame, inputs: Inputs) -> Iterator[Claim]:
    """Give what is listed, what is said besides, and what the areas of coverage say of the TPS inside them."""
    listed = zip(placed.index, placed["sinyal_data"], placed["sinyal_data_sumber"], strict=True)
    yield from (Claim(kode, "", sinyal, sumber, "") for kode, sinyal, sumber in listed)
    yield from (Claim(*row) for row in inputs.sinyal[list(Claim._fields)].itertuples(index=False))
    said = list(inputs.cakupan[list(Claim._fields[1:])].itertuples(index=False))
    within = shapely.STRtree(placed.geometry.to_numpy()).query(inputs.cakupan.geometry.to_numpy(), "covers")
    yield from (Claim(str(placed.index[tps]), *said[area]) for area, tps in within.T)
