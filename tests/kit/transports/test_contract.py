"""Everything that ``connect`` and ``http`` offer, with five frameworks and on every transport."""

import contextlib

import pytest

from tests.kit.transports.applications import bare, on_channels, on_fastapi, on_litestar, on_starlette
from winnow.transports import Closed, Refused
from winnow.transports.in_process import InProcessServer

MAKES = {
    "bare": bare,
    "starlette": on_starlette,
    "fastapi": on_fastapi,
    "litestar": on_litestar,
    "channels": on_channels,
}
LARGE = 3_000_000  # bytes: more than clients accept unless they are told to


@pytest.fixture(params=MAKES)
def make(request):
    """What the application is made with."""
    return request.param


@pytest.fixture
def served(make, patient_server):
    """A new application of each make, served over each transport."""
    with patient_server.serve(MAKES[make].make()) as connect:
        yield connect


def test_text_and_bytes_come_back(served):
    """What is sent is what arrives, the empty message and one above a MiB too."""
    messages = ["Hello", "消息 \U0001f600\x00", "", b"\x00\xff", b"", "x" * LARGE, b"x" * LARGE]
    with served("/rooms/a") as ws:
        for message in messages:
            ws.send(message)
            assert ws.recv() == message


def test_much_may_be_sent_before_anything_is_read(served):
    """A client that sends on and on reads meanwhile, as a browser does."""
    with served("/rooms/a") as ws:
        for _ in range(6):
            ws.send("x" * LARGE)

        assert [len(ws.recv()) for _ in range(6)] == [LARGE] * 6


def test_a_subprotocol_is_negotiated(served):
    """The service chooses among those that the client offers, in a keyword or in the header."""
    offers = [{"subprotocols": ["v1", "v2"]}, {"headers": {"sec-websocket-protocol": "v1, v2"}}]
    for offer in offers:
        with served("/rooms/a", **offer) as ws:
            ws.send("who")
            assert (ws.subprotocol, ws.receive_json()["offered"]) == ("v2", ["v1", "v2"])
    with served("/rooms/a", subprotocols=["v1"]) as ws:
        assert ws.subprotocol is None


def test_headers_of_the_acceptance(served):
    """They are read by name, in any case."""
    with served("/rooms/kitchen") as ws:
        assert (ws.headers["x-room"], ws.headers["X-Room"]) == ("kitchen", "kitchen")
        assert ws.headers.get("x-other") is None


def test_what_a_client_asks_for(served):
    """Path, query, headers and cookies arrive as they were meant, repeated or not."""
    with served(
        "/rooms/a b%2Bc-é?tag=1&q=x y",
        query={"tag": ["2", "3"], "path": "p", "headers": "é&="},
        cookies={"theme": "dark"},
        headers={"Cookie": "session=s", "X-Asked": ["one", "two"]},
        empty="",
    ) as ws:
        ws.send("who")

        assert ws.receive_json() == {
            "room": "a b+c-é",
            "query": {"tag": ["1", "2", "3"], "q": ["x y"], "path": ["p"], "headers": ["é&="], "empty": [""]},
            "cookies": {"session": "s", "theme": "dark"},
            "asked": ["one", "two"],
            "offered": [],
        }


def test_json_and_silence(served):
    """A value comes back as it was sent, and nothing after it."""
    with served("/rooms/a") as ws:
        ws.send_json({"text": "消息", "list": [1, None]})

        assert ws.receive_json() == {"text": "消息", "list": [1, None]}
        ws.expect_silence()


def test_a_refusal(served):
    """Code and reason in process; a network shows a status."""
    with pytest.raises(Refused) as refused, served("/closed"):
        pass

    assert (refused.value.code, refused.value.status, refused.value.reason) in [
        (4403, None, "closed"),
        (None, 403, ""),
    ]


def test_a_close_of_the_service(served):
    """Code and reason are told, and messages that came before are not lost."""
    with served("/rooms/a") as ws:
        ws.send("last words")
        ws.send("bye")

        assert ws.recv() == "last words"
        with pytest.raises(Closed) as closed:
            ws.recv()
        assert (closed.value.code, closed.value.reason) == (4321, "enough")


def test_a_crash(served, make):
    """It is a 1006, which names the exception; Litestar itself makes a close of it."""
    with served("/rooms/a") as ws:
        ws.send("crash")
        with pytest.raises(Closed) as closed:
            ws.recv()

    expected = (4500, "Server Error") if make == "litestar" else (1006, "RuntimeError('on purpose')")
    assert (closed.value.code, expected[1] in str(closed.value)) == (expected[0], True)


def test_news_over_http_reach_every_client(served):
    """The HTTP client speaks to the same application, on the same event loop."""
    with served.http() as http, served("/rooms/a") as one, served("/rooms/b") as two:
        for ws in (one, two):
            ws.send("here?")  # who is answered is counted
            ws.recv()

        response = http.post("/say", params={"text": "rain"})
        assert (response.status_code, response.json()) == (200, 2)
        assert (one.recv(), two.recv()) == ("rain", "rain")


def test_who_has_left_is_forgotten(served):
    """When a block ends, the service has finished with the connection."""
    with served("/rooms/a") as ws:
        ws.send("here?")
        ws.recv()
    with served.http() as http:
        assert http.post("/say", params={"text": "rain"}).json() == 0


@pytest.mark.parametrize("live_only", ["ping", "abort", "raw"])
def test_what_only_a_network_has(served, patient_server, live_only):
    """A ping is answered, a cut line ends the conversation; in process it says where to try that."""
    steps = {
        "ping": lambda ws: ws.ping(),
        "abort": lambda ws: ws.abort(),
        "raw": lambda ws: ws.send_raw(PING),
    }
    in_process = isinstance(patient_server, InProcessServer)
    why = pytest.raises(NotImplementedError, match="live-sansio") if in_process else contextlib.nullcontext()

    with served("/rooms/a") as ws, why:
        steps[live_only](ws)
        if live_only != "abort":
            ws.send("still there?")
            assert ws.recv() == "still there?"


PING = b"\x89\x80\x00\x00\x00\x00"
