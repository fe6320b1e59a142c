"""Which weak points each trip passes: what a driver must look at, and the post must know of first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from kaur_gis.plan import Plan

ON_LINE_M = 0.5  # a segment lies on the way itself
TOGETHER_M = 100.0  # the two carriageways of a bridge are no farther apart
Kind = Literal["bridge", "ford", "road"]
Met = tuple[int, float, int]
"""Leg, metres along it, and number of the piece that lies there."""


@dataclass(frozen=True)
class Passed:
    """A piece of road on the way of a trip whose failure alone cuts off some TPS.

    Attributes
    ----------
    kind : {"bridge", "ford", "road"}
    nama : str
        Name or number of the road; "" where it has none.
    n : int
        How many bridges or fords there are in a row; 1 for a road.
    order : int
        Of the leg on which the trip comes there first.
    along_m : float
        Road metres from the stop before: to the middle of a bridge or ford, to where a stretch of road begins [m].
    metres : float
        Length of all its pieces on this trip [m].
    n_tps, pemilih : int
        TPS cut off, and their voters.
    lon, lat : float
        The middle of it, or of its first piece.
    """

    kind: Kind
    nama: str
    n: int
    order: int
    along_m: float
    metres: float
    n_tps: int
    pemilih: int
    lon: float
    lat: float


def passed(plan: Plan, roads: gpd.GeoDataFrame) -> dict[str, list[Passed]]:
    """Find the weak points on the way of every trip.

    Parameters
    ----------
    plan : Plan
    roads : GeoDataFrame
        Layer `WeakRoads` of that plan.

    Returns
    -------
    dict
        `kode_trip` -> what it passes, the worst first: bridges and fords, which fail first, then by voters cut off;
        pieces of plain road whose failure cuts off the same TPS are one, and so are the carriageways of a bridge.
        Every trip is there.
    """
    metric = plan.inputs.operation.region.metric_crs
    weak = roads[roads["n_tps"] > 0]
    middles = shapely.line_interpolate_point(weak.geometry.to_numpy(), 0.5, normalized=True)
    points = gpd.GeoSeries(middles, crs=roads.crs).to_crs(metric).to_numpy()
    lines = plan.legs.geometry.to_crs(metric).to_numpy()
    leg, piece = shapely.STRtree(points).query(lines, predicate="dwithin", distance=ON_LINE_M)
    share = shapely.line_locate_point(lines[leg], points[piece], normalized=True)
    along = share * plan.legs["metres"].to_numpy()[leg]
    trips = [(str(code), int(order)) for code, order in plan.legs.index]
    rows: list[Any] = list(weak.itertuples())
    met: dict[str, list[list[Met]]] = {str(code): [] for code in plan.trips.index}
    seen: set[tuple[str, int]] = set()

    def as_one(first: int, number: int) -> bool:
        """Whether two pieces are one to whoever drives there."""
        one, other = rows[first], rows[number]
        if one.tps != other.tps or _kind(one) != _kind(other):
            return False
        return _kind(one) == "road" or points[first].distance(points[number]) <= TOGETHER_M

    for code, order, metres, number in sorted(
        (*trips[at], float(metres), int(number)) for at, metres, number in zip(leg, along, piece, strict=True)
    ):
        if (code, number) not in seen:  # on the way home it is the same one
            seen.add((code, number))
            own = next((some for some in met[code] if as_one(some[0][2], number)), None)
            if own is None:
                met[code].append(own := [])
            own.append((order, metres, number))
    return {code: sorted((_one(own, rows, middles) for own in some), key=_worst) for code, some in met.items()}


def _kind(row: Any) -> Kind:  # noqa: ANN401 - a row
    return "bridge" if row.bridges else "ford" if row.fords else "road"


def _one(own: list[Met], rows: list[Any], middles: Any) -> Passed:  # noqa: ANN401 - rows, points
    """Say pieces with one effect as one, which begins with the first of them."""
    order, along, first = own[0]
    row, middle = rows[first], middles[first]
    kind = _kind(row)
    return Passed(
        kind=kind,
        nama=str(row.nama),
        n=max(1, int(row.bridges + row.fords)),
        order=order,
        along_m=max(0.0, along - row.metres / 2) if kind == "road" else along,
        metres=float(np.sum([rows[number].metres for _, _, number in own])),
        n_tps=int(row.n_tps),
        pemilih=int(row.pemilih),
        lon=float(middle.x),
        lat=float(middle.y),
    )


def _worst(one: Passed) -> tuple[bool, int, int, int, float]:
    return one.kind == "road", -one.pemilih, -one.n_tps, one.order, one.along_m
