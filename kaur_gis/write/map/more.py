"""Further layers of the map, one function each: what a room adds to the operation's map stands in `MORE`.

A layer is a list of things, each a mark (one position) or a line (more), with a name and the facts that
its card shows. The page draws, lists, searches, clicks and prints every layer alike, so that a new one
needs no script. None of them is in the public edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.write.heard import same_point
from kaur_gis.write.map.pack import Line, pack_lines
from kaur_gis.write.sheets.words import duration

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

Shape = Literal["diamond", "hexagon", "circle", "cross"]
"""Shapes of marks that no stop and no place has."""


@dataclass(frozen=True)
class Thing:
    """One thing of a layer.

    Attributes
    ----------
    kode : str
        Its code, once in its layer: it stands in the address.
    name : str
        Title of its card, found by the search.
    line : ndarray, shape (n, 2)
        lon, lat [degree]; one position is a mark.
    facts : sequence of (str, str)
        What its card says: label and value, in the map's language.
    """

    kode: str
    name: str
    line: Line
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class MapLayer:
    """A layer of the map.

    Attributes
    ----------
    key : str
        Its name in the page, of the letters a-z and ``_``.
    label : str
        What the list of layers and the legend say, in the map's language.
    things : sequence of Thing
    shape, letter, dark
        How a mark looks: its shape, a letter in it, whether it is dark.
    stroke, dash
        How a line looks: width [pixel], and lengths of dashes and gaps [pixel].
    on : bool
        Whether it is shown at first.
    """

    key: str
    label: str
    things: Sequence[Thing] = field(repr=False)
    shape: Shape = "diamond"
    letter: str = ""
    dark: bool = False
    stroke: float = 3
    dash: Sequence[float] = ()
    on: bool = False


@dataclass(frozen=True)
class Lead:
    """What a map that answers a question of its own says first.

    Attributes
    ----------
    title : str
        Of the page, instead of that of the operation's map.
    heading : str
        Over the table, which is shown at first.
    heads : sequence of str
        Of its columns.
    rows : sequence of sequence of str
        Its cells, as they are read.
    notes : sequence of str
        Lines under it.
    """

    title: str
    heading: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)
    notes: Sequence[str] = ()


def closed_roads(plan: Plan, lang: Lang) -> MapLayer | None:
    """Show where roads are closed, with cause, hours and vehicles as they were given."""
    edges = plan.inputs.roads.edges
    things = []
    for number, closure in enumerate(plan.inputs.roads.closures):
        asked = closure.asked
        mine = edges.geometry.loc[[edge for edge in closure.edges if not 0 <= edges["twin"][edge] < edge]]
        whole = shapely.line_merge(shapely.multilinestrings(mine.to_numpy())) if len(mine) else None
        times = [f"{when:%d/%m %H:%M}" if when else "…" for when in (asked.mulai, asked.selesai)]
        facts = [
            (say("map_operasi.closure_for", lang), ", ".join(asked.kendaraan) or say("map.all", lang)),
            (say("map_operasi.closure_when", lang), " – ".join(times)),
            (say("map_operasi.source", lang), say(f"term.{asked.sumber}", lang)),
        ]
        if not closure.in_force:
            facts.append((say("map_operasi.closure_idle", lang), say("map_operasi.closure_idle_why", lang)))
        name = say("map_operasi.closure", lang, cause=asked.sebab or asked.lokasi)
        things += [
            Thing(f"{number + 1}.{part + 1}", name, shapely.get_coordinates(line), facts)
            for part, line in enumerate(shapely.get_parts(whole))
        ]
    if not things:
        return None
    return MapLayer("tutup", say("map_operasi.layer_tutup", lang), things, stroke=7, dash=(2, 4), on=True)


def way_back(plan: Plan, lang: Lang) -> MapLayer | None:
    """Show the way of each trip that brings boxes or copies of the results back after counting."""
    names, things = plan.stops["nama"], []
    fleets = {fleet.kode: fleet.name for fleet in plan.inputs.operation.fleet}
    lines = {kode: np.concatenate([shapely.get_coordinates(line) for line in own]) for kode, own in _lines(plan)}
    going = _going(plan, lang)
    for trip in plan.back_trips.reset_index().to_dict("records"):
        times = [f"{trip[name]:%d/%m %H:%M}" for name in ("depart", "back", "back_late") if not pd.isna(trip[name])]
        late = times[2] if len(times) > 2 else say("map_operasi.road_closed", lang)  # noqa: PLR2004 - the third
        said = {name: thousands(trip[name], lang) for name in ("n_tps", "kotak", "kg")}
        km, time = thousands(trip["metres"] / 1000, lang, 1), duration(trip["seconds"], lang)
        facts = [
            (say("map_operasi.muatan", lang), say(f"map_operasi.back_{trip['muatan']}", lang, **said)),
            (say("map_operasi.base", lang), str(names[trip["base"]])),
            (say("map_operasi.back_fleet", lang), fleets[trip["fleet"]]),
            (say("map_operasi.hours", lang), f"{times[0]} → {times[1]} – {late}"),
            (say("map_operasi.distance", lang), say("map_operasi.back_way", lang, km=km, time=time)),
            *going.get(trip["kode_trip"], ()),
        ]
        name = say("map_operasi.back_trip", lang, trip=trip["kode_trip"])
        things.append(Thing(trip["kode_trip"], name, lines[trip["kode_trip"]], facts))
    if not things:
        return None
    return MapLayer("kembali", say("map_operasi.layer_kembali", lang), things, stroke=3, dash=(8, 5))


def _lines(plan: Plan) -> Iterator[tuple[str, list[shapely.LineString]]]:
    legs = plan.back_legs.sort_index()
    for kode, own in legs.geometry.groupby(level="kode_trip"):
        yield str(kode), list(own)


def _going(plan: Plan, lang: Lang) -> dict[str, list[tuple[str, str]]]:
    """Say where vehicles go on to when they are unloaded, where their day ends elsewhere."""
    visits = plan.back_loads["order"].groupby(level="kode_trip").max()
    legs = plan.back_legs[["to_stop", "depart", "arrive"]].reset_index().join(visits.rename("last"), on="kode_trip")
    behind = legs[legs["order"] > legs["last"] + 1].to_dict("records")
    label, names, told = say("map_operasi.going", lang), plan.stops["nama"], {}
    for leg in behind:
        at = {name: f"{leg[name]:%d/%m %H:%M}" for name in ("depart", "arrive")}
        told[str(leg["kode_trip"])] = [(label, say("map_operasi.going_to", lang, name=names[leg["to_stop"]], **at))]
    return told


def signal_and_couriers(plan: Plan, lang: Lang) -> MapLayer | None:
    """Show the places with signal to which couriers go, the ways there, and the posts of radio relays."""
    stops, tps, things = plan.stops, plan.tps, []
    vehicles = plan.inputs.speeds.vehicles
    carried = plan.channels[plan.channels["kode_kurir"] != ""].sort_values("order")
    told = tps["nama_desa"] + " TPS " + tps["no_tps"].astype(str)
    for kode, place in stops.loc[sorted({*plan.couriers["signal_stop"]})].iterrows():
        comers = plan.couriers[plan.couriers["signal_stop"] == kode]
        mine = carried[carried["kode_kurir"].isin(comers.index)]
        facts = [
            (say("map_operasi.signal_for", lang), ", ".join(told.loc[sorted(mine.index)])),
            (say("map_operasi.signal_known", lang), say(f"term.{comers['signal_sumber'].iloc[0]}", lang)),
        ]
        here = sorted(mine.index[tps["kode_stop"].loc[mine.index] == kode])
        if here:
            facts.append((say("map_operasi.signal_same", lang), f"{', '.join(told.loc[here])}: {same_point(lang)}"))
        name = say("map_operasi.signal_place", lang, name=place["nama"])
        things.append(Thing(str(kode), name, mark_at(place.geometry.x, place.geometry.y), facts))
    for courier in plan.couriers.reset_index().to_dict("records"):
        vehicle = vehicles[courier["vehicle"]]
        times = [f"{courier[moment]:%H:%M}" for moment in ("depart", "arrive", "sent", "back")]
        facts = [
            (
                say("map_operasi.signal_for", lang),
                ", ".join(told.loc[carried.index[carried["kode_kurir"] == courier["kode_kurir"]]]),
            ),
            (say("map_operasi.signal_at", lang), str(stops["nama"][courier["signal_stop"]])),
            (say("map_operasi.signal_known", lang), say(f"term.{courier['signal_sumber']}", lang)),
            (say("map_operasi.signal_hours", lang), " → ".join(times) if courier["way_known"] else same_point(lang)),
            (say("map_operasi.signal_vehicle", lang), vehicle.nama if lang == "id" else vehicle.name),
        ]
        line = shapely.get_coordinates(courier["geometry"])
        if courier["geometry"].length:
            things.append(Thing(courier["kode_kurir"], courier["kode_kurir"], line, facts))
    for kode, post in plan.relays[plan.relays["semua"] | plan.relays["radio"]].iterrows():
        facts = [
            (say("map_operasi.relay_tps", lang), str(post["n_tps"])),
            (say("map_operasi.source", lang), say(f"term.{post['sumber']}", lang)),
        ]
        name = say("map_operasi.relay_post", lang, name=post["nama"] or kode)
        things.append(Thing(str(kode), name, mark_at(post.geometry.x, post.geometry.y), facts))
    if not things:
        return None
    return MapLayer("kurir", say("map_operasi.layer_kurir", lang), things, "hexagon", "S", stroke=4, dash=(1, 4))


MORE: tuple[Callable[[Plan, Lang], MapLayer | None], ...] = (closed_roads, way_back, signal_and_couriers)
"""The further layers, in the order of the list; None from one that has nothing to show."""


def more_layers(plan: Plan, lang: Lang, also: Sequence[MapLayer] = ()) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Gather the further layers, and those of this map alone: their columns, and for each the lines of its things."""
    found = [*(layer for layer in (make(plan, lang) for make in MORE) if layer is not None), *also]
    return [_told(layer) for layer in found], [pack_lines([thing.line for thing in layer.things]) for layer in found]


def mark_at(lon: float, lat: float) -> Line:
    """Give the line of a mark."""
    return np.array([[lon, lat]])


def _told(layer: MapLayer) -> dict[str, Any]:
    style = {name: getattr(layer, name) for name in ("key", "label", "shape", "letter", "dark", "stroke", "on")}
    return {
        **style,
        "dash": list(layer.dash),
        "kode": [thing.kode for thing in layer.things],
        "nama": [thing.name for thing in layer.things],
        "facts": [[list(fact) for fact in thing.facts] for thing in layer.things],
    }
