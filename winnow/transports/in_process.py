"""The transport without a network: the server's half of ASGI, played by the test itself.

Starlette's TestClient waits for ever for a service that says nothing, raises the service's
own errors into the test, and cuts its clean-up short. Here every wait ends, and a conversation
ends as it would behind a server: an exception is a 1006 (or a 500 before the handshake), and
who leaves waits until the service has finished.
"""

import asyncio
import itertools
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from winnow.transports import Closed, Refused, Session, TimedOut, deadlock, request
from winnow.transports.app_host import Stage, StageServer

HOST = "testserver"
NO_ANSWER = {"type": "over"}  # what is read after the last thing that the application said
SOON = 0.005  # seconds in which nearly every answer comes, before anything is asked about its delay
HANDSHAKE = {
    "Host": HOST,
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class InProcessServer(StageServer):
    """An event loop in a thread of its own, on which applications take turns."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="winnow-in-process", daemon=True)
        self._ports = itertools.count(50_000)  # by which its clients are told apart

    def start(self) -> None:
        """Return when the event loop runs."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Tell the event loop to end."""
        self._stage.loop.call_soon_threadsafe(self._stopped.set)

    def join(self) -> None:
        """Wait for its thread."""
        self._thread.join(self._timeout)

    def _run(self) -> None:
        asyncio.run(self._stay())

    async def _stay(self) -> None:
        self._stage.loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._started.set()
        await self._stopped.wait()

    @contextmanager
    def _connect(self, path: str, **options: Any) -> Iterator[Session]:
        client = "testclient", next(self._ports)
        conversation = _Conversation(_scope(client, *request(path, **options)))
        session = InProcessSession(conversation, client, self._stage, self._timeout)
        session.shake_hands()
        with session:
            yield session


class InProcessSession(Session):
    """A conversation with an application in this process."""

    def __init__(
        self, conversation: "_Conversation", client: tuple[str, int], stage: Stage, timeout: float
    ) -> None:
        super().__init__(timeout)
        self._conversation = conversation
        self._client = client
        self._stage = stage
        self._end: Message | None = None

    def shake_hands(self) -> None:
        """Connect; raise Refused, when the application has finished, if it does not accept."""
        asyncio.run_coroutine_threadsafe(self._conversation.hold(self._stage), self._stage.loop)
        try:
            answer = self._next(self._timeout)
        except TimedOut:
            refusal = Refused(reason=f"no answer to the handshake within {self._timeout:g} s")
        else:
            if answer["type"] == "websocket.accept":
                return
            refusal = self._refused(answer)
        with suppress(TimedOut):  # the stage tells of it when the test ends
            self.close(1006)
        raise refusal

    def send(self, message: str | bytes) -> None:
        """Hand the application one message."""
        if self._end or self._conversation.over:
            raise self._closed()
        self._tell({"type": "websocket.receive", "text" if isinstance(message, str) else "bytes": message})

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Disconnect, and wait until the application has returned."""
        self._conversation.leave(code, reason)
        self._tell({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._stage.wait_until_gone(self._client)

    def _recv(self, timeout: float) -> str | bytes:
        message = self._end or self._next(timeout)
        if message["type"] != "websocket.send":
            self._end = message  # whoever asks again is told again
            raise self._closed() from self._conversation.error
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    def _closed(self) -> Closed:
        end = self._conversation.end
        return Closed(end.get("code", 1000), end.get("reason") or "") if end else Closed(1006)

    def _refused(self, answer: Message) -> Refused:
        if answer["type"] == "websocket.close":
            return Refused(code=answer.get("code", 1000), reason=answer.get("reason") or "")
        return Refused(status=answer.get("status", 500), reason=repr(self._conversation.error or ""))

    def _tell(self, message: Message) -> None:
        self._stage.loop.call_soon_threadsafe(self._conversation.to_app.put_nowait, message)

    def _next(self, timeout: float) -> Message:
        with suppress(queue.Empty):
            return self._conversation.from_app.get(timeout=min(timeout, SOON))
        coroutine = deadlock.receive(self._conversation.look, queue.Empty, timeout)
        something = asyncio.run_coroutine_threadsafe(coroutine, self._stage.loop)
        with suppress(TimeoutError):
            something.result(timeout)
        something.cancel()
        try:
            return self._conversation.from_app.get_nowait()
        except queue.Empty:
            raise TimedOut(f"the service sent nothing within {timeout:g} s") from None


class _Conversation:
    """Both directions of one connection, between the event loop and the thread of the test."""

    def __init__(self, scope: Scope) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.left = False  # the client has
        self.over = False  # the application has returned
        self.end: Message | None = None  # how it was closed first, by whoever did that
        self.error: Exception | None = None
        self._scope = scope

    async def hold(self, app: ASGIApp) -> None:
        """Let the application answer this connection."""
        self.to_app.put_nowait({"type": "websocket.connect"})
        try:
            await app(self._scope, self.to_app.get, self._send)
        except Exception as error:
            self.error = error
        finally:
            self.over = True
            self.from_app.put(NO_ANSWER)

    def look(self) -> None:
        """Raise queue.Empty while the application has said nothing more."""
        if self.from_app.empty():
            raise queue.Empty

    def leave(self, code: int, reason: str) -> None:
        """Note that the client leaves."""
        self.left = True
        if not self.over:
            self.end = self.end or {"code": code, "reason": reason}

    async def _send(self, message: Message) -> None:
        if self.left:
            raise OSError("the client has left")
        if message["type"] == "websocket.close":
            self.end = self.end or message
        self.from_app.put(message)
        await asyncio.sleep(0)  # as a server that has to wait: whoever else can go on does so


def _scope(client: tuple[str, int], target: str, headers: dict[str, str]) -> Scope:
    """Return what a server tells an application of this handshake."""
    path, _, query = target.partition("?")
    named = {name.lower(): value for name, value in (HANDSHAKE | headers).items()}
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "server": (HOST, 80),
        "client": client,
        "root_path": "",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "subprotocols": [word.strip() for word in named.get("sec-websocket-protocol", "").split(",") if word],
        "extensions": {"websocket.http.response": {}},
    }
