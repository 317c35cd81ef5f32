"""Waiting for a service in this process, without waiting in vain.

Where no thread is at work, no socket is watched and no timer ends in time, the service can
only be waiting for its client. If the client waits as well, that is a deadlock, known at
once instead of after a time-out.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from winnow.transports import Deadlock
from winnow.transports.activity import Loop, thread_at_work

PAUSE = 0.001  # seconds between looks, where there is something to wait for
LOOKS = 2  # that must find nothing, one after the other


async def receive(get: Callable[[], Any], nothing: type[Exception], patience: float) -> Any:
    """Return what ``get`` gives as soon as it does not raise ``nothing``.

    Raises  Deadlock if it cannot do so within ``patience`` seconds; the caller keeps that time.
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
    """Tell whether nothing but the client can wake this loop before the deadline; in doubt, say no."""
    return loop.idle_until(deadline) and not thread_at_work(loop, deadline)


def _evidence(loop: Loop, patience: float) -> str:
    """Say what the service waits for."""
    timer = loop.next_timer()
    if timer is None:
        return "the service sent nothing, and is waiting for you"
    return (
        f"the service sent nothing, and nothing can come within {patience:g} s: only a timer is pending, "
        f"and it ends in {timer - loop.time():.1f} s"
    )
