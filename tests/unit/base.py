"""What the unittest suite shares: a client, and a receive that ends."""

import unittest

import anyio
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession

from service.main import app

TOKEN = "leizishuoceshi"
PATIENCE = 2.0  # seconds


class ServiceTestCase(unittest.TestCase):
    """Has a client of the service, in this process: no port, no network."""

    def setUp(self) -> None:
        """Start the very application that servers run."""
        self.client = self.enterContext(TestClient(app))


def receive(websocket: WebSocketTestSession) -> dict[str, object]:
    """Return what the service sends next.

    A silent service raises TimeoutError; TestClient's own ``receive`` would wait for ever.
    """

    async def within_patience() -> dict[str, object]:
        with anyio.fail_after(PATIENCE):
            return await websocket._send_rx.receive()

    return websocket.portal.call(within_patience)


def receive_text(websocket: WebSocketTestSession) -> str:
    """Return the next text; a close raises WebSocketDisconnect."""
    message = receive(websocket)
    websocket._raise_on_close(message)
    return message["text"]
