"""The logs of a real server: they contain no token.

Run it alone: ``pytest tests/ws/test_secrets.py``.
"""

import logging

import pytest

from tests.ws.conftest import TOKEN
from winnow.transports import Refused

pytestmark = pytest.mark.transports("live-sansio", "live-wsproto")


@pytest.fixture
def log(caplog):
    """A function that returns the log of the server, with the headers of each handshake."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(5, "uvicorn.error")  # uvicorn's TRACE
    client = "websockets.client"
    return lambda: "\n".join(r.getMessage() for r in caplog.records if r.name != client)


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param({"a": "1&2", "token": TOKEN}, id="query-with-more"),
        pytest.param({"cookies": {"theme": "dark", "session": TOKEN}}, id="one-of-two-cookies"),
    ],
)
def test_a_token_is_in_no_log(connect, log, offer):
    """The server logs each connection without its token."""
    with connect("/items/ws", **offer) as ws:
        ws.expect_silence()

    assert "/items/ws" in log()
    assert TOKEN not in log()


@pytest.mark.transports("in-process")
def test_the_service_itself_logs_no_token(connect, caplog):
    """The service itself, without a server, logs no token."""
    caplog.set_level(logging.DEBUG)
    with connect("/items/ws", token=TOKEN) as ws:
        ws.expect_silence()

    assert TOKEN not in caplog.text


def test_a_refused_token_is_in_no_log(connect, log):
    """The server logs a refused handshake without its token, which may be a mistyped secret."""
    with pytest.raises(Refused), connect("/items/ws", token=f"{TOKEN}x"):
        pass

    assert "/items/ws" in log()
    assert TOKEN not in log()
