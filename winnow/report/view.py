"""What the page shows, as plain data: the template decides nothing but the looks."""

from dataclasses import dataclass
from typing import Self

from winnow.config import Config
from winnow.measurement import Tally
from winnow.report.faults import Checked
from winnow.report.grid import GridRow, grid, kinds
from winnow.report.modules import CoverageRow, Gate, gate, table
from winnow.report.source import Source
from winnow.report.suites import Card, TestRow, cards, count, rows
from winnow.report.tidy import tidier
from winnow.verdict import Verdict

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
    def of(cls, config: Config, verdict: Verdict) -> Self:
        """Turn a verdict into a page."""
        tidy = tidier(config.root)
        measured = verdict.measurement
        checked = Checked.load(config, tidy)
        planted = checked.planted(verdict.gate_path) if checked else {}
        promises = {result.id: result.promise for run in verdict.runs for result in run.results}
        return cls(
            headline=headline(verdict, checked),
            bad=sum(len(run.bad) for run in verdict.runs),
            good=verdict.green
            and verdict.gate_holds is not False
            and (not checked or checked.state == "caught"),
            counts=count(verdict.runs),
            cards=cards(verdict.runs, tidy),
            gate=gate(verdict),
            source=Source.of(verdict.gate, promises, planted) if verdict.gate else None,
            total=measured.total if measured else None,
            modules=table(measured, verdict.gate_path) if measured else (),
            checked=checked,
            tests=rows(verdict.runs, tidy),
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
        if self.checked and self.headline == "headline.alive":
            return len(self.checked.alive)
        return dict(self.counts)["deselected"] if self.headline == "headline.partial" else self.bad

    def choices(self, field: str) -> list[str]:
        """Return the values that one column of the tests' table has."""
        return sorted({getattr(test, field) for test in self.tests} - {""})


def headline(verdict: Verdict, checked: Checked | None) -> str:
    """Return the key of the verdict in one sentence: suites first, then gate, then faults."""
    if any(run.bad for run in verdict.runs):
        return "headline.bad"
    states = {run.state for run in verdict.runs}
    for state in ("unfinished", "empty", "red"):
        if state in states:
            return f"headline.{state}"
    if verdict.gate_holds is False:
        return "headline.fails"
    if any(run.deselected for run in verdict.runs):
        return "headline.partial"
    if checked and checked.state != "caught":
        return f"headline.{checked.state}"
    if verdict.gate_holds is None:
        return "headline.unmeasured"
    return "headline.caught" if checked else "headline.holds"
