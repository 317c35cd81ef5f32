"""The results of one run of a suite: one command saves them, and another loads them."""

import json
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from winnow.errors import WinnowError
from winnow.project import write
from winnow.text import from_here

OUTCOMES = ("passed", "xfailed", "skipped", "failed", "error", "broken")  # from good to bad
BAD = ("failed", "error", "broken")
UNFINISHED = -1  # the exit code of a run that has not ended


@dataclass(frozen=True)
class Result:
    """One test; ``seconds`` includes its set-up and tear-down.

    The outcome of a module that could not be collected is ``broken``. ``promise`` is the first line of
    the test's docstring, ``message`` the first line of the failure.
    """

    id: str
    outcome: str
    seconds: float
    promise: str = ""
    message: str = ""
    transport: str = ""


@dataclass
class Run:
    """One run of one runner: when it began (ISO 8601, UTC), its exit code, its tests.

    ``deselected`` counts the tests that its command excluded, with ``-k`` for example.
    """

    runner: str
    command: str
    began: str
    python: str
    exit_code: int = UNFINISHED
    results: list[Result] = field(default_factory=list)
    deselected: int = 0

    @classmethod
    def begin(cls, runner: str, command: str) -> Self:
        """Return a run that begins now, on this Python."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(runner, command, now, sys.version.split()[0])

    @property
    def state(self) -> str:
        """``green``, ``red``, ``empty`` (no test ran) or ``unfinished`` (it was interrupted)."""
        if self.exit_code == UNFINISHED:
            return "unfinished"
        if all(result.outcome == "skipped" for result in self.results):
            return "empty"
        return "red" if self.exit_code or self.bad else "green"

    @property
    def bad(self) -> list[Result]:
        """The tests that failed, had an error, or could not be collected."""
        return [result for result in self.results if result.outcome in BAD]

    def save(self, path: Path) -> None:
        """Write the run as JSON.

        Raises  WinnowError if the file cannot be written.
        """
        write(path, json.dumps(asdict(self), ensure_ascii=False, indent=1))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load a run.

        Raises  WinnowError if the file does not contain valid results.
        """
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            return cls(**table | {"results": [Result(**result) for result in table["results"]]})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WinnowError("damaged-results", path=from_here(path), error=error) from None


def worse(one: str, other: str) -> str:
    """Return the worse of two outcomes."""
    return max(one, other, key=OUTCOMES.index)
