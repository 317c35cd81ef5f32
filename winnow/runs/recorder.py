"""Keeps what pytest found, for the report."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from winnow.errors import WinnowError
from winnow.runs.results import Result, Run, worse
from winnow.text import one_line


class Recorder:
    """A pytest plugin that writes one Run to a file when the session ends."""

    def __init__(self, path: Path, arguments: Iterable[str]) -> None:
        self._path = path
        self._run = Run.begin("pytest", " ".join(["pytest", *map(str, arguments)]))
        self._results: dict[str, Result] = {}

    def pytest_sessionstart(self) -> None:
        """Leave a record at once: if the session is killed, that is known."""
        self._save()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add one phase of a test: its time counts, and a bad outcome stays."""
        report = yield
        known = self._results.get(item.nodeid) or _started(item)
        self._results[item.nodeid] = _with_phase(known, report, item)
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Add what could not even be collected."""
        if report.failed:
            reason = report.longreprtext.strip().rpartition("\n")[2]
            self._results[report.nodeid] = Result(report.nodeid, "broken", 0.0, message=reason)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count what the command left out: of those nothing is known."""
        self._run.deselected += len(items)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the record."""
        self._run.exit_code = int(exitstatus)
        self._run.results = list(self._results.values())
        self._save()

    def _save(self) -> None:
        try:
            self._run.save(self._path)
        except WinnowError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)


def _with_phase(result: Result, report: pytest.TestReport, item: pytest.Item) -> Result:
    """Return the result with the time and outcome of one more phase: set-up, call or tear-down."""
    return replace(
        result,
        outcome=worse(result.outcome, _outcome(report)),
        seconds=round(result.seconds + report.duration, 4),
        message=result.message or one_line(_crash(report), item.config.rootpath),
    )


def _outcome(report: pytest.TestReport) -> str:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    return "passed"


def _crash(report: pytest.TestReport) -> str:
    if report.passed:
        return ""
    if isinstance(report.longrepr, tuple):  # a skip: file, line, reason
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else report.longreprtext


def _started(item: pytest.Item) -> Result:
    """Return the result of a test that has not run a phase yet."""
    doc = getattr(getattr(item, "function", None), "__doc__", None) or ""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return Result(
        id=item.nodeid,
        outcome="passed",
        seconds=0.0,
        promise=one_line(doc),
        transport=parameters.get("transport", ""),
    )
