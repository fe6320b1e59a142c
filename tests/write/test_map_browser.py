from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import SIZES, chromium, kept, opened
from playwright.sync_api import Browser, Page, expect
from specimens import HOSTILE, REFUSED
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis.catalogue import thousands
from kaur_gis.summary import arrivals, notices
from kaur_gis.write.map import plan_map, vendor, write_map
from kaur_gis.write.map.shown import title, words_of
from kaur_gis.write.safely import web_text
from kaur_gis.write.sheets.words import clock, duration, length

pytestmark = pytest.mark.browser

NAMES = dict(
    zip("ABCDEFHIJKLMNQRSTUVWXYZabcdefhijklmnqrstuvwxyz", [*HOSTILE.values(), *REFUSED.values()], strict=False)
)
MARKS = "() => document.querySelector('.leaflet-kaur-top-pane canvas').toDataURL()"
both_sizes = pytest.mark.parametrize("size", SIZES)


def drawing() -> str:
    """Every named village on one comb of roads, seven to a line."""
    letters = list(NAMES)
    rows = ["G---P---" + "---".join(letters[:7])]
    for start in range(7, len(letters), 7):
        rows += ["        |", "        |", "        " + "---".join(letters[start : start + 7])]
    return "\n".join(rows)


@pytest.fixture(scope="module")
def hostile() -> kg.Plan:
    names = {**NAMES, "1": HOSTILE["img"], "2": HOSTILE["jinja_run"], "G": HOSTILE["double_quote"], "P": HOSTILE["svg"]}
    return kg.make_plan(
        world(
            drawing(),
            names=names,
            tps={"A": 3, "B": 2},
            sulit="CD",
            psu="E",
            sinyal={"F": "tidak_ada", "H": "lemah"},
            operation={"name": HOSTILE["close_script"] + HOSTILE["jinja_sum"]},
        )
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def hostile_map(hostile: kg.Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_map(hostile, tmp_path_factory.mktemp("map") / "peta.html")


@pytest.fixture(scope="module")
def kaur_map(kaur_run: Path) -> Path:
    return kaur_run / "peta_operasi.html"


def go(page: Page, address: str) -> None:
    """Change the address within the page, and wait until the page was told so: what it does for it is done then."""
    page.evaluate(
        """address => {
            const before = location.href;
            location.hash = address;
            if (location.href === before) return null;
            return new Promise((done) => addEventListener("hashchange", () => done(null), { once: true }));
        }""",
        address,
    )


def show(page: Page, size: str, section: str) -> None:
    """Open the panel at one section."""
    if size == "phone" and not page.locator("#panel").is_visible():
        page.get_by_role("button", name="Menu").click()
    if not page.locator(".section", has=page.get_by_role("heading", name=section)).evaluate("e => e.open"):
        page.get_by_role("heading", name=section).click()


def test_the_page_says_lengths_durations_and_times_as_the_papers_do(browser: Browser) -> None:
    script = (vendor.ASSETS / "page.js").read_text(encoding="utf-8")
    metres = [0, 49, 350, 999, 1000, 2050, 2150, 4250, 4750, 80940, 1_234_000]
    seconds = [0, 1, 60, 61, 3600, 3659, 12_430]
    day = pd.Timestamp("2024-02-13")
    page = browser.new_page()
    told = page.evaluate(
        """([script, data, metres, seconds]) => {
            const tell = new Function(`${script}; return speaker;`)()(data);
            return [metres.map(tell.length), seconds.map(tell.duration), seconds.map(tell.clock), tell.clock(89999)];
        }""",
        [script, {"lang": "id", "words": words_of("id", "operasi")}, metres, seconds],
    )
    page.close()
    assert told == [
        [length(one, "id") for one in metres],
        [duration(one, "id") for one in seconds],
        [clock(day + pd.Timedelta(seconds=one)) for one in seconds],
        "00:59 (+1 hari)",
    ]


@both_sizes
def test_kaur_opens_offline_small_and_whole(browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, size: str) -> None:
    assert kaur_map.stat().st_size < 1_000_000
    with opened(browser, kaur_map, size) as page:
        drawn = page.evaluate("performance.getEntriesByName('kaur-tps-drawn')[0].startTime")
        # for the log: a time is measured here, not judged
        print(f"{size}: {kaur_map.stat().st_size:,} bytes, first TPS drawn after {drawn:.0f} ms")  # noqa: T201 - as said
        assert page.title() == title(kaur_plan, "id")
        expect(page.locator("h1")).to_have_text(page.title())
        expect(page.get_by_text("Terbatas", exact=False).first).to_be_visible()
        shown = page.locator("#kaur").inner_text()
        assert "© OpenStreetMap contributors" in shown
        assert all(line in page.locator(".notice").evaluate("e => e.textContent") for line in notices(kaur_plan))
        page.screenshot(path=kept(f"peta-{size}"))
        go(page, f"#tps={kaur_plan.tps.index[200]}")
        expect(page.locator(".card")).to_be_visible()
        page.screenshot(path=kept(f"peta-tps-{size}"))
        go(page, f"#trip={kaur_plan.trips.index[-1]}")
        expect(page.locator("ol.stops")).to_be_visible()
        trip, legs = kaur_plan.trips.iloc[-1], kaur_plan.legs.loc[kaur_plan.trips.index[-1]]
        times = [f"{leg.arrive:%H:%M}–{leg.arrive_late:%H:%M}" for leg in legs.itertuples()]
        assert page.locator("ol.stops .time").all_text_contents() == times, "the minutes of the papers"
        way = f"{thousands(trip['metres'] / 1000, 'id', 1)} km, mengemudi {duration(trip['seconds'], 'id')}"
        expect(page.locator(".card")).to_contain_text(way)
        page.screenshot(path=kept(f"peta-perjalanan-{size}"))
        page.keyboard.press("Escape")
        show(page, size, "Posisi kendaraan menurut jam")
        page.locator("#clock").press("PageUp")
        page.screenshot(path=kept(f"peta-jam-{size}"))


@both_sizes
def test_search_by_keyboard_opens_the_tps_with_everything_about_it(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, size: str
) -> None:
    kode = kaur_plan.tps.index[200]
    tps, kotak = kaur_plan.tps.loc[kode], kaur_plan.kits["kotak"][kode]
    with opened(browser, kaur_map, size) as page:
        page.locator("#search").focus()
        page.keyboard.type(kode)
        page.keyboard.press("Enter")
        card = page.locator(".card")
        expect(card).to_be_visible()
        expect(page.locator("#card-title")).to_contain_text(tps["nama_desa"])
        details = page.locator(f"[data-tps='{kode}']")
        expect(details).to_have_attribute("open", "")
        said = details.inner_text()
        labels = ("Perlengkapan TPS", "Sinyal", "Akses")
        for wanted in (kode, tps["nama_kec"], str(tps["pemilih"]), f"{kotak} kotak", *labels):
            assert wanted in said
        assert kaur_plan.guards["kode_post"][kode] in said
        assert page.evaluate("location.hash") == f"#tps={kode}"
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()


def test_arrow_keys_walk_the_hits(browser: Browser, kaur_map: Path) -> None:
    with opened(browser, kaur_map) as page:
        page.locator("#search").fill("tanjung")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#hit-1")).to_have_attribute("aria-selected", "true")
        chosen = page.locator("#hit-1").evaluate("e => e.firstChild.data")
        page.keyboard.press("Enter")
        expect(page.locator("#search")).to_have_value(chosen)
        page.locator("#search").fill("tidak ada desa seperti ini")
        expect(page.locator("#hits")).to_contain_text("Tidak ditemukan")


@both_sizes
def test_a_click_on_a_mark_opens_its_stop(browser: Browser, hostile_map: Path, hostile: kg.Plan, size: str) -> None:
    point = hostile.tps.geometry[kode_tps("A")]
    with opened(browser, hostile_map, size) as page:
        page.evaluate("([lat, lon]) => map_kaur.setView([lat, lon], 15, {animate: false})", [point.y, point.x])
        box = page.locator(".folium-map").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("#card-title")).to_have_text(f"{NAMES['A']} · 3 TPS di satu titik")
        expect(page.locator("details.tps")).to_have_count(3)


@both_sizes
def test_a_click_on_a_route_lists_its_stops(browser: Browser, hostile_map: Path, hostile: kg.Plan, size: str) -> None:
    middle = hostile.inputs.roads.edges.geometry.iloc[0].interpolate(0.5, normalized=True)
    with opened(browser, hostile_map, size) as page:
        page.evaluate("([lat, lon]) => map_kaur.setView([lat, lon], 15, {animate: false})", [middle.y, middle.x])
        box = page.locator(".folium-map").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        kode = page.evaluate("decodeURIComponent(location.hash)").removeprefix("#trip=")
        assert kode in hostile.trips.index
        legs = hostile.legs.loc[kode]
        expect(page.locator("ol.stops li")).to_have_count(len(legs))
        expect(page.locator("ol.stops li .time").first).to_contain_text(f"{legs['arrive'].iloc[0]:%H:%M}")


@both_sizes
def test_every_layer_can_be_switched(browser: Browser, kaur_map: Path, size: str) -> None:
    ground = "() => [...document.querySelectorAll('.leaflet-kaur-base-pane canvas')].map((tile) => tile.toDataURL())"
    with opened(browser, kaur_map, size) as page:
        show(page, size, "Layer dan legenda")
        names = page.locator("[data-layer]").evaluate_all("boxes => boxes.map((box) => box.dataset.layer)")
        assert {
            "kurang_rawan",
            "rawan",
            "sangat_rawan",
            "sinyal",
            "akses",
            "pos",
            "posisi",
            "tempat",
            "kec",
            "totals",
            "desa",
            "roads",
        } <= set(names)
        for name in names:
            before = (page.evaluate(MARKS), page.evaluate(ground))
            page.locator(f"[data-layer='{name}']").evaluate("box => box.click()")
            after = (page.evaluate(MARKS), page.evaluate(ground))
            page.locator(f"[data-layer='{name}']").evaluate("box => box.click()")
            if name != "desa" or size == "desktop":  # at the phone's first scale no village name has room
                assert after != before, name
            assert (page.evaluate(MARKS), page.evaluate(ground)) == before, name


def test_the_clock_moves_vehicles(browser: Browser, kaur_map: Path) -> None:
    with opened(browser, kaur_map) as page:
        show(page, "desktop", "Posisi kendaraan menurut jam")
        before = page.evaluate(MARKS)
        page.locator("#clock").focus()
        for _ in range(3):
            page.keyboard.press("PageUp")
        expect(page.locator("#clock-on")).to_be_checked()
        expect(page.locator("output[for=clock]")).to_contain_text("kendaraan")
        assert page.evaluate(MARKS) != before


def test_on_the_phone_the_time_moves_on_the_map_itself(browser: Browser, kaur_map: Path, kaur_plan: kg.Plan) -> None:
    with opened(browser, kaur_map, "phone") as page:
        bar, slider = page.locator(".clockbar"), page.locator("#clock-bar")
        expect(bar).to_be_hidden()
        show(page, "phone", "Posisi kendaraan menurut jam")
        page.locator("#clock-on").evaluate("box => box.click()")
        expect(bar).to_be_hidden()  # behind the panel, which has its own
        page.get_by_role("button", name="Menu").click()
        expect(bar).to_be_visible()
        before, told = page.evaluate(MARKS), bar.inner_text()
        slider.focus()
        page.keyboard.press("PageUp")
        assert page.evaluate(MARKS) != before
        assert bar.inner_text() != told
        assert page.locator("#clock").input_value() == slider.input_value()
        assert slider.bounding_box()["height"] >= 44
        box, scale = bar.bounding_box(), page.locator(".leaflet-control-scale").bounding_box()
        assert box["y"] + box["height"] <= scale["y"]
        page.screenshot(path=kept("peta-jam-di-peta-phone"))
        go(page, f"#tps={kaur_plan.tps.index[0]}")
        expect(bar).to_be_hidden()


@both_sizes
def test_a_filter_leaves_what_it_says_and_the_address_keeps_it(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, size: str
) -> None:
    tps = kaur_plan.tps
    trip = kaur_plan.trips[kaur_plan.trips["stage"] == "ppk-tps"].iloc[0]
    day = [wave.name for wave in kaur_plan.inputs.operation.waves].index(trip["wave"])
    mine = kaur_plan.trips.index[kaur_plan.trips["vehicle"] == trip["vehicle"]]
    carried = kaur_plan.loads.loc[mine].index.get_level_values("kode_tps").unique()
    told = "#filter-told"
    with opened(browser, kaur_map, size) as page:
        show(page, size, "Saring")
        before = page.evaluate(MARKS)
        page.select_option("#filter-kec", label="Nasal")
        expect(page.locator(told)).to_contain_text(f"{(tps['nama_kec'] == 'Nasal').sum()} dari 434 TPS")
        page.select_option("#filter-kelas", label="rawan")
        both = ((tps["nama_kec"] == "Nasal") & (tps["kerawanan"] == "rawan")).sum()
        expect(page.locator(told)).to_contain_text(f"{both} dari 434 TPS")
        assert page.evaluate("location.hash") == "#di=17.04.07&kelas=rawan"
        assert page.evaluate(MARKS) != before
        page.locator("#filter-clear").click()
        expect(page.locator(told)).to_contain_text("434 dari 434 TPS; perjalanan: " + str(len(kaur_plan.trips)))
        page.select_option("#filter-wave", str(day))
        page.select_option("#filter-vehicle", trip["vehicle"])
        expect(page.locator(told)).to_contain_text(f"{len(carried)} dari 434 TPS; perjalanan: {len(mine)}")
        page.locator("#filter-clear").click()
        go(page, f"#tps={tps.index[0]}&di=17.04.01&kelas=kurang_rawan")
        expect(page.locator(".card")).to_be_visible()
        assert page.locator("#filter-kec").evaluate("e => e.selectedOptions[0].text") == "Kinal"
        low = ((tps["kode_kec"] == "17.04.01") & (tps["kerawanan"] == "kurang_rawan")).sum()
        assert f"{low} dari 434 TPS" in page.locator(told).text_content()


@pytest.mark.parametrize(("paper", "kec", "points"), [("a4", "Kaur Selatan", (595, 842)), ("a3", "Nasal", (842, 1191))])
def test_one_kecamatan_prints_on_its_paper(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, tmp_path: Path, paper: str, kec: str, points: tuple[int, int]
) -> None:
    pdf = tmp_path / "map.pdf"
    with opened(browser, kaur_map) as page:
        show(page, "desktop", "Cetak")
        page.select_option("#print-kec", label=kec)
        page.select_option("#print-size", paper)
        before = page.evaluate(MARKS)
        page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
        page.wait_for_selector("#kaur:not(.paper)")
        assert page.evaluate(MARKS) == before
        assert page.locator(".paper-tail, .paper-head").count() == 0
    told = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    width, height = (round(float(side)) for side in re.search(r"Page size: +([\d.]+) x ([\d.]+)", told).groups())
    assert tuple(sorted((width, height))) == points
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    printed = set(re.findall(r"\b\d{13}\b", text))
    assert printed == set(kaur_plan.tps.index[kaur_plan.tps["nama_kec"] == kec])
    first = text.partition("\f")[0]
    assert f"Kecamatan {kec}" in first
    assert "bukan peta jalan" in first
    assert "OpenStreetMap" in first
    assert not re.search(r"\d{13}", first), "the map has the first page to itself"


def test_the_public_map_opens_and_has_no_controls_of_the_operation(
    browser: Browser, kaur_plan: kg.Plan, kaur_run: Path
) -> None:
    with opened(browser, kaur_run / "peta_publik.html", "phone") as page:
        expect(page.get_by_text("Edisi publik")).to_be_visible()
        page.screenshot(path=kept("peta-publik-phone"))
        page.get_by_role("button", name="Menu").click()
        sections = page.locator(".section").evaluate_all("all => all.map((e) => e.dataset.section)")
        assert sections == ["filter", "layers", "summary", "print", "notices"]
        assert page.locator("[data-layer='pos'], [data-layer^='route-'], [data-layer='rawan']").count() == 0
        kode = kaur_plan.tps.index[kaur_plan.tps["sinyal_sumber"] == "terbit"][0]
        go(page, f"#tps={kode}")
        expect(page.locator(f"[data-tps='{kode}']")).to_contain_text("terbit")
        go(page, "#kec=17.04.07")
        expect(page.locator("#card-title")).to_have_text("Nasal")
        page.mouse.click(180, 300)


def test_on_the_phone_nothing_overlaps_and_everything_can_be_touched(browser: Browser, kaur_map: Path) -> None:
    small = """() => [...document.querySelectorAll("button, summary, input, select, .toggle, a")]
        .filter((e) => e.offsetParent && !e.closest(".toggle input") && getComputedStyle(e).visibility === "visible")
        .filter((e) => !(e.matches("input") && e.closest(".toggle")))
        .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([name]) => name)"""
    with opened(browser, kaur_map, "phone") as page:
        assert page.evaluate("document.documentElement.scrollWidth") == SIZES["phone"][0]
        parts = [page.locator(part).bounding_box() for part in (".banner", "h1", ".notice summary", ".find", "main")]
        for above, below in pairwise(parts):
            assert above["y"] + above["height"] <= below["y"] + 0.5
        assert parts[-1]["height"] > 400
        scale, credit = (
            page.locator(part).bounding_box() for part in (".leaflet-control-scale", ".leaflet-control-attribution")
        )
        assert scale["y"] + scale["height"] <= credit["y"]
        assert page.evaluate(small) == []
        page.get_by_role("button", name="Menu").click()
        page.evaluate("document.querySelectorAll('#panel details').forEach((e) => (e.open = true))")
        assert page.evaluate(small) == []


@both_sizes
def test_the_first_notices_are_read_whole_without_a_tap(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, size: str
) -> None:
    with opened(browser, kaur_map, size) as page:
        lines = page.locator(".notice summary span span")
        assert lines.all_text_contents() == notices(kaur_plan)[:2]
        assert "skematik" in lines.nth(1).text_content()
        visible = "e => [e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 1, e.clientWidth]"
        for whole, width in lines.evaluate_all(f"all => all.map({visible})"):
            assert whole, f"a notice is cut at {width} px"


def test_no_two_lines_of_the_legend_are_alike_in_grey(browser: Browser, kaur_map: Path) -> None:
    grey = """all => all.map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const found = [];
        for (let i = 0; i < data.length; i += 4) {
            const on = data[i + 3] / 255;
            const dark = 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
            found.push(Math.round(dark * on + 255 * (1 - on)));
        }
        return found;
    })"""
    with opened(browser, kaur_map) as page:
        lines = page.locator("label:has([data-layer^='route-']) canvas").evaluate_all(grey)
        assert len(lines) == 4
        for one, other in combinations(lines, 2):
            apart = sum(abs(a - b) > 60 for a, b in zip(one, other, strict=True))
            assert apart >= 40, "two lines of the legend differ in too few points"


def test_one_of_a_thing_is_said_in_the_singular(browser: Browser, hostile: kg.Plan, tmp_path: Path) -> None:
    with opened(browser, write_map(hostile, tmp_path / "map.html", "en")) as page:
        for kec in ("17.04.01", "17.04.02"):
            go(page, f"#kec={kec}")
            page.wait_for_function("kec => document.querySelector('.card').innerText.includes(kec)", arg=kec)
            said = page.locator(".card").inner_text()
            assert not re.search(r"\b1 (\w+s|boxes)\b", said), said
        alone = hostile.posts.index[(hostile.posts["n_tps"] == 1) & (hostile.posts["officers"] == 1)][0]
        kode = hostile.guards.index[hostile.guards["kode_post"] == alone][0]
        go(page, f"#tps={kode}")
        expect(page.locator(f"[data-tps='{kode}']")).to_contain_text(f"{alone}: 1 officer for 1 TPS")


@both_sizes
@pytest.mark.parametrize("edition", ["operasi", "publik"])
def test_axe_finds_nothing_to_complain_of(
    browser: Browser, kaur_plan: kg.Plan, kaur_run: Path, size: str, edition: Literal["operasi", "publik"]
) -> None:
    file = kaur_run / f"peta_{edition}.html"
    width, height = SIZES[size]
    # the page's own policy would not let the checker in
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector("#kaur[data-ready]")

    def complaints() -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    assert complaints() == []
    page.fill("#search", "1704")
    assert complaints() == []
    page.keyboard.press("Enter")
    page.evaluate("document.querySelectorAll('.card details').forEach((e) => (e.open = true))")
    assert complaints() == []
    if edition == "operasi":
        go(page, f"#trip={kaur_plan.trips.index[0]}")
        expect(page.locator("ol.stops")).to_be_visible()
        assert complaints() == []
    page.keyboard.press("Escape")
    if size == "phone":
        page.get_by_role("button", name="Menu").click()
    page.evaluate("document.querySelectorAll('#panel details').forEach((e) => (e.open = true))")
    assert complaints() == []
    if edition == "operasi" and size == "phone":
        page.locator("#clock-on").evaluate("box => box.click()")
        page.get_by_role("button", name="Menu").click()
        expect(page.locator(".clockbar")).to_be_visible()
        assert complaints() == []
    context.close()


@both_sizes
def test_the_whole_work_by_clicks_from_search_to_print(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, size: str
) -> None:
    kode, kec = kaur_plan.tps.index[100], kaur_plan.tps["nama_kec"].iloc[100]
    mine = set(kaur_plan.tps.index[kaur_plan.tps["nama_kec"] == kec])
    with opened(browser, kaur_map, size) as page:
        page.evaluate("() => { window.print = () => dispatchEvent(new Event('beforeprint')); }")
        page.locator("#search").fill(kode)
        page.get_by_role("option").first.click()
        expect(page.locator(f"[data-tps='{kode}']")).to_contain_text(kaur_plan.guards["kode_post"][kode])
        page.locator(".card .close").click()
        expect(page.locator(".card")).to_be_hidden()
        show(page, size, "Saring")
        page.locator("#filter-kec").select_option(label=kec)
        expect(page.locator("#filter-told")).to_contain_text(f"{len(mine)} dari {len(kaur_plan.tps)} TPS")
        show(page, size, "Posisi kendaraan menurut jam")
        page.locator("#clock-wave").select_option(label="H-1 2024-02-13")
        page.locator("#clock").fill(str(9 * 3600 + 30 * 60))
        expect(page.locator("output[for=clock]")).to_contain_text("09:30")
        show(page, size, "Cetak")
        page.locator("#print-kec").select_option(label=kec)
        page.locator("#print-now").click()
        printed = page.locator(".paper-tail tbody tr").evaluate_all("rows => rows.map((row) => row.innerText)")
        assert {found for row in printed for found in re.findall(r"\d{13}", row)} == mine
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".paper-tail").count() == 0


@both_sizes
def test_the_whole_work_by_keyboard_from_search_to_print(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, size: str
) -> None:
    kode = kaur_plan.tps.index[100]

    def reach(selector: str) -> None:
        for _ in range(400):
            if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"no way to {selector} by keyboard")

    def unfold(section: str) -> None:
        reach(f"[data-section={section}] > summary")
        page.keyboard.press("Enter")

    with opened(browser, kaur_map, size) as page:
        page.evaluate(
            "() => { window.print = () => dispatchEvent(new Event('beforeprint')); }"
        )  # the dialog is the system's
        reach("#search")
        page.keyboard.type(kode)
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-tps='{kode}']")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".card")).to_be_hidden()
        if size == "phone":
            page.locator("#search").focus()
            reach(".menu")
            page.keyboard.press("Enter")
        else:
            page.locator("#search").focus()
        unfold("filter")
        reach("#filter-kec")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#filter-told")).to_contain_text("19 dari 434 TPS")
        reach("#filter-clear")
        page.keyboard.press("Enter")
        expect(page.locator("#filter-told")).to_contain_text("434 dari 434 TPS")
        unfold("time")
        reach("#clock")
        page.keyboard.press("PageUp")
        expect(page.locator("#clock-on")).to_be_checked()
        unfold("print")
        reach("#print-now")
        page.keyboard.press("Enter")
        expect(page.locator(".paper-tail tbody tr")).to_have_count(len(kaur_plan.tps))
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".paper-tail").count() == 0


def test_on_a_slow_phone_the_tps_are_drawn_beside_bare_leaflet(
    browser: Browser, kaur_map: Path, kaur_plan: kg.Plan, tmp_path: Path
) -> None:
    points = [[round(point.y, 5), round(point.x, 5)] for point in kaur_plan.tps.geometry]
    bare = tmp_path / "bare.html"
    bare.write_text(
        f"<!DOCTYPE html><style>{vendor.style()}</style><script>{vendor.leaflet_script()}</script>"
        "<div id=map style='width:360px;height:740px'></div><script>"
        "const map = L.map('map', { preferCanvas: true }).setView([-4.7, 103.3], 9);"
        f"for (const point of {points}) L.circleMarker(point, {{ radius: 5 }}).addTo(map);"
        "requestAnimationFrame(() => setTimeout(() => performance.mark('kaur-tps-drawn')));</script>",
        encoding="utf-8",
    )
    told = {}
    for name, file in (("map", kaur_map), ("bare", bare)):
        context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(file.as_uri())
        page.wait_for_function("performance.getEntriesByName('kaur-tps-drawn').length")
        told[name] = page.evaluate("performance.getEntriesByName('kaur-tps-drawn')[0].startTime")
        context.close()
    # for the log: times are measured here, not judged
    print("4x slower:", ", ".join(f"{name} {drawn:.0f} ms" for name, drawn in told.items()))  # noqa: T201 - as said
    assert set(told) == {"map", "bare"}


def test_every_hostile_name_is_shown_to_the_letter_and_nothing_runs(
    browser: Browser, hostile_map: Path, hostile: kg.Plan
) -> None:
    with opened(browser, hostile_map) as page:
        name = title(hostile, "id")
        assert page.title() == name
        for letter, wanted in NAMES.items():
            go(page, f"#tps={kode_tps(letter)}")
            page.wait_for_function(
                "kode => document.querySelector(`details[data-tps='${kode}']`)", arg=kode_tps(letter)
            )
            assert page.locator("#card-title").evaluate("e => e.textContent").startswith(f"{wanted} · "), wanted
            assert page.locator(f"[data-tps='{kode_tps(letter)}'] dd").evaluate_all(
                "all => all.some((e) => e.textContent)"
            )
        page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        go(page, "#kec=17.04.01")
        text = page.locator("body").evaluate("e => e.innerText")
        assert HOSTILE["img"] in text
        assert "1337" not in text
        assert page.title() == name
        assert page.locator("#kaur img, #kaur script, #kaur svg[onload]").count() == 0
    assert "1337" not in hostile_map.read_text(encoding="utf-8")


def test_without_javascript_the_map_and_the_table_are_there(
    browser: Browser, hostile_map: Path, hostile: kg.Plan
) -> None:
    with opened(browser, hostile_map, "phone", script=False) as page:
        page.screenshot(path=kept("peta-tanpa-javascript-phone"))
        assert page.locator("svg").first.bounding_box()["width"] > 300
        expect(page.locator("tbody tr")).to_have_count(len(hostile.tps))
        cells = page.locator("tbody td:nth-child(3)").all_text_contents()
        on_one_line = {"".join(" " if c in "\0\x1b\n\u2028\u2029" else c for c in name) for name in NAMES.values()}
        assert on_one_line <= set(cells)
        assert page.title() == title(hostile, "id")
        assert all(web_text(name) in hostile_map.read_text(encoding="utf-8") for name in NAMES.values())
        assert not page.locator("#kaur").is_visible()


def test_in_a_notebook_the_frame_shows_the_same_map(browser: Browser, hostile: kg.Plan, tmp_path: Path) -> None:
    cell = tmp_path / "cell.html"
    cell.write_text(f"<!DOCTYPE html><body>{plan_map(hostile)._repr_html_()}", encoding="utf-8")
    with opened(browser, cell, ready="iframe") as page:
        frame = page.frame_locator("iframe")
        expect(frame.locator("#kaur[data-ready]")).to_be_visible(timeout=30_000)
        expect(frame.locator("h1")).to_have_text(title(hostile, "id"))


@pytest.mark.real
def test_with_real_roads_the_map_stays_under_a_megabyte(
    browser: Browser, kaur_plan_on_osm: kg.Plan, tmp_path: Path
) -> None:
    plan = kaur_plan_on_osm
    file = write_map(plan, tmp_path / "peta.html")
    assert file.stat().st_size < 1_000_000
    with opened(browser, file) as page:
        drawn = page.evaluate("performance.getEntriesByName('kaur-tps-drawn')[0].startTime")
        print(f"real roads: {file.stat().st_size:,} bytes, first TPS drawn after {drawn:.0f} ms")  # noqa: T201 - for the log
        go(page, f"#trip={plan.trips.index[-1]}")
        expect(page.locator("ol.stops li")).to_have_count(len(plan.legs.loc[plan.trips.index[-1]]))


@pytest.mark.parametrize(("minutes", "late"), [(0, 0), (-1, 1)])
def test_a_tps_to_which_boxes_are_carried_too_long_in_the_heavier_weather_is_marked(
    browser: Browser, tmp_path: Path, minutes: int, late: int
) -> None:
    """The vehicle is at the gate in time in either weather."""
    kode = kode_tps("A")
    beyond = {"gps": {kode: lon_lat(8, 4)}, "gates": {kode: lon_lat(8, 0)}, "roads": {"max_snap_m": 10_000.0}}

    def planned(deadline: dt.time) -> kg.Plan:
        wave = {"name": "H-1", "days_before": 1, "deadline": deadline}
        return kg.make_plan(world("G---P---A", waves=(wave,), **beyond))

    there = arrivals(planned(dt.time(18)))["there_late"][kode]
    plan = planned((there.ceil("min") + pd.Timedelta(minutes=minutes)).time())
    file = tmp_path / "map.html"
    file.write_text(plan_map(plan).get_root().render(), encoding="utf-8")
    with opened(browser, file) as page:
        page.locator("#search").fill(kode)
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-tps='{kode}']")).to_be_visible()
        expect(page.locator(".card .alarm", has_text="lewat batas")).to_have_count(late)
