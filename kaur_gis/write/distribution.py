"""The tables of `distribusi.xlsx`: trips, their legs and loads, when each TPS is reached; and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import say, wave_words
from kaur_gis.config import Lang
from kaur_gis.costs import COLUMNS, costs, shifts
from kaur_gis.summary import arrivals
from kaur_gis.write.beyond import beyond
from kaur_gis.write.laid_out import LOAD, PLACE, looked_up, minutes_of, table_of, terms
from kaur_gis.write.sheets.words import lengths
from kaur_gis.write.short import short_by
from kaur_gis.write.workbook import Table

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

WAY = ["metres", "minutes"]
TRIP = ["vehicle", "fleet", "base", "base_nama", "trip_no", "depart", "depart_latest", "back", "back_late", "n_stops"]
LEG = ["kode_trip", "order", "from_stop", "from_nama", "to_stop", "to_nama", "depart", "arrive", "arrive_late"]
ROAD = ["walk_m", "walk_minutes", "on_road", "bridges", "fords", "ferries", "unpaved_m", "unknown_m", "outside_m"]


def distribution(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out the way out, and where the operation declares one the way back.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the heads.

    Returns
    -------
    list of Table
        Trips, legs, loads, arrivals, other ways, hours of drivers and costs where any are stated; then trips, legs and
        loads of the way back, and what does not come back.
    """
    there = arrivals(plan).reset_index().join(plan.tps[PLACE], on="kode_tps")
    arrive = ["kode_tps", *PLACE, "wave", "kode_trip", "order", "vehicle", "arrive", "arrive_late", "deadline"]
    tables = [*_driven(plan, lang, "", "wave"), table_of("kedatangan", there, arrive, lang), *_other_ways(plan, lang)]
    tables += [*_shifts(plan, lang), *_costs(plan, lang)]
    if not plan.inputs.operation.kembali:
        return tables
    lost = plan.back_unserved.reset_index().join(plan.tps[PLACE], on="kode_tps")
    lost["muatan"] = _loads_said(lost["muatan"], lang)
    lost["reason"] = terms(lost["reason"], lang)
    gone = table_of("kembali_tidak", lost, ["kode_tps", *PLACE, "muatan", "stage", "reason"], lang)
    return [*tables, *_driven(plan.way_back, lang, "kembali_", "muatan"), gone]


def _other_ways(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out the other way to each TPS; nothing for a run that knows none."""
    if plan.other_ways.empty:
        return []
    rows = plan.other_ways.drop(columns="geometry").reset_index().join(plan.tps[PLACE], on="kode_tps")
    rows["jalan"] = terms(rows["jalan"], lang)
    rows["from_nama"] = looked_up(plan.stops["nama"], rows["from_stop"])
    vehicles = plan.inputs.speeds.vehicles
    told = {key: vehicle.nama if lang == "id" else vehicle.name for key, vehicle in vehicles.items()}
    rows["vehicle_name"] = [told.get(key, "") for key in rows["profile"]]
    known = rows[["first_s", "first_m", "seconds", "metres", "shared_m"]].where(lambda way: way >= 0)
    rows["first_minutes"], rows["other_minutes"] = minutes_of(known["first_s"]), minutes_of(known["seconds"])
    rows["first_m"], rows["other_m"], rows["shared_m"] = known["first_m"], known["metres"], known["shared_m"]
    ways = ["first_minutes", "first_m", "jalan", "other_minutes", "other_m", "shared_m"]
    columns = ["kode_tps", *PLACE, "from_nama", "vehicle_name", *ways]
    return [table_of("jalan_lain", rows, columns, lang)]


def _costs(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out what the vehicles cost; nothing where nobody says."""
    table = costs(plan)
    if table.empty:
        return []
    table["sumber"] = terms(table["sumber"], lang)
    table["way"] = _ways_said(table["way"], lang)
    sums = ["vehicle_days", "hours", "km", "cost_days", "cost_km", "cost"]
    return [table_of("biaya", table, list(COLUMNS), lang, total=sums)]


def _shifts(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out the working days of drivers, out and back; nothing where the operation states neither hours nor costs."""
    fleets = {fleet.kode: fleet for fleet in plan.inputs.operation.fleet}
    stated = {kode for kode, own in fleets.items() if own.jam_sopir is not None or own.biaya_tetap or own.biaya_per_km}
    if not stated:
        return []
    table = shifts(plan)
    table = table[table["fleet"].isin(stated)]
    table["hours_late"] = (table["ends_late"] - table["begins_late"]).dt.total_seconds() / 3600
    table["km"], table["fleet"] = table["metres"] / 1000, [fleets[kode].name for kode in table["fleet"]]
    table["way"] = _ways_said(table["way"], lang)
    when = ["begins", "ends", "ends_late", "hours", "hours_late", "most_hours"]
    columns = ["way", "vehicle", "fleet", "stage", "n_trips", *when, "days", "km"]
    heads = {"days": say("tables.vehicle_days", lang)}
    return [table_of("sopir", table, columns, lang, heads=heads, frozen=2, total=["n_trips", "hours", "days", "km"])]


def _ways_said(column: pd.Series, lang: Lang) -> list[str]:
    return [say(f"tables.way_{way}", lang) for way in column]


def _driven(plan: Plan, lang: Lang, begin: str, kind: str) -> list[Table]:
    """Lay out trips, legs and loads; `begin` begins the names of the tables, `kind` tells trips apart."""
    names = plan.stops["nama"]
    trips = plan.trips.reset_index()
    trips["fleet"] = trips["fleet"].replace({fleet.kode: fleet.name for fleet in plan.inputs.operation.fleet})
    trips["base_nama"] = names.reindex(trips["base"]).to_numpy()
    trips["minutes"] = minutes_of(trips["seconds"])
    trips["n_stops"] = plan.loads.groupby(level="kode_trip")["order"].nunique().reindex(plan.trips.index).to_numpy()
    kinds = [kind]
    trips["wave"] = wave_words(trips["wave"], trips["stage"], plan.inputs.operation.overnight, lang)
    if kind == "muatan":
        trips["muatan"] = _loads_said(trips["muatan"], lang)
        in_parts = plan.trips["wave"] != plan.trips["wave"].map(plan.inputs.operation.whole_waves)
        kinds += ["wave"] if in_parts.any() else []
    trips = trips.sort_values(["depart", "kode_trip"], kind="stable")
    legs = plan.legs.drop(columns="geometry").reset_index().sort_values(["kode_trip", "order"])
    legs["from_nama"] = names.reindex(legs["from_stop"]).to_numpy()
    legs["to_nama"] = names.reindex(legs["to_stop"]).to_numpy()
    legs["minutes"], legs["walk_minutes"] = minutes_of(legs["seconds"]), minutes_of(legs["walk_s"])
    legs["on_road"] = [say("tables.ya" if on_road else "tables.tidak", lang) for on_road in legs["on_road"]]
    named = beyond(plan)
    of_legs = zip(legs["kode_trip"], legs["order"], strict=True)
    legs["outside_names"] = [lengths(named.get(leg, ()), lang) for leg in of_legs]
    road = [*ROAD, "outside_names"] if named else ROAD
    if plan.inputs.roads.schematic:
        short = short_by(plan)
        of_legs = zip(legs["kode_trip"], legs["order"], strict=True)
        legs["short_m"] = [short.get(leg, 0.0) for leg in of_legs]
        road = ["short_m", *road]
    loads = (
        plan.loads.reset_index().sort_values(["kode_trip", "order", "kode_tps"]).join(plan.tps[PLACE], on="kode_tps")
    )
    beside = ["panitia"] if "panitia" in loads else []
    if beside:
        loads["panitia"] = loads["panitia"].str.upper()
    trip = ["kode_trip", "stage", *kinds, *TRIP, "n_tps", *LOAD, *WAY]
    return [
        table_of(f"{begin}perjalanan", trips, trip, lang, total=WAY),
        table_of(f"{begin}ruas", legs, [*LEG, *WAY, *road], lang, frozen=2, total=WAY),
        table_of(f"{begin}muatan", loads, ["kode_trip", "order", "kode_tps", *PLACE, *LOAD, *beside], lang),
    ]


def _loads_said(column: pd.Series, lang: Lang) -> list[str]:
    return [say(f"summary.back_{muatan}", lang) for muatan in column]
