"""Detects a deadlock while a test waits for a service in this process.

If no thread is at work, no socket is watched and no timer ends in time, the service can only be
waiting for its client. If the client waits too, that is a deadlock. It is reported at once, not
after a time-out.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from winnow.transports import Deadlock
from winnow.transports.activity import Loop, thread_at_work

PAUSE = 0.001  # seconds between two checks while something is at work
LOOKS = 2  # consecutive checks that must find nothing at work


async def receive(get: Callable[[], Any], nothing: type[Exception], patience: float) -> Any:
    """Return the result of ``get`` as soon as it does not raise ``nothing``.

    Raises  Deadlock if it cannot do so within ``patience`` seconds; the caller limits that time.
    """
    loop = Loop(asyncio.get_running_loop())
    deadline = loop.time() + patience
    idle = 0
    while True:
        try:
            return get()
        except nothing:
            idle = idle + 1 if _idle(loop, deadline) else 0
            if idle == LOOKS:
                raise Deadlock(_evidence(loop, patience)) from None
        await asyncio.sleep(0 if loop.ready else PAUSE)


def _idle(loop: Loop, deadline: float) -> bool:
    """Return whether nothing but the client can wake this loop before the deadline; if unknown, False."""
    return loop.idle_until(deadline) and not thread_at_work(loop, deadline)


def _evidence(loop: Loop, patience: float) -> str:
    """Return what the service waits for."""
    timer = loop.next_timer()
    if timer is None:
        return "the service sent nothing, and is waiting for you"
    return (
        f"the service sent nothing, and nothing can come within {patience:g} s: only a timer is pending, "
        f"and it ends in {timer - loop.time():.1f} s"
    )
