"""The tables of signal: what holds of each TPS and what differs, how TPS report, and the couriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
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
    tables = []
    names, vehicles = plan.stops["nama"], plan.inputs.speeds.vehicles
    told = {key: vehicle.nama if lang == "id" else vehicle.name for key, vehicle in vehicles.items()}
    if len(plan.channels):
        rows = plan.channels.reset_index().join(plan.tps[PLACE], on="kode_tps")
        for name in ("sinyal", "channel"):
            rows[name] = terms(rows[name], lang)
        rows["vehicle_name"] = [told.get(key, "") for key in rows["vehicle"]]
        rows["signal_nama"] = looked_up(names, rows["signal_stop"])
        rows["radio_nama"] = looked_up(names, rows["radio_stop"])
        for name in ("there", "back"):
            seconds = rows[f"{name}_s"]
            rows[f"{name}_minutes"] = minutes_of(seconds.where(seconds >= 0))
        columns = ["channel", "signal_nama", "vehicle_name", "there_minutes", "back_minutes", "radio_nama"]
        where = ["kode_tps", *PLACE, "sinyal"]
        tables.append(table_of("saluran", rows, [*where, *columns, "kode_kurir", "order"], lang))
    if len(plan.couriers):
        rows = plan.couriers.drop(columns="geometry").reset_index()
        rows["nama_kec"] = looked_up(plan.inputs.kecamatan["nama"], rows["kode_kec"])
        rows["from_nama"] = looked_up(names, rows["from_stop"])
        rows["signal_nama"] = looked_up(names, rows["signal_stop"])
        rows["vehicle_name"] = [told.get(key, "") for key in rows["vehicle"]]
        for name in ("out", "alone"):
            rows[f"{name}_minutes"] = minutes_of(rows[f"{name}_s"])
        rows["round_minutes"] = minutes_of(rows["out_s"] + rows["back_s"])
        rows["proven"] = [say("tables.ya" if proven else "tables.tidak", lang) for proven in rows["proven"]]
        who = ["kode_kurir", "kode_kec", "nama_kec", "vehicle_name", "from_nama", "signal_nama", "n_stops", "n_tps"]
        when = ["depart", "arrive", "sent", "back", "out_minutes", "round_minutes", "alone_minutes", "proven"]
        tables.append(table_of("kurir", rows, [*who, *when], lang, total=("n_tps",)))
    if len(plan.relays):
        rows = plan.relays.reset_index()
        rows["sumber"] = terms(rows["sumber"], lang)
        for name in ("semua", "radio"):
            rows[name] = [say("tables.ya" if post else "tables.tidak", lang) for post in rows[name]]
        tables.append(table_of("relai", rows, ["kode_relay", "nama", "n_tps", "semua", "radio", "sumber"], lang))
        rows = plan.relay_plans.reset_index()
        rows["rencana"] = [say(f"tables.{token}", lang) for token in rows["rencana"]]
        figures = ["most", "posts", "posts_bound", "n_tps", "covered", "covered_bound"]
        tables.append(table_of("pilihan_relai", rows, ["rencana", *figures], lang))
    if len(plan.signals):
        rows = plan.signals.reset_index().join(plan.tps[PLACE], on="kode_tps")
        for name in ("sinyal", "sumber"):
            rows[name] = terms(rows[name], lang)
        rows["decides"] = [say("tables.ya" if decides else "tables.tidak", lang) for decides in rows["decides"]]
        rows["differs"] = [others(differs, lang) for differs in rows["differs"]]
        columns = ["operator", "sinyal", "sumber", "tanggal", "decides", "n_claims", "differs"]
        tables.append(table_of("sinyal", rows, ["kode_tps", *PLACE, *columns], lang))
    return tables
