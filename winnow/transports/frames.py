"""Checks what a WebSocket frame can contain."""

from websockets.exceptions import ProtocolError
from websockets.frames import Close, Frame, Opcode


def check_message(text: object, data: object) -> None:
    """Check a message of an application: ``data`` in a binary frame, otherwise ``text`` in a text frame.

    Raises  TypeError, or UnicodeEncodeError for half of a surrogate pair.
    """
    if data is None and isinstance(text, str):
        text.encode()
    elif not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"a message is text or bytes, not {text if data is None else data!r}")


def check_close(code: int, reason: str) -> None:
    """Check a close of either side; raise ValueError for an invalid code, or a reason that is too long."""
    try:
        Frame(Opcode.CLOSE, Close(code, reason).serialize()).check()
    except ProtocolError as error:
        raise ValueError(f"no close frame can carry {code} and {reason!r}: {error}") from None
