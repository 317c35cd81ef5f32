"""The limits of one connection: message size, message rate and idle time."""

import asyncio
from collections.abc import Callable

from fastapi import WebSocketException, status

from service.settings import Settings


class TokenBucket:
    """A rate limit: the messages of one second may arrive at once, later ones at the same rate."""

    def __init__(self, rate: int, now: float) -> None:
        self._rate = rate
        self._tokens = float(rate)
        self._updated = now

    def take(self, now: float) -> bool:
        """Take one token at this time, in seconds; return whether there was one."""
        tokens = self._tokens + (now - self._updated) * self._rate
        self._tokens = (tokens if tokens < self._rate else self._rate) - 1
        self._updated = now
        return self._tokens >= 0


class IdleTimer:
    """Calls ``on_idle`` once when no message has arrived for ``seconds``."""

    def __init__(self, seconds: float, on_idle: Callable[[], None]) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._last_message = self._loop.time()
        self._handle = self._loop.call_later(self._seconds, self._check, on_idle)

    def reset(self, now: float) -> None:
        """Record the time of a message; this costs less than a new timer for each message."""
        self._last_message = now

    def cancel(self) -> None:
        """Stop."""
        self._handle.cancel()

    def _check(self, on_idle: Callable[[], None]) -> None:  # kept by the handle alone: no reference cycle
        idle = self._loop.time() - self._last_message
        if idle >= self._seconds:
            on_idle()
        else:
            self._handle = self._loop.call_later(self._seconds - idle, self._check, on_idle)


class MessageLimits:
    """The limits on what a client sends."""

    def __init__(self, settings: Settings, now: float) -> None:
        self._max_bytes = settings.max_message_bytes
        self._rate = settings.max_messages_per_second
        self._bucket = TokenBucket(self._rate, now)

    def check(self, text: str, now: float) -> None:
        """Count a message that arrived at this time.

        Raises  WebSocketException 1009 if it is too long, 1008 if there are too many.
        """
        if len(text.encode()) > self._max_bytes:
            raise WebSocketException(status.WS_1009_MESSAGE_TOO_BIG, f"send at most {self._max_bytes} bytes")
        if not self._bucket.take(now):
            raise WebSocketException(
                status.WS_1008_POLICY_VIOLATION, f"send at most {self._rate} messages a second"
            )
