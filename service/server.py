"""The server that the service is meant for: uvicorn, with options that were measured.

- ``websockets-sansio`` and uvloop carry the most messages a second.
- No compression: it halves the speed and doubles the memory of a connection.
- ``h11`` reads a handshake, and no further than its limit.
- A socket keeps little of what a client does not read, and the kernel (of Linux) drops a client that
  has taken nothing for a while: no server does that by itself.
- ``Handshakes`` and ``Frames`` are uvicorn's own protocols with the limits that it leaves out.
"""

import socket
import sys

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from service.protocols import Frames, Handshakes
from service.settings import Settings

APP = "service.main:create_app"
LONGEST_HANDSHAKE = 16_384  # bytes
UNREAD = 2  # times the limit: a little too long is told by us, far too long is not even read
SEND_BUFFER = 65_536  # bytes that the kernel keeps for a client
STALLED = 5_000  # milliseconds after which the kernel drops a client that takes nothing
LAST_SECONDS = 5  # that clients have when the service stops


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, whose connections inherit its options."""
    listener = socket.create_server((host, port), backlog=2048)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED)
    return listener


def serve(listener: socket.socket, settings: Settings, workers: int = 1) -> None:
    """Run the application on this socket until it is told to stop.

    Every worker makes the application anew, with settings from the environment.
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
        http=Handshakes,
        h11_max_incomplete_event_size=LONGEST_HANDSHAKE,
        ws=Frames,
        ws_max_size=UNREAD * settings.max_message_bytes,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=LAST_SECONDS,
        log_level="info",
        workers=workers,
    )
