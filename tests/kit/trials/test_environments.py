"""The interpreter and the variables that a trial has."""

import os
import subprocess
import sys
import venv

import pytest

from tests.kit.course import GOOD
from tests.kit.project import ROOT

READS = "import os\nassert os.environ['SHOP_URL'] == 'x'\n" + GOOD


def test_an_environment_in_the_project_is_found(course):
    """A virtual environment in the project's folder is not copied, and a trial still runs in it."""
    venv.create(course.folder / ".venv", symlinks=True)
    course.written.add(".venv")
    inside = course.folder / ".venv"
    (packages,) = inside.glob("lib/python*/site-packages")
    (packages / "these.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    (packages / "only_here.py").write_text("")
    course.write("test_suite.py", f"import only_here\n{GOOD}")

    run = subprocess.run(
        [inside / "bin/python", "-m", "winnow.cli", "grade", "test_suite.py"],
        cwd=course.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "one at a time" not in run.stdout


def test_a_variable_that_is_named_reaches_the_trial(course, monkeypatch):
    """``env`` passes a variable on, or sets it."""
    monkeypatch.setenv("SHOP_URL", "x")
    course.write("pyproject.toml", "[tool.winnow]\nenv = ['SHOP_URL']\n")
    assert course.grade(READS).returncode == 0

    monkeypatch.delenv("SHOP_URL")
    course.write("pyproject.toml", "[tool.winnow]\nenv = ['SHOP_URL=x']\n")
    assert course.grade(READS).returncode == 0


def test_variables_come_from_a_file(course):
    """``env_file`` names a file of lines NAME=value; comments, quotes and ``export`` are understood."""
    course.write("pyproject.toml", "[tool.winnow]\nenv_file = 'test.env'\n")
    course.write("test.env", "# for tests\n\nexport SHOP_URL='x'\nOTHER=1\n")

    assert course.grade(READS).returncode == 0


@pytest.mark.parametrize("suite", [READS, READS.replace("assert ", "URL = ")])
def test_a_variable_that_is_missing_is_named(course, monkeypatch, suite):
    """Where the suite needs a variable that a trial lacks, the next step says how to pass it on."""
    monkeypatch.setenv("SHOP_URL", "x")

    run = course.grade(suite)

    assert run.returncode == 2
    assert 'write `env = ["SHOP_URL"]` in [tool.winnow]' in run.stderr


def test_a_test_that_fails_for_want_of_a_variable(course, monkeypatch):
    """A test that fails on the unchanged service, and would not with the variable, leads to the same step."""
    monkeypatch.setenv("SHOP_URL", "x")

    run = course.grade(GOOD + "\ndef test_url():\n    import os\n    assert os.environ['SHOP_URL'] == 'x'\n")

    assert run.returncode == 1
    assert 'write `env = ["SHOP_URL"]` in [tool.winnow]' in run.stdout


@pytest.mark.parametrize("value", ["['=x']", "['A-B=1']", "'SHOP_URL'", "[1]"])
def test_a_wrong_list_of_variables(course, value):
    """A value that is no list of variables is refused with an example."""
    course.write("pyproject.toml", f"[tool.winnow]\nenv = {value}\n")

    run = course.grade(GOOD)

    assert run.returncode == 2
    assert "write a list such as ['DATABASE_URL', 'MODE=test']" in run.stderr
