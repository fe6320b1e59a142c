"""The days of all vehicles as layers: Trips, Legs, Loads."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from kaur_gis.config import Fleet, Stage, Wave
from kaur_gis.distribute.chain import Beside, Chain
from kaur_gis.distribute.coming import coming_leg
from kaur_gis.distribute.day import VehicleDay
from kaur_gis.distribute.going import home_late_s
from kaur_gis.distribute.kept import Kept
from kaur_gis.distribute.latest import latest_departures
from kaur_gis.distribute.rounded import minutes_s
from kaur_gis.distribute.schedule import Drive, Time, sure
from kaur_gis.layers import CRS, Legs, Loads, Trips, Unserved, checked, checked_geo
from kaur_gis.travel.along import MEASURES

OFF_ROAD_M = 50.0
"""A stop farther than this from its road counts as off the road [m]."""


def layers_of(
    chain: Chain, days: Sequence[VehicleDay], kits: pd.DataFrame, *, schematic: bool
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Lay out trips, legs and loads, with those that are kept.

    Parameters
    ----------
    chain, days, kits, schematic
        As for `made_of`.

    Returns
    -------
    tuple of DataFrame, GeoDataFrame, DataFrame
        Layers `Trips`, `Legs`, `Loads`, sorted by their index.
    """
    made, driven, loaded = made_of(chain, days, kits, schematic=schematic)
    if chain.kept:
        trips, legs = _kept(chain, chain.kept, days, schematic=schematic)
        made = pd.concat([made, trips.drop(columns="depart_latest").assign(pinned=True)]).sort_index()
        driven = gpd.GeoDataFrame(pd.concat([driven, legs]).sort_index())
        loaded = pd.concat([loaded, chain.kept.loads]).sort_index()
    made = with_latest(made, latest_departures(chain, made, driven, loaded))
    return checked(made, Trips), checked_geo(driven, Legs), checked(loaded, Loads)


def _kept(
    chain: Chain, kept: Kept, days: Sequence[VehicleDay], *, schematic: bool
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Take the trips that are kept; before them an empty drive, where the day before ends elsewhere as it is now."""
    trips, legs = kept.trips.copy(), kept.legs
    wanted = {kode: leg for kode, leg in _comings(chain, days).items() if kode in trips.index}
    before = legs[legs.index.isin([0], level="order")].droplevel("order")
    gone, new = [kode for kode in before.index if kode not in wanted], sorted(set(wanted) - set(before.index))
    for column in ("seconds", "metres"):
        trips.loc[gone, column] -= before.loc[gone, column]
        trips.loc[new, column] += [wanted[kode][column] for kode in new]
    legs = legs.drop(index=[(kode, 0) for kode in gone])
    if new:
        rows = [{"kode_trip": kode} | wanted[kode] for kode in new]
        more = _with_paths(chain, _frame(rows, LEGS, ["kode_trip", "order"]), schematic=schematic)
        legs = gpd.GeoDataFrame(pd.concat([legs, more]))
    return trips, legs


def with_latest(trips: pd.DataFrame, latest: Sequence[int]) -> pd.DataFrame:
    """Put the latest safe departures [s since 1970] beside the planned ones."""
    made = trips.copy()
    made.insert(list(made.columns).index("depart") + 1, "depart_latest", np.array(latest, dtype="datetime64[s]"))
    return made


def made_of(
    chain: Chain, days: Sequence[VehicleDay], kits: pd.DataFrame, *, schematic: bool
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Lay out trips without their latest departures, legs and loads.

    Parameters
    ----------
    chain : Chain
    days : sequence of VehicleDay
        Of all waves and stages.
    kits : DataFrame
        Columns dapil, kotak, kg and m3 of layer `Kits`: what each TPS has on a trip.
    schematic : bool
        Whether the network is: then no leg counts as on a road.

    Returns
    -------
    tuple of DataFrame, GeoDataFrame, DataFrame
        Sorted by their index.
    """
    trips: list[dict[str, Any]] = []
    legs: list[dict[str, Any]] = []
    loads: list[dict[str, Any]] = []
    columns = ("dapil", "kotak", "kg", "m3")
    rows = kits[list(columns)].itertuples(name=None)
    kit = {str(kode): dict(zip(columns, row, strict=True)) for kode, *row in rows}
    comings = _comings(chain, days)
    for day in days:
        for number, (drive, late) in enumerate(zip(day.drives, day.late, strict=True), start=day.trips_before + 1):
            own_legs = _legs(chain, day, drive, late)
            own_legs = [leg for leg in [comings.get(_code(chain, day, number))] if leg] + own_legs
            own_legs += _going(chain, day, drive, late)
            own_loads = [_with_goods(chain, day.case.stage, load) for load in _loads(day, drive, kit)]
            trip = _trip(chain, day, number, drive, late, own_legs, own_loads)
            code = {"kode_trip": trip["kode_trip"]}
            trips.append(trip)
            legs += [code | leg for leg in own_legs]
            loads += [code | load for load in own_loads]
    made = _frame(trips, TRIPS, ["kode_trip"])
    driven = _with_paths(chain, _frame(legs, LEGS, ["kode_trip", "order"]), schematic=schematic)
    return made, driven, _frame(loads, LOADS, ["kode_trip", "kode_tps"])


def unserved_of(unserved: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Lay out who is unserved: layer `Unserved`, sorted."""
    rows = [{"kode_tps": kode, "stage": stage, "reason": reason} for kode, (stage, reason) in unserved.items()]
    return checked(_frame(rows, UNSERVED, ["kode_tps"]), Unserved)


TIME = "datetime64[s]"
TRIPS = {
    **dict.fromkeys(("kode_trip", "stage", "wave", "vehicle", "fleet", "profile", "base"), "str"),
    "trip_no": "int64",
    **dict.fromkeys(("depart", "back", "back_late"), TIME),
    "kotak": "int64",
    **dict.fromkeys(("kg", "m3"), "float64"),
    **dict.fromkeys(("n_tps", "metres", "seconds"), "int64"),
    "pinned": "bool",
}
LEGS = {
    "kode_trip": "str",
    "order": "int64",
    **dict.fromkeys(("profile", "closed", "from_stop", "to_stop"), "str"),
    **dict.fromkeys(("depart", "arrive", "arrive_late"), TIME),
    **dict.fromkeys(("seconds", "metres"), "int64"),
    "walk_m": "float64",
    "walk_s": "int64",
}
LOADS = {
    "kode_trip": "str",
    "kode_tps": "str",
    "order": "int64",
    "dapil": "str",
    "kotak": "int64",
    "kg": "float64",
    "m3": "float64",
    "panitia": "str",
}
UNSERVED = dict.fromkeys(("kode_tps", "stage", "reason"), "str")


def _frame(rows: Sequence[Mapping[str, Any]], dtypes: Mapping[str, str], index: list[str]) -> pd.DataFrame:
    """Rows as a frame of the given types, also where there are none; sorted by its index."""
    columns = {name: pd.Series([row[name] for row in rows], dtype=dtype) for name, dtype in dtypes.items()}
    return pd.DataFrame(columns).set_index(index).sort_index()


def _vehicle(chain: Chain, day: VehicleDay) -> str:
    """Name a vehicle: base, fleet row, number; as many digits as the fleet row needs, so that names sort."""
    count = next(fleet.count for fleet in chain.operation.fleet if fleet.kode == day.fleet.kode)
    return f"{day.case.base}-{day.fleet.kode}-{day.number:0{max(2, len(str(count)))}d}"


def _code(chain: Chain, day: VehicleDay, number: int) -> str:
    """Name a trip by the day, the vehicle, and its number: letters, digits, hyphens."""
    return f"H{day.case.wave.days_before + day.case.stage.days_earlier}-{_vehicle(chain, day)}-{number}"


def _moment(chain: Chain, day: VehicleDay, time: Time) -> np.datetime64:
    """Seconds of the day on which a stage of a wave is driven as a date and time; NaT for None."""
    if time is None:
        return np.datetime64("NaT", "s")
    midnight = dt.datetime.combine(chain.operation.day_of(day.case.wave, day.case.stage), dt.time())
    return np.datetime64(midnight, "s") + np.timedelta64(time, "s")


def _legs(chain: Chain, day: VehicleDay, drive: Drive, late: Drive) -> list[dict[str, Any]]:
    """Drives from stop to stop, and home."""
    end = (day.fleet.pulang_ke if drive is day.drives[-1] else None) or day.case.base
    stops = [day.case.base, *(day.case.stops[visit.place] for visit in drive.visits), end]
    departs = [*(visit.depart_s for visit in drive.visits), drive.home_s]
    arrives = [*(visit.arrive_s for visit in drive.visits), drive.back_s]
    lates = [*(visit.arrive_s for visit in late.visits), late.back_s]
    ways = zip(pairwise(stops), departs, arrives, lates, strict=True)
    return [_leg(chain, day, order, *way) for order, way in enumerate(ways, start=1)]


def _going(chain: Chain, day: VehicleDay, drive: Drive, late: Drive) -> list[dict[str, Any]]:
    """Drive on after counting, empty, once the last trip is unloaded; nothing for who stays at his base."""
    stage, home = day.case.stage, day.case.vehicles[day.run.kind].home
    if home is None or drive is not day.drives[-1]:
        return []
    unload = minutes_s(stage.loading_minutes)
    a, b = chain.at((day.case.base, home.place))
    depart = sure(drive.back_s) + unload
    arrive = depart + int(chain.on(day.case.wave).times(stage, day.fleet).seconds[a, b])
    leaves = None if late.back_s is None else late.back_s + unload
    arrive_late = home_late_s(chain.on(day.case.wave), stage, day.fleet, day.case.base, home, leaves)
    order, way = len(drive.visits) + 2, (day.case.base, home.place)
    return [_leg(chain, day, order, way, depart, arrive, arrive_late)]


def _leg(
    chain: Chain, day: VehicleDay, order: int, way: tuple[str, str], depart: Time, arrive: Time, late: Time
) -> dict[str, Any]:
    """One row of Legs, with how it drives."""
    times = chain.on(day.case.wave).times(day.case.stage, day.fleet)
    a, b = chain.at(way)
    return {
        "order": order,
        "profile": day.fleet.vehicle,
        "closed": " ".join(map(str, times.closed)),
        "from_stop": way[0],
        "to_stop": way[1],
        "depart": _moment(chain, day, depart),
        "arrive": _moment(chain, day, arrive),
        "arrive_late": _moment(chain, day, late),
        "seconds": int(times.seconds[a, b]),
        "metres": int(times.metres[a, b]),
        "walk_m": float(times.carry_m[b]),
        "walk_s": int(times.carry_s[b]),
    }


def _comings(chain: Chain, days: Sequence[VehicleDay]) -> dict[str, dict[str, Any]]:
    """Lay out, by the first trip of a vehicle's day, the empty drive before it where the day before ended elsewhere."""
    if not any(fleet.pulang_ke for fleet in chain.operation.fleet):
        return {}
    mornings = [_Morning.of(chain, day) for day in days]
    mornings += _Morning.of_kept(chain, chain.kept) if chain.kept else []
    ended: dict[str, dict[int, str]] = {}
    for own in sorted(mornings, key=lambda own: own.trip_no):
        ended.setdefault(own.vehicle, {})[own.wave.days_before] = own.end
    found = {}
    for own in mornings:
        before = min((number for number in ended[own.vehicle] if number > own.wave.days_before), default=None)
        place = own.base if before is None else ended[own.vehicle][before]
        if own.trip_no == 1 and place == own.fleet.pulang_ke != own.base:
            loaded = own.depart - np.timedelta64(minutes_s(own.stage.loading_minutes), "s")
            found[own.kode] = coming_leg(chain.on(own.wave), own.stage, own.fleet, own.base, loaded)
    return found


class _Morning(NamedTuple):
    """The first trip of a vehicle on a day that is laid out, or any that is kept; and where it ends that day."""

    kode: str
    vehicle: str
    trip_no: int
    wave: Wave
    stage: Stage
    fleet: Fleet
    base: str
    depart: np.datetime64
    end: str

    @classmethod
    def of(cls, chain: Chain, day: VehicleDay) -> _Morning:
        """Take the morning of a day of a vehicle."""
        number, base, end = day.trips_before + 1, day.case.base, day.fleet.pulang_ke or day.case.base
        depart = _moment(chain, day, day.drives[0].depart_s)
        names = _code(chain, day, number), _vehicle(chain, day), number
        return cls(*names, day.case.wave, day.case.stage, day.fleet, base, depart, end)

    @classmethod
    def of_kept(cls, chain: Chain, kept: Kept) -> list[_Morning]:
        """Take the trips that are kept."""
        operation, ends = chain.operation, kept.legs["to_stop"].groupby(level="kode_trip").last()
        waves = {wave.name: wave for wave in operation.waves}
        stages = {stage.name: stage for stage in operation.stages}
        fleets = {fleet.kode: fleet for fleet in operation.fleet}
        return [
            cls(
                str(kode),
                trip["vehicle"],
                trip["trip_no"],
                waves[trip["wave"]],
                stages[trip["stage"]],
                fleets[trip["fleet"]],
                trip["base"],
                trip["depart"].to_datetime64(),
                ends[kode],
            )
            for kode, trip in kept.trips.to_dict("index").items()
        ]


def _loads(day: VehicleDay, drive: Drive, kits: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Whose boxes are on a trip, and at the end of which leg they are handed over."""
    orders = {
        day.case.members[client]: order for order, visit in enumerate(drive.visits, start=1) for client in visit.clients
    }
    return [{"kode_tps": kode, "order": order, **kits[kode]} for kode, order in orders.items()]


def _with_goods(chain: Chain, stage: Stage, load: dict[str, Any]) -> dict[str, Any]:
    """Add what rides with the boxes of a TPS."""
    more = chain.beside.get((load["kode_tps"], stage.name), Beside())
    sums = {"kotak": load["kotak"] + more.kotak, "kg": load["kg"] + more.kg, "m3": load["m3"] + more.m3}
    return load | sums | {"panitia": " ".join(more.words)}


def _trip(
    chain: Chain,
    day: VehicleDay,
    number: int,
    drive: Drive,
    late: Drive,
    legs: Sequence[Mapping[str, Any]],
    loads: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """One row of Trips."""
    return {
        "kode_trip": _code(chain, day, number),
        "stage": day.case.stage.name,
        "wave": day.case.wave.name,
        "vehicle": _vehicle(chain, day),
        "fleet": day.fleet.kode,
        "profile": day.fleet.vehicle,
        "base": day.case.base,
        "trip_no": number,
        "depart": _moment(chain, day, drive.depart_s),
        "back": _moment(chain, day, drive.back_s),
        "back_late": _moment(chain, day, late.back_s),
        "kotak": sum(load["kotak"] for load in loads),
        "kg": math.fsum(load["kg"] for load in loads),
        "m3": math.fsum(load["m3"] for load in loads),
        "n_tps": len(loads),
        "metres": sum(leg["metres"] for leg in legs),
        "seconds": sum(leg["seconds"] for leg in legs),
        "pinned": False,
    }


def _with_paths(chain: Chain, legs: pd.DataFrame, *, schematic: bool) -> gpd.GeoDataFrame:
    """Add what lies along the roads of each leg."""
    asked = list(zip(*(legs[name].tolist() for name in ("profile", "closed", "from_stop", "to_stop")), strict=True))
    once = sorted(set(asked))
    columns = {name: [np.zeros(0, dtype=np.int64)] for name in MEASURES} | {"geometry": [np.zeros(0, dtype=object)]}
    for (profile, closed), own in groupby(once, key=itemgetter(0, 1)):
        times = chain.travel[profile, chain.weather].while_closed(tuple(map(int, closed.split())))
        shown = times.shown(way[2:] for way in own)
        for name, values in columns.items():
            values.append(shown[name])
    place = {way: number for number, way in enumerate(once)}
    at = np.array([place[way] for way in asked], dtype=np.int64)
    along = {name: np.concatenate(values)[at] for name, values in columns.items()}
    on_road = (legs["walk_m"] <= OFF_ROAD_M) & (not schematic)
    whole = legs.drop(columns=["profile", "closed"]).assign(on_road=on_road, **along)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=CRS)
