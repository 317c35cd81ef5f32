"""The result of a trial, from the messages of its child and how it ended."""

import signal

import pytest

from winnow.trials.conclusion import conclude
from winnow.trials.messages import (
    Broken,
    Cause,
    Finished,
    Limits,
    Outcome,
    Started,
    Stopped,
    Told,
    Uncollected,
    encode,
)

LIMITS = Limits(receive=1, test=2, trial=3)
PASSED = Outcome("test_a.py::test", "passed", 0.1)
FAILED = Outcome("test_a.py::test", "assertion", 0.1, "1 != 2")
SKIPPED = Outcome("test_a.py::test", "skipped", 0.0, "not today")


def trial(*messages, status=0, killed=False):
    """Conclude a trial whose child said this."""
    told = Told()
    for message in messages:
        told.hear(encode(message).rstrip())
    return conclude("name", told, status, LIMITS, 0.5, killed=killed)


@pytest.mark.parametrize(
    ("messages", "cause"),
    [
        pytest.param([PASSED, Finished(0, "sandbox")], None, id="passed"),
        pytest.param([FAILED, Finished(1, "sandbox")], None, id="failed"),
        pytest.param([FAILED, Finished(1, "none")], None, id="failed-before-it-imported"),
        pytest.param([PASSED, Finished(0, "none")], Cause.NOT_IMPORTED, id="never-imported"),
        pytest.param([PASSED, Finished(0, "elsewhere")], Cause.OTHER_COPY, id="another-copy"),
        pytest.param([SKIPPED, Finished(0, "sandbox")], Cause.ALL_SKIPPED, id="all-skipped"),
        pytest.param(
            [Uncollected("a.py", "no", True), Finished(5, "none")], Cause.ALL_SKIPPED, id="module-skipped"
        ),
        pytest.param([SKIPPED, PASSED, Finished(0, "sandbox")], None, id="some-skipped"),
        pytest.param([Finished(5, "none")], Cause.NO_TESTS, id="no-tests"),
        pytest.param([Finished(4, "none")], Cause.NOT_TAKEN, id="not-taken"),
        pytest.param([Uncollected("a.py", "no"), Finished(2, "none")], Cause.UNCOLLECTED, id="uncollected"),
        pytest.param([Stopped("no docker"), Finished(3, "none")], Cause.STOPPED, id="stopped"),
        pytest.param([Stopped("no docker"), Finished(4, "none")], Cause.STOPPED, id="usage-error"),
        pytest.param([PASSED, Finished(3, "sandbox")], Cause.STOPPED, id="internal-error-without-a-word"),
        pytest.param([PASSED], Cause.ENDED, id="ended"),
    ],
)
def test_the_cause_of_a_broken_trial(messages, cause):
    """Only a run that came to its end on the right service is a judgement; else its cause is told."""
    found = trial(*messages)

    assert (found.broken and found.broken.cause) == cause


def test_a_foreign_line_breaks_the_trial():
    """Where something else was written to the pipe, no outcome counts."""
    told = Told([PASSED], foreign=True)

    found = conclude("name", told, 0, LIMITS, 0.5, killed=False)

    assert found.broken == Broken(Cause.FOREIGN_OUTPUT)
    assert found.outcomes == ()


def test_a_process_that_ends_early_is_told_with_its_test():
    """The signal or the exit code, and the test in which it happened, are the evidence."""
    assert trial(Started("t"), status=signal.SIGKILL).broken == Broken(Cause.ENDED, "SIGKILL", "t")
    assert trial(status=7 << 8).broken == Broken(Cause.ENDED, "7", "")


def test_a_late_trial_blames_the_test_that_was_running():
    """The open test has timed out; without one the trial as a whole is late."""
    found = trial(PASSED, Started("slow"), status=signal.SIGKILL, killed=True)

    assert [(o.test, o.kind) for o in found.outcomes] == [(PASSED.test, "passed"), ("slow", "time-out")]
    assert (found.broken, found.late) == (None, True)
    assert trial(killed=True).broken == Broken(Cause.LATE, "3")
