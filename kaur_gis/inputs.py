"""Inputs: everything a plan is made from, checked, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaur_gis.config import Operation, RoadClosure
from kaur_gis.layers import Boundaries, Coverage, Peaks, Personel, PlaceNames, RelaySites, SignalClaims, Waters, empty
from kaur_gis.problems import Problem
from kaur_gis.rules import GuardPattern, KitRules, SpeedTable

if TYPE_CHECKING:
    from pyroutingkit import CCHTopology


@dataclass(frozen=True)
class Closure:
    """A closed road, found on the network. Owner: `cut`.

    Attributes
    ----------
    asked : RoadClosure
        What was asked for.
    edges : tuple of int
        Edges of `RoadEdges` that are closed, both arcs of a road, ascending.
    metres : float
        Length of closed road, each line once [m].
    in_force : bool
        Whether it holds at any hour at which the operation drives (`hours.holds_ever`); one that does not closes
        nothing.
    """

    asked: RoadClosure
    edges: tuple[int, ...]
    metres: float
    in_force: bool = True


@dataclass(frozen=True, eq=False)
class RoadOrder:
    """The order of a network's nodes for contraction hierarchies, and the shortcuts that it needs. Owner: `read`.

    Attributes
    ----------
    tail, head : shape (m,)
        Node at which each edge begins and ends: an order belongs to these edges and no others.
    rank : shape (n,)
        Place of each node in the order; close ranks lie close together.
    cell : shape (n,)
        Part of the network in which each node lies; few edges join one with another.
    topology : CCHTopology
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    rank: NDArray[np.int64]
    cell: NDArray[np.int64]
    topology: CCHTopology

    def fits(self, tail: NDArray[np.int64], head: NDArray[np.int64], n_nodes: int) -> bool:
        """Whether this is the order of a network."""
        same = np.array_equal(self.tail, tail) and np.array_equal(self.head, head)
        return same and len(self.rank) == n_nodes


@dataclass(frozen=True)
class Roads:
    """A road network, as plain layers.

    Attributes
    ----------
    nodes : GeoDataFrame
        Layer `layers.RoadNodes`.
    edges : GeoDataFrame
        Layer `layers.RoadEdges`, directed.
    schematic : bool
        Whether lines are straight between points: figures along the line hold, its course does not.
    as_of : date or None
        Day of the road data.
    source : str
        File name(s) as the operation or the command line gives them.
    closures : tuple of Closure
        Roads that are closed; their edges stay in the layers.
    order : RoadOrder or None
        What hierarchies need of roads that were read; None where their wheels are missing, and of roads made otherwise.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    schematic: bool
    as_of: dt.date | None
    source: str
    closures: tuple[Closure, ...] = ()
    order: RoadOrder | None = field(default=None, repr=False)

    def while_closed(self, closures: Collection[int]) -> Roads:
        """Take the roads to hours in which only these closures hold; named by their places in `closures`."""
        return replace(self, closures=tuple(self.closures[number] for number in closures))

    def closed_to(self, vehicle: str) -> list[int]:
        """List the edges that closures take from a vehicle, ascending."""
        closed = (c for c in self.closures if c.in_force and (not c.asked.kendaraan or vehicle in c.asked.kendaraan))
        return sorted({edge for closure in closed for edge in closure.edges})


@dataclass(frozen=True)
class Inputs:
    """What `read_inputs` returns: the operation, its rules and its checked layers.

    Attributes
    ----------
    operation : Operation
    kit_rules, pattern, speeds
        The three rule files.
    kecamatan, desa, tempat, tps
        Layers of the same names in `layers`.
    roads : Roads
    notes : tuple of Problem
        Everything of level `fix` or `note` that was found while reading.
    sha256 : mapping
        File name -> digest of each input file, in the order of reading.
    sungai : GeoDataFrame
        Layer `layers.Waters`; empty where the operation names none.
    puncak : GeoDataFrame
        Layer `layers.Peaks`; empty where the operation names none.
    batas : GeoDataFrame
        Layer `layers.Boundaries`; empty where the operation names none.
    nama_tempat : GeoDataFrame
        Layer `layers.PlaceNames`; empty where the operation names none.
    personel : DataFrame
        Layer `layers.Personel`; without a row where the operation names no such table.
    sinyal : DataFrame
        Layer `layers.SignalClaims`; without a row where the operation names no such table.
    cakupan : GeoDataFrame
        Layer `layers.Coverage`; without a row where the operation names none.
    relay : GeoDataFrame
        Layer `layers.RelaySites`; without a row where the operation names none.
    """

    operation: Operation
    kit_rules: KitRules
    pattern: GuardPattern
    speeds: SpeedTable
    kecamatan: gpd.GeoDataFrame
    desa: gpd.GeoDataFrame
    tempat: gpd.GeoDataFrame
    tps: pd.DataFrame
    roads: Roads
    notes: tuple[Problem, ...]
    sha256: Mapping[str, str]
    sungai: gpd.GeoDataFrame = field(default_factory=lambda: empty(Waters))
    puncak: gpd.GeoDataFrame = field(default_factory=lambda: empty(Peaks))
    batas: gpd.GeoDataFrame = field(default_factory=lambda: empty(Boundaries))
    nama_tempat: gpd.GeoDataFrame = field(default_factory=lambda: empty(PlaceNames))
    personel: pd.DataFrame = field(default_factory=lambda: empty(Personel))
    sinyal: pd.DataFrame = field(default_factory=lambda: empty(SignalClaims))
    cakupan: gpd.GeoDataFrame = field(default_factory=lambda: empty(Coverage))
    relay: gpd.GeoDataFrame = field(default_factory=lambda: empty(RelaySites))
