"""The answers that a service may send, and those that a frame cannot contain, on every transport."""

import pytest

from tests.kit.services import accepted, application
from winnow.transports import Closed, Refused

TEXT, CLOSE = {"type": "websocket.send"}, {"type": "websocket.close"}
NO_FRAME = {
    "half a character": TEXT | {"text": "\ud83d"},
    "a table for a text": TEXT | {"text": {"not": "text"}},
    "a number for a text": TEXT | {"text": 5},
    "an unknown code": CLOSE | {"code": 999},
    "a code beyond all codes": CLOSE | {"code": 5000},
}


def answering(*messages, end=None):
    """Make an application that accepts, sends these messages, and raises ``end``."""

    @application
    async def app(scope, receive, send):
        async with accepted(receive, send):
            for message in messages:
                await send(message)
            if end:
                raise end
            while (await receive())["type"] != "websocket.disconnect":
                pass

    return app


def refusing(*messages, end=None):
    """Make an application that sends these messages before it accepts."""

    @application
    async def app(scope, receive, send):
        await receive()
        for message in messages:
            await send(message)
        if end:
            raise end

    return app


def refusal(server, app, **options):
    """Connect, and return how that was refused."""
    with server.serve(app) as connect:
        with pytest.raises(Refused) as refused, connect("/", **options):
            pass
    return refused.value


@pytest.mark.parametrize("message", NO_FRAME.values(), ids=NO_FRAME)
def test_what_no_frame_can_carry(server, message):
    """The service's own send raises, which ends the conversation; what came before is not lost."""
    with server.serve(answering(TEXT | {"text": "before"}, message)) as connect, connect("/") as ws:
        assert ws.recv() == "before"
        with pytest.raises(Closed) as closed:
            ws.recv()

    assert closed.value.code == 1006


@pytest.mark.parametrize("data", [b"\x00", bytearray(b"\x00"), memoryview(b"\x00")], ids=repr)
def test_bytes_alike(server, data):
    """Whatever holds bytes is sent as bytes."""
    with server.serve(answering(TEXT | {"bytes": data})) as connect, connect("/") as ws:
        ws.send(data)

        assert ws.recv() == b"\x00"


@pytest.mark.parametrize("message", [None, 5, {"a": 1}, ["a"], ("a",), object()], ids=repr)
def test_what_is_no_message(server, message):
    """It is refused at once, and says what to use."""
    with server.serve(answering()) as connect, connect("/") as ws:
        with pytest.raises(TypeError, match="send_json"):
            ws.send(message)


@pytest.mark.parametrize(("code", "reason"), [(999, ""), (1006, ""), (5000, ""), (1000, "x" * 124)])
def test_what_no_close_of_the_client_can_carry(server, code, reason):
    """The test is told, and the connection stays; a code of one's own and a reason that fits arrive."""
    ends = []

    @application
    async def app(scope, receive, send):
        async with accepted(receive, send):
            message = await receive()
            ends.append((message["code"], message.get("reason")))

    with server.serve(app) as connect, connect("/") as ws:
        with pytest.raises(ValueError, match="no close frame can carry"):
            ws.close(code, reason)
        ws.close(4999, "x" * 123)

        assert ends == [(4999, "x" * 123)]


@pytest.mark.parametrize("send", ["send", "send_json"])
def test_half_a_character_of_the_client(server, send):
    """No text frame can carry it: the test is told, and the connection stays."""
    with server.serve(answering(TEXT | {"text": "still here"})) as connect, connect("/") as ws:
        with pytest.raises(UnicodeEncodeError):
            getattr(ws, send)("\ud83d")

        assert ws.recv() == "still here"


@pytest.mark.parametrize("value", [float("nan"), {1j}, b"bytes"], ids=repr)
def test_what_json_cannot_hold(server, value):
    """It is refused before it is sent."""
    with server.serve(answering()) as connect, connect("/") as ws, pytest.raises((TypeError, ValueError)):
        ws.send_json(value)


def test_a_message_that_is_no_json(server):
    """It is shown."""
    with server.serve(answering(TEXT | {"text": "<html>"})) as connect, connect("/") as ws:
        with pytest.raises(ValueError, match="expected JSON, but received '<html>'"):
            ws.receive_json()


@pytest.mark.parametrize("code", [1000, 1001])
def test_a_loop_over_messages_ends(server, code):
    """It ends with the conversation, if that ends well."""
    messages = [TEXT | {"text": "one"}, TEXT | {"bytes": b"two"}, CLOSE | {"code": code}]
    with server.serve(answering(*messages)) as connect, connect("/") as ws:
        assert list(ws) == ["one", b"two"]


def test_a_loop_over_messages_tells_a_bad_end(server):
    """An error is not taken for the end."""
    with server.serve(answering(TEXT | {"text": "one"}, CLOSE | {"code": 1011})) as connect:
        with connect("/") as ws, pytest.raises(Closed) as closed:
            assert [message for message in ws] == ["one"]  # noqa: C416 - it is the loop that is tested

    assert closed.value.code == 1011


def test_a_refusal_over_http(server):
    """Status, headers and body are told, in however many pieces the body came."""
    start = {"type": "websocket.http.response.start", "status": 401}
    part = {"type": "websocket.http.response.body"}
    headers = [(b"WWW-Authenticate", b"Bearer"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    refused = refusal(
        server,
        refusing(
            start | {"headers": headers},
            part | {"body": b'{"why":', "more_body": True},
            part | {"body": b"1}"},
        ),
    )

    assert (refused.status, refused.code, refused.body) == (401, None, b'{"why":1}')
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers.getlist("set-cookie") == ["a=1", "b=2"]
    assert '"why"' in str(refused)


def test_a_refusal_without_a_body(server):
    """There may be nothing to tell."""
    start = {"type": "websocket.http.response.start", "status": 503, "headers": []}
    refused = refusal(server, refusing(start, {"type": "websocket.http.response.body", "body": b""}))

    assert (refused.status, refused.body) == (503, b"")


@pytest.mark.parametrize("end", [RuntimeError("on purpose"), None], ids=["raises", "returns"])
def test_no_answer_is_a_500(server, end):
    """An application that ends without an answer has failed; its exception is named."""
    refused = refusal(server, refusing(end=end))

    assert (refused.status, refused.body) == (500, b"Internal Server Error")
    assert ("on purpose" in str(refused)) == (end is not None)


def test_a_subprotocol_that_was_not_offered(server):
    """A client does not go on with it."""
    accept = {"type": "websocket.accept", "subprotocol": "v3"}
    for offered in ([], ["v1", "v2"]):
        refused = refusal(server, refusing(accept, end=None), subprotocols=offered)
        assert "not offered" in refused.reason or "unexpected subprotocol v3" in str(refused)


def test_two_cookies_of_an_acceptance(server):
    """Each is told."""

    @application
    async def app(scope, receive, send):
        await receive()
        cookies = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
        await send({"type": "websocket.accept", "headers": cookies})
        await receive()

    with server.serve(app) as connect, connect("/") as ws:
        assert ws.headers.getlist("set-cookie") == ["a=1", "b=2"]


def test_a_message_above_the_servers_limit(server):
    """The server takes 16 MiB, and closes with 1009 above; the service hears of it."""
    ends = []

    @application
    async def app(scope, receive, send):
        async with accepted(receive, send):
            while (message := await receive())["type"] != "websocket.disconnect":
                pass
            ends.append(message["code"])

    with server.serve(app) as connect:
        with connect("/") as ws:
            ws.send("x" * (16 * 1024 * 1024 + 1))
            with pytest.raises(Closed) as closed:
                ws.recv(5)
    assert (closed.value.code, ends) == (1009, [1009])


def test_an_exception_in_a_group(server):
    """The one that was raised is named, not the group around it."""
    end = ExceptionGroup("unhandled errors", [ExceptionGroup("inner", [KeyError("colour")])])
    with server.serve(answering(end=end)) as connect, connect("/") as ws:
        with pytest.raises(Closed, match=r"the application raised KeyError\('colour'\)"):
            ws.recv()
