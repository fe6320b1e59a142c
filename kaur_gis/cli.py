"""kaur-gis: arguments in, exit code out.

Exit codes: 0 plan made, 1 plan with unserved TPS, 2 input problems, 3 a bug or a broken promise.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn, cast

from kaur_gis.catalogue import LANGS, say
from kaur_gis.config import Lang
from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems, OutputError, Problem
from kaur_gis.read import read_inputs
from kaur_gis.read.run import read_plan
from kaur_gis.report import told
from kaur_gis.summary import plan_version
from kaur_gis.write import write_plan

OK, UNSERVED, BAD_INPUT, BUG = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    asked = _asked_lang(words)
    arguments = _parser(asked or "id").parse_args(words)
    lang: Lang = asked or "id"
    try:
        return int(arguments.run(arguments, asked))
    except InputProblems as error:
        _refuse(error.problems, lang)
        return BAD_INPUT
    except KeyboardInterrupt:
        _complain(say("cli.stopped", lang))
        return BUG
    except OutputError as error:
        _complain(say("cli.output_error", lang, error=error))
        return BUG
    except Exception as error:  # noqa: BLE001 - the last line: whatever it is, the planner gets a sentence and exit code 3
        if arguments.debug:
            traceback.print_exc()
        _complain(say("cli.bug", lang, error=f"{type(error).__name__}: {error}"))
        return BUG


def _plan(arguments: argparse.Namespace, asked: Lang | None) -> int:
    step = _Stopwatch(asked or "id")
    step("read")
    inputs = read_inputs(arguments.operation, roads=arguments.roads)
    lang: Lang = asked or inputs.operation.operation.lang
    step.lang = lang
    plan = make_plan(inputs, progress=step)
    if plan.broken:
        _complain(say("cli.broken", lang, n=len(plan.broken)))
        _list(plan.broken, lang)
        return BUG
    home = Path(arguments.operation).resolve().parent
    folder = arguments.out or Path("outputs") / home.name
    files = write_plan(plan, folder, lang, never=[home], progress=lambda what: step("write", what=what))
    print(plan.summary(lang))
    print()
    print(say("cli.written", lang, folder=folder))
    for line in _listed([file.relative_to(folder) for file in files], lang):
        print(f"  {line}")
    return _code(plan)


def _verify(arguments: argparse.Namespace, asked: Lang | None) -> int:
    step = _Stopwatch(asked or "id")
    step("verify")
    plan = read_plan(arguments.folder)
    lang: Lang = asked or plan.inputs.operation.operation.lang
    step("judge")
    broken = judge(plan)
    if broken:
        _complain(say("cli.broken_written", lang, folder=arguments.folder, n=len(broken)))
        _list(broken, lang)
        return BUG
    told = {"n_tps": len(plan.tps), "trips": len(plan.trips), "posts": len(plan.posts)}
    print(say("cli.kept", lang, version=plan_version(plan), **told))
    return _code(plan)


def _listed(files: Sequence[Path], lang: Lang) -> list[str]:
    """Name the files of the folder itself, and how many lie in each folder below it."""
    below = Counter(f"{file.parts[0]}/" for file in files if len(file.parts) > 1)
    counted = [say("cli.files", lang, folder=folder, n=n) for folder, n in sorted(below.items())]
    return [*sorted(str(file) for file in files if len(file.parts) == 1), *counted]


def _code(plan: Plan) -> int:
    return OK if plan.unserved.empty else UNSERVED


class _Stopwatch:
    """Says each step of the work on standard error, with the seconds since the start."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.begun = time.monotonic()

    def __call__(self, step: str, **values: object) -> None:
        what = say(f"cli.step_{step}", self.lang, **values)
        _complain(say("cli.step", self.lang, second=time.monotonic() - self.begun, what=what))


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _refuse(problems: Sequence[Problem], lang: Lang) -> None:
    refused = [problem for problem in problems if problem.level == "refuse"]
    _complain(say("cli.refused", lang, n=len(refused)))
    _list(refused, lang)


def _list(problems: Sequence[Problem], lang: Lang) -> None:
    for number, problem in enumerate(problems, start=1):
        _complain(f"{number}. {told(problem, lang)}")


def _asked_lang(words: Sequence[str]) -> Lang | None:
    """Find --lang before anything is parsed, since the help itself is in that language."""
    first = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    first.add_argument("--lang", choices=LANGS)
    try:
        return cast("Lang | None", first.parse_known_args(list(words))[0].lang)
    except argparse.ArgumentError:
        return None


class _Parser(argparse.ArgumentParser):
    """An argument parser whose own words come from the catalogue too."""

    def __init__(self, lang: Lang, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(add_help=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings)
        self.lang = lang
        self._positionals.title = say("cli.arguments", lang)
        self._optionals.title = say("cli.options", lang)
        self.add_argument("-h", "--help", action="help", help=say("cli.help", lang))

    def format_usage(self) -> str:
        """Usage line in the parser's language."""
        return super().format_usage().replace("usage: ", say("cli.usage", self.lang), 1)

    def format_help(self) -> str:
        """Help in the parser's language."""
        return super().format_help().replace("usage: ", say("cli.usage", self.lang), 1)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2, as argparse does."""
        self.print_usage(sys.stderr)
        self.exit(BAD_INPUT, say("cli.usage_error", self.lang, error=message) + "\n")


def _parser(lang: Lang) -> _Parser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=LANGS, help=say("cli.lang", lang))
    common.add_argument("--debug", action="store_true", help=say("cli.debug", lang))
    parser = _Parser(lang, prog="kaur-gis", description=say("cli.about", lang), epilog=say("cli.epilog", lang))
    parser.add_argument("--lang", choices=LANGS, help=say("cli.lang", lang))
    parser.add_argument(
        "--version", action="version", version=f"kaur-gis {version('kaur_gis')}", help=say("cli.version", lang)
    )
    commands = parser.add_subparsers(
        title=say("cli.commands", lang),
        metavar="",
        required=True,
        dest="command",
        parser_class=cast("type[argparse.ArgumentParser]", partial(_Parser, lang)),
    )
    plan = commands.add_parser(
        "plan",
        parents=[common],
        help=say("cli.plan", lang),
        description=say("cli.plan_about", lang),
        epilog=say("cli.plan_epilog", lang),
    )
    plan.add_argument("operation", metavar="OPERATION", type=Path, help=say("cli.operation", lang))
    plan.add_argument("--roads", metavar="PATH", type=Path, help=say("cli.roads", lang))
    plan.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.out", lang))
    plan.set_defaults(run=_plan)
    verify = commands.add_parser(
        "verify", parents=[common], help=say("cli.verify", lang), description=say("cli.verify_about", lang)
    )
    verify.add_argument("folder", metavar="FOLDER", type=Path, help=say("cli.folder", lang))
    verify.set_defaults(run=_verify)
    return parser
