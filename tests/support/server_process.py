"""A server in its own process: its resources, its output and its end."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from service.server import SHUTDOWN_SECONDS
from tests.support.frames import ECHO, TOKEN
from tests.support.raw_client import RawClient
from tests.support.waiting import TIMEOUT, wait_for

ROOT = Path(__file__).parents[2]
DROPPED = ("ECHO_", "PYTEST_", "COVERAGE_", "PYTHONDONTWRITEBYTECODE", "WINNOW_")
STOP_TIMEOUT = SHUTDOWN_SECONDS + 3  # seconds from the signal until the process has ended
TRACEBACK = "Traceback (most recent call last)"


def clean_environment(**settings: object) -> dict[str, str]:
    """Return the environment for a child: with these settings of the service, and no other settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    return kept | {f"ECHO_{name.upper()}": str(value) for name, value in settings.items()}


class ServerProcess:
    """A running command; leaving the ``with`` block ends its whole process group."""

    port: int

    def __init__(
        self, command: Sequence[str], log: Path, environment: dict[str, str], pass_fds: Sequence[int] = ()
    ) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self._proc = Path(f"/proc/{self._process.pid}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(ProcessLookupError):  # nothing of the group runs
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def log(self) -> str:
        """Return everything that the server has printed."""
        return self._log.read_text("utf-8")

    def failed(self) -> bool:
        """Return whether the server has ended with an error."""
        return bool(self._process.poll())

    def cpu(self) -> float:
        """Return the processor time used so far, in seconds."""
        tasks = self._proc.glob("task/*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def memory(self) -> int:
        """Return the resident memory, in bytes."""
        pages = (self._proc / "statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def peak_memory(self) -> int:
        """Return the highest resident memory so far, in bytes."""
        status = (self._proc / "status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def sockets(self) -> int:
        """Return the number of open sockets."""
        return sum(is_socket(entry) for entry in (self._proc / "fd").iterdir())

    def stop(self, number: int = signal.SIGINT) -> float:
        """Send a signal, wait for the end, and return how many seconds that took."""
        start = time.monotonic()
        self._process.send_signal(number)
        self._process.wait(STOP_TIMEOUT)
        return time.monotonic() - start


class Service(ServerProcess):
    """``python -m service`` on a free port; ``settings`` are those of the service, in small letters."""

    def __init__(self, log: Path, *options: str, **settings: object) -> None:
        command = [sys.executable, "-m", "service", "--port", "0", *options]
        super().__init__(command, log, clean_environment(**settings))

    def wait_until_ready(self) -> None:
        """Wait for the printed address and the first response."""
        self.port = int(wait_for(self._address, TIMEOUT, self.log)[1])
        with RawClient(self.port) as client:
            client.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            client.read_to_end()
        self._own_sockets = self.sockets()

    def connect(self, path: str = ECHO, token: str = TOKEN, receive_buffer: int | None = None) -> RawClient:
        """Return a client with an open WebSocket."""
        client = RawClient(self.port, receive_buffer)
        client.open(path, token)
        return client

    def echo(self) -> float:
        """Return how many seconds a new client needs to connect and receive its first echo."""
        start = time.monotonic()
        with self.connect() as client:
            client.send("hello")
            assert client.recv() == "消息是: hello"
            client.close()
        return time.monotonic() - start

    def clients(self) -> int:
        """Return the number of connected clients, as the kernel counts them."""
        return self.sockets() - self._own_sockets

    def _address(self) -> re.Match[str] | None:
        assert self._process.poll() is None, self.log()
        return re.search(r"ws://127\.0\.0\.1:(\d+)/", self.log())


@contextmanager
def running_service(log: Path, *options: str, **settings: object) -> Iterator[Service]:
    """Run the service; it must stop on a signal, and print no traceback."""
    with Service(log, *options, **settings) as service:
        service.wait_until_ready()
        yield service
        service.stop()
    assert TRACEBACK not in service.log()


def is_socket(entry: Path) -> bool:
    """Return whether an open file is a socket; a file that is closed meanwhile is not one."""
    with suppress(FileNotFoundError):
        return str(entry.readlink()).startswith("socket:")
    return False
