"""The presence of users in the chat: the notices ``users``, ``online`` and ``offline``.

Run it alone: ``pytest tests/ws/test_presence.py``.
"""

import pytest

from service.settings import Settings
from tests.ws.chat import CHAT, message, offline, online, receive, say, users
from tests.ws.conftest import REFUSED
from winnow.transports import Refused

pytestmark = pytest.mark.transports("in-process", "live-sansio")  # both servers behave alike here
LIVE = pytest.mark.transports("live-sansio")


@pytest.fixture(scope="module")
def settings():
    """Settings with two users."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"})


def test_the_first_user_receives_only_the_list(connect):
    """The first user receives the list of users and no notice about themselves."""
    with connect(CHAT, token="ada-token") as ada:
        say(ada, "hello?")

        assert [receive(ada), receive(ada)] == [users("ada"), message("ada", "hello?")]


def test_a_new_user_is_announced(connect):
    """The other users are notified of a new user, who receives the list of users."""
    with connect(CHAT, token="bob-token") as bob:
        assert receive(bob) == users("bob")
        with connect(CHAT, token="ada-token") as ada:
            assert receive(ada) == users("ada", "bob")
            say(ada, "hello")

            assert [receive(bob), receive(bob)] == [online("ada"), message("ada", "hello")]
            assert receive(ada) == message("ada", "hello")


def test_a_user_who_disconnects_is_announced(connect):
    """The other users are notified that a user is offline, and later lists leave that user out."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token"):
            pass
        say(ada, "bye")
        with connect(CHAT, token="ada-token") as second:
            received = [receive(ada) for _ in range(4)]

            assert received == [users("ada"), online("bob"), offline("bob"), message("ada", "bye")]
            assert receive(second) == users("ada")


def test_a_second_connection_is_not_announced(connect):
    """A user with two connections is announced online once and offline once."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token"), connect(CHAT, token="bob-token") as second:
            assert receive(second) == users("ada", "bob")
        say(ada, "hello")

        received = [receive(ada) for _ in range(4)]
        assert received == [users("ada"), online("bob"), offline("bob"), message("ada", "hello")]


def test_a_remaining_connection_keeps_its_user_online(connect):
    """Closing one of two connections of a user sends no notice, and the other one stays open."""
    with connect(CHAT, token="ada-token") as ada, connect(CHAT, token="bob-token") as stays:
        with connect(CHAT, token="bob-token"):
            pass
        say(stays, "still here")

        assert [receive(ada) for _ in range(3)] == [users("ada"), online("bob"), message("bob", "still here")]


def test_a_user_who_reconnects_is_announced_again(connect):
    """A user who disconnects and reconnects is announced each time."""
    with connect(CHAT, token="ada-token") as ada:
        for _ in range(2):
            with connect(CHAT, token="bob-token"):
                pass

        received = [receive(ada) for _ in range(5)]
        assert received == [users("ada"), online("bob"), offline("bob"), online("bob"), offline("bob")]


@LIVE
def test_a_lost_connection_is_announced(connect):
    """A user whose connection is lost without a close frame is announced offline."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token") as bob:
            receive(bob)
            bob.abort()

        assert [receive(ada) for _ in range(3)] == [users("ada"), online("bob"), offline("bob")]


def test_a_binary_frame_closes_only_its_own_connection(connect):
    """After a binary frame the other users are notified that its sender is offline, and stay connected."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token") as bob:
            bob.send(b"\x00")
        say(ada, "and now?")

        received = [receive(ada) for _ in range(4)]
        assert received == [users("ada"), online("bob"), offline("bob"), message("ada", "and now?")]


def test_a_refused_client_is_not_announced(connect, app, transport):
    """A client with an unknown token is refused, and the users online receive no notice of it."""
    with connect(CHAT, token="ada-token") as ada:
        with pytest.raises(Refused) as refused, connect(CHAT, token="unknown"):
            pass
        say(ada, "quiet here")

        assert [receive(ada), receive(ada)] == [users("ada"), message("ada", "quiet here")]
        assert (refused.value.status, refused.value.code) == REFUSED[transport]


def test_all_closed_connections_are_removed(connect, app):
    """After all users have disconnected, the next user receives a list without them."""
    with connect(CHAT, token="ada-token"), connect(CHAT, token="bob-token"):
        pass

    with connect(CHAT, token="bob-token") as bob:
        assert receive(bob) == users("bob")
    assert app.state.manager.count() == 0
