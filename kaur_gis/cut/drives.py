"""The drives of a plan while roads fail: each by the quickest way that is left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from kaur_gis.cut.segments import Chains, Segments, chains_of, segments_of
from kaur_gis.hours import Closed, Hours
from kaur_gis.plan import Plan
from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Bools, Floats, Ints

Leg = tuple[str, str, str, Closed]
"""Vehicle of the speed table, the stops between which it drives, and the closures that hold then."""


@dataclass(frozen=True, eq=False)
class Drives:
    """The drives of a plan in one weather and with some closures, searched again where a road on their way fails."""

    segments: Segments
    chains: Chains
    legs: list[Leg]
    ends: Ints
    whole: Ints
    uses: csr_array
    used: Bools
    known: dict[bytes, dict[Leg, int]]

    @classmethod
    def of(cls, plan: Plan, weather: str, closed: Closed = ()) -> Drives:
        """Find the way of each leg, in the hours of which these closures hold, with nothing failing."""
        own = [state == closed for state in Hours.of(plan.inputs).closed(plan.trips)]
        inputs = replace(plan.inputs, roads=plan.inputs.roads.while_closed(closed))
        planned = inputs.operation.weather.model_copy(update={"plan": weather})
        operation = inputs.operation.model_copy(update={"weather": planned})
        profile = {str(code): str(vehicle) for code, vehicle in plan.trips["profile"][own].items()}
        driven = plan.legs.reset_index()[["kode_trip", "from_stop", "to_stop"]].itertuples(index=False, name=None)
        legs = sorted({(profile[code], str(a), str(b), closed) for code, a, b in driven if code in profile})
        vehicles = sorted({leg[0] for leg in legs})
        segments = segments_of(replace(inputs, operation=operation), plan.stops, vehicles)
        chains = chains_of(segments)
        row = {str(stop): at for at, stop in enumerate(plan.stops.index)}
        ends = np.array(
            [(segments.place[vehicle][row[a]], segments.place[vehicle][row[b]]) for vehicle, a, b, _ in legs],
            dtype=np.int64,
        ).reshape(-1, 2)
        whole = [
            int(times.seconds[times.stops.get_loc(a), times.stops.get_loc(b)])
            for vehicle, a, b, _ in legs
            for times in (plan.travel[vehicle, weather].while_closed(closed),)
        ]
        roads = cls(
            segments,
            chains,
            legs,
            ends,
            np.array(whole, dtype=np.int64),
            csr_array((0, 0)),
            np.zeros(0, dtype=np.bool_),
            {},
        )
        uses = roads._ways()
        return replace(roads, uses=uses, used=uses.sum(axis=0) > 0)

    def spoilt(self, gone: Bools) -> bytes:
        """Say in characters which arcs are gone; nothing where no leg drives along any."""
        return np.packbits(gone).tobytes() if (self.used & gone).any() else b""

    def seconds(self, spoilt: bytes) -> dict[Leg, int]:
        """Seconds of each leg with some arcs gone, -1 where there is no way."""
        if spoilt not in self.known:
            arcs = len(self.used)
            gone = np.unpackbits(np.frombuffer(spoilt or bytes(arcs), np.uint8), count=arcs).astype(np.bool_)
            hit = (self.uses @ gone.astype(np.int64)) > 0
            found = self.whole.copy()
            failed = np.zeros(len(self.chains.tail), dtype=np.bool_)
            own = self.chains.of >= 0
            failed[self.chains.of[own & gone[self.segments.arc]]] = True
            for vehicle in sorted({self.legs[at][0] for at in np.flatnonzero(hit)}):
                mine = np.array([at for at in np.flatnonzero(hit) if self.legs[at][0] == vehicle])
                origins, at = np.unique(self.ends[mine, 0], return_inverse=True)
                ms, _ = self._search(vehicle, failed, origins)
                there = ms[at, self.ends[mine, 1]]
                found[mine] = np.where(np.isinf(there), -1, np.ceil(np.where(np.isinf(there), 0, there) / 1000))
            self.known[spoilt] = dict(zip(self.legs, found.tolist(), strict=True))
        return self.known[spoilt]

    def _search(self, vehicle: str, failed: Bools, origins: Ints) -> tuple[Floats, Ints]:
        """Search times [ms] and predecessors from some nodes to all, shape (origins, nodes)."""
        tail, head = np.array(self.chains.tail, dtype=np.int64), np.array(self.chains.head, dtype=np.int64)
        ends = np.concatenate([np.stack([tail, head]), np.stack([head, tail])], axis=1)
        ms = np.concatenate([self.chains.forth[vehicle], self.chains.back[vehicle]])
        open_ = (ms < FAR) & ~np.tile(failed, 2)
        ends, ms = ends[:, open_], ms[open_]
        order = np.lexsort((ms, *ends))
        ends, ms = ends[:, order], ms[order]
        quickest = np.append(True, (ends[:, 1:] != ends[:, :-1]).any(axis=0))[: len(ms)]
        n = self.segments.n_nodes
        # 0 would be no arc to scipy
        graph = csr_array((np.maximum(ms[quickest], 1e-6), (ends[0, quickest], ends[1, quickest])), shape=(n, n))
        found = dijkstra(graph, indices=origins, return_predecessors=True)
        return found[0], found[1].astype(np.int64)

    def _ways(self) -> csr_array:
        """Which arcs each leg drives along with nothing failing, shape (legs, arcs)."""
        pairs: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
        rows, columns = [], []
        of_chain: dict[int, Ints] = {
            chain: self.segments.arc[self.chains.of == chain] for chain in range(len(self.chains.tail))
        }
        nothing = np.zeros(len(self.chains.tail), dtype=np.bool_)
        for vehicle in sorted({leg[0] for leg, seconds in zip(self.legs, self.whole, strict=True) if seconds > 0}):
            cost: dict[tuple[int, int], int] = {}
            both = (self.chains.forth[vehicle].tolist(), self.chains.back[vehicle].tolist())
            for chain, (a, b) in enumerate(zip(self.chains.tail, self.chains.head, strict=True)):
                for (one, other), ms in (((a, b), both[0][chain]), ((b, a), both[1][chain])):
                    if ms < cost.get((one, other), FAR):
                        cost[one, other], pairs[vehicle][one, other] = ms, chain
            mine = [at for at, leg in enumerate(self.legs) if leg[0] == vehicle and self.whole[at] > 0]
            origins, at = np.unique(self.ends[mine, 0], return_inverse=True)
            _, before = self._search(vehicle, nothing, origins)
            for leg, origin in zip(mine, at.tolist(), strict=True):
                node = int(self.ends[leg, 1])
                while (previous := int(before[origin, node])) >= 0:
                    arcs = of_chain[pairs[vehicle][previous, node]]
                    rows += [leg] * len(arcs)
                    columns += arcs.tolist()
                    node = previous
        shape = (len(self.legs), len(self.segments.network.edges))
        return csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape)
