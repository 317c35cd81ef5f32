"""Hostile clients: the service ends their connections, and other clients are not affected."""

import sys
from contextlib import ExitStack, contextmanager

import pytest

from service.protocols import HANDSHAKE_TIMEOUT
from service.server import TCP_USER_TIMEOUT_MS
from tests.support import frames
from tests.support.frames import FIRST_FRAGMENT, LAST_FRAGMENT, NEXT_FRAGMENT, frame
from tests.support.raw_client import RawClient
from tests.support.server_process import TRACEBACK
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and only Linux drops a slow consumer"),
    pytest.mark.timeout(120),
]
SETTINGS = {"max_message_bytes": 65_536}
MIB = 1 << 20
MORE_MEMORY = 8 * MIB  # bytes by which the peak memory may rise during one attack
MANY_CLIENTS_MEMORY = 32 * MIB  # the same, for an attack with a thousand connections
FLOOD = 64 * MIB  # far more than the kernel buffers for a service that does not read
SOON = 2.0  # seconds for a connection, a message and its echo; on a quiet machine it takes 5 ms
DROPPED = TCP_USER_TIMEOUT_MS / 1000 + 5  # seconds until the kernel has dropped a client that reads nothing
PINGS = frame(frames.PING, b"x" * 125) * 500
LONG_TEXT = frame(frames.TEXT, b"x" * 65_536)
HALF_A_REQUEST = b"GET /items/ws HTTP/1.1\r\nHost: localhost\r\n"


@contextmanager
def unharmed(service, more_memory=MORE_MEMORY):
    """Check that the service survives the attack in the block: it stays small, and serves others at once.

    The block gets a stack. A connection on that stack stays open until the service has ended it.
    """
    service.echo()
    peak, logged = service.peak_memory(), len(service.log())
    with ExitStack() as attack:
        yield attack
        seconds = service.echo()
        wait_for(lambda: service.clients() == 0, DROPPED, service.clients)
    grown = service.peak_memory() - peak

    assert seconds < SOON
    assert grown < more_memory
    assert TRACEBACK not in service.log()[logged:]


def test_an_incomplete_handshake_times_out(service):
    """A client that does not complete its handshake in time is disconnected, even if it sends slowly."""
    with unharmed(service, MANY_CLIENTS_MEMORY) as attack:
        clients = [attack.enter_context(RawClient(service.port)) for _ in range(1000)]
        for number, client in enumerate(clients):
            client.write([b"", b"GET /items", HALF_A_REQUEST][number % 3])
        assert service.echo() < SOON

        slow = clients[2]
        wait_for(lambda: slow.write_until_blocked(b"x", 1) == 0, HANDSHAKE_TIMEOUT + SOON)


@pytest.mark.parametrize(
    "start",
    [pytest.param(b"GET /", id="line"), pytest.param(HALF_A_REQUEST + b"X-Long: ", id="headers")],
)
def test_an_endless_request_is_refused(service, start):
    """A request whose first line or headers do not end is refused before it uses much memory."""
    with unharmed(service) as attack:
        client = attack.enter_context(RawClient(service.port))
        client.write(start)
        client.write_until_blocked(b"a" * 65_536, FLOOD)

        wait_for(client.ended, SOON)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        pytest.param(frame(frames.TEXT, b"hello", mask=0), 1002, id="unmasked"),
        pytest.param(frame(frames.TEXT, b"\xff\xfe"), 1007, id="not-utf-8"),
        pytest.param(frame(frames.TEXT, b"?") + frame(frames.TEXT, b"\xff"), 1007, id="second-not-utf-8"),
        pytest.param(
            frame(FIRST_FRAGMENT, b"\xe6") + frame(LAST_FRAGMENT, b"\xff"), 1007, id="fragments-not-utf-8"
        ),
        pytest.param(b"\x81\xff" + (1 << 62).to_bytes(8) + bytes(4), 1009, id="2^62-bytes"),
        pytest.param(frame(frames.CLOSE, (999).to_bytes(2)), 1002, id="close-code-999"),
        pytest.param(frame(frames.CLOSE, (5000).to_bytes(2)), 1002, id="close-code-5000"),
        pytest.param(frame(frames.CLOSE, (1005).to_bytes(2)), 1002, id="reserved-close-code"),
        pytest.param(frame(frames.CLOSE, b"\x03"), 1002, id="half-a-close-code"),
        pytest.param(frame(0x83, b"?"), 1002, id="unknown-opcode"),
        pytest.param(frame(NEXT_FRAGMENT, b"?"), 1002, id="continuation-without-start"),
    ],
)
def test_an_invalid_frame_closes_the_connection(service, wrong, code):
    """A frame that the protocol forbids closes the connection with the close code for its error."""
    with unharmed(service) as attack:
        client = attack.enter_context(service.connect())
        client.write(wrong * 100)

        assert client.close_code() == code


@pytest.mark.parametrize(
    "many",
    [
        pytest.param(frame(frames.PING), id="pings"),
        pytest.param(frame(frames.PONG), id="pongs"),
        pytest.param(frame(FIRST_FRAGMENT) + frame(NEXT_FRAGMENT) * 2000, id="empty-fragments"),
        pytest.param(frame(FIRST_FRAGMENT) + frame(NEXT_FRAGMENT, b"x" * 1000) * 200, id="full-fragments"),
        pytest.param(frame(frames.TEXT), id="empty-texts"),
    ],
)
def test_a_flood_of_frames_ends_the_connection(service, many):
    """A client that sends frames without end is disconnected, even if it reads."""
    with unharmed(service) as attack:
        client = attack.enter_context(service.connect())
        written = client.write_until_blocked(many * (100_000 // len(many) + 1), FLOOD)

        assert written < FLOOD
        wait_for(client.ended, SOON)


def test_a_client_that_sends_without_reading_is_dropped(service):
    """The service stops reading from a client that reads nothing, and then drops it."""
    with unharmed(service) as attack:
        for unread in (PINGS, LONG_TEXT, LONG_TEXT + PINGS):
            client = attack.enter_context(service.connect(receive_buffer=4096))
            client.socket.settimeout(0.5)

            assert client.write_until_blocked(unread, FLOOD) < MORE_MEMORY


def test_a_thousand_unauthenticated_clients_are_refused(service):
    """A thousand handshakes without a token are refused with HTTP status 403."""
    with unharmed(service, MANY_CLIENTS_MEMORY) as attack:
        clients = [attack.enter_context(RawClient(service.port)) for _ in range(1000)]
        for client in clients:
            client.write(frames.upgrade_request(frames.ECHO, token=""))

        assert {client.response().split()[1] for client in clients} == {b"403"}
