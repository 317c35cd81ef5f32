"""One way to hold a WebSocket conversation, whatever carries it.

::

    with connect("/items/ws", token="…") as ws:   # Refused if the handshake fails
        ws.send("Hello")                          # str or bytes
        ws.recv(timeout=1)                        # TimedOut, or Closed(code, reason)
        ws.expect_silence()                       # nothing came before a sentinel did
        ws.close()

Keywords of ``connect`` become the query; ``headers`` and ``cookies`` are tables.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlencode

if TYPE_CHECKING:
    from starlette.types import ASGIApp

IN_PROCESS = "in-process"
LIVE = {"live-sansio": "websockets-sansio", "live-wsproto": "wsproto"}  # transport to uvicorn's `ws`
TRANSPORTS = (IN_PROCESS, *LIVE)


class TransportError(Exception):
    """What can go wrong in a conversation, on every transport: catch this to catch them all."""


class Refused(TransportError):
    """The handshake failed: over HTTP with a ``status``, in process perhaps with a close ``code``."""

    def __init__(self, *, status: int | None = None, code: int | None = None, reason: str = "") -> None:
        super().__init__(f"the handshake was refused: status {status}, code {code}, reason {reason!r}")
        self.status = status
        self.code = code
        self.reason = reason


class Closed(TransportError):
    """The service closed the connection; 1006 means without saying so."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"the connection was closed: code {code}, reason {reason!r}")
        self.code = code
        self.reason = reason


class TimedOut(TransportError):
    """The service did not do in time what the client was waiting for."""


class Deadlock(TimedOut):
    """The service sent nothing, and can only be waiting for its client: no time would help."""


class Session(ABC):
    """One open connection, as its client sees it."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close; if the test has failed already, trouble in closing does not hide why."""
        with suppress(Exception) if kind else nullcontext():
            self.close()

    @abstractmethod
    def send(self, message: str | bytes) -> None:
        """Send a text or a binary frame; raise Closed if the connection is known to be over."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        """Return the next message; raise Closed, or TimedOut after so many seconds."""
        return self._recv(self._timeout if timeout is None else timeout)

    def expect_silence(self) -> None:
        """Assert that nothing is on its way, without waiting: send a sentinel, and its reply is next.

        It takes a service that repeats in its reply what it was sent.
        """
        sentinel = f"sentinel-{secrets.token_hex(4)}"
        self.send(sentinel)
        reply = self.recv()
        assert sentinel in str(reply), f"expected silence, but received {reply!r}"

    @abstractmethod
    def close(self, code: int = 1000, reason: str = "") -> None:
        """Say good-bye, and return when the service has finished with this connection."""

    @abstractmethod
    def _recv(self, timeout: float) -> str | bytes: ...


class Connect(Protocol):
    """Opens sessions with one application over one transport."""

    def __call__(
        self,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        **query: str,
    ) -> AbstractContextManager[Session]:
        """Shake hands; the session is closed when the block ends."""


class Server(Protocol):
    """Serves one application after another over one transport."""

    def start(self) -> None:
        """Return when the server answers."""

    def serve(self, app: "ASGIApp") -> AbstractContextManager[Connect]:
        """Let this application answer, lifespan included."""

    def stop(self) -> None:
        """Tell the server to end."""

    def join(self) -> None:
        """Return when it has."""


def request(
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    **query: str,
) -> tuple[str, dict[str, str]]:
    """Return the target (path and query) and the headers of a handshake."""
    target = f"{path}{'&' if '?' in path else '?'}{urlencode(query)}" if query else path
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    return target, dict(headers or {}) | ({"Cookie": cookie} if cookie else {})
