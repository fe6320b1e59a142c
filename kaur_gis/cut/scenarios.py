"""Plans of several scenarios side by side: what becomes of each TPS, and what each takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.plan import Plan
from kaur_gis.report import visible
from kaur_gis.summary import arrivals, may_be_late

STATES = ("served", "late", "cut")


@dataclass(frozen=True)
class Comparison:
    """Several plans of one operation.

    Attributes
    ----------
    plans : tuple of Plan
        The first is the operation as it is.
    names : tuple of str
        Of the scenarios; "" for the first.
    table : DataFrame
        A row a plan, in their order: `nama`, `n_served`, `n_late` (in time in the planned weather, too late in the
        heavier one), `n_cut` (no trip), `pemilih_cut`, `kotak_cut`, `n_other` (TPS whose state is not that of the
        first plan), `n_earlier` (TPS that go on an earlier day than in the first plan), `trips`,
        `vehicles`, `km`, `hours` of driving.
    state : DataFrame
        Indexed by `kode_tps`, a column a plan, numbered from 0: one of `STATES`.
    wave, day : DataFrame
        The same with the wave of each TPS, "" where it has no trip, and its days before voting day, NaN there.
    """

    plans: tuple[Plan, ...]
    names: tuple[str, ...]
    table: pd.DataFrame
    state: pd.DataFrame
    wave: pd.DataFrame
    day: pd.DataFrame


def state_of(plan: Plan) -> pd.Series:
    """Say of each TPS whether it is served in either weather, late in the heavier one, or not served."""
    there = arrivals(plan)
    states = pd.Series(np.where(may_be_late(there), "late", "served"), index=there.index, dtype="str")
    states[states.index.isin(plan.unserved.index)] = "cut"
    return states.reindex(plan.tps.index, fill_value="cut")


def wave_of(plan: Plan) -> pd.Series:
    """Say in which wave each TPS is served; "" for none."""
    return arrivals(plan)["wave"].reindex(plan.tps.index, fill_value="").astype("str")


def _days_before(plan: Plan, waves: pd.Series) -> pd.Series:
    """Say how many days before voting day each TPS is served; NaN for never."""
    days = {wave.name: float(wave.days_before) for wave in plan.inputs.operation.waves}
    return waves.map(days).astype("float64")


def compared(named: Sequence[tuple[str, Plan]]) -> Comparison:
    """Put plans side by side.

    Parameters
    ----------
    named : sequence of (str, Plan)
        Plans of one operation; the first is what the others are compared with.

    Returns
    -------
    Comparison
    """
    state = pd.DataFrame({number: state_of(plan) for number, (_, plan) in enumerate(named)})
    wave = pd.DataFrame({number: wave_of(plan) for number, (_, plan) in enumerate(named)})
    day = pd.DataFrame({number: _days_before(plan, wave[number]) for number, (_, plan) in enumerate(named)})
    rows = []
    for number, (name, plan) in enumerate(named):
        gone = plan.tps.index[state[number] == "cut"]
        rows.append(
            {
                "nama": name,
                **{f"n_{word}": int((state[number] == word).sum()) for word in STATES},
                "pemilih_cut": int(plan.tps["pemilih"].loc[gone].sum()),
                "kotak_cut": int(plan.kits["kotak"].loc[gone].sum()),
                "n_other": int((state[number] != state[0]).sum()),
                "n_earlier": int((day[number] > day[0]).sum()),
                "trips": len(plan.trips),
                "vehicles": int(plan.trips["vehicle"].nunique()),
                "km": float(plan.trips["metres"].sum()) / 1000,
                "hours": float(plan.trips["seconds"].sum()) / 3600,
            }
        )
    names, plans = zip(*named, strict=True)
    return Comparison(plans, names, pd.DataFrame(rows), state, wave, day)


def lines(found: Comparison, lang: Lang) -> list[str]:
    """Say a comparison as a table for a terminal."""
    columns = ["nama", "n_served", "n_late", "n_cut", "n_other", "n_earlier", "trips", "vehicles", "km", "hours"]
    rows = [[say(f"skenario.short_{column}", lang) for column in columns]]
    for row in found.table[columns].itertuples(index=False, name=None):
        name = visible(str(row[0])) or say("skenario.as_is", lang)
        rows.append([name, *(thousands(round(value), lang) for value in row[1:])])
    widths = [max(len(row[at]) for row in rows) for at in range(len(columns))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
