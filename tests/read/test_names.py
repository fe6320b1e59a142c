"""Hostile names pass the readers as names, byte for byte but for spaces and Unicode form; REFUSED ones do not."""

from __future__ import annotations

import csv
import json
import shutil
import unicodedata
from pathlib import Path

import pytest
from specimens import HOSTILE, REFUSED

from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs

GOOD = Path(__file__).parent.parent / "bad" / "good"


def rename(folder: Path, name: str) -> Path:
    """Give a desa, a place and a kecamatan of the good operation a new name."""
    shutil.copytree(GOOD, folder)
    for file in ("desa.csv", "tempat.csv"):
        with (folder / file).open(encoding="utf-8", newline="") as old:
            rows = list(csv.reader(old))
        rows[1][rows[0].index("nama")] = name
        with (folder / file).open("w", encoding="utf-8", newline="") as new:
            csv.writer(new).writerows(rows)
    polygons = json.loads((folder / "kecamatan.geojson").read_text(encoding="utf-8"))
    polygons["features"][0]["properties"]["nama"] = name
    (folder / "kecamatan.geojson").write_text(json.dumps(polygons), encoding="utf-8")
    return folder / "operation.toml"


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_is_a_name(kind, tmp_path):
    inputs = read_inputs(rename(tmp_path / "operasi", HOSTILE[kind]))
    expected = unicodedata.normalize("NFC", HOSTILE[kind].strip())
    assert inputs.desa.loc["17.04.01.2001", "nama"] == expected
    assert inputs.tempat.loc["GDG-I", "nama"] == expected
    assert inputs.kecamatan.loc["17.04.01", "nama"] == expected
    changed = expected != HOSTILE[kind]
    assert any(note.level == "fix" for note in inputs.notes) == changed


@pytest.mark.parametrize("kind", REFUSED)
def test_a_name_with_control_characters_is_refused_wherever_it_stands(kind, tmp_path):
    with pytest.raises(InputProblems) as refusal:
        read_inputs(rename(tmp_path / "operasi", REFUSED[kind]))
    found = [(p.what, p.file, p.column) for p in refusal.value.problems if p.level == "refuse"]
    assert found == [("control_character", file, "nama") for file in ("desa.csv", "kecamatan.geojson", "tempat.csv")]
