"""Run one server in its own process for a benchmark."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.server import listen
from tests.support.server_process import ServerProcess, clean_environment

APPS = "bench.serving.apps:"
NO_LIMITS = {  # a benchmark sends more than a client may
    "max_messages_per_second": 1_000_000_000,
    "max_connections": 1_000_000,
    "max_connections_per_user": 1_000_000,
}
WEBSOCKETS = {"app": "websockets"}  # the server of the library websockets
BARE, PLAIN, ARTICLE, LOOP, FAN_OUT = (
    {"app": APPS + name} for name in ("bare", "plain", "article", "loop", "fan_out")
)


@contextmanager
def serving(options: dict[str, Any] | None = None, **settings: object) -> Iterator[ServerProcess]:
    """Run the service; the options replace some of uvicorn's.

    The socket listens before the process starts, so that a client that is early waits.
    """
    with tempfile.NamedTemporaryFile() as log, listen("127.0.0.1", 0) as listener:
        arguments = [str(listener.fileno()), json.dumps(options or {})]
        command = [sys.executable, "-m", "bench.serving.child", *arguments]
        environment = clean_environment(**NO_LIMITS | settings)
        with ServerProcess(command, Path(log.name), environment, [listener.fileno()]) as server:
            server.port = listener.getsockname()[1]
            listener.close()  # a client of a server that has failed must not wait
            try:
                yield server
            finally:
                if server.failed():
                    print(server.log(), file=sys.stderr)
