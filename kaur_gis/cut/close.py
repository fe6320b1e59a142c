"""Closures found on the road network: which edges they take, from whom, and when."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from kaur_gis.config import Operation, RoadClosure
from kaur_gis.cut.pieces import SAME, Pieces, cut, inside
from kaur_gis.hours import holds_ever, parted
from kaur_gis.inputs import Closure, Inputs
from kaur_gis.layers import CRS
from kaur_gis.problems import InputProblems, Problem

AT_END_M = 0.5  # what is cut off an end of a road and shorter than this is no piece of its own
FAR_OFF_M = 100_000  # beyond this a projection of the kabupaten measures nothing
SHOWN = 3  # nearest names that are told
CIRCLE_SIDES = 16  # of a quarter circle


def close_roads(
    inputs: Inputs, asked: Iterable[RoadClosure], areas: Mapping[str, BaseGeometry] | None = None, *, file: str = ""
) -> Inputs:
    """Close roads, on top of those that are closed already.

    On a real network a point with a radius and an area take just the part of the road that lies inside: edges are cut
    there. On a schematic one, whose lines do not show where the road runs, they take every line that they touch.

    Parameters
    ----------
    inputs : Inputs
    asked : iterable of RoadClosure
        What is closed. With nothing asked, the inputs come back as they are.
    areas : mapping, optional
        File of an ``area`` -> its polygons, in longitude and latitude.
    file : str, optional
        Where the closures were asked for; named in problems.

    Returns
    -------
    Inputs
        With `Roads.closures`, and the closures among those of the operation.

    Raises
    ------
    InputProblems
        For every closure that meets no road, with the nearest names, and every vehicle that is not known.
    """
    wanted = tuple(asked)
    if not wanted:
        return inputs
    problems: list[Problem] = []
    search = _Search(inputs, areas or {}, file, problems)
    found = [search.find(number, closure) for number, closure in enumerate(wanted, start=1)]
    if problems:
        raise InputProblems(problems)
    roads = inputs.roads
    pieces = cut(roads.nodes, roads.edges, _cuts(found), inputs.operation.region.metric_crs)
    earlier = tuple(replace(old, edges=_inherited(pieces, old.edges)) for old in roads.closures)
    new = tuple(_closure(pieces, parts, one, inputs.operation) for one, parts in zip(wanted, found, strict=True))
    closed = replace(roads, nodes=pieces.nodes, edges=pieces.edges, closures=(*earlier, *new))
    before = inputs.operation.tutup
    operation = inputs.operation.model_copy(update={"tutup": (*before, *(c for c in wanted if c not in before))})
    operation = operation.model_copy(update={"waves": parted(operation)})
    return replace(inputs, operation=operation, roads=closed)


Parts = dict[int, list[tuple[float, float]]]
"""Edge -> which parts of it are closed, as shares of its length; of a pair of twins the lower number stands for
both."""


@dataclass(frozen=True, eq=False)
class _Search:
    """Looks for closures on one network."""

    inputs: Inputs
    areas: Mapping[str, BaseGeometry]
    file: str
    problems: list[Problem]

    def find(self, number: int, asked: RoadClosure) -> Parts:
        """Find the lines of one closure; a closure that meets none is a problem."""
        known = sorted(self.inputs.speeds.vehicles)
        for vehicle in asked.kendaraan:
            if vehicle not in known:
                self._refuse("closure_vehicle", number, "kendaraan", vehicle, nearest=", ".join(known))
        edges = self.inputs.roads.edges
        lines = edges[(edges["twin"] < 0) | (edges.index < edges["twin"])]
        if asked.kind == "jalan":
            return self._by_name(number, asked, lines)
        if asked.kind == "way":
            hit = lines.index[lines["osm_way"] == int(asked.value)]
            if hit.empty:
                ways = np.unique(lines["osm_way"][lines["osm_way"] > 0])
                near = ways[np.argsort(np.abs(ways - int(asked.value)), kind="stable")[:SHOWN]]
                self._refuse("closure_way", number, "lokasi", asked.lokasi, nearest=", ".join(map(str, near)) or "-")
            return {int(edge): [(0.0, 1.0)] for edge in hit}
        return self._in_area(number, asked, lines)

    def _refuse(self, what: str, number: int, column: str, value: str, **details: str | float) -> None:
        self.problems.append(Problem(what, self.file, None, f"tutup.{number}.{column}", value, details=details))

    def _by_name(self, number: int, asked: RoadClosure, lines: gpd.GeoDataFrame) -> Parts:
        names = lines["name"].str.casefold()
        wanted = asked.value.casefold()
        hit = lines.index[(names == wanted) | (lines["ref"].str.casefold() == wanted)]
        if hit.empty:
            folded = {name.casefold(): name for name in sorted(set(lines["name"]) | set(lines["ref"])) if name}
            near = difflib.get_close_matches(wanted[:100], list(folded), n=SHOWN, cutoff=0.3)
            told = "; ".join(folded[name] for name in near) or "-"
            self._refuse("closure_name", number, "lokasi", asked.lokasi, nearest=told)
        return {int(edge): [(0.0, 1.0)] for edge in hit}

    def _in_area(self, number: int, asked: RoadClosure, lines: gpd.GeoDataFrame) -> Parts:
        metric = lines.geometry.to_crs(self.inputs.operation.region.metric_crs)
        if asked.kind == "titik":
            lat, lon, metres = asked.circle
            centre = gpd.GeoSeries([shapely.Point(lon, lat)], crs=CRS).to_crs(metric.crs).iloc[0]
            area = centre.buffer(metres, quad_segs=CIRCLE_SIDES)
            seen_from = centre
        elif asked.value in self.areas:
            area = seen_from = gpd.GeoSeries([self.areas[asked.value]], crs=CRS).to_crs(metric.crs).iloc[0]
        else:
            self._refuse("closure_area", number, "lokasi", asked.lokasi)
            return {}
        parts: Parts = {}
        met = metric.iloc[np.sort(shapely.STRtree(metric.to_numpy()).query(area, predicate="intersects"))]
        whole = met.covered_by(area) | self.inputs.roads.schematic
        for edge, line in met.items():
            found = [(0.0, 1.0)] if whole[edge] else _whole(line, inside(line, area))
            if found:
                parts[int(edge)] = found
        if not parts:
            distance = metric.distance(seen_from)
            nearest = lines.loc[distance.idxmin()]
            name = nearest["name"] or nearest["ref"] or nearest["highway"]
            away = round(distance.min())
            told = away if away <= FAR_OFF_M else f"> {FAR_OFF_M}"
            self._refuse("closure_misses", number, "lokasi", asked.lokasi, metres=told, nearest=name)
        return parts


def _whole(line: shapely.LineString, parts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Let a closed part that comes within `AT_END_M` of an end of its line reach that end."""
    near = AT_END_M / line.length
    return [(start if start > near else 0.0, end if end < 1 - near else 1.0) for start, end in parts]


def _cuts(found: Iterable[Parts]) -> dict[int, list[float]]:
    """Collect where edges must be cut."""
    shares: dict[int, set[float]] = {}
    for parts in found:
        for edge, spans in parts.items():
            shares.setdefault(edge, set()).update(share for span in spans for share in span if 0 < share < 1)
    cuts: dict[int, list[float]] = {}
    for edge, places in shares.items():
        kept: list[float] = []
        for share in sorted(places):  # two closures may end at one place
            if not kept or share > kept[-1] + SAME:
                kept.append(share)
        if kept:
            cuts[edge] = kept
    return cuts


def _closure(pieces: Pieces, parts: Parts, asked: RoadClosure, operation: Operation) -> Closure:
    """Name the pieces that are closed: those whose middle lies in a closed part."""
    of = pieces.of[pieces.of["edge"].isin(list(parts))]
    lines = [
        int(piece)
        for piece, edge, start, end in of.itertuples(name=None)
        if any(low <= (start + end) / 2 <= high for low, high in parts[int(edge)])
    ]
    twins = [int(twin) for twin in pieces.edges["twin"].loc[lines] if twin >= 0]
    metres = float(pieces.edges["metres"].loc[lines].sum())
    return Closure(asked, tuple(sorted({*lines, *twins})), round(metres, 1), holds_ever(operation, asked))


def _inherited(pieces: Pieces, edges: tuple[int, ...]) -> tuple[int, ...]:
    """Name the pieces of edges that were closed before they were cut."""
    return tuple(int(piece) for piece in pieces.of.index[pieces.of["edge"].isin(edges)])
