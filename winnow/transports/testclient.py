"""Starlette's TestClient, used bare, with a receive that ends.

Its ``receive`` waits for ever for a service that says nothing. How it waits is private to
Starlette, and read here alone; where it is another way, TestClient stays as it is.
"""

from collections.abc import Callable
from typing import Any

import anyio
from starlette.testclient import WebSocketTestSession

from winnow.transports import deadlock


def end_deadlocks(timeout: float) -> None:
    """Make every TestClient of this process raise Deadlock if nothing can come within ``timeout`` seconds."""
    original: Callable[[WebSocketTestSession], Any] = WebSocketTestSession.receive

    def receive(session: WebSocketTestSession) -> Any:
        try:
            take, call = session._send_rx.receive_nowait, session.portal.call
        except AttributeError:
            return original(session)
        return call(deadlock.receive, take, anyio.WouldBlock, timeout)

    WebSocketTestSession.receive = receive  # type: ignore[method-assign, assignment]
