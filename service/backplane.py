"""What workers tell each other: who is online, and what was said.

A backplane carries notices, which are JSON texts, to every worker, its own included, in one
order. One process needs no more than ``MemoryBackplane``; several meet in Redis.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol

Hear = Callable[[str], None]


class Unavailable(Exception):
    """The backplane cannot carry anything just now."""


class Backplane(Protocol):
    """Carries notices; what it is told is heard later, by every worker, in the same order."""

    @property
    def connected(self) -> bool:
        """Whether what is published now is carried."""

    async def start(self, hear: Hear) -> None:
        """Begin to carry; each notice is given to ``hear``."""

    def arrive(self, user: str) -> None:
        """Tell that a user has come to this worker: ``online`` is heard if they were nowhere before."""

    def leave(self, user: str) -> None:
        """Tell that a user has left this worker: ``offline`` is heard if they are nowhere else."""

    def publish(self, notice: str) -> None:
        """Let everybody hear this; raise Unavailable if that cannot be."""

    async def stop(self) -> None:
        """Leave with all users of this worker."""


class MemoryBackplane:
    """The backplane of a service with one worker: it hears itself, and at once."""

    connected = True

    async def start(self, hear: Hear) -> None:
        """Begin to carry."""
        self._hear = hear

    def arrive(self, user: str) -> None:
        """Say that this user is online."""
        self._hear(notice("online", user=user))

    def leave(self, user: str) -> None:
        """Say that this user is offline."""
        self._hear(notice("offline", user=user))

    def publish(self, notice: str) -> None:
        """Let everybody hear this."""
        self._hear(notice)

    async def stop(self) -> None:
        """Do nothing: whoever was here has left."""


def notice(kind: str, **facts: Any) -> str:
    """Return a notice as text; the letters of every language stand for themselves."""
    return json.dumps({"type": kind, **facts}, ensure_ascii=False)
