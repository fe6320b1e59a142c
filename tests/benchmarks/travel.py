"""How much quicker contraction hierarchies are than networkx and scipy, and that every cell is the same.

Run it with ``python -m tests.benchmarks.travel``. It prints processor seconds and ratios of one run, medians of five,
and asserts equal cells only. The roads are Kaur's from OpenStreetMap (KAUR_GIS_TEST_DATA; else the shipped schematic
ones), once as a plan drives them against osmnx's graph of the same file, every OSM node in it, and then every node on
both sides, in tiles that are joined at their rims, because no bigger network is at hand.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import shapely
from scipy.sparse.csgraph import dijkstra

import kaur_gis as kg
from kaur_gis.layers import CRS
from kaur_gis.place import place
from kaur_gis.read import osm, osm_layers, osm_pieces, road_cache
from kaur_gis.read.osm_pieces import pieces_of
from kaur_gis.read.road_order import dissected, order_of
from kaur_gis.travel import road_graph, stops_of, travel_times
from kaur_gis.travel.hierarchy import Hierarchy, HierarchyEngine
from kaur_gis.travel.matrix import FAR, plain_engine, quickest_arcs
from kaur_gis.travel.network import Ints, Network
from kaur_gis.travel.snap import strong_parts
from kaur_gis.travel.speeds import edge_kmh, edge_ms

ROOT = Path(__file__).resolve().parents[2]
OPERATION = ROOT / "data" / "kaur" / "operation.toml"
N_STOPS = 434
NETWORKX_ROWS = 31  # networkx drives from so many of the stops, and its time is scaled to all of them
CLOSED_ARCS = 20
Answer = TypeVar("Answer")


def roads_file() -> Path | None:
    path = Path(os.environ.get("KAUR_GIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "kaur" / "roads.osm.pbf"
    return path if path.is_file() else None


def median_s(
    work: Callable[[], Answer], times: int = 5, clock: Callable[[], float] = time.process_time
) -> tuple[float, Answer]:
    """Median seconds of several runs, of the processor unless another clock is asked for, and the last answer."""
    taken = []
    for _ in range(times):
        begin = clock()
        answer = work()
        taken.append(clock() - begin)
    return statistics.median(taken), answer


def memory_mb() -> float:
    """Give the most memory of this process; what `getrusage` tells of a child begins at its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


Roads = tuple[Network, Ints]  # and the driving time of each arc [ms]


def in_full(path: Path, inputs: kg.Inputs) -> tuple[Roads, Roads, Ints]:
    """Take every node of an OSM file, as osmnx does before it simplifies, with a motorcycle's times in rain.

    Returns
    -------
    Every node and piece of road; the same merged where nothing branches, seconds and metres summed, as a plan drives
    it; and where the nodes of the second stand in the first.
    """
    extract, _ = osm._extract(path.read_bytes(), "pbf")
    pieces = pieces_of(extract.nodes, osm._pieces(extract))
    tags, _ = osm_layers._tags(pieces.kinds, pieces.tags)
    metres = np.asarray(osm_pieces.GEOD.inv(*pieces.xy[pieces.tail].T, *pieces.xy[pieces.head].T)[2])
    mm = np.maximum(np.rint(metres * 1000).astype(np.int64), 1)
    kmh = edge_kmh(gpd.GeoDataFrame(tags), inputs.speeds.vehicles["motor"], inputs.speeds, "hujan")
    ms = edge_ms(mm, kmh)
    edges = osm_pieces.merged(pieces)
    starts = edges.first[:-1]
    ends = pieces.tail[edges.piece[starts]], pieces.head[edges.piece[edges.first[1:] - 1]]
    kept, at = np.unique(np.stack(ends), return_inverse=True)
    summed = [np.add.reduceat(one[edges.piece], starts) for one in (mm, ms)]
    summed[1] = np.where(np.minimum.reduceat(ms[edges.piece], starts) < 0, -1, summed[1])

    def network(xy: np.ndarray, tail: Ints, head: Ints, length: Ints) -> Network:
        nodes = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=CRS)
        return Network(nodes, gpd.GeoDataFrame(), tail, head, np.full(len(tail), -1), length, schematic=False)

    whole = network(pieces.xy, pieces.tail, pieces.head, mm)
    tail, head = at.reshape(2, -1)
    return (whole, ms), (network(pieces.xy[kept], tail, head, summed[0]), summed[1]), kept


def tiled(network: Network, weight: Ints, n_tiles: int) -> Roads:
    """Lay copies of a network in a square and join neighbours at their rims, both ways."""
    n, m = network.n_nodes, len(network.tail)
    xy = shapely.get_coordinates(network.nodes.geometry.to_numpy())
    wide, high = np.ptp(xy, axis=0) * 1.02
    side = int(np.ceil(np.sqrt(n_tiles)))
    column, row = np.arange(n_tiles) % side, np.arange(n_tiles) // side
    part = strong_parts(network, weight >= 0)
    main = np.flatnonzero(part == np.argmax(np.bincount(part)))
    west, east = main[np.argsort(xy[main, 0])[[0, -1]]]
    south, north = main[np.argsort(xy[main, 1])[[0, -1]]]
    joins = [(at * n + east, (at + 1) * n + west) for at in range(n_tiles - 1) if column[at] < side - 1]
    joins += [(at * n + north, (at + side) * n + south) for at in range(n_tiles - side)]
    ends = np.array(joins, dtype=np.int64)
    shift = np.repeat(np.arange(n_tiles) * n, m)
    tail = np.concatenate([np.tile(network.tail, n_tiles) + shift, ends[:, 0], ends[:, 1]])
    head = np.concatenate([np.tile(network.head, n_tiles) + shift, ends[:, 1], ends[:, 0]])
    mm = np.concatenate([np.tile(network.mm, n_tiles), np.full(2 * len(ends), 1_000_000)])
    ms = np.concatenate([np.tile(weight, n_tiles), np.full(2 * len(ends), 60_000)])
    where = np.tile(xy, (n_tiles, 1)) + np.repeat(np.column_stack([column * wide, row * high]), n, axis=0)
    nodes = gpd.GeoDataFrame(geometry=shapely.points(where), crs=CRS)
    return replace(network, nodes=nodes, tail=tail, head=head, twin=np.full(len(tail), -1), mm=mm), ms


def with_order(network: Network) -> Network:
    return replace(
        network, order=order_of(network.tail, network.head, dissected(network.tail, network.head, network.n_nodes))
    )


def as_networkx(network: Network, weight: Ints) -> nx.MultiDiGraph:
    """Make the graph that osmnx hands out: a MultiDiGraph with x, y and a travel time on every edge."""
    xy = shapely.get_coordinates(network.nodes.geometry.to_numpy())
    graph = nx.MultiDiGraph(crs=CRS)
    graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(xy.tolist()))
    arcs = np.flatnonzero(weight >= 0)
    rows = zip(network.tail[arcs].tolist(), network.head[arcs].tolist(), weight[arcs].tolist(), strict=True)
    graph.add_edges_from((u, v, {"travel_time": ms}) for u, v, ms in rows)
    return graph


def engines(name: str, network: Network, weight: Ints, whole: Roads, at: Ints) -> None:
    """Compare the engines on one network; networkx and scipy find the same drives on the `whole` of it.

    Parameters
    ----------
    name : str
    network, weight
        Roads and driving times [ms] of the hierarchies.
    whole : Roads
        Those of networkx and scipy.
    at : shape (n,)
        Where each node of `network` stands in it.
    """
    rng = np.random.default_rng(1704)
    stops = np.sort(rng.choice(network.n_nodes, N_STOPS, replace=False))
    print(f"\n{name}, {N_STOPS} x {N_STOPS}")
    for who, one in (("hierarchies", network), ("networkx, scipy", whole[0])):
        print(f"  {who:15} {one.n_nodes:7,} nodes, {len(one.tail):7,} arcs")
    prepared_s, network = median_s(lambda: with_order(network))
    hierarchy = Hierarchy.of(network)
    customized_s, customized = median_s(lambda: hierarchy.customized(weight))
    query_s, found = median_s(lambda: customized.times(stops, stops))
    closed = rng.choice(np.flatnonzero(weight >= 0), CLOSED_ARCS, replace=False)
    barred = np.full(CLOSED_ARCS, -1)
    closing_s, _ = median_s(lambda: (customized.change(closed, barred), customized.change(closed, weight[closed])))
    closing_s /= 2  # closed, and opened again
    engine = HierarchyEngine()
    engine.prepared(network)
    engine_s, same = median_s(lambda: engine(network, weight, stops, stops))
    graph = quickest_arcs(*whole)
    scipy_s, rows = median_s(lambda: dijkstra(graph, indices=at[stops])[:, at[stops]], times=3)
    plain = np.where(np.isfinite(rows), rows, FAR).astype(np.int64)
    asked = rng.choice(N_STOPS, NETWORKX_ROWS, replace=False)
    plain_graph = as_networkx(*whole)
    begin = time.process_time()
    lengths = [
        nx.single_source_dijkstra_path_length(plain_graph, int(at[stops[row]]), weight="travel_time") for row in asked
    ]
    networkx_s = (time.process_time() - begin) * N_STOPS / NETWORKX_ROWS
    assert (found == plain).all(), "every cell equals scipy's"
    assert (found == same).all()
    for row, length in zip(asked, lengths, strict=True):
        assert found[row].tolist() == [length.get(stop, FAR) for stop in at[stops].tolist()], "and networkx's"
    print(f"  prepared {prepared_s:9.4f} s   customized {customized_s:9.5f} s   query {query_s:9.5f} s")
    print(f"  engine, customized and asked      {engine_s:9.5f} s")
    print(
        f"  closing {CLOSED_ARCS} arcs                   {closing_s:9.6f} s = {closing_s / prepared_s:.3%} of preparing"
    )
    for other, plain_s, note in (("scipy", scipy_s, ""), ("networkx", networkx_s, f" (from {NETWORKX_ROWS} rows)")):
        ratios = f"{plain_s / query_s:7,.0f} x the query, {plain_s / engine_s:7,.0f} x the engine"
        print(f"  {other:8} {plain_s:9.3f} s = {ratios}{note}")
    print("  every cell equal")
    alone(network, weight)


def paths(inputs: kg.Inputs) -> None:
    """Time the matrices and all drives with their geometry on the roads of the operation."""
    placed, _ = place(inputs)
    stops = stops_of(placed, inputs.tempat)
    engine = HierarchyEngine()
    hierarchy_s, times = median_s(lambda: travel_times(inputs, stops, engine))
    plain_s, plain = median_s(lambda: travel_times(inputs, stops, plain_engine), times=3)
    for key, one in times.items():
        assert (one.seconds == plain[key].seconds).all()
        assert (one.metres == plain[key].metres).all()
    print(f"\nThe {len(times)} matrices of the operation, {len(stops)} x {len(stops)}, seconds and metres")
    print(f"  hierarchies {hierarchy_s:.2f} s, scipy {plain_s:.2f} s; every cell equal")
    one = times["motor", inputs.operation.weather.plan]
    base = {kec: code for code, kec in stops["kode_kec"][stops["kind"] == "ppk"].items()}
    homes = stops["kode_kec"][stops["kind"] == "tps"].map(base)
    pairs = [(homes[placed["kode_stop"][tps]], placed["kode_stop"][tps]) for tps in placed.index]
    path_s, drawn = median_s(lambda: one.paths(pairs))
    print(f"  {len(drawn)} paths from PPK to TPS with geometry: {path_s:.3f} s")


def loading(path: Path, inputs: kg.Inputs) -> None:
    """Take Kaur's roads from where they are kept, and as osmnx keeps them."""
    graph = road_graph(inputs.roads)
    for *_, tags in graph.edges(data=True):
        tags["oneway"] = tags["oneway"] == "yes"  # osmnx reads no other words
    data = path.read_bytes()
    with TemporaryDirectory() as folder:
        os.environ[road_cache.SETTING] = folder
        where = road_cache.place_of(data, inputs.roads.source, inputs.operation, inputs.kecamatan)
        road_cache.keep(where, inputs.roads, ())
        os.environ[road_cache.SETTING] = ""
        osmnx.save_graphml(graph, Path(folder) / "roads.graphml")
        ours_s, kept = median_s(lambda: road_cache.kept_at(where))
        theirs_s, _ = median_s(lambda: osmnx.load_graphml(Path(folder) / "roads.graphml"))
    assert kept is not None
    assert kept[0].edges.equals(inputs.roads.edges)
    print(f"\nLoading {len(inputs.roads.edges):,} edges: kept form {ours_s:.3f} s, osmnx.load_graphml {theirs_s:.2f} s")
    print(f"  {theirs_s / ours_s:.0f} x faster")


def blocks(network: Network, weight: Ints, side: int = 15_000) -> None:
    """Fill a big matrix block by block."""
    print(f"\n{network.n_nodes:,} nodes, {len(network.tail):,} arcs, {side:,} x {side:,} in blocks")
    stops = np.sort(np.random.default_rng(1704).choice(network.n_nodes, side, replace=False))
    begin = time.process_time()
    hierarchy = Hierarchy.of(with_order(network))
    prepared = time.process_time()
    customized = hierarchy.customized(weight)
    matrix = np.empty((side, side), dtype=np.int32)
    for at in range(0, side, 1000):
        block = customized.times(stops[at : at + 1000], stops)
        matrix[at : at + 1000] = np.where(block == FAR, -1, block)
    done = time.process_time()
    rows = np.random.default_rng(4).choice(side, 20, replace=False)
    plain = plain_engine(network, weight, stops[rows], stops)
    assert (matrix[rows] == np.where(plain == FAR, -1, plain)).all(), "20 rows equal scipy's"
    print(f"  prepared {prepared - begin:.2f} s, filled {done - prepared:.2f} s, {memory_mb():.0f} MB at most")


def alone(network: Network, weight: Ints) -> None:
    """Tell the memory of a process that holds the arrays of a network and asks the hierarchies once."""
    with TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        np.savez(arrays, tail=network.tail, head=network.head, mm=network.mm, weight=weight, n=network.n_nodes)
        sys.stdout.flush()
        command = [sys.executable, "-m", "tests.benchmarks.travel", "--memory", str(arrays)]
        subprocess.run(command, check=True, cwd=ROOT)


def memory_of(arrays: Path) -> None:
    """Ask the hierarchies once on the arrays of a file."""
    begin = memory_mb()
    with np.load(arrays) as told:
        tail, head, mm, weight, n = (told[name] for name in ("tail", "head", "mm", "weight", "n"))
    nodes = gpd.GeoDataFrame(index=range(int(n)))
    network = Network(nodes, gpd.GeoDataFrame(), tail, head, np.full(len(tail), -1), mm, schematic=False)
    stops = np.sort(np.random.default_rng(1704).choice(network.n_nodes, N_STOPS, replace=False))
    Hierarchy.of(with_order(network)).customized(weight).times(stops, stops)
    print(f"  alone in a process: {memory_mb():.0f} MB at most, of which its libraries {begin:.0f} MB")


def main() -> None:
    """Run all parts; the big matrix in a process of its own, so that its memory is its own."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--blocks", action="store_true", help="only the big matrix")
    asked.add_argument("--memory", type=Path, help="only the memory of the hierarchies on these arrays")
    only_blocks, arrays = asked.parse_args().blocks, asked.parse_args().memory
    if arrays:
        memory_of(arrays)
        return
    os.environ[road_cache.SETTING] = ""  # what is read is read here
    path = roads_file()
    inputs = kg.read_inputs(OPERATION, roads=path)
    if path:
        whole, merged, kept = in_full(path, inputs)
    else:
        network = Network.of(inputs.roads)
        kmh = edge_kmh(network.edges, inputs.speeds.vehicles["motor"], inputs.speeds, "hujan")
        whole = merged = network, edge_ms(network.mm, kmh)
        kept = np.arange(network.n_nodes)
    if only_blocks:
        blocks(*tiled(*whole, -(-100_000 // whole[0].n_nodes)))
        return
    print(f"osmnx {osmnx.__version__}, networkx {nx.__version__}, roads: {inputs.roads.source}")
    engines("Kaur as a plan drives it, against every OSM node as osmnx builds them", *merged, whole, kept)
    paths(inputs)
    if path:
        loading(path, inputs)
    n_tiles = -(-40_000 // whole[0].n_nodes)
    more = tiled(*whole, n_tiles)
    engines(f"Kaur with every OSM node, {n_tiles} tiles", *more, more, np.arange(more[0].n_nodes))
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "tests.benchmarks.travel", "--blocks"], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
