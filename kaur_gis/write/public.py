"""What may be published of a plan, said once for the map, the tables and the layers; and the files of that edition.

No guards, no trips, times or routes, no places where boxes are kept, no class or tag that nobody published.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.store import EXACT
from kaur_gis.summary import notices
from kaur_gis.write.columns import kit_names
from kaur_gis.write.layers import roads_once, write_collections, write_package
from kaur_gis.write.workbook import Table, write_book_and_csv

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

FOLDER = "publik"
PUBLIC_PLACES = ("ppk", "pps")
"""Kinds of places in the public edition: where boxes are kept and from where guards come stays out."""
OF_TPS = ("kode_desa", "nama_desa", "kode_kec", "nama_kec", "no_tps", "pemilih", "pemilih_sumber", "posisi")
"""Columns of `layers.TaggedTps` that may be published as they are."""
OF_PLACES = ("jenis", "nama", "kode_desa", "kode_kec", "posisi", "sumber")
"""The same of `layers.Tempat`."""
TAGS = ("kerawanan", "kerawanan_sumber", "sinyal", "sinyal_sumber", "akses", "akses_sumber")


def published(tps: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Keep of the three axes what was published of each TPS; "" elsewhere.

    A class that our own rules gave is no publication, however well its reasons are known.

    Parameters
    ----------
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.

    Returns
    -------
    dict
        The columns `TAGS`, in the order of `tps`.
    """
    police = tps["kerawanan_polri_sumber"] == "terbit"
    columns = {
        "kerawanan": tps["kerawanan"].where(police, ""),
        "kerawanan_sumber": police.map({True: "terbit", False: ""}),
    }
    for axis in ("sinyal", "akses"):
        known = tps[f"{axis}_sumber"] == "terbit"
        columns |= {axis: tps[axis].where(known, ""), f"{axis}_sumber": known.map({True: "terbit", False: ""})}
    return {name: list(column) for name, column in columns.items()}


def public_layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Build the layers of the public edition, column by column from what may be published.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict
        `kecamatan`, `jalan`, `sungai` and `puncak` (where there are any), `desa`, `tempat`, `tps`; codes are columns.
    """
    inputs, tps = plan.inputs, plan.tps
    places = inputs.tempat[inputs.tempat["jenis"].isin(PUBLIC_PLACES)]
    shown = tps[[*OF_TPS, "geometry"]].assign(**published(tps), kotak=plan.kits["kotak"], dapil=plan.kits["dapil"])
    layers = {
        "kecamatan": inputs.kecamatan,
        "jalan": roads_once(inputs.roads.edges),
        "sungai": inputs.sungai,
        "puncak": inputs.puncak,
        "desa": inputs.desa,
        "tempat": places[[*OF_PLACES, "geometry"]],
        "tps": shown[[*OF_TPS, "dapil", "kotak", *TAGS, "geometry"]],
    }
    ground = ("sungai", "puncak")
    return {
        name: layer.sort_index().reset_index() for name, layer in layers.items() if name not in ground or len(layer)
    }


def write_public(plan: Plan, folder: str | Path, lang: Lang, *, geojson: bool = False) -> list[Path]:
    """Write the public edition of tables and layers into ``publik/``.

    Parameters
    ----------
    plan : Plan
    folder : path
        Folder of the run.
    lang : {"id", "en"}
        Language of heads, titles and notices.
    geojson : bool
        Whether the layers are written as GeoJSON too.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    into = Path(folder) / FOLDER
    (into / EXACT).mkdir(parents=True)
    layers, told = public_layers(plan), notices(plan, lang, public=True)
    files = [write_package(layers, into / "layers.gpkg", plan, lang, told, public=True)]
    for name, layer in layers.items():
        files.append(into / EXACT / f"{name}.parquet")
        layer.to_parquet(files[-1], index=False, compression="zstd")
    if geojson:
        (into / "geojson").mkdir()
        files += write_collections(layers, into / "geojson", told)
    tables = _tables(plan, layers, lang)
    about = [
        (say("tables.about_operation", lang), plan.inputs.operation.operation.name),
        (say("tables.about_version", lang), plan.version),
        *((say("tables.about_notice", lang), line) for line in told),
    ]
    return files + write_book_and_csv(into / "tabel.xlsx", (say("tables.about", lang), about), tables)


def _tables(plan: Plan, layers: dict[str, gpd.GeoDataFrame], lang: Lang) -> list[Table]:
    tps = pd.DataFrame(layers["tps"].drop(columns="geometry"))
    kit = kit_names(plan.inputs.kit_rules, lang)
    goods = [name for name in plan.kits.columns if name in kit]
    for name in ("pemilih_sumber", "posisi", *TAGS):
        tps[name] = [say(f"term.{token}", lang) if token else "" for token in tps[name]]
    with_kit = tps[["kode_tps", "nama_kec", "nama_desa", "no_tps", "dapil", "pemilih", "kotak"]].join(
        plan.kits[goods], on="kode_tps"
    )
    by = with_kit.groupby(tps["kode_kec"], sort=True)
    areas = by[["pemilih", "kotak", *goods]].sum()
    areas.insert(0, "n_tps", by.size())
    areas.insert(0, "nama_kec", plan.inputs.kecamatan["nama"].reindex(areas.index))
    word = say("tables.total", lang)

    def table(file: str, sheet: str, frame: pd.DataFrame, total: tuple[str, ...]) -> Table:
        heads = {name: kit.get(name) or say(f"tables.{name}", lang) for name in map(str, frame.columns)}
        return Table(file, say(f"tables.sheet_{sheet}", lang), frame, heads, total=total, total_word=word)

    return [
        table("tps", "tps", tps, ("pemilih", "kotak")),
        table("perlengkapan_tps", "perlengkapan_tps", with_kit, ("pemilih", "kotak", *goods)),
        table("kecamatan", "perlengkapan_kecamatan", areas.reset_index(), ("n_tps", "pemilih", "kotak", *goods)),
    ]
