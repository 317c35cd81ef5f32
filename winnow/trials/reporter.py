"""What each test of a suite says of a variant, told over a pipe as it happens."""

import re
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import pytest

from winnow.text import one_line
from winnow.transports import Deadlock, TimedOut
from winnow.trials.messages import (
    ASSERTION,
    DEADLOCK,
    ERROR,
    PASSED,
    TIME_OUT,
    Message,
    Outcome,
    Started,
    Uncollected,
    encode,
)


class Reporter:
    """A pytest plugin that tells each outcome as it happens, and ends a test that takes too long."""

    def __init__(self, out: BinaryIO, limit: float) -> None:
        self._out = out
        self._limit = limit
        self._failures: dict[str, tuple[str, str]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Lay out no tracebacks that nobody will read; pytest takes longer for one than for most tests."""
        config.option.tbstyle = "native"

    @pytest.hookimpl(wrapper=True)
    def pytest_load_initial_conftests(self) -> Generator[None, None, None]:
        """Tell of a conftest.py that cannot be imported; pytest itself only ends."""
        try:
            yield
        except Exception as error:
            self.tell(Uncollected("conftest.py", one_line(str(error), Path.cwd())))
            raise

    def tell(self, message: Message) -> None:
        """Send one line."""
        self._out.write(encode(message))
        self._out.flush()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool, bool]:
        """Announce a test, so that a trial that ends in it can be explained, and tell how it went."""
        self.tell(Started(item.nodeid))
        began = time.perf_counter()
        with _alarm(self._limit):
            handled = yield
        kind, message = self._failures.get(item.nodeid, (PASSED, ""))
        self.tell(Outcome(item.nodeid, kind, time.perf_counter() - began, message))
        return handled

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note a test that fails without raising anything: it was strictly expected to fail."""
        report = yield
        if report.failed and call.excinfo is None:
            self._failures.setdefault(item.nodeid, (ASSERTION, one_line(report.longreprtext)))
        return report

    def pytest_exception_interact(self, node: Any, call: pytest.CallInfo[Any], report: Any) -> None:
        """Remember the first thing that went wrong in a test; tell of what cannot be collected."""
        if call.excinfo is None:
            return
        message = one_line(str(call.excinfo.value) or call.excinfo.typename, Path.cwd())
        if isinstance(report, pytest.CollectReport):
            self.tell(Uncollected(node.nodeid, _collecting(report.longreprtext)))
        else:
            self._failures.setdefault(node.nodeid, (_kind(call.excinfo.value), message))


def _collecting(text: str) -> str:
    """Return why something cannot be collected, and in which line of it."""
    message = text.strip().rpartition("\n")[2].removeprefix("E").strip()
    line = re.findall(r'", line (\d+)\n|\.py:(\d+): ', text)
    return f"line {''.join(line[-1])}: {message}" if line else message


def _kind(error: BaseException) -> str:
    """Classify what a test raised."""
    if isinstance(error, Deadlock):
        return DEADLOCK
    if isinstance(error, TimedOut | TimeoutError):
        return TIME_OUT
    return ASSERTION if isinstance(error, AssertionError | pytest.fail.Exception) else ERROR


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimedOut in this block after so many seconds, and again if that is swallowed."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimedOut(f"the test took more than {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
