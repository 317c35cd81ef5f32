"""The trial server: a separate process from which every trial is forked.

It has imported the usual libraries and has run a pytest session, but it never imports the service. It
has no information about variants: a request contains a sandbox, suites, limits and an open pipe. This
process has no threads, because a fork keeps only the thread that forks; its parent may have threads.

It reads requests from a socket, one after another. ``start`` returns a process id. ``stop`` ends that
process and everything that it left running, and returns its wait status. When the socket closes, the
server ends.
"""

import ctypes
import gc
import importlib
import io
import json
import os
import signal
import socket
import sys
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

import pytest

from winnow.trials import containment
from winnow.trials.child import run_trial
from winnow.trials.containment import Place
from winnow.trials.messages import Request
from winnow.trials.options import OURS, Installed

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
    "winnow.transports.deadlock",
    "winnow.transports.in_process",
    "winnow.transports.live",
    "winnow.transports.testclient",
)
PR_SET_CHILD_SUBREAPER = 36
MOST = 1024 * 1024  # bytes of one request


def main() -> None:
    """Serve the socket whose number is the first argument, from the folder that is the second."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    _adopt_orphans()
    folder, sys.argv[1:] = Path(sys.argv[2]), []
    _warm_up(folder)
    running: set[int] = set()
    try:
        while True:
            data, pipes, _, _ = socket.recv_fds(control, MOST, 1)
            if not data:
                return
            control.sendall(json.dumps(_answer(json.loads(data), pipes, running, control)).encode())
    finally:
        for pid in running:
            _kill(pid)
        _end_orphans(set())


def _answer(request: dict[str, Any], pipes: list[int], running: set[int], control: socket.socket) -> int:
    """Handle one request."""
    if "possible" in request:
        return int(containment.possible(Place(**request["possible"])))
    if "stop" in request:
        running.discard(request["stop"])
        status = _kill(request["stop"])
        _end_orphans(running)
        return status
    pid = os.fork()
    if pid == 0:
        control.close()
        os.setsid()
        _adopt_orphans()  # its own process group
        run_trial(Request.of(request["start"]), os.fdopen(pipes[0], "wb"))
    os.close(pipes[0])
    running.add(pid)
    return pid


def _kill(pid: int) -> int:
    """End a child and its process group; return its wait status."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _end_orphans(running: set[int]) -> None:
    """End processes that ended trials left running, in any process group."""
    while orphans := set(_children()) - running:
        for pid in orphans:
            _kill(pid)


def _children() -> list[int]:
    """Return this process's children, if the system lists them (Linux)."""
    with suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    return []


def _adopt_orphans() -> None:
    """Become the parent of processes that a trial leaves running, if the system supports it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _warm_up(folder: Path) -> None:
    """Import what trials need and run one pytest session, so that each child starts with it."""
    for name in WARM:
        with suppress(ImportError, RuntimeError):  # Starlette raises RuntimeError if httpx is missing
            importlib.import_module(name)
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_warm.py").write_text("def test_warm():\n    assert True\n")
    os.chdir(folder)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with redirect_stderr(io.StringIO()):  # plugins may warn about the settings of this session
        pytest.main([*OURS, "test_warm.py"], plugins=[Installed()])
    sys.stdout.flush()
    os.chdir("/")
    sys.modules.pop("test_warm", None)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
