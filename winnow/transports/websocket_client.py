"""A WebSocket client without a thread: it reads when somebody waits for what it would read.

The protocol is the library websockets' own; a test opens many connections, and a thread
for each takes longer than all that the test says.
"""

import socket
import time
from collections import deque
from contextlib import suppress

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import CONNECTING, OPEN
from websockets.uri import parse_uri

from winnow.transports import Closed, Refused, TimedOut

PIECE = 65_536  # bytes


class Client:
    """One connection over this socket; no step of it takes longer than ``timeout`` seconds."""

    def __init__(self, line: socket.socket, url: str, timeout: float) -> None:
        self._line = line
        self._timeout = timeout
        self._protocol = ClientProtocol(parse_uri(url))
        self._frames: deque[Frame] = deque()
        self._message: list[Frame] = []  # the frames so far of one that is not complete

    def shake_hands(self, headers: dict[str, str]) -> None:
        """Open the connection; raise Refused, or what is wrong with the answer."""
        request = self._protocol.connect()
        for name, value in headers.items():
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
            raise Refused(status=error.response.status_code)
        if error:
            raise error

    def send(self, message: str | bytes) -> None:
        """Send one frame, unless the service is known to have closed."""
        with suppress(TimedOut):
            if not self._over():
                self._read(0.0)
        if self._protocol.state is not OPEN:
            raise self._closed()
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)
        self._flush()

    def send_raw(self, data: bytes) -> None:
        """Send bytes that may be no WebSocket frame at all."""
        self._line.sendall(data)

    def recv(self, timeout: float) -> str | bytes:
        """Return the next message; raise Closed, or TimedOut."""
        deadline = time.monotonic() + timeout
        while True:
            while self._frames:
                frame = self._frames.popleft()
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    self._message.append(frame)
                    if frame.fin:
                        return self._whole()
            if self._over():
                raise self._closed()
            try:
                self._read(deadline)
            except TimedOut:
                raise TimedOut(f"the service sent nothing within {timeout:g} s") from None

    def close(self, code: int, reason: str) -> None:
        """Shake hands for the close, and end the connection, if that has not been done."""
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
        """End the connection without a word, as a client that is killed does."""
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
        return Closed(end.code, end.reason) if end else Closed(1006)

    def _read(self, deadline: float) -> None:
        """Take in what comes next; raise TimedOut if nothing does by then."""
        self._flush()
        try:
            self._line.settimeout(max(0.0, deadline - time.monotonic()))
            data = self._line.recv(PIECE)
        except (BlockingIOError, TimeoutError):
            raise TimedOut from None
        except OSError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._frames += (event for event in self._protocol.events_received() if isinstance(event, Frame))
        self._flush()

    def _flush(self) -> None:
        """Say what the protocol has to say; a service that has gone does not hear it."""
        for data in self._protocol.data_to_send():
            try:
                self._line.settimeout(self._timeout)
                if data:
                    self._line.sendall(data)
                else:
                    self._line.shutdown(socket.SHUT_WR)
            except TimeoutError:
                raise TimedOut(f"the service took in nothing within {self._timeout:g} s") from None
            except OSError:
                return
