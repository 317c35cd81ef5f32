"""Saves the results of pytest for the report."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.i18n import say
from winnow.runs.results import Result, Run, worse
from winnow.text import one_line, shorten


class Recorder:
    """A pytest plugin that writes one Run to a file when the session ends."""

    def __init__(self, path: Path, root: Path, arguments: Iterable[str]) -> None:
        self._path = path
        self._root = root
        self._run = Run.begin("pytest", " ".join(["pytest", *map(str, arguments)]))
        self._results: dict[str, Result] = {}

    def pytest_report_header(self, config: pytest.Config) -> str:
        """Print where the results go, and which folder ``winnow report`` reads if it is another one."""
        place = (config.invocation_params.dir / self._path).resolve()
        try:
            data = Config.near([config.invocation_params.dir, config.rootpath]).data
        except WinnowError as error:
            return say("plugin.no-project", path=self._path, problem=error.problem)
        key = "plugin.header" if place.parent == data and place.suffix == ".json" else "plugin.elsewhere"
        return say(key, path=self._path, folder=os.path.relpath(data, config.invocation_params.dir))

    def pytest_sessionstart(self) -> None:
        """Save the run at once, so that a killed session is known to be unfinished."""
        self._save()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Add a test before its first phase."""
        self._results[item.nodeid] = _started(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase as pytest does: a repeat starts again, and a subtest is part of its test."""
        result = self._results[report.nodeid]
        if str(report.outcome) == "rerun":
            self._results[report.nodeid] = replace(result, outcome="passed", message="")
            return
        self._results[report.nodeid] = replace(
            result,
            outcome=worse(result.outcome, _outcome(report)),
            seconds=round(result.seconds + (0 if hasattr(report, "context") else report.duration), 4),
            message=result.message or shorten(one_line(_crash(report), self._root)),
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Add a file or class that could not be collected."""
        if report.failed:
            reason = report.longreprtext.strip().rpartition("\n")[2]
            self._results[report.nodeid] = Result(report.nodeid, "broken", 0.0, message=reason)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count the tests that the command deselected."""
        self._run.deselected += len(items)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Save the finished run."""
        self._run.exit_code = int(exitstatus)
        self._run.results = list(self._results.values())
        self._save()

    def _save(self) -> None:
        try:
            self._run.save(self._path)
        except WinnowError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)


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
    """Return the result of a test before its first phase."""
    doc = getattr(getattr(item, "function", None), "__doc__", None) or ""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return Result(
        id=item.nodeid,
        outcome="passed",
        seconds=0.0,
        promise=one_line(doc),
        transport=parameters.get("winnow_transport", ""),
    )
