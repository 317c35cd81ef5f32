"""`winnow grade` on good and poor suites, with a small service."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.kit.course import GOOD

pytestmark = pytest.mark.timeout(120)
SCRIBBLER = """
import contextlib, os
from service import main
def test():
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(number, b"{no json}\\n")
"""


def test_a_good_suite(course):
    """It is valid and catches the fault."""
    run = course.grade(GOOD)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Valid: the suite passes on the unchanged service and on the correct variant." in run.stdout
    assert "Caught: 1 of 1 faults." in run.stdout
    assert "Your files were not changed." in run.stdout


def test_the_same_as_data(course):
    """``--json`` prints data and nothing else on standard output."""
    data = json.loads(course.grade(GOOD, "--json").stdout)

    assert (data["valid"], data["caught"], data["faults"]) == (True, 1, 1)
    assert [variant["verdict"] for variant in data["variants"]] == ["accepted", "assertion"]
    assert list(data["variants"][1]["failures"]) == ["test_suite.py::test_echo"]


def test_a_suite_that_checks_nothing(course):
    """The survivor is named with its promise; a hint is shown on request."""
    weak = GOOD.replace('== "echo hi"', "")

    run = course.grade(weak)
    assert run.returncode == 1
    assert "survived: no-prefix: the promise of no-prefix" in run.stdout
    assert "look at" not in run.stdout
    assert "test_suite.py::test_echo: catches nothing" in run.stdout

    assert "hint: look at no-prefix" in course.grade(weak, "--hint", "1").stdout
    chinese = course.winnow("grade", "--hint", "1", "test_suite.py", language="zh_CN.UTF-8")
    assert "提示：看 no-prefix" in chinese.stdout


def test_a_few_of_many(course):
    """Five survivors are shown at first, and all on request."""
    weak = GOOD.replace('== "echo hi"', "")
    for number in range(7):
        course.variant("faulty", f"later-{number}", "def answer(text):", f"def answer(text, x={number}):")
    many = course.grade(weak).stdout
    assert many.count("  survived: ") == 5
    assert "and 3 more survived: `winnow grade test_suite.py --all` lists all" in many
    assert course.grade(weak, "--all").stdout.count("  survived: ") == 8


def test_a_false_alarm(course):
    """A test that fails on a correct variant is a false alarm, and what it catches does not count."""
    run = course.grade(
        "from service import main\nimport inspect\n"
        "def test_source():\n    assert '+ text' in inspect.getsource(main)\n"
    )

    assert run.returncode == 1
    assert "test_suite.py::test_source: fails on formatted" in run.stdout
    assert "Caught: 0 of 1 faults." in run.stdout


def test_a_difference_is_shown(course):
    """``--show`` prints how the service was changed."""
    run = course.grade(GOOD, "--show", "no-prefix")

    assert '-    return "echo " + text\n+    return text\n' in run.stdout
    wrong = course.grade(GOOD, "--show", "no-prefx")
    assert wrong.returncode == 2
    assert "did you mean 'no-prefix'?" in wrong.stderr


@contextmanager
def busy():
    """Keep a core busy."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_results_do_not_depend_on_the_workers(course):
    """With one worker or two, ten times on a busy machine, the verdicts are the same."""
    for number in range(5):
        course.variant("faulty", f"shout-{number}", '"echo " + text', f'"echo " + text.upper() * {number}')

    def verdicts(workers):
        data = json.loads(course.grade(GOOD, "--json", "--workers", workers).stdout)
        return [(v["name"], v["verdict"], v["failures"]) for v in data["variants"]]

    first = verdicts("1")
    with busy():
        assert [verdicts(workers) for workers in "2121212121"] == [first] * 10


@pytest.mark.parametrize(
    ("suite", "sentence"),
    [
        pytest.param(
            "import os\ndef test(): os._exit(0)",
            "the process ended during test_suite.py::test with exit code 0",
            id="exits",
        ),
        pytest.param("def test(:", "test_suite.py cannot be collected", id="does-not-parse"),
        pytest.param(
            "import no_such_module", "No module named 'no_such_module'", id="imports-nothing-that-exists"
        ),
        pytest.param(SCRIBBLER, "wrote other data to the pipe for results", id="scribbles-over-its-results"),
        pytest.param("x = 1", "pytest collected no tests", id="collects-nothing"),
        pytest.param("def test(): pass", "did not import the service", id="tests-nothing"),
        pytest.param(
            "import os\nfrom service import main\ndef test():\n    os.kill(os.getpid(), 9)",
            "by signal SIGKILL",
            id="dies",
        ),
    ],
)
def test_a_suite_that_cannot_be_run(course, suite, sentence):
    """The error comes before any trial: exit code 2, the problem and the next step, no traceback."""
    run = course.grade(suite)

    assert run.returncode == 2
    assert sentence in run.stderr
    assert "hint: " in run.stderr
    assert "Traceback" not in run.stderr + run.stdout


def test_a_silent_service_is_a_deadlock_not_a_wait(course):
    """A silent service is found at once, even through a bare TestClient."""
    course.variant("faulty", "silent", "await websocket.send_text(answer(text))", "answer(text)")

    data = json.loads(course.grade(GOOD, "--json").stdout)

    assert {v["name"]: v["verdict"] for v in data["variants"]}["silent"] == "deadlock"


def test_a_fault_that_needs_a_missing_program(course):
    """The fault does not count, and the program is named."""
    course.variant("faulty", "other", '"echo " + text', '"echo" + text')
    course.needs("other", "no-such-program")

    run = course.grade(GOOD)

    assert run.returncode == 0
    assert "Caught: 1 of 1 faults." in run.stdout
    assert "Not tried: one fault that needs no-such-program" in run.stdout


def test_edits_that_do_not_fit_are_all_named(course):
    """If the service has changed, every variant that no longer fits is listed with its file."""
    course.variant("faulty", "old", "no such text", "x")
    course.variant("faulty", "double", "text", "x")
    course.variant("faulty", "nothing", "def answer", "def answer")

    run = course.grade(GOOD)

    assert run.returncode == 2
    for sentence in (
        "variant 'old' needs exactly one 'no such text' in service/main.py, but found 0",
        "variant 'double' needs exactly one 'text'",
        "variant 'nothing' changes nothing",
        "variants/faulty/old.toml",
    ):
        assert sentence in run.stderr
