"""Places that are not TPS: gudang, PPK, PPS, Polsek."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from kaur_gis.config import SUMBER_ORDER, Region
from kaur_gis.layers import CRS, KODE_KEC, PLACE_KINDS, POSISI, Tempat, checked_geo
from kaur_gis.problems import Problem
from kaur_gis.read.cells import code, own_code, text_up_to, words
from kaur_gis.read.desa import MAX_NAME, kode_desa
from kaur_gis.read.position import OPTIONAL_COLUMNS, check_posisi, check_positions
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, Table, check_sumber, table_in

kode_tempat = own_code("PPK-01")

COLUMNS = (
    Column("kode_tempat", kode_tempat),
    Column("jenis", words(*PLACE_KINDS)),
    Column("nama", text_up_to(MAX_NAME)),
    Column("kode_desa", kode_desa),
    Column("kode_kec", code(KODE_KEC, "17.04.01"), required=False, blank=""),
    *OPTIONAL_COLUMNS,
    Column("posisi", words(*POSISI)),
    Column("sumber", words(*SUMBER_ORDER)),
    Column("induk", kode_tempat, required=False, blank=""),
    Column("induk_sumber", words(*SUMBER_ORDER), required=False, blank=""),
    Column("dapil", text_up_to(MAX_NAME), required=False, blank=""),
)


def read_places(raw: Raw, region: Region, problems: list[Problem]) -> Table | None:
    """Read the table of places.

    Parameters
    ----------
    raw : Raw
        The file.
    region : Region
        Study box.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Table or None
        `kode_kec` is that of the village where the file leaves it empty.
    """
    table = table_in(raw, COLUMNS, region, problems)
    if table is None:
        return None
    check_positions(table, region)
    check_posisi(table, "posisi", without_point="desa")
    check_sumber(table, "induk", "induk_sumber")
    blank = table.frame["kode_kec"] == ""
    table.frame.loc[blank, "kode_kec"] = table.frame.loc[blank, "kode_desa"].str[: len("17.04.01")]
    return table


def places_layer(table: Table, desa: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the layer `layers.Tempat` of a table without refusals.

    Parameters
    ----------
    table : Table
        As `read_places` gives it.
    desa : GeoDataFrame
        Layer `layers.Desa`: a place with ``posisi = desa`` lies at its village's point.

    Returns
    -------
    GeoDataFrame
    """
    frame = table.frame.sort_values("kode_tempat").set_index("kode_tempat")
    village = desa.geometry.reindex(frame["kode_desa"].astype("str"))
    own = gpd.points_from_xy(frame["lon"].astype("float64"), frame["lat"].astype("float64"))
    at_village = (frame["posisi"] == "desa").to_numpy()
    points = [there if use else here for use, there, here in zip(at_village, village, own, strict=True)]
    text: pd.DataFrame = frame.drop(columns=["lon", "lat"]).astype("str")
    layer = gpd.GeoDataFrame(text, geometry=points, crs=CRS)
    layer.index = layer.index.astype("str")
    return checked_geo(layer, Tempat)
