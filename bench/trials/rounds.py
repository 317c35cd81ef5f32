"""Rounds in which the ways to judge a suite take turns, so that a busy machine is busy for all of them."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.trials.fresh import Fresh, try_fresh
from bench.trials.running import Run, run
from winnow.config import Config
from winnow.variants import Variant

LIMIT = 300.0  # seconds that one matrix may take
ONE, TWO, HALF, QUARTER = "1 worker", "2 workers", "half", "quarter"
SAMPLE = 10  # variants that are tried in the naive way


@dataclass(frozen=True)
class Matrix:
    """One matrix of ours, as its process told."""

    run: Run
    told: dict[str, Any]

    @property
    def size(self) -> int:
        """How many variants were tried."""
        return len(self.told["trials"])

    @property
    def each(self) -> float:
        """Seconds a variant, the start of Python and of the libraries included."""
        return self.run.seconds / self.size

    @property
    def each_after_start(self) -> float:
        """Seconds a variant from the first trial on."""
        return float(self.told["after_start"]) / self.size


@dataclass(frozen=True)
class Round:
    """Each way once."""

    ours: dict[str, Matrix]
    fresh: list[Fresh]

    @property
    def fresh_each(self) -> float:
        """Seconds a variant with a pytest for each."""
        return sum(fresh.run.seconds for fresh in self.fresh) / len(self.fresh)

    @property
    def disagreements(self) -> list[str]:
        """Variants of which the naive way says something else than we do."""
        trials = self.ours[TWO].told["trials"]
        return [fresh.name for fresh in self.fresh if fresh.noticed != trials[fresh.name]["noticed"]]


def take_round(number: int, config: Config, variants: Sequence[Variant], say: Callable[[str], None]) -> Round:
    """Run each way once; odd rounds go backwards, and each takes another half and quarter."""
    ours: dict[str, Matrix] = {}
    fresh: list[Fresh] = []

    def matrix(name: str, workers: int, step: int) -> None:
        ours[name] = try_matrix(config.root, workers, step, number % step)
        say(f"{name}: {ours[name].run.seconds:.1f} s for {ours[name].size} variants")

    def naive() -> None:
        fresh.extend(try_fresh(config, sample(variants)))
        say(f"a fresh pytest for each: {sum(f.run.seconds for f in fresh):.1f} s for {len(fresh)} variants")

    ways = (
        partial(matrix, ONE, 1, 1),
        partial(matrix, TWO, 2, 1),
        naive,
        partial(matrix, HALF, 2, 2),
        partial(matrix, QUARTER, 2, 4),
    )
    for way in ways if number % 2 == 0 else reversed(ways):
        way()
    return Round(ours, fresh)


def try_matrix(tree: Path, workers: int, step: int, offset: int) -> Matrix:
    """Run our matrix in a process of its own."""
    options = [f"--workers={workers}", f"--step={step}", f"--offset={offset}"]
    done = run([sys.executable, "-m", "bench.trials.ours", *options], tree, LIMIT)
    if done.code != 0:
        sys.exit(f"our own matrix could not be run:\n{done.output.strip()}")
    return Matrix(done, json.loads(done.output.splitlines()[-1]))


def sample(variants: Sequence[Variant]) -> list[Variant]:
    """Return some variants, evenly from the whole catalogue."""
    size = min(SAMPLE, len(variants))
    return [variants[number * len(variants) // size] for number in range(size)]
