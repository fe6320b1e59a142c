from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pydantic import ValidationError
from test_distribute import at, fleet, rooms
from way_back import BOXES, COPIES, COURIERS, LIGHT, drawn, leg
from world import kode_tps, lon_lat, operation, speeds, world

from kaur_gis.config import Daylight
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.replan import replan
from kaur_gis.cut.tell import PAPER_ORDER, headlines
from kaur_gis.distribute import Older, Still, bring_back, distribute
from kaur_gis.distribute.overtime import late_back
from kaur_gis.distribute.schedule import clients_of
from kaur_gis.distribute.solve import pyvrp_solver
from kaur_gis.fingerprint import sheet_hashes
from kaur_gis.judge import judge
from kaur_gis.judge.back import back as promise
from kaur_gis.judge.facts import Facts
from kaur_gis.layers import BackLegs, BackLoads, BackTrips, BackUnserved, checked, checked_geo
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.write.distribution import distribution
from kaur_gis.write.gps import write_gpx
from kaur_gis.write.map.more import way_back
from kaur_gis.write.sheets.routes import content

LINE = "G---P---A---B"
PICKUP = "H0-PPK-1-PU-01-1", "H0-PPK-1-PU-01-2"


MADE = {}
"""Plans by what was asked for: each is made once, to be read only."""


def planned(drawing=LINE, **asked):
    """Plan a world out and back; the judge finds nothing, and the layers are in form."""
    key = repr((drawing, asked))
    if key not in MADE:
        MADE[key] = sound(make_plan(drawn(drawing, **asked)))
    return MADE[key]


def sound(plan):
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    checked(plan.back_trips, BackTrips)
    checked_geo(plan.back_legs, BackLegs)
    checked(plan.back_loads, BackLoads)
    checked(plan.back_unserved, BackUnserved)
    return plan


def test_without_a_way_back_nothing_comes_back():
    plan = make_plan(world(LINE))
    assert (len(plan.back_trips), len(plan.back_legs), len(plan.back_loads), len(plan.back_unserved)) == (0, 0, 0, 0)
    assert plan.broken == ()
    assert plan.way_back.trips.empty


def test_boxes_come_back_to_the_gudang_and_copies_by_other_vehicles():
    plan = planned(tps={"A": 2})
    trips = plan.back_trips
    assert list(trips["stage"].value_counts().sort_index().index) == [
        "boxes-gudang", "boxes-ppk", "copies-gudang", "copies-ppk",
    ]  # fmt: skip
    first = trips[trips["stage"] == "boxes-ppk"].iloc[0]
    assert (first["base"], first["kotak"], first["depart"]) == ("PPK-1", 15, at(14, "20:10:00"))
    # four km to A, 5 + 2 minutes there, four km to B, 5 + 1 minutes there, eight km home, at 60 km/h
    assert first["back"] == at(14, "20:39:00")
    truck = trips[trips["stage"] == "boxes-gudang"].iloc[0]
    assert truck["depart"] == at(14, "20:59:00")  # unloaded at 20:49, then ten minutes to make the truck ready
    assert truck["base"] == "GUDANG-1"
    loads = plan.back_loads.reset_index().join(trips[["vehicle", "muatan"]], on="kode_trip")
    for _, own in loads.groupby("kode_tps"):
        boxes, copies = (set(own["vehicle"][own["muatan"] == muatan]) for muatan in ("kotak", "salinan"))
        assert boxes
        assert copies
        assert not boxes & copies
    assert (trips["kotak"][trips["muatan"] == "salinan"] == 0).all()
    assert trips["kg"][trips["stage"] == "copies-gudang"].sum() == 3.0


def test_every_box_that_went_out_comes_back_and_no_other():
    plan = planned("G---P---A---B~~~C", tps={"A": 7, "B": 3}, weather={"plan": "kering", "late": "hujan_lebat"})
    out = plan.loads.join(plan.trips["stage"], on="kode_trip").query("stage == 'ppk-tps'")["kotak"]
    boxes = plan.back_trips.index[plan.back_trips["stage"] == "boxes-gudang"]
    home = plan.back_loads[plan.back_loads.index.get_level_values("kode_trip").isin(boxes)]["kotak"]
    assert home.sum() == out.sum() == 55
    assert plan.back_trips["back_late"].isna().any()  # a ford that the heavier weather closes


def test_a_truck_leaves_only_when_all_of_its_ppk_is_there():
    plan = planned(tps={"A": 6, "B": 6}, rows=(*fleet(PU={"count": 1}), *COURIERS))
    trips = plan.back_trips
    pickups, trucks = (trips[trips["stage"] == name] for name in ("boxes-ppk", "boxes-gudang"))
    assert len(pickups) > 1
    assert trucks["depart"].min() == pickups["back"].max() + pd.Timedelta(minutes=20)


def test_trips_of_the_way_back_that_nothing_touches_stay_and_no_solver_is_asked_for_them():
    plan = planned(tps={"A": 6, "B": 6})
    rooms_ = (plan.inputs, plan.tps, plan.kits, plan.stops, plan.travel, ())
    way = plan.way_back

    def nobody(_, **__):
        raise LookupError

    again = bring_back(*rooms_, solver=nobody, older=Older(way.trips, way.loads))
    for name, layer in again.layers.items():
        pd.testing.assert_frame_equal(layer, getattr(plan, name))
    less = way.trips[way.trips["stage"] != "boxes-gudang"]
    kept = way.loads[way.loads.index.get_level_values("kode_trip").isin(less.index)]
    with pytest.warns(RuntimeWarning, match="LookupError"):
        bring_back(*rooms_, solver=nobody, older=Older(less, kept))


def test_trips_of_the_way_back_that_may_not_stay_are_where_the_search_for_others_begins():
    plan = planned(tps={"A": 6, "B": 6})
    rooms_ = (plan.inputs, plan.tps, plan.kits, plan.stops, plan.travel, ())
    way, begun = plan.way_back, []

    def watched(problem, *, older=(), **how):
        begun.append((len(problem.clients), len(clients_of(older))))
        return pyvrp_solver(problem, older=older, **how)

    bring_back(*rooms_, solver=watched, older=Older(way.trips, way.loads), same=())
    assert begun
    assert all(clients == from_older > 0 for clients, from_older in begun)


@pytest.mark.parametrize("changed", ["nothing", "who is served", "a base"])
def test_rows_of_bases_at_which_nothing_is_different_are_what_planning_them_again_makes_of_them(changed):
    plan = planned(tps={"A": 6, "B": 6})
    way = plan.way_back
    unserved = plan.tps.index[:1] if changed == "who is served" else ()
    stay = way.trips[way.trips["stage"] != "boxes-ppk"] if changed == "a base" else way.trips
    rooms_ = (plan.inputs, plan.tps, plan.kits, plan.stops, plan.travel, unserved)
    older = Older(way.trips, way.loads)
    again = bring_back(*rooms_, older=older)
    quick = bring_back(*rooms_, older=older, still=Still(stay, way.legs, way.loads))
    for name, layer in again.layers.items():
        pd.testing.assert_frame_equal(quick.layers[name], layer)
    assert quick.notes == again.notes


def test_planned_again_the_way_back_changes_only_at_the_bases_whose_drives_do():
    plan = planned("G---P---A\n    |   |\n    +---+", tps={"A": 6})
    lon, lat = lon_lat(6, 0)
    delta = replan(plan, close_roads(plan.inputs, [closure_of(f"titik:{lat:.7f},{lon:.7f},300")]))
    assert delta.after.broken == ()
    was, now = (each.back_trips.groupby("stage")["seconds"].sum() for each in (plan, delta.after))
    assert set(was.index[was != now]) == {"boxes-ppk", "copies-ppk"} & set(was.index)
    other = delta.sheets[delta.sheets["state"] != "valid"]
    assert set(plan.trips.index).isdisjoint(plan.back_trips.index)
    assert set(delta.sheets.index) >= set(plan.trips.index) | set(plan.back_trips.index)
    assert set(other["paper"]) == {"rute", "kembali", "salinan"}
    drives = {stage: (now - was)[stage] / 60 for stage in was.index}
    assert delta.stages["drive_min"][list(drives)].to_dict() == pytest.approx(drives)
    printed = sheet_hashes(delta.after.brought_back("kotak"))
    boxes = delta.sheets[delta.sheets["paper"].eq("kembali") & delta.sheets["state"].ne("void")]
    assert boxes["hash"].to_dict() == printed
    counts = {paper: int((other["paper"][other["state"] == "changed"] == paper).sum()) for paper in PAPER_ORDER}
    told = ", ".join(f"{n} lembar_{paper}.pdf" for paper, n in counts.items() if n)
    assert f"Lembar diganti: {told}" in headlines(delta)


def test_what_no_longer_comes_back_is_told_once_and_never_what_did_not_come_back_before():
    plan = planned()
    same = replan(plan, plan.inputs)
    assert same.not_back.empty
    key = pd.MultiIndex.from_tuples([(kode_tps("A"), "kotak")], names=["kode_tps", "muatan"])
    left = pd.DataFrame({"stage": ["boxes-ppk"], "reason": ["no_time"]}, index=key, dtype="str")
    less = replace(same, after=replace(plan, back_unserved=left))
    assert f"TIDAK DAPAT KEMBALI, kotak dari 1 TPS: {kode_tps('A')}" in headlines(less)
    assert replace(less, before=less.after).not_back.empty


def test_who_comes_back_after_the_end_of_a_leg_in_the_heavier_weather_is_told():
    plan = planned()
    assert "back_late_risk" not in {note.what for note in plan.notes}
    assert "past the deadline" not in plan.summary("en")
    legs = plan.inputs.operation.kembali
    short = tuple(row.model_copy(update={"end_day": 1, "end": dt.time(6, 30)}) for row in legs[:1])
    asked = plan.inputs.operation.model_copy(update={"kembali": (*short, *legs[1:])})
    (note,) = late_back(asked, plan.back_trips)
    assert (note.value, note.details) == ("PPK-1", {"stage": "boxes-ppk", "n_tps": 2, "end": "2024-02-15 06:30"})
    told = replace(plan, inputs=replace(plan.inputs, operation=asked))
    assert ", 2 TPS past the deadline of 2024-02-15 06:30" in told.summary("en")
    trips = plan.back_trips.assign(back_late=plan.back_trips["back_late"].where(plan.back_trips["trip_no"] > 1))
    closed = replace(told, back_trips=trips)
    assert "late case road closed for 2 TPS" in closed.summary("en")
    assert late_back(asked, trips) == []


def test_in_the_storm_nothing_is_loaded_before_it_is_light():
    plan = planned()
    late = plan.back_trips["back_late"]
    assert late.min() > at(15, "06:10:00")
    night = tuple(row | {"start_day": 1, "start": dt.time(3)} for row in (*BOXES, *COPIES))
    assert planned(kembali=night).back_trips["back_late"].min() == at(15, "06:54:00")  # loaded at six
    brave = tuple(row | {"storm_waits": False} for row in (*BOXES, *COPIES))
    assert planned(kembali=brave).back_trips["back_late"].min() < at(14, "23:00:00")
    same = planned(weather={"plan": "kering", "late": "kering"})
    assert (same.back_trips["back_late"] == same.back_trips["back"]).all()


def boat_speeds(moves_as="boat"):
    """The pickups are boats, or go by ferry."""
    table = speeds()
    pickup = table.vehicles["pickup"]
    kmh = {**pickup.kmh, "ferry": next(iter(pickup.kmh.values()))}
    boat = pickup.model_copy(update={"moves_as": moves_as} if moves_as == "boat" else {"kmh": kmh})
    return table.model_copy(update={"vehicles": {**table.vehicles, "pickup": boat}})


def by_water(drawing, moves_as="boat", **asked):
    """Plan a world whose pickups are boats, or go by ferry, on roads called waters: the judge of roads is not asked."""
    inputs, tps, kits, stops, travel = rooms(drawn(drawing, **asked))
    inputs = replace(inputs, speeds=boat_speeds(moves_as))
    routes = distribute(inputs, tps, kits, stops, travel)
    return bring_back(inputs, tps, kits, stops, travel, routes.unserved.index), inputs


@pytest.mark.parametrize("moves_as", ["boat", "motor_vehicle"])
def test_by_night_nothing_goes_by_water(moves_as):
    found, _ = by_water(LINE, moves_as, tps={"A": 3})
    boats = found.back_trips[found.back_trips["profile"] == "pickup"]
    assert boats["depart"].min() == at(15, "06:10:00")
    assert (boats["depart_latest"] <= at(15, "18:00:00")).all()
    early = tuple(row | {"end_day": 1, "end": dt.time(6, 5)} for row in BOXES)
    other, _ = by_water(LINE, moves_as, tps={"A": 3}, kembali=(*early, *COPIES))
    assert set(other.back_trips["profile"]) == {"motor", "truck"}
    left, _ = by_water(LINE, tps={"A": 3}, kembali=(*early, *COPIES), rows=(*fleet(MT=None), *COURIERS))
    assert set(left.back_unserved["stage"]) == {"boxes-ppk"}
    assert set(left.back_unserved["reason"]) == {"no_time"}
    evening = tuple(row | {"start": dt.time(17), "end_day": 0, "end": dt.time(23)} for row in BOXES[:1])
    far, _ = by_water("G---P-------A", kembali=(*evening, BOXES[1], *COPIES))
    assert (far.back_trips[far.back_trips["profile"] == "pickup"]["back"] <= at(14, "18:00:00")).all()


def test_what_does_not_come_back_is_said_with_the_leg_that_fails():
    none = fleet(TR={"bases": ()}, MT=None)
    plan = make_plan(drawn(rows=(*none, COURIERS[0]), kembali=(*BOXES, *COPIES)))
    assert plan.broken == ()
    left = plan.back_unserved.reset_index()
    assert set(zip(left["muatan"], left["stage"], left["reason"], strict=True)) == {
        ("salinan", "copies-gudang", "no_fleet")
    }
    short = tuple(row | {"end_day": 0, "end": dt.time(20, 50)} for row in BOXES[:1])
    few = make_plan(
        drawn(tps={"A": 9, "B": 9}, kembali=(*short, BOXES[1], *COPIES), rows=(*fleet(PU={"count": 1}), *COURIERS))
    )
    assert few.broken == ()
    assert 0 < (few.back_unserved["stage"] == "boxes-ppk").sum() < 18
    for made, true, false in ((plan, "no_fleet", "no_vehicle"), (few, "no_time", "no_way_back")):
        given = made.back_unserved.assign(reason=made.back_unserved["reason"].replace(true, false))
        assert (false, true) in {case[1:] for case in promise(Facts(replace(made, back_unserved=given)))}
    places = replace(few.inputs, tempat=few.inputs.tempat.drop(index="PPK-1"))
    assert ("no_time", "not_at_ppk") in {case[1:] for case in promise(Facts(replace(few, inputs=places)))}
    nowhere = replace(plan, back_unserved=plan.back_unserved.assign(stage="nowhere"))
    assert "copies-gudang: 0" in {case.found for case in promise(Facts(nowhere))}
    assert "fleet_too_small" in {note.what for note in few.notes}
    assert "kembali" in few.summary("id")
    assert few.summary("en").count("  back ") == 4


def test_what_never_got_there_does_not_come_back():
    plan = planned("G---P---A   B", weather={"plan": "kering", "late": "kering"})
    assert list(plan.unserved.index) == [kode_tps("B", 1)]
    assert kode_tps("B", 1) not in plan.back_loads.index.get_level_values("kode_tps")


def test_boxes_come_back_over_a_pps_where_there_is_one():
    chain = (
        {"name": "gudang-ppk", "origin": "gudang", "target": "ppk"},
        {"name": "ppk-pps", "origin": "ppk", "target": "pps"},
        {"name": "pps-tps", "origin": "pps", "target": "tps"},
    )
    stages = tuple(
        leg(row["name"], row["origin"], row["target"], "") | {"start": dt.time(5), "end": dt.time(20)} for row in chain
    )
    for row in stages:
        del row["armada"], row["end_day"]
    inputs = drawn(
        "G---P---A---B",
        stages=stages,
        rows=fleet(PU={"stage": "ppk-pps"}, MT={"stage": "pps-tps"}),
        kembali=(
            leg("boxes-pps", "tps", "pps", "pps-tps"),
            leg("boxes-ppk", "pps", "ppk", "ppk-pps"),
            leg("boxes-gudang", "ppk", "gudang", "gudang-ppk"),
        ),
    )
    places = inputs.tempat
    pps = pd.concat([places.loc[["PPK-1"]]] * 2).assign(
        jenis="pps", induk="PPK-1", kode_desa=[kode_tps(c, 1)[:10] for c in "AB"]
    )
    pps["kode_desa"] = [inputs.tps.loc[kode_tps(c, 1), "kode_desa"] for c in "AB"]
    pps.index = pd.Index(["PPS-A", "PPS-B"], name="kode_tempat", dtype=str)
    pps = pps.set_geometry(inputs.desa.geometry.reindex(pps["kode_desa"]).to_numpy(), crs=places.crs)
    plan = make_plan(replace(inputs, tempat=pd.concat([places, pps])))
    assert [(problem.what, problem.value, problem.details) for problem in plan.broken] == []
    assert plan.unserved.empty
    assert set(plan.trips["stage"]) == {row["name"] for row in chain}
    assert set(plan.back_trips["stage"]) == {"boxes-pps", "boxes-ppk", "boxes-gudang"}
    assert set(plan.back_trips.loc[plan.back_trips["stage"] == "boxes-pps", "base"]) == {"PPS-A", "PPS-B"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("depart", pd.Timedelta(hours=-3)),
        ("back", pd.Timedelta(hours=20)),
        ("depart_latest", pd.Timedelta(hours=30)),
        ("back_late", pd.Timedelta(minutes=1)),
    ],
)
def test_the_judge_finds_another_time(column, value):
    plan = planned(tps={"A": 2})
    trips = plan.back_trips.copy()
    trips.loc[trips.index[0], column] += value
    assert [case.value for case in promise(Facts(replace(plan, back_trips=trips)))] != []


@pytest.mark.parametrize("column", ["bridges", "fords", "ferries", "unpaved_m", "unknown_m", "outside_m"])
def test_the_judge_finds_a_leg_home_that_says_more_than_it_passes(column):
    plan = planned(tps={"A": 2})
    legs = plan.back_legs.copy()
    legs.iloc[0, legs.columns.get_loc(column)] += 5000
    assert [case.found for case in promise(Facts(replace(plan, back_legs=legs)))] == [
        f"{column} = {legs.iloc[0][column]}"
    ]


def test_the_judge_finds_boxes_that_come_back_as_those_of_another_dapil():
    plan = planned(tps={"A": 2})
    loads = plan.back_loads.copy()
    loads.iloc[0, loads.columns.get_loc("dapil")] = "II"
    assert len(list(promise(Facts(replace(plan, back_loads=loads))))) == 1


def test_the_judge_finds_what_is_lost_and_what_is_carried_twice():
    plan = planned(tps={"A": 2})
    lost = replace(plan, back_loads=plan.back_loads.iloc[1:])
    assert "promise_back" in {problem.what for problem in judge(lost)}
    trips = plan.back_trips.copy()
    copies = trips["muatan"] == "salinan"
    strange = replace(plan, back_trips=trips.assign(stage=trips["stage"].mask(copies, "boxes-ppk")))
    assert {case.found for case in promise(Facts(strange))} >= {"boxes-ppk"}
    early = plan.back_trips.copy()
    truck = early["stage"] == "boxes-gudang"
    early.loc[truck, "stage"] = "boxes-ppk"
    assert list(promise(Facts(replace(plan, back_trips=early)))) != []
    same = trips.assign(vehicle=trips["vehicle"].mask(copies, trips["vehicle"].iloc[0]))
    same["vehicle"] = same["vehicle"].mask(same["stage"] == "boxes-ppk", trips["vehicle"].iloc[0])
    found = list(promise(Facts(replace(plan, back_trips=same))))
    assert any(case.wanted == "kotak / salinan" for case in found)


def test_the_judge_finds_a_boat_in_the_dark():
    plan = planned(tps={"A": 2})
    afloat = replace(plan, inputs=replace(plan.inputs, speeds=boat_speeds()))
    by_day, _ = by_water(LINE, tps={"A": 2})
    safe = {case.value for case in promise(Facts(replace(afloat, **by_day.layers))) if "18:00:00" in str(case.wanted)}
    assert safe == set()
    pickups = set(plan.back_trips.index[plan.back_trips["profile"] == "pickup"])
    found = {case.value for case in promise(Facts(afloat)) if case.wanted == "2024-02-14 18:00:00"}
    assert pickups <= found


def test_a_way_back_that_leads_nowhere_is_refused():
    def refused(**sections):
        with pytest.raises(ValidationError) as error:
            operation(**({"daylight": LIGHT, "fleet": (*fleet(), *COURIERS)} | sections))
        return error.value.errors()[0]["type"]

    assert refused(kembali=(BOXES[0],), fleet=fleet()) == "rule_back"
    assert refused(kembali=BOXES, fleet=fleet(), daylight=None) == "rule_back_daylight"
    assert refused(kembali=(BOXES[0] | {"armada": "gudang-ppk"}, BOXES[1]), fleet=fleet()) == "rule_back_fleet"
    shared = tuple(row | {"armada": boxes["armada"]} for row, boxes in zip(COPIES, BOXES, strict=True))
    assert refused(kembali=(*BOXES, *shared), fleet=fleet()) == "rule_back_shared"
    heavier = (COPIES[0] | {"kg_per_tps": 2.0}, COPIES[1])
    assert refused(kembali=(*BOXES, *heavier), fleet=(*fleet(), *COURIERS)) == "rule_back_copies"
    assert refused(kembali=(BOXES[0] | {"end_day": 0, "end": dt.time(19)}, BOXES[1]), fleet=fleet()) == "rule_hours"
    with pytest.raises(ValidationError):
        Daylight(sunrise=dt.time(18), sunset=dt.time(6), sumber="contoh")


def test_a_leg_of_the_way_back_that_nobody_drives_has_no_line_in_the_summary():
    plan = planned()
    first, *others = plan.inputs.operation.kembali
    told = replace(plan, back_trips=plan.back_trips[plan.back_trips["stage"] != first.name]).summary("id")
    assert f"kembali {first.name} (" not in told
    assert all(f"kembali {leg.name} (" in told for leg in others)


def test_who_ends_his_day_elsewhere_has_the_time_to_drive_there_after_unloading():
    rows = fleet(PU={"pulang_ke": "GUDANG-1", "count": 1}, MT={"count": 0})
    usual = planned(kembali=BOXES, rows=fleet(PU={"count": 1}, MT={"count": 0}))
    (trip,) = usual.back_trips.query("stage == 'boxes-ppk'").to_dict("records")
    home = trip["back"] + pd.Timedelta(minutes=10 + 8)  # ten to unload, eight to the gudang in the heavier weather
    for end, there in ((home, True), (home - pd.Timedelta(seconds=1), False)):
        legs = (BOXES[0] | {"end_day": 0, "end": end.time()}, BOXES[1])
        plan = planned(kembali=legs, rows=rows)
        assert plan.back_unserved.empty == there
        if there:
            (own,) = plan.back_trips.query("stage == 'boxes-ppk'").to_dict("records")
            assert (own["depart"], own["depart_latest"]) == (trip["depart"], trip["depart"])
            later = plan.back_trips["depart_latest"].where(plan.back_trips["stage"] != "boxes-ppk", home)
            broken = list(promise(Facts(replace(plan, back_trips=plan.back_trips.assign(depart_latest=later)))))
            assert [case.value for case in broken] == plan.back_trips.query("stage == 'boxes-ppk'").index.tolist()


@pytest.fixture(scope="module")
def home() -> Plan:
    """Two trips of one pickup whose day ends at the gudang."""
    rows = fleet(PU={"pulang_ke": "GUDANG-1", "count": 1, "max_kotak": 5}, MT={"count": 0})
    return planned(kembali=BOXES, rows=rows)


def test_who_ends_his_day_elsewhere_drives_there_behind_his_last_trip_when_it_is_unloaded(home):
    first, last = PICKUP
    assert home.back_legs.loc[first]["to_stop"].tolist()[-1] == "PPK-1"
    assert home.back_legs.loc[last]["to_stop"].tolist()[-2:] == ["PPK-1", "GUDANG-1"]
    leg, trip = home.back_legs.loc[last].iloc[-1], home.back_trips.loc[last]
    minutes = [(leg[name] - trip["back"]).total_seconds() / 60 for name in ("depart", "arrive")]
    assert (minutes, leg["metres"]) == ([10, 14], 4000)
    assert (leg["arrive_late"] - trip["back_late"]).total_seconds() == 60 * (10 + 8)
    assert trip["metres"] == home.back_legs.loc[last]["metres"].sum()
    ends = shapely.get_coordinates(leg["geometry"])[[0, -1]].ravel()
    assert ends.tolist() == pytest.approx([*lon_lat(4, 0), *lon_lat(0, 0)])


@pytest.mark.parametrize(
    ("column", "value"), [("depart", 5), ("arrive", 1), ("arrive_late", 1), ("seconds", 1), ("to_stop", "PPK-1")]
)
def test_the_judge_finds_a_drive_home_that_is_not_as_it_should_be(home, column, value):
    legs, at = home.back_legs.copy(), (PICKUP[1], home.back_legs.loc[PICKUP[1]].index[-1])
    legs.loc[at, column] = (
        value
        if column == "to_stop"
        else legs.loc[at, column] + (value if column == "seconds" else pd.Timedelta(minutes=value))
    )
    assert PICKUP[1] in [case.value for case in promise(Facts(replace(home, back_legs=legs)))]


def test_the_judge_finds_a_drive_home_that_is_missing_or_too_much(home):
    first, last = PICKUP
    at = (last, home.back_legs.loc[last].index[-1])
    (gone,) = home.back_legs.loc[[at]].to_dict("records")
    missing = replace(home, back_legs=home.back_legs.drop(index=at))
    assert (last, "-", "PPK-1 -> GUDANG-1") in list(promise(Facts(missing)))
    index = pd.MultiIndex.from_tuples([(first, at[1])], names=home.back_legs.index.names)
    more = gpd.GeoDataFrame([gone], index=index, crs=home.back_legs.crs)
    twice = replace(home, back_legs=gpd.GeoDataFrame(pd.concat([home.back_legs, more]).sort_index()))
    assert (first, "PPK-1 -> GUDANG-1", "-") in list(promise(Facts(twice)))
    index = pd.MultiIndex.from_tuples([(first, 0)], names=home.back_legs.index.names)
    more = gpd.GeoDataFrame([gone], index=index, crs=home.back_legs.crs)
    before = replace(home, back_legs=gpd.GeoDataFrame(pd.concat([home.back_legs, more]).sort_index()))
    assert (first, "PPK-1 -> GUDANG-1", "-") in list(promise(Facts(before)))
    torn = replace(home, back_legs=home.back_legs.rename(index={2: 7}, level="order"))
    assert {problem.what for problem in judge(torn)} == {"promise_references"}


def test_the_drive_home_stands_on_the_sheet_in_the_table_in_the_phone_and_on_the_map(home, tmp_path):
    sheets = {trip["code"]: dict(trip["facts"]) for trip in content(home, "en", muatan="kotak")["trips"]}
    assert "Goes on empty" not in sheets[PICKUP[0]]
    said = r"when unloaded: to .+, departs \d\d:\d\d, arrives \d\d:\d\d – 15-02 \d\d:\d\d; 4[.0]* km, 4 min"
    assert re.fullmatch(said, sheets[PICKUP[1]]["Goes on empty"])
    legs = next(table.frame for table in distribution(home, "id") if table.file == "kembali_ruas")
    assert len(legs[legs["kode_trip"] == PICKUP[1]]) == len(home.back_legs.loc[PICKUP[1]])
    gpx = next(file for file in write_gpx(home, tmp_path, "id") if "PU-01" in file.name).read_text()
    assert f"{PICKUP[1]}: sesudah membongkar, kosong dari pangkalan ke sini, berangkat 2024-02-14" in gpx
    (route,) = re.findall(rf"<rte><name>{PICKUP[1]}</name>.*?</rte>", gpx, flags=re.DOTALL)
    assert [re.search("<name>(.*?)</name>", point)[1] for point in route.split("<rtept")[1:]][-2:] == [
        home.stops["nama"][kode] for kode in ("PPK-1", "GUDANG-1")
    ]
    cards = {thing.kode: dict(thing.facts) for thing in way_back(home, "en").things}
    assert "Goes on empty" not in cards[PICKUP[0]]
    assert cards[PICKUP[1]]["Goes on empty"].startswith(f"to {home.stops['nama']['GUDANG-1']}, 14/02")


def test_who_is_late_drives_home_without_the_roads_that_are_closed_by_then():
    rows = fleet(PU={"pulang_ke": "GUDANG-1", "count": 1}, MT={"count": 0})
    lon, lat = lon_lat(2, 0)
    own = (BOXES[0] | {"end_day": 0, "end": dt.time(21), "storm_waits": False}, BOXES[1])
    late = []
    for begin in ("21:00", "21:30"):
        closed = closure_of(f"titik:{lat:.7f},{lon:.7f},100; mulai=2024-02-14T{begin}")
        plan = make_plan(close_roads(drawn(kembali=own, rows=rows), [closed]))
        assert plan.broken == ()
        late.append(plan.back_legs.loc[PICKUP[0]].iloc[-1])
    assert [leg["to_stop"] for leg in late] == ["GUDANG-1"] * 2
    assert pd.isna(late[0]["arrive_late"])
    assert at(14, "21:00:00") < late[1]["arrive_late"] < at(14, "21:30:00")


def test_who_has_no_road_home_from_his_base_after_counting_is_not_sent():
    rows, usual = fleet(PU={"pulang_ke": "POLSEK-1"}, MT={"count": 0}), fleet(MT={"count": 0})
    lon, lat = lon_lat(2, 0)
    shut = [closure_of(f"titik:{lat:.7f},{lon:.7f},100; mulai=2024-02-14T06:00")]
    open_, plan = (
        make_plan(close_roads(drawn("O---G---P---A", kembali=BOXES, rows=own), shut)) for own in (usual, rows)
    )
    assert (open_.broken, plan.broken) == ((), ())
    assert plan.back_unserved["reason"].tolist() == ["no_way_back"]
    ends = open_.inputs.operation.model_copy(update={"fleet": plan.inputs.operation.fleet})
    broken = promise(Facts(replace(open_, inputs=replace(open_.inputs, operation=ends))))
    assert {case.value for case in broken} == set(open_.back_trips.query("stage == 'boxes-ppk'").index)
