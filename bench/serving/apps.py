"""Small applications to compare with the service; they use the same paths."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from service.broadcast import Writer, broadcast
from service.endpoint import answer
from service.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def bare(scope: Message, receive: Receive, send: Send) -> None:
    """Echo with nothing but ASGI."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": answer(message["text"])})


plain = FastAPI()


@plain.websocket("/items/ws")
async def echo(websocket: WebSocket) -> None:
    """Echo as most tutorials do."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(answer(await websocket.receive_text()))
    except WebSocketDisconnect:
        pass


article = FastAPI()
connected: list[dict[str, str | WebSocket]] = []


@article.websocket("/items/ws")
async def echo_from_a_list(websocket: WebSocket, token: str) -> None:
    """Echo, and keep the connections in a list as the article does."""
    await websocket.accept()
    connected.append({"user": token, "ws": websocket})
    try:
        while True:
            await websocket.send_text(answer(await websocket.receive_text()))
    except WebSocketDisconnect:
        connected.remove({"user": token, "ws": websocket})


loop = FastAPI()
clients: list[WebSocket] = []


@loop.websocket("/chat/ws")
async def chat(websocket: WebSocket, token: str) -> None:
    """Send each message to all clients, one after the other, as most tutorials do."""
    await websocket.accept()
    clients.append(websocket)
    try:
        while True:
            message = json.loads(await websocket.receive_text())
            text = json.dumps({"type": "message", "user": token, "text": message["text"]})
            for client in clients.copy():
                await client.send_text(text)
    except WebSocketDisconnect:
        clients.remove(websocket)


fan_out = FastAPI()
receivers: dict[WebSocket, Writer] = {}
max_queue_bytes = Settings().max_backlog_bytes


@fan_out.websocket("/receive")
async def receive(websocket: WebSocket) -> None:
    """Receive every message of ``/send``."""
    await websocket.accept()
    receivers[websocket] = Writer(websocket, print, max_queue_bytes)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        del receivers[websocket]


@fan_out.websocket("/send")
async def send(websocket: WebSocket) -> None:
    """Send ``loop …`` to all receivers in a plain loop, and any other text as the chat broadcasts."""
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if text.startswith("loop"):
                for receiver in list(receivers):
                    await receiver.send_text(text)
            else:
                broadcast(text, receivers.values())
    except WebSocketDisconnect:
        pass
