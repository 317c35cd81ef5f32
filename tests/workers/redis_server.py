"""A Redis of one's own: a real server on a free port, which keeps nothing."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

MISSING = "redis-server is not here: install it (Debian: apt-get install redis-server) to run this test"
START = 10.0  # seconds
BELOW_CLIENTS = range(20_000, 30_000)  # ports


class RedisServer:
    """A redis-server that can be stopped and started again at the same address."""

    def __init__(self) -> None:
        self._port = _free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Return when it answers."""
        command = ["redis-server", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START
        while not self._answers():
            assert self._process.poll() is None, "redis-server did not start"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.005)

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Empty it."""
        self._ask(b"FLUSHALL\r\n")

    def publish(self, channel: str, text: str) -> None:
        """Say this to everybody who listens there."""
        self._ask(f"PUBLISH {channel} {text}\r\n".encode())

    def _answers(self) -> bool:
        try:
            return self._ask(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _ask(self, command: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._port), timeout=START) as line:
            line.sendall(command)
            return line.recv(64)


def _free_port() -> int:
    """Return one from which no client connects, so that none holds it while the server is away."""
    for port in random.SystemRandom().sample(BELOW_CLIENTS, 100):  # whatever the seed is
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no port is free for redis-server")


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run one; skip the test where it is not installed, but never in CI."""
    if shutil.which("redis-server") is None and not os.environ.get("CI"):
        pytest.skip(MISSING)
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
