"""A client that reads and writes bytes, so that it can break the protocol."""

import socket
from contextlib import suppress
from typing import Self

from tests.support.frames import (
    CLOSE,
    ECHO,
    NORMAL_CLOSURE,
    TEXT,
    TOKEN,
    frame,
    payload_span,
    upgrade_request,
)

TIMEOUT = 20.0  # seconds for any one step, on a machine that is busy with other things


class RawClient:
    """A blocking TCP connection; ``receive_buffer`` limits what the kernel buffers for it, in bytes."""

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(TIMEOUT)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def open(self, path: str = ECHO, token: str = TOKEN) -> None:
        """Open a WebSocket."""
        self.write(upgrade_request(path, token))
        assert self.response().startswith(b"HTTP/1.1 101 ")

    def response(self) -> bytes:
        """Return the head of an HTTP response."""
        while b"\r\n\r\n" not in self._received:
            self._read_more()
        head, self._received = self._received.split(b"\r\n\r\n", 1)
        return head

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self.socket.sendall(data)

    def send(self, text: str) -> None:
        """Send a text message."""
        self.write(frame(TEXT, text.encode()))

    def recv(self) -> str:
        """Return the next text message."""
        head, payload = self.next_frame()
        assert head == TEXT, (head, payload)
        return payload.decode()

    def next_frame(self) -> tuple[int, bytes]:
        """Return the first byte and the payload of the next frame."""
        while not (span := payload_span(self._received)) or len(self._received) < span[1]:
            self._read_more()
        head, payload = self._received[0], self._received[slice(*span)]
        self._received = self._received[span[1] :]
        return head, payload

    def close_code(self) -> int:
        """Return the code of the next close frame; skip the frames before it."""
        head = None
        while head != CLOSE:
            head, payload = self.next_frame()
        return int.from_bytes(payload[:2])

    def close(self) -> None:
        """Send a close frame, and wait until the server has ended the connection."""
        self.write(frame(CLOSE, NORMAL_CLOSURE))
        self.read_to_end()

    def read_to_end(self) -> None:
        """Read until the server has ended the connection."""
        while self.socket.recv(1 << 16):
            pass

    def write_until_blocked(self, data: bytes, most: int) -> int:
        """Write the data again and again until the server accepts no more; return how many bytes it took."""
        written, rest = 0, data
        with suppress(OSError):
            while written < most:
                sent = self.socket.send(rest)
                written, rest = written + sent, rest[sent:] or data
        return written

    def ended(self) -> bool:
        """Return whether the server has ended the connection."""
        try:
            self.socket.settimeout(0)
            return self.socket.recv(1 << 16) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def _read_more(self) -> None:
        received = self.socket.recv(1 << 16)
        assert received, f"the connection ended after {self._received!r}"
        self._received += received
