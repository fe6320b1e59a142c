"""The roads as analysts know them: the graph that osmnx works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaur_gis.inputs import Roads
from kaur_gis.layers import CRS

if TYPE_CHECKING:
    import networkx as nx


def road_graph(roads: Roads) -> nx.MultiDiGraph:
    """Turn road layers into an osmnx graph; the layers themselves, `roads.nodes` and `roads.edges`, are GeoDataFrames.

    Parameters
    ----------
    roads : Roads

    Returns
    -------
    MultiDiGraph
        Nodes are numbered as in `roads.nodes` and have `x`, `y` and `label`; edges are keyed by their number in
        `roads.edges` and have all its columns, and `length` [m] and `osmid` as osmnx names them. It is a copy.

    References
    ----------
    https://osmnx.readthedocs.io/en/stable/user-reference.html
    """
    import networkx as nx  # noqa: PLC0415 - only analysts need it

    graph = nx.MultiDiGraph(crs=CRS, simplified=True)
    points = roads.nodes.geometry
    graph.add_nodes_from(
        (int(node), {"x": x, "y": y, "label": label})
        for node, label, x, y in zip(roads.nodes.index, roads.nodes["label"], points.x, points.y, strict=True)
    )
    rows = roads.edges.drop(columns=["u", "v"]).assign(length=roads.edges["metres"], osmid=roads.edges["osm_way"])
    ends = zip(roads.edges["u"].tolist(), roads.edges["v"].tolist(), roads.edges.index.tolist(), strict=True)
    graph.add_edges_from(
        (u, v, key, tags) for (u, v, key), tags in zip(ends, rows.to_dict(orient="records"), strict=True)
    )
    return graph
