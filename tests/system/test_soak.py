"""A thousand clients come and go, again and again: nothing of them stays."""

import asyncio
import json
import sys

import pytest

from tests.system.crowd import PATIENCE, enter, leave, run, until
from tests.system.server import wait_for

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.timeout(180),
]
USERS = [f"user-{number}" for number in range(10)]
CROWD = 1000
WAVES = 3
SETTINGS = {
    "tokens": json.dumps({user: f"token-of-{user}" for user in USERS}),
    "max_connections": CROWD,  # one that is counted for ever has no successor in the next wave
}
MORE = 1.05  # times the memory after the first wave
PATHS = ["/items/ws", "/chat/ws"]


def test_a_thousand_come_and_go(service):
    """Each wave finds the house empty, and the last one leaves as much memory as the first."""
    memory = []
    for _ in range(WAVES):
        run(wave(service.port))
        wait_for(lambda: service.clients() == 0, PATIENCE)
        memory.append(service.memory())

    assert memory[-1] <= MORE * memory[0]
    with service.connect("/chat/ws", "token-of-user-0") as client:
        assert json.loads(client.recv()) == {"type": "users", "users": ["user-0"]}


async def wave(port):
    """Let a thousand come, hear something, and go: every other one without a word."""
    heard = set()
    callers = [caller(port, number, heard) for number in range(CROWD)]
    members = [member for n in range(0, CROWD, 100) for member in await asyncio.gather(*callers[n : n + 100])]
    await until(lambda: len(heard) == CROWD)

    await leave(members[::2], politely=False)
    await leave(members[1::2])


async def caller(port, number, heard):
    """Return a member that is told something: who is there, or what it said itself."""
    user, path = USERS[number % len(USERS)], PATHS[number // len(USERS) % 2]
    member = await enter(port, path, f"token-of-{user}", lambda _text, _now: heard.add(number))
    if path == "/items/ws":
        member.say("hello")
    return member
