"""TPS moved at the last moment, as the command line says them."""

from __future__ import annotations

from collections.abc import Sequence

from kaur_gis.cut.move import move_tps
from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read.position import position_fault
from kaur_gis.read.safely import printable

COMMAND = "--pindah"


def moved_on_command_line(inputs: Inputs, lines: Sequence[str]) -> Inputs:
    """Move the TPS that the command line names.

    Parameters
    ----------
    inputs : Inputs
    lines : sequence of str
        ``KODE_TPS:LAT,LON`` each.

    Returns
    -------
    Inputs

    Raises
    ------
    InputProblems
        For lines that say something else, TPS that are not in the list or stand there twice, and places outside the
        study area.
    """
    problems: list[Problem] = []
    places: dict[str, tuple[float, float]] = {}
    for line in lines:
        kode, _, where = line.partition(":")
        kode = kode.strip()
        try:
            lat, lon = (float(part) for part in where.split(","))
        except ValueError:
            lat = lon = float("nan")
        if not (abs(lat) < float("inf") and abs(lon) < float("inf")) or kode in places:
            problems.append(Problem("move_bad", COMMAND, value=printable(line)))
        elif fault := position_fault(lon, lat, inputs.operation.region):
            value = f"{lon:g}, {lat:g}"
            problems.append(Problem(fault.what, COMMAND, None, kode, value, details=dict(fault.details)))
        else:
            places[kode] = (lat, lon)
    try:
        moved = move_tps(inputs, places)
    except InputProblems as error:
        problems += error.problems
    if problems:
        raise InputProblems(problems)
    return moved
