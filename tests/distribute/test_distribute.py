from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import kode_desa, kode_tps, lon_lat, operation, world

from kaur_gis.catalogue import say
from kaur_gis.distribute import Routes, _Day, _Done, _missing, _offered_again, distribute
from kaur_gis.distribute.base import Short
from kaur_gis.distribute.chain import chain_of
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.waves import Progress
from kaur_gis.judge import judge
from kaur_gis.kit import kits
from kaur_gis.layers import Guards, Legs, Loads, Posts, Trips, Unserved, checked, checked_geo
from kaur_gis.place import place
from kaur_gis.plan import Plan
from kaur_gis.problems import TravelError
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times

LINE = "G---P---A---B"
FLEET = {fleet.kode: fleet.model_dump() for fleet in operation().fleet}
LAST = ({"name": "H-1", "days_before": 1, "deadline": dt.time(18)},)
STAGES = [stage.model_dump() for stage in operation().stages]


def fleet(**changes):
    """Change rows of the world's fleet by their code; None leaves a row out."""
    rows = {kode: row | (changes.get(kode) or {}) for kode, row in FLEET.items() if changes.get(kode, {}) is not None}
    return tuple(rows.values())


def stages(first=None, last=None):
    """Change either of the world's stages."""
    return tuple(stage | (changes or {}) for stage, changes in zip(STAGES, (first, last), strict=True))


def rooms(inputs):
    """Everything that `distribute` takes, made by the rooms before it."""
    placed, _ = place(inputs)
    tps = tag(placed, inputs.operation)
    stops = stops_of(tps, inputs.tempat)
    return inputs, tps, kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"]), stops, travel_times(inputs, stops)


def routes_of(drawing, **asked) -> Routes:
    """Distribute in a drawn world, and let the judge and the layers look at the answer."""
    inputs, tps, kit, stops, travel = rooms(world(drawing, **asked))
    found = distribute(inputs, tps, kit, stops, travel)
    assert accepted(found, inputs, tps, kit, stops, travel)
    return found


def accepted(found, inputs, tps, kit, stops, travel, now=None):
    """Whether the layers are in form and the judge finds no promise about routes broken, planned at some moment."""
    checked(found.trips, Trips)
    checked_geo(found.legs, Legs)
    checked(found.loads, Loads)
    checked(found.unserved, Unserved)
    for frame in (found.trips, found.legs, found.loads, found.unserved):
        assert frame.index.is_unique
        assert frame.index.is_monotonic_increasing
    empty = {
        layer: pd.DataFrame({name: pd.Series([], dtype=str) for name in layer.to_schema().columns})
        for layer in (Posts, Guards)
    }
    posts = gpd.GeoDataFrame(empty[Posts], geometry="geometry", crs="EPSG:4326")
    plan = Plan(
        inputs, tps, kit, stops, travel, found.trips, found.legs, found.loads, found.unserved,
        posts.rename_axis("kode_post"), empty[Guards].rename_axis("kode_tps"), now=now, notes=found.notes,
    )  # fmt: skip
    not_yet = (
        "promise_guard",
        "promise_officer",
        "promise_group",
        "promise_round",
        "promise_post",
        "promise_other_ways",
    )
    assert [problem for problem in judge(plan) if not problem.what.startswith(not_yet)] == []
    return True


def reasons(found: Routes) -> dict[str, tuple[str, str]]:
    return {kode: (row.stage, row.reason) for kode, row in found.unserved.iterrows()}


def trips_of(found: Routes, stage: str) -> pd.DataFrame:
    return found.trips[found.trips["stage"] == stage]


def at(day: int, clock: str) -> pd.Timestamp:
    return pd.Timestamp(f"2024-02-{day:02d} {clock}")


def test_boxes_go_by_truck_to_the_ppk_and_on_by_pickup():
    found = routes_of(LINE, tps={"A": 2})
    assert found.unserved.empty
    assert found.notes == ()
    assert list(found.trips.index) == ["H1-GUDANG-1-TR-01-1", "H1-PPK-1-PU-01-1"]
    first, second = found.trips.iloc[0], found.trips.iloc[1]
    assert (first.depart, first.back) == (at(13, "06:10:00"), at(13, "06:26:00"))
    assert (first.kotak, first.n_tps, first.metres, first.seconds) == (15, 3, 8000, 480)
    assert second.depart == at(13, "06:32:00")  # there 06:14, 8 minutes of handing over, 10 of loading
    legs = found.legs.loc["H1-PPK-1-PU-01-1"]
    assert set(legs["to_stop"].iloc[:2]) == {kode_tps("A"), kode_tps("B")}
    assert legs["to_stop"].iloc[2] == "PPK-1"
    assert second.back == second.depart + pd.Timedelta(minutes=4 + 4 + 8 + 5 + 2 + 5 + 1)
    order = found.loads.loc["H1-PPK-1-PU-01-1", "order"]
    assert order[kode_tps("A", 1)] == order[kode_tps("A", 2)] != order[kode_tps("B")]
    assert not found.legs["on_road"].any()  # the network is schematic


def test_in_the_heavier_weather_the_same_trips_end_later_and_wait_for_each_other():
    found = routes_of(LINE)
    truck, pickup = found.trips.iloc[0], found.trips.iloc[1]
    assert truck.back_late == truck.back + pd.Timedelta(minutes=8)  # twice as slow: 4 minutes more each way
    assert pickup.back_late == pickup.back + pd.Timedelta(minutes=4 + 16)
    assert found.legs["arrive_late"].iloc[0] == found.legs["arrive"].iloc[0] + pd.Timedelta(minutes=4)


def test_where_a_road_closes_in_the_heavier_weather_there_is_no_late_time_from_there_on():
    found = routes_of("G...P---A", weather={"plan": "kering", "late": "hujan_lebat"})
    assert found.unserved.empty
    assert found.trips["back_late"].isna().all()
    assert found.legs["arrive_late"].isna().all()
    open_to_a = routes_of("G---P---A...B", weather={"plan": "kering", "late": "hujan_lebat"})
    late = open_to_a.legs.loc["H1-PPK-1-PU-01-1", "arrive_late"]
    assert list(late.isna()) == [False, True, True]


def test_the_latest_safe_departure_is_counted_back_from_the_deadline_and_what_follows():
    waves = tuple(wave.model_dump() | {"deadline": dt.time(8), "buffer_minutes": 5.0} for wave in operation().waves)
    found = routes_of("G---P---A", waves=waves)
    truck, pickup = found.trips.iloc[0], found.trips.iloc[1]
    assert pickup.depart_latest == at(13, "07:51:00")  # at A 07:55, five minutes before the deadline
    assert truck.depart_latest == at(13, "07:31:00")  # 4 there, 6 of handing over, 10 of loading
    twice = routes_of("G---P---A", tps={"A": 2}, waves=waves, fleet=fleet(MT=None, PU={"count": 1, "max_kotak": 5}))
    first, second = twice.trips.loc[["H1-PPK-1-PU-01-1", "H1-PPK-1-PU-01-2"]].itertuples()
    assert second.depart_latest == at(13, "07:51:00")
    assert first.depart_latest == second.depart_latest - pd.Timedelta(minutes=4 + 6 + 4 + 10)


def test_no_departure_is_safe_that_brings_the_vehicle_home_too_late():
    until = stages({"end": dt.time(6, 30)}, {"end": dt.time(7)})
    trips = routes_of("G---P---A", stages=until).trips
    home = [at(13, "06:30:00"), at(13, "07:00:00")]
    assert list(trips["depart_latest"] - trips["depart"]) == list(home - trips["back"])


def deadline(clock, **late):
    """Waves of the world with another deadline, and a weather that makes every drive longer."""
    waves = tuple(wave.model_dump() | {"deadline": clock} for wave in operation().waves)
    return {"waves": waves, "weather": {"plan": "kering", "late": "hujan"} | late}


def too_late(found: Routes, clock: dt.time) -> int:
    """How many stops the last stage reaches after the deadline in the heavier weather, or never."""
    arrivals = found.legs.loc[found.legs["to_stop"].str[0].ne("P"), "arrive_late"]
    return int(sum(pd.isna(time) or time.time() > clock for time in arrivals))


def test_idle_vehicles_are_used_where_the_heavier_weather_would_make_few_too_late():
    tps, clock = {"A": 2, "B": 2}, dt.time(7, 10)
    one_kind = fleet(MT=None, PU={"count": 4, "max_kotak": 10, "max_trips": 4})
    usual = routes_of(LINE, tps=tps, fleet=one_kind, **deadline(clock, late="kering"))
    safe = routes_of(LINE, tps=tps, fleet=one_kind, **deadline(clock))
    assert len(trips_of(usual, "ppk-tps")["vehicle"].unique()) == 1
    assert len(trips_of(safe, "ppk-tps")["vehicle"].unique()) > 1
    assert (too_late(safe, clock), safe.notes) == (0, ())


def test_whoever_is_too_late_in_the_heavier_weather_all_the_same_is_counted_at_the_base_that_fails():
    clock = dt.time(6, 40)
    found = routes_of("G---P---A", tps={"A": 1}, **deadline(clock))
    assert found.unserved.empty
    (note,) = found.notes
    assert (note.what, note.level, note.value) == ("late_risk", "note", "GUDANG-1")  # too late for the pickup
    assert note.details == {"stage": "gudang-ppk", "wave": "H-1", "n_tps": 1}
    assert too_late(found, clock) == 1
    for lang in ("id", "en"):
        assert "1 TPS" in say(f"problem.{note.what}", lang, value=note.value, **note.details)


def test_nobody_is_left_behind_for_the_sake_of_the_heavier_weather():
    clock = dt.time(7, 40)
    few = fleet(MT=None, PU={"count": 1, "max_kotak": 5, "max_trips": 9})
    found = routes_of(LINE, tps={"A": 2, "B": 1}, fleet=few, **deadline(clock))
    assert found.unserved.empty
    assert too_late(found, clock) > 0
    notes = {note.what: note for note in found.notes}
    assert {(note.what, note.value) for note in found.notes} == {("late_risk", "PPK-1"), ("late_risk_fleet", "PPK-1")}
    number, kode = notes["late_risk_fleet"].details["missing"].split()
    more = tuple(row | {"count": row["count"] + int(number)} if row["kode"] == kode else row for row in few)
    assert routes_of(LINE, tps={"A": 2, "B": 1}, fleet=more, **deadline(clock)).notes == ()


def test_hard_tps_go_a_day_earlier_by_what_can_reach_them():
    found = routes_of(LINE, sulit="B")
    assert found.trips.groupby("wave")["fleet"].agg(sorted).to_dict() == {"H-1": ["PU", "TR"], "H-2": ["MT", "TR"]}
    assert {row.wave: row.depart.day for row in found.trips.itertuples()} == {"H-1": 13, "H-2": 12}


def test_a_tps_may_be_forced_into_a_wave_by_its_code():
    rows = [wave.model_dump() for wave in operation().waves]
    waves = tuple(row | ({"kode_tps": (kode_tps("A"),)} if row["name"] == "H-2" else {}) for row in rows)
    found = routes_of(LINE, waves=waves)
    days = found.loads.reset_index().join(found.trips["wave"], on="kode_trip").groupby("kode_tps")["wave"].unique()
    assert {kode: list(own) for kode, own in days.items()} == {kode_tps("A"): ["H-2"], kode_tps("B"): ["H-1"]}


def test_a_tps_that_no_wave_forces_goes_with_the_last_one_that_is_in_time():
    rows = {wave.name: wave.model_dump() | {"akses": ()} for wave in operation().waves}
    late = rows["H-1"] | {"deadline": dt.time(6, 35)}  # 06:34 at A, 06:38 at B
    found = routes_of("G---P---A---B", waves=(rows["H-2"], late), fleet=fleet(MT=None))
    assert found.unserved.empty
    days = found.loads.reset_index().join(found.trips["wave"], on="kode_trip").groupby("kode_tps")["wave"].unique()
    assert {kode: list(own) for kode, own in days.items()} == {kode_tps("A"): ["H-1"], kode_tps("B"): ["H-2"]}
    (note,) = [note for note in found.notes if note.what == "wave_earlier"]
    assert (note.value, note.details) == ("H-2", {"wave": "H-1", "n_tps": 1, "kode_tps": kode_tps("B")})
    for lang in ("id", "en"):
        assert kode_tps("B") in say(f"problem.{note.what}", lang, value=note.value, **note.details)
    both_late = tuple(row | {"deadline": dt.time(6, 35)} for row in rows.values())
    assert reasons(routes_of(LINE, waves=both_late, fleet=fleet(MT=None))) == {kode_tps("B"): ("ppk-tps", "no_time")}


def test_two_waves_on_one_day_never_share_a_vehicle():
    waves = tuple(
        {"name": name, "days_before": 1, "akses": (name,), "deadline": dt.time(18)} for name in ("sulit", "biasa")
    )
    only_motor = fleet(PU=None, TR={"count": 2})
    found = routes_of(LINE, sulit="B", waves=waves, fleet=only_motor)
    assert found.trips.groupby("wave")["vehicle"].agg(sorted).to_dict() == {
        "biasa": ["GUDANG-1-TR-02", "PPK-1-MT-02"],
        "sulit": ["GUDANG-1-TR-01", "PPK-1-MT-01"],
    }
    one_truck = routes_of(LINE, sulit="B", waves=waves, fleet=fleet(PU=None, TR={"count": 1}))
    assert reasons(one_truck) == {kode_tps("A"): ("gudang-ppk", "no_fleet")}


def test_one_vehicle_makes_several_trips_and_loads_before_each():
    found = routes_of("G---P---A", tps={"A": 3}, fleet=fleet(PU=None, MT={"count": 1}))
    motor = trips_of(found, "ppk-tps")
    assert list(motor["trip_no"]) == [1, 2, 3]
    assert set(motor["vehicle"]) == {"PPK-1-MT-01"}
    assert ((motor["depart"] - motor["back"].shift()).dropna() == pd.Timedelta(minutes=10)).all()


def test_boxes_leave_the_ppk_only_after_the_truck_that_brought_them():
    slow = {"handover_minutes_per_stop": 30.0}
    found = routes_of("G---P---A", tps={"A": 8}, stages=stages(slow), fleet=fleet(TR={"count": 1, "max_kotak": 20}))
    assert len(trips_of(found, "gudang-ppk")) == 2
    brought = found.legs["arrive"].xs("H1-GUDANG-1-TR-01-2").iloc[0]
    second = found.loads.loc["H1-GUDANG-1-TR-01-2"].index
    carried = found.loads[found.loads.index.get_level_values("kode_trip").str.contains("PPK")].reset_index()
    trips = found.trips.loc[carried.loc[carried["kode_tps"].isin(second), "kode_trip"]]
    assert (trips["depart"] >= brought + pd.Timedelta(minutes=30 + 4 + 10)).all()


def test_trucks_share_the_work_where_one_would_come_too_late_for_the_ppk():
    hours = {"deadline": dt.time(7, 15), "days_before": 1, "name": "H-1", "akses": ("biasa",)}
    waves = ({**hours, "name": "H-2", "days_before": 2, "akses": ("sulit",)}, hours)
    asked = {"tps": {"A": 8}, "waves": waves, "fleet": fleet(TR={"max_kotak": 20}, PU={"count": 4})}
    assert trips_of(routes_of("G-------P---A", **asked), "gudang-ppk")["vehicle"].unique().size == 2
    easy = {**asked, "waves": (waves[0], {**hours, "deadline": dt.time(18)})}
    assert trips_of(routes_of("G-------P---A", **easy), "gudang-ppk")["vehicle"].unique().size == 1


def test_stages_may_be_one_or_three():
    direct = ({**STAGES[0], "name": "langsung", "target": "tps"},)
    found = routes_of(LINE, stages=direct, fleet=({**FLEET["TR"], "stage": "langsung"},))
    assert list(found.trips["stage"]) == ["langsung"]
    inputs = world(LINE)
    chain = tuple(
        {**STAGES[0], "name": name, "origin": a, "target": b}
        for name, a, b in (("1", "gudang", "ppk"), ("2", "ppk", "pps"), ("3", "pps", "tps"))
    )
    vehicles = tuple({**FLEET["TR"], "kode": f"T{name}", "stage": name} for name in "123")
    pps = inputs.tempat.loc[["PPK-1"]].set_axis(pd.Index(["PPS-1"], name="kode_tempat", dtype=str))
    pps = pps.assign(jenis="pps", induk="PPK-1", kode_desa=kode_desa("A"))
    pps = pps.set_geometry([inputs.desa.geometry[kode_desa("A")]], crs=pps.crs)
    inputs = replace(inputs, operation=operation(stages=chain, fleet=vehicles), tempat=pd.concat([inputs.tempat, pps]))
    given = rooms(inputs)
    found = distribute(*given)
    assert accepted(found, *given)
    assert reasons(found) == {kode_tps("B"): ("2", "not_at_ppk")}  # its village has no PPS
    assert list(found.trips["stage"]) == ["1", "2", "3"]


def test_a_gudang_may_supply_a_pps_without_a_ppk():
    chain = tuple(
        {**STAGES[0], "name": name, "origin": a, "target": b}
        for name, a, b in (("1", "gudang", "pps"), ("2", "pps", "tps"))
    )
    inputs = world("G---P---A", stages=chain, fleet=tuple({**FLEET["TR"], "kode": k, "stage": k} for k in "12"))
    tempat = inputs.tempat
    pps = tempat.loc[["PPK-1"]].set_axis(pd.Index(["PPS-1"], name="kode_tempat", dtype=str))
    pps = pps.assign(jenis="pps", kode_desa=kode_desa("A"))
    pps = pps.set_geometry([inputs.desa.geometry[kode_desa("A")]], crs=pps.crs)
    found = distribute(*rooms(replace(inputs, tempat=pd.concat([tempat[tempat["jenis"] == "gudang"], pps]))))
    assert found.unserved.empty


# --- each reason beside its nearest valid case ---


def test_no_road():
    assert reasons(routes_of("B>>>G---P---A")) == {kode_tps("B"): ("ppk-tps", "no_road")}
    assert reasons(routes_of("B---G---P---A")) == {}


def test_no_way_back():
    assert reasons(routes_of("G---P---A>>>B---+")) == {kode_tps("B"): ("ppk-tps", "no_way_back")}
    assert reasons(routes_of("G---P---A---B---+")) == {}


def test_boxes_that_cannot_reach_their_tps_travel_as_far_as_they_can():
    found = routes_of("B>>>G---P---A")
    assert list(found.loads.xs(kode_tps("B"), level="kode_tps").index) == ["H1-GUDANG-1-TR-01-1"]


def test_too_far_from_road():
    far = {kode_tps("B"): (103.4, -4.2)}
    found = routes_of(LINE, gps=far, roads={"max_snap_m": 500.0}, region={"max_outside_m": 90_000.0})
    assert reasons(found) == {kode_tps("B"): ("ppk-tps", "too_far_from_road")}


def test_too_big():
    rows = fleet(MT=None, PU={"max_kotak": 4})
    assert reasons(routes_of("G---P---A", fleet=rows)) == {kode_tps("A"): ("ppk-tps", "too_big")}
    assert reasons(routes_of("G---P---A", fleet=fleet(MT=None, PU={"max_kotak": 5}))) == {}
    heavy = fleet(MT=None, PU={"max_kg": 124.9})
    assert reasons(routes_of("G---P---A", fleet=heavy)) == {kode_tps("A"): ("ppk-tps", "too_big")}
    assert reasons(routes_of("G---P---A", fleet=fleet(MT=None, PU={"max_kg": 125.0, "max_m3": 0.48}))) == {}


def test_no_vehicle_that_may_go_there():
    assert reasons(routes_of(LINE, sulit="B", fleet=fleet(MT=None))) == {kode_tps("B"): ("ppk-tps", "no_vehicle")}
    assert reasons(routes_of(LINE, sulit="B", fleet=fleet(MT={"akses": ("sulit",)}))) == {}


@pytest.mark.parametrize("change", [{"count": 0}, {"bases": ("PPK-9",)}])
def test_no_vehicle_at_the_base(change):
    found = routes_of("G---P---A", fleet=fleet(TR=change))
    assert reasons(found) == {kode_tps("A"): ("gudang-ppk", "no_fleet")}
    assert (len(found.trips), len(found.legs), len(found.loads)) == (0, 0, 0)
    assert reasons(routes_of("G---P---A", fleet=fleet(TR={"bases": ("GUDANG-1",)}))) == {}


def test_no_time_before_the_deadline():
    def until(clock):
        waves = [wave.model_dump() | {"deadline": clock} for wave in operation().waves]
        return reasons(routes_of("G---P---A", waves=tuple(waves)))

    assert until(dt.time(6, 34)) == {}  # 06:10 + 4 + 6 + 10 + 4 minutes
    assert until(dt.time(6, 33, 59)) == {kode_tps("A"): ("ppk-tps", "no_time")}


def test_no_time_to_come_back():
    assert reasons(routes_of("G---P---A", stages=stages(None, {"end": dt.time(6, 44)}))) == {}
    early = stages(None, {"end": dt.time(6, 43, 59)})
    assert reasons(routes_of("G---P---A", stages=early)) == {kode_tps("A"): ("ppk-tps", "no_time")}


def test_too_few_vehicles_serve_whom_they_can_and_the_rest_is_named():
    few = fleet(PU=None, MT={"count": 1, "max_trips": 2})
    found = routes_of("G---P---A", tps={"A": 3}, fleet=few)
    assert list(found.unserved["reason"]) == ["no_time"]
    note, in_all = found.notes
    assert (in_all.what, in_all.level, in_all.value) == ("fleet_missing", "note", "PPK-1")
    assert in_all.details["missing"] == "1 MT"
    assert (note.what, note.level, note.value, note.details["n_tps"]) == ("fleet_too_small", "note", "PPK-1", 1)
    assert note.details["missing"] == "1 MT"
    for lang in ("id", "en"):
        sentence = say(f"problem.{note.what}", lang, value=note.value, **note.details)
        assert "PPK-1" in sentence
        assert "1 TPS" in sentence
        assert say(f"problem.{note.what}_hint", lang)
    assert routes_of("G---P---A", tps={"A": 2}, fleet=few).notes == ()


def test_what_is_missing_behind_a_stage_that_lacks_vehicles_is_counted_too():
    few = {"count": 1, "max_trips": 1, "max_kotak": 5}
    named = routes_of("G---P---A", tps={"A": 3}, fleet=fleet(TR=few, PU=few, MT=None))
    (short,) = [note for note in named.notes if note.what == "fleet_too_small"]
    in_all = {note.value: note.details["missing"] for note in named.notes if note.what == "fleet_missing"}
    assert len(named.unserved) == 2
    assert short.details["missing"] == "2 TR", "only what its own TPS lack"
    assert in_all == {"GUDANG-1": "2 TR", "PPK-1": "2 PU"}
    as_many = few | {"count": 3}
    assert routes_of("G---P---A", tps={"A": 3}, fleet=fleet(TR=as_many, PU=as_many, MT=None)).unserved.empty
    one_less = few | {"count": 2}
    assert not routes_of("G---P---A", tps={"A": 3}, fleet=fleet(TR=as_many, PU=one_less, MT=None)).unserved.empty


def test_boxes_that_nobody_brings_on_take_no_room_from_others():
    one_trip = {"count": 1, "max_trips": 1}
    short = fleet(TR=one_trip | {"max_kotak": 10, "bases": ("GUDANG-1",)}, PU=one_trip | {"max_kotak": 5}, MT=None)
    drawing = "A---P---G------p---a"  # the truck has room for two TPS, and those of A are nearer
    found = routes_of(drawing, tps={"A": 2}, fleet=short)
    assert len(found.unserved) == 1
    assert reasons(found)[next(iter(reasons(found)))] == ("gudang-ppk", "no_time")
    assert kode_tps("a") not in reasons(found)
    roomy = fleet(TR=one_trip | {"max_kotak": 15, "bases": ("GUDANG-1",)}, PU=one_trip | {"max_kotak": 5}, MT=None)
    beside = routes_of(drawing, tps={"A": 2}, fleet=roomy)
    assert set(reasons(beside).values()) == {("ppk-tps", "no_time")}, (
        "where there is room they travel as far as they can"
    )


@pytest.mark.parametrize("limited", [{"simpan": ({"jenis": "ppk", "max_kotak": 5, "sumber": "contoh"},)}, {}])
def test_boxes_that_no_vehicle_may_bring_on_take_no_room_from_others(limited):
    only = {} if limited else {"count": 1, "max_kotak": 5, "max_trips": 1}
    found = routes_of("G---P---A---B", sulit="A", fleet=fleet(TR=only, MT=None), waves=LAST, **limited)
    assert reasons(found) == {kode_tps("A"): ("gudang-ppk", "no_store" if limited else "no_time")}


def test_a_truck_with_many_comes_so_early_that_all_are_handed_over_in_time():
    """With a minute more never fewer are served, and what is missing is named: the others came too late with one."""
    left = []
    for minute in (56, 57, 58, 59):
        wave = LAST[0] | {"deadline": dt.time(6, minute)}
        pickups = {"count": 4, "max_kotak": 15, "max_trips": 3}
        asked = [
            routes_of(
                "G---P---A",
                tps={"A": 4},
                waves=(wave,),
                fleet=fleet(TR={"count": count, "max_kotak": 10, "max_trips": 2}, PU=pickups, MT=None),
            )
            for count in (1, 2)
        ]
        left.append(len(asked[0].unserved))
        assert "1 TR" in [note.details.get("missing") for note in asked[0].notes if note.what == "fleet_missing"]
        assert asked[1].unserved.empty
    assert left == [2, 2, 2, 1]


TRUCKS_ENOUGH = {
    "TR": {"count": 4, "max_kotak": 500, "max_kg": 99999.0, "max_m3": 999.0, "max_trips": 1},
    "MT": {"count": 0},
}
ALL_OVER = """
    G---P---A---K
        |   |
        B---C---E
        |
        D------F
"""


def too_few(pickups: int):
    """Plan a world in which there are too few pickups."""
    tps = {"A": 1, "B": 2, "C": 1, "D": 3, "E": 2, "F": 2, "K": 1}
    few = fleet(**TRUCKS_ENOUGH, PU={"count": pickups, "max_kotak": 20, "max_trips": 2})
    return routes_of(ALL_OVER, tps=tps, waves=(LAST[0] | {"deadline": dt.time(7)},), fleet=few)


def test_no_more_vehicles_are_named_than_it_takes(monkeypatch):
    def named() -> str:
        (note,) = [note for note in too_few(1).notes if note.what == "fleet_missing"]
        return str(note.details["missing"])

    assert named() == "3 PU"
    assert too_few(4).unserved.empty
    assert not too_few(3).unserved.empty
    monkeypatch.setattr("kaur_gis.distribute.FEWER_TRIES", 0)
    assert named() == "4 PU", "which do, too"


def test_where_a_shorter_search_serves_everybody_by_luck_a_vehicle_is_named_all_the_same(monkeypatch):
    monkeypatch.setattr("kaur_gis.distribute._all_days", lambda *_: _Done([], {}, [], []))
    short = Short(SimpleNamespace(base="PPK-1"), 1, {"PU": 2, "MT": 1})
    (note,) = _missing(chain_of(*rooms(world(LINE))), [short], None, None)
    assert (note.what, note.value, note.details["missing"]) == ("fleet_missing", "PPK-1", "1 PU")


def test_where_vehicles_alone_do_not_do_that_is_said(monkeypatch):
    monkeypatch.setattr("kaur_gis.distribute.MORE_ROUNDS", 1)
    few = {"count": 1, "max_trips": 1, "max_kotak": 5}
    named = routes_of("G---P---A", tps={"A": 3}, fleet=fleet(TR=few, PU=few, MT=None))
    (least,) = [note for note in named.notes if note.what == "fleet_missing_least"]
    assert (least.value, least.details) == ("GUDANG-1", {"missing": "2 TR", "n_tps": 2})


def a_day(n: int, members: str, room: int) -> _Day:
    """Make a wave that serves the first `room` of its TPS, and the rest not, for want of time."""

    def drive(kodes: Sequence[str]) -> Progress:
        left = dict.fromkeys(kodes[room:], ("ppk-tps", "no_time"))
        return Progress({}, {}, left, {}, [], [], [], {})

    wave = operation().waves[0].model_copy(update={"name": f"H-{n}", "days_before": n})
    return _Day(wave, None, drive, set(members), set("wx") if n == 1 else set(), drive(sorted(members)))


def test_room_that_others_leave_on_a_later_day_is_offered_to_whom_the_first_day_has_no_time_for():
    last, first = a_day(1, "abc", room=4), a_day(2, "wxyz", room=2)
    _offered_again([last, first], set("abcwxyz"))
    assert (last.members, last.progress.unserved) == (set("abcy"), {})
    assert (first.members, set(first.progress.unserved)) == (set("wxz"), {"z"})
    full, first = a_day(1, "abc", room=3), a_day(2, "wxyz", room=2)
    _offered_again([full, first], set("abcwxyz"))
    assert (full.members, set(first.progress.unserved)) == (set("abc"), set("yz"))
    bound = a_day(2, "wxyz", room=2)
    _offered_again([a_day(1, "abc", room=4), bound], set("abc"))
    assert bound.members == set("wxyz"), "whoever must go on the first day stays there"
    same_day = [a_day(1, "abc", room=4), a_day(1, "d", room=1), a_day(2, "wxyz", room=2)]
    _offered_again(same_day, set("abcdwxyz"))
    assert same_day[-1].members == set("wxyz"), "vehicles of one day are shared out already"


def test_where_not_all_trucks_can_come_in_time_the_most_are_served():
    waves = tuple(wave.model_dump() | {"deadline": dt.time(7)} for wave in operation().waves)
    tight = fleet(TR={"count": 1, "max_kotak": 10}, PU={"count": 1})
    found = routes_of("G---P---A", tps={"A": 6}, waves=waves, fleet=tight)
    assert 0 < len(found.unserved) < 6
    assert set(found.unserved["reason"]) == {"no_time"}


def test_a_ppk_without_gudang_gets_nothing():
    given = rooms(world(LINE))
    inputs = replace(given[0], tempat=given[0].tempat.assign(induk=""))
    found = distribute(inputs, *given[1:])
    assert set(reasons(found).values()) == {("gudang-ppk", "not_at_ppk")}


# --- the whole ---


def test_a_plan_for_nobody_is_empty():
    inputs, tps, kit, stops, travel = rooms(world(LINE))
    found = distribute(inputs, tps.iloc[:0], kit.iloc[:0], stops, travel)
    assert [len(frame) for frame in (found.trips, found.legs, found.loads, found.unserved)] == [0, 0, 0, 0]


def test_a_stop_off_the_road_says_so_and_takes_longer():
    inputs, tps, kit, stops, travel = rooms(world(LINE, gps={kode_tps("A"): lon_lat(8, 0.2)}))
    inputs = replace(inputs, roads=replace(inputs.roads, schematic=False))
    legs = distribute(inputs, tps, kit, stops, travel).legs.reset_index()
    to_a = legs[legs["to_stop"] == kode_tps("A")].iloc[0]
    assert (to_a.on_road, to_a.walk_m > 50) == (False, True)
    assert legs.loc[legs["to_stop"] == kode_tps("B"), "on_road"].all()
    carry = travel["pickup", "kering"].carry_s[stops.index.get_loc(kode_tps("A"))]
    after = legs.loc[legs["from_stop"] == kode_tps("A"), "depart"].iloc[0]
    assert carry > 0
    assert after - to_a.arrive == pd.Timedelta(seconds=5 * 60 + 60 + 2 * int(carry))


def test_the_same_input_in_any_order_gives_the_same_bytes():
    inputs, tps, kit, stops, travel = rooms(
        world("G---P---A---B\n    |   |   |\n    C---D---E", tps=dict.fromkeys("ABCDE", 3))
    )
    first = distribute(inputs, tps, kit, stops, travel)
    shuffled = np.random.default_rng(1).permutation(len(tps))
    again = distribute(inputs, tps.iloc[shuffled], kit.iloc[shuffled[::-1]], stops, travel)
    for name in ("trips", "legs", "loads", "unserved"):
        assert getattr(first, name).equals(getattr(again, name))
        assert getattr(first, name).to_csv() == getattr(again, name).to_csv()


def test_another_solver_may_sit_in_the_seam():
    given = rooms(world(LINE))
    found = distribute(*given, solver=plain_solver)
    assert accepted(found, *given)
    assert found.unserved.empty


def test_a_matrix_over_other_stops_is_refused():
    inputs, tps, kit, stops, travel = rooms(world(LINE))
    with pytest.raises(TravelError, match="not over the stops"):
        distribute(inputs, tps, kit, stops.iloc[::-1], travel)


@settings(max_examples=10, deadline=None)
@given(
    counts=st.lists(st.integers(0, 4), min_size=6, max_size=6),
    sulit=st.sets(st.sampled_from("ABCab"), max_size=3),
    trucks=st.integers(0, 2),
    pickups=st.integers(0, 2),
    kotak=st.sampled_from([5, 10, 25, 60]),
    hour=st.integers(6, 18),
)
def test_whatever_the_world_the_judge_accepts_the_routes(counts, sulit, trucks, pickups, kotak, hour):
    waves = tuple(wave.model_dump() | {"deadline": dt.time(hour, 45)} for wave in operation().waves)
    found = routes_of(
        """
        A--B..C
        |  |
        G--P--+--p--a
           |     |  :
           D     b>-c
        """,
        tps=dict(zip("ABCDab", counts, strict=True)),
        sulit="".join(sorted(sulit)),
        waves=waves,
        fleet=fleet(
            TR={"count": trucks, "max_kotak": kotak}, PU={"count": pickups, "max_kotak": kotak, "max_trips": 2}
        ),
    )
    served = found.loads.index.get_level_values("kode_tps").value_counts()
    assert len(served[served == 2].index.union(found.unserved.index)) == sum(counts) + 1


def test_the_same_trips_are_dealt_out_so_that_the_fewest_are_late_in_the_heavier_weather():
    """Of all ways to part these trips among two pickups and to order them, none brings fewer than one too late."""
    drawing = """
        G-P---A---K
          |   |
          B...C---E
          |
          D---~--F
    """
    found = routes_of(
        drawing,
        tps={"A": 0, "F": 0},
        waves=(LAST[0] | {"deadline": dt.time(7, 23)},),
        fleet=fleet(TR={"count": 5}, PU={"count": 2, "max_kotak": 10, "max_trips": 2}, MT=None),
        solver={"iterations": 100},
    )
    assert found.unserved.empty
    assert [note.details["n_tps"] for note in found.notes if note.what == "late_risk"] == [1]
    own = found.trips[found.trips["stage"] == "ppk-tps"]
    assert own["vehicle"].nunique() == 2
