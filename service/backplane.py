"""The backplane: workers exchange chat messages, and which users are online.

A backplane delivers notices, which are JSON texts, to every worker, including the sender, in the same
order. One worker needs only ``MemoryBackplane``; several workers need Redis.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol

OnNotice = Callable[[str], None]


class Unavailable(Exception):
    """The backplane cannot publish anything at the moment."""


class Backplane(Protocol):
    """Delivers notices to every worker, in the same order."""

    @property
    def connected(self) -> bool:
        """Whether a notice that is published now will be delivered."""

    async def start(self, on_notice: OnNotice) -> None:
        """Start to deliver; ``on_notice`` is called with each notice."""

    def join(self, user: str) -> None:
        """Add a user of this worker; ``online`` is published if the user was on no worker before."""

    def leave(self, user: str) -> None:
        """Remove a user of this worker; ``offline`` is published if the user is on no other worker."""

    def publish(self, notice: str) -> None:
        """Deliver a notice to every worker; raise Unavailable if that is impossible."""

    async def stop(self) -> None:
        """Remove all users of this worker, and stop."""


class MemoryBackplane:
    """The backplane of a service with one worker: it delivers at once."""

    connected = True

    async def start(self, on_notice: OnNotice) -> None:
        """Start to deliver."""
        self._on_notice = on_notice

    def join(self, user: str) -> None:
        """Publish that this user is online."""
        self._on_notice(notice("online", user=user))

    def leave(self, user: str) -> None:
        """Publish that this user is offline."""
        self._on_notice(notice("offline", user=user))

    def publish(self, notice: str) -> None:
        """Deliver a notice."""
        self._on_notice(notice)

    async def stop(self) -> None:
        """Do nothing, because no users are left."""


def notice(kind: str, **facts: Any) -> str:
    """Return a notice as JSON; non-ASCII characters are not escaped."""
    return json.dumps({"type": kind, **facts}, ensure_ascii=False)
