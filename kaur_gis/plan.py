"""Plan: the one result of a run, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import pandas as pd

from kaur_gis import layers, summary
from kaur_gis.config import Lang
from kaur_gis.fingerprint import sheet_hashes
from kaur_gis.hours import back_waves
from kaur_gis.inputs import Inputs
from kaur_gis.layers import empty
from kaur_gis.problems import Problem
from kaur_gis.travel import TravelTimes

if TYPE_CHECKING:
    import folium


@dataclass(frozen=True)
class Plan:
    """A whole plan: what was read, what was derived, and what the judge found.

    Attributes
    ----------
    inputs : Inputs
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    kits : DataFrame
        Layer `layers.Kits`.
    stops : GeoDataFrame
        Layer `layers.Stops`.
    travel : mapping of (vehicle, weather) to TravelTimes
        Over all `stops`, in their order.
    trips, legs, loads, unserved, posts, guards, groupings, reactions, staffing, strength
        Layers of the same names.
    signals
        Layer of the same name; empty where nobody says more of the signal than the list of TPS.
    channels, couriers, relays, relay_plans
        Layers of the same names: how TPS without signal are heard; empty where the operation has no `[komunikasi]`.
    other_ways
        Layer of the same name.
    neighbours
        Layer of the same name: other kabupaten that legs pass; empty where no boundaries are at hand.
    back_trips, back_legs, back_loads, back_unserved
        Layers of the same names: the way back after counting; empty where the operation declares none.
    now : Timestamp or None
        Moment at which it was planned again, before which no new trip is loaded; None where nothing is under way.
    notes : tuple of Problem
        Notes of reading and of every stage, level `fix` or `note`.
    broken : tuple of Problem
        Promises that the judge found broken: empty for a plan that may be used.
    """

    inputs: Inputs
    tps: gpd.GeoDataFrame
    kits: pd.DataFrame
    stops: gpd.GeoDataFrame
    travel: Mapping[tuple[str, str], TravelTimes]
    trips: pd.DataFrame
    legs: gpd.GeoDataFrame
    loads: pd.DataFrame
    unserved: pd.DataFrame
    posts: gpd.GeoDataFrame
    guards: pd.DataFrame
    groupings: pd.DataFrame = field(default_factory=lambda: empty(layers.Groupings))
    reactions: pd.DataFrame = field(default_factory=lambda: empty(layers.Reactions))
    staffing: pd.DataFrame = field(default_factory=lambda: empty(layers.Staffing))
    strength: pd.DataFrame = field(default_factory=lambda: empty(layers.Strength))
    signals: pd.DataFrame = field(default_factory=lambda: empty(layers.Signals))
    channels: pd.DataFrame = field(default_factory=lambda: empty(layers.Channels))
    couriers: gpd.GeoDataFrame = field(default_factory=lambda: empty(layers.Couriers))
    relays: gpd.GeoDataFrame = field(default_factory=lambda: empty(layers.Relays))
    relay_plans: pd.DataFrame = field(default_factory=lambda: empty(layers.RelayPlans))
    other_ways: gpd.GeoDataFrame = field(default_factory=lambda: empty(layers.OtherWays))
    neighbours: pd.DataFrame = field(default_factory=lambda: empty(layers.Neighbours))
    back_trips: pd.DataFrame = field(default_factory=lambda: empty(layers.BackTrips))
    back_legs: gpd.GeoDataFrame = field(default_factory=lambda: empty(layers.BackLegs))
    back_loads: pd.DataFrame = field(default_factory=lambda: empty(layers.BackLoads))
    back_unserved: pd.DataFrame = field(default_factory=lambda: empty(layers.BackUnserved))
    now: pd.Timestamp | None = None
    notes: tuple[Problem, ...] = ()
    broken: tuple[Problem, ...] = ()

    @cached_property
    def version(self) -> str:
        """12 hex digits, equal for equal operations, inputs and results in any language."""
        return summary.plan_version(self)

    @cached_property
    def sheets(self) -> dict[str, str]:
        """`kode_trip` -> 8 hex digits that name what is on its sheet, as `fingerprint.sheet_hashes`."""
        return sheet_hashes(self)

    @cached_property
    def way_back(self) -> Plan:
        """The way back as a plan of its own, whose stages are driven from where the boxes are wanted."""
        operation = self.inputs.operation.on_the_way_back
        update = {
            "stages": tuple(row.driven for row in operation.kembali),
            "waves": back_waves(operation),
        }
        return replace(
            self,
            inputs=replace(self.inputs, operation=operation.model_copy(update=update)),
            trips=self.back_trips,
            legs=self.back_legs,
            loads=self.back_loads,
        )

    def brought_back(self, muatan: Literal["kotak", "salinan"]) -> Plan:
        """Take the way back of the boxes, or of the copies, for a plan of its own, under the version of the whole."""
        own = self.back_trips[self.back_trips["muatan"] == muatan]
        legs, loads = (
            layer[layer.index.get_level_values("kode_trip").isin(own.index)]
            for layer in (self.back_legs, self.back_loads)
        )
        part = replace(self.way_back, trips=own, legs=legs, loads=loads)
        vars(part)["version"] = self.version
        return part

    def figures(self) -> dict[str, int]:
        """Count what the plan holds; see `kaur_gis.summary.figures`."""
        return summary.figures(self)

    def summary(self, lang: Lang | None = None) -> str:
        """Say the plan on one screen, in the operation's language unless another is asked for."""
        return summary.summary(self, lang or self.inputs.operation.operation.lang)

    def map(self, lang: Lang | None = None, edition: Literal["operasi", "publik"] = "operasi") -> folium.Map:
        """Draw the plan as a Folium map, which shows itself in Jupyter and takes further Folium layers."""
        from kaur_gis.write.map import plan_map  # noqa: PLC0415 - the core does not need the border to compute

        return plan_map(self, lang or self.inputs.operation.operation.lang, edition)
