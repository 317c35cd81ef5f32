"""Who the manager remembers, and that it forgets the right connection, always."""

from unittest.mock import patch

import pytest
from fastapi import WebSocket, WebSocketDisconnect

from service.settings import Settings

LIVE = pytest.mark.transports("live-sansio", "live-wsproto")


@pytest.fixture(scope="module")
def settings():
    """Two users."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"})


def test_the_manager_knows_who_is_here(connect, app):
    """A connection counts from the handshake until it ends."""
    with connect("/items/ws", token="ada-token") as ws:
        ws.expect_silence()

        assert (app.state.manager.users, app.state.manager.count()) == ({"ada"}, 1)

    assert (app.state.manager.users, app.state.manager.count()) == (set(), 0)


def test_two_tabs_live_side_by_side(connect, app):
    """A second connection of one user takes nothing from the first."""
    with connect("/items/ws", token="ada-token") as first:
        with connect("/items/ws", token="ada-token") as second:
            second.expect_silence()
            first.expect_silence()

            assert app.state.manager.count("ada") == 2
        first.expect_silence()

        assert app.state.manager.count("ada") == 1


def test_only_the_one_that_left_is_forgotten(connect, app):
    """When one user goes, the other one stays."""
    with connect("/items/ws", token="ada-token") as ada:
        with connect("/items/ws", token="bob-token"):
            pass
        ada.expect_silence()

        assert app.state.manager.users == {"ada"}


@pytest.mark.parametrize("code", [1000, 4999])
def test_whoever_says_good_bye_is_forgotten(connect, app, code):
    """The code with which a client leaves makes no difference."""
    with connect("/items/ws", token="ada-token") as ws:
        ws.close(code)

        assert app.state.manager.count() == 0


@LIVE
def test_a_cut_line_is_forgotten(connect, app, caplog):
    """A client that vanishes without a word is forgotten like any other, and is no error of ours."""
    with connect("/items/ws", token="ada-token") as ws:
        ws.abort()

        assert app.state.manager.count() == 0
    assert errors(caplog) == []


@LIVE
def test_a_line_cut_under_a_reply_is_forgotten(connect, app, caplog):
    """A client that asks and vanishes leaves no entry, and no complaint in the log."""
    with connect("/items/ws", token="ada-token") as ws:
        for _ in range(50):
            ws.send("x" * 1000)
        ws.send(b"and a binary frame")
        ws.abort()

        assert app.state.manager.count() == 0
    assert errors(caplog) == []


@LIVE
def test_a_last_word_that_nobody_hears_is_no_error(connect, app, caplog):
    """A client that is gone when the service wants to close is forgotten without a complaint."""
    with patch.object(WebSocket, "close", side_effect=WebSocketDisconnect(1006)):
        with connect("/items/ws", token="ada-token") as ws:
            ws.send(b"a binary frame")

    assert app.state.manager.count() == 0
    assert errors(caplog) == []


def errors(caplog):
    """What the service, or its server, complained of; the client may complain of a line it cut itself."""
    ours = [record for record in caplog.records if record.name != "websockets.client"]
    return [record.getMessage() for record in ours if record.levelname == "ERROR"]
