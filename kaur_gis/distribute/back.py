"""The way back after counting: boxes, and on other vehicles the copies of the results, from the TPS to the gudang.

Vehicles stand where a leg of the way ends, drive to where boxes wait, and come home with them: the same search as on
the way out, with the loads the other way round. What came to a transfer point goes on together, when all of it is
there. By night nothing goes by water; in the heavier weather nothing is loaded in the dark, it waits for light. So a
leg of a night has few hours there: it is planned for these, as on the way out, and who finds no time is told.
Who ends his day elsewhere (`Fleet.pulang_ke`) drives there empty after unloading. What a vehicle does on the way back
is one day of its driver: from when it leaves until it is unloaded and home, as long as his hours allow (`jam_sopir`).
Where a leg lasts longer there is another one, which begins a day after it at the earliest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from kaur_gis.config import DAY_S, Kembali
from kaur_gis.distribute.at_once import planned_at_once
from kaur_gis.distribute.base import Base, Limits
from kaur_gis.distribute.chain import Chain, chain_of, demand_of
from kaur_gis.distribute.collect import Collecting, first_light
from kaur_gis.distribute.day import VehicleDay
from kaur_gis.distribute.frames import made_of, with_latest
from kaur_gis.distribute.going import home_of
from kaur_gis.distribute.kept import seconds_of
from kaur_gis.distribute.older import Older
from kaur_gis.distribute.overtime import late_back, on_later_days, overtime_back
from kaur_gis.distribute.parts import Outcome, hours_in
from kaur_gis.distribute.pool import Vehicle
from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.rounded import hours_s, minutes_s
from kaur_gis.distribute.schedule import Run, Time, sure
from kaur_gis.distribute.search import WARM_SHARE, fewest
from kaur_gis.distribute.solve import RouteSolver, pyvrp_solver
from kaur_gis.distribute.still import Still
from kaur_gis.distribute.store import store_notes
from kaur_gis.distribute.waves import by_base
from kaur_gis.hours import back_waves
from kaur_gis.inputs import Inputs
from kaur_gis.layers import BackLegs, BackLoads, BackTrips, BackUnserved, checked, checked_geo, empty
from kaur_gis.problems import Problem
from kaur_gis.shifts import days_back
from kaur_gis.travel import TravelTimes

SHARE = 4
"""The way back is not pressed for time as the way out is: it is searched for this part of the iterations."""


@dataclass(frozen=True)
class Back:
    """What `bring_back` returns.

    Attributes
    ----------
    back_trips, back_legs, back_loads, back_unserved
        Layers of the same names; empty where the operation declares no way back.
    notes : tuple of Problem
        Level `note`: bases whose vehicles do not suffice, and what is amiss with stores.
    """

    back_trips: pd.DataFrame
    back_legs: gpd.GeoDataFrame
    back_loads: pd.DataFrame
    back_unserved: pd.DataFrame
    notes: tuple[Problem, ...] = ()

    @property
    def layers(self) -> dict[str, Any]:
        """The layers by name, as `Plan` takes them."""
        return {name: value for name, value in vars(self).items() if name != "notes"}


@dataclass
class Way:
    """How far what comes back has come.

    Attributes
    ----------
    ready, ready_late : dict
        `kode_tps` -> when all that lies where its boxes lie can go on, in either weather [s from midnight].
    unserved : dict
        `kode_tps` -> leg of the way that fails, and the reason.
    days : list of VehicleDay
    notes : list of Problem
    still : list of str
        `kode_trip` of an older way back that need not be planned again.
    again : set of str
        `kode_tps` that have come another way than in that one, or at another time.
    anew : set of str
        Bases from which a leg of the way is planned again: who stands idle there may be another one now.
    taken : set of Vehicle
        Which a leg of the way uses: the next one that begins at their base does without.
    """

    ready: dict[str, int]
    ready_late: dict[str, Time]
    unserved: dict[str, tuple[str, str]] = field(default_factory=dict)
    days: list[VehicleDay] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    anew: set[str] = field(default_factory=set)
    taken: set[Vehicle] = field(default_factory=set)

    def add(self, base: Base, done: Outcome, unload_s: int) -> None:
        """Write down what a base came to: all that lies there goes on together, when the last of it is unloaded."""
        self.unserved |= {kode: (base.stage.name, reason) for kode, reason in done.left.items()}
        self.notes += [short.note for short in done.short]
        self.days += done.days
        self.taken |= {day.vehicle for day in done.days}
        lates = [drive.back_s for day in done.days for drive in day.late]
        there = max((sure(drive.back_s) + unload_s for day in done.days for drive in day.drives), default=0)
        late = None if None in lates else max((sure(back) + unload_s for back in lates), default=0)
        self.ready |= dict.fromkeys(base.group, there)
        self.ready_late |= dict.fromkeys(base.group, late)


def bring_back(
    inputs: Inputs,
    tps: gpd.GeoDataFrame,
    kits: pd.DataFrame,
    stops: gpd.GeoDataFrame,
    travel: Mapping[tuple[str, str], TravelTimes],
    unserved: Collection[str],
    solver: RouteSolver = pyvrp_solver,
    older: Older | None = None,
    same: Collection[tuple[str, str]] | None = None,
    still: Still | None = None,
) -> Back:
    """Plan the way back of everything that has come to a TPS.

    Parameters
    ----------
    inputs, tps, kits, stops, travel, solver
        As for `distribute`.
    unserved : collection of str
        `kode_tps` to which nothing has come.
    older : Older, optional
        A way back from which searches begin.
    same : collection of (str, str), optional
        Legs and bases where its trips stay as they are if they still fetch everything; all of them, unless it is said.
    still : Still, optional
        Those of its bases at which nothing at all is different.

    Returns
    -------
    Back
    """
    operation = inputs.operation
    if not operation.kembali:
        none = Back(*map(empty, (BackTrips, BackLegs, BackLoads, BackUnserved)))
        return replace(none, notes=tuple(store_notes(operation, stops, none.back_trips, none.back_loads)))
    ends = {fleet.kode: fleet.pulang_ke for fleet in operation.fleet if fleet.pulang_ke}
    boats = {key for key, vehicle in inputs.speeds.vehicles.items() if vehicle.floats}
    members = sorted(str(kode) for kode in tps.index if kode not in unserved)
    parted = operation.on_the_way_back.model_copy(update={"waves": back_waves(operation)})
    chain = chain_of(replace(inputs, operation=parted), tps, kits, stops, travel)
    made, driven, loaded, left = [], [], [], []
    notes: list[Problem] = []
    for muatan in ("kotak", "salinan"):
        rows = [row for row in operation.kembali if row.muatan == muatan]
        if not rows:
            continue
        carried = kits if muatan == "kotak" else _copies(kits, rows[0])
        mine = replace(chain, demand=demand_of(tps, carried)).on(operation.back_wave)
        way = Way(dict.fromkeys(members, 0), dict.fromkeys(members, 0))
        for row in rows:
            _drive_row(mine, row, members, boats, way, solver, older, same, still, ends)
        trips, legs, loads = made_of(mine, way.days, carried, schematic=inputs.roads.schematic)
        loads = loads.drop(columns="panitia")
        if still and way.still:
            both = zip((trips, legs, loads), still.rows(way.still), strict=True)
            trips, legs, loads = (pd.concat(rows).sort_index() for rows in both)
        made.append(with_latest(trips, _latest(mine, boats, rows, trips, loads, ends)).assign(muatan=muatan))
        driven.append(legs)
        loaded.append(loads)
        notes += way.notes
        left += [(kode, muatan, stage, reason) for kode, (stage, reason) in way.unserved.items()]
    trips, loads = (
        pd.concat(made).astype({"muatan": "str"}).sort_index(),
        pd.concat(loaded).sort_index(),
    )
    notes += store_notes(operation, stops, trips, loads)
    legs = gpd.GeoDataFrame(pd.concat(driven).sort_index())
    notes += on_later_days(trips, parted.waves)
    notes += [*late_back(operation, trips), *overtime_back(operation, trips, legs)]
    gone = pd.DataFrame(left, columns=["kode_tps", "muatan", "stage", "reason"], dtype="str")
    return Back(
        checked(trips, BackTrips),
        checked_geo(legs, BackLegs),
        checked(loads, BackLoads),
        checked(gone.set_index(["kode_tps", "muatan"]).sort_index(), BackUnserved),
        tuple(notes),
    )


def _copies(kits: pd.DataFrame, row: Kembali) -> pd.DataFrame:
    """Weigh the copies of the results of each TPS, in the columns of `Kits`; they are no boxes."""
    return kits[["dapil"]].assign(kotak=0, kg=row.kg_per_tps, m3=row.m3_per_tps)


def _drive_row(
    chain: Chain,
    row: Kembali,
    members: Sequence[str],
    boats: Collection[str],
    way: Way,
    solver: RouteSolver,
    older: Older | None,
    same: Collection[tuple[str, str]] | None,
    still: Still | None,
    ends: Mapping[str, str],
) -> None:
    """Plan one leg of the way, from every base of its vehicles."""
    operation, stage, wave = chain.operation, row.driven, chain.operation.back_wave
    seed, iterations = operation.operation.seed, -(-operation.solver.iterations // SHARE)

    def search(problem: RoutingProblem, *, older: Sequence[Run]) -> tuple[Run, ...]:
        share = WARM_SHARE if older else 1
        return fewest(problem, solver, seed=seed, iterations=-(-iterations // share), older=older)

    nights = operation.daylight.dark_s() if operation.daylight else ()
    storm = nights if row.storm_waits and operation.weather.late != operation.weather.plan else ()
    unload, midnight = minutes_s(stage.loading_minutes), int(pd.Timestamp(operation.day_of(wave)).timestamp())
    asked: list[Collecting] = []
    for base, group in by_base(chain, stage, members, way.unserved).items():
        stay = still.serves(row.name, base, group) if still and way.again.isdisjoint(group) else []
        if still and stay and base not in way.anew:
            way.taken |= still.vehicles(stay)
            last, last_late = still.back_s(stay, midnight)
            way.still += stay
            way.ready |= dict.fromkeys(group, last + unload)
            way.ready_late |= dict.fromkeys(group, None if last_late is None else last_late + unload)
            continue
        way.again |= set(group)
        way.anew.add(base)
        by: Limits = dict.fromkeys(group, (stage.end_s,) * 2)
        stays = older is not None and (same is None or (row.name, base) in same)
        known = frozenset(way.taken), way.ready, way.ready_late, by, by, search, older, ()
        asked.append(Collecting(chain, Base(stage, wave, base, group), *known, row, boats, storm, ends, stays))
    for one, done in zip(asked, planned_at_once(asked), strict=True):
        way.add(one.base, done, unload)


def _latest(
    chain: Chain,
    boats: Collection[str],
    rows: Sequence[Kembali],
    trips: pd.DataFrame,
    loads: pd.DataFrame,
    ends: Mapping[str, str],
) -> list[int]:
    """Compute how late each trip may leave, so that all is home in time and nothing waits that is planned on [s]."""
    operation = chain.operation
    midnight = int(pd.Timestamp(operation.operation.voting_day).timestamp())
    depart, back = (seconds_of(trips[name]) for name in ("depart", "back"))
    fleets = {fleet.kode: fleet for fleet in operation.fleet}
    waves = {wave.name: wave for wave in operation.waves}
    begins, found = days_back(trips), dict[str, int]()
    load_by: dict[str, int] = {}  # by kode_tps: when the next leg of the way begins to load at the latest
    carried: dict[str, list[str]] = {}
    for code, kode in loads.index:
        carried.setdefault(code, []).append(kode)
    for row in reversed(rows):
        unload = minutes_s(row.loading_minutes)
        free_by, begin_by, home = dict[str, int](), dict[str, int](), set[tuple[str, int]]()
        own = trips[trips["stage"] == row.name].sort_values("trip_no", ascending=False)
        columns = (own[name] for name in ("vehicle", "wave", "profile", "fleet", "base"))
        for trip, vehicle, wave, profile, kode, base in zip(own.index, *columns, strict=True):
            limits = [midnight + hours_in(row.driven, waves[wave])[1]]
            if (profile in boats or fleets[kode].daylight_only) and operation.daylight:
                limits.append(midnight + first_light(operation, row.driven, waves[wave])[1])
            if (vehicle, begins[trip]) not in home:  # the last trip of a working day stands first
                home.add((vehicle, begins[trip]))
                goes_on = home_of(chain.on(waves[wave]), row.driven, fleets[kode], base, ends.get(kode))
                goes_s = 0 if goes_on is None else unload + (goes_on.seconds or 0)
                home_by = [min(limits) - goes_s]
                if (hours := fleets[kode].jam_sopir) is not None:
                    home_by.append(begins[trip] + hours_s(hours) - max(unload, goes_s))
                limits += home_by
            limits += [free_by[vehicle]] if vehicle in free_by else []
            limits += [load_by[kode] - unload for kode in carried[trip] if kode in load_by]
            found[trip] = min(depart[trip] + min(limits) - back[trip], begins[trip] + DAY_S - 1)  # it is of its day
            if depart[trip] == begins[trip]:  # and the next working day begins a day later
                found[trip] = min(found[trip], begin_by.get(vehicle, found[trip] + DAY_S) - DAY_S)
                begin_by[vehicle] = found[trip]
            free_by[vehicle] = found[trip] - unload
        load_by |= {kode: found[trip] - unload for trip in own.index for kode in carried[trip]}
    return [found[trip] for trip in trips.index]
