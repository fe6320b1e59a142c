"""Stages that some kecamatan skip: each kecamatan has its own way from the gudang to the TPS, and back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from pydantic import ValidationError
from test_beside import rules
from test_distribute import FLEET, STAGES, rooms, routes_of
from way_back import LIGHT, leg
from world import kode_desa, kode_tps, operation, world

from kaur_gis.cut.replan import replan
from kaur_gis.distribute import distribute
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.summary import arrivals

ONE, TWO = "17.04.01", "17.04.02"
DRAWING = "B---A---P---G---p---a---b"


def stage(name, origin, target, *kecamatan):
    return STAGES[0] | {"name": name, "origin": origin, "target": target, "kecamatan": kecamatan}


STAGED = (
    stage("gudang-ppk", "gudang", "ppk"),
    stage("ppk-tps", "ppk", "tps", ONE),
    stage("ppk-pps", "ppk", "pps"),
    stage("pps-tps", "pps", "tps"),
)
FLEETS = tuple(FLEET["TR"] | {"kode": f"T{n}", "stage": row["name"], "count": 2} for n, row in enumerate(STAGED))
BACK = (
    leg("boxes-ppk", "tps", "ppk", "ppk-tps", kecamatan=(ONE,)),
    leg("boxes-pps", "tps", "pps", "pps-tps"),
    leg("boxes-on", "pps", "ppk", "ppk-pps"),
    leg("boxes-home", "ppk", "gudang", "gudang-ppk"),
)


def villages(inputs, letters):
    """Add a PPS in each village."""
    places = inputs.tempat
    pps = places.loc[["PPK-2"] * len(letters)].assign(
        jenis="pps", induk="PPK-2", kode_desa=[kode_desa(c) for c in letters]
    )
    pps = pps.set_axis(
        pd.Index(["PPS-" + kode_desa(c)[6:].replace(".", "-") for c in letters], name="kode_tempat", dtype=str)
    )
    pps = pps.set_geometry(inputs.desa.geometry.reindex(pps["kode_desa"]).to_numpy(), crs=places.crs)
    return replace(inputs, tempat=pd.concat([places, pps]))


@pytest.fixture(scope="module")
def plan():
    asked = {"stages": STAGED, "fleet": FLEETS, "kembali": BACK, "daylight": LIGHT, "kit": rules(kg=1.0)}
    return make_plan(villages(world(DRAWING, **asked), "ab"))


def stages_of(trips, loads, kode):
    codes = loads.index[loads.index.get_level_values("kode_tps") == kode].get_level_values("kode_trip")
    return set(trips.loc[codes, "stage"])


def test_each_kecamatan_goes_its_own_way_out_and_back(plan):
    assert [(problem.what, problem.value) for problem in plan.broken] == []
    assert (list(plan.unserved.index), list(plan.back_unserved.index)) == ([], [])
    ways = {"A": {"gudang-ppk", "ppk-tps"}, "a": {"gudang-ppk", "ppk-pps", "pps-tps"}}
    home = {"A": {"boxes-ppk", "boxes-home"}, "a": {"boxes-pps", "boxes-on", "boxes-home"}}
    for letter, of in (("A", "A"), ("B", "A"), ("a", "a"), ("b", "a")):
        assert stages_of(plan.trips, plan.loads, kode_tps(letter)) == ways[of]
        assert stages_of(plan.back_trips, plan.back_loads, kode_tps(letter)) == home[of]


def test_goods_of_a_pps_ride_to_it_or_to_the_tps_where_it_is_skipped(plan):
    riding = plan.loads["panitia"].str.contains("pps")
    loads = plan.loads[riding].reset_index().join(plan.trips["stage"], on="kode_trip")
    assert set(loads["stage"][loads["kode_tps"] == kode_tps("A")]) == {"gudang-ppk", "ppk-tps"}
    assert set(loads["stage"][loads["kode_tps"] == kode_tps("a")]) == {"gudang-ppk", "ppk-pps"}


def test_every_tps_counts_as_reached_whichever_stage_ends_at_it(plan):
    assert set(arrivals(plan).index) == set(plan.tps.index)
    assert (plan.other_ways["jalan"] != "tidak_dilayani").all()


def test_the_latest_departures_leave_time_for_the_stage_that_comes_next(plan):
    late = plan.trips["depart_latest"] - plan.trips["depart"]
    later = plan.trips.assign(depart_latest=plan.trips["depart_latest"] + pd.Timedelta(minutes=1))
    assert (late >= pd.Timedelta(0)).all()
    assert {p.value for p in judge(replace(plan, trips=later)) if p.what == "promise_latest"} == set(plan.trips.index)


def test_the_judge_names_a_tps_that_takes_a_stage_its_kecamatan_skips(plan):
    skipping = operation(
        stages=tuple(row | {"kecamatan": (TWO,) if row["name"] == "ppk-tps" else ()} for row in STAGED),
        fleet=FLEETS, kembali=BACK, daylight=LIGHT,
    )  # fmt: skip
    told = judge(replace(plan, inputs=replace(plan.inputs, operation=skipping)))
    assert {p.value for p in told if p.what == "promise_served"} == {kode_tps(c) for c in "ABab"}
    gone = pd.DataFrame({"stage": ["ppk-pps"], "reason": ["no_time"]}, index=pd.Index([kode_tps("A")], name="kode_tps"))
    told = judge(replace(plan, unserved=gone))
    assert (kode_tps("A"), "ppk-pps") in {(p.value, p.details["found"]) for p in told if p.what == "promise_served"}


def test_a_kecamatan_may_be_served_straight_from_the_gudang():
    chain = (stage("gudang-tps", "gudang", "tps", TWO), *STAGES)
    vehicles = (*FLEET.values(), FLEET["TR"] | {"kode": "LS", "stage": "gudang-tps"})
    found = routes_of(DRAWING, stages=chain, fleet=vehicles)
    assert found.unserved.empty
    brought = found.trips[found.trips["stage"] == "gudang-tps"]
    assert set(found.loads.loc[brought.index].index.get_level_values("kode_tps")) == {kode_tps("a"), kode_tps("b")}
    assert set(found.trips.loc[found.trips["base"] == "PPK-1", "stage"]) == {"ppk-tps"}
    assert not (found.trips["base"] == "PPK-2").any()


@pytest.mark.parametrize(("count", "left"), [(2, set()), (1, set("AB"))])
def test_two_ways_home_that_begin_at_one_base_never_use_one_vehicle_twice(count, left):
    legs = (
        leg("straight", "tps", "gudang", "gudang-ppk", kecamatan=(TWO,)),
        leg("boxes-ppk", "tps", "ppk", "ppk-tps"),
        leg("boxes-home", "ppk", "gudang", "gudang-ppk"),
    )
    vehicles = tuple(
        FLEET["TR"] | {"kode": f"T{n}", "stage": row["name"], "count": count} for n, row in enumerate(STAGES)
    )
    plan = make_plan(world(DRAWING, fleet=vehicles, kembali=legs, daylight=LIGHT))
    assert plan.broken == ()
    assert set(plan.back_unserved.index.get_level_values("kode_tps")) == {kode_tps(letter) for letter in left}
    assert set(plan.back_unserved["reason"]) <= {"no_fleet"}
    home = plan.back_trips[plan.back_trips["base"] == "GUDANG-1"]
    assert home.groupby("vehicle")["stage"].nunique().to_list() == [1] * count
    again = replan(plan, plan.inputs).after
    assert_frame_equal(again.back_trips, plan.back_trips)
    fetched = plan.back_trips.assign(vehicle=plan.back_trips["vehicle"].str.replace("-02", "-01"))
    assert count == 1 or "promise_back" in {problem.what for problem in judge(replace(plan, back_trips=fetched))}


def test_a_full_store_that_a_kecamatan_skips_keeps_nobody_back():
    store = {"jenis": "pps", "max_kotak": 0, "until": dt.time(20), "sumber": "contoh"}
    given = rooms(villages(world(DRAWING, stages=STAGED, fleet=FLEETS, simpan=(store,)), "abAB"))
    assert dict(distribute(*given).unserved["reason"]) == {kode_tps(c): "no_store" for c in "ab"}


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (STAGED, None),
        ((STAGED[0], STAGED[1] | {"kecamatan": ()}, *STAGED[2:]), "rule_chain"),
        (STAGED[:2], "rule_way"),  # the others come no farther than the PPK
        ((*STAGED[:2], STAGED[3]), "rule_way"),
        ((STAGED[0], STAGED[1], STAGED[1] | {"name": "2"}, *STAGED[2:]), "rule_way_unused"),
        ((STAGED[0], STAGED[2], STAGED[1], STAGED[3]), None),
        ((STAGED[0], STAGED[3], STAGED[1], STAGED[2], STAGED[3] | {"name": "2"}), "rule_way_unused"),
    ],
)
def test_stages_lead_every_kecamatan_from_the_gudang_to_the_tps(rows, rule):
    def refused():
        try:
            operation(stages=rows, fleet=())
        except ValidationError as error:
            return error.errors()[0]["type"]
        return None

    assert refused() == rule


def test_the_way_back_leads_every_kecamatan_home():
    asked = {"stages": STAGED, "fleet": FLEETS, "daylight": LIGHT}
    with pytest.raises(ValidationError, match="rule_way"):
        operation(**asked, kembali=(BACK[0] | {"target": "pps", "armada": "pps-tps"}, *BACK[1:2], *BACK[3:]))
