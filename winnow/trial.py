"""One suite against one variant, in a process of its own.

The parent has imported what services and suites need, and has run a pytest session, but never
the service. A child starts from a fork of it, imports the service from its sandbox, runs the
suite, and tells each outcome over a pipe as it happens, so that a killed child has told what it knew.
"""

import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NoReturn

import anyio
import pytest
from starlette.testclient import WebSocketTestSession

from winnow import waiting
from winnow.results import one_line
from winnow.transports import Deadlock, TimedOut

ASSERTION, ERROR, DEADLOCK, TIME_OUT, PASSED = "assertion", "error", "deadlock", "time-out", "passed"
PROOF = (ASSERTION, ERROR, DEADLOCK)  # these show that a test noticed; a time-out may have other reasons
WARM = (
    "anyio._backends._asyncio",
    "anyio._core._fileio",
    "encodings.idna",
    "fastapi.staticfiles",
    "fastapi.testclient",
    "httptools",
    "pdb",
    "pydantic.v1",  # FastAPI imports it for the first route
    "pydantic_settings",
    "redis.asyncio",
    "unittest.async_case",
    "unittest.mock",
    "uvicorn",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvicorn.protocols.websockets.wsproto_impl",
    "uvloop",
    "winnow.in_process",
    "winnow.live",
    "winnow.waiting",
)
MEMORY = 2 * 1024**3  # bytes of address space that a trial may use
FILE = 16 * 1024**2  # bytes that a file it writes may have
PYTEST = ["-s", "-c", "pytest.ini", "--rootdir=.", "-p", "no:cacheprovider", "-p", "no:terminal"]
PLUGIN = ["-p", "winnow.pytest_plugin"]


@dataclass(frozen=True)
class Outcome:
    """What one test said of a variant: ``kind`` is passed, assertion, error, deadlock or time-out."""

    test: str
    kind: str
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class Limits:
    """Seconds that one receive may take, one test, and the whole trial."""

    receive: float
    test: float
    trial: float

    def __mul__(self, factor: float) -> "Limits":
        """Return limits so many times as wide."""
        return Limits(self.receive * factor, self.test * factor, self.trial * factor)


def warm_up(folder: Path) -> None:
    """Import what trials need and run one pytest session, so that a child begins with all of it."""
    for name in WARM:
        with suppress(ImportError):
            importlib.import_module(name)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_warm.py").write_text("def test_warm():\n    assert True\n")
    before = Path.cwd()
    os.chdir(folder)
    try:
        with Path(os.devnull).open("w") as nowhere, _redirected(nowhere.fileno()):
            pytest.main([*PYTEST, *PLUGIN, "test_warm.py"])
    finally:
        os.chdir(before)
    sys.modules.pop("test_warm", None)
    gc.collect()
    gc.freeze()


def run_trial(sandbox: Path, suites: Sequence[str], package: str, limits: Limits, out: BinaryIO) -> NoReturn:
    """Be the child: run the suites in this sandbox and never return."""
    status = 1
    try:
        _confine(sandbox, limits.receive)
        _end_deadlocks(limits.test)
        reporter = _Reporter(out, limits.test)
        exit_code = pytest.main([*PYTEST, *PLUGIN, *suites], plugins=[reporter])
        reporter.tell(finished=int(exit_code), origin=_origin(package, sandbox))
        status = 0
    finally:
        os._exit(status)


def _confine(sandbox: Path, patience: float) -> None:
    """Leave the parent's folder, environment, signals and output behind; accept limits."""
    os.chdir(sandbox)
    sys.path.insert(0, str(sandbox))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, HOME=str(sandbox), TMPDIR=str(sandbox), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    os.environ["WINNOW_TIMEOUT"] = str(patience)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _end_deadlocks(timeout: float) -> None:
    """Make TestClient, used bare, fail a deadlock at once instead of waiting for ever."""

    def receive(session: WebSocketTestSession) -> Any:
        return session.portal.call(
            waiting.receive, session._send_rx.receive_nowait, anyio.WouldBlock, timeout
        )

    WebSocketTestSession.receive = receive  # type: ignore[method-assign, assignment]


def _origin(package: str, sandbox: Path) -> str:
    """Say which service was tested: ``sandbox``, ``elsewhere`` or ``none``."""
    loaded = [m for name, m in sys.modules.items() if name == package or name.startswith(f"{package}.")]
    places = {str(getattr(module, "__file__", None) or "") for module in loaded}
    if not places:
        return "none"
    return "sandbox" if all(place.startswith(f"{sandbox}{os.sep}") for place in places) else "elsewhere"


class _Reporter:
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
            self.tell(uncollected="the suite", message=one_line(str(error), Path.cwd()))
            raise

    def tell(self, **fact: Any) -> None:
        """Send one line."""
        self._out.write(json.dumps(fact).encode() + b"\n")
        self._out.flush()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool, bool]:
        """Announce a test, so that a trial that ends in it can be explained, and tell how it went."""
        self.tell(begins=item.nodeid)
        began = time.perf_counter()
        with _alarm(self._limit):
            handled = yield
        kind, message = self._failures.get(item.nodeid, (PASSED, ""))
        self.tell(test=item.nodeid, kind=kind, message=message, seconds=time.perf_counter() - began)
        return handled

    def pytest_exception_interact(self, node: Any, call: pytest.CallInfo[Any], report: Any) -> None:
        """Remember the first thing that went wrong in a test; tell of what cannot be collected."""
        if call.excinfo is None:
            return
        message = one_line(str(call.excinfo.value) or call.excinfo.typename, Path.cwd())
        if isinstance(report, pytest.CollectReport):
            self.tell(
                uncollected=node.nodeid, message=one_line(report.longreprtext.strip().rpartition("\n")[2])
            )
        else:
            self._failures.setdefault(node.nodeid, (_kind(call.excinfo.value), message))


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


@contextmanager
def _redirected(target: int) -> Iterator[None]:
    """Send standard output and error to this file descriptor."""
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    try:
        for stream, _ in kept:
            os.dup2(target, stream)
        yield
    finally:
        for stream, copy in kept:
            os.dup2(copy, stream)
            os.close(copy)
