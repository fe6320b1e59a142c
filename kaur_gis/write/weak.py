"""Weak points as files: workbook and CSV, GeoPackage, and a layer on the operation's map."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.cut.rain import WORTH, margin
from kaur_gis.report import visible
from kaur_gis.summary import notices
from kaur_gis.write.layers import file_of_gdal
from kaur_gis.write.map import write_map
from kaur_gis.write.map.more import Lead, MapLayer, Thing, mark_at
from kaur_gis.write.safely import replace_with
from kaur_gis.write.workbook import Table, write_book_and_csv

if TYPE_CHECKING:
    from kaur_gis.cut.weak import Weakness
    from kaur_gis.plan import Plan

NAME = "titik_lemah"
ON_MAP = 300  # of the worst segments
TOLD, TOLD_PAIRS = 10, 5  # on the terminal
LIKELY = 0.05  # from this chance to be late on, a TPS is shown on the map
HARM = ["n_tps", "n_gudang", "n_ppk", "pemilih", "kotak", "n_longer", "extra_min", "extra_max_min"]
WEAK = [
    "rank",
    "segment",
    "jenis",
    "nama",
    "dekat",
    "highway",
    "lat",
    "lon",
    "metres",
    "bridges",
    "fords",
    *HARM,
    "tps",
    "osm_way",
]
LED = ["n_tps", "pemilih", "kotak", "extra_max_min"]  # what the map's own table says
PLACE = ["nama", "dekat", "lat", "lon"]
PAIRS = [
    "rank",
    "segment",
    *PLACE,
    "other",
    *(f"{name}_other" for name in PLACE),
    *HARM[:1],
    *HARM[3:],
    "n_more",
    "pemilih_more",
    "tps",
]
ALONE = ["kode_tps", "nama_kec", "nama_desa", "no_tps", "pemilih", "kotak", "single_m", "bridges", "fords"]
FIRST = ["first", "first_lat", "first_lon"]  # the worst of the segments that cut off a TPS
BY_KEC = ["nama_kec", "n_alone", "pemilih", "kotak", "single_m", "n_most", "most", "most_lat", "most_lon"]
RAIN = [*ALONE[:6], "wave", "late_pct", "low_pct", "high_pct", "earlier_pct", "stored_pct", "saran"]
DECIMALS = {
    "lat": 6,
    "lon": 6,
    "lat_other": 6,
    "lon_other": 6,
    "metres": 0,
    "first_lat": 6,
    "most_lat": 6,
    "most_lon": 6,
    "first_lon": 6,
    "single_m": 0,
    "extra_min": 1,
    "extra_max_min": 1,
}


def ranked(weakness: Weakness, lang: Lang) -> gpd.GeoDataFrame:
    """Lay out the segments that change anything, the worst first, each with its name and a point on it.

    Returns
    -------
    GeoDataFrame
        Indexed by `segment`; `lat` and `lon` are the middle of the segment, `place` is its name and village.
    """
    roads = weakness.roads[weakness.roads["rank"] > 0].sort_values("rank")
    middle = [shapely.line_interpolate_point(line, 0.5, normalized=True) for line in roads.geometry]
    kinds = [
        say(f"weak.kind_{'bridge' if row.bridges else 'ford' if row.fords else 'road'}", lang)
        + (say("weak.one_way", lang) if row.oneway else "")
        for row in roads.itertuples()
    ]
    names = [name or say("weak.unnamed", lang) for name in roads["nama"]]
    places = [say("weak.near", lang, nama=name, desa=desa) for name, desa in zip(names, roads["dekat"], strict=True)]
    return roads.assign(
        jenis=pd.Series(kinds, index=roads.index, dtype="str"),
        nama=names,
        place=places,
        lat=[float(point.y) for point in middle],
        lon=[float(point.x) for point in middle],
        n_ppk=roads["n_tps"] - roads["n_gudang"],
        extra_min=roads["extra_s"] / 60,
        extra_max_min=roads["extra_s_max"] / 60,
    )


def write_weak(
    plan: Plan, weakness: Weakness, folder: Path, lang: Lang, rain: pd.DataFrame | None = None
) -> list[Path]:
    """Write ``titik_lemah`` as workbook, CSV, GeoPackage and map.

    Parameters
    ----------
    plan : Plan
    weakness : Weakness
        Of that plan.
    folder : Path
        Made where it is not there; earlier files of the same names are replaced.
    lang : {"id", "en"}
    rain : DataFrame, optional
        Layer `RainRisk` of that plan; then it stands in all of them.

    Returns
    -------
    list of Path

    Raises
    ------
    OutputError
        Where a file could not be written; the earlier one then still stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    roads = ranked(weakness, lang)
    pairs = weakness.pairs.assign(
        **{name: roads[name].reindex(weakness.pairs["segment"]).to_numpy() for name in PLACE},
        **{f"{name}_other": roads[name].reindex(weakness.pairs["other"]).to_numpy() for name in PLACE},
        extra_min=weakness.pairs["extra_s"] / 60,
        extra_max_min=weakness.pairs["extra_s_max"] / 60,
    )
    alone = weakness.isolated.rename(columns={"metres": "single_m"})
    alone = alone.sort_values(["single_m", "kode_tps"], ascending=[False, True]).join(_firsts(roads, lang))
    tables = [
        _table("lemah", roads, WEAK, lang),
        _table("pasangan", pairs, PAIRS, lang),
        _table("kecamatan", _by_kecamatan(weakness, roads, lang), BY_KEC, lang),
        _table("terpencil", alone, ALONE + FIRST, lang),
        *([] if rain is None else [_table("hujan", in_percent(plan, rain, lang), RAIN, lang)]),
    ]
    about = [
        (say("tables.about_operation", lang), plan.inputs.operation.operation.name),
        (say("tables.about_version", lang), plan.version),
        (say("weak.method", lang), say("weak.method_text", lang)),
        *([] if rain is None else [(say("weak.sheet_hujan", lang), rain_method(plan, lang))]),
        *((say("tables.about_notice", lang), line) for line in notices(plan, lang)),
    ]
    layers, page = folder / f"{NAME}.gpkg", folder / f"peta_{NAME}.html"
    files = write_book_and_csv(folder / f"{NAME}.xlsx", (say("tables.about", lang), about), tables, f"{NAME}_")
    whole = gpd.GeoDataFrame(roads.reset_index()[[*WEAK, "geometry"]], crs=roads.crs)
    points = plan.tps.geometry.loc[alone.index].to_numpy()
    single = gpd.GeoDataFrame(alone.reset_index()[ALONE + FIRST], geometry=points, crs=plan.tps.crs)
    with replace_with(layers) as new, file_of_gdal():
        new.unlink()  # GDAL makes the file itself
        about_it = {f"NOTICE_{n}": line for n, line in enumerate(notices(plan, lang), start=1)}
        layered = [("titik_lemah", whole, "LineString"), ("tanpa_jalan_kedua", single, "Point")]
        if rain is not None:
            risk = in_percent(plan, rain, lang).reset_index()[RAIN]
            there = plan.tps.geometry.loc[risk["kode_tps"]].to_numpy()
            layered.append(("risiko_hujan", gpd.GeoDataFrame(risk, geometry=there, crs=plan.tps.crs), "Point"))
        for name, frame, kind in layered:
            pyogrio.write_dataframe(
                frame, new, layer=name, driver="GPKG", geometry_type=kind, dataset_metadata=about_it,
                dataset_options={"VERSION": "1.3"},
            )  # fmt: skip
    write_map(plan, page, lang, also=map_layers(plan, weakness, lang, rain), lead=lead_of(plan, weakness, lang))
    return [*files, layers, page]


def lead_of(plan: Plan, weakness: Weakness, lang: Lang) -> Lead:
    """Lay out the worst segments for the first thing that the map says."""
    rows = []
    for row in ranked(weakness, lang).head(TOLD).itertuples():
        name = say("weak.thing", lang, rank=row.rank, kind=row.jenis, nama=row.place)
        numbers = (_number(getattr(row, column), lang) for column in LED)
        rows.append([f"{name} ({row.lat:.5f}, {row.lon:.5f})", *numbers])
    return Lead(
        say("weak.map_title", lang, name=plan.inputs.operation.operation.name, version=plan.version),
        say("weak.sheet_lemah", lang),
        [say(f"weak.{name}", lang) for name in ("nama", *LED)],
        rows,
        [told(weakness, lang)[0], say("weak.map_note", lang), say("weak.method_text", lang)],
    )


def _firsts(roads: gpd.GeoDataFrame, lang: Lang) -> pd.DataFrame:
    """Name for each TPS that something cuts off the first of the ranked segments that does."""
    rows: dict[str, tuple[str, float, float]] = {}
    for row in roads[roads["n_tps"] > 0].itertuples():
        name = say("weak.thing", lang, rank=row.rank, kind=row.jenis, nama=row.place)
        for kode in str(row.tps).split():
            rows.setdefault(kode, (name, row.lat, row.lon))
    return pd.DataFrame.from_dict(rows, orient="index", columns=FIRST).astype({"first": "str"})


def _by_kecamatan(weakness: Weakness, roads: gpd.GeoDataFrame, lang: Lang) -> pd.DataFrame:
    """Sum up by kecamatan who has no second way, and by which weak point most of them are cut off."""
    sums = weakness.isolated.groupby("nama_kec").agg(
        n_alone=("no_tps", "size"), pemilih=("pemilih", "sum"), kotak=("kotak", "sum"), single_m=("metres", "max")
    )
    there = weakness.isolated["nama_kec"].to_dict()
    most: dict[str, tuple[int, str, float, float]] = {}
    for row in roads[roads["n_tps"] > 0].itertuples():
        for kec, n in Counter(there[kode] for kode in str(row.tps).split()).items():
            if kec not in most or n > most[kec][0]:
                name = say("weak.thing", lang, rank=row.rank, kind=row.jenis, nama=row.place)
                most[kec] = (n, name, row.lat, row.lon)
    worst = pd.DataFrame.from_dict(most, orient="index", columns=["n_most", "most", "most_lat", "most_lon"])
    table = sums.join(worst.astype({"most": "str"})).reset_index()
    return table.sort_values(["pemilih", "nama_kec"], ascending=[False, True], ignore_index=True)


def in_percent(plan: Plan, rain: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Lay out `RainRisk` in percent, with the margin of the chance now and the advice in words, the likeliest first."""
    said = {kind: say(f"weak.advice_{kind or 'none'}", lang) for kind in ("wave", "ppk", "")}
    low, high = margin(rain["late"].to_numpy(), plan.inputs.operation.hujan.jumlah)
    shown = rain.assign(
        late_pct=rain["late"] * 100,
        low_pct=low * 100,
        high_pct=high * 100,
        earlier_pct=rain["late_earlier"] * 100,
        stored_pct=rain["late_stored"] * 100,
        saran=rain["advice"].map(said).astype("str"),
    )
    return shown.sort_values(["late", "kode_tps"], ascending=[False, True])


def rain_method(plan: Plan, lang: Lang) -> str:
    """Say what the random rains assume."""
    chances = plan.inputs.operation.hujan
    words = {
        name: thousands(getattr(chances, name) * 100, lang, 1)
        for name in ("lebat", "jembatan", "lintasan", "tanah_per_km", "jalan_per_km")
    }
    sumber = say(f"term.{chances.sumber}", lang)
    words["worth"] = thousands(WORTH * 100, lang)
    return say("weak.rain_text", lang, n=chances.jumlah, seed=chances.benih, sumber=sumber, **words)


def map_layers(plan: Plan, weakness: Weakness, lang: Lang, rain: pd.DataFrame | None = None) -> list[MapLayer]:
    """Show the worst segments, the TPS that have no second way or are likely late in rain, on the operation's map."""
    roads = ranked(weakness, lang).head(ON_MAP)
    shown = [name for name in HARM if name != "n_ppk"]
    things: dict[bool, list[Thing]] = {True: [], False: []}
    for row in roads.itertuples():
        facts = [(say(f"weak.{name}", lang), _number(getattr(row, name), lang)) for name in shown]
        name = say("weak.thing", lang, rank=row.rank, kind=row.jenis, nama=row.place)
        things[row.n_tps > 0].append(Thing(str(row.Index), name, shapely.get_coordinates(row.geometry), facts))
    alone, firsts = [], _firsts(ranked(weakness, lang), lang)["first"].to_dict()
    for row in weakness.isolated.itertuples():
        place = plan.tps.geometry[row.Index]
        facts = [(say(f"weak.{name}", lang), _number(getattr(row, name), lang)) for name in ("pemilih", "kotak")]
        facts.append((say("weak.single_m", lang), _number(row.metres, lang)))
        facts.append((say("weak.first", lang), firsts[row.Index]))
        name = say("weak.isolated_thing", lang, desa=row.nama_desa, no_tps=row.no_tps)
        alone.append(Thing(str(row.Index), name, mark_at(place.x, place.y), facts))
    layers = [
        MapLayer("lemah", say("weak.layer_cuts", lang), things[True], stroke=6, on=True),
        MapLayer("putar", say("weak.layer_longer", lang), things[False], stroke=4, dash=(6, 4)),
        MapLayer("terpencil", say("weak.layer_isolated", lang), alone, shape="hexagon", letter="1"),
    ]
    if rain is not None:
        layers.append(MapLayer("hujan", say("weak.layer_rain", lang), _likely_late(plan, rain, lang), letter="%"))
    return [layer for layer in layers if layer.things]


def _likely_late(plan: Plan, rain: pd.DataFrame, lang: Lang) -> list[Thing]:
    """Show the TPS that random rains make late, each with what helps."""
    things = []
    for row in in_percent(plan, rain[rain["late"] >= LIKELY], lang).itertuples():
        place = plan.tps.geometry[row.Index]
        facts = [(say(f"weak.{name}", lang), _number(getattr(row, name), lang)) for name in RAIN[4:6] + RAIN[7:12]]
        facts.append((say("weak.saran", lang), str(row.saran)))
        name = say("weak.isolated_thing", lang, desa=row.nama_desa, no_tps=row.no_tps)
        things.append(Thing(str(row.Index), name, mark_at(place.x, place.y), facts))
    return things


def told_rain(plan: Plan, rain: pd.DataFrame, lang: Lang) -> list[str]:
    """Say which TPS random rains make late, in lines for a terminal."""
    likely = in_percent(plan, rain[rain["late"] >= LIKELY], lang)
    words = {"n": len(likely), "rains": plan.inputs.operation.hujan.jumlah, "least": round(LIKELY * 100)}
    lines = [say("weak.rain_title", lang, pemilih=thousands(int(likely["pemilih"].sum()), lang), **words)]
    for row in likely.head(TOLD).itertuples():
        percents = {name: _number(getattr(row, name), lang) for name in RAIN[7:12]}
        name = {"desa": visible(str(row.nama_desa)), "no_tps": row.no_tps, "saran": row.saran}
        lines.append(say("weak.rain_row", lang, kode_tps=row.Index, **name, **percents))
    return [*lines, rain_method(plan, lang)]


def told(weakness: Weakness, lang: Lang) -> list[str]:
    """Say the worst segments, the worst pairs and who has no second way, in lines for a terminal."""
    roads = ranked(weakness, lang)
    lines = [say("weak.title", lang, n=len(roads), all=len(weakness.roads))]
    for row in roads.head(TOLD).itertuples():
        words = {name: getattr(row, name) for name in ("rank", "n_tps", "n_longer")}
        words |= {name: _number(getattr(row, name), lang) for name in ("pemilih", "kotak")}
        words |= {"kind": row.jenis, "nama": visible(row.place), "lat": f"{row.lat:.5f}", "lon": f"{row.lon:.5f}"}
        lines.append(say("weak.row", lang, minutes=_number(row.extra_max_min, lang), **words))
    if len(weakness.pairs):
        lines.append(say("weak.pairs", lang, n=len({*weakness.pairs["segment"], *weakness.pairs["other"]})))
        for row in weakness.pairs.head(TOLD_PAIRS).itertuples():
            both = (("one", roads.loc[row.segment]), ("other", roads.loc[row.other]))
            names = {
                key: f"{at['rank']}. {visible(at['place'])} ({at['lat']:.5f}, {at['lon']:.5f})" for key, at in both
            }
            counts = {"n_tps": row.n_tps, "n_more": row.n_more, "pemilih": _number(row.pemilih, lang)}
            lines.append(say("weak.pair", lang, **names, **counts))
    alone = weakness.isolated
    sums = {name: thousands(int(alone[name].sum()), lang) for name in ("pemilih", "kotak")}
    lines.append(say("weak.isolated", lang, n=len(alone), **sums))
    for one in _by_kecamatan(weakness, roads, lang).to_dict("records"):
        words = {name: _number(one[name], lang) for name in ("n_alone", "pemilih", "n_most")}
        words |= {"kec": visible(one["nama_kec"]), "most": visible(one["most"])}
        lines.append(say("weak.isolated_kec", lang, km=thousands(one["single_m"] / 1000, lang, 1), **words))
    if weakness.cut_off:
        lines.append(say("weak.cut_off", lang, n=len(weakness.cut_off)))
    return lines


def _number(value: Any, lang: Lang) -> str:  # noqa: ANN401 - a cell of a row
    return thousands(round(float(value)), lang)


def _table(name: str, frame: pd.DataFrame, columns: list[str], lang: Lang) -> Table:
    rows = pd.DataFrame(frame.reset_index()[columns])
    heads = {column: say(f"weak.{column}", lang) for column in columns}
    return Table(name, say(f"weak.sheet_{name}", lang), rows, heads, decimals=DECIMALS)
