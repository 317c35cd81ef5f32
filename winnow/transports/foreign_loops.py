"""Notices a queue or a lock that is used on another event loop than its own.

asyncio raises an exception for it, but often where nobody sees it: in a task that nothing awaits, or in
an endpoint that makes a close of any exception. The check is private to asyncio; where it has another
name, nothing is noticed, and the exception is all there is.
"""

import asyncio
from asyncio import mixins
from functools import wraps
from typing import Any

noticed: dict[asyncio.AbstractEventLoop, str] = {}  # the event loop that was refused, and what asyncio said


def watch() -> None:
    """Begin to notice; to begin twice is to begin once."""
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
