"""What is different in a plan that was made again: for each TPS, each sheet, each stage."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaur_gis.cut.reach import last_reached
from kaur_gis.fingerprint import sheet_hashes
from kaur_gis.plan import Plan
from kaur_gis.summary import arrivals


@dataclass(frozen=True)
class Delta:
    """What is different in a plan that was made again.

    Attributes
    ----------
    before, after : Plan
    tps : DataFrame
        Indexed by `kode_tps`, only those for which something changes: `state` (``cut_off`` had a trip and has none,
        ``late`` comes after the deadline of its wave in the heavier weather and did not, ``moved`` comes at another
        time, ``back`` had no trip and has one), `minutes` later (NaN where it has no time before or after), `pemilih`,
        `kotak`, and for those cut off by road `lon` and `lat` of the last point of the road that can be reached.
    sheets : DataFrame
        Indexed by `kode_trip`, every trip of either plan: `vehicle`, `state` (``valid`` as it was, ``changed``,
        ``new``, ``void``; ``blocked``: loaded already, but its road is closed) and `hash`, which names its contents.
    stages : DataFrame
        Indexed by stage, in their order: `later_min`, the minutes by which the boxes of all TPS together come later to
        its end (those without a time on either side do not count), `drive_min` and `km`, more driving than before.
    spares : DataFrame
        As `spare.spares`: for each trip of a vehicle that broke down, who could take it over as it is.
    moves : DataFrame
        As `move.moves_of`: TPS that lie elsewhere now.
    """

    before: Plan
    after: Plan
    tps: pd.DataFrame
    sheets: pd.DataFrame
    stages: pd.DataFrame
    spares: pd.DataFrame
    moves: pd.DataFrame

    @property
    def minutes_lost(self) -> float:
        """Minutes by which all TPS together are served later; those that have no time on either side do not count."""
        return float(self.tps["minutes"].sum())


def delta_of(
    before: Plan, after: Plan, *, blocked: Collection[str], spares: pd.DataFrame, moves: pd.DataFrame
) -> Delta:
    """Compare two plans of the same TPS.

    Parameters
    ----------
    before, after : Plan
    blocked : set of str
        `kode_trip` that are loaded, but whose road is closed.
    spares, moves : DataFrame
        As `Delta` holds them.
    """
    return Delta(
        before, after, _tps(before, after), _sheets(before, after, blocked), _stages(before, after), spares, moves
    )


def _stages(before: Plan, after: Plan) -> pd.DataFrame:
    """Compare what each stage takes."""
    old, new = _handed(before), _handed(after)
    rows = {}
    for stage in before.inputs.operation.stages:
        name = stage.name
        sums = [plan.trips.loc[plan.trips["stage"] == name, ["seconds", "metres"]].sum() for plan in (before, after)]
        was, now = (handed[handed.index.get_level_values("stage") == name] for handed in (old, new))
        rows[name] = {
            "later_min": (now - was).dt.total_seconds().sum() / 60,
            "drive_min": (sums[1]["seconds"] - sums[0]["seconds"]) / 60,
            "km": (sums[1]["metres"] - sums[0]["metres"]) / 1000,
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype("float64").rename_axis("stage")


def _handed(plan: Plan) -> pd.Series:
    """When the boxes of each TPS come to the end of each stage; indexed by `stage` and `kode_tps`."""
    table = plan.loads.reset_index().join(plan.legs["arrive"], on=["kode_trip", "order"])
    table["stage"] = table["kode_trip"].map(plan.trips["stage"])
    return pd.Series(table.set_index(["stage", "kode_tps"])["arrive"])


def _tps(before: Plan, after: Plan) -> pd.DataFrame:
    """Compare when the boxes of each TPS arrive."""
    operation = before.inputs.operation
    old, new = arrivals(before), arrivals(after)
    every = before.tps.index
    was, now = old["arrive"].reindex(every), new["arrive"].reindex(every)
    deadline = {wave.name: pd.Timestamp.combine(operation.day_of(wave), wave.deadline) for wave in operation.waves}

    def late(table: pd.DataFrame) -> pd.Series:
        over = table["arrive_late"].isna() | (table["arrive_late"] > table["wave"].map(deadline))
        return over.reindex(every, fill_value=False)

    state = np.select(
        [was.notna() & now.isna(), was.isna() & now.notna(), late(new) & ~late(old), was.notna() & (was != now)],
        ["cut_off", "back", "late", "moved"],
        "",
    )
    frame = pd.DataFrame({"state": state}, index=every)
    frame["minutes"] = (now - was).dt.total_seconds() / 60
    frame["pemilih"] = before.tps["pemilih"]
    frame["kotak"] = before.kits["kotak"].reindex(every)
    frame = frame[frame["state"] != ""]
    where = last_reached(after, list(frame.index[frame["state"] == "cut_off"]))
    return frame.join(where)


def _sheets(before: Plan, after: Plan, blocked: Collection[str]) -> pd.DataFrame:
    """Compare what stands on the sheet of each trip; with a latest departure that moves later the older one is safe."""
    old, new = sheet_hashes(before), sheet_hashes(after)
    rows = {}
    for code in sorted({*old, *new}):
        state = "valid"
        if code in blocked:
            state = "blocked"
        elif code not in new:
            state = "void"
        elif code not in old:
            state = "new"
        elif old[code] != new[code] or after.trips["depart_latest"][code] < before.trips["depart_latest"][code]:
            state = "changed"
        trips = after.trips if code in new else before.trips
        rows[code] = {"vehicle": trips["vehicle"][code], "state": state, "hash": new.get(code, old.get(code))}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["vehicle", "state", "hash"])
    return frame.rename_axis("kode_trip")
