"""The client of the live transports, against a server that the test controls."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.server import ServerProtocol

from winnow.transports import Closed, Refused, TimedOut
from winnow.transports.handshake import Handshake
from winnow.transports.websocket_client import Client

SHORT = 0.2  # seconds


class Played:
    """The server's end, which does what it is told."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.protocol = ServerProtocol()

    def read(self):
        """Return what the client has sent."""
        self.protocol.receive_data(self.line.recv(65_536))
        return self.protocol.events_received()

    def flush(self):
        """Send what the protocol has to say."""
        self.line.sendall(b"".join(self.protocol.data_to_send()))


@pytest.fixture
def ends():
    """A client, and a server that has been sent nothing yet."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        handshake = Handshake.of("/", cookies={"token": "abc"})
        yield Client(ours, "testserver", handshake, SHORT), Played(theirs)


@pytest.fixture
def opened(ends):
    """The same, after the handshake."""
    client, server = ends
    with ThreadPoolExecutor() as other:
        shaken = other.submit(client.shake_hands)
        (request,) = server.read()
        assert request.headers["Cookie"] == "token=abc"
        server.protocol.send_response(server.protocol.accept(request))
        server.flush()
        shaken.result()
    return client, server


def test_a_message_in_pieces_is_one(opened):
    """The frames of a message are joined, even if other frames come between them; a ping is answered."""
    client, server = opened
    server.protocol.send_text("消".encode(), fin=False)
    server.protocol.send_ping(b"there?")
    server.protocol.send_continuation("息".encode(), fin=True)
    server.protocol.send_binary(b"\x00")
    server.flush()

    assert [client.recv(SHORT), client.recv(SHORT)] == ["消息", b"\x00"]
    assert [frame.data for frame in server.read()] == [b"there?"]


def test_half_a_message_is_kept(opened):
    """A receive that ends in the middle of a message loses nothing of it."""
    client, server = opened
    server.protocol.send_text(b"to be ", fin=False)
    server.flush()
    with pytest.raises(TimedOut):
        client.recv(0.05)
    server.protocol.send_continuation(b"or not", fin=True)
    server.flush()

    assert client.recv(SHORT) == "to be or not"


def test_a_known_end_is_told_before_sending(opened):
    """Who sends after the service has closed is told with which code."""
    client, server = opened
    server.protocol.send_close(4321, "enough")
    server.flush()

    with pytest.raises(Closed) as closed:
        client.send(b"anybody?", text=True)
    assert (closed.value.code, closed.value.reason) == (4321, "enough")


def test_a_line_that_is_cut_is_a_1006(opened):
    """No close frame has come."""
    client, server = opened
    server.line.close()

    with pytest.raises(Closed) as closed:
        client.recv(SHORT)
    assert closed.value.code == 1006


def test_a_service_that_does_not_read_does_not_hang_the_test(opened):
    """A send ends too."""
    client, _ = opened

    with pytest.raises(TimedOut, match="the service took in nothing"):
        client.send(b"x" * 10_000_000, text=True)


def test_no_answer_to_the_handshake(ends):
    """A service that says nothing is a refusal, in time."""
    with pytest.raises(Refused, match="no answer to the handshake"):
        ends[0].shake_hands()


def test_an_answer_that_is_no_http(ends):
    """What is wrong with an answer is told."""
    client, server = ends
    server.line.sendall(b"hello?\r\n\r\n")

    with pytest.raises(Refused, match="valid HTTP"):
        client.shake_hands()


def test_closing_twice_is_closing(opened):
    """A test that has closed leaves its block in peace, even where nobody answers the close."""
    client, _ = opened
    client.close(1000, "")
    client.close(1000, "")

    assert client._line.fileno() < 0
