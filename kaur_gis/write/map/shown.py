"""What the map shows of a plan: one document of columns, and its geometry.

The page composes its own sentences from the catalogue's words, so that the document holds data only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.catalogue import say, sentences, thousands
from kaur_gis.config import KERAWANAN, SINYAL, SUMBER_ORDER, Lang
from kaur_gis.layers import AKSES, OSM_CREDIT, POSISI
from kaur_gis.rules import Ballot, Item
from kaur_gis.summary import figures, notices
from kaur_gis.write.map.more import Lead, MapLayer, more_layers
from kaur_gis.write.map.pack import Line, pack_lines
from kaur_gis.write.map.restricted import kecamatan_columns, legs_of, restricted, tps_columns
from kaur_gis.write.public import PUBLIC_PLACES, published
from kaur_gis.write.sheets.words import height

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

Edition = Literal["operasi", "publik"]
"""`operasi` shows everything and is restricted; `publik` shows what may be published."""
AXES = ("sinyal", "sinyal_sumber", "akses", "akses_sumber")
ROAD_CLASSES: tuple[frozenset[str], ...] = (
    frozenset({"motorway", "trunk", "primary"}),
    frozenset({"secondary", "tertiary"}),
    frozenset({"track", "path", "footway", "bridleway", "steps", "cycleway"}),
)
"""Classes of road as they are drawn: through roads, linking roads, tracks; every other road is local."""
LOCAL_ROAD = len(ROAD_CLASSES)
SIMPLER_DEGREES = 3e-5
"""How far a drawn line may leave the road's own course [degree]: 3 m, less than its stroke's width."""
PUBLIC_FIGURES = ("n_tps", "voters", "kotak", "suara")
"""Figures of the summary panel, in its order; names of `summary.figures`, each a word ``figure_*``."""
FIGURES = (
    *PUBLIC_FIGURES,
    *("sangat_rawan", "rawan", "kurang_rawan", "sulit", "sinyal_tidak_ada", "sinyal_lemah"),
    *("posts", "officers", "linmas", "kpps", "trips", "vehicles", "served", "unserved"),
)
"""The same of the operation's edition."""
PUBLIC_TERMS = frozenset({*SUMBER_ORDER, *KERAWANAN, *SINYAL, *AKSES, *POSISI, *PUBLIC_PLACES, "tps"})
"""Terms of the catalogue that the public edition needs."""


def title(plan: Plan, lang: Lang) -> str:
    """Name the map: operation and version."""
    return say("map.title", lang, name=plan.inputs.operation.operation.name, version=plan.version)


def credit(plan: Plan, lang: Lang) -> str:
    """Credit the road data, with its day; made of our own words only."""
    as_of = plan.inputs.roads.as_of
    return say("map.credit_day", lang, credit=OSM_CREDIT, day=as_of.isoformat()) if as_of else OSM_CREDIT


def words_of(lang: Lang, edition: Edition) -> dict[str, str]:
    """Take the page's words: what only the operation's edition says stands in a file of its own."""
    rooms = ("map",) if edition == "publik" else ("map", "map_operasi")
    split = [(key.partition("."), texts[lang]) for key, texts in sentences().items()]
    return {key: text for (room, _, key), text in split if room in rooms}


def document(
    plan: Plan,
    lang: Lang,
    edition: Edition = "operasi",
    also: Sequence[MapLayer] = (),
    lead: Lead | None = None,
) -> tuple[dict[str, Any], list[bytes]]:
    """Gather what the page draws and says.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}
    edition : {"operasi", "publik"}
        The public one is built column by column from what may be published.
    also : sequence of MapLayer, optional
        Layers of this map alone; none of them is in the public edition.
    lead : Lead, optional
        What this map says first.

    Returns
    -------
    document : dict
        JSON values only: columns as lists, references as positions in other lists.
    parts : list of bytes
        Geometry by `pack_lines`: rings of kecamatan, their label points, villages, stops, roads, waters, hills, and in
        the operation's edition the legs and the things of each further layer.
    """
    inputs, whole = plan.inputs, edition == "operasi"
    kecamatan, desa, tps = inputs.kecamatan.sort_index(), inputs.desa.sort_index(), plan.tps.sort_index()
    stops = _stops(plan, edition)
    edges = once(inputs.roads.edges)
    rings, ring_of = _rings(kecamatan)
    told, words = figures(plan), words_of(lang, edition)
    water, water_lines = _water(inputs.sungai)
    peaks = inputs.puncak.sort_index()
    more, more_lines = more_layers(plan, lang, also) if whole else ([], [])
    terms = {key.partition(".")[2]: texts[lang] for key, texts in sentences().items() if key.startswith("term.")}
    made = {
        "lang": lang,
        "edition": edition,
        "title": lead.title if lead else title(plan, lang),
        **({"lead": [lead.heading, lead.heads, lead.rows, lead.notes]} if lead else {}),
        "notices": notices(plan, lang, public=not whole),
        "schematic": inputs.roads.schematic,
        "words": words,
        "terms": {term: text for term, text in terms.items() if whole or term in PUBLIC_TERMS},
        "figures": [
            [words[f"figure_{name}"], thousands(told[name], lang)] for name in (FIGURES if whole else PUBLIC_FIGURES)
        ],
        "kec": {**_kecamatan(plan, kecamatan), **(kecamatan_columns(plan, kecamatan) if whole else {})},
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
        "road_class": [road_class(highway) for highway in edges["highway"]],
        "water": water,
        "peaks": {
            "nama": list(peaks["nama"]),
            "elevasi": [height(m, lang) for m in peaks["elevasi_m"]],
        },
        "tps": {
            **_tps(plan, tps, stops.index, desa.index),
            **(tps_columns(plan, tps, lang) if whole else _published(tps)),
        },
        "tempat": _tempat(plan, stops.index, edition),
        "kit": _kit(plan, tps.index, lang),
        **({**restricted(plan, tps, stops.index, lang), "more": more} if whole else {}),
    }
    labels = kecamatan.geometry.representative_point()
    parts = [
        pack_lines(rings),
        pack_lines([shapely.get_coordinates(labels.to_numpy())]),
        pack_lines([shapely.get_coordinates(desa.geometry.to_numpy())]),
        pack_lines([shapely.get_coordinates(stops.geometry.to_numpy())]),
        pack_lines(_drawn(edges)),
        pack_lines(water_lines),
        pack_lines([shapely.get_coordinates(peaks.geometry.to_numpy())]),
        *([pack_lines(_drawn(legs_of(plan))), *more_lines] if whole else []),
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


def _water(waters: gpd.GeoDataFrame) -> tuple[dict[str, list[Any]], list[Line]]:
    """Take rivers, lakes and the coast as lines; the rings of an area stand for it."""
    told: dict[str, list[Any]] = {"of": [], "area": [], "jenis": list(waters["jenis"]), "nama": list(waters["nama"])}
    lines: list[Line] = []
    for number, shape in enumerate(shapely.simplify(waters.geometry.to_numpy(), SIMPLER_DEGREES)):
        for part in shapely.get_parts(shape):
            area = part.geom_type == "Polygon"
            for line in (part.exterior, *part.interiors) if area else (part,):
                lines.append(shapely.get_coordinates(line))
                told["of"].append(number)
                told["area"].append(area)
    return told, lines


def _places(codes: pd.Series, among: pd.Index) -> list[int]:
    """Find where codes stand in an index; -1 for none."""
    return [int(at) for at in among.get_indexer(pd.Index(codes))]


def _stops(plan: Plan, edition: Edition) -> gpd.GeoDataFrame:
    """Take the stops; of the public edition without those from which guards come and where boxes are kept."""
    stops = plan.stops[plan.stops["kind"] != "sinyal"].sort_index()  # these are a layer of their own
    return stops if edition == "operasi" else stops[stops["kind"].isin(["tps", *PUBLIC_PLACES])]


def _kecamatan(plan: Plan, kecamatan: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    by = plan.tps.assign(kotak=plan.kits["kotak"]).groupby("kode_kec")

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
    }


def _tps(plan: Plan, tps: gpd.GeoDataFrame, stops: pd.Index, desa: pd.Index) -> dict[str, list[Any]]:
    return {
        "kode": list(tps.index),
        "no": [int(number) for number in tps["no_tps"]],
        "desa": _places(tps["kode_desa"], desa),
        "stop": _places(tps["kode_stop"], stops),
        "pemilih": [int(number) for number in tps["pemilih"]],
        "kotak": [int(number) for number in plan.kits["kotak"].reindex(tps.index)],
        **{name: list(tps[name]) for name in ("pemilih_sumber", "posisi", *AXES)},
    }


def _published(tps: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Fill the columns that the page wants of each TPS with what was published, and with nothing else."""
    blank = [""] * len(tps)
    nothing = {"kerawanan_sebab": blank, "akses_sebab": blank, "placed_by": ["inside"] * len(tps)}
    return {**published(tps), **nothing, "border_m": [0] * len(tps)}


def _tempat(plan: Plan, stops: pd.Index, edition: Edition) -> dict[str, list[Any]]:
    tempat = plan.inputs.tempat.sort_index()
    tempat = tempat[tempat.index.isin(stops)]
    shown: dict[str, list[Any]] = {"stop": _places(tempat.index.to_series(), stops), "sumber": list(tempat["sumber"])}
    if edition == "operasi":
        shown |= {"induk": _places(tempat["induk"], stops), "induk_sumber": list(tempat["induk_sumber"])}
    return shown


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
