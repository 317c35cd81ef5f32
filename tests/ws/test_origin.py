"""The Origin of a cookie: a browser sends the cookie from any page, so the service checks the page.

Run it alone: ``pytest tests/ws/test_origin.py``.
"""

import pytest

from service.settings import Settings
from tests.ws.conftest import REFUSED, TOKEN
from winnow.transports import Refused

HOST = "echo.example"
ALLOWED = "https://app.example"


@pytest.fixture(scope="module")
def settings():
    """Settings with one allowed origin besides the host of the service."""
    return Settings(allowed_origins={ALLOWED})


def headers(origin):
    """Return the headers of a handshake from this origin; "" means a client that is not a browser."""
    return {"Host": HOST} | ({"Origin": origin} if origin else {})


@pytest.mark.transports("in-process")
@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(f"https://{HOST}", id="same-host"),
        pytest.param(ALLOWED, id="allowed-origin"),
        pytest.param("", id="no-browser"),
    ],
)
def test_a_cookie_from_an_allowed_origin_is_accepted(connect, origin):
    """A known cookie is accepted from the same host, from an allowed origin and without an Origin."""
    with connect("/items/ws", cookies={"session": TOKEN}, headers=headers(origin)) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"


@pytest.mark.transports("in-process")
@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://evil.example", id="another-host"),
        pytest.param(f"https://evil-{HOST}", id="host-as-suffix"),
        pytest.param(f"https://{HOST}:8443", id="another-port"),
        pytest.param("null", id="a-sandboxed-page"),
        pytest.param("https://[broken", id="not-an-address"),
    ],
)
def test_a_cookie_from_a_cross_site_page_is_refused(connect, origin):
    """A known cookie is refused from any other origin, so a cross-site page cannot use it."""
    offer = {"cookies": {"session": TOKEN}, "headers": headers(origin)}
    with pytest.raises(Refused) as refused, connect("/items/ws", **offer):
        pass

    assert refused.value.code == 1008


def test_every_transport_checks_the_origin(connect, transport):
    """On every transport, the same cookie is accepted from the same host and refused cross-site."""
    offer = {"cookies": {"session": TOKEN}}
    with connect("/items/ws", **offer, headers=headers(f"https://{HOST}")) as ws:
        ws.expect_silence()

    with (
        pytest.raises(Refused) as refused,
        connect("/items/ws", **offer, headers=headers("https://evil.example")),
    ):
        pass
    assert (refused.value.status, refused.value.code) == REFUSED[transport]


def test_a_token_in_the_query_needs_no_origin_check(connect):
    """A token in the query is accepted from any page, because a browser never adds it by itself."""
    with connect("/items/ws", token=TOKEN, headers=headers("https://evil.example")) as ws:
        ws.send("in")

        assert ws.recv() == "消息是: in"
