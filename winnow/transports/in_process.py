"""The transport without a network: the test itself does the server's part of ASGI.

Starlette's TestClient waits without end for a service that sends nothing, raises the service's own
errors in the test, and interrupts its clean-up. Here every wait has a time limit, and a conversation
ends as behind a server. An exception closes it with 1006 (or status 500 before the handshake). A client
that disconnects waits until the service has finished.
"""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import Message, Scope

from winnow.transports import Closed, Refused, Session, TimedOut
from winnow.transports.app_host import Address, Stage, StageServer
from winnow.transports.conversation import Conversation
from winnow.transports.errors import NOT_OFFERED
from winnow.transports.frames import check_close
from winnow.transports.handshake import Handshake

if TYPE_CHECKING:
    import httpx2

HOST = "testserver"
MOST = 16 * 1024 * 1024  # bytes of one message: uvicorn's limit
HANDSHAKE = {
    "host": HOST,
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class InProcessServer(StageServer):
    """An event loop in its own thread, which runs one application after another."""

    def __init__(self, timeout: float) -> None:
        super().__init__("in-process", timeout)
        self._ports = itertools.count(50_000)  # identifies its clients

    @contextmanager
    def _connect(self, path: str, **options: Any) -> Iterator[Session]:
        client = "testclient", next(self._ports)
        handshake = Handshake.of(path, **options)
        with _shake_hands(handshake, client, self._stage, self._timeout) as session:
            yield session

    def _http(self) -> "AbstractContextManager[httpx2.Client]":
        from winnow.transports.http import client

        return client(self._stage, ("testclient", next(self._ports)), f"http://{HOST}", self._timeout)


class InProcessSession(Session):
    """A conversation with an application in this process."""

    def __init__(
        self, conversation: Conversation, accepted: Message, client: Address, stage: Stage, timeout: float
    ) -> None:
        super().__init__(timeout, accepted.get("subprotocol"), _headers(accepted))
        self._conversation = conversation
        self._client = client
        self._stage = stage
        self._end: Message | None = None

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Disconnect, and wait until the application has returned."""
        check_close(code, reason)
        self._conversation.leave(code, reason)
        self._stage.wait_until_gone(self._client)

    def _send(self, text: str | None, data: bytes) -> None:
        if self._end or self._conversation.end or self._conversation.over:
            raise self._closed()
        if len(data) > MOST:
            self._conversation.fail(1009)
        elif text is None:
            self._conversation.tell({"type": "websocket.receive", "bytes": data})
        else:
            self._conversation.tell({"type": "websocket.receive", "text": text})

    def _recv(self, timeout: float) -> str | bytes:
        message = self._end or self._conversation.next(timeout)
        if message["type"] != "websocket.send":
            self._end = message  # the next call raises it again
            raise self._closed()
        data: bytes | None = message.get("bytes")
        return str(message["text"]) if data is None else bytes(data)

    def _advice(self) -> str:
        return self._stage.advice()

    def _closed(self) -> Closed:
        end, error = self._conversation.end, self._conversation.error
        return Closed(end.get("code", 1000), end.get("reason") or "") if end else Closed(1006, error=error)


def _shake_hands(handshake: Handshake, client: Address, stage: Stage, timeout: float) -> InProcessSession:
    """Connect; if the application does not accept, raise Refused when it has finished."""
    conversation = Conversation(_scope(client, handshake), stage.loop)
    asyncio.run_coroutine_threadsafe(conversation.hold(stage), stage.loop)
    try:
        answer = conversation.next(timeout)
        chosen = answer.get("subprotocol")
        if answer["type"] == "websocket.accept" and (not chosen or chosen in handshake.subprotocols):
            return InProcessSession(conversation, answer, client, stage, timeout)
        refusal = _refusal(conversation, answer, timeout)
    except TimedOut:
        refusal = Refused(reason=f"no answer to the handshake within {timeout:g} s")
    conversation.leave(1006)
    with suppress(TimedOut):  # the stage reports it when the test ends
        stage.wait_until_gone(client)
    raise refusal


def _refusal(conversation: Conversation, answer: Message, timeout: float) -> Refused:
    if answer["type"] == "websocket.accept":
        return Refused(reason=NOT_OFFERED)
    if answer["type"] == "websocket.close":
        return Refused(code=answer.get("code", 1000), reason=answer.get("reason") or "")
    if answer["type"] != "websocket.http.response.start":
        return Refused(status=500, body=b"Internal Server Error", error=conversation.error)
    body, more = b"", True
    while more and (part := conversation.next(timeout))["type"] == "websocket.http.response.body":
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return Refused(status=answer["status"], headers=_headers(answer), body=body)


def _headers(message: Message) -> Headers:
    return Headers(raw=[(name.lower(), value) for name, value in message.get("headers") or ()])


def _scope(client: Address, handshake: Handshake) -> Scope:
    """Return the ASGI scope of this handshake."""
    path, _, query = handshake.target.partition("?")
    own = [(name, value) for name, value in HANDSHAKE.items() if name not in handshake.names]
    if handshake.subprotocols:
        own.append(("sec-websocket-protocol", ", ".join(handshake.subprotocols)))
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
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in [*own, *handshake.headers]],
        "subprotocols": list(handshake.subprotocols),
        "extensions": {"websocket.http.response": {}},
    }
