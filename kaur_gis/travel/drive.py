"""From stops to travel times: snap, search, add the parts of the edges at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from kaur_gis.config import WEATHERS, Operation, Weather
from kaur_gis.hours import Closed, Hours
from kaur_gis.inputs import Inputs
from kaur_gis.problems import TravelError
from kaur_gis.rules import SpeedTable
from kaur_gis.travel.along import Along, Parts
from kaur_gis.travel.hierarchy import best_engine
from kaur_gis.travel.matrix import FAR, Rows, TravelEngine, trees, walked
from kaur_gis.travel.network import MM, Bools, Ints, Network
from kaur_gis.travel.second import End, OpenRoads, Part, Second, second_way
from kaur_gis.travel.skeleton import Skeleton
from kaur_gis.travel.snap import Ground, Snapped, snap
from kaur_gis.travel.speeds import BARRED, edge_kmh, edge_ms, surface_kind
from kaur_gis.travel.times import UNREACHABLE, TravelTimes

ALONG, AGAINST = 4, 5  # a drive that stays on one line; below 4: by way out a, way in b, as 2 a + b


def travel_times(
    inputs: Inputs, stops: gpd.GeoDataFrame, engine: TravelEngine | None = None
) -> dict[tuple[str, str], TravelTimes]:
    """Compute driving times and lengths between all stops.

    A vehicle meets the road at the same points in both weathers: those where it may go in the planned one. What heavier
    weather then closes is unreachable, and heavier weather is never faster. A closure (`Roads.closures`) doesn't move
    these points either: no stop slips over a closed road onto another one, and what is closed only takes ways away.

    Parameters
    ----------
    inputs : Inputs
    stops : GeoDataFrame
        Layer `Stops`.
    engine : TravelEngine, optional
        Whatever it is, the result is the same; the quickest that is installed, unless another is given.

    Returns
    -------
    dict of (vehicle, weather) to TravelTimes
        For every vehicle of the fleet, the guards' one and those of couriers, in the planned and in the late weather.
        While those closures hold that do on voting day; `TravelTimes.while_closed` gives the hours of a trip.

    Raises
    ------
    TravelError
        For a vehicle that the speed table lacks, or a network that breaks its own rules.
    """
    operation, table, engine = inputs.operation, inputs.speeds, engine or best_engine()
    on_foot_too = operation.komunikasi.vehicles if operation.komunikasi else ()
    vehicles = sorted({fleet.vehicle for fleet in operation.fleet} | {operation.guard.vehicle, *on_foot_too})
    if missing := [name for name in vehicles if name not in table.vehicles]:
        msg = f"the speed table has no vehicle {', '.join(missing)}"
        raise TravelError(msg)
    weathers = [name for name in WEATHERS if name in (operation.weather.plan, operation.weather.late)]
    hours = Hours.of(inputs)
    network = Network.of(inputs.roads)
    along = Along(network, surface_kind(network.edges, table), inputs.kecamatan.geometry.union_all())
    ground = Ground.of(network, stops, operation.region.metric_crs)
    found: dict[tuple[str, str], TravelTimes] = {}
    alike: dict[bytes, _Met] = {}  # by the roads that vehicles may use: most may use the same
    for name in vehicles:
        kmh = {each: edge_kmh(network.edges, table.vehicles[name], table, each, along.kinds) for each in weathers}
        usable = kmh[operation.weather.plan] > 0
        if usable.tobytes() not in alike:
            alike[usable.tobytes()] = _Met.of(along, snap(ground, usable, operation.roads.max_snap_m))
        met = alike[usable.tobytes()]
        for weather in weathers:
            ms = edge_ms(network.mm, kmh[weather])
            carry_s, served = _carry(met.snapped, table, weather)
            made = {}
            for closed in _closed(hours, operation, name, late=weather == operation.weather.late):
                shut = network.edges.index.isin(inputs.roads.while_closed(closed).closed_to(name))
                drive = _Drive.of(met, np.where(shut, BARRED, ms), engine)
                made[closed] = replace(drive.times(name, weather, stops, served, carry_s), closed=closed)
            base = made.pop(hours.voting_day[name])
            found[name, weather] = replace(base, at_other_hours=made)
    return found


def _closed(hours: Hours, operation: Operation, vehicle: str, *, late: bool) -> list[Closed]:
    """List which closures hold together for a vehicle: on voting day, and on some trip."""
    profile = {fleet.kode: fleet.vehicle for fleet in operation.fleet}
    own = [held for (_, _, kode), held in hours.trips.items() if profile[kode] == vehicle]
    return sorted({hours.voting_day[vehicle], *(h.closed for h in own), *(h.later for h in own if late)})


def _carry(snapped: Snapped, table: SpeedTable, weather: Weather) -> tuple[Ints, Bools]:
    """Time to carry from the road to each stop [s], rounded up, and whether the stop can be served in this weather."""
    kmh = table.carry_kmh[WEATHERS.index(weather)]
    can = ((snapped.node >= 0) | (snapped.edge >= 0)) & ((snapped.carry_m == 0) | (kmh > 0))
    return table.carried_s(np.where(can, snapped.carry_m, 0.0), weather), can


@dataclass(frozen=True, eq=False)
class _Ends:
    """The two ways off the line (or node) of each stop, and the two ways onto it; cost in any unit, FAR where none.

    `node` is shape (n, 2): the head of the stop's arc, then its tail. `out` and `into` are what it costs from the stop
    to that node and from that node to the stop; `along` and `against` place the stop on its arc and on the arc's twin.
    """

    node: Ints
    out: Ints
    into: Ints
    along: Ints
    against: Ints

    @classmethod
    def of(cls, network: Network, snapped: Snapped, cost: Ints) -> _Ends:
        """Cut the cost of each stop's arc at the stop: both parts are whole and add up to the arc's cost."""
        n, node = len(snapped.node), _nodes(network, snapped)
        out = np.column_stack([np.where(snapped.node >= 0, 0, FAR), np.full(n, FAR)])
        into, along, against = out.copy(), np.full(n, FAR), np.full(n, FAR)
        on_line = np.flatnonzero(snapped.edge >= 0)
        arc = snapped.edge[on_line]
        twin, share = network.twin[arc], snapped.share[on_line]
        one = cost[arc] >= 0
        other = (twin >= 0) & (cost[twin] >= 0)
        done = np.rint(cost[arc] * share).astype(np.int64)
        left = np.rint(cost[twin] * share).astype(np.int64)
        out[on_line] = np.column_stack([np.where(one, cost[arc] - done, FAR), np.where(other, left, FAR)])
        into[on_line] = np.column_stack([np.where(other, cost[twin] - left, FAR), np.where(one, done, FAR)])
        along[on_line] = np.where(one, done, FAR)
        against[on_line] = np.where(other, cost[twin] - left, FAR)
        return cls(node, out, into, along, against)


def _nodes(network: Network, snapped: Snapped) -> Ints:
    """Name the head of the arc of each stop and its tail, or its node twice; shape (n, 2)."""
    node = np.column_stack([np.maximum(snapped.node, 0)] * 2)
    on_line = snapped.edge >= 0
    arc = snapped.edge[on_line]
    node[on_line] = np.column_stack([network.head[arc], network.tail[arc]])
    return node


@dataclass(frozen=True, eq=False)
class _Met:
    """Where stops meet the roads, for all vehicles that may use the same ones: what of the network matters to them."""

    along: Along
    snapped: Snapped
    lengths: _Ends
    skeleton: Skeleton

    @classmethod
    def of(cls, along: Along, snapped: Snapped) -> _Met:
        network = along.network
        lengths = _Ends.of(network, snapped, network.mm)
        return cls(along, snapped, lengths, Skeleton.of(network, lengths.node))


@dataclass(frozen=True, eq=False)
class _Drive:
    """All quickest drives of one vehicle in one weather.

    `way` is shape (n, n): how the quickest drive leaves and arrives; `ms` is its time. What lies between is searched
    when a drive is shown, or its length is asked for.
    """

    met: _Met
    weight: Ints
    engine: TravelEngine
    ends: _Ends
    sources: Ints
    source: Ints
    way: Ints
    ms: Ints

    @classmethod
    def of(cls, met: _Met, weight: Ints, engine: TravelEngine) -> _Drive:
        """Search from every node at which some stop leaves its line, and add the parts of lines at both ends."""
        network, snapped = met.along.network, met.snapped
        ends = _Ends.of(network, snapped, weight)
        sources, source = np.unique(ends.node, return_inverse=True)
        source = source.reshape(ends.node.shape)
        found = engine(network, weight, sources, sources)
        n = len(snapped.node)
        way, ms = np.zeros((n, n), dtype=np.int64), np.full((n, n), FAR)

        def take(code: int, ms_: Ints) -> None:
            better = ms_ < ms
            way[better], ms[better] = code, ms_[better]

        same = (snapped.edge[:, None] == snapped.edge) & (snapped.edge[:, None] >= 0)
        for code, cost, length in (
            (ALONG, ends.along, met.lengths.along),
            (AGAINST, ends.against, met.lengths.against),
        ):
            ahead = same & (cost < FAR) & (cost[:, None] <= cost) & (length[:, None] <= length)
            take(code, np.where(ahead, cost - cost[:, None], FAR))
        for a in (0, 1):
            for b in (0, 1):
                take(2 * a + b, ends.out[:, a, None] + found[np.ix_(source[:, a], source[:, b])] + ends.into[:, b])
        return cls(met, weight, engine, ends, sources, source, way, ms)

    @cached_property
    def _searched(self) -> tuple[Rows, Ints]:
        """Rows of arcs by which one drives from each source, and the length of each quickest drive [mm]."""
        skeleton, lengths = self.met.skeleton, self.met.lengths
        found = trees(skeleton, self.weight, self.sources, self.engine)
        target, mm = skeleton.at(self.ends.node), np.zeros_like(self.ms)
        for code, length in ((ALONG, lengths.along), (AGAINST, lengths.against)):
            a, b = np.nonzero(self.way == code)
            mm[a, b] = length[b] - length[a]
        for code in range(ALONG):
            a, b = np.nonzero((self.way == code) & (self.ms < FAR))
            out, into = divmod(code, 2)
            between = found.mm[self.source[a, out], target[b, into]]
            mm[a, b] = lengths.out[a, out] + between + lengths.into[b, into]
        return found.row, mm

    @property
    def trees(self) -> Rows:
        """Rows of arcs by which one arrives, as `matrix.Trees.row`; shape (s, k)."""
        return self._searched[0]

    @property
    def mm(self) -> Ints:
        """Length of each quickest drive [mm]; shape (n, n)."""
        return self._searched[1]

    def times(
        self, vehicle: str, weather: Weather, stops: gpd.GeoDataFrame, served: Bools, carry_s: Ints
    ) -> TravelTimes:
        """Round once, set apart what can't be reached."""
        reached = (self.ms < FAR) & served[:, None] & served
        seconds = np.where(reached, -(-self.ms // 1000), UNREACHABLE)
        np.fill_diagonal(seconds, 0)
        return TravelTimes(
            vehicle,
            weather,
            stops.index,
            seconds,
            partial(self.metres, served),
            self.met.snapped.snap_m,
            self.met.snapped.carry_m,
            carry_s,
            met=self.met.snapped,
            drives=self.show,
            others=self.other,
        )

    def metres(self, served: Bools) -> Ints:
        """Round lengths once, set apart what can't be reached; shape (n, n)."""
        reached = (self.ms < FAR) & served[:, None] & served
        metres = np.where(reached, (self.mm + MM // 2) // MM, UNREACHABLE)
        np.fill_diagonal(metres, 0)
        return metres

    def parts(self, origin: int, target: int) -> list[tuple[int, float, float]]:
        """List the arcs of a drive, each with the shares of its length between which it is driven."""
        snapped, way = self.met.snapped, int(self.way[origin, target])
        if origin == target:
            return []
        if way in (ALONG, AGAINST):
            shares = float(snapped.share[origin]), float(snapped.share[target])
            return [self._part(origin, way == ALONG, *shares)]
        a, b = divmod(way, 2)
        found: list[tuple[int, float, float]] = []
        if snapped.edge[origin] >= 0:
            found.append(self._part(origin, a == 0, float(snapped.share[origin]), 1.0 - a))
        skeleton = self.met.skeleton
        middle = walked(skeleton, self.trees[self.source[origin, a]], int(skeleton.at(self.ends.node[target, b])))
        found += [(arc, 0.0, 1.0) for arc in middle]
        if snapped.edge[target] >= 0:
            found.append(self._part(target, b == 1, 1.0 - b, float(snapped.share[target])))
        return found

    def _part(self, stop: int, forward: bool, start: float, end: float) -> tuple[int, float, float]:
        """Drive on the line of a stop, along its arc or along the arc's twin."""
        arc = int(self.met.snapped.edge[stop])
        return (arc, start, end) if forward else (int(self.met.along.network.twin[arc]), 1 - start, 1 - end)

    def show(self, pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Describe and draw drives; as `times.Drives`."""
        return self._shown(pairs, Parts.of([self.parts(*pair) for pair in pairs]))

    def _shown(self, pairs: Sequence[tuple[int, int]], parts: Parts) -> dict[str, Any]:
        origins, targets = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        lines = self.met.along.courses(parts, self.met.snapped.points[origins], self.met.snapped.points[targets])
        return self.met.along.measures(parts) | {"geometry": lines}

    def other(self, pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Find and draw the other ways; as `times.Drives`, all of `times.OTHER`, with -1 where there is none."""
        ways = [self._second(*pair) for pair in pairs]
        parts = Parts.of([way.parts if way else [] for way in ways])
        metres = np.rint(parts.summed(self.met.along.network.mm[parts.arc] * (parts.end - parts.start)) / MM)
        none = np.array([way is None for way in ways], dtype=np.bool_)
        shown = self._shown(pairs, parts)
        shown["geometry"][none] = shapely.LineString()
        return shown | {
            "seconds": [-(-way.ms // 1000) if way else UNREACHABLE for way in ways],
            "metres": np.where(none, UNREACHABLE, metres),
            "shared_m": [way.shared_m if way else UNREACHABLE for way in ways],
        }

    @cached_property
    def _open(self) -> OpenRoads:
        return OpenRoads.of(self.met.along.network, self.weight)

    def _second(self, origin: int, target: int) -> Second | None:
        """Find the other way between two stops; none where the first drive takes no road."""
        first = [part for part in self.parts(origin, target) if part[1] < part[2]]
        if not first:
            return None
        return second_way(self._open, first, self._ways(origin, leave=True), self._ways(target))

    def _ways(self, stop: int, *, leave: bool = False) -> list[End]:
        """List the ways off the line of a stop, or onto it."""
        ends, share = self.ends, float(self.met.snapped.share[stop])
        found: list[End] = []
        for side, ms in enumerate((ends.out if leave else ends.into)[stop].tolist()):
            if ms < FAR:
                part: Part = (0, 0.0, 0.0)  # at a node: no part of any road
                if self.met.snapped.edge[stop] >= 0:
                    forward, far = (side == 0, share) if leave else (side == 1, 1.0 - side)
                    part = self._part(stop, forward, far, 1.0 - side if leave else share)
                found.append((int(ends.node[stop, side]), ms, part))
        return found
