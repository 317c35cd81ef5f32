"""The service as its users run it: ``python -m service``, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from service.server import LAST_SECONDS
from tests.system.raw import TOKEN, Client

ROOT = Path(__file__).parents[2]
START = 30  # seconds until it listens, on a machine that is busy with other things
END = LAST_SECONDS + 3  # seconds from the signal until it has ended
AT_ONCE = 2.0  # seconds for a connection, a message and its echo; quiet, it takes 5 ms


class Service:
    """The service, from the first line that it prints; what it says is kept in ``log``."""

    def __init__(self, log: Path, *options, **settings):
        environment = os.environ | {f"ECHO_{name.upper()}": str(value) for name, value in settings.items()}
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service", "--port", "0", *options],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.port = int(wait_for(self._announced, START, self.log).group(1))
        with Client(self.port) as client:
            client.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            client.read_to_the_end()
        self._its_own = self._sockets()

    def log(self):
        """Return all that it has said."""
        return self._log.read_text("utf-8")

    def connect(self, path="/items/ws", token=TOKEN, **options):
        """Return a client whose handshake was accepted."""
        client = Client(self.port, **options)
        client.shake_hands(path, token)
        return client

    def echo(self):
        """Tell how long a new client waits for its first echo, in seconds."""
        start = time.monotonic()
        with self.connect() as client:
            client.send("are you there?")
            assert client.recv() == "消息是: are you there?"
            client.leave()
        return time.monotonic() - start

    def memory(self):
        """Return how much memory is resident, in bytes."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def most_memory(self):
        """Return how much memory was ever resident, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024

    def clients(self):
        """Return how many clients are connected, as the kernel counts them."""
        return self._sockets() - self._its_own

    def stop(self, number=signal.SIGINT):
        """Tell it to end, and return how many seconds that took."""
        start = time.monotonic()
        self._process.send_signal(number)
        self._process.wait(END)
        return time.monotonic() - start

    def kill(self):
        """End it, if it has not ended."""
        self._process.kill()
        self._process.wait()

    def _sockets(self):
        return sum(is_socket(entry) for entry in Path(f"/proc/{self._process.pid}/fd").iterdir())

    def _announced(self):
        assert self._process.poll() is None, self.log()
        return re.search(r"ws://127\.0\.0\.1:(\d+)/.*\n.*Ctrl-C", self.log())


def is_socket(entry):
    """Tell whether an open file is a socket; one that was closed meanwhile is not."""
    try:
        return str(entry.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def wait_for(fact, seconds, explain=lambda: ""):
    """Return what ``fact`` returns as soon as that is true; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {explain()}"
        time.sleep(0.01)
    return found
