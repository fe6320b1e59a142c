from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from kaur_gis.problems import Problem
from kaur_gis.summary import notices, plan_version
from kaur_gis.write import write_plan
from kaur_gis.write.index import INDEX, write_index
from tests.specimens import HOSTILE
from tests.write.handmade import hostile
from tests.write.made import made


class Page(HTMLParser):
    """What a browser would find in the page: its text, its links and its tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("outputs") / "kaur"
    write_plan(made(), folder, "en", geojson=True)
    return folder


def test_the_front_page_links_every_file_of_the_run_once(run):
    files = {file.relative_to(run).as_posix() for file in run.rglob("*") if file.is_file()} - {INDEX}
    links = [unquote(link) for link in Page(run / INDEX).links]
    assert sorted(links) == sorted(files)


def test_every_file_and_folder_is_said_to_be_for_something(run):
    text = (run / INDEX).read_text(encoding="utf-8")
    named = re.findall(r'<li><a href="([^"/]+)">[^<]*</a>( <span>)?', text)
    assert named
    assert [name for name, said in named if not said] == []
    folders = re.findall(r"<summary>(\w+)/ \(\d+ files\)( +<span>)?", text)
    assert {name for name, said in folders if said} == {"gpx", "kml", "tabel", "layers", "geojson", "publik"}


def test_it_says_version_figures_notices_and_who_is_not_served(run):
    texts = " ".join(Page(run / INDEX).texts)
    plan = made()
    assert plan_version(plan) in texts
    assert all(line in texts for line in notices(plan, "en"))
    (lost,) = plan.unserved.index
    assert f"({lost}): too far from any road" in texts
    assert "DO NOT USE" not in texts


def test_a_plan_that_breaks_a_promise_says_so_first(tmp_path):
    wrong = replace(made(), broken=(Problem("promise_load"),))
    text = write_index(wrong, tmp_path, [], "id").read_text(encoding="utf-8")
    assert text.index("JANGAN DIPAKAI") < text.index("<dl>")


def test_hostile_names_stand_as_text_and_bring_no_tag_and_nothing_is_loaded(tmp_path):
    plan = hostile()
    lost = plan.unserved.reindex(plan.tps.index)
    lost["stage"], lost["reason"] = "ppk-tps", "no_road"
    page = Page(write_index(replace(plan, unserved=lost), tmp_path, [], "id"))
    known = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "p",
        "ul",
        "li",
        "a",
        "dl",
        "div",
        "dt",
    }
    assert page.tags <= known | {"dd", "small", "span"}
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "href", "class"}
    texts = " ".join(page.texts)
    for name in HOSTILE.values():
        assert " ".join(name.replace("\u2028", " ").replace("\u2029", " ").split()) in " ".join(texts.split())
    assert page.links == ["manifest.json"]


def test_two_writes_are_equal_byte_for_byte(run):
    files = sorted(file for file in run.rglob("*") if file.is_file() and file.name not in {INDEX, "manifest.json"})
    before = (run / INDEX).read_bytes()
    assert write_index(made(), run, files, "en").read_bytes() == before
