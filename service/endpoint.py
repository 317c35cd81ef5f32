"""``/items/ws``: the echo endpoint. This is the gated module: 100 % of lines and branches."""

import asyncio
import logging
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect, WebSocketException, status

from service.auth import CurrentUser
from service.connections import ConnectionManager
from service.conversation import Conversation, Handler

logger = logging.getLogger(__name__)
CLOSE_TIMEOUT = 2.0  # seconds to wait for a client that does not read


async def echo(websocket: WebSocket, user: CurrentUser) -> None:
    """Echo every text message until either side closes.

    Accepts  a known token, by cookie or query.
    Sends    ``消息是: `` and the text, unchanged and in order.
    Refuses  the handshake with HTTP 403 (in process: close code 1008) without a known token,
             429 or 503 if there are too many connections.
    Closes   1001 after ``idle_seconds`` without a message, 1003 on a binary frame, 1008 above
             ``max_messages_per_second``, 1009 above ``max_message_bytes``, 1011 if the service
             fails. The server adds 1002 for frames that break the protocol, 1007 for text that
             is not UTF-8, 1008 for too many control frames or unread messages, 1009 above twice
             ``max_message_bytes``, 1011 for a client that answers no ping, and 1012 when it stops.
             A client sees its own code after its own close, and 1006 if the connection breaks.
    """

    async def reply(conversation: Conversation) -> None:
        while True:
            text = await receive_text(websocket, conversation)
            await websocket.send_text(answer(text))

    await converse(websocket, user, reply)


async def converse(websocket: WebSocket, user: str, handler: Handler) -> None:
    """Accept a connection, run its handler within the limits, and close it with what ended that."""
    manager: ConnectionManager = websocket.app.state.manager
    await manager.connect(user, websocket)
    try:
        await Conversation(websocket.app.state.settings).run(handler)
    except WebSocketDisconnect:
        logger.debug("the client left")
    except WebSocketException as error:
        await close(websocket, error.code, error.reason)
    except Exception:
        logger.exception("the conversation failed")
        await close(websocket, status.WS_1011_INTERNAL_ERROR, "internal error")
    finally:
        manager.disconnect(user, websocket)


def answer(text: str) -> str:
    """Return the reply to one message."""
    return f"消息是: {text}"


async def receive_text(websocket: WebSocket, conversation: Conversation) -> str:
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
    conversation.count(text)
    return text


async def close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close the connection, unless it is closed already or the client does not read."""
    with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await websocket.close(code, reason)
