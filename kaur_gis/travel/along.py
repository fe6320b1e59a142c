"""What lies along a drive: bridges, fords, ferries, surfaces, other kabupaten, and its course on the map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from pyproj import Geod
from shapely.ops import substring

from kaur_gis.travel.network import MM, Bools, Floats, Ints, Network
from kaur_gis.travel.speeds import UNKNOWN, UNPAVED

GEOD = Geod(ellps="WGS84")
FERRY = "ferry"
MEASURES = ("bridges", "fords", "ferries", "unpaved_m", "unknown_m", "outside_m")
PLACES = 7  # decimals of a degree: OSM's own precision, 1 cm; what is nearer is the same point


@dataclass(frozen=True, eq=False)
class Parts:
    """The arcs of a drive in driving order, each with the shares of its length between which it is driven.

    Attributes
    ----------
    arc : shape (k,)
    start, end : shape (k,)
        0 <= start < end <= 1.
    """

    arc: Ints
    start: Floats
    end: Floats

    @classmethod
    def of(cls, rows: list[tuple[int, float, float]]) -> Parts:
        """Take (arc, start, end) rows; those of no length go."""
        arc, start, end = np.array([row for row in rows if row[1] < row[2]], dtype=np.float64).reshape(-1, 3).T
        return cls(arc.astype(np.int64), start, end)


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

    def measures(self, parts: Parts) -> dict[str, int]:
        """Count and measure what a drive passes: `MEASURES`, in pieces or in metres."""
        mm = self.network.mm[parts.arc] * (parts.end - parts.start)
        kinds = self.kinds[parts.arc]
        unpaved = float(mm[kinds == UNPAVED].sum())
        loose = unpaved + float(mm[kinds == UNKNOWN].sum())
        bridges, fords, ferry = (column[parts.arc] for column in self._columns)
        return {
            "bridges": self._count(bridges),
            "fords": self._count(fords),
            "ferries": _runs(ferry > 0),
            "unpaved_m": round(unpaved / MM),
            "unknown_m": round(loose / MM) - round(unpaved / MM),
            "outside_m": round(float((mm * self._outside_of(parts)).sum()) / MM),
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

    def _count(self, counts: Ints) -> int:
        """Count bridges or fords: a real one may be cut into several edges by its tags and is then counted once."""
        return int(counts.sum()) if self.network.schematic else _runs(counts > 0)

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

    def course(self, parts: Parts, begin: Floats, end: Floats) -> Floats:
        """Corners of a drive from one point of the road to another, each once; shape (k, 2), at least two."""
        xy, first, share = self._vertices
        size = first[parts.arc + 1] - first[parts.arc]
        owner = np.repeat(np.arange(len(size)), size)
        at = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size) + first[parts.arc][owner]
        driven = (share[at] >= parts.start[owner]) & (share[at] <= parts.end[owner])
        corners = np.round(np.concatenate([begin[None], xy[at[driven]], end[None]]), PLACES)
        moved = np.concatenate([[True], (np.abs(np.diff(corners, axis=0)) > 0).any(axis=1)])
        corners = corners[moved]
        return corners if len(corners) > 1 else np.repeat(corners, 2, axis=0)


def _runs(on: Bools) -> int:
    """Count how often a row of arcs enters something."""
    return int((np.diff(on, prepend=False) & on).sum()) if len(on) else 0
