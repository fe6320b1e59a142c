"""The other kabupaten that each leg passes, by name: where OpenStreetMap's boundaries are at hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from kaur_gis.inputs import Inputs
from kaur_gis.layers import Neighbours, checked
from kaur_gis.spelling import bare

GEOD = Geod(ellps="WGS84")
INDEX = ["kode_trip", "order"]


def neighbours(inputs: Inputs, *legs: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure how far each leg runs in which other kabupaten.

    What lies in a kecamatan of the operation is at home, whatever OpenStreetMap says.

    Parameters
    ----------
    inputs : Inputs
    *legs : GeoDataFrame
        Layers `layers.Legs` and `layers.BackLegs`.

    Returns
    -------
    DataFrame
        Layer `layers.Neighbours`, the longest first in each leg; empty where the operation has no boundaries, and on a
        schematic network, whose course is not known.
    """
    borders = inputs.batas[inputs.batas["tingkat"] == "kabupaten"]
    borders = borders[borders["nama"].map(bare) != bare(inputs.operation.region.kabupaten)]
    known = len(borders) > 0 and not inputs.roads.schematic
    of_name = borders.geometry.groupby(borders["nama"]).agg(lambda shapes: shapely.union_all(shapes.to_numpy()))
    home = inputs.kecamatan.geometry.union_all()
    shapely.prepare(home)
    rows = []
    for layer in legs if known else ():
        lines = layer.geometry.to_numpy()
        for at in np.flatnonzero(~shapely.contains_properly(home, lines)).tolist():
            away = shapely.difference(lines[at], home)
            parts = shapely.intersection(away, of_name.to_numpy())
            rows += [
                (*layer.index[at], name, metres)
                for name, part in zip(of_name.index, parts, strict=True)
                if (metres := round(GEOD.geometry_length(part)))
            ]
    rows.sort(key=lambda row: (row[0], row[1], -row[3], row[2]))
    frame = pd.DataFrame(rows, columns=[*INDEX, "kabupaten", "metres"])
    types = {"kode_trip": "str", "order": "int64", "kabupaten": "str", "metres": "int64"}
    return checked(frame.astype(types).set_index(INDEX), Neighbours)
