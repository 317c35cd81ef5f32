"""How one conversation may go on: long messages, many of them, silence, and an end from elsewhere."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import WebSocketException, status

from service.settings import Settings

Why = tuple[int, str]  # a close code and a reason
IDLE = status.WS_1001_GOING_AWAY, "nothing was said for too long"


class Limits:
    """The limits of one conversation, which goes on in ``hold``."""

    def __init__(self, settings: Settings) -> None:
        self._longest = settings.max_message_bytes
        self._rate = settings.max_messages_per_second
        self._idle = settings.idle_seconds
        self._allowed = float(self._rate)
        self._why: Why | None = None
        self._task: asyncio.Task[None] | None = None

    async def hold(self, talk: "Talk") -> None:
        """Let a conversation go on until it ends by itself or is ended from elsewhere.

        It has a task of its own: a message wakes that, and not the twenty calls of FastAPI
        that stand around an endpoint.

        Raises  WebSocketException 1001 after too long a silence, or what ``end`` was given.
        """
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(self._idle, self._look)
        self._task = self._loop.create_task(talk(self))
        try:
            await self._task
        except asyncio.CancelledError:
            waiter = asyncio.current_task()
            if self._why is None or (waiter and waiter.cancelling()):
                raise
            raise WebSocketException(*self._why) from None
        finally:
            self._timer.cancel()
            self._task = None  # its error knows this frame: else only the garbage collector frees both

    def check(self, text: str) -> None:
        """Count a message: a second's worth may come at once, and then one at a time.

        Raises  WebSocketException 1009 for one that is too long, 1008 for one too many.
        """
        if len(text.encode()) > self._longest:
            raise WebSocketException(status.WS_1009_MESSAGE_TOO_BIG, f"send at most {self._longest} bytes")
        now = self._loop.time()
        allowed = self._allowed + (now - self._heard) * self._rate
        self._allowed = (allowed if allowed < self._rate else self._rate) - 1
        self._heard = now
        if self._allowed < 0:
            raise WebSocketException(
                status.WS_1008_POLICY_VIOLATION, f"send at most {self._rate} messages a second"
            )

    def end(self, code: int, reason: str) -> None:
        """End the conversation, wherever it waits, with this close code and reason."""
        if self._task and self._why is None:
            self._why = code, reason
            self._task.cancel()

    def _look(self) -> None:
        """End a conversation that has been silent; look again later at one that has not."""
        silent = self._loop.time() - self._heard
        if silent >= self._idle:
            self.end(*IDLE)
        else:
            self._timer = self._loop.call_later(self._idle - silent, self._look)


Talk = Callable[[Limits], Coroutine[Any, Any, None]]
