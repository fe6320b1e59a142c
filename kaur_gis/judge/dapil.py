"""The promise about ballots that differ by electoral district (dapil)."""

from __future__ import annotations

from collections.abc import Iterator

from kaur_gis.judge.facts import Broken, Facts


def dapil(facts: Facts) -> Iterator[Broken]:
    """No ballot of one dapil is on its way to another: kits and loads are the TPS's own, gudang serve theirs alone."""
    inputs = facts.plan.inputs
    by_dapil = any(ballot.by_dapil for ballot in inputs.kit_rules.ballots)
    of_kec = inputs.kecamatan["dapil"].to_dict()
    of_tps = {kode: of_kec.get(row["kode_kec"], "") if by_dapil else "" for kode, row in facts.tps.items()}
    kits, of_place = facts.rows.by_code(facts.plan.kits), inputs.tempat["dapil"].to_dict()
    for kode, wanted in sorted(of_tps.items()):
        if kits[kode]["dapil"] != wanted:
            yield Broken(kode, kits[kode]["dapil"] or "-", wanted or "-")
    for kode_trip, rows in facts.loads.items():
        ends = {leg["order"]: leg["to_stop"] for leg in facts.legs[kode_trip]}
        for row in rows:
            wanted = of_tps[row["kode_tps"]]
            if row["dapil"] != wanted:
                yield Broken(row["kode_tps"], f"{kode_trip}: {row['dapil'] or '-'}", wanted or "-")
            for stop in (facts.trips[kode_trip]["base"], ends[row["order"]]):
                served = of_place.get(stop, "")
                if wanted and served not in {"", wanted}:
                    yield Broken(row["kode_tps"], f"{kode_trip}: {stop} = {served}", wanted)
