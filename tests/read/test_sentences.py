"""Every fault the code can name is said, with what to do, in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import kaur_gis
from kaur_gis.catalogue import say, sentences
from kaur_gis.read.operation import TOML_FAULTS, TYPES

NAMING = {"Problem", "Fault", "ScanError", "add"}  # calls whose first argument is the key of a problem


def named_in(path: Path) -> set[str]:
    """Find the keys of problems that a module names literally."""
    found: set[str] = set()
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name not in NAMING:
            continue
        first = call.args[0]
        options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        found |= {item.value for item in options if isinstance(item, ast.Constant) and isinstance(item.value, str)}
    return found


def test_every_problem_the_code_names_has_its_sentence_and_its_hint():
    package = Path(kaur_gis.__file__).parent
    named = set().union(*(named_in(path) for path in package.rglob("*.py")))
    named = {what for what in named if what.isidentifier()}
    assert len(named) > 80
    wanted = {f"problem.{what}{end}" for what in named for end in ("", "_hint")}
    assert sorted(wanted - set(sentences())) == []


def test_every_sentence_of_a_problem_has_a_hint_beside_it():
    keys = {key for key in sentences() if key.startswith("problem.")}
    whats = {key for key in keys if not key.endswith("_hint")}
    alone = {key for key in whats if key.endswith("_hint_alone")}
    whats -= alone
    assert keys == whats | alone | {f"{what}_hint" for what in whats}
    assert {key.removesuffix("_alone") for key in alone} <= keys


def test_every_fault_of_a_toml_file_that_is_told_apart_has_its_sentence():
    for what in {*TOML_FAULTS, *TYPES.values()}:
        assert f"problem.{what}" in sentences()


def test_every_rule_of_the_models_has_its_sentence_with_the_values_it_names():
    package = Path(kaur_gis.__file__).parent
    calls = [
        call
        for module in (*sorted((package / "config").glob("*.py")), package / "rules.py")
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "refuse"
    ]
    assert len(calls) > 10
    for call in calls:
        values = {keyword.arg: "x" for keyword in call.keywords}
        assert say(f"problem.{call.args[0].value}", "id", **values)
        assert say(f"problem.{call.args[0].value}_hint", "id", **values)
