"""The promise about what a driver passes: counted and measured again along the line of each leg.

A piece of a line that several roads share, or an end that touches the next road, can be read in more than one way:
what a leg says must lie between the least and the most that its line allows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from kaur_gis.inputs import Inputs
from kaur_gis.judge.facts import Broken, Facts
from kaur_gis.judge.ground import Floats, Ground, Ints, metres_of, pieces
from kaur_gis.judge.roads import DRAWN_M, DRAWN_SHARE

GEOD = Geod(ellps="WGS84")
TOUCH_DEG = 3e-7  # lines are drawn to 7 decimals of a degree
POINTS = 3  # of a piece that must lie on an edge: both ends and the middle
KINDS = ("bridges", "fords", "ferries", "unpaved_m", "unknown_m")
COUNTS = KINDS[:3]
Bools = NDArray[np.bool_]


def passed(facts: Facts) -> Iterator[Broken]:
    """Each leg says the bridges, fords, ferries, rough metres and other kabupaten that its line passes."""
    inputs = facts.plan.inputs
    named = [(f"{kode} {leg['order']}", leg) for kode, legs in facts.legs_today.items() for leg in legs]
    lines = np.array([leg["geometry"] for _, leg in named], dtype=object)
    along = _Along(facts.ground, lines)
    outside_m = _outside_m(inputs, lines)
    for number, (value, leg) in enumerate(named):
        within = DRAWN_SHARE * leg["metres"] + DRAWN_M
        bounds = along.bounds(number, leg["metres"])
        bounds["outside_m"] = (outside_m[number], outside_m[number])
        for name, (least, most) in bounds.items():
            slack = 0.0 if name in COUNTS else within
            if not least - slack <= leg[name] <= most + slack:
                yield Broken(value, f"{name} = {leg[name]}", f"{least:.0f} .. {most:.0f}")


class _Along:
    """What the pieces of lines are part of: of each kind, whether all of the roads there have it, and whether any."""

    def __init__(self, ground: Ground, lines: np.ndarray) -> None:
        roads = ground.inputs.roads
        edges, self.lines, self.schematic = roads.edges, lines, roads.schematic
        surface = ground.surface
        self.counts = edges[["bridges", "fords"]].to_numpy(np.int64)
        is_ferry = (edges["highway"] == "ferry").to_numpy()
        self.flags = np.column_stack([self.counts > 0, is_ferry, surface == "unpaved", surface == "unknown"])
        self.edge_m = edges["metres"].to_numpy(np.float64)
        self.tree = shapely.STRtree(edges.geometry.to_numpy())
        drawn, owner = pieces(lines)
        driven = (drawn[:, :2] != drawn[:, 2:]).any(axis=1)  # a drive to where one is has two corners at one point
        self.first = np.searchsorted(owner[driven], np.arange(len(lines) + 1))
        once, at = np.unique(drawn[driven], axis=0, return_inverse=True)  # many legs share their roads
        self.metres = metres_of(once)[at]
        piece, edge = self._roads(once, len(edges))
        known = np.isin(np.arange(len(once)), piece)[:, None]
        all_, any_ = np.repeat(known, len(KINDS), axis=1), np.repeat(~known, len(KINDS), axis=1)
        np.logical_and.at(all_, piece, self.flags[edge])
        np.logical_or.at(any_, piece, self.flags[edge])
        self.all, self.any = all_[at], any_[at]
        self.begin, self.end = (self._touched(shapely.get_point(lines, place)) for place in (0, -1))
        first = np.full(len(once), -1)
        first[piece[::-1]] = edge[::-1]
        self.edge = first[at]

    def _touched(self, points: np.ndarray) -> Bools:
        """Tell of some points, row by row, of which kinds a road there is."""
        found = np.zeros((len(points), len(KINDS)), dtype=np.bool_)
        point, edge = self.tree.query(points, predicate="dwithin", distance=TOUCH_DEG)
        np.logical_or.at(found, point, self.flags[edge])
        return found

    def _roads(self, drawn: Floats, n_edges: int) -> tuple[Ints, Ints]:
        """Pair each piece with the edges on which it lies, whole or in part."""
        begin, end = drawn[:, :2], drawn[:, 2:]
        points = shapely.points(np.concatenate([begin, end, (begin + end) / 2]))
        piece, edge = self.tree.query(points, predicate="dwithin", distance=TOUCH_DEG)
        pair, times = np.unique(piece % max(len(begin), 1) * n_edges + edge, return_counts=True)
        on = pair[times == POINTS]
        return on // n_edges, on % n_edges

    def bounds(self, number: int, metres: int) -> dict[str, tuple[float, float]]:
        """Find the least and the most that one line passes, by column; the leg is said to be so long [m]."""
        own = slice(self.first[number], self.first[number + 1])
        if self.schematic:
            return self._links(own, metres)
        least, most = self.all[own], np.vstack([self.begin[number], self.any[own], self.end[number]])
        found = {}
        for column, name in enumerate(KINDS):
            if name in COUNTS:
                runs = _runs(least[:, column]), _runs(most[:, column])
                found[name] = float(min(runs)), float(max(runs))
            else:
                low, high = (self.metres[own] @ on[own, column] for on in (self.all, self.any))
                found[name] = float(low), float(high)
        return found

    def _links(self, own: slice, metres: int) -> dict[str, tuple[float, float]]:
        """Sum up the links of a schematic network, each of which states its own bridges."""
        edge = self.edge[own][self.edge[own] >= 0]
        lost = metres - self.edge_m[edge].sum()  # links between two points of one place have no line
        more = np.inf if lost > DRAWN_M else 0.0
        found = {"bridges": self.counts[edge, 0].sum(), "fords": self.counts[edge, 1].sum()}
        found["ferries"] = _runs(self.flags[edge, KINDS.index("ferries")])
        found |= {name: self.edge_m[edge] @ self.flags[edge, KINDS.index(name)] for name in ("unpaved_m", "unknown_m")}
        return {name: (float(number), float(number + more)) for name, number in found.items()}


def _runs(on: Bools) -> int:
    """Count how often a row of pieces enters something."""
    return int(on[:1].sum() + (on[1:] & ~on[:-1]).sum())


def _outside_m(inputs: Inputs, lines: np.ndarray) -> list[float]:
    """Metres of each line that lie in no kecamatan [m]; none on a schematic network, whose course is not known."""
    if inputs.roads.schematic:
        return [0.0] * len(lines)
    home = inputs.kecamatan.geometry.union_all()
    shapely.prepare(home)
    within = shapely.contains_properly(home, lines)
    return [
        0.0 if inside else GEOD.geometry_length(shapely.difference(line, home))
        for line, inside in zip(lines, within, strict=True)
    ]
