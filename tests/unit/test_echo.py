"""The article's cases, done right: each of them fails when its promise is broken."""

import asyncio
import unittest
from unittest.mock import AsyncMock

from fastapi import WebSocketDisconnect

from service.main import app
from tests.unit.base import TOKEN, ServiceTestCase, receive_text

URL = f"/items/ws?token={TOKEN}"
REFUSAL = (1008, "a known token is required")


class FastApiTestWeb(ServiceTestCase):
    """The echo, as the article tests it."""

    def test_websocket(self):
        """A text comes back behind the prefix."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_text("Hello WebSocket")

            self.assertEqual("消息是: Hello WebSocket", receive_text(websocket))

    def test_websocket_two(self):
        """Two texts come back in the order in which they were sent."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_text("Hello 123")
            websocket.send_text("Hello 456")

            self.assertEqual("消息是: Hello 123", receive_text(websocket))
            self.assertEqual("消息是: Hello 456", receive_text(websocket))

    def test_websocket_notoken(self):
        """Without a token nobody gets in: the refusal, its code and its reason are exact.

        The article wrote ``except: self.assertTrue(True)``, which nothing can make fail.
        """
        with self.assertRaises(WebSocketDisconnect) as refused:
            with self.client.websocket_connect("/items/ws"):
                self.fail("a stranger was let in")

        self.assertEqual(REFUSAL, (refused.exception.code, refused.exception.reason))

    def test_websocket_empty_and_unknown_token(self):
        """An empty token and an unknown one are refused exactly like none."""
        for token in ("", "nobody", TOKEN[:-1], TOKEN + "x"):
            with self.subTest(token=token), self.assertRaises(WebSocketDisconnect) as refused:
                with self.client.websocket_connect(f"/items/ws?token={token}"):
                    self.fail("a stranger was let in")

            self.assertEqual(REFUSAL, (refused.exception.code, refused.exception.reason))

    def test_websocket_binary(self):
        """A binary frame is answered with 1003; the article's service crashed."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_bytes(b"\x00")

            with self.assertRaises(WebSocketDisconnect) as closed:
                receive_text(websocket)
        self.assertEqual(1003, closed.exception.code)

    def test_websocket_empty_text(self):
        """The empty text is a message like any other."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_text("")

            self.assertEqual("消息是: ", receive_text(websocket))


class Leaving(unittest.TestCase):
    """The end of a conversation, as a server sees it."""

    def test_nothing_is_said_to_who_has_left(self):
        """A client that connects and leaves is accepted, and that is the last word."""
        messages = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
        scope = {
            "type": "websocket",
            "path": "/items/ws",
            "query_string": f"token={TOKEN}".encode(),
            "headers": [],
        }
        send = AsyncMock()
        asyncio.run(app(scope, AsyncMock(side_effect=messages), send))

        self.assertEqual(["websocket.accept"], [call.args[0]["type"] for call in send.call_args_list])
