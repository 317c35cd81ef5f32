"""In process beside live: where Starlette's TestClient and a real server differ.

Each row is an application of a few lines, and what its client sees: over TestClient used
bare, and over a socket. It is a table that runs, and why a green suite in process is not enough.
"""

import pytest
from fastapi import FastAPI, HTTPException, WebSocket, WebSocketDisconnect, WebSocketException
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from winnow.transports import Closed, Refused

applications = FastAPI()


@applications.websocket("/close-first")
async def close_first(websocket: WebSocket):
    await websocket.close(4321)


@applications.websocket("/refuse")
async def refuse(websocket: WebSocket):
    raise WebSocketException(1008)


@applications.websocket("/http-error-first")
async def http_error_first(websocket: WebSocket):
    raise HTTPException(401)


@applications.websocket("/http-error-late")
async def http_error_late(websocket: WebSocket):
    await websocket.accept()
    raise HTTPException(401)


@applications.websocket("/crash-first")
async def crash_first(websocket: WebSocket):
    raise RuntimeError


@applications.websocket("/crash-late")
async def crash_late(websocket: WebSocket):
    await websocket.accept()
    raise RuntimeError


@applications.websocket("/receive-text")
async def receive_text(websocket: WebSocket):
    await websocket.accept()
    await websocket.receive_text()


@applications.websocket("/odd-code")
async def odd_code(websocket: WebSocket):
    await websocket.accept()
    await websocket.close(999)


@applications.websocket("/long-reason")
async def long_reason(websocket: WebSocket):
    await websocket.accept()
    await websocket.close(4000, "x" * 124)


@applications.websocket("/dict-for-text")
async def dict_for_text(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text({"not": "text"})


@applications.websocket("/lone-surrogate")
async def lone_surrogate(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("\ud800")


@applications.websocket("/who-are-you")
async def who_are_you(websocket: WebSocket):
    await websocket.accept()
    await websocket.receive_bytes()
    await websocket.send_text(websocket.client.host)


TABLE = {  # path: TestClient, live-sansio, live-wsproto
    "/close-first": (("closed", 4321), ("refused", 403), ("refused", 403)),
    "/refuse": (("closed", 1008), ("refused", 403), ("refused", 403)),
    "/no-such-path": (("closed", 1000), ("refused", 403), ("refused", 403)),
    "/http-error-first": (("refused", 401), ("refused", 401), ("refused", 401)),
    "/http-error-late": (("refused", 401), ("closed", 1006), ("closed", 1006)),
    "/crash-first": (("raised", RuntimeError), ("refused", 500), ("refused", 500)),
    "/crash-late": (("raised", RuntimeError), ("closed", 1006), ("closed", 1006)),
    "/receive-text": (("raised", KeyError), ("closed", 1006), ("closed", 1006)),
    "/odd-code": (("closed", 999), ("closed", 1006), ("closed", 1006)),
    "/long-reason": (("closed", 4000), ("closed", 1006), ("closed", 4000)),
    "/dict-for-text": (("received", {"not": "text"}), ("closed", 1006), ("closed", 1006)),
    "/lone-surrogate": (("received", "\ud800"), ("closed", 1006), ("closed", 1006)),
    "/who-are-you": (("received", "testclient"), ("received", "127.0.0.1"), ("received", "127.0.0.1")),
}
A_BINARY_FRAME = b"\x00"


@pytest.fixture
def app():
    """The applications of the table, by path."""
    return applications


def test_bare_testclient():
    """What a client sees over TestClient, as most tutorials use it."""
    with TestClient(applications) as client:
        assert {path: over_testclient(client, path) for path in TABLE} == column("testclient")


@pytest.mark.transports("live-sansio", "live-wsproto")
def test_live(connect, transport):
    """What a client sees over a socket."""
    assert {path: over_connect(connect, path) for path in TABLE} == column(transport)


@pytest.mark.transports("in-process")
@pytest.mark.parametrize("path", ["/crash-first", "/crash-late", "/receive-text"])
def test_connect_in_process_ends_as_live_does(connect, path):
    """The fixture ``connect`` does not raise the service's own exception into the test."""
    assert over_connect(connect, path) == column("live-sansio")[path]


def column(client):
    """What this client sees, by path."""
    number = ["testclient", "live-sansio", "live-wsproto"].index(client)
    return {path: row[number] for path, row in TABLE.items()}


def over_testclient(client, path):
    """Connect, send a frame, receive; return what came of it."""
    try:
        with client.websocket_connect(path) as ws:
            ws.send_bytes(A_BINARY_FRAME)
            return "received", ws.receive_text()
    except WebSocketDenialResponse as denial:
        return "refused", denial.status_code
    except WebSocketDisconnect as closed:
        return "closed", closed.code
    except (RuntimeError, KeyError) as error:
        return "raised", type(error)


def over_connect(connect, path):
    """Do the same through the fixture ``connect``."""
    try:
        with connect(path) as ws:
            ws.send(A_BINARY_FRAME)
            return "received", ws.recv()
    except Refused as refused:
        return "refused", refused.status
    except Closed as closed:
        return "closed", closed.code
