"""Online tiles: none unless asked for, and then from one host only."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import READY, chromium
from playwright.sync_api import Browser, expect
from specimens import HOSTILE
from world import world

import kaur_gis as kg
from kaur_gis.write.map import plan_map, write_map
from kaur_gis.write.map.online import tile_host

URL = "https://tile.example.org/osm/{z}/{x}/{y}.png"
PIXEL = base64.b64decode("R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs=")  # the smallest picture
BASE = "() => [...document.querySelectorAll('.leaflet-kaur-base-pane canvas')].map((tile) => tile.toDataURL())"
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def plan() -> kg.Plan:
    return kg.make_plan(world("G---P---A---B"))


def policy_of(page: str) -> str:
    return re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (URL, "https://tile.example.org"),
        ("https://127.0.0.1:8443/{z}/{x}/{y}{r}.png?key=a-b_c", "https://127.0.0.1:8443"),
    ],
)
def test_an_address_of_tiles_has_one_host(url: str, host: str) -> None:
    assert tile_host(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://tile.example.org/{z}/{x}/{y}.png",
        "https://{s}.tile.example.org/{z}/{x}/{y}.png",
        "https://tile.example.org/{s}/{z}/{x}/{y}.png",
        "https://tile.example.org/{z}/{x}.png",
        "https://tile.example.org/{z}/{x}/{y}.png}",
        "https://tile.example.org; script-src */{z}/{x}/{y}.png",
        "https://*.example.org/{z}/{x}/{y}.png",
        "https://user@tile.example.org/{z}/{x}/{y}.png",
        "https://tile.example.org/{z}/{x}/{y}.png\n",
        *(
            f"https://tile.example.org/{{z}}/{{x}}/{{y}}/{text}"
            for text in HOSTILE.values()
            if re.search(r"[<'\"; ]", text)
        ),
    ],
)
def test_every_other_address_is_refused(url: str, plan: kg.Plan, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an address of map tiles"):
        tile_host(url)
    if url:
        with pytest.raises(ValueError, match="not an address of map tiles"):
            write_map(plan, tmp_path / "map.html", online=url)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("edition", ["operasi", "publik"])
def test_the_policy_lets_in_pictures_of_that_host_and_nothing_else(plan: kg.Plan, edition: str) -> None:
    without = plan_map(plan, "id", edition).get_root().render()
    assert "https://tile" not in without
    assert "https:" not in policy_of(without)
    asked = policy_of(plan_map(plan, "id", edition, online=URL).get_root().render())
    assert asked == policy_of(without).replace("img-src data: blob:", "img-src data: blob: https://tile.example.org")
    sealed = plan_map(plan, password=HOSTILE["img"], online=URL).get_root().render()
    assert policy_of(sealed).count("https://tile.example.org") == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.browser
@pytest.mark.parametrize("reached", [True, False])
def test_tiles_are_asked_of_that_host_and_the_own_base_map_stays_where_none_comes(
    browser: Browser, plan: kg.Plan, tmp_path: Path, reached: bool
) -> None:
    file = write_map(plan, tmp_path / "map.html", online=URL)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = {"status": 200, "content_type": "image/gif", "body": PIXEL}
    page.route(
        lambda url: url.startswith("https://"), lambda route: route.fulfill(**answer) if reached else route.abort()
    )
    with page.expect_request(lambda request: request.url.startswith("https://")):
        page.goto(file.as_uri())
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")
    others = [url for url in asked if not url.startswith("https://tile.example.org/osm/")]
    assert others == [file.as_uri()]
    assert len(asked) > 1
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("latar daring: tile.example.org")
    toggle = page.locator("[data-layer='online']")
    page.evaluate(FRAMES)
    toggle.evaluate("box => box.click()")
    page.evaluate(FRAMES)
    own = page.evaluate(BASE)  # switched off: the own ground
    toggle.evaluate("box => box.click()")
    if reached:
        page.wait_for_function(f"own => JSON.stringify(({BASE})()) !== JSON.stringify(own)", arg=own)
    else:
        page.evaluate(FRAMES)
        assert page.evaluate(BASE) == own
    context.close()
