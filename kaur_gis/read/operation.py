"""The operation file and its rule files: TOML becomes frozen models, or Problems with the key named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kaur_gis.config import Strict, as_frozen
from kaur_gis.problems import Problem
from kaur_gis.read.safely import printable, text_of
from kaur_gis.read.tables import nearest_of

M = TypeVar("M", bound=Strict)

_SIGNS: Mapping[str, str] = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_TYPES: Mapping[str, str] = {
    "bool_type": "true / false",
    "date_type": "2024-02-14",
    "dict_type": "[...]",
    "finite_number": "1.5",
    "float_type": "1.5",
    "int_type": "1",
    "model_type": "[...]",
    "string_type": '"..."',
    "time_type": "07:00:00",
    "tuple_type": "[..., ...]",
}
"""Type errors of pydantic -> what the key wants, as TOML writes it."""


def read_model(data: bytes, file: str, model: type[M], problems: list[Problem]) -> M | None:
    """Read a TOML file as a model.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name.
    model : type
        A model of `config` or `rules`.
    problems : list of Problem
        What is wrong is appended; the dotted key is the problem's column.

    Returns
    -------
    model or None
    """
    text = text_of(data, file, problems)
    if text is None:
        return None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error))
        row = int(where[1]) if where else text.count("\n") + 1
        problems.append(Problem("bad_toml", file, row, details={"reason": printable(reason)}))
        return None
    except (RecursionError, ValueError):  # nested too deep; a number of thousands of digits
        problems.append(Problem("bad_toml", file, details={"reason": "nesting"}))
        return None
    try:
        return model.model_validate(as_frozen(raw))
    except ValidationError as error:
        problems.extend(_problem(detail, file, model) for detail in error.errors(include_url=False))
        return None


def _problem(detail: ErrorDetails, file: str, model: type[BaseModel]) -> Problem:
    """Say one finding of pydantic as a Problem."""
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"] if part != "[key]")
    if detail["type"] == "extra_forbidden":
        nearest = nearest_of(str(detail["loc"][-1]), _keys_at(model, detail["loc"][:-1]))
        return Problem("key_unknown", file, None, printable(key), details={"nearest": nearest})
    if detail["type"] == "missing":
        return Problem("key_missing", file, None, printable(key))
    value = "" if isinstance(detail["input"], dict | list | tuple) else str(detail["input"])
    what, details = _fault(detail)
    return Problem(what, file, None, printable(key), printable(value), details=details)


def _fault(detail: ErrorDetails) -> tuple[str, dict[str, str | int | float]]:
    """Say what is wrong with the value of a key."""
    context = detail.get("ctx", {})
    for limit, sign in _SIGNS.items():
        if limit in context:
            return "key_range", {"limit": f"{sign} {context[limit]}"}
    if detail["type"] in _TYPES:
        return "key_type", {"wanted": _TYPES[detail["type"]]}
    if detail["type"] == "literal_error":
        return "word", {"allowed": str(context["expected"])}
    if detail["type"] == "string_pattern_mismatch":
        return "key_pattern", {"pattern": str(context["pattern"])}
    return "key_rule", {"reason": printable(str(context.get("error", detail["msg"])))}


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """List the keys that a model takes at a place inside it, through lists and tables of models."""
    here: Any = model
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(part)].annotation
        else:  # tuple[Model, ...] or dict[str, Model]
            here = [inner for inner in get_args(here) if inner is not Ellipsis][-1]
    return list(here.model_fields)
