"""The gate: what is opened, and what never is."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from kaur_gis.read import safely
from kaur_gis.read.safely import printable, read_bytes, text_of


def whats(folder: Path, name: str, **more) -> list[str]:
    problems: list = []
    data = read_bytes(folder, name, problems, {}, suffixes=[".csv"], **more)
    assert (data is None) == bool(problems)
    return [problem.what for problem in problems]


def test_a_file_is_read_once_and_its_digest_is_of_what_was_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"kode\n1\n")
    sha256: dict[str, str] = {}
    assert read_bytes(tmp_path, "a.csv", [], sha256, suffixes=[".csv"]) == b"kode\n1\n"
    assert sha256 == {"a.csv": hashlib.sha256(b"kode\n1\n").hexdigest()}


@pytest.mark.parametrize(
    "name",
    [
        "http://example.invalid/a.csv",
        "/vsicurl/http://127.0.0.1/a.csv",
        "/vsizip/a.csv",
        "PG:a.csv",
        "//server/a.csv",
        "\\\\server\\a.csv",
        "a\nb.csv",
        "a\0.csv",
    ],
)
def test_addresses_and_driver_prefixes_are_no_local_files(name, tmp_path):
    assert whats(tmp_path, name, allow_outside=True) == ["path_not_local"]


def test_a_fifo_a_folder_and_a_device_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipa.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "null.csv").symlink_to("/dev/null")
    assert whats(tmp_path, "pipa.csv") == ["file_not_regular"]
    assert whats(tmp_path, "folder.csv") == ["file_not_regular"]
    assert whats(tmp_path, "null.csv", allow_outside=True) == ["file_not_regular"]


def test_a_path_out_of_the_folder_is_refused_unless_it_is_allowed(tmp_path):
    (tmp_path / "operasi").mkdir()
    (tmp_path / "luar.csv").write_text("kode\n1\n")
    (tmp_path / "operasi" / "tautan.csv").symlink_to(tmp_path / "luar.csv")
    for name in ("../luar.csv", "tautan.csv", str(tmp_path / "luar.csv")):
        assert whats(tmp_path / "operasi", name) == ["path_outside"]
        assert whats(tmp_path / "operasi", name, allow_outside=True) == []


def test_a_link_inside_the_folder_is_followed(tmp_path):
    (tmp_path / "a.csv").write_text("kode\n1\n")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    assert whats(tmp_path, "b.csv") == []


def test_missing_and_other_kinds_of_files_are_said_apart(tmp_path):
    assert whats(tmp_path, "a.csv") == ["file_missing"]
    assert whats(tmp_path, "folder/a.csv") == ["file_missing"]
    assert whats(tmp_path, "nope.ods") == ["file_missing"]  # a file that is not there is not called a wrong kind
    (tmp_path / "a.ods").write_text("x")
    assert whats(tmp_path, "a.ods") == ["file_kind"]


@pytest.mark.parametrize("twin", ["TPS.csv", "te\u0301.csv"])
def test_names_that_another_system_takes_for_one_are_refused(twin, tmp_path):
    name = {"TPS.csv": "tps.csv", "te\u0301.csv": "t\u00e9.csv"}[twin]
    (tmp_path / name).write_text("kode\n1\n")
    assert whats(tmp_path, name) == []
    (tmp_path / twin).write_text("kode\n2\n")
    assert whats(tmp_path, name) == ["file_twin"]


def test_a_file_over_the_budget_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(safely, "MAX_BYTES", {".csv": 10})
    (tmp_path / "a.csv").write_bytes(b"0123456789")
    (tmp_path / "b.csv").write_bytes(b"0123456789x")
    assert whats(tmp_path, "a.csv") == []
    assert whats(tmp_path, "b.csv") == ["file_too_big"]


class Changing(io.FileIO):
    """A file into which someone writes while it is read."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(-1 if size is None else size)
        with open(str(self.name), "ab") as other:  # noqa: PTH123 - Path.open is what the test replaces
            other.write(b"2\n")
        return data


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"kode\n1\n")
    assert whats(tmp_path, "a.csv") == []
    monkeypatch.setattr(Path, "open", lambda self, _mode: Changing(self))
    assert whats(tmp_path, "a.csv") == ["file_changed"]


@pytest.mark.parametrize(
    ("error", "what"), [(PermissionError(13, "denied"), "file_unreadable"), (OSError(5, "I/O error"), "file_broken")]
)
def test_a_file_that_can_not_be_read_is_refused(error, what, tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("kode\n1\n")

    def fail(*_args, **_more):
        raise error

    monkeypatch.setattr(Path, "open", fail)
    assert whats(tmp_path, "a.csv") == [what]


def test_a_bom_is_taken_away_and_other_encodings_are_guessed():
    problems: list = []
    assert text_of("\ufeffkodé".encode(), "a.csv", problems) == "kodé"
    assert [(problem.what, problem.level, problem.row) for problem in problems] == [("bom", "fix", 1)]
    problems.clear()
    assert text_of("kodé".encode(), "a.csv", problems) == "kodé"
    assert problems == []
    for encoding, guess in (("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("latin-1", "Latin-1 / Windows-1252")):
        assert text_of("kodé\nbé".encode(encoding), "a.csv", problems) is None
        assert problems.pop().details == {"guess": guess}


def test_what_is_named_in_a_report_is_one_short_line():
    assert printable("a\nb\x1b\u2028c") == "a\\nb\\x1b\\u2028c"
    assert printable("x" * 300) == "x" * 200 + "…"
