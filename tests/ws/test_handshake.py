"""The handshake: which tokens, in the cookie or in the query, are accepted.

Run it alone: ``pytest tests/ws/test_handshake.py``.
"""

import pytest

from tests.ws.conftest import REFUSED, TOKEN
from winnow.transports import Refused

UNAUTHENTICATED = [
    pytest.param({}, id="no-token"),
    pytest.param({"token": ""}, id="empty-token"),
    pytest.param({"token": "unknown"}, id="unknown-token"),
    pytest.param({"token": TOKEN[:-1]}, id="beginning-of-a-token"),
    pytest.param({"token": f"{TOKEN}x"}, id="more-than-a-token"),
    pytest.param({"token": "消息"}, id="chinese-token"),
    pytest.param({"token": TOKEN.upper()}, id="upper-case"),
    pytest.param({"cookies": {"session": "unknown"}}, id="unknown-cookie"),
    pytest.param({"cookies": {"session": ""}}, id="empty-cookie"),
    pytest.param({"cookies": {"token": TOKEN}}, id="cookie-of-another-name"),
    pytest.param({"session": TOKEN}, id="query-of-another-name"),
]


@pytest.mark.transports("in-process")
@pytest.mark.parametrize("offer", UNAUTHENTICATED)
def test_an_unauthenticated_client_is_refused(connect, app, offer):
    """A client without a known token is refused with 1008, always with the same reason."""
    with pytest.raises(Refused) as refused, connect("/items/ws", **offer):
        pass

    assert (refused.value.code, refused.value.reason) == (1008, "a known token is required")
    assert app.state.manager.count() == 0


@pytest.mark.parametrize("offer", UNAUTHENTICATED[:3])
def test_every_transport_refuses_alike(connect, transport, offer, caplog):
    """A missing, an empty and an unknown token are refused alike, without an error in the log."""
    with pytest.raises(Refused) as refused, connect("/items/ws", **offer):
        pass

    assert (refused.value.status, refused.value.code) == REFUSED[transport]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param({"token": TOKEN}, id="query"),
        pytest.param({"cookies": {"session": TOKEN}}, id="cookie"),
        pytest.param({"cookies": {"session": TOKEN}, "token": "unknown"}, id="cookie-wins"),
    ],
)
def test_a_known_token_is_accepted(connect, offer):
    """A client with a known token in the cookie or in the query is accepted."""
    with connect("/items/ws", **offer) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"


@pytest.mark.transports("in-process")
def test_an_empty_cookie_is_ignored(connect):
    """An empty cookie is ignored, and the token in the query counts."""
    with connect("/items/ws", cookies={"session": ""}, token=TOKEN) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"


def test_an_unknown_cookie_is_refused_despite_a_known_query(connect, transport):
    """The cookie wins: an unknown one is refused, even with a known token in the query."""
    with pytest.raises(Refused) as refused, connect("/items/ws", cookies={"session": "unknown"}, token=TOKEN):
        pass

    assert (refused.value.status, refused.value.code) == REFUSED[transport]
