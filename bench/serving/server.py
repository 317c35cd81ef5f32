"""A server in a process of its own, and what it uses."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from bench.trials.running import DROPPED
from service.server import listen

ROOT = Path(__file__).parents[2]
APPS = "bench.serving.apps:"
PLENTY = {  # what the benchmarks do is more than a client may do
    "ECHO_MAX_MESSAGES_PER_SECOND": "1000000000",
    "ECHO_MAX_CONNECTIONS": "1000000",
    "ECHO_MAX_CONNECTIONS_PER_USER": "1000000",
}
WEBSOCKETS = {"app": "websockets"}  # the library's own server
BARE, USUAL, ARTICLE, LOOP, FAN = (
    {"app": APPS + name} for name in ("bare", "usual", "article", "loop", "fan")
)


class Server:
    """A server that runs; ``port`` is where."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.port = port
        self._process = process
        self._place = Path(f"/proc/{process.pid}")

    def cpu(self) -> float:
        """Return the seconds of processor time that it has used."""
        tasks = self._place.glob("task/*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def memory(self) -> int:
        """Return how many bytes of it are resident."""
        pages = (self._place / "statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def sockets(self) -> int:
        """Return how many sockets it has open."""
        return sum(_is_socket(entry) for entry in (self._place / "fd").iterdir())


@contextmanager
def serving(options: dict[str, Any] | None = None, **environment: str) -> Iterator[Server]:
    """Run the service, with other options of uvicorn than its own if any are given.

    Whoever connects before it is ready waits for it; nobody waits for one that has failed.
    """
    with tempfile.TemporaryFile() as log, listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        process = _start(listener.fileno(), options or {}, environment, log)
        listener.close()
        try:
            yield Server(process, port)
        finally:
            failed = process.poll()
            process.kill()
            process.wait()
            if failed:
                log.seek(0)
                print(log.read().decode(), file=sys.stderr)


def _start(
    listener: int, options: dict[str, Any], environment: dict[str, str], log: IO[bytes]
) -> "subprocess.Popen[bytes]":
    variables = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    return subprocess.Popen(
        [sys.executable, "-m", "bench.serving.child", str(listener), json.dumps(options)],
        cwd=ROOT,
        env=variables | PLENTY | environment,
        pass_fds=[listener],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _is_socket(entry: Path) -> bool:
    with suppress(FileNotFoundError):  # it was closed meanwhile
        return str(entry.readlink()).startswith("socket:")
    return False
