"""Room for names on a map: each stands whole where nothing else does, if need be apart, at the end of a line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from kaur_gis.write.sheets.frame import Box, Frame, placed

WIDEST = 26  # letters of one line of a name
STEP_MM = 1.5  # between the places that are tried
FARTHEST_MM = 70.0  # from a point to its name
CROSSED_MM = 6.0  # a line that crosses a symbol is as bad as one that is longer by this
ANGLES = np.linspace(0, 2 * np.pi, 33)[:-1]
LEAD = '<path d="{d}" stroke="#000" stroke-width="0.2"/>'
LEAD_END = '<circle cx="{x:.2f}" cy="{y:.2f}" r="0.5" fill="#000"/>'


@dataclass(frozen=True)
class Letters:
    """How large names are drawn.

    Attributes
    ----------
    points : float
        Size of the font [pt].
    width_mm, line_mm : float
        The least generous box of a letter at that size [mm].
    on_road : bool
        Whether a name may lie on the road where there is no other room.
    """

    points: float
    width_mm: float
    line_mm: float
    on_road: bool


class Names:
    """The names on one map.

    Parameters
    ----------
    frame : Frame
    taken : iterable of Box
        Where no name may stand, beside the corners that the frame itself takes.
    road : MultiLineString
        Lines on paper that names keep off.

    Attributes
    ----------
    labels : list of dict
        Box [mm], text and size of every name that found room.
    leads : list of str
        SVG of the lines to those that stand apart.
    """

    def __init__(self, frame: Frame, taken: Iterable[Box], road: Any) -> None:  # noqa: ANN401 - a MultiLineString
        self.frame, self.road = frame, road
        self.taken: list[Box] = [*frame.taken(), *taken]
        self.labels: list[dict[str, Any]] = []
        self.leads: list[str] = []
        self._names: list[Box] = []
        shapely.prepare(road)

    def beside(self, pin: Box, name: str, letters: Letters, off: Any = None) -> bool:  # noqa: ANN401 - a MultiLineString
        """Put a name right beside what it belongs to; False where there is no room.

        Parameters
        ----------
        pin : Box
            What the name belongs to [mm].
        name : str
            Printable.
        letters : Letters
        off : MultiLineString, optional
            Lines that this name keeps off, instead of the roads.
        """
        lines, off = _lines(name), self.road if off is None else off
        # what finds no room in two lines may find it in one between others
        return self._beside(pin, lines, letters, off) or (len(lines) > 1 and self._beside(pin, [name], letters, off))

    def is_free(self, box: Box) -> bool:
        """Say whether nothing else stands in a box on the map [mm]."""
        return bool(self._free(np.array([box])).all())

    def _beside(self, pin: Box, lines: list[str], letters: Letters, off: Any) -> bool:  # noqa: ANN401 - a MultiLineString
        text, width, height = _set(lines, letters)
        left, top, right, bottom = pin
        x, y = (left + right) / 2, (top + bottom) / 2
        corners = (
            (right + 0.4, y - height / 2),
            (left - 0.4 - width, y - height / 2),
            (x - width / 2, bottom + 0.1),
            (x - width / 2, top - 0.1 - height),
            (right, bottom - 0.5),
            (left - width, top + 0.5 - height),
        )
        boxes = np.array([(x, y, x + width, y + height) for x, y in corners])
        free = boxes[self._free(boxes)]
        if not len(free):
            return False
        clear = ~shapely.intersects(off, shapely.box(*free.T))
        if not (clear.any() or letters.on_road):
            return False
        self._take(free[int(clear.argmax())], text, letters)
        return True

    def inside(self, area: Any, name: str, letters: Letters) -> bool:  # noqa: ANN401 - a polygon
        """Put a name into an area on paper, as near as can be to its middle; False where there is no room."""
        text, width, height = _set(_lines(name), letters)
        (x, y), (left, top, right, bottom) = shapely.get_coordinates(shapely.point_on_surface(area))[0], area.bounds
        tried = np.meshgrid(np.arange(left, right, STEP_MM), np.arange(top, bottom, STEP_MM))
        middles = np.vstack([(x, y), np.column_stack([of.ravel() for of in tried])])
        boxes = _around(middles, width, height)
        shapely.prepare(area)
        fits = self._free(boxes) & shapely.contains(area, shapely.box(*boxes.T))
        boxes = boxes[fits]
        clear = ~shapely.intersects(self.road, shapely.box(*boxes.T))
        if not len(boxes):
            return False
        self._take(boxes[np.lexsort((np.hypot(*(middles[fits] - (x, y)).T), ~clear))[0]], text, letters)
        return True

    def apart(self, x: float, y: float, name: str, letters: Letters) -> bool:
        """Put a name where there is room, at the end of a line from its point [mm]; False where there is none."""
        text, width, height = _set(_lines(name), letters)
        radii, angles = np.meshgrid(np.arange(width / 2, FARTHEST_MM, STEP_MM), ANGLES)
        ways = np.column_stack([(radii * np.cos(angles)).ravel(), (radii * np.sin(angles)).ravel()])
        boxes = _around(ways + np.array([x, y]), width, height)
        boxes = boxes[self._free(boxes)]
        ends = np.column_stack([np.clip(x, boxes[:, 0], boxes[:, 2]), np.clip(y, boxes[:, 1], boxes[:, 3])])
        lines = shapely.linestrings(np.stack([np.broadcast_to((x, y), ends.shape), ends], axis=1))
        hides = np.zeros(len(lines), dtype=bool)
        if self._names:
            hides = shapely.intersects(lines[:, None], shapely.box(*np.array(self._names).T)[None, :]).any(axis=1)
        crossed = shapely.intersects(lines[:, None], shapely.box(*np.array(self.taken).T)[None, :]).sum(axis=1)
        cost = np.where(hides, np.inf, shapely.length(lines) + CROSSED_MM * crossed)
        if not len(cost) or not np.isfinite(cost.min()):
            return False
        best = int(cost.argmin())
        line = lines[best]
        self.leads += [
            LEAD.format(d=f"M{x:.2f} {y:.2f}L{ends[best][0]:.2f} {ends[best][1]:.2f}"),
            LEAD_END.format(x=x, y=y),
        ]
        on_it = shapely.get_coordinates(shapely.line_interpolate_point(line, np.arange(0, line.length, 1.0)))
        self.taken += [(at_x - 0.5, at_y - 0.5, at_x + 0.5, at_y + 0.5) for at_x, at_y in on_it.tolist()]
        self._take(boxes[best], text, letters)
        return True

    def _free(self, boxes: np.ndarray) -> np.ndarray:
        """Say which boxes lie on the map where nothing else stands."""
        taken = np.array(self.taken)
        meets = (boxes[:, None, :2] < taken[None, :, 2:]) & (taken[None, :, :2] < boxes[:, None, 2:])
        size = np.array([self.frame.width_mm, self.frame.height_mm])
        on_map = (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, 2:] <= size).all(axis=1)
        return np.asarray(on_map & ~np.any(np.all(meets, axis=2), axis=1))

    def _take(self, box: np.ndarray, text: str, letters: Letters) -> None:
        left, top, right, bottom = box.tolist()
        own: Box = (left, top, right, bottom)
        self.taken.append(own)
        self._names.append(own)
        self.labels.append(placed(own) | {"text": text, "size": letters.points})


def _lines(name: str) -> list[str]:
    """Break a long name into lines of about equal length, as few as can be."""
    if len(name) <= WIDEST:
        return [name]
    lines = textwrap.wrap(name, WIDEST, break_on_hyphens=False)
    tried = (textwrap.wrap(name, widest, break_on_hyphens=False) for widest in range(len(name) // len(lines), WIDEST))
    return next((equal for equal in tried if len(equal) <= len(lines)), lines)


def _set(lines: list[str], letters: Letters) -> tuple[str, float, float]:
    """Set the lines of a name: its text, width and height [mm]."""
    return "\n".join(lines), max(map(len, lines)) * letters.width_mm + 0.8, len(lines) * letters.line_mm


def _around(middles: np.ndarray, width: float, height: float) -> np.ndarray:
    half = np.array([width, height]) / 2
    return np.hstack([middles - half, middles + half])
