"""A deadlock is reported if, and only if, nothing is at work that could wake the service."""

import asyncio
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import anyio
import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.testclient import TestClient, WebSocketTestSession

from tests.kit.services import patient, working
from winnow.transports import Deadlock
from winnow.transports.testclient import end_deadlocks

MOMENT = 0.1  # seconds: much longer than it takes to find out that nothing is at work
LONG = 3600.0  # seconds that a test would wait if a deadlock were not found
SLEEP = [sys.executable, "-c", f"import time; time.sleep({MOMENT})"]


def sleep():
    """Work for a moment, in a thread."""
    time.sleep(MOMENT)


async def in_an_executor(workers=1, jobs=1, **options):
    """Work in threads of one's own."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(workers, **options) as executor:
        await asyncio.gather(*(loop.run_in_executor(executor, sleep) for _ in range(jobs)))


async def after_others():
    """Work in a thread that has done other work before."""
    await asyncio.to_thread(int)
    await anyio.to_thread.run_sync(int)
    await asyncio.to_thread(sleep)
    await anyio.to_thread.run_sync(sleep)


async def in_a_plain_thread(kind=threading.Thread, *arguments):
    """Be woken by a thread that no executor knows."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work():
        sleep()
        loop.call_soon_threadsafe(done.set)

    kind(*arguments, work).start() if arguments else kind(target=work).start()
    await done.wait()


async def on_a_queue_in_a_thread():
    """Be woken by a thread that waits for another one, which works."""
    things = queue.Queue()
    threading.Thread(target=lambda: (sleep(), things.put(1))).start()
    await asyncio.to_thread(things.get)


async def on_another_loop():
    """Be woken by an event loop in another thread."""
    await asyncio.to_thread(asyncio.run, asyncio.sleep(MOMENT))


async def on_a_child():
    """Wait for a process."""
    await (await asyncio.create_subprocess_exec(*SLEEP)).wait()


async def on_a_pool_of_processes():
    """Wait for a function in another process."""
    with ProcessPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, time.sleep, MOMENT)


async def on_a_socket():
    """Wait for what comes over a network."""

    async def answer(_reader, writer):
        await asyncio.to_thread(sleep)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
    server.close()


WORK = {
    "timer": lambda: asyncio.sleep(MOMENT),
    "asyncio.to_thread": lambda: asyncio.to_thread(sleep),
    "executor": in_an_executor,
    "executor with a name of asyncio's": lambda: in_an_executor(thread_name_prefix="asyncio_jobs"),
    "executor with a name of anyio's": lambda: in_an_executor(thread_name_prefix="AnyIO worker thread"),
    "executor with more jobs than threads": lambda: in_an_executor(1, 3),
    "anyio": lambda: anyio.to_thread.run_sync(sleep),
    "anyio with a limiter": lambda: anyio.to_thread.run_sync(sleep, limiter=anyio.CapacityLimiter(1)),
    "threads that worked before": after_others,
    "thread": in_a_plain_thread,
    "timer in a thread": lambda: in_a_plain_thread(threading.Timer, MOMENT),
    "thread that waits for a thread": on_a_queue_in_a_thread,
    "another loop": on_another_loop,
    "child": on_a_child,
    "child in a thread": lambda: asyncio.to_thread(subprocess.run, SLEEP, check=True),
    "child of anyio": lambda: anyio.run_process(SLEEP),
    "pool of processes": on_a_pool_of_processes,
    "socket": on_a_socket,
}


@pytest.fixture
def bare(monkeypatch):
    """TestClient as trials have it."""
    monkeypatch.setattr(WebSocketTestSession, "receive", WebSocketTestSession.receive)
    end_deadlocks(LONG)
    return TestClient


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_who_works_is_waited_for(in_process, work):
    """Whatever the work is done by; and when it is done, silence is a deadlock at once."""
    with in_process.serve(working(work)) as connect, connect("/") as ws:
        assert ws.recv() == "done"
        with pytest.raises(Deadlock, match="is waiting for you"):
            ws.recv()


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_who_works_is_waited_for_by_testclient(bare, work):
    """Used bare, it waits in the same way."""
    with bare(working(work)).websocket_connect("/") as ws:
        assert ws.receive_text() == "done"
        with pytest.raises(Deadlock, match="is waiting for you"):
            ws.receive_text()


@pytest.mark.parametrize("where", ["sync", "async", "after the yield"])
def test_a_dependency_that_takes_a_while(in_process, where):
    """FastAPI runs some of them in threads of anyio, with a limiter of its own."""

    def sync():
        sleep()
        yield "value"
        sleep()

    async def slow():
        await asyncio.sleep(MOMENT)
        yield "value"
        await asyncio.sleep(MOMENT)

    app = FastAPI()

    @app.websocket("/")
    async def talk(websocket: WebSocket, value: str = Depends(slow if where == "async" else sync)):
        await websocket.accept()
        if where != "after the yield":
            await websocket.send_text(value)
            await websocket.receive()

    with in_process.serve(app) as connect, connect("/") as ws:
        if where != "after the yield":
            assert ws.recv() == "value"
        ws.close()


def test_a_timer_that_ends_too_late(in_process):
    """Nothing can come in time: that is known at once, and it is another thing than a deadlock of two."""
    evidence = r"nothing can come within 60 s: only a timer is pending, and it ends in 7\d\d\d"
    with in_process.serve(patient) as connect, connect("/") as ws, pytest.raises(Deadlock, match=evidence):
        ws.recv(60)
