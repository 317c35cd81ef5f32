"""The service on Litestar."""

from litestar import Litestar, Request, WebSocket, post, websocket

from tests.kit.transports.applications.contract import asked


def make():
    """Return a new application."""
    clients = []

    @post("/say", status_code=200)
    async def say(request: Request) -> int:
        for socket in clients:
            await socket.send_text(request.query_params["text"])
        return len(clients)

    @websocket("/closed")
    async def closed(socket: WebSocket) -> None:
        await socket.close(4403, "closed")

    @websocket("/rooms/{room:str}")
    async def talk(socket: WebSocket) -> None:
        room = socket.path_params["room"]
        chosen = "v2" if "v2" in socket.scope["subprotocols"] else None
        await socket.accept(subprotocols=chosen, headers={"x-room": room})
        clients.append(socket)
        try:
            while (message := await socket.receive())["type"] == "websocket.receive":
                text = message.get("text")
                if text == "crash":
                    raise RuntimeError("on purpose")
                if text == "bye":
                    await socket.close(4321, "enough")
                    return
                if text == "who":
                    await socket.send_json(asked(room, socket.scope))
                elif text is None:
                    await socket.send_bytes(message["bytes"])
                else:
                    await socket.send_text(text)
        finally:
            clients.remove(socket)

    return Litestar([say, closed, talk], logging_config=None)
