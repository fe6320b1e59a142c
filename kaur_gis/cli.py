"""kaur-gis: arguments in, exit code out.

Exit codes: 0 plan made, 1 plan with unserved TPS, 2 input problems, 3 a bug or a broken promise.
"""

from __future__ import annotations

import argparse
import datetime as dt
import errno
import gc
import os
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kaur_gis import cli_cut
from kaur_gis.catalogue import LANGS, say
from kaur_gis.config import Lang
from kaur_gis.problems import InputProblems, OutputError
from kaur_gis.terminal import Bar, Parser, Stopwatch, complain, refuse, sealing, table_of, tell_broken

if TYPE_CHECKING:
    from kaur_gis.config import Operation
    from kaur_gis.plan import Plan

OK, UNSERVED, BAD_INPUT, BUG = 0, 1, 2, 3
CUT_OFF = 141  # as the shell reports a tool whose reader went away


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
    try:
        try:
            return _main(words)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read our words has enough: `kaur-gis ... | head`
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return CUT_OFF


def _main(words: list[str]) -> int:
    asked = _asked_lang(words)
    parser = _parser(asked or "id")
    if not words:
        parser.print_help()
        return OK
    arguments = parser.parse_args(words)
    arguments.lang = asked or "id"
    try:
        return int(arguments.run(arguments, asked))
    except InputProblems as error:
        refuse(error.problems, arguments.lang)
        return BAD_INPUT
    except KeyboardInterrupt:
        complain(say("cli.stopped", arguments.lang))
        return BUG
    except OutputError as error:
        if error.errno == errno.EPIPE:
            raise BrokenPipeError from error
        complain(say("cli.output_error", arguments.lang, error=error.strerror or error))
        return BUG
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line: whatever it is, the planner gets a sentence and exit code 3
        if arguments.debug:
            traceback.print_exc()
        complain(say("cli.bug", arguments.lang, error=f"{type(error).__name__}: {error}"))
        return BUG


def _plan(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.pipeline import make_plan
    from kaur_gis.psu import psu
    from kaur_gis.read import read_inputs, read_operation
    from kaur_gis.write import write_plan

    lang = _speak(arguments, asked, read_operation(arguments.operation))
    home = Path(arguments.operation).resolve().parent
    repeated = arguments.command == "psu"
    folder = arguments.out or Path("outputs") / (f"{home.name}-psu" if repeated else home.name)
    if _refused(folder, home, lang):
        return BAD_INPUT
    sealed = sealing(arguments, folder, lang)
    if sealed is None:
        return BAD_INPUT
    step = Stopwatch(lang)
    step("read")
    inputs = read_inputs(arguments.operation, roads=arguments.roads, lang=lang, closures=arguments.tutup)
    if repeated:
        inputs = psu(inputs, arguments.tps, arguments.jenis, arguments.tanggal)
    gc.freeze()  # what was read stays to the end: no search for garbage need look through it
    plan = make_plan(inputs, progress=step)
    if plan.broken:
        complain(say("cli.broken", lang, n=len(plan.broken)))
        tell_broken(plan.broken, lang, everything=True)
        return BUG
    files = write_plan(
        plan,
        folder,
        lang,
        password=sealed.password,
        online=arguments.peta_daring,
        never=[home],
        progress=lambda what: step("write", what=what),
        seconds=step.seconds,
        geojson=arguments.geojson,
    )
    print(plan.summary(lang))
    print()
    _tell_written(folder, files, lang)
    return _code(plan)


def _draw(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from dataclasses import replace

    from kaur_gis.judge import judge
    from kaur_gis.write import write_plan

    sealed = sealing(arguments, arguments.folder, arguments.lang)
    if sealed is None:
        return BAD_INPUT
    plan, lang, step = _read_written(arguments, asked)
    step("judge")
    plan = replace(plan, broken=judge(plan))
    if plan.broken:
        complain(say("cli.broken_written", lang, folder=arguments.folder, n=len(plan.broken)))
        tell_broken(plan.broken, lang)
        return BUG
    files = write_plan(
        plan,
        arguments.folder,
        lang,
        password=sealed.password,
        online=arguments.peta_daring,
        progress=lambda what: step("write", what=what),
        seconds=step.seconds,
        geojson=arguments.geojson,
    )
    _tell_written(arguments.folder, files, lang)
    return _code(plan)


def _check(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.read import check_inputs, read_operation
    from kaur_gis.review import review, told
    from kaur_gis.write.review import write_review

    lang = _speak(arguments, asked, read_operation(arguments.operation))
    step = Stopwatch(lang)
    step("read")
    checked = check_inputs(arguments.operation, roads=arguments.roads, lang=lang)
    step("review")
    reviewed = None if checked.inputs is None else (checked.inputs, review(checked.inputs))
    problems = [*checked.problems, *(reviewed[1].notes if reviewed else ())]
    folder = arguments.out or Path("outputs") / f"{Path(arguments.operation).resolve().parent.name}-periksa"
    step("write", what=folder)
    files = write_review(problems, checked.points, reviewed, folder, lang)
    for line in [*table_of(problems, lang), "", *(told(*reviewed, lang) if reviewed else ())]:
        print(line)
    refused = sum(problem.level == "refuse" for problem in problems)
    print(say("check.refused", lang, n=refused) if refused else say("check.usable", lang))
    print(say("cli.written", lang, folder=folder))
    for file in files:
        print(f"  {file.name}")
    return BAD_INPUT if refused else OK


def _new(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.new import new_operation, why_not

    lang: Lang = asked or "id"
    folder = arguments.out or Path(arguments.kode)
    if why := why_not(arguments.kode, arguments.nama, folder, lang):
        complain(why)
        return BAD_INPUT
    new_operation(arguments.kode, arguments.nama, folder, lang)
    print(say("cli.new_written", lang, folder=folder))
    return OK


def _fetch(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.fetch import FOLDER, ROADS, fetch
    from kaur_gis.read import read_operation

    lang = _speak(arguments, asked, read_operation(arguments.operation))
    with Bar(lang) as bar:
        files = fetch(arguments.operation, today=dt.datetime.now(tz=dt.UTC).date(), tell=bar)
    print(say("cli.fetched", lang, folder=files[0].parent))
    for file in files:
        print(f"  {file.name}")
    print(say("cli.fetched_use", lang, path=ROADS))
    print(say("cli.fetched_layers", lang, folder=FOLDER))
    return OK


def _verify(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.judge import judge
    from kaur_gis.read.edited import edited

    plan, lang, step = _read_written(arguments, asked)
    plan, rows, codes, given, unpinned = edited(plan, arguments.folder)
    for layer, n in rows.items():
        print(say("cli.edited", lang, layer=layer, n=n))
    for layer, n in given.items():
        print(say("cli.edited_given", lang, layer=layer, n=n))
    if unpinned:
        print(say("cli.edited_pinned", lang, trips=", ".join(unpinned)))
    step("judge")
    broken = judge(plan)
    if broken:
        complain(say("cli.broken_written", lang, folder=arguments.folder, n=len(broken)))
        tell_broken(broken, lang, everything=arguments.all, by_hand=codes)
        if rows:
            complain(say("cli.edited_back", lang, folder=arguments.folder))
        return BUG
    told = {"n_tps": len(plan.tps), "trips": len(plan.trips), "posts": len(plan.posts)}
    print(say("cli.kept", lang, version=plan.version, **told))
    return _code(plan)


def _replan(arguments: argparse.Namespace, asked: Lang | None) -> int:
    import pandas as pd

    from kaur_gis.cut.replan import replan
    from kaur_gis.cut.tell import lines
    from kaur_gis.read.closures import closed_on_command_line
    from kaur_gis.read.edited import layers_edited
    from kaur_gis.read.moves import moved_on_command_line
    from kaur_gis.write import write_plan

    sealed = sealing(arguments, arguments.folder, arguments.lang)
    if sealed is None:
        return BAD_INPUT
    plan, lang, step = _read_written(arguments, asked)
    folder = arguments.out or Path(f"{arguments.folder}-ulang")
    if _refused(folder, arguments.folder, lang):
        return BAD_INPUT
    if by_hand := layers_edited(plan, arguments.folder):
        complain(say("cli.edits_left_out", lang, layers=", ".join(by_hand)))
    inputs = moved_on_command_line(closed_on_command_line(plan.inputs, arguments.tutup), arguments.pindah)
    step("distribute")
    done = [code for given in arguments.selesai for code in given.split(",") if code]
    now = None if arguments.jam is None else pd.Timestamp(arguments.jam)
    broken = [code for given in arguments.rusak for code in given.split(",") if code]
    delta = replan(plan, inputs, done=done, now=now, broken=broken)
    if delta.after.broken:
        complain(say("cli.broken", lang, n=len(delta.after.broken)))
        tell_broken(delta.after.broken, lang, everything=True)
        return BUG
    for line in lines(delta, lang):  # at once: whoever waits for it has a road that is cut
        print(line)
    print(flush=True)
    files = write_plan(
        delta.after,
        folder,
        lang,
        password=sealed.password,
        online=arguments.peta_daring,
        never=[arguments.folder],
        progress=lambda what: step("write", what=what),
        changes=delta,
        earlier=arguments.folder,
    )
    _tell_written(folder, files, lang)
    return _code(delta.after)


def _shortage(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.read.run import read_plan
    from kaur_gis.shortage import donors, lines

    plan = read_plan(arguments.folder)
    lang = _speak(arguments, asked, plan.inputs.operation)
    found = donors(plan, arguments.tps, arguments.jenis, short=arguments.kurang)
    for line in lines(found, arguments.tps, arguments.jenis, arguments.kurang, lang):
        print(line)
    return OK if found["gives"].sum() >= (arguments.kurang or 1) else UNSERVED


def _merge(arguments: argparse.Namespace, asked: Lang | None) -> int:
    from kaur_gis.merge import merge
    from kaur_gis.read import read_inputs, read_list, read_operation
    from kaur_gis.read.survey import read_answers
    from kaur_gis.write.merged import taken_already, told, write_merged

    operation = read_operation(arguments.operation)
    lang = _speak(arguments, asked, operation)
    if why := taken_already(arguments.out, lang):
        complain(why)
        return BAD_INPUT
    step = Stopwatch(lang)
    step("read")
    answers = read_answers(arguments.answers, operation.region)
    inputs = read_inputs(arguments.operation, lang=lang)
    merged = merge(inputs, answers, far_m=arguments.jauh)
    write_merged(merged, read_list(arguments.operation), inputs, arguments.out, lang)
    for line in told(merged, inputs, answers, arguments.out, lang):
        print(line)
    return OK


def _speak(arguments: argparse.Namespace, asked: Lang | None, operation: Operation) -> Lang:
    """Choose the language from here on, errors included: the one asked for, else the operation's."""
    lang: Lang = asked or operation.operation.lang
    arguments.lang = lang
    return lang


def _read_written(arguments: argparse.Namespace, asked: Lang | None) -> tuple[Plan, Lang, Stopwatch]:
    """Read a written plan, and tell the rest in its language."""
    from kaur_gis.read.run import read_plan

    step = Stopwatch(arguments.lang)
    step("verify")
    plan = read_plan(arguments.folder)
    gc.freeze()  # it stays to the end: no search for garbage need look through it
    step.lang = _speak(arguments, asked, plan.inputs.operation)
    return plan, step.lang, step


def _refused(folder: Path, never: Path, lang: Lang) -> bool:
    """Say that a folder is not ours to write to, before the work is done for it; whether it is so."""
    from kaur_gis.write.safely import why_not

    why = why_not(folder, never=[never], lang=lang)
    if why:
        complain(say("cli.out_refused", lang, why=why))
    return bool(why)


def _tell_written(folder: Path, files: Sequence[Path], lang: Lang) -> None:
    print(say("cli.written", lang, folder=folder))
    for line in _listed([file.relative_to(folder) for file in files], lang):
        print(f"  {line}")


def _listed(files: Sequence[Path], lang: Lang) -> list[str]:
    """Name the files of the folder itself, and how many lie in each folder below it."""
    below = Counter(f"{file.parts[0]}/" for file in files if len(file.parts) > 1)
    counted = [say("cli.files", lang, folder=folder, n=n) for folder, n in sorted(below.items())]
    return [*sorted(str(file) for file in files if len(file.parts) == 1), *counted]


def _code(plan: Plan) -> int:
    return OK if plan.unserved.empty else UNSERVED


def _day(text: str) -> dt.date:
    """Read a date of the command line."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        wanted = f"{text!r} <> 2024-02-24"
        raise argparse.ArgumentTypeError(wanted) from None


def _time(text: str) -> dt.datetime:
    """Read a local date and time of the command line."""
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is not None:
        wanted = f"{text!r} <> 2024-02-13T08:00"
        raise argparse.ArgumentTypeError(wanted)
    return time


def _count(text: str) -> int:
    """Read a number of pieces, at least 1, of the command line."""
    if not text.isdecimal() or int(text) < 1:
        wanted = f"{text!r} <> 1, 2, 3 ..."
        raise argparse.ArgumentTypeError(wanted)
    return int(text)


def _metres(text: str) -> float:
    """Read a length [m] of the command line."""
    if not text.isdecimal():
        wanted = f"{text!r} <> 1000"
        raise argparse.ArgumentTypeError(wanted)
    return float(text)


def _tiles(url: str) -> str:
    """Read the address of online map tiles of the command line."""
    from kaur_gis.write.map.online import tile_host

    try:
        if url:  # the default, none, comes here too
            tile_host(url)
    except ValueError:
        wanted = f"{url!r} <> https://tile.openstreetmap.org/{{z}}/{{x}}/{{y}}.png"
        raise argparse.ArgumentTypeError(wanted) from None
    return url


def _asked_lang(words: Sequence[str]) -> Lang | None:
    """Find --lang before anything is parsed, since the help itself is in that language."""
    first = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    first.add_argument("--lang", choices=LANGS)
    try:
        return cast("Lang | None", first.parse_known_args(list(words))[0].lang)
    except argparse.ArgumentError:
        return None


def _add_replan(commands: Any, common: argparse.ArgumentParser, lang: Lang) -> None:  # noqa: ANN401 - argparse hides it
    replan = commands.add_parser(
        "replan",
        parents=[common],
        help=say("cli.replan", lang),
        description=say("cli.replan_about", lang),
        epilog=say("cli.replan_epilog", lang),
    )
    replan.add_argument("folder", metavar="FOLDER", type=Path, help=say("cli.folder", lang))
    replan.add_argument("--tutup", metavar="WHERE", action="append", default=[], help=say("cli.tutup", lang))
    replan.add_argument("--selesai", metavar="TRIP,...", action="append", default=[], help=say("cli.selesai", lang))
    replan.add_argument("--rusak", metavar="VEHICLE,...", action="append", default=[], help=say("cli.rusak", lang))
    replan.add_argument("--pindah", metavar="TPS:LAT,LON", action="append", default=[], help=say("cli.pindah", lang))
    replan.add_argument("--jam", metavar="TIME", type=_time, help=say("cli.jam", lang))
    replan.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.replan_out", lang))
    _add_map_options(replan, lang)
    replan.set_defaults(run=_replan)


def _add_draw(commands: Any, common: argparse.ArgumentParser, lang: Lang) -> None:  # noqa: ANN401 - argparse hides it
    draw = commands.add_parser(
        "draw", parents=[common], help=say("cli.draw", lang), description=say("cli.draw_about", lang)
    )
    draw.add_argument("folder", metavar="FOLDER", type=Path, help=say("cli.folder", lang))
    draw.add_argument("--geojson", action="store_true", help=say("cli.geojson", lang))
    _add_map_options(draw, lang)
    draw.set_defaults(run=_draw)


def _add_merge(commands: Any, common: argparse.ArgumentParser, lang: Lang) -> None:  # noqa: ANN401 - argparse hides it
    merge = commands.add_parser(
        "merge",
        parents=[common],
        help=say("cli.merge", lang),
        description=say("cli.merge_about", lang),
        epilog=say("cli.merge_epilog", lang),
    )
    merge.add_argument("operation", metavar="OPERATION", type=Path, help=say("cli.operation", lang))
    merge.add_argument("answers", metavar="ANSWERS", type=Path, help=say("cli.merge_answers", lang))
    merge.add_argument("--out", metavar="FILE", type=Path, required=True, help=say("cli.merge_out", lang))
    merge.add_argument("--jauh", metavar="M", type=_metres, default=1000.0, help=say("cli.merge_jauh", lang))
    merge.set_defaults(run=_merge)


def _add_map_options(command: argparse.ArgumentParser, lang: Lang) -> None:
    command.add_argument("--sandi", action="store_true", help=say("cli.sandi", lang))
    command.add_argument("--terbuka", action="store_true", help=say("cli.terbuka", lang))
    command.add_argument("--peta-daring", metavar="URL", type=_tiles, default="", help=say("cli.peta_daring", lang))


def _add_psu(commands: Any, common: argparse.ArgumentParser, lang: Lang) -> None:  # noqa: ANN401 - argparse hides it
    again = commands.add_parser(
        "psu",
        parents=[common],
        help=say("cli.psu", lang),
        description=say("cli.psu_about", lang),
        epilog=say("cli.psu_epilog", lang),
    )
    again.add_argument("operation", metavar="OPERATION", type=Path, help=say("cli.operation", lang))
    again.add_argument("--tps", metavar="KODE", nargs="+", required=True, help=say("cli.psu_tps", lang))
    again.add_argument("--jenis", metavar="JENIS", nargs="+", required=True, help=say("cli.psu_jenis", lang))
    again.add_argument("--tanggal", metavar="TANGGAL", type=_day, required=True, help=say("cli.psu_tanggal", lang))
    again.add_argument("--roads", metavar="PATH", type=Path, help=say("cli.roads", lang))
    again.add_argument("--tutup", metavar="WHERE", action="append", default=[], help=say("cli.tutup", lang))
    again.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.psu_out", lang))
    _add_map_options(again, lang)
    again.set_defaults(run=_plan, geojson=False)


def _parser(lang: Lang) -> Parser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=LANGS, help=say("cli.lang", lang))
    common.add_argument("--debug", action="store_true", help=say("cli.debug", lang))
    parser = Parser(lang, prog="kaur-gis", description=say("cli.about", lang), epilog=say("cli.epilog", lang))
    parser.add_argument("--lang", choices=LANGS, help=say("cli.lang", lang))
    parser.add_argument(
        "--version", action="version", version=f"kaur-gis {version('kaur_gis')}", help=say("cli.version", lang)
    )
    commands = parser.add_subparsers(
        title=say("cli.commands", lang),
        metavar=say("cli.command", lang),
        required=True,
        dest="command",
        parser_class=cast("type[argparse.ArgumentParser]", partial(Parser, lang)),
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
    plan.add_argument("--tutup", metavar="WHERE", action="append", default=[], help=say("cli.tutup", lang))
    plan.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.out", lang))
    _add_map_options(plan, lang)
    plan.add_argument("--geojson", action="store_true", help=say("cli.geojson", lang))
    plan.set_defaults(run=_plan)
    check = commands.add_parser(
        "check", parents=[common], help=say("cli.check", lang), description=say("cli.check_about", lang)
    )
    check.add_argument("operation", metavar="OPERATION", type=Path, help=say("cli.operation", lang))
    check.add_argument("--roads", metavar="PATH", type=Path, help=say("cli.roads", lang))
    check.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.check_out", lang))
    check.set_defaults(run=_check)
    new = commands.add_parser(
        "new", parents=[common], help=say("cli.new", lang), description=say("cli.new_about", lang)
    )
    new.add_argument("kode", metavar="KODE", help=say("cli.new_kode", lang))
    new.add_argument("--nama", metavar="NAMA", required=True, help=say("cli.new_nama", lang))
    new.add_argument("--out", metavar="FOLDER", type=Path, help=say("cli.new_out", lang))
    new.set_defaults(run=_new)
    _add_psu(commands, common, lang)
    short = commands.add_parser(
        "shortage", parents=[common], help=say("cli.shortage", lang), description=say("cli.shortage_about", lang)
    )
    short.add_argument("folder", metavar="FOLDER", type=Path, help=say("cli.folder", lang))
    short.add_argument("--tps", metavar="KODE", required=True, help=say("cli.shortage_tps", lang))
    short.add_argument("--jenis", metavar="JENIS", required=True, help=say("cli.shortage_jenis", lang))
    short.add_argument("--kurang", metavar="N", type=_count, help=say("cli.shortage_kurang", lang))
    short.set_defaults(run=_shortage)
    fetch = commands.add_parser(
        "fetch", parents=[common], help=say("cli.fetch", lang), description=say("cli.fetch_about", lang)
    )
    fetch.add_argument("operation", metavar="OPERATION", type=Path, help=say("cli.operation", lang))
    fetch.set_defaults(run=_fetch)
    for add in (_add_draw, _add_replan, _add_merge, cli_cut.add_weak, cli_cut.add_scenarios):
        add(commands, common, lang)
    verify = commands.add_parser(
        "verify", parents=[common], help=say("cli.verify", lang), description=say("cli.verify_about", lang)
    )
    verify.add_argument("folder", metavar="FOLDER", type=Path, help=say("cli.folder", lang))
    verify.add_argument("--all", action="store_true", help=say("cli.all", lang))
    verify.set_defaults(run=_verify)
    return parser
