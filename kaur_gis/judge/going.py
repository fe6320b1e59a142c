"""The promise about empty drives after counting: whose day ends elsewhere drives there once everything is unloaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaur_gis.config import Kembali
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, clock, whole_seconds
from kaur_gis.judge.rows import Row
from kaur_gis.judge.trips import by_vehicle

Ends = Mapping[str, str | None]
"""Where the day of the vehicles of a row ends, by its code; None for at their base."""


def going(view: Facts, rows: list[Kembali], ends: Ends) -> Iterator[Broken]:
    """Who ends his day elsewhere drives there, empty, behind his last trip; nobody else drives empty."""
    for row in rows:
        for own in by_vehicle(view, row.name).values():
            for trip in own:
                way = trip["base"], ends[trip["fleet"]] or trip["base"]
                before = [leg for kode, leg in view.coming.items() if kode == trip["kode_trip"]]
                legs = [*before, *view.going.get(trip["kode_trip"], ())]
                found = [(leg["from_stop"], leg["to_stop"]) for leg in legs]
                wanted = [way] if trip is own[-1] and way[0] != way[1] else []
                if found != wanted:
                    yield Broken(trip["kode_trip"], _said(found), _said(wanted))
                    continue
                for leg in legs:
                    yield from _driven(view, trip, leg, whole_seconds(row.loading_minutes))


def _said(ways: list[tuple[str, str]]) -> str:
    return ", ".join(map(" -> ".join, ways)) or "-"


def _driven(view: Facts, trip: Row, leg: Row, unload: int) -> Iterator[Broken]:
    """One empty drive: by the matrix, and begun when the trip is unloaded, in either weather."""
    weather, closed = view.plan.inputs.operation.weather.plan, view.closing(trip).closed
    cell = view.cell(trip["profile"], weather, leg["from_stop"], leg["to_stop"], closed)
    if UNREACHABLE in cell or (leg["seconds"], leg["metres"]) != cell:
        yield Broken(trip["kode_trip"], f"{leg['seconds']} s, {leg['metres']} m", f"{cell[0]} s, {cell[1]} m")
    leaves = trip["back"] + unload
    late = None if trip["back_late"] is None else trip["back_late"] + unload
    late_s = UNREACHABLE if late is None else view.late_s(trip, leg, late)
    there = None if late is None or late_s == UNREACHABLE else late + late_s
    for name, time in (("depart", leaves), ("arrive", leaves + cell[0]), ("arrive_late", there)):
        if leg[name] != time:
            yield Broken(trip["kode_trip"], clock(leg[name]), clock(time))


def home_s(view: Facts, profile: str, way: tuple[str, str], closed: tuple[int, ...], unload: int) -> int | None:
    """Seconds to unload at a base and to drive home empty in the worse weather; 0 for who stays, None for no road."""
    if way[0] == way[1]:
        return 0
    weather = view.plan.inputs.operation.weather
    cells = [view.cell(profile, how, *way, closed)[0] for how in (weather.plan, weather.late)]
    far = view.snap_m(profile, way[1]) > view.plan.inputs.operation.roads.max_snap_m
    return None if far or UNREACHABLE in cells else unload + max(cells)
