"""The interface ``connect`` with services that behave badly: a test must end, and say why."""

import contextlib

import pytest

from tests.kit.services import (
    SHORT,
    chatty,
    closing,
    crashing,
    deaf,
    endless,
    leaving,
    lingering,
    patient,
    released,
    silent,
    slow,
)
from winnow.transports import LIVE, TRANSPORTS, Closed, Deadlock, Refused, TimedOut
from winnow.transports.in_process import InProcessServer
from winnow.transports.live import LiveServer


@pytest.fixture(scope="module", params=TRANSPORTS)
def server(request):
    """A server of each transport that loses patience soon."""
    name = request.param
    server = LiveServer(LIVE[name], SHORT) if name in LIVE else InProcessServer(SHORT)
    server.start()
    yield server
    server.stop()
    server.join()


def test_a_silent_service_does_not_hang_the_test(server):
    """A receive ends, and says after how long."""
    with (
        server.serve(silent) as connect,
        connect("/") as ws,
        pytest.raises(TimedOut, match="the service sent nothing"),
    ):
        ws.recv(timeout=0.1)


@pytest.mark.parametrize("app", [silent, patient], ids=["no-timer", "a-later-timer"])
def test_a_deadlock_is_known_at_once(app):
    """In process, a service that waits for its client is detected at once, with any time-out."""
    server = InProcessServer(3600)
    server.start()

    with server.serve(app) as connect, connect("/") as ws, pytest.raises(Deadlock):
        ws.recv()
    server.stop()
    server.join()


def test_a_slow_service_is_not_a_deadlock(server):
    """Timers and threads at work are something to wait for."""
    with server.serve(slow) as connect, connect("/") as ws:
        assert [ws.recv(timeout=5) for _ in range(3)] == ["timer", "anyio", "executor"]


def test_an_unanswered_handshake_does_not_hang_the_test(server):
    """The handshake ends too."""
    with server.serve(deaf) as connect, pytest.raises(Refused), connect("/"):
        pass


def test_a_service_that_does_not_finish_is_found_out(server):
    """The connection was closed, and the service goes on: the test is told."""
    released.clear()
    with server.serve(lingering) as connect:
        with pytest.raises(TimedOut, match="had not finished"), connect("/"):
            pass
        released.set()


def test_the_next_test_does_not_wait_for_it(server):
    """A conversation that never ends fails its own test, and is ended with it."""
    for _ in range(2):
        with pytest.raises(TimedOut, match="had not finished"), server.serve(endless) as connect:
            with contextlib.suppress(TimedOut), connect("/"):
                pass

    with server.serve(chatty) as connect, connect("/") as ws:
        assert ws.recv() == "unasked"


def test_trouble_in_closing_does_not_hide_the_failure(server):
    """What the test found first is what is reported."""
    released.clear()
    with server.serve(lingering) as connect:
        with pytest.raises(AssertionError, match="the test's own"), connect("/"):
            raise AssertionError("the test's own")
        released.set()


def test_a_crash_is_a_1006(server):
    """As behind a real server: no close frame."""
    with server.serve(crashing) as connect, connect("/") as ws, pytest.raises(Closed) as closed:
        ws.recv()

    assert closed.value.code == 1006


def test_a_return_without_a_close_is_a_1006(server):
    """An endpoint that returns has said nothing."""
    with server.serve(leaving) as connect, connect("/") as ws, pytest.raises(Closed) as closed:
        ws.recv()

    assert closed.value.code == 1006


def test_silence_is_not_assumed(server):
    """A message that nobody asked for comes before the sentinel."""
    with (
        server.serve(chatty) as connect,
        connect("/") as ws,
        pytest.raises(AssertionError, match="expected silence, but received 'unasked'"),
    ):
        ws.expect_silence()


def test_silence_is_recognised(server):
    """Once it has been read, there is silence."""
    with server.serve(chatty) as connect, connect("/") as ws:
        assert ws.recv() == "unasked"
        ws.expect_silence()


def test_messages_before_a_close_are_not_lost(server):
    """What was sent is read first; then everybody who asks hears of the close."""
    with server.serve(closing) as connect, connect("/") as ws:
        assert ws.recv() == b"\x00"
        for _ in range(2):
            with pytest.raises(Closed) as closed:
                ws.recv()
            assert (closed.value.code, closed.value.reason) == (4321, "enough")
        with pytest.raises(Closed) as closed:
            ws.send("too late")
        assert (closed.value.code, closed.value.reason) == (4321, "enough")


def test_after_ones_own_close_it_is_closed(server):
    """Whoever goes on is told of the code that ended it."""
    with server.serve(chatty) as connect, connect("/") as ws:
        ws.close(4444)
        for step in (lambda: ws.send("more"), lambda: [ws.recv() for _ in range(2)]):
            with pytest.raises(Closed) as closed:
                step()
            assert closed.value.code == 4444


def test_a_host_and_a_query_of_ones_own(server):
    """A header's name may be written in any way, and what the path asks for already is kept."""
    asked = []

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            asked.append((scope["query_string"], hosts))
            await receive()
            await send({"type": "websocket.accept"})

    with server.serve(app) as connect, connect("/?a=1", headers={"host": "echo.example"}, b="2"):
        assert asked == [(b"a=1&b=2", [b"echo.example"])]


def test_a_lifespan_runs_around_each_application(server):
    """Start-up before the first client, shut-down after the last, state handed on."""
    events = []

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                events.append(phase)
                scope["state"]["word"] = "handed on"
                await send({"type": f"lifespan.{phase}.complete"})
        else:
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": scope["state"]["word"]})
            await receive()

    with server.serve(app) as connect, connect("/") as ws:
        assert (events, ws.recv()) == (["startup"], "handed on")
    assert events == ["startup", "shutdown"]


def test_a_start_that_fails_is_told(server):
    """An application that cannot start serves nobody."""

    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match=r"lifespan\.startup failed: no database"), server.serve(app):
        pass
