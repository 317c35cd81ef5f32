"""What the page shows, as plain data: the template decides nothing but the looks."""

from dataclasses import dataclass
from typing import Self

from winnow.config import Config
from winnow.measurement import Tally
from winnow.report.modules import CoverageRow, Gate, gate, table
from winnow.report.source import Source
from winnow.report.suites import Card, TestRow, cards, count, rows
from winnow.report.tidy import tidier
from winnow.verdict import Verdict

DEEPER = ("pytest.html", "coverage/index.html")  # pages of other tools, beside ours


@dataclass(frozen=True)
class Page:
    """Everything on the page, in its order; ``source`` and ``total`` are None where nothing was measured."""

    headline: str
    bad: int
    good: bool
    counts: tuple[tuple[str, int], ...]
    cards: tuple[Card, ...]
    gate: Gate
    source: Source | None
    total: Tally | None
    modules: tuple[CoverageRow, ...]
    tests: tuple[TestRow, ...]
    deeper: tuple[str, ...]

    @classmethod
    def of(cls, config: Config, verdict: Verdict) -> Self:
        """Turn a verdict into a page."""
        tidy = tidier(config.root)
        measured = verdict.measurement
        promises = {result.id: result.promise for run in verdict.runs for result in run.results}
        return cls(
            headline=headline(verdict),
            bad=sum(len(run.bad) for run in verdict.runs),
            good=verdict.green and verdict.gate_holds is not False,
            counts=count(result for run in verdict.runs for result in run.results),
            cards=cards(verdict.runs, tidy),
            gate=gate(verdict),
            source=Source.of(verdict.gate, promises) if verdict.gate else None,
            total=measured.total if measured else None,
            modules=table(measured, verdict.gate_path) if measured else (),
            tests=rows(verdict.runs, tidy),
            deeper=tuple(path for path in DEEPER if (config.reports / path).is_file()),
        )

    def choices(self, field: str) -> list[str]:
        """Return the values that one column of the tests' table has."""
        return sorted({getattr(test, field) for test in self.tests} - {""})


def headline(verdict: Verdict) -> str:
    """Return the key of the verdict in one sentence: the suites first, then the gate."""
    if any(run.bad for run in verdict.runs):
        return "headline.bad"
    states = {run.state for run in verdict.runs}
    for state in ("unfinished", "empty", "red"):
        if state in states:
            return f"headline.{state}"
    return {True: "headline.holds", False: "headline.fails", None: "headline.unmeasured"}[verdict.gate_holds]
