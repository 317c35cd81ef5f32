"""Coverage's part of the page: every module with its functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from winnow.runs.coverage import Function, Measurement, Module, Tally

Branch = tuple[int, int]


@dataclass(frozen=True)
class CoverageRow:
    """A module, or one of its functions, in the table; a branch is written (from, to)."""

    name: str
    start: int
    tally: Tally
    missing: tuple[tuple[int, int], ...]
    branches: tuple[Branch, ...]
    gated: bool
    functions: tuple["CoverageRow", ...] = ()

    @property
    def full(self) -> bool:
        """Whether nothing is missing."""
        return self.tally.percent == 100.0


def table(measurement: Measurement, gate_path: str) -> tuple[CoverageRow, ...]:
    """Return a row for each module: the gated one first, then those with missing lines."""
    rows = (_module(module, module.path == gate_path) for module in measurement.modules)
    return tuple(sorted(rows, key=lambda row: (not row.gated, row.full, row.name)))


def _module(module: Module, gated: bool) -> CoverageRow:
    missed = [line.number for line in module.lines if line.state == "missed"]
    untaken = ((line.number, target) for line in module.lines for target in line.untaken)
    functions = tuple(_function(module, function) for function in module.functions)
    return CoverageRow(
        module.path, 0, module.tally, _joined(module, missed), tuple(untaken), gated, functions
    )


def _function(module: Module, function: Function) -> CoverageRow:
    untaken = (branch for branch in function.missing_branches if branch[0] not in function.missing_lines)
    missing = _joined(module, function.missing_lines)
    return CoverageRow(function.name, function.start, function.tally, missing, tuple(untaken), False)


def _joined(module: Module, numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return blocks of missing lines as (first, last); lines without a statement do not end a block."""
    wanted = set(numbers)
    last = max(wanted, default=0)
    shown = [line.number for line in module.lines if line.state != "blank" and line.number <= last]
    found = (list(run) for missing, run in groupby(shown, key=wanted.__contains__) if missing)
    return tuple((run[0], run[-1]) for run in found)
