"""The server of the service: uvicorn, with options that benchmarks selected.

- ``websockets-sansio`` and uvloop carry the most messages a second.
- No compression: it halves the speed and doubles the memory of a connection.
- ``h11`` parses the handshake, because it enforces its size limit.
- The send buffer of a socket is small, and the kernel (of Linux) drops a client that has received
  nothing for some seconds: no ASGI server does that itself.
- ``LimitedHTTPProtocol`` and ``LimitedWebSocketProtocol`` add limits that uvicorn does not have.
"""

import socket
import sys

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from service.protocols import LimitedHTTPProtocol, LimitedWebSocketProtocol
from service.settings import Settings

APP = "service.main:create_app"
MAX_HANDSHAKE_BYTES = 16_384  # bytes
READ_LIMIT_FACTOR = 2  # times the message limit: above that, the server itself closes with 1009
SEND_BUFFER_BYTES = 65_536  # bytes that the kernel buffers for a client
TCP_USER_TIMEOUT_MS = 5_000  # after which the kernel drops a client that receives nothing
SHUTDOWN_SECONDS = 5  # for clients to disconnect when the service stops


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; its connections inherit its options."""
    listener = socket.create_server((host, port), backlog=2048)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)
    return listener


def serve(listener: socket.socket, settings: Settings, workers: int = 1) -> None:
    """Run the application on this socket until a signal stops it.

    Every worker creates its own application, with settings from the environment.
    """
    config = make_config(settings, workers)
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, [listener]).run()


def make_config(settings: Settings, workers: int = 1) -> uvicorn.Config:
    """Return the options of the server."""
    return uvicorn.Config(
        APP,
        factory=True,
        http=LimitedHTTPProtocol,
        h11_max_incomplete_event_size=MAX_HANDSHAKE_BYTES,
        ws=LimitedWebSocketProtocol,
        ws_max_size=READ_LIMIT_FACTOR * settings.max_message_bytes,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        log_level="info",
        workers=workers,
    )
