"""Goods of PPK and PPS: they ride with the boxes of a TPS, up to where they are taken over."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from test_distribute import LINE, accepted, fleet, reasons
from world import kit_rules, kode_desa, kode_tps, operation, world

from kaur_gis.distribute import distribute, kept_of
from kaur_gis.distribute.beside import goods_of
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.write.distribution import distribution
from kaur_gis.write.sheets.beside import Goods
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.receipts import content

SIZE = {"kg": 2.0, "m3": 0.01, "sumber": "contoh"}
A1, A2, B = kode_tps("A", 1), kode_tps("A", 2), kode_tps("B")
TO_PPK, TO_TPS = "gudang-ppk", "ppk-tps"


def rules(per_ppk: int = 3, per_pps: int = 1, kg: float = 2.0, boxes: int = 0):
    """The kit of the world, with ink for every PPK and PPS, and boxes for every PPK."""
    counts = {"tinta": {"per_ppk": per_ppk, "per_pps": per_pps}, "kotak_suara": {"per_ppk": boxes}}
    items = [
        item.model_dump()
        | {name: {"pieces": n, "sumber": "contoh"} for name, n in counts.get(item.key, {}).items() if n}
        | {"size": SIZE | {"kg": kg}}
        for item in kit_rules().items
    ]
    return kit_rules(items=items)


def made(drawing: str = LINE, **asked) -> Plan:
    plan = make_plan(world(drawing, **{"kit": rules(), "tps": {"A": 2}, "sulit": "B"} | asked))
    assert plan.broken == ()
    return plan


def riding(plan) -> dict[tuple[str, str], str]:
    """Stage and TPS of every load with which goods ride -> for whom."""
    words = plan.loads["panitia"]
    return {(plan.trips["stage"][trip], kode): text for (trip, kode), text in words.items() if text}


def left(plan: Plan) -> set[tuple[str, str]]:
    return {(str(note.details["untuk"]), str(note.value)) for note in plan.notes if note.what == "goods_left"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return made()


def test_goods_of_a_ppk_go_with_its_earliest_tps_and_those_of_a_pps_on_to_the_village(plan):
    assert riding(plan) == {(TO_PPK, B): "ppk pps", (TO_TPS, B): "pps", (TO_PPK, A1): "pps", (TO_TPS, A1): "pps"}
    assert left(plan) == set()


def test_goods_count_in_the_load_of_every_trip_that_brings_them(plan):
    loads = plan.loads.join(plan.trips["stage"], on="kode_trip").reset_index().set_index(["stage", "kode_tps"])
    for row, n in (((TO_PPK, B), 4), ((TO_TPS, B), 1), ((TO_TPS, A1), 1), ((TO_TPS, A2), 0)):
        assert loads["kg"][row] == pytest.approx(plan.kits["kg"][row[1]] + 2.0 * n)
        assert loads["m3"][row] == pytest.approx(plan.kits["m3"][row[1]] + 0.01 * n)
    sums = plan.loads.groupby(level="kode_trip")[["kotak", "kg", "m3"]].sum()
    pd.testing.assert_frame_equal(plan.trips[["kotak", "kg", "m3"]], sums, check_exact=False)


def test_boxes_of_a_ppk_are_boxes_on_its_trip_alone():
    plan = made("G---P---A", kit=rules(boxes=2), tps={}, sulit="")
    kotak = plan.trips.groupby("stage")["kotak"].sum()
    assert kotak.to_dict() == {TO_PPK: 5 + 2, TO_TPS: 5}


def test_without_goods_nothing_rides_along():
    plan = made("G---P---A", kit=kit_rules(), tps={}, sulit="")
    assert riding(plan) == {}
    assert goods_of(plan.inputs, plan.tps, plan.kits).empty


def test_what_no_vehicle_has_room_for_is_left_and_said_and_the_boxes_still_go():
    plan = made("G---P---A", kit=rules(kg=30.0, per_ppk=0), tps={}, sulit="")
    assert riding(plan) == {}  # the motorcycles take the boxes, but not these goods
    assert left(plan) == {("PPS", kode_desa("A"))}
    assert plan.unserved.empty


def test_goods_whose_tps_cannot_be_reached_are_left_and_said():
    plan = made("G---P---A   B", kit=rules(), tps={}, sulit="")
    assert reasons(plan)[B][1] in {"no_road", "too_far_from_road"}
    assert left(plan) == {("PPS", kode_desa("B"))}


def test_where_no_stage_ends_at_a_ppk_its_goods_are_left():
    stage = operation().stages[1].model_dump() | {"origin": "gudang", "name": "gudang-tps"}
    rows = tuple(row | {"stage": "gudang-tps"} for row in fleet(TR=None))
    plan = made("G---P---A", tps={}, sulit="", stages=(stage,), fleet=rows)
    assert riding(plan) == {("gudang-tps", A1): "pps"}
    assert left(plan) == {("PPK", "PPK-1")}


def test_a_trip_that_stays_keeps_its_goods_and_one_that_is_gone_without_takes_none(plan):
    given = (plan.inputs, plan.tps, plan.kits, plan.stops, plan.travel)
    first = plan.trips.index[plan.trips["stage"] == TO_PPK]
    with_goods = kept_of(plan.inputs.operation, plan.trips, plan.legs, plan.loads, first)
    found = distribute(*given, kept=with_goods)
    assert accepted(found, *given)
    assert riding(found) == riding(plan)
    bare = plan.kits[["kotak", "kg", "m3"]]
    codes = plan.loads.index.get_level_values("kode_tps")
    loads = plan.loads.assign(panitia="", **{name: bare[name].reindex(codes).to_numpy() for name in bare})
    sums = loads.groupby(level="kode_trip")[["kotak", "kg", "m3"]].sum()
    late = kept_of(plan.inputs.operation, plan.trips.assign(**sums), plan.legs, loads, first)
    gone = distribute(*given, kept=late)
    assert riding(gone) == {}
    assert {note.what for note in gone.notes} == {"goods_left"}


def moved(plan: Plan, trip_of: str, words: str) -> Plan:
    """Write other words at the load of a TPS on its way to the PPK, and weigh it so."""
    trip = next(kode for (kode, tps) in plan.loads.index if tps == trip_of and plan.trips["stage"][kode] == TO_PPK)
    loads, n = plan.loads.copy(), {"": 0, "pps": 1, "ppk": 3, "ppk pps": 4}[words]
    loads.loc[(trip, trip_of), ["kg", "m3"]] = (
        plan.kits.loc[trip_of, "kg"] + 2 * n,
        plan.kits.loc[trip_of, "m3"] + n / 100,
    )
    loads.loc[(trip, trip_of), "panitia"] = words
    sums = loads.groupby(level="kode_trip")[["kg", "m3"]].sum()
    return replace(plan, loads=loads, trips=plan.trips.assign(**sums))


@pytest.mark.parametrize(("kode", "words"), [(A1, "ppk pps"), (A2, "pps"), (B, "pps"), (B, "ppk")])
def test_the_judge_finds_goods_that_ride_twice_not_at_all_or_not_to_the_end(plan, kode, words):
    assert {problem.what for problem in judge(moved(plan, kode, words))} == {"promise_beside"}


def test_the_judge_finds_goods_that_come_after_the_deadline_and_loads_that_hide_them(plan):
    early = tuple(wave.model_copy(update={"deadline": dt.time(6, 5)}) for wave in plan.inputs.operation.waves)
    inputs = replace(plan.inputs, operation=plan.inputs.operation.model_copy(update={"waves": early}))
    late = [problem.value for problem in judge(replace(plan, inputs=inputs)) if problem.what == "promise_beside"]
    assert set(late) == {"PPK-1", kode_desa("A"), kode_desa("B")}
    hidden = replace(plan, loads=plan.loads.assign(kg=plan.loads["kg"] - 2.0))
    assert "promise_loads" in {problem.what for problem in judge(hidden)}


def test_receipts_and_tables_say_what_rides_along(plan):
    told = {receipt["to"]: receipt for receipt in content(plan, "id")["receipts"]}
    ink = content(plan, "id")["items"].index("Tinta")
    ppk = [receipt for receipt in content(plan, "id")["receipts"] if receipt["to"] == plan.stops["nama"]["PPK-1"]]
    assert [receipt["planned"][ink] for receipt in ppk] in (["6", "5"], ["5", "6"])
    name = plan.stops["nama"]["PPK-1"]
    assert sum(f"Juga untuk {name}: 3 Tinta" in receipt["tps"] for receipt in ppk) == 1
    village = plan.tps["nama_desa"][B]
    assert told[f"PPS {village}"]["planned"][ink] == "1"
    assert told[f"PPS {village}"]["tps"] == f"Juga untuk PPS {village}: 1 Tinta"
    (loads,) = [table for table in distribution(plan, "id") if table.file == "muatan"]
    assert set(loads.frame["panitia"]) == {"", "PPS", "PPK PPS"}


def test_sheets_count_several_pps_together(plan):
    loads = [SimpleNamespace(kode_tps=kode, panitia=words) for kode, words in ((A1, "pps"), (B, "ppk pps"), (A2, ""))]
    goods = Goods(plan, "en", Glyphs())
    assert goods.lines(loads)[1] == "Also for 2 PPS: 2 Ink"
    assert sum(goods.of(loads)) == 3 + 2
    assert goods.lines(loads[2:]) == []
