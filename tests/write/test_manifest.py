from __future__ import annotations

import hashlib
import json
import re

import pytest

from kaur_gis.layers import OSM_CREDIT
from kaur_gis.summary import figures, notices, plan_version
from kaur_gis.write import manifest
from kaur_gis.write.manifest import changed_files, write_manifest
from tests.conftest import ROOT
from tests.write.made import made


@pytest.fixture
def run(tmp_path):
    (tmp_path / "gpx").mkdir()
    (tmp_path / "gpx" / "a.gpx").write_text("one")
    (tmp_path / "b.txt").write_text("two")
    write_manifest(made(), tmp_path, [tmp_path / "gpx" / "a.gpx", tmp_path / "b.txt"])
    return tmp_path


def test_it_says_what_the_run_was_made_from_and_by_what(run):
    told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    plan = made()
    assert (told["format"], told["format_version"]) == ("kaur_gis.run", 3)
    assert told["plan_version"] == plan_version(plan)
    assert told["inputs_sha256"] == dict(plan.inputs.sha256)
    assert told["seed"] == plan.inputs.operation.operation.seed
    assert told["counts"] == figures(plan)
    assert told["notices"] == notices(plan, "id")
    assert told["licences"]["roads"]["attribution"] == OSM_CREDIT
    assert told["licences"]["leaflet in the maps"]["licence"] == "BSD-2-Clause"
    assert [
        what["see"]
        for what in told["licences"].values()
        if not ("://" in what["see"] or (ROOT / what["see"]).is_file())
    ] == []
    assert told["roads"]["as_of"] == "2025-06-07"
    assert {"kaur_gis", "python", "gdal", "pyvrp", "geopandas"} <= set(told["made_with"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told["created"])


def test_every_file_has_its_digest(run):
    files = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert files == {
        "b.txt": {"sha256": hashlib.sha256(b"two").hexdigest(), "bytes": 3},
        "gpx/a.gpx": {"sha256": hashlib.sha256(b"one").hexdigest(), "bytes": 3},
    }


def test_a_file_that_was_changed_or_lost_is_named(run):
    assert changed_files(run) == []
    (run / "b.txt").write_text("TWO")
    (run / "gpx" / "a.gpx").unlink()
    assert changed_files(run) == ["b.txt", "gpx/a.gpx"]


def test_only_the_time_differs_between_two_writings(run):
    first = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    write_manifest(made(), run, [run / "b.txt", run / "gpx" / "a.gpx"])
    second = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert {**first, "created": ""} == {**second, "created": ""}


def test_a_package_that_is_not_installed_has_no_version():
    assert manifest._version("no-such-package-of-ours") == "unknown"
