"""Runs the trials of one suite: on the unchanged service and on every variant; it repeats some of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from winnow.config import Config
from winnow.trials.environment import environment, withheld
from winnow.trials.memory import Memory, Plan, joined, says_too_little
from winnow.trials.messages import PASSED, TIME_OUT, Broken, Limits, Outcome, Suite, Trial
from winnow.trials.pool import Job, Pool, TrialServer
from winnow.trials.sandbox import Sandboxes
from winnow.variants import CORRECT, Variant

CONTROL = ""  # the name of the trials on the unchanged service, on which a suite must pass
FACTOR = 6.0  # how much slower than on the unchanged service a test and a trial may be
LEAST = Limits(receive=0.25, test=2.0, trial=20.0)
AGAIN = 4.0  # how much longer the limits are for a trial that is repeated alone
NO_NAMESPACES = "WINNOW_NO_NAMESPACES"  # if set, trials run as on a system without namespaces

Progress = Callable[[int, int, Trial], None]


class CannotJudge(Exception):
    """The suite cannot be run on the unchanged service; ``broken`` says why."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken)
        self.broken = broken


class Trials:
    """Runs trials in these sandboxes; ``control`` is the result on the unchanged service so far.

    The control is the trial on the unchanged service. It repeats these trials:

    | what happened | what is repeated |
    | --- | --- |
    | the isolated control fails | the control without isolation; if it passes, the isolated control again: |
    | … and it fails again | all trials, without isolation, one at a time |
    | … and it passes | nothing: the tests that failed first are unstable |
    | the control fails, and isolation is impossible | the control: tests that now pass are unstable |
    | without isolation, a correct variant fails beside others and passes alone | all, one at a time |
    | a correct variant fails for any reason | it, alone: tests that now pass are unstable |
    | only a time-out catches a fault | it, alone, with longer limits: a second time-out counts |
    """

    def __init__(self, config: Config, boxes: Sandboxes, memory: Memory, workers: int) -> None:
        self.control = Trial(CONTROL)
        self.unstable: dict[str, str] = {}
        self.alone = False
        self._config = config
        self._boxes = boxes
        self._memory = memory
        self._server: TrialServer | None = None  # started when the first trial is run
        self._workers = workers
        self._slow = {path.relative_to(config.root).as_posix() for path in config.slow_suites}
        self._environment = environment(config)
        self.contained = self._keeps = True

    def begin(self) -> list[Plan]:
        """Run the control on the quick suites; return its remaining suites, which run beside the variants.

        Raises  CannotJudge if the suites cannot be run on the unchanged service.
        """
        quick = tuple(path for path in self._boxes.paths if path not in self._slow)
        slow = tuple(path for path in self._boxes.paths if path in self._slow)
        first, *rest = [Plan(CONTROL, None, suites) for suites in (quick, slow) if suites]
        trial = self._control(first)
        self._add(trial)
        return rest

    def try_variants(
        self, variants: Sequence[Variant], slow: list[Plan], progress: Progress
    ) -> dict[str, Trial]:
        """Return a trial for each variant, by name; repeat trials as the table says."""
        found = self._first(variants, slow, progress)
        if self._disturb_each_other([variant for variant in variants if variant.kind == CORRECT], found):
            self.alone = True
            found = self._first(variants, [], progress)
        for variant in variants:
            if says_too_little(variant, found[variant.name]):
                plan = Plan(variant.name, variant, self._suites(variant))
                found[variant.name] = self._alone(plan, found[variant.name])
        return found

    def _first(self, variants: Sequence[Variant], slow: list[Plan], progress: Progress) -> dict[str, Trial]:
        found: dict[str, Trial] = {}
        for trial in self.run([*slow, *self._spread(variants)]):
            if trial.name == CONTROL:
                self._add(trial if trial.passed else self._alone(slow[0], trial))
            else:
                found[trial.name] = trial
                progress(len(found), len(variants), trial)
        return found

    def _disturb_each_other(self, correct: Sequence[Variant], found: dict[str, Trial]) -> bool:
        """Return whether, without isolation, a correct variant fails beside others and passes alone."""
        if self.contained or self.alone or self._workers == 1:
            return False
        failed = [Plan(v.name, v, self._suites(v)) for v in correct if found[v.name].failed]
        return bool(failed) and next(self.run(failed[:1], AGAIN, fresh=True)).passed

    @property
    def lacks(self) -> tuple[str, ...]:
        """The variables that the suite may need, if it fails on the unchanged service."""
        said = "\n".join(outcome.message for outcome in self.control.failed)
        return tuple(withheld(self._config, said)) if said else ()

    def run(self, plans: Sequence[Plan], factor: float = 1.0, *, fresh: bool = False) -> Iterator[Trial]:
        """Yield trials as they end; those with only saved results come first.

        The limits of a trial depend on the times of its suites that are known when it starts.
        """
        unknown: list[tuple[Plan, dict[str, tuple[Outcome, ...]]]] = []
        for plan in plans:
            known = {} if fresh else self._memory.known(plan)
            if known and not self._memory.missing(plan, list(known))[0]:
                yield joined(Trial(plan.name), known)
            else:
                unknown.append((plan, known))
        if not unknown:
            return
        by_number = dict(enumerate(unknown))
        jobs = (self._job(str(number), *pair, factor) for number, pair in by_number.items())
        pool = Pool(self._started(), 1 if self.alone else self._workers, self._boxes.remove)
        for trial in pool.run(jobs, self._boxes.imported):
            plan, known = by_number[int(trial.name)]
            whole = joined(replace(trial, name=plan.name), known)
            if self._keeps:
                self._memory.keep(plan, whole, repeated=fresh)
            yield whole

    def close(self) -> None:
        """End the trial server, and with it every trial that is running."""
        if self._server:
            self._server.close()

    def _started(self) -> TrialServer:
        """Return the trial server; before the first trial, start it and see what is possible here."""
        if self._server is None:
            self._server = TrialServer(self._boxes.folder)
            self._enter()
        return self._server

    def _job(self, name: str, plan: Plan, known: dict[str, tuple[Outcome, ...]], factor: float) -> Job:
        paths, ignored = self._memory.missing(plan, list(known))
        suite = Suite(
            paths,
            self._config.service.relative_to(self._config.root).as_posix(),
            self._config.plugins,
            self._environment,
            ignored,
        )
        make = partial(self._boxes.make, plan.variant)
        limits = self._limits(plan) * factor
        if factor > 1:  # the last word: what plain pytest waits for is waited for here too
            limits = replace(limits, receive=max(limits.receive, self._config.timeout))
        return Job(name, make, suite, limits, self.contained)

    def _control(self, plan: Plan) -> Trial:
        """Run the control; repeat it as the table says."""
        trial = next(self.run([plan]))
        if trial.passed or self._server is None:
            return trial
        if not self.contained:
            return self._alone(plan, trial, 1.0)
        self._leave()
        outside = next(self.run([plan], fresh=True))
        if outside.passed:
            self._enter()
            again = self._alone(plan, trial, 1.0)
            if again.passed:
                return again
            self._leave()
            self.alone = True
            return outside
        self._enter()
        return trial

    def _enter(self) -> None:
        """Isolate each trial if the system can, with an overlay or otherwise with a copy."""
        self._keeps = True
        for self._boxes.overlay in (True, False):
            self.contained = self._can_contain()
            if self.contained:
                return

    def _leave(self) -> None:
        """Run trials without isolation; their results depend on the machine, and are not saved."""
        self.contained = self._boxes.overlay = self._keeps = False

    def _alone(self, plan: Plan, before: Trial, factor: float = AGAIN) -> Trial:
        """Repeat a trial alone; a test that failed and now passes is unstable, except after a time-out."""
        trial = next(self.run([plan], factor, fresh=True))
        passed = {outcome.test for outcome in trial.outcomes if outcome.kind == PASSED}
        if plan.variant is None or plan.variant.kind == CORRECT:
            for outcome in before.failed:
                if outcome.test in passed and outcome.kind != TIME_OUT:
                    self.unstable.setdefault(outcome.test, plan.name)
        return trial

    def _can_contain(self) -> bool:
        if os.environ.get(NO_NAMESPACES):
            return False
        place = self._boxes.make(None)
        try:
            return self._started().can_contain(place)
        finally:
            self._boxes.discard(place)

    def _spread(self, variants: Sequence[Variant]) -> list[Plan]:
        """Plan the variants; those with slow suites, which mostly wait, are distributed among the others."""
        plans = [Plan(variant.name, variant, self._suites(variant)) for variant in variants]
        places: dict[str, float] = {}
        for slow in (True, False):
            alike = [plan for plan in reversed(plans) if bool(self._slow & set(plan.suites)) is slow]
            places.update({plan.name: (number + 0.5) / len(alike) for number, plan in enumerate(alike)})
        return sorted(plans, key=lambda plan: places[plan.name])

    def _suites(self, variant: Variant) -> tuple[str, ...]:
        """Return the suites for a variant: a slow suite runs on a fault only if the fault names it."""
        wanted = self._slow if variant.kind == CORRECT else self._slow & {variant.suite}
        return tuple(path for path in self._boxes.paths if path not in self._slow or path in wanted)

    def _add(self, part: Trial) -> None:
        """Add the results of some suites on the unchanged service."""
        if part.broken:
            raise CannotJudge(part.broken)
        outcomes, seconds = self.control.outcomes + part.outcomes, self.control.seconds + part.seconds
        self.control = replace(self.control, outcomes=outcomes, seconds=seconds)

    def _limits(self, plan: Plan) -> Limits:
        """Scale the limits by the time that these suites took on the unchanged service, if they passed."""
        measured = {path: self._measured(path) for path in plan.suites}
        if not all(measured.values()):  # while nothing has been measured
            most = self._config.trial_timeout
            return Limits(receive=most / 10, test=most / 3, trial=most)
        slowest = max((seconds for part in measured.values() for seconds in part), default=0.0)
        return Limits(
            max(LEAST.receive, slowest),
            max(LEAST.test, slowest * FACTOR),
            max(LEAST.trial, self.control.seconds * FACTOR),
        )

    def _measured(self, path: str) -> list[float]:
        """Return the seconds of the tests below this path; pytest may name it relative to a folder above."""
        here = [o for o in self.control.outcomes if f"/{o.test}".find(f"/{path}") >= 0]
        return [o.seconds if o.kind == PASSED else 0.0 for o in here]
