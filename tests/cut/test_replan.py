"""A plan made again after a road was closed: what stays, what changes, and who is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_weak import before_distribution
from world import kode_tps, lon_lat, operation, world

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.delta import Delta, delta_of
from kaur_gis.cut.reach import _position, last_reached
from kaur_gis.cut.replan import replan
from kaur_gis.cut.segments import segments_of
from kaur_gis.cut.spare import spares
from kaur_gis.cut.tell import headlines, lines, what_becomes
from kaur_gis.cut.untouched import met, other_roads, ways_untouched
from kaur_gis.fingerprint import sheet_hashes
from kaur_gis.judge import judge
from kaur_gis.other_ways import asked_of, other_ways
from kaur_gis.problems import InputProblems
from kaur_gis.summary import plan_version
from kaur_gis.travel import travel_times
from kaur_gis.write.changes import tables_of

LADDER = """
    G---P---A---B
        |       |
        C---D---E---F
    +---+
"""


def circle(x: float, y: float, metres: float = 300, more: str = "") -> kg.RoadClosure:
    lon, lat = lon_lat(x, y)
    return closure_of(f"titik:{lat:.7f},{lon:.7f},{metres}{more}")


def with_plan(**changes: object) -> tuple[kg.Inputs, kg.Plan]:
    return made() if not changes else made_of(**changes)


def made_of(**changes: object) -> tuple[kg.Inputs, kg.Plan]:
    inputs = world(LADDER, **changes)
    plan = kg.make_plan(inputs)
    assert plan.broken == ()
    return inputs, plan


@cache
def made() -> tuple[kg.Inputs, kg.Plan]:
    """The world as drawn, and its plan: made once, to be read only."""
    return made_of()


@cache
def detour() -> Delta:
    """Its plan again where a way round is longer: made once, to be read only."""
    inputs, plan = made()
    return replan(plan, close_roads(inputs, [circle(6, 0)]))


def test_closing_nothing_changes_nothing() -> None:
    inputs, plan = with_plan()
    delta = replan(plan, close_roads(inputs, []))
    assert delta.after.travel is plan.travel, "no drive is searched again"
    assert delta.tps.empty
    assert set(delta.sheets["state"]) == {"valid"}
    assert delta.minutes_lost == 0
    assert delta.after.broken == ()
    pd.testing.assert_frame_equal(delta.after.trips, plan.trips)


def test_a_closure_off_all_used_roads_changes_no_sheet() -> None:
    inputs, plan = with_plan()
    delta = replan(plan, close_roads(inputs, [circle(2, 3)]))
    assert set(delta.sheets["state"]) == {"valid"}
    assert delta.tps.empty


def test_a_tps_that_is_cut_off_is_named_with_the_last_point_that_is_reached() -> None:
    inputs, plan = with_plan(pemilih={"F": 123})
    delta = replan(plan, close_roads(inputs, [circle(14, 2)]))
    assert delta.after.broken == ()
    lost = delta.tps[delta.tps["state"] == "cut_off"]
    assert lost.index.tolist() == [kode_tps("F")]
    assert (lost["pemilih"].item(), lost["kotak"].item()) == (123, 5)
    hours = replace(delta.after, unserved=delta.after.unserved.assign(reason="no_time"))  # the road is open at times
    told = lines(delta_of(plan, hours, blocked=(), spares=delta.spares, moves=delta.moves), "en")
    assert "there is a road, but no vehicle or no time" in "\n".join(told)
    assert (lost["lon"].item(), lost["lat"].item()) == pytest.approx(lon_lat(12, 2))
    assert pd.isna(lost["minutes"].item())
    assert "valid" not in set(delta.sheets.loc[delta.sheets["state"] == "changed", "state"])
    assert {"changed", "void"} & set(delta.sheets["state"])


def test_a_longer_way_is_told_in_minutes_and_only_the_sheets_that_change_are_issued_again() -> None:
    _, plan = with_plan()
    delta = detour()
    assert delta.after.travel is not plan.travel
    assert delta.after.broken == ()
    assert delta.after.unserved.empty
    assert not (delta.tps["state"] == "cut_off").any()
    assert delta.after.trips["seconds"].sum() > plan.trips["seconds"].sum()
    trucks = delta.sheets[delta.sheets.index.str.contains("GUDANG")]
    assert set(trucks["state"]) == {"valid"}
    changed = delta.sheets[delta.sheets["state"].isin(["changed", "new"])]
    assert len(changed)
    assert changed["hash"].str.fullmatch("[0-9a-f]{8}").all()


def test_what_is_loaded_stays_and_its_closed_road_is_told() -> None:
    inputs, plan = with_plan()
    trip = plan.loads.reset_index().set_index("kode_tps")["kode_trip"]
    own = [code for code in trip.loc[[kode_tps("F")]] if "PPK" in code]
    delta = replan(plan, close_roads(inputs, [circle(14, 2)]), done=own)
    assert delta.sheets.loc[own, "state"].tolist() == ["blocked"] * len(own)
    assert delta.after.trips.loc[own, "pinned"].all()
    assert kode_tps("F") not in delta.after.unserved.index
    assert delta.after.broken == ()


def test_no_driver_is_called_whose_trip_is_surely_over_when_its_road_is_closed() -> None:
    inputs, plan = with_plan()
    closed = close_roads(inputs, [circle(14, 2)])
    (code,) = (code for code, kode in plan.loads.index if kode == kode_tps("F") and "PPK" in code)
    over = plan.trips.loc[code, "back_late"]
    for now, state in ((over - pd.Timedelta(minutes=1), "blocked"), (over, "valid")):
        delta = replan(plan, closed, now=now)
        assert delta.sheets.loc[code, "state"] == state
        assert delta.after.trips.loc[code, "pinned"]


def test_trips_that_left_already_are_loaded_and_new_ones_begin_later() -> None:
    inputs, plan = with_plan()
    now = pd.Timestamp("2024-02-13T07:00:00")
    delta = replan(plan, close_roads(inputs, [circle(6, 0)]), now=now)
    assert delta.after.broken == ()
    gone = plan.trips.index[plan.trips["depart"] <= now]
    assert delta.after.trips.loc[gone, "pinned"].all()
    fresh = delta.after.trips[~delta.after.trips.index.isin(delta.sheets.index[delta.sheets["state"] == "valid"])]
    assert (fresh.loc[~fresh["pinned"], "depart"] > now).all()


def test_a_guard_s_closed_road_makes_the_groups_again() -> None:
    inputs, plan = with_plan()
    delta = replan(plan, close_roads(inputs, [circle(14, 2, 300, "; kendaraan=motor")]))
    assert delta.after.broken == ()


def test_guard_posts_that_are_not_as_they_were_are_named() -> None:
    inputs, plan = with_plan()
    assert replan(plan, inputs).duties.empty
    first, *_, last = sorted(plan.posts.index)
    gone = plan.guards.assign(kode_post=plan.guards["kode_post"].replace(last, first))
    less = replace(plan, posts=plan.posts.drop(index=last), guards=gone)
    delta = delta_of(plan, less, blocked=(), spares=pd.DataFrame({"seconds": []}), moves=pd.DataFrame())
    assert delta.duties["state"].to_dict() == {("pos", first): "changed", ("pos", last): "void"}
    told = lines(delta, "en")
    assert told[-3:] == [
        "Guard posts that change (pengamanan.pdf): 2",
        f"  {first}: issued again",
        f"  {last}: withdrawn",
    ]
    back = delta_of(less, plan, blocked=(), spares=delta.spares, moves=delta.moves)
    assert back.duties["state"].to_dict() == {("pos", first): "changed", ("pos", last): "new"}


def test_a_tps_that_a_reopened_road_reaches_is_back() -> None:
    inputs = world(LADDER)
    closed = close_roads(inputs, [circle(14, 2)])
    plan = kg.make_plan(closed)
    delta = replan(plan, inputs)
    assert delta.tps.loc[kode_tps("F"), "state"] == "back"
    assert delta.after.broken == ()


def test_closing_more_never_helps() -> None:
    inputs, plan = with_plan()
    unserved = -1
    for upto in range(4):
        closures = [circle(6, 0), circle(10, 2), circle(14, 2)][:upto]
        delta = replan(plan, close_roads(inputs, closures))
        assert len(delta.after.unserved) >= unserved
        unserved = len(delta.after.unserved)
        after = delta.after
        afresh = other_ways(after.inputs, after.tps, after.travel, after.trips, after.loads)
        pd.testing.assert_frame_equal(pd.DataFrame(after.other_ways), pd.DataFrame(afresh))
    assert unserved > 0


def test_other_ways_stay_where_neither_they_nor_the_first_ones_meet_a_closed_road() -> None:
    inputs, plan = with_plan()
    asked = asked_of(inputs, plan.tps, plan.trips, plan.loads)
    every = {stop for *_, stop in ways_untouched(plan, inputs, plan.travel, asked, other_roads(inputs, inputs))}
    assert every == {stop for *_, stop in asked}
    closed = close_roads(inputs, [circle(14, 2)])
    later = [(way[0], (0,), *way[2:]) for way in asked]
    found = ways_untouched(plan, closed, travel_times(closed, plan.stops), later, other_roads(inputs, closed))
    assert {stop for *_, stop in found} < every
    assert plan.tps["kode_stop"][kode_tps("F")] not in {stop for *_, stop in found}
    shut = other_roads(closed, inputs)
    assert ways_untouched(replace(plan, inputs=closed), inputs, plan.travel, asked, shut) == {}


def test_a_trip_that_the_plan_does_not_have_is_refused() -> None:
    inputs, plan = with_plan()
    with pytest.raises(InputProblems) as refused:
        replan(plan, inputs, done=["H1-X"])
    assert [(p.what, p.value) for p in refused.value.problems] == [("trip_unknown", "H1-X")]


def test_the_delta_is_said_in_both_languages() -> None:
    inputs, plan = with_plan(pemilih={"F": 123}, names={"F": "Desa\x1b[31m F"})
    delta = replan(plan, close_roads(inputs, [circle(14, 2), circle(6, 0)]))
    for lang, words in (
        ("id", ("TERPUTUS: 1 TPS, 123 pemilih, 5 kotak", "terakhir terjangkau", "; 1 TPS terputus tidak dihitung")),
        ("en", ("CUT OFF: 1 TPS",)),
    ):
        told = "\n".join(lines(delta, lang))
        assert all(word in told for word in words)
        assert "\x1b" not in told
    same = "\n".join(lines(replan(plan, inputs), "en"))
    assert "Nothing changes for any TPS on the way out." in same
    few = [row for row in inputs.operation.fleet if row.kode == "TR"]
    alone = replan(plan, replace(inputs, operation=inputs.operation.model_copy(update={"fleet": tuple(few)})))
    assert "no vehicle or no time" in "\n".join(lines(alone, "en"))
    back = "\n".join(lines(replan(alone.after, inputs), "id"))
    assert "Terjangkau lagi: 6 TPS" in back


@pytest.mark.usefixtures("only_maps")
def test_the_command_writes_the_new_plan_beside_the_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, plan = with_plan()
    kg.write_plan(plan, tmp_path / "kaur")
    lon, lat = lon_lat(14, 2)
    words = ["replan", str(tmp_path / "kaur"), "--tutup", f"titik:{lat},{lon},300", "--jam", "2024-02-12T08:00"]
    assert cli.main(words) == cli.UNSERVED
    assert "TERPUTUS: 1 TPS" in capsys.readouterr().out
    assert "TERPUTUS: 1 TPS" in (tmp_path / "kaur-ulang" / "perubahan.html").read_text(encoding="utf-8")
    assert cli.main(["verify", str(tmp_path / "kaur-ulang")]) == cli.UNSERVED
    assert cli.main(["verify", str(tmp_path / "kaur")]) == cli.OK
    (tmp_path / "kaur-ulang" / "catatan.txt").write_text("dari rapat", encoding="utf-8")
    capsys.readouterr()
    assert cli.main(words) == cli.BAD_INPUT
    assert capsys.readouterr().out == ""  # refused before anything is planned
    assert cli.main([*words[:2], "--tutup", "jalan:tidak ada", "--selesai", "H1-X,"]) == cli.BAD_INPUT
    with pytest.raises(SystemExit):
        cli.main([*words[:2], "--jam", "besok"])
    assert "--jam: besok tidak dapat dibaca; tulis seperti 2024-02-13T08:00." in capsys.readouterr().err


def test_the_command_says_what_changes_before_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, plan = with_plan()
    monkeypatch.setattr("kaur_gis.read.run.read_plan", lambda _folder: plan)
    lon, lat = lon_lat(14, 2)
    said: list[str] = []

    def killed(*_plan: object, **_how: object) -> None:
        said.append(capsys.readouterr().out)
        raise KeyboardInterrupt

    monkeypatch.setattr("kaur_gis.write.write_plan", killed)
    cli.main(["replan", str(tmp_path / "kaur"), "--tutup", f"titik:{lat},{lon},300"])
    (before,) = said
    assert "TERPUTUS: 1 TPS" in before


def test_the_version_of_a_plan_is_made_once_for_all_its_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, plan = with_plan()
    delta = replan(plan, close_roads(inputs, [circle(14, 2)]))
    made: list[str] = []

    def counted(some: kg.Plan) -> str:
        made.append(version := plan_version(some))
        return version

    monkeypatch.setattr("kaur_gis.summary.plan_version", counted)
    for some in (delta.before, delta.after):
        vars(some).pop("version", None)
    sheets = next(table.frame for table in tables_of(delta, "id") if "hash" in table.frame)
    assert set(sheets["version"]) == set(made)
    assert len(made) == len(set(made)) == 2 < len(sheets)


def test_where_two_ways_are_equally_long_and_one_is_closed_the_other_one_is_driven_and_drawn() -> None:
    inputs = world("+---+\n|   |\nG   P---A\n|   |\n+---+")
    plan = kg.make_plan(inputs)
    (code,) = plan.trips.index[plan.trips["stage"] == inputs.operation.stages[0].name]
    drawn = plan.legs.loc[[code]]
    shut = {y: close_roads(inputs, [circle(2, y)]) for y in (0, 4)}
    (used,) = (y for y, closed in shut.items() if met(drawn.geometry.to_numpy(), other_roads(inputs, closed)).all())
    delta = replan(plan, shut[used])
    now = delta.after.legs.loc[[code]]
    assert (now[["seconds", "metres"]] == drawn[["seconds", "metres"]]).all(axis=None)
    assert not met(now.geometry.to_numpy(), other_roads(inputs, shut[used])).any()
    assert delta.after.broken == ()
    assert delta.sheets["state"].drop(code).eq("valid").all()
    assert delta.sheets.loc[code, "state"] == "changed"
    assert replan(plan, shut[4 - used]).sheets["state"].eq("valid").all()
    loaded = replan(plan, shut[used], done=[code])
    assert loaded.sheets.loc[code, "state"] == "blocked"
    others = tuple(row for row in inputs.operation.fleet if row.kode != plan.trips.loc[code, "fleet"])
    fewer = replace(shut[used], operation=inputs.operation.model_copy(update={"fleet": others}))
    assert replan(plan, fewer).sheets.loc[code, "state"] == "void"


def test_where_what_stays_leaves_no_time_everything_is_planned_again() -> None:
    ring = "G---P---A\n    |   |\n    +---+"
    waves = [
        {"name": name, "days_before": days, "akses": [akses], "deadline": dt.time(6, 36)}
        for name, days, akses in (("H-2", 2, "sulit"), ("H-1", 1, "biasa"))
    ]
    inputs = world(ring, waves=waves)
    plan = kg.make_plan(inputs)
    assert plan.unserved.empty
    delta = replan(plan, close_roads(inputs, [circle(6, 0)]))
    assert delta.after.unserved["reason"].tolist() == ["no_time"]
    assert delta.tps.loc[kode_tps("A"), "state"] == "cut_off"
    assert pd.isna(delta.tps.loc[kode_tps("A"), "lon"])


def test_a_trip_after_one_that_changes_is_planned_again_too() -> None:
    inputs = world("G---P---A\n    |   |\n    B---+")
    fleet = tuple(
        row.model_copy(update={"count": 1, "max_kotak": 5} if row.kode == "PU" else {})
        for row in inputs.operation.fleet
        if row.kode != "MT"
    )
    inputs = replace(inputs, operation=inputs.operation.model_copy(update={"fleet": fleet}))
    plan = kg.make_plan(inputs)
    first = plan.loads.loc["H1-PPK-1-PU-01-1"].index[0]
    delta = replan(plan, close_roads(inputs, [circle(6, 0) if first == kode_tps("A") else circle(4, 1)]))
    assert delta.after.broken == ()
    assert delta.after.unserved.empty
    assert not delta.after.trips["pinned"].any()
    assert {"H1-PPK-1-PU-01-1", "H1-PPK-1-PU-01-2"} <= set(delta.sheets.index)
    assert "changed" in set(delta.sheets["state"])


def test_a_tps_without_a_road_has_no_last_point_and_a_point_on_a_line_is_where_the_stop_meets_it() -> None:
    inputs = world("G---P---A", gps={kode_tps("A"): lon_lat(6, 0.1)}, tps={"A": 2})
    inputs = replace(inputs, roads=replace(inputs.roads, schematic=False))
    plan = kg.make_plan(inputs)
    segments = segments_of(inputs, plan.stops, ["motor"])
    marks = [node for node in segments.place["motor"].tolist() if node >= len(inputs.roads.nodes)]
    assert len(marks) == 1
    assert _position(segments, marks[0]) == pytest.approx(lon_lat(6, 0), abs=1e-6)
    far = world("G---P---A", gps={kode_tps("A"): lon_lat(8, 9)}, roads={"max_snap_m": 500.0})
    far = replace(far, roads=replace(far.roads, schematic=False))
    assert last_reached(kg.make_plan(far), [kode_tps("A")]).empty


def test_the_last_point_is_told_of_those_alone_whom_the_closure_cuts_off() -> None:
    apart = world("G---P---A---B---E---F\n\nC---D", roads={"max_snap_m": 500.0})
    inputs = close_roads(apart, [circle(14, 0)])
    told = last_reached(before_distribution(inputs), [kode_tps(letter) for letter in "ABCDEF"])
    assert told.index.tolist() == [kode_tps("E"), kode_tps("F")], "no road leads to C and D with nothing closed either"
    assert told[["lon", "lat"]].to_numpy() == pytest.approx(np.array([lon_lat(12, 0)] * 2))
    assert told["dekat"].tolist() == ["Desa B"] * 2


def test_a_vehicle_that_broke_down_makes_no_trip_and_the_nearest_spare_is_named() -> None:
    inputs, plan = with_plan()
    own = plan.trips[plan.trips["stage"] == inputs.operation.stages[-1].name].iloc[0]
    delta = replan(plan, inputs, broken=[own["vehicle"]])
    assert delta.after.broken == ()
    assert delta.after.travel is plan.travel, "the roads are what they were"
    assert own["vehicle"] not in set(delta.after.trips["vehicle"])
    assert delta.after.unserved.empty
    assert list(delta.spares.index) == sorted(plan.trips.index[plan.trips["vehicle"] == own["vehicle"]])
    spare = delta.spares.loc[own.name]
    assert spare["spare"] not in {"", own["vehicle"]}
    assert spare["spare"].startswith("PPK-1-")
    assert spare["seconds"] == 0
    assert f"cadangan terdekat {spare['spare']}, 0 menit" in "\n".join(lines(delta, "id"))
    assert lines(delta, "id")[1] == f"Baru rusak: {own['vehicle']}"
    assert f"Kendaraan yang tidak dipakai lagi: {own['vehicle']}" in lines(delta, "id")
    trucks = delta.sheets[delta.sheets.index.str.contains("GUDANG")]
    assert set(trucks["state"]) == {"valid"}
    read = {key: replace(times, drives=None, others=None) for key, times in plan.travel.items()}
    again = replan(replace(plan, travel=read), inputs, broken=[own["vehicle"]])
    told = "a plan that was written and read again shows no drives, and is planned again the same way"
    assert lines(again, "id") == lines(delta, "id"), told


def test_what_a_broken_vehicle_brought_home_before_stays_and_without_a_spare_it_is_said() -> None:
    inputs, plan = with_plan()
    truck = plan.trips[plan.trips["stage"] == inputs.operation.stages[0].name].iloc[0]
    rows = inputs.operation.fleet
    alone = tuple(row.model_copy(update={"count": 1}) if row.kode == truck["fleet"] else row for row in rows)
    inputs = replace(inputs, operation=inputs.operation.model_copy(update={"fleet": alone}))
    plan = kg.make_plan(inputs)
    truck = plan.trips[plan.trips["fleet"] == truck["fleet"]].sort_values("depart").iloc[0]
    lost = replan(plan, inputs, broken=[truck["vehicle"]])
    assert lost.spares["spare"].tolist() == [""] * len(lost.spares)
    assert len(lost.after.unserved) == 6
    assert "no other vehicle is free" in "\n".join(lines(lost, "en"))
    home = replan(plan, inputs, broken=[truck["vehicle"]], now=truck["back"])
    assert truck.name in home.after.trips.index
    assert home.after.broken == ()
    under_way = replan(plan, inputs, broken=[truck["vehicle"]], now=truck["depart"])
    assert truck.name not in under_way.after.trips.index
    with pytest.raises(InputProblems) as refused:
        replan(plan, inputs, broken=["PPK-1-XX-01"])
    assert [(p.what, p.value) for p in refused.value.problems] == [("vehicle_idle", "PPK-1-XX-01")]


def test_a_spare_must_have_room_time_and_the_right_to_go_there() -> None:
    inputs, plan = with_plan(sulit="A")
    trip = plan.loads.reset_index().set_index("kode_tps").loc[[kode_tps("A")], "kode_trip"]
    code = next(one for one in trip if "PPK" in one)
    found = spares(plan, [code], [plan.trips["vehicle"][code]])
    may = {row.kode for row in inputs.operation.fleet if "sulit" in row.akses}
    assert found["spare"].item() == "" or found["spare"].item().split("-")[-2] in may
    full = plan.trips.assign(kotak=10_000)
    assert spares(replace(plan, trips=full), [code], []).loc[code, ["spare", "seconds"]].tolist() == ["", -1]
    early = plan.trips.assign(depart=plan.trips["depart"].dt.normalize())
    assert spares(replace(plan, trips=early), [code], []).loc[code, "spare"] == ""
    gap = np.where(np.eye(len(plan.stops), dtype=bool), 0, -1)
    shut = {name: replace(times, seconds=gap, lengths=gap) for name, times in plan.travel.items()}
    assert spares(replace(plan, travel=shut), [code], []).loc[code, "spare"] == ""
    away = tuple(row.model_copy(update={"bases": ("PPK-9",)}) for row in inputs.operation.fleet)
    elsewhere = replace(inputs, operation=inputs.operation.model_copy(update={"fleet": away}))
    assert spares(replace(plan, inputs=elsewhere), [code], []).loc[code, "spare"] == ""


def test_a_spare_comes_on_the_roads_that_are_open_now_and_sets_out_no_earlier_than_now() -> None:
    inputs = world("G---P---A\n|   |\n+---p---b")
    truck, pickup, _ = inputs.operation.fleet
    rows = (("PU", 1, "PPK-1"), ("PV", 2, "PPK-2"))
    fleet = (truck, *(pickup.model_copy(update={"kode": k, "count": n, "bases": (base,)}) for k, n, base in rows))
    inputs = replace(inputs, operation=inputs.operation.model_copy(update={"fleet": fleet}))
    plan = kg.make_plan(inputs)
    own = plan.trips[plan.trips["base"] == "PPK-1"].iloc[0]
    assert spares(plan, [own.name], [own["vehicle"]]).loc[own.name].tolist() == [own["vehicle"], "PPK-2-PV-02", 120]
    delta = replan(plan, close_roads(inputs, [circle(4, 1)]), broken=[own["vehicle"]])
    assert delta.spares.loc[own.name].tolist() == [own["vehicle"], "PPK-2-PV-02", 600], "round by the gudang"
    noon, night = (pd.Timestamp(f"2024-02-13T{hour}") for hour in ("12:00", "19:50"))
    assert spares(plan, [own.name], [own["vehicle"]], now=noon).loc[own.name, "seconds"] == 120
    assert spares(plan, [own.name], [own["vehicle"]], now=night).loc[own.name, "spare"] == "", "not home in time"


def test_a_tps_that_moved_is_brought_its_boxes_at_the_new_place_and_the_old_distances_are_gone() -> None:
    drawn = world(LADDER)
    inputs = replace(drawn, roads=replace(drawn.roads, schematic=False))
    plan = kg.make_plan(inputs)
    lon, lat = lon_lat(12, 1)
    kode = kode_tps("A")
    delta = replan(plan, kg.move_tps(inputs, {kode: (lat, lon)}))
    assert delta.after.broken == ()
    assert delta.after.unserved.empty
    assert delta.moves.index.tolist() == [kode]
    assert delta.moves.loc[kode, ["lat", "lon"]].tolist() == [lat, lon]
    assert delta.moves.loc[kode, "metres"] == pytest.approx(4123, abs=10)
    assert (delta.after.stops.geometry[kode].x, delta.after.stops.geometry[kode].y) == (lon, lat)
    assert delta.after.tps.loc[kode, "posisi"] == "peta"
    trucks = delta.sheets[delta.sheets.index.str.contains("GUDANG")]
    assert set(trucks["state"]) == {"valid"}
    own = [code for code, tps in plan.loads.index if tps == kode and "PPK" in code]
    assert set(delta.sheets.loc[own, "state"]) <= {"changed", "void"}
    assert [(note.what, note.value) for note in delta.after.notes if note.what == "tps_moved"] == [("tps_moved", kode)]
    told = "\n".join(lines(delta, "id"))
    assert f"Dipindah: {kode} Desa A TPS 1, 4.123 m ke" in told
    assert "Moved:" in "\n".join(lines(delta, "en"))
    # planned anew with the TPS there, everybody has the same way to go
    fresh = kg.make_plan(kg.move_tps(inputs, {kode: (lat, lon)}))
    assert (delta.after.travel["motor", "hujan"].seconds == fresh.travel["motor", "hujan"].seconds).all()
    pd.testing.assert_frame_equal(delta.after.stops, fresh.stops)


def test_those_who_stay_at_a_stop_that_was_named_for_the_one_who_moved_keep_what_is_loaded() -> None:
    inputs = world(LADDER, tps={"B": 3})
    small = {"max_kotak": 5, "count": 9, "max_trips": 1}
    truck, pickup = (row for row in inputs.operation.fleet if row.kode in {"TR", "PU"})
    operation = inputs.operation.model_copy(update={"fleet": (truck, pickup.model_copy(update=small))})
    inputs = replace(inputs, operation=operation, roads=replace(inputs.roads, schematic=False))
    plan = kg.make_plan(inputs)
    assert plan.broken == ()
    first, second, _ = (kode_tps("B", number) for number in (1, 2, 3))
    assert plan.tps["kode_stop"][second] == first
    trip = {kode: code for code, kode in plan.loads.index if "PPK" in code}
    assert trip[first] != trip[second]
    lon, lat = lon_lat(8, 1)
    moved = kg.move_tps(inputs, {first: (lat, lon)})
    delta = replan(plan, moved, done=[trip[second]])
    assert delta.after.broken == ()
    assert delta.after.tps["kode_stop"][second] == second
    assert second in set(delta.after.legs.loc[trip[second], "to_stop"])
    assert delta.after.trips.loc[trip[second], "pinned"]
    with pytest.raises(InputProblems) as refused:
        replan(plan, moved, done=[trip[first]])
    assert [(p.what, p.value) for p in refused.value.problems] == [("tps_loaded", first)]


def test_moving_nothing_or_to_the_same_place_changes_nothing() -> None:
    inputs, plan = with_plan()
    assert kg.move_tps(inputs, {}) is inputs
    point = plan.tps.geometry[kode_tps("A")]
    delta = replan(plan, kg.move_tps(inputs, {kode_tps("A"): (point.y, point.x)}))
    assert delta.moves.empty
    assert set(delta.sheets["state"]) == {"valid"}
    with pytest.raises(InputProblems) as refused:
        kg.move_tps(inputs, {"1": (0.0, 0.0)})
    assert [(p.what, p.value) for p in refused.value.problems] == [("tps_not_in_plan", "1")]


def test_a_vehicle_that_broke_down_is_remembered_by_the_plan_and_the_next_one() -> None:
    inputs, plan = with_plan()
    own = plan.trips[plan.trips["stage"] == inputs.operation.stages[-1].name].iloc[0]
    once = replan(plan, inputs, broken=[own["vehicle"]]).after
    assert [row.rusak for row in once.inputs.operation.fleet if row.kode == own["fleet"]] == [(own["vehicle"],)]
    twice = replan(once, close_roads(once.inputs, [circle(6, 0)])).after
    assert twice.broken == ()
    assert own["vehicle"] not in set(twice.trips["vehicle"])
    assert own["vehicle"] not in set(spares(once, list(once.trips.index), [])["spare"])
    anew = kg.make_plan(once.inputs)
    assert anew.broken == ()
    assert own["vehicle"] not in set(anew.trips["vehicle"])
    wrong = replace(plan, inputs=once.inputs)
    assert ("promise_fleet", own.name) in {(p.what, p.value) for p in judge(wrong)}
    kept = replace(wrong, trips=plan.trips.assign(pinned=True))
    assert "promise_fleet" not in {p.what for p in judge(kept)}


def test_what_an_older_plan_held_as_loaded_stays_in_the_next_one() -> None:
    inputs, plan = with_plan()
    code = str(plan.trips.index[0])
    once = replan(plan, close_roads(inputs, [circle(2, 3)]), done=[code]).after
    twice = replan(once, close_roads(once.inputs, [circle(6, 0)])).after
    assert twice.trips.loc[code, "pinned"]
    assert twice.broken == ()


def test_who_is_late_is_told_when_he_is_reached_and_when_he_must_be() -> None:
    late = {"state": "late", "minutes": 30.0, "now": pd.Timestamp("2024-02-13 15:00"), "lon": np.nan}
    due = late | {"now_late": pd.Timestamp("2024-02-13 18:05"), "deadline": pd.Timestamp("2024-02-13 18:00")}
    assert what_becomes(pd.Series(due), "en") == "arrives by 13-02 18:05 at the latest, due by 13-02 18:00"
    never = due | {"now_late": pd.NaT}
    assert what_becomes(pd.Series(never), "en") == "in the heavier weather it meets a closed road, due by 13-02 18:00"
    hair = {"state": "moved", "minutes": -0.2, "days": 0.0}
    assert what_becomes(pd.Series(hair), "en") == "+0 min"


def test_who_goes_in_a_part_of_a_wave_that_the_closure_made_is_due_with_it_and_may_be_late() -> None:
    inputs, plan = with_plan()
    closed = close_roads(inputs, [circle(14, 2, 300, "; mulai=2024-02-13T08:00; selesai=2024-02-13T12:00")])
    delta, kode = replan(plan, closed), kode_tps("F")
    assert delta.after.unserved.empty
    trip = next(code for code, tps in delta.after.loads.index if tps == kode and "PPK" in code)
    assert delta.after.trips["wave"][trip] not in {wave.name for wave in plan.inputs.operation.waves}
    due = pd.Timestamp.combine(dt.date(2024, 2, 13), inputs.operation.waves[-1].deadline)
    assert delta.tps.loc[kode, ["state", "deadline"]].tolist() == ["moved", due]
    over = replace(delta.after, legs=delta.after.legs.assign(arrive_late=due + pd.Timedelta(minutes=1)))
    late = delta_of(plan, over, blocked=(), spares=delta.spares, moves=delta.moves)
    assert late.tps.loc[kode, "state"] == "late"
    assert f"due by {due:%d-%m %H:%M}" in "\n".join(lines(late, "en"))


def test_an_earlier_day_is_told_as_such_and_is_no_minute_won() -> None:
    inputs, plan = with_plan()
    waves = tuple(w.model_copy(update={"days_before": w.days_before + 1}) for w in inputs.operation.waves)
    sooner = replace(inputs, operation=inputs.operation.model_copy(update={"waves": waves}))
    day = pd.Timedelta(days=1)
    legs = plan.legs.assign(arrive=plan.legs["arrive"] - day, arrive_late=plan.legs["arrive_late"] - day)
    after = replace(plan, inputs=sooner, legs=legs)
    nothing = detour()
    delta = delta_of(plan, after, blocked=(), spares=nothing.spares, moves=nothing.moves)
    assert delta.tps["days"].tolist() == [-1] * len(plan.tps)
    assert delta.minutes_lost == 0
    assert not delta.stages["later_min"].any()
    told = "\n".join(lines(delta, "en"))
    assert "MUST GO ON AN EARLIER DAY: 6 TPS, 1,200 voters, 30 boxes, now 2024-02-12" in told
    assert "0 minutes later (" in told
    assert "; 6 TPS on another day do not count" in told
    assert "another day: 13-02 before, now 12-02 " in told
    back = "\n".join(headlines(delta_of(after, plan, blocked=(), spares=nothing.spares, moves=nothing.moves), "en"))
    assert "On a later day: 6 TPS, 1,200 voters, 30 boxes, now 2024-02-13" in back


def test_minutes_are_told_stage_by_stage_and_add_up() -> None:
    inputs, plan = with_plan()
    delta = detour()
    assert delta.stages.index.tolist() == [stage.name for stage in inputs.operation.stages]
    first, last = delta.stages.iloc[0], delta.stages.iloc[-1]
    assert first.tolist() == [0, 0, 0]
    assert last["drive_min"] > 0
    assert last["later_min"] == pytest.approx(delta.minutes_lost)
    more = delta.after.trips["seconds"].sum() - plan.trips["seconds"].sum()
    assert delta.stages["drive_min"].sum() * 60 == pytest.approx(more)
    assert delta.minutes_lost < 0  # more vehicles drive around, and each is there earlier
    later, sooner = delta.tps["minutes"].clip(lower=0), -delta.tps["minutes"].clip(upper=0)
    words = f"{(later > 0).sum()} TPS later, {round(later.sum())} minutes in all, {round(later.max())} at most"
    words = f"{round(-delta.minutes_lost)} minutes earlier ({words}; {(sooner > 0).sum()} TPS earlier"
    assert f"all TPS together: {words}, {round(sooner.sum())} minutes in all)" in "\n".join(lines(delta, "en"))
    told = lines(delta, "id")
    assert any(line.startswith(f"  {last.name}: tiba ") for line in told)


def test_every_sheet_that_stays_valid_is_named_with_the_plan_and_the_hash_that_it_bears() -> None:
    _, plan = with_plan()
    delta = detour()
    told = lines(delta, "id")
    hashes = sheet_hashes(plan)
    table = next(table.frame for table in tables_of(delta, "id") if table.file == "perubahan_lembar")
    named = table.set_index("kode_trip")[["version", "hash"]].T.to_dict("list")
    valid = delta.sheets.index[delta.sheets["state"] == "valid"]
    assert {code: named[code] for code in valid} == {code: [plan.version, hashes[code]] for code in valid}
    assert any(line.endswith(f"perubahan.xlsx): {len(valid)} lembar_rute.pdf") for line in told)
    for code in delta.sheets.index[delta.sheets["state"] == "changed"]:
        assert any(code in line and f"rencana {delta.after.version}, lembar " in line for line in told)


@pytest.mark.usefixtures("only_maps")
def test_the_command_moves_a_tps_or_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = world(LADDER)
    plan = kg.make_plan(replace(drawn, roads=replace(drawn.roads, schematic=False)))
    kg.write_plan(plan, tmp_path / "kaur")
    lon, lat = lon_lat(12, 1)
    words = ["replan", str(tmp_path / "kaur"), "--pindah"]
    assert cli.main([*words, f"{kode_tps('A')}:{lat},{lon}"]) == cli.OK
    assert "Dipindah: " in capsys.readouterr().out
    assert cli.main(["verify", str(tmp_path / "kaur-ulang")]) == cli.OK
    capsys.readouterr()
    place = f"{kode_tps('A')}:{lat},{lon}"
    wrong = ["x", f"{kode_tps('A')}:1", f"{kode_tps('A')}:nan,1", f"{kode_tps('B')}:{lon},{lat}", f"1:{lat},{lon}"]
    given = [word for one in (place, place, *wrong) for word in ("--pindah", one)]
    assert cli.main([*words[:2], *given]) == cli.BAD_INPUT
    told = capsys.readouterr().err
    assert told.count("tidak terbaca") == 4
    assert "tertukar" in told
    assert "'1'" in told or "1 " in told


def test_a_trip_that_becomes_the_last_of_its_day_ends_where_days_end() -> None:
    own = {"count": 1, "max_kotak": 5, "pulang_ke": "GUDANG-1", "akses": ("biasa", "sulit")}
    rows = [row.model_dump() for row in operation().fleet if row.kode != "MT"]
    inputs = world("G---P---A---B", fleet=tuple(row | (own if row["kode"] == "PU" else {}) for row in rows))
    plan = kg.make_plan(inputs)
    assert plan.broken == ()
    first, last = plan.trips[plan.trips["fleet"] == "PU"].sort_values("trip_no").index
    ends = plan.legs["to_stop"].groupby(level="kode_trip").last()
    assert (ends[first], ends[last]) == ("PPK-1", "GUDANG-1")
    (gone,) = plan.loads.loc[last].index
    beyond = {kode_tps("A"): 6, kode_tps("B"): 10}[gone]
    after = replan(plan, close_roads(inputs, [circle(beyond, 0)])).after
    assert after.broken == ()
    driven = after.trips[after.trips["fleet"] == "PU"].sort_values("trip_no").index
    assert after.legs["to_stop"].groupby(level="kode_trip").last()[driven[-1]] == "GUDANG-1"


def few(*, waves: int = 1, deadline: dt.time = dt.time(18), **changes: object) -> kg.Plan:
    """Plan a small world with free waves, without motorcycles; rows of the fleet are changed by their codes."""
    own = {code: changes.pop(code, {}) for code in ("TR", "PU")}
    rows = [row.model_dump() | own[row.kode] for row in operation().fleet if row.kode in own]
    days = [{"name": f"H-{days}", "days_before": days, "deadline": deadline} for days in range(waves, 0, -1)]
    plan = kg.make_plan(world("G---P---A---B", waves=days, fleet=rows, **changes))
    assert (plan.now, plan.broken) == (None, ())
    return plan


def test_a_vehicle_that_stands_idle_when_it_is_too_late_brings_nobody() -> None:
    plan = few(deadline=dt.time(6, 45), PU={"count": 2})
    both = {kode_tps("A"): "no_time", kode_tps("B"): "no_time"}
    for now in (pd.Timestamp("2024-02-13T06:35"), pd.Timestamp("2024-02-13T06:34:00.5")):
        after = replan(plan, plan.inputs, broken=["PPK-1-PU-01"], now=now).after
        assert (after.now, after.broken) == (now, ())
        assert after.unserved["reason"].to_dict() == both
        sooner = replace(after, now=pd.Timestamp("2024-02-13T06:20"))
        assert {problem.what for problem in judge(sooner)} == {"promise_unserved"}
        assert {problem.what for problem in judge(replace(after, now=None))} == {"promise_unserved"}
    again = replan(after, after.inputs).after
    assert (again.now, again.broken) == (None, ())
    assert again.unserved.empty, "nothing is said of any hour, so the other vehicle may go"


def test_only_vehicles_of_the_day_on_which_the_boxes_came_could_have_brought_them() -> None:
    plan = few(waves=2, PU={"count": 2, "max_trips": 1, "max_kotak": 5})
    (truck,) = plan.trips.index[plan.trips["stage"] == plan.inputs.operation.stages[0].name]
    after = replan(plan, plan.inputs, done=[truck], broken=["PPK-1-PU-01"]).after
    assert after.broken == ()
    assert after.unserved["reason"].to_list() == ["no_time"]
    assert set(after.trips["wave"]) == {"H-1"}, "on the day before a vehicle stands idle, and the boxes are not there"
    idle = after.trips.index[after.trips["fleet"] == "PU"]
    names = ("trips", "legs", "loads", "other_ways")
    fewer = {name: getattr(after, name) for name in names}
    fewer = {name: layer[~layer.index.get_level_values(0).isin(idle)] for name, layer in fewer.items()}
    nobody = after.unserved.reindex(sorted(plan.tps.index)).assign(stage="ppk-tps", reason="no_time")
    lazy = judge(replace(after, **fewer, unserved=nobody.astype("str")))
    assert ("promise_unserved", "PU") in {(problem.what, problem.details["wanted"]) for problem in lazy}


def test_a_store_that_is_full_in_one_of_the_waves_is_no_reason() -> None:
    store = {"jenis": "ppk", "max_kotak": 5, "sumber": "contoh"}
    plan = few(waves=3, tps={"B": 2}, TR={"count": 1, "max_trips": 1}, simpan=[store])
    assert plan.unserved.empty
    first = plan.trips["back"].min()
    after = replan(plan, plan.inputs, broken=["GUDANG-1-TR-01"], now=first + pd.Timedelta(minutes=1)).after
    assert after.broken == ()
    assert len(after.unserved) == 2
    assert set(after.unserved["reason"]) <= {"no_fleet", "no_time"}, "on H-2 and H-1 there is room, and no truck"
    full = replace(after, unserved=after.unserved.assign(reason="no_vehicle"))
    assert {problem.what for problem in judge(full)} == {"promise_unserved"}


@pytest.mark.parametrize("loaded", [True, False])
def test_a_vehicle_that_stays_with_another_wave_of_the_same_day_is_none_that_is_left(loaded: bool) -> None:
    kinds = ("biasa", "sulit")
    days = [{"name": name, "days_before": 1, "akses": (name,), "deadline": dt.time(18)} for name in kinds]
    rows = [row.model_dump() | {"count": 2, "akses": kinds} for row in operation().fleet if row.kode != "MT"]
    plan = kg.make_plan(world("G---P---A---B", sulit="B", waves=days, fleet=rows))
    (own,) = plan.trips.query("wave == 'biasa' and fleet == 'PU'")["vehicle"]
    stay = plan.trips.index[(plan.trips["wave"] == "sulit") & loaded]
    after = replan(plan, plan.inputs, done=stay, broken=[own]).after
    assert after.unserved["reason"].to_dict() == {kode_tps("A"): "no_fleet"}
    assert after.broken == ()
    idle = replace(after, unserved=after.unserved.assign(reason="no_vehicle"))
    assert {problem.what for problem in judge(idle)} == {"promise_unserved"}


def test_what_stops_those_that_are_left_is_the_reason_where_the_others_stay_with_another_wave() -> None:
    hard, easy = {"name": "one", "kode_tps": [kode_tps("A")]}, {"name": "two", "kode_tps": [kode_tps("B")]}
    days = [wave | {"days_before": 1, "deadline": dt.time(18)} for wave in (hard, easy)]
    rows = [row.model_dump() | {"count": 2, "max_trips": 1} for row in operation().fleet]
    plan = kg.make_plan(world("G---P---A---B", sulit="AB", waves=days, fleet=rows))
    assert set(plan.trips.query("stage == 'ppk-tps'")["fleet"]) == {"MT"}
    (own,) = plan.trips.query("wave == 'one' and fleet == 'MT'")["vehicle"]
    after = replan(plan, plan.inputs, done=plan.trips.index[plan.trips["wave"] == "two"], broken=[own]).after
    assert after.unserved["reason"].to_dict() == {kode_tps("A"): "no_vehicle"}
    assert after.broken == ()
