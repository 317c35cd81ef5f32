"""``/items/ws``: the echo endpoint. This is the gated module: 100 % of lines and branches."""

import asyncio
import logging
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect, WebSocketException, status

from service.auth import CurrentUser
from service.connections import ConnectionManager
from service.limits import Limits, Talk

logger = logging.getLogger(__name__)
LAST_WORD = 2.0  # seconds that a close may wait for a client that does not read


async def echo(websocket: WebSocket, user: CurrentUser) -> None:
    """Echo every text message until either side closes.

    Accepts  a known token, by cookie or query.
    Sends    ``消息是: `` and the text, unchanged and in order.
    Closes   1003 on a binary frame, 1009 above ``max_message_bytes``, 1008 above
             ``max_messages_per_second``, 1001 after ``idle_seconds``, 1011 on a failure of ours.
    """

    async def talk(limits: Limits) -> None:
        while True:
            text = await receive_text(websocket, limits)
            await websocket.send_text(answer(text))

    await converse(websocket, user, talk)


async def converse(websocket: WebSocket, user: str, talk: Talk) -> None:
    """Accept a connection, let it talk within the limits, and close it by what ended that."""
    manager: ConnectionManager = websocket.app.state.manager
    await manager.connect(user, websocket)
    try:
        await Limits(websocket.app.state.settings).hold(talk)
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
