"""A worker, as far as its backplane is concerned."""

import asyncio
import json
import time

from service.backplane import Backplane
from tests.ws.chat import message

DEADLINE = 2.5  # seconds that anything may take: four heartbeats
HEARTBEAT = 0.6  # seconds
LONG = 60.0  # seconds, where nobody waits for a beat
QUICK = 0.1  # seconds, where nothing is lost if a beat comes late
MOST = 100  # messages that may wait
BEATS = 3  # lists of users that come in more than one heartbeat
MANY = 16  # lists that a quick worker asks for in more than one heartbeat of another


class Worker:
    """A backplane, and what was heard of it."""

    def __init__(self, backplane: Backplane) -> None:
        self.backplane = backplane
        self.heard: list[dict[str, object]] = []

    async def __aenter__(self):
        await self.backplane.start(self._hear)
        await self.until(lambda: self.backplane.connected)
        return self

    async def __aexit__(self, *_):
        await self.backplane.stop()

    def _hear(self, text):
        self.heard.append(json.loads(text))

    @property
    def news(self):
        """All that was heard, but for the lists of users that come now and then."""
        return [notice for notice in self.heard if notice["type"] != "users"]

    async def until(self, fact, within=DEADLINE):
        """Return when this is so, or fail the test."""
        deadline = time.monotonic() + within
        while not fact():
            assert time.monotonic() < deadline, f"not so within {within} s, but heard {self.heard}"
            await asyncio.sleep(0.005)

    async def until_heard(self, notice):
        """Return when this has been heard."""
        await self.until(lambda: notice in self.heard)


def say(worker, user, text):
    """Let a user of this worker say something."""
    worker.backplane.publish(json.dumps(message(user, text)))
