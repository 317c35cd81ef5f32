"""The service on ASGI alone."""

import json
from urllib.parse import parse_qsl

from tests.kit.transports.applications.contract import asked


def make():
    """Return a new application."""
    clients = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            await say(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            if scope["path"].startswith("/rooms/"):
                await talk(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4403, "reason": "closed"})

    async def say(scope, receive, send):
        ((_, text),) = parse_qsl(scope["query_string"].decode())
        for tell in clients:
            await tell({"type": "websocket.send", "text": text})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(len(clients)).encode()})

    async def talk(scope, receive, send):
        room = scope["path"].removeprefix("/rooms/")
        chosen = "v2" if "v2" in scope["subprotocols"] else None
        headers = [(b"x-room", room.encode())]
        await send({"type": "websocket.accept", "subprotocol": chosen, "headers": headers})
        clients.append(send)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                text, data = message.get("text"), message.get("bytes")
                if text == "bye":
                    await send({"type": "websocket.close", "code": 4321, "reason": "enough"})
                    return
                if text == "crash":
                    raise RuntimeError("on purpose")
                text = json.dumps(asked(room, scope)) if text == "who" else text
                await send({"type": "websocket.send", "text": text, "bytes": data})
        finally:
            clients.remove(send)

    return app
