"""A survey comes back: what is taken, what is shown, and what is refused."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from kaur_gis import InputProblems, read_inputs
from kaur_gis.cli import main
from kaur_gis.merge import merge
from kaur_gis.read.survey import read_answers
from kaur_gis.survey import SIGNALS
from kaur_gis.write.merged import write_merged
from tests.specimens import HOSTILE
from tests.world import world

DRAWING = """
    G---P---A---B
"""
A, B = "1704012001001", "1704012002001"
GOOD = Path(__file__).parent / "bad" / "good"
ODK = "SubmissionDate,tanggal,kode_tps,posisi-Latitude,posisi-Longitude,posisi-Accuracy,sinyal_telkomsel,KEY"


def answers(inputs, *rows: tuple) -> pd.DataFrame:
    """Lay answers out: TPS, day, metres east of its village, accuracy, signal of Telkomsel, of Indosat."""
    told = []
    for number, (kode, day, east_m, exact, *signals) in enumerate(rows, start=2):
        point = inputs.desa.geometry[inputs.tps["kode_desa"].get(kode, inputs.desa.index[0])]
        row = {"baris": number, "kode_tps": kode, "tanggal": day, "lon": float("nan"), "lat": float("nan")}
        if east_m is not None:
            row |= {"lon": point.x + east_m / 110_900, "lat": point.y}
        words = dict(zip(SIGNALS.values(), [*signals, "", "", "", ""], strict=False))
        told.append({**row, "akurasi_m": float(exact), **words})
    return pd.DataFrame(told)


def kinds(merged) -> list[tuple[str, bool]]:
    return list(zip(merged.conflicts["apa"], merged.conflicts["dipakai"], strict=True))


@pytest.fixture(scope="module")
def inputs():
    return world(DRAWING)


def test_a_point_and_signals_are_taken_with_day_accuracy_and_how_they_are_known(inputs):
    merged = merge(inputs, answers(inputs, (A, "2024-01-30", 20, 4.5, "lemah", "kuat")))
    row = merged.taken.loc[A]
    assert list(merged.taken.index) == [A]
    assert (row["posisi_data"], row["posisi_sumber"], row["posisi_tanggal"]) == ("gps", "ukur", "2024-01-30")
    assert row["posisi_akurasi_m"] == "4.5"
    assert float(row["lon"]) == pytest.approx(inputs.desa.geometry["17.04.01.2001"].x + 20 / 110_900, abs=1e-7)
    assert (row["sinyal_telkomsel"], row["sinyal_indosat"], row["sinyal_xl"]) == ("lemah", "kuat", "")
    assert row["sinyal_telkomsel_tanggal"] == "2024-01-30"
    assert (row["sinyal_data"], row["sinyal_data_sumber"]) == ("kuat", "ukur")


def test_two_answers_that_lie_together_give_the_more_exact_one(inputs):
    merged = merge(
        inputs, answers(inputs, (A, "2024-01-30", 30, 12), (A, "2024-01-31", 10, 3), (A, "2024-01-31", 0, "nan"))
    )
    assert merged.taken.loc[A, "posisi_akurasi_m"] == "3.0"
    assert kinds(merged) == []


def test_two_answers_that_lie_apart_are_both_shown_and_none_is_taken(inputs):
    merged = merge(
        inputs, answers(inputs, (A, "2024-01-30", 0, 5), (A, "2024-01-31", 400, 5), (B, "2024-01-31", 0, "nan"))
    )
    assert kinds(merged) == [("two_positions", False), ("two_positions", False)]
    assert merged.conflicts["metres"].tolist() == pytest.approx([0, 400], rel=0.02)
    assert list(merged.taken.index) == [B]
    assert merged.taken.loc[B, "posisi_akurasi_m"] == ""


def test_a_point_that_is_not_exact_is_none(inputs):
    merged = merge(inputs, answers(inputs, (A, "2024-01-30", 0, 500)))
    assert kinds(merged) == [("inaccurate", False)]
    assert merged.taken.empty


def test_a_point_far_from_the_village_is_taken_and_shown(inputs):
    merged = merge(inputs, answers(inputs, (A, "2024-01-30", -700, 5)), far_m=500)
    assert kinds(merged) == [("far", True)]
    assert merged.conflicts["metres"].tolist() == pytest.approx([700], rel=0.02)
    assert merged.taken.loc[A, "posisi_data"] == "gps"


def test_a_point_far_from_one_measured_before_is_shown_and_not_taken(inputs):
    point = inputs.desa.geometry["17.04.01.2001"]
    tps = inputs.tps.copy()
    tps.loc[A, ["lon", "lat"]] = [point.x, point.y]
    tps.loc[A, "posisi_data"] = "gps"
    measured = replace(inputs, tps=tps)
    assert kinds(merge(measured, answers(measured, (A, "2024-01-30", -700, 5)), far_m=500)) == [("moved", False)]
    assert merge(measured, answers(measured, (A, "2024-01-30", 10, 5)), far_m=500).taken.loc[A, "posisi_data"] == "gps"


def test_a_point_outside_its_kecamatan_is_shown_and_not_taken(inputs):
    merged = merge(inputs, answers(inputs, (A, "2024-01-30", -30_000, 5)))
    assert kinds(merged) == [("outside", False)]
    assert merged.taken.empty


def test_of_two_signals_the_newer_is_taken_and_two_of_one_day_are_not(inputs):
    rows = [(A, "2024-01-30", None, "nan", "kuat"), (A, "2024-01-31", None, "nan", "lemah")]
    merged = merge(inputs, answers(inputs, *rows))
    assert merged.taken.loc[A, "sinyal_telkomsel"] == "lemah"
    assert ("older_signal", True) in kinds(merged)
    rows = [(A, "2024-01-31", None, "nan", "kuat"), (A, "2024-01-31", None, "nan", "lemah")]
    merged = merge(inputs, answers(inputs, *rows))
    assert kinds(merged) == [("two_signals", False), ("two_signals", False)]
    assert merged.taken.empty


def test_a_signal_that_differs_from_the_listed_one_is_taken_and_shown(inputs):
    assert inputs.tps.loc[A, "sinyal_data"] != "tidak_ada"
    merged = merge(inputs, answers(inputs, (A, "2024-01-31", None, "nan", "tidak_ada")))
    listed = inputs.tps.loc[A, "sinyal_data"] != "belum_diketahui"
    assert kinds(merged) == ([("listed_signal", True)] if listed else [])
    assert merged.taken.loc[A, "sinyal_data"] == "tidak_ada"


def test_answers_about_strange_tps_are_refused_all_at_once(inputs):
    rows = [("1704012001999", "2024-01-31", None, "nan", "kuat"), ("1704019999999", "2024-01-31", None, "nan", "kuat")]
    with pytest.raises(InputProblems) as error:
        merge(inputs, answers(inputs, *rows))
    assert [problem.what for problem in error.value.problems] == ["survey_tps_unknown"] * 2


@pytest.fixture(scope="module")
def checked():
    return read_inputs(GOOD / "operation.toml")


def point_of(checked, kode: str) -> shapely.Point:
    return checked.desa.geometry[checked.tps.loc[kode, "kode_desa"]]


@pytest.fixture
def returned(tmp_path, checked) -> Path:
    """Answers as ODK Central exports them."""
    kode = checked.tps.index[0]
    point = point_of(checked, kode)
    line = f"2024-01-30T01:00:00Z,2024-01-30,{kode},{point.y:.6f},{point.x:.6f},4.5,lemah,uuid:1"
    (tmp_path / "jawaban.csv").write_text(f"{ODK}\n{line}\n", encoding="utf-8")
    return tmp_path / "jawaban.csv"


def test_the_merged_list_is_read_as_the_list_of_the_operation_with_what_was_measured(
    tmp_path, checked, returned, capsys
):
    home = tmp_path / "op"
    home.mkdir()
    for file in GOOD.iterdir():
        (home / file.name).write_bytes(file.read_bytes())
    before = (home / "tps.csv").read_bytes()
    assert main(["merge", str(home / "operation.toml"), str(returned), "--out", str(home / "tps_baru.csv")]) == 0
    assert "1 jawaban untuk 1 TPS; 1 letak dan 1 sinyal dipakai" in capsys.readouterr().out
    assert (home / "tps.csv").read_bytes() == before
    (home / "tps_baru.csv").replace(home / "tps.csv")
    again = read_inputs(home / "operation.toml")
    kode = checked.tps.index[0]
    assert again.tps.loc[kode, "posisi_data"] == "gps"
    assert (again.tps.loc[kode, "sinyal_data"], again.tps.loc[kode, "sinyal_data_sumber"]) == ("lemah", "ukur")
    others = checked.tps.index[1:]
    pd.testing.assert_frame_equal(again.tps.loc[others], checked.tps.loc[others])


def test_nothing_is_overwritten(returned, capsys):
    out = returned.parent / "baru.csv"
    out.write_text("milik orang", encoding="utf-8")
    assert main(["merge", str(GOOD / "operation.toml"), str(returned), "--out", str(out)]) == 2
    assert "tidak ditimpa" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "milik orang"
    assert main(["merge", str(GOOD / "operation.toml"), str(returned), "--out", str(GOOD / "tps.csv")]) == 2


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("2024-01-30,17040120,-4.6,103.3,4,lemah", "code_short"),
        ("kemarin,{kode},-4.6,103.3,4,lemah", "not_a_day"),
        ("2024-01-30,{kode},103.3,-4.6,4,lemah", "coord_swapped"),
        ("2024-01-30,{kode},0,0,4,lemah", "coord_zero"),
        ("2024-01-30,{kode},-4.6,,4,lemah", "coord_half"),
        ("2024-01-30,{kode},-4.6,103.3,-4,lemah", "number_range"),
        ("2024-01-30,{kode},-4.6,103.3,4,=1+1", "word"),
        ("2024-01-30,{kode}", "row_length"),
    ],
)
def test_what_is_wrong_in_an_answer_is_an_input_problem(tmp_path, checked, cell, what):
    head = "tanggal,kode_tps,posisi-Latitude,posisi-Longitude,posisi-Accuracy,sinyal_telkomsel"
    path = tmp_path / "jawaban.csv"
    path.write_text(f"{head}\n{cell.format(kode=checked.tps.index[0])}\n", encoding="utf-8")
    with pytest.raises(InputProblems) as error:
        read_answers(path, checked.operation.region)
    assert what in {problem.what for problem in error.value.problems}


def test_a_position_that_a_server_leaves_whole_is_read_as_well_and_what_is_none_is_refused(tmp_path, checked):
    kode, path = checked.tps.index[0], tmp_path / "jawaban.csv"
    at = point_of(checked, kode)
    wholes = (f"{at.y} {at.x} 50 6.5", f"{at.y} {at.x}", "", "di depan balai desa lama")

    def read(*cells: str) -> pd.DataFrame:
        lines = [f"2024-01-30,{cell},{kode}" for cell in cells]
        path.write_text("\n".join(["tanggal,posisi,kode_tps", *lines, ""]), encoding="utf-8")
        return read_answers(path, checked.operation.region)

    found = read(*wholes[:3])
    assert found["lon"].tolist() == pytest.approx([at.x, at.x, float("nan")], nan_ok=True)
    assert found["lat"].tolist() == pytest.approx([at.y, at.y, float("nan")], nan_ok=True)
    assert found["akurasi_m"].tolist() == pytest.approx([6.5, float("nan"), float("nan")], nan_ok=True)
    with pytest.raises(InputProblems) as error:
        read(*wholes)
    assert {(problem.row, problem.value) for problem in error.value.problems} == {(5, wholes[3])}
    path.write_text(f"tanggal,posisi,kode_tps\n2024-01-30,{wholes[0]}\n", encoding="utf-8")
    with pytest.raises(InputProblems) as error:
        read_answers(path, checked.operation.region)
    assert "row_length" in {problem.what for problem in error.value.problems}


def test_a_geopackage_of_answers_is_read_in_whatever_crs_it_is(tmp_path, checked):
    kode = checked.tps.index[0]
    frame = gpd.GeoDataFrame(
        {"kode_tps": [kode], "tanggal": ["2024-01-30"], "sinyal_xl": ["kuat"], "foto": ["a.jpg"]},
        geometry=[point_of(checked, kode)],
        crs="EPSG:4326",
    )
    frame.to_crs(checked.operation.region.metric_crs).to_file(tmp_path / "j.gpkg", driver="GPKG", layer="survei")
    found = read_answers(tmp_path / "j.gpkg", checked.operation.region)
    assert found["lon"].tolist() == pytest.approx([point_of(checked, kode).x], abs=1e-6)
    assert found["sinyal_xl"].tolist() == ["kuat"]


def test_names_that_bite_stay_texts_in_the_merged_list(tmp_path, checked, returned):
    kode = checked.tps.index[0]
    listed = [["kode_tps", "nama_desa", "lat"], *([kode, name, "-4.5"] for name in HOSTILE.values())]
    merged = merge(checked, read_answers(returned, checked.operation.region))
    path, _ = write_merged(merged, listed, checked, tmp_path / "baru.csv", "id")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row, name in zip(rows, HOSTILE.values(), strict=True):
        assert row["nama_desa"] in {name, f"'{name}"}
        assert not row["nama_desa"].startswith(("=", "+", "-", "@", "＝"))
        assert float(row["lat"]) < 0
