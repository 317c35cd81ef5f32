"""The connection manager in whole conversations: it records a connection and removes it at the end.

Run it alone: ``pytest tests/ws/test_connections.py``.
"""

from unittest.mock import patch

import pytest
from fastapi import WebSocket, WebSocketDisconnect

from service.settings import Settings

LIVE = pytest.mark.transports("live-sansio", "live-wsproto")


@pytest.fixture(scope="module")
def settings():
    """Settings with two users."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"})


def test_an_open_connection_is_recorded(connect, app):
    """The manager records a connection from the handshake until it ends."""
    with connect("/items/ws", token="ada-token") as ws:
        ws.expect_silence()

        assert (app.state.manager.users, app.state.manager.count()) == ({"ada"}, 1)

    assert (app.state.manager.users, app.state.manager.count()) == (set(), 0)


def test_one_user_may_have_two_connections(connect, app):
    """A second connection of one user leaves the first one open."""
    with connect("/items/ws", token="ada-token") as first:
        with connect("/items/ws", token="ada-token") as second:
            second.expect_silence()
            first.expect_silence()

            assert app.state.manager.count("ada") == 2
        first.expect_silence()

        assert app.state.manager.count("ada") == 1


def test_only_the_closed_connection_is_removed(connect, app):
    """When one user disconnects, the other one stays recorded."""
    with connect("/items/ws", token="ada-token") as ada:
        with connect("/items/ws", token="bob-token"):
            pass
        ada.expect_silence()

        assert app.state.manager.users == {"ada"}


@pytest.mark.parametrize("code", [1000, 4999])
def test_a_closed_connection_is_removed(connect, app, code):
    """The manager removes a connection that the client closes, with any close code."""
    with connect("/items/ws", token="ada-token") as ws:
        ws.close(code)

        assert app.state.manager.count() == 0


@LIVE
def test_a_lost_connection_is_removed(connect, app, caplog):
    """A connection that is lost without a close frame is removed, and the service logs no error."""
    with connect("/items/ws", token="ada-token") as ws:
        ws.abort()

        assert app.state.manager.count() == 0
    assert errors(caplog) == []


@LIVE
def test_a_connection_lost_during_replies_is_removed(connect, app, caplog):
    """A connection that is lost while the service replies is removed, and the service logs no error."""
    with connect("/items/ws", token="ada-token") as ws:
        for _ in range(50):
            ws.send("x" * 1000)
        ws.send(b"and a binary frame")
        ws.abort()

        assert app.state.manager.count() == 0
    assert errors(caplog) == []


@LIVE
def test_closing_a_lost_connection_is_no_error(connect, app, caplog):
    """A connection that is lost before the service closes it is removed, and no error is logged."""
    with patch.object(WebSocket, "close", side_effect=WebSocketDisconnect(1006)):
        with connect("/items/ws", token="ada-token") as ws:
            ws.send(b"a binary frame")

    assert app.state.manager.count() == 0
    assert errors(caplog) == []


def errors(caplog):
    """Return the errors that the service or its server logged, without those of the test's own client."""
    ours = [record for record in caplog.records if record.name != "websockets.client"]
    return [record.getMessage() for record in ours if record.levelname == "ERROR"]
