"""The live transports: a real uvicorn in a thread, on a port of its own, and a real client.

One server for each WebSocket implementation is started once; applications take turns on it.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from winnow.transports import Session, TimedOut, request
from winnow.transports.app_host import Stage, StageServer
from winnow.transports.websocket_client import Client

HOST = "127.0.0.1"
START_TIMEOUT = 10.0  # seconds


class LiveServer(StageServer):
    """uvicorn with one WebSocket implementation, in a thread of this process."""

    def __init__(self, implementation: str, timeout: float) -> None:
        super().__init__(timeout)
        self._socket = socket.create_server((HOST, 0))
        config = uvicorn.Config(
            self._stage, ws=implementation, lifespan="on", log_config=None, ws_per_message_deflate=False
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name=f"winnow-{implementation}", daemon=True
        )

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
        self._stage.loop.call_soon_threadsafe(self._server.stopped.set)

    def join(self) -> None:
        """Wait for the server's thread."""
        self._thread.join(START_TIMEOUT)

    @contextmanager
    def _connect(self, path: str, **options: Any) -> Iterator[Session]:
        target, headers = request(path, **options)
        host = next((headers.pop(name) for name in tuple(headers) if name.lower() == "host"), self.address)
        line = socket.create_connection(self._socket.getsockname(), self._timeout)
        address = line.getsockname()  # now, for a connection that has ended has no address
        try:
            client = Client(line, f"ws://{host}{target}", self._timeout)
            client.shake_hands(headers)
        except Exception:
            line.close()
            with suppress(TimedOut):  # the stage tells of it when the test ends
                self._stage.wait_until_gone(address)
            raise
        with LiveSession(client, address, self._stage, self._timeout) as session:
            yield session


class _Server(uvicorn.Server):
    """uvicorn, but it ends at once: its own end is polled for, and waits for clients."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopped = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections:  # a browser, say, that keeps its line open
            await super().shutdown(sockets)
            return
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        await self.lifespan.shutdown()


class LiveSession(Session):
    """A conversation over a real socket."""

    def __init__(self, client: Client, address: tuple[str, int], stage: Stage, timeout: float) -> None:
        super().__init__(timeout)
        self._client = client
        self._address = address
        self._stage = stage

    def send(self, message: str | bytes) -> None:
        """Send one frame."""
        self._client.send(message)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Shake hands for the close, and wait until the application has returned."""
        self._client.close(code, reason)
        self._stage.wait_until_gone(self._address)

    def send_raw(self, data: bytes) -> None:
        """Send bytes that may be no WebSocket frame at all."""
        self._client.send_raw(data)

    def abort(self) -> None:
        """End the TCP connection as a client that is killed does; return when the application has."""
        self._client.abort()
        self._stage.wait_until_gone(self._address)

    def _recv(self, timeout: float) -> str | bytes:
        return self._client.recv(timeout)
