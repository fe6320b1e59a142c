"""What each TPS must receive: pieces, ballots, boxes, kilograms and cubic metres."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pandas as pd

from kaur_gis.layers import Kits, checked
from kaur_gis.rules import Ballot, KitRules

ROUNDING: dict[str, Callable[[Fraction], int]] = {
    "up": ceil,
    "nearest": lambda spare: floor(spare + Fraction(1, 2)),  # a half goes up: never one ballot too few
    "down": floor,
}


def kits(tps: pd.DataFrame, rules: KitRules) -> pd.DataFrame:
    """Count the kit of each TPS.

    Parameters
    ----------
    tps : DataFrame
        Layer `layers.Tps` or any that has its columns.
    rules : KitRules
        The kit of the election.

    Returns
    -------
    DataFrame
        Layer `layers.Kits`, rows as given: ``jml_<item>``, ``suara_<ballot>``, kotak, kg [kg], m3 [m³].
    """
    kotak = next(item.per_tps for item in rules.items if item.key == rules.kotak_item)
    found = pd.DataFrame(
        {
            **{f"jml_{item.key}": item.per_tps for item in rules.items},
            **{f"suara_{ballot.key}": _ballots(tps["pemilih"], ballot, rules.rounding) for ballot in rules.ballots},
            "kotak": kotak,
            "kg": float(kotak * _decimal(rules.kg_per_kotak)),
            "m3": float(kotak * _decimal(rules.m3_per_kotak)),
        },
        index=tps.index,
    )
    return checked(found, Kits)


def totals(kits: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    """Add kits up by kecamatan, desa, gudang or whatever else.

    Parameters
    ----------
    kits : DataFrame
        Layer `layers.Kits`.
    by : Series
        Group of each TPS, indexed by `kode_tps`, in any order.

    Returns
    -------
    DataFrame
        One row a group, sorted: n_tps and the columns of `kits`. Weights add up as the decimals
        they are written as, so totals of totals are equal whatever the order.

    Raises
    ------
    KeyError
        For a TPS of `kits` that is not in `by`.
    """
    groups = kits.groupby(by.loc[kits.index], sort=True)
    summed = {name: groups[name].agg(_added if name in {"kg", "m3"} else "sum") for name in kits.columns}
    return pd.DataFrame({"n_tps": groups.size(), **summed})


def _ballots(pemilih: pd.Series, ballot: Ballot, rounding: str) -> pd.Series:
    """One ballot a voter and the spare, in exact arithmetic: 2 percent of 300 is 6, not 6.000000001."""
    share = Fraction(_decimal(ballot.spare_percent)) / 100
    return pemilih.map(lambda voters: voters + ROUNDING[rounding](voters * share)).astype("int64")


def _decimal(value: float) -> Decimal:
    """Read a float as the decimal that was written in the file."""
    return Decimal(repr(float(value)))


def _added(values: pd.Series) -> float:
    """Add up as decimals."""
    return float(sum(map(_decimal, values), Decimal(0)))
