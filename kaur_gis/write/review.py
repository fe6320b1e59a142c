"""The report on the data: the same as a workbook and as a GeoPackage, so that a person mends it in Excel or QGIS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from kaur_gis import report
from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS
from kaur_gis.problems import Problem
from kaur_gis.review import Review
from kaur_gis.write.layers import file_of_gdal
from kaur_gis.write.safely import replace_with
from kaur_gis.write.workbook import Table, write_workbook

BOOK, LAYERS = "laporan_data.xlsx", "laporan_data.gpkg"
TPS = ["kode_kec", "nama_kec", "kode_desa", "nama_desa", "no_tps", "pemilih", "posisi", "placed_by", "border_m"]
DESA = ["nama", "kode_kec", "nama_kec", "kode_bps", "titik_sumber", "selisih_m", "lies_in", "border_m"]
Points = Mapping[tuple[str, int], tuple[float, float]]


def write_review(
    problems: Sequence[Problem],
    points: Points,
    reviewed: tuple[Inputs, Review] | None,
    folder: Path,
    lang: Lang,
) -> list[Path]:
    """Write the report.

    Parameters
    ----------
    problems : sequence of Problem
        Everything that was found, of any level.
    points : mapping
        (file, row) -> longitude and latitude, where a problem may be shown on a map.
    reviewed : (Inputs, Review) or None
        None where the data was refused: the report then lists the problems alone.
    folder : Path
        Made where it is not there; an earlier report in it is replaced.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of Path

    Raises
    ------
    OutputError
        Where a file could not be written; the earlier one then still stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frames = _frames(problems, points, reviewed, lang)
    about = [(say("check.about_what", lang), say("check.about_text", lang, n=len(problems)))]
    tables = [
        Table(
            file="laporan_data",
            sheet=say(f"check.sheet_{name}", lang),
            frame=pd.DataFrame(frame.drop(columns="geometry", errors="ignore")),
            heads={str(column): say(f"check.{column}", lang) for column in frame.columns if column != "geometry"},
        )
        for name, frame in frames.items()
    ]
    write_workbook(folder / BOOK, (say("check.sheet_about", lang), about), tables)
    with replace_with(folder / LAYERS) as new, file_of_gdal():
        new.unlink()  # GDAL makes the file itself
        for name, frame in frames.items():
            kind = "MultiPolygon" if name == "kecamatan" else "Point"
            pyogrio.write_dataframe(
                frame,
                new,
                layer=name,
                driver="GPKG",
                geometry_type=kind if isinstance(frame, gpd.GeoDataFrame) else None,
                promote_to_multi=name == "kecamatan",
            )
    return [folder / BOOK, folder / LAYERS]


def _frames(
    problems: Sequence[Problem], points: Points, reviewed: tuple[Inputs, Review] | None, lang: Lang
) -> dict[str, pd.DataFrame]:
    frames: dict[str, pd.DataFrame] = {"masalah": _problems(problems, points, reviewed, lang)}
    if reviewed is None:
        return frames
    inputs, review = reviewed
    tps = review.tps.reset_index()
    desa = review.desa.reset_index()
    polygons = inputs.kecamatan[["nama", "dapil", "geometry"]].reset_index()
    frames["tps"] = tps[["kode_tps", *TPS, "lies_in", "road_m", "geometry"]]
    frames["desa"] = desa[["kode_desa", *DESA, "geometry"]]
    frames["jumlah"] = review.totals
    frames["kecamatan"] = polygons
    return frames


def _where(problem: Problem, points: Points, of_code: Mapping[str, shapely.Point]) -> shapely.Point | None:
    """Find the point of a problem: one that it names, that of its row, or that of the TPS or village it is about."""
    if {"lon", "lat"} <= problem.details.keys():
        return shapely.Point(float(problem.details["lon"]), float(problem.details["lat"]))
    at = points.get((problem.file, problem.row or 0))
    return of_code.get(problem.value) if at is None else shapely.Point(at)


def _problems(
    problems: Sequence[Problem], points: Points, reviewed: tuple[Inputs, Review] | None, lang: Lang
) -> gpd.GeoDataFrame:
    """Lay the problems out, each with its point where it has one."""
    rows = [
        {
            "tingkat": say(f"check.level_{problem.level}", lang),
            "berkas": problem.file,
            "baris": "" if problem.row is None else str(problem.row),
            "kolom": problem.column,
            "tertulis": report.visible(problem.value),
            "apa": report.what(problem, lang),
            "perbaikan": report.hint(problem, lang),
        }
        for problem in problems
    ]
    of_code: dict[str, shapely.Point] = {}
    if reviewed is not None:
        of_code = {**dict(reviewed[1].desa.geometry.items()), **dict(reviewed[1].tps.geometry.items())}
    shapes = [_where(problem, points, of_code) for problem in problems]
    columns = ["tingkat", "berkas", "baris", "kolom", "tertulis", "apa", "perbaikan"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns, dtype=str), geometry=shapes, crs=CRS)
