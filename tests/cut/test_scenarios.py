"""Scenarios side by side: what is different, in a table and on a map."""

from __future__ import annotations

import shutil
import string
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from pydantic import ValidationError
from specimens import HOSTILE
from world import kode_tps, lon_lat, operation, world

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.config import Scenario
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.scenarios import compared, lines, state_of
from kaur_gis.read.scenarios import read_scenarios
from kaur_gis.write.scenarios import map_layers, write_scenarios

SCRIPT = HOSTILE["script"]
LADDER = """
    G---P---A---B
        |       |
        C---D---E---F
"""
KAUR = Path(__file__).resolve().parents[2] / "data" / "kaur"


def circle(x: float, y: float) -> kg.RoadClosure:
    lon, lat = lon_lat(x, y)
    return closure_of(f"titik:{lat:.7f},{lon:.7f},300; sebab=longsor")


def in_scenarios(inputs: kg.Inputs, *scenarios: Scenario) -> list[tuple[str, kg.Plan]]:
    named = [("", kg.make_plan(inputs))]
    for one in scenarios:
        own = replace(inputs, operation=inputs.operation.in_scenario(one))
        named.append((one.nama, kg.make_plan(close_roads(own, one.tutup))))
    return named


def test_a_scenario_takes_weather_and_vehicles_and_leaves_the_rest() -> None:
    operation = world(LADDER).operation
    heavier = operation.in_scenario(Scenario(nama="x", cuaca="hujan_lebat", armada={"TR": -1}))
    assert (heavier.weather.plan, heavier.weather.late) == ("hujan_lebat", "hujan_lebat")
    before = {row.kode: row.count for row in operation.fleet}
    assert {row.kode: row.count for row in heavier.fleet} == {**before, "TR": before["TR"] - 1}
    dry = operation.in_scenario(Scenario(nama="y", cuaca="kering"))
    assert (dry.weather.plan, dry.weather.late) == ("kering", operation.weather.late)
    assert dry.fleet == operation.fleet


@pytest.mark.parametrize("armada", [{"XX": 1}, {"TR": -100}])
def test_a_fleet_that_is_not_there_or_not_so_big_is_refused(armada: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="scenario x"):
        world(LADDER, skenario=[{"nama": "x", "armada": armada}])


def test_two_scenarios_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="skenario"):
        world(LADDER, skenario=[{"nama": "x"}, {"nama": "x"}])


def test_scenarios_are_no_part_of_a_plan_s_version() -> None:
    plain = kg.make_plan(world("G---P---A"))
    assert kg.make_plan(world("G---P---A", skenario=[{"nama": "x"}])).version == plain.version


def test_what_is_different_stands_in_the_table() -> None:
    inputs = world(LADDER, pemilih={"F": 123})
    found = compared(in_scenarios(inputs, Scenario(nama="putus", tutup=(circle(14, 2),)), Scenario(nama="sama")))
    table = found.table.set_index("nama")
    assert table.loc["", ["n_served", "n_late", "n_cut", "n_other"]].tolist() == [6, 0, 0, 0]
    assert table.loc["putus", ["n_cut", "pemilih_cut", "kotak_cut", "n_other"]].tolist() == [1, 123, 5, 1]
    assert table.loc["sama"].tolist() == table.loc[""].tolist()
    assert found.state.loc[kode_tps("F")].tolist() == ["served", "cut", "served"]
    assert table["n_served"].tolist() == [6, 5, 6]
    told = lines(found, "id")
    assert len({len(line) for line in told}) == 1
    assert "putus" in told[2]


def test_a_tps_that_heavier_weather_makes_late_is_neither_served_nor_cut() -> None:
    plan = kg.make_plan(world("G---P---A..B"))
    never = plan.legs["arrive_late"].where(plan.legs["to_stop"] != kode_tps("B"))
    plan = replace(plan, legs=plan.legs.assign(arrive_late=never))  # in heavy rain nobody comes there
    assert state_of(plan)[[kode_tps("A"), kode_tps("B")]].tolist() == ["served", "late"]


def test_who_goes_on_an_earlier_day_is_counted_and_shown() -> None:
    named = in_scenarios(world(LADDER), Scenario(nama="awal"))
    first = named[0][1]
    waves = tuple(w.model_copy(update={"days_before": w.days_before + 1}) for w in first.inputs.operation.waves)
    other = replace(first.inputs, operation=named[1][1].inputs.operation.model_copy(update={"waves": waves}))
    found = compared([named[0], ("awal", replace(first, inputs=other))])
    assert found.table["n_earlier"].tolist() == [0, 6]
    layers = {layer.key: layer for layer in map_layers(found, "id")}
    assert len(layers["earlier_b"].things) == 6
    assert "earlier_a" not in layers


def test_the_files_say_the_same_and_no_name_does_harm(tmp_path: Path) -> None:
    inputs = world(LADDER, names={"F": SCRIPT})
    named = in_scenarios(inputs, Scenario(nama="=1+1", tutup=(circle(14, 2),), armada={"TR": -1}, sumber="contoh"))
    found = compared(named)
    files = write_scenarios(found, tmp_path, "en")
    assert [file.name for file in files] == [
        "skenario.xlsx",
        "skenario_perbandingan.csv",
        "skenario_per_tps.csv",
        "peta_skenario.html",
    ]
    book = openpyxl.load_workbook(files[0])
    rows = list(book["Comparison"].values)
    assert [row[0] for row in rows[1:3]] == ["(as planned)", "=1+1"]
    assert book["Comparison"]["A3"].data_type == "s"
    assert rows[2][3] == 1
    assert rows[2][-2].endswith(", longsor; 1 Truk fewer at each of its places")
    assert (rows[1][-2:], rows[2][-1]) == (("-", "-"), "example")
    first = next(iter(book["By TPS"].iter_rows(min_row=2, values_only=True)))
    assert (first[0], first[-2:]) == (kode_tps("F"), ("served, H-1", "not served: no road from the base"))
    assert "'=1+1" in files[1].read_text("utf-8-sig")
    page = files[3].read_text("utf-8")
    assert "Content-Security-Policy" in page
    assert SCRIPT not in page
    assert f"<title>Scenarios compared: {inputs.operation.operation.name} · version {found.plans[0].version}" in page
    assert "<td>=1+1</td>" in page, "who has no scripts reads the comparison, too"
    again = write_scenarios(found, tmp_path / "two", "en")
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files]


def test_the_map_shows_who_is_cut_off_and_which_road_is_closed_by_scenario() -> None:
    same, cut = Scenario(nama="biasa"), Scenario(nama="putus", tutup=(circle(14, 2),))
    layers = map_layers(compared(in_scenarios(world(LADDER), same, cut)), "id")
    assert [(layer.key, [thing.kode for thing in layer.things]) for layer in layers] == [
        ("cut_c", [kode_tps("F")]),
        ("tutup_c", ["1"]),
    ]
    assert all(layer.on for layer in layers)
    assert ("putus", "tidak terlayani: tidak ada jalan dari pangkalan") in layers[0].things[0].facts
    assert ("(rencana biasa)", "terlayani, H-1") in layers[0].things[0].facts
    assert layers[1].things[0].name == "longsor"


def of_kaur(folder: Path, text: str) -> Path:
    shutil.copytree(KAUR, folder)
    file = folder / "operation.toml"
    whole = file.read_text("utf-8")
    file.write_text(f"{whole[: whole.index('# --- Skenario')]}\n{text}\n{whole[whole.index('[solver]') :]}", "utf-8")
    return file


def test_scenarios_are_read_with_their_closed_roads_and_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    area = '{"type":"Polygon","coordinates":[[[103.2,-4.9],[103.5,-4.9],[103.5,-4.6],[103.2,-4.6],[103.2,-4.9]]]}'
    good = of_kaur(tmp_path / "a", '[[skenario]]\nnama = "banjir"\ntutup = [{lokasi = "area:banjir.geojson"}]\n')
    (tmp_path / "a" / "banjir.geojson").write_text(
        f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{}},"geometry":{area}}}]}}', "utf-8"
    )
    (plain, base), (name, flooded) = read_scenarios(good)
    assert (plain, name) == ("", "banjir")
    assert base.roads.closures == ()
    assert flooded.roads.closures[0].metres > 1000
    bad = of_kaur(tmp_path / "b", '[[skenario]]\nnama = "x"\ntutup = [{lokasi = "jalan:tidak ada"}]\n')
    with pytest.raises(kg.InputProblems) as refused:
        read_scenarios(bad)
    assert [problem.what for problem in refused.value.problems] == ["closure_name"]
    with pytest.raises(kg.InputProblems) as none:
        read_scenarios(of_kaur(tmp_path / "c", ""))
    assert [problem.what for problem in none.value.problems] == ["scenario_none"]


def test_the_command_plans_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = world(LADDER)
    closed = close_roads(inputs, [circle(14, 2)])
    monkeypatch.setattr("kaur_gis.read.scenarios.read_scenarios", lambda *_, **__: [("", inputs), ("putus", closed)])
    words = ["skenario", "operation.toml", "--out", str(tmp_path / "s")]
    assert cli.main(words) == cli.UNSERVED
    assert "putus" in capsys.readouterr().out
    assert (tmp_path / "s" / "peta_skenario.html").is_file()
    monkeypatch.setattr("kaur_gis.read.scenarios.read_scenarios", lambda *_, **__: [("", inputs)])
    assert cli.main(words) == cli.OK
    broken = replace(
        kg.make_plan(inputs), broken=(kg.Problem("promise_fleet", value="x", details={"found": 1, "wanted": 0}),)
    )
    monkeypatch.setattr("kaur_gis.pipeline.make_plan", lambda _: broken)
    assert cli.main(words) == cli.BUG


def test_more_scenarios_than_the_map_has_letters_for_are_refused_when_the_operation_is_read() -> None:
    rows = [{"nama": f"skenario {number}"} for number in range(21)]
    assert len(operation(skenario=rows[:20]).skenario) == 20
    with pytest.raises(ValidationError, match="at most 20"):
        operation(skenario=rows)
    assert len(rows) < len(string.ascii_lowercase)  # the operation as it is takes a letter, too
