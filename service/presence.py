"""``/chat/ws``: who is online, and what they say to each other."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

from fastapi import WebSocket
from pydantic import BaseModel, ValidationError

from service.auth import CurrentUser
from service.backplane import Backplane, Unavailable, notice
from service.endpoint import converse, receive_text
from service.limits import Limits
from service.sending import Peer, Sender


async def chat(websocket: WebSocket, user: CurrentUser) -> None:
    """Tell everybody who comes, who goes, and what each one says.

    Accepts  a known token, like ``/items/ws``; then ``{"type": "message", "text": …}``.
    Sends    ``users`` once, then ``online``, ``offline`` and ``message`` as they happen, and
             ``error`` with a reason for what it cannot read; all are JSON with a ``type``.
    Closes   like ``/items/ws``, and 1013 a client that does not read what it is sent.
    """
    room: Room = websocket.app.state.room

    async def talk(limits: Limits) -> None:
        with room.member(user, websocket, limits) as peer:
            while True:
                room.say(user, await receive_text(websocket, limits), peer)

    await converse(websocket, user, talk)


class Said(BaseModel):
    """What a client may send."""

    type: Literal["message"]
    text: str


class Room:
    """Who is online, here and on other workers, and the connections of this worker that hear of it."""

    def __init__(self, backplane: Backplane, sender: Sender) -> None:
        self._backplane = backplane
        self._sender = sender
        self._heard: set[str] = set()  # who is online on any worker
        self._peers: dict[str, set[Peer]] = {}  # on this one

    @property
    def online(self) -> set[str]:
        """Everybody who is online, as far as this worker knows."""
        return self._heard | self._peers.keys()

    @contextmanager
    def member(self, user: str, websocket: WebSocket, limits: Limits) -> Iterator[Peer]:
        """Let a connection take part until the block ends."""
        peer = Peer(websocket, limits.end)
        self._enter(user, peer)
        try:
            yield peer
        finally:
            self._leave(user, peer)

    def say(self, user: str, text: str, peer: Peer) -> None:
        """Publish what a client said; tell the client alone what is wrong with it."""
        try:
            said = Said.model_validate_json(text)
            self._backplane.publish(notice("message", user=user, text=said.text))
        except ValidationError as error:
            self._sender.send(notice("error", reason=_first_problem(error)), [peer])
        except Unavailable as error:
            self._sender.send(notice("error", reason=str(error)), [peer])

    def hear(self, text: str) -> None:
        """Pass on what was published, by this worker or by another."""
        match json.loads(text):
            case {"type": "online", "user": user}:
                self._note(user, text, online=True)
            case {"type": "offline", "user": user}:
                self._note(user, text, online=False)
            case {"type": "users", "users": users}:
                self._catch_up(set(users) | self._peers.keys())
            case {"type": "message"}:
                self._sender.send(text, self._others(None))

    def _enter(self, user: str, peer: Peer) -> None:
        first = user not in self._peers
        self._peers.setdefault(user, set()).add(peer)
        self._sender.send(notice("users", users=sorted(self.online)), [peer])
        if first:
            self._backplane.arrive(user)

    def _leave(self, user: str, peer: Peer) -> None:
        peer.leave()
        self._peers[user].remove(peer)
        if not self._peers[user]:
            del self._peers[user]
            self._backplane.leave(user)

    def _note(self, user: str, text: str, *, online: bool) -> None:
        """Tell everyone else that a user has come or gone, unless that is no news."""
        if online == (user in self._heard):
            return
        (self._heard.add if online else self._heard.remove)(user)
        self._sender.send(text, self._others(user))

    def _catch_up(self, users: set[str]) -> None:
        """Hear of all those who came and went unheard."""
        for user in users - self._heard:
            self._note(user, notice("online", user=user), online=True)
        for user in self._heard - users:
            self._note(user, notice("offline", user=user), online=False)

    def _others(self, user: str | None) -> Iterable[Peer]:
        return (peer for other, peers in self._peers.items() if other != user for peer in peers)


def _first_problem(error: ValidationError) -> str:
    """Say what is wrong with a message, and where."""
    problem = error.errors()[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else problem["msg"]
