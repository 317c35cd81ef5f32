"""What was measured, for people and as data, and what the benchmarks do alike."""

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

from bench.trials.report import make_table
from bench.trials.running import busy_seconds
from winnow.project import write

DATA = Path(__file__).parents[2] / "reports/data"
READING = """\
How to read it
  Each number is the median of the rounds, with the least and the greatest; in a round, those that are
  compared take turns. A ratio between 0.8 and 1.25 is a tie. A row with a number under "clock" is in
  processor time of the server, which other programs disturb less, and "clock" is the same by the clock;
  any other row is by the clock."""


@dataclass(frozen=True)
class Row:
    """One thing that was measured in each round; ``clock`` is the same by the clock."""

    what: str
    values: Sequence[float]
    clock: Sequence[float] = ()
    least: float | None = None  # the aim: at least this
    most: float | None = None  # or at most this
    unit: str = "×"

    @property
    def aim(self) -> str:
        """The aim in words, if there is one."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"≤ {self.most:g}"

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        if self.least is not None:
            return median(self.values) >= self.least
        return None if self.most is None else median(self.values) <= self.most

    def as_data(self) -> dict[str, Any]:
        """Return all of it."""
        data: dict[str, Any] = {"what": self.what, "unit": self.unit, "median": median(self.values)}
        data |= {"rounds": list(self.values), "clock": list(self.clock)}
        return data | {"aim": self.aim, "met": self.met}


@dataclass
class Bench:
    """A benchmark that runs: how far it is, and what it has found."""

    name: str
    quick: bool
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Tell how far it is, on standard error."""
        print(f"{time.monotonic() - self.began:5.0f} s  {what}", file=sys.stderr, flush=True)

    def add(self, *rows: Row) -> None:
        """Add what was found."""
        self.rows += rows


def run(name: str, what: str, measure: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
    """Measure, print a table and keep the data; Ctrl-C leaves nothing running."""
    parser = argparse.ArgumentParser(prog=f"nox -s bench -- {name}", description=what)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    bench = Bench(name, parser.parse_args().quick)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have switched it off
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    before = _used()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(bench))
    except KeyboardInterrupt:
        sys.exit("stopped: nothing was measured, and nothing is left running")
    busy, ours, seconds = (now - then for now, then in zip(_used(), before, strict=True))
    elsewhere = max(0.0, busy - ours) / seconds
    bench.notes.append(f"It took {seconds:.0f} s; other programs kept {elsewhere:.1f} cores busy meanwhile.")
    show(bench)
    data = {"quick": bench.quick, "python": platform.python_version(), "cores": os.cpu_count()}
    data |= {"seconds": round(seconds), "elsewhere": elsewhere}
    data |= {"notes": bench.notes, "rows": [row.as_data() for row in bench.rows]}
    write(DATA / f"bench-{name}.json", json.dumps(data, ensure_ascii=False, indent=1))


def show(bench: Bench) -> None:
    """Print the table, the notes and how to read them."""
    title = f"{bench.name.capitalize()}, Python {platform.python_version()}"
    shown = make_table(title, "what", "median", "least", "greatest", "clock", "", "aim", "")
    for row in bench.rows:
        numbers = [_round(f(row.values)) for f in (median, min, max)]
        clock = _round(median(row.clock)) if row.clock else ""
        verdict = {True: "met", False: "NOT MET", None: ""}[row.met]
        shown.add_row(row.what, *numbers, clock, row.unit, row.aim, verdict)
    out = Console(width=120, highlight=False)
    out.print(shown)
    for note in bench.notes:
        out.print(note, markup=False)
    out.print(f"\n{READING}", markup=False)


def _round(number: float) -> str:
    return f"{number:.2f}" if abs(number) < 1000 else f"{number:.0f}"


def _used() -> tuple[float, float, float]:
    """Return seconds of processor time, of the whole machine and of ours, and seconds by the clock."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = time.process_time() + children.ru_utime + children.ru_stime
    return busy_seconds(), ours, time.monotonic()
