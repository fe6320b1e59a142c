"""An older plan as a start: most of it is still good when little has changed.

Other than trips that are kept, these bind nobody: a search begins from them, and changes what it can make better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import pandas as pd

from kaur_gis.distribute.case import Case
from kaur_gis.distribute.kept import number_of
from kaur_gis.distribute.schedule import Run

Tour = tuple[str, int, list[list[str]]]
"""Of one vehicle `Fleet.kode`, its number, and `kode_tps` of each of its trips in order."""


@dataclass(frozen=True, eq=False)
class Older:
    """An older plan, by its layers; they may be of other roads, another fleet or another list of TPS.

    Attributes
    ----------
    trips, loads : DataFrame
        Layers of the same names.
    """

    trips: pd.DataFrame
    loads: pd.DataFrame

    @cached_property
    def tours(self) -> dict[tuple[str, str, str], list[Tour]]:
        """(stage, wave, base) -> the tours of its vehicles."""
        carried: dict[str, list[str]] = {}
        for trip, kode in self.loads.sort_values(["kode_trip", "order", "kode_tps"]).index:
            carried.setdefault(trip, []).append(kode)
        found: dict[tuple[str, str, str], list[Tour]] = {}
        names = ["stage", "wave", "base", "fleet", "vehicle", "trip_no"]
        rows = sorted(zip(*(self.trips[name].tolist() for name in names), self.trips.index, strict=True))
        for (stage, wave, base, fleet, vehicle), own in groupby(rows, key=itemgetter(*range(5))):
            tour = fleet, number_of(vehicle, base, fleet), [carried[trip] for *_, trip in own]
            found.setdefault((stage, wave, base), []).append(tour)
        return found

    def runs(self, case: Case) -> tuple[Run, ...]:
        """Say what this plan does at a base, as far as its TPS are still there, and its vehicles or others like them.

        Trips of a vehicle that is gone are taken over by an idle one of the same row of the fleet.

        Parameters
        ----------
        case : Case

        Returns
        -------
        tuple of Run
            Of the case's problem; they need not be in time.
        """
        client = {kode: index for index, kode in enumerate(case.members)}
        tours = self.tours.get((case.stage.name, case.wave.name, case.base), ())
        found = []
        for kind, (_, _, tour) in zip(_drivers(tours, case), tours, strict=True):
            if kind is None:
                continue
            trips = [self._known(trip, kind, client, case) for trip in tour][: case.problem.kinds[kind].max_trips]
            if any(trips):
                found.append(Run(kind, tuple(tuple(trip) for trip in trips if trip)))
        return tuple(found)

    @staticmethod
    def _known(trip: Iterable[str], kind: int, client: dict[str, int], case: Case) -> list[int]:
        """Clients of a trip that the problem has, and that the vehicle may still serve."""
        known = (client[kode] for kode in trip if kode in client)
        return [index for index in known if kind in case.problem.clients[index].kinds]


def _drivers(tours: Sequence[Tour], case: Case) -> list[int | None]:
    """Say which kind of vehicle drives each tour: its own vehicle, else an idle one of its row; None for nobody."""
    idle = {(own.fleet.kode, number): kind for kind, own in enumerate(case.vehicles) for number in own.numbers}
    drivers = [idle.pop((fleet, number), None) for fleet, number, _ in tours]
    for index, (fleet, _, _) in enumerate(tours):
        if drivers[index] is None:
            like = next((vehicle for vehicle in idle if vehicle[0] == fleet), None)
            drivers[index] = None if like is None else idle.pop(like)
    return drivers
