"""The suites' part of the page: one card for each run, one row for each test."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from winnow.runs.results import OUTCOMES, Result, Run

Tidy = Callable[[str], str]


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
        """The milliseconds as read by a human: no more digits than mean something."""
        return f"{self.ms:.0f}" if self.ms >= 100 else f"{self.ms:.1f}"


@dataclass(frozen=True)
class Card:
    """One run; ``why`` is the text that explains a red one that has no bad test to show."""

    runner: str
    command: str
    began: str
    python: str
    exit_code: int
    state: str
    tests: int
    counts: tuple[tuple[str, int], ...]
    seconds: float
    bad: tuple[TestRow, ...]

    @property
    def why(self) -> str:
        """The key of the text that says why this run is not green."""
        return "why.bad" if self.bad else f"why.{self.state}"


def cards(runs: Iterable[Run], tidy: Tidy) -> tuple[Card, ...]:
    """Return the runs' cards, the red ones first."""
    return tuple(sorted((_card(run, tidy) for run in runs), key=lambda card: card.state == "green"))


def rows(runs: Iterable[Run], tidy: Tidy) -> tuple[TestRow, ...]:
    """Return all tests of all runs, slowest first."""
    found = (row for run in runs for row in _rows(run, run.results, tidy))
    return tuple(sorted(found, key=lambda row: -row.ms))


def count(runs: Iterable[Run]) -> tuple[tuple[str, int], ...]:
    """Return how many tests had each outcome, the worst first, and how many were left out."""
    found: Counter[str] = Counter()
    for run in runs:
        found.update(result.outcome for result in run.results)
        found["deselected"] += run.deselected
    return tuple((name, found[name]) for name in (*reversed(OUTCOMES), "deselected") if found[name])


def _card(run: Run, tidy: Tidy) -> Card:
    return Card(
        runner=run.runner,
        command=tidy(run.command),
        began=datetime.fromisoformat(run.began).astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        python=run.python,
        exit_code=run.exit_code,
        state=run.state,
        tests=len(run.results),
        counts=count([run]),
        seconds=sum(result.seconds for result in run.results),
        bad=tuple(_rows(run, run.bad, tidy)),
    )


def _rows(run: Run, results: Iterable[Result], tidy: Tidy) -> Iterator[TestRow]:
    for result in results:
        yield TestRow(
            id=tidy(result.id),
            promise=result.promise,
            message=tidy(result.message),
            style=run.runner,
            transport=result.transport,
            outcome=result.outcome,
            ms=round(1000 * result.seconds, 1),
        )
