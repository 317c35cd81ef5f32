"""A thousand clients connect and disconnect several times: the service keeps no memory or connection."""

import json
import sys

import pytest

from tests.support.async_client import abort, close, connect, connect_all, run
from tests.support.frames import CHAT, ECHO
from tests.support.waiting import wait_for, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.timeout(180),
]
USERS = [f"user-{number}" for number in range(10)]
CLIENTS = 1000
REPEATS = 3
SETTINGS = {
    "tokens": json.dumps({user: f"token-of-{user}" for user in USERS}),
    "max_connections": CLIENTS,  # a connection that is not removed uses up the limit in the next repeat
}
MEMORY_GROWTH = 1.05  # times the memory after the first repeat


def test_a_thousand_clients_leave_nothing_behind(service):
    """When a thousand clients connect and disconnect three times, memory stays as after the first time."""
    memory = []
    for _ in range(REPEATS):
        run(connect_and_disconnect(service.port))
        wait_for(lambda: service.clients() == 0)
        memory.append(service.memory())

    assert memory[-1] <= MEMORY_GROWTH * memory[0]
    with service.connect(CHAT, "token-of-user-0") as client:
        assert json.loads(client.recv()) == {"type": "users", "users": ["user-0"]}


async def connect_and_disconnect(port):
    """Connect a thousand clients, wait until each has received something, and disconnect them."""
    received = set()
    clients = await connect_all([connect_and_receive(port, n, received) for n in range(CLIENTS)])
    await wait_until(lambda: len(received) == CLIENTS)

    await abort(*clients[::2])
    await close(*clients[1::2])


async def connect_and_receive(port, number, received):
    """Return a client that will receive the list of users, or the echo of its own message."""
    user, path = USERS[number % len(USERS)], (ECHO, CHAT)[number // len(USERS) % 2]
    client = await connect(port, path, f"token-of-{user}", lambda *_: received.add(number))
    if path == ECHO:
        client.send("hello")
    return client
