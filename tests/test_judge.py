from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import kaur_gis.judge
from kaur_gis.catalogue import LANGS
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.judge import PROMISES, judge
from kaur_gis.other_ways import other_ways
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.report import told
from tests.world import kit_rules, kode_tps, lon_lat, pattern, speeds, world

DRAWING = """
    G---P---A
        |
        B..C---E
        |
        D------F
"""
A, B, C, D, E, F = (kode_tps(letter) for letter in "ABCDEF")


@cache
def good() -> Plan:
    """Make a plan on a schematic network, with long trips, two trips of one vehicle, and both waves."""
    return make_plan(world(DRAWING, tps={"A": 2, "B": 7}, sulit="CE", psu="D", sinyal={"F": "tidak_ada"}))


@cache
def drawn() -> Plan:
    """Make the same on a network that shows where its roads run, with stops on a road, off it and with a gate."""
    gates = {kode_tps("F"): lon_lat(9, 6)}
    inputs = world(DRAWING, tps={"A": 2, "B": 7}, sulit="CE", polri={"D": "rawan"}, gates=gates)
    desa = inputs.desa.copy()
    aside = {kode_tps("D"): (0.004, 0.001), kode_tps("E"): (-0.004, 0.0)}
    moved = desa.geometry.to_list()
    for kode, (x, y) in aside.items():
        number = desa.index.get_loc(f"{kode[:2]}.{kode[2:4]}.{kode[4:6]}.{kode[6:10]}")
        moved[number] = shapely.transform(moved[number], lambda xy, x=x, y=y: xy + np.array([x, y]))
    desa = desa.set_geometry(gpd.GeoSeries(moved, index=desa.index, crs=desa.crs))
    return make_plan(replace(inputs, desa=desa, roads=replace(inputs.roads, schematic=False)))


def cell(layer: str, row: Any, column: str, value: Any) -> Callable[[Plan], Plan]:
    """Change one cell of a layer; `row` is a label, or a number counted from the first row."""

    def change(plan: Plan) -> Plan:
        frame = getattr(plan, layer).copy()
        label = frame.index[row] if isinstance(row, int) else row
        old = frame.loc[label, column]
        new = value(old) if callable(value) else value
        column_values = frame[column].to_list()
        column_values[frame.index.get_loc(label)] = new
        if column == "geometry":
            return replace(plan, **{layer: frame.set_geometry(gpd.GeoSeries(column_values, frame.index, crs=4326))})
        frame[column] = pd.Series(column_values, index=frame.index, dtype=frame[column].dtype)
        return replace(plan, **{layer: frame})

    return change


def without(layer: str, *rows: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, **{layer: getattr(plan, layer).drop(index=list(rows))})


def again(layer: str, row: int = 0) -> Callable[[Plan], Plan]:
    def change(plan: Plan) -> Plan:
        frame = getattr(plan, layer)
        return replace(plan, **{layer: pd.concat([frame, frame.iloc[[row]]])})

    return change


def named(layer: str, row: int, code: str) -> Callable[[Plan], Plan]:
    """Change the code of one row."""

    def change(plan: Plan) -> Plan:
        frame = getattr(plan, layer)
        codes = frame.index.to_list()
        codes[row] = code
        return replace(plan, **{layer: frame.set_axis(pd.Index(codes, name=frame.index.name, dtype=str))})

    return change


def inputs(**changes: Callable[[Any], Any]) -> Callable[[Plan], Plan]:
    """Change inputs of the plan, so that the plan no longer fits them."""
    return lambda plan: replace(
        plan,
        inputs=replace(plan.inputs, **{name: change(getattr(plan.inputs, name)) for name, change in changes.items()}),
    )


def section(name: str, **values: Any) -> Callable[[Plan], Plan]:
    return inputs(operation=lambda op: op.model_copy(update={name: getattr(op, name).model_copy(update=values)}))


def fleet(kode: str, **values: Any) -> Callable[[Plan], Plan]:
    return inputs(
        operation=lambda op: op.model_copy(
            update={"fleet": tuple(f.model_copy(update=values) if f.kode == kode else f for f in op.fleet)}
        )
    )


def stage(number: int, **values: Any) -> Callable[[Plan], Plan]:
    return inputs(
        operation=lambda op: op.model_copy(
            update={"stages": tuple(s.model_copy(update=values) if n == number else s for n, s in enumerate(op.stages))}
        )
    )


def matrix(vehicle: str, weather: str, **arrays: Callable[[np.ndarray], Any]) -> Callable[[Plan], Plan]:
    def change(plan: Plan) -> Plan:
        times = plan.travel[vehicle, weather]
        made = {name: make(getattr(times, name).copy()) for name, make in arrays.items()}
        changed = replace(times, **{{"metres": "lengths"}.get(name, name): values for name, values in made.items()})
        return replace(plan, travel={**plan.travel, (vehicle, weather): changed})

    return change


def east(point: shapely.Geometry, metres: float = 300.0) -> shapely.Geometry:
    return shapely.transform(point, lambda xy: xy + np.array([metres / 111_000, 0.0]))


def north(point: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(point, lambda xy: xy + np.array([0.0, 0.003]))


def later(minutes: float) -> Callable[[pd.Timestamp], pd.Timestamp]:
    return lambda time: time + pd.Timedelta(minutes=minutes)


def last_trip(plan: Plan, vehicle_kind: str) -> str:
    """Code of a trip that is not the first of its vehicle, of one fleet row."""
    trips = plan.trips[plan.trips["fleet"] == vehicle_kind]
    return str(trips.index[trips["trip_no"].argmax()])


def moved(kode: str, minutes: float) -> Callable[[Plan], Plan]:
    """Drive one trip at another time, all else equal."""

    def change(plan: Plan) -> Plan:
        trips, legs = plan.trips.copy(), plan.legs.copy()
        by = pd.Timedelta(minutes=minutes)
        for frame, columns, rows in (
            (trips, ("depart", "depart_latest", "back", "back_late"), trips.index == kode),
            (legs, ("depart", "arrive", "arrive_late"), legs.index.get_level_values("kode_trip") == kode),
        ):
            for column in columns:
                frame[column] = frame[column].where(~rows, (frame[column] + by).astype("datetime64[s]"))
        return replace(plan, trips=trips, legs=legs)

    return change


def first_leg(plan: Plan) -> tuple[str, int]:
    return plan.legs.index[0]


def on(select: Callable[[Plan], Any], change: Callable[..., Callable[[Plan], Plan]]) -> Callable[[Plan], Plan]:
    """Make the change depend on the plan: `select` finds the row."""
    return lambda plan: change(select(plan))(plan)


def sulit_trip(plan: Plan) -> str:
    return str(plan.trips.index[plan.trips["fleet"] == "MT"][0])


def second_stage_load(plan: Plan) -> tuple[str, str]:
    kode = plan.trips.index[plan.trips["fleet"] == "PU"][0]
    return next(label for label in plan.loads.index if label[0] == kode)


def big_group(plan: Plan) -> str:
    return str(plan.posts.index[plan.posts["n_tps"].argmax()])


def member(number: int) -> Callable[[Plan], str]:
    def find(plan: Plan) -> str:
        rows = plan.guards[plan.guards["kode_post"] == big_group(plan)].sort_values("order")
        return str(rows.index[number])

    return find


def kode_vehicle(kind: str, suffix: str) -> Callable[[Plan], Plan]:
    def change(plan: Plan) -> Plan:
        kode = str(plan.trips.index[plan.trips["fleet"] == kind][0])
        return cell("trips", kode, "vehicle", plan.trips.loc[kode, "base"] + suffix)(plan)

    return change


def limited(rules: Any, **limits: Any) -> Any:
    """Set limits of every class of a pattern."""
    return rules.model_copy(update={"kelas": {k: v.model_copy(update=limits) for k, v in rules.kelas.items()}})


def undeclared_back(plan: Plan) -> Plan:
    """The first trip out as one back, in an operation without a way back."""
    code = plan.trips.index[0]
    legs, loads = (layer[layer.index.get_level_values("kode_trip") == code] for layer in (plan.legs, plan.loads))
    return replace(plan, back_trips=plan.trips.loc[[code]].assign(muatan="kotak"), back_legs=legs, back_loads=loads)


def gate_moved(plan: Plan) -> Plan:
    """Everybody says that the gate of F is another; the drives stay."""
    for layer in ("tps", "stops"):
        plan = cell(layer, F, "akses_lon", lambda lon: lon - 0.005)(plan)
    return inputs(tps=lambda tps: tps.assign(akses_lon=tps["akses_lon"] - 0.005))(plan)


MUTATIONS: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "a trip back that nobody declared": ("back", undeclared_back),
    "a load of an unknown TPS": ("references", without("kits", F)),
    "an unknown stop": ("references", cell("legs", 0, "to_stop", "NOWHERE")),
    "a trip that stands twice": ("references", again("trips")),
    "no travel times for a vehicle": (
        "references",
        lambda plan: replace(plan, travel={k: v for k, v in plan.travel.items() if k != ("motor", "hujan")}),
    ),
    "travel times over other stops": (
        "references",
        lambda plan: replace(
            plan,
            travel={
                k: replace(v, stops=v.stops[:0].append(pd.Index([*v.stops[:-1], "X"], name="kode_stop")))
                for k, v in plan.travel.items()
            },
        ),
    ),
    "a trip without a leg": (
        "references",
        on(lambda p: p.legs.loc[[p.trips.index[0]]].index, lambda i: without("legs", *i)),
    ),
    "legs that skip a number": ("references", on(first_leg, lambda i: without("legs", i))),
    "a trip without a load": (
        "references",
        on(lambda p: p.loads.loc[[p.trips.index[0]]].index, lambda i: without("loads", *i)),
    ),
    "a load handed over at no leg": ("references", cell("loads", 0, "order", 99)),
    "a TPS that the list has and the plan has not": (
        "identity",
        inputs(tps=lambda tps: pd.concat([tps, tps.iloc[[0]].set_axis(["1704019999001"])]).rename_axis("kode_tps")),
    ),
    "a TPS that the plan has and the list has not": ("identity", inputs(tps=lambda tps: tps.drop(index=F))),
    "other voters than the list": ("identity", cell("tps", A, "pemilih", 201)),
    "a TPS away from its village's point": ("place", cell("tps", A, "geometry", east)),
    "a TPS in another kecamatan": ("place", cell("tps", A, "kode_kec", "17.04.02")),
    "a place that is no stop of the list": ("stops", inputs(tempat=lambda t: t[t["jenis"] != "ppk"])),
    "a gudang that is called a PPK": ("stops", cell("stops", "GUDANG-1", "kind", "ppk")),
    "a stop with another number of TPS": ("stops", cell("stops", B, "n_tps", 6)),
    "a stop away from its TPS": ("stops", cell("stops", B, "geometry", east)),
    "a stop with a gate that its TPS do not declare": ("stops", cell("stops", B, "akses_lon", 103.3)),
    "a gudang with a gate": ("stops", cell("stops", "GUDANG-1", "akses_lat", -4.7)),
    "a gudang by another name": ("stops", cell("stops", "GUDANG-1", "nama", "PPK")),
    "a stop in another village than its TPS": ("stops", cell("stops", B, "kode_desa", "17.04.01.2099")),
    "a class that no rule gives": ("tags", cell("tps", A, "kerawanan", "rawan")),
    "a class by the rules that no rule gives": ("tags", cell("tps", A, "kerawanan_aturan", "rawan")),
    "another access than the list": ("tags", cell("tps", A, "akses", "sulit")),
    "another signal than the list": ("tags", cell("tps", A, "sinyal", "lemah")),
    "one ballot too few": ("kit", cell("kits", A, "suara_ppwp", lambda n: n - 1)),
    "a kit for nobody": (
        "kit",
        lambda plan: replace(
            plan, kits=pd.concat([plan.kits, plan.kits.iloc[[0]].set_axis(["1704019999001"])]).rename_axis("kode_tps")
        ),
    ),
    "a TPS in two trips": (
        "served",
        lambda plan: replace(
            plan,
            loads=pd.concat(
                [
                    plan.loads,
                    plan.loads.loc[[second_stage_load(plan)]].set_axis(
                        pd.MultiIndex.from_tuples(
                            [(sulit_trip(plan), second_stage_load(plan)[1])], names=plan.loads.index.names
                        )
                    ),
                ]
            ),
        ),
    ),
    "a bundle of ballots of another dapil": ("dapil", cell("loads", 0, "dapil", "II")),
    "a kit of another dapil": ("dapil", cell("kits", 0, "dapil", "II")),
    "a dapil where no ballot is printed by dapil": (
        "dapil",
        inputs(
            kit_rules=lambda rules: rules.model_copy(
                update={"ballots": tuple(kind.model_copy(update={"by_dapil": False}) for kind in rules.ballots)}
            )
        ),
    ),
    "a gudang that serves another dapil": (
        "dapil",
        inputs(tempat=lambda tempat: tempat.assign(dapil=tempat["jenis"].map({"gudang": "II"}).fillna("").astype(str))),
    ),
    "a TPS in no trip": (
        "served",
        on(lambda p: next(i for i in p.loads.index if i[1] == B), lambda i: without("loads", i)),
    ),
    "a TPS served and unserved": (
        "served",
        lambda plan: replace(
            plan,
            unserved=pd.DataFrame(
                {"stage": ["ppk-tps"], "reason": ["no_time"]}, index=pd.Index([A], name="kode_tps", dtype=str)
            ),
        ),
    ),
    "a hard TPS in the easy wave": ("wave", on(sulit_trip, lambda i: cell("trips", i, "wave", "H-1"))),
    "boxes handed over at a stranger's": (
        "delivery",
        on(
            lambda p: next(i for i in p.loads.index if i[1] == F and p.trips.loc[i[0], "stage"] == "ppk-tps"),
            lambda i: cell("loads", i, "order", lambda n: n - 1 or n + 1),
        ),
    ),
    "boxes that leave before they came": ("chain", on(sulit_trip, lambda i: moved(i, -30))),
    "boxes that never came": (
        "chain",
        on(
            lambda p: next(i for i in p.loads.index if i[1] == F and p.trips.loc[i[0], "stage"] == "gudang-ppk"),
            lambda i: without("loads", i),
        ),
    ),
    "a load that is not the kit": ("loads", cell("loads", 0, "kg", lambda kg: kg + 1)),
    "a trip that is not the sum of its loads": ("loads", cell("trips", 0, "m3", lambda m3: m3 + 1)),
    "more boxes than the vehicle takes": ("loads", fleet("PU", max_kotak=4)),
    "more kg than the vehicle takes": ("loads", fleet("PU", max_kg=124.0)),
    "more TPS than are loaded": ("loads", cell("trips", 0, "n_tps", lambda n: n + 1)),
    "a pickup sent to a hard TPS": ("akses", fleet("MT", akses=("biasa",))),
    "a trip that ends elsewhere": ("base", cell("legs", -1, "to_stop", A)),
    "a trip from a PPK in the gudang's stage": ("base", stage(0, origin="pps")),
    "a vehicle of another stage": ("fleet", fleet("PU", stage="gudang-ppk")),
    "a vehicle at a base where none stands": ("fleet", fleet("PU", bases=("PPK-2",))),
    "a vehicle with a number that does not exist": ("fleet", kode_vehicle("PU", "-PU-03")),
    "a vehicle with no number": ("fleet", kode_vehicle("PU", "-PU-x")),
    "more vehicles than there are, by another spelling": (
        "fleet",
        lambda plan: fleet("PU", count=1)(kode_vehicle("PU", "-PU-1")(plan)),
    ),
    "more trips than a vehicle may make": ("fleet", fleet("MT", max_trips=1)),
    "two trips of one vehicle at once": ("overlap", on(lambda p: last_trip(p, "MT"), lambda i: moved(i, -9))),
    "trips numbered wrongly": ("overlap", cell("trips", 0, "trip_no", 7)),
    "a trip before the working day": ("hours", on(lambda p: p.trips.index[0], lambda i: moved(i, -1))),
    "a trip that ends in the night": ("hours", on(lambda p: p.trips.index[0], lambda i: moved(i, 14 * 60))),
    "a trip on another day": ("hours", on(lambda p: p.trips.index[0], lambda i: moved(i, -24 * 60))),
    "boxes after the deadline": (
        "deadline",
        inputs(
            operation=lambda op: op.model_copy(
                update={"waves": tuple(w.model_copy(update={"deadline": dt.time(6, 12)}) for w in op.waves)}
            )
        ),
    ),
    "a first leg that leaves before its trip": ("times", cell("trips", 0, "depart", later(1))),
    "an arrival without a drive": ("times", cell("legs", 0, "arrive", later(1))),
    "a departure without a handover": ("times", cell("legs", 1, "depart", later(-1))),
    "a return that no leg makes": ("times", cell("trips", 0, "back", later(1))),
    "a late arrival that the heavier weather does not give": ("late", cell("legs", 0, "arrive_late", later(1))),
    "a late return that the heavier weather does not give": ("late", cell("trips", 0, "back_late", later(1))),
    "a departure that is later than the latest safe one": ("latest", cell("trips", 0, "depart_latest", later(1))),
    "a latest departure before the departure": ("latest", cell("trips", 0, "depart_latest", later(-86_400))),
    "a leg of other seconds than the matrix": ("travel", cell("legs", 0, "seconds", lambda s: s - 1)),
    "a leg of other metres than the matrix": ("travel", cell("legs", 0, "metres", lambda m: m - 1)),
    "a trip that is not the sum of its legs": ("travel", cell("trips", 0, "seconds", lambda s: s - 1)),
    "a matrix that the roads do not give": (
        "roads",
        on(first_leg, lambda i: cell("legs", i, "seconds", lambda s: s - 9)),
    ),
    "roads that are longer than the legs": (
        "roads",
        inputs(roads=lambda r: replace(r, edges=r.edges.assign(metres=r.edges["metres"] * 1.01))),
    ),
    "a carry that takes no time": ("roads", matrix("motor", "kering", carry_s=lambda s: s * 0 + 60)),
    "roads that are barred": (
        "roads",
        inputs(roads=lambda r: replace(r, edges=r.edges.assign(motor_vehicle=["no"] * 2 + [""] * (len(r.edges) - 2)))),
    ),
    "roads that bear no truck": ("roads", inputs(roads=lambda r: replace(r, edges=r.edges.assign(maxweight_t=3.0)))),
    "roads that a truck is too wide for": (
        "roads",
        inputs(roads=lambda r: replace(r, edges=r.edges.assign(width_m=2.0))),
    ),
    "roads of a class without a speed": (
        "roads",
        inputs(roads=lambda r: replace(r, edges=r.edges.assign(highway="track"))),
    ),
    "roads slower by law": ("roads", inputs(roads=lambda r: replace(r, edges=r.edges.assign(maxspeed_kmh=40.0)))),
    "roads through fords": ("roads", inputs(roads=lambda r: replace(r, edges=r.edges.assign(fords=1)))),
    "a line that begins elsewhere": ("geometry", cell("legs", 0, "geometry", east)),
    "a walk that takes no time": ("geometry", cell("legs", 0, "walk_s", 1)),
    "a bridge that nobody drives over": ("passed", cell("legs", 0, "bridges", 1)),
    "a ford that is not told": ("passed", inputs(roads=lambda r: replace(r, edges=r.edges.assign(fords=1)))),
    "a ferry on land": ("passed", cell("legs", 0, "ferries", 1)),
    "a rough road that is not told": (
        "passed",
        inputs(roads=lambda r: replace(r, edges=r.edges.assign(surface="unpaved"))),
    ),
    "a way outside the kabupaten of which nobody knows": ("passed", cell("legs", 0, "outside_m", 700)),
    "a walk that is not the distance to the road": ("geometry", cell("legs", 0, "walk_m", lambda m: m + 60)),
    "a leg that is said to be on a road": ("geometry", cell("legs", 0, "on_road", lambda on_road: not on_road)),
    "a post with an officer too few": ("groups", cell("posts", 0, "officers", lambda n: n + 1)),
    "a TPS without a guard": ("guarded", on(member(0), lambda i: without("guards", i))),
    "a post that guards nobody": (
        "guarded",
        lambda plan: replace(
            plan, posts=pd.concat([plan.posts, plan.posts.iloc[[0]].set_axis(["P-X"])]).rename_axis("kode_post")
        ),
    ),
    "a group that is too large": (
        "groups",
        inputs(
            pattern=lambda p: p.model_copy(
                update={"kelas": {k: v.model_copy(update={"tps_per_group": 1}) for k, v in p.kelas.items()}}
            )
        ),
    ),
    "a group of another class": ("groups", on(big_group, lambda i: cell("posts", i, "kerawanan", "rawan"))),
    "a group of another kecamatan": ("groups", on(big_group, lambda i: cell("posts", i, "kode_kec", "17.04.02"))),
    "a group that miscounts itself": ("groups", on(big_group, lambda i: cell("posts", i, "n_tps", lambda n: n - 1))),
    "a round that is not numbered from 1": ("rounds", on(member(0), lambda i: cell("guards", i, "order", 0))),
    "a round with other seconds": ("rounds", on(member(1), lambda i: cell("guards", i, "seconds", lambda s: s + 1))),
    "a round whose sum is wrong": ("rounds", on(big_group, lambda i: cell("posts", i, "metres", lambda m: m + 1))),
    "groupings that miscount": ("groupings", cell("groupings", 0, "groups", lambda n: n + 1)),
    "groupings that leave a class out": (
        "groupings",
        lambda plan: replace(plan, groupings=plan.groupings.iloc[1:]),
    ),
    "a bound that lies above what was found": ("groupings", cell("groupings", 0, "bound_seconds", 999_999)),
    "a TPS that forces nothing": ("groupings", cell("groupings", 0, "forced_by", A)),
    "a group that leaves its village": (
        "groups",
        inputs(pattern=lambda p: limited(p, within="desa")),
    ),
    "a group that is too far apart": ("groups", inputs(pattern=lambda p: limited(p, max_minutes=0.5))),
    "a post away from its first TPS": ("rounds", on(big_group, lambda i: cell("posts", i, "geometry", east))),
}

DRAWN: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "a leg that leaves the road": (
        "geometry",
        cell(
            "legs",
            0,
            "geometry",
            lambda line: shapely.LineString([line.coords[0], north(line).coords[0], line.coords[-1]]),
        ),
    ),
    "a line that is longer than the leg": ("geometry", cell("legs", 0, "metres", lambda m: m // 2)),
    "a road point that is not the nearest": (
        "roads",
        lambda plan: replace(plan, stops=plan.stops.set_geometry(plan.stops.geometry.translate(0.003, 0.003))),
    ),
    "bridges that are not told": ("passed", inputs(roads=lambda r: replace(r, edges=r.edges.assign(bridges=1)))),
    "a ferry that is not told": ("passed", inputs(roads=lambda r: replace(r, edges=r.edges.assign(highway="ferry")))),
    "unknown metres that are too few": ("passed", cell("legs", 0, "unknown_m", 0)),
    "another kabupaten that is not told": ("passed", inputs(kecamatan=lambda k: k.iloc[:0])),
    "a gate that is not where the vehicle stops": ("roads", gate_moved),
    "a road point on no road": ("roads", cell("legs", -1, "geometry", lambda line: east(line, 3000))),
}


def names(problems: tuple[Any, ...]) -> list[str]:
    return sorted({problem.what.removeprefix("promise_") for problem in problems})


@pytest.mark.parametrize("plan", [good, drawn])
def test_a_plan_as_it_is_made_keeps_every_promise(plan):
    assert plan().unserved.empty
    assert judge(plan()) == ()
    assert plan().trips["trip_no"].max() > 1
    assert plan().posts["n_tps"].max() > 1


@pytest.mark.parametrize(("promise", "change"), MUTATIONS.values(), ids=MUTATIONS)
def test_the_judge_names_the_promise_that_a_changed_plan_breaks(promise, change):
    assert promise in names(judge(change(good())))


@pytest.mark.parametrize(("promise", "change"), DRAWN.values(), ids=DRAWN)
def test_the_judge_knows_where_the_roads_run(promise, change):
    assert promise in names(judge(change(drawn())))


OF_PEOPLE = {"reactions", "staffing", "nobody_idle"}  # broken one by one in test_staff.py
OF_SIGNAL = {"signals", "signal_points", "channels", "couriers", "no_detour", "relays"}  # in tests/comms
OF_WAYS = {"other_ways", "neighbours"}  # in test_other_ways.py and test_neighbours.py
OF_STORE = {"store"}  # in distribute/test_store.py
OF_HOURS = {"closures"}  # in test_hours.py
OF_DRIVERS = {
    "coming",
    "driver",
    "driver_late",
    "driver_back",
    "driver_back_late",
}  # in tests/distribute, drivers by name
OF_GOODS = {"beside"}  # broken in tests/distribute/test_beside.py


def test_every_promise_has_a_plan_that_breaks_it():
    elsewhere = {"unserved"} | OF_PEOPLE | OF_SIGNAL | OF_STORE | OF_WAYS | OF_HOURS | OF_DRIVERS | OF_GOODS
    assert {promise for promise, _ in (MUTATIONS | DRAWN).values()} | elsewhere == set(PROMISES)


@pytest.mark.parametrize("seconds", [10**12, 2**63 - 1])
def test_times_that_no_calendar_has_are_told_in_seconds(seconds):
    found = {problem.what: problem for problem in judge(cell("legs", 0, "seconds", seconds)(good()))}
    start = int(good().legs["depart"].iloc[0].timestamp())
    assert found["promise_times"].details["wanted"] == f"{start + seconds} s"


def test_every_broken_promise_can_be_told():
    problem = judge(cell("legs", 0, "seconds", lambda s: s - 1)(good()))[0]
    assert problem.level == "refuse"
    for promise in PROMISES:
        for lang in LANGS:
            assert promise in told(replace(problem, what=f"promise_{promise}"), lang)


def shuffled(plan: Plan) -> Plan:
    layers = ("tps", "kits", "stops", "trips", "legs", "loads", "unserved", "posts", "guards", "other_ways")
    mixed = {name: getattr(plan, name).sample(frac=1, random_state=n) for n, name in enumerate(layers)}
    roads = plan.inputs.roads
    lists = {name: getattr(plan.inputs, name).iloc[::-1] for name in ("kecamatan", "desa", "tempat", "tps")}
    roads = replace(roads, nodes=roads.nodes.iloc[::-1], edges=roads.edges.iloc[::-1])
    return replace(plan, inputs=replace(plan.inputs, roads=roads, **lists), **mixed)


@pytest.mark.parametrize("plan", [good, drawn])
def test_nothing_depends_on_the_order_of_rows(plan):
    assert judge(shuffled(plan())) == ()
    worse = cell("legs", 0, "seconds", lambda s: s + 100)(plan())
    assert set(map(repr, judge(shuffled(worse)))) == set(map(repr, judge(worse)))


def test_a_plan_of_nobody_keeps_every_promise():
    plan = good()
    nobody = {
        name: getattr(plan, name).iloc[:0]
        for name in ("tps", "kits", "trips", "legs", "loads", "posts", "guards", "groupings", "other_ways")
    }
    stops = plan.stops[plan.stops["kind"] != "tps"]
    travel = {
        key: replace(
            times,
            stops=stops.index,
            seconds=times.seconds[:2, :2],
            lengths=times.metres[:2, :2],
            snap_m=times.snap_m[:2],
            carry_m=times.carry_m[:2],
            carry_s=times.carry_s[:2],
        )
        for key, times in plan.travel.items()
    }
    empty = replace(
        plan, inputs=replace(plan.inputs, tps=plan.inputs.tps.iloc[:0]), stops=stops, travel=travel, **nobody
    )
    assert judge(empty) == ()


def left_behind(plan: Plan, kode: str, stage: str = "ppk-tps") -> Plan:
    """Take a TPS that has trips to itself from a stage on out of them, and blame the time."""
    own = {plan.trips["stage"][trip]: trip for trip, of in plan.loads.index if of == kode}
    stages = [row.name for row in plan.inputs.operation.stages]
    trip = [own[name] for name in stages[stages.index(stage) :]]
    assert plan.trips.loc[trip, "n_tps"].tolist() == [1] * len(trip)
    trips, loads = plan.trips.drop(index=trip), plan.loads.drop(index=trip, level="kode_trip")
    return replace(
        plan,
        trips=trips,
        legs=plan.legs.drop(index=trip, level="kode_trip"),
        loads=loads,
        other_ways=other_ways(plan.inputs, plan.tps, plan.travel, trips, loads),
        unserved=pd.DataFrame(
            {"stage": [stage], "reason": ["no_time"]}, index=pd.Index([kode], name="kode_tps", dtype=str)
        ),
    )


SMALL = "G---P---A..C"


def cut_off(plan: Plan, *, there: bool) -> Plan:
    """Let C lie behind travel times by which it can't be reached, or not be left, whatever its roads are."""
    plan = left_behind(plan, C)
    at = [list(plan.stops.index).index(code) for code in ("PPK-1", C)]
    row, column = at if there else at[::-1]

    def close(cells: np.ndarray) -> np.ndarray:
        cells[row, column] = -1
        return cells

    for key in plan.travel:
        plan = matrix(*key, seconds=close, metres=close)(plan)
    reason = "no_road" if there else "no_way_back"
    return replace(plan, unserved=plan.unserved.assign(reason=pd.Series(reason, plan.unserved.index, dtype=str)))


WORLDS: Mapping[str, Callable[[], Plan]] = {
    "no_road": lambda: make_plan(world("C>>>G---P---A", sulit="C")),
    "no_way_back": lambda: make_plan(world("G---P---A>>>C---+", sulit="C")),
    "no_vehicle": lambda: make_plan(world(SMALL, sulit="C", fleet=[f for f in FLEET if f["kode"] != "MT"])),
    "no_fleet": lambda: make_plan(world(SMALL, fleet=[FLEET[0] | {"rusak": BROKEN}, *FLEET[1:]])),
    "too_big": lambda: make_plan(world(SMALL, kit=kit_rules(kg_per_kotak=190.0))),
    "too_far_from_road": lambda: make_plan(world(SMALL + "        E")),
    "no_time": lambda: make_plan(world(SMALL, waves=[{**w, "deadline": dt.time(6, 20)} for w in WAVES])),
    "not_at_ppk": lambda: make_plan(world(SMALL + "---e")),
    "no_store": lambda: make_plan(world(SMALL, simpan=[{"jenis": "ppk", "max_kotak": 5, "sumber": "contoh"}])),
}
WAVES = [
    {"name": "H-2", "days_before": 2, "akses": ["sulit"]},
    {"name": "H-1", "days_before": 1, "akses": ["biasa"]},
]
BROKEN = ("GUDANG-1-TR-01", "GUDANG-1-TR-02")
FLEET = [
    {
        "kode": kode,
        "name": kode,
        "stage": where,
        "vehicle": vehicle,
        "count": 2,
        "max_kotak": 100,
        "max_kg": 900.0,
        "max_m3": 9.0,
        "akses": akses,
        "sumber": "contoh",
    }
    for kode, where, vehicle, akses in (
        ("TR", "gudang-ppk", "truck", ["biasa", "sulit"]),
        ("PU", "ppk-tps", "pickup", ["biasa"]),
        ("MT", "ppk-tps", "motor", ["biasa", "sulit"]),
    )
]


@pytest.mark.parametrize("reason", WORLDS)
def test_a_true_reason_is_confirmed_and_a_false_one_is_not(reason):
    plan = WORLDS[reason]()
    assert reason in set(plan.unserved["reason"])
    assert judge(plan) == ()
    for false in {*WORLDS} - {reason}:
        worse = replace(plan, unserved=plan.unserved.assign(reason=plan.unserved["reason"].replace(reason, false)))
        assert names(judge(worse)) == ["unserved"]


@pytest.mark.parametrize("schematic", [True, False])
def test_want_of_a_road_is_no_reason_where_there_is_one_whatever_the_travel_times_say(schematic):
    inputs_ = world(SMALL, sulit="C")
    plan = make_plan(replace(inputs_, roads=replace(inputs_.roads, schematic=schematic)))
    for there in (True, False):
        assert names(judge(cut_off(plan, there=there))) == ["unserved"]
    shut = make_plan(close_roads(plan.inputs, [closure_of("titik:{1:.7f},{0:.7f},400".format(*lon_lat(10, 0)))]))
    assert shut.unserved["reason"].to_dict() == {C: "no_road"}
    assert judge(shut) == ()


def test_no_time_is_no_reason_where_a_vehicle_stands_idle():
    plan = make_plan(world("G---P---A", sulit="A"))
    assert names(judge(left_behind(plan, A))) == ["unserved"]
    busy = make_plan(world("G---P---A---C", sulit="AC", fleet=[{**f, "count": 1, "max_kotak": 5} for f in FLEET]))
    assert names(judge(left_behind(busy, busy.loads.index[-1][1]))) == []


def test_nor_is_it_one_where_vehicles_stand_idle_in_the_stage_that_fails_and_in_those_behind_it():
    fleet, stages = [{**f, "count": 2, "max_kotak": 5} for f in FLEET], ("gudang-ppk", "ppk-tps")
    plan = make_plan(world("G---P---A---C", fleet=fleet))
    told = {problem.value: problem.details["wanted"] for problem in judge(left_behind(plan, C, "gudang-ppk"))}
    assert told == {C: "TR + MT"}
    for busy in stages:
        few = [{**f, "count": 1 if f["stage"] == busy else 2, "max_kotak": 5} for f in FLEET if f["kode"] != "MT"]
        one = make_plan(world("G---P---A---C", fleet=few))
        assert judge(left_behind(one, C, "gudang-ppk")) == ()


def test_a_wave_that_took_the_vehicles_of_the_day_leaves_none_for_the_next():
    same_day = [{**wave, "days_before": 1, "deadline": dt.time(18)} for wave in WAVES]
    one = [{**f, "count": 1, "akses": ["biasa", "sulit"]} for f in FLEET if f["kode"] != "PU"]
    plan = make_plan(world("G---P---A---C", sulit="A", waves=same_day, fleet=one))
    assert plan.unserved["reason"].to_dict() == {C: "no_fleet"}
    assert judge(plan) == ()


def test_where_a_wave_of_the_same_day_left_no_vehicle_the_want_of_time_on_another_day_is_a_reason():
    days = ({"name": "H-2b", "kode_tps": [A]}, {"name": "H-2"}, {"name": "H-1"})
    waves = [{"days_before": 1 if own["name"] == "H-1" else 2, "deadline": dt.time(18)} | own for own in days]
    one = [{**f, "count": 1, "max_trips": 1, "max_kotak": 5} for f in FLEET if f["kode"] != "MT"]
    plan = make_plan(world("G---P---A---C", tps={"C": 2}, waves=waves, fleet=one))
    assert plan.unserved["reason"].to_list() == ["no_time"]
    assert plan.unserved.index[0] != A
    assert judge(plan) == ()


def test_a_chain_by_way_of_the_villages_is_judged_too():
    inputs_ = world("G---P---A---C")
    pps = inputs_.tempat.loc[["PPK-1", "PPK-1"]].assign(
        jenis="pps", kode_desa=["17.04.01.2001", "17.04.01.2003"], induk="GUDANG-1"
    )
    points = inputs_.desa.geometry.loc[["17.04.01.2001", "17.04.01.2003"]].to_list()
    pps = pps.set_geometry(gpd.GeoSeries(points, index=pps.index, crs=4326)).set_axis(["PPS-1", "PPS-3"])
    tempat = pd.concat([inputs_.tempat, pps]).rename_axis("kode_tempat")
    stages = [s.model_dump() for s in inputs_.operation.stages]
    stages = [stages[0] | {"name": "gudang-pps", "target": "pps"}, stages[1] | {"name": "pps-tps", "origin": "pps"}]
    fleets = [{**f, "stage": "gudang-pps" if f["kode"] == "TR" else "pps-tps"} for f in FLEET]
    operation = world("G---P---A---C", stages=stages, fleet=fleets).operation
    plan = make_plan(replace(inputs_, tempat=tempat, operation=operation))
    assert plan.unserved.empty
    assert judge(plan) == ()


def test_groups_that_keep_the_limits_of_their_pattern_are_accepted():
    plan = make_plan(replace(world("G---P---A---B", tps={"A": 2}), pattern=limited(pattern(), max_minutes=30.0)))
    assert plan.posts["n_tps"].max() > 1
    assert judge(plan) == ()


def test_late_times_end_where_a_road_closes():
    plan = make_plan(world("G---P---A..C", weather={"plan": "kering", "late": "hujan_lebat"}))
    assert plan.legs["arrive_late"].isna().any()
    assert judge(plan) == ()
    assert "late" in names(judge(replace(plan, legs=plan.legs.assign(arrive_late=plan.legs["arrive"]))))


def test_flags_of_bawaslu_and_a_police_post_are_judged_too():
    rules = [{"kelas": "rawan", "sebab": "dua tanda", "bawaslu": ["keamanan", "lokasi"], "bawaslu_at_least": 2}]
    flags = {"A": ("keamanan", "lokasi"), "B": ("lokasi",)}
    made = make_plan(world("G-P-A-B-O", bawaslu=flags, kerawanan={"rules": rules}))
    assert made.broken == ()
    assert list(made.tps["kerawanan"]) == ["rawan", "kurang_rawan"]
    tps = made.tps.assign(bawaslu_lokasi="tidak")
    told = judge(
        replace(made, tps=tps, inputs=replace(made.inputs, tps=made.inputs.tps.assign(bawaslu_lokasi="tidak")))
    )
    assert [(problem.what, problem.value) for problem in told] == [("promise_tags", A)]
    stops = made.stops.assign(kind=made.stops["kind"].replace("polsek", "pps"))
    assert [(problem.what, problem.value) for problem in judge(replace(made, stops=stops))] == [
        ("promise_stops", "POLSEK-1")
    ]


def test_motorcycles_walkers_and_surfaces_are_read_from_the_tags():
    inputs_ = world(SMALL)
    edges = inputs_.roads.edges
    tagged = {
        "asphalt": edges.assign(surface="asphalt", highway="secondary_link"),
        "mixed": edges.assign(surface="asphalt;gravel"),
        "bad": edges.assign(surface="asphalt", smoothness="bad"),
        "track": edges.assign(tracktype="grade5"),
        "motorcycles only": edges.assign(access="no", motor_vehicle="yes", motorcycle="designated"),
    }
    for frame in tagged.values():
        for moves_as in ("motorcycle", "foot"):
            table = speeds()
            motor = table.vehicles["motor"].model_copy(update={"moves_as": moves_as})
            table = table.model_copy(update={"vehicles": {**table.vehicles, "motor": motor}})
            plan = make_plan(replace(inputs_, speeds=table, roads=replace(inputs_.roads, edges=frame)))
            assert judge(plan) == ()


def test_a_rounding_that_is_named_is_the_one_that_is_judged():
    for rounding in ("up", "nearest", "down"):
        plan = make_plan(world(SMALL, pemilih=225, kit=kit_rules(rounding=rounding)))
        assert judge(plan) == ()


def test_a_surveyed_tps_and_one_of_the_polices_class_are_judged_too():
    where = good().inputs.desa.geometry.iloc[0]
    plan = make_plan(world(SMALL, gps={A: (where.x, where.y)}, polri={"A": "rawan"}, guard_pattern=pattern()))
    assert judge(plan) == ()


def test_a_village_without_a_node_of_its_own_is_carried_to_from_the_nearest():
    inputs_ = world("G---P---A---C")
    nodes = inputs_.roads.nodes
    nodes = nodes.assign(kode_desa=nodes["kode_desa"].where(nodes["kode_desa"] != "17.04.01.2001", ""))
    inputs_ = replace(inputs_, roads=replace(inputs_.roads, nodes=nodes))
    desa = inputs_.desa
    desa = desa.set_geometry([north(p) if k == "17.04.01.2001" else p for k, p in desa.geometry.items()])
    plan = make_plan(replace(inputs_, desa=desa.set_crs(4326)))
    assert plan.travel["pickup", "kering"].carry_s.max() > 300
    assert judge(plan) == ()


def test_a_supplier_that_is_no_gudang_supplies_nobody():
    inputs_ = world("G---P---A")
    tempat = inputs_.tempat.assign(induk=pd.Series(["", "PPK-1"], index=inputs_.tempat.index, dtype=str))
    plan = make_plan(replace(inputs_, tempat=tempat))
    assert plan.unserved["reason"].to_dict() == {A: "not_at_ppk"}
    assert judge(plan) == ()


# a paved way of 12 km and an unpaved one of 6 km, both of 720 s
TWO_WAYS = """
      +-----+
      |     |
      |     |
    G-P.....A
"""


def test_of_equally_quick_ways_any_is_right_and_nothing_beyond_them():
    plan = make_plan(world(TWO_WAYS))
    assert {*plan.legs["metres"]} == {2000, 12000}
    assert judge(plan) == ()
    for metres, broken in ((5900, True), (6000, False), (12000, False), (12100, True)):
        legs = plan.legs.assign(metres=plan.legs["metres"].where(plan.legs["seconds"] != 720, metres))
        assert ("roads" in names(judge(replace(plan, legs=legs)))) == broken, metres


@pytest.mark.parametrize(
    ("drawing", "paved_m", "unpaved_m", "driven_m"),
    [
        # 6 x 12000.48 ms beside 72001.2 ms; 5 x 12000.48 ms beside 3 x 20000.58 ms: the many are rounded down
        ("+-+-+-+-+\n|       |\n|       |\nP.......A\n|\nG", 200.008, 600.01, 1200),
        ("+---------+\n|         |\n|         |\nP.+.+.+.+.A\n|\nG", 333.343, 100.004, 500),
    ],
    ids=["the longer", "the shorter"],
)
def test_a_way_that_is_quickest_in_whole_milliseconds_is_right(drawing, paved_m, unpaved_m, driven_m):
    inputs_ = world(drawing)
    edges = inputs_.roads.edges
    metres = np.where(edges["surface"] == "unpaved", unpaved_m, paved_m)
    plan = make_plan(replace(inputs_, roads=replace(inputs_.roads, edges=edges.assign(metres=metres))))
    assert driven_m in {*plan.legs["metres"]}
    assert judge(plan) == ()


@pytest.mark.parametrize("km", [31, 120])
def test_a_long_straight_road_is_where_it_is_drawn(km):
    inputs_ = world("G---P" + "-" * (km - 1) + "A", region={"east_lon": 106.0})
    assert judge(make_plan(inputs_)) == ()
    at = inputs_.desa.geometry
    middle = shapely.Point((at["17.04.01.2001"].x + at["17.04.01.2016"].x) / 2, at["17.04.01.2001"].y + 0.001)
    desa = inputs_.desa.set_geometry([middle if kode == "17.04.01.2001" else point for kode, point in at.items()])
    roads = replace(inputs_.roads, schematic=False)
    plan = make_plan(replace(inputs_, desa=desa.set_crs(4326), roads=roads))
    assert plan.unserved.empty
    assert judge(plan) == ()
    for aside, broken in ((3e-5, True), (0.0, False)):  # 3 m
        first, last = plan.legs.geometry.iloc[-1].coords
        through = shapely.LineString([first, ((first[0] + last[0]) / 2, (first[1] + last[1]) / 2 + aside), last])
        assert ("geometry" in names(judge(cell("legs", -1, "geometry", through)(plan)))) == broken


def test_the_judge_calls_nothing_of_the_code_that_makes_plans():
    rooms = {"travel", "distribute", "guard", "grouping", "kit", "tag", "place", "pipeline"}
    for file in Path(kaur_gis.judge.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not rooms & set((node.module or "").split(".")), file
            if isinstance(node, ast.Import):
                assert not any(rooms & set(alias.name.split(".")) for alias in node.names), file


def test_a_stop_where_a_one_way_road_ends_lies_on_the_roads_that_go_on():
    """By the first road one only comes: it belongs to no part in which one can drive from anywhere to anywhere."""
    drawn = world("C>>>G---P---A", sulit="C")
    plan = make_plan(replace(drawn, roads=replace(drawn.roads, schematic=False)))
    assert plan.broken == ()
    assert set(plan.unserved["reason"]) == {"no_road"}
