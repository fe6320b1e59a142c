"""A plan made again, said in lines."""

from __future__ import annotations

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.cut.replan import Delta
from kaur_gis.report import visible
from kaur_gis.summary import plan_version

TPS_STATES = ("cut_off", "late", "moved", "back")
SHEET_STATES = ("blocked", "changed", "new", "void", "valid")


def lines(delta: Delta, lang: Lang = "id") -> list[str]:
    """Say what is different: first who is cut off, then who is later, then which sheets to replace.

    Returns
    -------
    list of str
        Plain text, harmless on a terminal.
    """
    told = [say("delta.title", lang, before=plan_version(delta.before), after=plan_version(delta.after))]
    if delta.tps.empty:
        told.append(say("delta.same", lang))
    for state in TPS_STATES:
        mine = delta.tps[delta.tps["state"] == state]
        if len(mine):
            sums = {name: thousands(int(mine[name].sum()), lang) for name in ("pemilih", "kotak")}
            told.append(say(f"delta.{state}", lang, n=len(mine), **sums))
            told += [_row(delta, str(kode), row, lang) for kode, row in mine.iterrows()]
    told.append(say("delta.minutes_lost", lang, minutes=thousands(delta.minutes_lost, lang)))
    old, new = (plan.trips[["seconds", "metres"]].sum() for plan in (delta.before, delta.after))
    minutes, km = ((new[name] - old[name]) / unit for name, unit in (("seconds", 60), ("metres", 1000)))
    told.append(say("delta.driving", lang, minutes=f"{minutes:+.0f}", km=f"{km:+.0f}"))
    for state in SHEET_STATES:
        sheets = delta.sheets[delta.sheets["state"] == state]
        if len(sheets):
            told.append(say(f"delta.sheets_{state}", lang, n=len(sheets)))
            if state != "valid":
                told += [
                    say("delta.sheet", lang, kode_trip=row.Index, vehicle=row.vehicle, hash=row.hash)
                    for row in sheets.itertuples()
                ]
    minutes_away = -(-delta.spares["seconds"] // 60)
    for code, row in delta.spares.assign(minutes=minutes_away).iterrows():
        key = "delta.spare" if row["spare"] else "delta.no_spare"
        told.append(say(key, lang, kode_trip=code, vehicle=row["vehicle"], spare=row["spare"], minutes=row["minutes"]))
    return told


def _row(delta: Delta, kode: str, row: pd.Series, lang: Lang) -> str:
    """Say what becomes of one TPS."""
    if row["state"] == "cut_off":
        here = pd.notna(row["lon"])
        where = {"lat": f"{row['lat']:.6f}", "lon": f"{row['lon']:.6f}"}
        what = say("delta.reached", lang, **where) if here else say("delta.no_vehicle", lang)
    else:
        what = say("delta.minutes", lang, minutes=f"{row['minutes']:+.0f}") if pd.notna(row["minutes"]) else "-"
    tps = delta.before.tps.loc[kode]
    return say("delta.row", lang, kode_tps=kode, desa=visible(tps["nama_desa"]), no_tps=tps["no_tps"], what=what)
