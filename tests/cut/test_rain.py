"""Random rains, against plans and closures whose outcome is known."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pyogrio
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.cut import closure_of
from kaur_gis.cut.drives import Drives
from kaur_gis.cut.rain import NEVER, OnDay, _Trips, fail_chance, margin, rain_risk
from kaur_gis.cut.weak import weak_points
from kaur_gis.summary import arrivals
from kaur_gis.travel import travel_times
from kaur_gis.travel.network import Network
from kaur_gis.write.weak import map_layers

LADDER = """
    G---P---A---B
        |       |
        C#--D---E~--F
"""
ONE_WAY = """
    G---P---A---B
        |       |
        C-->----D
"""


@cache
def dry(drawing: str) -> kg.Plan:
    plan = kg.make_plan(world(drawing))
    assert plan.broken == ()
    return plan


def planned(drawing: str = LADDER, *, chances: dict[str, object] | None = None) -> kg.Plan:
    return rained(dry(drawing), **(chances or {}))


def rained(plan: kg.Plan, **chances: object) -> kg.Plan:
    nothing = dict.fromkeys(("lebat", "jembatan", "lintasan", "tanah_per_km", "jalan_per_km"), 0.0)
    hujan = plan.inputs.operation.hujan.model_copy(update={**nothing, "jumlah": 5, **chances})
    operation = plan.inputs.operation.model_copy(update={"hujan": hujan})
    return replace(plan, inputs=replace(plan.inputs, operation=operation))


def test_with_nothing_failing_everybody_comes_when_the_plan_says_in_either_weather() -> None:
    plan = planned()
    weather, there = plan.inputs.operation.weather, arrivals(plan)
    for name, column in ((weather.plan, "arrive"), (weather.late, "arrive_late")):
        roads = Drives.of(plan, name)
        seconds = roads.seconds(b"")
        found = {}
        trips = _Trips.of(plan)
        for day in trips.trips:
            found |= trips.driven(day, [OnDay(seconds, name)])[0]
        assert {kode: pd.Timestamp(time, unit="s") for kode, time in found.items()} == there[column].to_dict()


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([LADDER, ONE_WAY]), st.sets(st.integers(0, 30), max_size=4))
def test_legs_take_what_travel_takes_when_the_same_roads_are_closed(drawing: str, numbers: set[int]) -> None:
    plan = planned(drawing)
    weather = plan.inputs.operation.weather.plan
    roads = Drives.of(plan, weather)
    network = Network.of(plan.inputs.roads)
    lines = np.flatnonzero(network.lines)
    gone = np.zeros(len(network.edges), dtype=bool)
    gone[lines[sorted({number % len(lines) for number in numbers})]] = True
    edges = {int(edge) for edge in network.edges.index[gone]}
    edges |= {int(twin) for twin in network.edges["twin"][gone] if twin >= 0}
    one = closure_of("way:1")
    shut = replace(plan.inputs.roads, closures=(kg.inputs.Closure(one, tuple(sorted(edges)), 1.0),) if edges else ())
    travel = travel_times(replace(plan.inputs, roads=shut), plan.stops)
    for (vehicle, a, b, _), seconds in roads.seconds(roads.spoilt(gone)).items():
        times = travel[vehicle, weather]
        assert times.seconds[times.stops.get_loc(a), times.stops.get_loc(b)] == seconds


def test_without_rain_nobody_is_late_and_with_sure_failure_those_behind_it_always_are() -> None:
    plan = planned()
    assert not rain_risk(plan)[["late", "late_earlier", "late_stored"]].to_numpy().any()
    sure = rain_risk(rained(plan, lebat=1.0, lintasan=1.0))
    assert sure["late"][kode_tps("F")] == 1
    assert sure["late_earlier"][kode_tps("F")] == 1  # it rained the day before, too
    assert sure["advice"][kode_tps("F")] == ""
    assert sure["late"].loc[[kode_tps(name) for name in "AC"]].tolist() == [0, 0]
    assert sure.index.equals(plan.tps.index)


def test_a_day_earlier_helps_as_much_as_the_day_of_rain_that_it_spares() -> None:
    half = rain_risk(planned(chances={"lebat": 0.5, "lintasan": 1.0, "jumlah": 300}))
    f = half.loc[kode_tps("F")]
    assert f["late"] == pytest.approx(1 - 0.5**3, abs=0.08)  # three days on which the ford may go
    assert f["late_earlier"] == pytest.approx(1 - 0.5**2, abs=0.08)
    assert f["late_stored"] == f["late"]  # the ford is behind the PPK
    assert f["advice"] == "wave"


def test_a_store_at_the_ppk_helps_where_the_road_to_the_ppk_fails() -> None:
    chances = {"lebat": 0.5, "lintasan": 1.0, "jumlah": 300}
    found = rain_risk(planned("G~--P---A---B", chances=chances)).loc[kode_tps("A")]
    assert found["late"] == pytest.approx(1 - 0.5**3, abs=0.08)
    assert found["late_stored"] == found["late_earlier"] == pytest.approx(1 - 0.5**2, abs=0.08)
    assert found["advice"] == "ppk"


def test_the_same_seed_gives_the_same_rains_and_another_one_others() -> None:
    plan = planned(chances={"lebat": 0.5, "lintasan": 0.5, "jumlah": 50})
    pd.testing.assert_frame_equal(rain_risk(plan), rain_risk(plan))
    other = rained(plan, lebat=0.5, lintasan=0.5, jumlah=50, benih=2)
    assert not rain_risk(plan)["late"].equals(rain_risk(other)["late"])


def test_more_chance_of_failing_never_helps_and_each_kind_of_road_has_its_own() -> None:
    plan = planned()
    chances = rained(plan, jembatan=0.1, lintasan=0.2, jalan_per_km=0.01).inputs.operation.hujan
    fails = fail_chance(plan, chances)
    network = Network.of(plan.inputs.roads)
    one = network.edges.index.get_indexer(network.edges.index[(network.edges["bridges"] == 1) & network.lines])[0]
    assert fails[one] == pytest.approx(1 - 0.9 * 0.99**4, abs=1e-3)
    assert not fails[~network.lines].any()
    unpaved = replace(
        plan.inputs.roads, edges=plan.inputs.roads.edges.assign(surface=plan.inputs.speeds.unpaved_surfaces[0])
    )
    rough = replace(plan, inputs=replace(plan.inputs, roads=unpaved))
    assert fail_chance(rough, chances.model_copy(update={"tanah_per_km": 0.5})).sum() > fails.sum()


def test_a_drive_within_one_place_takes_no_road_and_is_never_late_for_one() -> None:
    inputs = world("G---P---A", gps={kode_tps("A"): lon_lat(4, 0)})
    plan = kg.make_plan(replace(inputs, roads=replace(inputs.roads, schematic=False)))
    assert plan.broken == ()
    sure = rain_risk(rained(plan, lebat=1.0, jalan_per_km=1.0))
    assert sure["late"].tolist() == [1.0]  # the truck never comes
    stored = _Trips.of(plan)
    roads = Drives.of(plan, plan.inputs.operation.weather.plan)
    every = np.ones(len(roads.segments.network.edges), dtype=bool)
    spoilt = OnDay(roads.seconds(roads.spoilt(every)), plan.inputs.operation.weather.plan)
    reached, _ = stored.driven(1, [spoilt], {kode_tps("A"): 0.0})
    assert reached[kode_tps("A")] < NEVER


def test_a_vehicle_waits_for_no_boxes_that_never_come_and_leaves_without_them() -> None:
    plan = planned()
    own, roads = _Trips.of(plan), Drives.of(plan, plan.inputs.operation.weather.plan)
    seconds = roads.seconds(b"")
    there = arrivals(plan)["arrive"].to_dict()
    trips = plan.trips[(plan.trips["stage"] == "ppk-tps") & (plan.trips["n_tps"] > 1)]
    first = plan.loads.loc[trips.index[0]].index[0]
    today = [OnDay(seconds, plan.inputs.operation.weather.plan)]
    reached, _ = own.driven(1, today, {kode: NEVER if kode == first else 0.0 for kode in there})
    assert {kode for kode, time in reached.items() if time == NEVER} == {first}
    assert all(reached[kode] == time.timestamp() for kode, time in there.items() if kode != first)
    nothing, _ = own.driven(1, today, dict.fromkeys(there, NEVER))
    assert set(nothing) == set(there)
    assert set(nothing.values()) == {NEVER}


@pytest.mark.parametrize(("k", "n"), [(0, 200), (10, 200), (100, 200), (199, 200), (3, 3), (40, 1000)])
def test_the_margin_of_a_chance_is_wilsons(k: int, n: int) -> None:
    low, high = margin(np.array([k / n]), n)
    known = scipy.stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=1e-4)


@pytest.mark.usefixtures("only_maps")
def test_the_command_tells_the_risk_and_writes_it(tmp_path, capsys) -> None:
    inputs = world(LADDER, names={"F": "<script>F"})
    plan = rained(kg.make_plan(inputs), lebat=1.0, lintasan=1.0)
    kg.write_plan(plan, tmp_path / "kaur")
    assert cli.main(["weak", str(tmp_path / "kaur"), "--hujan", "3"]) == cli.OK
    told = capsys.readouterr().out
    assert re.search(r"Hujan acak \(3 kali\): [1-6] TPS", told)  # F, and whom the vehicle would serve after it
    assert f"{kode_tps('F')} <script>F TPS 1: 100 % (44–100)" in told
    folder = tmp_path / "kaur-lemah"
    table = pd.read_csv(folder / "titik_lemah_hujan.csv", sep=None, engine="python", dtype=str)
    assert len(table) == 6
    assert float(table["Peluang terlambat, paling sedikit [%]"][0].replace(",", ".")) == pytest.approx(43.85, abs=0.1)
    page = (folder / "peta_titik_lemah.html").read_text("utf-8")
    rain = rain_risk(plan)
    shown = {layer.key: layer for layer in map_layers(plan, weak_points(plan), "id", rain)}
    assert shown["hujan"].label == "Mungkin terlambat bila hujan"
    assert {thing.kode for thing in shown["hujan"].things} == set(rain.index[rain["late"] > 0])
    layer = pyogrio.read_dataframe(folder / "titik_lemah.gpkg", layer="risiko_hujan")
    assert set(layer["kode_tps"]) == set(rain.index)
    assert "<script>F" not in page
    assert cli.main(["weak", str(tmp_path / "kaur"), "--hujan", "0", "--lang", "en"]) == cli.OK
    assert "Random rains" not in capsys.readouterr().out
