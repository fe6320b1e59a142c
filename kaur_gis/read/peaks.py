"""Hills and mountains by name, for the map: an optional layer of points, as `kaur-gis fetch` writes it or your own."""

from __future__ import annotations

import geopandas as gpd

from kaur_gis.config import Region
from kaur_gis.layers import CRS, Peaks, checked_geo, empty
from kaur_gis.problems import Problem
from kaur_gis.read.cells import decimal, text_up_to
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.position import NAN, check_positions, coordinate
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, table_in

LOWEST_M, HIGHEST_M = -500.0, 9000.0
COLUMNS = (
    Column("nama", text_up_to(MAX_NAME)),
    Column("lon", coordinate),
    Column("lat", coordinate),
    Column("elevasi_m", decimal(LOWEST_M, HIGHEST_M), required=False, blank=NAN),
)


def read_peaks(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame:
    """Read the hills of one file.

    Parameters
    ----------
    raw : Raw
        A table, or points, with `nama` and perhaps `elevasi_m`.
    region : Region
        Study box, in which all must lie.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Peaks`, the highest first; empty where the file is refused.
    """
    before = len(problems)
    table = table_in(raw, COLUMNS, region, problems, keyed=False)
    if table is not None:
        check_positions(table, region)
    if table is None or any(problem.level == "refuse" for problem in problems[before:]):
        return empty(Peaks)
    frame = table.frame.astype({"nama": "str", "elevasi_m": "float64", "lon": "float64", "lat": "float64"})
    frame = frame.sort_values(["elevasi_m", "nama", "lon", "lat"], ascending=[False, True, True, True])
    layer = gpd.GeoDataFrame(
        frame[["nama", "elevasi_m"]].reset_index(drop=True),
        geometry=gpd.points_from_xy(frame["lon"], frame["lat"]),
        crs=CRS,
    )
    return checked_geo(layer.rename_axis("puncak"), Peaks)
