"""Wait for a condition with a deadline."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

TIMEOUT = 30.0  # seconds for any one step, on a machine that is busy with other things
INTERVAL = 0.01  # seconds between two checks

Found = TypeVar("Found")


def wait_for(
    condition: Callable[[], Found | None],
    seconds: float = TIMEOUT,
    explain: Callable[[], object] = lambda: "",
) -> Found:
    """Return the result of ``condition`` as soon as it is true; raise TimeoutError after the deadline."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {seconds:.1f} s. {explain()}")
        time.sleep(INTERVAL)
    return found


async def wait_until(condition: Callable[[], bool], seconds: float = TIMEOUT) -> None:
    """Return as soon as a condition is true; raise TimeoutError after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {seconds:.1f} s")
        await asyncio.sleep(INTERVAL)
