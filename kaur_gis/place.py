"""Where each TPS lies, and how well that is known.

The code decides the kecamatan, never the polygon: official polygons of one kabupaten disagree by
hundreds of square kilometres. The polygon only checks, and what disagrees is listed.
"""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS, PlacedTps, checked_geo
from kaur_gis.problems import Problem

SAME_POINT_DECIMALS = 6  # TPS whose degrees agree to so many decimals (0.1 m) share a point
ON_BORDER_M = 1.0  # this near to the line, on either side, no polygon's word is good
SEGMENT_DEG = 0.01  # straight lines in degrees bend in metres: so long pieces bend by centimetres only


def place(inputs: Inputs) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Give each TPS its point, its stop and its kecamatan, and let the polygons check the latter.

    A TPS lies where it was surveyed, else at its village's point. TPS of one village at one point
    share a stop; nothing is ever moved apart.

    Parameters
    ----------
    inputs : Inputs
        Checked: every `kode_desa` and its kecamatan are known.

    Returns
    -------
    GeoDataFrame
        Layer `layers.PlacedTps`, sorted by `kode_tps`.
    tuple of Problem
        Level `note`: one for each point outside the polygon of its own kecamatan by more than
        `region.max_outside_m`, saying in which other polygon it lies, if any.
    """
    tps = inputs.tps.sort_index()
    desa = inputs.desa.loc[tps["kode_desa"]].set_axis(tps.index)
    surveyed = tps["lon"].notna()
    points = gpd.GeoSeries(
        shapely.points(
            np.where(surveyed, tps["lon"], shapely.get_x(desa.geometry)),
            np.where(surveyed, tps["lat"], shapely.get_y(desa.geometry)),
        ),
        index=tps.index,
        crs=CRS,
    )
    border_m, placed_by = _border(points, desa["kode_kec"], inputs)
    placed = gpd.GeoDataFrame(
        {
            **tps,
            "kode_kec": desa["kode_kec"],
            "nama_desa": desa["nama"],
            "nama_kec": inputs.kecamatan["nama"].loc[desa["kode_kec"]].set_axis(tps.index),
            "kode_stop": _stops(points, tps),
            "posisi": tps["posisi_data"].where(surveyed, "desa"),
            "placed_by": placed_by,
            "border_m": border_m,
        },
        geometry=points,
        crs=CRS,
    )
    return checked_geo(placed, PlacedTps), _disagreements(placed, inputs)


def _stops(points: gpd.GeoSeries, tps: pd.DataFrame) -> pd.Series:
    """Name each point of a village by the smallest `kode_tps` that lies there and has the same gate, or none."""
    kode_tps = points.index.to_series()
    gate = tps[["akses_lon", "akses_lat"]].fillna(np.inf)  # groups leave out what is not a number
    where = (points.x, points.y, gate["akses_lon"], gate["akses_lat"])
    at = [tps["kode_desa"], *(degrees.round(SAME_POINT_DECIMALS) for degrees in where)]
    return cast("pd.Series", kode_tps.groupby(at).transform("min").astype(kode_tps.dtype))


def _border(points: gpd.GeoSeries, kode_kec: pd.Series, inputs: Inputs) -> tuple[pd.Series, pd.Series]:
    """Measure each point against the polygon of its own kecamatan.

    Returns
    -------
    border_m : Series of float
        Distance to the polygon [m], 0 inside.
    placed_by : Series of str
        As in `layers.PlacedTps`.
    """
    region = inputs.operation.region
    polygons = inputs.kecamatan.geometry.segmentize(SEGMENT_DEG).to_crs(region.metric_crs)
    own = polygons.loc[kode_kec].set_axis(points.index)
    metric = points.to_crs(region.metric_crs)
    border_m = metric.distance(own)
    to_line_m = metric.distance(own.boundary)
    placed_by = np.select(
        [to_line_m <= ON_BORDER_M, border_m == 0, border_m <= region.max_outside_m],
        ["on_border", "inside", "near_border"],
        "outside",
    )
    return border_m, pd.Series(placed_by, index=points.index, dtype=str)


def _disagreements(placed: gpd.GeoDataFrame, inputs: Inputs) -> tuple[Problem, ...]:
    """List the points that lie outside their own kecamatan, one note a stop."""
    layers = inputs.operation.layers
    notes = []
    for kode_stop, here in placed[placed["placed_by"] == "outside"].groupby("kode_stop"):
        first = here.iloc[0]
        lies_in = inputs.kecamatan[inputs.kecamatan.intersects(first.geometry)].sort_index()
        of_desa = first["posisi"] == "desa"
        notes.append(
            Problem(
                what="outside_every_kecamatan" if lies_in.empty else "lies_in_other_kecamatan",
                file=layers.desa if of_desa else layers.tps,
                column="kode_desa" if of_desa else "kode_tps",
                value=first["kode_desa"] if of_desa else str(kode_stop),
                level="note",
                details={
                    "nama_desa": first["nama_desa"],
                    "kode_kec": first["kode_kec"],
                    "nama_kec": first["nama_kec"],
                    "n_tps": len(here),
                    "border_m": round(float(first["border_m"])),
                    "lies_in": ", ".join(f"{nama} ({kode})" for kode, nama in lies_in["nama"].items()),
                },
            )
        )
    return tuple(notes)
