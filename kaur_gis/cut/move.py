"""TPS moved at the last moment: their old place and all its distances are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, Problem


def move_tps(inputs: Inputs, places: Mapping[str, tuple[float, float]]) -> Inputs:
    """Put TPS elsewhere.

    Parameters
    ----------
    inputs : Inputs
    places : mapping
        `kode_tps` -> latitude and longitude of its new place.

    Returns
    -------
    Inputs
        With the new places, known as points on a map, and a note for each; with nothing to move, as they are.

    Raises
    ------
    InputProblems
        For a TPS that is not in the list.
    """
    unknown = sorted(set(places) - set(inputs.tps.index))
    if unknown:
        raise InputProblems([Problem("tps_not_in_plan", value=kode) for kode in unknown])
    if not places:
        return inputs
    tps = inputs.tps.copy()
    codes = sorted(places)
    tps.loc[codes, "lat"] = [places[kode][0] for kode in codes]
    tps.loc[codes, "lon"] = [places[kode][1] for kode in codes]
    tps.loc[codes, "posisi_data"] = "peta"
    tps.loc[codes, ["akses_lon", "akses_lat"]] = float("nan")  # the gate of the old place
    tps.loc[codes, "akses_titik_sumber"] = ""
    return replace(inputs, tps=tps)


def moves_of(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, metric_crs: str) -> pd.DataFrame:
    """Compare where the TPS lie.

    Parameters
    ----------
    before, after : GeoDataFrame
        Layer `PlacedTps`, the same TPS.
    metric_crs : str

    Returns
    -------
    DataFrame
        Indexed by `kode_tps`, only those that moved: `metres` from the old place to the new one, its `lat` and `lon`.
    """
    old, new = before.geometry, after.geometry.loc[before.index]
    codes = before.index[(old.x.to_numpy() != new.x.to_numpy()) | (old.y.to_numpy() != new.y.to_numpy())]
    there = gpd.GeoSeries(new.loc[codes], crs=CRS)
    metres = there.to_crs(metric_crs).distance(gpd.GeoSeries(old.loc[codes], crs=CRS).to_crs(metric_crs))
    frame = pd.DataFrame({"metres": metres, "lat": there.y, "lon": there.x}, index=codes)
    return frame.astype("float64").rename_axis("kode_tps")


def stop_names(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, moved: Collection[str]) -> dict[str, str]:
    """Say how the stops of those that stay are called now: a stop bears the smallest code of the TPS there.

    Returns
    -------
    dict
        Code of a stop -> its new code, only where it is another.
    """
    stay = before.index.difference(pd.Index(moved))
    names = zip(before["kode_stop"].loc[stay], after["kode_stop"].loc[stay], strict=True)
    return {str(old): str(new) for old, new in names if old != new}


def renamed(plan: Plan, names: Mapping[str, str]) -> Plan:
    """Call the stops of the legs of a plan, of the way out, by other codes."""
    if not names:
        return plan
    ends = {column: plan.legs[column].replace(dict(names)) for column in ("from_stop", "to_stop")}
    return replace(plan, legs=plan.legs.assign(**ends))


def notes_of(moves: pd.DataFrame) -> list[Problem]:
    """Say of each TPS that it was moved, as notes."""
    return [
        Problem(
            "tps_moved",
            value=str(kode),
            level="note",
            details={"metres": round(row["metres"]), "lat": f"{row['lat']:.6f}", "lon": f"{row['lon']:.6f}"},
        )
        for kode, row in moves.iterrows()
    ]


def refuse_loaded(plan: Plan, moved: Collection[str], loaded: Collection[str]) -> None:
    """Refuse to move a TPS whose boxes are on their way to its old place.

    Raises
    ------
    InputProblems
    """
    last = plan.inputs.operation.to_tps
    at = plan.loads.index[plan.loads.index.get_level_values("kode_tps").isin(list(moved))]
    problems = [
        Problem("tps_loaded", value=kode, details={"trip": code})
        for code, kode in sorted(at)
        if code in loaded and plan.trips["stage"][code] in last
    ]
    if problems:
        raise InputProblems(problems)
