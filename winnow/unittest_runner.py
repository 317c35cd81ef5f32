"""``python -m unittest``, with the outcomes saved for the report.

It accepts the same arguments::

    python -m winnow.unittest_runner discover -s tests/unit -t .

and writes ``unittest.json`` in the data folder. coverage records each test in its own context.
"""

import sys
import time
import unittest
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.i18n import say
from winnow.runs.contexts import context
from winnow.runs.results import Result, Run, worse
from winnow.text import one_line

Problem = Any  # unittest's (type, exception, traceback), or three times None


class SavedResult(unittest.TextTestResult):
    """unittest's result class, which also saves each test by its id."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.saved: dict[str, Result] = {}

    def startTest(self, test: unittest.TestCase) -> None:
        """Start a coverage context and the clock."""
        super().startTest(test)
        self._running = ExitStack()
        self._running.enter_context(context(test.id()))
        self._began = time.perf_counter()

    def stopTest(self, test: unittest.TestCase) -> None:
        """End both; a test without a bad outcome has passed."""
        self._save(test, "passed", seconds=time.perf_counter() - self._began)
        self._running.close()
        super().stopTest(test)

    def addFailure(self, test: unittest.TestCase, err: Problem) -> None:
        """Save a failed assertion."""
        super().addFailure(test, err)
        self._save(test, "failed", str(err[1]))

    def addError(self, test: unittest.TestCase, err: Problem) -> None:
        """Save an error; for a module that cannot be imported, unittest creates a test."""
        super().addError(test, err)
        if type(test).__module__.startswith("unittest."):
            self._save(test, "broken", str(err[1]).strip().rpartition("\n")[2])
        else:
            self._save(test, "error", str(err[1]))

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Problem) -> None:
        """Save a bad subtest as the outcome of its test."""
        super().addSubTest(test, subtest, err)
        if err:
            failed = issubclass(err[0], test.failureException)
            self._save(test, "failed" if failed else "error", f"{subtest}: {err[1]}")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        """Save a skip with its reason."""
        super().addSkip(test, reason)
        self._save(test, "skipped", reason)

    def addExpectedFailure(self, test: unittest.TestCase, err: Problem) -> None:
        """Save an expected failure."""
        super().addExpectedFailure(test, err)
        self._save(test, "xfailed", str(err[1]))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        """Save a test that passed although it was expected to fail: that counts as a failure."""
        super().addUnexpectedSuccess(test)
        self._save(test, "failed", say("unittest.unexpected_success"))

    def _save(self, test: unittest.TestCase, outcome: str, message: str = "", seconds: float = 0.0) -> None:
        known = self.saved.get(test.id()) or Result(
            test.id(), outcome, 0.0, one_line(test.shortDescription() or "")
        )
        self.saved[test.id()] = replace(
            known,
            outcome=worse(known.outcome, outcome),
            seconds=round(seconds, 4),
            message=known.message or one_line(message),
        )


class Runner(unittest.TextTestRunner):
    """unittest's runner, with this result class."""

    resultclass = SavedResult


def main() -> None:
    """Run unittest's command line, save the outcomes, and exit as unittest does."""
    run = Run.begin("unittest", " ".join(["python -m unittest", *sys.argv[1:]]))
    try:
        path = Config.load().data / "unittest.json"
        run.save(path)  # at once, so that a killed run is shown as unfinished
        program = unittest.main(module=None, testRunner=Runner, exit=False)
        run.exit_code = 0 if program.result.wasSuccessful() else 1
        assert isinstance(program.result, SavedResult)  # noqa: S101 -- Runner makes no other
        run.results = list(program.result.saved.values())
        run.save(path)
    except WinnowError as error:
        sys.exit(str(error))
    sys.exit(run.exit_code)


if __name__ == "__main__":
    main()
