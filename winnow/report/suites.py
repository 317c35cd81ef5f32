"""The suites' part of the page: one card for each run, one row for each test."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from winnow.report.texts import minute
from winnow.runs.results import OUTCOMES, Result, Run

Shorten = Callable[[str], str]


@dataclass(frozen=True)
class TestRow:
    """One test, as the table shows it."""

    id: str
    promise: str
    message: str
    style: str
    transport: str
    outcome: str
    ms: float

    @property
    def time(self) -> str:
        """The milliseconds, rounded for reading."""
        return f"{self.ms:.0f}" if self.ms >= 100 else f"{self.ms:.1f}"


@dataclass(frozen=True)
class Card:
    """One run of a suite."""

    run: Run
    command: str
    bad: tuple[TestRow, ...]

    @property
    def began(self) -> str:
        """When the run began, in UTC."""
        return minute(self.run.began)

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many tests had each outcome."""
        return count([self.run])

    @property
    def seconds(self) -> float:
        """The time of all tests together."""
        return sum(result.seconds for result in self.run.results)

    @property
    def why(self) -> str:
        """The key of the text that says why this run did not pass."""
        return "why.bad" if self.bad else f"why.{self.run.state}"


def cards(runs: Iterable[Run], shorten: Shorten) -> tuple[Card, ...]:
    """Return a card for each run; those that did not pass come first."""
    found = (Card(run, shorten(run.command), tuple(_rows(run, run.bad, shorten))) for run in runs)
    return tuple(sorted(found, key=lambda card: card.run.state == "green"))


def rows(runs: Iterable[Run], shorten: Shorten) -> tuple[TestRow, ...]:
    """Return all tests of all runs, slowest first."""
    found = (row for run in runs for row in _rows(run, run.results, shorten))
    return tuple(sorted(found, key=lambda row: -row.ms))


def count(runs: Iterable[Run]) -> tuple[tuple[str, int], ...]:
    """Return how many tests had each outcome, the worst first, and how many were excluded."""
    found: Counter[str] = Counter()
    for run in runs:
        found.update(result.outcome for result in run.results)
        found["deselected"] += run.deselected
    return tuple((name, found[name]) for name in (*reversed(OUTCOMES), "deselected") if found[name])


def _rows(run: Run, results: Iterable[Result], shorten: Shorten) -> Iterator[TestRow]:
    for result in results:
        yield TestRow(
            id=shorten(result.id),
            promise=result.promise,
            message=shorten(result.message),
            style=run.runner,
            transport=result.transport,
            outcome=result.outcome,
            ms=round(1000 * result.seconds, 1),
        )
