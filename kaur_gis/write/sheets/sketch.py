"""The sketch map of a trip: its road lines, its stops in order, north and a scale, in millimetres of paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely

from kaur_gis.inputs import Roads
from kaur_gis.write.sheets.landmarks import Mark

WIDTH_MM, HEIGHT_MM, PAD_MM = 104.0, 72.0, 8.0
FINEST_MM = 0.15  # bends smaller than this on paper are left out
BACKGROUND_FINEST_M = 5.0
LEAST_M = 600.0  # a trip within one village is not drawn larger than this
NEAR_MM = 4.2  # stops nearer than this on paper share one label
LANDMARK_MM = 3.0  # nearer to a stop nothing else is drawn
LONGEST = 26  # letters of a name on the map; the table has it whole
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified")
MAIN_ROADS_WITH_LINKS = frozenset(MAIN_ROADS) | {f"{road}_link" for road in MAIN_ROADS}
_SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_MM:g} {HEIGHT_MM:g}" fill="none"'
    ' stroke-linecap="round" stroke-linejoin="round">{layers}</svg>'
)
_BASE = '<rect x="{x:.2f}" y="{y:.2f}" width="3.4" height="3.4" fill="#000" stroke="#fff" stroke-width="0.4"/>'
_PIN = (
    '<rect x="{x:.2f}" y="{y:.2f}" width="{w:.2f}" height="{h:.2f}" rx="{r:.2f}"'
    ' fill="#fff" stroke="#000" stroke-width="0.3"/>'
)
_NORTH = f'<path d="M{WIDTH_MM - 5:g} 7l1.5 -5l1.5 5l-1.5 -1.2z" fill="#000"/>'
_BAR = f'<path d="M2 {HEIGHT_MM - 3:g}v1.4h{{mm:.2f}}v-1.4" stroke="#000" stroke-width="0.35"/>'
_BRIDGE = '<rect x="{x:.2f}" y="{y:.2f}" width="1.3" height="1.3" fill="#fff" stroke="#000" stroke-width="0.3"/>'
_VILLAGE = '<circle cx="{x:.2f}" cy="{y:.2f}" r="0.6" fill="#fff" stroke="#000" stroke-width="0.25"/>'
Box: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom on paper [mm]."""


@dataclass(frozen=True)
class Letters:
    """How large names are drawn.

    Attributes
    ----------
    points : float
        Size of the font [pt].
    width_mm, line_mm : float
        The least generous box of a letter at that size [mm].
    """

    points: float
    width_mm: float
    line_mm: float


STOP_LETTERS = Letters(7.5, 1.52, 3.6)
VILLAGE_LETTERS = Letters(6.5, 1.3, 3.1)


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
        lines = shapely.simplify(main.to_crs(metric_crs).to_numpy(), BACKGROUND_FINEST_M, preserve_topology=False)
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
    passed: Sequence[Mark],
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
    passed : sequence of Mark
        Landmarks on the way, in its order.
    background : Background
        Main roads around.
    say_length : callable
        Words for the length of the scale bar [m].

    Returns
    -------
    dict
        `svg` (numbers only, no text of the data); `pins` and `names` with their boxes [mm]; `bar`, the words
        over the scale bar.
    """
    frame = Frame.around([*legs, *points])
    ends = [frame.on_paper(shapely.get_coordinates(line))[-1] for line in legs]
    places = frame.on_paper(shapely.get_coordinates(points))
    base, stops = places[0], places[1:]
    pins = _pins(base, stops)
    boxes = [_pin_box(x, y, text) for x, y, text, _ in pins]
    villages, bridges = _landmarks(frame, passed, places)
    metres, bar_mm = frame.scale_bar()
    road = _on_paper(frame, legs)
    shapely.prepare(road)
    svg = [
        _path(_on_paper(frame, background.within(frame.bounds)), 'stroke="#8a8a8a" stroke-width="0.25"'),
        _path(road, 'stroke="#000" stroke-width="0.75"'),
        _carries(ends, stops),
        *(_BRIDGE.format(x=x - 0.65, y=y - 0.65) for x, y in bridges),
        *(_VILLAGE.format(x=x, y=y) for x, y, _ in villages),
        _BASE.format(x=base[0] - 1.7, y=base[1] - 1.7),
        *(_PIN.format(x=x, y=y, w=right - x, h=bottom - y, r=(bottom - y) / 2) for x, y, right, bottom in boxes),
        _NORTH,
        _BAR.format(mm=bar_mm),
    ]
    taken: list[Box] = [
        _pin_box(base[0], base[1], ""),
        *boxes,
        (0, HEIGHT_MM - 8, bar_mm + 12, HEIGHT_MM),
        (WIDTH_MM - 8, 0, WIDTH_MM, 11),
    ]
    wanted = [
        (_pin_box(base[0], base[1], ""), names[0], STOP_LETTERS),
        *((box, names[first + 1], STOP_LETTERS) for box, (*_, first) in zip(boxes, pins, strict=True)),
        *(((x - 0.8, y - 0.8, x + 0.8, y + 0.8), name, VILLAGE_LETTERS) for x, y, name in villages),
    ]
    labels = [label for box, name, letters in wanted if (label := _name(box, name, letters, taken, road))]
    return {
        "svg": _SVG.format(layers="".join(svg)),
        "pins": [
            _place((x, y, right, bottom)) | {"text": pin[2]}
            for (x, y, right, bottom), pin in zip(boxes, pins, strict=True)
        ],
        "names": labels,
        "bar": say_length(metres),
    }


def _landmarks(
    frame: Frame, passed: Sequence[Mark], places: np.ndarray
) -> tuple[list[tuple[float, float, str]], list[tuple[float, float]]]:
    """Villages with their names, and bridges and fords, once each, on paper; none beside a stop."""
    villages: dict[tuple[float, float], str] = {}
    bridges: dict[tuple[float, float], None] = {}
    for mark in passed:
        ((x, y),) = frame.on_paper([(mark.point.x, mark.point.y)]).round(1).tolist()
        if min(math.dist((x, y), place) for place in places) < LANDMARK_MM:
            continue
        if mark.kind == "village":
            villages.setdefault((x, y), mark.name)
        else:
            bridges[x, y] = None
    return [(x, y, name) for (x, y), name in villages.items()], list(bridges)


def _place(box: Box) -> dict[str, float]:
    left, top, right, bottom = box
    return {"x": round(left, 2), "y": round(top, 2), "w": round(right - left, 2), "h": round(bottom - top, 2)}


def _on_paper(frame: Frame, lines: Sequence[Any]) -> Any:  # noqa: ANN401 - a MultiLineString
    """Put lines on paper, without the bends that nobody could see."""
    plain = shapely.simplify(np.asarray(lines, dtype=object), FINEST_MM / frame.mm_per_m, preserve_topology=False)
    return shapely.transform(shapely.MultiLineString([*shapely.get_parts(plain)]), frame.on_paper)


def _path(lines: Any, style: str) -> str:  # noqa: ANN401 - a MultiLineString
    coordinates, line_of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    if not len(coordinates):
        return ""
    starts = np.diff(line_of, prepend=-1) > 0
    steps = zip(np.where(starts, "M", "L"), *coordinates.round(1).T.tolist(), strict=True)
    return f'<path d="{"".join(f"{step}{x:g} {y:g}" for step, x, y in steps)}" {style}/>'


def _carries(ends: Sequence[np.ndarray], stops: np.ndarray) -> str:
    """Dotted lines from where the road ends to where the stop is."""
    apart = [(end, stop) for end, stop in zip(ends, stops, strict=False) if math.dist(end, stop) > 1]
    parts = [f"M{end[0]:.2f} {end[1]:.2f}L{stop[0]:.2f} {stop[1]:.2f}" for end, stop in apart]
    return f'<path d="{"".join(parts)}" stroke="#000" stroke-width="0.4" stroke-dasharray="0.1 1"/>' if parts else ""


def _pins(base: np.ndarray, stops: np.ndarray) -> list[tuple[float, float, str, int]]:
    """Put the numbers of stops that lie near each other on paper into one label: ``3–5, 8``.

    A label that hides the base carries its square. Gives place, text and the first of its stops.
    """
    groups: list[tuple[np.ndarray, list[int]]] = []
    for number, place in enumerate(stops):
        near = next((members for anchor, members in groups if math.dist(anchor, place) < NEAR_MM), None)
        if near is None:
            groups.append((place, [number]))
        else:
            near.append(number)
    return [
        (
            float(anchor[0]),
            float(anchor[1]),
            ("■ " if math.dist(anchor, base) < NEAR_MM else "") + _ranges(members),
            members[0],
        )
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


def _name(pin: Box, name: str, letters: Letters, taken: list[Box], road: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a MultiLineString
    """Find a free place for a name beside its pin and take it; None where there is none.

    The name of a stop may lie on the road where it must, that of a village it passes may not.
    """
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    left, top, right, bottom = pin
    x, y = (left + right) / 2, (top + bottom) / 2
    width, height = len(short) * letters.width_mm + 0.8, letters.line_mm
    places = [
        (at_left, at_top, at_left + width, at_top + height)
        for at_left, at_top in (
            (right + 0.4, y - height / 2),
            (left - 0.4 - width, y - height / 2),
            (x - width / 2, bottom + 0.1),
            (x - width / 2, top - 0.1 - height),
            (right, bottom - 0.5),
            (left - width, top + 0.5 - height),
        )
    ]
    free = [
        box
        for box in places
        if box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH_MM and box[3] <= HEIGHT_MM
        if not any(_meet(box, other) for other in taken)
    ]
    clear = next((box for box in free if not shapely.intersects(road, shapely.box(*box))), None)
    chosen = clear or (free[0] if free and letters is STOP_LETTERS else None)
    if chosen is None:
        return None
    taken.append(chosen)
    return _place(chosen) | {"text": short, "size": letters.points}


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
