"""The exceptions of a conversation, the same on every transport."""

import re
from collections.abc import Mapping

NOT_OFFERED = "the service chose a subprotocol that was not offered"
ANOTHER_LOOP = re.compile(r"different (event )?loop")
ONE_LOOP = (
    "hint: a queue or lock that a module makes belongs to the first event loop that waits on it, and each "
    "transport has its own event loop: let a function make the application with all that it needs, "
    "as docs/connect.md shows"
)


class TransportError(Exception):
    """The base class of all exceptions of a conversation."""


class Refused(TransportError):
    """The handshake failed: with an HTTP ``status``, or, only in process, with a close ``code``.

    status   the HTTP status, or None
    headers  of the HTTP response; names in any case
    body     of the HTTP response
    code     the close code, or None: a network does not transmit it
    reason   of the close, or why there was no answer; ""
    """

    def __init__(
        self,
        *,
        status: int | None = None,
        code: int | None = None,
        reason: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        error: BaseException | None = None,
    ) -> None:
        shown = f"status {status}, code {code}, reason {reason!r}" + (
            f", body {body[:200]!r}" if body else ""
        )
        super().__init__(f"the handshake was refused: {shown}{because(error)}")
        self.status = status
        self.code = code
        self.reason = reason
        self.headers = {} if headers is None else headers
        self.body = body
        self.__cause__ = error


class Closed(TransportError):
    """The service closed the connection; the code 1006 means that there was no close frame."""

    def __init__(self, code: int, reason: str = "", error: BaseException | None = None) -> None:
        super().__init__(f"the connection was closed: code {code}, reason {reason!r}{because(error)}")
        self.code = code
        self.reason = reason
        self.__cause__ = error


class TimedOut(TransportError):
    """The service did not respond in time."""


class Deadlock(TimedOut):
    """The service sent nothing, and cannot send anything in time; detected before the time was over."""


def because(error: BaseException | None) -> str:
    """Return the part of a message that names the application's own exception, if there was one."""
    if error is None:
        return ""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return f"; the application raised {error!r}{advice(str(error))}"


def advice(problem: str) -> str:
    """Return what to do about a problem with several event loops, otherwise nothing."""
    return f"\n  {ONE_LOOP}" if ANOTHER_LOOP.search(problem) else ""
