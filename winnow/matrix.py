"""Tests by variants: what every test of the suites says of every variant of the service."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.outcomes import PASSED, PROOF, TIME_OUT
from winnow.pool import Job, Pool, Trial
from winnow.sandbox import Sandboxes, sandboxes
from winnow.trial import Limits, Service, warm_up
from winnow.variants import CORRECT, Variant

AS_IT_STANDS = "the service as it stands"  # the control: a suite must pass on it
FACTOR = 6.0  # how much slower than on the service as it stands a test and a trial may be
LEAST = Limits(receive=0.25, test=2.0, trial=20.0)
AGAIN = 4.0  # how much wider the limits are for a trial that is repeated alone


@dataclass(frozen=True)
class Matrix:
    """All trials: the service as it stands, then each variant, in the order of the catalogue."""

    began: str
    suites: tuple[str, ...]
    control: Trial
    trials: tuple[tuple[Variant, Trial], ...]
    left_out: tuple[Variant, ...] = ()  # they need a program that is not here


Progress = Callable[[int, int, Trial], None]


def try_all(
    config: Config, suites: Sequence[Path], variants: Sequence[Variant], workers: int, progress: Progress
) -> Matrix:
    """Run the suites against the service as it stands and against every variant.

    Raises  WinnowError where the suites cannot even be run on the service as it stands.
    """
    began = datetime.now(UTC).isoformat(timespec="seconds")
    left_out = tuple(v for v in variants if v.needs and not shutil.which(v.needs))
    variants = [v for v in variants if v not in left_out]
    with sandboxes(config, suites) as boxes:
        warm_up(boxes.folder)
        trials = _Trials(config, boxes, workers)
        most = config.trial_timeout
        first = Limits(receive=most / 10, test=most / 3, trial=most)  # while nothing has been measured
        control = next(trials.run([(AS_IT_STANDS, None)], lambda _: first))
        if control.broken:
            raise WinnowError(
                f"the suite cannot be run: {control.broken}", _how_to_mend(config, control.broken)
            )
        if all(outcome.kind != PASSED for outcome in control.outcomes):
            return Matrix(began, tuple(boxes.paths), control, ())  # nothing that could notice a fault
        limits = partial(_limits, control)
        found = {}
        jobs = [(v.name, v) for v in trials.spread(variants)]
        for number, trial in enumerate(trials.run(jobs, limits), 1):
            found[trial.name] = trial
            progress(number, len(variants), trial)
        for variant in variants:
            if _doubtful(variant, found[variant.name]):  # the machine may have been busy: once more, alone
                job = variant.name, variant
                found[variant.name] = next(trials.run([job], lambda suites: limits(suites) * AGAIN))
    trials_of_variants = tuple((v, found[v.name]) for v in variants)
    return Matrix(began, tuple(boxes.paths), control, trials_of_variants, left_out)


class _Trials:
    """Runs trials of these sandboxes."""

    def __init__(self, config: Config, boxes: Sandboxes, workers: int) -> None:
        self._boxes = boxes
        self._slow = {suite.relative_to(config.root).as_posix() for suite in config.slow_suites}
        folder = config.service.parent.relative_to(config.root).as_posix()
        self._pool = Pool(workers, Service(config.package, folder, config.plugins), boxes.remove)

    def run(
        self, variants: Sequence[tuple[str, Variant | None]], limits: Callable[[list[str]], Limits]
    ) -> Iterator[Trial]:
        """Yield a trial for each variant, as they end; its suites decide its limits."""
        suites = [self._suites(variant) for _, variant in variants]
        jobs = (
            Job(name, partial(self._boxes.make, variant), paths, limits(paths))
            for (name, variant), paths in zip(variants, suites, strict=True)
        )
        yield from self._pool.run(jobs)

    def spread(self, variants: Sequence[Variant]) -> list[Variant]:
        """Put those that meet slow suites, which mostly wait, evenly among the others."""
        places = {}
        for slow in (True, False):
            alike = [v for v in reversed(variants) if bool(self._slow & {*self._suites(v)}) is slow]
            places.update({v.name: (number + 0.5) / len(alike) for number, v in enumerate(alike)})
        return sorted(variants, key=lambda v: places[v.name])

    def _suites(self, variant: Variant | None) -> list[str]:
        """Return the suites for a variant: a fault meets a slow one only if it names it."""
        if variant is None or variant.kind == CORRECT:
            return self._boxes.paths
        return [path for path in self._boxes.paths if path not in self._slow or path == variant.suite]


def _how_to_mend(config: Config, broken: str) -> str:
    if "cannot be collected" in broken:
        return "mend that, and see that `pytest` itself can run it"
    if "no test was collected" in broken:
        return "files and functions with tests begin with `test_`"
    if "never imported" in broken:
        return f"use the fixture `connect`, or import {config.app.partition(':')[0]}"
    if "another copy" in broken:
        app, service = config.app, config.service.relative_to(config.root).as_posix()
        return f"[tool.winnow] says that {app} is imported from {service}: is that what the tests import?"
    return "make it pass on the service first"


def _limits(control: Trial, suites: list[str]) -> Limits:
    """Scale the limits with what these suites took on the service as it stands, where they passed."""
    passed = [outcome for outcome in control.outcomes if outcome.kind == PASSED]
    theirs = [outcome for outcome in passed if outcome.test.startswith(tuple(suites))]
    slowest = max(outcome.seconds for outcome in theirs or passed)
    return Limits(
        max(LEAST.receive, slowest),
        max(LEAST.test, slowest * FACTOR),
        max(LEAST.trial, control.seconds * FACTOR),
    )


def _doubtful(variant: Variant, trial: Trial) -> bool:
    """Tell whether this trial's verdict rests on a time-out."""
    kinds = {outcome.kind for outcome in trial.outcomes}
    return (TIME_OUT in kinds or trial.late) and (variant.kind == CORRECT or not kinds & set(PROOF))
