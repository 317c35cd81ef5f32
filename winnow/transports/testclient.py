"""Starlette's TestClient, used bare, with a receive that ends.

Its ``receive`` waits for ever for a service that says nothing. Where it keeps what the service sent is
private to Starlette, differs between its versions, and is read here alone; a version of another make
stays as it is.
"""

import queue
from collections.abc import Callable
from typing import Any

import anyio

from winnow.transports import Deadlock, deadlock


def end_deadlocks(timeout: float, on_deadlock: Callable[[Deadlock], None] = lambda _: None) -> None:
    """Make every TestClient of this process raise Deadlock if nothing can come within ``timeout`` seconds.

    ``on_deadlock`` is called first, for a test may swallow the exception.
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
        if isinstance(message, BaseException):  # an older Starlette: what the service raised
            raise message
        return message

    WebSocketTestSession.receive = receive  # type: ignore[method-assign, assignment]


def _source(session: Any) -> tuple[Callable[[], Any], type[Exception]] | None:
    """Return what takes the next message, and what it raises when there is none."""
    if hasattr(session, "_send_rx"):
        return session._send_rx.receive_nowait, anyio.WouldBlock
    if hasattr(session, "_send_queue"):
        return session._send_queue.get_nowait, queue.Empty
    return None
