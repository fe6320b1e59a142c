"""Weak points as files: workbook and CSV, GeoPackage, and a layer on the operation's map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.report import visible
from kaur_gis.summary import notices
from kaur_gis.write.layers import fixed_time
from kaur_gis.write.map import write_map
from kaur_gis.write.map.more import MapLayer, Thing, mark_at
from kaur_gis.write.safely import replace_with
from kaur_gis.write.workbook import Table, write_book_and_csv

if TYPE_CHECKING:
    from kaur_gis.cut.weak import Weakness
    from kaur_gis.plan import Plan

NAME = "titik_lemah"
ON_MAP = 300  # of the worst segments
TOLD, TOLD_PAIRS = 10, 5  # on the terminal
HARM = ["n_tps", "n_gudang", "n_ppk", "pemilih", "kotak", "n_longer", "extra_min", "extra_max_min"]
WEAK = [
    "rank",
    "segment",
    "jenis",
    "nama",
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
PAIRS = ["rank", "segment", "nama", "other", "nama_other", *HARM[:1], *HARM[3:], "n_more", "pemilih_more", "tps"]
ALONE = ["kode_tps", "nama_kec", "nama_desa", "no_tps", "pemilih", "kotak", "single_m", "bridges", "fords"]
DECIMALS = {"lat": 6, "lon": 6, "metres": 0, "single_m": 0, "extra_min": 1, "extra_max_min": 1}


def ranked(weakness: Weakness, lang: Lang) -> gpd.GeoDataFrame:
    """Lay out the segments that change anything, the worst first, each with its name and a point on it.

    Returns
    -------
    GeoDataFrame
        Indexed by `segment`; `lat` and `lon` are the middle of the segment.
    """
    roads = weakness.roads[weakness.roads["rank"] > 0].sort_values("rank")
    middle = [shapely.line_interpolate_point(line, 0.5, normalized=True) for line in roads.geometry]
    kinds = ["bridge" if row.bridges else "ford" if row.fords else "road" for row in roads.itertuples()]
    return roads.assign(
        jenis=pd.Series([say(f"weak.kind_{kind}", lang) for kind in kinds], index=roads.index, dtype="str"),
        nama=[name or say("weak.unnamed", lang) for name in roads["nama"]],
        lat=[float(point.y) for point in middle],
        lon=[float(point.x) for point in middle],
        n_ppk=roads["n_tps"] - roads["n_gudang"],
        extra_min=roads["extra_s"] / 60,
        extra_max_min=roads["extra_s_max"] / 60,
    )


def write_weak(plan: Plan, weakness: Weakness, folder: Path, lang: Lang) -> list[Path]:
    """Write ``titik_lemah`` as workbook, CSV, GeoPackage and map.

    Parameters
    ----------
    plan : Plan
    weakness : Weakness
        Of that plan.
    folder : Path
        Made where it is not there; earlier files of the same names are replaced.
    lang : {"id", "en"}

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
        nama=[roads["nama"].get(segment, "") for segment in weakness.pairs["segment"]],
        nama_other=[roads["nama"].get(segment, "") for segment in weakness.pairs["other"]],
        extra_min=weakness.pairs["extra_s"] / 60,
        extra_max_min=weakness.pairs["extra_s_max"] / 60,
    )
    alone = weakness.isolated.rename(columns={"metres": "single_m"})
    alone = alone.sort_values(["single_m", "kode_tps"], ascending=[False, True])
    tables = [
        _table("lemah", roads, WEAK, lang),
        _table("pasangan", pairs, PAIRS, lang),
        _table("terpencil", alone, ALONE, lang),
    ]
    about = [
        (say("tables.about_operation", lang), plan.inputs.operation.operation.name),
        (say("tables.about_version", lang), plan.version),
        (say("weak.method", lang), say("weak.method_text", lang)),
        *((say("tables.about_notice", lang), line) for line in notices(plan, lang)),
    ]
    layers, page = folder / f"{NAME}.gpkg", folder / f"peta_{NAME}.html"
    files = write_book_and_csv(folder / f"{NAME}.xlsx", (say("tables.about", lang), about), tables, f"{NAME}_")
    whole = gpd.GeoDataFrame(roads.reset_index()[[*WEAK, "geometry"]], crs=roads.crs)
    points = plan.tps.geometry.loc[alone.index].to_numpy()
    single = gpd.GeoDataFrame(alone.reset_index()[ALONE], geometry=points, crs=plan.tps.crs)
    with replace_with(layers) as new, fixed_time():
        new.unlink()  # GDAL makes the file itself
        about_it = {f"NOTICE_{n}": line for n, line in enumerate(notices(plan, lang), start=1)}
        for name, frame, kind in (("titik_lemah", whole, "LineString"), ("tanpa_jalan_kedua", single, "Point")):
            pyogrio.write_dataframe(
                frame, new, layer=name, driver="GPKG", geometry_type=kind, dataset_metadata=about_it,
                dataset_options={"VERSION": "1.3"},
            )  # fmt: skip
    write_map(plan, page, lang, also=map_layers(plan, weakness, lang))
    return [*files, layers, page]


def map_layers(plan: Plan, weakness: Weakness, lang: Lang) -> list[MapLayer]:
    """Show the worst segments, and the TPS that have no second way, on the operation's map."""
    roads = ranked(weakness, lang).head(ON_MAP)
    shown = [name for name in HARM if name != "n_ppk"]
    things: dict[bool, list[Thing]] = {True: [], False: []}
    for row in roads.itertuples():
        facts = [(say(f"weak.{name}", lang), _number(getattr(row, name), lang)) for name in shown]
        name = say("weak.thing", lang, rank=row.rank, kind=row.jenis, nama=row.nama)
        things[row.n_tps > 0].append(Thing(str(row.Index), name, shapely.get_coordinates(row.geometry), facts))
    alone = []
    for row in weakness.isolated.itertuples():
        place = plan.tps.geometry[row.Index]
        facts = [(say(f"weak.{name}", lang), _number(getattr(row, name), lang)) for name in ("pemilih", "kotak")]
        facts.append((say("weak.single_m", lang), _number(row.metres, lang)))
        name = say("weak.isolated_thing", lang, desa=row.nama_desa, no_tps=row.no_tps)
        alone.append(Thing(str(row.Index), name, mark_at(place.x, place.y), facts))
    layers = [
        MapLayer("lemah", say("weak.layer_cuts", lang), things[True], stroke=6, on=True),
        MapLayer("putar", say("weak.layer_longer", lang), things[False], stroke=4, dash=(6, 4)),
        MapLayer("terpencil", say("weak.layer_isolated", lang), alone, shape="hexagon", letter="1"),
    ]
    return [layer for layer in layers if layer.things]


def told(weakness: Weakness, lang: Lang) -> list[str]:
    """Say the worst segments, the worst pairs and who has no second way, in lines for a terminal."""
    roads = ranked(weakness, lang)
    lines = [say("weak.title", lang, n=len(roads), all=len(weakness.roads))]
    for row in roads.head(TOLD).itertuples():
        words = {name: getattr(row, name) for name in ("rank", "n_tps", "n_longer")}
        words |= {name: _number(getattr(row, name), lang) for name in ("pemilih", "kotak")}
        words |= {"kind": row.jenis, "nama": visible(row.nama), "lat": f"{row.lat:.5f}", "lon": f"{row.lon:.5f}"}
        lines.append(say("weak.row", lang, minutes=_number(row.extra_max_min, lang), **words))
    if len(weakness.pairs):
        lines.append(say("weak.pairs", lang, n=len({*weakness.pairs["segment"], *weakness.pairs["other"]})))
        for row in weakness.pairs.head(TOLD_PAIRS).itertuples():
            names = {
                key: f"{roads['rank'][segment]}. {visible(roads['nama'][segment])}"
                for key, segment in (("one", row.segment), ("other", row.other))
            }
            counts = {"n_tps": row.n_tps, "n_more": row.n_more, "pemilih": _number(row.pemilih, lang)}
            lines.append(say("weak.pair", lang, **names, **counts))
    alone = weakness.isolated
    sums = {name: thousands(int(alone[name].sum()), lang) for name in ("pemilih", "kotak")}
    lines.append(say("weak.isolated", lang, n=len(alone), **sums))
    if weakness.cut_off:
        lines.append(say("weak.cut_off", lang, n=len(weakness.cut_off)))
    return lines


def _number(value: Any, lang: Lang) -> str:  # noqa: ANN401 - a cell of a row
    return thousands(round(float(value)), lang)


def _table(name: str, frame: pd.DataFrame, columns: list[str], lang: Lang) -> Table:
    rows = pd.DataFrame(frame.reset_index()[columns])
    heads = {column: say(f"weak.{column}", lang) for column in columns}
    return Table(name, say(f"weak.sheet_{name}", lang), rows, heads, decimals=DECIMALS)
