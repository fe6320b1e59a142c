"""The tables of a plan: workbooks for people and CSV files for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis import escort, people, report
from kaur_gis.catalogue import say, thousands, wave_words
from kaur_gis.config import Lang
from kaur_gis.problems import Problem
from kaur_gis.summary import groups_per_kecamatan, notices
from kaur_gis.write.distribution import distribution
from kaur_gis.write.laid_out import PLACE, looked_up, minutes_of, table_of, terms
from kaur_gis.write.logistics import logistics
from kaur_gis.write.sheets.roster import duty_hours
from kaur_gis.write.signal_tables import signal_tables
from kaur_gis.write.workbook import RollUp, Summed, Table, write_csv, write_workbook

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

PEOPLE = ("officers", "n_tps", "linmas", "kpps")
SOURCED = [
    "pemilih_sumber",
    "kerawanan_aturan",
    "kerawanan_polri",
    "kerawanan",
    "kerawanan_sumber",
    "sinyal",
    "sinyal_sumber",
    "akses",
    "akses_sumber",
    "posisi",
]
TAGS = ["pemilih", *SOURCED[:4], "kerawanan_sebab", *SOURCED[4:8], "akses_sebab", *SOURCED[8:], "border_m"]


def write_tables(plan: Plan, folder: str | Path, lang: Lang) -> list[Path]:
    """Write every table of a plan.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Folder of the run. The workbooks stand in it, the CSV files in ``tabel/`` inside it.
    lang : {"id", "en"}
        Language of the heads and of the words for classes.

    Returns
    -------
    list of Path
        The files, workbooks first.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    place = Path(folder)
    (place / "tabel").mkdir(parents=True, exist_ok=True)
    books = {
        "distribusi": distribution(plan, lang),
        "logistik": logistics(plan, lang),
        "pengamanan": guarding(plan, lang),
        "data": _data(plan, lang),
    }
    if signal := signal_tables(plan, lang):
        books["komunikasi"] = signal
    files = []
    for name, tables in books.items():
        files.append(place / f"{name}.xlsx")
        about = _about(plan, tables, lang)
        if name == "pengamanan":
            about.append((say("tables.about_hours", lang), duty_hours(plan, lang)))
        write_workbook(files[-1], (say("tables.about", lang), about), tables)
    for table in (table for tables in books.values() for table in tables):
        files.append(place / "tabel" / f"{table.file}.csv")
        write_csv(table, files[-1])
    return files


def guarding(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out posts, people, who guards what, points that are parted, and sums by kecamatan."""
    posts = pd.DataFrame(plan.posts.drop(columns="geometry")).reset_index().sort_values(["kode_kec", "kode_post"])
    posts["nama_kec"] = looked_up(plan.inputs.kecamatan["nama"], posts["kode_kec"])
    posts["kerawanan"] = terms(posts["kerawanan"], lang)
    posts["linmas"] = posts["n_tps"] * plan.inputs.pattern.linmas_per_tps
    posts["kpps"] = posts["n_tps"] * plan.inputs.pattern.kpps_per_tps
    posts["round_m"], posts["round_minutes"] = posts["metres"], minutes_of(posts["seconds"])
    post_table = table_of(
        "pos",
        posts,
        [
            "kode_post",
            "kode_kec",
            "nama_kec",
            "kerawanan",
            "officers",
            "n_tps",
            "linmas",
            "kpps",
            "round_m",
            "round_minutes",
        ],
        lang,
        total=("officers", "n_tps", "linmas", "kpps"),
    )
    classes = ["kerawanan", "kerawanan_polri", "kerawanan_aturan"]
    guards = plan.guards.reset_index().join(plan.tps[[*PLACE, *classes]], on="kode_tps")
    guards = guards.sort_values(["kode_post", "order", "kode_tps"])
    for name in classes:
        guards[name] = terms(guards[name], lang)
    guards["from_before"] = minutes_of(guards["seconds"].where(guards["seconds"] >= 0))
    rows = groups_per_kecamatan(plan).drop(columns="n_tps").rename(columns={"nama": "nama_kec"})
    sums: dict[str, str | None] = {"n_posts": None} | {name: name for name in ("n_tps", "officers", "linmas", "kpps")}
    for name, summed in sums.items():
        by_kec = posts.groupby("kode_kec")
        found = by_kec.size() if summed is None else by_kec[summed].sum()
        rows[name] = found.reindex(rows.index, fill_value=0).astype("int64")
    proof = plan.groupings.groupby("kode_kec")[["groups", "needed", "seconds", "bound_seconds"]].sum()
    told = {}
    for of in proof.reset_index().to_dict("records"):
        best = of["groups"] <= of["needed"] and of["seconds"] <= of["bound_seconds"]
        figures = {"needed": of["needed"], "seconds": of["bound_seconds"]}
        told[of["kode_kec"]] = say("tables.proven_best" if best else "tables.proven_bound", lang, **figures)
    rows["group_seconds"] = proof["seconds"].reindex(rows.index, fill_value=0)
    rows["group_proof"] = [told.get(kode, "") for kode in rows.index]
    rows = rows.rename_axis("kode_kec").reset_index()
    split = people.split_points(plan, lang)
    parted = [] if split.empty else [table_of("titik_terbagi", split, [*split.columns], lang)]
    return [
        post_table,
        *_people(plan, lang),
        *parted,
        table_of("penjagaan", guards, ["kode_post", "order", "kode_tps", *PLACE, *classes, "from_before"], lang),
        table_of(
            "pengamanan_kecamatan",
            rows,
            ["kode_kec", "nama_kec", "groups", "least", *sums, "group_seconds", "group_proof"],
            lang,
            total=("groups", "least", *sums, "group_seconds"),
            roll_up=RollUp("kode_kec", (Summed(post_table.sheet, post_table.frame, sums),)),
        ),
    ]


def _people(plan: Plan, lang: Lang) -> list[Table]:
    """Make the tables of need against people at hand, and of reaction times; none where nothing is known of them."""
    tables = []
    escorted = escort.escorts(plan)
    if not escorted.empty:
        escorted["wave"] = wave_words(escorted["wave"], escorted["stage"], plan.inputs.operation.overnight, lang)
        tables.append(table_of("pengawalan", escorted, [*escorted.columns], lang, total=("trips", "officer_trips")))
    if not plan.strength.empty:
        rows = plan.strength.reset_index()
        rows["nama_kec"] = looked_up(plan.inputs.kecamatan["nama"], rows["kode_kec"])
        sent = plan.staffing.reset_index()
        sent["kode_kec"] = looked_up(plan.posts["kode_kec"], sent["kode_post"])
        sent["nama_kec"] = looked_up(plan.inputs.kecamatan["nama"], sent["kode_kec"])
        sent["nama_satuan"] = looked_up(plan.inputs.personel["nama"], sent["kode_satuan"])
        sent["satuan_sumber"] = terms(looked_up(plan.inputs.personel["sumber"], sent["kode_satuan"]), lang)
        sent["home"] = [say("tables.ya" if home else "tables.tidak", lang) for home in sent["home"]]
        sent["minutes_to_post"] = minutes_of(sent["seconds"])
        counts = ["needed", "strength_home", "lent", "missing", "spare"]
        rows = rows.rename(columns={"home": "strength_home"})
        columns = ["kode_post", "kode_kec", "nama_kec", "kode_satuan", "nama_satuan", "satuan_sumber", "officers"]
        tables += [
            table_of("personel_kecamatan", rows, ["kode_kec", "nama_kec", *counts], lang, total=counts),
            table_of("personel_pos", sent, [*columns, "home", "minutes_to_post"], lang, total=("officers",)),
        ]
    if not plan.reactions.empty:
        rows = plan.reactions.reset_index().join(plan.tps[PLACE], on="kode_tps")
        rows["nama_polsek"] = looked_up(plan.inputs.tempat["nama"], rows["kode_polsek"])
        rows["reaction_minutes"] = minutes_of(rows["seconds"].where(rows["seconds"] >= 0))
        rows["in_time"] = [say("tables.ya" if within else "tables.tidak", lang) for within in rows["in_time"]]
        tables.append(
            table_of("reaksi", rows, ["kode_tps", *PLACE, "nama_polsek", "reaction_minutes", "in_time"], lang)
        )
    return tables


def _data(plan: Plan, lang: Lang) -> list[Table]:
    tps = pd.DataFrame(plan.tps.drop(columns="geometry")).reset_index()
    for name in SOURCED:
        tps[name] = terms(tps[name], lang)
    lost = plan.unserved.reset_index().join(plan.tps[PLACE], on="kode_tps").sort_values("kode_tps")
    lost["reason"] = terms(lost["reason"], lang)
    return [
        table_of(
            "tps",
            tps,
            ["kode_tps", *PLACE, *TAGS],
            lang,
            total=("pemilih",),
        ),
        table_of("tidak_terlayani", lost, ["kode_tps", *PLACE, "stage", "reason"], lang),
        _problems("catatan", plan.notes, lang),
        _problems("janji", plan.broken, lang),
    ]


def _problems(file: str, problems: Iterable[Problem], lang: Lang) -> Table:
    rows = [
        (
            report.where(problem, lang) if problem.file else "",
            problem.value,
            report.what(problem, lang),
            report.hint(problem, lang),
        )
        for problem in problems
    ]
    columns = ["place", "value", "what", "hint"]
    return table_of(file, pd.DataFrame(rows, columns=columns, dtype=str), columns, lang)


def _about(plan: Plan, tables: Sequence[Table], lang: Lang) -> list[tuple[str, str]]:
    """Say what a workbook is: the operation, its notices, its sheets and its sources."""

    def row(what: str, words: str) -> tuple[str, str]:
        return say(f"tables.about_{what}", lang), words

    def source(which: str, **values: object) -> tuple[str, str]:
        return row("source", say(f"tables.about_source_{which}", lang, **values).rstrip())

    inputs = plan.inputs
    kit, pattern, speeds = inputs.kit_rules, inputs.pattern, inputs.speeds
    broken = say("tables.about_broken_text", lang, n=len(plan.broken))
    return [
        row("operation", inputs.operation.operation.name),
        row("version", plan.version),
        *([row("broken", broken)] if plan.broken else []),
        *(row("notice", line) for line in notices(plan, lang)),
        *(row("sheet", table.sheet) for table in tables),
        row("sheet", say("tables.about_csv", lang)),
        source("kit", name=kit.name),
        *(
            source(
                "item",
                name=item.nama if lang == "id" else item.name,
                per_tps=item.per_tps,
                sumber=say(f"term.{item.sumber}", lang),
                source=item.source,
            )
            for item in kit.items
        ),
        *(
            source(
                "ballot",
                name=ballot.nama if lang == "id" else ballot.name,
                spare=thousands(ballot.spare_percent, lang, 1),
                sumber=say(f"term.{ballot.sumber}", lang),
                source=ballot.source,
            )
            for ballot in kit.ballots
        ),
        source(
            "load",
            kg=thousands(kit.kg_per_kotak, lang, 1),
            m3=thousands(kit.m3_per_kotak, lang, 3),
            sumber=say(f"term.{kit.load_sumber}", lang),
            source=kit.load_source,
        ),
        source("pattern", name=pattern.name, sumber=say(f"term.{pattern.sumber}", lang), source=pattern.source),
        source("speeds", sumber=say(f"term.{speeds.sumber}", lang), source=speeds.source),
        *(source("file", file=file, digest=digest) for file, digest in inputs.sha256.items()),
    ]
