"""What vehicles do and cost, out and back: their days, the hours of their drivers, their kilometres, and the price."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.shifts import shifts_back, shifts_out

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

COLUMNS = {
    "fleet": "str",
    "way": "str",
    "vehicle_days": "int64",
    "hours": "float64",
    "km": "float64",
    "cost_days": "int64",
    "cost_km": "int64",
    "cost": "int64",
    "sumber": "str",
}
WAYS = ("pergi", "kembali")
DAY = pd.Timedelta(days=1)


def shifts(plan: Plan) -> pd.DataFrame:
    """List the working days of all drivers, out and back.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    DataFrame
        As `shifts_out`, with `way`, "pergi" or "kembali"; `days`, how many vehicle-days it counts for: one on the way
        out, and after counting one for each 24 hours begun; `hours` from begin to end, and `most_hours` of the row.
    """
    operation = plan.inputs.operation
    out = shifts_out(operation, plan.trips, plan.legs).assign(way=WAYS[0])
    back = shifts_back(operation, plan.back_trips, plan.back_legs).assign(way=WAYS[1])
    table = pd.concat([out, back], ignore_index=True)
    most = {fleet.kode: fleet.jam_sopir for fleet in operation.fleet}
    hours = (table["ends"] - table["begins"]).dt.total_seconds() / 3600
    return table.assign(days=_vehicle_days(table), hours=hours, most_hours=table["fleet"].map(most).astype("float64"))


def _vehicle_days(table: pd.DataFrame) -> list[int]:
    """Count the days for which each working day costs: on the way back every 24 hours begun that none before covers."""
    paid: dict[str, pd.Timestamp] = {}
    found = dict.fromkeys(table.index, 1)
    back = table[table["way"] == WAYS[1]].sort_values("begins")
    for row, vehicle, begins, ends in back[["vehicle", "begins", "ends"]].itertuples(name=None):
        since = max(begins, paid.get(vehicle, begins))
        found[row] = max(0, math.ceil((ends - since) / DAY))
        paid[vehicle] = since + found[row] * DAY
    return [found[row] for row in table.index]


def costs(plan: Plan) -> pd.DataFrame:
    """Add up the costs of each row of the fleet that states any, out and back.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    DataFrame
        In the order of the operation: `fleet` (its name), `way` ("pergi" or "kembali"), `vehicle_days`, `hours` of the
        drivers [h], `km` driven [km], `cost_days`, `cost_km` (to the nearest whole number) and their sum `cost`, in the
        currency of the operation file; `sumber` of the row. A row of the fleet that makes no trip at all is one of
        nothing.
    """
    operation, known = plan.inputs.operation, shifts(plan)
    driven = {stage.armada for stage in operation.stages}, {row.armada for row in operation.kembali}
    rows = []
    for fleet in operation.fleet:
        if not (fleet.biaya_tetap or fleet.biaya_per_km):
            continue
        for way, armada in zip(WAYS, driven, strict=True):
            if fleet.stage not in armada:
                continue
            own = known[(known["fleet"] == fleet.kode) & (known["way"] == way)]
            days, metres = int(own["days"].sum()), int(own["metres"].sum())
            fixed, by_km = days * fleet.biaya_tetap, (metres * fleet.biaya_per_km + 500) // 1000
            figures = days, own["hours"].sum(), metres / 1000, fixed, by_km, fixed + by_km
            rows.append((fleet.name, way, *figures, fleet.sumber))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def told(plan: Plan, lang: Lang) -> list[str]:
    """Say hours of drivers and costs in lines, out and back, as far as the operation states any."""
    limited = shifts(plan).dropna(subset="most_hours")
    lines = []
    if not limited.empty:
        longest = limited.groupby("way")["hours"].max()
        ways = "; ".join(
            say("summary.driver_way", lang, way=say(f"tables.way_{way}", lang), hours=thousands(longest[way], lang, 1))
            for way in WAYS
            if way in longest
        )
        lines.append(say("summary.driver", lang, ways=ways))
    table = costs(plan)
    lines += by_row(table, lang)
    if table.empty:
        return lines
    sums = {way: int(table["cost"][table["way"] == way].sum()) for way in WAYS}
    out, back = (thousands(sums[way], lang) for way in WAYS)
    return [*lines, say("summary.cost_total", lang, cost=thousands(sum(sums.values()), lang), out=out, back=back)]


def by_row(table: pd.DataFrame, lang: Lang) -> list[str]:
    """Say what each row of the fleet costs, by a line for each row of `costs`."""
    return [
        say(
            "summary.cost",
            lang,
            fleet=row["fleet"],
            way=say(f"tables.way_{row['way']}", lang),
            cost=thousands(row["cost"], lang),
            days=thousands(row["vehicle_days"], lang),
            hours=thousands(row["hours"], lang, 1),
            km=thousands(row["km"], lang),
            sumber=say(f"term.{row['sumber']}", lang),
        )
        for row in table.to_dict("records")
    ]
