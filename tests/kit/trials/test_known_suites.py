"""Suites like those of well-known examples, rewritten: what they catch, and what they miss."""

import pytest

from tests.kit.course import Course

ITEMS = """
from fastapi import Cookie, Depends, FastAPI, Header, WebSocket, WebSocketException

app = FastAPI()

async def who(session: str | None = Cookie(None), x_client: str | None = Header(None)):
    if session is None and x_client is None:
        raise WebSocketException(code=1008)
    return session or x_client

@app.websocket("/items/{item}/ws")
async def items(websocket: WebSocket, item: str, q: int | None = None, name: str = Depends(who)):
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        await websocket.send_text(f"You are {name}")
        if q is not None:
            await websocket.send_text(f"q is {q}")
        await websocket.send_text(f"{text} for {item}")
"""
ITEMS_SUITE = """
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from service.main import app

client = TestClient(app)

@pytest.mark.parametrize("given", [{"cookies": {"session": "me"}}, {"headers": {"X-Client": "me"}}])
def test_with_credentials(given):
    with pytest.raises(WebSocketDisconnect):
        with client.websocket_connect("/items/1/ws?q=3", **given) as ws:
            for text in ("one", "two"):
                ws.send_text(text)
                assert ws.receive_text() == "You are me"
                assert ws.receive_text() == "q is 3"
                assert ws.receive_text() == f"{text} for 1"

def test_without_credentials():
    with pytest.raises(WebSocketDisconnect):
        with client.websocket_connect("/items/1/ws"):
            pass
"""
ITEMS_FAULTS = {  # with what they change, and whether the suite notices
    "no-authentication": ("raise WebSocketException(code=1008)", 'return "anybody"', False),
    "everybody-refused": ("await websocket.accept()", "await websocket.close(); return", False),
    "other-close-code": ("code=1008", "code=1011", False),
    "no-name": ('f"You are {name}"', '"You are in"', False),
    "query-forgotten": ("if q is not None", "if q is None", False),
    "no-answer": ('await websocket.send_text(f"{text} for {item}")', "pass", True),
}

BOARD = """
import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

class Board:
    def __init__(self):
        self.readers = defaultdict(set)

    async def publish(self, channel, text):
        for reader in self.readers[channel]:
            await reader.put(text)

    @asynccontextmanager
    async def subscribe(self, channel):
        reader = asyncio.Queue()
        self.readers[channel].add(reader)
        try:
            yield reader
        finally:
            self.readers[channel].discard(reader)

board = Board()

async def room(websocket):
    await websocket.accept()
    async with board.subscribe("room") as reader, asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(send_all(websocket, reader))
        async for text in websocket.iter_text():
            await board.publish("room", text)
        sending.cancel()

async def send_all(websocket, reader):
    while True:
        await websocket.send_text(await reader.get())

app = Starlette(routes=[WebSocketRoute("/", room)])
"""
BOARD_SUITE = """
import asyncio
from starlette.testclient import TestClient
from service.main import Board, app

def test_a_reader_gets_what_is_published():
    async def publish():
        board = Board()
        async with board.subscribe("chat") as reader:
            await board.publish("chat", "hello")
            return await asyncio.wait_for(reader.get(), 0.5)

    assert asyncio.run(publish()) == "hello"

def test_everyone_in_the_room_gets_it():
    with TestClient(app) as client:
        with client.websocket_connect("/") as one, client.websocket_connect("/") as two:
            one.send_text("hello")
            assert (one.receive_text(), two.receive_text()) == ("hello", "hello")
"""
BOARD_FAULTS = {
    "nothing-published": ("await reader.put(text)", "pass", True),
    "first-reader-only": ("await reader.put(text)", "await reader.put(text); break", True),
    "reader-kept": ("self.readers[channel].discard(reader)", "pass", False),
    "channels-mixed": (
        "for reader in self.readers[channel]",
        "for reader in sum(map(list, self.readers.values()), [])",
        False,
    ),
}


@pytest.mark.parametrize(
    ("service", "suite", "correct", "faults"),
    [
        (ITEMS, ITEMS_SUITE, ("session or x_client", "x_client or session"), ITEMS_FAULTS),
        (BOARD, BOARD_SUITE, ("await reader.put(text)", "reader.put_nowait(text)"), BOARD_FAULTS),
    ],
    ids=["items", "board"],
)
def test_what_the_suite_of_an_example_misses(tmp_path, service, suite, correct, faults):
    """One that expects a disconnection takes any for it, even in place of its own failed assertion."""
    course = Course(tmp_path)
    (tmp_path / "variants/faulty/no-prefix.toml").unlink()
    course.write("service/main.py", service)
    course.variant("correct", "formatted", *correct)
    for name, (find, replace, _) in faults.items():
        course.variant("faulty", name, find, replace)

    run = course.grade(suite, "--all")

    assert "Valid:" in run.stdout, run.stdout + run.stderr
    missed = {name for name in faults if f"survived: {name}:" in run.stdout}
    assert missed == {name for name, (_, _, noticed) in faults.items() if not noticed}
