"""What the terminal shows: the help and its faults in the reader's language, progress, and lists of problems."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NoReturn, Self

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.problems import Problem
from kaur_gis.report import hint, told, visible, what

BAD_USAGE = 2
BAR = "{desc:12}{percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]{postfix}"
EXAMPLES = 3  # cases of one broken promise that are shown
USAGE_FAULTS = {
    "required": r"the following arguments are required: (?P<names>.*)",
    "unknown": r"unrecognized arguments: (?P<words>.*)",
    "choice": r"argument (?P<name>.*?): invalid choice: '?(?P<value>.*?)'? \(choose from (?P<choices>.*)\)",
    "no_value": r"argument (?P<name>.*?): ignored explicit argument .*",
    "value": r"argument (?P<name>.*?): expected .*",
    "wanted": r"argument (?P<name>[^:]*): (?P<value>.*) <> (?P<example>.*)",
    "ambiguous": r"ambiguous option: (?P<name>.*) could match (?P<choices>.*)",
}
"""Key of the sentence -> how argparse words it."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose own words come from the catalogue too."""

    def __init__(self, lang: Lang, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(add_help=False, formatter_class=_Help, **settings)
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
        where_to_look = say("cli.usage_help", self.lang, program=self.prog)
        self.exit(BAD_USAGE, f"{usage_fault(message, self.lang)} {where_to_look}\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help whose list of commands begins without a line of its own for the group."""

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        return text.partition("\n")[2] if isinstance(action, argparse._SubParsersAction) else text  # noqa: SLF001


def usage_fault(message: str, lang: Lang) -> str:
    """Say in the reader's language what argparse found wrong in the command."""
    for kind, words in USAGE_FAULTS.items():
        if found := re.fullmatch(words, message, re.DOTALL):
            parts = {name: visible(text.replace("'", "")) for name, text in found.groupdict().items()}
            return say(f"cli.usage_{kind}", lang, **parts)
    return say("cli.usage_other", lang, words=visible(message))


class Stopwatch:
    """Says each step of the work on standard error, with the seconds since the start.

    Call it with the step, ``cli.step_<step>`` in the catalogue, and what its sentence names.
    """

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.begun = time.monotonic()
        self.begins: dict[str, float] = {}

    @property
    def seconds(self) -> dict[str, float]:
        """How long each step has taken [s], the last one until now."""
        times = [*self.begins.values(), time.monotonic()]
        return {step: end - begin for step, (begin, end) in zip(self.begins, pairwise(times), strict=True)}

    def __call__(self, step: str, **values: object) -> None:
        """Say a step as it begins."""
        self.begins[step] = time.monotonic()
        words = say(f"cli.step_{step}", self.lang, **values)
        complain(say("cli.step", self.lang, second=time.monotonic() - self.begun, what=words))


class Bar(Stopwatch):
    """A stopwatch whose downloads move a bar where standard error is a terminal, and are lines elsewhere."""

    def __init__(self, lang: Lang) -> None:
        super().__init__(lang)
        self.bar: Any = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        if self.bar is not None:
            self.bar.close()

    def __call__(self, step: str, **values: object) -> None:
        """Say a step as it begins, or move the bar of the one that runs."""
        if not sys.stderr.isatty() or step not in {"fetch", "answer"}:
            super().__call__(step, **values)
            return
        from tqdm import tqdm  # noqa: PLC0415 - only a download has a bar

        if step == "fetch":
            self.__exit__()
            self.bar = tqdm(
                desc=str(values["what"]), total=values["of"], initial=values["n"], file=sys.stderr, bar_format=BAR
            )
        else:
            self.bar.set_postfix_str(f"{values['megabytes']:.1f} MB", refresh=False)
            self.bar.update(values["n"] - self.bar.n)


@dataclass(frozen=True)
class Sealing:
    """How the restricted map is to be written: under a password, or None for open."""

    password: str | None = field(repr=False)


def sealing(arguments: argparse.Namespace, former: Path, lang: Lang) -> Sealing | None:
    """Ask for the password where one is wanted; never let a map that was sealed become open unsaid.

    Parameters
    ----------
    arguments : Namespace
        With `sandi` and `terbuka`.
    former : Path
        Folder that may hold an earlier run.
    lang : {"id", "en"}

    Returns
    -------
    Sealing or None
        None where nothing may be written; why not has been said.
    """
    from kaur_gis.write.manifest import was_sealed  # noqa: PLC0415 - the writers are loaded when they are needed

    if arguments.sandi:
        password = ask_password(lang)
        return None if password is None else Sealing(password)
    if was_sealed(former) and not arguments.terbuka:
        complain(say("cli.was_sealed", lang, folder=former))
        return None
    return Sealing(None)


def ask_password(lang: Lang) -> str | None:
    """Ask for the password of a sealed map: twice on a terminal, else the first line of standard input.

    Returns
    -------
    str or None
        None where there is none that may be used; why not has been said.
    """
    from kaur_gis.write.map.lock import SHORTEST  # noqa: PLC0415 - the map's engine is loaded when it is needed

    if sys.stdin.isatty():
        password = getpass.getpass(say("cli.sandi_ask", lang))
        if getpass.getpass(say("cli.sandi_again", lang)) != password:
            complain(say("cli.sandi_differs", lang))
            return None
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        complain(say("cli.sandi_short", lang, least=SHORTEST))
        return None
    return password


def complain(text: str) -> None:
    """Say something on standard error."""
    print(text, file=sys.stderr, flush=True)


def refuse(problems: Sequence[Problem], lang: Lang) -> None:
    """List what is refused, and what was repaired on the way to it."""
    refused = [problem for problem in problems if problem.level == "refuse"]
    fixed = [problem for problem in problems if problem.level == "fix"]
    complain(say("cli.refused", lang, n=len(refused)))
    _list(refused, lang)
    if fixed:
        complain(say("cli.fixed", lang, n=len(fixed)))
        _list(fixed, lang)


def tell_broken(
    broken: Sequence[Problem], lang: Lang, *, everything: bool = False, by_hand: frozenset[str] = frozenset()
) -> None:
    """List broken promises, promise by promise: what it is, how many cases, and the first of them.

    Of a plan that was changed by hand the program is not to blame: what to do then is said by who knows the plan. The
    cases of rows with codes that are told as changed, and the promises that have any, come first.
    """

    def of_others(case: Problem) -> bool:
        return by_hand.isdisjoint({case.value, *case.value.split()})

    by_promise = [list(cases) for _, cases in groupby(sorted(broken, key=lambda p: p.what), lambda p: p.what)]
    first = sorted(by_promise, key=lambda cases: all(map(of_others, cases)))
    for number, found in enumerate((sorted(cases, key=of_others) for cases in first), start=1):
        shown = found if everything else found[:EXAMPLES]
        words = what(found[0], lang)
        complain(f"{number}. {say('cli.broken_promise', lang, n=len(found), words=words)}")
        for case in shown:
            values = {name: visible(str(value)) for name, value in case.details.items()}
            complain(say("cli.broken_case", lang, value=visible(case.value), **values))
        if len(shown) < len(found):
            complain(say("cli.broken_more", lang, n=len(found) - len(shown)))
    if not by_hand:
        complain(f"-> {hint(broken[0], lang)}")


def table_of(problems: Sequence[Problem], lang: Lang) -> list[str]:
    """Lay findings out as a table: a line a kind and file, with the first rows and the first example."""
    order = {"refuse": 0, "fix": 1, "note": 2}
    ranked = sorted(problems, key=lambda p: (order[p.level], p.file, p.what, p.row or 0))
    lines = []
    for (level, file, _), same in groupby(ranked, key=lambda p: (p.level, p.file, p.what)):
        found = list(same)
        rows = [str(problem.row) for problem in found if problem.row is not None]
        shown = ", ".join(rows[:EXAMPLES]) + (", …" if len(rows) > EXAMPLES else "")
        place = f"{visible(file)} {shown}".strip()
        level_word = say(f"check.level_{level}", lang)
        lines.append(say("check.head", lang, level=level_word, n=len(found), where=place, what=what(found[0], lang)))
    if not lines:
        return [say("check.nothing", lang)]
    heads = {name: say(f"check.head_{name}", lang) for name in ("level", "n", "where", "what")}
    return [say("check.head", lang, **heads), *lines]


def _list(problems: Sequence[Problem], lang: Lang) -> None:
    for number, problem in enumerate(problems, start=1):
        complain(f"{number}. {told(problem, lang)}")
