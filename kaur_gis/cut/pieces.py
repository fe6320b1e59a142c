"""Road edges cut in pieces, so that a closure takes the flooded part of a road and not all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kaur_gis.layers import CRS, RoadEdges, RoadNodes, checked_geo

Floats = NDArray[np.float64]
SAME = 1e-9  # shares of a line nearer than this are one


def inside(line: shapely.LineString, area: shapely.Geometry) -> list[tuple[float, float]]:
    """Find which parts of a line lie in an area.

    Parameters
    ----------
    line : LineString
        In metres.
    area : Polygon or MultiPolygon
        In the same CRS.

    Returns
    -------
    list of (float, float)
        Shares of the line's length between which it is inside, ascending, with no gap of nothing between two.
    """
    xy = shapely.get_coordinates(line)
    straight = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
    ends = np.concatenate([[0.0], np.cumsum(shapely.length(straight))])
    found: list[tuple[float, float]] = []
    # straight piece by straight piece: a line that crosses itself has no single place for a point
    parts, owner = shapely.get_parts(shapely.intersection(straight, area), return_index=True)
    for part, piece in zip(parts, owner, strict=True):
        if shapely.length(part) > 0:
            gaps = np.hypot(*(shapely.get_coordinates(part)[[0, -1]] - xy[piece]).T)
            start, end = np.sort(ends[piece] + gaps) / ends[-1]
            found.append((float(start), float(end)))
    joined: list[tuple[float, float]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1] + SAME:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@dataclass(frozen=True, eq=False)
class Pieces:
    """Roads after cutting.

    Attributes
    ----------
    nodes, edges : GeoDataFrame
        Layers `RoadNodes` and `RoadEdges`; what was not cut is as it was, and so is its order.
    of : DataFrame
        By edge of the new layer: `edge` of the old one; `start` and `end`, the shares of its length where it runs.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    of: pd.DataFrame


def cut(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, at: Mapping[int, Sequence[float]], metric_crs: str) -> Pieces:
    """Cut edges at shares of their length; an edge that has a twin is cut with it.

    Parameters
    ----------
    nodes, edges : GeoDataFrame
        Layers `RoadNodes` and `RoadEdges`.
    at : mapping
        Edge -> shares, each strictly between 0 and 1; of a pair of twins only one is named.
    metric_crs : str
        CRS in which the shares were measured.

    Returns
    -------
    Pieces
        The first piece of an edge keeps its number; the others are appended.
    """
    rows: list[dict[str, Any]] = []
    points: list[shapely.Point] = []
    next_edge = int(edges.index.max()) + 1 if len(edges) else 0
    next_node = int(nodes.index.max()) + 1 if len(nodes) else 0
    first_node = next_node
    replaced: list[int] = []
    metric = edges.geometry.loc[sorted(at)].to_crs(metric_crs)
    for edge in sorted(at):
        row = edges.loc[edge].to_dict()
        shares = [0.0, *sorted(at[edge]), 1.0]
        lines = _cut_line(row["geometry"], metric[edge], shares)
        ends = [int(row["u"]), *range(next_node, next_node + len(lines) - 1), int(row["v"])]
        next_node += len(lines) - 1
        points += [shapely.get_point(line, -1) for line in lines[:-1]]
        twin = int(row["twin"])
        numbers = [edge, *range(next_edge, next_edge + len(lines) - 1)]
        next_edge += len(lines) - 1
        back = []
        if twin >= 0:
            back = [*range(next_edge, next_edge + len(lines) - 1), twin]  # piece k of the twin runs along piece k
            next_edge += len(lines) - 1
            replaced.append(twin)
        replaced.append(edge)
        for k, line in enumerate(lines):
            start, end = shares[k], shares[k + 1]
            forth = {"u": ends[k], "v": ends[k + 1], "twin": back[k] if back else -1, "geometry": line}
            rows.append({**row, **forth, "number": numbers[k], "edge": edge, "start": start, "end": end})
            if back:
                other = {"u": ends[k + 1], "v": ends[k], "twin": numbers[k], "geometry": line.reverse()}
                whole = {**edges.loc[twin].to_dict(), **other, "number": back[k], "edge": twin}
                rows.append({**whole, "start": 1 - end, "end": 1 - start})
    origin = pd.DataFrame({"edge": edges.index, "start": 0.0, "end": 1.0}, index=edges.index)
    if not rows:
        return Pieces(nodes, edges, origin)
    new = pd.DataFrame(rows).set_index("number").rename_axis("edge")
    new["metres"] *= new["end"] - new["start"]
    types = edges.drop(columns="geometry").dtypes.to_dict()
    layer = gpd.GeoDataFrame(new[edges.columns].astype(types), geometry="geometry", crs=CRS)
    layer.index = layer.index.astype("int64")
    kept = edges.drop(index=replaced)
    joined = gpd.GeoDataFrame(pd.concat([kept, layer]).sort_index(), geometry="geometry", crs=CRS)
    index = pd.RangeIndex(first_node, next_node).astype("int64")
    labels = [f"potong-{number}" for number in range(len(points))]
    cuts = pd.DataFrame({"label": labels, "kode_desa": ""}, index=index, dtype="str")
    all_nodes = pd.concat([nodes, gpd.GeoDataFrame(cuts, geometry=points, crs=CRS)]).rename_axis("node")
    of = pd.concat([origin.drop(index=replaced), new[["edge", "start", "end"]]]).sort_index()
    return Pieces(checked_geo(all_nodes, RoadNodes), checked_geo(joined.rename_axis("edge"), RoadEdges), of)


def _cut_line(
    line: shapely.LineString, metric: shapely.LineString, shares: Sequence[float]
) -> list[shapely.LineString]:
    """Cut a line in longitude and latitude at shares of its length in metres."""
    xy = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(metric), axis=0).T))])
    along /= along[-1]

    def point(share: float) -> Floats:
        return np.array([np.interp(share, along, xy[:, 0]), np.interp(share, along, xy[:, 1])])

    return [
        shapely.LineString(np.vstack([point(start), xy[(along > start) & (along < end)], point(end)]))
        for start, end in pairwise(shares)
    ]
