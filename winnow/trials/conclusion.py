"""Turns the messages of a child, and how it ended, into the result of a trial."""

import os
import signal

from winnow.i18n import say
from winnow.trials.messages import (
    PASSED,
    SKIPPED,
    TIME_OUT,
    Broken,
    Cause,
    Limits,
    Outcome,
    Told,
    Trial,
)

NOT_TAKEN, NO_TESTS = 4, 5  # exit codes of pytest
ORIGINS = {"none": Cause.NOT_IMPORTED, "elsewhere": Cause.OTHER_COPY}  # of a service that was not tested


def conclude(name: str, told: Told, status: int, limits: Limits, seconds: float, *, killed: bool) -> Trial:
    """Return the result of a trial, from the child's messages and its exit status."""
    outcomes, open_tests = list(told.outcomes), told.unfinished
    if told.foreign:
        return Trial(name, (), Broken(Cause.FOREIGN_OUTPUT), seconds)
    broken = None
    if told.finished:
        broken = _reason(told)
    elif killed:
        limit = f"{limits.trial:g}"
        broken = None if open_tests else Broken(Cause.LATE, limit)
        late = say("cause.late", detail=limit)
        outcomes += [Outcome(test, TIME_OUT, limits.trial, late) for test in open_tests]
    else:
        broken = Broken(Cause.ENDED, _how(status), open_tests[-1] if open_tests else "")
    return Trial(name, tuple(outcomes), broken, seconds, killed)


def _reason(told: Told) -> Broken | None:
    """Return why a complete run gives no result, or None if it gives one."""
    assert told.finished  # noqa: S101 -- the caller has looked
    code, origin = told.finished.exit_code, told.finished.origin
    failed = [fact for fact in told.uncollected if not fact.skipped]
    if failed:
        return Broken(Cause.UNCOLLECTED, failed[0].message, failed[0].node)
    if told.stopped or code not in (0, 1, NO_TESTS, NOT_TAKEN):
        return Broken(Cause.STOPPED, told.stopped)
    if code == NOT_TAKEN:
        return Broken(Cause.NOT_TAKEN)
    if told.uncollected and not told.outcomes:
        return Broken(Cause.ALL_SKIPPED, told.uncollected[0].message, told.uncollected[0].node)
    if told.outcomes and all(outcome.kind == SKIPPED for outcome in told.outcomes):
        return Broken(Cause.ALL_SKIPPED, told.outcomes[0].message, told.outcomes[0].test)
    if code == NO_TESTS:
        return Broken(Cause.NO_TESTS)
    if origin == "none" and all(outcome.kind != PASSED for outcome in told.outcomes):
        return None  # it did not import the service: the failures say why
    return Broken(ORIGINS[origin]) if origin in ORIGINS else None


def _how(status: int) -> str:
    """Return how a process ended: the name of a signal, or its exit code."""
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else str(code)
