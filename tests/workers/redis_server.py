"""A real Redis server for the tests, on a free port and without files."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

MISSING = "redis-server is not installed (Debian: apt-get install redis-server)"
START_TIMEOUT = 10.0  # seconds
SERVER_PORTS = range(20_000, 30_000)  # below the ports that systems give to clients


class RedisServer:
    """A redis-server that can be stopped and started again at the same address."""

    def __init__(self) -> None:
        self._port = _free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start the server, and return when it answers."""
        command = ["redis-server", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            assert self._process.poll() is None, "redis-server did not start"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.005)

    def stop(self) -> None:
        """Kill the server, like a crash."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Delete all data."""
        self._ask(b"FLUSHALL\r\n")

    def publish(self, channel: str, text: str) -> None:
        """Publish a text on a channel."""
        self._ask(f"PUBLISH {channel} {text}\r\n".encode())

    def _answers(self) -> bool:
        try:
            return self._ask(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _ask(self, command: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._port), timeout=START_TIMEOUT) as connection:
            connection.sendall(command)
            return connection.recv(64)


def _free_port() -> int:
    """Return a free port that no client gets from the system while the server is stopped."""
    for port in random.SystemRandom().sample(SERVER_PORTS, 100):  # independent of any seed
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no port is free for redis-server")


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a Redis server; skip the test if none is installed, except in CI."""
    if shutil.which("redis-server") is None and not os.environ.get("CI"):
        pytest.skip(MISSING)
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
