"""The server's half of ASGI for one WebSocket, between the event loop and the thread of the test."""

import asyncio
import queue
from contextlib import suppress

from starlette.types import ASGIApp, Message, Scope

from winnow.transports import TimedOut, deadlock
from winnow.transports.frames import check_close, check_message

NO_ANSWER = {"type": "over"}  # marks the end of the application's messages
SOON = 0.005  # seconds in which nearly every answer arrives; only after that, a deadlock is checked


class Conversation:
    """Both directions of one connection. An application may send only what a frame can contain."""

    def __init__(self, scope: Scope, loop: asyncio.AbstractEventLoop) -> None:
        self.over = False  # the application has returned
        self.end: Message | None = None  # the first close, by either side
        self.error: Exception | None = None  # what the application raised
        self._left = False  # the client has
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._scope = scope
        self._loop = loop

    async def hold(self, app: ASGIApp) -> None:
        """Let the application answer this connection."""
        self._to_app.put_nowait({"type": "websocket.connect"})
        try:
            await app(self._scope, self._to_app.get, self._send)
        except Exception as error:
            self.error = error
        finally:
            self.over = True
            self._from_app.put(NO_ANSWER)

    def tell(self, message: Message) -> None:
        """Pass one message to the application, from the thread of the test."""
        self._loop.call_soon_threadsafe(self._to_app.put_nowait, message)

    def next(self, timeout: float) -> Message:
        """Return the application's next message; raise TimedOut after ``timeout`` seconds, or Deadlock."""
        with suppress(queue.Empty):
            return self._from_app.get(timeout=min(timeout, SOON))
        coroutine = deadlock.receive(self._look, queue.Empty, timeout)
        something = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        with suppress(TimeoutError):
            something.result(timeout)
        something.cancel()
        try:
            return self._from_app.get_nowait()
        except queue.Empty:
            raise TimedOut(f"the service sent nothing within {timeout:g} s") from None

    def leave(self, code: int, reason: str = "") -> None:
        """Disconnect as the client; only the first close counts."""
        self._left = True
        if not self.over:
            self.end = self.end or {"code": code, "reason": reason}
        self.tell({"type": "websocket.disconnect", "code": code, "reason": reason})

    def fail(self, code: int) -> None:
        """Disconnect as the server."""
        self.leave(code)
        self._from_app.put(NO_ANSWER)

    def _look(self) -> None:
        """Raise queue.Empty if the application has sent nothing more."""
        if self._from_app.empty():
            raise queue.Empty

    async def _send(self, message: Message) -> None:
        if self._left:
            raise OSError("the client has left")
        if message["type"] == "websocket.send":
            check_message(message.get("text"), message.get("bytes"))
        if message["type"] == "websocket.close":
            code, reason = message.get("code", 1000), message.get("reason") or ""
            check_close(code, reason)
            self.end = self.end or message
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._from_app.put(message)
        await asyncio.sleep(0)  # like a server that has to wait: other tasks run first
