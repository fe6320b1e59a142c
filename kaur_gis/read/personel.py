"""The officers at hand: Polsek, Polres and those on loan (BKO), by unit."""

from __future__ import annotations

import re

import pandas as pd

from kaur_gis.config import SUMBER_ORDER, Region
from kaur_gis.layers import KODE_KEC, UNIT_KINDS, Personel, checked
from kaur_gis.problems import Problem
from kaur_gis.read.cells import Fault, code, integer, own_code, text_up_to, words
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.near import near
from kaur_gis.read.places import kode_tempat
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, Table, table_in

kode_kec = code(KODE_KEC, "17.04.01")


def several_kec(text: str) -> str | Fault:
    """Parse codes of kecamatan with spaces, commas or semicolons between."""
    found = [kode_kec(part) for part in re.split(r"[\s,;]+", text) if part]
    faults = [part for part in found if isinstance(part, Fault)]
    return faults[0] if faults else " ".join(sorted({str(part) for part in found}))


COLUMNS = (
    Column("kode_satuan", own_code("POLSEK-01")),
    Column("jenis", words(*UNIT_KINDS)),
    Column("nama", text_up_to(MAX_NAME)),
    Column("kode_tempat", kode_tempat),
    Column("petugas", integer(0, 100_000)),
    Column("menjaga", several_kec, required=False, blank=""),
    Column("sumber", words(*SUMBER_ORDER)),
)


def read_personel(raw: Raw, region: Region, problems: list[Problem]) -> Table | None:
    """Read the table of officers.

    Parameters
    ----------
    raw : Raw
        The file.
    region : Region
        Study box.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Table or None
    """
    return table_in(raw, COLUMNS, region, problems)


def check_personel(personel: Table, places: Table, kecamatan: set[str]) -> None:
    """Check that every unit stands at a known place and guards known kecamatan.

    A Polsek that names no kecamatan guards that of its place.
    """
    for line, kode in personel.cells("kode_tempat"):
        if kode not in places.codes:
            personel.add("code_unknown", line, "kode_tempat", kode, **near(kode, sorted(places.codes)))
    for line, codes in personel.cells("menjaga"):
        for kode in codes.split():
            if kode not in kecamatan:
                personel.add("code_unknown", line, "menjaga", kode, **near(kode, sorted(kecamatan)))
    at = dict(places.frame[["kode_tempat", "kode_kec"]].to_numpy())
    own = (personel.frame["jenis"] == "polsek") & (personel.frame["menjaga"] == "")
    personel.frame.loc[own, "menjaga"] = personel.frame.loc[own, "kode_tempat"].map(at)


def personel_layer(table: Table) -> pd.DataFrame:
    """Make the layer `layers.Personel` of a table without refusals."""
    frame = table.frame.sort_values("kode_satuan").set_index("kode_satuan")
    layer: pd.DataFrame = frame.astype(dict.fromkeys(frame.columns, "str") | {"petugas": "int64"})
    layer.index = layer.index.astype("str")
    return checked(layer, Personel)
