"""Stops: where vehicles load or unload, and from where officers come."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.layers import CRS, Stops, checked_geo

PLACE_STOPS = ("gudang", "ppk", "pps", "polsek")
GATE = ("akses_lon", "akses_lat")


def stops_of(
    tps: gpd.GeoDataFrame, tempat: gpd.GeoDataFrame, signal: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Collect the stops: gudang, PPK, PPS and Polsek first, then every point with TPS, then points with signal.

    Parameters
    ----------
    tps : GeoDataFrame
        Layer `PlacedTps` (or `TaggedTps`).
    tempat : GeoDataFrame
        Layer `Tempat`.
    signal : GeoDataFrame, optional
        Points with signal, as rows of layer `Stops`.

    Returns
    -------
    GeoDataFrame
        Layer `Stops`, places by kind and code, then TPS points by code, whatever the order of the inputs; then
        points with signal.

    Raises
    ------
    pandera.errors.SchemaErrors
        Where a place and a TPS point bear the same code.
    """
    places = tempat[tempat["jenis"].isin(PLACE_STOPS)].rename(columns={"jenis": "kind"}).sort_index()
    rank = places["kind"].map({kind: n for n, kind in enumerate(PLACE_STOPS)})
    places = places.loc[rank.sort_values(kind="stable").index].assign(n_tps=0, akses_lon=np.nan, akses_lat=np.nan)
    points = tps.loc[sorted(tps["kode_stop"].unique())].rename(columns={"nama_desa": "nama"})
    points = points.assign(kind="tps", n_tps=tps.groupby("kode_stop").size().reindex(points.index))
    columns = ["kind", "nama", "kode_desa", "kode_kec", "n_tps", "posisi", *GATE, "geometry"]
    parts = [places, points] if signal is None else [places, points, signal.assign(akses_lon=np.nan, akses_lat=np.nan)]
    stops = gpd.GeoDataFrame(pd.concat([part[columns] for part in parts]), geometry="geometry", crs=CRS)
    stops["n_tps"] = stops["n_tps"].astype("int64")
    return checked_geo(stops.rename_axis("kode_stop"), Stops)


def gates_of(stops: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give the points that vehicles make for: the gate where one is declared, else the stop itself.

    Parameters
    ----------
    stops : GeoDataFrame
        Layer `Stops`, or `PlacedTps`.
    """
    gates = gpd.GeoSeries(shapely.points(stops[list(GATE)].to_numpy(np.float64)), index=stops.index, crs=CRS)
    return stops.geometry.where(stops["akses_lon"].isna(), gates)
