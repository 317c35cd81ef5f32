"""Compare the methods in rounds: a round runs each once, so a busy machine slows all of them."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.trials.commands import Run, run
from bench.trials.fresh_pytest import Fresh, try_fresh
from winnow.config import Config
from winnow.variants import Variant

LIMIT = 300.0  # seconds for one matrix
ONE, TWO, HALF, QUARTER = "1 worker", "2 workers", "half", "quarter"
SAMPLE = 10  # variants for a fresh pytest


@dataclass(frozen=True)
class Matrix:
    """One matrix of Winnow: the result of its process, and the JSON that it printed."""

    run: Run
    data: dict[str, Any]

    @property
    def size(self) -> int:
        """The number of variants."""
        return len(self.data["trials"])

    @property
    def each(self) -> float:
        """Seconds for each variant, with the start of Python and the import of libraries."""
        return self.run.seconds / self.size

    @property
    def each_after_start(self) -> float:
        """Seconds for each variant, from the first trial on."""
        return float(self.data["after_start"]) / self.size


@dataclass(frozen=True)
class Round:
    """The results of one round."""

    ours: dict[str, Matrix]
    fresh: list[Fresh]

    @property
    def fresh_each(self) -> float:
        """Seconds for each variant with a fresh pytest."""
        return sum(fresh.run.seconds for fresh in self.fresh) / len(self.fresh)

    @property
    def disagreements(self) -> list[str]:
        """The variants on which a fresh pytest and Winnow disagree."""
        trials = self.ours[TWO].data["trials"]
        return [fresh.name for fresh in self.fresh if fresh.caught != trials[fresh.name]["caught"]]


def take_round(number: int, config: Config, variants: Sequence[Variant], say: Callable[[str], None]) -> Round:
    """Run each method once; odd rounds run in reverse order, and each uses another half and quarter."""
    ours: dict[str, Matrix] = {}
    fresh: list[Fresh] = []

    def matrix(name: str, workers: int, step: int) -> None:
        ours[name] = try_matrix(config.root, workers, step, number % step)
        say(f"{name}: {ours[name].run.seconds:.1f} s for {ours[name].size} variants")

    def fresh_pytest() -> None:
        fresh.extend(try_fresh(config, sample(variants)))
        say(f"fresh pytest: {sum(f.run.seconds for f in fresh):.1f} s for {len(fresh)} variants")

    methods = (
        partial(matrix, ONE, 1, 1),
        partial(matrix, TWO, 2, 1),
        fresh_pytest,
        partial(matrix, HALF, 2, 2),
        partial(matrix, QUARTER, 2, 4),
    )
    for method in methods if number % 2 == 0 else reversed(methods):
        method()
    return Round(ours, fresh)


def try_matrix(tree: Path, workers: int, step: int, offset: int) -> Matrix:
    """Run Winnow in a process of its own."""
    options = [f"--workers={workers}", f"--step={step}", f"--offset={offset}"]
    done = run([sys.executable, "-m", "bench.trials.winnow_matrix", *options], tree, LIMIT)
    if done.code != 0:
        sys.exit(f"the matrix cannot be run:\n{done.output.strip()}")
    return Matrix(done, json.loads(done.output.splitlines()[-1]))


def sample(variants: Sequence[Variant]) -> list[Variant]:
    """Return some variants, evenly distributed over the catalogue."""
    size = min(SAMPLE, len(variants))
    return [variants[number * len(variants) // size] for number in range(size)]
