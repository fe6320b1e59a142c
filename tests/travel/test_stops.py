"""Stops from places and TPS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
import pytest
from shapely import Point

from kaur_gis.layers import CRS
from kaur_gis.travel import stops_of

DESA = "17.04.01.2001"


def tempat(*kinds: str) -> gpd.GeoDataFrame:
    rows = {
        "jenis": list(kinds), "nama": [f"{kind} nama" for kind in kinds], "kode_desa": DESA, "kode_kec": DESA[:8],
        "posisi": "desa",
    }  # fmt: skip
    codes = pd.Index([f"{kind.upper()}-{n}" for n, kind in enumerate(kinds)], name="kode_tempat")
    return gpd.GeoDataFrame(rows, index=codes, geometry=[Point(103.3, -4.6)] * len(kinds), crs=CRS)


def tps(*stops: str) -> gpd.GeoDataFrame:
    """Give TPS 1, 2, ... of one village, each at the stop named."""
    rows = {"nama_desa": "Desa", "kode_desa": DESA, "kode_kec": DESA[:8], "kode_stop": list(stops), "posisi": "desa"}
    rows |= {"akses_lon": np.nan, "akses_lat": np.nan}
    codes = pd.Index([f"{n + 1:013d}" for n in range(len(stops))], name="kode_tps")
    return gpd.GeoDataFrame(rows, index=codes, geometry=[Point(103.31, -4.61)] * len(stops), crs=CRS)


ONE, THREE = "0000000000001", "0000000000003"


def test_places_come_first_by_kind_and_tps_points_after_each_once() -> None:
    stops = stops_of(tps(ONE, ONE, THREE), tempat("pps", "polsek", "gudang", "ppk", "gudang"))
    assert list(stops.index) == ["GUDANG-2", "GUDANG-4", "PPK-3", "PPS-0", "POLSEK-1", ONE, THREE]
    assert list(stops["kind"]) == ["gudang", "gudang", "ppk", "pps", "polsek", "tps", "tps"]
    assert list(stops["n_tps"]) == [0, 0, 0, 0, 0, 2, 1]
    assert stops.loc[ONE, "nama"] == "Desa"


def test_the_order_of_the_inputs_does_not_matter() -> None:
    places, points = tempat("ppk", "gudang", "pps"), tps(ONE, ONE, THREE)
    assert stops_of(points, places).equals(stops_of(points.iloc[::-1], places.iloc[::-1]))


def test_a_place_that_bears_the_code_of_a_tps_point_is_refused() -> None:
    places = tempat("gudang").rename(index={"GUDANG-0": ONE})
    with pytest.raises(pandera.errors.SchemaErrors, match="kode_stop"):
        stops_of(tps(ONE), places)
