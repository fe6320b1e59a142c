"""A plan made again, said in lines."""

from __future__ import annotations

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.cut.delta import Delta
from kaur_gis.report import visible
from kaur_gis.summary import closed

TPS_STATES = ("cut_off", "late", "moved", "back")
PAPER_ORDER = ("rute", "kembali", "salinan")
NAMED = 10  # of the TPS from which nothing comes back, in the headlines
SHEET_STATES = ("blocked", "changed", "new", "void", "valid")


def lines(delta: Delta, lang: Lang = "id") -> list[str]:
    """Say what is different: first who is cut off, then who is later, then which sheets to replace.

    Returns
    -------
    list of str
        Plain text, harmless on a terminal.
    """
    told = [_title(delta, lang), *_causes(delta, lang)]
    for kode, row in delta.moves.iterrows():
        told.append(_moved(delta, str(kode), row, lang))
    if delta.tps.empty:
        told.append(say("delta.same", lang))
    for state, head in _tps_heads(delta, lang).items():
        told.append(head)
        told += [_row(delta, str(kode), row, lang) for kode, row in delta.tps[delta.tps["state"] == state].iterrows()]
    told += [*_other_days(delta, lang), *_lost(delta, lang), *_back_on(delta, lang), *_not_back(delta, lang)]
    for stage, row in delta.stages.iterrows():
        words = {"later": row["later_min"], "minutes": row["drive_min"], "km": row["km"]}
        signed = {name: f"{round(value) or 0:+d}" for name, value in words.items()}
        if set(signed.values()) != {"+0"}:
            told.append(say("delta.stage", lang, stage=visible(str(stage)), **signed))
    told += _other_vehicles(delta, lang)
    for state, head in _sheet_heads(delta, lang).items():
        told.append(head)
        version = version_of(delta, state)
        if state == "valid":  # hundreds: one by one they stand in the tables
            continue
        told += [
            say("delta.sheet", lang, kode_trip=row.Index, vehicle=row.vehicle, hash=row.hash, version=version)
            for row in delta.sheets[delta.sheets["state"] == state].itertuples()
        ]
    for kind, own in delta.duties.groupby("kind", sort=False):
        told.append(_duty(str(kind), len(own), lang))
        codes = zip(own.index.get_level_values("kode"), own["state"], strict=True)
        told += [f"  {code}: {say(f'delta.is_{state}', lang)}" for code, state in codes]
    minutes_away = -(-delta.spares["seconds"] // 60)
    for code, row in delta.spares.assign(minutes=minutes_away).iterrows():
        key = "delta.spare" if row["spare"] else "delta.no_spare"
        told.append(say(key, lang, kode_trip=code, vehicle=row["vehicle"], spare=row["spare"], minutes=row["minutes"]))
    return told


def headlines(delta: Delta, lang: Lang = "id") -> list[str]:
    """Say how much is different, without naming each TPS and each sheet.

    Returns
    -------
    list of str
        Versions, what was closed or broke down since, TPS by what becomes of them, minutes lost, what no longer comes
        back, sheets by what becomes of them, guard posts and couriers that change.
    """
    told = [_title(delta, lang), *_causes(delta, lang)]
    told += [say("delta.same", lang)] if delta.tps.empty else _tps_heads(delta, lang).values()
    duties = [_duty(str(kind), len(own), lang) for kind, own in delta.duties.groupby("kind", sort=False)]
    told += [*_other_days(delta, lang), *_lost(delta, lang), *_back_on(delta, lang), *_not_back(delta, lang, NAMED)]
    return [*told, *_other_vehicles(delta, lang), *_sheet_heads(delta, lang).values(), *duties]


def _causes(delta: Delta, lang: Lang) -> list[str]:
    """Say which roads were closed and which vehicles broke down since the plan before."""
    was, now = (plan.inputs for plan in (delta.before, delta.after))
    known = {closure.asked for closure in was.roads.closures}
    told = [
        say("delta.closed", lang, closure=visible(closed(closure, lang)))
        for closure in now.roads.closures
        if closure.asked not in known
    ]
    out = [sorted({car for row in inputs.operation.fleet for car in row.rusak}) for inputs in (was, now)]
    broken = ", ".join(car for car in out[1] if car not in out[0])
    return [*told, *([say("delta.broke_down", lang, vehicles=visible(broken))] if broken else [])]


def _other_days(delta: Delta, lang: Lang) -> list[str]:
    """Say how many TPS go on another day now, an earlier one first, and on which."""
    found = []
    for word, mine in (("earlier", delta.tps[delta.tps["days"] < 0]), ("later", delta.tps[delta.tps["days"] > 0])):
        if len(mine):
            sums = {name: thousands(int(mine[name].sum()), lang) for name in ("pemilih", "kotak")}
            days = ", ".join(sorted({f"{now:%Y-%m-%d}" for now in mine["now"]}))
            found.append(say(f"delta.day_{word}", lang, n=len(mine), days=days, **sums))
    return found


def _other_vehicles(delta: Delta, lang: Lang) -> list[str]:
    """Name the vehicles that only one of the two plans uses."""
    was, now = ({*plan.trips["vehicle"], *plan.back_trips["vehicle"]} for plan in (delta.before, delta.after))
    return [
        say(f"delta.vehicles_{word}", lang, vehicles=visible(", ".join(sorted(vehicles))))
        for word, vehicles in (("more", now - was), ("less", was - now))
        if vehicles
    ]


def _lost(delta: Delta, lang: Lang) -> list[str]:
    """Say by how much all TPS together are reached later, or earlier, and how many are either, on the same day."""
    if delta.tps.empty:
        return []
    minutes = delta.on_its_day["minutes"]
    later, sooner = minutes[minutes > 0], minutes[minutes < 0]
    words = {
        "minutes": thousands(abs(delta.minutes_lost), lang),
        "n_later": thousands(len(later), lang),
        "later": thousands(later.sum(), lang),
        "most": thousands(later.max() if len(later) else 0, lang),
        "n_sooner": thousands(len(sooner), lang),
        "sooner": thousands(-sooner.sum() if len(sooner) else 0, lang),
    }
    told = say(f"delta.{'minutes_won' if delta.minutes_lost < 0 else 'minutes_lost'}", lang, **words)
    left_out = (delta.tps["state"] == "cut_off").sum()
    told += say("delta.minutes_without", lang, n=left_out) if left_out else ""
    other = int((delta.tps["days"].fillna(0) != 0).sum())
    return [told + (say("delta.minutes_other_day", lang, n=other) if other else "")]


def _back_on(delta: Delta, lang: Lang) -> list[str]:
    """Say of how many TPS boxes or copies of results come home on another day, by leg of the way back."""
    return [
        say(
            f"delta.back_on_{muatan}",
            lang,
            n=len(own),
            stage=visible(str(stage)),
            **{name: ", ".join(f"{day:%Y-%m-%d}" for day in sorted(set(own[name]))) for name in ("was", "now")},
        )
        for (muatan, stage), own in delta.back_days.groupby(["muatan", "stage"], sort=False)
    ]


def _not_back(delta: Delta, lang: Lang, most: int | None = None) -> list[str]:
    """Say of which TPS boxes or copies of results no longer come back; with no more than so many codes."""
    told = []
    for muatan, own in delta.not_back.groupby("muatan", sort=True):
        codes = own.index.get_level_values("kode_tps").tolist()
        more = [] if most is None or len(codes) <= most else ["… (distribusi.xlsx)"]
        told.append(say(f"delta.not_back_{muatan}", lang, n=len(codes), tps=", ".join([*codes[:most], *more])))
    return told


def _duty(kind: str, n: int, lang: Lang) -> str:
    return say(f"delta.duty_{kind}", lang, n=n)


def version_of(delta: Delta, state: str) -> str:
    """Version of the plan that stands on a sheet of which this becomes."""
    return (delta.before if state in {"valid", "void", "blocked"} else delta.after).version


def what_becomes(row: pd.Series, lang: Lang) -> str:
    """Say of a row of `Delta.tps` where its road ends, or by how much it comes at another time."""
    if row["state"] == "cut_off":
        if pd.isna(row["lon"]):
            return say("delta.no_vehicle", lang)
        return say("delta.reached", lang, lat=f"{row['lat']:.6f}", lon=f"{row['lon']:.6f}", desa=visible(row["dekat"]))
    if row["state"] == "late" and pd.notna(row["now"]):
        due = f"{row['deadline']:%d-%m %H:%M}"
        if pd.isna(row["now_late"]):
            return say("delta.never", lang, deadline=due)
        return say("delta.too_late", lang, late=f"{row['now_late']:%d-%m %H:%M}", deadline=due)
    if abs(row.get("days", 0)) > 0:
        return say("delta.other_day", lang, was=f"{row['was']:%d-%m}", now=f"{row['now']:%d-%m %H:%M}")
    return say("delta.minutes", lang, minutes=f"{round(row['minutes']) or 0:+d}") if pd.notna(row["minutes"]) else "-"


def _title(delta: Delta, lang: Lang) -> str:
    return say("delta.title", lang, before=delta.before.version, after=delta.after.version)


def _tps_heads(delta: Delta, lang: Lang) -> dict[str, str]:
    """Count the TPS of each state that there is, with their voters and boxes."""
    found = {}
    for state in TPS_STATES:
        mine = delta.tps[delta.tps["state"] == state]
        if len(mine):
            sums = {name: thousands(int(mine[name].sum()), lang) for name in ("pemilih", "kotak")}
            found[state] = say(f"delta.{state}", lang, n=len(mine), **sums)
    return found


def _sheet_heads(delta: Delta, lang: Lang) -> dict[str, str]:
    """Count the sheets of each state that there is."""
    found = {}
    for state in SHEET_STATES:
        mine = delta.sheets["paper"][delta.sheets["state"] == state].tolist()
        if mine:
            papers = ", ".join(f"{mine.count(paper)} {paper_of(paper)}" for paper in PAPER_ORDER if paper in mine)
            found[state] = say(f"delta.sheets_{state}", lang, papers=papers)
    return found


def paper_of(paper: str) -> str:
    """Name the file in which sheets stand, by `Delta.sheets`' `paper`."""
    return f"lembar_{paper}.pdf"


def _moved(delta: Delta, kode: str, row: pd.Series, lang: Lang) -> str:
    """Say where a TPS lies now, and how far its new road is."""
    tps, operation = delta.after.tps.loc[kode], delta.after.inputs.operation
    there = {fleet.vehicle for fleet in operation.fleet if fleet.stage in operation.to_tps}
    times = [times for (vehicle, _), times in delta.after.travel.items() if vehicle in there]
    snap_m = min(float(one.snap_m[one.stops.get_loc(tps["kode_stop"])]) for one in times)
    words = {"metres": thousands(row["metres"], lang), "lat": f"{row['lat']:.6f}", "lon": f"{row['lon']:.6f}"}
    name = {"desa": visible(tps["nama_desa"]), "no_tps": tps["no_tps"], "snap": thousands(snap_m, lang)}
    return say("delta.tps_moved", lang, kode_tps=kode, **name, **words)


def _row(delta: Delta, kode: str, row: pd.Series, lang: Lang) -> str:
    """Say what becomes of one TPS."""
    tps = delta.before.tps.loc[kode]
    return say(
        "delta.row",
        lang,
        kode_tps=kode,
        desa=visible(tps["nama_desa"]),
        no_tps=tps["no_tps"],
        what=what_becomes(row, lang),
    )
