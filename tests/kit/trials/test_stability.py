"""Unstable tests, and resources that trials must not share."""

from tests.kit.course import GOOD

SHARED_MEMORY = """
import os, time
def test_shared_memory():
    path = "/dev/shm/winnow-test-of-places"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert os.path.exists(path)
    os.unlink(path)
"""
EVERY_OTHER = """
from pathlib import Path
def test_every_other_time():
    count = Path({path!r})
    count.write_text(count.read_text() + "x")
    assert len(count.read_text()) % 2 == 0
"""


def test_trials_do_not_meet_in_shared_memory(course):
    """A name in /dev/shm belongs to the trial that made it."""
    run = course.grade(GOOD + SHARED_MEMORY)

    assert "Valid:" in run.stdout
    assert "one at a time" not in run.stdout


def test_a_test_that_fails_every_other_time_is_unstable_not_wrong(course, tmp_path_factory, monkeypatch):
    """Failing first on the unchanged service, it is named as unstable, and only so."""
    monkeypatch.setenv("WINNOW_NO_NAMESPACES", "1")  # else the count would be in a place of its own
    count = tmp_path_factory.mktemp("count") / "count"
    count.write_text("")

    run = course.grade(GOOD + EVERY_OTHER.format(path=str(count)), "--workers", "1")

    assert "Not stable" in run.stdout
    assert "test_suite.py::test_every_other_time: the unchanged service" in run.stdout
    assert "Not valid" not in run.stdout
    assert "test_echo: no-prefix" in run.stdout


def test_a_test_that_takes_too_long_is_told_what_to_do(course):
    """Where the unchanged service already takes longer than a trial may, the setting is named."""
    run = course.grade(GOOD + "import time\ndef test_slow():\n    time.sleep(3)\n")

    assert "test_slow: fails on the unchanged service" in run.stdout
    assert "increase `trial_timeout`" in run.stdout
