"""The chat with two workers, one in process and one live: users and messages reach both.

Run it alone: ``pytest tests/workers/test_presence.py``; it needs ``redis-server``.
"""

import time

import pytest

from service.main import create_app
from service.settings import Settings
from tests.ws.chat import CHAT, message, offline, online, receive, say, users

DEADLINE = 2.5  # seconds
HEARTBEAT = 0.6  # seconds


@pytest.fixture
def apps(redis):
    """Two applications with the same settings, one for each worker."""
    settings = Settings(
        tokens={"ada": "ada-token", "bob": "bob-token"}, redis_url=redis.url, heartbeat_seconds=HEARTBEAT
    )
    return [create_app(settings), create_app(settings)]


@pytest.fixture
def workers(server, apps):
    """Two functions: one connects to the first worker, the other to the second."""
    with (
        server("in-process").serve(apps[0]) as connect_one,
        server("live-sansio").serve(apps[1]) as connect_other,
    ):
        wait_until(lambda: all(app.state.backplane.connected for app in apps))
        yield connect_one, connect_other


@pytest.fixture
def ada(workers, apps):
    """A connection of the user ada to the first worker; the second worker knows that ada is online."""
    with workers[0](CHAT, token="ada-token") as ada:
        assert receive(ada) == users("ada")
        wait_until(lambda: apps[1].state.room.online == {"ada"})
        yield ada


def test_a_user_is_online_at_every_worker(workers, ada):
    """A new user of one worker receives the users of both, and is announced at both."""
    with workers[1](CHAT, token="ada-token") as second:
        with workers[1](CHAT, token="bob-token") as bob:
            assert receive(bob) == users("ada", "bob")
            say(bob, "hello")
            assert [receive(ada), receive(ada)] == [online("bob"), message("bob", "hello")]
        say(second, "bye")
        assert [receive(ada), receive(ada)] == [offline("bob"), message("ada", "bye")]


def test_a_message_reaches_both_workers_once(workers, ada):
    """The users of both workers receive each message once and in the same order."""
    with workers[1](CHAT, token="bob-token") as bob:
        assert [receive(bob), receive(ada)] == [users("ada", "bob"), online("bob")]
        for number in range(10):
            say(bob, str(number))

        for ws in (ada, bob):
            assert [receive(ws)["text"] for _ in range(10)] == [str(number) for number in range(10)]


def test_connections_to_two_workers_are_one_user(workers, ada):
    """A user with a connection to each worker is announced online once and offline once."""
    with workers[0](CHAT, token="bob-token") as first:
        assert [receive(first), receive(ada)] == [users("ada", "bob"), online("bob")]
        with workers[1](CHAT, token="bob-token") as second:
            say(second, "at both")
            assert [receive(ada), receive(first)] == [message("bob", "at both")] * 2
            first.close()
            say(ada, "one is left")
            assert receive(ada) == message("ada", "one is left")
    assert receive(ada) == offline("bob")


def test_without_redis_a_message_is_refused(apps, ada, redis):
    """Without Redis the sender of a message gets an error, and can send again when Redis is back."""
    redis.stop()
    try:
        wait_until(lambda: not apps[0].state.backplane.connected)
        say(ada, "hello?")
        assert receive(ada) == {"type": "error", "reason": "the chat cannot be reached just now, try again"}
    finally:
        redis.start()

    wait_until(lambda: apps[0].state.backplane.connected)
    say(ada, "here again")
    assert receive(ada) == message("ada", "here again")


def wait_until(fact):
    """Wait until this is true; fail the test after the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < deadline, "the state of the connection to Redis did not change in time"
        time.sleep(0.005)
