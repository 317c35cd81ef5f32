"""Progress of the trials: a bar on a terminal, plain lines elsewhere, always on standard error."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress as Bar

from winnow.i18n import say
from winnow.trials.messages import Trial
from winnow.variants import CORRECT, Variant

EVERY = 10  # trials between two plain lines


class Progress:
    """Shows how many faults were caught so far, and how many correct variants were accepted."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self._correct = {variant.name for variant in variants if variant.kind == CORRECT}
        self._console = Console(stderr=True, soft_wrap=True, highlight=False)
        self._bar = Bar(console=self._console, disable=not self._console.is_terminal, transient=True)
        self._task = self._bar.add_task(say("progress.begin"), total=None)
        self._tried = {"faults": 0, "caught": 0, "correct": 0, "accepted": 0}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.stop()

    def show(self, number: int, total: int, trial: Trial) -> None:
        """Add one trial, the ``number``-th of ``total``; the first one begins the count anew."""
        if number == 1:
            self._tried = dict.fromkeys(self._tried, 0)
        self._count(trial)
        text = say("progress.line", **self._tried)
        self._bar.update(self._task, completed=number, total=total, description=text)
        if not self._console.is_terminal and (number % EVERY == 0 or number == total):
            self._console.print(text)

    def _count(self, trial: Trial) -> None:
        failed = bool(trial.failed)
        if trial.name in self._correct:
            self._tried["correct"] += 1
            self._tried["accepted"] += not failed and not trial.broken
        else:
            self._tried["faults"] += 1
            self._tried["caught"] += failed
