"""The transport without a network: Starlette's TestClient, with receives that end.

TestClient's own ``receive`` waits for ever. Here the application is wrapped, so that
what it sends also lands in a queue that the test reads with a time-out, and so that it
ends as it would behind a server: an exception becomes 1006 (or 500 before the handshake),
and the session waits for the endpoint's clean-up, which TestClient would cut short.
"""

import asyncio
import math
import queue
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import anyio
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from winnow import waiting
from winnow.stage import StageServer
from winnow.transports import Closed, Refused, Session, TimedOut, request


class InProcessServer(StageServer):
    """One TestClient, on which applications take turns."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout)
        self._client = TestClient(_Followed(self._stage, timeout))

    def start(self) -> None:
        """Start the event loop on which applications run, in a thread of its own."""
        self._client.__enter__()

    def stop(self) -> None:
        """Do nothing: there is no server to tell."""

    def join(self) -> None:
        """End the event loop."""
        self._client.__exit__(None, None, None)

    @contextmanager
    def _connect(self, path: str, **options: Any) -> Iterator[Session]:
        target, headers = request(path, **options)
        with ExitStack() as stack:
            with _refusals():
                opened = stack.enter_context(self._client.websocket_connect(target, headers=headers))
            yield stack.enter_context(InProcessSession(opened, self._stage.loop, self._timeout))


class InProcessSession(Session):
    """A conversation with an application in this process."""

    def __init__(self, opened: WebSocketTestSession, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        super().__init__(timeout)
        self._loop = loop
        self._opened = opened
        self._conversation: _Conversation = opened.scope["winnow"]
        self._end: Message | None = None

    def send(self, message: str | bytes) -> None:
        """Hand the application one message."""
        if self._conversation.over.is_set():
            raise Closed(1006)
        if isinstance(message, str):
            self._opened.send_text(message)
        else:
            self._opened.send_bytes(message)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Disconnect, and wait until the application has returned."""
        self._opened.close(code, reason)
        if not self._conversation.over.wait(self._timeout):
            raise TimedOut(f"the service had not finished {self._timeout:g} s after the client left")

    def _recv(self, timeout: float) -> str | bytes:
        message = self._end or self._next(timeout)
        if message["type"] != "websocket.send":
            self._end = message  # whoever asks again is told again
            raise Closed(message["code"], message["reason"]) from self._conversation.error
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    def _next(self, timeout: float) -> Message:
        sent = self._conversation.sent
        coroutine = waiting.receive(sent.get_nowait, queue.Empty, timeout)
        answer = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            message: Message = answer.result(timeout)
        except TimeoutError:
            answer.cancel()
            raise TimedOut(f"the service sent nothing within {timeout:g} s") from None
        return message


class _Conversation:
    """What an application has said on one connection, for another thread to read."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.answered = False  # the handshake was answered
        self.over = threading.Event()  # the application has returned
        self.error: Exception | None = None

    def note(self, message: Message) -> None:
        """Remember what the application sent."""
        self.answered = True
        if message["type"] == "websocket.close":
            self.sent.put(_close(message.get("code", 1000), message.get("reason")))
        elif message["type"] == "websocket.send":
            self.sent.put(message)

    def ended(self) -> None:
        """Tell the reader that nothing more will come: without a close frame, that is 1006."""
        self.sent.put(_close(1006))
        self.over.set()


class _Followed:
    """An ASGI application whose conversations can be followed, and always end."""

    def __init__(self, app: ASGIApp, timeout: float) -> None:
        self._app = app
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        conversation = scope["winnow"] = _Conversation()
        try:
            await self._converse(conversation, scope, receive, send)
        finally:
            conversation.ended()
        if not conversation.answered:
            await _deny(send, repr(conversation.error))

    async def _converse(
        self, conversation: _Conversation, scope: Scope, receive: Receive, send: Send
    ) -> None:
        with anyio.move_on_after(self._timeout) as handshake:

            async def follow(message: Message) -> None:
                handshake.deadline = math.inf
                conversation.note(message)
                await send(message)

            try:
                await self._app(scope, receive, follow)
            except Exception as error:
                conversation.error = error
        if handshake.cancelled_caught:
            conversation.error = TimedOut(f"no answer to the handshake within {self._timeout:g} s")


async def _deny(send: Send, reason: str) -> None:
    """Answer as a server does for an application that did not: 500."""
    await send({"type": "websocket.http.response.start", "status": 500, "headers": []})
    await send({"type": "websocket.http.response.body", "body": reason.encode()})


def _close(code: int, reason: str | None = None) -> Message:
    return {"type": "websocket.close", "code": code, "reason": reason or ""}


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn the two ways in which TestClient tells of a failed handshake into one."""
    try:
        yield
    except WebSocketDenialResponse as denial:
        raise Refused(status=denial.status_code, reason=denial.text) from None
    except WebSocketDisconnect as refusal:
        raise Refused(code=refusal.code, reason=refusal.reason) from None
