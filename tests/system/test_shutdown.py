"""The service is told to end while clients are connected."""

import signal
import sys
from contextlib import ExitStack

import pytest

from service.server import LAST_SECONDS
from tests.system import raw
from tests.system.raw import frame

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a stalled client is dropped by Linux"),
    pytest.mark.timeout(120),
]
ECHO = frame(raw.TEXT, b"x" * 65_536)


def test_everybody_is_told(service):
    """SIGTERM ends the service in time, and each client that reads hears 1012, whoever else does not."""
    with ExitStack() as stack:
        clients = [stack.enter_context(service.connect(path)) for path in ["/items/ws", "/chat/ws"] * 10]
        stalled = stack.enter_context(service.connect(keeps=4096))
        stalled.socket.settimeout(0.1)
        stalled.write_until_refused(ECHO, 1 << 26)

        seconds = service.stop(signal.SIGTERM)

        assert seconds < LAST_SECONDS
        assert {client.close_code() for client in clients} == {1012}
    assert "Cancel" not in service.log()
