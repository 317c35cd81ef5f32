"""The service on Django Channels."""

import json
from urllib.parse import parse_qsl

from django.conf import settings

if not settings.configured:
    settings.configure(SECRET_KEY="a key for tests", DATABASES={})

from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from tests.kit.transports.applications.contract import asked


def make():
    """Return a new application."""
    clients = []

    class Say(AsyncHttpConsumer):
        async def handle(self, _body):
            ((_, text),) = parse_qsl(self.scope["query_string"].decode())
            for client in clients:
                await client.send(text_data=text)
            await self.send_response(200, json.dumps(len(clients)).encode())

    class Closed(AsyncWebsocketConsumer):
        async def connect(self):
            await self.close(4403, "closed")

    class Talk(AsyncWebsocketConsumer):
        async def connect(self):
            self.room = self.scope["url_route"]["kwargs"]["room"]
            chosen = "v2" if "v2" in self.scope["subprotocols"] else None
            await self.accept(chosen, headers=[(b"x-room", self.room.encode())])
            clients.append(self)

        async def receive(self, text_data=None, bytes_data=None):
            if text_data == "crash":
                raise RuntimeError("on purpose")
            if text_data == "bye":
                await self.close(4321, "enough")
            elif text_data == "who":
                await self.send(text_data=json.dumps(asked(self.room, self.scope)))
            else:
                await self.send(text_data=text_data, bytes_data=bytes_data)

        async def disconnect(self, _code):
            if self in clients:
                clients.remove(self)

    return ProtocolTypeRouter(
        {
            "http": URLRouter([path("say", Say.as_asgi())]),
            "websocket": URLRouter(
                [path("closed", Closed.as_asgi()), path("rooms/<str:room>", Talk.as_asgi())]
            ),
        }
    )
