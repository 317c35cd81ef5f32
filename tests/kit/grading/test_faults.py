"""`winnow faults` on the project itself: a suite that asserts less catches less."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.kit.course import GOOD
from tests.kit.project import ROOT

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def small(project):
    """The project with one faulty and one correct variant of the endpoint, and no slow suite."""
    project.edit("pyproject.toml", 'slow_suites = ["tests/workers"]', "slow_suites = []")
    for name in ("faulty/white-space-trimmed.toml", "correct/log-messages-reworded.toml"):
        place = project.path(f"variants/{name}")
        place.parent.mkdir(parents=True)
        place.write_text((ROOT / "variants" / name).read_text(encoding="utf-8"), encoding="utf-8")
    return project


def test_the_suite_as_it_stands_catches_the_fault(small):
    """No fault survives."""
    run = small.run("winnow.cli", "faults")

    assert run.returncode == 0, run.stdout
    assert "Caught: 1 of 1 faults." in run.stdout
    assert statuses(small) == {"white-space-trimmed": "Killed"}


def test_without_its_assertions_it_does_not(small):
    """Every test passes, and the same lines run; the survivor is named, and the exit code is 1."""
    echo = small.path("tests/ws/test_echo.py")
    text = echo.read_text(encoding="utf-8")
    echo.write_text(re.sub(r"assert (ws\.recv\(\)) == .*", r"\1", text), encoding="utf-8")

    run = small.run("winnow.cli", "faults")

    assert run.returncode == 1
    assert "Valid: the suite passes on the unchanged service and on the correct variant." in run.stdout
    assert "survived: white-space-trimmed: White space at both ends of a text" in run.stdout
    assert "more survived" not in run.stdout  # this session lists them all
    assert statuses(small) == {"white-space-trimmed": "Survived"}


def test_a_slow_suite_runs_on_the_faults_that_name_it(course):
    """It runs on every correct variant too, but not on faults that do not name it."""
    course.variant("faulty", "shouts", '"echo " + text', '"echo " + text.upper()')
    course.names("shouts", "slow")
    course.write("pyproject.toml", "[tool.winnow]\nsuites = ['quick']\nslow_suites = ['slow']\n")
    course.write("quick/test_quick.py", GOOD)
    course.write("slow/test_slow.py", GOOD)

    assert course.winnow("faults").returncode == 0
    variants = json.loads((course.folder / "reports/matrix.json").read_text("utf-8"))["variants"]
    assert {variant["name"]: list(variant["failures"]) for variant in variants} == {
        "formatted": [],
        "no-prefix": ["quick/test_quick.py::test_echo"],
        "shouts": ["quick/test_quick.py::test_echo", "slow/test_slow.py::test_echo"],
    }
    shutil.rmtree(course.folder / "reports")


@pytest.mark.parametrize(
    ("slow", "code", "said"),
    [
        (
            "import nothing",
            2,
            "cannot be run on the unchanged service: slow/test_slow.py cannot be collected",
        ),
        ("def test_bad(): assert 0", 1, "slow/test_slow.py::test_bad: fails on the unchanged service"),
    ],
    ids=["does-not-import", "fails"],
)
def test_a_slow_suite_that_fails(course, slow, code, said):
    """Slow suites run on the unchanged service together with the variants, and their failures there count."""
    course.write("pyproject.toml", "[tool.winnow]\nsuites = ['quick']\nslow_suites = ['slow']\n")
    course.write("quick/test_quick.py", GOOD)
    course.write("slow/test_slow.py", f"{GOOD}\n{slow}\n")

    run = course.winnow("faults")
    shutil.rmtree(course.folder / "reports", ignore_errors=True)

    assert run.returncode == code
    assert said in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def test_no_fault_is_caught_by_every_test():
    """A fault breaks one promise, so not every test of the unittest suite fails on it."""
    command = [sys.executable, "-m", "winnow.cli", "grade", "--json", "tests/unit"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    grade = json.loads(run.stdout)

    faults = [variant for variant in grade["variants"] if variant["kind"] == "faulty"]
    assert len(faults) == grade["faults"]
    assert [v["name"] for v in faults if v["failures"].keys() >= grade["tests"].keys()] == []


def statuses(project):
    """The status of each mutant in the project's mutation testing report."""
    report = json.loads(project.path("reports/mutation.json").read_text(encoding="utf-8"))
    return {mutant["id"]: mutant["status"] for file in report["files"].values() for mutant in file["mutants"]}
