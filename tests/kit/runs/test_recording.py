"""A run saves every outcome for the report, with both runners, even if the run is killed."""

import pytest

from winnow.runs.results import Run

PYTEST_SUITE = '''
import unittest, pytest

def test_good():
    """It keeps its promise."""

def test_failed():
    assert 1 == 2, "one is not two"

def test_error(no_such_fixture): pass

@pytest.fixture
def broken_afterwards():
    yield
    raise RuntimeError("too late")

def test_error_afterwards(broken_afterwards): pass

@pytest.mark.skip(reason="not today")
def test_skipped(): pass

@pytest.mark.xfail
def test_xfailed(): assert False

class Case(unittest.TestCase):
    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(1, number)
'''

UNITTEST_SUITE = '''
import unittest

class Case(unittest.TestCase):
    def test_good(self):
        """It keeps its promise."""

    def test_failed(self):
        self.assertEqual(1, 2, "one is not two")

    def test_error(self):
        raise RuntimeError("on purpose")

    def test_error_afterwards(self):
        self.addCleanup(lambda: 1 / 0)

    @unittest.skip("not today")
    def test_skipped(self): pass

    @unittest.expectedFailure
    def test_xfailed(self): self.fail()

    @unittest.expectedFailure
    def test_failed_by_passing(self): pass

    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(1, number)
'''
SKIPPED = (
    "import unittest\n@unittest.skip('not today')\nclass Case(unittest.TestCase):\n    def test(self): pass\n"
)


def outcomes(run):
    """Each test's name with its outcome."""
    return {result.id.replace(".", ":").rpartition(":")[2]: result.outcome for result in run.results}


@pytest.fixture
def suite(project):
    """Return a function that runs one file under pytest or unittest and reads what was kept."""

    def run(runner, text, *options):
        project.path("probe").mkdir()
        project.path("probe/test_suite.py").write_text(text)
        if runner == "pytest":
            command = ["pytest", "-q", "probe", "--winnow-results=reports/data/pytest.json"]
        else:
            command = ["winnow.unittest_runner", "discover", "-s", "probe"]
        done = project.run(*command, *options)
        return done, Run.load(project.path(f"reports/data/{runner}.json"))

    return run


def test_pytest_outcomes(suite):
    """Each phase counts: a test that fails in tear-down has not passed."""
    done, run = suite("pytest", PYTEST_SUITE)

    assert outcomes(run) == {
        "test_good": "passed",
        "test_failed": "failed",
        "test_error": "error",
        "test_error_afterwards": "error",
        "test_skipped": "skipped",
        "test_xfailed": "xfailed",
        "test_subtests": "failed",
    }
    assert (run.exit_code, run.state) == (done.returncode, "red")


def test_unittest_outcomes(suite):
    """The same, under the other runner."""
    done, run = suite("unittest", UNITTEST_SUITE)

    assert outcomes(run) == {
        "test_good": "passed",
        "test_failed": "failed",
        "test_error": "error",
        "test_error_afterwards": "error",
        "test_skipped": "skipped",
        "test_xfailed": "xfailed",
        "test_failed_by_passing": "failed",
        "test_subtests": "failed",
    }
    assert (run.exit_code, run.state) == (done.returncode, "red")


@pytest.mark.parametrize(("runner", "text"), [("pytest", PYTEST_SUITE), ("unittest", UNITTEST_SUITE)])
def test_promises_and_reasons_are_kept(suite, runner, text):
    """The docstring of a good test, the message of a bad one, the reason of a skip."""
    _, run = suite(runner, text)
    kept = {result.id.replace(".", ":").rpartition(":")[2]: result for result in run.results}

    assert kept["test_good"].promise == "It keeps its promise."
    assert "one is not two" in kept["test_failed"].message
    assert "not today" in kept["test_skipped"].message


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
def test_a_module_that_does_not_import_is_broken(suite, runner):
    """None of its tests ran; the outcome is broken."""
    _, run = suite(runner, "import nothing_of_that_name")

    assert [result.outcome for result in run.results] == ["broken"]
    assert "nothing_of_that_name" in run.results[0].message
    assert run.state == "red"


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
@pytest.mark.parametrize("text", ["", SKIPPED], ids=["none", "all-skipped"])
def test_no_tests_is_not_green(suite, runner, text):
    """A suite without tests has not passed."""
    _, run = suite(runner, text)

    assert run.state == "empty"


def test_excluded_tests_are_counted(suite, project):
    """If ``-k`` excluded tests, the page and the terminal say so."""
    _, run = suite("pytest", PYTEST_SUITE, "-k", "good")
    said = project.run("winnow.cli", "report").stdout

    assert (run.state, len(run.results), run.deselected) == ("green", 1, 6)
    assert "pytest: green, 1 test; the command excluded 6 more" in said
    assert "All tests that ran pass, but the command excluded 6 tests." in project.path(
        "reports/index.html"
    ).read_text("utf-8")


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
def test_a_killed_run_is_unfinished(suite, runner):
    """The run is saved before the first test, so that an unfinished one is known."""
    killer = "import os, unittest\nclass Case(unittest.TestCase):\n    def test(self): os._exit(0)\n"
    done, run = suite(runner, killer)

    assert done.returncode == 0
    assert run.state == "unfinished"
