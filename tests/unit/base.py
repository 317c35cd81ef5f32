"""What the unittest suite shares: a client, and a receive that ends."""

import asyncio
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


class AsyncTestCase(unittest.IsolatedAsyncioTestCase):
    """Runs on a loop like a server's; unittest's own is debugged, and takes half as long again."""

    async def asyncSetUp(self) -> None:
        """Debug no longer."""
        asyncio.get_running_loop().set_debug(False)


def receive_text(websocket: WebSocketTestSession) -> str:
    """Return the next text; a close raises WebSocketDisconnect.

    A silent service raises TimeoutError; TestClient alone would wait for ever.
    """
    return waiting.submit(websocket.receive_text).result(PATIENCE)


class FakeWebSocket:
    """Remembers what it was sent, as soon as its door is open."""

    def __init__(self, error=None):
        self.heard = []
        self.door = asyncio.Event()
        self.door.set()
        self._error = error

    async def send(self, message):
        await self.door.wait()
        if self._error:
            raise self._error
        self.heard.append(message["text"])


async def settle():
    """Let everybody do what can be done."""
    for _ in range(20):
        await asyncio.sleep(0)
