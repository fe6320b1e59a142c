from __future__ import annotations

import dataclasses
import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.judge import judge
from kaur_gis.place import place
from kaur_gis.problems import OutputError, Problem
from kaur_gis.tag import tag
from kaur_gis.terminal import refuse, tell_broken, usage_fault


@pytest.fixture
def operation(kaur: Path, tmp_path: Path) -> Path:
    """A copy of the shipped operation that a test may spoil."""
    shutil.copytree(kaur.parent, tmp_path / "kaur")
    return tmp_path / "kaur" / "operation.toml"


def _spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_plan_ends_with_the_summary_and_the_files_which_are_those_of_another_run_to_the_byte(
    operation: Path, kaur_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(operation), "--out", str(out)]) == cli.OK
    said = capsys.readouterr()
    assert "TPS: 434 di 195 desa/kelurahan dan 15 kecamatan; pemilih 96.011" in said.out
    assert "peta_operasi.html" in said.out
    assert "menyusun perjalanan" in said.err
    listed = dict(line.strip().partition(": ")[::2] for line in said.out.split(f"{out}:\n")[1].splitlines())
    here = {file.name if file.is_file() else f"{file.name}/" for file in out.iterdir()}
    assert set(listed) == here
    assert listed["gpx/"] == f"{len(list((out / 'gpx').iterdir()))} berkas"
    assert cli.main(["verify", str(out)]) == cli.OK
    assert "Semua janji ditepati: 434 TPS" in capsys.readouterr().out
    files = {path.relative_to(kaur_run) for path in kaur_run.rglob("*") if path.is_file()}
    assert files == {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    differ = [name for name in sorted(files) if (kaur_run / name).read_bytes() != (out / name).read_bytes()]
    assert [str(name) for name in differ] == ["manifest.json"]  # it alone says when it was written


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


def test_unserved_tps_are_named_and_the_exit_code_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operation = Path(__file__).parent / "bad" / "good" / "operation.toml"  # 5 TPS, and no vehicle beyond the PPK
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(operation), "--out", str(out), "--lang", "en"]) == cli.UNSERVED
    said = capsys.readouterr().out
    assert "NOT SERVED: 5 TPS" in said
    assert said.count("no vehicle, or none left, at the base") == 5
    assert cli.main(["verify", str(out)]) == cli.UNSERVED
    capsys.readouterr()
    unserved = pyogrio.read_dataframe(out / "layers.gpkg", layer="unserved")
    pyogrio.write_dataframe(unserved.iloc[1:], out / "layers.gpkg", layer="unserved", driver="GPKG")
    assert cli.main(["verify", str(out)]) == cli.BUG  # what stands in the GeoPackage is judged
    told = capsys.readouterr()
    assert "layers.gpkg, layer unserved: 1 row is other than was written" in told.out
    assert f"{unserved['kode_tps'][0]}" in told.err
    assert f"kaur-gis draw {out}" in told.err


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
    for words in (["plna"], ["plan"], ["plan", "x", "--lang", "fr"]):
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

    monkeypatch.setattr("kaur_gis.read.read_inputs", fail)
    assert cli.main(["plan", str(kaur)]) == cli.BUG
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_debug_shows_the_trace(kaur: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("kaur_gis.pipeline.make_plan", lambda *_a, **_k: 1 / 0)
    assert cli.main(["plan", str(kaur), "--debug"]) == cli.BUG
    assert "Traceback" in capsys.readouterr().err


def test_a_plan_that_breaks_a_promise_is_not_written(
    kaur: Path, tmp_path: Path, kaur_plan: kg.Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = dataclasses.replace(kaur_plan, loads=kaur_plan.loads.iloc[1:])
    monkeypatch.setattr(
        "kaur_gis.pipeline.make_plan", lambda *_a, **_k: dataclasses.replace(wrong, broken=judge(wrong))
    )
    out = tmp_path / "hasil"
    assert cli.main(["plan", str(kaur), "--out", str(out)]) == cli.BUG
    assert not out.exists()
    assert "1. " in capsys.readouterr().err


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "kaur_gis", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("kaur-gis 0.")


def test_bare_kaur_gis_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.OK
    said = capsys.readouterr().out
    assert said.startswith("pemakaian: kaur-gis")
    assert re.search(r"perintah:\n    \w+ ", said)


@pytest.mark.parametrize("place", ["/", ".", "kaur", "berkas", "foto", "tautan"])
def test_a_refused_output_folder_is_said_before_anything_is_planned(
    place: str,
    operation: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "berkas").write_text("x")
    (tmp_path / "foto").mkdir()
    (tmp_path / "foto" / "a.jpg").write_text("x")
    (tmp_path / "tautan").symlink_to(tmp_path / "foto")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kaur_gis.read.read_inputs", lambda *_a, **_k: pytest.fail("it was read"))
    for lang, sentence in (("id", "Tidak ada yang dihitung"), ("en", "Nothing was computed")):
        assert cli.main(["plan", str(operation), "--out", place, "--lang", lang]) == cli.BAD_INPUT
        said = capsys.readouterr().err
        assert sentence in said
        assert ".." not in said
        assert "Errno" not in said
        assert said.count("\n") == 1
    assert (tmp_path / "foto" / "a.jpg").read_text() == "x"


def test_a_reader_that_has_enough_ends_the_program_quietly() -> None:
    talk = "import sys; from kaur_gis import cli; cli._main = lambda _: print('x' * 9) or 0; sys.exit(cli.main(['x']))"
    # unbuffered, argparse of some versions swallows the error, and of others does not
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for arguments in (["-c", talk], ["-m", "kaur_gis"]):
        command = [sys.executable, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=usual) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            assert process.stderr.read() == b""
        assert process.returncode == cli.CUT_OFF


def test_what_is_cut_off_while_writing_is_no_fault_of_the_program(
    kaur: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def cut(*_arguments: object, **_settings: object) -> None:
        raise OutputError(errno.EPIPE, "gone")

    monkeypatch.setattr("kaur_gis.read.read_inputs", cut)
    before = [os.dup(1), os.dup(2)]
    try:
        assert cli.main(["plan", str(kaur), "--out", str(tmp_path / "x")]) == cli.CUT_OFF
    finally:
        for number, saved in enumerate(before, start=1):
            os.dup2(saved, number)
            os.close(saved)
    assert "gone" not in capfd.readouterr().err


def test_the_language_asked_for_is_that_of_the_reasons_too(kaur: Path) -> None:
    inputs = kg.read_inputs(kaur, lang="en")
    tps = tag(place(inputs)[0], inputs.operation)
    assert set(tps["akses_sebab"]) == {"listed as hard to reach", "not listed as hard to reach"}
    assert "no signal" in set(tps["kerawanan_sebab"])
    assert inputs.operation.operation.lang == "en"


def test_broken_promises_are_told_by_promise_with_their_number_and_first_cases(
    kaur_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = [
        Problem("promise_times", value=f"trip {n}", details={"found": f"{n}", "wanted": f"{n + 1}"}) for n in range(50)
    ] + [Problem("promise_loads", value="trip 7", details={"found": "1", "wanted": "2"})]
    monkeypatch.setattr("kaur_gis.judge.judge", lambda _plan: tuple(broken))
    assert cli.main(["verify", str(kaur_run), "--lang", "en"]) == cli.BUG
    said = capsys.readouterr().err
    assert "in 51 cases" in said
    assert "1. 1 case; Promise 'loads'" in said
    assert "2. 50 cases; Promise 'times'" in said
    assert "trip 2: found 2; should be 3" in said
    assert "trip 3:" not in said
    assert "and 47 more" in said
    assert cli.main(["verify", str(kaur_run), "--lang", "en", "--all"]) == cli.BUG
    assert "trip 49: found 49" in capsys.readouterr().err
    tell_broken(broken, "en", by_hand=frozenset({"trip 49"}))
    said = capsys.readouterr().err
    assert "1. 50 cases; Promise 'times'" in said
    assert said.index("trip 49:") < said.index("trip 0:") < said.index("2. 1 case; Promise 'loads'")


def test_what_was_repaired_is_named_beside_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("file_empty", "a.csv"), Problem("voters_none", "b.csv", level="note")]
    repaired = Problem("duplicate_same", "c.csv", 7, "kode_tps", "1", level="fix", details={"first_row": 2})
    refuse([*problems, repaired], "id")
    said = capsys.readouterr().err
    assert "a.csv" in said
    assert "b.csv" not in said
    assert "c.csv, baris 7" in said
    refuse(problems, "en")
    said = capsys.readouterr().err
    assert said.startswith("1 problem in the inputs")
    assert "Repaired" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plna"], "PERINTAH: plna tidak dikenal. Pilih salah satu: "),
        (["plan"], "Belum lengkap: OPERATION tidak ada."),
        (["plan", "a", "b"], "Tidak dikenal: b."),
        (["plan", "a", "--out"], "--out: nilainya tidak ada."),
        (["plan", "a", "--debug=1"], "--debug: tidak menerima nilai."),
        (["plan", "a", "--d"], None),
        (["plan", "x", "--lang", "fr"], "--lang: fr tidak dikenal. Pilih salah satu: id, en"),
    ],
)
def test_a_fault_in_the_command_is_told_in_the_reader_s_language(
    words: list[str], said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if said is None:
        assert cli.main(words) == cli.BAD_INPUT  # a beginning of an option is enough
        return
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == cli.BAD_INPUT
    told = capsys.readouterr().err
    assert said in told
    assert "argument" not in told
    assert "--help" in told


def test_a_fault_in_the_command_of_an_unknown_kind_keeps_the_words_in_brackets() -> None:
    assert usage_fault("something new", "id") == "Perintah ini tidak dapat dibaca (something new)."


def test_a_shortage_is_answered_from_a_written_run(kaur_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["shortage", str(kaur_run), "--tps", "1704012001001", "--jenis", "dprd_kabupaten"]
    assert cli.main([*ask, "--kurang", "9"]) == cli.OK
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("9 surat suara dprd_kabupaten untuk TPS 1704012001001, dari ")
    assert told[1].startswith("1. 1704")
    assert cli.main([*ask, "--kurang", "9000", "--lang", "en"]) == cli.UNSERVED
    assert "are still missing." in capsys.readouterr().out
    assert cli.main([*ask[:-1], "presiden"]) == cli.BAD_INPUT
    assert "ppwp, dpr, dpd" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main([*ask, "--kurang", "0"])


def test_a_repeated_vote_is_planned_written_and_judged(
    kaur: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ask = ["psu", str(kaur), "--tps", "1704022009001", "1704022009002", "--jenis", "ppwp", "--tanggal"]
    assert cli.main([*ask, "2024-02-25"]) == cli.BAD_INPUT
    assert "2024-02-16" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main([*ask, "besok"])
    assert cli.main([*ask, "2024-02-24"]) == cli.OK
    assert "TPS: 2 di 1 desa/kelurahan" in capsys.readouterr().out
    assert cli.main(["verify", "outputs/kaur-psu"]) == cli.OK
    assert (tmp_path / "outputs" / "kaur-psu" / "lembar_rute.pdf").is_file()
