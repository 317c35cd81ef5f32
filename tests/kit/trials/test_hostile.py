"""Suites that behave badly: the verdict is right, the message is clear, and no process or file is left."""

import signal
import subprocess
import sys
import time

import pytest

from tests.kit.course import mine

pytestmark = pytest.mark.timeout(120)

HOSTILE = """
import os, signal, subprocess, sys, threading, time
from service import main
SLEEP = [sys.executable, "-c", "import time; time.sleep(300)", "winnow-hostile"]
"""


REJECTED = "fails on the unchanged service"
VALID = "Valid: the suite passes on the unchanged service and on the correct variant."
BODIES = {
    "hangs": ("while True: time.sleep(1)", REJECTED),
    "always-fails": ("assert False", REJECTED),
    "eats-memory": ("bytearray(8 * 1024**3)", REJECTED),
    "fills-the-disk": ("open('big', 'wb').write(bytes(300 * 1024**2))", REJECTED),
    "prints-100-mb": ("print('x' * 100_000_000)", VALID),
    "writes-files": ("open('left', 'w').write('here')", VALID),
    "monkeypatches-the-service": ("main.answer = lambda text: 'echo ' + text", VALID),
    "fakes-a-report": ("""print('{"test": "x", "kind": "assertion"}')""", VALID),
    "leaves-a-thread": ("threading.Thread(target=time.sleep, args=(300,)).start()", VALID),
    "leaves-children": ("for _ in range(50): subprocess.Popen(SLEEP, start_new_session=True)", VALID),
}


@pytest.mark.parametrize(("body", "sentence"), BODIES.values(), ids=BODIES)
def test_a_hostile_suite(course, body, sentence):
    """The limits hold, it catches nothing by merely breaking, and it leaves nothing behind."""
    run = course.grade(f"{HOSTILE}\ndef test():\n    {body}\n")

    assert run.returncode == 1, run.stdout + run.stderr
    assert sentence in run.stdout
    assert sentence == REJECTED or "Caught: 0 of 1 faults." in run.stdout
    assert "Traceback" not in run.stderr + run.stdout


def test_a_suite_that_will_not_end(course):
    """Deaf to signals and with a child of its own, it is ended from outside, and the reason is told."""
    run = course.grade(
        f"{HOSTILE}\ndef test():\n"
        "    subprocess.Popen(SLEEP)\n"
        "    for name in ('SIGALRM', 'SIGTERM', 'SIGINT'):\n"
        "        signal.signal(getattr(signal, name), signal.SIG_IGN)\n"
        "    while True: time.sleep(1)\n"
    )

    assert run.returncode == 1
    assert "test_suite.py::test: fails on the unchanged service" in run.stdout


def test_ctrl_c_leaves_nothing_running(course):
    """Stopped in the middle, it says so and ends its trials."""
    course.write("test_suite.py", f"{HOSTILE}\ndef test():\n    subprocess.run(SLEEP)\n")
    command = [sys.executable, "-m", "winnow.cli", "grade", "test_suite.py"]
    run = subprocess.Popen(command, cwd=course.folder, stderr=subprocess.PIPE, text=True)
    while not mine():
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)

    assert run.wait(20) == 2
    assert "interrupted" in run.stderr.read()
    run.stderr.close()
