"""The two READMEs against the code: commands, exit codes, files, and the Python they show."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import get_origin

import pytest

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.config import Operation
from tests.conftest import shown_python

ROOT = Path(__file__).resolve().parent.parent
READMES = [ROOT / "README.md", ROOT / "README.id.md"]
each_readme = pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)


def _blocks(readme: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", readme.read_text(encoding="utf-8"), flags=re.DOTALL)


def _table(readme: Path, head: str) -> list[list[str]]:
    text = readme.read_text(encoding="utf-8")
    rows = re.search(rf"^\| {head} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, flags=re.MULTILINE)
    assert rows, f"{readme.name} has no table that begins with {head!r}"
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in rows[1].splitlines()]


@each_readme
def test_every_make_target_shown_exists(readme: Path) -> None:
    shown = re.findall(r"make (\w+)", "\n".join(_blocks(readme, "sh")))
    assert shown == ["plan", "test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(shown) <= set(targets)


@each_readme
def test_every_command_line_shown_is_understood(readme: Path) -> None:
    lines = [line for block in _blocks(readme, "sh") for line in block.splitlines() if "kaur-gis " in line]
    assert lines
    for line in lines:
        words = shlex.split(line)
        arguments = cli._parser("id").parse_args(words[1:])
        assert arguments.run


@each_readme
def test_the_table_of_commands_is_the_command_line_s_own(readme: Path) -> None:
    head = "command" if readme.name == "README.md" else "perintah"
    shown = {}
    for cell, _ in _table(readme, head):
        words = cell.strip("`").replace("\\|", "|")
        shown[words.split()[1]] = set(re.findall(r"--[\w-]+", words))
    known = {}
    for name, parser in cli._parser("id")._subparsers._group_actions[0].choices.items():
        known[name] = {o for action in parser._actions for o in action.option_strings if o.startswith("--")}
    assert set(shown) == set(known)
    for name, options in shown.items():
        assert options <= known[name], name
    assert shown["plan"] | {"--help", "--debug"} == known["plan"]


@each_readme
def test_the_table_of_the_operation_file_names_every_part_and_every_key_of_hours_and_costs(readme: Path) -> None:
    rows = _table(readme, "part" if readme.name == "README.md" else "bagian")
    shown = re.findall(r"(\(?)(\[+)(\w+)\]+\)?`", " ".join(part for part, _ in rows))
    assert {name: (not left_out, len(brackets) == 2) for left_out, brackets, name in shown} == {
        name: (field.is_required(), get_origin(field.annotation) is tuple)
        for name, field in Operation.model_fields.items()
    }
    (fleet,) = [text for part, text in rows if "fleet" in part]
    assert set(re.findall(r"`(\w+)`", fleet)) == {"jam_sopir", "pulang_ke", "biaya_tetap", "biaya_per_km"}


@each_readme
def test_the_exit_codes_are_the_command_line_s_own(readme: Path) -> None:
    head = "exit code" if readme.name == "README.md" else "kode keluar"
    assert [int(row[0]) for row in _table(readme, head)] == [cli.OK, cli.UNSERVED, cli.BAD_INPUT, cli.BUG]


@each_readme
def test_every_file_in_the_repository_that_is_linked_is_there(readme: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", readme.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


@each_readme
def test_the_table_of_outputs_names_every_file_of_a_run_and_no_other(readme: Path, kaur_run: Path) -> None:
    head = "file" if readme.name == "README.md" else "berkas"
    shown = {name for cell, _ in _table(readme, head) for name in re.findall(r"`([^`]+)`", cell)}
    written = {str(path.relative_to(kaur_run)) for path in kaur_run.rglob("*") if path.is_file()}
    for pattern in shown:
        assert any(Path(name).match(pattern) for name in written), f"{pattern} is not written"
    assert [name for name in written if not any(Path(name).match(pattern) for pattern in shown)] == []


def test_the_python_shown_runs_and_is_the_same_on_both_pages(kaur_run: Path) -> None:
    block, same = (shown_python(readme) for readme in READMES)
    # but for comments and the language of what is printed
    assert ast.dump(ast.parse(block.replace('"en"', ""))) == ast.dump(ast.parse(same))
    assert 'kg.write_plan(plan, "outputs/kaur")' in block
    assert (kaur_run / "manifest.json").is_file()  # which these lines wrote


def test_every_public_name_is_documented() -> None:
    for name in kg.__all__:
        assert getattr(kg, name).__doc__, name
