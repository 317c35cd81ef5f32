"""Twelve tests of the echo service with a bare TestClient, as an article would write them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from starlette.websockets import WebSocketDisconnect

from service.main import create_app
from service.settings import Settings

LIMIT = 32
TOKENS = {"ada": SecretStr("ada-token"), "bob": SecretStr("bob-token")}
SETTINGS = Settings(tokens=TOKENS, max_message_bytes=LIMIT)
ADA, BOB = "/items/ws?token=ada-token", "/items/ws?token=bob-token"
COOKIE = {"Cookie": "session=ada-token"}
FOREIGN = {"Origin": "https://evil.example"}


@contextmanager
def running() -> Iterator[TestClient]:
    """A client of a fresh app, its lifespan running."""
    with TestClient(create_app(SETTINGS)) as client:
        yield client


def test_no_token_is_refused() -> None:
    """Without a token the handshake is refused, by its own code and reason."""
    with running() as client:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/items/ws"):
            pass

    assert (refused.value.code, refused.value.reason) == (1008, "a known token is required")


def test_an_unknown_token_is_refused() -> None:
    """A token that nobody has is refused like none at all."""
    with running() as client:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(f"{ADA}s"):
            pass

    assert (refused.value.code, refused.value.reason) == (1008, "a known token is required")


def test_a_text_is_echoed() -> None:
    """The reply is the prefix and the text."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("hello")

        assert ws.receive_text() == "消息是: hello"


def test_a_text_is_not_changed() -> None:
    """Space around a text and letters of any script come back as they are."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("  你好 \n")

        assert ws.receive_text() == "消息是:   你好 \n"


def test_replies_keep_their_order() -> None:
    """Three texts sent together come back first in, first out."""
    with running() as client, client.websocket_connect(ADA) as ws:
        for text in ("one", "two", "three"):
            ws.send_text(text)

        assert [ws.receive_text() for _ in range(3)] == ["消息是: one", "消息是: two", "消息是: three"]


def test_an_empty_text_is_echoed() -> None:
    """The empty text is a message, and the conversation goes on after it."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("")
        ws.send_text("more")

        assert [ws.receive_text(), ws.receive_text()] == ["消息是: ", "消息是: more"]


def test_a_binary_frame_closes_with_1003() -> None:
    """The echo is for text, and the connection is forgotten."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_bytes(b"\x00")

        with pytest.raises(WebSocketDisconnect) as closed:
            ws.receive_text()
    assert (closed.value.code, closed.value.reason) == (1003, "send text")


def test_a_text_at_the_limit_is_echoed() -> None:
    """The longest text that is allowed is allowed."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("x" * LIMIT)

        assert ws.receive_text() == f"消息是: {'x' * LIMIT}"


def test_a_text_above_the_limit_closes_with_1009() -> None:
    """Bytes are counted, not letters: eleven of three bytes are one too many."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("消" * 11)

        with pytest.raises(WebSocketDisconnect) as closed:
            ws.receive_text()
    assert (closed.value.code, closed.value.reason) == (1009, "send at most 32 bytes")


def test_a_cookie_opens_the_door_but_not_from_a_foreign_page() -> None:
    """A cookie counts from a client without pages, and not from somebody else's page."""
    with running() as client:
        with client.websocket_connect("/items/ws", headers=COOKIE) as ws:
            ws.send_text("in")
            assert ws.receive_text() == "消息是: in"

        with pytest.raises(WebSocketDisconnect) as refused:
            with client.websocket_connect("/items/ws", headers=COOKIE | FOREIGN):
                pass
    assert refused.value.code == 1008


def test_two_tabs_and_another_user_live_side_by_side() -> None:
    """Each connection gets its own replies, and the manager counts them all."""
    with running() as client, client.websocket_connect(ADA) as first, client.websocket_connect(BOB) as bob:
        with client.websocket_connect(ADA) as second:
            for ws, text in ((second, "2"), (bob, "b"), (first, "1")):
                ws.send_text(text)

            assert [ws.receive_text() for ws in (first, second, bob)] == [
                "消息是: 1",
                "消息是: 2",
                "消息是: b",
            ]
            manager = client.app.state.manager  # type: ignore[attr-defined]
            assert (manager.users, manager.count("ada"), manager.count()) == ({"ada", "bob"}, 2, 3)


def test_nobody_is_left_in_the_manager() -> None:
    """Whoever leaves, and whoever is shut out in the middle, is forgotten."""
    with running() as client:
        with client.websocket_connect(ADA) as leaving:
            leaving.send_text("bye")
            leaving.receive_text()
        with client.websocket_connect(BOB) as refused:
            refused.send_bytes(b"")
            with pytest.raises(WebSocketDisconnect):
                refused.receive_text()

        assert client.app.state.manager.users == set()  # type: ignore[attr-defined]
