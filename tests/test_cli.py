from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.judge import judge
from kaur_gis.problems import OutputError, Problem


@pytest.fixture
def operation(kaur: Path, tmp_path: Path) -> Path:
    """A copy of the shipped operation that a test may spoil."""
    shutil.copytree(kaur.parent, tmp_path / "kaur")
    return tmp_path / "kaur" / "operation.toml"


def _spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_plan_ends_with_the_summary_and_the_files(
    operation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(operation), "--out", str(out)]) == cli.OK
    said = capsys.readouterr()
    assert "TPS: 434 di 195 desa/kelurahan dan 15 kecamatan; pemilih 96.011" in said.out
    assert "peta.html" in said.out
    assert "menyusun perjalanan" in said.err
    listed = dict(line.strip().partition(": ")[::2] for line in said.out.split(f"{out}:\n")[1].splitlines())
    here = {file.name if file.is_file() else f"{file.name}/" for file in out.iterdir()}
    assert set(listed) == here
    assert listed["gpx/"] == f"{len(list((out / 'gpx').iterdir()))} berkas"
    assert cli.main(["verify", str(out)]) == cli.OK
    assert "Semua janji ditepati: 434 TPS" in capsys.readouterr().out


def test_every_problem_of_every_file_is_listed_at_once_with_exit_code_2(
    operation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _spoil(operation.parent / "tps.csv", "1704012001001", "1704992001001")
    _spoil(operation.parent / "desa.csv", "-4.6", "4.6")
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(operation), "--out", str(out)]) == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert "tps.csv, baris 2" in said
    assert "desa.csv, baris 2" in said
    assert "   -> " in said
    assert not out.exists()


def test_unserved_tps_are_named_and_the_exit_code_says_it(
    operation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _spoil(operation, 'vehicle = "motor"\ncount = 4', 'vehicle = "motor"\ncount = 0')
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(operation), "--out", str(out), "--lang", "en"]) == cli.UNSERVED
    said = capsys.readouterr().out
    assert "NOT SERVED: 31 TPS" in said
    assert said.count("no suitable vehicle") == 31
    assert cli.main(["verify", str(out)]) == cli.UNSERVED


def test_a_missing_operation_is_an_input_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", str(tmp_path / "none.toml")]) == cli.BAD_INPUT
    assert "none.toml" in capsys.readouterr().err


def test_verify_refuses_a_folder_that_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(tmp_path)]) == cli.BAD_INPUT
    assert "   -> " in capsys.readouterr().err


@pytest.mark.parametrize(("lang", "word"), [("id", "pemakaian: "), ("en", "usage: ")])
def test_help_is_in_the_language_asked_for(lang: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["plan", "--help"], ["verify", "--help"]):
        with pytest.raises(SystemExit) as end:
            cli.main(["--lang", lang, *words])
        assert end.value.code == 0
        said = capsys.readouterr().out
        assert said.startswith(word)
        assert ("show this help" in said) == (lang == "en")


def test_a_wrong_word_is_refused_with_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["plna"], ["plan"], ["plan", "x", "--lang", "fr"], []):
        with pytest.raises(SystemExit) as end:
            cli.main(words)
        assert end.value.code == cli.BAD_INPUT
    assert "--help" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "Dihentikan"),
        (OutputError("disk penuh"), "disk penuh"),
        (ZeroDivisionError("x"), "ZeroDivisionError"),
    ],
)
def test_what_stops_a_run_is_said_in_one_sentence_with_exit_code_3(
    error: BaseException, said: str, kaur: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object, **_settings: object) -> None:
        raise error

    monkeypatch.setattr(cli, "read_inputs", fail)
    assert cli.main(["plan", str(kaur)]) == cli.BUG
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_debug_shows_the_trace(kaur: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "make_plan", lambda *_a, **_k: 1 / 0)
    assert cli.main(["plan", str(kaur), "--debug"]) == cli.BUG
    assert "Traceback" in capsys.readouterr().err


def test_a_plan_that_breaks_a_promise_is_not_written(
    kaur: Path, tmp_path: Path, kaur_plan: kg.Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = dataclasses.replace(kaur_plan, loads=kaur_plan.loads.iloc[1:])
    monkeypatch.setattr(cli, "make_plan", lambda *_a, **_k: dataclasses.replace(wrong, broken=judge(wrong)))
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(kaur), "--out", str(out)]) == cli.BUG
    assert not out.exists()
    assert "1. " in capsys.readouterr().err


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "kaur_gis", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("kaur-gis 0.")


def test_a_problem_of_level_note_is_not_called_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    cli._refuse([Problem("file_empty", "a.csv"), Problem("file_empty", "b.csv", level="note")], "id")
    said = capsys.readouterr().err
    assert "a.csv" in said
    assert "b.csv" not in said
