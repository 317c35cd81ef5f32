"""Small applications that the service is compared with; all answer at the service's own paths."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from service.endpoint import answer
from service.sending import Peer, Sender
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


usual = FastAPI()


@usual.websocket("/items/ws")
async def echo(websocket: WebSocket) -> None:
    """Echo as every introduction does."""
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
    """Echo, with the article's list of connections."""
    await websocket.accept()
    connected.append({"user": token, "ws": websocket})
    try:
        while True:
            await websocket.send_text(answer(await websocket.receive_text()))
    except WebSocketDisconnect:
        connected.remove({"user": token, "ws": websocket})


loop = FastAPI()
members: list[WebSocket] = []


@loop.websocket("/chat/ws")
async def chat(websocket: WebSocket, token: str) -> None:
    """Send what one says to all, one after the other, as every introduction does."""
    await websocket.accept()
    members.append(websocket)
    try:
        while True:
            said = json.loads(await websocket.receive_text())
            text = json.dumps({"type": "message", "user": token, "text": said["text"]})
            for member in members.copy():
                await member.send_text(text)
    except WebSocketDisconnect:
        members.remove(websocket)


fan = FastAPI()
readers: dict[WebSocket, Peer] = {}
sender = Sender(Settings().max_backlog_bytes)


@fan.websocket("/read")
async def read(websocket: WebSocket) -> None:
    """Be sent to."""
    await websocket.accept()
    readers[websocket] = Peer(websocket, lambda code, reason: print(code, reason))
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        del readers[websocket]


@fan.websocket("/speak")
async def speak(websocket: WebSocket) -> None:
    """Send ``loop …`` to all readers in a plain loop, and any other text through the chat's sender."""
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if text.startswith("loop"):
                for reader in list(readers):
                    await reader.send_text(text)
            else:
                sender.send(text, readers.values())
    except WebSocketDisconnect:
        pass
