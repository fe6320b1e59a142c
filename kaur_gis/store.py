"""What the folder of a run holds, named once for the side that writes it and the side that reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa

from kaur_gis import layers

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

MANIFEST = "manifest.json"
RUN_FORMAT = "kaur_gis.run"
"""Value of ``format`` in the manifest: only a folder that says so is ever replaced or read."""
FORMAT_VERSION = 3
"""Of the files and of what a plan promises: one that promised less is made again, not judged by what it never said."""

EXACT = "layers"
"""Folder of the exact form: one Parquet file a layer, rules and notes as JSON."""
RULES = ("operation", "kit_rules", "pattern", "speeds")
"""Attributes of `Inputs` that stand there as JSON files."""
REST = "run.json"
"""Everything that is neither a layer nor a rule file: road source, digests, notes, broken promises."""

EXTRAS = ("sungai", "puncak", "batas", "nama_tempat", "personel", "sinyal", "cakupan", "relay")
"""Inputs that an operation may do without: attributes of `Inputs`, keys of `[layers]` and layers of one name."""

INPUT_LAYERS: dict[str, type[pa.DataFrameModel]] = {
    "kecamatan": layers.Kecamatan,
    "desa": layers.Desa,
    "tempat": layers.Tempat,
    "tps_daftar": layers.Tps,
    "sungai": layers.Waters,
    "puncak": layers.Peaks,
    "batas": layers.Boundaries,
    "nama_tempat": layers.PlaceNames,
    "personel": layers.Personel,
    "sinyal": layers.SignalClaims,
    "cakupan": layers.Coverage,
    "relay": layers.RelaySites,
    "road_nodes": layers.RoadNodes,
    "road_edges": layers.RoadEdges,
}
PLAN_LAYERS: dict[str, type[pa.DataFrameModel]] = {
    "tps": layers.TaggedTps,
    "kits": layers.Kits,
    "stops": layers.Stops,
    "trips": layers.Trips,
    "legs": layers.Legs,
    "loads": layers.Loads,
    "unserved": layers.Unserved,
    "posts": layers.Posts,
    "guards": layers.Guards,
    "groupings": layers.Groupings,
    "reactions": layers.Reactions,
    "staffing": layers.Staffing,
    "strength": layers.Strength,
    "signals": layers.Signals,
    "channels": layers.Channels,
    "couriers": layers.Couriers,
    "relays": layers.Relays,
    "relay_plans": layers.RelayPlans,
    "other_ways": layers.OtherWays,
    "neighbours": layers.Neighbours,
    "back_trips": layers.BackTrips,
    "back_legs": layers.BackLegs,
    "back_loads": layers.BackLoads,
    "back_unserved": layers.BackUnserved,
}
OPTIONAL = (
    "puncak",
    "batas",
    "nama_tempat",
    "sinyal",
    "cakupan",
    "signals",
    "channels",
    "couriers",
    "relay",
    "relays",
    "relay_plans",
    "other_ways",
    "neighbours",
    "back_trips",
    "back_legs",
    "back_loads",
    "back_unserved",
)
"""Layers that are written only where they hold something; a run without them has them empty."""
LAYERS = INPUT_LAYERS | PLAN_LAYERS
"""Layer name -> its model; `tps_daftar` is the list as given, `tps` the tagged one."""


def frames_of(plan: Plan) -> dict[str, pd.DataFrame]:
    """Collect every layer of a plan by the name it is stored under, in the order of `LAYERS`."""
    inputs = plan.inputs
    own = {name: getattr(plan, name) for name in PLAN_LAYERS}
    frames = {
        "kecamatan": inputs.kecamatan,
        "desa": inputs.desa,
        "tempat": inputs.tempat,
        "tps_daftar": inputs.tps,
        **{name: getattr(inputs, name) for name in EXTRAS},
        "road_nodes": inputs.roads.nodes,
        "road_edges": inputs.roads.edges,
        **own,
    }
    return {name: frame for name, frame in frames.items() if name not in OPTIONAL or len(frame)}


def travel_file(vehicle: str, weather: str, closed: Iterable[int] | None = None) -> str:
    """Name the file of one travel-time matrix: a row a stop, its row of seconds and of metres as lists.

    Those of other hours than voting day name the closures that hold then.
    """
    hours = "" if closed is None else "-".join(["-tutup", *map(str, closed)])
    return f"travel-{vehicle}-{weather}{hours}.parquet"
