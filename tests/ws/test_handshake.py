"""Who may connect: tokens, cookies, and the pages that send them."""

import pytest

from tests.ws.conftest import REFUSED, TOKEN
from winnow.transports import Refused

STRANGERS = [
    pytest.param({}, id="no-token"),
    pytest.param({"token": ""}, id="empty-token"),
    pytest.param({"token": "nobody"}, id="unknown-token"),
    pytest.param({"token": TOKEN[:-1]}, id="beginning-of-a-token"),
    pytest.param({"token": f"{TOKEN}x"}, id="more-than-a-token"),
    pytest.param({"token": "消息"}, id="chinese-token"),
    pytest.param({"token": TOKEN.upper()}, id="upper-case"),
    pytest.param({"cookies": {"session": "nobody"}}, id="unknown-cookie"),
    pytest.param({"cookies": {"session": ""}}, id="empty-cookie"),
    pytest.param({"cookies": {"token": TOKEN}}, id="cookie-of-another-name"),
    pytest.param({"session": TOKEN}, id="query-of-another-name"),
]


@pytest.mark.transports("in-process")
@pytest.mark.parametrize("offer", STRANGERS)
def test_a_stranger_is_refused(connect, app, offer):
    """Without a known token nobody gets in, and nothing tells why."""
    with pytest.raises(Refused) as refused, connect("/items/ws", **offer):
        pass

    assert (refused.value.code, refused.value.reason) == (1008, "a known token is required")
    assert app.state.manager.count() == 0


@pytest.mark.parametrize("offer", STRANGERS[:3])
def test_every_transport_refuses_alike(connect, transport, offer, caplog):
    """No token, an empty one, an unknown one: one refusal before the handshake, and no crash behind it."""
    with pytest.raises(Refused) as refused, connect("/items/ws", **offer):
        pass

    assert (refused.value.status, refused.value.code) == REFUSED[transport]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param({"token": TOKEN}, id="query"),
        pytest.param({"cookies": {"session": TOKEN}}, id="cookie"),
        pytest.param({"cookies": {"session": TOKEN}, "token": "nobody"}, id="cookie-wins"),
    ],
)
def test_a_known_token_opens_the_door(connect, offer):
    """A token in the cookie or in the query is enough."""
    with connect("/items/ws", **offer) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"


@pytest.mark.transports("in-process")
def test_an_empty_cookie_is_none(connect):
    """A browser that was logged out may still send the name."""
    with connect("/items/ws", cookies={"session": ""}, token=TOKEN) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"


def test_the_cookie_wins(connect, transport):
    """A wrong cookie is not mended by a good query token."""
    with pytest.raises(Refused) as refused, connect("/items/ws", cookies={"session": "nobody"}, token=TOKEN):
        pass

    assert (refused.value.status, refused.value.code) == REFUSED[transport]
