"""A shortage of ballots: who helps, in which order, and what is left there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from world import kode_tps, operation, world

from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems
from kaur_gis.shortage import donors, lines

# voters 200 have 4 to spare, 251 have 6, 50 have 1, 0 have none; F is nearest to A through another dapil
DRAWING = """
    G-P-A-B--C---D
        |
        f-p







              E-H
"""


@cache
def plan() -> Plan:
    inputs = world(DRAWING, tps={"A": 2}, pemilih={"B": 251, "C": 50, "D": 0, "f": 300})
    dapil = pd.Series(["I", "II"], index=["17.04.01", "17.04.02"], dtype=str)
    return make_plan(replace(inputs, kecamatan=inputs.kecamatan.assign(dapil=dapil)))


A, A2, B, C, D, F = (*(kode_tps("A", n) for n in (1, 2)), *map(kode_tps, "BCDf"))


def test_the_nearest_by_road_come_first_and_keep_a_ballot_for_each_voter():
    found = donors(plan(), A, "ppwp")
    assert list(found.index) == [A2, B, F, C]
    assert list(found["spare"]) == [4, 6, 6, 1]
    assert list(found["gives"]) == [4, 6, 6, 1]
    assert list(found["keeps"]) == [200, 251, 300, 50]
    assert list(found["metres"]) == [0, 2000, 2000, 5000]
    assert D not in found.index, "no voters, no spare"


def test_only_as_many_are_named_as_are_needed():
    found = donors(plan(), A, "ppwp", short=7)
    assert found["gives"].to_dict() == {A2: 4, B: 3}
    assert found["keeps"].to_dict() == {A2: 200, B: 254}
    assert len(donors(plan(), A, "ppwp", short=1)) == 1


def test_ballots_by_dapil_come_from_the_same_dapil_alone():
    assert list(donors(plan(), A, "dprd_kab").index) == [A2, B, C]
    assert list(donors(plan(), F, "dprd_kab").index) == []
    assert set(donors(plan(), F, "ppwp").index) == {A, A2, B, C}


def test_whom_no_road_joins_does_not_help():
    apart = {kode_tps("E"), kode_tps("H")}
    assert apart & set(plan().tps.index) == apart
    assert not apart & set(donors(plan(), A, "ppwp").index)


def test_to_whom_the_plan_brings_nothing_gives_nothing():
    fleet = [row.model_dump() | ({"count": 0} if row.kode == "MT" else {}) for row in operation().fleet]
    behind = make_plan(world("G---P---A---B---C", sulit="B", fleet=fleet))
    assert list(behind.unserved.index) == [B]
    assert list(donors(behind, A, "ppwp", short=4).index) == [C]
    assert list(donors(behind, B, "ppwp").index) == [A, C], "it may still be short"


@pytest.mark.parametrize(
    ("kode", "jenis", "told"),
    [
        ("1799012001001", "ppwp", ["tps_not_in_plan"]),
        (A, "presiden", ["ballot_unknown"]),
        ("1799012001001", "presiden", ["tps_not_in_plan", "ballot_unknown"]),
    ],
)
def test_what_the_plan_does_not_know_is_refused(kode, jenis, told):
    with pytest.raises(InputProblems) as refused:
        donors(plan(), kode, jenis)
    assert [problem.what for problem in refused.value.problems] == told


def test_without_the_dapil_nothing_is_guessed():
    unknown = replace(plan(), kits=plan().kits.assign(dapil=""))
    with pytest.raises(InputProblems, match="shortage_without_dapil"):
        donors(unknown, A, "dprd_kab")
    assert len(donors(unknown, A, "ppwp")) == 4


def test_it_is_told_line_by_line_with_what_is_still_missing():
    found = donors(plan(), A, "ppwp", short=20)
    told = lines(found, A, "ppwp", 20, "en")
    assert told[0] == f"20 ballots ppwp for TPS {A}, from 4 TPS:"
    assert told[2] == f"2. {B} TPS 1 Desa B (Kecamatan 1): 2.0 km, 2 min; gives 6 of 6 to spare, keeps 251"
    assert told[-1] == "3 are still missing."
    assert len(lines(donors(plan(), A, "ppwp"), A, "ppwp", None, "id")) == 5
    assert lines(donors(plan(), F, "dprd_kab"), F, "dprd_kab", None, "en") == [
        "No TPS that a road joins has any of this kind to spare."
    ]
