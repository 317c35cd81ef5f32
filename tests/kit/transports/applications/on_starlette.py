"""The service on Starlette."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from tests.kit.transports.applications.contract import asked


def make():
    """Return a new application."""
    clients = []

    async def say(request):
        for websocket in clients:
            await websocket.send_text(request.query_params["text"])
        return JSONResponse(len(clients))

    async def talk(websocket):
        room = websocket.path_params["room"]
        chosen = "v2" if "v2" in websocket.scope["subprotocols"] else None
        await websocket.accept(chosen, headers=[(b"x-room", room.encode())])
        clients.append(websocket)
        try:
            while (message := await websocket.receive())["type"] == "websocket.receive":
                text = message.get("text")
                if text == "bye":
                    return await websocket.close(4321, "enough")
                if text == "crash":
                    raise RuntimeError("on purpose")
                if text == "who":
                    await websocket.send_json(asked(room, websocket.scope))
                elif text is None:
                    await websocket.send_bytes(message["bytes"])
                else:
                    await websocket.send_text(text)
        finally:
            clients.remove(websocket)

    async def closed(websocket):
        await websocket.close(4403, "closed")

    return Starlette(
        routes=[
            Route("/say", say, methods=["POST"]),
            WebSocketRoute("/rooms/{room}", talk),
            WebSocketRoute("/closed", closed),
        ]
    )
