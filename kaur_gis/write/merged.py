"""A merged survey as files: the list of TPS with what was measured, and every conflict beside it."""

from __future__ import annotations

import csv
import errno
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.inputs import Inputs
from kaur_gis.merge import Merged
from kaur_gis.problems import OutputError
from kaur_gis.report import visible
from kaur_gis.survey import OPERATORS
from kaur_gis.write.safely import cell_text, replace_with
from kaur_gis.write.workbook import Table, write_csv

COLUMNS = ("kode_tps", "nama_desa", "no_tps", "apa", "baris", "daftar", "jawaban", "metres", "dipakai")


_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def conflicts_file(path: Path) -> Path:
    """Name the file of conflicts that belongs to a merged list."""
    return path.with_name(f"{path.stem}_pertentangan.csv")


def taken_already(path: Path, lang: Lang) -> str:
    """Say why a merged list can't stand at a place: it, or the file of its conflicts, is there; "" where it can."""
    there = [file for file in (path, conflicts_file(path)) if file.exists() or file.is_symlink()]
    return say("survey.out_there", lang, file=visible(there[0].name)) if there else ""


def write_merged(merged: Merged, listed: Sequence[Sequence[str]], inputs: Inputs, path: Path, lang: Lang) -> list[Path]:
    """Write the list of TPS again with what was measured, and the conflicts.

    Parameters
    ----------
    merged : Merged
    listed : sequence of sequence of str
        The list as it was, as `read.read_list` gives it.
    inputs : Inputs
        Of the same operation: names of the villages.
    path : Path
        The new list; it and the file beside it must not be there yet.
    lang : {"id", "en"}
        Language of the conflicts.

    Returns
    -------
    list of Path
        The list, and the conflicts.

    Raises
    ------
    OutputError
        Where one of the files is there already, or could not be written.
    """
    if why := taken_already(path, lang):
        raise OutputError(errno.EEXIST, why)
    header = list(listed[0])
    new = [name for name in merged.taken.columns if name not in header and (merged.taken[name] != "").any()]
    key = header.index("kode_tps")
    rows = []
    for row in listed[1:]:
        mine = merged.taken.loc[row[key]].to_dict() if row[key] in merged.taken.index else {}
        cells = zip([*header, *new], [*row, *[""] * len(new)], strict=True)
        rows.append([_cell(mine.get(name) or was) for name, was in cells])
    with replace_with(path) as file, file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([[*header, *new], *rows])
    write_csv(conflicts_table(merged, inputs, lang), conflicts_file(path))
    return [path, conflicts_file(path)]


def conflicts_table(merged: Merged, inputs: Inputs, lang: Lang) -> Table:
    """Lay the conflicts out for people."""
    found = merged.conflicts
    tps = inputs.tps.loc[found["kode_tps"]]
    frame = pd.DataFrame(
        {
            "kode_tps": found["kode_tps"].astype(str),
            "nama_desa": inputs.desa["nama"].loc[tps["kode_desa"]].to_numpy(),
            "no_tps": tps["no_tps"].to_numpy(),
            "apa": [
                say(f"survey.conflict_{apa}", lang, operator=OPERATORS.get(operator, ""))
                for apa, operator in zip(found["apa"], found["operator"], strict=True)
            ],
            "baris": found["baris"].astype("int64"),
            "daftar": found["daftar"].astype(str),
            "jawaban": found["jawaban"].astype(str),
            "metres": found["metres"].astype(float),
            "dipakai": [say("tables.ya" if taken else "tables.tidak", lang) for taken in found["dipakai"]],
        }
    )
    heads = {name: say(f"survey.about_{name}", lang) for name in COLUMNS}
    return Table("pertentangan", "pertentangan", frame[list(COLUMNS)], heads, decimals={"metres": 0})


def told(merged: Merged, inputs: Inputs, answers: pd.DataFrame, path: Path, lang: Lang, most: int = 20) -> list[str]:
    """Say what was taken and what disagrees, the first of it."""
    taken, found = merged.taken, merged.conflicts
    lines = [
        say(
            "survey.merged",
            lang,
            answers=len(answers),
            n_tps=answers["kode_tps"].nunique(),
            positions=int((taken["lon"] != "").sum()),
            signals=int((taken["sinyal_data"] != "").sum()),
        )
    ]
    use = say("survey.use", lang, file=visible(path.name))
    if found.empty:
        return [*lines, say("survey.no_conflict", lang), use]
    untaken = int((~found["dipakai"].astype(bool)).sum())
    lines.append(say("survey.conflicts", lang, n=len(found), untaken=untaken, file=conflicts_file(path).name))
    shown = conflicts_table(merged, inputs, lang).frame
    for row, used in zip(shown.head(most).itertuples(), found["dipakai"], strict=False):
        values_of = {"kode_tps": row.kode_tps, "desa": visible(str(row.nama_desa)), "no_tps": row.no_tps}
        answer = {"apa": row.apa, "daftar": row.daftar or "-", "jawaban": row.jawaban}
        word = say("survey.taken_ya" if used else "survey.taken_tidak", lang)
        lines.append("  " + say("survey.conflict", lang, **values_of, **answer, taken=word))
    if len(found) > most:
        lines.append("  " + say("survey.more", lang, n=len(found) - most))
    return [*lines, use]


def _cell(text: str) -> str:
    """Keep numbers as they are; any other text must not begin a formula where people open the list."""
    return text if _NUMBER.fullmatch(text) else cell_text(text)
