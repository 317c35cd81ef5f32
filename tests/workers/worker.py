"""A worker for the tests of the backplanes: a backplane, and the notices it delivered."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Self

from service.backplane import Backplane
from tests.ws.chat import message

DEADLINE = 2.5  # seconds for any one step: about four heartbeats
HEARTBEAT = 0.6  # seconds
LONG = 60.0  # seconds: a heartbeat that does not come during a test
QUICK = 0.1  # seconds: a heartbeat for tests in which a late one does no harm
MOST = 100  # messages in the queue
BEATS = 3  # lists of users, received in more than one heartbeat
MANY = 16  # lists that a quick worker receives in more than one heartbeat of another


class Worker:
    """A backplane, and the notices received from it."""

    def __init__(self, backplane: Backplane) -> None:
        self.backplane = backplane
        self.received: list[dict[str, object]] = []

    async def __aenter__(self) -> Self:
        await self.backplane.start(self._receive)
        await self.until(lambda: self.backplane.connected)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.backplane.stop()

    def _receive(self, text: str) -> None:
        self.received.append(json.loads(text))

    @property
    def events(self) -> list[dict[str, object]]:
        """The received notices without the lists of users, which come with every heartbeat."""
        return [notice for notice in self.received if notice["type"] != "users"]

    async def until(self, fact: Callable[[], object], within: float = DEADLINE) -> None:
        """Wait until this is true; fail the test after the deadline."""
        deadline = time.monotonic() + within
        while not fact():
            assert time.monotonic() < deadline, f"not true within {within} s; received {self.received}"
            await asyncio.sleep(0.005)

    async def until_received(self, notice: dict[str, object]) -> None:
        """Wait until this notice has been received."""
        await self.until(lambda: notice in self.received)


def say(worker: Worker, user: str, text: str) -> None:
    """Publish a chat message of a user of this worker."""
    worker.backplane.publish(json.dumps(message(user, text)))
