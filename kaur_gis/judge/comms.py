"""Promises about the signal: what holds of each TPS, by whom it is said, and who says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from kaur_gis.judge.claims import held_of
from kaur_gis.judge.facts import Broken, Facts


def signals(facts: Facts) -> Iterator[Broken]:
    """Each TPS and operator is told the statement that holds, and every other that says otherwise."""
    plan = facts.plan
    more = bool(len(plan.inputs.sinyal) or len(plan.inputs.cakupan))
    wanted = {}
    for kode, claims in facts.claims.items() if more else ():
        for operator, (_, sinyal, sumber, tanggal) in held_of(claims).items():
            decides = operator == facts.signal[kode][0]
            heard = {"", operator} if decides else {operator}
            others = {
                " / ".join(part or "-" for part in claim)
                for claim in claims
                if claim[0] in heard and claim[1] not in (sinyal, "belum_diketahui")
            }
            count = sum(claim[0] == operator for claim in claims)
            wanted[kode, operator] = (sinyal, sumber, tanggal, count, decides, "; ".join(sorted(others)))
    names = ("sinyal", "sumber", "tanggal", "n_claims", "decides", "differs")
    found = {(row["kode_tps"], row["operator"]): tuple(row[name] for name in names) for row in facts.rows(plan.signals)}
    for key in sorted({*wanted, *found}):
        if found.get(key) != wanted.get(key):
            yield Broken(" ".join(key).strip(), str(found.get(key, "-")), str(wanted.get(key, "-")))
