"""A written plan drawn again."""

from __future__ import annotations

import dataclasses
import io
import shutil
from pathlib import Path

import pytest

import kaur_gis as kg
from kaur_gis import cli
from tests.write.made import made

PASSWORD = "kata sandi yang panjang"  # noqa: S105 - of a map that only this test makes


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "kaur"
    kg.write_plan(made(), folder)
    return folder


@pytest.fixture
def run(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "kaur"))


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


@pytest.fixture
def sealed_run(tmp_path: Path) -> Path:
    kg.write_plan(made(), tmp_path / "kaur", password=PASSWORD)
    return tmp_path / "kaur"


@pytest.mark.usefixtures("only_maps")
def test_a_sealed_map_never_becomes_open_unsaid(
    sealed_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = sealed_run
    before = contents(run)
    assert b'data-rounds="600000"' in before["peta_operasi.html"]
    for command in (["draw", str(run)], ["replan", str(run), "--out", str(tmp_path / "lagi")]):
        assert cli.main(command) == cli.BAD_INPUT
        said = capsys.readouterr().err
        assert "--sandi" in said
        assert "--terbuka" in said
    assert contents(run) == before
    assert not (tmp_path / "lagi").exists()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert cli.main(["draw", str(run), "--sandi"]) == cli.UNSERVED
    assert b'data-rounds="600000"' in (run / "peta_operasi.html").read_bytes()
    assert cli.main(["draw", str(run), "--terbuka"]) == cli.UNSERVED
    assert b'data-rounds="0"' in (run / "peta_operasi.html").read_bytes()
    assert cli.main(["draw", str(run)]) == cli.UNSERVED


@pytest.mark.usefixtures("only_maps")
def test_a_new_plan_does_not_open_what_was_sealed(
    sealed_run: Path, kaur: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = sealed_run
    before = contents(run)
    assert cli.main(["plan", str(kaur), "--out", str(run), "--lang", "en"]) == cli.BAD_INPUT
    assert "is sealed with a password" in capsys.readouterr().err
    assert contents(run) == before


@pytest.mark.usefixtures("only_maps")
def test_online_tiles_are_in_both_maps_where_asked_for_and_nowhere_else(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://tile.example.org/{z}/{x}/{y}.png"
    maps = [run / f"peta_{edition}.html" for edition in ("operasi", "publik")]
    assert all(b"https://tile.example.org" not in file.read_bytes() for file in maps)
    with pytest.raises(SystemExit):
        cli.main(["draw", str(run), "--peta-daring", "http://tile.example.org"])
    assert "tile.openstreetmap.org" in capsys.readouterr().err
    assert cli.main(["draw", str(run), "--peta-daring", url]) == cli.UNSERVED
    assert all(b"img-src data: blob: https://tile.example.org;" in file.read_bytes() for file in maps)
