"""What is different in a plan that was made again: for each TPS, each sheet, each stage."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaur_gis.cut.reach import last_reached
from kaur_gis.distribute.kept import seconds_of
from kaur_gis.fingerprint import in_characters
from kaur_gis.plan import Plan
from kaur_gis.summary import arrivals, may_be_late

PAPERS = {"kotak": "kembali", "salinan": "salinan"}
"""On which paper a trip of the way back stands, by what it brings."""
BY_ROAD = ("no_road", "no_way_back")
"""Reasons of those who are cut off in all the hours that there are: others lack a vehicle, or time while it is open."""


@dataclass(frozen=True)
class Delta:
    """What is different in a plan that was made again.

    Attributes
    ----------
    before, after : Plan
    tps : DataFrame
        Indexed by `kode_tps`, only those for which something changes: `state` (``cut_off`` had a trip and has none,
        ``late`` comes after the deadline of its wave in the heavier weather and did not, ``moved`` comes at another
        time, ``back`` had no trip and has one), `minutes` later (NaN where it has no time before or after), `days` by
        which its wave is another one, negative for earlier (NaN as before), `pemilih`, `kotak`, `was`, `now`,
        `now_late` and `deadline`, when it is reached and when it must be, and for those cut off by road `lon` and `lat`
        of the last point of the road that can be reached, and `dekat`, the village nearest to it.
    sheets : DataFrame
        Indexed by `kode_trip`, every trip of either plan, those of the way back too: `vehicle`, `paper` on which it
        stands (``rute``, ``kembali`` or ``salinan``), `state` (``valid`` as it was, ``changed``, ``new``, ``void``;
        ``blocked``: loaded already, but its road is closed) and `hash`, which names its contents.
    stages : DataFrame
        Indexed by stage, in their order, those of the way back last: `later_min`, the minutes by which the boxes of all
        TPS together come later to its end (those without a time on either side, or on another day, do not count),
        `drive_min` and `km`, more driving than before.
    duties : DataFrame
        Indexed by `kind` (``pos``, a guard post; ``kurir``, a courier) and `kode`, only those that are not as they
        were: `state` (``changed``, ``new``, ``void``).
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
    duties: pd.DataFrame
    spares: pd.DataFrame
    moves: pd.DataFrame

    @property
    def minutes_lost(self) -> float:
        """Minutes by which all TPS together are served later.

        Those that have no time on either side do not count, and neither do those that go on another day: an earlier
        day is no gain, but a deadline that comes sooner.
        """
        return float(self.on_its_day["minutes"].sum())

    @property
    def on_its_day(self) -> pd.DataFrame:
        """Rows of `tps` of those that are served before and after, on the same day."""
        return self.tps[self.tps["days"] == 0]

    @property
    def back_days(self) -> pd.DataFrame:
        """Boxes and copies that come home on another day: dates `was` and `now` by `muatan`, `stage`, `kode_tps`."""
        was, now = (_days_back(plan) for plan in (self.before, self.after))
        both = pd.DataFrame({"was": was, "now": now}).dropna()
        return both[both["was"] != both["now"]]

    @property
    def not_back(self) -> pd.DataFrame:
        """Rows of `back_unserved` that are new: what of which TPS no longer comes back, though it did."""
        gone = self.after.back_unserved
        return gone[~gone.index.isin(self.before.back_unserved.index)]


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
    out, back = (before, after), (before.way_back, after.way_back)
    return Delta(
        before,
        after,
        _tps(before, after),
        pd.concat([_sheets(*out, blocked), _sheets(*back, ())]),
        pd.concat([_stages(*out), _stages(*back)]),
        _duties(before, after),
        spares,
        moves,
    )


def _days_back(plan: Plan) -> pd.Series:
    """By load, leg of the way back and `kode_tps`: midnight of the day on which its trip is home."""
    rows = plan.back_loads.reset_index()[["kode_trip", "kode_tps"]].join(
        plan.back_trips[["muatan", "stage", "back"]], on="kode_trip"
    )
    days: pd.Series = rows.assign(day=rows["back"].dt.normalize()).set_index(["muatan", "stage", "kode_tps"])["day"]
    return days


def _stages(before: Plan, after: Plan) -> pd.DataFrame:
    """Compare what each stage takes."""
    names = [stage.name for stage in before.inputs.operation.stages]
    later_s, drive_s, metres = (dict.fromkeys(names, 0) for _ in range(3))
    was, now = _handed(before), _handed(after)
    for key in was.keys() & now.keys():
        later_s[key[0]] += now[key] - was[key]
    for plan, sign in ((before, -1), (after, 1)):
        for stage, s, m in plan.trips[["stage", "seconds", "metres"]].itertuples(index=False, name=None):
            drive_s[stage] += sign * s
            metres[stage] += sign * m
    return pd.DataFrame(
        {
            "later_min": [later_s[name] / 60 for name in names],
            "drive_min": [drive_s[name] / 60 for name in names],
            "km": [metres[name] / 1000 for name in names],
        },
        index=pd.Index(names, dtype="str", name="stage"),
        dtype="float64",
    )


def _handed(plan: Plan) -> dict[tuple[str, str, int], int]:
    """By stage, `kode_tps` and day of the wave: when its boxes come to the end of the stage [s since 1970]."""
    arrive = seconds_of(plan.legs["arrive"])
    days = {wave.name: wave.days_before for wave in plan.inputs.operation.waves}
    of = {trip: (stage, days[wave]) for trip, stage, wave in plan.trips[["stage", "wave"]].itertuples(name=None)}
    orders = zip(plan.loads.index, plan.loads["order"].tolist(), strict=True)
    return {(of[trip][0], kode, of[trip][1]): arrive[trip, order] for (trip, kode), order in orders}


def _days(plan: Plan) -> dict[str, float]:
    """Day of each wave, counted from voting day."""
    return {wave.name: -float(wave.days_before) for wave in plan.inputs.operation.waves}


def _tps(before: Plan, after: Plan) -> pd.DataFrame:
    """Compare when the boxes of each TPS arrive."""
    every = before.tps.index
    old, new = arrivals(before), arrivals(after)  # by the waves of each: a closure of some hours adds parts of waves
    was, now = old["arrive"].reindex(every), new["arrive"].reindex(every)
    late_was, late = (may_be_late(table).reindex(every, fill_value=False) for table in (old, new))
    state = np.select(
        [was.notna() & now.isna(), was.isna() & now.notna(), late & ~late_was, was.notna() & (was != now)],
        ["cut_off", "back", "late", "moved"],
        "",
    )
    frame = pd.DataFrame({"state": state}, index=every)
    frame["minutes"] = (now - was).dt.total_seconds() / 60
    on = [table["wave"].map(_days(plan)).astype("float64") for table, plan in ((old, before), (new, after))]
    frame["days"] = on[1].reindex(every) - on[0].reindex(every)
    frame["pemilih"] = before.tps["pemilih"]
    frame["kotak"] = before.kits["kotak"].reindex(every)
    frame["was"], frame["now"], frame["now_late"] = was, now, new["arrive_late"].reindex(every)
    frame["deadline"] = new["deadline"].reindex(every).fillna(old["deadline"].reindex(every))
    frame = frame[frame["state"] != ""]
    gone = after.unserved["reason"].isin(BY_ROAD).reindex(frame.index, fill_value=False)
    where = last_reached(after, list(frame.index[(frame["state"] == "cut_off") & gone]))
    return frame.join(where)


def _sheets(before: Plan, after: Plan, blocked: Collection[str]) -> pd.DataFrame:
    """Compare what stands on the sheet of each trip; with a latest departure that moves later the older one is safe."""
    old, new = before.sheets, after.sheets
    was, now = (plan.trips["depart_latest"].to_dict() for plan in (before, after))

    def state(code: str) -> str:
        if code in blocked:
            return "blocked"
        if code not in new or code not in old:
            return "new" if code in new else "void"
        return "changed" if old[code] != new[code] or now[code] < was[code] else "valid"

    said = ["vehicle", "muatan"] if "muatan" in after.trips else ["vehicle"]
    every = {code: own for plan in (before, after) for code, *own in plan.trips[said].itertuples(name=None)}
    rows = [
        (vehicle, PAPERS[muatan[0]] if muatan else "rute", state(code), new.get(code, old.get(code)))
        for code, (vehicle, *muatan) in sorted(every.items())
    ]
    index = pd.Index(sorted(every), dtype="str", name="kode_trip")
    return pd.DataFrame(rows, index=index, columns=["vehicle", "paper", "state", "hash"], dtype="str")


def _duties(before: Plan, after: Plan) -> pd.DataFrame:
    """Compare who guards which TPS, and which way each courier goes."""
    rows = []
    for kind in ("pos", "kurir"):
        old, new = (_duty(plan, kind) for plan in (before, after))
        for code in sorted({*old, *new}):
            if old.get(code) != new.get(code):
                state = "void" if code not in new else "new" if code not in old else "changed"
                rows.append((kind, code, state))
    return pd.DataFrame(rows, columns=["kind", "kode", "state"], dtype="str").set_index(["kind", "kode"])


def _duty(plan: Plan, kind: str) -> dict[str, str]:
    """Say in characters what each guard post or courier does, and for which TPS, by its code."""
    layer, tps, key = (
        (plan.posts, plan.guards, "kode_post") if kind == "pos" else (plan.couriers, plan.channels, "kode_kurir")
    )
    own = tps[tps[key] != ""].sort_values("order", kind="stable")
    return in_characters(key, pd.DataFrame(layer).drop(columns="geometry"), own)
