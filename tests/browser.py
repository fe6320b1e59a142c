"""A headless Chromium without network, and everything a page does that it should not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

READY = "#kaur[data-ready]"
"""What the page of a map shows when it is drawn."""
ARTEFACTS = Path(__file__).parent / "artefacts"
"""Where pictures of the pages are kept, to be looked at; git ignores it."""
SIZES = {"desktop": (1280, 800), "phone": (360, 740)}
PATIENCE_MS = 60_000
"""What a page may take for anything on a machine that does other work too [ms]: how quick it is, benchmarks tell."""
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""
expect.set_options(timeout=PATIENCE_MS)


def kept(name: str) -> Path:
    """Give the file of a picture that is kept."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS / f"{name}.png"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; skip the test where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine: install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, file: Path, size: str = "desktop", *, script: bool = True, ready: str = READY
) -> Iterator[Page]:
    """Open a file from the disk, offline; on leaving, nothing may have gone wrong or been asked for."""
    width, height = SIZES[size]
    phone = size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone, java_script_enabled=script
    )
    context.set_default_timeout(PATIENCE_MS)
    context.set_offline(True)
    context.add_init_script(_WATCH)
    page = context.new_page()
    wrong: list[str] = []
    page.on("request", lambda request: wrong.append(f"request {request.url}") if request.url != file.as_uri() else None)
    page.on("console", lambda message: wrong.append(f"{message.type} {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(file.as_uri())
    if script:
        page.wait_for_selector(ready)
    yield page
    if script:
        wrong += page.evaluate("window.violations")
    context.close()
    assert wrong == []
