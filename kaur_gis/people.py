"""What a plan says of people: how they are grouped, who lends to whom, who is missing, how soon a Polsek is there."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import ranges, say, thousands
from kaur_gis.config import SINYAL, SUMBER_ORDER, Lang
from kaur_gis.layers import CHANNELS

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def lending(plan: Plan) -> pd.DataFrame:
    """Sum up who lends to whom.

    Returns
    -------
    DataFrame
        One row a unit and a kecamatan that it does not guard, sorted: `kode_satuan`, `nama`, `kode_kec`, `nama_kec`,
        `officers`, `minutes` (the longest way of these, rounded up).
    """
    lent = plan.staffing[~plan.staffing["home"]].reset_index()
    lent["kode_kec"] = plan.posts["kode_kec"].reindex(lent["kode_post"]).to_numpy()
    table = lent.groupby(["kode_satuan", "kode_kec"], as_index=False).agg(
        officers=("officers", "sum"), seconds=("seconds", "max")
    )
    return pd.DataFrame(
        {
            "kode_satuan": table["kode_satuan"],
            "nama": plan.inputs.personel["nama"].reindex(table["kode_satuan"]).to_numpy(),
            "kode_kec": table["kode_kec"],
            "nama_kec": plan.inputs.kecamatan["nama"].reindex(table["kode_kec"]).to_numpy(),
            "officers": table["officers"],
            "minutes": [ceil(seconds / 60) for seconds in table["seconds"]],
        }
    )


def figures(plan: Plan) -> dict[str, int]:
    """Count the officers at hand, lent and missing, and the TPS that no Polsek reaches in time."""
    return {
        "at_hand": int(plan.inputs.personel["petugas"].sum()),
        "lent": int(plan.strength["lent"].sum()),
        "missing": int(plan.strength["missing"].sum()),
        "spare": int(plan.strength["spare"].sum()),
        "not_in_time": int((~plan.reactions["in_time"]).sum()),
    }


def told(plan: Plan, lang: Lang) -> list[str]:
    """Say needs against people at hand, reaction times and couriers, and which tables for it are not there."""
    lines = [*_strength(plan, lang), *_reactions(plan, lang), *_couriers(plan, lang)]
    absent = [name for name, layer in (("polsek", plan.reactions), ("personel", plan.strength)) if layer.empty]
    if absent:
        places = plan.inputs.operation.layers.tempat
        what = "; ".join(say(f"people.absent_{name}", lang, file=places) for name in absent)
        lines.append(say("people.absent", lang, what=what))
    return lines


def grouping_lines(plan: Plan, lang: Lang) -> list[str]:
    """Say where roads or limits force more guard groups, by which TPS, and what is not proven."""
    lines, names = [], plan.inputs.kecamatan["nama"]
    for _, row in plan.groupings.reset_index().iterrows():
        kelas = say(f"term.{row['kerawanan']}", lang)
        where = {"nama": names[row["kode_kec"]], "kelas": kelas, "groups": row["groups"]}
        if row["groups"] > row["fewest"]:
            tps = plan.tps.loc[row["forced_by"].split()]
            who = ", ".join(f"{desa} TPS {no}" for desa, no in zip(tps["nama_desa"], tps["no_tps"], strict=True))
            lines.append(say("summary.group_over", lang, least=row["fewest"], tps=who, **where))
        gap = row["seconds"] - row["bound_seconds"]
        if gap or row["groups"] > row["needed"]:
            lines.append(say("summary.group_gap", lang, needed=row["needed"], minutes=round(gap / 60), **where))
    for _, row in split_points(plan, lang).iterrows():
        lines.append(say("summary.group_split", lang, **{str(name): value for name, value in row.items()}))
    return lines


def split_points(plan: Plan, lang: Lang) -> pd.DataFrame:
    """List the points that would fit into a guard group and stand in several, and why.

    Returns
    -------
    DataFrame
        Sorted: `kode_kec`, `nama_kec`, `kerawanan` (term), `kode_desa`, `nama_desa`, `n_tps`, and the texts `at_posts`
        and `why`.
    """
    rows = []
    tps = plan.tps.join(plan.guards["kode_post"])
    worth = {str(kelas): pattern.split_minutes for kelas, pattern in plan.inputs.pattern.kelas.items()}
    for row in plan.groupings.sort_index().reset_index().to_dict("records"):
        kelas, minutes = row["kerawanan"], worth[row["kerawanan"]]
        key = "unproven" if row["seconds"] > row["bound_seconds"] else "saves" if minutes else "shorter"
        key = "number" if row["whole_groups"] > row["groups"] else key
        why = say(f"summary.split_{key}", lang, n=row["whole_groups"], minutes=f"{minutes:g}")
        for stop in row["split"].split():
            here = tps[(tps["kode_stop"] == stop) & (tps["kerawanan"] == kelas)]
            first = here.iloc[0]
            place = (
                row["kode_kec"],
                first["nama_kec"],
                say(f"term.{kelas}", lang),
                first["kode_desa"],
                first["nama_desa"],
            )
            rows.append((*place, len(here), ", ".join(sorted({*here["kode_post"]})), why))
    return pd.DataFrame(
        rows, columns=["kode_kec", "nama_kec", "kerawanan", "kode_desa", "nama_desa", "n_tps", "at_posts", "why"]
    )


def _strength(plan: Plan, lang: Lang) -> list[str]:
    if plan.strength.empty:
        return []
    counts = {name: thousands(number, lang) for name, number in figures(plan).items()}
    needed = thousands(int(plan.strength["needed"].sum()), lang)
    lines = [say("people.strength", lang, needed=needed, **counts)]
    names = plan.inputs.kecamatan["nama"]
    lines += [
        say("people.missing_row", lang, nama=names[kode], missing=row["missing"], needed=row["needed"])
        for kode, row in plan.strength[plan.strength["missing"] > 0].iterrows()
    ]
    return lines + [
        say("people.lending_row", lang, **{str(name): value for name, value in row.items()})
        for _, row in lending(plan).iterrows()
    ]


def _reactions(plan: Plan, lang: Lang) -> list[str]:
    found = plan.reactions
    if found.empty:
        return []
    limit = plan.inputs.operation.guard.reaction_minutes
    longest = max(0, ceil(int(found["seconds"].max()) / 60))
    lines = [say("people.reaction", lang, minutes=longest)]
    late = found[~found["in_time"]]
    if not late.empty:
        tps = plan.tps.loc[late.index].assign(seconds=late["seconds"]).sort_values(["kode_desa", "no_tps"])
        who = ", ".join(
            f"{here['nama_desa'].iloc[0]} TPS {ranges([*here['no_tps']])} ({_way(seconds, lang)})"
            for (_, seconds), here in tps.groupby(["kode_desa", "seconds"], sort=False)
        )
        within = say("people.within", lang, minutes=f"{limit:g}") if limit is not None else say("people.at_all", lang)
        lines.append(say("people.late", lang, n=len(late), within=within, tps=who))
    return lines


def _way(seconds: int, lang: Lang) -> str:
    return say("people.late_way", lang, minutes=ceil(seconds / 60)) if seconds >= 0 else say("people.late_never", lang)


def _couriers(plan: Plan, lang: Lang) -> list[str]:
    how, found = plan.inputs.operation.komunikasi, plan.channels["channel"]
    if how is None:
        return []
    counts = {kind: int((found == kind).sum()) for kind in CHANNELS}
    unknown = int((plan.tps["sinyal"] == SINYAL[-1]).sum())
    told = {"n": len(found), "couriers": len(plan.couriers), "unknown": unknown, **counts}
    lines = [say("people.couriers", lang, limit=f"{how.max_minutes:g}", **told)]
    places = plan.couriers.drop_duplicates("signal_stop")["signal_sumber"].value_counts()
    if len(places):
        by = ", ".join(f"{say(f'term.{name}', lang)} {places[name]}" for name in SUMBER_ORDER if name in places)
        lines.append(say("people.places", lang, n=int(places.sum()), by=by))
    same = plan.couriers[~plan.couriers["way_known"]]
    if len(same):
        lines.append(say("people.same_point", lang, n=int(same["n_tps"].sum()), couriers=len(same)))
    return [*lines, *relay_lines(plan, lang)]


def relay_lines(plan: Plan, lang: Lang) -> list[str]:
    """Say of each choice of radio relays how many TPS it reaches, and what is proven of it."""
    return [
        say(
            "people.relays", lang, rencana=say(f"tables.{name}", lang), **{str(key): int(row[key]) for key in row.index}
        )
        for name, row in plan.relay_plans.iterrows()
    ]
