"""``winnow …``: the only place that prints or exits."""

import argparse
import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from winnow import project
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.report import write_report
from winnow.runs.coverage import REPORT
from winnow.runs.gate import HOLDS, UNMEASURED, Gap
from winnow.runs.summary import Summary

FELL_SHORT = 1  # it ran, and what it found is not good enough
COULD_NOT_RUN = 2
NEXT_STEP = "write a test that gets there, or delete the line if nothing ever can"
WAITING = 2  # trials for each core: half of the time, one of live servers waits for something
OUT = Console(soft_wrap=True, highlight=False)
ERRORS = Console(stderr=True, soft_wrap=True, highlight=False)


def clean(config: Config, _options: argparse.Namespace) -> int:
    """Empty the reports folder of the last run, and see that it can be written to."""
    project.clean(config)
    OUT.print(f"{config.reports.name}/ is cleared of the last run.")
    return 0


def report(config: Config, _options: argparse.Namespace) -> int:
    """Write reports/index.html from what the last run left."""
    summary = Summary.load(config)
    page = write_report(config, summary)
    for run in summary.runs:
        bad = f", {len(run.bad)} of them bad" if run.bad else ""
        left_out = f"; the command left out {run.deselected} more" if run.deselected else ""
        style = "green" if run.state == "green" else "red"
        OUT.print(f"{run.runner}: {run.state}, {len(run.results)} tests{bad}{left_out}", style=style)
    OUT.print(f"Read {page.relative_to(config.root).as_posix()}: `nox -s report` opens it.")
    return 0 if summary.green else FELL_SHORT


def gate(config: Config, _options: argparse.Namespace) -> int:
    """Hold the gated module at 100 % of lines and branches."""
    found = Summary.load(config).gate
    if found.state == UNMEASURED:
        raise WinnowError("nothing was measured", "run `nox -s coverage`")
    if found.cause == "absent":
        raise WinnowError(
            f"{found.path} was not measured", "see that the suites import it, and [tool.winnow]"
        )
    if config.gate.stat().st_mtime > (config.data / REPORT).stat().st_mtime:
        raise WinnowError(f"{found.path} has changed since it was measured", "run `nox -s coverage`")
    if found.state == HOLDS:
        OUT.print(f"The gate holds: every line and branch of {found.path} ran.", style="green")
        return 0
    assert found.tally  # noqa: S101 -- what fails and is not absent was measured
    OUT.print(f"The gate is shut: {found.tally.percent_shown} % of {found.path} ran.", style="red")
    for gap in sorted(found.gaps, key=lambda gap: gap.line):
        OUT.print(f"  {_gap(found.path, gap)}", markup=False)
    OUT.print(f"Next: {NEXT_STEP}; reports/index.html shows it in place.")
    return FELL_SHORT


def _gap(path: str, gap: Gap) -> str:
    where = f"{path}:{gap.line} in {gap.function or 'the module itself'}"
    target = f"line {gap.target}" if gap.target > 0 else "the end of the function"
    what = {"missed": "never ran", "excluded": "left out of the measurement"}
    return f"{where}: {what.get(gap.kind, f'never went on to {target}')}: {gap.code}"


def open_report(config: Config, _options: argparse.Namespace) -> int:
    """Open reports/index.html in a browser, or say where it is."""
    page = config.reports / "index.html"
    if not page.exists():
        raise WinnowError("there is no reports/index.html yet", "run `nox -s coverage` first")
    OUT.print(page.as_uri())
    if not webbrowser.open(page.as_uri()):
        OUT.print("No browser could be opened here: open that address in yours.")
    return 0


def faults(config: Config, options: argparse.Namespace) -> int:
    """Run the project's suites against every variant: correct ones must pass, faulty ones must be caught."""
    return _judge(config, options, [*config.suites, *config.slow_suites], ours=True)


def grade(config: Config, options: argparse.Namespace) -> int:
    """Judge any suite by the variants: is it valid, what does it catch, what is still alive?"""
    if options.path is None and not options.show:
        raise WinnowError("grade needs a suite", "name a test file, or a folder: `winnow grade my_test.py`")
    return _judge(config, options, [options.path], ours=False)


def _judge(config: Config, options: argparse.Namespace, suites: Sequence[Path], *, ours: bool) -> int:
    """Judge these suites and print the grade; that of the project's own suites is kept, for the page."""
    if not hasattr(os, "fork"):
        raise WinnowError("trials need fork, which this system has not", "use Linux, macOS or WSL")
    from winnow.grading import session, text  # here, for they import all that a service may need

    if options.show:
        variant = session.named(session.load(config), options.show)
        OUT.print(text.difference(variant, config.root), markup=False)
        return 0
    record = session.judge(config, suites, options.workers)
    most = None if ours else text.FEW
    lines = text.lines(record, options.hint, most=most, everything=options.all)
    for line in [record.as_json()] if options.json else lines:
        OUT.print(line, markup=False)
    session.see_that_it_is_true(config, record)
    if ours:
        session.save(config, record)
        with suppress(WinnowError):  # before the first run of the suites there is no page to renew
            write_report(config, Summary.load(config))
    return 0 if record.perfect else FELL_SHORT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="winnow", description="Judge test suites, and make pages of it.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[Config, argparse.Namespace], int]) -> argparse.ArgumentParser:
        words = str(command.__doc__).replace("%", "%%")  # which argparse would fill in
        added = commands.add_parser(name, help=words, description=words)
        added.set_defaults(command=command)
        return added

    for name, command in (("clean", clean), ("report", report), ("gate", gate), ("open", open_report)):
        add(name, command)
    judges = add("faults", faults), add("grade", grade)
    for judge in judges:
        judge.add_argument(
            "--hint", type=int, default=0, metavar="N", help="so many hints for each fault alive"
        )
        judge.add_argument("--show", metavar="NAME", help="show how this variant changes the service")
        judge.add_argument("--all", action="store_true", help="name all that are alive, and all idle tests")
        judge.add_argument("--json", action="store_true", help="print the grade as data")
        judge.add_argument(
            "--workers", type=_at_least_one, default=WAITING * (os.cpu_count() or 1), help="trials at once"
        )
    judges[1].add_argument("path", type=Path, nargs="?", help="a test file, or a folder of them")
    return parser


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of workers: write 1 or more")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command, and exit 0 for good, 1 for falling short, 2 where it could not be run."""
    options = _parser().parse_args(arguments)
    try:
        sys.exit(options.command(Config.load(), options))
    except WinnowError as error:
        ERRORS.print(str(error), style="red", markup=False)
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        ERRORS.print("stopped: nothing was judged, and nothing is left running")
        sys.exit(COULD_NOT_RUN)


if __name__ == "__main__":
    main()
