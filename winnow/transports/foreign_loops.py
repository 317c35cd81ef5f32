"""Detects a queue or a lock that is used on the wrong event loop.

asyncio raises an exception for this, but a test often does not see it: it may occur in a task that is not
awaited, or in an endpoint that turns every exception into a close. The check is private to asyncio. If it
has another name, this module detects nothing, and only the exception remains.
"""

import asyncio
from asyncio import mixins
from functools import wraps
from typing import Any

noticed: dict[asyncio.AbstractEventLoop, str] = {}  # the event loop that was refused, and what asyncio said


def watch() -> None:
    """Start to detect; a second call changes nothing."""
    mixin: Any = getattr(mixins, "_LoopBoundMixin", None)
    original = getattr(mixin, "_get_loop", None)
    if original is None or hasattr(original, "__wrapped__"):
        return

    @wraps(original)
    def get_loop(primitive: Any) -> asyncio.AbstractEventLoop:
        try:
            loop: asyncio.AbstractEventLoop = original(primitive)
        except RuntimeError as error:
            noticed[asyncio.get_running_loop()] = str(error)
            raise
        return loop

    mixin._get_loop = get_loop
