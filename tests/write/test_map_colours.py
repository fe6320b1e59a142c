from __future__ import annotations

import re
from itertools import combinations

import pytest
from coloraide import Color

from kaur_gis.write.map import vendor

LEAST = 20
VISIONS = ("", "protan", "deutan", "tritan")


def hexes(name: str) -> list[str]:
    """Take the colours of a list in the marks' script, in its order."""
    text = (vendor.ASSETS / "marks.js").read_text(encoding="utf-8")
    return re.findall(r"#[0-9a-f]{6}", text.partition(f"const {name} = [")[2].partition("];")[0])


def seen(colour: str, vision: str) -> Color:
    """A colour as eyes without one kind of cone see it (Brettel 1997 for tritan, Viénot 1999 for the others)."""
    return Color(colour).filter(vision) if vision else Color(colour)


@pytest.mark.parametrize("vision", VISIONS)
def test_classes_stay_apart_for_every_eye(vision: str) -> None:
    fills = hexes("FILL")
    assert len(fills) == 3
    for one, other in combinations([seen(fill, vision) for fill in fills], 2):
        assert one.delta_e(other, method="2000") >= LEAST


def test_classes_stay_apart_in_grey_print() -> None:
    greys = [Color(fill).convert("lab-d65")["l"] for fill in hexes("FILL")]
    assert all(abs(one - other) >= LEAST for one, other in combinations(greys, 2))


@pytest.mark.parametrize("vision", VISIONS)
def test_waves_stay_apart_by_lightness_for_every_eye(vision: str) -> None:
    dark, _, core, grey = hexes("WAVES")
    lights = [seen(colour, vision).convert("lab-d65")["l"] for colour in (dark, core, grey)]
    assert all(abs(one - other) >= LEAST for one, other in combinations(lights, 2))


def test_the_page_without_scripts_has_the_same_shades() -> None:
    css = (vendor.ASSETS / "map.css").read_text(encoding="utf-8")
    assert re.findall(r"\.plain \.k\d \{ fill: (#[0-9a-f]{6});", css) == hexes("FILL")
