"""What the vehicles of the way out cost, where the operation says it: for their days and for their kilometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

COLUMNS = {
    "fleet": "str",
    "vehicle_days": "int64",
    "km": "float64",
    "cost_days": "int64",
    "cost_km": "int64",
    "cost": "int64",
    "sumber": "str",
}


def costs(plan: Plan) -> pd.DataFrame:
    """Add up the costs of each row of the fleet that states any.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    DataFrame
        In the order of the operation: `fleet` (its name), `vehicle_days`, `km` driven [km], `cost_days`, `cost_km` (to
        the nearest whole number) and their sum `cost`, in the currency of the operation file; `sumber` of the row.
    """
    rows = []
    for fleet in plan.inputs.operation.fleet:
        if fleet.biaya_tetap or fleet.biaya_per_km:
            own = plan.trips[plan.trips["fleet"] == fleet.kode]
            days, metres = len(own[["vehicle", "wave"]].drop_duplicates()), int(own["metres"].sum())
            fixed, driven = days * fleet.biaya_tetap, (metres * fleet.biaya_per_km + 500) // 1000
            rows.append((fleet.name, days, metres / 1000, fixed, driven, fixed + driven, fleet.sumber))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def told(plan: Plan, lang: Lang) -> list[str]:
    """Say the costs in lines, one a row of the fleet and their sum; none where no row states any."""
    table = costs(plan)
    if table.empty:
        return []
    lines = [
        say(
            "summary.cost",
            lang,
            fleet=row["fleet"],
            cost=thousands(row["cost"], lang),
            days=thousands(row["vehicle_days"], lang),
            km=thousands(row["km"], lang),
            sumber=say(f"term.{row['sumber']}", lang),
        )
        for row in table.to_dict("records")
    ]
    return [*lines, say("summary.cost_total", lang, cost=thousands(int(table["cost"].sum()), lang))]
