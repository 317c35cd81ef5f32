"""``winnow …``: the only place that prints or exits."""

import argparse
import sys
import webbrowser
from collections.abc import Callable, Sequence

from rich.console import Console

from winnow import housekeeping
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.gate import NEXT_STEP, gaps
from winnow.report import write_report
from winnow.verdict import Verdict

FELL_SHORT = 1  # it ran, and what it found is not good enough
COULD_NOT_RUN = 2


def clean(config: Config, out: Console) -> int:
    """Empty the reports folder of the last run, and see that it can be written to."""
    housekeeping.clean(config)
    out.print(f"{config.reports.name}/ is empty and can be written to.")
    return 0


def report(config: Config, out: Console) -> int:
    """Write reports/index.html from what the last run left."""
    verdict = Verdict.load(config)
    page = write_report(config, verdict)
    for run in verdict.runs:
        bad = f", {len(run.bad)} of them bad" if run.bad else ""
        out.print(
            f"{run.runner}: {run.state}, {len(run.results)} tests{bad}", style=_colour(run.state == "green")
        )
    out.print(f"Read {page.relative_to(config.root).as_posix()}: `nox -s report` opens it.")
    return 0 if verdict.green else FELL_SHORT


def gate(config: Config, out: Console) -> int:
    """Hold the gated module at 100 % of lines and branches."""
    verdict = Verdict.load(config)
    if verdict.measurement is None:
        raise WinnowError("nothing was measured", "run `nox -s coverage`")
    if verdict.gate is None:
        raise WinnowError(
            f"{verdict.gate_path} was not measured", "see that the suites import it, and [tool.winnow]"
        )
    module = verdict.gate
    if module.complete:
        out.print(f"The gate holds: every line and branch of {module.path} ran.", style="green")
        return 0
    out.print(f"The gate is shut: {module.tally.percent_shown} % of {module.path} ran.", style="red")
    for gap in gaps(module):
        out.print(f"  {gap}", markup=False)
    out.print(f"Next: {NEXT_STEP}; reports/index.html shows it in place.")
    return FELL_SHORT


def open_report(config: Config, out: Console) -> int:
    """Open reports/index.html in a browser, or say where it is."""
    page = config.reports / "index.html"
    if not page.exists():
        raise WinnowError("there is no reports/index.html yet", "run `nox -s coverage` first")
    out.print(page.as_uri())
    if not webbrowser.open(page.as_uri()):
        out.print("No browser could be opened here: open that address in yours.")
    return 0


def _colour(good: bool) -> str:
    return "green" if good else "red"


COMMANDS: dict[str, Callable[[Config, Console], int]] = {
    "clean": clean,
    "report": report,
    "gate": gate,
    "open": open_report,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="winnow", description="Judge test suites, and make pages of it.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        added.set_defaults(command=command)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command, and exit 0 for good, 1 for falling short, 2 where it could not be run."""
    options = _parser().parse_args(arguments)
    out = Console(soft_wrap=True, highlight=False)
    try:
        sys.exit(options.command(Config.load(), out))
    except WinnowError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(str(error), style="red", markup=False)
        sys.exit(COULD_NOT_RUN)


if __name__ == "__main__":
    main()
