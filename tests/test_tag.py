"""Tag: three axes that stay apart, each with its reason and its source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens import HOSTILE
from world import kode_tps, operation, world

from kaur_gis.config import BAWASLU, KERAWANAN, SINYAL, SUMBER_ORDER
from kaur_gis.inputs import Inputs
from kaur_gis.place import place
from kaur_gis.tag import class_said, tag

DRAWING = "G-P-A-B-C"
A, B, C = kode_tps("A"), kode_tps("B"), kode_tps("C")


def tagged(inputs: Inputs, **columns: object):
    """Tag a world, some of whose columns are replaced."""
    placed, _ = place(inputs)
    return tag(placed.assign(**columns), inputs.operation)


def test_the_rules_of_kaur_give_their_class_and_reason() -> None:
    found = tagged(world(DRAWING, psu="A", sulit="AB", sinyal={"A": "tidak_ada", "B": "tidak_ada", "C": "lemah"}))
    assert list(found["kerawanan"]) == ["sangat_rawan", "rawan", "kurang_rawan"]
    assert found.loc[A, "kerawanan_sebab"] == "pernah PSU"  # only the lines of the deciding class
    assert found.loc[B, "kerawanan_sebab"] == "akses sulit; tanpa sinyal"
    assert found.loc[C, "kerawanan_sebab"] == "tidak ada tanda kerawanan"


def test_the_three_axes_stay_apart() -> None:
    found = tagged(world(DRAWING, sulit="A", sinyal={"B": "lemah"}, polri={"C": "sangat_rawan"}))
    assert list(found["akses"]) == ["sulit", "biasa", "biasa"]
    assert list(found["sinyal"]) == ["kuat", "lemah", "kuat"]
    assert list(found["kerawanan"]) == ["rawan", "kurang_rawan", "sangat_rawan"]
    assert found.loc[A, "akses_sebab"] != found.loc[B, "akses_sebab"]
    assert (found["akses_sumber"] == found["akses_sulit_sumber"]).all()
    assert (found["sinyal_sumber"] == found["sinyal_data_sumber"]).all()


def test_the_first_line_that_holds_decides_even_if_a_later_one_is_heavier() -> None:
    rules = [
        {"kelas": "kurang_rawan", "sebab": "dijaga", "akses": "sulit"},
        {"kelas": "sangat_rawan", "sebab": "PSU", "psu_sebelumnya": True},
    ]
    found = tagged(world(DRAWING, sulit="A", psu="AB", kerawanan={"rules": rules}))
    assert list(found["kerawanan"]) == ["kurang_rawan", "sangat_rawan", "kurang_rawan"]


def test_every_condition_of_a_line_must_hold_and_false_is_a_condition_too() -> None:
    rules = [
        {"kelas": "rawan", "sebab": "x", "akses": "sulit", "psu_sebelumnya": False, "sinyal": ["lemah", "tidak_ada"]}
    ]
    sinyal = {"A": "lemah", "B": "tidak_ada", "C": "kuat"}
    found = tagged(world(DRAWING, sulit="ABC", psu="B", sinyal=sinyal, kerawanan={"rules": rules}))
    assert list(found["kerawanan"]) == ["rawan", "kurang_rawan", "kurang_rawan"]


def test_the_polices_class_overrides_and_the_reason_tells_both() -> None:
    found = tagged(world(DRAWING, sulit="A", polri={"A": "kurang_rawan"}), kerawanan_polri_sumber=["terbit", "", ""])
    assert found.loc[A, "kerawanan"] == "kurang_rawan"
    assert list(found["kerawanan_aturan"]) == ["rawan", "kurang_rawan", "kurang_rawan"]
    assert found.loc[A, "kerawanan_sebab"] == "kelas dari Polri; menurut aturan: rawan (akses sulit)"
    assert found.loc[A, "kerawanan_sumber"] == "terbit"


def test_a_class_of_the_police_is_never_said_without_the_one_by_the_rules() -> None:
    assert class_said("rawan", "", "rawan", "id") == "rawan"
    assert class_said("kurang_rawan", "kurang_rawan", "rawan", "id") == "kurang rawan (Polri; aturan: rawan)"
    assert class_said("rawan", "rawan", "rawan", "en") == "at risk (police; rules: at risk)"


def test_reasons_of_the_package_are_said_in_the_operations_language() -> None:
    found = tagged(world(DRAWING, sulit="A", polri={"A": "sangat_rawan"}, operation={"lang": "en"}))
    assert found.loc[A, "kerawanan_sebab"] == "class given by the police; by the rules: at risk (akses sulit)"
    assert found.loc[A, "akses_sebab"] == "listed as hard to reach"


def test_the_source_is_the_worst_of_the_indicators_that_decided() -> None:
    found = tagged(
        world(DRAWING, sulit="AB", sinyal={"A": "tidak_ada"}),
        akses_sulit_sumber=["terbit", "terbit", "ukur"],
        sinyal_data_sumber=["perkiraan", "asumsi", "ukur"],
        psu_sebelumnya_sumber=["asumsi", "asumsi", "simpulan"],
    )
    assert found.loc[A, "kerawanan_sumber"] == "perkiraan"  # access and signal decided, the earlier vote did not
    assert found.loc[B, "kerawanan_sumber"] == "terbit"
    assert found.loc[C, "kerawanan_sumber"] == "simpulan"  # no line holds: all that the rules look at


def test_what_bawaslu_flags_is_told_in_the_reason_and_may_decide() -> None:
    rules = [
        {"kelas": "sangat_rawan", "sebab": "dua tanda", "bawaslu": ["keamanan", "kampanye"], "bawaslu_at_least": 2},
        {"kelas": "rawan", "sebab": "satu tanda", "bawaslu": ["keamanan", "kampanye"]},
    ]
    flags = {"A": ("keamanan", "kampanye"), "B": ("kampanye",), "C": ("listrik_internet",)}
    found = tagged(world(DRAWING, bawaslu=flags, polri={"B": "sangat_rawan"}, kerawanan={"rules": rules}))
    assert list(found["kerawanan_aturan"]) == ["sangat_rawan", "rawan", "kurang_rawan"]
    assert list(found["kerawanan"]) == ["sangat_rawan", "sangat_rawan", "kurang_rawan"]
    assert found.loc[A, "kerawanan_sebab"] == "dua tanda; ditandai Bawaslu: keamanan, kampanye"
    assert "rawan (satu tanda; ditandai Bawaslu: kampanye)" in found.loc[B, "kerawanan_sebab"]
    assert found.loc[C, "kerawanan_sebab"] == "tidak ada tanda kerawanan; ditandai Bawaslu: listrik dan internet"
    assert found.loc[A, "kerawanan_sumber"] == "contoh"


def test_a_class_that_rests_on_no_indicator_is_assumed() -> None:
    always = {"rules": [{"kelas": "rawan", "sebab": "semua"}]}
    never: dict[str, object] = {"rules": []}
    assert set(tagged(world(DRAWING, kerawanan=always))["kerawanan_sumber"]) == {"asumsi"}
    assert set(tagged(world(DRAWING, kerawanan=never))["kerawanan_sumber"]) == {"asumsi"}


def test_a_class_of_the_police_without_a_source_is_assumed() -> None:
    found = tagged(world(DRAWING, polri={"A": "rawan"}), kerawanan_polri_sumber="")
    assert found.loc[A, "kerawanan_sumber"] == "asumsi"


HARD, _ = place(world(DRAWING, sulit="AB", polri={"B": "rawan"}))


@pytest.mark.parametrize("sebab", [text for text in HOSTILE.values() if len(text) <= 200])
def test_reasons_are_data_and_never_interpreted(sebab: str) -> None:
    rules = [{"kelas": "rawan", "sebab": sebab, "akses": "sulit"}]
    found = tag(HARD, operation(kerawanan={"rules": rules}))
    assert found.loc[A, "kerawanan_sebab"] == sebab
    assert sebab in found.loc[B, "kerawanan_sebab"]


PLACED, _ = place(world("G-P-A"))
RULES = st.fixed_dictionaries(
    {"kelas": st.sampled_from(KERAWANAN), "sebab": st.sampled_from("abcdef")},
    optional={
        "psu_sebelumnya": st.booleans(),
        "akses": st.sampled_from(["biasa", "sulit"]),
        "sinyal": st.lists(st.sampled_from(SINYAL), min_size=1, max_size=3),
        "bawaslu": st.lists(st.sampled_from(BAWASLU), min_size=1, max_size=4),
        "bawaslu_at_least": st.integers(1, 3),
    },
)


@given(
    rules=st.lists(RULES, max_size=4),
    sulit=st.booleans(),
    psu=st.booleans(),
    sinyal=st.sampled_from(SINYAL),
    flags=st.sets(st.sampled_from(BAWASLU)),
)
@settings(max_examples=40, deadline=None)
def test_class_and_reason_are_what_a_plain_reading_of_the_list_gives(rules, sulit, psu, sinyal, flags) -> None:
    listed = {"rules": rules, "otherwise": "kurang_rawan", "otherwise_sebab": "z"}
    placed = PLACED.assign(akses_sulit=sulit, psu_sebelumnya=psu, sinyal_data=sinyal)
    placed = placed.assign(**{f"bawaslu_{name}": "ya" if name in flags else "tidak" for name in BAWASLU})
    holding = [
        rule
        for rule in rules
        if rule.get("psu_sebelumnya", psu) == psu
        and rule.get("akses", "sulit" if sulit else "biasa") == ("sulit" if sulit else "biasa")
        and sinyal in rule.get("sinyal", [sinyal])
        and ("bawaslu" not in rule or len(flags & set(rule["bawaslu"])) >= rule.get("bawaslu_at_least", 1))
    ]
    kelas = holding[0]["kelas"] if holding else "kurang_rawan"
    sebab = "; ".join(rule["sebab"] for rule in holding if rule["kelas"] == kelas) or "z"
    if flags:
        words = {"hak_pilih": "hak pilih", "listrik_internet": "listrik dan internet"}
        sebab += "; ditandai Bawaslu: " + ", ".join(words.get(name, name) for name in BAWASLU if name in flags)
    row = tag(placed, operation(kerawanan=listed)).loc[A]
    assert (row["kerawanan"], row["kerawanan_aturan"], row["kerawanan_sebab"]) == (kelas, kelas, sebab)
    assert row["kerawanan_sumber"] in SUMBER_ORDER
