"""Two workers, one in process and one behind a socket: whoever is online is online at both."""

import time

import pytest

from service.main import create_app
from service.settings import Settings
from tests.ws.chat import CHAT, hear, message, offline, online, say, users

DEADLINE = 2.5  # seconds
HEARTBEAT = 0.6  # seconds


@pytest.fixture
def apps(redis):
    """The service twice, as each worker has it."""
    settings = Settings(
        tokens={"ada": "ada-token", "bob": "bob-token"}, redis_url=redis.url, heartbeat_seconds=HEARTBEAT
    )
    return [create_app(settings), create_app(settings)]


@pytest.fixture
def workers(server, apps):
    """Connect to the one, and to the other."""
    with (
        server("in-process").serve(apps[0]) as connect_one,
        server("live-sansio").serve(apps[1]) as connect_other,
    ):
        wait_until(lambda: all(app.state.backplane.connected for app in apps))
        yield connect_one, connect_other


@pytest.fixture
def ada(workers, apps):
    """A user of the one, of whom the other has heard."""
    with workers[0](CHAT, token="ada-token") as ada:
        assert hear(ada) == users("ada")
        wait_until(lambda: apps[1].state.room.online == {"ada"})
        yield ada


def test_who_is_online_is_online_everywhere(workers, ada):
    """A newcomer to one worker hears of the users of the other, and they hear of the newcomer."""
    with workers[1](CHAT, token="ada-token") as tab:
        with workers[1](CHAT, token="bob-token") as bob:
            assert hear(bob) == users("ada", "bob")
            say(bob, "hello")
            assert [hear(ada), hear(ada)] == [online("bob"), message("bob", "hello")]
        say(tab, "bye")
        assert [hear(ada), hear(ada)] == [offline("bob"), message("ada", "bye")]


def test_a_message_is_heard_once_by_everybody(workers, ada):
    """By the users of both workers, in the same order, and by the sender as well."""
    with workers[1](CHAT, token="bob-token") as bob:
        assert [hear(bob), hear(ada)] == [users("ada", "bob"), online("bob")]
        for number in range(10):
            say(bob, str(number))

        for ws in (ada, bob):
            assert [hear(ws)["text"] for _ in range(10)] == [str(number) for number in range(10)]


def test_tabs_at_two_workers_are_one_person(workers, ada):
    """The second one is no news, and neither is the end of the first."""
    with workers[0](CHAT, token="bob-token") as first:
        assert [hear(first), hear(ada)] == [users("ada", "bob"), online("bob")]
        with workers[1](CHAT, token="bob-token") as second:
            say(second, "at both")
            assert [hear(ada), hear(first)] == [message("bob", "at both")] * 2
            first.close()
            say(ada, "one is left")
            assert hear(ada) == message("ada", "one is left")
    assert hear(ada) == offline("bob")


def test_without_redis_a_message_is_refused(apps, ada, redis):
    """The sender is told, stays connected, and may say it again when Redis is back."""
    redis.stop()
    try:
        wait_until(lambda: not apps[0].state.backplane.connected)
        say(ada, "anybody?")
        assert hear(ada) == {"type": "error", "reason": "the chat cannot be reached just now, try again"}
    finally:
        redis.start()

    wait_until(lambda: apps[0].state.backplane.connected)
    say(ada, "here again")
    assert hear(ada) == message("ada", "here again")


def wait_until(fact):
    """Return when this is so."""
    deadline = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < deadline, "the line to Redis has not changed"
        time.sleep(0.005)
