"""The network as a failure sees it: segments between junctions and stops, and the chains that fail as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np

from kaur_gis.config import WEATHERS, Operation
from kaur_gis.hours import Hours
from kaur_gis.inputs import Inputs
from kaur_gis.travel.matrix import FAR
from kaur_gis.travel.network import Bools, Floats, Ints, Network
from kaur_gis.travel.snap import Ground, Snapped, snap
from kaur_gis.travel.speeds import BARRED, edge_kmh, edge_ms, surface_kind
from kaur_gis.travel.times import TravelTimes

SAME = 1e-9  # shares of a line nearer than this are one point


@dataclass(frozen=True, eq=False)
class Segments:
    """The lines of a network, cut at every point where a stop meets them.

    A stop is then always a node, and a segment fails whole: the stop beside the gap keeps its other end.

    Attributes
    ----------
    network : Network
    arc : shape (s,)
        Arc of the network along which the segment runs, the first of a pair of twins.
    start, end : shape (s,)
        Shares of the arc's length between which it runs.
    tail, head : shape (s,)
        Nodes at `start` and `end`: those of the network, then the points of stops on lines.
    n_nodes : int
    place : mapping
        Vehicle -> node of every stop, -1 where it meets no road; shape (n,).
    forth, back : mapping
        Vehicle -> driving time along and against each segment [ms], FAR where that is not possible; shape (s,).
    """

    network: Network
    arc: Ints
    start: Floats
    end: Floats
    tail: Ints
    head: Ints
    n_nodes: int
    place: Mapping[str, Ints]
    forth: Mapping[str, Ints]
    back: Mapping[str, Ints]


def segments_of(
    inputs: Inputs,
    stops: gpd.GeoDataFrame,
    vehicles: list[str],
    travel: Mapping[tuple[str, str], TravelTimes] = MappingProxyType({}),
) -> Segments:
    """Cut the network at the stops, in the weather of the plan and with what is closed.

    Parameters
    ----------
    inputs : Inputs
        What is closed to some trip of the distribution is closed at all hours.
    stops : GeoDataFrame
        Layer `Stops`.
    vehicles : list of str
        Of the speed table. Each meets the roads where `travel_times` says.
    travel : mapping of (vehicle, weather) to TravelTimes, optional
        On the same roads: where stops meet them need not be found again.

    Returns
    -------
    Segments
        Times along its segments add up to those of `travel` while the same is closed, to the millisecond.
    """
    operation, table = inputs.operation, inputs.speeds
    roads = inputs.roads.while_closed(Hours.of(inputs).way_out(operation))
    network = Network.of(roads)
    can_carry = table.carry_kmh[WEATHERS.index(operation.weather.plan)] > 0
    kinds = surface_kind(network.edges, table)
    known = {
        name: times.met
        for (name, weather), times in travel.items()
        if weather == operation.weather.plan and times.met is not None
    }
    usable: dict[str, Bools] = {}
    weight: dict[str, Ints] = {}
    for vehicle in vehicles:
        kmh = edge_kmh(network.edges, table.vehicles[vehicle], table, operation.weather.plan, kinds)
        usable[vehicle] = kmh > 0
        closed = network.edges.index.isin(roads.closed_to(vehicle))
        weight[vehicle] = np.where(closed, BARRED, edge_ms(network.mm, kmh))
    found = _snapped(network, stops, operation, {name: own for name, own in usable.items() if name not in known})
    snapped = {name: (known | found)[name] for name in vehicles}
    marks, number = _marks(network, snapped)
    place = {}
    for vehicle, met in snapped.items():
        on_line = [number.get((int(arc), float(share)), -1) for arc, share in zip(met.edge, met.share, strict=True)]
        reached = (met.carry_m == 0) | can_carry
        place[vehicle] = np.where(reached, np.where(met.node >= 0, met.node, on_line), -1)
    lines = np.flatnonzero(network.lines)
    arc = np.concatenate([lines, marks[:, 0].astype(np.int64)])
    start = np.concatenate([np.zeros(len(lines)), marks[:, 1]])
    tail = np.concatenate([network.tail[lines], network.n_nodes + np.arange(len(marks))])
    order = np.lexsort((start, arc))
    arc, start, tail = arc[order], start[order], tail[order]
    last = np.append(arc[1:] != arc[:-1], True)
    end = np.where(last, 1.0, np.append(start[1:], 1.0))
    head = np.where(last, network.head[arc], np.append(tail[1:], -1))
    forth, back = {}, {}
    for vehicle, ms in weight.items():
        forth[vehicle] = _parts(ms[arc], start, end)
        twin = network.twin[arc]
        back[vehicle] = _parts(np.where(twin >= 0, ms[twin], BARRED), start, end)
    return Segments(network, arc, start, end, tail, head, network.n_nodes + len(marks), place, forth, back)


def _snapped(
    network: Network, stops: gpd.GeoDataFrame, operation: Operation, usable: Mapping[str, Bools]
) -> dict[str, Snapped]:
    """Find where some vehicles meet the roads, each by the arcs that it may use: most may use the same."""
    if not usable:
        return {}
    ground = Ground.of(network, stops, operation.region.metric_crs)
    alike = {arcs.tobytes(): arcs for arcs in usable.values()}
    met = {key: snap(ground, arcs, operation.roads.max_snap_m) for key, arcs in alike.items()}
    return {vehicle: met[arcs.tobytes()] for vehicle, arcs in usable.items()}


def _marks(network: Network, snapped: Mapping[str, Snapped]) -> tuple[Floats, dict[tuple[int, float], int]]:
    """Collect the points of lines at which stops meet them.

    Gives them as arc and share, ascending, shape (p, 2); and the node that each arc and share of a stop becomes.
    """
    met = {
        (int(arc), float(share))
        for points in snapped.values()
        for arc, share in zip(points.edge, points.share, strict=True)
        if arc >= 0
    }
    marks: list[tuple[int, float]] = []
    number = {}
    for arc, share in sorted(met):
        if not marks or marks[-1][0] != arc or share - marks[-1][1] > SAME:  # two stops may meet it at one point
            marks.append((arc, share))
        number[arc, share] = network.n_nodes + len(marks) - 1
    return np.array(marks, dtype=np.float64).reshape(-1, 2), number


def _parts(ms: Ints, start: Floats, end: Floats) -> Ints:
    """Time of each part of an arc: whole, and all parts add up to the arc's."""
    parts = np.rint(ms * end).astype(np.int64) - np.rint(ms * start).astype(np.int64)
    return np.where(ms >= 0, parts, FAR)


@dataclass(frozen=True, eq=False)
class Chains:
    """Segments in a row with no choice between them: they fail together, so they are one edge of a small graph.

    Attributes
    ----------
    of : shape (s,)
        Chain of each segment; -1 for a segment that no quickest drive between two stops can use.
    tail, head : list of int
        Nodes at the ends of each chain.
    forth, back : mapping
        Vehicle -> time along and against each chain [ms]; FAR where that is not possible.
    """

    of: Ints
    tail: list[int]
    head: list[int]
    forth: Mapping[str, Ints]
    back: Mapping[str, Ints]


def chains_of(segments: Segments) -> Chains:
    """Leave out dead ends without a stop, and join segments through nodes that are neither stop nor junction.

    Both change no time between stops, whatever fails: a dead end is left the way it was entered, and a row of segments
    is driven whole or not at all, in each direction by itself.
    """
    kept = np.zeros(segments.n_nodes, dtype=np.bool_)
    for nodes in segments.place.values():
        kept[nodes[nodes >= 0]] = True
    rows = _rows(segments, kept.tolist(), _at_nodes(segments, kept.tolist()))
    of = np.full(len(segments.tail), -1, dtype=np.int64)
    for number, row in enumerate(rows):
        of[row.segments] = number
    starts = np.cumsum([0, *(len(row.segments) for row in rows[:-1])])[: len(rows)]
    own = np.array([segment for row in rows for segment in row.segments], dtype=np.int64)
    along = np.array([forward for row in rows for forward in row.along], dtype=np.bool_)
    loop = np.array([row.tail == row.head for row in rows], dtype=np.bool_)

    def sums(cost: Ints) -> Ints:
        barred = np.logical_or.reduceat(cost >= FAR, starts)
        return np.where(loop | barred, FAR, np.add.reduceat(np.where(cost >= FAR, 0, cost), starts))

    forth: dict[str, Ints] = {}
    back: dict[str, Ints] = {}
    for vehicle in segments.forth:
        one, other = segments.forth[vehicle][own], segments.back[vehicle][own]
        forth[vehicle] = sums(np.where(along, one, other)) if rows else own
        back[vehicle] = sums(np.where(along, other, one)) if rows else own
    return Chains(of, [row.tail for row in rows], [row.head for row in rows], forth, back)


@dataclass(frozen=True)
class _Row:
    """Segments one after the other between two nodes, and whether each is driven along its own direction."""

    tail: int
    head: int
    segments: list[int]
    along: list[bool]


def _at_nodes(segments: Segments, kept: list[bool]) -> list[set[int]]:
    """List the segments at every node, without loops and dead ends."""
    tail, head = segments.tail.tolist(), segments.head.tolist()
    at: list[set[int]] = [set() for _ in range(segments.n_nodes)]
    for segment, (a, b) in enumerate(zip(tail, head, strict=True)):
        if a != b:
            at[a].add(segment)
            at[b].add(segment)
    ends = [node for node in range(segments.n_nodes) if len(at[node]) == 1 and not kept[node]]
    while ends:
        node = ends.pop()
        if len(at[node]) == 1:
            segment = at[node].pop()
            other = head[segment] if tail[segment] == node else tail[segment]
            at[other].discard(segment)
            if len(at[other]) == 1 and not kept[other]:
                ends.append(other)
    return at


def _rows(segments: Segments, kept: list[bool], at: list[set[int]]) -> list[_Row]:
    """Follow the segments from every stop and junction to the next one."""
    tail, head = segments.tail.tolist(), segments.head.tolist()
    passed = [not own and len(some) == 2 for own, some in zip(kept, at, strict=True)]  # noqa: PLR2004 - one in, one out
    taken: set[int] = set()
    rows = []
    for begin in range(segments.n_nodes):
        for first in [] if passed[begin] else sorted(at[begin]):
            if first in taken:
                continue
            row, along, node, segment = [first], [tail[first] == begin], begin, first
            node = head[segment] if along[-1] else tail[segment]
            while passed[node]:
                segment = next(other for other in at[node] if other != segment)
                row.append(segment)
                along.append(tail[segment] == node)
                node = head[segment] if along[-1] else tail[segment]
            taken.update(row)
            rows.append(_Row(begin, node, row, along))
    return rows
