"""The live transports: a real uvicorn in a thread, on a port of its own, and a real client.

One server for each WebSocket implementation is started once and shared: it stays on the
stage while applications take turns, each with its own lifespan.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_connection

from winnow.lifespan import Lifespan
from winnow.transports import Closed, Connect, Refused, Session, TimedOut, request

HOST = "127.0.0.1"
START_TIMEOUT = 10.0  # seconds


class LiveServer:
    """uvicorn with one WebSocket implementation, in a thread of this process."""

    def __init__(self, implementation: str, timeout: float) -> None:
        self._timeout = timeout
        self._stage = _Stage()
        self._socket = socket.create_server((HOST, 0))
        config = uvicorn.Config(
            self._stage, ws=implementation, lifespan="on", log_config=None, ws_per_message_deflate=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def address(self) -> str:
        """Host and port, as in a URL."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def start(self) -> None:
        """Return when the server answers."""
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimedOut(f"the server did not start within {START_TIMEOUT:g} s")
            time.sleep(0.001)

    def stop(self) -> None:
        """Tell the server to end; ``join`` waits until it has."""
        self._server.should_exit = True

    def join(self) -> None:
        """Wait for the server's thread."""
        self._thread.join(START_TIMEOUT)

    @contextmanager
    def serve(self, app: ASGIApp) -> Iterator[Connect]:
        """Put this application on the stage, lifespan included, and yield ``connect``."""
        lifespan = Lifespan(app)
        self._wait(lifespan.start())
        self._stage.enter(app, lifespan.state)
        try:
            yield self._connect
            self._stage.wait_until_empty(self._timeout)
        finally:
            self._wait(lifespan.stop())

    @contextmanager
    def _connect(self, path: str, **options: Any) -> Iterator[Session]:
        target, headers = request(path, **options)
        with ExitStack() as stack:
            with _refusals(self._timeout):
                opened = stack.enter_context(self._open(target, headers))
            yield stack.enter_context(LiveSession(opened, self._stage, self._timeout))

    def _open(self, target: str, headers: dict[str, str]) -> ClientConnection:
        named = headers.pop("Host", self.address)  # whom the client believes to talk to
        return open_connection(
            f"ws://{named}{target}",
            sock=socket.create_connection(self._socket.getsockname(), self._timeout),
            additional_headers=headers,
            open_timeout=self._timeout,
            close_timeout=self._timeout,
            compression=None,
            ping_interval=None,
            proxy=None,
        )

    def _wait(self, coroutine: Any) -> None:
        waiting: Future[None] = asyncio.run_coroutine_threadsafe(coroutine, self._stage.loop)
        waiting.result(START_TIMEOUT)


class LiveSession(Session):
    """A conversation over a real socket."""

    def __init__(self, opened: ClientConnection, stage: "_Stage", timeout: float) -> None:
        super().__init__(timeout)
        self._opened = opened
        self._stage = stage
        self._address = opened.local_address

    def send(self, message: str | bytes) -> None:
        """Send one frame."""
        try:
            self._opened.send(message)
        except ConnectionClosed as end:
            raise _closed(end) from None

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Shake hands for the close, and wait until the application has returned."""
        self._opened.close(code, reason)
        self._stage.wait_until_gone(self._address, self._timeout)

    def abort(self) -> None:
        """Cut the TCP connection, as a lost network does, and wait until the application has returned."""
        self._opened.socket.shutdown(socket.SHUT_RDWR)
        self._stage.wait_until_gone(self._address, self._timeout)

    def _recv(self, timeout: float) -> str | bytes:
        try:
            return self._opened.recv(timeout)
        except TimeoutError:
            raise TimedOut(f"the service sent nothing within {timeout:g} s") from None
        except ConnectionClosed as end:
            raise _closed(end) from None


class _Stage:
    """The ASGI application that uvicorn knows: it hands each connection to whoever plays now."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop
        self._app: ASGIApp
        self._state: dict[str, Any] = {}
        self._connections: set[tuple[str, int]] = set()
        self._changed = threading.Condition()

    def enter(self, app: ASGIApp, state: dict[str, Any]) -> None:
        """Let this application answer from now on."""
        self._app, self._state = app, state

    def wait_until_gone(self, address: tuple[str, int], timeout: float) -> None:
        """Return when the application has finished with the client at this address."""
        with self._changed:
            if not self._changed.wait_for(lambda: address not in self._connections, timeout):
                raise TimedOut(f"the service had not finished {timeout:g} s after the client left")

    def wait_until_empty(self, timeout: float) -> None:
        """Return when the application has finished with every client."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._connections, timeout):
                raise TimedOut(f"the service had not finished {timeout:g} s after every client left")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._own_lifespan(receive, send)
            return
        client = tuple(scope["client"])
        with self._changed:
            self._connections.add(client)
        try:
            await self._app(scope | {"state": self._state.copy()}, receive, send)
        finally:
            with self._changed:
                self._connections.discard(client)
                self._changed.notify_all()

    async def _own_lifespan(self, receive: Receive, send: Send) -> None:
        self.loop = asyncio.get_running_loop()
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})


@contextmanager
def _refusals(timeout: float) -> Iterator[None]:
    try:
        yield
    except InvalidStatus as refusal:
        raise Refused(status=refusal.response.status_code) from None
    except TimeoutError:
        raise Refused(reason=f"no answer to the handshake within {timeout:g} s") from None


def _closed(end: ConnectionClosed) -> Closed:
    return Closed(end.rcvd.code, end.rcvd.reason) if end.rcvd else Closed(1006)
