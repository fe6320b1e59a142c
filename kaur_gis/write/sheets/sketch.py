"""The sketch map of a trip: its road lines, its stops in order, north and a scale, in millimetres of paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from kaur_gis.catalogue import ranges
from kaur_gis.write.sheets.frame import Background, Box, Frame, path, placed
from kaur_gis.write.sheets.landmarks import Mark
from kaur_gis.write.sheets.names import Letters, Names

WIDTH_MM, HEIGHT_MM, PAD_MM = 104.0, 72.0, 8.0
NEAR_MM = 4.2  # stops nearer than this on paper share one label
LANDMARK_MM = 3.0  # nearer to a stop nothing else is drawn
_BASE = '<rect x="{x:.2f}" y="{y:.2f}" width="3.4" height="3.4" fill="#000" stroke="#fff" stroke-width="0.4"/>'
_PIN = (
    '<rect x="{x:.2f}" y="{y:.2f}" width="{w:.2f}" height="{h:.2f}" rx="{r:.2f}"'
    ' fill="#fff" stroke="#000" stroke-width="0.3"/>'
)
_BRIDGE = '<rect x="{x:.2f}" y="{y:.2f}" width="1.3" height="1.3" fill="#fff" stroke="#000" stroke-width="0.3"/>'
_VILLAGE = '<circle cx="{x:.2f}" cy="{y:.2f}" r="0.6" fill="#fff" stroke="#000" stroke-width="0.25"/>'
STOP_LETTERS = Letters(7.5, 1.52, 3.6, on_road=True)
VILLAGE_LETTERS = Letters(6.5, 1.3, 3.1, on_road=False)


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
    frame = Frame.around([*legs, *points], WIDTH_MM, HEIGHT_MM, PAD_MM)
    ends = [frame.on_paper(shapely.get_coordinates(line))[-1] for line in legs]
    places = frame.on_paper(shapely.get_coordinates(points))
    base, stops = places[0], places[1:]
    pins = _pins(base, stops)
    boxes = [_pin_box(x, y, text) for x, y, text, _ in pins]
    villages, bridges = _landmarks(frame, passed, places)
    metres, _ = frame.scale_bar()
    road = frame.lines(legs)
    svg = [
        path(frame.lines(background.within(frame.bounds)), 'stroke="#8a8a8a" stroke-width="0.25"'),
        path(road, 'stroke="#000" stroke-width="0.75"'),
        _carries(ends, stops),
        *(_BRIDGE.format(x=x - 0.65, y=y - 0.65) for x, y in bridges),
        *(_VILLAGE.format(x=x, y=y) for x, y, _ in villages),
        _BASE.format(x=base[0] - 1.7, y=base[1] - 1.7),
        *(_PIN.format(x=x, y=y, w=right - x, h=bottom - y, r=(bottom - y) / 2) for x, y, right, bottom in boxes),
    ]
    wanted = [
        (_pin_box(base[0], base[1], ""), names[0], STOP_LETTERS),
        *((box, names[first + 1], STOP_LETTERS) for box, (*_, first) in zip(boxes, pins, strict=True)),
        *(((x - 0.8, y - 0.8, x + 0.8, y + 0.8), name, VILLAGE_LETTERS) for x, y, name in villages),
    ]
    room = Names(frame, [_pin_box(base[0], base[1], ""), *boxes], road)
    for wants in wanted:
        room.beside(*wants)
    return {
        "svg": frame.svg(svg),
        "pins": [
            placed((x, y, right, bottom)) | {"text": pin[2]}
            for (x, y, right, bottom), pin in zip(boxes, pins, strict=True)
        ],
        "names": room.labels,
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
        elif mark.kind != "unpaved":
            bridges[x, y] = None
    return [(x, y, name) for (x, y), name in villages.items()], list(bridges)


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
            ("■ " if math.dist(anchor, base) < NEAR_MM else "") + ranges([member + 1 for member in members]),
            members[0],
        )
        for anchor, members in groups
    ]


def _pin_box(x: float, y: float, text: str) -> Box:
    half = max(2.1, len(text) * 0.75 + 0.8)
    return x - half, y - 2.1, x + half, y + 2.1
