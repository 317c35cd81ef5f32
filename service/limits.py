"""How one conversation may go on: long messages, many of them, silence, and an end from elsewhere."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from fastapi import WebSocketException, status

from service.settings import Settings

IDLE = status.WS_1001_GOING_AWAY, "nothing was said for too long"


class Limits:
    """The limits of one conversation, which is held in ``async with Limits(settings) as limits``.

    Raises  WebSocketException, out of whatever the conversation waits for: 1001 after too
            long a silence, or what ``end`` was given.
    """

    def __init__(self, settings: Settings) -> None:
        self._longest = settings.max_message_bytes
        self._rate = settings.max_messages_per_second
        self._idle = settings.idle_seconds
        self._allowed = float(self._rate)
        self._timeout = asyncio.timeout(None)
        self._why = IDLE

    async def __aenter__(self) -> Self:
        """Begin to count, and to wait for the first message."""
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(self._idle, self._look)
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Turn an end that was decided here into the reason for it."""
        self._timer.cancel()
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise WebSocketException(*self._why) from None

    def check(self, text: str) -> None:
        """Count a message: a second's worth may come at once, and then one at a time.

        Raises  WebSocketException 1009 for one that is too long, 1008 for one too many.
        """
        if len(text.encode()) > self._longest:
            raise WebSocketException(status.WS_1009_MESSAGE_TOO_BIG, f"send at most {self._longest} bytes")
        now = self._loop.time()
        self._allowed = min(self._rate, self._allowed + (now - self._heard) * self._rate) - 1
        self._heard = now
        if self._allowed < 0:
            raise WebSocketException(
                status.WS_1008_POLICY_VIOLATION, f"send at most {self._rate} messages a second"
            )

    def end(self, code: int, reason: str) -> None:
        """End the conversation, wherever it waits, with this close code and reason."""
        with suppress(RuntimeError):  # it is ending already
            self._timeout.reschedule(self._loop.time())
            self._why = code, reason

    def _look(self) -> None:
        """End a conversation that has been silent; look again later at one that has not."""
        silent = self._loop.time() - self._heard
        if silent >= self._idle:
            self.end(*IDLE)
        else:
            self._timer = self._loop.call_later(self._idle - silent, self._look)
