"""By which stages the boxes of a kecamatan go: each kecamatan may skip a place or take a way of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kaur_gis.config.days import Kembali, Stage
from kaur_gis.config.words import refuse

Row = TypeVar("Row", Stage, Kembali)


def way_of(rows: Sequence[Row], begin: str, kode_kec: str) -> tuple[Row, ...]:
    """List the rows by which the boxes of a kecamatan go, one after the other.

    At each kind of place that is the row which names the kecamatan; where none does, the one that names no kecamatan.

    Parameters
    ----------
    rows : sequence of Stage or Kembali
        In the order in which they are driven.
    begin : str
        Kind of place at which boxes are.
    kode_kec : str

    Returns
    -------
    tuple of Stage or Kembali
    """
    named = {row.origin for row in rows if kode_kec in row.kecamatan}
    at, found = begin, list[Row]()
    for row in rows:
        mine = kode_kec in row.kecamatan or not (row.kecamatan or row.origin in named)
        if mine and row.origin == at:
            at = row.target
            found.append(row)
    return tuple(found)


def ways_of(rows: Sequence[Row], begin: str) -> dict[str, tuple[Row, ...]]:
    """List the rows of each kecamatan that a row names, by its code, and of all others, by ``""``; as `way_of`."""
    return {kec: way_of(rows, begin, kec) for kec in ("", *sorted({kode for row in rows for kode in row.kecamatan}))}


def every_way_leads(rows: Sequence[Row], begin: str, end: str) -> None:
    """Refuse rows that lead some kecamatan to no end, or two ways at once, or that no kecamatan takes."""
    used = set()
    for kode_kec, way in ways_of(rows, begin).items():
        used |= {row.name for row in way}
        if not way or way[-1].target != end:
            words = "kecamatan {kec}: the stages do not lead from the {begin} to the {end}"
            refuse("rule_way", words, kec=kode_kec or "-", begin=begin, end=end)
    starts = [(row.origin, kode) for row in rows for kode in row.kecamatan or ("",)]
    for row in rows:
        if row.name not in used or any(starts.count((row.origin, kode)) > 1 for kode in row.kecamatan or ("",)):
            refuse("rule_way_unused", "no kecamatan takes stage {stage}, or two begin alike", stage=row.name)
