"""What the unittest suite shares: a client, and a receive that ends."""

import unittest
from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession

from service.main import app

TOKEN = "leizishuoceshi"
PATIENCE = 2.0  # seconds

waiting = ThreadPoolExecutor(thread_name_prefix="patience")


class ServiceTestCase(unittest.TestCase):
    """Has a client of the service, in this process: no port, no network."""

    def setUp(self) -> None:
        """Start the very application that servers run."""
        self.client = self.enterContext(TestClient(app))


def receive_text(websocket: WebSocketTestSession) -> str:
    """Return the next text; a close raises WebSocketDisconnect.

    A silent service raises TimeoutError; TestClient alone would wait for ever.
    """
    return waiting.submit(websocket.receive_text).result(PATIENCE)
