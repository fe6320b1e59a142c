"""The shipped operation of Kabupaten Kaur: the figures that are published, and the promises of the plan."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

import kaur_gis as kg
from kaur_gis.catalogue import say
from kaur_gis.summary import groups_per_kecamatan, notices, plan_version


def test_the_plan_holds_the_published_figures(kaur_plan: kg.Plan) -> None:
    figures = kaur_plan.figures()
    published = {
        "n_tps": 434,
        "n_desa": 195,
        "n_kecamatan": 15,
        "voters": 96_011,
        "kotak": 2_170,
        "jml_bilik": 1_736,
        "jml_tinta": 868,
        "sulit": 31,
        "sinyal_tidak_ada": 30,
        "sinyal_lemah": 37,
        "sangat_rawan": 3,
    }
    assert {name: figures[name] for name in published} == published


def test_every_tps_is_served_or_named(kaur_plan: kg.Plan) -> None:
    last = kaur_plan.inputs.operation.stages[-1].name
    trips = kaur_plan.trips.index[kaur_plan.trips["stage"] == last]
    served = kaur_plan.loads.loc[trips].index.get_level_values("kode_tps")
    assert sorted([*served, *kaur_plan.unserved.index]) == sorted(kaur_plan.tps.index)
    assert len(kaur_plan.unserved) == 0


def test_the_judge_finds_no_broken_promise(kaur_plan: kg.Plan) -> None:
    assert kaur_plan.broken == ()


def test_officers_follow_the_pattern_and_groups_are_never_too_few(kaur_plan: kg.Plan) -> None:
    groups = groups_per_kecamatan(kaur_plan)
    assert (groups["groups"] >= [math.ceil(n / 5) for n in groups["n_tps"]]).all()
    classes = kaur_plan.tps["kerawanan"].value_counts()
    officers = 2 * groups["groups"].sum() + classes["rawan"] + 2 * classes["sangat_rawan"]
    assert kaur_plan.figures()["officers"] == officers


def test_no_tps_is_given_a_position_it_does_not_have(kaur_plan: kg.Plan) -> None:
    assert set(kaur_plan.tps["posisi"]) == {"desa"}
    desa = kaur_plan.inputs.desa.loc[kaur_plan.tps["kode_desa"], "geometry"]
    assert (kaur_plan.tps.geometry.to_numpy() == desa.to_numpy()).all()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_summary_carries_every_notice(kaur_plan: kg.Plan, lang: str) -> None:
    told = kaur_plan.summary(lang)
    for notice in notices(kaur_plan, lang):
        assert notice in told
    assert say("summary.notice_schematic", lang) in told
    assert "© OpenStreetMap contributors" in told
    assert "96.011" in told if lang == "id" else "96,011" in told


def test_a_changed_plan_has_another_version(kaur_plan: kg.Plan) -> None:
    fewer = dataclasses.replace(kaur_plan, guards=kaur_plan.guards.iloc[1:])
    assert plan_version(fewer) != plan_version(kaur_plan)


@pytest.mark.real
def test_the_same_command_plans_on_real_roads(kaur_plan_on_osm: kg.Plan) -> None:
    plan = kaur_plan_on_osm
    assert plan.broken == ()
    assert not plan.inputs.roads.schematic
    assert say("summary.notice_schematic", "id") not in plan.summary("id")
    assert plan.legs["on_road"].any()
    reasons = set(plan.unserved["reason"])
    assert plan.figures()["served"] + len(plan.unserved) == 434
    assert reasons <= {"too_far_from_road", "no_road", "no_way_back"}, "whoever is not reached is not reached by road"


def test_every_box_comes_back_and_the_run_holds_the_way(kaur_plan: kg.Plan, kaur_run: Path) -> None:
    last = kaur_plan.back_trips[kaur_plan.back_trips["stage"] == "ppk-gudang"]
    assert last["kotak"].sum() == kaur_plan.kits["kotak"].sum()
    assert kaur_plan.back_unserved.empty
    again = kg.read_plan(kaur_run)
    for layer in ("back_trips", "back_legs", "back_loads", "back_unserved"):
        assert_frame_equal(getattr(again, layer), getattr(kaur_plan, layer))
