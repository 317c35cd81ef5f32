"""``winnow …``: parse, call, print, exit. No other module prints or exits."""

import argparse
import os
import sys
import traceback
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from winnow import project
from winnow.commands import command
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.i18n import LANGUAGES, catalogue, language, say
from winnow.report import write_report
from winnow.runs.coverage import REPORT
from winnow.runs.gate import PASSES, UNMEASURED
from winnow.runs.summary import Summary
from winnow.runs.text import gate_lines, suite_line
from winnow.variants import load_misconceptions

FELL_SHORT = 1  # the command ran, and its result is not good enough
COULD_NOT_RUN = 2
TRIALS_PER_CORE = 2  # a trial with live servers waits half of its time
OUT = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
ERRORS = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)

Command = Callable[[Config, argparse.Namespace], int]


def clean(config: Config, options: argparse.Namespace) -> int:
    """Empty the reports folder, and check that it can be written to; delete the verdict store if asked."""
    if options.cache:
        project.clean_cache(config)
        OUT.print(say("clean.cache", folder=project.CACHE))
        return 0
    project.clean(config)
    OUT.print(say("clean.done", folder=config.shown(config.reports)))
    return 0


def report(config: Config, _options: argparse.Namespace) -> int:
    """Write the page from what the last run saved."""
    summary = Summary.load(config)
    page = write_report(config, summary)
    for run in summary.runs:
        OUT.print(suite_line(run), style="green" if run.state == "green" else "red")
    OUT.print(say("report.written", page=config.shown(page), command=command("open")))
    return 0 if summary.green else FELL_SHORT


def gate(config: Config, _options: argparse.Namespace) -> int:
    """Check that every line and branch of the gated module ran."""
    found = Summary.load(config).gate
    report, folder = config.data / REPORT, config.shown(config.data)
    measure = command("coverage", data=folder)
    if found.state == UNMEASURED:
        raise WinnowError("not-measured", file=config.shown(report), command=measure)
    if found.cause == "absent":
        raise WinnowError("gate-absent", path=found.path)
    if config.gate.stat().st_mtime > report.stat().st_mtime:
        raise WinnowError("gate-changed", path=found.path, command=measure)
    passes = found.state == PASSES
    for line in gate_lines(found):
        OUT.print(line, style="green" if passes else None)
    return 0 if passes else FELL_SHORT


def open_report(config: Config, _options: argparse.Namespace) -> int:
    """Open the page in a browser, or print its address."""
    page = config.reports / "index.html"
    if not page.exists():
        raise WinnowError("no-page", page=config.shown(page), command=command("page"))
    OUT.print(page.as_uri())
    if not webbrowser.open(page.as_uri()):
        OUT.print(say("open.no_browser"))
    return 0


def faults(config: Config, options: argparse.Namespace) -> int:
    """Grade the project's own suites, and save the result for the page."""
    again = partial(command, "faults")
    return _judge(config, options, [*config.suites, *config.slow_suites], again, ours=True)


def grade(config: Config, options: argparse.Namespace) -> int:
    """Grade any suite: is it valid, and which faults does it catch?"""
    if options.path is None and not options.show:
        raise WinnowError("no-suite-named", command=command("grade", "test_mine.py"))
    again = partial(command, "grade", str(options.path))
    return _judge(config, options, [options.path], again, ours=False)


def _judge(
    config: Config,
    options: argparse.Namespace,
    suites: Sequence[Path],
    again: Callable[[str], str],
    *,
    ours: bool,
) -> int:
    """Grade the suites with every variant, print the grade, and save it for the project's own suites."""
    if not hasattr(os, "fork"):
        raise WinnowError("no-fork")
    from winnow.grading import session, text  # here: they import everything that a service may need
    from winnow.grading.grade import grade as graded

    if options.variants:
        config = replace(config, variants=options.variants.resolve())
    variants = session.load(config)
    if options.show:
        OUT.print(text.difference(session.named(variants, options.show), config.root))
        return 0
    before = project.fingerprint(config)
    with session.opened(config, fresh=options.fresh) as store:
        if store and store.damaged:
            ERRORS.print(say("store.damaged", path=config.shown(store.damaged)))
        matrix = session.run_trials(config, suites, variants, options.workers, store)
    record = graded(matrix, config.root, before, load_misconceptions(config.variants))
    most = None if ours else text.FEW
    lines = text.lines(record, options.hint, again, most=most, everything=options.all)
    for line in [record.as_json()] if options.json else lines:
        OUT.print(line)
    session.check_that_nothing_changed(config, record)
    if ours:
        session.save(config, record, variants)
        with suppress(WinnowError):  # before the first run of the suites there is no page to update
            write_report(config, Summary.load(config))
    return 0 if record.perfect else FELL_SHORT


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=say("help.lang"))
    parser = argparse.ArgumentParser(prog="winnow", description=say("help.winnow"), parents=[shared])
    parser.add_argument("--version", action="version", version=_version(), help=say("help.version"))
    commands = parser.add_subparsers(required=True, metavar=say("help.command"))

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        words = say(f"help.{name}")
        added = commands.add_parser(name, help=words, description=words, parents=[shared])
        added.set_defaults(command=command)
        return added

    add("clean", clean).add_argument("--cache", action="store_true", help=say("help.cache"))
    for name, function in (("report", report), ("gate", gate), ("open", open_report)):
        add(name, function)
    judges = add("faults", faults), add("grade", grade)
    for judge in judges:
        judge.add_argument("--hint", type=int, default=0, metavar="N", help=say("help.hint"))
        judge.add_argument("--variants", type=Path, metavar="DIR", help=say("help.variants"))
        judge.add_argument("--show", metavar="NAME", help=say("help.show"))
        judge.add_argument("--all", action="store_true", help=say("help.all"))
        judge.add_argument("--fresh", action="store_true", help=say("help.fresh"))
        judge.add_argument("--json", action="store_true", help=say("help.json"))
        workers = TRIALS_PER_CORE * (os.cpu_count() or 1)
        judge.add_argument("--workers", type=_workers, default=workers, metavar="N", help=say("help.workers"))
    judges[1].add_argument("path", type=Path, nargs="?", metavar="PATH", help=say("help.path"))
    return parser


def _version() -> str:
    try:
        return f"winnow {version('pytest-winnow')}"
    except PackageNotFoundError:  # a checkout that is not installed
        return "winnow"


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(say("help.not_workers", text=text))
    return int(text)


def _set_language(arguments: Sequence[str] | None) -> None:
    """Set the language from ``--lang`` before the parser is created, so that ``--help`` uses it too.

    argparse translates its own texts with two functions of ``gettext``. Both are replaced by a look-up in
    the catalogue, where ``en`` is argparse's text.
    """
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--lang", nargs="?")
    chosen = early.parse_known_args(arguments)[0].lang
    if chosen in LANGUAGES:
        os.environ["WINNOW_LANG"] = chosen
    if language() == "zh":
        texts = {e["en"]: e["zh"] for key, e in catalogue().items() if key.startswith("argparse.")}
        for name in ("_", "ngettext"):
            setattr(argparse, name, lambda text, *_: texts.get(text, text))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exit 0 for a good result, 1 for a poor one, 2 if the command could not run."""
    _set_language(arguments)
    options = _parser().parse_args(arguments)
    try:
        sys.exit(options.command(Config.load(), options))
    except WinnowError as error:
        ERRORS.print(str(error), style="red")
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        ERRORS.print(say("cli.interrupted"))
        sys.exit(COULD_NOT_RUN)
    except Exception as error:
        if os.environ.get("WINNOW_DEBUG"):
            raise
        last = traceback.extract_tb(error.__traceback__)[-1]
        place, why = f"{Path(last.filename).name}:{last.lineno}", f"{type(error).__name__}: {error}"
        ERRORS.print(say("cli.internal", place=place, why=why), style="red")
        sys.exit(COULD_NOT_RUN)


if __name__ == "__main__":
    main()
