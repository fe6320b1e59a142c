"""How long a browser takes to draw very many TPS, beside folium's own layers, and how large the files are.

Run it with ``python -m tests.benchmarks.map``. It prints, for points drawn at random over Indonesia's extent,
megabytes, milliseconds until all are on the screen, the JavaScript heap, and the ratio to pages of folium with the
same points in the same run: its CircleMarker (with ``prefer_canvas``) and, where npm brings leaflet.markercluster, its
FastMarkerCluster. Pages are opened without a network: what folium links to is put into them, and what the points do
not need (jQuery, Bootstrap, Font Awesome) is left out, so that they are faster here than as folium writes them.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
from folium.plugins import FastMarkerCluster
from playwright.sync_api import Browser, sync_playwright

from kaur_gis.config import KERAWANAN
from kaur_gis.layers import CRS
from kaur_gis.write.map import vendor
from kaur_gis.write.map.many import write_points_map

COUNTS = (434, 100_000, 823_000)
MOST_OF_FOLIUM = 100_000  # more of its layers take minutes
CLUSTER = "1.5.3"
DRAWN = "performance.getEntriesByName('kaur-tps-drawn')"


def points_of(count: int) -> gpd.GeoDataFrame:
    random = np.random.default_rng(7)
    at = gpd.points_from_xy(random.uniform(95, 141, count), random.uniform(-11, 6, count), crs=CRS)
    kelas = random.choice(KERAWANAN, count, p=[0.9, 0.09, 0.01])
    return gpd.GeoDataFrame({"kerawanan": kelas}, geometry=at)


def folium_page(layer: folium.map.Layer, file: Path, extra: str = "", script: str = "") -> Path:
    """Write folium's own page of a layer, with what it links to inside; `script` goes behind the map's."""
    bare = folium.Map(tiles=None, prefer_canvas=True, location=(-2.5, 118), zoom_start=5)
    bare.options["max_zoom"] = 18  # without tiles a cluster does not know it
    page = layer.add_to(bare).get_root().render()
    page = re.sub(r'<script src="[^"]*"></script>|<link [^>]*/>', "", page)
    style, own = vendor.style(), vendor.leaflet_script()
    page = page.replace("<head>", f"<head><style>{style}</style><script>{own}</script>{extra}", 1)
    done = "requestAnimationFrame(() => setTimeout(() => performance.mark('kaur-tps-drawn')));"
    file.write_text(page.replace("</html>", f"<script>{script}{done}</script></html>"), encoding="utf-8")
    return file


def circles_page(places: list[list[float]], file: Path) -> Path:
    """Write what folium writes for so many CircleMarkers: the script of one, again for each."""
    first, *others = places
    one = folium.CircleMarker(first, radius=4)
    page = folium_page(one, file)
    text = page.read_text(encoding="utf-8")
    script = re.search(r"var circle_marker_\w+ = L\.circleMarker\(.*?\.addTo\(\w+\);", text, re.DOTALL)[0]
    name, spot = one.get_name(), json.dumps(one.location)
    again = (
        script.replace(name, f"circle_marker_{number:032x}").replace(spot, json.dumps(place))
        for number, place in enumerate(others)
    )
    file.write_text(text.replace(script, "\n".join([script, *again])), encoding="utf-8")
    return file


def cluster_assets(work: Path) -> str | None:
    """Fetch leaflet.markercluster with npm; None where that does not work."""
    command = ["npm", "pack", "--json", f"leaflet.markercluster@{CLUSTER}", "--pack-destination", str(work)]
    try:
        told = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)[0]
    except (OSError, subprocess.SubprocessError):
        return None
    with tarfile.open(work / told["filename"]) as tar:
        script = tar.extractfile("package/dist/leaflet.markercluster.js").read().decode()
    return f"<script>{re.sub(r'//# sourceMappingURL=.*', '', script)}</script>"


def measured(browser: Browser, file: Path) -> tuple[float, float]:
    """Milliseconds from the start of the page until all is drawn, and megabytes of heap."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_function(f"{DRAWN}.length", timeout=300_000)
    drawn = page.evaluate(f"{DRAWN}[0].startTime")
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    page.close()
    if faults:
        msg = f"{file.name} does not work: {faults[0]}"
        raise RuntimeError(msg)
    return drawn, heap


def main() -> None:
    flags = ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        folder = Path(work)
        extra = cluster_assets(folder)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        for count in COUNTS:
            points = points_of(count)
            own = write_points_map(points, folder / "own.html", "TPS")
            drawn, heap = sorted(measured(browser, own) for _ in range(3))[1]
            print(f"{count:>7,} points: {own.stat().st_size / 1e6:.2f} MB, {drawn:.0f} ms, heap {heap:.0f} MB")
            if count > MOST_OF_FOLIUM:
                continue
            at = [[round(y, 5), round(x, 5)] for x, y in zip(points.geometry.x, points.geometry.y, strict=True)]
            pages = {"CircleMarker": circles_page(at, folder / "circles.html")}
            if extra is not None:
                plain = "function (row) { return L.marker(new L.LatLng(row[0], row[1])); }"
                cluster = FastMarkerCluster(at, callback=plain)
                pages["FastMarkerCluster"] = folium_page(cluster, folder / "cluster.html", extra)
            for name, page in pages.items():
                slow, their_heap = measured(browser, page)
                size = page.stat().st_size / 1e6
                times = f"{slow / drawn:.1f} times as long"
                print(f"        folium {name}: {size:.2f} MB, {slow:.0f} ms, heap {their_heap:.0f} MB ({times})")
        if extra is None:
            print("FastMarkerCluster was not measured: npm brought no leaflet.markercluster")
        browser.close()


if __name__ == "__main__":
    main()
