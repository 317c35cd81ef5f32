"""Where a library has changed inside, no deadlock is claimed, and every wait still ends."""

from types import SimpleNamespace

import pytest
import uvloop
from starlette.testclient import WebSocketTestSession

from tests.kit.services import silent
from tests.kit.transports.conftest import LONG
from tests.kit.transports.test_deadlock import MOMENT, after_others, working
from winnow.transports import Deadlock, TimedOut
from winnow.transports.activity import Loop
from winnow.transports.in_process import InProcessServer
from winnow.transports.testclient import end_deadlocks


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


def test_a_worker_that_has_changed(in_process, monkeypatch):
    """So does a thread of an executor that does not tell whether it rests."""
    monkeypatch.setattr("winnow.transports.activity._executor_rests", lambda variables: variables["another"])
    with in_process.serve(working(after_others)) as connect, connect("/") as ws:
        assert ws.recv() == "done"
        with pytest.raises(TimedOut) as timed_out:
            ws.recv(MOMENT)

    assert not isinstance(timed_out.value, Deadlock)


def test_a_testclient_that_has_changed(monkeypatch):
    """Where it waits in another way, it stays as it is."""
    monkeypatch.setattr(WebSocketTestSession, "receive", lambda _session: "as before")
    end_deadlocks(LONG)

    assert WebSocketTestSession.__new__(WebSocketTestSession).receive() == "as before"
