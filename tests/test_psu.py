"""A repeated vote: kit, trips and days of the chosen TPS alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from world import kit_rules, kode_tps, lon_lat, world

from kaur_gis.cut import close_roads, closure_of
from kaur_gis.inputs import Inputs
from kaur_gis.kit import chain, goods
from kaur_gis.pipeline import make_plan
from kaur_gis.problems import InputProblems
from kaur_gis.psu import psu

SIZE = {"kg": 0.01, "m3": 0.0001, "sumber": "asumsi"}
SPARE = {"pieces": 500, "sumber": "asumsi"}
RULES = {
    "psu": {"within_days": 10, "sumber": "terbit"},
    "items": [
        {
            "key": "kotak_suara",
            "nama": "Kotak",
            "name": "Box",
            "per_tps": 2,
            "one_per_ballot": True,
            "sumber": "terbit",
        },
        {"key": "bilik", "nama": "Bilik", "name": "Booth", "per_tps": 4, "sumber": "terbit"},
    ],
    "ballots": [
        {"key": key, "nama": key, "name": key, "spare_percent": 2.0, "by_dapil": key == "dprd_kab", "size": SIZE}
        | {"spare_per_kabupaten": SPARE, "sumber": "terbit"}
        for key in ("ppwp", "dprd_kab")
    ],
}
A, B, C = map(kode_tps, "ABC")
DAY = dt.date(2024, 2, 24)


def inputs(**rules) -> Inputs:
    return world("G---P---A-B-C", sulit="C", kit=kit_rules(**RULES | rules))


def test_the_chosen_tps_get_the_chosen_kinds_on_the_new_day():
    plan = make_plan(psu(inputs(), [B, A, A], ["dprd_kab"], DAY))
    assert plan.broken == ()
    assert list(plan.tps.index) == [A, B]
    assert set(plan.kits) == {"jml_kotak_suara", "jml_bilik", "suara_dprd_kab", "dapil", "kotak", "kg", "m3"}
    assert set(plan.kits["suara_dprd_kab"]) == {204}
    assert set(plan.kits["kotak"]) == {1}
    assert set(plan.kits["jml_bilik"]) == {4}
    assert set(plan.trips["depart"].dt.date) == {DAY - dt.timedelta(days=1)}
    assert set(plan.loads.index.get_level_values("kode_tps")) == {A, B}
    assert plan.inputs.operation.operation.name.startswith("PSU ")
    assert plan.inputs.kit_rules.name == "PSU Pemilu 2024: dprd_kab"
    assert plan.inputs.kit_rules.items[0].nama == "Kotak", "as before, where nobody says what the boxes are called"


def test_boxes_are_called_by_the_kinds_that_are_voted_again():
    named = [
        kind | {"kotak": {"nama": f"{kind['key']} abu", "name": f"{kind['key']} grey"}} for kind in RULES["ballots"]
    ]
    box = RULES["items"][0] | {"nama": "Kotak (ppwp abu, dprd_kab abu)", "name": "Box (ppwp grey, dprd_kab grey)"}
    own = inputs(ballots=named, items=[box, *RULES["items"][1:]])
    again = [psu(own, [A], kinds, DAY).kit_rules.items for kinds in (["dprd_kab"], ["ppwp", "dprd_kab"])]
    assert [(box.nama, box.name) for box, _ in again] == [
        ("Kotak (dprd_kab abu)", "Box (dprd_kab grey)"), (box["nama"], box["name"]),
    ]  # fmt: skip
    assert [other.nama for _, other in again] == ["Bilik", "Bilik"]


def test_the_spare_is_where_the_ballots_come_from_and_is_not_ordered_again():
    again = psu(inputs(), [A], ["ppwp", "dprd_kab"], DAY)
    plan = make_plan(again)
    other = goods(plan.kits, chain(plan.tps, again.tempat), again.kit_rules)
    assert other[["suara_ppwp", "suara_dprd_kab"]].to_numpy().sum() == 0
    assert again.notes == ()


def test_too_small_a_spare_is_said_kind_by_kind():
    again = psu(inputs(), [A, B, C], ["ppwp", "dprd_kab"], DAY)
    notes = [(note.what, note.value, note.details["dapil"], note.details["needed"]) for note in again.notes]
    assert notes == [("psu_spare_short", "ppwp", "-", 612), ("psu_spare_short", "dprd_kab", "I", 612)]
    told = make_plan(again).summary("en").splitlines()
    at = next(number for number, line in enumerate(told) if line.startswith("Kit for the TPS"))
    assert [line.startswith("  Ballots ppwp for the repeated vote") for line in told[at + 1 : at + 3]] == [True, False]
    assert "  Ballots dprd_kab for the repeated vote (district I) do not suffice: 612 are needed" in told[at + 2]
    nothing_kept = inputs(ballots=[kind | {"spare_per_kabupaten": None} for kind in RULES["ballots"]])
    assert psu(nothing_kept, [A, B, C], ["ppwp"], DAY).notes == ()


@pytest.mark.parametrize(("day", "in_force"), [(23, True), (13, False)])
def test_roads_that_are_closed_on_the_new_day_are_closed_and_those_of_the_first_one_are_open(day, in_force):
    lon, lat = lon_lat(2, 0)
    until_noon = f"titik:{lat:.7f},{lon:.7f},100; mulai=2024-02-{day}T00:00; selesai=2024-02-{day}T12:00"
    again = psu(close_roads(inputs(), [closure_of(until_noon)]), [A], ["ppwp"], DAY)
    plan = make_plan(again)
    assert [closure.in_force for closure in again.roads.closures] == [in_force]
    assert [wave.name for wave in again.operation.waves if wave.part_of] == ["H-1 mulai 12.00"] * in_force
    assert plan.broken == ()
    assert plan.unserved.empty
    assert (plan.trips["depart"].min() >= pd.Timestamp("2024-02-23 12:00")) == in_force


def test_whom_a_closed_road_keeps_from_going_in_time_does_not_leave_on_the_day_of_the_first_vote():
    lon, lat = lon_lat(2, 0)
    all_day = f"titik:{lat:.7f},{lon:.7f},100; mulai=2024-02-15T00:00; selesai=2024-02-16T00:00"
    closed = close_roads(inputs(), [closure_of(all_day)])
    plan = make_plan(psu(closed, [A, B], ["ppwp"], dt.date(2024, 2, 16)))
    assert [wave.name for wave in plan.inputs.operation.waves] == ["H-1"]
    assert (plan.trips["depart"] >= pd.Timestamp("2024-02-15")).all()
    assert set(plan.unserved.index) == {A, B}
    assert plan.broken == ()
    later = make_plan(psu(closed, [A, B], ["ppwp"], dt.date(2024, 2, 17)))
    assert set(later.trips["wave"]) >= {"H-1"}
    assert later.unserved.empty


def test_a_wave_that_names_a_tps_decides_the_first_day_too():
    own = inputs()
    early, last = own.operation.waves
    named = replace(
        own, operation=own.operation.model_copy(update={"waves": (early, last.model_copy(update={"kode_tps": (C,)}))})
    )
    hurried = replace(
        own, operation=own.operation.model_copy(update={"waves": (early.model_copy(update={"kode_tps": (A,)}), last)})
    )
    for given, kode, first in ((named, C, 16), (hurried, A, 17), (hurried, B, 16)):
        with pytest.raises(InputProblems) as refused:
            psu(given, [kode], ["ppwp"], dt.date(2024, 2, 14))
        assert refused.value.problems[0].details["first"] == f"2024-02-{first}"


@pytest.mark.parametrize(
    ("kode", "first"),
    [(A, dt.date(2024, 2, 16)), (C, dt.date(2024, 2, 17))],  # boxes leave on H-1, on H-2 where access is hard
)
def test_the_day_is_within_the_days_of_the_rules_and_boxes_leave_after_the_vote(kode, first):
    for day in (first, DAY):
        assert psu(inputs(), [kode], ["ppwp"], day).operation.operation.voting_day == day
    for day in (first - dt.timedelta(days=1), DAY + dt.timedelta(days=1)):
        with pytest.raises(InputProblems) as refused:
            psu(inputs(), [kode], ["ppwp"], day)
        (problem,) = refused.value.problems
        assert (problem.what, problem.details) == ("psu_day", {"first": str(first), "last": str(DAY)})


def test_where_boxes_lie_overnight_a_day_more_is_needed_and_no_wave_leaves_before_the_vote_is_counted():
    evening, day = (stage.model_dump() for stage in inputs().operation.stages)
    overnight = world("G---P---A-B-C", sulit="C", kit=kit_rules(**RULES), stages=(evening | {"days_earlier": 1}, day))
    with pytest.raises(InputProblems) as refused:
        psu(overnight, [A], ["ppwp"], dt.date(2024, 2, 16))
    assert refused.value.problems[0].details["first"] == "2024-02-17"
    for day_of_vote, waves in ((17, ["H-1"]), (18, ["H-2", "H-1"])):
        again = psu(overnight, [A], ["ppwp"], dt.date(2024, 2, day_of_vote))
        assert sorted(wave.name for wave in again.operation.waves) == sorted(waves)
        plan = make_plan(again)
        assert plan.broken == ()
        assert plan.trips["depart"].min() > pd.Timestamp("2024-02-15")


def test_whose_boxes_lie_nowhere_overnight_need_no_day_for_it():
    evening, day = (stage.model_dump() for stage in inputs().operation.stages)
    own = evening | {"name": "jauh", "days_earlier": 1, "kecamatan": ("17.04.02",)}
    fleet = [row.model_dump() for row in inputs().operation.fleet]
    lorry = next(row for row in fleet if row["stage"] == evening["name"]) | {"kode": "TJ", "stage": "jauh"}
    drawing = "G---P---A\n|\n+---p---b"
    both = world(drawing, kit=kit_rules(**RULES), stages=(evening, own, day), fleet=(*fleet, lorry))
    plan = make_plan(psu(both, [kode_tps("A")], ["ppwp"], dt.date(2024, 2, 16)))
    assert plan.broken == ()
    assert plan.unserved.empty
    with pytest.raises(InputProblems) as refused:
        psu(both, [kode_tps("b")], ["ppwp"], dt.date(2024, 2, 16))
    assert refused.value.problems[0].details["first"] == "2024-02-17"


@pytest.mark.parametrize(
    ("tps", "jenis", "told"),
    [
        ([A, "1799012001001"], ["ppwp", "presiden"], ["tps_not_in_plan", "ballot_unknown"]),
        ([], ["ppwp"], ["psu_of_nothing"]),
        ([A], [], ["psu_of_nothing"]),
    ],
)
def test_what_is_not_known_is_refused(tps, jenis, told):
    with pytest.raises(InputProblems) as refused:
        psu(inputs(), tps, jenis, DAY)
    assert [problem.what for problem in refused.value.problems] == told


def test_rules_that_say_nothing_of_a_repeated_vote_allow_none():
    with pytest.raises(InputProblems, match="psu_without_rule"):
        psu(replace(inputs(), kit_rules=kit_rules()), [A], ["ppwp"], DAY)
