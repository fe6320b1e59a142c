from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

import kaur_gis.write.map
import kaur_gis.write.sheets
from kaur_gis.judge import judge
from kaur_gis.problems import OutputError
from kaur_gis.read.run import read_plan
from kaur_gis.summary import plan_version
from kaur_gis.write import write_plan
from kaur_gis.write.manifest import changed_files, replaced_version
from kaur_gis.write.replaced import Earlier, stamped
from kaur_gis.write.sheets import PAPERS
from tests.write.made import made


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("outputs") / "kaur"
    write_plan(made(), folder)
    return folder


def test_a_run_holds_every_output_and_its_manifest_lists_them(tmp_path):
    told: list[str] = []
    files = write_plan(made(), tmp_path / "kaur", "en", progress=told.append)
    names = [file.relative_to(tmp_path / "kaur").as_posix() for file in files]
    assert files == sorted(files)
    assert {
        "layers.gpkg",
        "layers/tps.parquet",
        "peta_operasi.html",
        "peta_publik.html",
        *PAPERS,
        "manifest.json",
    } <= set(names)
    assert any(name.endswith(".xlsx") for name in names)
    assert any(name.startswith("gpx/") for name in names)
    assert all(file.is_file() for file in files)
    listed = json.loads((tmp_path / "kaur" / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert {*listed, "manifest.json"} == set(names)
    assert changed_files(tmp_path / "kaur") == []
    assert told == [
        "pdf",
        "layers.gpkg",
        "layers/",
        "xlsx, csv",
        "survei.xlsx",
        "gpx/",
        "kml/",
        "peta_operasi.html",
        "peta_publik.html",
        "publik/",
    ]
    assert [item.name for item in tmp_path.iterdir()] == ["kaur"]


def test_every_file_of_a_run_may_be_read_by_whom_the_umask_lets(run):
    mask = os.umask(0)
    os.umask(mask)
    for path in (run, *run.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o777 if path.is_dir() else 0o666) & ~mask, path.name


def test_the_manifest_says_how_long_each_stage_took(tmp_path):
    told: list[str] = []
    write_plan(made(), tmp_path / "kaur", progress=told.append, seconds={"read": 1.234})
    seconds = json.loads((tmp_path / "kaur" / "manifest.json").read_text(encoding="utf-8"))["seconds"]
    assert set(seconds) == {"read", *told}
    assert seconds["read"] == 1.23
    assert all(second >= 0 for second in seconds.values())


def test_two_runs_of_one_plan_differ_only_in_the_time_of_the_manifest(run, tmp_path):
    write_plan(made(), tmp_path / "kaur")
    for file in sorted(item for item in run.rglob("*") if item.is_file() and item.name != "manifest.json"):
        assert file.read_bytes() == (tmp_path / "kaur" / file.relative_to(run)).read_bytes(), file.name


def test_a_written_run_is_judged_from_the_folder_alone(run):
    plan = read_plan(run)
    assert plan_version(plan) == plan_version(made())
    assert judge(plan) == ()


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("a bug")])
def test_a_writer_that_fails_leaves_the_earlier_run_whole(tmp_path, monkeypatch, fault):
    write_plan(made(), tmp_path / "kaur")
    before = {file: file.read_bytes() for file in (tmp_path / "kaur").rglob("*") if file.is_file()}

    def broken(*_args):
        raise fault

    monkeypatch.setattr(kaur_gis.write.sheets, "write_papers", broken)
    with pytest.raises(OutputError if isinstance(fault, OSError) else RuntimeError):
        write_plan(made(), tmp_path / "kaur")
    assert {file: file.read_bytes() for file in (tmp_path / "kaur").rglob("*") if file.is_file()} == before
    assert [item.name for item in tmp_path.iterdir()] == ["kaur"]


def test_a_folder_that_is_no_run_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    (tmp_path / "kaur").mkdir()
    (tmp_path / "kaur" / "mine.txt").write_text("mine")
    monkeypatch.setattr(kaur_gis.write.map, "write_map", None)
    with pytest.raises(OutputError):
        write_plan(made(), tmp_path / "kaur")
    with pytest.raises(OutputError):
        write_plan(made(), tmp_path / "data", never=[tmp_path / "data" / "kaur"])


def test_a_run_names_the_version_that_it_replaces_on_every_paper(tmp_path):
    folder = tmp_path / "kaur"
    folder.mkdir()
    plan = made()
    assert replaced_version(plan, folder) == ""
    (folder / "manifest.json").write_text(json.dumps({"plan_version": "0123456789ab", "replaces": ""}))
    assert replaced_version(plan, folder) == "0123456789ab"
    (folder / "manifest.json").write_text(json.dumps({"plan_version": plan_version(plan), "replaces": "ba9876543210"}))
    assert replaced_version(plan, folder) == "ba9876543210"
    for strange in ('{"plan_version": "#read(1)"}', '{"plan_version": 7}', "[]", "{", '{"plan_version": null}'):
        (folder / "manifest.json").write_text(strange)
        assert replaced_version(plan, folder) == ""


def test_only_pages_that_are_other_ones_say_that_they_replace_a_version() -> None:
    def told(earlier: Earlier, *texts: str) -> tuple[dict[str, bool | None], list[bool]]:
        pages: list[dict[str, Any]] = [{"text": text} for text in texts]
        codes = stamped(pages, "versi b", earlier.paper("a.pdf"), "id", "shared")
        return codes, ["menggantikan versi 0123456789ab" in page["version"] for page in pages]

    first, said = told(Earlier(), "one", "two")
    assert (list(first.values()), said) == ([None, None], [False, False])
    known = Earlier.of("0123456789ab", {"a.pdf": first}, again=False)
    codes, said = told(known, "one", "other", "new")
    assert (list(codes.values()), said) == ([False, True, True], [False, True, True])
    assert told(Earlier.of("0123456789ab", {"a.pdf": codes}, again=True), "one", "other", "new") == (codes, said)
    assert told(Earlier.of("0123456789ab", {"a.pdf": first}, again=True), "one", "two") == (first, [True, True])
    one, two = first
    assert told(known.without({two}), "one", "two") == ({one: False, two: True}, [False, True])
    assert Earlier("0123456789ab").without({two}) == Earlier("0123456789ab")
    assert told(Earlier.of("0123456789ab", {}, again=False), "one")[1] == [True]
    assert told(Earlier.of("0123456789ab", {"b.pdf": first}, again=False), "one")[1] == [True]
    unknown: list[dict[str, Any]] = [{"text": "one"}]
    stamped(unknown, "versi b", Earlier("0123456789ab").paper("a.pdf"), "id")
    assert unknown[0]["version"] == "versi b · menggantikan versi 0123456789ab, kecuali lembar berkode sama"


def test_writing_a_plan_again_gives_the_same_papers(run):
    before = {name: (run / name).read_bytes() for name in PAPERS}
    write_plan(made(), run)
    assert {name: (run / name).read_bytes() for name in PAPERS} == before
