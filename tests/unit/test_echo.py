"""The test cases of the article, corrected: each one fails when the service breaks its promise.

Run it alone: ``python -m unittest tests.unit.test_echo``.
"""

import asyncio
import unittest
from unittest.mock import AsyncMock

from fastapi import WebSocketDisconnect

from tests.unit.base import TOKEN, ServiceTestCase, receive_text, service

URL = f"/items/ws?token={TOKEN}"
REFUSAL = (1008, "a known token is required")


class FastApiTestWeb(ServiceTestCase):
    """The echo endpoint, tested with the names that the article gives its cases."""

    def test_websocket(self):
        """The service answers a text with the prefix and the same text."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_text("Hello WebSocket")

            self.assertEqual("消息是: Hello WebSocket", receive_text(websocket))

    def test_websocket_two(self):
        """The service answers two texts in the order in which they were sent."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_text("Hello 123")
            websocket.send_text("Hello 456")

            self.assertEqual("消息是: Hello 123", receive_text(websocket))
            self.assertEqual("消息是: Hello 456", receive_text(websocket))

    def test_websocket_notoken(self):
        """A handshake without a token is refused with the close code 1008 and a fixed reason.

        The article wrote ``except: self.assertTrue(True)``, which can never fail.
        """
        with self.assertRaises(WebSocketDisconnect) as refused:
            with self.client.websocket_connect("/items/ws"):
                self.fail("the handshake was accepted")

        self.assertEqual(REFUSAL, (refused.exception.code, refused.exception.reason))

    def test_websocket_empty_and_unknown_token(self):
        """An empty token and an unknown one are refused exactly like a missing one."""
        for token in ("", "unknown", TOKEN[:-1], TOKEN + "x"):
            with self.subTest(token=token), self.assertRaises(WebSocketDisconnect) as refused:
                with self.client.websocket_connect(f"/items/ws?token={token}"):
                    self.fail("the handshake was accepted")

            self.assertEqual(REFUSAL, (refused.exception.code, refused.exception.reason))

    def test_websocket_binary(self):
        """A binary frame closes the connection with 1003; the service of the article crashed."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_bytes(b"\x00")

            with self.assertRaises(WebSocketDisconnect) as closed:
                receive_text(websocket)
        self.assertEqual(1003, closed.exception.code)

    def test_websocket_empty_text(self):
        """The service answers an empty text like any other."""
        with self.client.websocket_connect(URL) as websocket:
            websocket.send_text("")

            self.assertEqual("消息是: ", receive_text(websocket))


class Disconnecting(unittest.TestCase):
    """The end of a connection, as the server sees it."""

    def test_nothing_is_sent_after_a_disconnect(self):
        """A client that connects and disconnects is accepted, and the service sends nothing more."""
        messages = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
        scope = {
            "type": "websocket",
            "path": "/items/ws",
            "query_string": f"token={TOKEN}".encode(),
            "headers": [],
        }
        send = AsyncMock()
        asyncio.run(service()(scope, AsyncMock(side_effect=messages), send))

        self.assertEqual(["websocket.accept"], [call.args[0]["type"] for call in send.call_args_list])
