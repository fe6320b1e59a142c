"""kaur-gis: the commands that ask what happens when roads fail."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.terminal import Stopwatch, complain, tell_broken

if TYPE_CHECKING:
    from kaur_gis.config import Operation

OK, UNSERVED, BUG = 0, 1, 3
PAIRS = 10  # of the worst pieces of road every two fail together


def add_weak(commands: Any, common: argparse.ArgumentParser, lang: Lang) -> None:  # noqa: ANN401 - argparse hides it
    """Add ``kaur-gis weak``."""
    weak = commands.add_parser(
        "weak", parents=[common], help=say("cli.weak", lang), description=say("cli.weak_about", lang)
    )
    weak.add_argument("folder", metavar="FOLDER", type=Path, help=say("cli.folder", lang))
    weak.add_argument("--pasangan", metavar="N", type=int, default=PAIRS, help=say("cli.weak_pasangan", lang))
    weak.add_argument("--hujan", metavar="N", type=int, help=say("cli.weak_hujan", lang))
    weak.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.weak_out", lang))
    weak.set_defaults(run=_weak)


def add_scenarios(commands: Any, common: argparse.ArgumentParser, lang: Lang) -> None:  # noqa: ANN401 - argparse hides it
    """Add ``kaur-gis skenario``."""
    scenarios = commands.add_parser(
        "skenario", parents=[common], help=say("cli.skenario", lang), description=say("cli.skenario_about", lang)
    )
    scenarios.add_argument("operation", metavar="OPERATION", type=Path, help=say("cli.operation", lang))
    scenarios.add_argument("--roads", metavar="PATH", type=Path, help=say("cli.roads", lang))
    scenarios.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.skenario_out", lang))
    scenarios.set_defaults(run=_scenarios)


def _weak(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from dataclasses import replace

    from kaur_gis.cut.rain import rain_risk
    from kaur_gis.cut.weak import weak_points
    from kaur_gis.read.run import read_plan
    from kaur_gis.write.weak import told, told_rain, write_weak

    step = Stopwatch(arguments.lang)
    step("verify")
    plan = read_plan(arguments.folder)
    step.lang = lang = _language(arguments, asked, plan.inputs.operation)
    step("weak")
    weakness = weak_points(plan, pairs=max(0, arguments.pasangan))
    operation = plan.inputs.operation
    rains = max(0, operation.hujan.jumlah if arguments.hujan is None else arguments.hujan)
    chances = operation.hujan.model_copy(update={"jumlah": rains})
    plan = replace(plan, inputs=replace(plan.inputs, operation=operation.model_copy(update={"hujan": chances})))
    rain = None
    if rains and len(plan.trips):
        step("rain", what=str(rains))
        rain = rain_risk(plan)
    folder = arguments.out or Path(f"{arguments.folder}-lemah")
    step("write", what=folder)
    files = write_weak(plan, weakness, folder, lang, rain)
    rained = [] if rain is None else told_rain(plan, rain, lang)
    _tell([*told(weakness, lang), *rained, "", say("cli.written", lang, folder=folder)], files)
    return OK


def _scenarios(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.cut.scenarios import compared, lines
    from kaur_gis.pipeline import make_plan
    from kaur_gis.read.scenarios import read_scenarios
    from kaur_gis.write.scenarios import write_scenarios

    step = Stopwatch(arguments.lang)
    step("read")
    named = read_scenarios(arguments.operation, roads=arguments.roads)
    step.lang = lang = _language(arguments, asked, named[0][1].operation)
    plans = []
    for name, inputs in named:
        step("scenario", what=name or say("skenario.as_is", lang))
        plans.append((name, make_plan(inputs)))
        if plans[-1][1].broken:
            complain(say("cli.broken", lang, n=len(plans[-1][1].broken)))
            tell_broken(plans[-1][1].broken, lang)
            return BUG
    found = compared(plans)
    folder = arguments.out or Path("outputs") / f"{arguments.operation.resolve().parent.name}-skenario"
    step("write", what=folder)
    files = write_scenarios(found, folder, lang)
    _tell([*lines(found, lang), "", say("cli.written", lang, folder=folder)], files)
    return UNSERVED if found.table["n_cut"].any() else OK


def _language(arguments: argparse.Namespace, asked: Lang | None, operation: Operation) -> Lang:
    lang: Lang = asked or operation.operation.lang
    arguments.lang = lang
    return lang


def _tell(lines: list[str], files: list[Path]) -> None:
    for line in lines:
        print(line)
    for file in files:
        print(f"  {file.name}")
