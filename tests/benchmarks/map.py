"""How long a browser takes to draw very many TPS, beside Leaflet's own circles, and how large the files are.

Run it with ``python -m tests.benchmarks.map``. It prints, for points drawn at random over Indonesia's extent,
megabytes, milliseconds until all are drawn, the JavaScript heap, and the ratio to Leaflet circles on a canvas in the
same run, as folium's CircleMarker makes them with ``prefer_canvas``. Folium's FastMarkerCluster is not beside it:
its plugin is no part of this package, and pages are opened without a network.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
from playwright.sync_api import Browser, sync_playwright

from kaur_gis.config import KERAWANAN
from kaur_gis.layers import CRS
from kaur_gis.write.map import vendor
from kaur_gis.write.map.many import write_points_map

COUNTS = (434, 100_000, 823_000)
MOST_CIRCLES = 100_000  # more of Leaflet's circles take minutes
DRAWN = "performance.getEntriesByName('kaur-tps-drawn')"


def points_of(count: int) -> gpd.GeoDataFrame:
    random = np.random.default_rng(7)
    at = gpd.points_from_xy(random.uniform(95, 141, count), random.uniform(-11, 6, count), crs=CRS)
    kelas = random.choice(KERAWANAN, count, p=[0.9, 0.09, 0.01])
    return gpd.GeoDataFrame({"kerawanan": kelas}, geometry=at)


def circles_page(points: gpd.GeoDataFrame, file: Path) -> Path:
    places = json.dumps([[round(y, 5), round(x, 5)] for x, y in zip(points.geometry.x, points.geometry.y, strict=True)])
    file.write_text(
        f"<!DOCTYPE html><style>{vendor.style()}</style><script>{vendor.leaflet_script()}</script>"
        "<div id=map style='width:1280px;height:800px'></div><script>"
        "const map = L.map('map', { preferCanvas: true }).fitBounds([[-11, 95], [6, 141]], { animate: false });"
        f"for (const at of {places}) L.circleMarker(at, {{ radius: 4 }}).addTo(map);"
        "requestAnimationFrame(() => performance.mark('kaur-tps-drawn'));</script>",
        encoding="utf-8",
    )
    return file


def measured(browser: Browser, file: Path) -> tuple[float, float]:
    """Milliseconds from the start of the page until all is drawn, and megabytes of heap."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(file.as_uri())
    page.wait_for_function(f"{DRAWN}.length", timeout=300_000)
    drawn = page.evaluate(f"{DRAWN}[0].startTime")
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    page.close()
    return drawn, heap


def main() -> None:
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        for count in COUNTS:
            points = points_of(count)
            own = write_points_map(points, Path(work) / "own.html", "TPS")
            runs = [measured(browser, own) for _ in range(3)]
            drawn, heap = sorted(runs)[1]
            line = f"{count:>7,} points: {own.stat().st_size / 1e6:.2f} MB, {drawn:.0f} ms, heap {heap:.0f} MB"
            if count <= MOST_CIRCLES:
                bare = circles_page(points, Path(work) / "bare.html")
                slow, their_heap = measured(browser, bare)
                line += f"; Leaflet circles {bare.stat().st_size / 1e6:.2f} MB, {slow:.0f} ms, heap {their_heap:.0f} MB"
                line += f" ({slow / drawn:.1f} times as long)"
            print(line)
        browser.close()


if __name__ == "__main__":
    main()
