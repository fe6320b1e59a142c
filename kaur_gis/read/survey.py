"""Answers of the survey form, as ODK Central, KoboToolbox, a GeoPackage or a hand-made table brings them back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kaur_gis.config import Region
from kaur_gis.layers import KODE_TPS
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read.cells import code, decimal, iso_day, words
from kaur_gis.read.grid import TABLES, Grid, read_grid
from kaur_gis.read.position import OPTIONAL_COLUMNS, check_positions
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import read_bytes
from kaur_gis.read.tables import Column, table_of
from kaur_gis.survey import ANSWERS, SIGNALS

NAN = float("nan")
COLUMNS = (
    Column("kode_tps", code(KODE_TPS, "1704012001001")),
    Column("tanggal", iso_day),
    *OPTIONAL_COLUMNS,
    Column("akurasi_m", decimal(0, 1_000_000), required=False, blank=NAN),
    *(Column(name, words(*ANSWERS), required=False, blank="") for name in SIGNALS.values()),
)
THEIRS = {
    "posisi-longitude": "lon",
    "posisi-latitude": "lat",
    "posisi-accuracy": "akurasi_m",
    "_posisi_longitude": "lon",
    "_posisi_latitude": "lat",
    "_posisi_precision": "akurasi_m",
}
"""How ODK Central and KoboToolbox call the parts of the question ``posisi``."""
GEOPOINT = "posisi"
PARTS = ("lat", "lon", "akurasi_m")
"""What a whole answer to it holds, with the height before the last: ``-4.79 103.31 12.5 6``."""


def read_answers(path: str | Path, region: Region) -> pd.DataFrame:
    """Read what a survey brought back.

    Parameters
    ----------
    path : str or Path
        CSV, workbook, GeoPackage, GeoJSON or Shapefile with `kode_tps` and `tanggal`; columns that nobody asked for
        (of the server, of photographs) are passed over.
    region : Region
        Study area, in which every point must lie.

    Returns
    -------
    DataFrame
        A row an answer: `baris` (its row in the file), `kode_tps`, `tanggal` (ISO), `lon`, `lat` (NaN where no point
        was taken), `akurasi_m` (NaN where the phone did not say), ``sinyal_<operator>`` ("" where not answered).

    Raises
    ------
    InputProblems
        With everything that is wrong.
    """
    problems: list[Problem] = []
    file = Path(path)
    data = read_bytes(file.parent, file.name, problems, {}, suffixes=TABLES, allow_outside=True)
    grid = None if data is None else read_grid(Raw(file.name, data, key="survei"), region, problems)
    table = None
    if grid is not None:
        table = table_of(_ours(grid), COLUMNS, problems, keyed=False)
    if table is not None:
        check_positions(table, region)
    if table is None or any(problem.level == "refuse" for problem in problems):
        raise InputProblems(problems)
    frame = table.frame.rename_axis("baris").reset_index()
    kinds = dict.fromkeys(("lon", "lat", "akurasi_m"), "float64") | dict.fromkeys(SIGNALS.values(), "str")
    answers = pd.DataFrame(frame.astype({"baris": "int64", "kode_tps": "str", "tanggal": "str", **kinds}))
    answers.attrs["file"] = file.name
    return answers


def _ours(grid: Grid) -> Grid:
    """Keep the columns of the form, under our names; rows that are too short or too long stay so, to be refused."""
    known = [column.name for column in COLUMNS]
    at: dict[str, int] = {}
    for number, cell in enumerate(grid.rows[0]):
        name = cell.strip()
        ours = THEIRS.get(name.casefold().replace(":", "-"), name)
        if ours in known:
            at.setdefault(ours, number)
    wide = len(grid.rows[0])
    whole = next((number for number, cell in enumerate(grid.rows[0]) if cell.strip().casefold() == GEOPOINT), None)
    split = [] if whole is None or {"lon", "lat"} & at.keys() else [part for part in PARTS if part not in at]
    rows = []
    for row in grid.rows[1:]:
        if len(row) == wide:
            parts = dict(zip(PARTS, _parts(row[whole]), strict=True)) if split and whole is not None else {}
            rows.append([*(row[number] for number in at.values()), *(parts[part] for part in split)])
        else:
            rows.append(row)
    return Grid(grid.raw, grid.lines, [[*at, *split], *rows])


def _parts(answer: str) -> tuple[str, str, str]:
    """Take the answer to a geopoint apart; what is none stays whole, to be refused."""
    numbers = answer.split()
    if len(numbers) not in {0, 2, 3, 4}:
        return answer, answer, ""
    lat, lon, _, accuracy = [*numbers, *[""] * (4 - len(numbers))]
    return lat, lon, accuracy
