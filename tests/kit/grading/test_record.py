"""From trials to a record, and from a record to a file and back."""

import json

import pytest

from tests.kit.records import ACCEPTED, CAUGHT, LATE, OTHER, REJECTED, SURVIVOR, TEST, judged, record
from winnow.errors import WinnowError
from winnow.grading.grade import grade
from winnow.grading.record import UNCHANGED, Record
from winnow.i18n import Text
from winnow.trials.matrix import Matrix
from winnow.trials.messages import Broken, Cause, Outcome, Trial
from winnow.variants import CORRECT, FAULTY, Variant


def variant(name, kind):
    """A variant that changes nothing: a grade does not look at the service."""
    return Variant(name, kind, Text(name, name))


def outcomes(**kinds):
    """Outcomes of tests by their names."""
    return tuple(Outcome(test, kind, 0.1, f"{test}: {kind}") for test, kind in kinds.items())


def graded(tmp_path, control, **trials):
    """The grade of trials on the unchanged service and on variants; ``ok_…`` are the correct ones."""
    found = tuple(
        (variant(name, CORRECT if name.startswith("ok_") else FAULTY), trial)
        for name, trial in trials.items()
    )
    return grade(Matrix("2026-01-01", ("tests",), Trial("control", control), found), tmp_path)


def test_a_false_alarm_does_not_count(tmp_path):
    """A test that fails on a correct variant catches nothing, whatever it fails on."""
    found = graded(
        tmp_path,
        outcomes(a="passed", b="passed"),
        ok_other=Trial("ok_other", outcomes(a="assertion", b="passed")),
        broken=Trial("broken", outcomes(a="assertion", b="passed")),
        wrong=Trial("wrong", outcomes(a="assertion", b="error")),
    )

    assert found.false_alarms == {"a": ("ok_other",)}
    assert [judged.verdict for judged in found.variants] == ["rejected", "missed", "error"]
    assert (found.valid, len(found.caught), found.reasons) == (False, 1, {"a": "a: assertion"})


def test_a_test_that_fails_on_the_unchanged_service_is_a_false_alarm(tmp_path):
    """The place of the alarm is the unchanged service."""
    found = graded(tmp_path, outcomes(a="error"), fault=Trial("fault", outcomes(a="assertion")))

    assert found.false_alarms == {"a": (UNCHANGED,)}
    assert not found.caught


@pytest.mark.parametrize(
    ("trial", "verdict"),
    [
        (Trial("x", outcomes(a="time-out", b="deadlock", c="error", d="assertion")), "assertion"),
        (Trial("x", outcomes(a="time-out", b="deadlock", c="error")), "error"),
        (Trial("x", outcomes(a="time-out", b="deadlock")), "deadlock"),
        (Trial("x", outcomes(a="time-out")), "time-out"),
        (Trial("x", outcomes(a="passed")), "missed"),
        (Trial("x", (), Broken(Cause.NO_TESTS)), "broken"),
        (Trial("x", outcomes(a="assertion"), Broken(Cause.ENDED, "1")), "assertion"),
    ],
)
def test_the_best_proof_is_the_verdict(tmp_path, trial, verdict):
    """An assertion proves more than an error, an error more than a deadlock, all more than a time-out."""
    found = graded(tmp_path, outcomes(a="passed", b="passed", c="passed", d="passed"), x=trial)

    assert found.variants[0].verdict == verdict


def test_a_broken_trial_of_a_correct_variant_is_not_accepted(tmp_path):
    """The suite is not valid."""
    found = graded(tmp_path, outcomes(a="passed"), ok_x=Trial("ok_x", (), Broken(Cause.LATE, "20")))

    assert found.variants[0].verdict == "broken"
    assert not found.valid


def test_survivors_are_in_the_order_of_the_lessons():
    """Within a lesson, what a single client can see comes first."""
    found = record(
        judged("late", FAULTY, "missed", lesson="11_presence"),
        judged("live", FAULTY, "missed", lesson="02_the_missing_line", shows="live"),
        judged("plain", FAULTY, "missed", lesson="02_the_missing_line"),
        CAUGHT,
    )

    assert [fault.name for fault in found.survivors] == ["plain", "live", "late"]


def test_what_each_test_catches():
    """A false alarm is not listed; a test without a catch is."""
    found = record(ACCEPTED, CAUGHT, SURVIVOR)

    assert {test: [f.name for f in faults] for test, faults in found.by_test.items()} == {
        TEST: [],
        OTHER: ["a-greeting"],
    }
    assert found.tests_without_a_catch == (TEST,)
    assert TEST not in record(REJECTED).by_test


def test_a_time_out_that_repeats_itself_counts():
    """The fault is caught, and the record says that only a time-out caught it."""
    found = record(ACCEPTED, LATE)

    assert (found.valid, found.survivors, found.unproven, found.perfect) == (True, (), (LATE,), True)


def test_a_record_is_read_back_as_it_was_saved(tmp_path):
    """What was graded now and what was saved before are shown alike."""
    broken = judged("a-crash", CORRECT, "broken", broken=Broken(Cause.ENDED, "SIGKILL", TEST))
    saved = record(ACCEPTED, REJECTED, broken, CAUGHT, LATE, control=(OTHER,), left_out={"x": "redis-server"})
    saved.save(tmp_path / "matrix.json")

    assert Record.load(tmp_path / "matrix.json") == saved


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"valid": 1}', "\x00", "null", "missing", "changed"])
def test_a_damaged_record_is_an_error(tmp_path, damage):
    """The error names the file and the command that writes it anew."""
    path = tmp_path / "matrix.json"
    record(CAUGHT).save(path)
    if damage == "missing":
        path.unlink()
    elif damage == "changed":
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"more": 1}), encoding="utf-8")
    else:
        path.write_text(damage, encoding="utf-8")

    with pytest.raises(
        WinnowError, match=r"matrix\.json cannot be read.*\n  hint: run `winnow faults` again"
    ):
        Record.load(path)
