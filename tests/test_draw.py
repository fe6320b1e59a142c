"""A written plan drawn again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import kaur_gis as kg
from kaur_gis import cli
from tests.write.made import made


@pytest.fixture
def run(tmp_path: Path) -> Path:
    kg.write_plan(made(), tmp_path / "kaur")
    return tmp_path / "kaur"


def contents(run: Path) -> dict[str, bytes]:
    """Every file of a run but the manifest, which tells the time."""
    files = (file for file in run.rglob("*") if file.is_file() and file.name != "manifest.json")
    return {file.relative_to(run).as_posix(): file.read_bytes() for file in files}


def test_draw_writes_all_outputs_of_a_written_plan_again(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(run)
    (run / "layers.gpkg").unlink()
    assert cli.main(["draw", str(run)]) == cli.UNSERVED
    assert "index.html" in capsys.readouterr().out
    after = contents(run)
    assert set(after) == set(before)
    assert [name for name in before if after[name] != before[name]] == []
    assert cli.main(["draw", str(run), "--geojson", "--lang", "en"]) == cli.UNSERVED
    assert (run / "geojson" / "tps.geojson").is_file()
    assert b"Key figures" in (run / "index.html").read_bytes()


def test_draw_refuses_a_plan_whose_layers_no_longer_keep_their_promises(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = dataclasses.replace(made(), loads=made().loads.iloc[1:])
    monkeypatch.setattr("kaur_gis.read.run.read_plan", lambda _folder: wrong)
    before = contents(run)
    assert cli.main(["draw", str(run)]) == cli.BUG
    assert "rencana" in capsys.readouterr().err
    assert contents(run) == before


def test_draw_refuses_a_folder_that_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["draw", str(tmp_path)]) == cli.BAD_INPUT
    assert capsys.readouterr().err
