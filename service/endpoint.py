"""``/items/ws``: the echo endpoint. This is the gated module: 100 % of lines and branches."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect, WebSocketException, status

from service.auth import CurrentUser
from service.connections import ConnectionManager
from service.limits import Limits

logger = logging.getLogger(__name__)
router = APIRouter()
LAST_WORD = 2.0  # seconds that a close may wait for a client that does not read


@router.websocket("/items/ws")
async def echo(websocket: WebSocket, user: CurrentUser) -> None:
    """Echo every text message until either side closes.

    Accepts  a known token, by cookie or query.
    Sends    ``消息是: `` and the text, unchanged and in order.
    Closes   1003 on a binary frame, 1009 above ``max_message_bytes``, 1008 above
             ``max_messages_per_second``, 1001 after ``idle_seconds``, 1011 on a failure of ours.
    """
    async with conversation(websocket, user) as limits:
        while True:
            text = await receive_text(websocket, limits)
            await websocket.send_text(answer(text))


@asynccontextmanager
async def conversation(websocket: WebSocket, user: str) -> AsyncIterator[Limits]:
    """Accept a connection, hold a conversation in this block, and close it by what ended it."""
    manager: ConnectionManager = websocket.app.state.manager
    await manager.connect(user, websocket)
    try:
        async with Limits(websocket.app.state.settings) as limits:
            yield limits
    except WebSocketDisconnect:
        logger.debug("the client left")
    except WebSocketException as refusal:
        await close(websocket, refusal.code, refusal.reason)
    except Exception:
        logger.exception("the conversation failed")
        await close(websocket, status.WS_1011_INTERNAL_ERROR, "internal error")
    finally:
        manager.disconnect(user, websocket)


def answer(text: str) -> str:
    """Return the reply to one message."""
    return f"消息是: {text}"


async def receive_text(websocket: WebSocket, limits: Limits) -> str:
    """Return the next text message.

    Raises  WebSocketDisconnect when the client is gone.
            WebSocketException 1003 for a binary frame, 1008 or 1009 above the limits.
    """
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text: str | None = message.get("text")
    if text is None:
        raise WebSocketException(status.WS_1003_UNSUPPORTED_DATA, "send text")
    limits.check(text)
    return text


async def close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close the connection, unless it is closed already, or the client reads not even that."""
    with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(LAST_WORD):
            await websocket.close(code, reason)
