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

from kaur_gis.judge.facts import Broken, Facts
from kaur_gis.judge.ground import Drawn, Floats, Ground, Ints
from kaur_gis.judge.roads import DRAWN_M, DRAWN_SHARE

GEOD = Geod(ellps="WGS84")
TOUCH_DEG = 3e-7  # lines are drawn to 7 decimals of a degree
KINDS = ("bridges", "fords", "ferries", "unpaved_m", "unknown_m")
COUNTS = KINDS[:3]
Bools = NDArray[np.bool_]


def passed(facts: Facts) -> Iterator[Broken]:
    """Each leg says the bridges, fords, ferries, rough metres and other kabupaten that its line passes."""
    names = (*KINDS, "outside_m")
    drawn, metres = facts.drawn, np.array([leg["metres"] for leg in facts.all_today], dtype=np.float64)
    along = _Along(facts.ground, drawn)
    least, most = along.bounds(drawn.line, metres)
    outside_m = np.array(_outside_m(facts))[drawn.line, None]
    least, most = np.hstack([least, outside_m]), np.hstack([most, outside_m])
    said = np.array([[leg[name] for name in names] for leg in facts.all_today], dtype=np.float64).reshape(
        -1, len(names)
    )
    slack = np.where(np.isin(names, COUNTS), 0.0, (DRAWN_SHARE * metres + DRAWN_M)[:, None])
    for number, column in np.argwhere(~((least - slack <= said) & (said <= most + slack))).tolist():
        leg, name = facts.all_today[number], names[column]
        bounds = f"{least[number, column]:.0f} .. {most[number, column]:.0f}"
        yield Broken(f"{leg['kode_trip']} {leg['order']}", f"{name} = {leg[name]}", bounds)


class _Along:
    """What the pieces of lines are part of: of each kind, whether all of the roads there have it, and whether any."""

    def __init__(self, ground: Ground, drawn: Drawn) -> None:
        roads = ground.inputs.roads
        edges, self.schematic = roads.edges, roads.schematic
        surface = ground.surface
        self.counts = edges[["bridges", "fords"]].to_numpy(np.int64)
        is_ferry = (edges["highway"] == "ferry").to_numpy()
        self.flags = np.column_stack([self.counts > 0, is_ferry, surface == "unpaved", surface == "unknown"])
        self.edge_m = edges["metres"].to_numpy(np.float64)
        self.roads: NDArray[np.object_] = edges.geometry.to_numpy()
        self.tree = shapely.STRtree(self.roads)
        driven = (drawn.pieces[:, :2] != drawn.pieces[:, 2:]).any(axis=1)  # a drive to where one is has one point twice
        self.owner = drawn.owner[driven]
        self.metres = drawn.piece_m[driven]
        number, odd = drawn.number[driven], np.flatnonzero(drawn.number[driven] < 0)
        straight = ground.straight
        is_used = np.zeros(len(straight.pieces) + 1, dtype=np.bool_)
        is_used[number] = True  # many legs share their roads; the last, at -1, stands for those that are of none
        used, at = np.flatnonzero(is_used[:-1]), (np.cumsum(is_used) - 1)[number]
        at[odd] = len(used) + np.arange(len(odd))
        once = np.concatenate([straight.pieces[used], drawn.pieces[driven][odd]])
        known = straight.lines_of(np.concatenate([used, np.full(len(odd), -1)]))
        piece, edge = self._roads(once, known)
        on_any = np.isin(np.arange(len(once)), piece)[:, None]
        all_, any_ = np.repeat(on_any, len(KINDS), axis=1), np.repeat(~on_any, len(KINDS), axis=1)
        np.logical_and.at(all_, piece, self.flags[edge])
        np.logical_or.at(any_, piece, self.flags[edge])
        self.all, self.any = all_[at], any_[at]
        self.begin, self.end = (self._touched(shapely.get_point(drawn.lines, place)) for place in (0, -1))
        first = np.full(len(once), -1)
        first[piece[::-1]] = edge[::-1]
        self.edge = first[at]

    def _touched(self, points: np.ndarray) -> Bools:
        """Tell of some points, row by row, of which kinds a road there is."""
        found = np.zeros((len(points), len(KINDS)), dtype=np.bool_)
        once, at = np.unique(shapely.get_coordinates(points), axis=0, return_inverse=True)
        point, edge = self.tree.query(shapely.points(once), predicate="dwithin", distance=TOUCH_DEG)
        np.logical_or.at(found, point, self.flags[edge])
        return found[at.reshape(-1)]

    def _roads(self, drawn: Floats, known: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        """Pair each piece with the edges on which it lies, whole or in part; of some that is known already."""
        n_edges = len(self.roads)
        begin, end = drawn[:, :2], drawn[:, 2:]
        middle = (begin + end) / 2
        piece, edge = self.tree.query(shapely.box(*(middle - TOUCH_DEG).T, *(middle + TOUCH_DEG).T))
        own = np.sort(known[0] * n_edges + known[1])
        near = piece * n_edges + edge
        others = near[np.append(own, -1)[np.searchsorted(own, near)] != near]
        for place in (middle, begin, end):
            piece, edge = others // n_edges, others % n_edges
            others = others[shapely.dwithin(self.roads[edge], shapely.points(place[piece]), TOUCH_DEG)]
        on = np.sort(np.concatenate([own, others]))
        return on // n_edges, on % n_edges

    def bounds(self, line: Ints, metres: Floats) -> tuple[Floats, Floats]:
        """Find the least and the most that some drives pass, by column, said to be so long [m]."""
        return self._links(line, metres) if self.schematic else self._along(line)

    def _along(self, line: Ints) -> tuple[Floats, Floats]:
        n = len(COUNTS)
        all_, any_, begin, end = (values[:, :n] for values in (self.all, self.any, self.begin, self.end))
        nothing = np.zeros_like(begin)
        runs = _runs(all_, self.owner, nothing, nothing), _runs(any_, self.owner, begin, end)
        least_m, most_m = (
            _sums(on[:, n:] * self.metres[:, None], self.owner, len(nothing)) for on in (self.all, self.any)
        )
        least, most = np.hstack([np.minimum(*runs), least_m]), np.hstack([np.maximum(*runs), most_m])
        return least[line], most[line]

    def _links(self, line: Ints, metres: Floats) -> tuple[Floats, Floats]:
        """Sum up the links of a schematic network, each of which states its own bridges."""
        edge, owner = self.edge[self.edge >= 0], self.owner[self.edge >= 0]
        flags, nothing = self.flags[edge], np.zeros_like(self.begin)
        numbers = np.where(np.isin(KINDS, COUNTS), 0.0, flags * self.edge_m[edge, None])
        numbers[:, :2] = self.counts[edge]
        passed = _sums(numbers, owner, len(nothing))
        passed[:, KINDS.index("ferries")] = _runs(flags, owner, nothing, nothing)[:, KINDS.index("ferries")]
        lost = metres - np.bincount(owner, self.edge_m[edge], len(nothing))[line]
        more = np.where(lost > DRAWN_M, np.inf, 0.0)[:, None]  # links between two points of one place have no line
        return passed[line], passed[line] + more


def _sums(values: Floats | Bools, owner: Ints, n: int) -> Floats:
    """Add up what the pieces of each line have."""
    return np.column_stack([np.bincount(owner, column, n) for column in values.T])


def _runs(on: Bools, owner: Ints, begin: Bools, end: Bools) -> Floats:
    """Count how often each line enters something: at its begin, along its pieces, or at its end."""
    starts, stops = (np.flatnonzero(np.diff(owner, **{side: -1})) for side in ("prepend", "append"))
    before, last = np.roll(on, 1, axis=0), begin.copy()
    before[starts] = begin[owner[starts]]
    last[owner[stops]] = on[stops]
    runs: Floats = begin + _sums(on & ~before, owner, len(begin)) + (end & ~last)
    return runs


def _outside_m(facts: Facts) -> list[float]:
    """Metres of each line that lie in no kecamatan [m]; none on a schematic network, whose course is not known."""
    lines = facts.drawn.lines
    if facts.plan.inputs.roads.schematic:
        return [0.0] * len(lines)
    home = facts.once(home_of)
    within = shapely.contains_properly(home, lines)
    return [
        0.0 if inside else GEOD.geometry_length(shapely.difference(line, home))
        for line, inside in zip(lines, within, strict=True)
    ]


def home_of(facts: Facts) -> shapely.Geometry:
    """All kecamatan as one area."""
    home = facts.plan.inputs.kecamatan.geometry.union_all()
    shapely.prepare(home)
    return home
