"""One conversation with a client: it enforces the limits, and other code can end it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import WebSocketException, status

from service.limits import IdleTimer, MessageLimits
from service.settings import Settings

CloseReason = tuple[int, str]  # a close code and the reason
IDLE = status.WS_1001_GOING_AWAY, "nothing was said for too long"


class Conversation:
    """Runs the handler of one connection in its own task.

    The task has two benefits. A message resumes the handler directly, without the twenty calls of
    FastAPI around an endpoint. And ``end`` can cancel the handler wherever it waits.
    """

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = MessageLimits(settings, self._loop.time())
        self._idle_timer = IdleTimer(settings.idle_seconds, lambda: self.end(*IDLE))
        self._close_reason: CloseReason | None = None
        self._task: asyncio.Task[None] | None = None

    async def run(self, handler: "Handler") -> None:
        """Run the handler until it returns, or the conversation is ended.

        Raises  WebSocketException with the code and reason passed to ``end``: 1001 after ``idle_seconds``.
        """
        self._task = self._loop.create_task(handler(self))
        try:
            await self._task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if self._close_reason is None or (current and current.cancelling()):
                raise
            raise WebSocketException(*self._close_reason) from None
        finally:
            self._idle_timer.cancel()
            self._task = None  # its exception refers to this frame: a reference cycle

    def count(self, text: str) -> None:
        """Count a message from the client.

        Raises  WebSocketException 1009 if it is too long, 1008 if there are too many.
        """
        now = self._loop.time()
        self._limits.check(text, now)
        self._idle_timer.reset(now)

    def end(self, code: int, reason: str) -> None:
        """End the conversation with this close code and reason; only the first call counts."""
        if self._task and self._close_reason is None:
            self._close_reason = code, reason
            self._task.cancel()


Handler = Callable[[Conversation], Coroutine[Any, Any, None]]
