"""The village next to a place on a road: what people call a bridge or a bend that has no name."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS


def nearest_desa(inputs: Inputs, points: NDArray[np.object_]) -> list[str]:
    """Name the village whose point is nearest.

    Parameters
    ----------
    inputs : Inputs
    points : ndarray of shapely.Point, shape (n,)
        In longitude and latitude.

    Returns
    -------
    list of str
        `nama` of layer `Desa`.
    """
    crs = inputs.operation.region.metric_crs
    metric = gpd.GeoSeries(points, crs=CRS).to_crs(crs).to_numpy()
    at = shapely.STRtree(inputs.desa.geometry.to_crs(crs).to_numpy()).nearest(metric)
    return [str(nama) for nama in inputs.desa["nama"].to_numpy()[at]]
