"""Run the service on this machine: ``python -m service [--port 8000]``."""

import argparse
import socket
import sys

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError

from service.settings import DEMONSTRATION_TOKEN, Settings

HOST = "127.0.0.1"
LAST_PORT = 65_535
UNREAD = 2  # times the limit: a little too long is told by us, far too long is not even read


def main(arguments: list[str] | None = None) -> None:
    """Serve until Ctrl-C; say the address first."""
    parser = argparse.ArgumentParser(prog="python -m service", description="Run the echo service.")
    parser.add_argument(
        "--port", type=port_number, default=8000, help="TCP port, 0 for any free one (default 8000)"
    )
    port = parser.parse_args(arguments).port
    settings = read_settings()
    listener = listen(port)
    announce(listener.getsockname()[1], settings)
    serve(listener, settings)


def port_number(text: str) -> int:
    """Return a TCP port; argparse makes a sentence of the error."""
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: they go from 0 to {LAST_PORT}")
    return int(text)


def read_settings() -> Settings:
    """Return the settings from the environment, or stop with a sentence."""
    try:
        return Settings()
    except (SettingsError, ValidationError) as error:
        sys.exit(f"an ECHO_… variable cannot be used: {explain(error)}\n  hint: see service/settings.py")


def explain(error: ValueError) -> str:
    """Return the evidence in one line, without the values: they may be secrets."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return f"{error}, which is written as JSON"


def listen(port: int) -> socket.socket:
    """Return a listening socket, or stop with a sentence."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        sys.exit(
            f"cannot listen on {HOST}:{port}: {error}\n  hint: try --port {port + 1}, or --port 0 for any"
        )


def announce(port: int, settings: Settings) -> None:
    """Print where the service is, and how to get in."""
    token = DEMONSTRATION_TOKEN if settings.demonstration else "…"
    print(f"playground  http://{HOST}:{port}/")
    print(f"WebSocket   ws://{HOST}:{port}/items/ws?token={token}")
    print("Ctrl-C stops the service.", flush=True)


def serve(listener: socket.socket, settings: Settings) -> None:
    """Run the application on this socket until it is told to stop."""
    from service.main import create_app  # here: it reads the settings too, and they were explained by now

    config = uvicorn.Config(
        create_app(settings), ws_max_size=UNREAD * settings.max_message_bytes, log_level="info"
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
