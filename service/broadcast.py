"""Broadcast: one text to many connections, so that a slow consumer does not delay the others.

``send`` of an ASGI server returns at once until a client stops reading; then it waits (backpressure), and
a loop over all connections would wait with it. Here the loop runs in a task. When a send has to wait, that
task stays with its connection, and a new task goes on with the next one. Later texts wait in the queue of
the slow consumer, in their order. The queue is bounded in bytes: a consumer that falls behind further is
disconnected with 1013. The caller of ``broadcast`` never waits.

The trade-off: a task for each connection and text, or a queue and a task for each connection, would be
simpler, but at least a tenth slower than a plain loop. ``nox -s bench -- sending`` measures it.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect, status

logger = logging.getLogger(__name__)
TOO_SLOW = status.WS_1013_TRY_AGAIN_LATER, "read faster"
FAILED = status.WS_1011_INTERNAL_ERROR, "internal error"
Message = dict[str, str]  # as ASGI sends it
OnFailure = Callable[[int, str], None]  # called with a close code and a reason


class Writer:
    """Sends texts to one connection, in order.

    ``on_failure`` is called with close code and reason when the connection has to be closed.
    """

    def __init__(self, websocket: WebSocket, on_failure: OnFailure, max_queue_bytes: int) -> None:
        self._websocket = websocket
        self._on_failure = on_failure
        self._max_queue_bytes = max_queue_bytes
        self._queue: deque[Message] = deque()
        self._queue_bytes = 0
        self._task: asyncio.Task[Any] | None = None  # while it sends to this connection
        self._closed = False

    async def send(self, message: Message) -> None:
        """Send a message and what is queued in the meantime; or queue it, if another task is sending."""
        if self._closed:
            return
        if self._task:
            self._enqueue(message)
            return
        self._task = asyncio.current_task()
        try:
            await self._websocket.send(message)
            while self._queue:
                await self._websocket.send(self._dequeue())
        except (WebSocketDisconnect, RuntimeError):
            self._closed = True  # the endpoint of this connection notices that too
        except Exception:
            logger.exception("a message could not be sent")
            self._closed = True
            self._on_failure(*FAILED)
        finally:
            self._task = None

    def close(self) -> None:
        """Send nothing more, and forget what is waiting."""
        self._closed = True
        self._queue.clear()
        if self._task:
            self._task.cancel()

    def _enqueue(self, message: Message) -> None:
        size = _size(message)
        if self._queue_bytes + size > self._max_queue_bytes:
            self.close()
            self._on_failure(*TOO_SLOW)
            return
        self._queue.append(message)
        self._queue_bytes += size

    def _dequeue(self) -> Message:
        message = self._queue.popleft()
        self._queue_bytes -= _size(message)
        return message


def broadcast(text: str, writers: Iterable[Writer]) -> None:
    """Send a text to all of these connections, without waiting for any of them."""
    message = {"type": "websocket.send", "text": text}
    loop = asyncio.get_running_loop()
    remaining = deque(writers)
    while remaining:
        if sys.version_info >= (3, 12):  # an eager task runs at once, until it has to wait
            asyncio.Task(_send_to_each(remaining, message), loop=loop, eager_start=True)
        else:
            asyncio.Task(remaining.popleft().send(message), loop=loop)


async def _send_to_each(remaining: deque[Writer], message: Message) -> None:
    while remaining:
        await remaining.popleft().send(message)


def _size(message: Message) -> int:
    return len(message["text"].encode())
