"""Grade a suite: is it valid, and which faults does it catch?

Validity comes first. A test that fails on the unchanged service, or on a correct variant, is a
false alarm: the faults that it catches do not count.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from winnow.grading.record import ACCEPTED, BROKEN, CAUGHT_BY, MISSED, REJECTED, Failure, Judged, Record
from winnow.project import read_source
from winnow.trials.matrix import Matrix
from winnow.trials.messages import SKIPPED, Trial
from winnow.variants import CORRECT, Misconception, Variant


def grade(
    matrix: Matrix,
    root: Path,
    fingerprint: str = "",
    misconceptions: Mapping[str, Misconception] | None = None,
) -> Record:
    """Grade the results of the trials; ``root`` is the project's folder."""
    control = _failures(matrix.control)
    alarms = set(control).union(*(_failures(t) for v, t in matrix.trials if v.kind == CORRECT))
    alarms |= set(matrix.unstable)
    outcomes = matrix.control.outcomes
    return Record(
        began=matrix.began,
        fingerprint=fingerprint,
        suites=matrix.suites,
        tests={outcome.test: round(outcome.seconds, 4) for outcome in outcomes if outcome.kind != SKIPPED},
        control=control,
        variants=tuple(_judged(variant, trial, alarms, root) for variant, trial in matrix.trials),
        misconceptions=misconceptions or {},
        left_out={variant.name: variant.needs for variant in matrix.left_out},
        skipped={outcome.test: outcome.message for outcome in outcomes if outcome.kind == SKIPPED},
        unstable=matrix.unstable,
        contained=matrix.contained,
        alone=matrix.alone,
        lacks=matrix.lacks,
    )


def _judged(variant: Variant, trial: Trial, alarms: set[str], root: Path) -> Judged:
    failures = _failures(trial)
    catches = {failure.kind for test, failure in failures.items() if test not in alarms}
    return Judged(
        name=variant.name,
        kind=variant.kind,
        promise=variant.promise,
        misconception=variant.misconception,
        lesson=variant.lesson,
        shows=variant.shows,
        hints=variant.hints,
        places=tuple(_places(variant, root)),
        verdict=_of_correct(trial) if variant.kind == CORRECT else _of_fault(trial, catches),
        failures=failures,
        tests=len(trial.outcomes),
        seconds=round(trial.seconds, 4),
        broken=trial.broken,
    )


def _of_correct(trial: Trial) -> str:
    if trial.broken:
        return BROKEN
    return REJECTED if _failures(trial) else ACCEPTED


def _of_fault(trial: Trial, catches: set[str]) -> str:
    """Return the best way in which the fault was caught, otherwise missed or broken."""
    best = next((kind for kind in CAUGHT_BY if kind in catches), None)
    return best or (BROKEN if trial.broken else MISSED)


def _failures(trial: Trial) -> dict[str, Failure]:
    return {o.test: Failure(o.kind, o.message) for o in trial.failed}


def _places(variant: Variant, root: Path) -> Iterator[tuple[str, int]]:
    """Yield the file and the line of each change."""
    for edit in variant.edits:
        source = read_source(root / edit.file)
        begins = source.index(edit.find) + len(edit.find) - len(edit.find.lstrip("\n"))
        yield edit.file, source.count("\n", 0, begins) + 1
    for file, _ in variant.modules:
        yield file, 1
