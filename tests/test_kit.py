"""Kit: counted in whole pieces, added up to the last ballot."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import kit_rules, kode_desa, kode_tps, world

from kaur_gis.kit import LEVELS, chain, goods, kits, manifest, per_place, per_vehicle, totals
from kaur_gis.pipeline import make_plan
from kaur_gis.place import place

DRAWING = "G-P-A-B-C"
TPS = world("G-P-A").tps


def ballots(pemilih: int, percent: float, rounding: str) -> int:
    """Ballots of one TPS with so many voters."""
    ballot = {"key": "x", "nama": "x", "name": "x", "spare_percent": percent, "sumber": "contoh"}
    rules = kit_rules(ballots=[ballot], rounding=rounding)
    found = kits(TPS.assign(pemilih=pemilih), rules, {})
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
    found = kits(world(DRAWING, tps={"A": 2}).tps, kit_rules(), {"17.04.01": "I"})
    row = found.loc[kode_tps("A", 2)]
    assert (row["jml_kotak_suara"], row["jml_bilik"], row["jml_tinta"], row["kotak"]) == (5, 4, 2, 5)
    assert (row["kg"], row["m3"]) == (125.0, 0.48)
    assert (row["suara_ppwp"], row["suara_dprd_kab"], row["dapil"]) == (204, 204, "I")


def test_totals_add_up_whatever_the_groups_and_the_order_of_their_rows() -> None:
    tps = world(DRAWING, tps={"A": 7, "B": 5, "C": 3}, pemilih={"A": 251, "B": 299, "C": 17}).tps
    found = kits(tps, kit_rules(kg_per_kotak=25.1, m3_per_kotak=0.0967), {})
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
        totals(kits(tps, kit_rules(), {}), tps["kode_desa"].drop(kode_tps("B")))


def test_the_order_of_the_rows_does_not_matter() -> None:
    tps = world(DRAWING, pemilih={"A": 251, "B": 299}).tps
    assert kits(tps[::-1], kit_rules(), {}).sort_index().equals(kits(tps, kit_rules(), {}))


COUNT = {"sumber": "contoh", "pieces": 3}
SIZE = {"kg": 0.1, "m3": 0.0003, "sumber": "asumsi"}
ITEMS = [
    {"key": "kotak_suara", "nama": "Kotak", "name": "Box", "per_tps": 2, "one_per_ballot": True, "sumber": "terbit"},
    {"key": "segel", "nama": "Segel", "name": "Seal", "per_tps": 7, "size": SIZE, "sumber": "terbit"}
    | {"per_pps": COUNT, "per_ppk": COUNT | {"pieces": 5}, "spare_per_kabupaten": COUNT | {"pieces": 11}},
]
BALLOTS = [
    {"key": "ppwp", "nama": "PPWP", "name": "PPWP", "spare_percent": 2.0, "sumber": "terbit"},
    {"key": "dprd", "nama": "DPRD", "name": "DPRD", "spare_percent": 2.0, "by_dapil": True, "size": SIZE}
    | {"spare_per_kabupaten": COUNT | {"pieces": 1000}, "sumber": "terbit"},
]
TWO = """
    A-P---g-p-b
      |   |
      C   G
"""


def two_dapil(**more):
    """Make a world of two kecamatan, each of a dapil and with a gudang of its own."""
    inputs = world(TWO, tps={"A": 2, "b": 3}, pemilih={"A": 251, "b": 299, "C": 17}, kit=kit_rules(**more))
    dapil = pd.Series(["Utara", "Selatan"], index=["17.04.01", "17.04.02"], dtype=str)
    tempat = inputs.tempat.assign(dapil=pd.Series({"GUDANG-1": "Utara", "GUDANG-2": "Selatan"}, dtype=str))
    tempat["dapil"] = tempat["dapil"].fillna("").astype(str)
    return replace(inputs, kecamatan=inputs.kecamatan.assign(dapil=dapil), tempat=tempat)


def rolled_up(inputs):
    tps, _ = place(inputs)
    kit = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"])
    ways = chain(tps, inputs.tempat)
    return kit, ways, goods(kit, ways, inputs.kit_rules)


def test_what_pps_ppk_and_the_kabupaten_get_is_counted_and_weighed_beside_the_kits() -> None:
    _, _, other = rolled_up(two_dapil(items=ITEMS, ballots=BALLOTS))
    assert list(other.loc["pps"].index) == ["17.04.01.2001", "17.04.01.2003", "17.04.02.2002"]
    assert list(other.loc["ppk"].index) == ["PPK-1", "PPK-2"]
    assert list(other.loc["cadangan"].index) == ["", "Selatan", "Utara"]
    assert other["jml_segel"].to_dict() == {
        **{("pps", kode): 3 for kode in other.loc["pps"].index},
        **{("ppk", kode): 5 for kode in ("PPK-1", "PPK-2")},
        ("cadangan", ""): 11,
        ("cadangan", "Selatan"): 0,
        ("cadangan", "Utara"): 0,
    }
    assert other["suara_dprd"].loc["cadangan"].to_dict() == {"": 0, "Selatan": 1000, "Utara": 1000}
    assert other["suara_ppwp"].sum() == 0
    assert other.loc[("cadangan", "Utara"), ["kode_gudang", "kg", "m3"]].to_list() == ["GUDANG-1", 100.0, 0.3]
    assert other.loc[("ppk", "PPK-2"), ["kode_gudang", "kg", "m3"]].to_list() == ["GUDANG-2", 0.5, 0.0015]


def test_every_roll_up_adds_up_to_the_same_order_to_the_last_ballot() -> None:
    kit, ways, other = rolled_up(two_dapil(items=ITEMS, ballots=BALLOTS))
    segel, dprd = 6 * 7 + 3 * 3 + 2 * 5 + 11, 2 * 257 + 3 * 305 + 18 + 2 * 1000
    for level in LEVELS:
        found = per_place(kit, ways, other, level)
        assert list(found.index) == sorted({"", *ways[LEVELS[level]]})
        assert found[["n_tps", "kotak", "jml_segel", "suara_dprd", "suara_ppwp"]].sum().to_list() == [
            *(6, 12, segel, dprd, dprd - 2000)
        ]
        assert found["kg"].sum() == pytest.approx(6 * 50 + (segel - 6 * 7 + 2000) * 0.1)
    assert per_place(kit, ways, other, "gudang").loc["GUDANG-2", "suara_dprd"] == 3 * 305 + 1000
    assert per_place(kit, ways, other, "desa").loc["17.04.01.2001", "jml_segel"] == 2 * 7 + 3


def test_spare_of_a_dapil_that_two_gudang_share_is_at_neither() -> None:
    inputs = two_dapil(items=ITEMS, ballots=BALLOTS)
    alike = inputs.kecamatan.assign(dapil=pd.Series("Kaur", index=inputs.kecamatan.index, dtype=str))
    _, _, other = rolled_up(replace(inputs, kecamatan=alike))
    assert other.loc[("cadangan", "Kaur"), "kode_gudang"] == ""


def test_without_ballots_by_dapil_no_bundle_has_one() -> None:
    kit, _, other = rolled_up(two_dapil(items=ITEMS, ballots=[BALLOTS[0], BALLOTS[1] | {"by_dapil": False}]))
    assert set(kit["dapil"]) == {""}
    assert list(other.loc["cadangan"].index) == [""]
    assert other.loc[("cadangan", ""), "suara_dprd"] == 1000


def test_a_kecamatan_without_ppk_is_supplied_by_nobody() -> None:
    inputs = two_dapil(items=ITEMS, ballots=BALLOTS)
    tps, _ = place(inputs)
    ways = chain(tps, inputs.tempat.drop(index="PPK-2"))
    assert set(ways.loc[ways["kode_kec"] == "17.04.02", ["kode_ppk", "kode_gudang"]].to_numpy().ravel()) == {""}
    kit = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"])
    assert list(goods(kit, ways, inputs.kit_rules).loc["ppk"].index) == ["PPK-1"]


def test_the_manifest_of_every_trip_knows_the_dapil_of_each_bundle_and_vehicles_add_up() -> None:
    plan = make_plan(two_dapil(items=ITEMS, ballots=BALLOTS))
    assert plan.broken == ()
    listed = manifest(plan.loads, plan.kits)
    assert list(listed.index) == list(plan.loads.index)
    wanted = plan.kits["dapil"].reindex(listed.index.get_level_values("kode_tps"))
    assert list(listed["dapil"]) == list(wanted)
    assert set(wanted) == {"Utara", "Selatan"}
    ways = chain(plan.tps, plan.inputs.tempat)
    others = goods(plan.kits, ways, plan.inputs.kit_rules)
    by_vehicle = per_vehicle(plan.trips, plan.loads, plan.kits, ways, others)
    numbers = list(by_vehicle.columns)
    kit = totals(plan.kits, pd.Series(0, index=plan.kits.index)).loc[0, numbers]
    beside = others.assign(n_tps=0, kotak=0)[numbers].groupby(level="untuk").sum()
    for name, riding in (("gudang-ppk", ["pps", "ppk"]), ("ppk-tps", ["pps"])):  # those of a PPK end there
        stage = by_vehicle.loc[name].sum()
        assert stage.to_list() == pytest.approx((kit + beside.loc[riding].sum()).to_list())
    for vehicle, dapil in zip(
        by_vehicle.index.get_level_values("vehicle"), by_vehicle.index.get_level_values("dapil"), strict=True
    ):
        assert (dapil == "Utara") == ("-1-" in vehicle)


def with_pps(inputs, **gudang):
    """Give villages a PPS, by letter: of the gudang that supplies it."""
    old = inputs.tempat
    pps = old.loc[["PPK-1"] * len(gudang)].assign(
        jenis="pps", induk=list(gudang.values()), kode_desa=[kode_desa(letter) for letter in gudang]
    )
    pps.index = pd.Index([f"PPS-{letter.upper()}" for letter in gudang], name=old.index.name, dtype=str)
    return replace(inputs, tempat=pd.concat([old, pps]))


def test_where_boxes_go_past_the_ppk_the_pps_says_which_gudang_they_come_from() -> None:
    inputs = with_pps(two_dapil(items=ITEMS, ballots=BALLOTS), A="GUDANG-2", C="PPK-1", b="GUDANG-2")
    without = replace(inputs, tempat=inputs.tempat.drop(index="PPK-2"))
    kit, ways, other = rolled_up(without)
    assert set(ways.loc[ways["kode_kec"] == "17.04.02", "kode_ppk"]) == {""}
    by_desa = ways.groupby("kode_desa")["kode_gudang"].unique().map(list).to_dict()
    of = {kode_desa("A"): ["GUDANG-1"], kode_desa("C"): ["GUDANG-1"], kode_desa("b"): ["GUDANG-2"]}
    assert by_desa == of, "that of the PPK where it has one"
    rolled = per_place(kit, ways, other, "gudang")
    assert rolled.loc[["", "GUDANG-1", "GUDANG-2"], "n_tps"].to_list() == [0, 3, 3]


def test_a_ppk_without_a_gudang_belongs_to_that_of_all_its_pps_or_to_none() -> None:
    inputs = with_pps(two_dapil(items=ITEMS, ballots=BALLOTS), A="GUDANG-2", C="GUDANG-2")
    for induk in ("", "PPS-A"):
        inputs.tempat.loc["PPK-1", "induk"] = induk
        _, ways, other = rolled_up(inputs)
        assert set(ways.loc[ways["kode_kec"] == "17.04.01", "kode_gudang"]) == {"GUDANG-2"}
        assert other.loc[("ppk", "PPK-1"), "kode_gudang"] == "GUDANG-2"
    inputs.tempat.loc["PPS-A", "induk"] = "GUDANG-1"
    _, ways, other = rolled_up(inputs)
    assert ways.loc[[kode_tps("A"), kode_tps("C")], "kode_gudang"].to_list() == ["GUDANG-1", "GUDANG-2"]
    assert other.loc[("ppk", "PPK-1"), "kode_gudang"] == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"items": [ITEMS[0], {**ITEMS[1], "size": None}]}, "segel needs a size"),
        ({"ballots": [BALLOTS[0], {**BALLOTS[1], "size": None}]}, "dprd needs a size"),
        ({"ballots": BALLOTS[:1]}, "kotak_suara: per_tps is not one for each ballot"),
    ],
)
def test_rules_that_do_not_say_enough_are_refused(changes, told) -> None:
    with pytest.raises(ValueError, match=told):
        kit_rules(**{"items": ITEMS, "ballots": BALLOTS} | changes)
