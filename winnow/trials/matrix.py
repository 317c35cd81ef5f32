"""Tests by variants: what every test of the suites says of every variant of the service."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from winnow.config import Config
from winnow.trials.child import Limits, Service, warm_up
from winnow.trials.messages import PASSED, PROOF, TIME_OUT, Broken, Trial
from winnow.trials.pool import Job, Pool
from winnow.trials.sandbox import Sandboxes, sandboxes
from winnow.variants import CORRECT, Variant

CONTROL = "control"  # the service as it stands: a suite must pass on it
FACTOR = 6.0  # how much slower than on the service as it stands a test and a trial may be
LEAST = Limits(receive=0.25, test=2.0, trial=20.0)
AGAIN = 4.0  # how much wider the limits are for a trial that is repeated alone


class CannotJudge(Exception):
    """The suite cannot even be run on the service as it stands; ``broken`` says why."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken)
        self.broken = broken


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

    Raises  CannotJudge where the suites cannot even be run on the service as it stands.
    """
    began = datetime.now(UTC).isoformat(timespec="seconds")
    left_out = tuple(v for v in variants if v.needs and not shutil.which(v.needs))
    variants = [v for v in variants if v not in left_out]
    with sandboxes(config, suites) as boxes:
        warm_up(boxes.folder)
        trials = _Trials(config, boxes, workers)
        first, *slow = trials.controls()
        for control in trials.run([first]):
            if all(outcome.kind != PASSED for outcome in control.outcomes):
                return Matrix(began, tuple(boxes.paths), control, ())  # nothing that could notice a fault
        found: dict[str, Trial] = {}
        for trial in trials.run([*slow, *trials.spread(variants)]):
            if trial.name != CONTROL:
                found[trial.name] = trial
                progress(len(found), len(variants), trial)
        for variant in variants:
            if _doubtful(variant, found[variant.name]):  # the machine may have been busy: once more, alone
                found[variant.name] = next(trials.run(trials.spread([variant]), AGAIN))
    trials_of_variants = tuple((v, found[v.name]) for v in variants)
    return Matrix(began, tuple(boxes.paths), trials.control, trials_of_variants, left_out)


@dataclass(frozen=True)
class _Plan:
    """A trial to be run: the service as it stands, or a variant of it, and the suites that it meets."""

    name: str
    variant: Variant | None
    suites: list[str]


class _Trials:
    """Runs trials of these sandboxes; ``control`` is what the service as it stands has shown so far."""

    def __init__(self, config: Config, boxes: Sandboxes, workers: int) -> None:
        self.control = Trial(CONTROL)
        self._config = config
        self._boxes = boxes
        self._slow = [path.relative_to(config.root).as_posix() for path in config.slow_suites]
        folder = config.service.parent.relative_to(config.root).as_posix()
        self._pool = Pool(workers, Service(config.package, folder, config.plugins), boxes.remove)

    def controls(self) -> list[_Plan]:
        """Plan the service as it stands: first the quick suites, then the slow ones, if there are any."""
        quick = [path for path in self._boxes.paths if path not in self._slow]
        slow = [path for path in self._boxes.paths if path in self._slow]
        return [_Plan(CONTROL, None, suites) for suites in (quick, slow) if suites]

    def spread(self, variants: Sequence[Variant]) -> list[_Plan]:
        """Plan the variants; those that meet slow suites, which mostly wait, stand among the others."""
        plans = [_Plan(variant.name, variant, self._suites(variant)) for variant in variants]
        places = {}
        for slow in (True, False):
            alike = [plan for plan in reversed(plans) if any(s in self._slow for s in plan.suites) is slow]
            places.update({plan.name: (number + 0.5) / len(alike) for number, plan in enumerate(alike)})
        return sorted(plans, key=lambda plan: places[plan.name])

    def run(self, plans: Sequence[_Plan], factor: float = 1.0) -> Iterator[Trial]:
        """Yield trials as they end; what is known of their suites when one begins decides its limits.

        Raises  CannotJudge where a suite cannot even be run on the service as it stands.
        """
        jobs = (
            Job(plan.name, partial(self._boxes.make, plan.variant), plan.suites, self._limits(plan) * factor)
            for plan in plans
        )
        for trial in self._pool.run(jobs):
            if trial.name == CONTROL:
                self._add(trial)
            yield trial

    def _suites(self, variant: Variant) -> list[str]:
        """Return the suites for a variant: a fault meets a slow one only if it names it."""
        if variant.kind == CORRECT:
            return self._boxes.paths
        return [path for path in self._boxes.paths if path not in self._slow or path == variant.suite]

    def _add(self, part: Trial) -> None:
        """Add what some suites have shown of the service as it stands."""
        if part.broken:
            raise CannotJudge(part.broken)
        outcomes, seconds = self.control.outcomes + part.outcomes, self.control.seconds + part.seconds
        self.control = replace(self.control, outcomes=outcomes, seconds=seconds)

    def _limits(self, plan: _Plan) -> Limits:
        """Scale the limits with what these suites took on the service as it stands, where they passed."""
        theirs = [[o for o in self.control.outcomes if o.test.startswith(path)] for path in plan.suites]
        if not all(theirs):  # while nothing has been measured
            most = self._config.trial_timeout
            return Limits(receive=most / 10, test=most / 3, trial=most)
        slowest = max((o.seconds for part in theirs for o in part if o.kind == PASSED), default=0.0)
        return Limits(
            max(LEAST.receive, slowest),
            max(LEAST.test, slowest * FACTOR),
            max(LEAST.trial, self.control.seconds * FACTOR),
        )


def _doubtful(variant: Variant, trial: Trial) -> bool:
    """Tell whether this trial's verdict rests on a time-out."""
    kinds = {outcome.kind for outcome in trial.outcomes}
    return (TIME_OUT in kinds or trial.late) and (variant.kind == CORRECT or not kinds & set(PROOF))
