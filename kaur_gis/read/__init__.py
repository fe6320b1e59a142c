"""Border in: untrusted files become checked layers, or one list of everything that is wrong.

`read_inputs` is the whole of it; each table has a module of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import shapely

from kaur_gis.config import Lang, Operation, RoadClosure
from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import references
from kaur_gis.read.closures import asked_in_operation, asked_on_command_line, closed
from kaur_gis.read.features import SUFFIXES as FEATURES
from kaur_gis.read.grid import TABLES, read_grid
from kaur_gis.read.kecamatan import read_kecamatan
from kaur_gis.read.opened import opened
from kaur_gis.read.osm_layers import study_area
from kaur_gis.read.road_order import ordered
from kaur_gis.read.tables import IGNORED_COLUMN, clean_text
from kaur_gis.read.tps import COLUMNS as TPS_COLUMNS
from kaur_gis.read.whole import read_whole

__all__ = ["Checked", "check_inputs", "read_area", "read_inputs", "read_list", "read_operation"]


def read_operation(path: str | Path) -> Operation:
    """Read and check the operation file alone.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    Operation

    Raises
    ------
    InputProblems
        Where the file is refused.
    """
    return opened(path).operation


def read_area(path: str | Path) -> tuple[Operation, shapely.Geometry]:
    """Read what a download needs: the operation, and its area in lon, lat.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    operation : Operation
    area : Geometry
        The kecamatan and `roads.buffer_m` around them; the study box where they can't be read yet.

    Raises
    ------
    InputProblems
        Where the operation file is refused.
    """
    reading = opened(path)
    operation, region = reading.operation, reading.operation.region
    polygons = reading.raw("kecamatan", FEATURES)
    kecamatan = None if polygons is None else read_kecamatan(polygons, region, reading.problems)[0]
    references.check_metric_crs(region, reading.file, reading.problems)
    if kecamatan is not None and not reading.refused:
        return operation, study_area(operation, kecamatan)
    return operation, shapely.box(region.west_lon, region.south_lat, region.east_lon, region.north_lat)


def read_inputs(
    path: str | Path,
    *,
    roads: str | Path | None = None,
    closures: Sequence[str | RoadClosure] = (),
    lang: Lang | None = None,
) -> Inputs:
    """Read and check everything that an operation names.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).
    roads : str or Path, optional
        An OSM file to use instead of the roads that the operation names.
    closures : sequence of str or RoadClosure, optional
        Roads that are closed besides those of the operation, e.g. ``"titik:-4.79,103.31,200"``; see `cut.closure_of`.
    lang : {"id", "en"}, optional
        Language of the plan instead of the operation's.

    Returns
    -------
    Inputs

    Raises
    ------
    InputProblems
        With everything that was found in all the files, when anything is refused.
    """
    checked = check_inputs(path, roads=roads, closures=closures, lang=lang)
    if checked.inputs is None:
        raise InputProblems(checked.problems)
    return replace(checked.inputs, roads=ordered(checked.inputs.roads))


def read_list(path: str | Path) -> list[list[str]]:
    """Read the list of TPS of an operation as text, under our columns, to write it again with other values.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    list of list of str
        The header and the rows: our columns and free notes; what a foreign file has besides is left out.

    Raises
    ------
    InputProblems
        Where the operation file or the list is refused.
    """
    reading = opened(path)
    raw = reading.raw("tps", TABLES)
    grid = None if raw is None else read_grid(raw, reading.operation.region, reading.problems)
    if grid is None:
        raise InputProblems(reading.problems)
    known = {IGNORED_COLUMN, *(column.name for column in TPS_COLUMNS)}
    at = [number for number, name in enumerate(grid.rows[0]) if clean_text(name)[0] in known]
    return [[clean_text(row[number])[0] for number in at] for row in grid.rows]


@dataclass(frozen=True)
class Checked:
    """What came of reading, whether anything was refused or not.

    Attributes
    ----------
    inputs : Inputs or None
        None where anything is refused.
    problems : tuple of Problem
        Everything found, of any level.
    points : mapping
        (file, row) -> longitude and latitude as the file gives them, for the rows that could be read.
    """

    inputs: Inputs | None
    problems: tuple[Problem, ...]
    points: Mapping[tuple[str, int], tuple[float, float]]


def check_inputs(
    path: str | Path,
    *,
    roads: str | Path | None = None,
    closures: Sequence[str | RoadClosure] = (),
    lang: Lang | None = None,
) -> Checked:
    """Read and check everything that an operation names, and say what came of it.

    Parameters
    ----------
    path, roads, closures, lang
        As in `read_inputs`.

    Returns
    -------
    Checked

    Raises
    ------
    InputProblems
        Where the operation file itself is refused.
    """
    reading = opened(path)
    if lang is not None:
        spoken = reading.operation.operation.model_copy(update={"lang": lang})
        reading.operation = reading.operation.model_copy(update={"operation": spoken})
    unread: list[Problem] = []
    asked = asked_on_command_line(closures, unread)
    inputs = read_whole(reading, None if roads is None else Path(roads))
    if inputs is not None:
        places = [asked_in_operation(reading.operation, reading.file, reading.folder), asked]
        inputs = closed(inputs, places, reading.problems, reading.sha256)
    reading.problems += unread
    return Checked(None if reading.refused else inputs, tuple(reading.problems), reading.points)
