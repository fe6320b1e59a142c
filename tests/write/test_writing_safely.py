from __future__ import annotations

import errno
import html
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaur_gis.problems import OutputError
from kaur_gis.write import whole
from kaur_gis.write.safely import cell_text, file_name, replace_with, web_text, whole_folder, xml_text
from tests.specimens import HOSTILE, REFUSED

NAMES = {**HOSTILE, **REFUSED}


def write_run(place: Path, text: str, **options: object) -> None:
    with whole_folder(place, **options) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "a.txt").write_text(text)
        (folder / "manifest.json").write_text(json.dumps({"format": whole.RUN_FORMAT, "files": {"deep/a.txt": text}}))


def names_in(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


class TestReplaceWith:
    def test_the_file_takes_its_place_whole(self, tmp_path):
        with replace_with(tmp_path / "a.csv") as new:
            assert new.parent == tmp_path
            assert new.suffix == ".csv"
            new.write_text("new")
            assert not (tmp_path / "a.csv").exists()
        assert (tmp_path / "a.csv").read_text() == "new"
        assert names_in(tmp_path) == ["a.csv"]

    @pytest.mark.parametrize("fault", [RuntimeError("in the middle"), OSError(errno.ENOSPC, "No space left")])
    def test_a_fault_while_writing_leaves_the_old_file_and_nothing_beside_it(self, tmp_path, fault):
        (tmp_path / "a.csv").write_text("old")
        with pytest.raises(type(fault)), replace_with(tmp_path / "a.csv") as new:  # noqa: PT012 - the fault is inside
            new.write_text("ne")
            raise fault
        assert (tmp_path / "a.csv").read_text() == "old"
        assert names_in(tmp_path) == ["a.csv"]

    @pytest.mark.parametrize("call", ["replace", "fsync"])
    def test_a_fault_of_the_disk_is_an_output_error_and_leaves_the_old_file(self, tmp_path, monkeypatch, call):
        (tmp_path / "a.csv").write_text("old")

        def full(*_args):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(*((Path, "replace", full) if call == "replace" else (os, "fsync", full)))
        with pytest.raises(OutputError, match="No space left"), replace_with(tmp_path / "a.csv") as new:
            new.write_text("new")
        assert (tmp_path / "a.csv").read_text() == "old"
        assert names_in(tmp_path) == ["a.csv"]

    def test_a_folder_that_is_not_there_is_an_output_error(self, tmp_path):
        with pytest.raises(OutputError), replace_with(tmp_path / "nowhere" / "a.csv"):
            pass


class TestWholeFolder:
    def test_a_run_appears_at_its_place(self, tmp_path):
        write_run(tmp_path / "outputs" / "kaur", "one")
        place = tmp_path / "outputs" / "kaur"
        assert (place / "deep" / "a.txt").read_text() == "one"
        assert names_in(place.parent) == ["kaur"]

    @pytest.mark.parametrize("mask", [0o022, 0o077])
    def test_the_umask_says_who_may_read_a_run(self, tmp_path, mask):
        before = os.umask(mask)
        try:
            with whole_folder(tmp_path / "kaur") as folder:
                (folder / "deep").mkdir()
                with replace_with(folder / "deep" / "a.txt") as new:
                    new.write_text("one")
        finally:
            os.umask(before)
        modes = {
            path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "kaur", *(tmp_path / "kaur").rglob("*"))
        }
        assert modes == {"kaur": 0o777 & ~mask, "deep": 0o777 & ~mask, "a.txt": 0o666 & ~mask}

    def test_every_file_and_folder_of_a_run_is_brought_to_the_disk_once_before_it_appears(self, tmp_path, monkeypatch):
        synced = []
        monkeypatch.setattr(whole, "_sync", lambda path: synced.append(path.name))
        with whole_folder(tmp_path / "kaur") as folder, replace_with(folder / "a.txt") as new:
            new.write_text("one")
        assert synced == ["a.txt", folder.name, tmp_path.name]

    def test_an_empty_folder_is_taken_and_an_older_run_is_replaced(self, tmp_path):
        place = tmp_path / "kaur"
        place.mkdir()
        write_run(place, "one")
        write_run(place, "two")
        assert (place / "deep" / "a.txt").read_text() == "two"
        assert names_in(tmp_path) == ["kaur"]

    def test_it_works_where_names_cannot_change_places_in_one_step(self, tmp_path, monkeypatch):
        monkeypatch.setattr(whole, "_exchange", lambda *_names: False)
        write_run(tmp_path / "kaur", "one")
        write_run(tmp_path / "kaur", "two")
        assert (tmp_path / "kaur" / "deep" / "a.txt").read_text() == "two"
        assert names_in(tmp_path) == ["kaur"]

    def test_an_exchange_that_the_system_does_not_know_is_told_from_one_that_failed(self, tmp_path, monkeypatch):
        answers = iter([errno.ENOSYS, errno.EACCES])

        class Library:
            def __init__(self, *_args, **_options):
                self.renameat2 = lambda *_args: -1

        monkeypatch.setattr(whole.ctypes, "CDLL", Library)
        monkeypatch.setattr(whole.ctypes, "get_errno", lambda: next(answers))
        assert whole._exchange(tmp_path, tmp_path) is False
        with pytest.raises(PermissionError):
            whole._exchange(tmp_path, tmp_path)
        monkeypatch.setattr(whole.ctypes, "CDLL", lambda *_args, **_options: object())
        assert whole._exchange(tmp_path, tmp_path) is False

    def test_when_the_second_rename_fails_the_old_run_steps_back(self, tmp_path, monkeypatch):
        write_run(tmp_path / "kaur", "one")
        monkeypatch.setattr(whole, "_exchange", lambda *_names: False)
        rename = Path.rename

        def faulty(self, target):
            if self.name.startswith(".run-"):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", faulty)
        with pytest.raises(OutputError):
            write_run(tmp_path / "kaur", "two")
        assert (tmp_path / "kaur" / "deep" / "a.txt").read_text() == "one"
        assert names_in(tmp_path) == ["kaur"]

    def test_a_run_killed_between_two_renames_is_put_back_by_the_next(self, tmp_path):
        write_run(tmp_path / "kaur", "one")
        (tmp_path / "kaur").rename(tmp_path / ".old-kaur")
        with pytest.raises(RuntimeError), whole_folder(tmp_path / "kaur"):
            raise RuntimeError
        assert (tmp_path / "kaur" / "deep" / "a.txt").read_text() == "one"
        assert names_in(tmp_path) == ["kaur"]

    def test_an_old_run_that_was_not_yet_removed_is_removed_by_the_next(self, tmp_path):
        write_run(tmp_path / "kaur", "one")
        write_run(tmp_path / ".old-kaur", "zero")
        write_run(tmp_path / "kaur", "two")
        assert names_in(tmp_path) == ["kaur"]

    def test_leftovers_of_killed_runs_go_and_a_run_still_being_written_stays(self, tmp_path):
        (tmp_path / ".run-kaur-dead").mkdir()
        (tmp_path / ".run-other-dead").mkdir()
        (tmp_path / ".run-kaur-link").symlink_to(tmp_path / ".run-other-dead")
        with whole_folder(tmp_path / "kaur") as first:
            (first / "manifest.json").write_text(json.dumps({"format": whole.RUN_FORMAT, "files": {}}))
            write_run(tmp_path / "kaur", "second")
            assert first.exists()
        assert names_in(tmp_path) == [".run-kaur-link", ".run-other-dead", "kaur"]
        assert names_in(tmp_path / "kaur") == ["manifest.json"]

    @pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left"), ValueError()])
    def test_a_fault_while_writing_leaves_the_old_run_and_nothing_beside_it(self, tmp_path, fault):
        write_run(tmp_path / "kaur", "one")
        with pytest.raises(BaseException), whole_folder(tmp_path / "kaur") as folder:  # noqa: B017, PT011, PT012 - any
            (folder / "half").write_text("half")
            raise fault
        assert (tmp_path / "kaur" / "deep" / "a.txt").read_text() == "one"
        assert names_in(tmp_path) == ["kaur"]

    @pytest.mark.parametrize(
        "manifest",
        [None, "", "[]", "{}", '{"format": "other", "files": {}}', '{"format": "kaur_gis.run"}', '{"files": 3}'],
    )
    def test_a_folder_that_is_no_run_of_ours_is_refused_and_kept(self, tmp_path, manifest):
        place = tmp_path / "thesis"
        place.mkdir()
        (place / "chapter.txt").write_text("years of work")
        if manifest is not None:
            (place / "manifest.json").write_text(manifest)
        with pytest.raises(OutputError, match="bukan hasil program"):
            write_run(place, "one")
        assert (place / "chapter.txt").read_text() == "years of work"

    def test_a_run_into_which_someone_put_a_file_is_refused_and_one_that_qgis_opened_is_not(self, tmp_path):
        place = tmp_path / "kaur"
        write_run(place, "one")
        (place / "layers.gpkg-wal").touch()
        (place / ".~lock.distribusi.xlsx#").touch()
        write_run(place, "two")
        (place / "deep" / "notes.txt").write_text("mine")
        with pytest.raises(OutputError, match=r"deep/notes\.txt"):
            write_run(place, "three", lang="en")
        assert (place / "deep" / "notes.txt").read_text() == "mine"

    def test_links_files_the_root_and_the_inputs_are_refused(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        (tmp_path / "file").touch()
        (tmp_path / "data" / "kaur").mkdir(parents=True)
        for place in (tmp_path / "link", tmp_path / "file", tmp_path / "data", tmp_path / "data" / "kaur", Path("/")):
            with pytest.raises(OutputError):
                write_run(place, "one", never=[tmp_path / "data" / "kaur"])
        write_run(tmp_path / "data" / "kaur" / "outputs", "inside is allowed", never=[tmp_path / "data" / "kaur"])

    def test_without_locks_it_still_works_and_leftovers_stay(self, tmp_path, monkeypatch):
        monkeypatch.setattr(whole, "fcntl", None)
        (tmp_path / ".run-kaur-dead").mkdir()
        write_run(tmp_path / "kaur", "one")
        assert names_in(tmp_path) == [".run-kaur-dead", "kaur"]

    def test_a_place_under_a_file_is_an_output_error(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(OutputError):
            write_run(tmp_path / "file" / "kaur", "one")


KILLER = """
import os, random, signal, sys, time, json
from pathlib import Path
from kaur_gis.write import whole
if sys.argv[2] == "no-exchange":
    whole._exchange = lambda *names: False
place = Path(sys.argv[1]) / "kaur"
N = 6
def write(text):
    with whole.whole_folder(place) as folder:
        for i in range(N):
            (folder / f"{i}.txt").write_text(text * 20000)
        files = {f"{i}.txt": text for i in range(N)}
        (folder / "manifest.json").write_text(json.dumps({"format": whole.RUN_FORMAT, "files": files, "text": text}))
def read():
    folder = place if place.exists() else place.with_name(".old-kaur")
    text = json.loads((folder / "manifest.json").read_text())["text"]
    assert all((folder / f"{i}.txt").read_text() == text * 20000 for i in range(N)), "half"
    return text, folder.name
begun = time.monotonic()
write("0")
span = max(0.06, 4 * (time.monotonic() - begun))
rng, seen = random.Random(7), []
for trial in range(400):
    pid = os.fork()
    if pid == 0:
        for step in range(10_000):
            write(f"{trial}.{step};")
    time.sleep(rng.uniform(0.001, span))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    seen.append(read())
    told = [text for text, _ in seen]
    if trial >= 39 and len(set(told)) > 5:
        break
    if len(set(told[-4:])) == 1:  # the machine has other work: in so little time nothing is written
        span = min(2 * span, 2)
write("last;")
print(json.dumps({"seen": seen, "left": sorted(p.name for p in place.parent.iterdir())}))
"""


@pytest.mark.parametrize("how", ["exchange", "no-exchange"])
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_at_any_moment_the_reader_finds_a_whole_run(tmp_path, how):
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path), how], check=True, capture_output=True, text=True, timeout=600
    )
    told = json.loads(done.stdout)
    assert len({text for text, _ in told["seen"]}) > 5, "the kills did not hit different moments"
    if how == "exchange" and sys.platform == "linux":
        assert {name for _, name in told["seen"]} == {"kaur"}
    assert told["left"] == ["kaur"]


class TestFileName:
    @pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
    def test_any_text_gives_a_name_that_stays_in_the_folder(self, text):
        for name in (file_name(text), file_name("GUD-1", text), file_name(text, text)):
            assert 1 <= len(name) <= 80
            assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")

    def test_codes_stay_readable(self):
        assert file_name("17.04.01", "Kaur Selatan") == "17_04_01__Kaur-Selatan"
        assert file_name("GUD1-TRK-2", "Pénandingan") == "GUD1-TRK-2__Penandingan"
        assert file_name("1704012001001") == "1704012001001"

    @pytest.mark.parametrize("device", ["CON", "con", "Nul", "COM1", "lpt9", "AUX"])
    def test_device_names_are_never_given(self, device):
        assert file_name(device).lower() != device.lower()

    @given(
        st.lists(
            st.text(max_size=60) | st.sampled_from(["a", "A", "a/b", "a-b", "17.04", "17_04", "17-04", ""]), unique=True
        )
    )
    def test_two_identifiers_never_share_a_name_even_where_case_does_not_count(self, identifiers):
        names = {file_name(identifier).casefold() for identifier in identifiers}
        assert len(names) == len(identifiers)

    def test_twins_by_normal_form_are_two_identifiers(self):
        assert file_name(unicodedata.normalize("NFC", "é")) != file_name(unicodedata.normalize("NFD", "é"))


class TestWebText:
    @pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
    def test_it_shows_the_same_characters_and_none_of_them_acts(self, text):
        safe = web_text(text)
        assert not set(safe) & set("<>\"'`$\\{}\n\r\x00\x1b\u2028\u2029")
        rendered = jinja2.Template(safe, autoescape=False).render()
        assert rendered == safe
        assert jinja2.Template(rendered, autoescape=False).render() == safe
        assert html.unescape(safe) == "".join(" " if c in "\n\r\x00\x1b\u2028\u2029" else c for c in text)

    @given(st.text())
    def test_any_text_is_inert(self, text):
        assert not set(web_text(text)) & set("<>\"'`$\\{}\n\r\x00\u2028\u2029")


class TestXmlText:
    @pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
    def test_any_text_is_read_back_by_a_parser_from_between_tags_and_between_quotes(self, text):
        kept = text.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
        found = ET.fromstring(f'<a b="{xml_text(text)}">{xml_text(text)}</a>')  # noqa: S314 - a document of ours
        assert found.text == kept
        assert found.get("b") == kept.replace("\n", " ")
        assert len(found) == 0


class TestCellText:
    @pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
    def test_no_cell_begins_like_a_formula(self, text):
        seen = cell_text(text).lstrip(" \u00a0\u3000\ufeff\u200b")
        assert seen[:1] not in set("=+-@\t\r\n＝＋－＠")

    def test_plain_text_is_left_alone_and_what_begins_a_formula_is_quoted(self):
        assert cell_text("Tanjung Agung") == "Tanjung Agung"
        assert cell_text("") == ""
        assert cell_text("  =1+1") == "'  =1+1"
        assert cell_text("\t=1+1") == "'\t=1+1"
        assert cell_text("-4.7") == "'-4.7"
        assert cell_text("a\x00b") == "a\ufffdb"

    @given(st.text())
    def test_it_only_ever_adds_an_apostrophe_in_front(self, text):
        clean = "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\r\n" else c for c in text)
        assert cell_text(text) in {clean, f"'{clean}"}
