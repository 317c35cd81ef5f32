"""``/chat/ws``: which users are online, and the messages that they send to each other."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

from fastapi import WebSocket
from pydantic import BaseModel, ValidationError

from service.auth import CurrentUser
from service.backplane import Backplane, Unavailable, notice
from service.broadcast import OnFailure, Writer, broadcast
from service.conversation import Conversation
from service.endpoint import converse, receive_text


async def chat(websocket: WebSocket, user: CurrentUser) -> None:
    """Notify every client of users who come online or go offline, and broadcast messages.

    Accepts  a known token, like ``/items/ws``; then ``{"type": "message", "text": …}``.
    Sends    ``users`` once, then ``online``, ``offline`` and ``message`` as they happen, and
             ``error`` with a reason for a message that is invalid; all are JSON with a ``type``.
    Closes   like ``/items/ws``, and 1013 for a slow consumer.
    """
    room: Room = websocket.app.state.room

    async def post_messages(conversation: Conversation) -> None:
        with room.member(user, websocket, conversation.end) as writer:
            while True:
                room.post(user, await receive_text(websocket, conversation), writer)

    await converse(websocket, user, post_messages)


class ChatMessage(BaseModel):
    """A message of a client."""

    type: Literal["message"]
    text: str


class Room:
    """The users who are online, here and on other workers, and the connections of this worker."""

    def __init__(self, backplane: Backplane, max_queue_bytes: int) -> None:
        self._backplane = backplane
        self._max_queue_bytes = max_queue_bytes
        self._announced: set[str] = set()  # users on any worker, according to the notices
        self._writers: dict[str, set[Writer]] = {}  # the connections of this worker, by user

    @property
    def online(self) -> set[str]:
        """All users who are online, as far as this worker knows."""
        return self._announced | self._writers.keys()

    @contextmanager
    def member(self, user: str, websocket: WebSocket, on_failure: OnFailure) -> Iterator[Writer]:
        """Add a connection until the block ends; ``on_failure`` closes it."""
        writer = Writer(websocket, on_failure, self._max_queue_bytes)
        self._join(user, writer)
        try:
            yield writer
        finally:
            self._leave(user, writer)

    def post(self, user: str, text: str, writer: Writer) -> None:
        """Publish a message of a client; answer an invalid one with an error, only to this client."""
        try:
            message = ChatMessage.model_validate_json(text)
            self._backplane.publish(notice("message", user=user, text=message.text))
        except ValidationError as error:
            broadcast(notice("error", reason=_first_problem(error)), [writer])
        except Unavailable as error:
            broadcast(notice("error", reason=str(error)), [writer])

    def on_notice(self, text: str) -> None:
        """Deliver a notice of this or another worker to the clients."""
        match json.loads(text):
            case {"type": "online", "user": user}:
                self._announce(user, text, online=True)
            case {"type": "offline", "user": user}:
                self._announce(user, text, online=False)
            case {"type": "users", "users": users}:
                self._synchronize(set(users) | self._writers.keys())
            case {"type": "message"}:
                broadcast(text, self._others(None))

    def _join(self, user: str, writer: Writer) -> None:
        first = user not in self._writers
        self._writers.setdefault(user, set()).add(writer)
        broadcast(notice("users", users=sorted(self.online)), [writer])
        if first:
            self._backplane.join(user)

    def _leave(self, user: str, writer: Writer) -> None:
        writer.close()
        self._writers[user].remove(writer)
        if not self._writers[user]:
            del self._writers[user]
            self._backplane.leave(user)

    def _announce(self, user: str, text: str, *, online: bool) -> None:
        """Tell all other users that a user is online or offline, unless they know that already."""
        if online == (user in self._announced):
            return
        (self._announced.add if online else self._announced.remove)(user)
        broadcast(text, self._others(user))

    def _synchronize(self, users: set[str]) -> None:
        """Announce users who came online or went offline without a notice."""
        for user in users - self._announced:
            self._announce(user, notice("online", user=user), online=True)
        for user in self._announced - users:
            self._announce(user, notice("offline", user=user), online=False)

    def _others(self, user: str | None) -> Iterable[Writer]:
        """Return the writers of all users but this one."""
        return [writer for other, found in self._writers.items() if other != user for writer in found]


def _first_problem(error: ValidationError) -> str:
    """Return the first problem of a message, with its field."""
    problem = error.errors()[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else problem["msg"]
