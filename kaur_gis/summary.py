"""What a plan says of itself: its figures, the notices its data call for, its version, and the summary."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaur_gis import costs, escort, kit, people, report
from kaur_gis.catalogue import say, thousands
from kaur_gis.config import KERAWANAN, SUMBER_ORDER, Lang, Sumber
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.store import OPTIONAL, PLAN_LAYERS

if TYPE_CHECKING:
    from kaur_gis.inputs import Closure
    from kaur_gis.plan import Plan

SAID = ("kerawanan_sebab", "akses_sebab")
"""Columns of words in the plan's language: they follow from others, and do not make another plan."""
KNOWN: frozenset[Sumber] = frozenset({"ukur", "terbit"})
"""Sources that need no notice: measured and published."""

CLOSURES_SHOWN = 6


def plan_version(plan: Plan) -> str:
    """Name a plan by its contents: 12 hex digits, equal for equal operations, inputs and results in any language."""
    digest = hashlib.sha256()
    digest.update(
        plan.inputs.operation.model_dump_json(exclude={"operation": {"lang"}, "skenario": True, "hujan": True}).encode()
    )
    digest.update(json.dumps(dict(plan.inputs.sha256), sort_keys=True).encode())
    for frame in (
        plan.tps,
        plan.kits,
        plan.trips,
        plan.legs,
        plan.loads,
        plan.unserved,
        plan.posts,
        plan.guards,
        plan.groupings,
        plan.reactions,
        plan.staffing,
        plan.strength,
        *(layer for name in PLAN_LAYERS if name in OPTIONAL and len(layer := getattr(plan, name))),
    ):
        table = pd.DataFrame(frame).drop(columns=["geometry", *SAID], errors="ignore")
        digest.update(table.to_csv(lineterminator="\n").encode())
    return digest.hexdigest()[:12]


def figures(plan: Plan) -> dict[str, int]:
    """Count what the plan holds.

    Returns
    -------
    dict
        Whole numbers by name. ``jml_<item>`` are pieces for the TPS, ``suara`` all their ballots (not what PPS and
        PPK receive, nor the spare), `metres` [m] and `drive_seconds` [s] are driven by all trips together.
    """
    tps, kits, trips = plan.tps, plan.kits, plan.trips
    counts: dict[str, int] = {
        "n_tps": len(tps),
        "n_desa": int(tps["kode_desa"].nunique()),
        "n_kecamatan": int(tps["kode_kec"].nunique()),
        "n_stops": int((plan.stops["kind"] == "tps").sum()),
        "voters": int(tps["pemilih"].sum()),
        "kotak": int(kits["kotak"].sum()),
        "suara": int(kits.filter(regex="^suara_").to_numpy().sum()),
        **{str(name): int(kits[name].sum()) for name in kits.columns if str(name).startswith("jml_")},
        "sulit": int((tps["akses"] == "sulit").sum()),
        "sinyal_tidak_ada": int((tps["sinyal"] == "tidak_ada").sum()),
        "sinyal_lemah": int((tps["sinyal"] == "lemah").sum()),
        **{kelas: int((tps["kerawanan"] == kelas).sum()) for kelas in KERAWANAN},
        "posts": len(plan.posts),
        "officers": int(plan.posts["officers"].sum()),
        "linmas": len(tps) * plan.inputs.pattern.linmas_per_tps,
        "kpps": len(tps) * plan.inputs.pattern.kpps_per_tps,
        **people.figures(plan),
        "trips": len(trips),
        "vehicles": int(trips["vehicle"].nunique()),
        "metres": int(trips["metres"].sum()),
        "drive_seconds": int(trips["seconds"].sum()),
        "served": len(tps) - len(plan.unserved),
        "unserved": len(plan.unserved),
        **_back_figures(plan),
        "notes": len(plan.notes),
        "broken": len(plan.broken),
    }
    return counts


def _back_figures(plan: Plan) -> dict[str, int]:
    """Count the way back, where the operation declares one."""
    if not plan.inputs.operation.kembali:
        return {}
    return {
        "back_trips": len(plan.back_trips),
        "back_vehicles": int(plan.back_trips["vehicle"].nunique()),
        "back_unserved": len(plan.back_unserved),
    }


def groups_per_kecamatan(plan: Plan) -> pd.DataFrame:
    """Count guard groups of kurang rawan TPS per kecamatan, beside the least possible.

    Returns
    -------
    DataFrame
        Indexed by `kode_kec`: `nama`, `n_tps` (kurang rawan), `groups`, `least` = ceil(n_tps / tps_per_group).
    """
    size = plan.inputs.pattern.kelas["kurang_rawan"].tps_per_group
    low = plan.tps[plan.tps["kerawanan"] == "kurang_rawan"].groupby("kode_kec").size()
    posts = plan.posts[plan.posts["kerawanan"] == "kurang_rawan"].groupby("kode_kec").size()
    table = pd.DataFrame({"nama": plan.inputs.kecamatan["nama"], "n_tps": low, "groups": posts}).fillna(
        {"n_tps": 0, "groups": 0}
    )
    table = table.astype({"n_tps": int, "groups": int}).sort_index()
    table["least"] = [math.ceil(n / size) for n in table["n_tps"]]
    return table


def notices(plan: Plan, lang: Lang = "id", *, public: bool = False) -> list[str]:
    """Say what every map, sheet and summary of this plan must say of its data.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}
        Language.
    public : bool
        Leave out what speaks of data that the public edition of the map does not hold.

    Returns
    -------
    list of str
        One line each, most important first; the last line credits OpenStreetMap.
    """
    inputs, tps = plan.inputs, plan.tps
    lines = [inputs.operation.operation.notice] if inputs.operation.operation.notice else []
    if inputs.roads.schematic:
        lines.append(say("summary.notice_schematic", lang))
    lines += _closures(plan, lang)
    by_desa = int((tps["posisi"] == "desa").sum())
    if by_desa:
        lines.append(say("summary.notice_desa", lang, n=by_desa, n_tps=len(tps)))
    doubts = [
        ("pemilih", tps["pemilih_sumber"]),
        ("akses_sulit", tps["akses_sulit_sumber"]),
        ("sinyal_data", tps["sinyal_sumber"]),
        ("psu_sebelumnya", tps["psu_sebelumnya_sumber"]),
        ("tempat", inputs.tempat["sumber"]),
        ("induk", inputs.tempat["induk_sumber"]),
        ("dapil", inputs.kecamatan["dapil_sumber"][inputs.kit_rules.by_dapil & (inputs.kecamatan["dapil"] != "")]),
        ("personel", inputs.personel["sumber"]),
    ]
    for what, column in doubts[:1] if public else doubts:
        counts = _doubtful(column, lang)
        if counts:
            lines.append(say("summary.notice_sumber", lang, what=say(f"summary.what_{what}", lang), counts=counts))
    boundary = sorted(set(inputs.kecamatan["sumber"]) - KNOWN)
    if boundary:
        words = ", ".join(say(f"term.{sumber}", lang) for sumber in boundary)
        lines.append(say("summary.notice_kecamatan", lang, sumber=words))
    speeds = {inputs.speeds.sumber} | {inputs.speeds.vehicles[vehicle].sumber for vehicle, _ in plan.travel}
    rules = (
        ("speeds", speeds),
        ("fleet", {fleet.sumber for fleet in inputs.operation.fleet}),
        ("load", {inputs.kit_rules.load_sumber}),
    )
    for key, found in () if public else rules:
        doubtful = sorted(found - KNOWN, key=SUMBER_ORDER.index)
        if doubtful:
            words = ", ".join(say(f"term.{sumber}", lang) for sumber in doubtful)
            lines.append(say(f"summary.notice_{key}", lang, sumber=words))
    as_of = inputs.roads.as_of
    day = say("summary.notice_osm_day", lang, day=as_of.isoformat()) if as_of else ""
    lines.append(say("summary.notice_osm", lang, credit=OSM_CREDIT, day=day))
    return lines


def summary(plan: Plan, lang: Lang = "id") -> str:
    """Say the plan on one screen.

    Returns
    -------
    str
        Lines of plain text; names from data stand in it as they are.
    """
    facts = figures(plan)
    operation, rules = plan.inputs.operation, plan.inputs.kit_rules
    told = {name: thousands(number, lang) for name, number in facts.items()}
    items = ", ".join(
        f"{told[f'jml_{item.key}']} {item.nama if lang == 'id' else item.name}" for item in rules.items if item.per_tps
    )
    groups = groups_per_kecamatan(plan)
    here = groups[groups.index.isin(plan.tps["kode_kec"])]  # a repeated vote is held in some kecamatan only
    lines = [
        say("summary.title", lang, name=operation.operation.name, version=plan.version),
        *(f"! {line}" for line in notices(plan, lang)),
        "",
        say("summary.tps", lang, **told),
        say("summary.kit", lang, items=items, ballots=told["suara"]),
        *_kit_beside(plan, facts, lang),
        *(f"  {report.what(note, lang)}" for note in plan.notes if note.what == "psu_spare_short"),
        say("summary.access", lang, **told),
        say("summary.kerawanan", lang, **told),
        *_two_classes(plan, lang),
        say("summary.guard", lang, pattern=plan.inputs.pattern.name, **told),
        say("summary.groups", lang, groups=", ".join(f"{row.nama} {row.groups}" for row in here.itertuples())),
        *people.grouping_lines(plan, lang),
        *people.told(plan, lang),
        say(
            "summary.routes",
            lang,
            weather=say(f"term.{operation.weather.plan}", lang),
            late=say(f"term.{operation.weather.late}", lang),
            km=thousands(facts["metres"] / 1000, lang),
            hours=thousands(facts["drive_seconds"] / 3600, lang, 1),
            **told,
        ),
        *_waves(plan, lang),
        *costs.told(plan, lang),
        *_back(plan, lang),
        *escort.told(plan, lang),
        *_missing(plan, lang),
        *_unserved(plan, lang),
        say("summary.broken", lang, n=facts["broken"]) if facts["broken"] else say("summary.judged", lang),
    ]
    if facts["notes"]:
        lines.append(say("summary.notes", lang, n=told["notes"]))
    return "\n".join(lines)


def _kit_beside(plan: Plan, facts: dict[str, int], lang: Lang) -> list[str]:
    """Say what PPS, PPK and the kabupaten receive beside the TPS, and what that makes for the printer."""
    rules = plan.inputs.kit_rules
    goods = kit.goods(plan.kits, kit.chain(plan.tps, plan.inputs.tempat), rules)
    names = {f"jml_{item.key}": item.nama if lang == "id" else item.name for item in rules.items}
    pieces = goods[[*names]].assign(suara=goods.filter(regex="^suara_").sum(axis=1))
    added = pieces.sum()[lambda sums: sums > 0]
    if added.empty:
        return []

    def told(counts: pd.Series) -> str:
        return ", ".join(
            f"{thousands(n, lang)} {names[what]}"
            if what in names
            else say("summary.kit_ballots", lang, n=thousands(n, lang))
            for what, n in counts.items()
        )

    receive = pieces.groupby(level="untuk").sum().any(axis=1)
    whose = ", ".join(say(f"tables.untuk_{whom}", lang) for whom in ("pps", "ppk", "cadangan") if receive.get(whom))
    whole = added + pd.Series(facts).reindex(added.index)
    return [say("summary.kit_beside", lang, whose=whose, more=told(added), whole=told(whole))]


def arrivals(plan: Plan) -> pd.DataFrame:
    """When the boxes of each TPS arrive at it.

    Returns
    -------
    DataFrame
        Indexed by `kode_tps`, served TPS only: `kode_trip`, `order`, `wave`, `vehicle`, `arrive`, `arrive_late`, when
        the vehicle comes; `there_late`, when the boxes are carried to the TPS in the heavier weather; `deadline`.
    """
    trips = plan.trips[plan.trips["stage"].isin(plan.inputs.operation.to_tps)]
    trip, kode = (plan.loads.index.get_level_values(name) for name in ("kode_trip", "kode_tps"))
    own = trip.isin(trips.index)
    kode, loads = kode[own], plan.loads[own]
    at = trips.index.get_indexer(trip[own])
    legs = plan.legs.index.get_indexer(pd.MultiIndex.from_arrays([trip[own], loads["order"]]))
    found = pd.DataFrame(
        {
            "kode_trip": trip[own],
            "order": loads["order"].array,
            **{name: trips[name].array.take(at) for name in ("wave", "vehicle")},
            **{name: plan.legs[name].array.take(legs) for name in ("arrive", "arrive_late")},
            "there_late": plan.legs["arrive_late"].array.take(legs) + _carried_late(plan, legs),
        },
        index=kode,
    ).sort_index()
    return found.assign(deadline=pd.to_datetime(_deadlines(plan, found["wave"])))


def may_be_late(there: pd.DataFrame) -> pd.Series:
    """Mark in a table of `arrivals` whose boxes come too late in the heavier weather, or never."""
    return there["there_late"].isna() | (there["there_late"] > there["deadline"])


def _carried_late(plan: Plan, legs: NDArray[np.intp]) -> NDArray[np.timedelta64]:
    """How long boxes are carried at the end of some legs in the heavier weather."""
    metres = plan.legs["walk_m"].to_numpy()[legs]
    return plan.inputs.speeds.carried_s(metres, plan.inputs.operation.weather.late).astype("timedelta64[s]")


def _deadlines(plan: Plan, wave: pd.Series) -> pd.Series:
    """When the boxes of each TPS, of which the wave is told, must be there."""
    operation, classes = plan.inputs.operation, plan.tps["kerawanan"].to_dict()
    waves = {own.name: own for own in operation.waves}
    days = {name: operation.day_of(own) for name, own in waves.items()}
    found = [
        dt.datetime.combine(days[name], operation.deadline(waves[name], str(kode), str(classes[kode])))
        for kode, name in wave.items()
    ]
    return pd.Series(found, index=wave.index, dtype="datetime64[ns]")


def _doubtful(column: pd.Series, lang: Lang) -> str:
    counts = column.value_counts()
    return ", ".join(
        f"{thousands(int(counts[sumber]), lang)} {say(f'term.{sumber}', lang)}"
        for sumber in SUMBER_ORDER
        if sumber not in KNOWN and sumber in counts.index
    )


def closed(closure: Closure, lang: Lang) -> str:
    """Say which roads one closure takes, from whom, when and why."""
    asked = closure.asked
    start, end = (time.isoformat(" ", "minutes") if time else "" for time in (asked.mulai, asked.selesai))
    more = [
        say("summary.closure_vehicles", lang, kendaraan=", ".join(asked.kendaraan)) if asked.kendaraan else "",
        say("summary.closure_from", lang, mulai=start) if start else "",
        say("summary.closure_until", lang, selesai=end) if end else "",
        say("summary.closure_night", lang) if asked.malam else "",
        asked.sebab,
        "" if closure.in_force else say("summary.closure_off", lang),
    ]
    where = say("summary.closure", lang, lokasi=asked.lokasi, metres=thousands(closure.metres, lang))
    return ", ".join(filter(None, [where, *more]))


def _closures(plan: Plan, lang: Lang) -> list[str]:
    """Say in one line which roads are closed, to whom and when."""
    closures = plan.inputs.roads.closures
    if not closures:
        return []
    told = [closed(closure, lang) for closure in closures[:CLOSURES_SHOWN]]
    if len(closures) > CLOSURES_SHOWN:
        told.append(say("summary.closure_more", lang, n=len(closures) - CLOSURES_SHOWN))
    km = thousands(sum(closure.metres for closure in closures if closure.in_force) / 1000, lang, 1)
    line = say("summary.notice_closures", lang, km=km, closures="; ".join(told)) + "."
    if any(closure.in_force and (c.mulai or c.selesai or c.malam) for closure in closures for c in (closure.asked,)):
        line += " " + say("summary.closure_whole", lang)
    by_shape = any(closure.asked.kind in ("titik", "area") for closure in closures)
    return [line + (" " + say("summary.closure_schematic", lang) if by_shape and plan.inputs.roads.schematic else "")]


def _waves(plan: Plan, lang: Lang) -> list[str]:
    """Say of each wave, and of those of it that must have their boxes sooner, how many come when."""
    lines, operation = [], plan.inputs.operation
    table = arrivals(plan)
    for wave in operation.waves:
        mine = table[table["wave"] == wave.name]
        if mine.empty:
            continue
        last = mine[mine["deadline"] == mine["deadline"].max()]
        told = {"day": operation.day_of(wave), **_came(mine, last, lang)}
        lines.append(say("summary.wave", lang, wave=wave.name, **told))
        for sooner, own in mine[mine["deadline"].dt.time < wave.deadline].groupby("deadline"):
            told = {"deadline": f"{pd.Timestamp(str(sooner)):%H:%M}", **_came(own, own, lang)}
            lines.append(say("summary.sooner", lang, **told))
    return lines


def _came(mine: pd.DataFrame, due: pd.DataFrame, lang: Lang) -> dict[str, int | str]:
    """Count some TPS, and say when the last boxes come, in either weather; late are those of which it is asked."""
    closed, deadline = int(mine["arrive_late"].isna().sum()), due["deadline"].max()
    over = int((due["there_late"] > deadline).sum())
    late = f"{mine['arrive_late'].max():%H:%M}" if closed < len(mine) else ""
    if over:
        late = say("summary.late_after_deadline", lang, last=late, n=over, deadline=f"{deadline:%H:%M}")
    if closed:
        late = "; ".join(filter(None, (late, say("summary.late_closed", lang, n=closed))))
    return {"n_tps": len(mine), "last": f"{mine['arrive'].max():%H:%M}", "last_late": late}


def _back(plan: Plan, lang: Lang) -> list[str]:
    """Say what comes back on each leg of the way back, and what does not."""
    lines = []
    for row in plan.inputs.operation.kembali:
        mine = plan.back_trips[plan.back_trips["stage"] == row.name]
        if mine.empty:
            continue
        end = pd.Timestamp(plan.inputs.operation.operation.voting_day) + pd.Timedelta(seconds=row.end_s)
        over, closed = mine["back_late"] > end, mine["back_late"].isna()
        late = "" if closed.all() else f"{mine['back_late'].max():%Y-%m-%d %H:%M}"
        if over.any():
            n, until = int(mine["n_tps"][over].sum()), f"{end:%Y-%m-%d %H:%M}"
            late = say("summary.late_after_deadline", lang, last=late, n=n, deadline=until)
        if closed.any():
            n = int(mine["n_tps"][closed].sum())
            late = "; ".join(filter(None, (late, say("summary.late_closed", lang, n=n))))
        told = {"trips": len(mine), "vehicles": mine["vehicle"].nunique(), "n_tps": int(mine["n_tps"].sum())}
        km, hours = int(mine["metres"].sum()) / 1000, int(mine["seconds"].sum()) / 3600
        lines.append(
            say(
                "summary.back",
                lang,
                stage=row.name,
                muatan=say(f"summary.back_{row.muatan}", lang),
                km=thousands(km, lang),
                hours=thousands(hours, lang, 1),
                last=f"{mine['back'].max():%Y-%m-%d %H:%M}",
                last_late=late,
                **told,
            )
        )
    loads = plan.back_unserved.index.get_level_values("muatan")
    gone = []
    for (muatan, reason), n in sorted(Counter(zip(loads, plan.back_unserved["reason"], strict=True)).items()):
        what, why = say(f"summary.back_{muatan}", lang), say(f"term.{reason}", lang)
        gone.append(say("summary.back_left_row", lang, muatan=what, n=n, why=why))
    return [*lines, say("summary.back_left", lang, loads="; ".join(gone))] if gone else lines


def _two_classes(plan: Plan, lang: Lang) -> list[str]:
    """Say of how many TPS the police gave the class, and how that differs from the one by the rules."""
    given = plan.tps[plan.tps["kerawanan_polri"] != ""]
    if given.empty:
        return []
    other = given[given["kerawanan_polri"] != given["kerawanan_aturan"]]
    pairs = other.groupby(["kerawanan_aturan", "kerawanan_polri"]).size()
    told = [
        say("summary.polri_pair", lang, aturan=say(f"term.{rules}", lang), polri=say(f"term.{police}", lang), n=n)
        for (rules, police), n in pairs.items()
    ]
    same = say("summary.polri_same", lang, n=thousands(len(given) - len(other), lang))
    return [say("summary.polri", lang, n=thousands(len(given), lang), pairs="; ".join([same, *told]))]


def _missing(plan: Plan, lang: Lang) -> list[str]:
    """Say where vehicles are missing, and in all; also for the heavier weather."""
    told = ("fleet_too_small",), ("fleet_missing", "fleet_missing_least"), ("late_risk_fleet",)
    notes = (note for kinds in told for note in plan.notes if note.what in kinds)
    return [f"  {report.what(note, lang)}" for note in notes]


def _unserved(plan: Plan, lang: Lang) -> list[str]:
    if plan.unserved.empty:
        return [say("summary.served", lang, n_tps=len(plan.tps))]
    lines = [say("summary.unserved", lang, n=len(plan.unserved)), *_stopped(plan, lang)]
    for kode, row in plan.unserved.iterrows():
        tps = plan.tps.loc[kode]
        lines.append(
            say(
                "summary.unserved_row",
                lang,
                kode_tps=kode,
                desa=tps["nama_desa"],
                no_tps=tps["no_tps"],
                reason=say(f"term.{row['reason']}", lang),
            )
        )
    return lines


def _stopped(plan: Plan, lang: Lang) -> list[str]:
    """Say in which transfer points boxes stop that go no farther."""
    loads = plan.loads.reset_index()[["kode_trip", "order", "kode_tps"]]
    loads = loads[loads["kode_tps"].isin(plan.unserved.index)].join(plan.legs["to_stop"], on=["kode_trip", "order"])
    loads = loads.join(plan.trips["depart"], on="kode_trip").sort_values(["kode_tps", "depart"])
    places = loads.groupby("kode_tps")["to_stop"].last().value_counts().sort_index()
    told = ", ".join(f"{place} ({n} TPS)" for place, n in places.items())
    rest = "" if places.sum() == len(plan.unserved) else say("summary.unserved_rest", lang)
    return [say("summary.unserved_stop", lang, places=told) + rest] if told else []
