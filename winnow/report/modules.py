"""Coverage's part of the page: the gate, and every module with its functions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from winnow.measurement import Function, Line, Measurement, Module, Tally
from winnow.verdict import Verdict

Branch = tuple[int, int]
KINDS = ("missed", "partial", "excluded")


@dataclass(frozen=True)
class Gap:
    """A line that keeps the gate shut; ``target`` is where a branch never went, 0 where it is no branch."""

    line: int
    function: str
    code: str
    target: int


@dataclass(frozen=True)
class Gate:
    """The gate: ``state`` is holds, fails or unmeasured, ``why`` the key of the sentence that explains it."""

    path: str
    state: str
    why: str
    tally: Tally | None
    excluded: int
    gaps: tuple[tuple[str, tuple[Gap, ...]], ...]

    @property
    def advice(self) -> str:
        """The key of what to do, where no list of gaps says it."""
        kind = self.why.removeprefix("gate.")
        return f"gate.do_{kind}" if kind in ("absent", "unimported", "empty") else ""


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


def gate(verdict: Verdict) -> Gate:
    """Return the gate's state, and what keeps it shut."""
    module = verdict.gate
    state = {True: "holds", False: "fails", None: "unmeasured"}[verdict.gate_holds]
    if module is None:
        why = "absent" if verdict.measurement else "unmeasured"
        return Gate(verdict.gate_path, state, f"gate.{why}", None, 0, ())
    return Gate(
        module.path, state, f"gate.{_why(module)}", module.tally, module.excluded, tuple(_gaps(module))
    )


def table(measurement: Measurement, gate_path: str) -> tuple[CoverageRow, ...]:
    """Return a row for each module: the gated one first, then those that miss something."""
    rows = (_module(module, module.path == gate_path) for module in measurement.modules)
    return tuple(sorted(rows, key=lambda row: (not row.gated, row.full, row.name)))


def _why(module: Module) -> str:
    if module.complete:
        return "holds"
    if not module.tally.statements:
        return "empty"
    if module.tally.missing_statements == module.tally.statements:
        return "unimported"
    return "excluded" if module.tally.percent == 100.0 else "fails"


def _gaps(module: Module) -> Iterator[tuple[str, tuple[Gap, ...]]]:
    for kind in KINDS:
        found = tuple(gap for line in module.lines if line.state == kind for gap in _of_line(module, line))
        if found:
            yield kind, found


def _of_line(module: Module, line: Line) -> Iterator[Gap]:
    function = module.function_at(line.number)
    for target in line.untaken or (0,):
        yield Gap(line.number, function or "", line.text.strip(), target)


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
    """Return missing lines as first and last; lines with nothing to run do not part them."""
    wanted = set(numbers)
    last = max(wanted, default=0)
    told = [line.number for line in module.lines if line.state != "blank" and line.number <= last]
    found = (list(run) for missing, run in groupby(told, key=wanted.__contains__) if missing)
    return tuple((run[0], run[-1]) for run in found)
