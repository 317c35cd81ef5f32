"""The service on FastAPI."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect, WebSocketException

from tests.kit.transports.applications.contract import asked


def make():
    """Return a new application."""
    app = FastAPI()
    clients = set()

    @app.post("/say")
    async def say(text: str) -> int:
        for websocket in clients:
            await websocket.send_text(text)
        return len(clients)

    @app.websocket("/closed")
    async def closed(websocket: WebSocket):
        raise WebSocketException(4403, "closed")

    @app.websocket("/rooms/{room}")
    async def talk(websocket: WebSocket, room: str):
        chosen = "v2" if "v2" in websocket.scope["subprotocols"] else None
        await websocket.accept(chosen, headers=[(b"x-room", room.encode())])
        clients.add(websocket)
        try:
            while True:
                await answer(websocket, room, await websocket.receive())
        except (WebSocketDisconnect, EOFError):
            pass
        finally:
            clients.discard(websocket)

    async def answer(websocket, room, message):
        websocket._raise_on_disconnect(message)
        text = message.get("text")
        if text == "crash":
            raise RuntimeError("on purpose")
        if text == "bye":
            await websocket.close(4321, "enough")
            raise EOFError
        if text == "who":
            await websocket.send_json(asked(room, websocket.scope))
        elif text is None:
            await websocket.send_bytes(message["bytes"])
        else:
            await websocket.send_text(text)

    return app
