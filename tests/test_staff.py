"""Needs against people at hand, and how soon a Polsek is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaur_gis import staff as staff_module
from kaur_gis.inputs import Inputs
from kaur_gis.judge import judge
from kaur_gis.layers import Personel, checked
from kaur_gis.people import lending
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import SolverError
from kaur_gis.reaction import reactions
from kaur_gis.staff import staff
from kaur_gis.travel import TravelTimes
from kaur_gis.write.tables import write_tables
from tests.test_judge import OF_PEOPLE
from tests.world import kode_tps, pattern, world

DRAWING = """
    G---P--A--B----O
        |
        C--D
        |
        p--e---o
"""
ROWS = [("B-1", "bko", "GUDANG-1", 1, ""), ("U-1", "polsek", "POLSEK-1", 3, "17.04.01")]
ROWS += [("U-2", "polsek", "POLSEK-2", 4, "17.04.02")]


def personel(*rows: tuple[str, str, str, int, str]) -> pd.DataFrame:
    """Make the layer of units: code, kind, place, officers, kecamatan."""
    columns = ["kode_satuan", "jenis", "kode_tempat", "petugas", "menjaga"]
    frame = pd.DataFrame(rows, columns=columns).assign(nama="Satuan", sumber="contoh").set_index("kode_satuan")
    frame = frame.astype({name: "int64" if name == "petugas" else "str" for name in frame})
    frame.index = frame.index.astype("str")
    return checked(frame[["jenis", "nama", "kode_tempat", "petugas", "menjaga", "sumber"]], Personel)


@cache
def made() -> Plan:
    """Make a plan in which everything happens: own officers, lent ones, missing ones, and one to spare."""
    inputs = world(DRAWING, tps={"A": 6, "e": 2}, psu="C", sulit="D", guard={"reaction_minutes": 10.0})
    return make_plan(replace(inputs, personel=personel(*ROWS)))


def test_the_polices_own_people_come_first_and_the_nearest_lend() -> None:
    plan = made()
    assert plan.broken == ()
    strength = plan.strength.loc["17.04.01"]
    assert strength["needed"] == plan.posts["officers"][plan.posts["kode_kec"] == "17.04.01"].sum() == 7
    assert (strength["home"], strength["lent"], strength["missing"], strength["spare"]) == (3, 3, 1, 0)
    assert plan.strength.loc["17.04.02", ["needed", "home", "lent", "missing", "spare"]].tolist() == [2, 2, 0, 0, 0]
    sent = plan.staffing["officers"].groupby("kode_post").sum().reindex(plan.posts.index, fill_value=0)
    short = plan.posts["officers"] - sent
    assert set(plan.posts["kerawanan"][short > 0]) == {"kurang_rawan"}  # the heavier classes are manned first


def test_without_a_table_nothing_is_said_of_people() -> None:
    plan = make_plan(world("G-P-A"))
    assert plan.reactions.empty
    assert plan.staffing.empty
    assert plan.strength.empty
    assert plan.broken == ()


def test_officers_who_reach_no_post_stay_where_they_are() -> None:
    inputs = replace(world("G-P-A   O"), personel=personel(("U-1", "polsek", "POLSEK-1", 3, "17.04.01")))
    plan = make_plan(inputs)
    assert plan.broken == ()
    assert plan.staffing.empty
    assert plan.strength.loc["17.04.01", ["needed", "missing", "spare"]].tolist() == [2, 2, 3]


def test_a_solver_that_proves_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made()
    monkeypatch.setattr(staff_module, "milp", lambda *_a, **_k: SimpleNamespace(status=1, x=None, message="stopped"))
    with pytest.raises(SolverError, match="stopped"):
        staff(plan.posts, plan.guards, plan.tps, plan.inputs, plan.travel)


def every_way(have: list[int], need: list[int]) -> Iterator[np.ndarray]:
    """Every way of sending whole officers from units to posts."""
    own = [
        [row for row in product(*(range(min(there, most) + 1) for most in need)) if sum(row) <= there] for there in have
    ]
    for rows in product(*own):
        sent = np.array(rows)
        if (sent.sum(axis=0) <= need).all():
            yield sent


@given(
    have=st.lists(st.integers(0, 3), min_size=2, max_size=2),
    guards=st.sampled_from(["17.04.01", "17.04.02", "17.04.01 17.04.02", ""]),
    tagged=st.sampled_from([("", ""), ("A", "Ce"), ("e", "A"), ("", "Ce")]),  # had a repeated vote, hard to reach
)
@settings(max_examples=20, deadline=None)
def test_it_is_the_best_of_all_ways(have: list[int], guards: str, tagged: tuple[str, str]) -> None:
    plan = base(*tagged)
    units = personel(("U-1", "bko", "POLSEK-1", have[0], guards), ("U-2", "polsek", "GUDANG-1", have[1], "17.04.01"))
    inputs = replace(plan.inputs, personel=units)
    staffing, strength = staff(plan.posts, plan.guards, plan.tps, inputs, plan.travel)
    assert judge(replace(plan, inputs=inputs, staffing=staffing, strength=strength)) == ()
    posts = list(plan.posts.index)
    times = plan.travel["motor", "kering"]
    first = plan.guards[plan.guards["order"] == 1].reset_index().set_index("kode_post")["kode_tps"]
    rows = [times.stops.get_loc(unit) for unit in units["kode_tempat"]]
    seconds = times.seconds[np.ix_(rows, times.stops.get_indexer(plan.tps["kode_stop"].loc[first.loc[posts]]))]
    kelas, kode_kec = plan.posts["kerawanan"].to_numpy(), plan.posts["kode_kec"].to_numpy()
    away = np.array([[kode not in codes.split() for kode in kode_kec] for codes in units["menjaga"]])

    def value(sent: np.ndarray) -> tuple[int, ...]:
        by_class = [-int(sent[:, kelas == name].sum()) for name in ("sangat_rawan", "rawan")]
        return (-int(sent.sum()), *by_class, int(sent[away].sum()), int((sent * seconds).sum()))

    found = np.zeros((2, len(posts)), dtype=np.int64)
    for (post, unit), row in staffing.iterrows():
        found[list(units.index).index(unit), posts.index(post)] = row["officers"]
    best = min(value(sent) for sent in every_way(have, plan.posts["officers"].tolist()))
    assert value(found) == best
    assert strength["missing"].sum() == plan.posts["officers"].sum() + best[0]


@cache
def base(psu: str, sulit: str) -> Plan:
    few = pattern(kelas={name: {"officers": n, "tps_per_group": 3} for name, n in OFFICERS.items()})
    return make_plan(world("G-P-A-B-O\n  |\n  p-e-C", psu=psu, sulit=sulit, guard_pattern=few))


OFFICERS = {"kurang_rawan": 2, "rawan": 1, "sangat_rawan": 2}


def test_each_tps_has_its_nearest_polsek_and_who_is_too_far_is_told() -> None:
    found = made().reactions
    assert found.loc[kode_tps("B"), ["kode_polsek", "seconds", "metres", "in_time"]].tolist() == [
        "POLSEK-1", 300, 5000, True,
    ]  # fmt: skip
    assert found.loc[kode_tps("e"), "kode_polsek"] == "POLSEK-2"
    assert found.loc[kode_tps("D"), ["kode_polsek", "seconds", "in_time"]].tolist() == ["POLSEK-2", 720, False]
    strict = world(DRAWING, guard={"reaction_minutes": 4.0})
    plan = made()
    late = reactions(plan.tps, replace(strict, tempat=plan.inputs.tempat), plan.travel)
    assert (late["in_time"] == (late["seconds"] <= 240)).all()
    assert late["in_time"].any()
    assert not late["in_time"].all()


def test_without_a_limit_a_tps_is_in_time_where_any_road_leads_to_it() -> None:
    plan = make_plan(world("G-P-A-O   B"))
    assert plan.reactions["in_time"].tolist() == [True, False]
    assert plan.reactions.loc[kode_tps("B"), ["kode_polsek", "seconds", "metres"]].tolist() == ["", -1, -1]
    assert plan.broken == ()


def test_of_polsek_that_are_equally_near_the_first_by_code_is_told() -> None:
    plan = make_plan(world("G-P-O-A-o"))
    assert plan.reactions["kode_polsek"].tolist() == ["POLSEK-1"]


def cell(layer: str, row: int, column: str, *, value: object) -> Plan:
    frame = getattr(made(), layer).copy()
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return replace(made(), **{layer: frame})


def renamed(unit: str, to: str) -> Plan:
    return replace(made(), staffing=made().staffing.rename({unit: to}, level=1))


def moved(inputs: Inputs, **changes: object) -> Plan:
    return replace(made(), inputs=replace(inputs, **changes))


def _without(stop: str, times: TravelTimes) -> TravelTimes:
    keep = times.stops != stop
    square = {
        name: table[np.ix_(keep, keep)] for name, table in (("seconds", times.seconds), ("lengths", times.metres))
    }
    by_stop = {name: getattr(times, name)[keep] for name in ("stops", "snap_m", "carry_s", "carry_m")}
    return replace(times, **square, **by_stop)


OWN = bool(made().staffing["home"].iloc[0])
BROKEN = {
    "another Polsek": ("reactions", lambda: cell("reactions", 0, "kode_polsek", value="POLSEK-2")),
    "a reaction that is too quick": ("reactions", lambda: cell("reactions", 0, "seconds", value=1)),
    "a limit that is not kept": ("reactions", lambda: cell("reactions", 0, "in_time", value=False)),
    "a TPS without a reaction": ("reactions", lambda: replace(made(), reactions=made().reactions.iloc[1:])),
    "a way that is too short": ("staffing", lambda: cell("staffing", 0, "seconds", value=1)),
    "lent officers called own": (
        "staffing",
        lambda: cell("staffing", 0, "home", value=not made().staffing["home"].iloc[0]),
    ),
    "a post that has too many": ("staffing", lambda: cell("staffing", 0, "officers", value=9)),
    "a sum that is wrong": ("staffing", lambda: cell("strength", 0, "missing", value=0)),
    "a kecamatan left out": ("staffing", lambda: replace(made(), strength=made().strength.iloc[1:])),
    "a unit that has nobody": (
        "staffing",
        lambda: moved(made().inputs, personel=made().inputs.personel.assign(petugas=0)),
    ),
    "an officer who stays idle": ("nobody_idle", lambda: replace(made(), staffing=made().staffing.iloc[1:])),
    "officers at a post that guards nobody": (
        "staffing",
        lambda: replace(made(), guards=made().guards[made().guards["kode_post"] != made().posts.index[0]]),
    ),
    "a unit that stands nowhere": (
        "references",
        lambda: moved(made().inputs, personel=made().inputs.personel.assign(kode_tempat="NOWHERE")),
    ),
    "a Polsek that is no stop": (
        "references",
        lambda: replace(
            made(),
            stops=made().stops.drop("POLSEK-1"),
            travel={key: _without("POLSEK-1", times) for key, times in made().travel.items()},
        ),
    ),
    "a post of nowhere": (
        "references",
        lambda: replace(made(), staffing=made().staffing.rename({"U-1": "U-9"}, level=1)),
    ),
}


def test_every_promise_about_people_has_a_plan_that_breaks_it() -> None:
    assert {promise for promise, _ in BROKEN.values()} == {*OF_PEOPLE, "references"}


@pytest.mark.parametrize("case", BROKEN)
def test_the_judge_finds_it(case: str) -> None:
    promise, change = BROKEN[case]
    assert f"promise_{promise}" in {problem.what for problem in judge(change())}


def test_an_officer_may_be_free_only_by_way_of_another() -> None:
    """U-2 reaches A alone, where U-1 stands; U-1 could go on to B: somebody is missing who need not be."""
    plan = make_plan(replace(world("G-P-A-B-O", guard_pattern=one()), personel=personel(*FREE)))
    times = plan.travel["motor", "kering"]
    gudang, b = times.stops.get_loc("GUDANG-1"), times.stops.get_loc(kode_tps("B"))
    seconds, metres = times.seconds.copy(), times.metres.copy()
    seconds[gudang, b] = metres[gudang, b] = times.UNREACHABLE
    travel = {**plan.travel, ("motor", "kering"): replace(times, seconds=seconds, lengths=metres)}
    staffing, strength = staff(plan.posts, plan.guards, plan.tps, plan.inputs, travel)
    assert strength["missing"].sum() == 0
    at_a, at_b = plan.guards["kode_post"].loc[[kode_tps("A"), kode_tps("B")]]
    assert sorted(staffing.index) == sorted([(at_a, "U-2"), (at_b, "U-1")])
    way = [
        int(table[times.stops.get_loc("POLSEK-1"), times.stops.get_loc(kode_tps("A"))]) for table in (seconds, metres)
    ]
    stuck = pd.DataFrame({"officers": 1, "home": True, "seconds": way[0], "metres": way[1]}, index=staffing.index[:1])
    stuck.index = pd.MultiIndex.from_tuples([(at_a, "U-1")], names=staffing.index.names)
    told = judge(replace(plan, travel=travel, staffing=stuck))
    assert [problem.value for problem in told if problem.what == "promise_nobody_idle"] == [at_a, at_b][1:]


FREE = [("U-1", "polsek", "POLSEK-1", 1, "17.04.01"), ("U-2", "bko", "GUDANG-1", 1, "")]


def one():
    return pattern(kelas={name: {"officers": 1, "tps_per_group": 1} for name in OFFICERS})


def test_the_summary_says_who_lends_who_is_missing_and_who_is_far() -> None:
    said = made().summary("id")
    assert "Personel: perlu 9, ada 8, kurang 1, dipinjamkan 3, tanpa pos 0; pembagian terbukti terbaik" in said
    assert "  Kecamatan 1: kurang 1 dari 7 personel" in said
    assert sum("meminjamkan" in line for line in said.splitlines()) == len(lending(made())) == 2
    assert lending(made())["officers"].sum() == made().figures()["lent"] == 3
    assert "Reaksi Polsek terdekat: paling lama 12 menit lewat jalan" in said
    assert "  1 TPS tidak terjangkau dalam 10 menit: Desa D TPS 1 (12 menit)" in said
    assert "Belum dihitung" not in said


def test_tps_of_one_village_that_are_equally_far_are_named_together() -> None:
    plan = made()
    alike = plan.tps.assign(kode_desa="17.04.01.2001", nama_desa="Desa X", no_tps=range(1, len(plan.tps) + 1))
    far = plan.reactions.assign(in_time=False, seconds=[61, *[600] * (len(alike) - 1)])
    said = replace(plan, tps=alike, reactions=far.set_axis(alike.index)).summary("id")
    assert f": Desa X TPS 1 (2 menit), Desa X TPS 2–{len(alike)} (10 menit)" in said


def test_the_summary_says_in_one_line_what_it_could_not_count() -> None:
    plan = make_plan(world("G-P-A"))
    operation = plan.inputs.operation
    files = operation.layers.model_copy(update={"tempat": "tempat.xlsx"})
    named = replace(plan.inputs, operation=operation.model_copy(update={"layers": files}))
    for own, file in ((plan, "tempat.csv"), (replace(plan, inputs=named), "tempat.xlsx")):
        assert [line for line in own.summary("en").splitlines() if "want of data" in line] == [
            f"Not counted, for want of data: reaction times ({file} holds no Polsek); {UNNAMED}"
        ]
    far = make_plan(world("G-P-A-O   B")).summary("en")
    assert "1 TPS not reached by road: Desa B TPS 1 (no road)" in far
    assert f"Not counted, for want of data: {UNNAMED}" in far
    near = make_plan(world("G-P-A-O")).summary("en")
    assert "Nearest Polsek: there within 2 minutes by road at most" in near
    assert "not reached" not in near


UNNAMED = "missing officers (layers.personel is not named)"


def test_the_tables_tell_the_same(tmp_path: Path) -> None:
    write_tables(made(), tmp_path, "id")
    tables = {path.stem: pd.read_csv(path, encoding="utf-8-sig") for path in (tmp_path / "tabel").glob("*.csv")}
    assert len(tables["personel_pos"]) == len(made().staffing)
    assert list(tables["personel_kecamatan"]["Kurang [orang]"]) == [1, 0]
    assert list(tables["reaksi"]["Dalam batas waktu"]).count("tidak") == 1
    assert tables["pos"]["KPPS [orang]"].sum() == 7 * len(made().tps)
    assert tables["pos"]["Linmas [orang]"].sum() == 2 * len(made().tps)
