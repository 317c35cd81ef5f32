"""The helpers of the unittest suite: test cases with a client, and a receive with a time limit."""

import asyncio
import os
import unittest
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession

from service.main import create_app

TOKEN = "leizishuoceshi"
RECEIVE_TIMEOUT = 2.0  # seconds

receivers = ThreadPoolExecutor(thread_name_prefix="patience")  # the name of threads that only wait


@cache
def service() -> FastAPI:
    """Return the application with its default settings; creating one takes longer than most tests."""
    return create_app()


class DefaultSettings(unittest.TestCase):
    """A test case in which no ``ECHO_`` variable of the shell changes the settings of the service."""

    def setUp(self) -> None:
        """Remove these variables until the test has ended."""
        self.enterContext(patch.dict(os.environ))
        for name in [name for name in os.environ if name.startswith("ECHO_")]:
            del os.environ[name]


class ServiceTestCase(DefaultSettings):
    """A test case with a client of the service in this process: it needs no port and no network."""

    def setUp(self) -> None:
        """Start the application."""
        super().setUp()
        self.client = self.enterContext(TestClient(service()))


class AsyncTestCase(unittest.IsolatedAsyncioTestCase):
    """A test case with an event loop that is not in debug mode, which unittest enables: it is 50 % slower."""

    async def asyncSetUp(self) -> None:
        """Turn the debug mode of the event loop off."""
        asyncio.get_running_loop().set_debug(False)


def receive_text(websocket: WebSocketTestSession) -> str:
    """Return the next text message.

    Raises  WebSocketDisconnect if the service closes the connection,
            TimeoutError if it sends nothing (TestClient itself waits without a limit).
    """
    return receivers.submit(websocket.receive_text).result(RECEIVE_TIMEOUT)


class FakeWebSocket:
    """A fake WebSocket that records the texts sent to it; ``send`` waits while ``reading`` is not set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.received: list[str] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self._error = error

    async def send(self, message: dict[str, str]) -> None:
        await self.reading.wait()
        if self._error:
            raise self._error
        self.received.append(message["text"])


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)
