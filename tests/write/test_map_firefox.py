"""The map in Firefox, offline, from the disk: the other engine that a reader may have.

Its windows are never narrower than about 500 pixels: the phone is only as low as one here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import SIZES, kept
from firefox import Firefox, firefox
from specimens import HOSTILE
from world import kode_tps, world

import kaur_gis as kg
from kaur_gis.write.map import write_map
from kaur_gis.write.map.shown import title

pytestmark = pytest.mark.browser

READY = "document.querySelector('#kaur[data-ready]')"
SECRET = HOSTILE["double_quote"] + "0123456789"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox") / "profile") as started:
        yield started


@pytest.fixture(scope="module")
def plan() -> kg.Plan:
    names = {"A": HOSTILE["img"], "B": HOSTILE["script"]}
    return kg.make_plan(world("G---P---A---B", tps={"A": 3}, names=names))


def opened(window: Firefox, file: Path, size: str) -> None:
    width, height = SIZES[size]
    window("WebDriver:SetWindowRect", x=0, y=0, width=width, height=height)
    window("WebDriver:Navigate", url=file.as_uri())


@pytest.mark.parametrize("size", SIZES)
def test_the_map_opens_asks_for_nothing_and_finds_a_tps(
    window: Firefox, plan: kg.Plan, tmp_path: Path, size: str
) -> None:
    opened(window, write_map(plan, tmp_path / "map.html"), size)
    window.wait(READY)
    assert window.run("return document.title") == title(plan, "id")
    assert window.run("return performance.getEntriesByType('resource').map((one) => one.name)") == []
    kode = kode_tps("A")
    window.run(
        """const search = document.querySelector("#search");
        search.focus();
        search.value = arguments[0];
        search.dispatchEvent(new Event("input", { bubbles: true }));
        search.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));""",
        kode,
    )
    window.wait("!document.querySelector('.card').hidden")
    assert window.run("return location.hash") == f"#tps={kode}"
    assert window.run("return document.querySelector('#card-title').textContent").startswith(HOSTILE["img"])
    assert window.run("return document.querySelectorAll('#kaur img, #kaur main script').length") == 0
    inked = """const all = [...document.querySelectorAll(arguments[0] + " canvas")];
        return all.some((one) => one.getContext("2d").getImageData(0, 0, one.width, one.height).data.some(Boolean));"""
    for pane in (".leaflet-kaur-base-pane", ".leaflet-kaur-top-pane"):
        assert window.run(inked, pane), pane
    window.picture(kept(f"firefox-{size}"))


def test_a_sealed_map_refuses_a_wrong_password_and_opens_with_the_right_one(
    window: Firefox, plan: kg.Plan, tmp_path: Path
) -> None:
    opened(window, write_map(plan, tmp_path / "map.html", password=SECRET), "desktop")
    window.wait("document.querySelector('form.lock')")
    give = """document.querySelector("#password").value = arguments[0];
        document.querySelector("form.lock").requestSubmit();"""
    window.run(give, "sandi yang salah")
    window.wait("document.querySelector('form.lock .alarm').textContent.includes('Sandi salah')")
    window.run(give, SECRET)
    window.wait(READY)
    assert window.run("return document.title") == title(plan, "id")
