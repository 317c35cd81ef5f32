"""What coverage measured: by module, by function, by line, and which tests ran each line.

Numbers come from ``coverage json``, whose format is public and versioned. Which tests ran a line comes
from coverage's data file, because the JSON would repeat it in every function.
"""

import ast
import json
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from coverage import CoverageData

from winnow.commands import command
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.runs.functions import Span, spans

REPORT = "coverage.json"  # in the data folder


@dataclass(frozen=True)
class Tally:
    """How many statements and branches there are, and how many were missed."""

    statements: int
    missing_statements: int
    branches: int
    missing_branches: int

    @property
    def percent(self) -> float:
        """Statements and branches together, as coverage counts them; 100 must really be 100."""
        whole = self.statements + self.branches
        missing = self.missing_statements + self.missing_branches
        return 100.0 * (whole - missing) / whole if whole else 100.0

    @property
    def percent_shown(self) -> str:
        """The percentage rounded down to one decimal, so that 99.99 is not shown as 100."""
        return f"{int(self.percent * 10) / 10:g}"

    @classmethod
    def of(cls, summary: dict[str, Any]) -> Self:
        """Read coverage's summary."""
        return cls(
            summary["num_statements"],
            summary["missing_lines"],
            summary["num_branches"],
            summary["missing_branches"],
        )


@dataclass(frozen=True)
class Function:
    """One function or method: ``start`` is the line of its ``def``, ``body`` the lines that can run."""

    name: str
    start: int
    body: frozenset[int]
    tally: Tally
    missing_lines: tuple[int, ...]
    missing_branches: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Line:
    """One line of source.

    ``state`` is covered, partial (a branch was never taken), missed, excluded, or blank (no statement).
    ``untaken`` has the target line of each branch never taken; a number below 0 is the function's end.
    ``tests`` are the tests that ran it; "" among them means that it ran at import.
    """

    number: int
    text: str
    state: str
    untaken: tuple[int, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """One file of the service; ``path`` is relative to the project, with slashes."""

    path: str
    tally: Tally
    functions: tuple[Function, ...]
    lines: tuple[Line, ...]
    excluded: int

    def function_at(self, number: int) -> str | None:
        """Return the name of the function whose body this line is in, if it is in one."""
        return next((function.name for function in self.functions if number in function.body), None)

    @property
    def complete(self) -> bool:
        """Whether every statement and branch ran, and none was excluded from the measurement."""
        return self.tally.percent == 100.0 and not self.excluded and self.tally.statements > 0


@dataclass(frozen=True)
class Measurement:
    """The coverage of the whole service in one run."""

    total: Tally
    modules: tuple[Module, ...]

    def module(self, path: str) -> Module | None:
        """Return the module at this path, if it was measured."""
        return next((module for module in self.modules if module.path == path), None)

    @classmethod
    def load(cls, config: Config) -> Self:
        """Read ``coverage.json`` and ``.coverage`` in the project's data folder.

        Raises  WinnowError if there is none, it is damaged, or branches were not measured.
        """
        from coverage import CoverageData, CoverageException  # here: its import reads the current folder

        data = CoverageData(str(config.data / ".coverage"))
        try:
            report = json.loads((config.data / REPORT).read_text(encoding="utf-8"))
            data.read()
            if not report["meta"]["branch_coverage"]:
                raise WinnowError("no-branches", file=settings_file(config.root))
            files = report["files"].items()
            modules = tuple(_module(path, table, data, config.root) for path, table in files)
            return cls(Tally.of(report["totals"]), modules)
        except (OSError, ValueError, KeyError, TypeError, CoverageException) as error:
            folder = config.shown(config.data)
            again = command("coverage", data=folder)
            raise WinnowError("damaged-coverage", folder=folder, error=error, command=again) from None


def settings_file(root: Path) -> str:
    """Return the file that coverage reads its settings from: the first one that contains some."""
    sections = {".coveragerc": "[", "setup.cfg": "[coverage:", "tox.ini": "[coverage:"}
    for name, mark in sections.items():
        if (root / name).is_file() and mark in (root / name).read_text("utf-8", errors="replace"):
            return name
    return "pyproject.toml"


def _module(path: str, table: dict[str, Any], data: "CoverageData", root: Path) -> Module:
    with tokenize.open(root / path) as file:
        source = [line.rstrip("\n") for line in file]
    measured = path if path in data.measured_files() else str(root / path)  # without `relative_files`
    tree = ast.parse("\n".join(source))
    lines = _lines(source, table, _by_statement(tree, data.contexts_by_lineno(measured)))
    functions = tuple(_function(span, table) for span in spans(tree))
    tally = Tally.of(table["summary"])
    return Module(Path(path).as_posix(), tally, functions, lines, len(table["excluded_lines"]))


def _function(span: Span, table: dict[str, Any]) -> Function:
    """Return one function with the lines that coverage reports."""
    ran, missing, excluded = (
        span.lines.intersection(table[f"{kind}_lines"]) for kind in ("executed", "missing", "excluded")
    )
    taken = [branch for branch in table["executed_branches"] if branch[0] in span.lines]
    untaken = tuple((start, end) for start, end in table["missing_branches"] if start in span.lines)
    tally = Tally(len(ran) + len(missing), len(missing), len(taken) + len(untaken), len(untaken))
    body = ran | missing | excluded
    return Function(span.name, span.start, body, tally, tuple(sorted(missing)), untaken)


def _by_statement(tree: ast.Module, tests: dict[int, list[str]]) -> dict[int, list[str]]:
    """Return the tests that ran any line of each statement, by the statement's lines.

    Python may record any line of a statement with several lines; coverage reports the first one.
    """
    found = {line: list(names) for line, names in tests.items()}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            lines = range(node.lineno, max(last, node.lineno) + 1)
            ran = sorted({name for line in lines for name in tests.get(line, ())})
            found.update(dict.fromkeys(lines, ran) if ran else {})
    return found


def _lines(source: list[str], table: dict[str, Any], tests: dict[int, list[str]]) -> tuple[Line, ...]:
    """Return the annotated lines of the source."""
    untaken: dict[int, list[int]] = {}
    for start, end in table["missing_branches"]:
        untaken.setdefault(start, []).append(end)
    states = dict.fromkeys(table["executed_lines"], "covered")
    states |= dict.fromkeys(untaken, "partial")
    states |= dict.fromkeys(table["missing_lines"], "missed")
    states |= dict.fromkeys(table["excluded_lines"], "excluded")
    return tuple(
        Line(
            number,
            text,
            states.get(number, "blank"),
            tuple(untaken.get(number, ())) if states.get(number) == "partial" else (),
            tuple(sorted(tests.get(number, ()))),
        )
        for number, text in enumerate(source, 1)
    )
