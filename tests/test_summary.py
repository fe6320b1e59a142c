from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from world import world

import kaur_gis as kg
from kaur_gis import summary
from kaur_gis.problems import Problem
from kaur_gis.rules import Count, Item, Size

VILLAGES = """
    G---P---A--B
        |
        C~~D
"""


@pytest.fixture(scope="module")
def plan() -> kg.Plan:
    return kg.make_plan(world(VILLAGES, tps={"A": 3}, sulit="D"))


def _replaced(plan: kg.Plan, **tables: object) -> kg.Plan:
    return dataclasses.replace(plan, **tables)


def test_the_summary_has_a_line_for_each_wave_with_its_last_arrival(plan: kg.Plan) -> None:
    told = plan.summary("id")
    arrive = summary.arrivals(plan)
    for wave in plan.inputs.operation.waves:
        mine = arrive[arrive["wave"] == wave.name]
        assert f"  {wave.name} (" in told
        assert f"{len(mine)} TPS, terakhir tiba {mine['arrive'].max():%H:%M}" in told


def test_a_wave_without_tps_has_no_line() -> None:
    plan = kg.make_plan(world(VILLAGES))
    assert "  H-2 (" not in plan.summary("id")


def test_arrivals_are_those_of_the_last_stage_once_a_tps(plan: kg.Plan) -> None:
    table = summary.arrivals(plan)
    assert sorted(table.index) == sorted(set(plan.tps.index) - set(plan.unserved.index))
    for kode, row in table.iterrows():
        assert plan.legs.loc[(row["kode_trip"], row["order"]), "to_stop"] == plan.tps.loc[kode, "kode_stop"]


def test_a_road_that_closes_in_the_late_case_is_said(plan: kg.Plan) -> None:
    legs = plan.legs.assign(arrive_late=pd.NaT).astype({"arrive_late": "datetime64[s]"})
    assert "jalan tertutup untuk" in _replaced(plan, legs=legs).summary("id")


def test_a_late_case_past_the_deadline_is_said(plan: kg.Plan) -> None:
    legs = plan.legs.assign(arrive_late=plan.legs["arrive"] + np.timedelta64(20, "h"))
    assert "past the deadline of" in _replaced(plan, legs=legs).summary("en")


def test_unserved_tps_are_named_with_the_reason(plan: kg.Plan) -> None:
    kode = plan.tps.index[0]
    unserved = pd.DataFrame({"stage": ["ppk-tps"], "reason": ["no_road"]}, index=pd.Index([kode], name="kode_tps"))
    told = _replaced(plan, unserved=unserved).summary("id")
    assert f"  {kode} {plan.tps.loc[kode, 'nama_desa']} TPS 1: tidak ada jalan dari pangkalan" in told


def test_where_boxes_of_unserved_tps_stop_and_which_vehicles_are_missing_is_said(plan: kg.Plan) -> None:
    kode = plan.tps.index[0]
    unserved = pd.DataFrame({"stage": ["ppk-tps"], "reason": ["no_time"]}, index=pd.Index([kode], name="kode_tps"))
    last = plan.trips.index[plan.trips["stage"] == "ppk-tps"]
    at, of = (plan.loads.index.get_level_values(name) for name in ("kode_trip", "kode_tps"))
    less = {"stage": "ppk-tps", "wave": "H-1", "n_tps": 1, "missing": "1 PU"}
    short = Problem("fleet_too_small", value="PPK-1", level="note", details=less)
    late = dataclasses.replace(short, what="late_risk_fleet", details=less | {"missing": "2 PU"})
    in_all = Problem("fleet_missing", value="PPK-1", level="note", details={"n_tps": 0, "missing": "1 PU"})
    notes = short, late, in_all
    there = _replaced(plan, unserved=unserved, loads=plan.loads[~(at.isin(last) & (of == kode))], notes=notes)
    told = there.summary("en")
    assert "too few vehicles for the heavier weather: 1 TPS comes too late; missing are 2 PU." in told
    assert "  Their boxes get no farther and wait at: PPK-1 (1 TPS)\n" in told
    two = pd.concat([unserved, unserved.assign(stage="gudang-ppk").set_axis([plan.tps.index[1]])])
    loads = there.loads[there.loads.index.get_level_values("kode_tps") != plan.tps.index[1]]
    some = _replaced(there, unserved=two.rename_axis("kode_tps"), loads=loads).summary("en")
    assert "wait at: PPK-1 (1 TPS); the rest stay in the gudang" in some
    assert "PPK-1 do not suffice for stage ppk-tps (H-1): 1 TPS is not carried; missing for these: 1 PU." in told
    assert "1 PU.\n  Counting all stages, these vehicles are missing at PPK-1 for all TPS that lack" in told
    nowhere = _replaced(
        plan, unserved=unserved.assign(stage="gudang-ppk"), loads=plan.loads[of != kode], notes=(short,)
    )
    assert "wait at" not in nowhere.summary("en")


def test_what_does_not_come_back_is_said_by_load_and_reason(plan: kg.Plan) -> None:
    rows = pd.MultiIndex.from_product([plan.tps.index[:2], ["kotak", "salinan"]], names=["kode_tps", "muatan"])
    left = pd.DataFrame({"stage": "back", "reason": "no_road"}, index=rows)
    told = _replaced(plan, back_unserved=left).summary("en")
    reason = "no road from the base"
    assert f"boxes of 2 TPS ({reason}); copies of results of 2 TPS ({reason}) (layer back_unserved)" in told


def test_a_kecamatan_where_nobody_votes_again_has_no_guard_groups_to_tell(plan: kg.Plan) -> None:
    kecamatan = pd.concat([plan.inputs.kecamatan, plan.inputs.kecamatan.set_axis(["17.04.99"]).assign(nama="Sunyi")])
    more = _replaced(plan, inputs=dataclasses.replace(plan.inputs, kecamatan=kecamatan))
    assert "Sunyi" not in more.summary("id")
    assert more.summary("id").count("per kecamatan: Kecamatan 1 ") == 1


def test_broken_promises_are_said_loudly(plan: kg.Plan) -> None:
    assert "semua janji rencana ditepati" in plan.summary("id")
    assert "Jangan pakai rencana ini" in _replaced(plan, broken=(Problem("promise_loads"),)).summary("id")


def test_notes_are_counted(plan: kg.Plan) -> None:
    told = _replaced(plan, notes=(Problem("file_empty", "a.csv", level="note"),)).summary("en")
    assert "Notes: 1 (see data.xlsx)" in told
    assert "Notes:" not in _replaced(plan, notes=()).summary("en")


def test_classes_by_the_police_are_counted_beside_those_by_the_rules(plan: kg.Plan) -> None:
    assert "Polri untuk" not in plan.summary("id")
    rest = [""] * (len(plan.tps) - 3)
    given = plan.tps.assign(
        kerawanan_polri=["rawan", "rawan", "kurang_rawan", *rest],
        kerawanan_aturan=["kurang_rawan", "rawan", "sangat_rawan", *rest],
    )
    told = _replaced(plan, tps=given).summary("id")
    assert (
        "kelas dari Polri untuk 3 TPS; sama dengan aturan: 1; aturan kurang rawan, Polri rawan: 1; "
        "aturan sangat rawan, Polri kurang rawan: 1"
    ) in told


def test_more_groups_than_the_least_are_explained_and_a_gap_is_said(plan: kg.Plan) -> None:
    assert "kelompok, paling sedikit" not in plan.summary("id")
    assert "belum terbukti" not in plan.summary("id")
    first = plan.tps.index[0]
    more = plan.groupings.assign(groups=plan.groupings["groups"] + 1, forced_by=first)
    told = _replaced(plan, groupings=more).summary("id")
    assert f"dipaksa oleh jalan atau batas pola: {plan.tps.loc[first, 'nama_desa']} TPS 1" in told
    gap = plan.groupings.assign(seconds=plan.groupings["bound_seconds"] + 180)
    assert "selisih paling banyak 3 menit" in _replaced(plan, groupings=gap).summary("id")


def test_doubtful_values_are_counted_and_published_ones_are_not(plan: kg.Plan) -> None:
    sumber = ["terbit", "perkiraan", "contoh", *["ukur"] * (len(plan.tps) - 3)]
    doubtful = _replaced(plan, tps=plan.tps.assign(pemilih_sumber=sumber))
    assert "Jumlah pemilih per TPS: 1 perkiraan, 1 contoh" in summary.notices(doubtful, "id")
    known = _replaced(plan, tps=plan.tps.assign(pemilih_sumber="terbit"))
    assert not any("Jumlah pemilih per TPS" in line for line in summary.notices(known, "id"))


def test_measured_data_on_real_roads_call_for_the_credit_alone(plan: kg.Plan) -> None:
    inputs = plan.inputs
    speeds = inputs.speeds.model_copy(
        update={
            "sumber": "ukur",
            "vehicles": {key: v.model_copy(update={"sumber": "ukur"}) for key, v in inputs.speeds.vehicles.items()},
        }
    )
    operation = inputs.operation.model_copy(
        update={
            "operation": inputs.operation.operation.model_copy(update={"notice": ""}),
            "fleet": tuple(fleet.model_copy(update={"sumber": "ukur"}) for fleet in inputs.operation.fleet),
        }
    )
    known = dataclasses.replace(
        inputs,
        operation=operation,
        speeds=speeds,
        kit_rules=inputs.kit_rules.model_copy(update={"load_sumber": "terbit"}),
        kecamatan=inputs.kecamatan.assign(sumber="terbit", dapil_sumber="terbit"),
        tempat=inputs.tempat.assign(sumber="ukur", induk_sumber="terbit"),
        roads=dataclasses.replace(inputs.roads, schematic=False, as_of=None),
    )
    tps = plan.tps.assign(
        posisi="gps",
        pemilih_sumber="terbit",
        akses_sulit_sumber="ukur",
        sinyal_data_sumber="ukur",
        sinyal_sumber="ukur",
        psu_sebelumnya_sumber="terbit",
    )
    lines = summary.notices(_replaced(plan, inputs=known, tps=tps), "id")
    assert lines == ["Data jalan © OpenStreetMap contributors (ODbL)."]


def test_the_operation_s_own_notice_comes_first_and_the_date_of_the_roads_is_named(plan: kg.Plan) -> None:
    head = plan.inputs.operation.operation.model_copy(update={"notice": "Latihan."})
    operation = plan.inputs.operation.model_copy(update={"operation": head})
    noted = _replaced(plan, inputs=dataclasses.replace(plan.inputs, operation=operation))
    lines = summary.notices(noted, "en")
    assert lines[0] == "Latihan."
    as_of = plan.inputs.roads.as_of
    assert as_of is not None
    assert as_of.isoformat() in lines[-1]


def test_the_version_follows_the_contents_and_not_the_order_of_asking(plan: kg.Plan) -> None:
    assert summary.plan_version(plan) == summary.plan_version(_replaced(plan))
    other = plan.tps.assign(pemilih=plan.tps["pemilih"] + 1)
    assert summary.plan_version(_replaced(plan, tps=other)) != summary.plan_version(plan)
    assert len(summary.plan_version(plan)) == 12


def test_the_map_of_a_plan_is_a_folium_map_in_the_operation_s_language(plan: kg.Plan) -> None:
    assert type(plan.map()).__mro__[-2].__module__.startswith(("branca", "folium"))
    assert plan.figures()["n_tps"] == len(plan.tps)


def test_an_electoral_district_that_was_inferred_is_told_where_ballots_differ_by_it(plan):
    inferred = plan.inputs.kecamatan.assign(dapil="Kaur I", dapil_sumber="simpulan")
    rules = plan.inputs.kit_rules
    everywhere = [ballot.model_copy(update={"by_dapil": False}) for ballot in rules.ballots]

    def said(kecamatan, kit_rules=rules, **asked):
        inputs = dataclasses.replace(plan.inputs, kecamatan=kecamatan, kit_rules=kit_rules)
        return [
            line
            for line in summary.notices(dataclasses.replace(plan, inputs=inputs), "en", **asked)
            if "lectoral district" in line
        ]

    assert len(said(inferred)) == 1
    assert said(inferred)[0].endswith(f": {len(inferred)} inferred")
    assert said(inferred.assign(dapil_sumber="terbit")) == []
    assert said(inferred.assign(dapil="")) == []
    assert said(inferred, rules.model_copy(update={"ballots": tuple(everywhere)})) == []
    assert said(inferred, public=True) == []


def test_what_pps_ppk_and_the_spare_receive_is_said_beside_what_is_for_the_tps(plan: kg.Plan) -> None:
    nobody = dict.fromkeys(("per_pps", "per_ppk", "spare_per_kabupaten"))
    pps, spare = Count(pieces=2, sumber="contoh"), Count(pieces=5, sumber="contoh")
    size = Size(kg=1, m3=0.01, sumber="contoh")
    rules = plan.inputs.kit_rules
    first, *others = (item.model_copy(update=nobody) for item in rules.items)
    some = first.model_copy(update={"per_pps": pps, "spare_per_kabupaten": spare, "size": size})
    ballots = tuple(ballot.model_copy(update={"spare_per_kabupaten": None}) for ballot in rules.ballots)

    def told(*items: Item) -> str:
        new = rules.model_copy(update={"items": items, "ballots": ballots})
        return summary.summary(_replaced(plan, inputs=dataclasses.replace(plan.inputs, kit_rules=new)), "id")

    for_tps, more = int(plan.kits[f"jml_{first.key}"].sum()), 2 * plan.tps["kode_desa"].nunique() + 5
    assert f"Perlengkapan untuk TPS: {for_tps} {first.nama}" in told(some, *others)
    beside = f"PPS, cadangan kabupaten: {more} {first.nama}; jadi seluruhnya {for_tps + more} {first.nama}\n"
    assert f"Selain itu untuk {beside}" in told(some, *others)
    assert "Selain itu" not in told(first, *others)
