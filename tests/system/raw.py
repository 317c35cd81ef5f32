"""A client that can do what no WebSocket library allows: it writes and reads bytes."""

import socket
import struct
from contextlib import suppress

TOKEN = "leizishuoceshi"
PATIENCE = 20.0  # seconds for any one step, on a machine that is busy with other things
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
FIRST_PART, NEXT_PART, LAST_PART = 0x01, 0x00, 0x80  # of a text in fragments
SEVERAL_BYTES, MANY_BYTES = 126, 127  # a length that follows in two bytes, or in eight


def handshake(path, token):
    """Return the request that opens a WebSocket."""
    query = f"?token={token}" if token else ""
    return (
        f"GET {path}{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def frame(head, payload=b"", mask=0x80):
    """Return a frame as a client sends it, masked with nothing but zeros."""
    size = len(payload)
    if size < SEVERAL_BYTES:
        length = bytes([mask | size])
    elif size < 1 << 16:
        length = struct.pack("!BH", mask | SEVERAL_BYTES, size)
    else:
        length = struct.pack("!BQ", mask | MANY_BYTES, size)
    return bytes([head]) + length + (bytes(4) if mask else b"") + payload


class Client:
    """A connection; ``keeps`` limits what the kernel keeps for it, in bytes."""

    def __init__(self, port, keeps=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if keeps:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, keeps)
        self.socket.connect(("127.0.0.1", port))
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def shake_hands(self, path="/items/ws", token=TOKEN):
        """Open a WebSocket."""
        self.write(handshake(path, token))
        assert self.answer().startswith(b"HTTP/1.1 101 ")

    def answer(self):
        """Return the head of an answer to a request."""
        while b"\r\n\r\n" not in self._received:
            self._more()
        head, self._received = self._received.split(b"\r\n\r\n", 1)
        return head

    def write(self, data):
        """Write bytes."""
        self.socket.sendall(data)

    def send(self, text):
        """Send a text."""
        self.write(frame(TEXT, text.encode()))

    def recv(self):
        """Return the next text."""
        head, payload = self.next_frame()
        assert head == TEXT, (head, payload)
        return payload.decode()

    def next_frame(self):
        """Return the first byte of the next frame, and its payload."""
        head, size = self._take(2)
        if size == SEVERAL_BYTES:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == MANY_BYTES:
            (size,) = struct.unpack("!Q", self._take(8))
        return head, self._take(size)

    def close_code(self):
        """Return the code of the next close frame, whatever comes before it."""
        head = None
        while head != CLOSE:
            head, payload = self.next_frame()
        return int.from_bytes(payload[:2])

    def leave(self):
        """Say good-bye, and return when the other side has ended the connection."""
        self.write(frame(CLOSE, (1000).to_bytes(2)))
        self.read_to_the_end()

    def read_to_the_end(self):
        """Read until the other side has ended the connection."""
        while self.socket.recv(1 << 16):
            pass

    def write_until_refused(self, data, most):
        """Write this again and again until the other side takes no more; return how much it took."""
        written, left = 0, data
        with suppress(OSError):
            while written < most:
                sent = self.socket.send(left)
                written, left = written + sent, left[sent:] or data
        return written

    def ended(self):
        """Tell whether the other side has ended the connection."""
        try:
            self.socket.settimeout(0)
            return self.socket.recv(1 << 16) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def _take(self, size):
        while len(self._received) < size:
            self._more()
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def _more(self):
        received = self.socket.recv(1 << 16)
        assert received, f"the connection ended after {self._received!r}"
        self._received += received
