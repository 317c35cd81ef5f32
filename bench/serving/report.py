"""Run a benchmark of a server; print its results as a table, and save them as JSON."""

import argparse
import asyncio
import json
import os
import platform
import resource
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from rich.console import Console

from bench.trials.commands import busy_seconds
from bench.trials.report import make_table
from winnow.project import write

DATA = Path(__file__).parents[2] / "reports/data"
READING = """\
How to read it
  A row shows the median, the minimum and the maximum of all rounds. In a round, the servers take turns.
  A ratio between 0.8 and 1.25 is a tie. Where the column "wall" has a number, the others are ratios of the
  server's processor time, which other programs disturb less, and "wall" is the ratio of wall time.
  All other rows are wall time."""


@dataclass(frozen=True)
class Row:
    """The values of one measurement, one for each round; ``wall`` holds the same in wall time."""

    what: str
    values: Sequence[float]
    wall: Sequence[float] = ()
    least: float | None = None  # the target: at least this
    most: float | None = None  # the target: at most this
    unit: str = "×"

    @property
    def target(self) -> str:
        """The target as text, empty if there is none."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"≤ {self.most:g}"

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None if there is none."""
        if self.least is not None:
            return median(self.values) >= self.least
        return None if self.most is None else median(self.values) <= self.most

    def as_data(self) -> dict[str, Any]:
        """Return the row as JSON."""
        data: dict[str, Any] = {"what": self.what, "unit": self.unit, "median": median(self.values)}
        data |= {"rounds": list(self.values), "wall": list(self.wall)}
        return data | {"target": self.target, "met": self.met}


@dataclass
class Bench:
    """A running benchmark and its results so far."""

    name: str
    quick: bool
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Print the progress on standard error."""
        print(f"{time.monotonic() - self.began:5.0f} s  {what}", file=sys.stderr, flush=True)

    def add(self, *rows: Row) -> None:
        """Add results."""
        self.rows += rows


def run(name: str, what: str, measure: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
    """Measure, print a table and save the data; Ctrl-C leaves nothing running."""
    parser = argparse.ArgumentParser(prog=f"nox -s bench -- {name}", description=what)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    bench = Bench(name, parser.parse_args().quick)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have disabled it
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    before = _used()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(bench))
    except KeyboardInterrupt:
        sys.exit("interrupted: no results, and no process is left running")
    busy, ours, seconds = (now - then for now, then in zip(_used(), before, strict=True))
    elsewhere = max(0.0, busy - ours) / seconds
    bench.notes.append(f"Duration: {seconds:.0f} s. Other programs used {elsewhere:.1f} cores on average.")
    show(bench)
    data = {"quick": bench.quick, "python": platform.python_version(), "cores": os.cpu_count()}
    data |= {"seconds": round(seconds), "elsewhere": elsewhere}
    data |= {"notes": bench.notes, "rows": [row.as_data() for row in bench.rows]}
    write(DATA / f"bench-{name}.json", json.dumps(data, ensure_ascii=False, indent=1))


def show(bench: Bench) -> None:
    """Print the table, the notes, and how to read them."""
    title = f"{bench.name.capitalize()}, Python {platform.python_version()}"
    shown = make_table(title, "what", "median", "min", "max", "wall", "", "target", "")
    for row in bench.rows:
        numbers = [_round(f(row.values)) for f in (median, min, max)]
        wall = _round(median(row.wall)) if row.wall else ""
        verdict = {True: "met", False: "NOT MET", None: ""}[row.met]
        shown.add_row(row.what, *numbers, wall, row.unit, row.target, verdict)
    out = Console(width=120, highlight=False)
    out.print(shown)
    for note in bench.notes:
        out.print(note, markup=False)
    out.print(f"\n{READING}", markup=False)


def _round(number: float) -> str:
    return f"{number:.2f}" if abs(number) < 1000 else f"{number:.0f}"


def _used() -> tuple[float, float, float]:
    """Return processor time, of the whole machine and of this benchmark, and wall time, in seconds."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = time.process_time() + children.ru_utime + children.ru_stime
    return busy_seconds(), ours, time.monotonic()
