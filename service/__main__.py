"""Run the service on this machine: ``python -m service [--port 8000] [--workers 2 --redis-url …]``."""

import argparse
import os
import socket
import sys

from pydantic import ValidationError
from pydantic_settings import SettingsError

from service.settings import DEMONSTRATION_TOKEN, Settings

HOST = "127.0.0.1"
LAST_PORT = 65_535
NO_REDIS = """several workers need Redis: without --redis-url they cannot exchange messages
  hint: add --redis-url redis://127.0.0.1:6379/0; the README says how to start Redis"""


def main(arguments: list[str] | None = None) -> None:
    """Print the addresses, then serve until Ctrl-C."""
    options = parser().parse_args(arguments)
    if options.redis_url:
        os.environ["ECHO_REDIS_URL"] = options.redis_url  # each worker reads its settings there
    settings = read_settings()
    if options.workers > 1 and settings.redis_url is None:
        sys.exit(NO_REDIS)
    if settings.redis_url:
        check_redis(str(settings.redis_url))
    listener = listen(options.port)
    announce(listener.getsockname()[1], settings)
    serve(listener, settings, options.workers)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m service", description="Run the echo service.")
    parser.add_argument(
        "--port", type=port_number, default=8000, help="TCP port, 0 for any free one (default 8000)"
    )
    parser.add_argument(
        "--workers", type=at_least_one, default=1, help="processes; more than one needs Redis (default 1)"
    )
    parser.add_argument("--redis-url", help="Redis for several workers, such as redis://127.0.0.1:6379/0")
    return parser


def port_number(text: str) -> int:
    """Return a TCP port; argparse shows the error."""
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: they go from 0 to {LAST_PORT}")
    return int(text)


def at_least_one(text: str) -> int:
    """Return a number of workers."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of workers: write 1 or more")
    return int(text)


def read_settings() -> Settings:
    """Return the settings from the environment, or exit with an error message."""
    try:
        return Settings()
    except (SettingsError, ValidationError) as error:
        sys.exit(f"an ECHO_… variable cannot be used: {explain(error)}\n  hint: see service/settings.py")


def explain(error: ValueError) -> str:
    """Return the error in one line, without the values, which may be secrets."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return f'{error}, which is written as JSON, such as {{"ada": "a long secret"}}'


def check_redis(url: str) -> None:
    """Check that Redis answers, or exit with an error message."""
    from redis import Redis, RedisError

    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:  # an option in the URL may be invalid
        sys.exit(f"Redis cannot be reached: {error}\n  hint: start it; the README says how")


def listen(port: int) -> socket.socket:
    """Return a listening socket, or exit with an error message."""
    from service import server

    try:
        return server.listen(HOST, port)
    except OSError as error:
        sys.exit(
            f"cannot listen on {HOST}:{port}: {error}\n  hint: try --port {port + 1}, or --port 0 for any"
        )


def announce(port: int, settings: Settings) -> None:
    """Print the addresses of the service, and the demonstration token."""
    token = DEMONSTRATION_TOKEN if settings.demonstration else "…"
    print(f"playground  http://{HOST}:{port}/")
    print(f"chat        http://{HOST}:{port}/chat")
    print(f"WebSocket   ws://{HOST}:{port}/items/ws?token={token}")
    print("Ctrl-C stops the service.", flush=True)


def serve(listener: socket.socket, settings: Settings, workers: int) -> None:
    """Serve until Ctrl-C."""
    from service import server  # here, because a worker imports this module before it has its settings

    try:
        server.serve(listener, settings, workers)
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
