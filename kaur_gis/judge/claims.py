"""Statements on the signal of a TPS, and which of them holds."""

from __future__ import annotations

from kaur_gis.config import SINYAL, SUMBER_ORDER
from kaur_gis.judge.rows import Row

Claim = tuple[str, str, str, str]
"""Operator, signal, source and day."""


def said_by(row: Row) -> Claim:
    """Say a statement by its operator, signal, source and day."""
    return row["operator"], row["sinyal"], row["sumber"], row["tanggal"]


def held_of(claims: set[Claim]) -> dict[str, Claim]:
    """Choose what holds for each operator, of statements of any sources.

    Known signals go before unknown ones, then the better source, the later day, and the worse signal.
    """
    found: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda claim: SINYAL.index(claim[1])):
        found[claim[0]] = max(claim, found.get(claim[0], claim), key=_weight)
    return found


def _weight(claim: Claim) -> tuple[bool, int, str, int]:
    _, sinyal, sumber, tanggal = claim
    return sinyal != SINYAL[-1], -SUMBER_ORDER.index(sumber), tanggal, SINYAL.index(sinyal)
