"""What the map shows of a plan: one document of columns, and its geometry.

The page composes its own sentences from the catalogue's words, so that the document holds data only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.catalogue import say, sentences, thousands
from kaur_gis.config import KERAWANAN, Lang
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.rules import Ballot, Item
from kaur_gis.summary import figures, notices, plan_version
from kaur_gis.write.map.pack import Line, pack_lines

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

ROAD_CLASSES: tuple[frozenset[str], ...] = (
    frozenset({"motorway", "trunk", "primary"}),
    frozenset({"secondary", "tertiary"}),
    frozenset({"track", "path", "footway", "bridleway", "steps", "cycleway"}),
)
"""Classes of road as they are drawn: through roads, linking roads, tracks; every other road is local."""
LOCAL_ROAD = len(ROAD_CLASSES)
SIMPLER_DEGREES = 3e-5
"""How far a drawn line may leave the road's own course [degree]: 3 m, less than its stroke's width."""
TOLD = (
    "pemilih_sumber",
    "posisi",
    "placed_by",
    *("kerawanan", "kerawanan_sebab", "kerawanan_sumber"),
    *("sinyal", "sinyal_sumber"),
    *("akses", "akses_sebab", "akses_sumber"),
)
"""Columns of the TPS that the page shows as they are."""
FIGURES = (
    "n_tps",
    "voters",
    "kotak",
    "suara",
    "sangat_rawan",
    "rawan",
    "kurang_rawan",
    "sulit",
    "sinyal_tidak_ada",
    "sinyal_lemah",
    "posts",
    "officers",
    "linmas",
    "trips",
    "vehicles",
    "served",
    "unserved",
)
"""Figures of the summary panel, in its order; names of `summary.figures`, each a word ``map.figure_*``."""


def title(plan: Plan, lang: Lang) -> str:
    """Name the map: operation and version."""
    return say("map.title", lang, name=plan.inputs.operation.operation.name, version=plan_version(plan))


def credit(plan: Plan, lang: Lang) -> str:
    """Credit the road data, with its day; made of our own words only."""
    as_of = plan.inputs.roads.as_of
    return say("map.credit_day", lang, credit=OSM_CREDIT, day=as_of.isoformat()) if as_of else OSM_CREDIT


def document(plan: Plan, lang: Lang) -> tuple[dict[str, Any], list[bytes]]:
    """Gather what the page draws and says.

    Returns
    -------
    document : dict
        JSON values only: columns as lists, references as positions in other lists.
    parts : list of bytes
        Geometry by `pack_lines`: rings of kecamatan, their label points, villages, stops, roads, legs.
    """
    inputs = plan.inputs
    kecamatan, desa = inputs.kecamatan.sort_index(), inputs.desa.sort_index()
    stops, trips = plan.stops.sort_index(), plan.trips.sort_index()
    legs = plan.legs[plan.legs.index.get_level_values("kode_trip").isin(trips.index)].sort_index()
    edges = once(inputs.roads.edges)
    classes = [road_class(highway) for highway in edges["highway"]]
    rings, ring_of = _rings(kecamatan)
    told = figures(plan)
    words = {key.partition(".")[2]: texts[lang] for key, texts in sentences().items() if key.startswith("map.")}
    terms = {key.partition(".")[2]: texts[lang] for key, texts in sentences().items() if key.startswith("term.")}
    tps = plan.tps.sort_index()
    made = {
        "lang": lang,
        "title": title(plan, lang),
        "notices": notices(plan, lang),
        "schematic": inputs.roads.schematic,
        "words": words,
        "terms": terms,
        "figures": [[say(f"map.figure_{name}", lang), thousands(told[name], lang)] for name in FIGURES],
        "kec": _kecamatan(plan, kecamatan),
        "ring_of": ring_of,
        "desa": {
            "kode": list(desa.index),
            "nama": list(desa["nama"]),
            "kec": _places(desa["kode_kec"], kecamatan.index),
            "sumber": list(desa["titik_sumber"]),
        },
        "stops": {
            "kode": list(stops.index),
            "kind": list(stops["kind"]),
            "nama": list(stops["nama"]),
            "kec": _places(stops["kode_kec"], kecamatan.index),
            "posisi": list(stops["posisi"]),
        },
        "road_class": classes,
        "tps": _tps(plan, tps, stops.index, desa.index),
        "tempat": _tempat(plan, stops.index),
        "kit": _kit(plan, tps.index, lang),
        "trips": _trips(plan, trips, stops.index, lang),
        "legs": _legs(legs, trips, stops.index),
        "loads": _loads(plan, trips, tps.index),
        "posts": _posts(plan, stops.index),
    }
    labels = kecamatan.geometry.representative_point()
    parts = [
        pack_lines(rings),
        pack_lines([shapely.get_coordinates(labels.to_numpy())]),
        pack_lines([shapely.get_coordinates(desa.geometry.to_numpy())]),
        pack_lines([shapely.get_coordinates(stops.geometry.to_numpy())]),
        pack_lines(_drawn(edges)),
        pack_lines(_drawn(legs)),
    ]
    return made, parts


def once(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one of the two directions of each road; the lesser classes first."""
    one = edges[(edges["twin"] < 0) | (edges.index < edges["twin"])].sort_index()
    return one.iloc[np.argsort([-road_class(highway) for highway in one["highway"]], kind="stable")]


def road_class(highway: str) -> int:
    """Say how a road is drawn: its place in `ROAD_CLASSES`, or `LOCAL_ROAD`."""
    kind = highway.removesuffix("_link")
    return next((number for number, names in enumerate(ROAD_CLASSES) if kind in names), LOCAL_ROAD)


def _drawn(frame: gpd.GeoDataFrame) -> list[Line]:
    lines = shapely.simplify(frame.geometry.to_numpy(), SIMPLER_DEGREES)
    return [shapely.get_coordinates(line) for line in lines]


def _rings(kecamatan: gpd.GeoDataFrame) -> tuple[list[Line], list[int]]:
    """Take the rings of all polygons, and for each the kecamatan it belongs to."""
    rings, of = [], []
    for number, shape in enumerate(shapely.simplify(kecamatan.geometry.to_numpy(), SIMPLER_DEGREES)):
        for polygon in shapely.get_parts(shape):
            for ring in (polygon.exterior, *polygon.interiors):
                rings.append(shapely.get_coordinates(ring))
                of.append(number)
    return rings, of


def _places(codes: pd.Series, among: pd.Index) -> list[int]:
    """Find where codes stand in an index; -1 for none."""
    return [int(at) for at in among.get_indexer(pd.Index(codes))]


def _kecamatan(plan: Plan, kecamatan: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    tps = plan.tps.assign(kotak=plan.kits["kotak"], unserved=plan.tps.index.isin(plan.unserved.index))
    by = tps.groupby("kode_kec")
    posts = plan.posts.groupby("kode_kec")

    def column(totals: pd.Series) -> list[int]:
        return [int(total) for total in totals.reindex(kecamatan.index, fill_value=0)]

    return {
        "kode": list(kecamatan.index),
        "nama": list(kecamatan["nama"]),
        "dapil": list(kecamatan["dapil"]),
        "sumber": list(kecamatan["sumber"]),
        "n_tps": column(by.size()),
        "pemilih": column(by["pemilih"].sum()),
        "kotak": column(by["kotak"].sum()),
        "tak_terlayani": column(by["unserved"].sum()),
        "pos": column(posts.size()),
        "petugas": column(posts["officers"].sum()),
        **{kelas: column((tps["kerawanan"] == kelas).groupby(tps["kode_kec"]).sum()) for kelas in KERAWANAN},
    }


def _tps(plan: Plan, tps: gpd.GeoDataFrame, stops: pd.Index, desa: pd.Index) -> dict[str, list[Any]]:
    kits, guards = plan.kits.reindex(tps.index), plan.guards.reindex(tps.index)
    unserved = plan.unserved.reindex(tps.index)
    return {
        "kode": list(tps.index),
        "no": [int(number) for number in tps["no_tps"]],
        "desa": _places(tps["kode_desa"], desa),
        "stop": _places(tps["kode_stop"], stops),
        "pemilih": [int(number) for number in tps["pemilih"]],
        "border_m": [round(float(metres)) for metres in tps["border_m"]],
        **{name: list(tps[name]) for name in TOLD},
        "kotak": [int(number) for number in kits["kotak"]],
        "kg": [round(float(number), 1) for number in kits["kg"]],
        "m3": [round(float(number), 2) for number in kits["m3"]],
        "post": [-1 if pd.isna(kode) else int(plan.posts.index.get_loc(kode)) for kode in guards["kode_post"]],
        "post_order": [0 if pd.isna(order) else int(order) for order in guards["order"]],
        "unserved": ["" if pd.isna(reason) else str(reason) for reason in unserved["reason"]],
        "unserved_stage": ["" if pd.isna(stage) else str(stage) for stage in unserved["stage"]],
    }


def _tempat(plan: Plan, stops: pd.Index) -> dict[str, list[Any]]:
    tempat = plan.inputs.tempat.sort_index()
    tempat = tempat[tempat.index.isin(stops)]
    return {
        "stop": _places(tempat.index.to_series(), stops),
        "sumber": list(tempat["sumber"]),
        "induk": _places(tempat["induk"], stops),
        "induk_sumber": list(tempat["induk_sumber"]),
    }


def _kit(plan: Plan, tps: pd.Index, lang: Lang) -> list[list[Any]]:
    """List the kinds of the kit: label, source, and its count at each TPS (one number where it is the same at all)."""
    rules, kits = plan.inputs.kit_rules, plan.kits.reindex(tps)
    kinds: list[tuple[str, Item | Ballot]] = [
        *((f"jml_{item.key}", item) for item in rules.items),
        *((f"suara_{kind.key}", kind) for kind in rules.ballots),
    ]
    found = []
    for column, kind in kinds:
        counts = [int(count) for count in kits[column]]
        label = kind.nama if lang == "id" else kind.name
        found.append([label, kind.sumber, counts[0] if len(set(counts)) == 1 else counts])
    return found


def _trips(plan: Plan, trips: pd.DataFrame, stops: pd.Index, lang: Lang) -> dict[str, Any]:
    operation = plan.inputs.operation
    waves = [wave for wave in operation.waves if (trips["wave"] == wave.name).any()]
    vehicles = plan.inputs.speeds.vehicles
    fleets = [fleet for fleet in operation.fleet if (trips["fleet"] == fleet.kode).any()]
    return {
        "stages": [stage.name for stage in operation.stages],
        "waves": [[wave.name, operation.day_of(wave).isoformat(), f"{wave.deadline:%H:%M}"] for wave in waves],
        "fleets": [
            [fleet.kode, fleet.name, vehicles[fleet.vehicle].nama if lang == "id" else vehicles[fleet.vehicle].name]
            for fleet in fleets
        ],
        "kode": list(trips.index),
        "stage": [[stage.name for stage in operation.stages].index(name) for name in trips["stage"]],
        "wave": [[wave.name for wave in waves].index(name) for name in trips["wave"]],
        "fleet": [[fleet.kode for fleet in fleets].index(kode) for kode in trips["fleet"]],
        "vehicle": list(trips["vehicle"]),
        "base": _places(trips["base"], stops),
        "depart": _seconds(trips["depart"], trips["depart"]),
        "back": _seconds(trips["back"], trips["depart"]),
        "back_late": _seconds(trips["back_late"], trips["depart"]),
        **{
            name: [int(number) for number in trips[name]] for name in ("trip_no", "kotak", "n_tps", "metres", "seconds")
        },
        "kg": [round(float(number)) for number in trips["kg"]],
    }


def _legs(legs: gpd.GeoDataFrame, trips: pd.DataFrame, stops: pd.Index) -> dict[str, list[Any]]:
    of_trip = legs.index.get_level_values("kode_trip")
    day = pd.Series(trips["depart"].reindex(of_trip).to_numpy(), index=legs.index)
    return {
        "trip": [int(at) for at in trips.index.get_indexer(of_trip)],
        "order": [int(order) for order in legs.index.get_level_values("order")],
        "to": _places(legs["to_stop"], stops),
        "depart": _seconds(legs["depart"], day),
        "arrive": _seconds(legs["arrive"], day),
        "late": _seconds(legs["arrive_late"], day),
        "walk_m": [round(float(metres)) for metres in legs["walk_m"]],
        **{
            name: [int(number) for number in legs[name]]
            for name in ("metres", "bridges", "fords", "unpaved_m", "unknown_m", "on_road")
        },
    }


def _loads(plan: Plan, trips: pd.DataFrame, tps: pd.Index) -> dict[str, list[int]]:
    loads = plan.loads.sort_index()
    return {
        "trip": [int(at) for at in trips.index.get_indexer(loads.index.get_level_values("kode_trip"))],
        "tps": [int(at) for at in tps.get_indexer(loads.index.get_level_values("kode_tps"))],
        "order": [int(order) for order in loads["order"]],
        "kotak": [int(number) for number in loads["kotak"]],
    }


def _posts(plan: Plan, stops: pd.Index) -> dict[str, list[Any]]:
    first = plan.guards[plan.guards["order"] == 1].reset_index().set_index("kode_post")["kode_tps"]
    at = plan.tps["kode_stop"].reindex(first.reindex(plan.posts.index))
    return {
        "kode": list(plan.posts.index),
        "kerawanan": list(plan.posts["kerawanan"]),
        "stop": _places(at, stops),
        **{name: [int(number) for number in plan.posts[name]] for name in ("officers", "n_tps", "metres", "seconds")},
    }


def _seconds(times: pd.Series, day: pd.Series) -> list[int | None]:
    """Seconds since midnight of the day of a trip's departure; None where there is no time."""
    passed = (pd.to_datetime(times).to_numpy() - pd.to_datetime(day).dt.normalize().to_numpy()) / np.timedelta64(1, "s")
    return [None if np.isnan(second) else int(second) for second in passed]
