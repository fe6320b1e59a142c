"""An older plan as a start: most of it is still good when little has changed.

Other than trips that are kept, these bind nobody: a search begins from them, and changes what it can make better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kaur_gis.distribute.case import Case
from kaur_gis.distribute.schedule import Run


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
    def tours(self) -> dict[tuple[str, str, str], list[tuple[str, int, list[list[str]]]]]:
        """(stage, wave, base) -> of each vehicle `Fleet.kode`, number, and `kode_tps` of each of its trips in order."""
        carried: dict[str, list[str]] = {}
        for trip, kode in self.loads.sort_values(["kode_trip", "order", "kode_tps"]).index:
            carried.setdefault(trip, []).append(kode)
        found: dict[tuple[str, str, str], list[tuple[str, int, list[list[str]]]]] = {}
        trips = self.trips.sort_values(["vehicle", "trip_no"])
        for (stage, wave, base, fleet, vehicle), own in trips.groupby(
            ["stage", "wave", "base", "fleet", "vehicle"], sort=True
        ):
            number = int(str(vehicle).removeprefix(f"{base}-{fleet}-"))
            tour = (str(fleet), number, [carried[trip] for trip in own.index])
            found.setdefault((str(stage), str(wave), str(base)), []).append(tour)
        return found

    def runs(self, case: Case) -> tuple[Run, ...]:
        """Say what this plan does at a base, as far as its vehicles and TPS are still there.

        Parameters
        ----------
        case : Case

        Returns
        -------
        tuple of Run
            Of the case's problem; they need not be in time.
        """
        client = {kode: index for index, kode in enumerate(case.members)}
        kinds = {(own.fleet.kode, number): index for index, own in enumerate(case.vehicles) for number in own.numbers}
        found = []
        for fleet, number, tour in self.tours.get((case.stage.name, case.wave.name, case.base), ()):
            kind = kinds.get((fleet, number))
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
