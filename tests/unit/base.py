"""The helpers of the unittest suite: test cases with a client, and a receive with a time limit."""

import asyncio
import unittest
from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession

from service.main import app

TOKEN = "leizishuoceshi"
RECEIVE_TIMEOUT = 2.0  # seconds

receivers = ThreadPoolExecutor(thread_name_prefix="patience")  # the name of threads that only wait


class ServiceTestCase(unittest.TestCase):
    """A test case with a client of the service in this process: it needs no port and no network."""

    def setUp(self) -> None:
        """Start the same application that servers run."""
        self.client = self.enterContext(TestClient(app))


class AsyncTestCase(unittest.IsolatedAsyncioTestCase):
    """A test case whose event loop is not in debug mode: unittest turns that on, and it is 50 % slower."""

    async def asyncSetUp(self) -> None:
        """Turn the debug mode of the event loop off."""
        asyncio.get_running_loop().set_debug(False)


def receive_text(websocket: WebSocketTestSession) -> str:
    """Return the next text message.

    Raises  WebSocketDisconnect if the service closes the connection,
            TimeoutError if it sends nothing (TestClient alone waits without end).
    """
    return receivers.submit(websocket.receive_text).result(RECEIVE_TIMEOUT)


class FakeWebSocket:
    """A fake WebSocket that records the texts sent to it; ``send`` waits while it is blocked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.heard: list[str] = []
        self.door = asyncio.Event()
        self.door.set()
        self._error = error

    async def send(self, message: dict[str, str]) -> None:
        await self.door.wait()
        if self._error:
            raise self._error
        self.heard.append(message["text"])


async def settle() -> None:
    """Give every task the time to do all that it can do now."""
    for _ in range(20):
        await asyncio.sleep(0)
