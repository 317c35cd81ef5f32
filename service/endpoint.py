"""``/items/ws``: the echo endpoint. This is the gated module: 100 % of lines and branches."""

import logging
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect, WebSocketException, status

from service.auth import CurrentUser
from service.connections import ConnectionManager

logger = logging.getLogger(__name__)
router = APIRouter()


@router.websocket("/items/ws")
async def echo(websocket: WebSocket, user: CurrentUser) -> None:
    """Echo every text message until either side closes.

    Accepts  a known token, by cookie or query.
    Sends    ``消息是: `` and the text, unchanged and in order.
    Closes   1003 on a binary frame, 1009 above ``max_message_bytes``, 1011 on a failure of ours.
    """
    manager: ConnectionManager = websocket.app.state.manager
    await manager.connect(user, websocket)
    try:
        while True:
            text = await receive_text(websocket)
            await websocket.send_text(answer(text))
    except WebSocketDisconnect:
        logger.debug("the client left")
    except WebSocketException as refusal:
        await close(websocket, refusal.code, refusal.reason)
    except Exception:
        logger.exception("the echo failed")
        await close(websocket, status.WS_1011_INTERNAL_ERROR, "internal error")
    finally:
        manager.disconnect(user, websocket)


def answer(text: str) -> str:
    """Return the reply to one message."""
    return f"消息是: {text}"


async def receive_text(websocket: WebSocket) -> str:
    """Return the next text message.

    Raises  WebSocketDisconnect when the client is gone.
            WebSocketException 1003 for a binary frame, 1009 for a text that is too long.
    """
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text: str | None = message.get("text")
    if text is None:
        raise WebSocketException(status.WS_1003_UNSUPPORTED_DATA, "send text")
    limit = websocket.app.state.settings.max_message_bytes
    if len(text.encode()) > limit:
        raise WebSocketException(status.WS_1009_MESSAGE_TOO_BIG, f"send at most {limit} bytes")
    return text


async def close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close the connection, unless the client or the server has closed it first."""
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.close(code, reason)
