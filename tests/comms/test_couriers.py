"""How TPS without signal are heard: the nearest place with signal, couriers, radios."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise, permutations, product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kaur_gis.comms import communicate, courier, signal_points
from kaur_gis.comms.channel import NEVER, Walks, channels, heard_stops
from kaur_gis.comms.courier import choose, couriers, rounds
from kaur_gis.config import Komunikasi
from kaur_gis.inputs import Inputs
from kaur_gis.judge import PROMISES
from kaur_gis.judge.facts import Facts
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import SolverError
from kaur_gis.write.heard import heard_by
from kaur_gis.write.signal_tables import signal_tables
from tests.comms.test_signal import around, coverage
from tests.world import kode_tps, lon_lat, operation, world

START = dt.time(18)
START_AT = pd.Timestamp(2024, 2, 14, 18)
SILENT = {"B": "tidak_ada", "C": "lemah", "D": "tidak_ada", "F": "tidak_ada", "x": "tidak_ada"}
DRAWING = """
    G---P---A----B-C--D
            |
            E..F                       x
"""


def how(**changes: Any) -> dict[str, Any]:
    return {"start": START, "max_minutes": 30.0, "vehicles": ("motor",), "sumber": "contoh", **changes}


def silent(**changes: Any) -> Inputs:
    """A road along which signal gets lost, and an island."""
    return world(DRAWING, tps={"C": 2}, sinyal=SILENT, komunikasi=how(**changes))


@cache
def made() -> Plan:
    return make_plan(silent())


def test_one_courier_serves_neighbours_where_that_is_faster() -> None:
    plan = made()
    assert plan.broken == ()
    first, second = plan.couriers.iloc[0], plan.couriers.iloc[1]
    assert (first["from_stop"], first["signal_stop"]) == (kode_tps("D"), kode_tps("A"))
    assert (first["n_stops"], first["n_tps"]) == (3, 4)
    assert first["out_s"] == first["back_s"] == (3 + 2 + 5) * 60 + 2 * 300
    assert first["alone_s"] == 2 * (10 + 7 + 5) * 60
    times = [f"{first[name]:%H:%M}" for name in ("depart", "arrive", "sent", "back")]
    assert times == ["18:00", "18:20", "18:40", "19:00"]
    assert (second["from_stop"], second["signal_stop"], second["n_tps"]) == (kode_tps("F"), kode_tps("E"), 1)
    order = plan.channels.loc[[kode_tps("D"), kode_tps("C"), kode_tps("C", 2), kode_tps("B")], "order"]
    assert list(order) == [1, 2, 2, 3]
    assert shapely.get_point(first["geometry"], 0).distance(plan.stops.geometry[kode_tps("D")]) < 1e-6
    assert shapely.get_point(first["geometry"], -1).distance(plan.stops.geometry[kode_tps("A")]) < 1e-6


def test_where_no_place_is_within_the_limit_a_radio_or_a_satellite_phone_is_needed() -> None:
    assert made().channels.loc[kode_tps("x"), ["channel", "signal_stop", "there_s"]].tolist() == ["satelit", "", -1]
    plan = make_plan(silent(max_minutes=6.0, radio_range_m=5500.0))
    assert plan.broken == ()
    assert plan.channels["channel"].to_dict() == {
        kode_tps("B"): "kurir",
        kode_tps("C"): "satelit",
        kode_tps("C", 2): "satelit",
        kode_tps("D"): "satelit",
        kode_tps("F"): "kurir",
        kode_tps("x"): "satelit",
    }
    near = make_plan(silent(max_minutes=6.0, radio_range_m=7500.0))
    assert near.broken == ()
    assert near.channels.loc[kode_tps("C"), ["channel", "radio_stop", "there_s"]].tolist() == ["ht", kode_tps("A"), 420]
    assert heard_by(near, "en")[kode_tps("C")] == "radio to Desa A (signal there: example)"
    assert heard_by(near, "en")[kode_tps("x")] == "satellite phone"


def test_nobody_needs_help_and_nobody_is_sent() -> None:
    plan = make_plan(world("G-P-A", komunikasi=how()))
    assert (len(plan.channels), len(plan.couriers), plan.broken) == (0, 0, ())


def test_without_the_section_nothing_is_planned() -> None:
    plan = make_plan(world("G-P-A-B", sinyal={"A": "lemah"}))
    assert (len(plan.channels), len(plan.couriers), plan.broken) == (0, 0, ())
    assert channels(plan.tps, plan.inputs, plan.stops, {}, plan.travel).empty
    assert couriers(plan.tps, plan.inputs, plan.stops, {}, plan.travel)[0].empty


def test_a_tps_beside_one_with_signal_sends_from_there() -> None:
    inputs = world("G-P-A", tps={"A": 2}, komunikasi=how())
    tps = inputs.tps.copy()
    tps.loc[kode_tps("A"), "sinyal_data"] = "lemah"
    plan = make_plan(replace(inputs, tps=tps))
    assert plan.broken == ()
    assert plan.channels[["signal_stop", "there_s", "back_s"]].to_numpy().tolist() == [[kode_tps("A"), 0, 0]]
    assert plan.channels[["signal_sumber", "way_known"]].to_numpy().tolist() == [["contoh", False]]
    assert plan.couriers[["signal_sumber", "way_known", "proven"]].to_numpy().tolist() == [["contoh", False, False]]
    assert "1 kurir (1 TPS) berakhir di titik yang sama" in plan.summary("id")
    (_, channel), (_, courier_) = ((table.file, table.frame.iloc[0]) for table in signal_tables(plan, "id"))
    for row in (channel, courier_):
        assert row["way_told"] == "titik yang sama: jarak dan waktu belum diketahui"
        assert row["signal_sumber"] == "contoh"
    assert channel[["there_minutes", "back_minutes"]].isna().all()
    assert courier_[["arrive", "sent", "back", "out_minutes", "round_minutes", "alone_minutes"]].isna().all()
    assert courier_["proven"] == ""
    told = heard_by(plan, "id")
    assert told[kode_tps("A")] == (
        f"kurir {plan.couriers.index[0]} ke Desa A (sinyal di sana: contoh)"
        " · titik yang sama: jarak dan waktu belum diketahui"
    )
    assert told[kode_tps("A", 2)] == "mengirim sendiri (sinyal kuat: contoh)"


def test_nobody_has_signal_anywhere() -> None:
    plan = make_plan(world("G-P-A", sinyal={"A": "tidak_ada"}, komunikasi=how(radio_range_m=9000.0)))
    assert plan.broken == ()
    assert plan.channels["channel"].tolist() == ["satelit"]


def test_a_signal_can_not_be_enough_and_in_need_of_help() -> None:
    with pytest.raises(ValidationError, match="lemah"):
        operation(komunikasi=how(enough=("kuat", "lemah")))


def test_a_point_of_coverage_is_nearer_than_a_village() -> None:
    point = shapely.Point(lon_lat(18, 0))
    covered = replace(silent(), cakupan=coverage(("", "kuat", "ukur", point), ("", "lemah", "ukur", point)))
    plan = make_plan(covered)
    assert plan.broken == ()
    assert plan.stops.loc["SINYAL-0001", ["kind", "kode_kec", "posisi"]].tolist() == ["sinyal", "17.04.01", "gps"]
    assert set(plan.channels["signal_sumber"]) == {"ukur", ""}
    uncovered = replace(plan.inputs, cakupan=plan.inputs.cakupan.iloc[1:])
    assert heard_stops(plan.tps, plan.stops, uncovered, uncovered.operation.komunikasi) == {"SINYAL-0001": "asumsi"}
    assert set(plan.channels["signal_stop"]) == {"SINYAL-0001", ""}  # a village that nobody measured counts no more
    assert plan.channels.loc[[kode_tps("C"), kode_tps("D")], "there_s"].tolist() == [180, 0]


@pytest.mark.parametrize("schematic", [True, False])
def test_who_drives_into_an_area_of_coverage_is_heard_at_its_border(schematic: bool) -> None:
    inputs = silent()
    roads = replace(inputs.roads, schematic=schematic)
    area = coverage(("", "kuat", "perkiraan", around(8, 0, 2500)))
    plan = make_plan(replace(inputs, roads=roads, cakupan=area))
    assert plan.broken == ()
    assert set(plan.couriers["signal_sumber"]) == {"perkiraan"}
    there = plan.channels.loc[kode_tps("B"), "there_s"]
    assert there == 300 if schematic else 140 <= there <= 160
    assert plan.tps.loc[kode_tps("A"), ["sinyal", "sinyal_sumber"]].tolist() == ["kuat", "perkiraan"]


def test_coverage_that_no_road_meets_gives_no_point() -> None:
    nowhere = coverage(("", "kuat", "perkiraan", around(40, 30, 500)))
    plan = make_plan(replace(silent(), cakupan=nowhere))
    assert signal_points(plan.tps, plan.inputs).empty
    assert (set(plan.channels["channel"]), plan.broken) == ({"satelit"}, ())


def every_partition(points: list[int]) -> Iterator[list[list[int]]]:
    """Every way of dividing points into groups."""
    if not points:
        yield []
        return
    first, *rest = points
    for groups in every_partition(rest):
        yield [[first], *groups]
        for n in range(len(groups)):
            yield [*groups[:n], [first, *groups[n]], *groups[n + 1 :]]


def least(group: list[int], ways: list[Walks], komunikasi: Komunikasi) -> int:
    """Seconds of the quickest courier of a group, by trying everything; a lot where none keeps the limit."""
    hand, limit, best = 60 * komunikasi.handover_minutes, 60 * komunikasi.max_minutes, 10**9
    if len(group) > komunikasi.max_stops:
        return best
    for way, order, place in product(ways, permutations(group), range(ways[0].there.shape[1])):
        legs = list(pairwise(order))
        out = sum(way.between[a, b] + hand for a, b in legs) + way.there[order[-1], place]
        back = sum(way.between[b, a] + hand for a, b in legs) + way.back[order[-1], place]
        if out <= limit and back < NEVER:
            best = min(best, int(out + back))
    return best


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 4), st.sampled_from([0.0, 1.0]))
@settings(max_examples=60, deadline=None)
def test_no_other_grouping_takes_less(seed: int, n: int, most: int, hand: float) -> None:
    komunikasi = Komunikasi(start=START, max_minutes=30.0, max_stops=most, handover_minutes=hand, sumber="contoh")
    random = np.random.default_rng(seed)

    def cells(*shape: int) -> np.ndarray:
        return np.where(random.random(shape) < 0.1, NEVER, random.integers(0, 15, shape) * 60)

    ways = []
    for vehicle in range(2):
        there, back = cells(n, 2), cells(n, 2)
        if vehicle == 0:
            there[:, 0], back[:, 0] = random.integers(0, 30, n) * 60, random.integers(0, 40, n) * 60
        between = cells(n, n)
        np.fill_diagonal(between, 0)
        ways.append(Walks(there, back, between, there))
    found, whole = rounds(ways, komunikasi)
    chosen = choose(found, n)
    assert whole
    assert sorted(point for one in chosen for point in one.points) == list(range(n))
    for one in chosen:
        assert one.seconds == least(list(one.points), ways, komunikasi)
    everything = [
        (sum(least(group, ways, komunikasi) for group in groups), len(groups))
        for groups in every_partition(list(range(n)))
    ]
    assert (sum(one.seconds for one in chosen), len(chosen)) == min(everything)


def test_where_rounds_are_left_out_nothing_is_called_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "MANY_STEPS", 1)
    plan = made()
    again = communicate(plan.tps, plan.inputs, plan.stops, plan.travel)["couriers"]
    assert not again["proven"].any()
    assert again["n_tps"].sum() == plan.couriers["n_tps"].sum()


def test_a_solver_that_proves_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made()
    monkeypatch.setattr(courier, "milp", lambda *_a, **_k: SimpleNamespace(status=1, x=None, message="stopped"))
    with pytest.raises(SolverError, match="stopped"):
        communicate(plan.tps, plan.inputs, plan.stops, plan.travel)


@cache
def covered() -> Plan:
    """A plan with a named point and an area, in which two couriers live on islands of their own."""
    drawing = """
        G-P-A---B     d-e
                        .
                        f
    """
    area = coverage(("", "kuat", "ukur", shapely.Point(lon_lat(2, 0))), ("", "kuat", "ukur", around(14, 0, 300)))
    inputs = world(drawing, sinyal={"A": "lemah", "B": "lemah", "e": "lemah", "f": "lemah"}, komunikasi=how())
    return make_plan(replace(inputs, cakupan=area))


def test_couriers_on_islands_are_left_apart() -> None:
    assert covered().broken == ()
    assert len(covered().couriers) >= 2


def cell(layer: str, row: int, column: str, value: object, plan: Callable[[], Plan] = made) -> Plan:
    frame = getattr(plan(), layer).copy()
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return replace(plan(), **{layer: frame})


def asked(plan: Plan, **changes: Any) -> Plan:
    """The plan under another section."""
    section = None if changes.get("none") else Komunikasi(**how(**changes))
    operation_ = plan.inputs.operation.model_copy(update={"komunikasi": section})
    return replace(plan, inputs=replace(plan.inputs, operation=operation_))


def with_stop(**changes: Any) -> Plan:
    """A plan with a change in its first point with signal."""
    stops = covered().stops.copy()
    for name, value in changes.items():
        stops.loc["SINYAL-0001", name] = value
    return replace(covered(), stops=stops)


def swapped() -> Plan:
    """A TPS of an island goes with a courier who can't get there."""
    frame = made().channels.copy()
    frame.loc[kode_tps("x"), ["kode_kurir", "order"]] = [frame["kode_kurir"].iloc[-2], 2]
    return replace(made(), channels=frame)


def split() -> Plan:
    """Two couriers from one point."""
    frame = made().channels.copy()
    frame.loc[kode_tps("C", 2), ["kode_kurir", "order"]] = [frame.loc[kode_tps("F"), "kode_kurir"], 2]
    return replace(made(), channels=frame)


def apart() -> Plan:
    """Every point has a courier of its own, although they would be quicker together."""
    plan = make_plan(silent(max_stops=1))
    return asked(plan)


def along() -> Plan:
    """A courier who makes a detour."""
    return replace(made(), couriers=made().couriers.assign(out_s=lambda c: c["out_s"] + 9999))


BREAKS: dict[str, tuple[str, Callable[[], Plan]]] = {
    "another way to report": ("channels", lambda: cell("channels", 0, "channel", "ht")),
    "a farther place": ("channels", lambda: cell("channels", 0, "signal_stop", kode_tps("E"))),
    "a time that is too short": ("channels", lambda: cell("channels", 0, "there_s", 1)),
    "a radio that nobody has": ("channels", lambda: cell("channels", 0, "radio_stop", kode_tps("A"))),
    "a signal that is better known": ("channels", lambda: cell("channels", 0, "signal_sumber", "ukur")),
    "a way that is known": ("channels", lambda: cell("channels", 0, "way_known", value=False)),
    "a place that is better known": ("couriers", lambda: cell("couriers", 0, "signal_sumber", "ukur")),
    "a proof of an unknown way": (
        "couriers",
        lambda: replace(made(), couriers=made().couriers.assign(way_known=False)),
    ),
    "a TPS left out": ("channels", lambda: replace(made(), channels=made().channels.iloc[1:])),
    "a TPS that nobody fetches": ("channels", lambda: cell("channels", 0, "order", 0)),
    "another limit": ("channels", lambda: asked(made(), max_minutes=6.0)),
    "no section": ("channels", lambda: asked(made(), none=True)),
    "points that are not in order": ("couriers", lambda: cell("channels", 0, "order", 9)),
    "a courier who can not get there": ("couriers", swapped),
    "two couriers from one point": ("couriers", split),
    "a vehicle that couriers have not": ("couriers", lambda: cell("couriers", 0, "vehicle", "truck")),
    "a place without signal": ("couriers", lambda: cell("couriers", 0, "signal_stop", kode_tps("B"))),
    "an arrival that is too early": (
        "couriers",
        lambda: cell("couriers", 0, "arrive", made().couriers["depart"].iloc[0]),
    ),
    "a courier of another kecamatan": ("couriers", lambda: cell("couriers", 0, "kode_kec", "17.04.02")),
    "a later start": ("couriers", lambda: asked(made(), start_day=1)),
    "a detour": ("no_detour", along),
    "couriers who should have joined": ("no_detour", apart),
    "a point where no signal is": (
        "signal_points",
        lambda: with_stop(geometry=shapely.Point(lon_lat(5, 5))),
    ),
    "a point less": (
        "signal_points",
        lambda: replace(covered(), inputs=replace(covered().inputs, cakupan=coverage())),
    ),
    "points that nobody asked for": ("signal_points", lambda: asked(covered(), none=True)),
    "points without anybody in need": ("signal_points", lambda: asked(covered(), needs=("sedang",))),
    "a named point that is no stop": (
        "signal_points",
        lambda: replace(covered(), stops=covered().stops[covered().stops["kind"] != "sinyal"]),
    ),
}


@pytest.mark.parametrize(("promise", "change"), BREAKS.values(), ids=BREAKS)
def test_the_judge_sees_it(promise: str, change: Callable[[], Plan]) -> None:
    assert list(PROMISES[promise](Facts(change())))
