"""An application that exits ends only its own test."""

import asyncio
import sys

import pytest

from tests.kit.services import accepted, chatty
from winnow.transports import Closed, Refused

EXITS = {
    "exit": lambda: sys.exit("SHOP_KEY is not set"),
    "exit with a number": lambda: sys.exit(3),
    "interrupt": lambda: (_ for _ in ()).throw(KeyboardInterrupt()),
    "another": lambda: (_ for _ in ()).throw(BaseException("on purpose")),
}


@pytest.fixture(params=EXITS.values(), ids=EXITS)
def leave(request):
    """One way to raise what is no Exception."""
    return request.param


def exiting(leave, *, phase):
    """Make an application that exits in this phase of its life."""

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            for name in ("startup", "shutdown"):
                await receive()
                if phase == name:
                    leave()
                await send({"type": f"lifespan.{name}.complete"})
        elif scope["type"] == "http" or phase == "handshake":
            leave()
        else:
            async with accepted(receive, send):
                if phase == "task":
                    await asyncio.create_task(later(leave))
                leave()

    return app


async def later(leave):
    """Exit in a task of the application's own."""
    await asyncio.sleep(0)
    leave()


def still_works(server):
    """Serve another application, as the next test does."""
    with server.serve(chatty) as connect, connect("/") as ws:
        assert ws.recv() == "unasked"


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_in_the_lifespan(server, leave, phase):
    """The test is told in which phase, and what was raised."""
    with pytest.raises(RuntimeError, match=rf"lifespan\.{phase} failed; the application raised \w+\("):
        with server.serve(exiting(leave, phase=phase)):
            pass

    still_works(server)


def test_before_the_handshake(server, leave):
    """It is a 500, as any other exception there."""
    with server.serve(exiting(leave, phase="handshake")) as connect:
        with pytest.raises(Refused, match="the application raised") as refused, connect("/"):
            pass

    assert refused.value.status == 500
    still_works(server)


@pytest.mark.parametrize("phase", ["conversation", "task"])
def test_in_a_conversation(server, leave, phase):
    """It is a 1006, as any other exception there; a task may take its conversation with it."""
    with server.serve(exiting(leave, phase=phase)) as connect:
        with connect("/") as ws, pytest.raises(Closed, match="the application raised") as closed:
            ws.recv()

    assert closed.value.code == 1006
    still_works(server)


def test_in_an_http_request(server, leave):
    """It is a 500, as any other exception there."""
    with server.serve(exiting(leave, phase="http")) as connect, connect.http() as http:
        assert http.get("/").status_code == 500

    still_works(server)


def test_in_a_task_that_nobody_awaits(server, leave):
    """The conversation that began it goes on."""

    async def app(scope, receive, send):
        async with accepted(receive, send):
            task = asyncio.create_task(later(leave))
            await asyncio.wait([task])
            task.exception()
            await send({"type": "websocket.send", "text": "still here"})
            await receive()

    with server.serve(app) as connect, connect("/") as ws:
        assert ws.recv() == "still here"
    still_works(server)


@pytest.mark.parametrize("app", [None, "shop.api:app", 5], ids=repr)
def test_what_is_no_application(server, app):
    """A fixture ``app`` that gives something else is told so."""
    with pytest.raises(TypeError, match="an ASGI application can be called"), server.serve(app):
        pass
