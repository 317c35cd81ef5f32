"""The live transports: a real uvicorn in a thread, on a free port, and a real client.

One server for each WebSocket implementation is started once; it runs one application after another.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from winnow.transports import Session, TimedOut
from winnow.transports.app_host import Address, Stage, StageServer
from winnow.transports.frames import check_close
from winnow.transports.handshake import Handshake
from winnow.transports.websocket_client import Client

if TYPE_CHECKING:
    import httpx2

HOST = "127.0.0.1"


class LiveServer(StageServer):
    """uvicorn with one WebSocket implementation, in a thread of this process."""

    def __init__(self, implementation: str, timeout: float) -> None:
        super().__init__(implementation, timeout)
        self._socket = socket.create_server((HOST, 0))
        self._config = uvicorn.Config(
            self._stage,
            ws=implementation,
            lifespan="on",
            log_config=None,
            proxy_headers=False,  # the stage identifies clients by their own addresses
            ws_per_message_deflate=False,
        )

    @property
    def address(self) -> str:
        """Host and port, as in a URL."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        return self._config.get_loop_factory()

    async def _stay(self) -> None:
        self._stopped = asyncio.Event()
        await _Server(self._config, self._ready.set, self._stopped).serve([self._socket])

    @contextmanager
    def _connect(self, path: str, **options: Any) -> Iterator[Session]:
        handshake = Handshake.of(path, **options)
        line = socket.create_connection(self._socket.getsockname(), self._timeout)
        address = line.getsockname()  # now, because a closed connection has no address
        client = Client(line, self.address, handshake, self._timeout, lambda: self._stage.error(address))
        try:
            client.shake_hands()
        except Exception:
            line.close()
            with suppress(TimedOut):  # the stage reports it when the test ends
                self._stage.wait_until_gone(address)
            raise
        with LiveSession(client, address, self._stage, self._timeout) as session:
            yield session

    @contextmanager
    def _http(self) -> "Iterator[httpx2.Client]":
        import httpx2

        with httpx2.Client(
            base_url=f"http://{self.address}", timeout=self._timeout, trust_env=False
        ) as client:
            yield client


class _Server(uvicorn.Server):
    """uvicorn, but it stops at once: uvicorn itself polls for its end, and waits for clients."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopped: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopped = stopped

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self._ready()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections:  # such as a browser that keeps its connection open
            await super().shutdown(sockets)
            return
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        await self.lifespan.shutdown()


class LiveSession(Session):
    """A conversation over a real socket."""

    def __init__(self, client: Client, address: Address, stage: Stage, timeout: float) -> None:
        super().__init__(timeout, client.subprotocol, client.headers)
        self._client = client
        self._address = address
        self._stage = stage

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with a close handshake, and wait until the application has returned."""
        check_close(code, reason)
        self._client.close(code, reason)
        self._stage.wait_until_gone(self._address)

    def ping(self, timeout: float | None = None) -> None:
        """Send a ping frame and return when its pong has come."""
        self._client.ping(self._timeout if timeout is None else timeout)

    def send_raw(self, data: bytes) -> None:
        """Send any bytes, even if they are not a WebSocket frame."""
        self._client.send_raw(data)

    def abort(self) -> None:
        """End the TCP connection like a killed client; return when the application has returned."""
        self._client.abort()
        self._stage.wait_until_gone(self._address)

    def _send(self, text: str | None, data: bytes) -> None:
        self._client.send(data, text=text is not None)

    def _recv(self, timeout: float) -> str | bytes:
        return self._client.recv(timeout)

    def _advice(self) -> str:
        return self._stage.advice()
