"""One of 101 chat clients stops reading: it goes, and the other hundred notice nothing else."""

import asyncio
import json
import sys
import time
from collections import Counter
from statistics import median, quantiles

import pytest

from service.server import STALLED
from tests.system.crowd import enter, leave, run, until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and Linux drops a stalled client"),
    pytest.mark.timeout(300),
]
USERS = [f"user-{number}" for number in range(100)]
SETTINGS = {
    "tokens": json.dumps({user: f"token-of-{user}" for user in [*USERS, "stalled"]}),
    "max_messages_per_second": 1000,  # a sender that was held up may catch up
}
SIZE = 4096  # bytes of a message
PACE = 100  # messages a second
COUNT = 250  # messages of a phase: enough to fill all that is kept for a client that does not read
TIMES = 1.5  # by which the p99 of a disturbed phase may be longer
NOISE = 0.005  # seconds by which the p99 of two undisturbed phases may well differ
ROUNDS = 3, 9  # at least and at most: a busy machine is asked again, and all rounds count
MORE = 2 << 20  # bytes of memory
GONE = STALLED / 1000 + 3  # seconds until a stalled client is gone
MESSAGE = b'{"type": "message", "user": "user-0", "text": "'
OFFLINE = b'{"type": "offline", "user": "stalled"}'


class Phase:
    """What a hundred heard while one of them spoke."""

    def __init__(self):
        self.said = []  # when
        self.heard = {user: [] for user in USERS}
        self.waited = []
        self.memory = 0

    @property
    def p99(self):
        return quantiles(self.waited, n=100)[-1]


class Hall:
    """A hundred who listen, one of whom speaks."""

    def __init__(self, service):
        self._service = service
        self._offline = Counter()

    async def fill(self):
        """Let everybody in."""
        self._phase = Phase()
        ears = {user: self._ear(user) for user in USERS}
        port = self._service.port
        self._members = [await enter(port, "/chat/ws", f"token-of-{u}", ear) for u, ear in ears.items()]

    async def empty(self):
        """Let everybody go."""
        await leave(self._members, politely=False)

    def _ear(self, user):
        def hear(text, now):
            if text.startswith(MESSAGE):
                number = int(text[len(MESSAGE) :].split(b" ")[0])
                self._phase.heard[user].append(number)
                self._phase.waited.append(now - self._phase.said[number])
            elif text == OFFLINE:
                self._offline[user] += 1

        return hear

    async def speak(self):
        """Let one of them speak for a while; see that all hear all of it, in order."""
        self._phase = phase = Phase()
        start = time.perf_counter()
        for number in range(COUNT):
            await asyncio.sleep(start + number / PACE - time.perf_counter())
            phase.said.append(time.perf_counter())
            self._members[0].say(f"{number} ".ljust(SIZE, "x"))
            phase.memory = max(phase.memory, self._service.memory())
        await until(lambda: all(len(heard) >= COUNT for heard in phase.heard.values()))
        assert all(heard == list(range(COUNT)) for heard in phase.heard.values())
        return phase

    async def speak_beside_a_stalled_one(self):
        """Let one of them speak while somebody else does not read, who is gone in time."""
        self._offline.clear()
        with self._service.connect("/chat/ws", "token-of-stalled", keeps=4096):
            start = time.monotonic()
            phase = await self.speak()
            await until(lambda: self._service.clients() == len(USERS), start + GONE - time.monotonic())
            await until(lambda: len(self._offline) == len(USERS), start + GONE - time.monotonic())
        assert set(self._offline.values()) == {1}
        return phase


def test_a_client_that_stalls(service):
    """Nobody else misses a message or waits longer, little memory is used, and it is soon gone."""
    quiet, disturbed = run(compare(service))
    numbers = f"p99 in ms: {milliseconds(quiet)} undisturbed, {milliseconds(disturbed)} disturbed"

    assert max(phase.memory for phase in disturbed) <= max(phase.memory for phase in quiet) + MORE
    assert fair(quiet, disturbed), numbers


async def compare(service):
    """Return the undisturbed phases, and the disturbed ones that came just after each."""
    hall, quiet, disturbed = Hall(service), [], []
    await hall.fill()
    try:
        while len(quiet) < ROUNDS[0] or (len(quiet) < ROUNDS[1] and not fair(quiet, disturbed)):
            quiet.append(await hall.speak())
            disturbed.append(await hall.speak_beside_a_stalled_one())
    finally:
        await hall.empty()
    return quiet, disturbed


def fair(quiet, disturbed):
    """Tell whether the p99 is as good with a stalled client as without."""
    return median(p.p99 for p in disturbed) <= TIMES * median(p.p99 for p in quiet) + NOISE


def milliseconds(phases):
    """Return the p99 of each phase, to be read."""
    return ", ".join(f"{phase.p99 * 1000:.1f}" for phase in phases)
