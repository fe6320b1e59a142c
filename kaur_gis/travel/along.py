"""What lies along a drive: bridges, fords, ferries, surfaces, other kabupaten, and its course on the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.ops import substring

from kaur_gis.rules import FERRY
from kaur_gis.travel.network import MM, Bools, Floats, Ints, Network
from kaur_gis.travel.speeds import UNKNOWN, UNPAVED

GEOD = Geod(ellps="WGS84")
MEASURES = ("bridges", "fords", "ferries", "unpaved_m", "unknown_m", "outside_m")
PLACES = 7  # decimals of a degree: OSM's own precision, 1 cm; what is nearer is the same point


@dataclass(frozen=True, eq=False)
class Parts:
    """The arcs of drives, each with the shares of its length between which it is driven.

    Attributes
    ----------
    n_drives : int
    drive : shape (k,)
        Which drive each part belongs to; rising, and within a drive in driving order.
    arc : shape (k,)
    start, end : shape (k,)
        0 <= start < end <= 1.
    """

    n_drives: int
    drive: Ints
    arc: Ints
    start: Floats
    end: Floats

    @classmethod
    def of(cls, drives: Sequence[list[tuple[int, float, float]]]) -> Parts:
        """Take the (arc, start, end) rows of each drive; those of no length go."""
        rows = [(drive, *row) for drive, parts in enumerate(drives) for row in parts if row[1] < row[2]]
        drive, arc, start, end = np.array(rows, dtype=np.float64).reshape(-1, 4).T
        return cls(len(drives), drive.astype(np.int64), arc.astype(np.int64), start, end)

    def summed(self, values: Floats | Ints | Bools) -> Floats:
        """Sum a value of the parts for every drive; shapes (k,) to (n_drives,)."""
        return np.bincount(self.drive, values, self.n_drives).astype(np.float64)

    def runs(self, on: Bools) -> Ints:
        """Count how often each drive enters something; shape (n_drives,)."""
        entered = on.copy()
        entered[1:] &= ~on[:-1] | (self.drive[1:] != self.drive[:-1])
        return self.summed(entered).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Along:
    """A network with what its arcs pass.

    Attributes
    ----------
    network : Network
    kinds : shape (m,)
        How each arc's surface counts (`speeds.surface_kind`).
    home : Geometry
        The kabupaten, in longitude and latitude.
    """

    network: Network
    kinds: Ints
    home: shapely.Geometry

    def measures(self, parts: Parts) -> dict[str, Ints]:
        """Count and measure what drives pass: `MEASURES`, in pieces or in metres; each of shape (n_drives,)."""
        mm = self.network.mm[parts.arc] * (parts.end - parts.start)
        kinds = self.kinds[parts.arc]
        unpaved = parts.summed(mm * (kinds == UNPAVED))
        loose = unpaved + parts.summed(mm * (kinds == UNKNOWN))
        bridges, fords, ferry = (column[parts.arc] for column in self._columns)
        return {
            "bridges": self._count(parts, bridges),
            "fords": self._count(parts, fords),
            "ferries": parts.runs(ferry > 0),
            "unpaved_m": _metres(unpaved),
            "unknown_m": _metres(loose) - _metres(unpaved),
            "outside_m": _metres(parts.summed(mm * self._outside_of(parts))),
        }

    def _outside_of(self, parts: Parts) -> Floats:
        """Share of each part that lies outside the kabupaten; of an arc over the border the driven part counts."""
        share = self.outside[parts.arc]
        cut = (share > 0) & (share < 1) & (parts.end - parts.start < 1)
        for row in np.flatnonzero(cut).tolist():
            line = substring(self.network.courses[parts.arc[row]], parts.start[row], parts.end[row], normalized=True)
            inside = shapely.length(shapely.intersection(line, self.home))
            share[row] = 1 - inside / max(shapely.length(line), 1e-12)
        return share

    @cached_property
    def _columns(self) -> tuple[Ints, Ints, Ints]:
        edges = self.network.edges
        bridges, fords = (edges[name].to_numpy(np.int64) for name in ("bridges", "fords"))
        return bridges, fords, (edges["highway"] == FERRY).to_numpy().astype(np.int64)

    def _count(self, parts: Parts, counts: Ints) -> Ints:
        """Count bridges or fords: a real one may be cut into several edges by its tags and is then counted once."""
        return parts.summed(counts).astype(np.int64) if self.network.schematic else parts.runs(counts > 0)

    @cached_property
    def outside(self) -> Floats:
        """Share of each arc that lies outside the kabupaten; 0 on a schematic network, whose course is not known."""
        share = np.zeros(len(self.kinds))
        if self.network.schematic:
            return share
        shapely.prepare(self.home)
        lines = np.flatnonzero(self.network.lines & ~shapely.contains_properly(self.home, self.network.courses))
        courses = self.network.courses[lines]
        inside = shapely.length(shapely.intersection(courses, self.home))
        share[lines] = np.clip(1 - inside / shapely.length(courses), 0.0, 1.0)
        two_way = lines[self.network.twin[lines] >= 0]
        share[self.network.twin[two_way]] = share[two_way]
        return share

    @cached_property
    def _vertices(self) -> tuple[Floats, Ints, Floats]:
        """Corners of all arcs one after the other: where, from which one each arc begins, share of its length."""
        xy, owner = shapely.get_coordinates(self.network.courses, return_index=True)
        first = np.searchsorted(owner, np.arange(len(self.kinds) + 1))
        inside = owner[1:] == owner[:-1]
        metres = np.where(inside, GEOD.inv(*xy[:-1].T, *xy[1:].T)[2], 0.0)
        walked = np.concatenate([[0.0], np.cumsum(metres)])
        whole = np.maximum(walked[first[1:] - 1] - walked[first[:-1]], 1e-9)
        return xy, first, (walked - walked[first[owner]]) / whole[owner]

    def courses(self, parts: Parts, begins: Floats, ends: Floats) -> NDArray[np.object_]:
        """Draw drives from points of the road to others, each corner once; shapes (n_drives, 2) to (n_drives,)."""
        xy, first, share = self._vertices
        size = first[parts.arc + 1] - first[parts.arc]
        owner = np.repeat(np.arange(len(size)), size)
        at = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size - first[parts.arc], size)
        driven = (share[at] >= parts.start[owner]) & (share[at] <= parts.end[owner])
        one_each = np.arange(parts.n_drives)
        drive = np.concatenate([one_each, parts.drive[owner[driven]], one_each])
        order = np.argsort(drive, kind="stable")
        drive = drive[order]
        x, y = np.round(np.concatenate([begins, xy[at[driven]], ends])[order], PLACES).T
        moved = np.ones(len(drive), dtype=np.bool_)
        moved[1:] = (drive[1:] != drive[:-1]) | (x[1:] != x[:-1]) | (y[1:] != y[:-1])
        times = np.where(np.bincount(drive[moved])[drive[moved]] > 1, 1, 2)  # a line has two corners at least
        where = np.repeat(np.flatnonzero(moved), times)
        return np.asarray(shapely.linestrings(x[where], y[where], indices=drive[where]), dtype=object)


def _metres(mm: Floats) -> Ints:
    return np.rint(mm / MM).astype(np.int64)
