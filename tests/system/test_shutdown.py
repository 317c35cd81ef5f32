"""The service stops while clients are connected."""

import signal
import sys
from contextlib import ExitStack

import pytest

from service.server import SHUTDOWN_SECONDS
from tests.support.frames import CHAT, ECHO, TEXT, frame

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux drops a slow consumer"),
    pytest.mark.timeout(120),
]
LONG_TEXT = frame(TEXT, b"x" * 65_536)


def test_every_client_receives_1012(service):
    """After SIGTERM the service stops in time, and every client that reads receives close code 1012."""
    with ExitStack() as stack:
        clients = [stack.enter_context(service.connect(path)) for path in [ECHO, CHAT] * 10]
        slow = stack.enter_context(service.connect(receive_buffer=4096))
        slow.socket.settimeout(0.1)
        slow.write_until_blocked(LONG_TEXT, 1 << 26)

        seconds = service.stop(signal.SIGTERM)

        assert seconds < SHUTDOWN_SECONDS
        assert {client.close_code() for client in clients} == {1012}
    assert "Cancel" not in service.log()
