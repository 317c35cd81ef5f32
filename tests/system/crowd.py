"""Many clients in one process, cheap enough to leave the machine to the service."""

import asyncio
import json
import time

import uvloop

from tests.system.raw import CLOSE, MANY_BYTES, PING, PONG, SEVERAL_BYTES, TEXT, frame, handshake

PATIENCE = 30  # seconds for any one step, on a machine that is busy with other things


def run(story):
    """Run a coroutine to its end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(story)


async def until(fact, seconds=PATIENCE):
    """Return as soon as a fact is true; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"not within {seconds:.1f} s"
        await asyncio.sleep(0.01)


async def enter(port, path, token, heard=lambda _text, _now: None):
    """Return a client whose handshake was accepted."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Member(path, token, heard), "127.0.0.1", port)
    async with asyncio.timeout(PATIENCE):
        return await client.accepted


async def leave(members, politely=True):
    """Let all of these go, and return when they have gone."""
    for member in members:
        if politely:
            member.transport.write(frame(CLOSE, (1000).to_bytes(2)))
        else:
            member.transport.abort()
    await until(lambda: all(member.ended for member in members))


class Member(asyncio.Protocol):
    """A client that takes every frame as it comes; ``heard`` is given each text, and when that was."""

    def __init__(self, path, token, heard):
        self._request = handshake(path, token)
        self._heard = heard
        self._received = b""
        self.accepted = asyncio.get_running_loop().create_future()
        self.close_code = None
        self.ended = False

    def say(self, text):
        """Send a chat message."""
        self.transport.write(frame(TEXT, json.dumps({"type": "message", "text": text}).encode()))

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data):
        now = time.perf_counter()
        self._received += data
        if not self.accepted.done():
            self._read_answer()
        if self.accepted.done():
            self._read_frames(now)

    def connection_lost(self, _error):
        self.ended = True
        if not self.accepted.done():
            self.accepted.set_exception(ConnectionError("there was no answer"))

    def _read_answer(self):
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if end and head.startswith(b"HTTP/1.1 101 "):
            self._received = rest
            self.accepted.set_result(self)
        elif end:
            self.accepted.set_exception(ConnectionError(head.decode()))

    def _read_frames(self, now):
        received, start = self._received, 0
        while (span := measure(received, start)) and len(received) >= span[1]:
            self._take(received[start], received[span[0] : span[1]], now)
            start = span[1]
        self._received = received[start:]

    def _take(self, head, payload, now):
        if head == TEXT:
            self._heard(payload, now)
        elif head == PING:
            self.transport.write(frame(PONG, payload))
        elif head == CLOSE:
            self.close_code = int.from_bytes(payload[:2])


def measure(received, start):
    """Return where the payload of a frame begins and ends, if its head is there."""
    if len(received) < start + 10 and (len(received) < start + 2 or received[start + 1] >= SEVERAL_BYTES):
        return None
    size, begin = received[start + 1], start + 2
    if size == SEVERAL_BYTES:
        size, begin = int.from_bytes(received[begin : begin + 2]), begin + 2
    elif size == MANY_BYTES:
        size, begin = int.from_bytes(received[begin : begin + 8]), begin + 8
    return begin, begin + size
