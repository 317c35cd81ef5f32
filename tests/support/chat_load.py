"""A hundred chat clients, one of which sends, and one more client that reads nothing."""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles

from service.server import TCP_USER_TIMEOUT_MS
from tests.support.async_client import AsyncClient, OnText, abort, connect
from tests.support.frames import CHAT
from tests.support.raw_client import RawClient
from tests.support.server_process import ServerProcess
from tests.support.waiting import TIMEOUT, wait_until

SIZE = 4096  # bytes of a message
RATE = 100  # messages a second
COUNT = 250  # messages of a phase: more than all buffers for a client that does not read
DROP_LIMIT = TCP_USER_TIMEOUT_MS / 1000 + 3  # seconds until a slow consumer must be dropped
SMALL_BUFFER = 4096  # bytes
USERS = [f"user-{number}" for number in range(100)]
SLOW_USER = "slow"
SETTINGS = {"tokens": json.dumps({user: user for user in [*USERS, SLOW_USER]})}
MESSAGE = b'{"type": "message", "user": "user-0", "text": "'
OFFLINE = json.dumps({"type": "offline", "user": SLOW_USER}).encode()


@dataclass
class Phase:
    """What was sent and received during one phase."""

    sent_at: list[float] = field(default_factory=list)
    received: dict[str, list[int]] = field(default_factory=lambda: {user: [] for user in USERS})
    delays: list[float] = field(default_factory=list)  # seconds, of each message at each client
    offline: Counter[str] = field(default_factory=Counter)  # users notified that the slow user is offline
    memory: int = 0  # of the server, at most, in bytes
    dropped_after: float = TIMEOUT  # seconds until the server dropped the slow consumer, if it did

    @property
    def p99(self) -> float:
        """The delay that 1 % of the messages exceed."""
        return quantiles(self.delays, n=100)[-1]

    @property
    def delivered(self) -> float:
        """The share of the messages that arrived."""
        return len(self.delays) / COUNT / len(USERS)


class ChatLoad:
    """The load on one server; ``timeout`` is how long it waits for the last messages of a phase."""

    def __init__(self, server: ServerProcess, timeout: float = TIMEOUT) -> None:
        self._server = server
        self._timeout = timeout
        self._phase = Phase()

    async def connect(self) -> None:
        """Connect all users."""
        self._clients = [await connect(self._server.port, CHAT, user, self._receiver(user)) for user in USERS]

    async def disconnect(self) -> None:
        """End all connections."""
        await abort(*self._clients)

    async def send(self) -> Phase:
        """Let one user send messages at a fixed rate; return what arrived."""
        self._phase = phase = Phase()
        start = time.perf_counter()
        for number in range(COUNT):
            await asyncio.sleep(start + number / RATE - time.perf_counter())
            phase.sent_at.append(time.perf_counter())
            self._clients[0].send(chat_message(f"{number} ".ljust(SIZE, "x")))
            phase.memory = max(phase.memory, self._server.memory())
        with suppress(TimeoutError):
            await wait_until(lambda: phase.delivered >= 1, self._timeout)
        return phase

    async def send_beside_slow_consumer(self) -> Phase:
        """Do the same beside a client that reads nothing, and wait until the server has dropped it."""
        sockets = self._server.sockets()
        with RawClient(self._server.port, SMALL_BUFFER) as slow:
            slow.open(CHAT, SLOW_USER)
            start = time.monotonic()
            phase = await self.send()
            with suppress(TimeoutError):
                await wait_until(lambda: self._server.sockets() <= sockets)
                phase.dropped_after = time.monotonic() - start
        return phase

    def _receiver(self, user: str) -> OnText:
        def receive(_client: AsyncClient, payload: bytes, now: float) -> None:
            if payload.startswith(MESSAGE):
                number = int(payload[len(MESSAGE) :].split(b" ")[0])
                self._phase.received[user].append(number)
                self._phase.delays.append(now - self._phase.sent_at[number])
            elif payload == OFFLINE:
                self._phase.offline[user] += 1

        return receive


def chat_message(text: str) -> str:
    """Return what a chat client sends."""
    return json.dumps({"type": "message", "text": text})
