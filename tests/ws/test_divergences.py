"""The differences between Starlette's TestClient and a real server, as a table of tests.

Each row names a small application and what its client observes: with TestClient alone, and over
a socket on two servers. The table shows why tests in process are not enough.

Run it alone: ``pytest tests/ws/test_divergences.py``.
"""

import pytest
from fastapi import FastAPI, HTTPException, WebSocket, WebSocketDisconnect, WebSocketException
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from winnow.transports import Closed, Refused

applications = FastAPI()


@applications.websocket("/close-before-accept")
async def close_before_accept(websocket: WebSocket):
    """Close with 4321 before accepting the handshake."""
    await websocket.close(4321)


@applications.websocket("/websocket-exception-before-accept")
async def websocket_exception_before_accept(websocket: WebSocket):
    """Raise a WebSocketException before accepting the handshake."""
    raise WebSocketException(1008)


@applications.websocket("/http-exception-before-accept")
async def http_exception_before_accept(websocket: WebSocket):
    """Raise an HTTPException before accepting the handshake."""
    raise HTTPException(401)


@applications.websocket("/http-exception-after-accept")
async def http_exception_after_accept(websocket: WebSocket):
    """Raise an HTTPException after accepting the handshake."""
    await websocket.accept()
    raise HTTPException(401)


@applications.websocket("/error-before-accept")
async def error_before_accept(websocket: WebSocket):
    """Raise an error before accepting the handshake."""
    raise RuntimeError


@applications.websocket("/error-after-accept")
async def error_after_accept(websocket: WebSocket):
    """Raise an error after accepting the handshake."""
    await websocket.accept()
    raise RuntimeError


@applications.websocket("/receive-text")
async def receive_text(websocket: WebSocket):
    """Receive text, while the client sends a binary frame."""
    await websocket.accept()
    await websocket.receive_text()


@applications.websocket("/invalid-close-code")
async def invalid_close_code(websocket: WebSocket):
    """Close with 999, which is not a valid close code."""
    await websocket.accept()
    await websocket.close(999)


@applications.websocket("/long-close-reason")
async def long_close_reason(websocket: WebSocket):
    """Close with a reason of 124 bytes, one more than a close frame can hold."""
    await websocket.accept()
    await websocket.close(4000, "x" * 124)


@applications.websocket("/dict-as-text")
async def dict_as_text(websocket: WebSocket):
    """Send a dictionary as a text frame."""
    await websocket.accept()
    await websocket.send_text({"not": "text"})


@applications.websocket("/lone-surrogate")
async def lone_surrogate(websocket: WebSocket):
    """Send a text that cannot be encoded as UTF-8."""
    await websocket.accept()
    await websocket.send_text("\ud800")


@applications.websocket("/client-address")
async def client_address(websocket: WebSocket):
    """Send the address of the client."""
    await websocket.accept()
    await websocket.receive_bytes()
    await websocket.send_text(websocket.client.host)


TABLE = {  # path: TestClient, live-sansio, live-wsproto
    "/close-before-accept": (("closed", 4321), ("refused", 403), ("refused", 403)),
    "/websocket-exception-before-accept": (("closed", 1008), ("refused", 403), ("refused", 403)),
    "/no-such-path": (("closed", 1000), ("refused", 403), ("refused", 403)),
    "/http-exception-before-accept": (("refused", 401), ("refused", 401), ("refused", 401)),
    "/http-exception-after-accept": (("refused", 401), ("closed", 1006), ("closed", 1006)),
    "/error-before-accept": (("raised", RuntimeError), ("refused", 500), ("refused", 500)),
    "/error-after-accept": (("raised", RuntimeError), ("closed", 1006), ("closed", 1006)),
    "/receive-text": (("raised", KeyError), ("closed", 1006), ("closed", 1006)),
    "/invalid-close-code": (("closed", 999), ("closed", 1006), ("closed", 1006)),
    "/long-close-reason": (("closed", 4000), ("closed", 1006), ("closed", 4000)),
    "/dict-as-text": (("received", {"not": "text"}), ("closed", 1006), ("closed", 1006)),
    "/lone-surrogate": (("received", "\ud800"), ("closed", 1006), ("closed", 1006)),
    "/client-address": (("received", "testclient"), ("received", "127.0.0.1"), ("received", "127.0.0.1")),
}
BINARY_FRAME = b"\x00"


@pytest.fixture
def app():
    """The small applications of the table, one for each path."""
    return applications


def test_testclient():
    """TestClient, used as in most tutorials, gives the results in the first column of the table."""
    with TestClient(applications) as client:
        assert {path: over_testclient(client, path) for path in TABLE} == column("testclient")


@pytest.mark.transports("live-sansio", "live-wsproto")
def test_live(connect, transport):
    """Each live server gives the results in its column of the table."""
    assert {path: over_connect(connect, path) for path in TABLE} == column(transport)


@pytest.mark.transports("in-process")
@pytest.mark.parametrize("path", ["/error-before-accept", "/error-after-accept", "/receive-text"])
def test_connect_in_process_ends_as_live_does(connect, path):
    """In process, ``connect`` reports an error of the service as a live server does."""
    assert over_connect(connect, path) == column("live-sansio")[path]


def column(client):
    """Return the expected results of one client by path."""
    number = ["testclient", "live-sansio", "live-wsproto"].index(client)
    return {path: row[number] for path, row in TABLE.items()}


def over_testclient(client, path):
    """Connect with TestClient, send a binary frame, receive, and return the result."""
    try:
        with client.websocket_connect(path) as ws:
            ws.send_bytes(BINARY_FRAME)
            return "received", ws.receive_text()
    except WebSocketDenialResponse as denial:
        return "refused", denial.status_code
    except WebSocketDisconnect as closed:
        return "closed", closed.code
    except (RuntimeError, KeyError) as error:
        return "raised", type(error)


def over_connect(connect, path):
    """Connect with the fixture ``connect``, send a binary frame, receive, and return the result."""
    try:
        with connect(path) as ws:
            ws.send(BINARY_FRAME)
            return "received", ws.recv()
    except Refused as refused:
        return "refused", refused.status
    except Closed as closed:
        return "closed", closed.code
