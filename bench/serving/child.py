"""The process of one server: ``python -m bench.serving.child SOCKET OPTIONS``, started by ``server.py``."""

import json
import socket
import sys
from typing import Any

import uvicorn
import uvloop
from websockets.asyncio.server import ServerConnection, serve

from service.endpoint import answer
from service.server import make_config
from service.settings import Settings


def main(listener: socket.socket, options: dict[str, Any]) -> None:
    """Serve until the process is ended; the options replace those of the service."""
    if options.get("app") == "websockets":
        uvloop.run(serve_websockets(listener))
        return
    config = make_config(Settings())
    config.factory = "app" not in options
    for name, value in options.items():
        setattr(config, name, value)
    uvicorn.Server(config).run(sockets=[listener])


async def serve_websockets(listener: socket.socket) -> None:
    """Run an echo server of the library ``websockets``."""
    async with serve(echo, sock=listener, compression=None) as server:
        await server.serve_forever()


async def echo(connection: ServerConnection) -> None:
    """Echo every message."""
    async for message in connection:
        await connection.send(answer(str(message)))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2]))
