"""The tables of signal: what holds of each TPS and what differs, how TPS report, and the couriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.write.heard import same_point
from kaur_gis.write.laid_out import PLACE, looked_up, minutes_of, table_of, terms
from kaur_gis.write.sheets.couriers import others
from kaur_gis.write.workbook import Table

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def signal_tables(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out channels, couriers and signals.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}

    Returns
    -------
    list of Table
        Empty where the operation plans no communication and nobody says more of the signal than the list.
    """
    made = (
        (plan.channels, _channels),
        (plan.couriers, _couriers),
        (plan.relays, _relays),
        (plan.relay_plans, _relay_plans),
        (plan.signals, _signals),
    )
    return [lay_out(plan, lang) for layer, lay_out in made if len(layer)]


def _channels(plan: Plan, lang: Lang) -> Table:
    names = plan.stops["nama"]
    rows = plan.channels.reset_index().join(plan.tps[PLACE], on="kode_tps")
    for name in ("sinyal", "channel", "signal_sumber", "radio_sumber"):
        rows[name] = terms(rows[name], lang)
    rows["vehicle_name"] = _vehicles(plan, rows["vehicle"], lang)
    rows["signal_nama"] = looked_up(names, rows["signal_stop"])
    rows["radio_nama"] = looked_up(names, rows["radio_stop"])
    for name in ("there", "back"):
        seconds = rows[f"{name}_s"]
        rows[f"{name}_minutes"] = minutes_of(seconds.where((seconds >= 0) & rows["way_known"]))
    rows["way_told"] = _way_told(rows["way_known"], lang)
    where = ["kode_tps", *PLACE, "sinyal"]
    columns = ["channel", "signal_nama", "signal_sumber", "vehicle_name", "there_minutes", "back_minutes", "way_told"]
    return table_of("saluran", rows, [*where, *columns, "radio_nama", "radio_sumber", "kode_kurir", "order"], lang)


def _couriers(plan: Plan, lang: Lang) -> Table:
    names = plan.stops["nama"]
    rows = plan.couriers.drop(columns="geometry").reset_index()
    rows["nama_kec"] = looked_up(plan.inputs.kecamatan["nama"], rows["kode_kec"])
    rows["from_nama"] = looked_up(names, rows["from_stop"])
    rows["signal_nama"] = looked_up(names, rows["signal_stop"])
    rows["signal_sumber"] = terms(rows["signal_sumber"], lang)
    rows["vehicle_name"] = _vehicles(plan, rows["vehicle"], lang)
    for name in ("out", "alone"):
        rows[f"{name}_minutes"] = minutes_of(rows[f"{name}_s"])
    rows["round_minutes"] = minutes_of(rows["out_s"] + rows["back_s"])
    rows["proven"] = _yes_no(rows["proven"], lang)
    minutes = ["out_minutes", "round_minutes", "alone_minutes"]
    for name in ("arrive", "sent", "back", *minutes):
        rows[name] = rows[name].where(rows["way_known"])
    rows["proven"] = rows["proven"].where(rows["way_known"], "")
    rows["way_told"] = _way_told(rows["way_known"], lang)
    who = ["kode_kurir", "kode_kec", "nama_kec", "vehicle_name", "from_nama", "signal_nama", "signal_sumber"]
    when = ["n_stops", "n_tps", "depart", "arrive", "sent", "back", *minutes, "way_told", "proven"]
    return table_of("kurir", rows, [*who, *when], lang, total=("n_tps",))


def _relays(plan: Plan, lang: Lang) -> Table:
    rows = plan.relays.reset_index()
    rows["sumber"] = terms(rows["sumber"], lang)
    for name in ("semua", "radio"):
        rows[name] = _yes_no(rows[name], lang)
    return table_of("relai", rows, ["kode_relay", "nama", "n_tps", "semua", "radio", "sumber"], lang)


def _relay_plans(plan: Plan, lang: Lang) -> Table:
    rows = plan.relay_plans.reset_index()
    rows["rencana"] = [say(f"tables.{token}", lang) for token in rows["rencana"]]
    figures = ["most", "posts", "posts_bound", "n_tps", "covered", "covered_bound"]
    return table_of("pilihan_relai", rows, ["rencana", *figures], lang)


def _signals(plan: Plan, lang: Lang) -> Table:
    rows = plan.signals.reset_index().join(plan.tps[PLACE], on="kode_tps")
    for name in ("sinyal", "sumber"):
        rows[name] = terms(rows[name], lang)
    rows["decides"] = _yes_no(rows["decides"], lang)
    rows["differs"] = [others(differs, lang) for differs in rows["differs"]]
    columns = ["operator", "sinyal", "sumber", "tanggal", "decides", "n_claims", "differs"]
    return table_of("sinyal", rows, ["kode_tps", *PLACE, *columns], lang)


def _vehicles(plan: Plan, keys: pd.Series, lang: Lang) -> list[str]:
    vehicles = plan.inputs.speeds.vehicles
    told = {key: vehicle.nama if lang == "id" else vehicle.name for key, vehicle in vehicles.items()}
    return [told.get(key, "") for key in keys]


def _yes_no(column: pd.Series, lang: Lang) -> list[str]:
    return [say("tables.ya" if yes else "tables.tidak", lang) for yes in column]


def _way_told(known: pd.Series, lang: Lang) -> list[str]:
    return ["" if way else same_point(lang) for way in known]
