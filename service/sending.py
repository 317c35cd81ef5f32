"""Sending to many, so that nobody waits for anybody.

``send`` of an ASGI server returns at once, until a client stops reading: then it waits, and
a loop over all clients waits with it, for ever. Here one task, the courier, sends to one client
after another. When it has to wait, another courier goes on with the next client; what comes
for the one that is waited for is kept, up to a limit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect, status

logger = logging.getLogger(__name__)
TOO_SLOW = status.WS_1013_TRY_AGAIN_LATER, "read faster"
FAILED = status.WS_1011_INTERNAL_ERROR, "internal error"
Letter = tuple[dict[str, Any], int]  # an ASGI message, and its size in bytes of UTF-8


class Peer:
    """A connection that is sent to; ``end`` is called with code and reason when that cannot go on."""

    def __init__(self, websocket: WebSocket, end: Callable[[int, str], None]) -> None:
        self.websocket = websocket
        self.courier: asyncio.Task[None] | None = None  # who is at its door
        self.gone = False
        self._end = end
        self._kept: deque[Letter] | None = None
        self._size = 0

    def keep(self, letter: Letter, most: int) -> None:
        """Keep a letter until the courier comes back from the door, or end with this peer."""
        if self.gone:
            return
        if self._size + letter[1] > most:
            self.leave()
            self._end(*TOO_SLOW)
            return
        self._kept = self._kept or deque()
        self._kept.append(letter)
        self._size += letter[1]

    def kept(self) -> Iterator[dict[str, Any]]:
        """Yield what was kept, oldest first, and what comes in the meantime."""
        while self._kept:
            message, size = self._kept.popleft()
            self._size -= size
            yield message

    def fail(self) -> None:
        """End with this peer, for a reason of our own."""
        self.gone = True
        self._end(*FAILED)

    def leave(self) -> None:
        """Take nothing any more."""
        self.gone = True
        self._kept = None
        if self.courier:
            self.courier.cancel()


class Sender:
    """Sends texts to peers: each gets them once, in the order of ``send``."""

    def __init__(self, max_backlog_bytes: int) -> None:
        self._most = max_backlog_bytes
        self._post: deque[tuple[Letter, tuple[Peer, ...]]] = deque()
        self._courier: asyncio.Task[None] | None = None  # who carries the post
        self._couriers: set[asyncio.Task[None]] = set()

    def send(self, text: str, peers: Iterable[Peer]) -> None:
        """Send a text to all of these, without waiting for any of them."""
        letter = {"type": "websocket.send", "text": text}, len(text.encode())
        self._post.append((letter, tuple(peers)))
        if self._courier is None:
            self._round = self._deliveries()
            self._send_a_courier()

    def _deliveries(self) -> Iterator[tuple[Peer, Letter]]:
        while self._post:
            letter, peers = self._post.popleft()
            for peer in peers:
                yield peer, letter

    def _send_a_courier(self) -> None:
        self._courier = asyncio.create_task(self._carry())
        self._couriers.add(self._courier)
        self._courier.add_done_callback(self._couriers.discard)
        asyncio.get_running_loop().call_soon(self._look_after, self._courier)

    def _look_after(self, courier: asyncio.Task[None]) -> None:
        """Send another courier if this one, who was to be ready by now, stands at a closed door."""
        if self._courier is courier:
            self._send_a_courier()

    async def _carry(self) -> None:
        """Go from peer to peer; when another has taken over at a closed door, stay there."""
        me = asyncio.current_task()
        for peer, letter in self._round:
            if peer.courier or peer.gone:
                peer.keep(letter, self._most)
                continue
            peer.courier = me
            try:
                await peer.websocket.send(letter[0])
                if self._courier is not me:
                    for message in peer.kept():
                        await peer.websocket.send(message)
            except (WebSocketDisconnect, RuntimeError):
                pass  # its own endpoint hears of that too
            except Exception:
                logger.exception("a message could not be sent")
                peer.fail()
            peer.courier = None
            if self._courier is not me:
                return
        self._courier = None
