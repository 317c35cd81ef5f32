"""The matrix on the page: a row for each test function that catches a fault, a column for each fault."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from winnow.grading.record import CAUGHT_BY
from winnow.report.faults import Checked, Fault, function_of


@dataclass(frozen=True)
class Cell:
    """How many tests of a function catch a fault, and the best way in which one does."""

    kind: str
    count: int


@dataclass(frozen=True)
class GridRow:
    """A test function: its name in its file, the number of its tests, a cell for each fault."""

    name: str
    tests: int
    cells: tuple[Cell | None, ...]


def grid(checked: Checked) -> tuple[tuple[str, tuple[GridRow, ...]], ...]:
    """Return the rows, by file."""
    found = list(_rows(checked))
    return tuple(
        (file, tuple(row for _, row in rows)) for file, rows in groupby(found, key=lambda pair: pair[0])
    )


def kinds(checked: Checked) -> list[str]:
    """Return the kinds of failure in the matrix, for its legend."""
    found = {kind for fault in checked.faults for kind in fault.caught_by.values()}
    return [kind for kind in CAUGHT_BY if kind in found]


def _rows(checked: Checked) -> Iterator[tuple[str, GridRow]]:
    for function, tests in Counter(map(function_of, checked.record.tests)).items():
        cells = tuple(_cell(fault, function) for fault in checked.faults)
        if any(cells):
            file, _, name = function.partition("::")
            yield file, GridRow(name or file, tests, cells)


def _cell(fault: Fault, function: str) -> Cell | None:
    found = fault.functions.get(function)
    return Cell(min(found, key=CAUGHT_BY.index), len(found)) if found else None
