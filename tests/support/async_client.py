"""Many clients in one process: they use little processor time, so most of it is left for the server."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar, cast

import uvloop

from tests.support.frames import (
    CLOSE,
    COMPRESSED,
    NORMAL_CLOSURE,
    PING,
    PONG,
    TEXT,
    TOKEN,
    frame,
    payload_span,
    upgrade_request,
)
from tests.support.waiting import TIMEOUT

AT_ONCE = 100  # connections that are opened at the same time
Result = TypeVar("Result")
OnText = Callable[["AsyncClient", bytes, float], None]


def run(story: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(story)


async def connect(
    port: int, path: str, token: str = TOKEN, on_text: OnText | None = None, headers: str = ""
) -> "AsyncClient":
    """Open a WebSocket; ``on_text`` gets the client, each text message and its time of arrival."""
    request = upgrade_request(path, token, headers)
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: AsyncClient(request, on_text), "127.0.0.1", port)
    async with asyncio.timeout(TIMEOUT):
        await client.accepted
    return client


async def connect_all(opening: Sequence[Coroutine[Any, Any, "AsyncClient"]]) -> list["AsyncClient"]:
    """Open many WebSockets, some of them at the same time."""
    starts = range(0, len(opening), AT_ONCE)
    return [client for n in starts for client in await asyncio.gather(*opening[n : n + AT_ONCE])]


async def close(*clients: "AsyncClient") -> None:
    """Close these connections, and wait until they have ended."""
    for client in clients:
        client.write(frame(CLOSE, NORMAL_CLOSURE))
    await wait_closed(*clients)


async def abort(*clients: "AsyncClient") -> None:
    """End these connections without a close frame."""
    for client in clients:
        client.abort()
    await wait_closed(*clients)


async def wait_closed(*clients: "AsyncClient") -> None:
    """Wait until these connections have ended."""
    async with asyncio.timeout(TIMEOUT):
        for client in clients:
            await client.ended


class AsyncClient(asyncio.Protocol):
    """A client that reads every frame as it arrives, and answers pings."""

    def __init__(self, request: bytes, on_text: OnText | None) -> None:
        loop = asyncio.get_running_loop()
        self.accepted: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._request = request
        self._on_text = on_text
        self._received = b""

    def send(self, text: str) -> None:
        """Send a text message."""
        self.write(frame(TEXT, text.encode()))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast(asyncio.Transport, transport)
        self.write, self.abort = self._transport.write, self._transport.abort
        self.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Read the response to the handshake, and then frames."""
        now = time.perf_counter()
        self._received += data
        if not self.accepted.done():
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.accepted.set_exception(ConnectionError(head.decode()))
                return
            self._received = rest
            self.accepted.set_result(None)
        self._read_frames(now)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's name
        """Record that the connection has ended."""
        self.ended.set_result(None)
        if not self.accepted.done():
            self.accepted.set_exception(ConnectionError("the server did not respond"))

    def _read_frames(self, now: float) -> None:
        received, start = self._received, 0
        while (span := payload_span(received, start)) and len(received) >= span[1]:
            head, payload = received[start], received[span[0] : span[1]]
            start = span[1]
            if head == PING:
                self.write(frame(PONG, payload))
            elif head & ~COMPRESSED == TEXT and self._on_text:
                self._on_text(self, payload, now)
        self._received = received[start:]
