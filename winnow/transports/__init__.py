"""The interface of a WebSocket conversation, the same on every transport.

::

    with connect("/items/ws", token="…") as ws:   # Refused if the handshake fails
        ws.send("Hello")                          # str or bytes
        ws.recv(timeout=1)                        # TimedOut, or Closed(code, reason)
        ws.expect_silence()                       # the echo of a sentinel came first
        ws.close()

``docs/connect.md`` shows everything that ``connect`` and a session offer, and where transports differ.
"""

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, Self

from winnow.transports.errors import Closed, Deadlock, Refused, TimedOut, TransportError

if TYPE_CHECKING:
    import httpx2
    from starlette.datastructures import Headers
    from starlette.types import ASGIApp

__all__ = ["Closed", "Deadlock", "Refused", "TimedOut", "TransportError"]

IN_PROCESS = "in-process"
LIVE = {"live-sansio": "websockets-sansio", "live-wsproto": "wsproto"}  # transport to uvicorn's `ws`
TRANSPORTS = (IN_PROCESS, *LIVE)
ENDS_WELL = (1000, 1001, 1005)  # close codes that end a loop over messages without an error

Values = Mapping[str, str | Sequence[str]]  # a name, and its value or its values


class Session(ABC):
    """One open connection, as its client sees it.

    ``subprotocol`` is the one that the service chose, or None. ``headers`` are the response headers;
    upper and lower case are equal, and ``headers.getlist(name)`` returns all values of a name. On a
    live transport they include the server's own headers.
    """

    def __init__(self, timeout: float, subprotocol: str | None, headers: "Headers") -> None:
        self.subprotocol = subprotocol
        self.headers = headers
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close; if the test has failed already, an error in closing does not replace its exception."""
        with suppress(Exception) if kind else nullcontext():
            self.close()

    def __iter__(self) -> Iterator[str | bytes]:
        """Yield messages until the service closes with 1000, 1001 or no code; raise Closed for others."""
        while True:
            try:
                yield self.recv()
            except Closed as closed:
                if closed.code in ENDS_WELL:
                    return
                raise

    def send(self, message: str | bytes) -> None:
        """Send a text frame (str) or a binary one (bytes, bytearray, memoryview).

        Raises  Closed if the connection is known to be closed, TypeError for anything but text
                and bytes, UnicodeEncodeError for text that a frame cannot contain.
        """
        if isinstance(message, str):
            self._send(message, message.encode())
        elif isinstance(message, bytes | bytearray | memoryview):
            self._send(None, bytes(message))
        else:
            raise TypeError(f"send takes str or bytes, not {type(message).__name__}: for JSON, use send_json")

    def send_json(self, value: Any) -> None:
        """Send a value as JSON, in a text frame.

        Raises  Closed as ``send`` does, TypeError or ValueError for a value that JSON cannot represent.
        """
        self.send(json.dumps(value, ensure_ascii=False, allow_nan=False))

    def recv(self, timeout: float | None = None) -> str | bytes:
        """Return the next message; raise Closed, or TimedOut after ``timeout`` seconds."""
        try:
            return self._recv(self._timeout if timeout is None else timeout)
        except TransportError as error:
            if self._advice() and self._advice() not in str(error):
                error.add_note(self._advice())
            raise

    def receive_json(self, timeout: float | None = None) -> Any:
        """Return the next message, parsed as JSON.

        Raises  Closed or TimedOut as ``recv`` does, ValueError for a message that is not JSON.
        """
        message = self.recv(timeout)
        try:
            return json.loads(message)
        except ValueError:
            raise ValueError(f"expected JSON, but received {message!r}") from None

    def expect_silence(self) -> None:
        """Assert that no message is on its way: send a sentinel; its reply must be the next message.

        The service must repeat a message in its reply. No time is waited.
        """
        sentinel = f"sentinel-{secrets.token_hex(4)}"
        self.send(sentinel)
        reply = self.recv()
        assert sentinel in str(reply), f"expected silence, but received {reply!r}"

    @abstractmethod
    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection, and return when the service has finished with it.

        Raises  ValueError for a code that is not allowed, or a reason above 123 bytes; TimedOut if the
                service does not finish.
        """

    def ping(self, timeout: float | None = None) -> None:
        """Send a ping frame and return when its pong has come; live transports only.

        Raises  Closed, or TimedOut after ``timeout`` seconds. Messages that arrive first are kept.
        """
        _live_only("ping", timeout)

    def send_raw(self, data: bytes) -> None:
        """Send any bytes, even if they are not a WebSocket frame; live transports only."""
        _live_only("send_raw", data)

    def abort(self) -> None:
        """End the TCP connection without a close frame; live transports only."""
        _live_only("abort")

    @abstractmethod
    def _send(self, text: str | None, data: bytes) -> None:
        """Send this text, whose UTF-8 is ``data``; if ``text`` is None, send ``data`` itself."""

    @abstractmethod
    def _recv(self, timeout: float) -> str | bytes: ...

    @abstractmethod
    def _advice(self) -> str:
        """Return a problem of the application that was detected, otherwise ""."""


def _live_only(name: str, *_: object) -> NoReturn:
    raise NotImplementedError(f"{name} needs a network: mark the test with {', '.join(LIVE)}")


class Connect(Protocol):
    """Opens sessions with one application over one transport."""

    def __call__(
        self,
        path: str,
        *,
        subprotocols: Sequence[str] = (),
        headers: Values | None = None,
        cookies: Mapping[str, str] | None = None,
        query: Values | None = None,
        **keywords: str | Sequence[str],
    ) -> AbstractContextManager[Session]:
        """Open a session; it is closed when the block ends.

        path          begins with "/"; what a URL cannot contain is percent-encoded, "%20" stays unchanged
        subprotocols  the ones that the client offers, the preferred one first
        headers       replace the client's own headers of the same name; a list repeats a header
        cookies       are added to the Cookie header, if there is one
        query         names and values; a list repeats a name
        keywords      the short form of ``query``

        Raises  Refused if the service does not accept, TypeError or ValueError for a value that
                a request cannot contain.
        """

    def http(self) -> AbstractContextManager["httpx2.Client"]:
        """Open an HTTP client of the same application, on the same event loop."""


class Server(Protocol):
    """Serves one application after another over one transport."""

    def start(self) -> None:
        """Return when the server answers."""

    def serve(self, app: "ASGIApp") -> AbstractContextManager[Connect]:
        """Serve this application, lifespan included."""

    def stop(self) -> None:
        """Tell the server to stop."""

    def join(self) -> None:
        """Wait until it has stopped."""
