"""Sends the outcome of each test over a pipe, as it happens."""

import re
import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import pytest

from winnow.text import one_line, shorten
from winnow.transports import Deadlock, TimedOut, TransportError
from winnow.trials.messages import (
    ASSERTION,
    DEADLOCK,
    ERROR,
    FAILED,
    PASSED,
    SKIPPED,
    TIME_OUT,
    Message,
    Outcome,
    Started,
    Stopped,
    Uncollected,
    encode,
)

ALARM = (
    signal.SIGRTMAX - 3 if hasattr(signal, "SIGRTMAX") else signal.SIGUSR2
)  # sent to a test that takes too long
NOTE = "winnow"  # the attribute of a report that holds kind and message
SAID_IN_FULL = (AssertionError, pytest.fail.Exception, TransportError)  # their messages are sentences
MOST_ERRORS = 3  # of a group of exceptions


class Reporter:
    """A pytest plugin that sends each outcome as it happens, and ends a test that takes too long."""

    def __init__(self, out: BinaryIO, limit: float) -> None:
        self._out = out
        self._limit = limit
        self._began = time.monotonic()
        self._running = False
        self._kind, self._message = PASSED, ""
        self._hung: Deadlock | None = None  # the deadlock that ended an endless wait
        signal.signal(ALARM, self._ring)

    def note(self, error: Deadlock) -> None:
        """Remember a deadlock: the test may catch its exception as something else."""
        if threading.current_thread() is threading.main_thread():
            self._hung = error

    def tell(self, message: Message) -> None:
        """Send one line."""
        self._out.write(encode(message))
        self._out.flush()

    @pytest.hookimpl(wrapper=True)
    def pytest_load_initial_conftests(self) -> Generator[None, None, None]:
        """Report a conftest.py that cannot be imported; pytest itself only ends."""
        try:
            yield
        except pytest.UsageError as error:
            self.tell(Stopped(one_line(str(error))))
            raise
        except Exception as error:
            about_conftest = type(error).__name__ == "ConftestImportFailure"  # not public
            cause = error.__cause__ if about_conftest else None
            self.tell(Uncollected("conftest.py", why(cause or error)))
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, Any]:
        """Report a wrong option or setting that ends pytest."""
        try:
            return (yield)
        except pytest.UsageError as error:
            self.tell(Stopped(one_line(str(error))))
            raise

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Report an exception in a hook, which ends pytest."""
        self.tell(Stopped(why(excinfo.value)))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Report ``pytest.exit``."""
        self.tell(Stopped(why(excinfo.value)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Report a file or class that cannot be collected, or that skips itself."""
        if report.failed:
            self.tell(Uncollected(report.nodeid, _collecting(report.longreprtext)))
        elif report.skipped:
            self.tell(Uncollected(report.nodeid, _skip(report), skipped=True))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool, bool]:
        """Report the start and the outcome of a test; the start explains a trial that ends during it."""
        self.tell(Started(item.nodeid))
        self._kind, self._message = PASSED, ""
        self._began, began = time.monotonic(), time.perf_counter()
        self._running, self._hung = True, None
        handled = yield
        self._running = False
        self.tell(Outcome(item.nodeid, self._kind, time.perf_counter() - began, self._message))
        return handled

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the kind and the message of an exception to the report of a phase."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if report.failed and error:
            vars(report)[NOTE] = [_kind(error), why(error)]
        elif report.failed:  # it raised nothing, and was strictly expected to fail
            vars(report)[NOTE] = [ASSERTION, one_line(report.longreprtext)]
        elif report.skipped and not hasattr(report, "wasxfail"):
            vars(report)[NOTE] = [SKIPPED, _skip(report)]
        elif report.passed and self._hung:  # the test took it for something else; without us, it would hang
            vars(report)[NOTE] = [DEADLOCK, why(self._hung)]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a phase as pytest does: the first failure decides, and a repeat of the test starts again."""
        if str(report.outcome) == "rerun":
            self._kind, self._message, self._hung = PASSED, "", None
            return
        kind, message = vars(report).get(NOTE, (ASSERTION if report.failed else PASSED, ""))
        if self._kind not in FAILED and kind != PASSED:
            self._kind, self._message = kind, message

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        """End the running test if it took too long; a late alarm may belong to an earlier test."""
        if self._running and time.monotonic() - self._began >= self._limit:
            raise TimedOut(f"the test took more than {self._limit:g} s")


def why(error: BaseException) -> str:
    """Return an exception in one line: its type, its message, its parts, and its cause."""
    parts = list(_leaves(error))
    said = "; ".join(_said(part) for part in parts[:MOST_ERRORS])
    more = f" (and {len(parts) - MOST_ERRORS} more)" if len(parts) > MOST_ERRORS else ""
    because = f" (because of {_said(error.__cause__)})" if error.__cause__ else ""
    return shorten(f"{said}{more}{because}")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions of a group, or this one."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


def _said(error: BaseException) -> str:
    name, text = type(error).__name__, _text(error)
    if not text:
        return name
    return text if isinstance(error, SAID_IN_FULL) or text.startswith(name) else f"{name}: {text}"


def _text(error: BaseException) -> str:
    """Return an exception's message; for a validation error, every wrong field."""
    try:
        if type(error).__module__.startswith("pydantic") and isinstance(error, ValueError):
            return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())  # type: ignore[attr-defined]
        return one_line(str(error), _folder())
    except Exception:  # its ``__str__`` fails
        return ""


def _folder() -> Path | None:
    """Return the working directory, unless it is gone."""
    with suppress(OSError):
        return Path.cwd()
    return None


def _collecting(text: str) -> str:
    """Return why something cannot be collected, and the line of the error."""
    message = text.strip().rpartition("\n")[2].removeprefix("E").strip()
    line = re.findall(r'", line (\d+)\n|\.py:(\d+): ', text)
    return shorten(f"line {''.join(line[-1])}: {message}" if line else message)


def _skip(report: pytest.TestReport | pytest.CollectReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return shorten(one_line(reason.removeprefix("Skipped: ")))


def _kind(error: BaseException) -> str:
    """Classify an exception of a test; a time limit that the test sets itself counts as an assertion."""
    if isinstance(error, Deadlock):
        return DEADLOCK
    if isinstance(error, TimedOut):
        return TIME_OUT
    if isinstance(error, BaseExceptionGroup):
        return min((_kind(part) for part in error.exceptions), key=FAILED.index)
    return ASSERTION if isinstance(error, AssertionError | pytest.fail.Exception) else ERROR
