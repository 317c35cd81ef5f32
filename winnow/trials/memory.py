"""Reads the saved results of a plan before it runs, and saves the new results afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from winnow.config import Config
from winnow.trials.environment import environment
from winnow.trials.messages import FAILED, PROOF, TIME_OUT, Cause, Outcome, Trial
from winnow.trials.store import Keys, Store
from winnow.variants import CORRECT, Variant


@dataclass(frozen=True)
class Plan:
    """A trial to run: the unchanged service or a variant, and the suites that run on it."""

    name: str
    variant: Variant | None
    suites: tuple[str, ...]


class Memory:
    """The rows of one project in the verdict store; without a store, nothing is read or saved.

    ``root`` is the copy of the project that trials run in.
    """

    def __init__(self, store: Store | None, config: Config, root: Path, suites: Sequence[str]) -> None:
        self._store = store
        self._root = root
        self._keys = Keys(config, root, suites=suites, environment=environment(config))

    def known(self, plan: Plan) -> dict[str, tuple[Outcome, ...]]:
        """Return the saved outcomes of a plan, by test file or by whole suite."""
        if self._store is None:
            return {}
        found = ((unit, self._store.get(self._key(unit, plan))) for unit in self._units(plan.suites))
        return {unit: outcomes for unit, outcomes in found if outcomes is not None}

    def missing(self, plan: Plan, known: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the suites that must still run, and the test files in them that need not run."""
        left = tuple(s for s in plan.suites if set(self._units([s])) - set(known) or not self._units([s]))
        return left, tuple(unit for unit in self._units(left) if unit in known and unit not in plan.suites)

    def keep(self, plan: Plan, trial: Trial, *, repeated: bool = False) -> None:
        """Save the results of a trial, except those that may differ the next time."""
        if self._store is None or trial.broken or trial.late:
            return
        rows: dict[str, list[Outcome]] = {unit: [] for unit in self._units(plan.suites)}
        for outcome in trial.outcomes:
            unit = next((unit for unit in rows if _is_in(outcome.test, unit)), None)
            if unit is None:
                return  # pytest collected a file that Winnow does not consider a test file
            rows[unit].append(outcome)
        kept = {unit: found for unit, found in rows.items() if repeated or _is_certain(plan, found)}
        self._store.put({self._key(unit, plan): found for unit, found in kept.items()})

    def _key(self, unit: str, plan: Plan) -> str:
        return self._keys.key(unit, plan.variant, self._root)

    def _units(self, suites: Sequence[str]) -> list[str]:
        return [u for u in self._keys.units if any(u == s or u.startswith(f"{s}/") for s in suites)]


def joined(trial: Trial, known: dict[str, tuple[Outcome, ...]]) -> Trial:
    """Return a trial with the saved outcomes added; a new part without tests is then no error."""
    outcomes = tuple(outcome for part in known.values() for outcome in part) + trial.outcomes
    seconds = trial.seconds + sum(outcome.seconds for part in known.values() for outcome in part)
    nothing = trial.broken and trial.broken.cause in (Cause.NO_TESTS, Cause.NOT_IMPORTED)
    broken = None if known and nothing else trial.broken
    return replace(trial, outcomes=outcomes, seconds=seconds, broken=broken)


def says_too_little(variant: Variant, trial: Trial) -> bool:
    """Return whether a trial must be repeated: see the table in ``Trials``."""
    if variant.kind == CORRECT:
        return not trial.passed
    kinds = {outcome.kind for outcome in trial.outcomes}
    return (TIME_OUT in kinds or trial.late) and not kinds & set(PROOF)


def _is_certain(plan: Plan, outcomes: Sequence[Outcome]) -> bool:
    """Return whether a repeat gives the same outcomes: no time-out, and no failure on a correct service."""
    kinds = {outcome.kind for outcome in outcomes}
    correct = plan.variant is None or plan.variant.kind == CORRECT
    return TIME_OUT not in kinds and not (correct and kinds & set(FAILED))


def _is_in(test: str, unit: str) -> bool:
    """Return whether a test is in this file or folder; pytest may name it from a folder above the project."""
    file = test.partition("::")[0]
    return file == unit or file.startswith(f"{unit}/") or f"/{unit}/" in f"/{file}/"
