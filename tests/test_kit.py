"""Kit: counted in whole pieces, added up to the last ballot."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import kit_rules, kode_tps, world

from kaur_gis.kit import kits, totals

DRAWING = "G-P-A-B-C"
TPS = world("G-P-A").tps


def ballots(pemilih: int, percent: float, rounding: str) -> int:
    """Ballots of one TPS with so many voters."""
    ballot = {"key": "x", "nama": "x", "name": "x", "spare_percent": percent, "sumber": "contoh"}
    rules = kit_rules(ballots=[ballot], rounding=rounding)
    found = kits(TPS.assign(pemilih=pemilih), rules)
    return int(found.loc[kode_tps("A"), "suara_x"])


@pytest.mark.parametrize(
    ("pemilih", "percent", "rounding", "expected"),
    [
        (300, 2.0, "up", 306),
        (250, 2.0, "up", 255),
        (251, 2.0, "up", 257),
        (251, 2.0, "nearest", 256),
        (225, 2.0, "nearest", 230),
        (224, 2.0, "nearest", 228),
        (251, 2.0, "down", 256),
        (1, 2.0, "up", 2),
        (0, 2.0, "up", 0),
        (600, 2.5, "up", 615),
        (100, 7.0, "up", 107),  # 100 * 0.07 is 7.000000000000001 in floats
        (50, 14.0, "up", 57),
        (300, 0.0, "up", 300),
        (10, 33.333333333333336, "down", 13),
    ],
)
def test_ballots_are_rounded_as_the_rule_says_without_a_floats_dust(
    pemilih: int, percent: float, rounding: str, expected: int
) -> None:
    assert ballots(pemilih, percent, rounding) == expected


@given(st.integers(0, 2000), st.decimals(0, 100, places=2), st.sampled_from(["up", "nearest", "down"]))
@settings(max_examples=60, deadline=None)
def test_ballots_agree_with_decimal_arithmetic(pemilih: int, percent: Decimal, rounding: str) -> None:
    modes = {"up": ROUND_CEILING, "nearest": ROUND_HALF_UP, "down": ROUND_FLOOR}
    spare = (pemilih * percent / 100).quantize(Decimal(1), rounding=modes[rounding])
    assert ballots(pemilih, float(percent), rounding) == pemilih + spare


def test_pieces_boxes_and_weights_follow_the_rules() -> None:
    found = kits(world(DRAWING, tps={"A": 2}).tps, kit_rules())
    row = found.loc[kode_tps("A", 2)]
    assert (row["jml_kotak_suara"], row["jml_bilik"], row["jml_tinta"], row["kotak"]) == (5, 4, 2, 5)
    assert (row["kg"], row["m3"]) == (125.0, 0.48)
    assert (row["suara_ppwp"], row["suara_dprd_kab"]) == (204, 204)


def test_totals_add_up_whatever_the_groups_and_the_order_of_their_rows() -> None:
    tps = world(DRAWING, tps={"A": 7, "B": 5, "C": 3}, pemilih={"A": 251, "B": 299, "C": 17}).tps
    found = kits(tps, kit_rules(kg_per_kotak=25.1, m3_per_kotak=0.0967))
    by = tps["kode_desa"].sample(frac=1, random_state=1)
    summed = totals(found, by)
    assert list(summed.index) == sorted(set(tps["kode_desa"]))
    assert list(summed["n_tps"]) == [7, 5, 3]
    assert list(summed["suara_ppwp"]) == [7 * 257, 5 * 305, 3 * 18]
    assert list(summed["kg"]) == [878.5, 627.5, 376.5]
    assert list(summed["m3"]) == [3.3845, 2.4175, 1.4505]
    whole = totals(found, pd.Series("semua", index=tps.index))
    assert whole.loc["semua", "m3"] == 7.2525
    assert whole.loc["semua", "kotak"] == 75
    assert (summed.drop(columns=["kg", "m3"]).sum() == whole.drop(columns=["kg", "m3"]).loc["semua"]).all()


def test_totals_refuse_a_tps_that_belongs_to_no_group() -> None:
    tps = world(DRAWING).tps
    with pytest.raises(KeyError):
        totals(kits(tps, kit_rules()), tps["kode_desa"].drop(kode_tps("B")))


def test_the_order_of_the_rows_does_not_matter() -> None:
    tps = world(DRAWING, pemilih={"A": 251, "B": 299}).tps
    assert kits(tps[::-1], kit_rules()).sort_index().equals(kits(tps, kit_rules()))
