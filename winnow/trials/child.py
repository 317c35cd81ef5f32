"""One suite against one variant, in a process of its own.

The parent has imported what services and suites need, and has run a pytest session, but never
the service. A child starts from a fork of it, imports the service from its sandbox, runs the
suite, and tells each outcome over a pipe as it happens, so that a killed child has told what it knew.
"""

import gc
import importlib
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import anyio
import pytest
from starlette.testclient import WebSocketTestSession

from winnow.transports import deadlock
from winnow.trials.messages import Finished
from winnow.trials.reporter import Reporter

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
    "winnow.transports.in_process",
    "winnow.transports.live",
    "winnow.transports.deadlock",
)
MEMORY = 2 * 1024**3  # bytes of address space that a trial may use
FILE = 16 * 1024**2  # bytes that a file it writes may have
PYTEST = ["-s", "-c", "pytest.ini", "--rootdir=.", "-p", "no:cacheprovider", "-p", "no:terminal"]
PLUGIN = ["-p", "winnow.pytest_plugin", "-p", "anyio.pytest_plugin"]


@dataclass(frozen=True)
class Limits:
    """Seconds that one receive may take, one test, and the whole trial."""

    receive: float
    test: float
    trial: float

    def __mul__(self, factor: float) -> "Limits":
        """Return limits so many times as wide."""
        return Limits(self.receive * factor, self.test * factor, self.trial * factor)


@dataclass(frozen=True)
class Service:
    """How a trial finds the service: its ``package`` lies in this ``folder`` of the sandbox."""

    package: str
    folder: str
    plugins: tuple[str, ...]  # of pytest, that its suites need


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


def run_trial(
    sandbox: Path, suites: Sequence[str], service: Service, limits: Limits, out: BinaryIO
) -> NoReturn:
    """Be the child: run the suites in this sandbox and never return."""
    status = 1
    try:
        _confine(sandbox, limits.receive)
        sys.path[:0] = [str(sandbox), str(sandbox / service.folder)]
        plugins = [option for name in service.plugins for option in ("-p", name)]
        _end_deadlocks(limits.test)
        reporter = Reporter(out, limits.test)
        exit_code = pytest.main([*PYTEST, *PLUGIN, *plugins, *suites], plugins=[reporter])
        reporter.tell(Finished(int(exit_code), _origin(service.package, sandbox)))
        status = 0
    finally:
        os._exit(status)


def _confine(sandbox: Path, patience: float) -> None:
    """Leave the parent's folder, environment, signals and output behind; accept limits."""
    os.chdir(sandbox)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, HOME=str(sandbox), TMPDIR=str(sandbox), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    os.environ["WINNOW_TIMEOUT"] = str(patience)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    tempfile.tempdir = str(sandbox)  # the parent knows another, and TMPDIR is not asked again
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, FILE)
    _limit(resource.RLIMIT_CORE, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _limit(kind: int, most: int) -> None:
    """Lower a limit of this process, as far as its system does so: macOS limits no address space."""
    hard = resource.getrlimit(kind)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (least, least))


def _end_deadlocks(timeout: float) -> None:
    """Make TestClient, used bare, fail a deadlock at once instead of waiting for ever."""

    def receive(session: WebSocketTestSession) -> Any:
        return session.portal.call(
            deadlock.receive, session._send_rx.receive_nowait, anyio.WouldBlock, timeout
        )

    WebSocketTestSession.receive = receive  # type: ignore[method-assign, assignment]


def _origin(package: str, sandbox: Path) -> str:
    """Say which service was tested: ``sandbox``, ``elsewhere`` or ``none``."""
    loaded = [m for name, m in sys.modules.items() if name == package or name.startswith(f"{package}.")]
    places = {module.__file__ for module in loaded if getattr(module, "__file__", None)}
    if not places:
        return "none"
    return "sandbox" if all(str(place).startswith(f"{sandbox}{os.sep}") for place in places) else "elsewhere"


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
