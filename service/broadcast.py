"""Broadcast: one text to many connections, so that a slow consumer does not delay the others.

``send`` of an ASGI server returns at once until a client stops reading; then it waits (backpressure), and
a loop over all connections would wait with it. Here each connection has a writer. A text is sent at once;
if that has to wait, later texts wait in the connection's queue, in their order. The queue is bounded in
bytes: a consumer that falls behind further is disconnected with 1013. Whoever broadcasts never waits.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect, status

logger = logging.getLogger(__name__)
TOO_SLOW = status.WS_1013_TRY_AGAIN_LATER, "read faster"
FAILED = status.WS_1011_INTERNAL_ERROR, "internal error"
OnFailure = Callable[[int, str], None]  # called with a close code and a reason
EAGER: dict[str, Any] = (
    {"eager_start": True} if sys.version_info >= (3, 12) else {}
)  # run at once, up to the first wait


class Writer:
    """Sends texts to one connection, in order.

    ``on_failure`` is called with close code and reason when the connection has to be closed.
    """

    def __init__(self, websocket: WebSocket, on_failure: OnFailure, max_queue_bytes: int) -> None:
        self._websocket = websocket
        self._on_failure = on_failure
        self._max_queue_bytes = max_queue_bytes
        self._queue: deque[str] = deque()
        self._queue_bytes = 0
        self._task: asyncio.Task[None] | None = None  # while a text is being sent
        self._closed = False

    def write(self, text: str) -> None:
        """Send a text now, or after those that are waiting already."""
        if self._closed:
            return
        if self._task:
            self._enqueue(text)
            return
        task = _start(self._send(text))
        if not task.done():
            self._task = task

    def close(self) -> None:
        """Send nothing more, and forget what is waiting."""
        self._closed = True
        self._queue.clear()
        if self._task:
            self._task.cancel()

    def _enqueue(self, text: str) -> None:
        size = len(text.encode())
        if self._queue_bytes + size > self._max_queue_bytes:
            self.close()
            self._on_failure(*TOO_SLOW)
            return
        self._queue.append(text)
        self._queue_bytes += size

    def _dequeue(self) -> str:
        text = self._queue.popleft()
        self._queue_bytes -= len(text.encode())
        return text

    async def _send(self, text: str) -> None:
        """Send this text, and what is put into the queue in the meantime."""
        try:
            await self._websocket.send({"type": "websocket.send", "text": text})
            while self._queue:
                await self._websocket.send({"type": "websocket.send", "text": self._dequeue()})
        except (WebSocketDisconnect, RuntimeError):
            self._closed = True  # the endpoint of this connection notices that too
        except Exception:
            logger.exception("a message could not be sent")
            self._closed = True
            self._on_failure(*FAILED)
        finally:
            self._task = None


def broadcast(text: str, writers: Iterable[Writer]) -> None:
    """Send a text to all of these connections, without waiting for any of them."""
    for writer in writers:
        writer.write(text)


def _start(send: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.Task(send, loop=asyncio.get_running_loop(), **EAGER)
