"""Helpers for tests of the chat: send a message, receive a notice, and the notices to expect."""

import json

from winnow.transports import Session

CHAT = "/chat/ws"


def say(ws: Session, text: str) -> None:
    """Send a chat message with this text."""
    ws.send(json.dumps({"type": "message", "text": text}))


def receive(ws: Session) -> dict[str, object]:
    """Return the next notice from the service."""
    notice: dict[str, object] = json.loads(ws.recv())
    return notice


def message(user: str, text: str) -> dict[str, object]:
    """Return the notice that broadcasts a message."""
    return {"type": "message", "user": user, "text": text}


def online(user: str) -> dict[str, object]:
    """Return the notice that a user is online."""
    return {"type": "online", "user": user}


def offline(user: str) -> dict[str, object]:
    """Return the notice that a user is offline."""
    return {"type": "offline", "user": user}


def users(*names: str) -> dict[str, object]:
    """Return the list of the users online, which a new connection receives."""
    return {"type": "users", "users": list(names)}
