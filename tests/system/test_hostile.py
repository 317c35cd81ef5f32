"""Clients that mean harm: each is got rid of, and nobody else notices."""

import sys
from contextlib import ExitStack, contextmanager

import pytest

from service.protocols import HANDSHAKE_SECONDS
from service.server import STALLED
from tests.system import raw
from tests.system.conftest import TRACEBACK
from tests.system.raw import Client, frame
from tests.system.server import AT_ONCE, wait_for

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux", reason="reads /proc, and a stalled client is dropped by Linux"
    ),
    pytest.mark.timeout(120),
]
SETTINGS = {"max_message_bytes": 65_536}
MIB = 1 << 20
ROOM = 8 * MIB  # bytes by which the most memory ever used may rise under one attack
CROWD = 32 * MIB  # the same, under an attack of a thousand connections
FLOOD = 64 * MIB  # far more than the kernel takes for a service that does not read
DROPPED = STALLED / 1000 + 5  # seconds until the kernel has dropped a client that takes nothing
PINGS = frame(raw.PING, b"x" * 125) * 500
ECHO = frame(raw.TEXT, b"x" * 65_536)
HALF = b"GET /items/ws HTTP/1.1\r\nHost: localhost\r\n"


@contextmanager
def unharmed(service, room=ROOM):
    """See that the service ends what the block begins, stays small, and has time for others.

    What is given to the stack that the block gets stays open until the service has ended it.
    """
    service.echo()
    most, said = service.most_memory(), len(service.log())
    with ExitStack() as attack:
        yield attack
        waited = service.echo()
        wait_for(lambda: service.clients() == 0, DROPPED, service.clients)
    grown = service.most_memory() - most

    assert waited < AT_ONCE
    assert grown < room
    assert TRACEBACK not in service.log()[said:]


def test_half_a_handshake(service):
    """Whoever has not asked for anything in time is turned away, even if a byte comes now and then."""
    with unharmed(service, CROWD) as attack:
        clients = [attack.enter_context(Client(service.port)) for _ in range(1000)]
        for number, client in enumerate(clients):
            client.write([b"", b"GET /items", HALF][number % 3])
        assert service.echo() < AT_ONCE

        slow = clients[2]
        wait_for(lambda: slow.write_until_refused(b"x", 1) == 0, HANDSHAKE_SECONDS + AT_ONCE)


@pytest.mark.parametrize(
    "endless",
    [pytest.param(b"GET /", id="line"), pytest.param(HALF + b"X-Long: ", id="head")],
)
def test_a_request_without_end(service, endless):
    """A request line or a head that does not end is refused before it has filled anything."""
    with unharmed(service) as attack:
        client = attack.enter_context(Client(service.port))
        client.write(endless)
        client.write_until_refused(b"a" * 65_536, FLOOD)

        wait_for(client.ended, AT_ONCE)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        pytest.param(frame(raw.TEXT, b"hello", mask=0), 1002, id="unmasked"),
        pytest.param(frame(raw.TEXT, b"\xff\xfe"), 1007, id="not-utf-8"),
        pytest.param(frame(raw.TEXT, b"?") + frame(raw.TEXT, b"\xff"), 1007, id="not-utf-8-after-a-text"),
        pytest.param(
            frame(raw.FIRST_PART, b"\xe6") + frame(raw.LAST_PART, b"\xff"), 1007, id="not-utf-8-in-parts"
        ),
        pytest.param(b"\x81\xff" + (1 << 62).to_bytes(8) + bytes(4), 1009, id="2^62-bytes"),
        pytest.param(frame(raw.CLOSE, (999).to_bytes(2)), 1002, id="close-code-999"),
        pytest.param(frame(raw.CLOSE, (5000).to_bytes(2)), 1002, id="close-code-5000"),
        pytest.param(frame(raw.CLOSE, (1005).to_bytes(2)), 1002, id="a-close-code-that-is-never-sent"),
        pytest.param(frame(raw.CLOSE, b"\x03"), 1002, id="half-a-close-code"),
        pytest.param(frame(0x83, b"?"), 1002, id="unknown-kind"),
        pytest.param(frame(raw.NEXT_PART, b"?"), 1002, id="next-part-of-nothing"),
    ],
)
def test_a_frame_that_breaks_the_protocol(service, wrong, code):
    """A frame that no client may send ends the connection, with the code for what is wrong."""
    with unharmed(service) as attack:
        client = attack.enter_context(service.connect())
        client.write(wrong * 100)

        assert client.close_code() == code


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(frame(raw.PING), id="pings"),
        pytest.param(frame(raw.PONG), id="pongs"),
        pytest.param(frame(raw.FIRST_PART) + frame(raw.NEXT_PART) * 2000, id="empty-parts"),
        pytest.param(frame(raw.FIRST_PART) + frame(raw.NEXT_PART, b"x" * 1000) * 200, id="full-parts"),
        pytest.param(frame(raw.TEXT), id="empty-texts"),
    ],
)
def test_frames_without_end(service, frames):
    """A client that reads well, but sends more frames than anybody needs, is ended."""
    with unharmed(service) as attack:
        client = attack.enter_context(service.connect())
        taken = client.write_until_refused(frames * (100_000 // len(frames) + 1), FLOOD)

        assert taken < FLOOD
        wait_for(client.ended, AT_ONCE)


def test_clients_that_do_not_read(service):
    """Whoever sends and does not read is read no more, and then dropped."""
    with unharmed(service) as attack:
        for unread in (PINGS, ECHO, ECHO + PINGS):
            client = attack.enter_context(service.connect(keeps=4096))
            client.socket.settimeout(0.5)

            assert client.write_until_refused(unread, FLOOD) < ROOM


def test_a_thousand_strangers(service):
    """A thousand connections without a token are a thousand refusals."""
    with unharmed(service, CROWD) as attack:
        clients = [attack.enter_context(Client(service.port)) for _ in range(1000)]
        for client in clients:
            client.write(raw.handshake("/items/ws", token=""))

        assert {client.answer().split()[1] for client in clients} == {b"403"}
