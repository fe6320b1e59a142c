"""The hours of drivers after counting: what a vehicle does within a day of when it leaves is one working day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from kaur_gis.config import Kembali
from kaur_gis.judge.back_late import waited
from kaur_gis.judge.facts import Broken, Facts, whole_seconds
from kaur_gis.judge.rows import Row
from kaur_gis.judge.trips import working_days


def driver_back(facts: Facts) -> Iterator[Broken]:
    """No driver is out longer than his hours after counting, from when he leaves until he has unloaded and is home."""
    for day in _limited(facts):
        began, home = day.first["depart"], day.home("back", "arrive")
        if home is not None and home - began > day.most_s:
            yield Broken(day.first["vehicle"], round((home - began) / 3600, 2), f"<= {day.most_s / 3600:g}")


def driver_back_late(facts: Facts) -> Iterator[Broken]:
    """Each driver who is out too long after counting in the heavier weather is named, and nobody else is.

    He begins as planned, or when it is light where nothing is loaded in the dark.
    """
    operation, late = facts.plan.inputs.operation, Counter[tuple[str, str]]()
    storm = operation.weather.late != operation.weather.plan
    for day in _limited(facts):
        began, home = day.first["depart"], day.home("back_late", "arrive_late")
        if storm and day.row.storm_waits and operation.daylight:
            began = waited(facts, began - day.unload, operation.daylight) + day.unload
        if home is None or home - began > day.most_s:
            late[day.first["vehicle"], day.row.name] += 1
    notes = [note for note in facts.plan.notes if note.what in {"back_driver_risk", "back_driver_risk_never"}]
    said = Counter((note.value, str(note.details["stage"])) for note in notes)
    for vehicle, name in sorted({*said, *late}):
        if said[vehicle, name] != late[vehicle, name]:
            yield Broken(vehicle, f"{name}: {said[vehicle, name]}", f"{name}: {late[vehicle, name]}")


class _Day(NamedTuple):
    """What a driver does after counting, and how long that may take [s]."""

    first: Row
    last: Row
    last_leg: Row
    row: Kembali
    most_s: float

    @property
    def unload(self) -> int:
        return whole_seconds(self.row.loading_minutes)

    def home(self, back: str, arrive: str) -> int | None:
        """When he is home after his last trip: unloaded, or driven on from there; None for never."""
        if self.last_leg["to_stop"] != self.last["base"]:
            there: int | None = self.last_leg[arrive]
            return there
        return None if self.last[back] is None else self.last[back] + self.unload


def _limited(facts: Facts) -> list[_Day]:
    """List the working days of drivers on the way back whose hours are limited, on legs that are declared."""
    rows = {row.name: row for row in facts.plan.inputs.operation.kembali}
    trips: dict[str, list[Row]] = {}
    for trip in sorted(facts.rows(facts.plan.back_trips), key=lambda trip: (trip["depart"], trip["kode_trip"])):
        if trip["stage"] in rows and facts.fleet[trip["fleet"]].jam_sopir is not None:
            trips.setdefault(trip["vehicle"], []).append(trip)
    legs = facts.rows.grouped(facts.plan.back_legs, "kode_trip", "order") if trips else {}
    found = []
    for first, *more in (day for own in trips.values() for day in working_days(own)):
        last, hours = [first, *more][-1], facts.fleet[first["fleet"]].jam_sopir or 0
        found.append(_Day(first, last, legs[last["kode_trip"]][-1], rows[first["stage"]], hours * 3600 + 1e-6))
    return found
