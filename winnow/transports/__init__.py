"""One way to hold a WebSocket conversation, whatever carries it.

::

    with connect("/items/ws", token="…") as ws:   # Refused if the handshake fails
        ws.send("Hello")                          # str or bytes
        ws.recv(timeout=1)                        # TimedOut, or Closed(code, reason)
        ws.expect_silence()                       # nothing came before a sentinel did
        ws.close()

``docs/connect.md`` shows all that ``connect`` and a session offer, and where transports differ.
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

    ``subprotocol`` is the one that the service chose, or None. ``headers`` are those of its
    acceptance: names in any case, ``headers.getlist(name)`` where one is repeated. A live
    transport adds the server's own to them.
    """

    def __init__(self, timeout: float, subprotocol: str | None, headers: "Headers") -> None:
        self.subprotocol = subprotocol
        self.headers = headers
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close; if the test has failed already, trouble in closing does not hide why."""
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

        Raises  Closed if the connection is known to be over, TypeError for anything else than
                text and bytes, UnicodeEncodeError for text that no frame can carry.
        """
        if isinstance(message, str):
            self._send(message, message.encode())
        elif isinstance(message, bytes | bytearray | memoryview):
            self._send(None, bytes(message))
        else:
            raise TypeError(f"send takes str or bytes, not {type(message).__name__}: for JSON, use send_json")

    def send_json(self, value: Any) -> None:
        """Send a value as JSON, in a text frame.

        Raises  Closed as ``send`` does, TypeError or ValueError for what JSON cannot hold.
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
        """Return the next message, read as JSON.

        Raises  Closed or TimedOut as ``recv`` does, ValueError for a message that is no JSON.
        """
        message = self.recv(timeout)
        try:
            return json.loads(message)
        except ValueError:
            raise ValueError(f"expected JSON, but received {message!r}") from None

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
        """Close the connection, and return when the service has finished with it.

        Raises  ValueError for a code that no frame can carry, or a reason above 123 bytes; TimedOut if the
                service does not finish.
        """

    def ping(self, timeout: float | None = None) -> None:
        """Send a ping frame and return when its pong has come; live transports only.

        Raises  Closed, or TimedOut after ``timeout`` seconds. Messages that come first are kept.
        """
        _live_only("ping", timeout)

    def send_raw(self, data: bytes) -> None:
        """Send bytes that may be no WebSocket frame at all; live transports only."""
        _live_only("send_raw", data)

    def abort(self) -> None:
        """End the TCP connection without a close frame; live transports only."""
        _live_only("abort")

    @abstractmethod
    def _send(self, text: str | None, data: bytes) -> None:
        """Send this text, which is ``data`` in UTF-8; or ``data`` itself, where ``text`` is None."""

    @abstractmethod
    def _recv(self, timeout: float) -> str | bytes: ...

    @abstractmethod
    def _advice(self) -> str:
        """Return what may be wrong with the application, if something was noticed; else ""."""


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
        """Shake hands; the session is closed when the block ends.

        path          begins with "/"; what a URL cannot hold is percent-encoded, "%20" stays as it is
        subprotocols  what the client offers, the best first
        headers       replace the client's own of the same name; a list repeats a header
        cookies       are joined to a Cookie header, if there is one
        query         names and values; a list repeats a name
        keywords      the short form of ``query``

        Raises  Refused if the service does not accept, TypeError or ValueError for what no
                request can hold.
        """

    def http(self) -> AbstractContextManager["httpx2.Client"]:
        """Open an HTTP client of the same application, on the same event loop."""


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
