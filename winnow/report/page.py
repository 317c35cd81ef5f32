"""The content of the page as plain data; the templates decide how it looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from winnow.commands import command
from winnow.config import Config
from winnow.grading.record import Record
from winnow.i18n import Text
from winnow.project import MATRIX
from winnow.report.coverage import CoverageRow, table
from winnow.report.faults import Checked, Shorten
from winnow.report.grid import GridRow, grid, kinds
from winnow.report.source import Source
from winnow.report.suites import Card, TestRow, cards, count, rows
from winnow.report.texts import plain
from winnow.runs.coverage import Tally
from winnow.runs.gate import FAILS, UNMEASURED, Gate
from winnow.runs.summary import Summary
from winnow.text import path_shortener

DEEPER = ("pytest.html", "coverage/index.html")  # other tools' reports, in the same folder


@dataclass(frozen=True)
class Example:
    """The first problem of the suites: the key of a text, a promise, and the test if one fails."""

    key: str
    promise: Text
    test: str = ""


@dataclass(frozen=True)
class Page:
    """Everything on the page, in its order; parts that were not measured are None."""

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
    commands: Mapping[str, str]

    @classmethod
    def of(cls, config: Config, summary: Summary) -> Self:
        """Create a page from a summary."""
        shorten = path_shortener(config.root)
        measured = summary.measurement
        module = measured.module(summary.gate_path) if measured else None
        checked = _checked(config, shorten)
        faults = checked.by_line(summary.gate_path) if checked else {}
        promises = {result.id: result.promise for run in summary.runs for result in run.results}
        return cls(
            headline=headline(summary, checked),
            bad=sum(len(run.bad) for run in summary.runs),
            good=summary.green and summary.gate.state != FAILS and (not checked or checked.state == "caught"),
            counts=count(summary.runs),
            cards=cards(summary.runs, shorten),
            gate=summary.gate,
            source=Source.of(module, promises, faults) if module else None,
            total=measured.total if measured else None,
            modules=table(measured, summary.gate_path) if measured else (),
            checked=checked,
            tests=rows(summary.runs, shorten),
            deeper=tuple(path for path in DEEPER if (config.reports / path).is_file()),
            commands=_commands(config),
        )

    @property
    def grid(self) -> tuple[tuple[str, tuple[GridRow, ...]], ...]:
        """The matrix, by file."""
        return grid(self.checked) if self.checked else ()

    @property
    def kinds(self) -> list[str]:
        """The kinds of failure in the matrix."""
        return kinds(self.checked) if self.checked else []

    @property
    def number(self) -> int:
        """The number in the headline."""
        if self.checked and self.headline == "headline.survived":
            return len(self.checked.survivors)
        return dict(self.counts)["deselected"] if self.headline == "headline.partial" else self.bad

    @property
    def red(self) -> tuple[Card, ...]:
        """The runs that did not pass."""
        return tuple(card for card in self.cards if card.run.state != "green")

    @property
    def example(self) -> Example | None:
        """A promise that the suites do not test correctly, to show beside the headline."""
        if self.checked:
            for alarm in self.checked.alarms:
                for variant in alarm.variants:
                    return Example("faults.first_alarm", variant.promise, alarm.test)
            for fault in self.checked.survivors:
                return Example("faults.first_survivor", fault.judged.promise)
        return None

    @property
    def faults_state(self) -> str:
        """The state on the card of the faults."""
        return self.checked.state if self.checked else UNMEASURED

    def title(self, language: str) -> str:
        """Return the title of the page: its headline."""
        verdict = plain(self.headline, language, n=self.number, all=len(self.tests))
        return plain("page.title", language, verdict=verdict.rstrip(".。"))

    def choices(self, field: str) -> list[str]:
        """Return the values in one column of the table of tests."""
        return sorted({getattr(test, field) for test in self.tests} - {""})


def _checked(config: Config, shorten: Shorten) -> Checked | None:
    """Read the last grade of the suites; None if there is none."""
    path = config.reports / MATRIX
    return Checked(Record.load(path), shorten) if path.exists() else None


def _commands(config: Config) -> dict[str, str]:
    """Return the commands that the page tells a reader to run."""
    return {
        "coverage": command("coverage", data=config.shown(config.data)),
        "faults": command("faults"),
        "hint": command("faults", "--hint 1"),
    }


def headline(summary: Summary, checked: Checked | None) -> str:
    """Return the key of the headline: the suites come first, then the gate, then the faults."""
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
    return "headline.caught" if checked else "headline.passes"
