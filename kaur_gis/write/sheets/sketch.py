"""The sketch map of a trip: its road lines, its stops in order, north and a scale, in millimetres of paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely

from kaur_gis.inputs import Roads

WIDTH_MM, HEIGHT_MM, PAD_MM = 104.0, 82.0, 9.0
FINEST_MM = 0.15  # bends smaller than this on paper are left out
BACKGROUND_FINEST_M = 5.0
LEAST_M = 600.0  # a trip within one village is not drawn larger than this
NEAR_MM = 4.2  # stops nearer than this on paper share one label
LETTER_MM, LINE_MM = 1.3, 3.1  # least generous box of a letter at the size names are drawn
LONGEST = 26  # letters of a name on the map; the table has it whole
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified")
MAIN_ROADS_WITH_LINKS = frozenset(MAIN_ROADS) | {f"{road}_link" for road in MAIN_ROADS}
_SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_MM:g} {HEIGHT_MM:g}" fill="none"'
    ' stroke-linecap="round" stroke-linejoin="round">{layers}</svg>'
)
_BASE = '<rect x="{x:.2f}" y="{y:.2f}" width="3.4" height="3.4" fill="#000" stroke="#fff" stroke-width="0.4"/>'
Box: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom on paper [mm]."""


@dataclass(frozen=True)
class Background:
    """The main roads around, drawn thin under every sketch, in the metric CRS.

    Attributes
    ----------
    tree : STRtree
        Over the lines of the main roads, one direction each.
    """

    tree: shapely.STRtree

    @classmethod
    def of(cls, roads: Roads, metric_crs: str) -> Background:
        """Take the main roads of a network."""
        edges = roads.edges
        once = (edges["twin"] < 0) | (edges["twin"] > edges.index)
        main = edges.loc[once & edges["highway"].isin(MAIN_ROADS_WITH_LINKS), "geometry"]
        lines = shapely.simplify(main.to_crs(metric_crs).to_numpy(), BACKGROUND_FINEST_M)
        return cls(shapely.STRtree(lines))

    def within(self, bounds: Box) -> Sequence[Any]:
        """Give the lines inside a box [m], cut at its edge."""
        found = np.sort(self.tree.query(shapely.box(*bounds)))
        return list(shapely.clip_by_rect(self.tree.geometries[found], *bounds))


@dataclass(frozen=True)
class Frame:
    """The piece of ground that a sketch shows.

    Attributes
    ----------
    west, north : float
        Upper left corner in the metric CRS [m].
    mm_per_m : float
        Scale.
    """

    west: float
    north: float
    mm_per_m: float

    @classmethod
    def around(cls, geometries: Sequence[Any]) -> Frame:
        """Fit a frame of the paper's shape round geometries in the metric CRS."""
        west, south, east, north = shapely.total_bounds(geometries)
        inner_w, inner_h = WIDTH_MM - 2 * PAD_MM, HEIGHT_MM - 2 * PAD_MM
        scale = min(inner_w / max(east - west, LEAST_M), inner_h / max(north - south, LEAST_M))
        return cls(
            west=float((west + east) / 2 - WIDTH_MM / 2 / scale),
            north=float((south + north) / 2 + HEIGHT_MM / 2 / scale),
            mm_per_m=float(scale),
        )

    @property
    def bounds(self) -> Box:
        """West, south, east, north in the metric CRS [m]."""
        return (
            self.west,
            self.north - HEIGHT_MM / self.mm_per_m,
            self.west + WIDTH_MM / self.mm_per_m,
            self.north,
        )

    def on_paper(self, points: Any) -> np.ndarray:  # noqa: ANN401 - anything numpy reads
        """Turn metres, shape (n, 2), into millimetres from the upper left corner, shape (n, 2)."""
        xy = np.asarray(points, dtype=float)
        return np.column_stack([(xy[:, 0] - self.west) * self.mm_per_m, (self.north - xy[:, 1]) * self.mm_per_m])

    def scale_bar(self) -> tuple[int, float]:
        """Choose a round length for the scale bar: metres, and millimetres on paper."""
        most = 30 / self.mm_per_m
        power = 10 ** math.floor(math.log10(most))
        metres = int(max(step * power for step in (1, 2, 5) if step * power <= most))
        return metres, metres * self.mm_per_m


def draw(
    legs: Sequence[Any],
    points: Sequence[Any],
    names: Sequence[str],
    background: Background,
    say_length: Callable[[int], str],
) -> dict[str, Any]:
    """Draw one trip.

    Parameters
    ----------
    legs : sequence of LineString
        The trip's legs in their order, in the metric CRS; the last returns to the base.
    points : sequence of Point
        The base first, then the stops in order, in the metric CRS.
    names : sequence of str
        Names of `points`, printable.
    background : Background
        Main roads around.
    say_length : callable
        Words for the length of the scale bar [m].

    Returns
    -------
    dict
        `svg` (numbers only, no text of the data), `pins` and `names` with places [mm], `bar_mm`, `bar`.
    """
    frame = Frame.around([*legs, *points])
    ends = [frame.on_paper(shapely.get_coordinates(line))[-1] for line in legs]
    places = frame.on_paper(shapely.get_coordinates(points))
    base, stops = places[0], places[1:]
    pins = _pins(base, stops)
    layers = [
        _path(frame, background.within(frame.bounds), 'stroke="#8a8a8a" stroke-width="0.25"'),
        _path(frame, legs, 'stroke="#000" stroke-width="0.75"'),
        _carries(ends, stops),
        _BASE.format(x=base[0] - 1.7, y=base[1] - 1.7),
    ]
    metres, bar_mm = frame.scale_bar()
    taken: list[Box] = [
        _pin_box(base[0], base[1], ""),
        *(_pin_box(pin["x"], pin["y"], pin["text"]) for pin in pins),
        (0, HEIGHT_MM - 8, bar_mm + 12, HEIGHT_MM),
        (WIDTH_MM - 8, 0, WIDTH_MM, 11),
    ]
    wanted = [(base[0], base[1], "", names[0]), *((p["x"], p["y"], p["text"], names[p["first"] + 1]) for p in pins)]
    labels = [label for x, y, text, name in wanted if (label := _name(x, y, text, name, taken)) is not None]
    return {
        "svg": _SVG.format(layers="".join(layers)),
        "pins": [{"x": round(pin["x"], 2), "y": round(pin["y"], 2), "text": pin["text"]} for pin in pins],
        "names": labels,
        "bar": say_length(metres),
        "bar_mm": round(bar_mm, 2),
    }


def _path(frame: Frame, lines: Sequence[Any], style: str) -> str:
    drawn = shapely.get_parts(shapely.simplify(np.asarray(lines, dtype=object), FINEST_MM / frame.mm_per_m))
    coordinates, line_of = shapely.get_coordinates(drawn, return_index=True)
    if not len(coordinates):
        return ""
    starts = np.diff(line_of, prepend=-1) > 0
    steps = zip(np.where(starts, "M", "L"), *frame.on_paper(coordinates).round(1).T.tolist(), strict=True)
    return f'<path d="{"".join(f"{step}{x:g} {y:g}" for step, x, y in steps)}" {style}/>'


def _carries(ends: Sequence[np.ndarray], stops: np.ndarray) -> str:
    """Dotted lines from where the road ends to where the stop is."""
    apart = [(end, stop) for end, stop in zip(ends, stops, strict=False) if math.dist(end, stop) > 1]
    parts = [f"M{end[0]:.2f} {end[1]:.2f}L{stop[0]:.2f} {stop[1]:.2f}" for end, stop in apart]
    return f'<path d="{"".join(parts)}" stroke="#000" stroke-width="0.4" stroke-dasharray="0.1 1"/>' if parts else ""


def _pins(base: np.ndarray, stops: np.ndarray) -> list[dict[str, Any]]:
    """Put the numbers of stops that lie near each other on paper into one label: ``3–5, 8``.

    A label that hides the base carries its square.
    """
    groups: list[tuple[np.ndarray, list[int]]] = []
    for number, place in enumerate(stops):
        near = next((members for anchor, members in groups if math.dist(anchor, place) < NEAR_MM), None)
        if near is None:
            groups.append((place, [number]))
        else:
            near.append(number)
    return [
        {
            "x": float(anchor[0]),
            "y": float(anchor[1]),
            "text": ("■ " if math.dist(anchor, base) < NEAR_MM else "") + _ranges(members),
            "first": members[0],
        }
        for anchor, members in groups
    ]


def _ranges(members: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in (member + 1 for member in members):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _pin_box(x: float, y: float, text: str) -> Box:
    half = max(2.1, len(text) * 0.75 + 0.8)
    return x - half, y - 2.1, x + half, y + 2.1


def _name(x: float, y: float, pin: str, name: str, taken: list[Box]) -> dict[str, Any] | None:
    """Find a free place for a name beside its pin and take it; None where there is none."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    left, top, right, bottom = _pin_box(x, y, pin)
    width = len(short) * LETTER_MM + 0.6
    for at_left, at_top in (
        (right + 0.4, y - LINE_MM / 2),
        (left - 0.4 - width, y - LINE_MM / 2),
        (x - width / 2, bottom + 0.1),
        (x - width / 2, top - 0.1 - LINE_MM),
        (right, bottom - 0.5),
        (left - width, top + 0.5 - LINE_MM),
    ):
        box = (at_left, at_top, at_left + width, at_top + LINE_MM)
        inside = box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH_MM and box[3] <= HEIGHT_MM
        if inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
            return {"x": round(at_left, 2), "y": round(at_top, 2), "w": round(width, 2), "text": short}
    return None


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
