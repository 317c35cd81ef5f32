"""A hundred who listen, one of whom speaks, and one more who never reads."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles

from bench.serving.clients import CHAT, TEXT, Client, enter, frame, handshake, until
from bench.serving.server import Server
from service.server import STALLED

SIZE = 4096  # bytes of a message
PACE = 100  # messages a second
COUNT = 250  # messages of a phase
LATE = 2.0  # seconds after the last word in which something may still come
GONE = STALLED / 1000 + 3  # seconds until a stalled client should be gone
MOST = 20.0  # seconds for which that is waited for
USERS = [f"user-{number}" for number in range(100)]
STALLED_USER = "stalled"
SETTINGS = {"ECHO_TOKENS": json.dumps({user: user for user in [*USERS, STALLED_USER]})}
MESSAGE = b'{"type": "message"'


@dataclass
class Phase:
    """What was said and heard for a while."""

    said: list[float] = field(default_factory=list)  # when
    waited: list[float] = field(default_factory=list)  # how long, each by each
    memory: int = 0  # at most, in bytes
    gone: float = MOST  # seconds until the stalled one was gone

    @property
    def p99(self) -> float:
        """The wait that one of a hundred exceeds."""
        return quantiles(self.waited, n=100)[-1]


def share(phase: Phase) -> float:
    """Return how much of what was said was heard."""
    return len(phase.waited) / len(phase.said) / len(USERS)


class Hall:
    """The members of one chat."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._phase = Phase()

    async def fill(self) -> None:
        """Let everybody in."""
        self._members = [await enter(self._server.port, CHAT, user, self._hear) for user in USERS]

    async def speak(self) -> Phase:
        """Let one of them speak for a while."""
        self._phase = phase = Phase()
        start = time.perf_counter()
        for number in range(COUNT):
            await asyncio.sleep(start + number / PACE - time.perf_counter())
            phase.said.append(time.perf_counter())
            text = f"{number} ".ljust(SIZE, "x")
            self._members[0].write(frame(TEXT, json.dumps({"type": "message", "text": text}).encode()))
            phase.memory = max(phase.memory, self._server.memory())
        await until(lambda: share(phase) >= 1, LATE)
        return phase

    async def speak_beside_a_stalled_one(self) -> Phase:
        """Let one of them speak while somebody else does not read."""
        before = self._server.sockets()
        with stalled(self._server.port):
            start = time.monotonic()
            phase = await self.speak()
            if await until(lambda: self._server.sockets() <= before, MOST - time.monotonic() + start):
                phase.gone = time.monotonic() - start
        return phase

    def _hear(self, _client: Client, payload: bytes, now: float) -> None:
        if payload.startswith(MESSAGE):
            number = int(payload[payload.index(b'"text": "') + 9 :].split(b" ")[0])
            self._phase.waited.append(now - self._phase.said[number])


@contextmanager
def stalled(port: int) -> Iterator[None]:
    """Let in somebody for whom the kernel keeps little, and who never reads."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(MOST)
        client.connect(("127.0.0.1", port))
        client.sendall(handshake(CHAT, STALLED_USER))
        assert client.recv(12) == b"HTTP/1.1 101"
        yield
