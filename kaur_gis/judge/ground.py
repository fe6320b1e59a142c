"""The judge's own reading of the roads, once for all vehicles and promises: where they run, and how quick they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from kaur_gis.config import Weather
from kaur_gis.inputs import Inputs
from kaur_gis.judge.rows import Row, rows_of
from kaur_gis.judge.speeds import kmh_of, surface_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EQUATOR_M, FLAT = 6378137.0, 0.00669437999014  # of WGS 84: its radius, and its squared eccentricity
ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)
"""Odd numbers with many bits, one for each number of a piece."""
LAST = np.uint64(2**64 - 1)
SPARE = 8  # places for each key where one looks for it first: so most stand alone
LONG = 0.05  # degrees: over so much a straight piece lies nowhere beside itself by more than centimetres
SPEED_TAGS = ("highway", "surface", "smoothness", "tracktype", "access", "motor_vehicle", "motorcycle", "foot")
SPEED_NUMBERS = ("maxspeed_kmh", "maxweight_t", "width_m", "fords")


class Ground:
    """The roads of a plan, open or not.

    Parameters
    ----------
    inputs : Inputs
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.crs = inputs.operation.region.metric_crs

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def in_metres(self, points: NDArray[np.object_]) -> NDArray[np.object_]:
        """Take points from longitude and latitude to metres."""
        x, y = self._transformer.transform(*shapely.get_coordinates(points).T)
        return np.asarray(shapely.points(x, y))

    @cached_property
    def points(self) -> NDArray[np.object_]:
        """Nodes, in metres."""
        return np.asarray(self.inputs.roads.nodes.geometry.to_crs(self.crs).to_numpy())

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """Edges, in metres: straight in degrees as they are drawn, so that a long piece bends here."""
        edges = self.inputs.roads.edges.geometry
        lines = np.array(edges.to_crs(self.crs).to_numpy())
        long = shapely.length(edges.to_numpy()) > LONG
        lines[long] = edges[long].segmentize(LONG).to_crs(self.crs).to_numpy()
        return lines

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Edges by where they lie."""
        return shapely.STRtree(self.lines)

    @cached_property
    def ends(self) -> tuple[Ints, Ints]:
        """Nodes at which each edge begins and ends, by their place in the layer."""
        nodes, edges = self.inputs.roads.nodes.index, self.inputs.roads.edges
        return nodes.get_indexer(edges["u"]).astype(np.int64), nodes.get_indexer(edges["v"]).astype(np.int64)

    @cached_property
    def both_ways(self) -> Ints:
        """Which road each edge is, the same for both of its directions."""
        edges = self.inputs.roads.edges
        own, twin = edges.index.to_numpy(np.int64), edges["twin"].to_numpy(np.int64)
        road: Ints = np.where(twin < 0, own, np.minimum(twin, own))
        return road

    @cached_property
    def metres(self) -> Floats:
        """Length of each edge [m]."""
        return np.asarray(self.inputs.roads.edges["metres"], dtype=np.float64)

    @cached_property
    def kinds(self) -> tuple[list[Row], Ints]:
        """Each set of values on which a speed depends, once; and which one each edge has."""
        edges = pd.DataFrame(self.inputs.roads.edges)[[*SPEED_TAGS, *SPEED_NUMBERS]].reset_index(drop=True)
        number: Ints = np.asarray(edges.groupby(list(edges.columns), sort=False, dropna=False).ngroup(), dtype=np.int64)
        first = np.unique(number, return_index=True)[1]
        return rows_of(edges.iloc[first]), number

    def kmh(self, profile: str, weather: Weather, closed: Collection[int]) -> Floats:
        """Speed of a vehicle on each edge [km/h]; 0 where it may not or can't go, or some closures hold."""
        table, roads = self.inputs.speeds, self.inputs.roads
        kinds, kind = self.kinds
        speeds = np.array([kmh_of(row, table.vehicles[profile], table, weather) for row in kinds], dtype=np.float64)
        kmh = speeds[kind]
        kmh[roads.edges.index.isin([edge for number in closed for edge in roads.closures[number].edges])] = 0
        return kmh

    @cached_property
    def surface(self) -> NDArray[np.str_]:
        """How the surface of each edge counts."""
        kinds, kind = self.kinds
        return np.array([surface_of(row, self.inputs.speeds) for row in kinds], dtype=np.str_)[kind]

    @cached_property
    def straight(self) -> Straight:
        """Every straight piece of a road."""
        return Straight.of(self.inputs.roads.edges.geometry.to_numpy())

    def off_road(self, drawn: Drawn, within_m: float) -> list[int]:
        """List the drives that leave the roads by more than some metres, at an end or halfway of a piece."""
        odd = drawn.number < 0
        owner = drawn.owner[odd]
        ours, at = np.unique(drawn.pieces[odd], axis=0, return_inverse=True)  # legs that end at one stop share theirs
        places = np.concatenate([ours[:, :2], ours[:, 2:], (ours[:, :2] + ours[:, 2:]) / 2])
        metric = self.in_metres(shapely.points(places))
        on_road = np.zeros(len(places), dtype=np.bool_)
        on_road[self.tree.query(metric, predicate="dwithin", distance=within_m)[0]] = True
        begins, ends, middles = on_road.reshape(3, -1)
        off = ~(begins & ends & middles)[at.reshape(-1)]
        return np.flatnonzero(np.isin(drawn.line, owner[off])).tolist()


@dataclass(frozen=True, eq=False)
class Straight:
    """The straight pieces of some lines, each once, and the lines they are of.

    Attributes
    ----------
    key : shape (m + 1,)
        Of each piece, ascending; two pieces may share one by chance, then only one of them is found. The last is the
        greatest number there is, of no piece.
    near : shape (2 ** k,)
        The place in `key` where those begin whose first k bits are such a number.
    padded : shape (m + 1, 4)
        The pieces, and behind them one that is none.
    begins : shape (m + 1,)
        Where the lines of each piece begin in `line`.
    line : shape (k,)
    """

    key: NDArray[np.uint64]
    near: Ints
    padded: Floats
    begins: Ints
    line: Ints

    @classmethod
    def of(cls, lines: np.ndarray) -> Straight:
        """Cut lines into pieces."""
        every, owner = pieces(lines)
        keys = _keys(every)
        order = np.argsort(keys, kind="stable")
        new = np.diff(keys[order], prepend=~keys[order[:1]]) != 0
        key, first = np.append(keys[order[new]], LAST), every.take(order[new], axis=0)
        number = np.cumsum(new) - 1
        own = _same(every.take(order, axis=0), first.take(number, axis=0))
        begins = np.searchsorted(number[own], np.arange(len(first) + 1))
        bits = max(SPARE * len(first), 2).bit_length()
        begun = np.bincount((key[:-1] >> np.uint64(64 - bits)).astype(np.int64), minlength=2**bits)
        padded = np.append(first, np.full((1, 4), np.nan), axis=0)
        near = np.cumsum(begun) - begun
        return cls(key, near, padded, begins.astype(np.int64), owner[order[own]].astype(np.int64))

    def find(self, drawn: Floats) -> Ints:
        """Look up the number of each of some pieces; -1 for one that is not among these."""
        keys = _keys(drawn)
        at = self.near[keys >> np.uint64(65 - len(self.near).bit_length())]
        before = np.flatnonzero(self.key[at] < keys)
        while len(before):
            at[before] += 1
            before = before[self.key[at[before]] < keys[before]]
        return np.where(_same(self.padded.take(at, axis=0), drawn), at, -1)

    @property
    def pieces(self) -> Floats:
        """The pieces, shape (m, 4)."""
        return self.padded[:-1]

    @cached_property
    def metres(self) -> Floats:
        """Length of each piece on the ellipsoid [m], and behind them one that is none, shape (m + 1,)."""
        return metres_of(self.padded)

    def lines_of(self, number: Ints) -> tuple[Ints, Ints]:
        """Pair each of some numbers, by its place, with the lines of that piece; -1 with none."""
        known = np.flatnonzero(number >= 0)
        first, size = self.begins[number[known]], np.diff(self.begins)[number[known]]
        place = np.repeat(known, size)
        before = np.repeat(np.cumsum(size) - size, size)
        return place, self.line[np.repeat(first, size) + np.arange(len(place)) - before]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Lines of drives, each once however many drives take it, cut into their straight pieces.

    Attributes
    ----------
    straight : Straight
        The pieces of the roads.
    line : shape (n,)
        Which of the lines each drive takes.
    lines : shape (m,)
        In longitude and latitude.
    pieces : shape (k, 4)
    owner, number : shape (k,)
        The line of each piece, and its number among those of the roads, -1 for none.
    """

    straight: Straight
    line: Ints
    lines: NDArray[np.object_]
    pieces: Floats
    owner: Ints
    number: Ints

    @classmethod
    def of(cls, ground: Ground, drives: Sequence[shapely.LineString]) -> Drawn:
        """Cut lines, and look their pieces up among those of the roads."""
        every = np.array(drives, dtype=object)
        xy, owner = shapely.get_coordinates(every, return_index=True)
        ends = np.searchsorted(owner, np.arange(len(every) + 1)).tolist()
        drawn = [
            (kind, xy[low:high].tobytes())
            for kind, (low, high) in zip(shapely.get_type_id(every).tolist(), pairwise(ends), strict=True)
        ]
        place = {one: number for number, one in enumerate(dict.fromkeys(drawn))}
        line = np.array([place[one] for one in drawn], dtype=np.int64)
        lines = every[np.unique(line, return_index=True)[1]]
        cut, owner = pieces(lines)
        return cls(ground.straight, line, lines, cut, owner, ground.straight.find(cut))

    @cached_property
    def piece_m(self) -> Floats:
        """Length of each piece on the ellipsoid [m]."""
        metres, odd = self.straight.metres[self.number], self.number < 0
        metres[odd] = metres_of(self.pieces[odd])
        return metres

    @cached_property
    def lengths_m(self) -> list[float]:
        """Length of each drive on the ellipsoid [m]."""
        lengths: list[float] = np.bincount(self.owner, self.piece_m, len(self.lines))[self.line].tolist()
        return lengths


def pieces(lines: np.ndarray) -> tuple[Floats, Ints]:
    """Cut lines into their straight pieces: x, y, x, y, each from its smaller end; and to which line each belongs."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inside = np.flatnonzero(owner[:-1] == owner[1:])
    x, y = xy[:, 0], xy[:, 1]
    turned = ((x[:-1] > x[1:]) | ((x[:-1] == x[1:]) & (y[:-1] > y[1:])))[inside]
    ends = np.column_stack([inside + turned, inside + ~turned])
    return xy.take(ends, axis=0).reshape(-1, 4), owner[inside]


def metres_of(pieces: Floats) -> Floats:
    """Lengths of straight pieces [m]: by the radii of the ellipsoid at their middle, to 1e-5 for any road."""
    west, south, east, north = np.radians(pieces).T
    middle = (south + north) / 2
    bent = 1 - FLAT * np.sin(middle) ** 2
    along = EQUATOR_M * (1 - FLAT) / bent**1.5 * (north - south)
    across = EQUATOR_M / np.sqrt(bent) * np.cos(middle) * (east - west)
    return np.asarray(np.hypot(along, across))


def _keys(pieces: Floats) -> NDArray[np.uint64]:
    """Mix the bits of the four numbers of each piece into one."""
    keys = np.zeros(len(pieces), dtype=np.uint64)
    for numbers, odd, other in zip(np.ascontiguousarray(pieces.T), ODD, ODD[::-1], strict=True):
        bits = numbers.view(np.uint64) * odd
        keys += (bits ^ (bits >> np.uint64(29))) * other
    return keys


def _same(some: Floats, others: Floats) -> NDArray[np.bool_]:
    """Tell which pieces are equal, row by row."""
    same: NDArray[np.bool_] = np.logical_and.reduce([a == b for a, b in zip(some.T, others.T, strict=True)])
    return same
