"""The hours of drivers after counting: all that a vehicle does on the way back is one working day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kaur_gis.config import Kembali
from kaur_gis.judge.back_late import waited
from kaur_gis.judge.facts import Broken, Facts, whole_seconds
from kaur_gis.judge.rows import Row


def driver_back(facts: Facts) -> Iterator[Broken]:
    """No driver is out longer than his hours after counting, from when he leaves until he has unloaded and is home."""
    for vehicle, day in _limited(facts).items():
        began, home = day.first["depart"], day.home("back", "arrive")
        if home is not None and home - began > day.most_s:
            yield Broken(vehicle, round((home - began) / 3600, 2), f"<= {day.most_s / 3600:g}")


def driver_back_late(facts: Facts) -> Iterator[Broken]:
    """Each driver who is out too long after counting in the heavier weather is named, and nobody else is.

    He begins as planned, or when it is light where nothing is loaded in the dark.
    """
    operation, late = facts.plan.inputs.operation, set()
    storm = operation.weather.late != operation.weather.plan
    for vehicle, day in _limited(facts).items():
        began, home = day.first["depart"], day.home("back_late", "arrive_late")
        if storm and day.row.storm_waits and operation.daylight:
            began = waited(facts, began - day.unload, operation.daylight) + day.unload
        if home is None or home - began > day.most_s:
            late.add((vehicle, day.row.name))
    said = [(note.value, str(note.details["stage"])) for note in facts.plan.notes if note.what == "back_driver_risk"]
    for vehicle, name in sorted({*said, *late}):
        found, wanted = said.count((vehicle, name)), int((vehicle, name) in late)
        if found != wanted:
            yield Broken(vehicle, f"{name}: {found}", f"{name}: {wanted}")


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


def _limited(facts: Facts) -> dict[str, _Day]:
    """Take the vehicles of the way back whose drivers' hours are limited, on legs that are declared."""
    rows = {row.name: row for row in facts.plan.inputs.operation.kembali}
    days: dict[str, list[Row]] = {}
    for trip in sorted(facts.rows(facts.plan.back_trips), key=lambda trip: (trip["depart"], trip["kode_trip"])):
        if trip["stage"] in rows and facts.fleet[trip["fleet"]].jam_sopir is not None:
            days.setdefault(trip["vehicle"], []).append(trip)
    legs = facts.rows.grouped(facts.plan.back_legs, "kode_trip", "order") if days else {}
    found = {}
    for vehicle, (first, *more) in days.items():
        last, hours = [first, *more][-1], facts.fleet[first["fleet"]].jam_sopir or 0
        found[vehicle] = _Day(first, last, legs[last["kode_trip"]][-1], rows[first["stage"]], hours * 3600 + 1e-6)
    return found
