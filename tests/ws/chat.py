"""What a chat's tests say and hear."""

import json

from winnow.transports import Session

CHAT = "/chat/ws"


def say(ws: Session, text: str) -> None:
    """Send a message."""
    ws.send(json.dumps({"type": "message", "text": text}))


def hear(ws: Session) -> dict[str, object]:
    """Return the next notice."""
    notice: dict[str, object] = json.loads(ws.recv())
    return notice


def message(user: str, text: str) -> dict[str, object]:
    """Return what everybody hears of a message."""
    return {"type": "message", "user": user, "text": text}


def online(user: str) -> dict[str, object]:
    """Return what the others hear of a user who has come."""
    return {"type": "online", "user": user}


def offline(user: str) -> dict[str, object]:
    """Return what the others hear of a user who has gone."""
    return {"type": "offline", "user": user}


def users(*names: str) -> dict[str, object]:
    """Return what a newcomer hears."""
    return {"type": "users", "users": list(names)}
