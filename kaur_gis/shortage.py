"""A TPS runs short of one kind of ballot: who lies nearest by road and has some to spare."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.report import visible
from kaur_gis.travel import TravelTimes


def donors(plan: Plan, kode_tps: str, jenis: str, *, short: int | None = None) -> pd.DataFrame:
    """Find the TPS that can help, the nearest first.

    Ballots to spare are those above the number of voters: a donor keeps one for each of its voters. Ballots printed
    by dapil are taken from the same dapil alone. A TPS to which the plan brings nothing gives nothing.

    Parameters
    ----------
    plan : Plan
        Made or read again.
    kode_tps : str
        The TPS that is short.
    jenis : str
        Kind of ballot: its key in the rule file.
    short : int, optional
        How many ballots are missing: only those are listed who are needed, nearest first. Without it everyone is
        listed who has a ballot to spare, giving all of them.

    Returns
    -------
    DataFrame
        By `kode_tps`, nearest first: nama_desa, no_tps, nama_kec, dapil; seconds [s] and metres [m] by road from there
        to the TPS that is short, by the vehicle of the guards in the planned weather (rows that no road joins are left
        out); spare, gives, keeps (ballots).

    Raises
    ------
    InputProblems
        For a TPS or a kind that the plan does not know, or a kind by dapil where the dapil is not known.
    """
    kinds = {kind.key: kind for kind in plan.inputs.kit_rules.ballots}
    problems = [] if kode_tps in plan.tps.index else [Problem("tps_not_in_plan", value=kode_tps)]
    if jenis not in kinds:
        problems.append(Problem("ballot_unknown", value=jenis, details={"known": ", ".join(kinds)}))
    if not problems and kinds[jenis].by_dapil and plan.kits.loc[kode_tps, "dapil"] == "":
        problems.append(Problem("shortage_without_dapil", value=kode_tps))
    if problems:
        raise InputProblems(problems)
    found = pd.DataFrame(plan.tps[["nama_desa", "no_tps", "nama_kec"]]).join(plan.kits[["dapil", f"suara_{jenis}"]])
    found["seconds"], found["metres"] = _road(plan, kode_tps)
    found["spare"] = found.pop(f"suara_{jenis}") - plan.tps["pemilih"]
    near = (found["spare"] > 0) & (found["seconds"] != TravelTimes.UNREACHABLE) & (found.index != kode_tps)
    near &= ~found.index.isin(plan.unserved.index)
    if kinds[jenis].by_dapil:
        near &= found["dapil"] == found.loc[kode_tps, "dapil"]
    found = found[near].rename_axis("kode_tps").reset_index().sort_values(["seconds", "metres", "kode_tps"])
    found = found.set_index("kode_tps")
    wanted = int(found["spare"].sum()) if short is None else short
    before = found["spare"].cumsum() - found["spare"]
    found["gives"] = np.minimum(found["spare"], (wanted - before).clip(lower=0))
    found["keeps"] = plan.kits[f"suara_{jenis}"].reindex(found.index) - found["gives"]
    return found[found["gives"] > 0]


def lines(found: pd.DataFrame, kode_tps: str, jenis: str, short: int | None, lang: Lang) -> list[str]:
    """Tell what `donors` found: a head, a line a TPS, and how many ballots are still missing."""
    if found.empty:
        return [say("shortage.none", lang)]
    named = {"kode_tps": kode_tps, "jenis": jenis, "n": len(found)}
    told = [say("shortage.head_all" if short is None else "shortage.head_short", lang, short=short, **named)]
    for number, (kode, row) in enumerate(zip(found.index, found.to_dict("records"), strict=True), start=1):
        texts = {str(name): visible(value) if isinstance(value, str) else value for name, value in row.items()}
        way = {"km": thousands(row["metres"] / 1000, lang, 1), "minutes": thousands(row["seconds"] / 60, lang)}
        told.append(say("shortage.row", lang, number=number, kode_tps=kode, **way, **texts))
    missing = (short or 0) - int(found["gives"].sum())
    return told if missing <= 0 else [*told, say("shortage.missing", lang, missing=missing)]


def _road(plan: Plan, kode_tps: str) -> tuple[pd.Series, pd.Series]:
    """Seconds and metres from every TPS to one; UNREACHABLE where there is no way."""
    operation = plan.inputs.operation
    times = plan.travel[operation.guard.vehicle, operation.weather.plan]
    target = times.stops.get_loc(plan.tps.loc[kode_tps, "kode_stop"])
    origins = times.stops.get_indexer(pd.Index(plan.tps["kode_stop"]))
    index = plan.tps.index
    return pd.Series(times.seconds[origins, target], index), pd.Series(times.metres[origins, target], index)
