"""Twelve tests of the echo service with a plain TestClient, as an article would write them."""

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
CROSS_SITE = {"Origin": "https://evil.example"}


@contextmanager
def running() -> Iterator[TestClient]:
    """Return a client of a new application; its lifespan runs."""
    with TestClient(create_app(SETTINGS)) as client:
        yield client


def test_no_token_is_refused() -> None:
    """A handshake without a token is refused with code 1008 and a reason."""
    with running() as client:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/items/ws"):
            pass

    assert (refused.value.code, refused.value.reason) == (1008, "a known token is required")


def test_an_unknown_token_is_refused() -> None:
    """A handshake with an unknown token is refused in the same way."""
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
    """White space and non-ASCII characters come back unchanged."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("  你好 \n")

        assert ws.receive_text() == "消息是:   你好 \n"


def test_replies_keep_their_order() -> None:
    """Three texts that are sent together come back in the same order."""
    with running() as client, client.websocket_connect(ADA) as ws:
        for text in ("one", "two", "three"):
            ws.send_text(text)

        assert [ws.receive_text() for _ in range(3)] == ["消息是: one", "消息是: two", "消息是: three"]


def test_an_empty_text_is_echoed() -> None:
    """The empty text is echoed, and the conversation continues."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("")
        ws.send_text("more")

        assert [ws.receive_text(), ws.receive_text()] == ["消息是: ", "消息是: more"]


def test_a_binary_frame_closes_with_1003() -> None:
    """A binary frame closes the connection with 1003."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_bytes(b"\x00")

        with pytest.raises(WebSocketDisconnect) as closed:
            ws.receive_text()
    assert (closed.value.code, closed.value.reason) == (1003, "send text")


def test_a_text_at_the_limit_is_echoed() -> None:
    """A text of exactly the maximum size is echoed."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("x" * LIMIT)

        assert ws.receive_text() == f"消息是: {'x' * LIMIT}"


def test_a_text_above_the_limit_closes_with_1009() -> None:
    """The limit counts bytes of UTF-8, not characters: eleven characters of three bytes are too long."""
    with running() as client, client.websocket_connect(ADA) as ws:
        ws.send_text("消" * 11)

        with pytest.raises(WebSocketDisconnect) as closed:
            ws.receive_text()
    assert (closed.value.code, closed.value.reason) == (1009, "send at most 32 bytes")


def test_a_cookie_is_accepted_but_not_from_a_cross_site_page() -> None:
    """A cookie is accepted from a client without an Origin, and refused from a cross-site page."""
    with running() as client:
        with client.websocket_connect("/items/ws", headers=COOKIE) as ws:
            ws.send_text("hello")
            assert ws.receive_text() == "消息是: hello"

        with pytest.raises(WebSocketDisconnect) as refused:
            with client.websocket_connect("/items/ws", headers=COOKIE | CROSS_SITE):
                pass
    assert refused.value.code == 1008


def test_two_tabs_and_another_user_live_side_by_side() -> None:
    """Each connection receives only its own replies, and the manager counts all of them."""
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


def test_the_manager_forgets_closed_connections() -> None:
    """The manager forgets a client that leaves, and one whose connection the service closes."""
    with running() as client:
        with client.websocket_connect(ADA) as leaving:
            leaving.send_text("last")
            leaving.receive_text()
        with client.websocket_connect(BOB) as refused:
            refused.send_bytes(b"")
            with pytest.raises(WebSocketDisconnect):
                refused.receive_text()

        assert client.app.state.manager.users == set()  # type: ignore[attr-defined]
