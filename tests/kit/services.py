"""ASGI applications that behave badly, each in its own way, for the tests of the transports."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

SHORT = 0.5  # seconds


@contextlib.asynccontextmanager
async def accepted(receive: Receive, send: Send) -> AsyncIterator[None]:
    """Answer the handshake."""
    await receive()
    await send({"type": "websocket.accept"})
    yield


def application(conversation: ASGIApp) -> ASGIApp:
    """Make an ASGI application of a coroutine that holds one conversation; it has no lifespan."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        await conversation(scope, receive, send)

    return app


@application
async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    async with accepted(receive, send):
        while (await receive())["type"] != "websocket.disconnect":
            pass


@application
async def deaf(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await receive()


released = threading.Event()


@application
async def lingering(scope: Scope, receive: Receive, send: Send) -> None:
    """Continue after the client has left, until the test ends it."""
    async with accepted(receive, send):
        await asyncio.to_thread(released.wait)


@application
async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    """Continue without end after the client has left."""
    async with accepted(receive, send):
        await asyncio.Event().wait()


@application
async def patient(scope: Scope, receive: Receive, send: Send) -> None:
    """Send nothing, and time out only after two hours."""
    async with accepted(receive, send), asyncio.timeout(7200):
        while (await receive())["type"] != "websocket.disconnect":
            pass


@application
async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait in three different ways, and answer each time."""
    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "timer": lambda: asyncio.sleep(SHORT / 4),
        "anyio": lambda: anyio.to_thread.run_sync(time.sleep, SHORT / 4),
        "executor": lambda: asyncio.to_thread(time.sleep, SHORT / 4),
    }
    async with accepted(receive, send):
        for name, think in ways.items():
            await think()
            await send({"type": "websocket.send", "text": name})
        await receive()


@application
async def crashing(scope: Scope, receive: Receive, send: Send) -> None:
    async with accepted(receive, send):
        raise RuntimeError("on purpose")


@application
async def leaving(scope: Scope, receive: Receive, send: Send) -> None:
    async with accepted(receive, send):
        pass


@application
async def chatty(scope: Scope, receive: Receive, send: Send) -> None:
    async with accepted(receive, send):
        await send({"type": "websocket.send", "text": "unasked"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})


@application
async def closing(scope: Scope, receive: Receive, send: Send) -> None:
    """Close, and return only when the client has left as well."""
    async with accepted(receive, send):
        await send({"type": "websocket.send", "bytes": b"\x00"})
        await send({"type": "websocket.close", "code": 4321, "reason": "enough"})
        await receive()


def working(work: Callable[[], Awaitable[object]]) -> ASGIApp:
    """Make an application that works before it answers."""

    @application
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with accepted(receive, send):
            await work()
            await send({"type": "websocket.send", "text": "done"})
            while (await receive())["type"] != "websocket.disconnect":
                pass

    return app
