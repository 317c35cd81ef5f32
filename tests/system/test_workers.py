"""Two real workers that meet in Redis: one is killed, Redis goes away and comes back."""

import json
import os
import re
import signal
import sys
from contextlib import contextmanager

import pytest

from tests.system.conftest import TRACEBACK
from tests.system.server import Service, wait_for
from tests.workers.redis_server import redis_server

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a worker is stopped while the other one is chosen"),
    pytest.mark.timeout(120),
]
HEARTBEAT = 1.0  # seconds
PATIENCE = 20.0  # seconds
USERS = [f"user-{number}" for number in range(6)]


@pytest.fixture
def redis():
    """A Redis of the test's own."""
    with redis_server() as redis:
        yield redis


@pytest.fixture
def service(redis, tmp_path):
    """The service with two workers, both of which serve."""
    tokens = json.dumps({user: f"token-of-{user}" for user in USERS})
    options = ("--workers", "2", "--redis-url", redis.url)
    service = Service(tmp_path / "log", *options, tokens=tokens, heartbeat_seconds=HEARTBEAT)
    try:
        wait_for(lambda: service.log().count("startup complete") == 2, PATIENCE, service.log)
        yield service
        service.stop(signal.SIGINT)
    finally:
        service.kill()
    assert TRACEBACK not in service.log()


@pytest.fixture
def houses(service):
    """Two workers by their processes, and three users of each with their clients."""
    one, other = workers(service)
    with stopped(other):
        at_one = {user: enter(service, user) for user in USERS[:3]}
    with stopped(one):
        at_other = {user: enter(service, user) for user in USERS[3:]}
    houses = {one: at_one, other: at_other}
    for client in everybody(houses):
        wait_for(lambda client=client: say(client, "ready?") == "message", PATIENCE)
    settle(houses)
    yield houses
    for client in everybody(houses):
        client.socket.close()


def test_users_of_both_workers_hear_each_other(houses):
    """What a user of either worker says is heard by everybody, once and in order."""
    speakers = [next(iter(house.items())) for house in houses.values()]
    for user, client in speakers:
        for number in range(5):
            send(client, f"{user} {number}")

    for client in everybody(houses):
        heard = [hear(client)["text"] for _ in range(10)]
        for user, _ in speakers:
            assert [text for text in heard if text.startswith(f"{user} ")] == [
                f"{user} {n}" for n in range(5)
            ]


def test_a_killed_worker_takes_its_users_with_it_and_nobody_else(service, houses):
    """Within two heartbeats the others hear each of them go, once; then they go on as before."""
    (victim, dead), (_, living) = houses.items()
    os.kill(victim, signal.SIGKILL)

    for client in living.values():
        client.socket.settimeout(2 * HEARTBEAT + 0.5)
        gone = [hear(client) for _ in dead]
        assert sorted(gone, key=str) == [{"type": "offline", "user": user} for user in sorted(dead)]
    send(next(iter(living.values())), "who is left?")
    assert {hear(client)["text"] for client in living.values()} == {"who is left?"}

    wait_for(lambda: len(workers(service)) == 3, PATIENCE, service.log)  # another takes its place
    with enter(service, next(iter(dead))) as back:
        assert hear(back)["type"] == "users"


def test_redis_goes_away_and_comes_back(houses, redis):
    """Nobody is disconnected, nobody is announced, and afterwards all hear what is said."""
    redis.stop()
    redis.start()
    for client in everybody(houses):
        wait_for(lambda client=client: say(client, "are you there?") == "message", PATIENCE)
    settle(houses)

    send(next(iter(everybody(houses))), "all here")
    assert {hear(client)["text"] for client in everybody(houses)} == {"all here"}


def workers(service):
    """Return the processes that have begun to serve, the first first."""
    return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", service.log())]


@contextmanager
def stopped(pid):
    """Let this worker do nothing, so that the other one is asked."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def enter(service, user):
    """Let a user into the chat."""
    return service.connect("/chat/ws", f"token-of-{user}")


def everybody(houses):
    """Return the clients of both workers."""
    return [client for house in houses.values() for client in house.values()]


def send(client, text):
    """Say something."""
    client.send(json.dumps({"type": "message", "text": text}))


def hear(client):
    """Return the next notice."""
    return json.loads(client.recv())


def say(client, text):
    """Say something, and return whether that was a message or an error."""
    send(client, text)
    while (notice := hear(client))["type"] not in ("message", "error"):
        pass
    return notice["type"]


def settle(houses):
    """Let everybody hear all that was said so far: nothing more is on its way."""
    for user, client in ((u, c) for house in houses.values() for u, c in house.items()):
        send(client, f"the last of {user}")
    for client in everybody(houses):
        missing = {f"the last of {user}" for user in USERS}
        while missing:
            missing.discard(hear(client).get("text"))
