"""Clients that cost little, so that what is measured is the server."""

import asyncio
import struct
import time
from collections.abc import Callable, Iterable
from typing import cast

from service.settings import DEMONSTRATION_TOKEN

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
COMPRESSED = 0x40  # in the first byte of a frame
TWO_BYTES, EIGHT_BYTES = 126, 127  # a length that follows
PATIENCE = 30.0  # seconds for any one step
TOKEN = DEMONSTRATION_TOKEN
ECHO, CHAT = "/items/ws", "/chat/ws"
Heard = Callable[["Client", bytes, float], None]


def frame(head: int, payload: bytes) -> bytes:
    """Return a frame as a client sends it, masked with nothing but zeros."""
    size = len(payload)
    several = size >= TWO_BYTES
    length = struct.pack("!BH", 0x80 | TWO_BYTES, size) if several else bytes([0x80 | size])
    return bytes([head]) + length + bytes(4) + payload


def handshake(path: str, token: str, header: str = "") -> bytes:
    """Return the request that opens a WebSocket."""
    return (
        f"GET {path}?token={token} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{header}\r\n"
    ).encode()


async def enter(
    port: int, path: str, token: str = TOKEN, heard: Heard | None = None, header: str = ""
) -> "Client":
    """Return a client whose handshake was accepted; ``heard`` is given each message, and when it came."""
    request = handshake(path, token, header)
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(request, heard), "127.0.0.1", port)
    async with asyncio.timeout(PATIENCE):
        await client.accepted
    return client


async def leave(clients: Iterable["Client"]) -> None:
    """Let all of these say good-bye, and return when the server has ended their connections."""
    clients = list(clients)
    for client in clients:
        client.write(frame(CLOSE, (1000).to_bytes(2)))
    async with asyncio.timeout(PATIENCE):
        for client in clients:
            await client.ended


async def until(fact: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Return as soon as a fact is true, or after so many seconds; tell which it was."""
    deadline = time.monotonic() + seconds
    while not fact() and time.monotonic() < deadline:  # noqa: ASYNC110 -- of a fact nobody tells
        await asyncio.sleep(0.01)
    return fact()


class Client(asyncio.Protocol):
    """A client that takes every frame as it comes, and answers pings."""

    def __init__(self, request: bytes, heard: Heard | None) -> None:
        loop = asyncio.get_running_loop()
        self.accepted: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._request = request
        self._heard = heard
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast(asyncio.Transport, transport)
        self.write, self.abort = self._transport.write, self._transport.abort
        self.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take the answer to the handshake, and then frames."""
        now = time.perf_counter()
        self._received += data
        if not self.accepted.done():
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head
            self._received = rest
            self.accepted.set_result(None)
        self._take_frames(now)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's name
        """Tell that it is over."""
        self.ended.set_result(None)
        if not self.accepted.done():
            self.accepted.set_exception(ConnectionError("the server did not answer"))

    def _take_frames(self, now: float) -> None:
        received, start = self._received, 0
        while (begin := _payload(received, start)) and len(received) >= begin[1]:
            head, payload = received[start], received[begin[0] : begin[1]]
            start = begin[1]
            if head == PING:
                self.write(frame(PONG, payload))
            elif head & ~COMPRESSED == TEXT and self._heard:
                self._heard(self, payload, now)
        self._received = received[start:]


def _payload(received: bytes, start: int) -> tuple[int, int] | None:
    """Return where the payload of a frame begins and ends, if its head is there."""
    if len(received) < start + 2:
        return None
    size, begin = received[start + 1], start + 2
    if size < TWO_BYTES:
        return begin, begin + size
    width = 2 if size == TWO_BYTES else 8
    if len(received) < begin + width:
        return None
    size = int.from_bytes(received[begin : begin + width])
    return begin + width, begin + width + size
