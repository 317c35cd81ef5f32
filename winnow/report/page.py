"""What the page shows, as plain data: the template decides nothing but the looks."""

from dataclasses import dataclass
from typing import Self

from winnow.config import Config
from winnow.grading.record import Record
from winnow.project import MATRIX
from winnow.report.coverage import CoverageRow, table
from winnow.report.faults import Checked, Tidy
from winnow.report.grid import GridRow, grid, kinds
from winnow.report.source import Source
from winnow.report.suites import Card, TestRow, cards, count, rows
from winnow.runs.coverage import Tally
from winnow.runs.gate import FAILS, UNMEASURED, Gate
from winnow.runs.summary import Summary
from winnow.text import tidier

DEEPER = ("pytest.html", "coverage/index.html")  # pages of other tools, beside ours


@dataclass(frozen=True)
class Page:
    """Everything on the page, in its order; what is None was not measured."""

    headline: str
    bad: int
    good: bool
    counts: tuple[tuple[str, int], ...]
    cards: tuple[Card, ...]
    gate: Gate
    source: Source | None
    total: Tally | None
    modules: tuple[CoverageRow, ...]
    checked: Checked | None
    tests: tuple[TestRow, ...]
    deeper: tuple[str, ...]

    @classmethod
    def of(cls, config: Config, summary: Summary) -> Self:
        """Turn a summary into a page."""
        tidy = tidier(config.root)
        measured = summary.measurement
        module = measured.module(summary.gate_path) if measured else None
        checked = _checked(config, tidy)
        planted = checked.planted(summary.gate_path) if checked else {}
        promises = {result.id: result.promise for run in summary.runs for result in run.results}
        return cls(
            headline=headline(summary, checked),
            bad=sum(len(run.bad) for run in summary.runs),
            good=summary.green and summary.gate.state != FAILS and (not checked or checked.state == "caught"),
            counts=count(summary.runs),
            cards=cards(summary.runs, tidy),
            gate=summary.gate,
            source=Source.of(module, promises, planted) if module else None,
            total=measured.total if measured else None,
            modules=table(measured, summary.gate_path) if measured else (),
            checked=checked,
            tests=rows(summary.runs, tidy),
            deeper=tuple(path for path in DEEPER if (config.reports / path).is_file()),
        )

    @property
    def grid(self) -> tuple[tuple[str, tuple[GridRow, ...]], ...]:
        """Return the matrix, by file."""
        return grid(self.checked) if self.checked else ()

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of failure in the matrix."""
        return kinds(self.checked) if self.checked else []

    @property
    def number(self) -> int:
        """The number in the headline."""
        if self.checked and self.headline == "headline.survived":
            return len(self.checked.survivors)
        return dict(self.counts)["deselected"] if self.headline == "headline.partial" else self.bad

    def choices(self, field: str) -> list[str]:
        """Return the values that one column of the tests' table has."""
        return sorted({getattr(test, field) for test in self.tests} - {""})


def _checked(config: Config, tidy: Tidy) -> Checked | None:
    """Read what the last judgement of the suites found; None where there is nothing."""
    path = config.reports / MATRIX
    return Checked(Record.load(path), tidy) if path.exists() else None


def headline(summary: Summary, checked: Checked | None) -> str:
    """Return the key of the verdict in one sentence: suites first, then gate, then faults."""
    if any(run.bad for run in summary.runs):
        return "headline.bad"
    states = {run.state for run in summary.runs}
    for state in ("unfinished", "empty", "red"):
        if state in states:
            return f"headline.{state}"
    if summary.gate.state == FAILS:
        return "headline.fails"
    if any(run.deselected for run in summary.runs):
        return "headline.partial"
    if checked and checked.state != "caught":
        return f"headline.{checked.state}"
    if summary.gate.state == UNMEASURED:
        return "headline.unmeasured"
    return "headline.caught" if checked else "headline.holds"
