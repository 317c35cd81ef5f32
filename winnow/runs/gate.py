"""The gate: decides whether every line and branch of one module ran, and why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from winnow.runs.coverage import Line, Measurement, Module, Tally

PASSES, FAILS, UNMEASURED = "passes", "fails", "unmeasured"
KINDS = ("missed", "partial", "excluded")  # of gaps, the most urgent first


@dataclass(frozen=True)
class Gap:
    """A line that makes the gate fail.

    ``kind`` is missed, partial or excluded. ``target`` is the target line of a branch that was never taken:
    below 0 it is the end of the function, and 0 means that the gap is not a branch.
    """

    kind: str
    line: int
    function: str
    code: str
    target: int


@dataclass(frozen=True)
class Gate:
    """The gate of one module.

    ``state`` is passes, fails or unmeasured. ``cause`` says why: passes, missing (lines or branches did
    not run), excluded (lines were not measured), empty (no statement), unimported, absent (the module was
    not measured), or unmeasured (nothing was).
    """

    path: str
    state: str
    cause: str
    tally: Tally | None = None
    excluded: int = 0
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def of(cls, path: str, measurement: Measurement | None) -> Self:
        """Return the gate of the module at this path, as it was measured."""
        if measurement is None:
            return cls(path, UNMEASURED, UNMEASURED)
        module = measurement.module(path)
        if module is None:
            return cls(path, FAILS, "absent")
        state = PASSES if module.complete else FAILS
        return cls(path, state, _cause(module), module.tally, module.excluded, tuple(_gaps(module)))

    @property
    def by_kind(self) -> tuple[tuple[str, tuple[Gap, ...]], ...]:
        """The gaps by kind, the most urgent first."""
        found = ((kind, tuple(gap for gap in self.gaps if gap.kind == kind)) for kind in KINDS)
        return tuple((kind, gaps) for kind, gaps in found if gaps)


def _cause(module: Module) -> str:
    if module.complete:
        return PASSES
    if not module.tally.statements:
        return "empty"
    if module.tally.missing_statements == module.tally.statements:
        return "unimported"
    return "excluded" if module.tally.percent == 100.0 else "missing"


def _gaps(module: Module) -> Iterator[Gap]:
    for line in module.lines:
        if line.state in KINDS:
            yield from _of_line(module, line)


def _of_line(module: Module, line: Line) -> Iterator[Gap]:
    function = module.function_at(line.number) or ""
    for target in line.untaken or (0,):
        yield Gap(line.state, line.number, function, line.text.strip(), target)
