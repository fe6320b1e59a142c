"""Closures of the operation file and of the command line, with the files of their areas, on the roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import shapely
from pydantic import ValidationError
from shapely.geometry.base import BaseGeometry

from kaur_gis.config import Operation, Region, RoadClosure
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read.features import read_features
from kaur_gis.read.operation import fault
from kaur_gis.read.polygons import PolygonReader, RefusedGeometry
from kaur_gis.read.raw import Raw
from kaur_gis.read.road_order import ordered
from kaur_gis.read.safely import printable, read_bytes

COMMAND = "--tutup"


@dataclass(frozen=True)
class Asked:
    """Closures that were asked for in one place.

    Attributes
    ----------
    closures : tuple of RoadClosure
    file : str
        The operation file, or `COMMAND`.
    folder : Path
        Where the files of areas are named.
    allow_outside : bool
        Whether such a file may lie outside that folder.
    """

    closures: tuple[RoadClosure, ...]
    file: str
    folder: Path
    allow_outside: bool


def asked_on_command_line(lines: Sequence[str | RoadClosure], problems: list[Problem]) -> Asked:
    """Read what was asked for on the command line or in Python; files are named from the working directory."""
    closures = []
    for number, line in enumerate(lines, start=1):
        try:
            closures.append(line if isinstance(line, RoadClosure) else closure_of(line))
        except ValidationError as error:
            problems.append(_refused(error, number, str(line)))
        except ValueError as error:
            problems.append(_unread(number, str(line), str(error)))
    return Asked(tuple(closures), COMMAND, Path(), allow_outside=True)


def _refused(error: ValidationError, number: int, line: str) -> Problem:
    """Say what is wrong with the first value that a closure can't have."""
    detail = error.errors(include_url=False)[0]
    key = next((part for part in detail["loc"] if isinstance(part, str)), "lokasi")
    if detail["type"] == "string_pattern_mismatch":
        return _unread(number, line, "<> titik:..., jalan:..., way:..., area:...")
    what, details = fault(detail)
    value = detail["input"] if isinstance(detail["input"], str) else line
    return Problem(what, COMMAND, None, f"tutup.{number}.{key}", printable(value), details=details)


def _unread(number: int, line: str, reason: str) -> Problem:
    details: dict[str, str | int | float] = {"reason": printable(reason)}
    return Problem("closure_bad", COMMAND, None, f"tutup.{number}", printable(line), details=details)


def asked_in_operation(operation: Operation, file: str, folder: Path) -> Asked:
    """Take what the operation file itself asks for."""
    return Asked(operation.tutup, file, folder, operation.layers.allow_outside)


def closed(inputs: Inputs, places: Sequence[Asked], problems: list[Problem], sha256: dict[str, str]) -> Inputs:
    """Close what was asked for in several places; what is wrong is appended to `problems`."""
    for asked in places:
        areas: dict[str, BaseGeometry] = {}
        before = len(problems)
        for closure in asked.closures:
            if closure.kind == "area" and closure.value not in areas:
                area = _area(asked, closure.value, inputs.operation.region, problems, sha256)
                if area is not None:
                    areas[closure.value] = area
        if any(problem.level == "refuse" for problem in problems[before:]):
            continue
        try:
            inputs = close_roads(inputs, asked.closures, areas, file=asked.file)
        except InputProblems as error:
            problems += error.problems
    return inputs


def _area(
    asked: Asked, name: str, region: Region, problems: list[Problem], sha256: dict[str, str]
) -> BaseGeometry | None:
    """Read the polygons of one file as one area."""
    suffixes = (".geojson", ".json", ".gpkg")
    data = read_bytes(asked.folder, name, problems, sha256, suffixes=suffixes, allow_outside=asked.allow_outside)
    if data is None:
        return None
    polygons, shapes = PolygonReader(region), []
    before = len(problems)
    for number, feature in enumerate(read_features(Raw(name, data, operation=asked.file), region, problems), start=1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        try:
            shape, repairs = polygons.read(geometry)
        except RefusedGeometry as error:
            details = dict(error.fault.details)
            value = str(details.pop("value", ""))
            problems.append(Problem(error.fault.what, name, number, "geometry", value, details=details))
            continue
        shapes.append(shape)
        problems += [Problem(fault.what, name, number, "geometry", "", "fix", fault.details) for fault in repairs]
    refused = any(problem.level == "refuse" for problem in problems[before:])
    return None if refused else shapely.union_all(shapes)


def closed_on_command_line(inputs: Inputs, lines: Sequence[str | RoadClosure]) -> Inputs:
    """Close what the command line asks for, on inputs that were read before.

    Raises
    ------
    InputProblems
        With everything that is wrong.
    """
    problems: list[Problem] = []
    sha256 = dict(inputs.sha256)
    asked = asked_on_command_line(lines, problems)
    found = closed(inputs, [asked], problems, sha256)
    if any(problem.level == "refuse" for problem in problems):
        raise InputProblems(problems)
    return replace(found, roads=ordered(found.roads), sha256=sha256)
