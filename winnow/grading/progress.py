"""How far a matrix is: a bar on a terminal, plain lines elsewhere, always on standard error."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress as Bar

from winnow.trials.messages import PASSED, Trial
from winnow.variants import Variant

EVERY = 10  # trials between two plain lines


class Progress:
    """Shows how many variants have been tried, and how many were noticed."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, highlight=False)
        self._bar = Bar(console=self._console, disable=not self._console.is_terminal, transient=True)
        self._task = self._bar.add_task("trying variants", total=None)
        self._noticed = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.stop()

    def show(self, number: int, total: int, _variant: Variant, trial: Trial) -> None:
        """Show one trial more."""
        self._noticed += any(outcome.kind != PASSED for outcome in trial.outcomes)
        text = f"{number} of {total} variants tried, {self._noticed} noticed"
        self._bar.update(self._task, completed=number, total=total, description=text)
        if not self._console.is_terminal and (number % EVERY == 0 or number == total):
            self._console.print(text)
