"""Seconds for each variant: Winnow, a fresh pytest for each, and other tools (20 minutes).

``--quick`` leaves out the other tools (5 minutes). It works on a copy of this project, so you can edit
files meanwhile. The results go to ``reports/data/bench-variants.json``.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from bench.trials import report
from bench.trials.commands import Run, end_marked, run
from bench.trials.comparison import TWO, Round, take_round, try_matrix
from bench.trials.other_tools import TOOLS, Judged, run_tool
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.project import write
from winnow.variants import load_variants

ROOT = Path(__file__).parents[1]
COPIED = ("bench", "constraints.txt", "pyproject.toml", "service", "tests", "variants", "winnow")
ROUNDS = 3
LIMIT = 600.0  # seconds for the suites of this project
OUT = Console(soft_wrap=True, highlight=False)
BEGAN = time.monotonic()


def main() -> None:
    """Measure in a temporary folder; Ctrl-C leaves no process and no file."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- variants", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the other tools")
    quick = parser.parse_args().quick
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have disabled SIGINT
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="winnow-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        tempfile.tempdir = str(folder)  # so that all temporary files are deleted with it
        try:
            measure(folder, quick)
        except WinnowError as error:
            sys.exit(str(error))
        except KeyboardInterrupt:
            sys.exit("interrupted: no results, and no process is left running")
        finally:
            end_marked(folder)


def measure(folder: Path, quick: bool) -> None:
    """Measure the rounds, then the suites of this project and the other tools; print and save the results."""
    tree = copy(folder / "tree")
    config = Config.load(tree)
    variants = load_variants(config.variants, config.root, config.service)
    try_matrix(tree, 2, 10, 0)  # compiles the bytecode before the first round
    rounds = []
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}")
        rounds.append(take_round(number, config, variants, say))
    reference = try_reference(tree)
    judged = []
    for tool in () if quick else TOOLS:
        judged.append(run_tool(tool, tree, folder))
        say(f"{tool.name}: {judged[-1].run.seconds:.0f} s {judged[-1].problem}")
    show(rounds, reference, judged)
    data = report.as_data(rounds, reference, judged)
    write(ROOT / "reports/data/bench-variants.json", json.dumps(data, ensure_ascii=False, indent=1))


def copy(tree: Path) -> Path:
    """Copy the project."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            tree.mkdir(exist_ok=True)
            shutil.copy(source, tree)
    return tree


def try_reference(tree: Path) -> Run | None:
    """Run the suites of this project on every variant; return None if that fails."""
    done = run([sys.executable, "-m", "winnow.cli", "faults", "--workers=2"], tree, LIMIT)
    judged = done.code in (0, 1)  # 1: a fault survived
    say(f"winnow faults: {done.seconds:.0f} s" if judged else f"winnow faults failed:\n{done.output}")
    return done if judged else None


def show(rounds: list[Round], reference: Run | None, judged: list[Judged]) -> None:
    """Print the tables, and how to read them."""
    taken = rounds[0].ours[TWO]
    OUT.print(f"\n{taken.size} variants × {taken.data['tests']} tests, {ROUNDS} rounds\n", style="bold")
    tables = [report.ratios(rounds), report.seconds(rounds, reference)]
    if judged:
        tables.append(report.other_tools(judged, rounds))
    wide = Console(width=170, highlight=False)
    for table in tables:
        wide.print(table)
        OUT.print()
    OUT.print(report.notes(rounds))
    OUT.print(report.READING, markup=False)


def say(what: str) -> None:
    """Print the progress on standard error."""
    print(f"{time.monotonic() - BEGAN:5.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
