"""Waiting for a service in this process, without waiting in vain.

When its event loop has nothing to do, no timer that ends in time and no thread at work, the
service can only be waiting for its client. If the client waits as well, that is a
deadlock, known at once instead of after a time-out.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from anyio.to_thread import current_default_thread_limiter

from winnow.transports import Deadlock

PAUSE = 0.001  # seconds between looks, where there is something to wait for
# Threads that send nothing of their own accord, by the beginning of their names.
HARMLESS = (
    "MainThread",
    "AnyIO worker thread",
    "asyncio-portal",
    "asyncio_",
    "uvloop_",
    "winnow-",
    "patience",
)


async def receive(get: Callable[[], Any], nothing: type[Exception], patience: float) -> Any:
    """Return what ``get`` gives as soon as it does not raise ``nothing``.

    Raises  Deadlock if it cannot do so within ``patience`` seconds; the caller keeps that time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        try:
            return get()
        except nothing:
            if _idle(loop, deadline):
                raise Deadlock("the service sent nothing, and is waiting for you") from None
        await asyncio.sleep(0 if _busy(loop) else PAUSE)


def _busy(loop: asyncio.AbstractEventLoop) -> bool:
    return bool(getattr(loop, "_ready", ()))


def _idle(loop: asyncio.AbstractEventLoop, deadline: float) -> bool:
    """Tell whether nothing but the client can wake this loop before the deadline; in doubt, say no."""
    ready = getattr(loop, "_ready", None)
    timers = getattr(loop, "_scheduled", None)
    watched = getattr(getattr(loop, "_selector", None), "get_map", None)
    if ready is None or timers is None or watched is None:
        return False  # another kind of loop, whose thoughts are its own
    own_pipe = 1
    return (
        not ready
        and all(timer.cancelled() or timer.when() > deadline for timer in timers)
        and len(watched()) <= own_pipe
        and not _lent_a_thread(loop)
        and all(thread.name.startswith(HARMLESS) for thread in threading.enumerate())
    )


def _lent_a_thread(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether a thread works for a coroutine of this loop: anyio's, or asyncio's own."""
    executor = getattr(loop, "_default_executor", None)
    idle = getattr(getattr(executor, "_idle_semaphore", None), "_value", 0)
    return current_default_thread_limiter().borrowed_tokens > 0 or idle < len(
        getattr(executor, "_threads", ())
    )
