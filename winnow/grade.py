"""What a matrix says of a suite: is it valid, how thorough is it, and what is still alive?

Validity comes first. A test that fails on the service as it stands, or on a correct variant,
raises a false alarm: it is named with that variant, and what it says of faults does not count.
"""

from dataclasses import dataclass
from functools import cached_property

from winnow.matrix import AS_IT_STANDS, Matrix
from winnow.outcomes import PASSED, PROOF, TIME_OUT
from winnow.pool import Trial
from winnow.variants import CORRECT, FAULTY, SHOWS, Variant

KINDS = (*PROOF, TIME_OUT)  # the best first
MISSED, BROKEN = "missed", "broken"


@dataclass(frozen=True)
class Grade:
    """A matrix, read."""

    matrix: Matrix

    @cached_property
    def false_alarms(self) -> dict[str, list[str]]:
        """Each test that fails where every promise is kept, with the names of those variants."""
        correct = [(variant.name, trial) for variant, trial in self.matrix.trials if variant.kind == CORRECT]
        alarms: dict[str, list[str]] = {}
        for name, trial in [(AS_IT_STANDS, self.matrix.control), *correct]:
            for outcome in trial.outcomes:
                if outcome.kind != PASSED:
                    alarms.setdefault(outcome.test, []).append(name)
        return alarms

    @property
    def reasons(self) -> dict[str, str]:
        """Why each of these tests fails there: the message of its first failure."""
        trials = [self.matrix.control, *(t for v, t in self.matrix.trials if v.kind == CORRECT)]
        failures = [o for trial in trials for o in trial.outcomes if o.kind != PASSED]
        return {outcome.test: outcome.message for outcome in reversed(failures)}

    @cached_property
    def broken(self) -> dict[str, str]:
        """Each variant on which the suite could not be judged, with the reason."""
        return {variant.name: trial.broken for variant, trial in self.matrix.trials if trial.broken}

    @property
    def valid(self) -> bool:
        """Whether the suite accepts the service as it stands and every correct variant."""
        rejected = {v.name for v, _ in self.matrix.trials if v.kind == CORRECT} & self.broken.keys()
        return not self.false_alarms and not rejected and bool(self.matrix.control.outcomes)

    def catches(self, trial: Trial) -> dict[str, str]:
        """Return the valid tests that noticed this variant, with the kind of each notice."""
        return {
            outcome.test: outcome.kind
            for outcome in trial.outcomes
            if outcome.kind != PASSED and outcome.test not in self.false_alarms
        }

    def verdict(self, variant: Variant, trial: Trial) -> str:
        """Return how a variant was caught at best, or that it was missed or the trial broken."""
        kinds = set(self.catches(trial).values())
        best = next((kind for kind in KINDS if kind in kinds), None)
        return best or (BROKEN if variant.name in self.broken else MISSED)

    @cached_property
    def faults(self) -> dict[Variant, str]:
        """Each faulty variant with its verdict."""
        return {v: self.verdict(v, trial) for v, trial in self.matrix.trials if v.kind == FAULTY}

    @property
    def caught(self) -> list[Variant]:
        """The faulty variants that a test noticed."""
        return [variant for variant, verdict in self.faults.items() if verdict not in (MISSED, BROKEN)]

    @property
    def alive(self) -> list[Variant]:
        """The faulty variants that no valid test noticed, what is learned first before the rest."""
        alive = [variant for variant, verdict in self.faults.items() if verdict in (MISSED, BROKEN)]
        return sorted(alive, key=lambda variant: (variant.lesson, SHOWS.index(variant.shows)))

    @property
    def unproven(self) -> list[Variant]:
        """The faulty variants that only a time-out noticed."""
        return [v for v, verdict in self.faults.items() if verdict not in (*PROOF, MISSED, BROKEN)]

    @cached_property
    def by_test(self) -> dict[str, list[Variant]]:
        """Each valid test with the faulty variants that it notices."""
        found: dict[str, list[Variant]] = {
            o.test: [] for o in self.matrix.control.outcomes if o.test not in self.false_alarms
        }
        for variant, trial in self.matrix.trials:
            for test in self.catches(trial) if variant.kind == FAULTY else ():
                found.setdefault(test, []).append(variant)
        return found

    @property
    def idle_tests(self) -> list[str]:
        """The valid tests that notice nothing in this catalogue; another fault may still need them."""
        return [test for test, variants in self.by_test.items() if not variants]
