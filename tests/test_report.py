from __future__ import annotations

from kaur_gis.problems import InputProblems, Problem
from kaur_gis.report import LONGEST, told, visible


def test_a_problem_names_file_row_column_value_and_what_to_do() -> None:
    problem = Problem("code_unknown", "tps.csv", 7, "kode_desa", "17.04.99.2001", details={"known": "17.04.01.2001"})
    text = told(problem, "id")
    assert text.startswith("tps.csv, baris 7, kolom kode_desa: ")
    assert "17.04.99.2001" in text
    assert "\n   -> " in text
    assert told(problem, "en").startswith("tps.csv, row 7, column kode_desa: ")


def test_a_value_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[2Jb\nc\u202ed") == "a\\u001b[2Jb\\u000ac\\u202ed"


def test_a_long_value_is_cut() -> None:
    assert len(visible("x" * 10_000)) == LONGEST + 1


def test_the_error_carries_all_problems_and_is_a_value_error() -> None:
    problems = [Problem("file_empty", "a.csv"), Problem("file_empty", "b.csv")]
    error = InputProblems(problems)
    assert isinstance(error, ValueError)
    assert error.problems == tuple(problems)
    assert "a.csv" in str(error)
    assert "b.csv" in str(error)
