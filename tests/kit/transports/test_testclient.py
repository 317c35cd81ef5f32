"""The time limit of TestClient's ``receive``, with the private attributes of several Starlette versions."""

import queue
import sys

import pytest
from anyio.from_thread import start_blocking_portal

from winnow.transports import Deadlock
from winnow.transports.testclient import end_deadlocks


class QueueSession:
    """The session of an older Starlette: what the service sent, or raised, is in a queue."""

    def __init__(self, portal, *sent):
        self.portal = portal
        self._send_queue = queue.Queue()
        for message in sent:
            self._send_queue.put(message)

    def receive(self):
        raise AssertionError("this would wait for ever")


class OtherSession:
    """A session of which nothing is known."""

    def receive(self):
        return "as ever"


@pytest.fixture
def portal():
    """An event loop in a thread of its own, as TestClient has one."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def older(monkeypatch):
    """Let TestClient be that of an older Starlette."""
    monkeypatch.setattr("starlette.testclient.WebSocketTestSession", QueueSession)
    monkeypatch.setattr(QueueSession, "receive", QueueSession.receive)  # restored after the test
    end_deadlocks(0.5)


def test_an_older_one_returns_what_was_sent(older, portal):
    """Messages come in their order."""
    session = QueueSession(portal, "one", "two")

    assert [session.receive(), session.receive()] == ["one", "two"]


def test_an_older_one_raises_what_the_service_raised(older, portal):
    """An exception in the queue is the service's."""
    with pytest.raises(LookupError, match="no such item"):
        QueueSession(portal, LookupError("no such item")).receive()


def test_an_older_one_ends_a_deadlock(older, portal):
    """A service that sends nothing is found at once."""
    with pytest.raises(Deadlock, match="waiting for you"):
        QueueSession(portal).receive()


def test_a_deadlock_is_told_before_a_test_can_swallow_it(older, portal):
    """Trials hear of it, whatever the test does with the exception."""
    told = []
    end_deadlocks(0.5, told.append)
    with pytest.raises(Deadlock) as deadlock:
        QueueSession(portal).receive()

    assert told == [deadlock.value]


def test_one_of_another_make_stays_as_it_is(monkeypatch):
    """Where nothing is known of its insides, it receives as it always did."""
    monkeypatch.setattr("starlette.testclient.WebSocketTestSession", OtherSession)
    monkeypatch.setattr(OtherSession, "receive", OtherSession.receive)
    end_deadlocks(0.5)

    assert OtherSession().receive() == "as ever"


@pytest.mark.parametrize("problem", [ImportError, RuntimeError])
def test_a_project_without_a_client_can_be_tried(monkeypatch, problem):
    """Starlette's TestClient cannot be imported where no HTTP client is installed."""

    class Refusing:
        """Finds no TestClient."""

        def find_spec(self, name, *_):
            if name == "starlette.testclient":
                raise problem("it needs httpx")

    monkeypatch.delitem(sys.modules, "starlette.testclient", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])

    assert end_deadlocks(0.5) is None
