"""A written run, read again: the exact form alone is enough, no other file of the run is opened."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import pyarrow.parquet as pq
from pandera.geopandas import GeoDataFrameModel
from pyarrow import ArrowException

from kaur_gis.config import Operation, RoadClosure, Strict
from kaur_gis.inputs import Closure, Inputs, Roads
from kaur_gis.layers import checked, checked_geo, empty
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read.road_order import ordered
from kaur_gis.rules import GuardPattern, KitRules, SpeedTable
from kaur_gis.store import (
    EXACT,
    EXTRAS,
    FORMAT_VERSION,
    LAYERS,
    MANIFEST,
    OPTIONAL,
    PLAN_LAYERS,
    REST,
    RUN_FORMAT,
    travel_file,
)
from kaur_gis.travel import TravelTimes

RULE_MODELS: dict[str, type[Strict]] = {
    "operation": Operation,
    "kit_rules": KitRules,
    "pattern": GuardPattern,
    "speeds": SpeedTable,
}
MAX_SHOWN = 20  # faults listed per layer
FAULTS = {"field_uniqueness": "run_layer_twice", "not_nullable": "run_layer_blank"}  # those with words of their own


def read_plan(folder: str | Path) -> Plan:
    """Read a run that `write_plan` wrote.

    Parameters
    ----------
    folder : path
        Folder of the run.

    Returns
    -------
    Plan
        Equal to the one that was written; its travel times show no drives (`TravelTimes.paths`), which are in the legs.

    Raises
    ------
    InputProblems
        Where the folder is no run, or a file of it is missing, damaged or not as its layer says.
    """
    run = Path(folder)
    _check_manifest(run)
    problems: list[Problem] = []
    exact = run / EXACT
    frames: dict[str, Any] = {}
    for name, layer in LAYERS.items():
        try:
            frames[name] = _read_layer(exact / f"{name}.parquet", layer)
        except pandera.errors.SchemaErrors as error:
            problems += faults(f"{EXACT}/{name}.parquet", error.failure_cases)
        except (OSError, ValueError, KeyError, TypeError, ArrowException) as error:
            problems.append(_damaged(f"{name}.parquet", error))
    found: dict[str, Any] = {}
    for name, model in RULE_MODELS.items():
        try:
            found[name] = model.model_validate_json((exact / f"{name}.json").read_bytes())
        except (OSError, ValueError) as error:
            problems.append(_damaged(f"{name}.json", error))
    try:
        rest = json.loads((exact / REST).read_text(encoding="utf-8"))
        roads = rest["roads"]
        as_of = dt.date.fromisoformat(roads["as_of"]) if roads["as_of"] else None
        input_notes, notes, broken = (_problems(rest[key]) for key in ("input_notes", "notes", "broken"))
        keys = [(str(vehicle), str(weather)) for vehicle, weather in rest["travel"]]
        digests = {str(name): str(digest) for name, digest in rest["sha256"].items()}
        schematic, source = bool(roads["schematic"]), str(roads["source"])
        closures = tuple(_closure(row) for row in roads["closures"])
        closed = dict(zip(keys, rest["travel_closed"], strict=True))
        now = _moment(rest.get("now"))  # a run that was written before plans knew it tells none
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputProblems([*problems, _damaged(REST, error)]) from error
    travel = {}
    for key, hours in closed.items():
        try:
            travel[key] = _read_hours(exact, *key, hours)
        except (OSError, ValueError, KeyError, TypeError, ArrowException) as error:
            problems.append(_damaged(travel_file(*key), error))
    if problems:
        raise InputProblems(problems)
    inputs = Inputs(
        **found,
        kecamatan=frames["kecamatan"],
        desa=frames["desa"],
        tempat=frames["tempat"],
        tps=frames["tps_daftar"],
        roads=ordered(Roads(frames["road_nodes"], frames["road_edges"], schematic, as_of, source, closures)),
        notes=input_notes,
        sha256=digests,
        **{name: frames[name] for name in EXTRAS},
    )
    layers = {name: frames[name] for name in PLAN_LAYERS}
    return Plan(inputs=inputs, **layers, travel=travel, now=now, notes=notes, broken=broken)


def _check_manifest(run: Path) -> None:
    try:
        manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
        ours = manifest["format"] == RUN_FORMAT
        version = int(manifest["format_version"]) if ours else 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputProblems([Problem("not_a_run", file=run.name)]) from error
    if not ours:
        raise InputProblems([Problem("not_a_run", file=run.name)])
    if version != FORMAT_VERSION:
        problem = Problem(
            "run_of_other_version", file=run.name, value=str(version), details={"expected": FORMAT_VERSION}
        )
        raise InputProblems([problem])


def _read_layer(path: Path, layer: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Read one layer, in the types of its model where Parquet has none of its own (seconds)."""
    if path.stem in OPTIONAL and not path.exists():
        nothing: pd.DataFrame = empty(layer)
        return nothing
    geo = issubclass(layer, GeoDataFrameModel)
    frame = gpd.read_parquet(path) if geo else pd.read_parquet(path)
    times = [name for name in frame.columns if frame[name].dtype.kind == "M"]
    frame = frame.astype(dict.fromkeys(times, "datetime64[s]"))
    return checked_geo(frame, cast("type[GeoDataFrameModel]", layer)) if geo else checked(frame, layer)


def _read_hours(exact: Path, vehicle: str, weather: str, hours: Iterable[Iterable[int]]) -> TravelTimes:
    """Read the matrices of a vehicle in one weather: that of voting day first, then those while others are closed."""
    own, *others = (tuple(map(int, closed)) for closed in hours)
    times = _read_travel(exact / travel_file(vehicle, weather), vehicle, weather, own)
    other = {one: _read_travel(exact / travel_file(vehicle, weather, one), vehicle, weather, one) for one in others}
    return replace(times, at_other_hours=other)


def _read_travel(path: Path, vehicle: str, weather: str, closed: tuple[int, ...]) -> TravelTimes:
    table = pq.read_table(path)
    columns = {name: table.column(name).to_pylist() for name in ("seconds", "metres")}
    n = table.num_rows
    return TravelTimes(
        vehicle=vehicle,
        weather=weather,
        stops=pd.Index(table.column("kode_stop").to_pylist(), name="kode_stop", dtype="str"),
        seconds=np.array(columns["seconds"], dtype=np.int64).reshape(n, n),
        lengths=np.array(columns["metres"], dtype=np.int64).reshape(n, n),
        snap_m=table.column("snap_m").to_numpy().astype(np.float64),
        carry_m=table.column("carry_m").to_numpy().astype(np.float64),
        carry_s=table.column("carry_s").to_numpy().astype(np.int64),
        closed=closed,
    )


def _closure(row: dict[str, Any]) -> Closure:
    asked = RoadClosure.model_validate_json(json.dumps(row["asked"]))
    return Closure(asked, tuple(int(edge) for edge in row["edges"]), float(row["metres"]), bool(row["in_force"]))


def _moment(said: str | None) -> pd.Timestamp | None:
    return None if said is None else pd.Timestamp(dt.datetime.fromisoformat(said).replace(tzinfo=None))


def _problems(rows: list[dict[str, Any]]) -> tuple[Problem, ...]:
    return tuple(Problem(**row) for row in rows)


def _damaged(file: str, error: Exception) -> Problem:
    return Problem("run_file_bad", file=f"{EXACT}/{file}", details={"cause": f"{type(error).__name__}: {error}"[:300]})


def faults(file: str, cases: pd.DataFrame) -> list[Problem]:
    """Say the faults of one layer, the first of them; a code that stands twice is one fault."""
    again = cases["check"].eq("field_uniqueness") & cases.duplicated(["column", "check", "failure_case"])
    rows = cases[~again].head(MAX_SHOWN).itertuples()
    return [
        Problem(
            FAULTS.get(str(row.check), "run_layer_bad"),
            file=file,
            column=str(row.column),
            value="" if row.check == "not_nullable" else str(row.failure_case),
            details={"check": str(row.check), "index": str(row.index)},
        )
        for row in rows
    ]
