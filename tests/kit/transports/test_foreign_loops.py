"""A queue or a lock of a module that is used on the event loop of a second transport."""

import asyncio

import pytest

from tests.kit.services import SHORT, accepted, application
from winnow.transports import TransportError, foreign_loops
from winnow.transports.in_process import InProcessServer
from winnow.transports.live import LiveServer

ADVICE = "let a function make the application"


class Module:
    """What a service keeps in its module, and three conversations that use it."""

    def __init__(self):
        self.orders, self.lock, self.event = asyncio.Queue(), asyncio.Lock(), asyncio.Event()

    async def queue(self, send):
        """A worker of the background takes an order; if it fails, nobody hears of it."""
        worker = asyncio.create_task(self.serve(send))
        await asyncio.sleep(0)
        await self.orders.put("done")
        await asyncio.wait([worker])
        worker.exception()

    async def serve(self, send):
        await send({"type": "websocket.send", "text": await self.orders.get()})

    async def mutex(self, send):
        """Two tasks want the lock; an exception is not caught."""
        async with self.lock, asyncio.TaskGroup() as group:
            group.create_task(self.wait(send))
            await asyncio.sleep(0)
            self.lock.release()
            await asyncio.sleep(0.01)
            await self.lock.acquire()

    async def wait(self, send):
        async with self.lock:
            await send({"type": "websocket.send", "text": "done"})

    async def signal(self, send):
        """Any exception is made a close."""
        asyncio.get_running_loop().call_later(0.01, self.event.set)
        try:
            await self.event.wait()
            await send({"type": "websocket.send", "text": "done"})
        except RuntimeError:
            await send({"type": "websocket.close", "code": 1011})
        self.event.clear()


def talking(conversation):
    """Make an application that holds this conversation."""

    @application
    async def app(scope, receive, send):
        async with accepted(receive, send):
            await conversation(send)
            while (await receive())["type"] != "websocket.disconnect":
                pass

    return app


def outcome(server, app):
    """Receive one message from the application; return it, or all that is said of what went wrong."""
    server.start()
    with server.serve(app) as connect, connect("/") as ws:
        try:
            said = ws.recv()
        except TransportError as error:
            said = "\n".join([str(error), *getattr(error, "__notes__", ())])
    server.stop()
    server.join()
    return said


@pytest.mark.parametrize("name", ["queue", "mutex", "signal"])
@pytest.mark.parametrize("implementation", ["websockets-sansio", "wsproto"])
def test_it_is_told_on_the_second_transport(name, implementation):
    """Whether the exception is lost, raised or made a close: once, and with what to do."""
    app = talking(getattr(Module(), name))

    assert outcome(InProcessServer(SHORT), app) == "done"
    assert outcome(LiveServer(implementation, SHORT), app).count(ADVICE) == 1


def test_another_application_is_not_accused():
    """What was noticed is forgotten when the next one is served."""
    server = InProcessServer(SHORT)
    server.start()
    foreign_loops.noticed[server._stage.loop] = "is bound to a different event loop"
    with server.serve(talking(Module().queue)) as connect, connect("/") as ws:
        ws.recv()
        with pytest.raises(TransportError) as silence:
            ws.recv()
    server.stop()
    server.join()

    assert not hasattr(silence.value, "__notes__")


def test_an_asyncio_that_has_changed(monkeypatch):
    """Where its check has another name, nothing is touched."""
    monkeypatch.setattr(foreign_loops, "mixins", object())

    foreign_loops.watch()
    assert asyncio.run(asyncio.sleep(0, "fine")) == "fine"
