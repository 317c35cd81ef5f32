"""The limits on the message rate, the idle time and the number of connections.

Run it alone: ``pytest tests/ws/test_pace.py``.
"""

import pytest

from service.settings import Settings
from tests.ws.chat import CHAT
from winnow.transports import Closed, Refused

pytestmark = pytest.mark.transports("in-process", "live-sansio")  # both servers behave alike here
PATHS = pytest.mark.parametrize("path", ["/items/ws", CHAT])


def limits(**limits):
    """Return a mark that runs a test with these limits."""
    return pytest.mark.parametrize("settings", [limits], indirect=True, ids=lambda limits: "+".join(limits))


@pytest.fixture
def settings(request):
    """Settings with two users and the limits that the mark of a test gives."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"}, **request.param)


@PATHS
@limits(max_messages_per_second=3)
def test_too_many_messages_close_with_1008(connect, app, path):
    """One message above ``max_messages_per_second`` closes the connection with 1008."""
    with connect(path, token="ada-token") as ws:
        for _ in range(4):
            ws.send("{}")

        end = closed(ws)
    assert (end.code, end.reason) == (1008, "send at most 3 messages a second")
    assert app.state.manager.count() == 0


@limits(max_messages_per_second=3)
def test_messages_up_to_the_rate_limit_are_answered(connect):
    """As many messages at once as one second allows are all answered."""
    with connect("/items/ws", token="ada-token") as ws:
        for text in "123":
            ws.send(text)

        assert [ws.recv() for _ in "123"] == ["消息是: 1", "消息是: 2", "消息是: 3"]


@PATHS
@limits(idle_seconds=0.05)
def test_an_idle_connection_closes_with_1001(connect, app, path):
    """A connection without a message for ``idle_seconds`` is closed with 1001."""
    with connect(path, token="ada-token") as ws:
        end = closed(ws)

    assert (end.code, end.reason) == (1001, "nothing was said for too long")
    assert app.state.manager.count() == 0


@limits(max_connections_per_user=2)
def test_connections_per_user_are_limited(connect):
    """Above ``max_connections_per_user`` a handshake gets 429, while other users still connect."""
    with connect("/items/ws", token="ada-token"), connect(CHAT, token="ada-token") as second:
        assert refusal(connect, "ada-token") == 429
        with connect("/items/ws", token="bob-token") as bob:
            bob.expect_silence()
        second.close()

        with connect("/items/ws", token="ada-token") as again:
            again.expect_silence()


@limits(max_connections=2)
def test_all_connections_are_limited(connect):
    """Above ``max_connections`` a handshake gets 503, until another connection is closed."""
    with connect("/items/ws", token="ada-token") as first, connect(CHAT, token="bob-token"):
        assert refusal(connect, "bob-token") == 503
        first.close()

        with connect("/items/ws", token="bob-token") as again:
            again.expect_silence()


def refusal(connect, token):
    """Return the HTTP status with which a handshake with this token is refused."""
    with pytest.raises(Refused) as refused, connect("/items/ws", token=token):
        pass
    return refused.value.status


def closed(ws):
    """Receive until the connection is closed, and return the close."""
    while True:
        try:
            ws.recv()
        except Closed as end:
            return end
