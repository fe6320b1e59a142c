"""Weak points by brute force: remove each piece of road in turn and let networkx search everything again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

import kaur_gis as kg
from kaur_gis.travel.network import Network
from kaur_gis.travel.snap import Ground, snap
from kaur_gis.travel.speeds import edge_kmh, edge_ms

Piece = tuple[int, float, float]
"""Edge of the layer, and the shares of its length between which the piece runs."""
LOST = math.inf


class BruteForce:
    """The network of a plan for networkx, and who needs which drive."""

    def __init__(self, plan: kg.Plan) -> None:
        inputs = plan.inputs
        self.plan = plan
        self.network = network = Network.of(inputs.roads)
        ground = Ground.of(network, plan.stops, inputs.operation.region.metric_crs)
        self.vehicles = sorted({fleet.vehicle for fleet in inputs.operation.fleet})
        met, ms, marks = {}, {}, defaultdict(set)
        for vehicle in self.vehicles:
            table = inputs.speeds
            kmh = edge_kmh(network.edges, table.vehicles[vehicle], table, inputs.operation.weather.plan)
            ms[vehicle] = edge_ms(network.mm, kmh)
            ms[vehicle][network.edges.index.isin(inputs.roads.closed_to(vehicle))] = -1
            met[vehicle] = snap(ground, kmh > 0, inputs.operation.roads.max_snap_m)
            for arc, share in zip(met[vehicle].edge.tolist(), met[vehicle].share.tolist(), strict=True):
                if arc >= 0:
                    marks[arc].add(round(share, 9))
        self.pieces: list[Piece] = []
        self.arcs: dict[Piece, list[tuple[str, object, object]]] = {}
        self.graph = {vehicle: nx.MultiDiGraph() for vehicle in self.vehicles}
        for arc in np.flatnonzero(network.lines).tolist():
            ends = [0.0, *sorted(marks[arc]), 1.0]
            nodes = [int(network.tail[arc]), *((arc, share) for share in ends[1:-1]), int(network.head[arc])]
            for k in range(len(ends) - 1):
                self._add(ms, arc, (ends[k], ends[k + 1]), (nodes[k], nodes[k + 1]))
        self.place = {
            vehicle: {
                stop: int(node) if node >= 0 else (int(arc), round(float(share), 9))
                for stop, node, arc, share in zip(plan.stops.index, one.node, one.edge, one.share, strict=True)
                if node >= 0 or arc >= 0
            }
            for vehicle, one in met.items()
        }
        self.needs = dict(self._needs())
        self.before = self._seconds()

    def _add(
        self, ms: dict[str, np.ndarray], arc: int, between: tuple[float, float], nodes: tuple[object, object]
    ) -> None:
        start, end = between
        piece = (int(self.network.edges.index[arc]), start, end)
        self.pieces.append(piece)
        self.arcs[piece] = []
        for one, u, v in ((arc, *nodes), (int(self.network.twin[arc]), *nodes[::-1])):
            for vehicle in self.vehicles:
                if one >= 0 and ms[vehicle][one] >= 0:
                    cost = round(ms[vehicle][one] * end) - round(ms[vehicle][one] * start)
                    self.graph[vehicle].add_edge(u, v, key=piece, ms=cost)
                    self.arcs[piece].append((vehicle, u, v))

    def _needs(self) -> Iterator[tuple[str, list[tuple[str, str, list[str]]]]]:
        """TPS -> base, place of handover and vehicles of each stage."""
        tempat, operation = self.plan.inputs.tempat, self.plan.inputs.operation
        ppk = {kec: kode for kode, kec in tempat.loc[tempat["jenis"] == "ppk", "kode_kec"].items()}
        for kode, tps in self.plan.tps.iterrows():
            here = {"ppk": ppk[tps["kode_kec"]], "tps": tps["kode_stop"]}
            here["gudang"] = tempat["induk"][here["ppk"]]
            yield (
                str(kode),
                [
                    (
                        here[stage.origin],
                        here[stage.target],
                        sorted(
                            {
                                fleet.vehicle
                                for fleet in operation.fleet
                                if fleet.stage == stage.name
                                and (not fleet.bases or here[stage.origin] in fleet.bases)
                                and (stage.target != "tps" or tps["akses"] in fleet.akses)
                            }
                        ),
                    )
                    for stage in operation.stages
                ],
            )

    def _seconds(self) -> dict[str, float]:
        """Seconds of all drives of each TPS, there and home; LOST where one is not possible."""
        bases = {(vehicle, base) for drives in self.needs.values() for base, _, some in drives for vehicle in some}
        found = {}
        for vehicle, base in sorted(bases):
            for way in ("there", "home"):
                found[vehicle, base, way] = self._from(vehicle, self.place[vehicle].get(base), way)

        def one(vehicle: str, base: str, target: str) -> float:
            node = self.place[vehicle].get(target)
            ms = [found[vehicle, base, way].get(node, LOST) for way in ("there", "home")]
            if base in self.place[vehicle] and node == self.place[vehicle][base]:
                ms = [0, 0]
            return LOST if LOST in ms else sum(math.ceil(each / 1000) for each in ms)

        return {
            kode: sum(min((one(v, base, target) for v in some), default=LOST) for base, target, some in drives)
            for kode, drives in self.needs.items()
        }

    def _from(self, vehicle: str, root: object, way: str) -> Mapping[object, float]:
        """Milliseconds from a node to every other, or home to it."""
        own = self.graph[vehicle] if way == "there" else self.graph[vehicle].reverse(copy=False)
        known = root in own if root is not None else False
        return nx.single_source_dijkstra_path_length(own, root, weight="ms") if known else {}

    def _changed(self, vehicle: str, u: object, v: object) -> None:
        """Take note that the ways between two nodes are others now."""

    def fail(self, piece: Piece) -> dict[str, float]:
        """Extra seconds of each TPS that the failure of a piece touches; LOST where it loses its way."""
        taken = [(vehicle, u, v, self.graph[vehicle].edges[u, v, piece]["ms"]) for vehicle, u, v in self.arcs[piece]]
        for vehicle, u, v, _ in taken:
            self.graph[vehicle].remove_edge(u, v, key=piece)
            self._changed(vehicle, u, v)
        after = self._seconds()
        for vehicle, u, v, ms in taken:
            self.graph[vehicle].add_edge(u, v, key=piece, ms=ms)
            self._changed(vehicle, u, v)
        return {
            kode: after[kode] - seconds
            for kode, seconds in self.before.items()
            if seconds != LOST and after[kode] != seconds
        }


class Quicker(BruteForce):
    """The same, searched by scipy: all of Kaur's roads take minutes instead of an hour, and nothing is left out."""

    def _seconds(self) -> dict[str, float]:
        """Seconds of all drives of each TPS, there and home; LOST where one is not possible."""
        if not hasattr(self, "laid_out"):
            self.laid_out, self.cost = {}, {}
            for vehicle, graph in self.graph.items():
                nodes = {node: row for row, node in enumerate(graph)}
                ends = sorted({(nodes[u], nodes[v]) for u, v in graph.edges()})
                self.laid_out[vehicle] = nodes, {pair: at for at, pair in enumerate(ends)}, np.array(ends)
                self.cost[vehicle] = np.zeros(len(ends))
                for u, v in graph.edges():
                    self._changed(vehicle, u, v)
        return super()._seconds()

    def _changed(self, vehicle: str, u: object, v: object) -> None:
        nodes, cell, _ = self.laid_out[vehicle]
        ways = self.graph[vehicle].get_edge_data(u, v) or {}
        self.cost[vehicle][cell[nodes[u], nodes[v]]] = min((way["ms"] for way in ways.values()), default=np.inf)

    def _from(self, vehicle: str, root: object, way: str) -> Mapping[object, float]:
        nodes, _, ends = self.laid_out[vehicle]
        if root not in nodes:
            return {}
        rows, columns = ends.T if way == "there" else ends.T[::-1]
        matrix = csr_array((self.cost[vehicle], (rows, columns)), shape=(len(nodes), len(nodes)))
        return dict(zip(nodes, dijkstra(matrix, indices=nodes[root]).tolist(), strict=True))


def rows_of(brute: BruteForce, roads: object) -> dict[Piece, object]:
    """Rows of `WeakRoads` by piece: those of an edge follow each other, as do its pieces."""
    pieces = defaultdict(list)
    for piece in brute.pieces:
        pieces[piece[0]].append(piece)
    found = {}
    for edge, rows in roads.groupby("edge"):
        whole = rows["metres"].sum()
        for piece, row in zip(pieces[edge], rows.itertuples(), strict=True):
            assert math.isclose(row.metres, whole * (piece[2] - piece[1]), abs_tol=0.001)
            found[piece] = row
    return found


def differences(brute: BruteForce, roads: object, pieces: Iterable[Piece]) -> list[object]:
    """Name the pieces for which a layer of weak roads says something else than brute force."""
    rows, wrong = rows_of(brute, roads), []
    voters, boxes = brute.plan.tps["pemilih"], brute.plan.kits["kotak"]
    for piece in pieces:
        effect = brute.fail(piece)
        lost = sorted(kode for kode, extra in effect.items() if extra == LOST)
        longer = [extra for extra in effect.values() if extra != LOST]
        row = rows[piece]
        ours = (row.tps.split(), row.n_tps, row.pemilih, row.kotak, row.n_longer, row.extra_s, row.extra_s_max)
        sums = (len(lost), voters[lost].sum(), boxes[lost].sum(), len(longer), sum(longer), max(longer, default=0))
        if ours != (lost, *sums):
            wrong.append((piece, ours, (lost, *sums)))
    return wrong
