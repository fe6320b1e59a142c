"""The promise about closed roads: nobody is sent over one while it is closed, neither as planned nor late."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, clock
from kaur_gis.judge.ground import Drawn, Ints
from kaur_gis.judge.hours import meets, spans_of
from kaur_gis.judge.passed import TOUCH_DEG
from kaur_gis.judge.roads import SECONDS, SHARE
from kaur_gis.judge.rows import Row

Lines = np.ndarray
POINTS = 3  # of a piece that must lie on an edge: both ends and the middle
LONG_DEG = 1e-5  # a piece of a line that is shorter, about a metre, is a touch


def closures(facts: Facts) -> Iterator[Broken]:
    """No leg passes a road while it is closed, however late its trip may leave, nor in the heavier weather."""
    closed = facts.plan.inputs.roads.closures
    if not closed:
        return
    spans = [spans_of(facts.plan.inputs.operation, closure.asked) for closure in closed]
    legs: dict[tuple[int, ...], list[int]] = {}
    for place, leg in enumerate(facts.all_today):
        trip = facts.trips[leg["kode_trip"]]
        spare = trip["depart_latest"] - trip["depart"]
        met = tuple(
            number
            for number, own in enumerate(spans)
            if trip["profile"] in (closed[number].asked.kendaraan or (trip["profile"],))
            and meets(own, leg["depart"], leg["arrive"] + spare)
        )
        legs.setdefault(met, []).append(place)
    for met, own in sorted(legs.items()):
        edges = sorted({edge for number in met for edge in closed[number].edges})
        for number in _along(facts.drawn, own, facts.plan.inputs.roads.edges, edges) if edges else ():
            leg = facts.all_today[own[number]]
            value, hours = f"{leg['kode_trip']} {leg['order']}", f"{clock(leg['depart'])} .. {clock(leg['arrive'])}"
            yield Broken(value, hours, closed[met[0]].asked.lokasi)
    yield from _late(facts)


def _along(lines: Drawn, drives: list[int], edges: gpd.GeoDataFrame, closed: list[int]) -> list[int]:
    """List the drives, by their place among some, a piece of whose line lies on closed edges and on no open one."""
    asked = np.isin(lines.owner, lines.line[drives])
    drawn, owner = lines.pieces[asked], lines.owner[asked]
    long = np.hypot(drawn[:, 2] - drawn[:, 0], drawn[:, 3] - drawn[:, 1]) > LONG_DEG
    drawn, owner = drawn[long], owner[long]
    on_closed = np.zeros(len(drawn), dtype=np.bool_)
    on_closed[_on(drawn, edges.geometry.loc[closed].to_numpy())] = True
    drawn, owner = drawn[on_closed], owner[on_closed]
    on_open = np.zeros(len(drawn), dtype=np.bool_)
    on_open[_on(drawn, edges.geometry[~edges.index.isin(closed)].to_numpy())] = True
    return np.flatnonzero(np.isin(lines.line[drives], owner[~on_open])).tolist()


def _on(drawn: np.ndarray, lines: Lines) -> Ints:
    """List the pieces that lie on one of some lines with both ends and the middle."""
    low_x, low_y, high_x, high_y = shapely.total_bounds(lines)
    x, y = drawn[:, ::2], drawn[:, 1::2]
    near_x = (x >= low_x - TOUCH_DEG) & (x <= high_x + TOUCH_DEG)
    near_y = (y >= low_y - TOUCH_DEG) & (y <= high_y + TOUCH_DEG)
    near = np.flatnonzero((near_x & near_y).all(axis=1))  # most pieces are nowhere near, and are not asked for
    drawn = drawn[near]
    begin, end = drawn[:, :2], drawn[:, 2:]
    points = shapely.points(np.concatenate([begin, end, (begin + end) / 2]))
    piece, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=TOUCH_DEG)
    pair, times = np.unique(piece % max(len(drawn), 1) * len(lines) + line, return_counts=True)
    on: Ints = near[np.unique(pair[times == POINTS] // max(len(lines), 1))]
    return on


def _late(facts: Facts) -> Iterator[Broken]:
    """Whether a late drive that lasts into the hours of another closure is as long as the roads that are left."""
    weather = facts.plan.inputs.operation.weather.late
    legs: dict[tuple[str, tuple[int, ...]], dict[tuple[str, str], Row]] = {}
    for kode, rows in facts.legs_today.items():
        trip = facts.trips[kode]
        now = facts.closing(trip)
        for leg in rows:
            if leg["arrive_late"] is not None and leg["arrive_late"] > now.closes:
                own = legs.setdefault((trip["profile"], now.later), {})
                own[leg["from_stop"], leg["to_stop"]] = leg
    for (profile, later), own in sorted(legs.items()):
        network = facts.network(profile, later, weather)
        stops = [stop for leg in own.values() for stop in (leg["from_stop"], leg["to_stop"])]
        ends = shapely.get_point([leg["geometry"] for leg in own.values() for _ in range(2)], [0, -1] * len(own))
        places = facts.ground.in_metres(ends)
        found_at = network.met(places, schematic=facts.plan.inputs.roads.schematic)
        met = dict(zip(stops, found_at, strict=True))
        cells = {pair: facts.cell(profile, weather, *pair, later)[0] for pair in own}
        asked = [(*pair, np.inf) for pair in own]
        for pair, (seconds, _) in zip(own, network.drives(met, asked), strict=True):
            found = cells[pair]
            if found == UNREACHABLE or abs(found - seconds) > SECONDS + SHARE * seconds:
                yield Broken(f"{own[pair]['kode_trip']} {' -> '.join(pair)}", f"{found} s", f"{seconds:.1f} s")
