"""Hours of drivers, days that end elsewhere, costs, and what the aims are worth to each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problems import best_of_sets, faults, measure, problem, with_ends, work
from test_distribute import LINE, accepted, at, fleet, reasons, routes_of
from world import kode_tps, operation, world

from kaur_gis.costs import costs, told
from kaur_gis.distribute import distribute, kept_of
from kaur_gis.distribute.plain import plain_solver
from kaur_gis.distribute.problem import Price
from kaur_gis.distribute.schedule import Run, clients_of, cost_of, drives, is_kept, planned
from kaur_gis.distribute.search import solved
from kaur_gis.distribute.solve import pyvrp_solver
from kaur_gis.inputs import Inputs
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import SolverError
from kaur_gis.write.distribution import distribution

OPERATION = operation(solver={"iterations": 200})
AIMS = {"terlambat": 1_000_000, "kendaraan": 100_000, "jam": 10_000, "sumber": "contoh"}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("hours", "priced"), [(True, False), (False, True), (True, True)])
def test_nobody_finds_a_better_plan_with_hours_prices_and_other_ends(seed, hours, priced):
    asked = with_ends(problem(400 + seed, 5, count=2, kinds=2), seed, hours=hours, priced=priced)
    found = solved(asked, pyvrp_solver, OPERATION)
    assert [faults(asked, run) for run in found] == [[]] * len(found)
    assert measure(asked, found) == best_of_sets(asked)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6), order=st.permutations(range(4)), cut=st.integers(0, 4), n_trips=st.integers(1, 2),
    priced=st.booleans(),
)  # fmt: skip
def test_a_driver_begins_later_where_that_saves_his_hours_and_not_too_late(seed, order, cut, n_trips, priced):
    asked = with_ends(problem(seed, 4, max_trips=2), seed, hours=True, priced=priced)
    run = Run(0, tuple(trip for trip in (tuple(order[:cut]), tuple(order[cut:])) if trip)[:n_trips])
    seconds = range(asked.start_s, asked.end_s if faults(asked, run) == ["hours"] else asked.start_s + 1)
    assert is_kept(asked, run) == any(not faults(asked, run, begin) for begin in seconds)
    assert cost_of(asked, run) == work(asked, run)
    done, kind = drives(asked, run.trips, planned(asked, asked.kinds[0])), asked.kinds[0]
    if is_kept(asked, run):
        assert done[-1].back_s - done[0].depart_s + asked.loading_s <= kind.hours_s


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 8), max_trips=st.integers(1, 3), priced=st.booleans())
def test_the_plain_solver_honours_hours_and_ends_too(seed, n, max_trips, priced):
    asked = with_ends(problem(seed, n, max_trips=max_trips, kinds=2), seed, hours=True, priced=priced)
    for runs in (plain_solver(asked), solved(asked, plain_solver, operation(solver={"iterations": 20}))):
        assert all(is_kept(asked, run) for run in runs)
        assert len(set(clients_of(runs))) == len(clients_of(runs))


def test_prices_that_no_solver_could_add_up_are_refused():
    asked = with_ends(problem(1, 2), 1, hours=False, priced=True)
    kind = asked.kinds[0]
    with pytest.raises(SolverError, match="whole numbers"):
        Price(1, 1, -kind.price.arcs)
    with pytest.raises(SolverError, match="whole numbers"):
        Price(1, -1, kind.price.arcs)
    with pytest.raises(SolverError, match="a column more"):
        replace(kind, price=Price(1, 1, kind.price.arcs[:, :-1]))
    with pytest.raises(SolverError, match="one entry per place"):
        replace(kind, home_s=(1,))
    with pytest.raises(SolverError, match="or none"):
        replace(asked, kinds=(kind, replace(kind, price=None)))


def small(**changes):
    """Change the pickups of the world, which take one TPS a trip; there are no motorcycles."""
    return fleet(MT=None, PU={"count": 3, "max_kotak": 5, "max_trips": 4} | changes)


def pickups(found) -> pd.DataFrame:
    return found.trips[found.trips["fleet"] == "PU"]


def made(drawing: str = "G---P---A", weather: dict[str, str] | None = None, **row) -> Plan:
    """Plan three TPS of one village, judged."""
    plan = make_plan(world(drawing, tps={"A": 3}, fleet=small(**row), weather=weather or {}))
    assert plan.broken == ()
    return plan


def risks(notes) -> dict[str, tuple[str, int]]:
    found = [note for note in notes if note.what == "driver_risk"]
    return {note.value: (note.details["menit"], note.details["paling"]) for note in found}


@pytest.fixture(scope="module")
def usual() -> Plan:
    return made(biaya_tetap=100_000, biaya_per_km=1_500)


@pytest.fixture(scope="module")
def short() -> Plan:
    return made(jam_sopir=1.15)


def rows_of(plan: Plan, **row) -> Inputs:
    """Change the pickups of a plan that is made."""
    update = {"fleet": operation(fleet=small(**row)).fleet}
    return replace(plan.inputs, operation=plan.inputs.operation.model_copy(update=update))


def again(plan: Plan, inputs: Inputs, codes: list[str]):
    """Plan again while some trips stay, and let the judge look at the answer."""
    given_rooms = (inputs, plan.tps, plan.kits, plan.stops, plan.travel)
    kept = kept_of(inputs.operation, plan.trips, plan.legs, plan.loads, codes)
    found = distribute(*given_rooms, kept=kept)
    assert accepted(found, *given_rooms)
    return found


def test_the_day_of_a_vehicle_ends_where_its_row_says_and_it_makes_no_more_trips():
    plan = made(count=2, max_trips=2, pulang_ke="GUDANG-1")
    last = pickups(plan).groupby("vehicle")["trip_no"].transform("max") == pickups(plan)["trip_no"]
    ends = plan.legs["to_stop"].groupby(level="kode_trip").last()[last.index]
    assert ends.tolist() == ["GUDANG-1" if is_last else "PPK-1" for is_last in last]
    (alone,) = pickups(plan).groupby("vehicle").filter(lambda own: len(own) == 1).index
    assert plan.legs.loc[alone, "seconds"].tolist() == [4 * 60, 8 * 60]
    assert plan.trips["back_late"][alone] - plan.legs["depart"][alone, 2] >= pd.Timedelta(minutes=16)
    found = again(plan, plan.inputs, [alone])
    assert list(pickups(found)["vehicle"]).count(plan.trips["vehicle"][alone]) == 1


def test_who_has_no_way_to_where_the_day_ends_is_unserved_and_the_judge_agrees():
    plan = make_plan(world("O>--G---P---A", fleet=small(pulang_ke="POLSEK-1")))
    assert reasons(plan) == {kode_tps("A"): ("ppk-tps", "no_way_back")}
    assert plan.broken == ()


def test_a_driver_whose_hours_are_short_makes_fewer_trips_and_another_helps(usual, short):
    assert (pickups(usual)["vehicle"].nunique(), pickups(short)["vehicle"].nunique()) == (1, 2)
    day = pickups(short).groupby("vehicle").agg({"depart": "min", "back": "max"})
    assert ((day["back"] - day["depart"]).dt.total_seconds() <= 1.15 * 3600 - 10 * 60).all()


def test_hours_hold_in_the_heavier_weather_too_as_far_as_there_are_vehicles_and_else_the_driver_is_named(short):
    day = pickups(short).groupby("vehicle").agg({"depart": "min", "back_late": "max"})
    assert ((day["back_late"] - day["depart"]).dt.total_seconds() <= 1.15 * 3600 - 10 * 60).all()
    assert risks(short.notes) == {}
    hour = made(jam_sopir=1.1)  # two trips take 68 minutes in the heavier weather: each pickup makes one
    assert (pickups(hour)["vehicle"].nunique(), risks(hour.notes)) == (3, {})
    few = made(jam_sopir=1.1, count=2)
    assert risks(few.notes) == {"PPK-1-PU-02": ("68", 66)}
    assert risks(again(few, few.inputs, list(few.trips.index)).notes) == risks(few.notes)
    assert {problem.what for problem in judge(replace(few, notes=()))} == {"promise_driver_late"}
    assert {problem.what for problem in judge(replace(hour, notes=few.notes))} == {"promise_driver_late"}
    stuck = made("G---P...A", jam_sopir=9.0, weather={"plan": "kering", "late": "hujan_lebat"})
    told = [note for note in stuck.notes if "driver_risk" in note.what]
    assert {note.what for note in told} == {"driver_risk_never"}
    assert {note.value for note in told} == set(stuck.trips["vehicle"][stuck.trips["fleet"] == "PU"])


def test_who_is_too_far_for_any_driver_is_unserved_for_want_of_time():
    assert reasons(routes_of(LINE, fleet=small(jam_sopir=0.5))) == {kode_tps("B"): ("ppk-tps", "no_time")}


def test_a_driver_who_has_driven_already_has_the_rest_of_his_hours(short):
    found = again(short, short.inputs, ["H1-PPK-1-PU-01-1"])
    assert set(pickups(found)["vehicle"]) == {"PPK-1-PU-01", "PPK-1-PU-02"}
    left = again(short, rows_of(short, count=1, jam_sopir=1.15), ["H1-PPK-1-PU-01-1"])
    assert {reason for _, reason in reasons(left).values()} == {"no_time"}
    assert len(pickups(left)) == 2


@pytest.mark.parametrize(("change", "promise"), [({"jam_sopir": 0.5}, "driver"), ({"pulang_ke": "GUDANG-1"}, "base")])
def test_the_judge_finds_who_drives_too_long_or_ends_the_day_elsewhere(usual, change, promise):
    broken = judge(replace(usual, inputs=rows_of(usual, **change)))
    assert f"promise_{promise}" in {problem.what for problem in broken}


def test_a_latest_departure_that_takes_the_drivers_hours_is_found(short):
    late = short.trips.copy()
    hour_later = late.loc[pickups(short).index, "depart_latest"] + pd.Timedelta(hours=1)
    assert hour_later.max() < at(13, "12:00:00")
    late.loc[hour_later.index, "depart_latest"] = hour_later
    assert {problem.what for problem in judge(replace(short, trips=late))} == {"promise_latest"}


def test_without_weights_costs_decide_nothing_and_with_them_they_do():
    dear = fleet(MT=None, PU={"biaya_tetap": 500_000, "biaya_per_km": 5_000})
    cheap = dear[-1] | {"kode": "P2", "name": "Pikap sewa", "biaya_tetap": 100_000, "biaya_per_km": 1_000}
    plain, weighed = (routes_of("G---P---A", fleet=(*dear, cheap), tujuan=aims) for aims in (None, AIMS))
    assert (set(plain.trips["fleet"]), set(weighed.trips["fleet"])) == ({"TR", "PU"}, {"TR", "P2"})


def test_how_much_a_late_tps_matters_is_what_the_operation_says():
    asked = {"tps": {"A": 2, "B": 2}, "fleet": fleet(MT=None, PU={"count": 4, "max_kotak": 10, "max_trips": 4})}
    asked["waves"] = [{"name": "H-1", "days_before": 1, "akses": ["biasa", "sulit"], "deadline": dt.time(7, 10)}]
    dear, cheap = (routes_of(LINE, tujuan=AIMS | {"terlambat": worth}, **asked) for worth in (10**7, 0))
    assert len(set(pickups(dear)["vehicle"])) > len(set(pickups(cheap)["vehicle"])) == 1


def test_costs_are_added_up_by_row_and_only_where_they_are_stated(usual):
    (row,) = costs(usual).to_dict("records")
    assert row == {
        "fleet": "Pikap", "way": "pergi", "vehicle_days": 1, "hours": pytest.approx(1.15, abs=0.1),
        "km": pytest.approx(24), "cost_days": 100_000,
        "cost_km": pytest.approx(36_000, abs=50), "cost": row["cost_days"] + row["cost_km"], "sumber": "contoh",
    }  # fmt: skip
    said = f"Rp{row['cost'] // 1000}.{row['cost'] % 1000:03}"
    assert f"  biaya Pikap, pergi: {said} (1 hari-kendaraan, " in usual.summary("id")
    assert len(told(usual, "en")) == 2
    (sheet,) = [table for table in distribution(usual, "id") if table.file == "biaya"]
    assert sheet.frame["sumber"].tolist() == ["contoh"]
    none = replace(usual, inputs=rows_of(usual))
    assert told(none, "id") == []
    assert "biaya" not in {table.file for table in distribution(none, "id")}
