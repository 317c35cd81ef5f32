"""A WebSocket client without a thread: it reads only while the test waits.

The library websockets implements the protocol. A suite opens many connections, and a thread for each
connection takes longer than its messages.
"""

import secrets
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, NegotiationError
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import CONNECTING, OPEN
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from winnow.transports import Closed, Refused, TimedOut
from winnow.transports.errors import NOT_OFFERED
from winnow.transports.handshake import Handshake

PIECE = 65_536  # bytes


class Client:
    """One connection over this socket; no step of it takes longer than ``timeout`` seconds.

    After the handshake, ``subprotocol`` and ``headers`` are those of the response. ``error`` returns the
    application's exception, which the server does not send.
    """

    def __init__(
        self,
        line: socket.socket,
        host: str,
        handshake: Handshake,
        timeout: float,
        error: Callable[[], BaseException | None] = lambda: None,
    ) -> None:
        self.subprotocol: str | None = None
        self.headers = Headers(raw=[])
        self._line = line
        self._timeout = timeout
        self._error = error
        self._handshake = handshake
        offered = [Subprotocol(word) for word in handshake.subprotocols]
        uri = parse_uri(f"ws://{host}{handshake.target}")
        self._protocol = ClientProtocol(uri, subprotocols=offered or None, max_size=None)
        self._frames: deque[Frame] = deque()
        self._message: list[Frame] = []  # the frames so far of an incomplete message
        self._pongs: set[bytes] = set()

    def shake_hands(self) -> None:
        """Open the connection; raise Refused if it fails, with the reason."""
        request = self._protocol.connect()
        for name in self._handshake.names & set(map(str.lower, request.headers)):
            del request.headers[name]
        for name, value in self._handshake.headers:
            request.headers[name] = value
        self._protocol.send_request(request)
        deadline = time.monotonic() + self._timeout
        while self._protocol.state is CONNECTING and not self._protocol.handshake_exc:
            try:
                self._read(deadline)
            except TimedOut:
                raise Refused(reason=f"no answer to the handshake within {self._timeout:g} s") from None
        error = self._protocol.handshake_exc
        if isinstance(error, InvalidStatus):
            raise self._refused(error.response)
        if isinstance(error, NegotiationError):
            raise Refused(reason=NOT_OFFERED)
        if error:
            raise Refused(reason=str(error), error=self._error())
        self.subprotocol = self._protocol.subprotocol

    def send(self, data: bytes, *, text: bool) -> None:
        """Send one frame, unless the service is known to have closed."""
        with suppress(TimedOut):
            if not self._over():
                self._read(0.0)
        if self._protocol.state is not OPEN:
            raise self._closed()
        (self._protocol.send_text if text else self._protocol.send_binary)(data)
        self._flush()

    def send_raw(self, data: bytes) -> None:
        """Send any bytes, even if they are not a WebSocket frame."""
        self._line.settimeout(self._timeout)
        self._line.sendall(data)

    def recv(self, timeout: float) -> str | bytes:
        """Return the next message; raise Closed, or TimedOut."""
        deadline = time.monotonic() + timeout
        while True:
            while self._frames:
                frame = self._frames.popleft()
                self._message.append(frame)
                if frame.fin:
                    return self._whole()
            if self._over():
                raise self._closed()
            try:
                self._read(deadline)
            except TimedOut:
                raise TimedOut(f"the service sent nothing within {timeout:g} s") from None

    def ping(self, timeout: float) -> None:
        """Send a ping and return when its pong has come; raise Closed, or TimedOut."""
        if self._protocol.state is not OPEN:
            raise self._closed()
        payload = secrets.token_bytes(4)
        self._protocol.send_ping(payload)
        deadline = time.monotonic() + timeout
        while payload not in self._pongs:
            if self._over():
                raise self._closed()
            try:
                self._read(deadline)
            except TimedOut:
                raise TimedOut(f"no pong came within {timeout:g} s") from None

    def close(self, code: int, reason: str) -> None:
        """Close with a close handshake, and end the connection, unless that was done already."""
        if self._line.fileno() < 0:
            return
        if self._protocol.state is OPEN:
            self._protocol.send_close(code, reason)
        deadline = time.monotonic() + self._timeout
        with suppress(TimedOut), self._line:
            self._flush()
            while not self._over():
                self._read(deadline)

    def abort(self) -> None:
        """End the connection without a close frame, like a killed client."""
        with suppress(OSError):  # the service may have closed it first
            self._line.shutdown(socket.SHUT_RDWR)

    def _whole(self) -> str | bytes:
        frames, self._message = self._message, []
        data = b"".join(frame.data for frame in frames)
        return data.decode() if frames[0].opcode is Opcode.TEXT else data

    def _over(self) -> bool:
        return self._protocol.close_rcvd is not None or self._protocol.reader.eof

    def _closed(self) -> Closed:
        end = self._protocol.close_rcvd
        return Closed(end.code, end.reason) if end else Closed(1006, error=self._error())

    def _refused(self, response: Response) -> Refused:
        status = response.status_code
        return Refused(
            status=status,
            headers=_headers(response),
            body=bytes(response.body or b""),
            error=self._error() if status == 500 else None,
        )

    def _read(self, deadline: float) -> None:
        """Read the next data; raise TimedOut if nothing arrives by then."""
        self._flush()
        try:
            self._line.settimeout(max(0.0, deadline - time.monotonic()))
            self._take_in()
        except (BlockingIOError, TimeoutError):
            raise TimedOut from None
        self._flush()

    def _take_in(self) -> None:
        """Read once, and process the events."""
        try:
            data = self._line.recv(PIECE)
        except (BlockingIOError, TimeoutError):
            raise
        except OSError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self.headers = _headers(event)
            elif isinstance(event, Frame) and event.opcode is Opcode.PONG:
                self._pongs.add(bytes(event.data))
            elif isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._frames.append(event)

    def _flush(self) -> None:
        """Send the output of the protocol; ignore an error if the service is gone."""
        while pieces := self._protocol.data_to_send():
            for data in pieces:
                try:
                    if data:
                        self._push(memoryview(data))
                    else:
                        self._line.shutdown(socket.SHUT_WR)
                except TimeoutError:
                    raise TimedOut(f"the service took in nothing within {self._timeout:g} s") from None
                except OSError:
                    return

    def _push(self, data: memoryview) -> None:
        """Send all data; read meanwhile, because a service that waits for its client does not read."""
        self._line.settimeout(0.0)
        while data and not self._over():
            try:
                data = data[self._line.send(data) :]
            except BlockingIOError:
                self._wait_to_send()

    def _wait_to_send(self) -> None:
        with selectors.DefaultSelector() as selector:
            reading = 0 if self._protocol.reader.eof else selectors.EVENT_READ
            selector.register(self._line, selectors.EVENT_WRITE | reading)
            events = selector.select(self._timeout)
        if not events:
            raise TimeoutError
        if events[0][1] & selectors.EVENT_READ:
            with suppress(BlockingIOError):
                self._take_in()


def _headers(response: Response) -> Headers:
    pairs = response.headers.raw_items()
    return Headers(
        raw=[(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in pairs]
    )
