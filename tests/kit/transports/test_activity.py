"""Event loops and threads: if their state is unknown, they count as at work, and no deadlock is reported."""

import asyncio
from types import SimpleNamespace

import anyio
import pytest
import uvloop

from tests.kit.services import silent, working
from winnow.transports import Deadlock, TimedOut
from winnow.transports.activity import Loop
from winnow.transports.in_process import InProcessServer

MOMENT = 0.1  # seconds: much longer than it takes to find out that nothing is at work
LONG = 3600.0  # seconds that a test would wait if a deadlock were not found


async def in_threads():
    """Work in a thread of each kind."""
    await asyncio.to_thread(int)
    await anyio.to_thread.run_sync(int)


def test_a_loop_of_another_make(monkeypatch):
    """Where nothing is known of the event loop, a receive takes its time-out, and nothing is claimed."""
    monkeypatch.setattr(InProcessServer, "_loop_factory", lambda _server: uvloop.new_event_loop)
    server = InProcessServer(LONG)
    server.start()
    with server.serve(silent) as connect, connect("/") as ws, pytest.raises(TimedOut) as timed_out:
        ws.recv(MOMENT)
    server.stop()
    server.join()

    assert not isinstance(timed_out.value, Deadlock)


@pytest.mark.parametrize("missing", ["_ready", "_scheduled", "_selector"])
def test_a_loop_that_has_changed(missing):
    """A loop without one of the attributes that are looked at counts as being at work."""
    names = {"_ready", "_scheduled", "_selector"} - {missing}
    known = SimpleNamespace(get_map=dict)
    loop = SimpleNamespace(time=lambda: 0.0, **{name: known if name == "_selector" else () for name in names})

    assert not Loop(loop).idle_until(1.0)


def test_a_job_that_no_thread_has_begun(in_process):
    """It was handed to a thread that has not woken up yet: only the executor knows of it."""
    with in_process.serve(working(lambda: asyncio.to_thread(int))) as connect, connect("/") as ws:
        assert ws.recv() == "done"
        handed_out = in_process._stage.loop._default_executor._idle_semaphore
        handed_out.acquire()
        with pytest.raises(TimedOut) as timed_out:
            ws.recv(MOMENT)
        handed_out.release()

    assert not isinstance(timed_out.value, Deadlock)


def test_a_worker_that_has_changed(in_process, monkeypatch):
    """So does a thread of an executor that does not tell whether it rests."""
    monkeypatch.setattr("winnow.transports.activity._executor_rests", lambda variables: variables["another"])
    with in_process.serve(working(in_threads)) as connect, connect("/") as ws:
        assert ws.recv() == "done"
        with pytest.raises(TimedOut) as timed_out:
            ws.recv(MOMENT)

    assert not isinstance(timed_out.value, Deadlock)
