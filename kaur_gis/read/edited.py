"""What people changed in the GeoPackage of a run: its tables go before the exact form when a plan is judged again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import shapely
from pandera.geopandas import GeoDataFrameModel

from kaur_gis.changed import changed
from kaur_gis.config import Source
from kaur_gis.layers import CRS, checked, checked_geo
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read.geopackage import read_geopackage
from kaur_gis.read.raw import Raw
from kaur_gis.read.run import MAX_SHOWN, faults
from kaur_gis.read.safely import read_bytes
from kaur_gis.store import INPUT_LAYERS, MANIFEST, PLAN_LAYERS

PACKAGE = "layers.gpkg"


class Edited(NamedTuple):
    """A plan as its GeoPackage has it.

    Attributes
    ----------
    plan : Plan
    rows : mapping
        Layer -> rows that are not as in the exact form, gone or new; only layers with any.
    codes : frozenset of str
        Codes of these rows, and of their vehicles.
    given : mapping
        The same of inputs, which a plan is not made of again by changing them here.
    unpinned : tuple of str
        Trips said to be kept from an older plan that a hand changed: they are judged as any other.
    """

    plan: Plan
    rows: Mapping[str, int]
    codes: frozenset[str] = frozenset()
    given: Mapping[str, int] = MappingProxyType({})
    unpinned: tuple[str, ...] = ()


def edited(plan: Plan, folder: str | Path) -> Edited:
    """Take the layers of a plan from the GeoPackage of its run, where that has them.

    Parameters
    ----------
    plan : Plan
        The exact form.
    folder : path
        Folder of the run; without a GeoPackage in it the plan stays as it is.

    Returns
    -------
    Edited

    Raises
    ------
    InputProblems
        Where the GeoPackage is damaged, or a layer of it is not in the form that its model says.
    """
    if not (Path(folder) / PACKAGE).exists():
        return Edited(plan, {})
    problems: list[Problem] = []
    data = read_bytes(Path(folder), PACKAGE, problems, {}, suffixes=[".gpkg"])
    if not data:
        raise InputProblems(problems)
    own = {name: _read(data, name, getattr(plan, name), model, problems) for name, model in PLAN_LAYERS.items()}
    if problems:
        raise InputProblems(problems)
    layers = {name: frame for name, frame in own.items() if frame is not None}
    found = {name: _changed(getattr(plan, name), frame) for name, frame in layers.items()}
    codes = frozenset().union(*(of for _, of in found.values()))
    given = {}
    for name, (exact, model) in _given(plan).items():
        strange: list[Problem] = []
        frame = _read(data, name, exact, model, strange)
        if frame is not None or strange:
            given[name] = len(strange) if frame is None else _changed(exact, frame)[0]
    edits = replace(plan, **cast("dict[str, Any]", layers))
    by_hand = edits.trips["pinned"] & edits.trips.index.isin(codes)  # what is loaded or delivered `replan` knows alone
    edits = (
        replace(edits, trips=edits.trips.assign(pinned=edits.trips["pinned"] & ~by_hand)) if by_hand.any() else edits
    )
    unpinned = tuple(edits.trips.index[by_hand])
    return Edited(edits, {name: n for name, (n, _) in found.items()}, codes, given, unpinned)


def _given(plan: Plan) -> dict[str, tuple[pd.DataFrame, type[pa.DataFrameModel]]]:
    """List the inputs that people see in the GeoPackage and may take for the plan; each road is there once."""
    edges = plan.inputs.roads.edges
    roads = edges[(edges["twin"] < 0) | (edges.index < edges["twin"])]
    tables = {name: (getattr(plan.inputs, name), INPUT_LAYERS[name]) for name in ("desa", "tempat", "personel")}
    return {**tables, "jalan": (roads, INPUT_LAYERS["road_edges"])}


def _read(
    data: bytes, name: str, exact: pd.DataFrame, model: type[pa.DataFrameModel], problems: list[Problem]
) -> pd.DataFrame | None:
    """Read one layer; None where it is as it was written. One that is gone has lost all its rows."""
    missing: list[Problem] = []
    found = read_geopackage(Raw(PACKAGE, data, how=Source(layer=name)), missing)
    others = [problem for problem in missing if problem.what != "layer_unknown"]
    problems += others
    if others or not (found or len(exact)):
        return None
    try:
        frame = _framed(found[1] if found else [], exact)
        geo = isinstance(frame, gpd.GeoDataFrame)
        if geo and name in PLAN_LAYERS and (shapeless := _shapeless(name, frame, exact)):
            problems += shapeless
            return None
        frame = checked_geo(frame, cast("type[GeoDataFrameModel]", model)) if geo else checked(frame, model)
    except pandera.errors.SchemaErrors as error:
        problems += faults(f"{PACKAGE}: {name}", error.failure_cases)
    except KeyError as error:
        column, details = str(error.args[0]), {"nearest": ""}
        problems.append(Problem("column_missing", file=f"{PACKAGE}: {name}", column=column, details=details))
    except (ValueError, TypeError, OverflowError) as error:
        details = {"cause": f"{type(error).__name__}: {error}"[:300]}
        problems.append(Problem("run_file_bad", file=f"{PACKAGE}: {name}", details=details))
    else:
        return frame if _changed(exact, frame)[0] else None
    return None


def layers_edited(plan: Plan, folder: str | Path) -> list[str]:
    """Name the layers that somebody changed in the GeoPackage of a run; where it can't be read, the file itself.

    Nothing is read where its digest is that of the manifest.

    Parameters
    ----------
    plan : Plan
        The exact form.
    folder : path
        Folder of the run.
    """
    package = Path(folder) / PACKAGE
    if not package.is_file():
        return []
    try:
        was = json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8"))["files"][PACKAGE]["sha256"]
        with package.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() == was:
                return []
        found = edited(plan, folder)
        return sorted({*found.rows, *found.given})
    except (InputProblems, OSError, ValueError, KeyError, TypeError):
        return [PACKAGE]


def _framed(features: list[dict[str, Any]], exact: pd.DataFrame) -> pd.DataFrame:
    """Lay out features as the layer has them: types, index and order of the columns."""
    whole = exact.reset_index()
    table = pd.DataFrame([feature["properties"] for feature in features], columns=None if features else whole.columns)
    columns = {name: _typed(table[name], whole[name]) for name in whole.columns if name != "geometry"}
    frame = pd.DataFrame(columns)
    if isinstance(exact, gpd.GeoDataFrame):
        own = [feature["geometry"] for feature in features]
        shapes = [shapely.geometry.shape(one) if one and one["type"] != "?" else None for one in own]
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CRS))
        frame = frame.set_geometry(frame.geometry.fillna(shapely.LineString()))
    return frame[list(whole.columns)].set_index(list(exact.index.names)).sort_index()


def _shapeless(name: str, frame: gpd.GeoDataFrame, exact: gpd.GeoDataFrame) -> list[Problem]:
    """Say where a shape is gone or is of another kind, which nobody can measure; a way that is none never had one."""
    shapes, kinds = frame.geometry, sorted(set(exact.geom_type))
    xy, at = shapely.get_coordinates(shapes.to_numpy(), return_index=True)
    bad = shapes.is_empty & ~frame.index.isin(exact.index[exact.is_empty])
    bad |= np.isin(np.arange(len(frame)), at[~np.isfinite(xy).all(axis=1)])
    if kinds:  # else the layer is new
        bad |= ~frame.geom_type.isin(kinds)
    return [
        Problem(
            "run_layer_shape",
            file=f"{PACKAGE}: {name}",
            column="geometry",
            value="" if shape.is_empty else shape.wkt[:40],
            details={
                "index": " ".join(map(str, row if isinstance(row, tuple) else (row,))),
                "wanted": "/".join(kinds) or "geometry",
            },
        )
        for row, shape in shapes[bad].head(MAX_SHOWN).items()
    ]


def _typed(values: pd.Series, like: pd.Series) -> pd.Series:
    """Take values of SQLite to the type of a column."""
    kind = like.dtype.kind
    if kind == "M":
        # local times, however a program wrote them: with or without parts of a second, or "Z" for a zone not known
        return pd.to_datetime(values, utc=True, format="ISO8601").dt.tz_localize(None).astype(like.dtype)
    return (
        values.astype(like.dtype) if kind in "biuf" else values.astype("str").where(values.notna()).astype(like.dtype)
    )


def _changed(exact: pd.DataFrame, found: pd.DataFrame) -> tuple[int, set[str]]:
    """Count the rows that are gone, new or other, and list their codes; one that stands twice is new."""
    twice = found.index.duplicated()
    once = found[~twice]
    same = exact.index.intersection(once.index)
    other = same[changed(exact.loc[same], once.loc[same])] if len(same) else same
    rows = [own.loc[own.index.isin(other) | ~own.index.isin(same)] for own in (exact, once)] + [found[twice]]
    codes = {part for own in rows for at in own.index for part in (at if isinstance(at, tuple) else (at,))}
    codes |= {vehicle for own in rows if "vehicle" in own for vehicle in own["vehicle"]}
    n = len(exact) + len(found) - 2 * len(same) + len(other)
    return n, {code for code in codes if isinstance(code, str)}
