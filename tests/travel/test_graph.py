"""The osmnx graph that analysts take."""

from __future__ import annotations

import networkx as nx
import osmnx
from ascii_roads import World, inputs

from kaur_gis.travel import road_graph, travel_times

DRAWING = """
    A->-B---C
    |   |   |
    D-~-E-=-F
"""


def test_osmnx_takes_the_graph_and_gives_the_layers_back() -> None:
    roads = World(DRAWING).road("A", "B", 777.0).roads()
    nodes, edges = osmnx.graph_to_gdfs(road_graph(roads))
    assert nodes.geometry.equals(roads.nodes.geometry.rename_axis("osmid"))
    assert len(edges) == len(roads.edges)
    back = edges.reset_index().set_index("key").sort_index()
    for column in ("u", "v", "metres", "highway", "fords", "bridges", "oneway"):
        assert back[column].tolist() == roads.edges[column].tolist()
    assert back.geometry.tolist() == roads.edges.geometry.tolist()
    assert back["length"].tolist() == roads.edges["metres"].tolist()


def test_lengths_in_the_graph_are_the_metres_of_the_matrix() -> None:
    world = World(DRAWING.replace("~", "-"))
    graph, stops = road_graph(world.roads()), world.stops("A", "C", "F")
    times = travel_times(inputs(world.roads()), stops)["mobil", "kering"]
    number = {label: node for node, label in graph.nodes(data="label")}
    for a, one in enumerate(stops["nama"]):
        for b, other in enumerate(stops["nama"]):
            assert nx.shortest_path_length(graph, number[one], number[other], weight="length") == times.metres[a, b]
