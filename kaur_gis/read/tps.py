"""The list of TPS as given."""

from __future__ import annotations

import pandas as pd

from kaur_gis.config import BAWASLU, KERAWANAN, SINYAL, SUMBER_ORDER, Operation
from kaur_gis.layers import KODE_TPS, Tps, checked
from kaur_gis.problems import Problem
from kaur_gis.read.cells import code, decimal, integer, iso_day, text_up_to, words, yes_no
from kaur_gis.read.desa import MAX_NAME, kode_desa
from kaur_gis.read.grid import GATE
from kaur_gis.read.position import NAN, OPTIONAL_COLUMNS, check_near, check_posisi, check_positions, coordinate
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, Table, check_sumber, table_in
from kaur_gis.read.tags import open_to
from kaur_gis.survey import ACCURACY, ANSWERS, DAYS, POSITION_DAY, POSITION_SUMBER, SIGNALS

sumber = words(*SUMBER_ORDER)

SURVEYED = (
    Column(POSITION_SUMBER, sumber, required=False, blank=""),
    Column(POSITION_DAY, iso_day, required=False, blank=""),
    Column(ACCURACY, decimal(0, 1_000_000), required=False, blank=""),
    *(Column(name, words(*ANSWERS), required=False, blank="") for name in SIGNALS.values()),
    *(Column(name, iso_day, required=False, blank="") for name in DAYS.values()),
)
"""What a merged survey says of each TPS beside the columns that are planned with; only checked."""
IDENTITY = (
    Column("kode_tps", code(KODE_TPS, "1704012001001")),
    Column("kode_desa", kode_desa),
    Column("nama_desa", text_up_to(MAX_NAME), required=False, blank=""),  # for people; only compared
    Column("no_tps", integer(1, 999)),
    Column("pemilih", integer(0, 1_000_000)),
    Column("pemilih_sumber", sumber),
    *OPTIONAL_COLUMNS,
    Column("titik_disengaja", yes_no, required=False, blank=False),  # so near another TPS on purpose; only checked
    Column("posisi_data", words("gps", "peta"), required=False, blank=""),
    *(Column(name, coordinate, required=False, blank=NAN) for name in GATE),
    Column("akses_titik_sumber", sumber, required=False, blank=""),
)
"""Which TPS it is, its voters, where it lies, and at which gate a vehicle stops for it."""
TAGS = (
    Column("akses_sulit", yes_no),
    Column("akses_sulit_sumber", sumber),
    Column("sinyal_data", words(*SINYAL), required=False, blank="belum_diketahui"),
    Column("sinyal_data_sumber", sumber, required=False, blank="asumsi"),
    Column("psu_sebelumnya", yes_no),
    Column("psu_sebelumnya_sumber", sumber),
    Column("kerawanan_polri", words(*KERAWANAN), required=False, blank=""),
    Column("kerawanan_polri_sumber", sumber, required=False, blank=""),
    *(Column(f"bawaslu_{name}", words("ya", "tidak"), required=False, blank="") for name in BAWASLU),
    Column("bawaslu_sumber", sumber, required=False, blank=""),
)
"""What is said of it; a file of tags may say it instead (`read.tags`)."""
COLUMNS = (*IDENTITY, *TAGS, *SURVEYED)


def read_tps(raw: Raw, operation: Operation, problems: list[Problem]) -> Table | None:
    """Read the list of TPS.

    Parameters
    ----------
    raw : Raw
        The file.
    operation : Operation
        Study box, legal maximum of voters, expected totals.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Table or None
        Where the operation names a file of tags, what this one leaves open is `tags.UNSAID` until `tags.with_tags`.
    """
    columns = COLUMNS if operation.layers.tanda is None else (*IDENTITY, *open_to(TAGS), *SURVEYED)
    table = table_in(raw, columns, operation.region, problems)
    if table is None:
        return None
    check_positions(table, operation.region)
    check_positions(table, operation.region, GATE)
    check_sumber(table, "akses_lon", "akses_titik_sumber")
    most = operation.election.max_voters_per_tps
    for line, voters in table.rows("pemilih"):
        if voters == 0:
            table.add("voters_none", line, "pemilih", 0, level="note")
        elif voters is not None and voters > most:
            table.add("voters_too_many", line, "pemilih", voters, limit=most)
    check_posisi(table, "posisi_data", without_point="")
    check_near(table, operation.region)
    check_sumber(table, "kerawanan_polri", "kerawanan_polri_sumber")
    for name in BAWASLU:
        check_sumber(table, f"bawaslu_{name}", "bawaslu_sumber")
    _check_totals(table, operation)
    return table


def _check_totals(table: Table, operation: Operation) -> None:
    """Compare the sums with what the decree states; skipped where rows or voters were refused."""
    if any(problem.level == "refuse" for problem in table.own()):
        return
    for what, column, found, expected in (
        ("total_tps", "kode_tps", len(table.frame), operation.election.expected_tps),
        ("total_voters", "pemilih", int(table.frame["pemilih"].sum()), operation.election.expected_voters),
    ):
        if expected is not None and found != expected:
            table.add(what, None, column, found, expected=expected)


def tps_layer(table: Table) -> pd.DataFrame:
    """Make the layer `layers.Tps` of a table without refusals."""
    unused = ["nama_desa", "titik_disengaja", *(column.name for column in SURVEYED)]
    frame = table.frame.sort_values("kode_tps").set_index("kode_tps").drop(columns=unused)
    kinds = dict.fromkeys(frame.columns, "str")
    kinds |= dict.fromkeys(("no_tps", "pemilih"), "int64") | dict.fromkeys(("lon", "lat", *GATE), "float64")
    kinds |= dict.fromkeys(("akses_sulit", "psu_sebelumnya"), "bool")
    layer = frame.astype(kinds)
    layer.index = layer.index.astype("str")
    return checked(layer, Tps)
