"""Cookies and the pages that send them: a browser sends ours from any page on the web."""

import pytest

from service.settings import Settings
from tests.ws.conftest import REFUSED, TOKEN
from winnow.transports import Refused

HOST = "echo.example"
ALLOWED = "https://app.example"


@pytest.fixture(scope="module")
def settings():
    """One page that is trusted besides our own."""
    return Settings(allowed_origins={ALLOWED})


def headers(origin):
    """The headers of a handshake from this page; "" stands for a client that is no browser."""
    return {"Host": HOST} | ({"Origin": origin} if origin else {})


@pytest.mark.transports("in-process")
@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(f"https://{HOST}", id="our-own-page"),
        pytest.param(ALLOWED, id="an-allowed-page"),
        pytest.param("", id="no-browser"),
    ],
)
def test_a_cookie_counts_from_an_allowed_page(connect, origin):
    """The cookie opens the door for our own page, an allowed one, and clients without pages."""
    with connect("/items/ws", cookies={"session": TOKEN}, headers=headers(origin)) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"


@pytest.mark.transports("in-process")
@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://evil.example", id="another-host"),
        pytest.param(f"https://evil-{HOST}", id="our-name-at-the-end"),
        pytest.param(f"https://{HOST}:8443", id="another-port"),
        pytest.param("null", id="a-sandboxed-page"),
        pytest.param("https://[broken", id="not-an-address"),
    ],
)
def test_a_cookie_from_a_foreign_page_is_not_honoured(connect, origin):
    """The user's own browser must not open the door for somebody else's page."""
    offer = {"cookies": {"session": TOKEN}, "headers": headers(origin)}
    with pytest.raises(Refused) as refused, connect("/items/ws", **offer):
        pass

    assert refused.value.code == 1008


def test_every_transport_tells_pages_apart(connect, transport):
    """The same cookie opens the door for our own page, and not for another one."""
    offer = {"cookies": {"session": TOKEN}}
    with connect("/items/ws", **offer, headers=headers(f"https://{HOST}")) as ws:
        ws.expect_silence()

    with (
        pytest.raises(Refused) as refused,
        connect("/items/ws", **offer, headers=headers("https://evil.example")),
    ):
        pass
    assert (refused.value.status, refused.value.code) == REFUSED[transport]


def test_a_token_counts_from_any_page(connect):
    """A page that knows a token was given it: no browser adds a query by itself."""
    with connect("/items/ws", token=TOKEN, headers=headers("https://evil.example")) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"
