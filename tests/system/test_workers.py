"""Two workers connected by Redis: one is killed, and Redis stops and starts again."""

import json
import os
import re
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.chat_load import chat_message
from tests.support.frames import CHAT
from tests.support.server_process import Service, running_service
from tests.support.waiting import wait_for
from tests.workers.redis_server import redis_server

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="suspends a worker, so that the other one accepts"),
    pytest.mark.timeout(120),
]
HEARTBEAT = 1.0  # seconds
USERS = [f"user-{number}" for number in range(6)]
SETTINGS = {
    "tokens": json.dumps({user: f"token-of-{user}" for user in USERS}),
    "heartbeat_seconds": HEARTBEAT,
}


@pytest.fixture
def redis():
    """A Redis server for one test."""
    with redis_server() as redis:
        yield redis


@pytest.fixture
def service(redis, tmp_path):
    """The service with two workers; both have started."""
    with running_service(tmp_path / "log", *two_workers(redis), **SETTINGS) as service:
        wait_until_started(service)
        yield service


@pytest.fixture
def clients(service):
    """The clients of three users on each of the two workers, by process ID and user."""
    one, other = workers(service)
    with suspended(other):
        on_one = {user: connect(service, user) for user in USERS[:3]}
    with suspended(one):
        on_other = {user: connect(service, user) for user in USERS[3:]}
    clients = {one: on_one, other: on_other}
    wait_until_published(clients)
    yield clients
    for client in everyone(clients):
        client.socket.close()


def test_a_message_reaches_the_users_of_both_workers(clients):
    """A message of a user on either worker reaches every user once, and in order."""
    senders = [next(iter(on_worker.items())) for on_worker in clients.values()]
    for user, client in senders:
        for number in range(5):
            send(client, f"{user} {number}")

    for client in everyone(clients):
        texts = [receive(client)["text"] for _ in range(10)]
        for user, _ in senders:
            assert [t for t in texts if t.startswith(f"{user} ")] == [f"{user} {n}" for n in range(5)]


def test_the_users_of_a_killed_worker_go_offline(service, clients):
    """When a worker is killed, its users go offline within two heartbeats, and the others can still chat."""
    (killed, lost), (_, others) = clients.items()
    os.kill(killed, signal.SIGKILL)

    for client in others.values():
        client.socket.settimeout(2 * HEARTBEAT + 0.5)
        notices = [receive(client) for _ in lost]
        assert sorted(notices, key=str) == [{"type": "offline", "user": user} for user in sorted(lost)]
    send(next(iter(others.values())), "still here")
    assert {receive(client)["text"] for client in others.values()} == {"still here"}

    wait_for(lambda: len(workers(service)) == 3, explain=service.log)  # a new worker replaces it
    with connect(service, next(iter(lost))) as reconnected:
        assert receive(reconnected)["type"] == "users"


def test_redis_stops_and_starts_again(clients, redis):
    """While Redis is down, no client is disconnected or announced; later, messages reach everyone."""
    redis.stop()
    redis.start()
    wait_until_published(clients)

    send(next(iter(everyone(clients))), "all here")
    assert {receive(client)["text"] for client in everyone(clients)} == {"all here"}


def test_no_worker_outlives_its_service(redis, tmp_path):
    """When a test fails before it stops the service, the workers end with the service."""
    with Service(tmp_path / "log", *two_workers(redis), **SETTINGS) as service:
        wait_until_started(service)
        pids = workers(service)
        assert [runs(pid) for pid in pids] == [True, True]

    wait_for(lambda: not any(runs(pid) for pid in pids))


def two_workers(redis):
    """Return the options for two workers."""
    return "--workers", "2", "--redis-url", redis.url


def wait_until_started(service):
    """Wait until both workers have started."""
    wait_for(lambda: service.log().count("startup complete") == 2, explain=service.log)


def runs(pid):
    """Return whether a process runs; an ended process has no command line, even before its parent waits."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def workers(service):
    """Return the process IDs of all workers that were started, in this order."""
    return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", service.log())]


@contextmanager
def suspended(pid):
    """Suspend this worker, so that the other one accepts all connections."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def connect(service, user):
    """Connect a user to the chat."""
    return service.connect(CHAT, f"token-of-{user}")


def everyone(clients):
    """Return the clients of both workers."""
    return [client for on_worker in clients.values() for client in on_worker.values()]


def send(client, text):
    """Send a message."""
    client.send(chat_message(text))


def receive(client):
    """Return the next notice."""
    return json.loads(client.recv())


def is_published(client, text):
    """Send a message; tell whether it was published, or answered with an error."""
    send(client, text)
    while (notice := receive(client))["type"] not in ("message", "error"):
        pass
    return notice["type"] == "message"


def wait_until_published(clients):
    """Wait until every client can publish and has received all messages so far."""
    for client in everyone(clients):
        wait_for(lambda client=client: is_published(client, "ready?"))
    for user, client in ((u, c) for on_worker in clients.values() for u, c in on_worker.items()):
        send(client, f"last of {user}")
    for client in everyone(clients):
        missing = {f"last of {user}" for user in USERS}
        while missing:
            missing.discard(receive(client).get("text"))
