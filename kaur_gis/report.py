"""How a Problem is told to a person: where it is, what is wrong, what to do."""

from __future__ import annotations

from kaur_gis.catalogue import say, wave_word
from kaur_gis.config import Lang
from kaur_gis.problems import Problem

LONGEST = 120
"""Characters of a value that are shown: the rest of a broken file in one cell helps nobody."""
MEASURED = frozenset({"metres", "border_m", "gap_m", "km_other", "percent", "hectares", "km2", "km2_osm"})
"""Details that were measured, for people; other numbers are shown as one would write them in a file."""


def where(problem: Problem, lang: Lang = "id") -> str:
    """Name the place of a problem: file, row, column; as far as they are known."""
    kind = "_".join(["where", *(name for name, known in (("row", problem.row), ("column", problem.column)) if known)])
    return say(f"report.{kind}", lang, file=problem.file, row=problem.row, column=problem.column)


def what(problem: Problem, lang: Lang = "id") -> str:
    """Say what is wrong."""
    return _said(f"problem.{problem.what}", problem, lang)


def hint(problem: Problem, lang: Lang = "id") -> str:
    """Say what to do about it; where a hint would name the nearest name and there is none, the other hint."""
    alone = problem.details.get("nearest") == ""
    return _said(f"problem.{problem.what}_hint{'_alone' if alone else ''}", problem, lang)


def told(problem: Problem, lang: Lang = "id") -> str:
    """Tell a problem whole, in two lines: place, fault and value; then what to do."""
    sentence, shown, at = what(problem, lang), visible(problem.value), where(problem, lang)
    place = f"{at}: " if problem.file and not sentence.startswith(at) else ""
    value = say("report.value", lang, value=shown) if shown not in sentence else ""
    return f"{place}{sentence}{value}\n   -> {hint(problem, lang)}"


def visible(text: str) -> str:
    """Make text from data harmless on a terminal: one line, no control characters, not too long."""
    shown = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text[:LONGEST])
    return shown + ("…" if len(text) > LONGEST else "")


def _said(key: str, problem: Problem, lang: Lang) -> str:
    cell = {"file": problem.file, "row": problem.row, "column": problem.column, "value": problem.value}
    details = {**cell, **problem.details}
    return say(key, lang, **{name: _shown(name, value, lang) for name, value in details.items()})


def _shown(name: str, value: object, lang: Lang) -> object:
    """Make a value fit to be read: text harmless, and what was measured with the comma of the language."""
    if name in MEASURED and isinstance(value, float):
        return str(value) if lang == "en" else str(value).replace(".", ",")
    if name == "wave":
        return visible(wave_word(str(value), lang))
    return visible(value) if isinstance(value, str) else value
