"""The judge's own reading of the roads, once for all vehicles and promises: where they run, and how quick they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kaur_gis.config import Weather
from kaur_gis.inputs import Inputs
from kaur_gis.judge.rows import Row, rows_of
from kaur_gis.judge.speeds import kmh_of, surface_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EQUATOR_M, FLAT = 6378137.0, 0.00669437999014  # of WGS 84: its radius, and its squared eccentricity
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
    def points(self) -> NDArray[np.object_]:
        """Nodes, in metres."""
        return np.asarray(self.inputs.roads.nodes.geometry.to_crs(self.crs).to_numpy())

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """Edges, in metres."""
        return np.asarray(self.inputs.roads.edges.geometry.to_crs(self.crs).to_numpy())

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
    def pieces(self) -> set[bytes]:
        """Every straight piece of a road."""
        return set(_as_keys(pieces(self.inputs.roads.edges.geometry.to_numpy())[0]).tolist())

    def off_road(self, drawn: Mapping[str, shapely.LineString], within_m: float) -> list[str]:
        """Name the lines that leave the roads by more than some metres, at an end or halfway of a piece of their own.

        Parameters
        ----------
        drawn : mapping of str to LineString
            In longitude and latitude.
        within_m : float

        Returns
        -------
        list of str
        """
        lines = np.array(list(drawn.values()), dtype=object)
        _, first, alike = np.unique(shapely.to_wkb(lines), return_index=True, return_inverse=True)
        ours, owner = pieces(lines[first])  # many are drawn more than once
        odd = [number for number, key in enumerate(_as_keys(ours).tolist()) if key not in self.pieces]
        ours, owner = ours[odd], owner[odd]
        places = np.concatenate([ours[:, :2], ours[:, 2:], (ours[:, :2] + ours[:, 2:]) / 2])
        metric = gpd.GeoSeries(shapely.points(places), crs="EPSG:4326").to_crs(self.crs).to_numpy()
        on_road = np.zeros(len(places), dtype=np.bool_)
        on_road[self.tree.query(metric, predicate="dwithin", distance=within_m)[0]] = True
        off = ~on_road.reshape(3, -1).all(axis=0)
        wrong = np.isin(alike, owner[off])
        return sorted(name for name, odd_one in zip(drawn, wrong, strict=True) if odd_one)


def pieces(lines: np.ndarray) -> tuple[Floats, Ints]:
    """Cut lines into their straight pieces: x, y, x, y, each from its smaller end; and to which line each belongs."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inside = owner[:-1] == owner[1:]
    pieces = np.concatenate([xy[:-1], xy[1:]], axis=1)[inside]
    turned = (pieces[:, 0] > pieces[:, 2]) | ((pieces[:, 0] == pieces[:, 2]) & (pieces[:, 1] > pieces[:, 3]))
    pieces[turned] = pieces[turned][:, [2, 3, 0, 1]]
    return pieces, owner[:-1][inside]


def metres_of(pieces: Floats) -> Floats:
    """Lengths of straight pieces [m]: by the radii of the ellipsoid at their middle, to 1e-5 for any road."""
    west, south, east, north = np.radians(pieces).T
    middle = (south + north) / 2
    bent = 1 - FLAT * np.sin(middle) ** 2
    along = EQUATOR_M * (1 - FLAT) / bent**1.5 * (north - south)
    across = EQUATOR_M / np.sqrt(bent) * np.cos(middle) * (east - west)
    return np.asarray(np.hypot(along, across))


def _as_keys(pieces: Floats) -> np.ndarray:
    """Make pieces comparable as wholes."""
    return np.ascontiguousarray(pieces).view(np.dtype((np.void, pieces.dtype.itemsize * 4))).ravel()
