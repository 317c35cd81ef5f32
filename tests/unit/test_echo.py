"""The article's cases, done right: each of them fails when its promise is broken."""

from fastapi import WebSocketDisconnect

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
