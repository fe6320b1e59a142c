"""Where on the road network there is signal: named points, and where roads enter an area of coverage."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS, Stops, empty

NEAREST = 8  # entries into coverage that are kept for each TPS, by the crow's flight
SAME_DEG = 1e-7  # the precision of OSM's coordinates


def signal_points(tps: gpd.GeoDataFrame, inputs: Inputs) -> gpd.GeoDataFrame:
    """Find the points with signal that the coverage gives.

    Every named point is one. Of an area, those points are taken at which a road crosses its border (on a schematic
    network, whose lines have no course, the nodes inside): who drives into the area passes one of them. Of these the
    eight nearest to each TPS that needs one are kept.

    Parameters
    ----------
    tps : GeoDataFrame
        Layer `layers.TaggedTps`.
    inputs : Inputs
        With coverage and the section `[komunikasi]`.

    Returns
    -------
    GeoDataFrame
        Rows of layer `layers.Stops`, of kind ``sinyal``; without a row where the operation plans no communication.
    """
    komunikasi, cover = inputs.operation.komunikasi, inputs.cakupan
    needy = tps[tps["sinyal"].isin(komunikasi.needs)] if komunikasi else tps.iloc[:0]
    if komunikasi is None or needy.empty:
        return empty(Stops)
    cover = cover[cover["sinyal"].isin(komunikasi.enough)]
    named = cover[cover.geometry.geom_type == "Point"]
    areas = cover[cover.geometry.geom_type != "Point"]
    entries = _nearest(_entries(inputs, shapely.union_all(areas.geometry.to_numpy())), needy, inputs)
    points = [*named.geometry, *entries]
    index = [f"SINYAL-{number:04d}" for number in range(1, len(points) + 1)]
    found = gpd.GeoDataFrame(
        {
            "kind": "sinyal",
            "nama": [name or code for name, code in zip([*named["nama"], *[""] * len(entries)], index, strict=True)],
            "kode_desa": "",
            "kode_kec": _kecamatan(points, inputs),
            "n_tps": 0,
            "posisi": ["gps" if sumber == "ukur" else "peta" for sumber in named["sumber"]] + ["peta"] * len(entries),
        },
        index=index,
        geometry=points,
        crs=CRS,
    )
    kinds = dict.fromkeys(("kind", "nama", "kode_desa", "kode_kec", "posisi"), "str") | {"n_tps": "int64"}
    found = found.astype(kinds)
    found.index = found.index.astype("str").rename("kode_stop")
    return found


def _entries(inputs: Inputs, area: shapely.Geometry) -> NDArray[np.object_]:
    """Find where roads enter an area, each place once, from west to east."""
    roads = inputs.roads
    if area.is_empty:
        return np.zeros(0, dtype=object)
    if roads.schematic:
        nodes = roads.nodes.geometry.to_numpy()
        found = shapely.get_coordinates(nodes[shapely.intersects(area, nodes)])
    else:
        lines = roads.edges.geometry.to_numpy()
        crossed = lines[shapely.STRtree(lines).query(area.boundary, "intersects")]
        found = shapely.get_coordinates(shapely.intersection(crossed, area.boundary))
    first = np.unique(np.round(found / SAME_DEG).astype(np.int64), axis=0, return_index=True)[1]
    points: NDArray[np.object_] = np.asarray(shapely.points(found[first]), dtype=object)
    return points


def _nearest(points: NDArray[np.object_], needy: gpd.GeoDataFrame, inputs: Inputs) -> NDArray[np.object_]:
    """Keep the points that are among the nearest of some TPS."""
    crs = inputs.operation.region.metric_crs
    here = shapely.get_coordinates(gpd.GeoSeries(points, crs=CRS).to_crs(crs).to_numpy())
    there = needy.geometry.to_crs(crs).get_coordinates().to_numpy()
    metres = np.hypot(*(there[:, None] - here).transpose(2, 0, 1))
    kept = np.argsort(metres, axis=1, kind="stable")[:, :NEAREST]
    return points[np.unique(kept)]


def _kecamatan(points: list[Any], inputs: Inputs) -> list[str]:
    """Name the kecamatan in which each point lies, or the nearest."""
    if not points:
        return []
    crs = inputs.operation.region.metric_crs
    tree = shapely.STRtree(inputs.kecamatan.geometry.to_crs(crs).to_numpy())
    at, hit = tree.query_nearest(gpd.GeoSeries(points, crs=CRS).to_crs(crs).to_numpy())
    first = np.full(len(points), len(inputs.kecamatan), dtype=np.int64)
    np.minimum.at(first, at, hit)
    return list(inputs.kecamatan.index[first])
