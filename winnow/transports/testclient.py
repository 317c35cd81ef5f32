"""Gives ``receive`` of Starlette's TestClient a time limit.

Without it, ``receive`` waits without end for a service that sends nothing. TestClient keeps messages in
private attributes, which differ between versions of Starlette. Only this module reads them; an unknown
version is not changed.
"""

import queue
from collections.abc import Callable
from typing import Any

import anyio

from winnow.transports import Deadlock, deadlock


def end_deadlocks(timeout: float, on_deadlock: Callable[[Deadlock], None] = lambda _: None) -> None:
    """Make every TestClient of this process raise Deadlock if nothing can arrive within ``timeout`` seconds.

    ``on_deadlock`` is called first, because a test may catch the exception.
    """
    try:
        from starlette.testclient import WebSocketTestSession
    except (ImportError, RuntimeError):  # the project has no HTTP client, so nothing in it uses TestClient
        return
    original = WebSocketTestSession.receive

    def receive(session: WebSocketTestSession) -> Any:
        found = _source(session)
        if found is None:
            return original(session)
        try:
            message = session.portal.call(deadlock.receive, *found, timeout)
        except Deadlock as error:
            on_deadlock(error)
            raise
        if isinstance(message, BaseException):  # an older Starlette: an exception of the service
            raise message
        return message

    WebSocketTestSession.receive = receive  # type: ignore[method-assign, assignment]


def _source(session: Any) -> tuple[Callable[[], Any], type[Exception]] | None:
    """Return the function that takes the next message, and the exception that it raises if there is none."""
    if hasattr(session, "_send_rx"):
        return session._send_rx.receive_nowait, anyio.WouldBlock
    if hasattr(session, "_send_queue"):
        return session._send_queue.get_nowait, queue.Empty
    return None
