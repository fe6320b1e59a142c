"""What a plan that was made again changes, for the meeting: a page to print, a workbook, and its tables as CSV."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.cut.tell import SHEET_STATES, TPS_STATES, headlines, paper_of, version_of, what_becomes
from kaur_gis.summary import notices
from kaur_gis.write.index import opened, tag
from kaur_gis.write.laid_out import table_of
from kaur_gis.write.manifest import holds
from kaur_gis.write.safely import replace_with, web_text
from kaur_gis.write.workbook import Table, texts, write_book_and_csv

if TYPE_CHECKING:
    from kaur_gis.cut.delta import Delta
    from kaur_gis.plan import Plan

NAME = "perubahan"
CLASSES = {"i": " class=n", "f": " class=n", "M": " class=t"}  # of the cells of a column, by the kind of its values
DECIMALS = {"lat": 6, "lon": 6, "km": 1, "metres": 0} | dict.fromkeys(("minutes", "later_min", "drive_min"), 0)
STYLE = """
table{border-collapse:collapse;width:100%;font-size:.85rem}th,td{border:1px solid #777;padding:.15rem .4rem}
th{text-align:left;vertical-align:top;background:#e8e8e8}td{overflow-wrap:break-word}
td.n{text-align:right;white-space:nowrap}main{overflow-x:auto}body{max-width:80rem}
@media screen{body{max-width:100rem}table{font-size:.8rem;line-height:1.25}td.t{white-space:nowrap}
td.w{min-width:17rem}}
@page{size:A4 landscape;margin:12mm}
@media print{main{max-width:none;overflow:visible}body{max-width:none;padding:0}thead{display:table-header-group}
table{font-size:.62rem}td,th{padding:.05rem .25rem}
tr{break-inside:avoid}h2{break-after:avoid}}
"""


def write_changes(delta: Delta, folder: str | Path, lang: Lang) -> list[Path]:
    """Write ``perubahan.html``, ``perubahan.xlsx`` and its tables as CSV.

    Parameters
    ----------
    delta : Delta
    folder : path
        Folder of the new run. The CSV files stand in ``tabel/`` inside it.
    lang : {"id", "en"}

    Returns
    -------
    list of Path

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    place = Path(folder)
    (place / "tabel").mkdir(parents=True, exist_ok=True)
    tables = tables_of(delta, lang)
    told = headlines(delta, lang)
    about = [
        (say("tables.about_operation", lang), delta.after.inputs.operation.operation.name),
        *((say("delta.changes", lang), line) for line in told),
        *((say("tables.about_notice", lang), line) for line in notices(delta.after, lang)),
    ]
    page = place / f"{NAME}.html"
    with replace_with(page) as new:
        new.write_text("\n".join(_page(delta, told, tables, lang)), "utf-8")
    return [page, *write_book_and_csv(place / f"{NAME}.xlsx", (say("tables.about", lang), about), tables, "tabel/")]


def keep_changes(plan: Plan, folder: str | Path, new: Path) -> None:
    """Take over what an earlier run of the same plan says of its changes: the plan alone does not know them.

    Parameters
    ----------
    plan : Plan
    folder : path
        Of the earlier run; there need not be one.
    new : Path
        Folder of the new run, with ``tabel/``.

    Raises
    ------
    OSError
        Where a file could not be copied.
    """
    old = Path(folder)
    if holds(plan, old):
        for file in [*old.glob(f"{NAME}.*"), *old.glob(f"tabel/{NAME}_*.csv")]:
            if not file.is_symlink():
                shutil.copyfile(file, new / file.relative_to(old))


def tables_of(delta: Delta, lang: Lang) -> list[Table]:
    """Lay out what changes for each TPS, vehicle, sheet and stage; who could take over, and who moved, where any did.

    Returns
    -------
    list of Table
    """
    tables = [_tps(delta, lang), _vehicles(delta, lang), _sheets(delta, lang), _stages(delta, lang)]
    if len(delta.duties):
        words = [(say(f"delta.kind_{kind}", lang), kode) for kind, kode in delta.duties.index]
        shown = pd.DataFrame(words, columns=["kind", "kode"], dtype="str")
        states = [say(f"delta.is_{state}", lang) for state in delta.duties["state"]]
        tables.append(_table("petugas", shown.assign(state=pd.Series(states, dtype="str")), lang))
    if len(delta.spares):
        spares = delta.spares.assign(minutes=(delta.spares["seconds"] / 60).where(delta.spares["seconds"] >= 0))
        shown = spares.reset_index()[["kode_trip", "vehicle", "spare", "minutes"]]
        tables.append(_table("cadangan", shown, lang))
    if len(delta.moves):
        who = pd.DataFrame(delta.after.tps)[["nama_kec", "nama_desa", "no_tps"]]
        shown = who.join(delta.moves[["metres", "lat", "lon"]], how="inner").rename_axis("kode_tps").reset_index()
        tables.append(_table("pindah", shown, lang))
    return tables


def _tps(delta: Delta, lang: Lang) -> Table:
    """Say of each TPS for which something changes what becomes of it; who is cut off first."""
    order = delta.tps["state"].map(TPS_STATES.index).sort_values(kind="stable").index
    rows = delta.tps.loc[order]
    who = pd.DataFrame(delta.before.tps).loc[order, ["nama_kec", "nama_desa", "no_tps"]]
    words = pd.Series([say(f"delta.now_{state}", lang) for state in rows["state"]], index=order, dtype="str")
    told = rows[rows["state"].isin(["cut_off", "late"]) | (rows["days"].fillna(0) != 0)]
    ends = {kode: what_becomes(row, lang) for kode, row in told.iterrows()}
    why = pd.Series([ends.get(kode, "") for kode in order], index=order, dtype="str")
    shown = who.assign(state=words, minutes=rows["minutes"], pemilih=rows["pemilih"], kotak=rows["kotak"])
    shown = shown.join(rows[["was", "now", "now_late", "deadline"]]).assign(what=why).join(rows[["lat", "lon"]])
    return _table("tps", shown.rename_axis("kode_tps").reset_index(), lang)


def _vehicles(delta: Delta, lang: Lang) -> Table:
    """Count the sheets of each vehicle by what becomes of them; those with another sheet first."""
    counts = pd.crosstab(delta.sheets["vehicle"], delta.sheets["state"])
    counts = counts.reindex(columns=list(SHEET_STATES), fill_value=0).rename_axis(columns=None)
    others = counts.drop(columns="valid").sum(axis=1)
    counts = counts.loc[others.eq(0).sort_values(kind="stable").index].add_prefix("n_")
    return _table("kendaraan", counts.reset_index(), lang)


def _sheets(delta: Delta, lang: Lang) -> Table:
    """Name every sheet with the plan and the hash that it bears; what to replace first."""
    order = delta.sheets["state"].map(SHEET_STATES.index).sort_values(kind="stable").index
    rows = delta.sheets.loc[order]
    shown = rows.assign(
        state=pd.Series([say(f"delta.is_{state}", lang) for state in rows["state"]], index=order, dtype="str"),
        version=pd.Series([version_of(delta, state) for state in rows["state"]], index=order, dtype="str"),
        paper=pd.Series([paper_of(paper) for paper in rows["paper"]], index=order, dtype="str"),
    )
    return _table("lembar", shown.reset_index()[["kode_trip", "vehicle", "paper", "state", "version", "hash"]], lang)


def _stages(delta: Delta, lang: Lang) -> Table:
    return _table("tahap", delta.stages.reset_index(), lang)


def _table(name: str, frame: pd.DataFrame, lang: Lang) -> Table:
    heads = {
        column: say(f"delta.head_{column}", lang)
        for column in frame.columns
        if column not in {"kode_tps", "nama_kec", "nama_desa", "no_tps", "kode_trip", "vehicle", "stage"}
    }
    laid = table_of(f"{NAME}_{name}", frame, list(frame.columns), lang, heads=heads)
    return replace(laid, decimals=DECIMALS)


def _cells(table: Table, name: str, lang: Lang) -> list[str]:
    """Write a column as people read it: times to the minute, numbers with the signs of the language."""
    column = table.frame[name]
    if column.dtype.kind == "M":
        return ["" if pd.isna(time) else f"{time:%d-%m %H:%M}" for time in column]
    if column.dtype.kind == "i":
        return [thousands(value, lang) for value in column]
    if column.dtype.kind == "f" and name not in {"lat", "lon"}:
        return ["" if pd.isna(value) else thousands(value, lang, table.decimals_of(name)) for value in column]
    return texts(column, table.decimals_of(name), web_text)


def _page(delta: Delta, told: list[str], tables: list[Table], lang: Lang) -> Iterator[str]:
    """Lay the page out: the figures, then every table that is not empty."""
    yield opened(say("delta.page", lang, operation=delta.after.inputs.operation.operation.name), lang, STYLE)
    yield f"<ul>{''.join(tag('li', line) for line in told)}</ul>"
    for table in tables:
        if len(table.frame):
            yield tag("h2", table.sheet)
            shown = [str(name) for name in table.frame.columns]
            if "what" in shown:  # which says the point in words: the row is wide enough
                shown = [name for name in shown if name not in {"lat", "lon"}]
            heads = "".join(tag("th", table.heads[name]) for name in shown)
            yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
            kinds = [" class=w" if name == "what" else CLASSES.get(table.frame[name].dtype.kind, "") for name in shown]
            columns = [_cells(table, name, lang) for name in shown]
            for row in zip(*columns, strict=True):
                inner = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
                yield f"<tr>{inner}</tr>"
            yield "</tbody></table>"
    yield f"{tag('h2', say('index.notices', lang))}<ul>"
    yield from (tag("li", line) for line in notices(delta.after, lang))
    yield "</ul></main></body></html>\n"
