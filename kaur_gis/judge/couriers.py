"""Promises about TPS without signal: the nearest place with signal, the limit, and couriers who join where it saves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, pairwise, permutations, repeat

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from kaur_gis.config import SUMBER_ORDER, Komunikasi
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, seconds_of, whole_seconds
from kaur_gis.judge.ground import Ints
from kaur_gis.judge.rows import Row

NEAR_M = 1.0
NEAR_DEG = 1e-6
Way = tuple[int, int, int, str]
"""Seconds there and back together, seconds there, number of the vehicle, stop with signal."""


class Ground:
    """Where signal is and how long the ways there are, read again from stops, TPS, coverage and the matrices."""

    def __init__(self, facts: Facts, how: Komunikasi) -> None:
        self.facts, self.how = facts, how
        weather = facts.plan.inputs.operation.weather.plan
        self.times = [facts.plan.travel[name, weather] for name in how.vehicles]
        self.at = [{str(stop): n for n, stop in enumerate(times.stops)} for times in self.times]
        self.hand = whole_seconds(how.handover_minutes)
        self._ways: dict[str, list[Way]] = {}

    @cached_property
    def needy(self) -> dict[str, Row]:
        """TPS that can't send by themselves."""
        return {kode: row for kode, row in self.facts.tps.items() if row["sinyal"] in self.how.needs}

    @cached_property
    def heard(self) -> dict[str, str]:
        """Stops with signal, and how well it is known: as the best statement of those made there."""
        cover = [row for row in self.facts.rows(self.facts.plan.inputs.cakupan) if row["sinyal"] in self.how.enough]
        said: dict[str, set[str]] = {}
        for kode, row in self.facts.rows.by_code(self.facts.plan.stops).items():
            if row["kind"] == "sinyal":
                here = row["geometry"].buffer(NEAR_DEG)
                said[kode] = {one["sumber"] for one in cover if here.intersects(one["geometry"])} or {"asumsi"}
        for row in self.facts.tps.values():
            measured = row["sinyal_sumber"] == "ukur" or self.facts.plan.inputs.cakupan.empty
            if row["sinyal"] in self.how.enough and measured:
                said.setdefault(row["kode_stop"], set()).add(row["sinyal_sumber"])
        return {kode: min(said[kode], key=SUMBER_ORDER.index) for kode in sorted(said)}

    def way(self, number: int, origin: str, target: str) -> int | None:
        """Seconds from stop to stop by a vehicle, with the walks to and from the road; None where there is no way."""
        if origin == target:
            return 0
        times, at = self.times[number], self.at[number]
        a, b = at[origin], at[target]
        seconds = int(times.seconds[a, b])
        return None if seconds == UNREACHABLE else seconds + int(times.carry_s[a]) + int(times.carry_s[b])

    def ways(self, origin: str) -> list[Way]:
        """List the ways to every place with signal and home, the quickest there and back first."""
        if origin not in self._ways:
            found: list[Way] = []
            for number, (times, heard) in enumerate(zip(self.times, self._heard_at, strict=True)):
                a = self.at[number][origin]
                out, home = times.seconds[a, heard], times.seconds[heard, a]
                walks = np.where(heard == a, 0, times.carry_s[a] + times.carry_s[heard])
                reached = np.flatnonzero((out != UNREACHABLE) & (home != UNREACHABLE))
                there, both = (out + walks)[reached].tolist(), (out + home + 2 * walks)[reached].tolist()
                found += zip(both, there, repeat(number), self._places[reached].tolist(), strict=False)
            self._ways[origin] = sorted(found)
        return self._ways[origin]

    @cached_property
    def _places(self) -> NDArray[np.object_]:
        return np.array(list(self.heard), dtype=object)

    @cached_property
    def _heard_at(self) -> list[Ints]:
        """Where the places with signal stand in the matrix of each vehicle."""
        return [np.array([at[place] for place in self.heard], dtype=np.int64) for at in self.at]

    def chain(self, number: int, stops: Sequence[str]) -> tuple[int, int] | None:
        """Seconds along stops and back, with handing over at each further one; None where there is no way."""
        out = back = 0
        for a, b in pairwise(stops):
            one, other = self.way(number, a, b), self.way(number, b, a)
            if one is None or other is None:
                return None
            out, back = out + one + self.hand, back + other + self.hand
        return out, back

    def round(self, number: int, stops: Sequence[str], place: str) -> tuple[int, int] | None:
        """Seconds out and back of a courier; None where there is no such vehicle, signal or way."""
        if number < 0 or place not in self.heard:
            return None
        chain = self.chain(number, stops)
        there, home = self.way(number, stops[-1], place), self.way(number, place, stops[-1])
        return None if chain is None or there is None or home is None else (chain[0] + there, chain[1] + home)

    def quickest(self, stops: Sequence[str]) -> int | None:
        """Seconds of the quickest courier who serves these stops, out and back; None where none keeps the limit."""
        best = None
        for number in range(len(self.times)):
            for order in permutations(stops):
                chain = self.chain(number, order)
                if chain is None:
                    continue
                limit = 60 * self.how.max_minutes - chain[0]
                fits = (way[0] for way in self.ways(order[-1]) if way[2] == number and way[1] <= limit)
                end = next(fits, None)
                if end is not None and (best is None or end + sum(chain) < best):
                    best = end + sum(chain)
        return best


def _ground(facts: Facts) -> Ground | None:
    how = facts.plan.inputs.operation.komunikasi
    return Ground(facts, how) if how else None


def signal_points(facts: Facts) -> Iterator[Broken]:
    """Points with signal are the named ones of the coverage, and places where a road meets one of its areas."""
    plan = facts.plan
    inputs, ground = plan.inputs, facts.once(_ground)
    found = {kode: row for kode, row in facts.rows.by_code(plan.stops).items() if row["kind"] == "sinyal"}
    if ground is None or not ground.needy:
        for kode in sorted(found):
            yield Broken(kode, 1, 0)
        return
    crs = inputs.operation.region.metric_crs
    cover = inputs.cakupan[inputs.cakupan["sinyal"].isin(ground.how.enough)].to_crs(crs)
    named = [shape for shape in cover.geometry if shape.geom_type == "Point"]
    area = shapely.union_all([shape for shape in cover.geometry if shape.geom_type != "Point"])
    if inputs.roads.schematic:
        met = shapely.union_all(shapely.intersection(area, facts.ground.points))
    else:
        near = np.sort(facts.ground.tree.query(area.boundary))
        met = shapely.union_all(shapely.intersection(area.boundary, facts.ground.lines[near]))
    points = gpd.GeoSeries([row["geometry"] for row in found.values()], crs="EPSG:4326").to_crs(crs)
    for kode, point in zip(found, points, strict=True):
        if min((point.distance(shape) for shape in [*named, met] if not shape.is_empty), default=9e9) > NEAR_M:
            yield Broken(kode, point.wkt, "cakupan")
    there = shapely.union_all(points.to_numpy())
    for number, shape in enumerate(named):
        if shape.distance(there) > NEAR_M or there.is_empty:
            yield Broken(f"cakupan {number}", "-", shape.wkt)
    own = gpd.GeoSeries([row["geometry"] for row in ground.needy.values()], crs="EPSG:4326").to_crs(crs)
    for kode, point in zip(ground.needy, own, strict=True):
        if not met.is_empty and (there.is_empty or point.distance(there) > point.distance(met) + NEAR_M):
            yield Broken(kode, f"{point.distance(there):.0f} m", f"{point.distance(met):.0f} m")


def channels(facts: Facts) -> Iterator[Broken]:
    """Each TPS that can't send is told the nearest place with signal, or beyond the limit another way."""
    plan = facts.plan
    ground = facts.once(_ground)
    found = facts.rows.by_code(plan.channels)
    if ground is None:
        for kode in sorted(found):
            yield Broken(kode, 1, 0)
        return
    how = ground.how
    for kode in sorted(set(found) ^ set(ground.needy)):
        yield Broken(kode, int(kode in found), int(kode in ground.needy))
    own = facts.ground.in_metres(plan.stops.geometry.to_numpy())
    xy = dict(zip(plan.stops.index.tolist(), own, strict=True))
    ends = np.array([xy[stop] for stop in ground.heard], dtype=object)
    for kode in sorted(set(found) & set(ground.needy)):
        row, stop = found[kode], ground.needy[kode]["kode_stop"]
        ways = ground.ways(stop)
        within = [way for way in ways if way[1] <= 60 * how.max_minutes]
        both, there, number, place = min(within or ways, default=(-2, -1, -1, ""))
        crow = zip(shapely.distance(xy[stop], ends).tolist(), ground.heard, strict=True)
        near = min((way for way in crow if how.radio_range_m and way[0] <= how.radio_range_m), default=None)
        channel = "kurir" if within else "satelit" if near is None else "ht"
        metres = int(ground.times[number].metres[ground.at[number][stop], ground.at[number][place]]) if place else -1
        vehicle = how.vehicles[number] if place else ""
        wanted = (ground.needy[kode]["sinyal"], channel, place, vehicle, there, both - there, metres)
        names = ("sinyal", "channel", "signal_stop", "vehicle", "there_s", "back_s", "metres")
        said = tuple(row[name] for name in names)
        radio = row["radio_stop"]
        radio_right = radio in ground.heard and xy[stop].distance(xy[radio]) <= near[0] + NEAR_M if near else not radio
        if said != wanted or not (radio_right if channel == "ht" else not radio):
            yield Broken(kode, f"{said} {radio}", f"{wanted} {near or ''}")
        known = ground.heard.get(place, ""), ground.heard.get(radio, ""), place != stop
        if (row["signal_sumber"], row["radio_sumber"], row["way_known"]) != known:
            yield Broken(kode, f"{row['signal_sumber']} {row['radio_sumber']} {row['way_known']}", str(known))
        if bool(row["kode_kurir"]) != (row["order"] > 0) or bool(row["kode_kurir"]) != (channel == "kurir"):
            yield Broken(kode, f"{row['kode_kurir']} {row['order']}", channel)


def couriers(facts: Facts) -> Iterator[Broken]:
    """Each courier serves whole points in order, is with signal within the limit, and home when the matrix says so."""
    plan = facts.plan
    ground = facts.once(_ground)
    if ground is None:
        return
    how = ground.how
    members = facts.rows.grouped(plan.channels[plan.channels["kode_kurir"] != ""], "kode_kurir", "order", "kode_tps")
    served: dict[str, str] = {}
    start = seconds_of(plan.inputs.operation.operation.voting_day) + how.start_s
    for kode, row in sorted(facts.rows.by_code(plan.couriers).items()):
        at: dict[int, set[str]] = {}
        for member in members[kode]:
            at.setdefault(member["order"], set()).add(facts.tps[member["kode_tps"]]["kode_stop"])
        stops = [stop for order in sorted(at) for stop in sorted(at[order])]
        if sorted(at) != list(range(1, len(stops) + 1)) or len(stops) > how.max_stops or stops[0] != row["from_stop"]:
            yield Broken(kode, str(at), f"1 .. {how.max_stops}, {row['from_stop']}")
            continue
        for stop in stops:
            if served.setdefault(stop, kode) != kode:
                yield Broken(kode, stop, served[stop])
        number = how.vehicles.index(row["vehicle"]) if row["vehicle"] in how.vehicles else -1
        round_ = ground.round(number, stops, row["signal_stop"])
        if round_ is None:
            yield Broken(kode, f"{row['vehicle']} {row['signal_stop']}", "-")
            continue
        out, back = round_
        n_tps = len(members[kode])
        arrive = start + out
        sent = arrive + n_tps * whole_seconds(how.send_minutes_per_tps)
        stations = [*stops, row["signal_stop"]]
        weather = plan.inputs.operation.weather.plan
        metres = sum(facts.cell(row["vehicle"], weather, a, b)[1] for a, b in pairwise(stations))
        alone = sum(ground.quickest([stop]) or 0 for stop in stops)
        known = (ground.heard[row["signal_stop"]], stops[-1] != row["signal_stop"])
        wanted = (len(stops), n_tps, out, back, alone, metres, start, arrive, sent, sent + back, *known)
        names = ("n_stops", "n_tps", "out_s", "back_s", "alone_s", "metres", "depart", "arrive", "sent", "back")
        said = tuple(row[name] for name in (*names, "signal_sumber", "way_known"))
        if said != wanted or out > 60 * how.max_minutes or row["proven"] > row["way_known"]:
            yield Broken(kode, str(said), f"{wanted}, <= {how.max_minutes} min")
        if row["kode_kec"] != facts.stops[stops[0]]["kode_kec"]:
            yield Broken(kode, row["kode_kec"], facts.stops[stops[0]]["kode_kec"])


def no_detour(facts: Facts) -> Iterator[Broken]:
    """No courier takes longer than one from each point, nor two of them longer than one for all of their points."""
    ground = facts.once(_ground)
    if ground is None:
        return
    how = ground.how
    stops: dict[str, list[str]] = {}
    for row in sorted(facts.rows(facts.plan.channels), key=lambda row: row["order"]):
        if row["kode_kurir"]:
            here = stops.setdefault(row["kode_kurir"], [])
            stop = facts.tps[row["kode_tps"]]["kode_stop"]
            here += [stop] if stop not in here else []
    taken = {
        kode: row["out_s"] + row["back_s"]
        for kode, row in facts.rows.by_code(facts.plan.couriers).items()
        if row["proven"]
    }
    for kode, row in facts.rows.by_code(facts.plan.couriers).items():
        if row["out_s"] + row["back_s"] > row["alone_s"]:
            yield Broken(kode, row["out_s"] + row["back_s"], f"<= {row['alone_s']}")
    for one, other in combinations(sorted(taken), 2):
        together = [*stops.get(one, []), *stops.get(other, [])]
        if len(together) <= how.max_stops:
            joined = ground.quickest(together)
            if joined is not None and joined < taken[one] + taken[other]:
                yield Broken(f"{one} {other}", taken[one] + taken[other], f"<= {joined}")
