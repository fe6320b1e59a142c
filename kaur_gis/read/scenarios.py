"""The scenarios of an operation file, each as inputs of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import read_inputs
from kaur_gis.read.closures import Asked, closed


def read_scenarios(path: str | Path, *, roads: str | Path | None = None) -> list[tuple[str, Inputs]]:
    """Read an operation, and take it to each of its scenarios.

    Parameters
    ----------
    path : path
        The operation file.
    roads : path, optional
        As in `read_inputs`.

    Returns
    -------
    list of (str, Inputs)
        First the operation as it is, named "", then each scenario by its name.

    Raises
    ------
    InputProblems
        With everything that is wrong; also where there is no scenario.
    """
    file = Path(path)
    inputs = read_inputs(file, roads=roads)
    operation = inputs.operation
    if not operation.skenario:
        raise InputProblems([Problem("scenario_none", file.name, None, "skenario")])
    found = [("", replace(inputs, operation=operation.model_copy(update={"skenario": ()})))]
    problems: list[Problem] = []
    for scenario in operation.skenario:
        own = replace(inputs, operation=operation.in_scenario(scenario))
        asked = Asked(scenario.tutup, file.name, file.parent, operation.layers.allow_outside)
        found.append((scenario.nama, closed(own, [asked], problems, dict(inputs.sha256))))
    if any(problem.level == "refuse" for problem in problems):
        raise InputProblems(problems)
    return found
