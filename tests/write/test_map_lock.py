from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium, opened
from playwright.sync_api import Browser, expect
from specimens import HOSTILE
from world import world

import kaur_gis as kg
from kaur_gis import terminal
from kaur_gis.summary import plan_version
from kaur_gis.write.map import bundle_assets, lock, vendor, write_map
from kaur_gis.write.map.lock import ROUNDS, locked, unlocked
from kaur_gis.write.map.pack import unpack
from kaur_gis.write.map.shown import document

PASSWORD = "kotak suara nomor 5 – Bintuhan"  # noqa: S105 - of the tests
NO_SUBTLE = 'Object.defineProperty(Crypto.prototype, "subtle", { get: () => undefined });'
STRETCHED = """async () => Promise.all([10, 64, 65].map(async (n) => {
  const secret = new Uint8Array(n).fill(97);
  const first = await noble.pbkdf2Async(noble.sha256, secret, new TextEncoder().encode("garam"), { c: 1, dkLen: 32 });
  const key = await stretched(n > 64 ? noble.sha256(secret) : secret, first, 3);
  return [...key].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}))"""


@pytest.fixture(scope="module")
def plan() -> kg.Plan:
    return kg.make_plan(world("G---P---A---B", names={"A": HOSTILE["img"], "B": "Desa Rahasia"}, tps={"A": 2}))


@pytest.fixture(scope="module")
def sealed(plan: kg.Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_map(plan, tmp_path_factory.mktemp("map") / "peta_operasi.html", password=PASSWORD)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_what_is_locked_opens_with_its_password_only() -> None:
    box = locked(b"isi", PASSWORD)
    assert unlocked(box, PASSWORD) == b"isi"
    assert b"isi" not in box
    for password, content in ((PASSWORD + " ", box), (PASSWORD, box[:-1] + bytes([box[-1] ^ 1]))):
        with pytest.raises(ValueError, match="wrong password"):
            unlocked(content, password)


def test_the_key_is_that_of_another_pbkdf2_and_has_rounds_enough() -> None:
    assert ROUNDS >= 600_000
    salt = bytes(range(16))
    assert lock._key(PASSWORD, salt) == hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, ROUNDS)
    assert lock._key("ﬁ kata sandi", salt) == lock._key("fi kata sandi", salt)


def test_two_sealed_maps_share_neither_salt_nor_nonce() -> None:
    one, other = locked(b"isi", PASSWORD), locked(b"isi", PASSWORD)
    assert one[:16] != other[:16]
    assert one[16:28] != other[16:28]


def test_a_short_password_is_refused(plan: kg.Plan, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 10"):
        write_map(plan, tmp_path / "map.html", password="pendek")  # noqa: S106 - too short to be one
    assert list(tmp_path.iterdir()) == []


def test_no_name_of_the_plan_stands_in_a_sealed_file(plan: kg.Plan, sealed: Path) -> None:
    page = sealed.read_text(encoding="utf-8")
    shown, _ = document(plan, "id")
    known = {
        *(
            str(name)
            for column in ("kode", "nama")
            for room in ("kec", "desa", "stops")
            for name in shown[room].get(column, [])
        ),
        *plan.tps.index,
        *plan.trips["vehicle"],
        *plan.posts.index,
        plan.inputs.operation.operation.name,
        plan_version(plan),
    }
    assert {name for name in known if name in page} == set()
    payload = base64.b64decode(re.search(r'id="kaur-payload" data-rounds="600000">([^<]*)<', page)[1], validate=True)
    assert unpack(unlocked(payload, PASSWORD))[0] == shown
    with pytest.raises(OSError, match="gzip"):
        unpack(payload)


@pytest.mark.browser
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_wrong_password_is_refused_and_the_right_one_opens(browser: Browser, sealed: Path, size: str) -> None:
    with opened(browser, sealed, size, ready="form.lock") as page:
        assert page.title() == "Peta terkunci"
        expect(page.locator("#password")).to_be_focused()
        page.keyboard.type(PASSWORD[:-1])
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Sandi salah, atau berkas ini sudah diubah.")
        assert page.locator(".folium-map").is_hidden()
        page.locator("#password").fill(PASSWORD)
        page.locator("form.lock button").click()
        page.wait_for_selector("#kaur[data-ready]")
        took = page.evaluate(
            "performance.getEntriesByName('kaur-tps-drawn')[0].startTime"
            " - performance.getEntriesByName('kaur-password').pop().startTime"
        )
        print(f"{size}: opened {took:.0f} ms after the password")  # noqa: T201 - measured for the log, not judged
        expect(page.locator("h1")).to_contain_text(page.title())
        page.locator("#search").fill("Desa Rahasia")
        page.keyboard.press("Enter")
        expect(page.locator("#card-title")).to_contain_text("Desa Rahasia")


@pytest.mark.browser
def test_where_the_browser_has_no_ciphers_the_page_brings_its_own(browser: Browser, sealed: Path) -> None:
    context = browser.new_context(offline=True)
    context.add_init_script(NO_SUBTLE)
    page = context.new_page()
    page.goto(sealed.as_uri())
    page.wait_for_selector("form.lock")
    assert page.evaluate("crypto.subtle") is None
    assert page.evaluate(STRETCHED) == [
        hashlib.pbkdf2_hmac("sha256", b"a" * n, b"garam", 3).hex() for n in (10, 64, 65)
    ]
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#kaur[data-ready]", timeout=120_000)
    took = page.evaluate(
        "performance.getEntriesByName('kaur-tps-drawn')[0].startTime"
        " - performance.getEntriesByName('kaur-password').pop().startTime"
    )
    print(f"without crypto.subtle: opened {took:.0f} ms after the password")  # noqa: T201 - measured, not judged
    context.close()


@pytest.mark.browser
def test_without_javascript_a_sealed_map_shows_nothing_of_the_plan(browser: Browser, sealed: Path) -> None:
    with opened(browser, sealed, "phone", script=False) as page:
        assert "terkunci dengan sandi" in page.locator("body").inner_text()
        assert page.locator("svg, table").count() == 0


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_password_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nrest"))
    assert terminal.ask_password("id") == PASSWORD


def test_a_short_password_is_refused_before_anything_is_planned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("pendek\n"))
    assert terminal.ask_password("en") is None
    assert "too short" in capsys.readouterr().err


@pytest.mark.parametrize("again", [PASSWORD, "yang lain sama sekali"])
def test_on_a_terminal_the_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch, again: str) -> None:
    answers = iter([PASSWORD, again])
    monkeypatch.setattr("sys.stdin", _Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert terminal.ask_password("id") == (PASSWORD if again == PASSWORD else None)


def test_the_ciphers_are_bundled_from_what_the_registry_gave(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("vendored.toml", bundle_assets.ENTRY):
        (tmp_path / name).write_bytes((vendor.ASSETS / name).read_bytes())

    def run(command: list[str], **_: object) -> None:
        if command[0] == "npm":
            work = Path(command[command.index("--prefix") + 1])
            assert command[-3:] == ["@noble/ciphers@9.1.0", "@noble/hashes@9.2.0", "esbuild@9.3.0"]
            for name in bundle_assets.BUNDLED:
                (work / "node_modules" / name).mkdir(parents=True)
                (work / "node_modules" / name / "LICENSE").write_text(f"MIT of {name}", encoding="utf-8")
            packages = {f"node_modules/{name}": {"integrity": f"sha512-{name}"} for name in bundle_assets.BUNDLED}
            (work / "package-lock.json").write_text(json.dumps({"packages": packages}), encoding="utf-8")
        else:
            out = next(word for word in command if word.startswith("--outfile="))
            Path(out.removeprefix("--outfile=")).write_text("bundled", encoding="utf-8")

    monkeypatch.setattr(vendor, "ASSETS", tmp_path)
    monkeypatch.setattr(subprocess, "run", run)
    vendor.vendored.cache_clear()
    before = vendor.vendored()["leaflet"]
    bundle_assets.main("9.1.0", "9.2.0", "9.3.0")
    vendor.vendored.cache_clear()
    vendor.published.cache_clear()
    told = vendor.vendored()
    assert told["leaflet"] == before
    assert told["noble"]["version"] == "ciphers 9.1.0, hashes 9.2.0, bundled by esbuild 9.3.0"
    assert vendor.published("noble", "noble.js") == "bundled"
    assert "MIT of @noble/hashes" in vendor.published("noble", "LICENSE-noble.txt")
    vendor.vendored.cache_clear()
    vendor.published.cache_clear()
