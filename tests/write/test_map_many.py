from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from browser import chromium, opened
from playwright.sync_api import expect
from specimens import HOSTILE

from kaur_gis.config import KERAWANAN
from kaur_gis.layers import CRS
from kaur_gis.write.map.many import points_map, write_points_map


def points_of(count: int) -> gpd.GeoDataFrame:
    random = np.random.default_rng(7)
    at = gpd.points_from_xy(random.uniform(95, 141, count), random.uniform(-11, 6, count), crs=CRS)
    return gpd.GeoDataFrame({"kerawanan": random.choice(KERAWANAN, count)}, geometry=at)


def test_a_hundred_thousand_points_stay_under_a_megabyte_and_are_the_same_bytes() -> None:
    page = points_map(points_of(100_000), "TPS").get_root().render()
    assert len(page.encode()) < 1_000_000
    assert page == points_map(points_of(100_000), "TPS").get_root().render()


@pytest.mark.browser
@pytest.mark.parametrize("count", [300, 20_000])
def test_many_points_are_drawn_as_marks_or_as_pixels(tmp_path: Path, count: int) -> None:
    title = HOSTILE["img"] + HOSTILE["jinja_sum"]
    file = write_points_map(points_of(count), tmp_path / "map.html", title)
    inked = """() => {
        const canvas = document.querySelector(".leaflet-kaur-top-pane canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let found = 0;
        for (let i = 3; i < data.length; i += 4) found += data[i] > 0;
        return found;
    }"""
    with chromium() as browser, opened(browser, file) as page:
        expect(page.locator("h1")).to_have_text(title)
        assert page.evaluate(inked) > count / 2  # some lie upon another
        assert page.locator(".key").count() == 3
