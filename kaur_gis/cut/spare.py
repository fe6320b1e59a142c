"""Who can take over the trips of a vehicle that broke down: the nearest one that is free and has room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from kaur_gis.config import Fleet, Stage
from kaur_gis.hours import Hours
from kaur_gis.plan import Plan
from kaur_gis.travel import TravelTimes


def spares(
    plan: Plan, trips: Collection[str], broken: Collection[str], *, now: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Find the nearest spare vehicle for each of some trips.

    Parameters
    ----------
    plan : Plan
        In which the trips stand, with the roads as they are now.
    trips : collection of str
        `kode_trip`.
    broken : collection of str
        Vehicles that can't be spares, besides those of which the plan knows that they broke down.
    now : Timestamp, optional
        No spare sets out before: a trip that should have begun by then is made as much later.

    Returns
    -------
    DataFrame
        Indexed by `kode_trip`, sorted: `vehicle` that broke down; `spare`, the vehicle of the same stage that may serve
        all TPS of the trip, takes all of its load, has no trip of its own between setting out from where it stands and
        being home again, whose driver has the hours for it, and which is there soonest ("" where there is none);
        `seconds` from where it stands to the base of the trip (-1 for none).
    """
    garage = _Garage(plan, frozenset(broken), now or pd.Timestamp.min)
    rows = {}
    for code in sorted(trips):
        seconds, spare = min(garage.found(code), default=(-1, ""))
        rows[code] = {"vehicle": plan.trips["vehicle"][code], "spare": spare, "seconds": seconds}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["vehicle", "spare", "seconds"])
    return frame.rename_axis("kode_trip")


class _Out(NamedTuple):
    """A trip: from when its vehicle is loaded or comes to its base, from where, until when, and where it ends."""

    vehicle: str
    wave: str
    base: str
    set_out: pd.Timestamp
    begins: str
    depart: pd.Timestamp
    back: pd.Timestamp
    ends: str


@dataclass(frozen=True, eq=False)
class _Garage:
    """What every vehicle does, and what is closed to it: looked up once for all trips."""

    plan: Plan
    broken: frozenset[str]
    now: pd.Timestamp

    @cached_property
    def stages(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in self.plan.inputs.operation.stages}

    @cached_property
    def hours(self) -> Hours:
        return Hours.of(self.plan.inputs)

    @cached_property
    def trips(self) -> dict[str, _Out]:
        """Every trip, in the order in which they depart."""
        plan = self.plan
        legs = plan.legs.reset_index()[["kode_trip", "order", "from_stop", "to_stop", "depart"]]
        legs = legs.sort_values(["kode_trip", "order"])
        first, last = (legs.drop_duplicates("kode_trip", keep=end).set_index("kode_trip") for end in ("first", "last"))
        minutes = {name: stage.loading_minutes for name, stage in self.stages.items()}
        loaded = plan.trips["depart"] - pd.to_timedelta(plan.trips["stage"].map(minutes), unit="min")
        own = pd.DataFrame(plan.trips[["vehicle", "wave", "base", "depart", "back"]]).assign(
            set_out=first["depart"].where(first["order"] == 0).reindex(plan.trips.index).fillna(loaded),
            begins=first["from_stop"],
            ends=last["to_stop"],
        )
        rows = own.sort_values("depart")[list(_Out._fields)].itertuples(name=None)
        return {code: _Out(*row) for code, *row in rows}

    @cached_property
    def out(self) -> dict[str, list[_Out]]:
        """Trips of each vehicle, as they depart."""
        found: dict[str, list[_Out]] = {}
        for trip in self.trips.values():
            found.setdefault(trip.vehicle, []).append(trip)
        return found

    def found(self, code: str) -> Iterator[tuple[int, str]]:
        """Give each vehicle that can take a trip over, after the seconds from where it stands to the base."""
        operation, stage = self.plan.inputs.operation, self.stages[self.plan.trips["stage"].to_dict()[code]]
        legs = self.plan.legs.loc[code].drop(index=0, errors="ignore")
        stops = self.plan.stops.index.get_indexer(pd.concat([legs["from_stop"], legs["to_stop"]]))
        bases = self.plan.stops.index[self.plan.stops["kind"] == stage.origin]
        for fleet in operation.fleet:
            held = self.hours.trips.get((self.trips[code].wave, stage.name, fleet.kode))
            if fleet.stage != stage.name or held is None or not _has_room(self.plan, code, fleet, stage):
                continue
            times = self.plan.travel[fleet.vehicle, operation.weather.plan].while_closed(held.closed)
            if (times.seconds[np.ix_(stops, stops)] >= 0).all():
                free = (self._free(code, fleet, times, *each) for each in _vehicles(fleet, bases))
                yield from (found for found in free if found is not None)

    def _free(self, code: str, fleet: Fleet, times: TravelTimes, vehicle: str, base: str) -> tuple[int, str] | None:
        """Count the seconds from where a vehicle stands to the base of a trip; None if it is not free until home again.

        The hours of its driver must be enough for that beside his own trips of the day.
        """
        own, stage, trip = self.out.get(vehicle, []), self.stages[fleet.stage], self.trips[code]
        stands, home = _ends(own, fleet, base, max(trip.depart, self.now))
        a, b, c, d = self.plan.stops.index.get_indexer(pd.Index([stands, trip.base, trip.ends, home]))
        ways = times.seconds[[a, c], [b, d]]
        if vehicle in self.broken or vehicle in fleet.rusak or (ways < 0).any():
            return None
        there, back, loading = (pd.Timedelta(seconds=int(s)) for s in (*ways, 60 * stage.loading_minutes))
        start = max(trip.depart - loading - there, self.now)
        end = start + there + loading + (trip.back - trip.depart) + back
        day = trip.depart.normalize()
        in_hours = day + pd.Timedelta(str(stage.start)) <= start and end <= day + pd.Timedelta(str(stage.end))
        today = [one for one in own if one.depart.normalize() == day]
        out = max([end, *(one.back for one in today)]) - min([start, *(one.set_out for one in today)])
        rested = fleet.jam_sopir is None or out <= pd.Timedelta(hours=fleet.jam_sopir)
        busy = any(one.set_out < end and one.back > start for one in own)
        return (int(ways[0]), vehicle) if in_hours and rested and not busy and len(today) < fleet.max_trips else None


def _vehicles(fleet: Fleet, bases: Iterable[str]) -> Iterator[tuple[str, str]]:
    """List every vehicle of a row by the name that trips give it, with its base."""
    digits = max(2, len(str(fleet.count)))
    for base in bases:
        for number in range(1, fleet.count + 1) if not fleet.bases or base in fleet.bases else ():
            yield f"{base}-{fleet.kode}-{number:0{digits}d}", base


def _has_room(plan: Plan, code: str, fleet: Fleet, stage: Stage) -> bool:
    """Whether a vehicle takes the whole load of a trip, and may serve all its TPS."""
    trip = plan.trips.loc[code]
    takes = all(trip[name] <= getattr(fleet, f"max_{name}") for name in ("kotak", "kg", "m3"))
    return takes and (
        stage.target != "tps" or set(plan.tps["akses"].loc[plan.loads.loc[code].index]) <= set(fleet.akses)
    )


def _ends(own: list[_Out], fleet: Fleet, base: str, depart: pd.Timestamp) -> tuple[str, str]:
    """Where a vehicle stands before a departure, and where it must be after it: for its next trip that day, or home."""
    before = [one.ends for one in own if one.depart <= depart]
    after = [one.begins for one in own if one.depart > depart and one.depart.normalize() == depart.normalize()]
    return [base, *before][-1], [*after, fleet.pulang_ke or base][0]
