"""Progress of the trials: a bar on a terminal, plain lines elsewhere, always on standard error."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial

from rich.console import Console
from rich.progress import Progress

from winnow.i18n import say
from winnow.trials.messages import Trial
from winnow.variants import CORRECT, Variant

EVERY = 10  # trials from one plain line to the next

Display = Callable[[int, int, str], None]


@contextmanager
def progress(variants: Sequence[Variant]) -> Iterator[Callable[[int, int, Trial], None]]:
    """Yield a function that shows the progress: trial ``number`` of ``total``; number 1 starts again."""
    kinds = {variant.name: variant.kind for variant in variants}
    tried: Counter[str] = Counter(faults=0, caught=0, correct=0, accepted=0)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    with _bar(console) if console.is_terminal else nullcontext(partial(_line, console)) as display:

        def show(number: int, total: int, trial: Trial) -> None:
            if number == 1:
                tried.update({key: -count for key, count in tried.items()})
            tried.update(_counts(kinds[trial.name], trial))
            display(number, total, say("progress.line", **tried))

        yield show


@contextmanager
def _bar(console: Console) -> Iterator[Display]:
    """Yield a function that moves the bar, and writes a text beside it."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(say("progress.begin"), total=None)

        def show(number: int, total: int, text: str) -> None:
            bar.update(task, completed=number, total=total, description=text)

        yield show


def _line(console: Console, number: int, total: int, text: str) -> None:
    """Print every tenth text, and the last one."""
    if number % EVERY == 0 or number == total:
        console.print(text)


def _counts(kind: str, trial: Trial) -> dict[str, int]:
    if kind == CORRECT:
        return {"correct": 1, "accepted": int(trial.passed)}
    return {"faults": 1, "caught": int(bool(trial.failed))}
