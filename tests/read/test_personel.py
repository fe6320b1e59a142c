"""The table of officers at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs

GOOD = Path(__file__).parents[1] / "bad" / "good"
HEAD = "kode_satuan,jenis,nama,kode_tempat,petugas,menjaga,sumber\n"


def operation(folder: Path, rows: str, *, named: bool = True) -> Path:
    """Copy the good operation, and let it name a table of officers."""
    shutil.copytree(GOOD, folder / "op")
    path = folder / "op" / "operation.toml"
    if named:
        (folder / "op" / "personel.csv").write_text(HEAD + rows, encoding="utf-8")
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("[layers]\n", '[layers]\npersonel = "personel.csv"\n'), encoding="utf-8")
    return path


def place() -> tuple[str, str]:
    """Code and kecamatan of a place of the good operation."""
    tempat = read_inputs(GOOD / "operation.toml").tempat
    return str(tempat.index[0]), str(tempat["kode_kec"].iloc[0])


def test_units_are_read_and_a_polsek_guards_the_kecamatan_of_its_place(tmp_path: Path) -> None:
    kode, kec = place()
    rows = f"U-2,bko,BKO,{kode},40,,contoh\nU-1,Polsek,Polsek Satu,{kode},12,,contoh\n"
    inputs = read_inputs(operation(tmp_path, f"{rows}U-3,polres,Polres,{kode},7,{kec};{kec},terbit\n"))
    assert list(inputs.personel.index) == ["U-1", "U-2", "U-3"]
    assert list(inputs.personel["menjaga"]) == [kec, "", kec]
    assert list(inputs.personel["petugas"]) == [12, 40, 7]
    assert "personel.csv" in inputs.sha256


def test_without_the_table_there_are_no_units(tmp_path: Path) -> None:
    assert read_inputs(operation(tmp_path, "", named=False)).personel.empty


@pytest.mark.parametrize(
    ("row", "what", "column"),
    [
        ("U-1,polsek,A,NOWHERE,12,,contoh", "code_unknown", "kode_tempat"),
        ("U-1,polsek,A,{kode},12,99.99.99,contoh", "code_unknown", "menjaga"),
        ("U-1,polsek,A,{kode},12,17.4.1,contoh", "code_short", "menjaga"),
        ("U-1,tni,A,{kode},12,,contoh", "word", "jenis"),
        ("U-1,bko,A,{kode},-3,,contoh", "number_range", "petugas"),
        ("U-1,bko,A,{kode},3,,", "cell_blank", "sumber"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, row: str, what: str, column: str) -> None:
    kode, _ = place()
    with pytest.raises(InputProblems) as caught:
        read_inputs(operation(tmp_path, row.format(kode=kode) + "\n"))
    assert (what, column) in {(problem.what, problem.column) for problem in caught.value.problems}


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = operation(tmp_path, "")
    (tmp_path / "op" / "personel.csv").unlink()
    with pytest.raises(InputProblems) as caught:
        read_inputs(path)
    assert "personel.csv" in {problem.file for problem in caught.value.problems}
