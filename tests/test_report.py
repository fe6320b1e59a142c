from __future__ import annotations

from kaur_gis.problems import InputProblems, Problem
from kaur_gis.report import LONGEST, told, visible


def test_a_problem_names_file_row_column_value_and_what_to_do() -> None:
    problem = Problem(
        "code_unknown",
        "tps.csv",
        7,
        "kode_desa",
        "17.04.99.2001",
        details={"nearest": "17.04.01.2001", "known": "17.04.01.2001"},
    )
    text = told(problem, "id")
    assert text.startswith("tps.csv, baris 7, kolom kode_desa: ")
    assert "17.04.99.2001" in text
    assert "\n   -> " in text
    assert told(problem, "en").startswith("tps.csv, row 7, column kode_desa: ")


def test_a_hint_names_the_nearest_name_only_where_there_is_one() -> None:
    details = {"nearest": "pemilih", "known": "pemilih, no_tps"}
    assert "pemilih." in told(Problem("column_missing", "tps.csv", 1, "pemilih_", details=details), "en")
    alone = told(Problem("column_missing", "tps.csv", 1, "x", details={"nearest": "", "known": "a"}), "en")
    assert alone.endswith("-> Add that column.")


def test_a_file_is_not_named_twice() -> None:
    assert told(Problem("file_empty", "a.csv"), "en").startswith("a.csv is empty.")


def test_a_value_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[2Jb\nc\u202ed") == "a\\u001b[2Jb\\u000ac\\u202ed"


def test_a_long_value_is_cut() -> None:
    assert len(visible("x" * 10_000)) == LONGEST + 1


def test_problems_are_listed_by_file_row_and_column() -> None:
    places = [("b.csv", 2, "x"), ("b.csv", 10, "a"), ("b.csv", None, ""), ("a.csv", 3, "z"), ("a.csv", 3, "y")]
    error = InputProblems(Problem("cell_blank", *place) for place in places)
    found = [(p.file, p.row, p.column) for p in error.problems]
    assert found == [
        ("a.csv", 3, "y"),
        ("a.csv", 3, "z"),
        ("b.csv", None, ""),
        ("b.csv", 2, "x"),
        ("b.csv", 10, "a"),
    ]


def test_the_error_carries_all_problems_and_is_a_value_error() -> None:
    problems = [Problem("file_empty", "a.csv"), Problem("file_empty", "b.csv")]
    error = InputProblems(problems)
    assert isinstance(error, ValueError)
    assert error.problems == tuple(problems)
    assert "a.csv" in str(error)
    assert "b.csv" in str(error)


def test_what_was_measured_has_the_comma_of_the_language_and_what_one_would_write_in_a_file_has_not() -> None:
    near = Problem(
        "near_duplicate", "tps.csv", 3, "lon", "103.25514, -4.65122", "note", {"first_row": 2, "metres": 1.1}
    )
    assert "hanya 1,1 m dari" in told(near, "id")
    assert "only 1.1 m from" in told(near, "en")
    assert "103.25514, -4.65122" in told(near, "id")


def test_what_is_driven_after_counting_is_no_wave_by_that_name_in_english() -> None:
    details: dict[str, str | int | float] = {"stage": "tps-ppk", "wave": "kembali", "n_tps": 2, "missing": "1 PKP"}
    short = Problem("fleet_too_small", value="PPK-1", level="note", details=details)
    assert "for stage tps-ppk (way back): 2 TPS are not carried; missing for these: 1 PKP." in told(short, "en")
    assert "untuk tahap tps-ppk (kembali): 2 TPS tidak terangkut" in told(short, "id")
