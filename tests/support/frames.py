"""The bytes of the WebSocket protocol that a client sends and receives."""

import struct

TOKEN = "leizishuoceshi"  # known to a service without other tokens
ECHO, CHAT = "/items/ws", "/chat/ws"
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A  # the first byte of a frame
FIRST_FRAGMENT, NEXT_FRAGMENT, LAST_FRAGMENT = 0x01, 0x00, 0x80  # of a text
COMPRESSED = 0x40  # a bit in the first byte
TWO_BYTES, EIGHT_BYTES = 126, 127  # the length follows in two bytes, or in eight
NORMAL_CLOSURE = (1000).to_bytes(2)


def upgrade_request(path: str, token: str, headers: str = "") -> bytes:
    """Return the HTTP request that opens a WebSocket."""
    query = f"?token={token}" if token else ""
    return (
        f"GET {path}{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    ).encode()


def frame(head: int, payload: bytes = b"", mask: int = 0x80) -> bytes:
    """Return a frame as a client sends it; the masking key is zero, so the payload stays readable."""
    size = len(payload)
    if size < TWO_BYTES:
        length = bytes([mask | size])
    elif size < 1 << 16:
        length = struct.pack("!BH", mask | TWO_BYTES, size)
    else:
        length = struct.pack("!BQ", mask | EIGHT_BYTES, size)
    return bytes([head]) + length + (bytes(4) if mask else b"") + payload


def payload_span(received: bytes, start: int = 0) -> tuple[int, int] | None:
    """Return where the payload of a server's frame begins and ends, or None if its header is incomplete."""
    if len(received) < start + 2:
        return None
    size, begin = received[start + 1], start + 2
    if size < TWO_BYTES:
        return begin, begin + size
    width = 2 if size == TWO_BYTES else 8
    if len(received) < begin + width:
        return None
    size = int.from_bytes(received[begin : begin + width])
    return begin + width, begin + width + size
