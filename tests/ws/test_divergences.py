"""The differences between Starlette's TestClient and a real server, as a table of tests.

Each row names a small application and what its client observes: with TestClient alone, with
``connect`` in process, and over a socket on two servers. The table shows why tests with TestClient are
not enough; docs/connect.md explains it.

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


@applications.websocket("/close-code-1006")
async def close_code_1006(websocket: WebSocket):
    """Close with a code that is never sent."""
    await websocket.accept()
    await websocket.close(1006)


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


@applications.websocket("/subprotocol-not-offered")
async def subprotocol_not_offered(websocket: WebSocket):
    """Accept with a subprotocol that the client did not offer."""
    await websocket.accept("never-offered")
    await websocket.send_text("welcome")


@applications.websocket("/client-address")
async def client_address(websocket: WebSocket):
    """Send the address of the client."""
    await websocket.accept()
    await websocket.receive_bytes()
    await websocket.send_text(websocket.client.host)


COLUMNS = ("TestClient", "in-process", "live-sansio", "live-wsproto")
TABLE = {  # path: the result of each client
    "/close-before-accept": ("closed 4321", "refused 4321", "refused 403", "refused 403"),
    "/websocket-exception-before-accept": ("closed 1008", "refused 1008", "refused 403", "refused 403"),
    "/no-such-path": ("closed 1000", "refused 1000", "refused 403", "refused 403"),
    "/http-exception-before-accept": ("refused 401", "refused 401", "refused 401", "refused 401"),
    "/http-exception-after-accept": ("refused 401", "closed 1006", "closed 1006", "closed 1006"),
    "/error-before-accept": ("raised RuntimeError", "refused 500", "refused 500", "refused 500"),
    "/error-after-accept": ("raised RuntimeError", "closed 1006", "closed 1006", "closed 1006"),
    "/receive-text": ("raised KeyError", "closed 1006", "closed 1006", "closed 1006"),
    "/invalid-close-code": ("closed 999", "closed 1006", "closed 1006", "closed 1006"),
    "/close-code-1006": ("closed 1006", "closed 1006", "closed 1006", "closed 1000"),
    "/long-close-reason": ("closed 4000", "closed 1006", "closed 1006", "closed 4000"),
    "/dict-as-text": ("received dict", "closed 1006", "closed 1006", "closed 1006"),
    "/lone-surrogate": ("received str", "closed 1006", "closed 1006", "closed 1006"),
    "/subprotocol-not-offered": ("received str", "refused", "refused", "refused"),
    "/client-address": (
        "received testclient",
        "received testclient",
        "received 127.0.0.1",
        "received 127.0.0.1",
    ),
}
BINARY_FRAME = b"\x00"


@pytest.fixture
def app():
    """The small applications of the table, one for each path."""
    return applications


def test_testclient():
    """TestClient, used as in most tutorials, gives the results in the first column of the table."""
    with TestClient(applications) as client:
        assert {path: over_testclient(client, path) for path in TABLE} == column("TestClient")


def test_connect(connect, transport):
    """``connect`` gives the results in the column of its transport."""
    assert {path: over_connect(connect, path) for path in TABLE} == column(transport)


def column(client):
    """Return the expected results of one client by path."""
    return {path: row[COLUMNS.index(client)] for path, row in TABLE.items()}


def over_testclient(client, path):
    """Connect with TestClient, send a binary frame, receive, and return the result."""
    try:
        with client.websocket_connect(path) as ws:
            ws.send_bytes(BINARY_FRAME)
            return received(path, ws.receive_text())
    except WebSocketDenialResponse as denial:
        return f"refused {denial.status_code}"
    except WebSocketDisconnect as closed:
        return f"closed {closed.code}"
    except (RuntimeError, KeyError) as error:
        return f"raised {type(error).__name__}"


def over_connect(connect, path):
    """Connect with the fixture ``connect``, send a binary frame, receive, and return the result."""
    try:
        with connect(path) as ws:
            ws.send(BINARY_FRAME)
            return received(path, ws.recv())
    except Refused as refused:
        return f"refused {refused.status or refused.code or ''}".strip()
    except Closed as closed:
        return f"closed {closed.code}"


def received(path, message):
    """Return the result of a message: the address of the client, or the type of the message."""
    return f"received {message if path == '/client-address' else type(message).__name__}"
