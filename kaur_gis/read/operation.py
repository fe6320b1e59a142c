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
from kaur_gis.read.near import near
from kaur_gis.read.safely import printable, text_of

M = TypeVar("M", bound=Strict)

_SIGNS: Mapping[str, str] = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
TYPES: Mapping[str, str] = {
    "bool_type": "key_bool",
    "date_type": "key_date",
    "datetime_from_date_parsing": "key_moment",
    "datetime_parsing": "key_moment",
    "datetime_type": "key_moment",
    "dict_type": "key_table",
    "finite_number": "key_number",
    "float_type": "key_number",
    "int_type": "key_integer",
    "model_type": "key_table",
    "string_type": "key_text",
    "string_too_long": "text_too_long",
    "string_too_short": "key_blank",
    "time_type": "key_time",
    "timezone_naive": "key_moment",
    "too_short": "key_empty_list",
    "tuple_type": "key_list",
}
"""Errors of pydantic -> problem: what the key wants."""
TOML_FAULTS: Mapping[str, str] = {
    "toml_equals": r"Expected '=' after",
    "toml_twice": r"overwrite|twice|Duplicate|immutable namespace",
    "toml_quotes": r"[Uu]nterminated string|Unescaped|Illegal character|Expected .*[\"'].* string|Expected [\"']{2,}",
    "toml_brackets": r"Unclosed|Expected ']|table declaration",
    "toml_value": r"Invalid (value|date|hex|number)|Expected newline or end of document",
    "toml_key": r"Invalid (initial character|statement)|key part",
}
"""Problem -> how the parser words it; the first that fits is said, in the reader's language."""


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
        what = next((what for what, words in TOML_FAULTS.items() if re.search(words, reason)), "bad_toml")
        problems.append(Problem(what, file, row, details={"reason": printable(reason)}))
        return None
    except (RecursionError, ValueError):  # nested too deep; a number of thousands of digits
        problems.append(Problem("toml_deep", file))
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
        details = near(str(detail["loc"][-1]), _keys_at(model, detail["loc"][:-1]))
        return Problem("key_unknown", file, None, printable(key), details=details)
    if detail["type"] == "missing":
        return Problem("key_missing", file, None, printable(key))
    value = "" if isinstance(detail["input"], dict | list | tuple) else str(detail["input"])
    what, details = fault(detail)
    return Problem(what, file, None, printable(key), printable(value), details=details)


def fault(detail: ErrorDetails) -> tuple[str, dict[str, str | int | float]]:
    """Say what is wrong with the value of a key: the kind of `Problem`, and its details."""
    context = detail.get("ctx", {})
    for limit, sign in _SIGNS.items():
        if limit in context:
            return "key_range", {"limit": f"{sign} {context[limit]}"}
    if detail["type"] in TYPES:
        return TYPES[detail["type"]], {"limit": int(context.get("max_length", 0))}
    if detail["type"] == "literal_error":
        return "word", {"allowed": re.sub(r"'( or |, )'", ", ", str(context["expected"])).strip("'")}
    if detail["type"] == "string_pattern_mismatch":
        return "key_pattern", {"pattern": str(context["pattern"])}
    if detail["type"].startswith("rule_"):
        return detail["type"], {name: printable(str(value)) for name, value in context.items()}
    return "key_other", {"reason": printable(detail["msg"])}


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """List the keys that a model takes at a place inside it, through lists and tables of models."""
    here: Any = model
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(part)].annotation
        else:  # tuple[Model, ...] or dict[str, Model]
            here = [inner for inner in get_args(here) if inner is not Ellipsis][-1]
    return list(here.model_fields)
