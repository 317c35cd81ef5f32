"""A service as the article builds it: one list, one token check, and 100 % coverage.

``test_article.py`` puts it in the place of ``service/main.py``. Without a token it closes
and goes on; a binary frame ends it in a KeyError that nobody catches.
"""

from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Query, WebSocket, WebSocketDisconnect

app = FastAPI()


class ConnectionManager:
    """Every connection, in a list."""

    def __init__(self):
        self.active_connections = []

    async def connect(self, user, ws):
        """Accept, and remember."""
        await ws.accept()
        self.active_connections.append({"user": user, "ws": ws})

    def disconnect(self, user, ws):
        """Forget."""
        self.active_connections.remove({"user": user, "ws": ws})


manager = ConnectionManager()
app.state.manager = manager
app.state.settings = None


async def get_cookie_or_token(
    websocket: WebSocket,
    session: Annotated[str | None, Cookie()] = None,
    token: Annotated[str | None, Query()] = None,
):
    """Close when there is neither; the caller is not told."""
    if session is None and token is None:
        await websocket.close(code=1008)
    return session or token


@app.websocket("/items/ws")
async def websocket_endpoint(
    websocket: WebSocket, cookie_or_token: Annotated[str, Depends(get_cookie_or_token)]
):
    """Echo until the client leaves."""
    await manager.connect(cookie_or_token, websocket)
    try:
        while True:
            data = await websocket.receive_text()
            await websocket.send_text(f"消息是: {data}")
    except WebSocketDisconnect:
        manager.disconnect(cookie_or_token, websocket)


def init_state(app, settings):
    """There is nothing to set."""
    app.state.manager, app.state.settings = manager, settings
