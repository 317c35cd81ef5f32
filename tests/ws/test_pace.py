"""How many connections, how many messages, and how long a silence."""

import pytest

from service.settings import Settings
from tests.ws.chat import CHAT
from winnow.transports import Closed, Refused

pytestmark = pytest.mark.transports("in-process", "live-sansio")  # servers differ in frames, not in this
PATHS = pytest.mark.parametrize("path", ["/items/ws", CHAT])


def limits(**limits):
    """Run a test with these limits."""
    return pytest.mark.parametrize("settings", [limits], indirect=True, ids=lambda limits: "+".join(limits))


@pytest.fixture
def settings(request):
    """Two users, with the limits that a test names."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"}, **request.param)


@PATHS
@limits(max_messages_per_second=3)
def test_too_many_messages_close_with_1008(connect, app, path):
    """One more than a second's worth, all at once, ends the conversation."""
    with connect(path, token="ada-token") as ws:
        for _ in range(4):
            ws.send("{}")

        end = last(ws)
    assert (end.code, end.reason) == (1008, "send at most 3 messages a second")
    assert app.state.manager.count() == 0


@limits(max_messages_per_second=3)
def test_a_second_s_worth_is_answered(connect):
    """What comes before the one too many has its reply."""
    with connect("/items/ws", token="ada-token") as ws:
        for text in "123":
            ws.send(text)

        assert [ws.recv() for _ in "123"] == ["消息是: 1", "消息是: 2", "消息是: 3"]


@PATHS
@limits(idle_seconds=0.05)
def test_a_long_silence_closes_with_1001(connect, app, path):
    """Who says nothing makes room for others."""
    with connect(path, token="ada-token") as ws:
        end = last(ws)

    assert (end.code, end.reason) == (1001, "nothing was said for too long")
    assert app.state.manager.count() == 0


@limits(max_connections_per_user=2)
def test_one_user_has_so_many_connections(connect):
    """One too many is refused before the handshake, wherever they are; others have their own."""
    with connect("/items/ws", token="ada-token"), connect(CHAT, token="ada-token") as second:
        assert refusal(connect, "ada-token") == 429
        with connect("/items/ws", token="bob-token") as bob:
            bob.expect_silence()
        second.close()

        with connect("/items/ws", token="ada-token") as again:
            again.expect_silence()


@limits(max_connections=2)
def test_everybody_together_has_so_many_connections(connect):
    """Whoever comes when the service is full is refused before the handshake, until one leaves."""
    with connect("/items/ws", token="ada-token") as first, connect(CHAT, token="bob-token"):
        assert refusal(connect, "bob-token") == 503
        first.close()

        with connect("/items/ws", token="bob-token") as again:
            again.expect_silence()


def refusal(connect, token):
    """The HTTP status with which this token is refused."""
    with pytest.raises(Refused) as refused, connect("/items/ws", token=token):
        pass
    return refused.value.status


def last(ws):
    """How a conversation ends, whatever was said before."""
    while True:
        try:
            ws.recv()
        except Closed as end:
            return end
