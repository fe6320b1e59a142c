"""The villages (desa, kelurahan), each at one settlement point."""

from __future__ import annotations

import geopandas as gpd

from kaur_gis.config import SUMBER_ORDER, Region
from kaur_gis.layers import CRS, KODE_DESA, Desa, checked_geo
from kaur_gis.problems import Problem
from kaur_gis.read.cells import code, decimal, text_up_to, words
from kaur_gis.read.position import NAN, check_positions, coordinate
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, Table, table_in

MAX_NAME = 500
kode_desa = code(KODE_DESA, "17.04.01.2001")

COLUMNS = (
    Column("kode_desa", kode_desa),
    Column("kode_bps", code(r"^\d{10}$", "1704050010"), required=False, blank=""),
    Column("nama", text_up_to(MAX_NAME)),
    Column("nama_bps", text_up_to(MAX_NAME), required=False, blank=""),  # for people; only compared
    Column("lon", coordinate),
    Column("lat", coordinate),
    Column("titik_sumber", words(*SUMBER_ORDER)),
    Column("mutu", text_up_to(MAX_NAME), required=False, blank=""),
    Column("selisih_m", decimal(0, 1_000_000), required=False, blank=NAN),
)


def read_desa(raw: Raw, region: Region, problems: list[Problem]) -> Table | None:
    """Read the table of villages.

    Parameters
    ----------
    raw : Raw
        The file.
    region : Region
        Study box and codes of the kabupaten.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Table or None
    """
    table = table_in(raw, COLUMNS, region, problems)
    if table is None:
        return None
    check_positions(table, region)
    for line, kode, bps in table.rows("kode_desa", "kode_bps"):
        if kode and not kode.startswith(f"{region.kode_kab}."):
            table.add("wrong_kabupaten", line, "kode_desa", kode, expected=region.kode_kab)
        if bps and not bps.startswith(region.kode_kab_bps):
            table.add("wrong_kabupaten", line, "kode_bps", bps, expected=region.kode_kab_bps)
    return table


def desa_layer(table: Table) -> gpd.GeoDataFrame:
    """Make the layer `layers.Desa` of a table without refusals; the code gives the kecamatan."""
    frame = table.frame.sort_values("kode_desa").set_index("kode_desa")
    text = frame[["nama", "kode_bps", "mutu", "titik_sumber"]].astype("str")
    layer = gpd.GeoDataFrame(
        text.assign(
            kode_kec=frame.index.str[: len("17.04.01")].astype("str"), selisih_m=frame["selisih_m"].astype("float64")
        ),
        geometry=gpd.points_from_xy(frame["lon"].astype("float64"), frame["lat"].astype("float64")),
        crs=CRS,
    )
    layer.index = layer.index.astype("str")
    return checked_geo(layer, Desa)
