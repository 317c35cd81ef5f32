"""The fixtures of the tests of the transports."""

from collections.abc import Iterator

import pytest

from tests.kit.services import SHORT
from winnow.transports import IN_PROCESS, LIVE, TRANSPORTS, Server
from winnow.transports.in_process import InProcessServer
from winnow.transports.live import LiveServer

FOR_EVER = 3600.0  # seconds


@pytest.fixture(scope="module", params=TRANSPORTS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of each transport with a short time-out."""
    yield from started(request.param, SHORT)


@pytest.fixture(scope="module", params=TRANSPORTS)
def patient_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of each transport, as a project has it."""
    yield from started(request.param, 5)


@pytest.fixture(scope="module")
def in_process() -> Iterator[Server]:
    """A server without a time-out: only a deadlock ends a wait."""
    yield from started(IN_PROCESS, FOR_EVER)


def started(name: str, timeout: float) -> Iterator[Server]:
    """Start a server, yield it, and end it."""
    server: Server = LiveServer(LIVE[name], timeout) if name in LIVE else InProcessServer(timeout)
    server.start()
    yield server
    server.stop()
    server.join()
